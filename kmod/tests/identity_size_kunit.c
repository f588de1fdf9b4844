// SPDX-License-Identifier: GPL-2.0
/*
 * How much memory identities take.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "identity_tables.h"

#define HOSTS		100000
#define HOSTS_BYTES_MAX	(24 << 20)
#define MANY		10000
#define MANY_BYTES_MAX	(4 << 20)

/* A hash as large as it has become, with its objects. */
static size_t hash_bytes(struct rhashtable *hash)
{
	struct rhashtable_iter iter;
	struct rhash_head *node;
	size_t bytes;

	flush_work(&hash->run_work);
	bytes = rcu_dereference_raw(hash->tbl)->size * sizeof(node);
	rhashtable_walk_enter(hash, &iter);
	rhashtable_walk_start(&iter);
	while ((node = rhashtable_walk_next(&iter)))
		bytes += ksize(node);
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return bytes;
}

static void add_place_bytes(void *value, void *context)
{
	size_t *bytes = context;

	*bytes += ksize(value);
}

static size_t table_bytes(struct identity_tables *t)
{
	struct sluice_prefix all = { .family = AF_INET };
	struct sluice_identity_entry *entry;
	size_t bytes, last = 0;
	unsigned long id;

	bytes = hash_bytes(&t->table.identities) + hash_bytes(&t->table.hosts) +
		hash_bytes(&t->table.sets) + t->table.prefixes[0].bytes +
		t->table.prefixes[1].bytes;
	sluice_lpm_walk(&t->table.prefixes[0], &all, add_place_bytes, &bytes);
	all.family = AF_INET6;
	sluice_lpm_walk(&t->table.prefixes[1], &all, add_place_bytes, &bytes);
	xa_for_each(&t->table.ids, id, entry) {
		bytes += ksize(entry);
		last = id;
	}
	/* The nodes of ids, on all levels. */
	for (; last; last /= XA_CHUNK_SIZE)
		bytes += DIV_ROUND_UP(last, XA_CHUNK_SIZE) *
			 sizeof(struct xa_node);
	return bytes;
}

static void expect_memory(struct kunit *test, const char *what, size_t max)
{
	struct identity_tables *t = test->priv;
	size_t bytes = table_bytes(t);

	kunit_info(test, "%u entries, %s: %zu bytes\n", t->table.entry_count,
		   what, bytes);
	KUNIT_EXPECT_LT(test, bytes, max);
	identity_expect_nothing(test, t);
	rcu_barrier();
}

static void add_hosts(struct kunit *test, u32 numbers)
{
	struct identity_tables *t = test->priv;
	u32 i;

	identity_begin(t);
	for (i = 0; i < HOSTS; i++)
		KUNIT_ASSERT_EQ(test, identity_new(t, 0x0a000000 + i, 32, i % numbers),
				0);
	identity_finish(test, t);
}

static void memory_of_hosts(struct kunit *test)
{
	add_hosts(test, 1);
	expect_memory(test, "hosts of one identity", HOSTS_BYTES_MAX);
	add_hosts(test, 1000);
	expect_memory(test, "hosts of 1,000 identities", HOSTS_BYTES_MAX);
	add_hosts(test, HOSTS);
	expect_memory(test, "hosts of as many identities",
		      HOSTS_BYTES_MAX * 3 / 2);
}

static void memory_of_prefixes(struct kunit *test)
{
	identity_add_random(test, AF_INET, 0, MANY);
	expect_memory(test, "random prefixes of IPv4", MANY_BYTES_MAX);
	identity_add_random(test, AF_INET6, 0, MANY);
	expect_memory(test, "random prefixes of IPv6", MANY_BYTES_MAX);
}

/* A prefix around as many others as there may be, which all change with it. */
static void memory_of_as_many_as_there_may_be(struct kunit *test)
{
	struct identity_tables *t = test->priv;
	u32 i;

	identity_begin(t);
	for (i = 0; i < SLUICE_IDENTITY_PREFIXES_MAX - 1; i++)
		KUNIT_ASSERT_EQ(test, identity_new(t, i << 8, 24, i % 100), 0);
	identity_finish(test, t);
	identity_begin(t);
	KUNIT_ASSERT_EQ(test, identity_new(t, 0, 0, 3), 0);
	KUNIT_EXPECT_EQ(test, identity_new(t, 0, 1, 3), -ENOSPC);
	sluice_identity_tx_abort(&t->tx);
	identity_begin(t);
	KUNIT_ASSERT_EQ(test, identity_new(t, 0, 0, 3), 0);
	identity_finish(test, t);
	expect_memory(test, "prefixes, one around all others", 32 << 20);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(memory_of_hosts),
	KUNIT_CASE(memory_of_prefixes),
	KUNIT_CASE(memory_of_as_many_as_there_may_be),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_identity_size",
	.init = identity_suite_init,
	.exit = identity_suite_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
