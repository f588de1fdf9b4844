// SPDX-License-Identifier: GPL-2.0
/*
 * Maps, against a walk over their rules.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "../policy_map.h"
#include "random.h"

#define ROUNDS		150
#define PROBES		1000
#define RULES_MAX	SLUICE_POLICY_VALUES

/**
 * struct map_test - what a case works on
 * @random: random numbers
 * @peer: where the rules are
 * @rules: room for them
 * @count: how many there are
 * @map: what they were compiled to
 */
struct map_test {
	struct rnd_state random;
	struct sluice_policy_peer peer;
	struct sluice_policy_rule *rules;
	u32 count;
	struct sluice_policy_map *map;
};

static const u8 protos[] = {
	IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMP, IPPROTO_ICMPV6,
	IPPROTO_GRE, IPPROTO_ESP, 0, 255,
};

/* ------------------------------------------------------------------ the oracle */

static bool has_values(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP ||
	       proto == IPPROTO_SCTP || proto == IPPROTO_ICMP ||
	       proto == IPPROTO_ICMPV6;
}

static bool matches(const struct sluice_policy_rule *rule, u8 proto, u16 value)
{
	if (rule->gone)
		return false;
	if (rule->key.any & SLUICE_POLICY_ANY_PROTO)
		return true;
	if (rule->key.proto != proto)
		return false;
	return !has_values(proto) ||
	       (rule->key.first <= value && value <= rule->key.last);
}

static const struct sluice_policy_rule *
best_slowly(const struct map_test *m, u8 tier, u8 proto, u16 value)
{
	const struct sluice_policy_rule *rule, *best = NULL;

	for (rule = m->rules; rule < m->rules + m->count; rule++) {
		if (rule->key.tier != tier || !matches(rule, proto, value))
			continue;
		if (!best || rule->order < best->order ||
		    (rule->order == best->order && rule->id < best->id))
			best = rule;
	}
	return best;
}

static void expect_same(struct kunit *test, u8 proto, u16 value)
{
	struct map_test *m = test->priv;
	enum sluice_policy_class class = sluice_policy_class_of(proto);
	const struct sluice_policy_cell *cell;
	u8 tier;

	cell = sluice_policy_map_lookup(m->map, class,
					has_values(proto) ? value : proto);
	for (tier = 1; tier <= SLUICE_POLICY_TIERS; tier++)
		KUNIT_EXPECT_PTR_EQ_MSG(test,
			(const struct sluice_policy_rule *)cell->rules[tier - 1],
			best_slowly(m, tier, proto, value),
			"protocol %u, value %u, tier %u", proto, value, tier);
}

/* ------------------------------------------------------------------- the rules */

static void start(struct map_test *m)
{
	kvfree(m->map);
	m->map = NULL;
	INIT_LIST_HEAD(&m->peer.rules);
	m->count = 0;
}

static struct sluice_policy_rule *add_rule(struct map_test *m, u8 proto,
					   u16 first, u16 last)
{
	struct sluice_policy_rule *rule = &m->rules[m->count];

	memset(rule, 0, sizeof(*rule));
	rule->id = m->count++;
	rule->key.proto = proto;
	rule->key.first = first;
	rule->key.last = last;
	rule->key.tier = SLUICE_POLICY_TIER_NORMAL;
	list_add_tail(&rule->list, &m->peer.rules);
	return rule;
}

static void build(struct kunit *test)
{
	struct map_test *m = test->priv;

	m->map = sluice_policy_map_build(&m->peer);
	KUNIT_ASSERT_NOT_NULL(test, m->map);
}

static u8 random_proto(struct map_test *m)
{
	return protos[random_below(&m->random, ARRAY_SIZE(protos))];
}

/* Close together in one round and far apart in another. */
static u16 random_value(struct map_test *m, u32 spread)
{
	if (random_one_in(&m->random, 10))
		return random_below(&m->random, 2) ? U16_MAX : 0;
	return random_below(&m->random, spread);
}

static void add_random_rule(struct map_test *m, u32 spread)
{
	u16 a = random_value(m, spread), b = random_value(m, spread);
	struct sluice_policy_rule *rule;

	rule = add_rule(m, random_proto(m), min(a, b), max(a, b));
	rule->key.tier = 1 + random_below(&m->random, 3);
	rule->order = random_below(&m->random, 8);
	rule->gone = random_one_in(&m->random, 8);
	if (random_one_in(&m->random, 6) || !has_values(rule->key.proto)) {
		rule->key.first = 0;
		rule->key.last = U16_MAX;
	}
	if (random_one_in(&m->random, 12)) {
		rule->key.any = SLUICE_POLICY_ANY_PROTO;
		rule->key.proto = 0;
		rule->key.first = 0;
		rule->key.last = U16_MAX;
	}
}

static void probe(struct kunit *test, u32 spread)
{
	struct map_test *m = test->priv;
	const struct sluice_policy_key *key;
	u32 i;

	for (i = 0; i < PROBES; i++)
		expect_same(test, random_proto(m), random_value(m, spread));
	for (i = 0; i < m->count; i++) {
		key = &m->rules[i].key;
		expect_same(test, key->proto, key->first - 1);
		expect_same(test, key->proto, key->first);
		expect_same(test, key->proto, key->last);
		expect_same(test, key->proto, key->last + 1);
	}
}

/* ----------------------------------------------------------------------- cases */

