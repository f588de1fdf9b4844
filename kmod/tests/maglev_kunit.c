// SPDX-License-Identifier: GPL-2.0
/*
 * Maglev tables, against the pseudo-code of the paper.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>

#include "../maglev.h"
#include "random.h"

#define SIZE		SLUICE_MAGLEV_SIZE
#define COUNT_MAX	1000
#define FREE		U16_MAX

/**
 * struct maglev_test - what a case works on
 * @random: for names and weights
 * @table: built by the code under test
 * @other: built for comparison
 * @slots: slots of each entry in @table
 * @entries: what @table is built from
 * @count: length of @entries
 */
struct maglev_test {
	struct rnd_state random;
	u16 table[SIZE];
	u16 other[SIZE];
	u32 slots[COUNT_MAX];
	struct sluice_maglev_entry entries[COUNT_MAX];
	u32 count;
};

static void fill_entries(struct maglev_test *m, u32 count, u32 max_weight)
{
	u32 i;

	m->count = count;
	for (i = 0; i < count; i++)
		m->entries[i] = (struct sluice_maglev_entry) {
			.name = (u64)prandom_u32_state(&m->random) << 32 |
				prandom_u32_state(&m->random),
			.weight = 1 + random_below(&m->random, max_weight),
			.index = i,
		};
}

static void set_weights(struct maglev_test *m, const u32 *weights)
{
	u32 i;

	for (i = 0; i < m->count; i++)
		m->entries[i].weight = weights[i];
}

static void build(struct maglev_test *m)
{
	sluice_maglev_build(m->table, m->entries, m->count);
}

/* Build into @other, leave @table as it is. */
static void build_other(struct maglev_test *m)
{
	sluice_maglev_build(m->other, m->entries, m->count);
}

static void count_slots(struct kunit *test, struct maglev_test *m)
{
	u32 i;

	memset(m->slots, 0, sizeof(m->slots));
	for (i = 0; i < SIZE; i++) {
		KUNIT_ASSERT_LT(test, (u32)m->table[i], (u32)COUNT_MAX);
		m->slots[m->table[i]]++;
	}
}

static u32 slots_that_differ(const struct maglev_test *m)
{
	u32 differ = 0, i;

	for (i = 0; i < SIZE; i++)
		differ += m->table[i] != m->other[i];
	return differ;
}

/* The paper's permutation[i], a row for each entry. */
static u16 *make_permutations(const struct maglev_test *m)
{
	u16 *permutation = vmalloc(array3_size(m->count, SIZE, sizeof(u16)));
	u32 i, j;

	for (i = 0; permutation && i < m->count; i++) {
		u32 offset = lower_32_bits(m->entries[i].name) % SIZE;
		u32 skip = upper_32_bits(m->entries[i].name) % (SIZE - 1) + 1;

		for (j = 0; j < SIZE; j++)
			permutation[i * SIZE + j] =
				(offset + (u64)j * skip) % SIZE;
	}
	return permutation;
}

/*
 * How many turns an entry has had after @rounds rounds; it begins with savings
 * that its name gives it.
 */
static u32 turns(const struct maglev_test *m, u32 i, u32 rounds, u32 max_weight)
{
	u64 first = (u64)lower_32_bits(m->entries[i].name >> 16) * max_weight;
	u64 saved = (u64)rounds * m->entries[i].weight << 32;

	return div64_u64(first + saved, (u64)max_weight << 32);
}

/* The paper's "procedure Populate", extended by weights. */
static void populate(struct maglev_test *m, const u16 *permutation, u32 *next,
		     u32 max_weight)
{
	u32 filled = 0, round, i, slot;

	memset(m->other, 0xff, sizeof(m->other));
	for (round = 1; ; round++)
		for (i = 0; i < m->count; i++) {
			if (turns(m, i, round, max_weight) ==
			    turns(m, i, round - 1, max_weight))
				continue;
			slot = permutation[i * SIZE + next[i]];
			while (m->other[slot] != FREE)
				slot = permutation[i * SIZE + ++next[i]];
			m->other[slot] = m->entries[i].index;
			next[i]++;
			if (++filled == SIZE)
				return;
		}
}

