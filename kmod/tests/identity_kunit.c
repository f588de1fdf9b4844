// SPDX-License-Identifier: GPL-2.0
/*
 * Identities, against a walk over a plain list of entries: what packets find
 * at each stage of a transaction, and what is left when it is given up.
 */
#include <linux/vmalloc.h>

#include "../alloc.h"
#include "identity_tables.h"
#include "prefixes.h"
#include "random.h"

#define PREFIXES	14
#define NUMBERS		4
#define ENTRIES		(PREFIXES * NUMBERS)
#define EXCEPTS		3
#define POOLS		40
#define TRANSACTIONS	40
#define OPS_MAX		10
#define PROBES		24

/**
 * struct model_entry - what an entry should be
 * @exists: whether there is one
 * @cfg: what it is; the list of excepts is @excepts
 * @excepts: where it does not hold
 */
struct model_entry {
	bool exists;
	struct sluice_identity_cfg cfg;
	struct sluice_prefix excepts[EXCEPTS];
};

/**
 * struct model - a plain list of entries
 * @entries: one for each prefix and number
 */
struct model {
	struct model_entry entries[ENTRIES];
};

/**
 * struct identity_test - what a case works on
 * @i: the identities
 * @random: random numbers
 * @pool: prefixes of entries
 * @before: what was held before the transaction
 * @now: as far as the transaction has come
 */
struct identity_test {
	struct identity_tables i;
	struct rnd_state random;
	struct sluice_prefix pool[PREFIXES];
	struct model before;
	struct model now;
};

/* ------------------------------------------------------------------ the oracle */

static bool is_host(const struct sluice_prefix *prefix)
{
	return prefix->len == bits_of(prefix->family);
}

static bool holds_at(const struct model_entry *entry, u8 family,
		     const union nf_inet_addr *addr)
{
	u32 i;

	if (!entry->exists || !prefix_holds(&entry->cfg.prefix, family, addr))
		return false;
	for (i = 0; i < entry->cfg.excepts.count; i++)
		if (prefix_holds(&entry->excepts[i], family, addr))
			return false;
	return true;
}

/* Shorter prefixes do not count. */
static int shortest(const struct model *model, u8 family,
		    const union nf_inet_addr *addr)
{
	const struct model_entry *entry;
	int len = 0;
	u32 i;

	for (i = 0; i < ENTRIES; i++) {
		entry = &model->entries[i];
		if (entry->cfg.exclusive && holds_at(entry, family, addr))
			len = max_t(int, len, entry->cfg.prefix.len);
	}
	return len;
}

/* A bit for each number; of hosts only, or of all. */
static u32 numbers_at(const struct model *model, u8 family,
		      const union nf_inet_addr *addr, bool hosts)
{
	int len = shortest(model, family, addr);
	const struct model_entry *entry;
	u32 numbers = 0, i;

	for (i = 0; i < ENTRIES; i++) {
		entry = &model->entries[i];
		if (entry->cfg.prefix.len >= len &&
		    (!hosts || is_host(&entry->cfg.prefix)) &&
		    holds_at(entry, family, addr))
			numbers |= BIT(entry->cfg.number);
	}
	return numbers;
}

/* ------------------------------------------------------------ what packets see */

static u32 numbers_in(struct kunit *test, const struct sluice_idset *set)
{
	u32 numbers = 0, i;

	if (!set)
		return 0;
	KUNIT_EXPECT_GT(test, set->count, 0U);
	for (i = 0; i < set->count; i++) {
		if (i)
			KUNIT_EXPECT_LT(test, set->ids[i - 1]->number,
					set->ids[i]->number);
		numbers |= BIT(set->ids[i]->number);
	}
	return numbers;
}

static void expect_at(struct kunit *test, const struct model *model,
		      unsigned long revision, u8 family,
		      const union nf_inet_addr *addr)
{
	struct identity_test *t = test->priv;
	struct sluice_identities found;
	u32 hosts, others;

	rcu_read_lock();
	sluice_identity_find(&t->i.table, family, addr, revision, &found);
	hosts = numbers_in(test, found.sets[0]);
	others = numbers_in(test, found.sets[1]);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, hosts, numbers_at(model, family, addr, true));
	KUNIT_EXPECT_EQ_MSG(test, hosts | others,
			    numbers_at(model, family, addr, false),
			    "%s %pI6", family == AF_INET ? "IPv4" : "IPv6",
			    addr);
}

static const struct sluice_prefix *random_named(struct identity_test *t)
{
	struct model *model = random_one_in(&t->random, 2) ? &t->now :
							     &t->before;
	struct model_entry *entry;

	entry = &model->entries[random_below(&t->random, ENTRIES)];
	if (entry->cfg.excepts.count && random_below(&t->random, 3))
		return &entry->excepts[random_below(&t->random,
						    entry->cfg.excepts.count)];
	return &t->pool[random_below(&t->random, PREFIXES)];
}

