// SPDX-License-Identifier: GPL-2.0
/*
 * Source ranges, against a walk over all prefixes.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "../ranges.h"
#include "prefixes.h"
#include "random.h"

#define ROUNDS		400
#define PROBES		400

/**
 * struct ranges_test - what a case works on
 * @random: random numbers
 * @allow: list under construction
 * @deny: list under construction
 * @room: storage of both
 */
struct ranges_test {
	struct rnd_state random;
	struct sluice_prefixes allow;
	struct sluice_prefixes deny;
	struct sluice_prefix room[2][SLUICE_PREFIXES_MAX];
};

static int longest(const struct sluice_prefixes *prefixes, u8 family,
		   const union nf_inet_addr *addr)
{
	int best = -1;
	u32 i;

	for (i = 0; i < prefixes->count; i++)
		if (prefix_holds(&prefixes->list[i], family, addr))
			best = max_t(int, best, prefixes->list[i].len);
	return best;
}

/* The oracle. */
static bool allowed_slowly(const struct ranges_test *r, u8 family,
			   const union nf_inet_addr *addr)
{
	int allow = longest(&r->allow, family, addr);
	int deny = longest(&r->deny, family, addr);

	if (allow < 0 && deny < 0)
		return !r->allow.count;
	return allow > deny;
}

static void random_list(struct ranges_test *r, struct sluice_prefixes *list,
			u8 families)
{
	u32 i;

	list->count = random_below(&r->random, 12);
	for (i = 0; i < list->count; i++)
		random_prefix(&r->random,
			      random_below(&r->random, families) ? AF_INET6 :
								   AF_INET,
			      &list->list[i]);
	if (list == &r->deny && list->count && r->allow.count)
		list->list[0] = r->allow.list[0];
}

static void expect_same(struct kunit *test, const struct sluice_ranges *ranges,
			u8 family, const union nf_inet_addr *addr)
{
	KUNIT_EXPECT_EQ_MSG(test, sluice_ranges_match(ranges, family, addr),
			    allowed_slowly(test->priv, family, addr),
			    "address %pI6", addr);
}

static void probe_edges(struct kunit *test, const struct sluice_ranges *ranges,
			const struct sluice_prefixes *list)
{
	union nf_inet_addr edges[4];
	u32 i, j;

	for (i = 0; i < list->count; i++) {
		prefix_edges(&list->list[i], edges);
		for (j = 0; j < ARRAY_SIZE(edges); j++)
			expect_same(test, ranges, list->list[i].family,
				    &edges[j]);
	}
}

static void probe(struct kunit *test, const struct sluice_ranges *ranges)
{
	struct ranges_test *r = test->priv;
	union nf_inet_addr addr;
	u32 i;

	for (i = 0; i < PROBES; i++) {
		random_addr(&r->random, AF_INET, &addr);
		expect_same(test, ranges, AF_INET, &addr);
		random_addr(&r->random, AF_INET6, &addr);
		expect_same(test, ranges, AF_INET6, &addr);
	}
	probe_edges(test, ranges, &r->allow);
	probe_edges(test, ranges, &r->deny);
}

static struct sluice_ranges *build(struct kunit *test, u8 family)
{
	struct ranges_test *r = test->priv;
	struct sluice_ranges *ranges;

	ranges = sluice_ranges_build(family, &r->allow, &r->deny);
	KUNIT_ASSERT_NOT_NULL(test, ranges);
	return ranges;
}

static void as_a_walk_over_all(struct kunit *test)
{
	struct ranges_test *r = test->priv;
	struct sluice_ranges *ranges;
	u32 i;

	for (i = 0; i < ROUNDS; i++) {
		random_list(r, &r->allow, 1 + i % 2);
		random_list(r, &r->deny, 1 + i % 2);
		ranges = build(test, AF_INET);
		probe(test, ranges);
		sluice_ranges_put(ranges);
	}
}

static void as_many_as_there_may_be(struct kunit *test)
{
	struct ranges_test *r = test->priv;
	struct sluice_ranges *ranges;
	u32 i;

	for (i = 0; i < SLUICE_PREFIXES_MAX; i++) {
		random_prefix(&r->random, AF_INET6, &r->room[0][i]);
		random_prefix(&r->random, AF_INET6, &r->room[1][i]);
	}
	r->allow.count = SLUICE_PREFIXES_MAX;
	r->deny.count = SLUICE_PREFIXES_MAX;
	ranges = build(test, AF_INET6);
	probe(test, ranges);
	sluice_ranges_put(ranges);
}

static void lists_are_kept(struct kunit *test)
{
	struct ranges_test *r = test->priv;
	struct sluice_ranges *ranges;

	while (r->allow.count < 3)
		random_list(r, &r->allow, 2);
	r->deny.count = 3;
	memcpy(r->deny.list, r->allow.list, 3 * sizeof(*r->deny.list));
	ranges = build(test, AF_INET);
	KUNIT_EXPECT_EQ(test, ranges->allow.count, r->allow.count);
	KUNIT_EXPECT_EQ(test, ranges->deny.count, 3U);
	KUNIT_EXPECT_FALSE(test, memcmp(ranges->allow.list, r->allow.list,
					r->allow.count *
					sizeof(*r->allow.list)));
	KUNIT_EXPECT_FALSE(test, memcmp(ranges->deny.list, r->deny.list,
					3 * sizeof(*r->deny.list)));
	sluice_ranges_put(ranges);
}

static void nothing_given_allows_all(struct kunit *test)
{
	struct ranges_test *r = test->priv;
	union nf_inet_addr addr;
	struct sluice_ranges *ranges = build(test, AF_INET);

	random_addr(&r->random, AF_INET, &addr);
	KUNIT_EXPECT_TRUE(test, sluice_ranges_allow(NULL, &addr));
	KUNIT_EXPECT_TRUE(test, sluice_ranges_allow(ranges, &addr));
	sluice_ranges_put(ranges);
}

static int init(struct kunit *test)
{
	struct ranges_test *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);

	if (!r)
		return -ENOMEM;
	prandom_seed_state(&r->random, 4632);
	r->allow.list = r->room[0];
	r->deny.list = r->room[1];
	test->priv = r;
	return 0;
}

static struct kunit_case cases[] = {
	KUNIT_CASE(as_a_walk_over_all),
	KUNIT_CASE(as_many_as_there_may_be),
	KUNIT_CASE(lists_are_kept),
	KUNIT_CASE(nothing_given_allows_all),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_ranges",
	.init = init,
	.test_cases = cases,
};

kunit_test_suite(suite);