static void sort_by_name(struct maglev_test *m)
{
	u32 i, j;

	for (i = 1; i < m->count; i++)
		for (j = i; j && m->entries[j - 1].name > m->entries[j].name; j--)
			swap(m->entries[j - 1], m->entries[j]);
}

static void build_as_in_paper(struct kunit *test, struct maglev_test *m)
{
	u32 *next = kunit_kcalloc(test, m->count, sizeof(*next), GFP_KERNEL);
	u32 max_weight = 0, i;
	u16 *permutation;

	KUNIT_ASSERT_NOT_NULL(test, next);
	sort_by_name(m);
	permutation = make_permutations(m);
	KUNIT_ASSERT_NOT_NULL(test, permutation);
	for (i = 0; i < m->count; i++)
		max_weight = max(max_weight, m->entries[i].weight);
	populate(m, permutation, next, max_weight);
	vfree(permutation);
}

static void expect_as_in_paper(struct kunit *test, struct maglev_test *m)
{
	build(m);
	build_as_in_paper(test, m);
	KUNIT_EXPECT_EQ_MSG(test, slots_that_differ(m), 0U, "%u entries",
			    m->count);
}

static void equals_paper(struct kunit *test)
{
	static const u32 counts[] = { 1, 2, 3, 7, 50, COUNT_MAX };
	struct maglev_test *m = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		fill_entries(m, counts[i], 1);
		expect_as_in_paper(test, m);
	}
}

static void equals_paper_with_weights(struct kunit *test)
{
	struct maglev_test *m = test->priv;
	u32 i;

	for (i = 0; i < 20; i++) {
		fill_entries(m, 1 + random_below(&m->random, 30),
			     1 + random_below(&m->random, 200));
		expect_as_in_paper(test, m);
	}
}

static void one_entry_has_all(struct kunit *test)
{
	struct maglev_test *m = test->priv;

	fill_entries(m, 1, 1);
	m->entries[0].index = 77;
	m->entries[0].weight = 65535;
	build(m);
	count_slots(test, m);
	KUNIT_EXPECT_EQ(test, m->slots[77], (u32)SIZE);
}

/* They take turns, so that no share differs by more than one slot. */
static void equal_weights_equal_shares(struct kunit *test)
{
	static const u32 counts[] = { 2, 3, 10, 99, COUNT_MAX };
	struct maglev_test *m = test->priv;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		fill_entries(m, counts[i], 1);
		build(m);
		count_slots(test, m);
		for (j = 0; j < m->count; j++) {
			KUNIT_EXPECT_GE(test, m->slots[j], SIZE / m->count);
			KUNIT_EXPECT_LE(test, m->slots[j], SIZE / m->count + 1);
		}
	}
}

/*
 * After r rounds an entry has r * weight / greatest slots, give or take two for
 * the savings it began with and the last round; the rounds that fill the table
 * follow from the sum of all.
 */
static void expect_shares(struct kunit *test, struct maglev_test *m)
{
	u64 total = 0;
	u32 i;

	build(m);
	count_slots(test, m);
	for (i = 0; i < m->count; i++)
		total += m->entries[i].weight;
	for (i = 0; i < m->count; i++) {
		const struct sluice_maglev_entry *entry = &m->entries[i];
		u64 share = (u64)entry->weight * SIZE;
		u64 spare = (u64)entry->weight * m->count;
		u64 got = m->slots[entry->index] * total;

		KUNIT_EXPECT_GE(test, got + spare + 2 * total, share);
		KUNIT_EXPECT_LE(test, got, share + spare + 2 * total);
	}
}

static void weights_set_shares(struct kunit *test)
{
	struct maglev_test *m = test->priv;
	u32 i;

	for (i = 0; i < 20; i++) {
		fill_entries(m, 1 + random_below(&m->random, 100), 1000);
		expect_shares(test, m);
	}
}

/* @heavy entries of weight @weight, then @light ones of weight 1. */
static void expect_light_slots(struct kunit *test, u32 heavy, u32 weight,
			       u32 light)
{
	struct maglev_test *m = test->priv;
	u32 fair = light * SIZE / (heavy * weight + light);
	u32 got = 0, i;

	fill_entries(m, heavy + light, 1);
	for (i = 0; i < heavy; i++)
		m->entries[i].weight = weight;
	build(m);
	count_slots(test, m);
	for (i = heavy; i < heavy + light; i++)
		got += m->slots[i];
	KUNIT_EXPECT_GE(test, got, fair / 3);
	KUNIT_EXPECT_LE(test, got, fair * 3);
}

