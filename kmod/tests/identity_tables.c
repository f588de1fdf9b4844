// SPDX-License-Identifier: GPL-2.0
/*
 * Identities for tests.
 */
#include "identity_tables.h"
#include "prefixes.h"
#include "random.h"

int identity_tables_init(struct identity_tables *t)
{
	mutex_init(&t->lock);
	mutex_lock(&t->lock);
	t->revision = 1;
	return sluice_identity_table_init(&t->table, &t->lock);
}

void identity_tables_fini(struct identity_tables *t)
{
	sluice_identity_table_fini(&t->table);
	mutex_unlock(&t->lock);
}

int identity_suite_init(struct kunit *test)
{
	struct identity_tables *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	test->priv = t;
	return identity_tables_init(t);
}

void identity_suite_exit(struct kunit *test)
{
	identity_tables_fini(test->priv);
}

struct sluice_prefix prefix4(u32 addr, u8 len)
{
	return (struct sluice_prefix) {
		.addr.ip = htonl(addr), .family = AF_INET, .len = len,
	};
}

void identity_begin(struct identity_tables *t)
{
	sluice_identity_tx_begin(&t->tx, &t->table, t->revision + 1);
}

/* Of IPv4, without excepts */
int identity_new(struct identity_tables *t, u32 addr, u8 len, u32 number)
{
	struct sluice_identity_cfg cfg = {
		.prefix = prefix4(addr, len), .number = number,
	};

	return sluice_identity_tx_new(&t->tx, &cfg);
}

void identity_finish(struct kunit *test, struct identity_tables *t)
{
	KUNIT_ASSERT_EQ(test, sluice_identity_tx_prepare(&t->tx), 0);
	t->revision += t->tx.changed;
	sluice_identity_tx_end(&t->tx);
}

/* Delete all; nothing is left of it. */
void identity_expect_nothing(struct kunit *test, struct identity_tables *t)
{
	sluice_identity_delete_all(&t->table);
	KUNIT_EXPECT_TRUE(test, xa_empty(&t->table.ids));
	KUNIT_EXPECT_EQ(test, t->table.entry_count, 0U);
	KUNIT_EXPECT_EQ(test, t->table.prefix_count, 0U);
	KUNIT_EXPECT_EQ(test, t->table.prefixes[0].bytes, (size_t)0);
	KUNIT_EXPECT_EQ(test, t->table.prefixes[1].bytes, (size_t)0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->table.hosts.nelems), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->table.sets.nelems), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->table.identities.nelems), 0);
}

/**
 * identity_add_random() - add prefixes of any length, each with an identity
 * @test: whose priv the tables are
 * @family: theirs
 * @from: the first, of a row that is always the same
 * @to: the one behind the last
 */
void identity_add_random(struct kunit *test, u8 family, u32 from, u32 to)
{
	struct identity_tables *t = test->priv;
	struct sluice_identity_cfg cfg = {};
	u8 min = family == AF_INET ? 8 : 16;
	struct rnd_state random;
	u32 len;

	prandom_seed_state(&random, 1789);
	identity_begin(t);
	for (cfg.number = 0; cfg.number < to; cfg.number++) {
		cfg.prefix = (struct sluice_prefix) { .family = family };
		prandom_bytes_state(&random, &cfg.prefix.addr,
				    bits_of(family) / 8);
		len = min + random_below(&random, bits_of(family) - min);
		prefix_cut(&cfg.prefix, len);
		if (cfg.number >= from)
			KUNIT_ASSERT_EQ(test,
					sluice_identity_tx_new(&t->tx, &cfg),
					0);
	}
	identity_finish(test, t);
}
