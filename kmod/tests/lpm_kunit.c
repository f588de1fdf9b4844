// SPDX-License-Identifier: GPL-2.0
/*
 * Longest prefix match, against a walk over all prefixes.
 */
#include <kunit/test.h>
#include <linux/vmalloc.h>

#include "../lpm.h"
#include "prefixes.h"
#include "random.h"

#define PREFIXES	60
#define POOLS		60
#define STEPS		300
#define MANY		10000

/* Mostly a node of 64 bytes for itself, and a share of those above. */
#define BYTES_MAX_EACH	128

/**
 * struct item - a prefix, which is also its value
 * @prefix: the prefix
 * @there: whether it has been inserted
 * @visits: how often a walk came by
 */
struct item {
	struct sluice_prefix prefix;
	bool there;
	u32 visits;
};

/**
 * struct lpm_test - what a case works on
 * @lpm: prefixes under test
 * @lock: of @lpm
 * @random: random numbers
 * @family: of @items
 * @count: length of @items
 * @items: different prefixes
 */
struct lpm_test {
	struct sluice_lpm lpm;
	struct mutex lock;
	struct rnd_state random;
	u8 family;
	u32 count;
	struct item items[MANY];
};

/* -------------------------------------------------------------------- prefixes */

static bool is_new(const struct lpm_test *t, const struct sluice_prefix *prefix)
{
	const struct item *item;

	for (item = t->items; item < t->items + t->count; item++)
		if (item->prefix.len == prefix->len &&
		    prefix_within(prefix, &item->prefix))
			return false;
	return true;
}

static void add_item(struct lpm_test *t, const struct sluice_prefix *prefix)
{
	t->items[t->count++] = (struct item) { .prefix = *prefix };
}

/* Every other one has to do with one before it. */
static void make_pool(struct lpm_test *t, u8 family)
{
	struct sluice_prefix prefix;
	u32 near;

	t->family = family;
	t->count = 0;
	while (t->count < PREFIXES) {
		near = random_below(&t->random, 2 * t->count + 1);
		if (near < t->count)
			random_prefix_near(&t->random, &t->items[near].prefix,
					   &prefix);
		else
			random_prefix(&t->random, family, &prefix);
		if (is_new(t, &prefix))
			add_item(t, &prefix);
	}
}

static void insert(struct kunit *test, struct item *item)
{
	struct lpm_test *t = test->priv;

	KUNIT_EXPECT_NULL(test, sluice_lpm_get(&t->lpm, &item->prefix));
	KUNIT_ASSERT_EQ(test, sluice_lpm_insert(&t->lpm, &item->prefix, item),
			0);
	KUNIT_EXPECT_EQ(test, sluice_lpm_insert(&t->lpm, &item->prefix, item),
			-EEXIST);
	item->there = true;
}

static void remove(struct kunit *test, struct item *item)
{
	struct lpm_test *t = test->priv;

	sluice_lpm_remove(&t->lpm, &item->prefix);
	item->there = false;
	KUNIT_EXPECT_NULL(test, sluice_lpm_get(&t->lpm, &item->prefix));
}

static void remove_all(struct kunit *test)
{
	struct lpm_test *t = test->priv;
	u32 i;

	for (i = 0; i < t->count; i++)
		if (t->items[i].there)
			remove(test, &t->items[i]);
	KUNIT_EXPECT_NULL(test, rcu_dereference_raw(t->lpm.root));
	KUNIT_EXPECT_EQ(test, t->lpm.bytes, (size_t)0);
}

/* ------------------------------------------------------------------ the oracle */

static struct item *longest(struct lpm_test *t, const union nf_inet_addr *addr,
			    int limit)
{
	struct item *best = NULL, *item;

	for (item = t->items; item < t->items + t->count; item++)
		if (item->there && item->prefix.len <= limit &&
		    prefix_holds(&item->prefix, t->family, addr) &&
		    (!best || item->prefix.len > best->prefix.len))
			best = item;
	return best;
}

static void expect_found(struct kunit *test, const union nf_inet_addr *addr)
{
	struct lpm_test *t = test->priv;
	struct item *found;

	rcu_read_lock();
	found = sluice_lpm_find(&t->lpm, t->family, addr);
	rcu_read_unlock();
	KUNIT_EXPECT_PTR_EQ(test, found, longest(t, addr, 128));
}

static void expect_edges(struct kunit *test, const struct sluice_prefix *prefix)
{
	union nf_inet_addr edges[4];
	u32 i;

	prefix_edges(prefix, edges);
	for (i = 0; i < ARRAY_SIZE(edges); i++)
		expect_found(test, &edges[i]);
}

static void expect_wider(struct kunit *test, const struct sluice_prefix *prefix)
{
	struct lpm_test *t = test->priv;
	struct item *found = sluice_lpm_find_wider(&t->lpm, prefix);

	KUNIT_EXPECT_PTR_EQ(test, found,
			    longest(t, &prefix->addr, prefix->len - 1));
}

static void count_visit(void *value, void *context)
{
	struct item *item = value;

	item->visits++;
}

static void expect_walk(struct kunit *test, const struct sluice_prefix *prefix)
{
	struct lpm_test *t = test->priv;
	struct item *item;

	for (item = t->items; item < t->items + t->count; item++)
		item->visits = 0;
	sluice_lpm_walk(&t->lpm, prefix, count_visit, NULL);
	for (item = t->items; item < t->items + t->count; item++)
		KUNIT_EXPECT_EQ(test, item->visits,
				(u32)(item->there &&
				      prefix_within(&item->prefix, prefix)));
}