/* None of them may have a whole slot's worth; together they have their share. */
static void light_entries_share(struct kunit *test)
{
	expect_light_slots(test, 200, 100, 20);
	expect_light_slots(test, 1, 65535, 999);
	expect_light_slots(test, 10, 1000, 300);
}

static void extreme_weights(struct kunit *test)
{
	static const u32 weights[] = { 65535, 1, 32768, 65534, 2 };
	struct maglev_test *m = test->priv;

	fill_entries(m, ARRAY_SIZE(weights), 1);
	set_weights(m, weights);
	expect_shares(test, m);
	expect_as_in_paper(test, m);
}

static void only_ratio_of_weights_matters(struct kunit *test)
{
	static const u32 small[] = { 3, 1, 2 }, large[] = { 48000, 16000, 32000 };
	struct maglev_test *m = test->priv;

	fill_entries(m, ARRAY_SIZE(small), 1);
	sort_by_name(m);
	set_weights(m, small);
	build(m);
	set_weights(m, large);
	build_other(m);
	KUNIT_EXPECT_EQ(test, slots_that_differ(m), 0U);
}

static void shuffle(struct maglev_test *m)
{
	u32 i, j;

	for (i = m->count - 1; i; i--) {
		j = random_below(&m->random, i + 1);
		swap(m->entries[i], m->entries[j]);
	}
}

static void order_does_not_matter(struct kunit *test)
{
	struct maglev_test *m = test->priv;
	u32 i;

	fill_entries(m, 40, 10);
	build(m);
	for (i = 0; i < 10; i++) {
		shuffle(m);
		build_other(m);
		KUNIT_EXPECT_EQ(test, slots_that_differ(m), 0U);
	}
}

/* Two backends may share a hash; the index decides between them. */
static void equal_names(struct kunit *test)
{
	struct maglev_test *m = test->priv;
	u32 i;

	fill_entries(m, 6, 1);
	for (i = 0; i < 3; i++)
		m->entries[i].name = m->entries[5].name;
	build(m);
	count_slots(test, m);
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_GE(test, m->slots[i], SIZE / 6);
	shuffle(m);
	build_other(m);
	KUNIT_EXPECT_EQ(test, slots_that_differ(m), 0U);
}

/* Slots that change hands although their owner stays when one entry goes. */
static u32 slots_moved_without(struct maglev_test *m, u32 gone)
{
	u16 index = m->entries[gone].index;
	u32 moved = 0, i;

	swap(m->entries[gone], m->entries[m->count - 1]);
	m->count--;
	build_other(m);
	for (i = 0; i < SIZE; i++)
		moved += m->table[i] != index && m->table[i] != m->other[i];
	return moved;
}

static void one_gone_moves_few(struct kunit *test)
{
	static const u32 counts[] = { 2, 5, 10, 100 };
	struct maglev_test *m = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		fill_entries(m, counts[i], 1);
		build(m);
		KUNIT_EXPECT_LT(test, slots_moved_without(m, counts[i] / 2),
				SIZE / 40U);
	}
}

static int init(struct kunit *test)
{
	struct maglev_test *m = vzalloc(sizeof(*m));

	if (!m)
		return -ENOMEM;
	prandom_seed_state(&m->random, 20160316);
	test->priv = m;
	return 0;
}

static void exit(struct kunit *test)
{
	vfree(test->priv);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(equals_paper),
	KUNIT_CASE(equals_paper_with_weights),
	KUNIT_CASE(one_entry_has_all),
	KUNIT_CASE(equal_weights_equal_shares),
	KUNIT_CASE(weights_set_shares),
	KUNIT_CASE(light_entries_share),
	KUNIT_CASE(extreme_weights),
	KUNIT_CASE(only_ratio_of_weights_matters),
	KUNIT_CASE(order_does_not_matter),
	KUNIT_CASE(equal_names),
	KUNIT_CASE(one_gone_moves_few),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_maglev",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
