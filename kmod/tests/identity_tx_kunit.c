// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of identities, case by case.
 */
#include "identity_tables.h"

/* A transaction looks at so many places if an entry is added. */
static u32 places_looked_at(struct kunit *test, u32 addr, u8 len)
{
	struct identity_tables *t = test->priv;
	const struct list_head *place;
	u32 count = 0;

	identity_begin(t);
	KUNIT_ASSERT_EQ(test, identity_new(t, addr, len, 7), 0);
	KUNIT_ASSERT_EQ(test, sluice_identity_tx_prepare(&t->tx), 0);
	list_for_each(place, &t->tx.places)
		count++;
	sluice_identity_tx_abort(&t->tx);
	return count;
}

static void only_what_is_within_is_looked_at(struct kunit *test)
{
	struct identity_tables *t = test->priv;
	u32 i;

	identity_begin(t);
	for (i = 0; i < 256; i++) {
		KUNIT_ASSERT_EQ(test, identity_new(t, 0x0a000000 + i, 32, i), 0);
		KUNIT_ASSERT_EQ(test, identity_new(t, 0x0b000000 + (i << 8), 24, 3), 0);
	}
	identity_finish(test, t);

	KUNIT_EXPECT_EQ(test, places_looked_at(test, 0x0a000000, 8), 1U);
	KUNIT_EXPECT_EQ(test, places_looked_at(test, 0x0a000001, 32), 1U);
	KUNIT_EXPECT_EQ(test, places_looked_at(test, 0x0b000001, 32), 1U);
	KUNIT_EXPECT_EQ(test, places_looked_at(test, 0x0b000000, 17), 129U);
	KUNIT_EXPECT_EQ(test, places_looked_at(test, 0x0b000100, 24), 1U);
	KUNIT_EXPECT_EQ(test, places_looked_at(test, 0, 0), 257U);
	identity_expect_nothing(test, t);
}

static void same_again_changes_nothing(struct kunit *test)
{
	struct sluice_prefix except = prefix4(0x0a010000, 16);
	struct sluice_identity_cfg cfg = {
		.prefix = prefix4(0x0a000000, 8), .number = 70,
		.exclusive = true, .excepts = { 1, &except },
	};
	struct identity_tables *t = test->priv;
	u32 round, id = 0;

	for (round = 0; round < 3; round++) {
		identity_begin(t);
		sluice_identity_tx_replace_all(&t->tx);
		KUNIT_ASSERT_EQ(test, sluice_identity_tx_new(&t->tx, &cfg), 0);
		identity_finish(test, t);
		KUNIT_EXPECT_EQ(test, t->tx.changed, !round);
		id = id ?: sluice_identity_entry_next(&t->table, 0)->id;
		KUNIT_EXPECT_EQ(test, id,
				sluice_identity_entry_next(&t->table, 0)->id);
	}
	identity_expect_nothing(test, t);
}

static void excepts_are_parts(struct kunit *test)
{
	static const struct {
		u32 addr;
		u8 len;
		int err;
	} excepts[] = {
		{ 0x0a000000, 8, -EINVAL }, { 0x0a000000, 7, -EINVAL },
		{ 0x0b000000, 9, -EINVAL }, { 0, 0, -EINVAL },
		{ 0x0a000000, 9, 0 }, { 0x0affffff, 32, 0 },
	};
	struct sluice_prefix except;
	struct sluice_identity_cfg cfg = {
		.prefix = prefix4(0x0a000000, 8), .number = 70,
		.excepts = { 1, &except },
	};
	struct identity_tables *t = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(excepts); i++) {
		except = prefix4(excepts[i].addr, excepts[i].len);
		identity_begin(t);
		KUNIT_EXPECT_EQ(test, sluice_identity_tx_new(&t->tx, &cfg),
				excepts[i].err);
		sluice_identity_tx_abort(&t->tx);
	}
	except.family = AF_INET6;
	identity_begin(t);
	KUNIT_EXPECT_EQ(test, sluice_identity_tx_new(&t->tx, &cfg), -EINVAL);
	sluice_identity_tx_abort(&t->tx);
	identity_expect_nothing(test, t);
}