/* Who has loaded @revision finds what @model says. */
static void expect_view(struct kunit *test, const struct model *model,
			unsigned long revision)
{
	struct identity_test *t = test->priv;
	const struct sluice_prefix *prefix;
	union nf_inet_addr edges[4];
	u32 i, j;

	for (i = 0; i < PROBES; i++) {
		prefix = random_named(t);
		prefix_edges(prefix, edges);
		for (j = 0; j < ARRAY_SIZE(edges); j++)
			expect_at(test, model, revision, prefix->family,
				  &edges[j]);
	}
}

/* ------------------------------------------------- what the configuration is */

static struct model_entry *model_of(struct model *model,
				    const struct sluice_prefix *prefix,
				    u32 number)
{
	struct model_entry *entry;
	u32 i;

	for (i = 0; i < ENTRIES; i++) {
		entry = &model->entries[i];
		if (entry->cfg.number == number &&
		    entry->cfg.prefix.len == prefix->len &&
		    prefix_within(prefix, &entry->cfg.prefix))
			return entry;
	}
	return NULL;
}

static bool is_same(const struct sluice_identity_entry *entry,
		    const struct model_entry *model)
{
	const struct sluice_prefix *prefix;
	u32 i;

	if (entry->exclusive != model->cfg.exclusive ||
	    entry->except_count != model->cfg.excepts.count)
		return false;
	for (i = 0; i < entry->except_count; i++) {
		prefix = &entry->excepts[i].place->prefix;
		if (prefix->len != model->excepts[i].len ||
		    !prefix_within(prefix, &model->excepts[i]))
			return false;
	}
	return true;
}

/* The table lists @model's entries, each once, by rising id. */
static void expect_list(struct kunit *test, struct model *model)
{
	u32 exist = 0, listed = 0, prefixes = 0, last = 0, i;
	struct identity_test *t = test->priv;
	struct sluice_identity_entry *entry;
	struct model_entry *wanted;

	while ((entry = sluice_identity_entry_next(&t->i.table, last + 1))) {
		KUNIT_ASSERT_GT(test, entry->id, last);
		last = entry->id;
		listed++;
		wanted = model_of(model, &entry->place->prefix,
				  entry->identity->number);
		KUNIT_ASSERT_NOT_NULL(test, wanted);
		KUNIT_EXPECT_TRUE(test, wanted->exists &&
				  is_same(entry, wanted));
		prefixes += entry->except_count +
			    !is_host(&entry->place->prefix);
	}
	for (i = 0; i < ENTRIES; i++)
		exist += model->entries[i].exists;
	KUNIT_EXPECT_EQ(test, listed, exist);
	KUNIT_EXPECT_EQ(test, t->i.table.entry_count, exist);
	KUNIT_EXPECT_EQ(test, t->i.table.prefix_count, prefixes);
}

struct place_check {
	struct kunit *test;
	u32 count;
	u32 users;
};

static void check_place(void *value, void *context)
{
	const struct sluice_identity_place *place = value;
	struct place_check *check = context;
	struct hlist_node *node;

	KUNIT_EXPECT_FALSE(check->test, place->host || place->changed ||
			   place->dirty);
	KUNIT_EXPECT_NULL(check->test, rcu_dereference_raw(place->change));
	hlist_for_each(node, &place->entries)
		check->users++;
	hlist_for_each(node, &place->excepts)
		check->users++;
	check->count++;
}

/* Nothing is left of the transaction, and no place that nothing names. */
static void expect_places(struct kunit *test)
{
	struct sluice_prefix all = { .family = AF_INET };
	struct place_check check = { .test = test };
	struct identity_test *t = test->priv;
	struct sluice_identity_entry *entry;
	unsigned long id;

	sluice_lpm_walk(&t->i.table.prefixes[0], &all, check_place, &check);
	all.family = AF_INET6;
	sluice_lpm_walk(&t->i.table.prefixes[1], &all, check_place, &check);
	KUNIT_EXPECT_EQ(test, check.users, t->i.table.prefix_count);
	xa_for_each(&t->i.table.ids, id, entry) {
		KUNIT_EXPECT_FALSE(test, entry->touched || entry->named ||
				   entry->born || entry->gone);
		KUNIT_EXPECT_NULL(test,
				  rcu_dereference_raw(entry->place->change));
	}
	KUNIT_EXPECT_LE(test, atomic_read(&t->i.table.sets.nelems),
			(int)(check.count +
			      atomic_read(&t->i.table.hosts.nelems)));
}