static void expect_all(struct kunit *test)
{
	struct lpm_test *t = test->priv;
	u32 i;

	for (i = 0; i < t->count; i++) {
		expect_edges(test, &t->items[i].prefix);
		expect_wider(test, &t->items[i].prefix);
		expect_walk(test, &t->items[i].prefix);
	}
}

/* ----------------------------------------------------------------------- cases */

static struct item *random_item(struct lpm_test *t)
{
	return &t->items[random_below(&t->random, t->count)];
}

/* At times most prefixes are there, at times few. */
static void random_step(struct kunit *test, u32 step)
{
	struct lpm_test *t = test->priv;
	struct item *item = random_item(t);
	bool wanted = random_below(&t->random, 4) > (step / 50) % 4;

	if (wanted && !item->there)
		insert(test, item);
	else if (!wanted && item->there)
		remove(test, item);
	expect_edges(test, &item->prefix);
	expect_wider(test, &random_item(t)->prefix);
	expect_walk(test, &random_item(t)->prefix);
}

static void random_steps(struct kunit *test)
{
	struct lpm_test *t = test->priv;
	u32 pool, step;

	for (pool = 0; pool < POOLS; pool++) {
		make_pool(t, pool % 2 ? AF_INET6 : AF_INET);
		for (step = 0; step < STEPS; step++)
			random_step(test, step);
		expect_all(test);
		remove_all(test);
	}
}

/* One prefix of each length, the longest and the shortest first. */
static void one_of_each_length(struct kunit *test, u8 family)
{
	struct lpm_test *t = test->priv;
	struct sluice_prefix first = { .family = family }, prefix;
	u32 i, bits = bits_of(family);

	random_addr(&t->random, family, &first.addr);
	t->family = family;
	t->count = 0;
	for (i = 0; i <= bits; i++) {
		prefix = first;
		prefix_cut(&prefix, i % 2 ? i / 2 : bits - i / 2);
		add_item(t, &prefix);
		insert(test, &t->items[i]);
		expect_edges(test, &prefix);
	}
	expect_all(test);
	for (i = 0; i <= bits; i += 3)
		remove(test, &t->items[i]);
	expect_all(test);
	remove_all(test);
}

static void all_lengths(struct kunit *test)
{
	one_of_each_length(test, AF_INET);
	one_of_each_length(test, AF_INET6);
}

/* Nodes with all they can have, which then lose it. */
static void neighbours(struct kunit *test)
{
	struct sluice_prefix prefix = { .family = AF_INET };
	struct lpm_test *t = test->priv;
	size_t full;
	u32 i;

	t->family = AF_INET;
	t->count = 0;
	for (i = 0; i < 256; i++) {
		prefix.addr.ip = htonl(0x0a000000 + (i << 8));
		prefix.len = 24;
		add_item(t, &prefix);
		insert(test, &t->items[i]);
	}
	full = t->lpm.bytes;
	for (i = 0; i < 256; i += 16)
		expect_edges(test, &t->items[i].prefix);
	for (i = 0; i < 256; i++)
		if (i % 16)
			remove(test, &t->items[i]);
	expect_all(test);
	KUNIT_EXPECT_LT(test, t->lpm.bytes, full / 2);
	remove_all(test);
}

static bool make_many(struct lpm_test *t, u8 family, u8 min, u8 max)
{
	struct sluice_prefix prefix = { .family = family };

	t->family = family;
	t->count = 0;
	while (t->count < MANY) {
		memset(&prefix.addr, 0, sizeof(prefix.addr));
		prandom_bytes_state(&t->random, &prefix.addr,
				    bits_of(family) / 8);
		prefix_cut(&prefix, min + random_below(&t->random,
						       max - min + 1));
		if (!sluice_lpm_get(&t->lpm, &prefix)) {
			add_item(t, &prefix);
			if (sluice_lpm_insert(&t->lpm, &prefix,
					      &t->items[t->count - 1]))
				return false;
			t->items[t->count - 1].there = true;
		}
	}
	return true;
}

static void expect_memory(struct kunit *test, u8 family, u8 min, u8 max)
{
	struct lpm_test *t = test->priv;
	u32 i;

	KUNIT_ASSERT_TRUE(test, make_many(t, family, min, max));
	kunit_info(test, "IPv%d, %d prefixes of %d to %d bits: %zu bytes\n",
		   family == AF_INET ? 4 : 6, MANY, min, max, t->lpm.bytes);
	KUNIT_EXPECT_LT(test, t->lpm.bytes, (size_t)MANY * BYTES_MAX_EACH);
	for (i = 0; i < MANY; i += 100) {
		expect_edges(test, &t->items[i].prefix);
		expect_wider(test, &t->items[i].prefix);
	}
	remove_all(test);
}

static void memory_of_many(struct kunit *test)
{
	expect_memory(test, AF_INET, 8, 32);
	expect_memory(test, AF_INET, 24, 24);
	expect_memory(test, AF_INET6, 16, 128);
	expect_memory(test, AF_INET6, 64, 64);
	expect_memory(test, AF_INET6, 128, 128);
}

static int init(struct kunit *test)
{
	struct lpm_test *t = vzalloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	prandom_seed_state(&t->random, 2004);
	mutex_init(&t->lock);
	mutex_lock(&t->lock);
	sluice_lpm_init(&t->lpm, &t->lock);
	test->priv = t;
	return 0;
}

static void exit(struct kunit *test)
{
	struct lpm_test *t = test->priv;

	mutex_unlock(&t->lock);
	vfree(t);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(random_steps),
	KUNIT_CASE(all_lengths),
	KUNIT_CASE(neighbours),
	KUNIT_CASE(memory_of_many),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_lpm",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