/* Whose policy packets may look at lives on, be there entries or not. */
static void who_is_held_stays(struct kunit *test)
{
	struct identity_tables *t = test->priv;
	struct sluice_identity *identity;

	identity = sluice_identity_get(&t->table, 5);
	KUNIT_ASSERT_FALSE(test, IS_ERR(identity));
	identity_begin(t);
	KUNIT_ASSERT_EQ(test, identity_new(t, 0x0a000001, 32, 5), 0);
	identity_finish(test, t);
	KUNIT_EXPECT_EQ(test, refcount_read(&identity->refs), 3U);
	sluice_identity_delete_all(&t->table);
	KUNIT_EXPECT_EQ(test, refcount_read(&identity->refs), 1U);
	KUNIT_EXPECT_PTR_EQ(test, sluice_identity_lookup(&t->table, 5),
			    identity);
	sluice_identity_put(&t->table, identity);
	KUNIT_EXPECT_NULL(test, sluice_identity_lookup(&t->table, 5));
	identity_expect_nothing(test, t);
}

/* Numbers from @from on for one prefix each, in a transaction that has begun */
static void add_numbers(struct kunit *test, u32 addr, u8 len, u32 from, u32 to)
{
	struct identity_tables *t = test->priv;
	u32 i;

	for (i = from; i < to; i++)
		KUNIT_ASSERT_EQ(test, identity_new(t, addr, len, i), 0);
}

/* By all of its prefixes; the same one by two of them counts once. */
static void many_of_one_address(struct kunit *test)
{
	struct identity_tables *t = test->priv;

	identity_begin(t);
	add_numbers(test, 0x0a000000, 8, 100, 100 + SLUICE_IDENTITY_SET_MAX - 1);
	add_numbers(test, 0x0a010000, 16, 90, 110);
	KUNIT_EXPECT_EQ(test, sluice_identity_tx_prepare(&t->tx), -E2BIG);
	sluice_identity_tx_abort(&t->tx);
	identity_expect_nothing(test, t);

	identity_begin(t);
	add_numbers(test, 0x0a000000, 8, 100, 100 + SLUICE_IDENTITY_SET_MAX - 1);
	add_numbers(test, 0x0a010000, 16, 99, 110);
	identity_finish(test, t);
	identity_begin(t);
	KUNIT_EXPECT_EQ(test, identity_new(t, 0x0a000000, 9, 98), 0);
	KUNIT_EXPECT_EQ(test, sluice_identity_tx_prepare(&t->tx), -E2BIG);
	sluice_identity_tx_abort(&t->tx);
	sluice_identity_delete_all(&t->table);
	identity_expect_nothing(test, t);
}

/* The number of entries counts when all is done. */
static void full_only_for_a_while(struct kunit *test)
{
	struct identity_tables *t = test->priv;

	identity_begin(t);
	KUNIT_ASSERT_EQ(test, identity_new(t, 0x0a000000, 8, 5), 0);
	identity_finish(test, t);
	t->table.entry_count = SLUICE_IDENTITY_ENTRIES_MAX;
	t->table.prefix_count = SLUICE_IDENTITY_PREFIXES_MAX;

	identity_begin(t);
	KUNIT_EXPECT_EQ(test, identity_new(t, 0x0b000000, 8, 5), -ENOSPC);
	sluice_identity_tx_abort(&t->tx);
	identity_begin(t);
	sluice_identity_tx_replace_all(&t->tx);
	KUNIT_EXPECT_EQ(test, identity_new(t, 0x0b000000, 8, 5), 0);
	KUNIT_EXPECT_EQ(test, sluice_identity_tx_prepare(&t->tx), 0);
	sluice_identity_tx_abort(&t->tx);
	identity_begin(t);
	sluice_identity_tx_replace_all(&t->tx);
	KUNIT_EXPECT_EQ(test, identity_new(t, 0x0b000000, 8, 5), 0);
	KUNIT_EXPECT_EQ(test, identity_new(t, 0x0c000000, 8, 5), 0);
	KUNIT_EXPECT_EQ(test, sluice_identity_tx_prepare(&t->tx), -ENOSPC);
	sluice_identity_tx_abort(&t->tx);

	t->table.prefix_count = 1;
	identity_begin(t);
	KUNIT_EXPECT_EQ(test, identity_new(t, 0x0b000001, 32, 5), -ENOSPC);
	sluice_identity_tx_abort(&t->tx);
	KUNIT_EXPECT_EQ(test, t->table.entry_count,
			(u32)SLUICE_IDENTITY_ENTRIES_MAX);
	t->table.entry_count = 1;
	identity_expect_nothing(test, t);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(only_what_is_within_is_looked_at),
	KUNIT_CASE(same_again_changes_nothing),
	KUNIT_CASE(excepts_are_parts),
	KUNIT_CASE(who_is_held_stays),
	KUNIT_CASE(many_of_one_address),
	KUNIT_CASE(full_only_for_a_while),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_identity_tx",
	.init = identity_suite_init,
	.exit = identity_suite_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