static void as_a_walk_over_all(struct kunit *test)
{
	static const u32 spreads[] = { 4, 40, 4000, SLUICE_POLICY_VALUES };
	static const u32 most[] = { 3, 20, 100, 600 };
	struct map_test *m = test->priv;
	u32 round, spread, count;

	for (round = 0; round < ROUNDS; round++) {
		spread = spreads[random_below(&m->random, ARRAY_SIZE(spreads))];
		count = random_below(&m->random,
				     most[random_below(&m->random,
						       ARRAY_SIZE(most))]);
		start(m);
		while (count--)
			add_random_rule(m, spread);
		build(test);
		probe(test, spread);
		cond_resched();
	}
}

static const struct sluice_policy_section *section_of(struct map_test *m,
						      u8 proto)
{
	return &m->map->sections[m->map->section_of[
		sluice_policy_class_of(proto)]];
}

static void expect_all_values(struct kunit *test, u8 proto)
{
	u32 value;

	for (value = 0; value < SLUICE_POLICY_VALUES; value++)
		expect_same(test, proto, value);
}

/* @cells of them, the last one at the last value, which is an odd one. */
static void add_apart(struct map_test *m, u32 cells)
{
	u32 i;

	for (i = 0; i < cells / 2; i++)
		add_rule(m, IPPROTO_UDP, 2 * i + 1, 2 * i + 1);
	if (cells % 2 == 0)
		m->rules[m->count - 1].key.last = U16_MAX;
}

static void searched_or_counted(struct kunit *test)
{
	struct map_test *m = test->priv;
	u32 cells;

	for (cells = SLUICE_POLICY_SEARCH_MAX - 2;
	     cells <= SLUICE_POLICY_SEARCH_MAX + 2; cells++) {
		start(m);
		add_apart(m, cells);
		build(test);
		KUNIT_EXPECT_EQ(test, section_of(m, IPPROTO_UDP)->count, cells);
		KUNIT_EXPECT_EQ(test, section_of(m, IPPROTO_TCP)->count, 1U);
		expect_all_values(test, IPPROTO_UDP);
	}
}

/* No walk over all of these. */
static void a_rule_for_each_value(struct kunit *test)
{
	struct map_test *m = test->priv;
	const struct sluice_policy_cell *cell;
	u32 value, wrong = 0;

	start(m);
	for (value = SLUICE_POLICY_VALUES; value; value--)
		add_rule(m, IPPROTO_TCP, value - 1, value - 1);
	build(test);
	KUNIT_EXPECT_EQ(test, section_of(m, IPPROTO_TCP)->count,
			(u32)SLUICE_POLICY_VALUES);
	for (value = 0; value < SLUICE_POLICY_VALUES; value++) {
		cell = sluice_policy_map_lookup(m->map, SLUICE_POLICY_TCP,
						value);
		wrong += !cell->rules[1] || cell->rules[1]->key.first != value;
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

/* Ranges inside of each other, the innermost one the best. */
static void an_onion(struct kunit *test)
{
	struct map_test *m = test->priv;
	struct sluice_policy_rule *rule;
	u32 i;

	start(m);
	for (i = 0; i < 1000; i++) {
		rule = add_rule(m, IPPROTO_SCTP, 10 * i, 40000 - 10 * i);
		rule->order = 1000 - i;
	}
	build(test);
	KUNIT_EXPECT_EQ(test, section_of(m, IPPROTO_SCTP)->count, 2000U);
	probe(test, 40100);
}

/* What comes to nothing in between costs nothing. */
static void rules_that_never_decide(struct kunit *test)
{
	struct map_test *m = test->priv;
	u32 i;

	start(m);
	add_rule(m, IPPROTO_TCP, 0, U16_MAX);
	for (i = 0; i < 5000; i++)
		add_rule(m, IPPROTO_TCP, i, i + 100)->order = 1 + i;
	build(test);
	KUNIT_EXPECT_EQ(test, section_of(m, IPPROTO_TCP)->count, 1U);
	KUNIT_EXPECT_LE(test, ksize(m->map), (size_t)256);
	expect_all_values(test, IPPROTO_TCP);
}

static void size_of(struct kunit *test, const char *what, size_t most)
{
	struct map_test *m = test->priv;

	build(test);
	KUNIT_EXPECT_LE_MSG(test, ksize(m->map), most, "%s", what);
	kunit_info(test, "%s: %zu bytes", what, ksize(m->map));
}

/* Most maps are of a rule or two, so they are small. */
static void few_rules_are_small(struct kunit *test)
{
	struct map_test *m = test->priv;

	start(m);
	size_of(test, "no rule", 128);
	start(m);
	add_rule(m, 0, 0, U16_MAX)->key.any = SLUICE_POLICY_ANY_PROTO;
	size_of(test, "all protocols", 128);
	start(m);
	add_rule(m, IPPROTO_TCP, 80, 80);
	size_of(test, "a port", 192);
	start(m);
	add_rule(m, IPPROTO_UDP, 53, 53);
	add_rule(m, IPPROTO_TCP, 53, 53);
	size_of(test, "a port of two protocols", 512);
}

static int init(struct kunit *test)
{
	struct map_test *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	prandom_seed_state(&m->random, 2203);
	test->priv = m;
	m->rules = kvcalloc(RULES_MAX, sizeof(*m->rules), GFP_KERNEL);
	return m->rules ? 0 : -ENOMEM;
}

static void exit(struct kunit *test)
{
	struct map_test *m = test->priv;

	kvfree(m->map);
	kvfree(m->rules);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(as_a_walk_over_all),
	KUNIT_CASE(searched_or_counted),
	KUNIT_CASE(a_rule_for_each_value),
	KUNIT_CASE(an_onion),
	KUNIT_CASE(rules_that_never_decide),
	KUNIT_CASE(few_rules_are_small),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_policy_map",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