static void expect_config(struct kunit *test)
{
	struct identity_test *t = test->priv;
	u32 number, numbers = 0, i;
	struct model_entry *entry;

	expect_list(test, &t->before);
	expect_places(test);
	for (i = 0; i < ENTRIES; i++) {
		entry = &t->before.entries[i];
		numbers |= entry->exists ? BIT(entry->cfg.number) : 0;
	}
	for (number = 1; number <= NUMBERS; number++)
		KUNIT_EXPECT_EQ(test,
				!!sluice_identity_lookup(&t->i.table, number),
				!!(numbers & BIT(number)));
	expect_view(test, &t->before, t->i.revision);
}

/* ------------------------------------------------------------------ operations */

/* Within @prefix, and at times a prefix of the pool. */
static void random_except(struct identity_test *t,
			  const struct sluice_prefix *prefix,
			  struct sluice_prefix *except)
{
	u32 bits = bits_of(prefix->family), i;

	*except = t->pool[random_below(&t->random, PREFIXES)];
	if (except->len > prefix->len && prefix_within(except, prefix))
		return;
	*except = *prefix;
	i = prefix->len + random_below(&t->random, bits - prefix->len);
	((u8 *)&except->addr)[i / 8] |= 0x80 >> i % 8;
	prefix_cut(except, prefix->len + 1 +
			   random_below(&t->random, bits - prefix->len));
}

static void random_cfg(struct identity_test *t, struct model_entry *entry)
{
	u32 i;

	entry->cfg.exclusive = random_one_in(&t->random, 4);
	entry->cfg.excepts.count = 0;
	entry->cfg.excepts.list = entry->excepts;
	if (is_host(&entry->cfg.prefix) || random_below(&t->random, 2))
		return;
	entry->cfg.excepts.count = random_below(&t->random, EXCEPTS + 1);
	for (i = 0; i < entry->cfg.excepts.count; i++)
		random_except(t, &entry->cfg.prefix, &entry->excepts[i]);
}

static struct sluice_identity_entry *find(struct kunit *test,
					  const struct model_entry *model)
{
	struct identity_test *t = test->priv;
	struct sluice_identity_entry *entry;

	entry = sluice_identity_tx_find(&t->i.tx, &model->cfg.prefix,
					model->cfg.number);
	KUNIT_ASSERT_EQ(test, !!entry, model->exists);
	return entry;
}

static int op_new(struct kunit *test, struct model_entry *entry)
{
	struct identity_test *t = test->priv;
	int err;

	find(test, entry);
	if (random_below(&t->random, 4))
		random_cfg(t, entry);
	err = sluice_identity_tx_new(&t->i.tx, &entry->cfg);
	entry->exists |= !err;
	return err;
}

static void op_del(struct kunit *test, struct model_entry *entry)
{
	struct identity_test *t = test->priv;
	struct sluice_identity_entry *real = find(test, entry);

	if (real)
		sluice_identity_tx_del(&t->i.tx, real);
	entry->exists = false;
}

static void none_exists(struct identity_test *t)
{
	u32 i;

	for (i = 0; i < ENTRIES; i++)
		t->now.entries[i].exists = false;
}

static void op_flush(struct kunit *test, struct model_entry *entry)
{
	struct identity_test *t = test->priv;

	sluice_identity_tx_flush(&t->i.tx);
	none_exists(t);
}

static void op_replace_all(struct kunit *test, struct model_entry *entry)
{
	struct identity_test *t = test->priv;

	sluice_identity_tx_replace_all(&t->i.tx);
	none_exists(t);
}

/* 0, or -ENOMEM if an allocation was to fail */
static int random_op(struct kunit *test)
{
	struct identity_test *t = test->priv;
	u32 point = random_below(&t->random, 100);
	struct model_entry *entry;

	entry = &t->now.entries[random_below(&t->random, ENTRIES)];
	if (point < 70)
		return op_new(test, entry);
	if (point < 94)
		op_del(test, entry);
	else if (point < 98)
		op_replace_all(test, entry);
	else
		op_flush(test, entry);
	return 0;
}

/* ---------------------------------------------------------------- transactions */

/* The lists of excepts are in the model itself. */
static void copy_model(struct model *to, const struct model *from)
{
	u32 i;

	*to = *from;
	for (i = 0; i < ENTRIES; i++)
		to->entries[i].cfg.excepts.list = to->entries[i].excepts;
}

static void begin(struct identity_test *t)
{
	copy_model(&t->now, &t->before);
	identity_begin(&t->i);
}

static void abort(struct kunit *test)
{
	struct identity_test *t = test->priv;

	sluice_identity_tx_abort(&t->i.tx);
	expect_config(test);
}

/* Both revisions can be asked about until the end, then there is one. */
static void commit(struct kunit *test)
{
	struct identity_test *t = test->priv;

	t->i.revision++;
	expect_list(test, &t->now);
	expect_view(test, &t->before, t->i.revision - 1);
	expect_view(test, &t->now, t->i.revision);
	sluice_identity_tx_end(&t->i.tx);
	expect_view(test, &t->now, t->i.revision - 1);
	copy_model(&t->before, &t->now);
	expect_config(test);
}

static void random_transaction(struct kunit *test)
{
	struct identity_test *t = test->priv;
	u32 count = random_below(&t->random, OPS_MAX), i;

	begin(t);
	for (i = 0; i < count; i++) {
		KUNIT_ASSERT_EQ(test, random_op(test), 0);
		expect_view(test, &t->before, t->i.revision);
	}
	if (random_one_in(&t->random, 6)) {
		abort(test);
		return;
	}
	KUNIT_ASSERT_EQ(test, sluice_identity_tx_prepare(&t->i.tx), 0);
	expect_view(test, &t->before, t->i.revision);
	if (random_one_in(&t->random, 4))
		abort(test);
	else
		commit(test);
}

/* Some are hosts, some a whole space, many have to do with each other. */
static void make_pool(struct identity_test *t)
{
	struct sluice_prefix *prefix;
	u32 i, near;

	for (i = 0; i < PREFIXES; i++) {
		prefix = &t->pool[i];
		do {
			near = random_below(&t->random, i + 2);
			if (near < i)
				random_prefix_near(&t->random, &t->pool[near],
						   prefix);
			else
				random_prefix(&t->random, near == i ?
					      AF_INET : AF_INET6, prefix);
			if (random_one_in(&t->random, 4))
				prefix->len = bits_of(prefix->family);
			else if (random_one_in(&t->random, 10))
				prefix_cut(prefix, 0);
		} while (model_of(&t->now, prefix, 1));
		t->now.entries[i].cfg.prefix = *prefix;
		t->now.entries[i].cfg.number = 1;
	}
}

static void make_model(struct identity_test *t)
{
	struct model_entry *entry;
	u32 i;

	memset(&t->now, 0, sizeof(t->now));
	make_pool(t);
	memset(&t->now, 0, sizeof(t->now));
	for (i = 0; i < ENTRIES; i++) {
		entry = &t->now.entries[i];
		entry->cfg.prefix = t->pool[i / NUMBERS];
		entry->cfg.number = 1 + i % NUMBERS;
		random_cfg(t, entry);
	}
	copy_model(&t->before, &t->now);
}

static void random_transactions(struct kunit *test)
{
	struct identity_test *t = test->priv;
	u32 pool, i;

	for (pool = 0; pool < POOLS; pool++) {
		make_model(t);
		for (i = 0; i < TRANSACTIONS; i++)
			random_transaction(test);
		identity_expect_nothing(test, &t->i);
		rcu_barrier();
	}
}

/* As far as the memory lasts; 0 or -ENOMEM */
static int try_transaction(struct kunit *test)
{
	struct identity_test *t = test->priv;
	u32 count = 1 + random_below(&t->random, OPS_MAX), i;
	int err = 0;

	begin(t);
	for (i = 0; i < count && !err; i++)
		err = random_op(test);
	return err ?: sluice_identity_tx_prepare(&t->i.tx);
}

/*
 * The same transaction again and again, each time with another allocation that
 * fails, until there is none left. How many failed.
 */
static u32 one_after_the_other_fails(struct kunit *test)
{
	struct identity_test *t = test->priv;
	const struct rnd_state random = t->random;
	u32 at;
	int err;

	for (at = 1; at < 10000; at++) {
		t->random = random;
		sluice_alloc_fail_at = at;
		err = try_transaction(test);
		sluice_alloc_fail_at = 0;
		if (!err)
			break;
		KUNIT_EXPECT_EQ(test, err, -ENOMEM);
		expect_view(test, &t->before, t->i.revision);
		abort(test);
	}
	commit(test);
	return at - 1;
}

static void no_memory_changes_nothing(struct kunit *test)
{
	struct identity_test *t = test->priv;
	u32 pool, i, failed = 0;

	for (pool = 0; pool < POOLS / 4; pool++) {
		make_model(t);
		for (i = 0; i < TRANSACTIONS / 4; i++)
			failed += one_after_the_other_fails(test);
		identity_expect_nothing(test, &t->i);
		rcu_barrier();
	}
	kunit_info(test, "%u allocations failed", failed);
	KUNIT_EXPECT_GT(test, failed, 1000U);
}

/* ----------------------------------------------------------------------- cases */

static int init(struct kunit *test)
{
	struct identity_test *t = vzalloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	prandom_seed_state(&t->random, 1789);
	test->priv = t;
	return identity_tables_init(&t->i);
}

static void exit(struct kunit *test)
{
	struct identity_test *t = test->priv;

	identity_tables_fini(&t->i);
	vfree(t);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(random_transactions),
	KUNIT_CASE(no_memory_changes_nothing),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_identity",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
