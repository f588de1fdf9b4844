// SPDX-License-Identifier: GPL-2.0
/*
 * Affinity, against an array that forgets nothing before its time.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>

#include "../affinity.h"
#include "random.h"

#define ENTRIES		1024
#define CLIENTS		300
#define STEPS		20000

/**
 * struct affinity_test - what a case works on
 * @table: table
 * @random: random numbers
 * @backend: number of each client's backend, or 0
 */
struct affinity_test {
	struct sluice_affinity_table table;
	struct rnd_state random;
	u16 backend[CLIENTS];
};

static struct sluice_affinity_key key_of(u32 client)
{
	return (struct sluice_affinity_key) {
		.client.ip = htonl(client), .service.family = AF_INET,
		.service.port = htons(80),
	};
}

static void note(struct affinity_test *t, u32 client, u16 backend, u32 seconds)
{
	struct sluice_l4addr addr = {
		.addr.ip = htonl(backend), .port = htons(backend)
	};
	struct sluice_affinity_key key = key_of(client);

	sluice_affinity_note(&t->table, &key, &addr, seconds);
}

/* Number of the backend, or 0. */
static u16 find(struct affinity_test *t, u32 client)
{
	struct sluice_affinity_key key = key_of(client);
	struct sluice_l4addr addr = {};

	if (!sluice_affinity_find(&t->table, &key, &addr))
		return 0;
	return addr.addr.ip == htonl(ntohs(addr.port)) ? ntohs(addr.port) : 0;
}

static void nothing_without_a_table(struct kunit *test)
{
	struct affinity_test *t = test->priv;

	note(t, 1, 7, 10);
	KUNIT_EXPECT_EQ(test, find(t, 1), 0);
}

/* With the same hash each time: buckets are as full as they were before. */
static void prepare(struct kunit *test, u32 entries)
{
	struct affinity_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, sluice_affinity_prepare(&t->table, entries), 0);
	t->table.seed = 4711;
}

static void prepared_once(struct kunit *test)
{
	struct affinity_test *t = test->priv;

	prepare(test, ENTRIES);
	note(t, 1, 7, 10);
	prepare(test, ENTRIES);
	KUNIT_EXPECT_EQ(test, find(t, 1), 7);
}

/* Every part of the key counts. */
static void keys_are_told_apart(struct kunit *test)
{
	struct affinity_test *t = test->priv;
	struct sluice_affinity_key key = key_of(1);
	struct sluice_l4addr addr;
	u8 *bytes = (u8 *)&key;
	u32 i;

	prepare(test, ENTRIES);
	note(t, 1, 7, 10);
	for (i = 0; i < sizeof(key); i++) {
		bytes[i] ^= 1;
		KUNIT_EXPECT_FALSE(test, sluice_affinity_find(&t->table, &key,
							      &addr));
		bytes[i] ^= 1;
	}
	KUNIT_EXPECT_TRUE(test, sluice_affinity_find(&t->table, &key, &addr));
}

static void forgotten_in_time(struct kunit *test)
{
	struct affinity_test *t = test->priv;

	prepare(test, ENTRIES);
	note(t, 1, 7, 0);
	note(t, 2, 8, 3600);
	KUNIT_EXPECT_EQ(test, find(t, 1), 0);
	KUNIT_EXPECT_EQ(test, find(t, 2), 8);
	note(t, 2, 8, 0);
	KUNIT_EXPECT_EQ(test, find(t, 2), 0);
}

/* One bucket: the one nearest to its end makes room. */
static void full_bucket_forgets_the_oldest(struct kunit *test)
{
	struct affinity_test *t = test->priv;
	u32 i;

	prepare(test, 8);
	for (i = 1; i <= 8; i++)
		note(t, i, i, 1000 + (i * 5) % 8);
	note(t, 9, 9, 1000);
	for (i = 1; i <= 9; i++)
		KUNIT_EXPECT_EQ(test, find(t, i), i == 8 ? 0 : i);
}

/*
 * Far fewer clients than entries: a bucket is full of living ones so rarely
 * that little may be missing, and never is there anything wrong.
 */
static void random_steps(struct kunit *test)
{
	struct affinity_test *t = test->priv;
	u32 step, client, missing = 0;
	u16 found;

	prepare(test, ENTRIES);
	for (step = 0; step < STEPS; step++) {
		client = random_below(&t->random, CLIENTS);
		found = find(t, client);
		if (!found)
			missing += t->backend[client] != 0;
		else
			KUNIT_ASSERT_EQ(test, found, t->backend[client]);
		t->backend[client] = 1 + random_below(&t->random, 1000);
		note(t, client, t->backend[client], 3600);
	}
	KUNIT_EXPECT_LT(test, missing, STEPS / 100U);
}

static int init(struct kunit *test)
{
	struct affinity_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	prandom_seed_state(&t->random, 826);
	sluice_affinity_init(&t->table);
	test->priv = t;
	return 0;
}

static void exit(struct kunit *test)
{
	struct affinity_test *t = test->priv;

	if (t)
		sluice_affinity_fini(&t->table);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(nothing_without_a_table),
	KUNIT_CASE(prepared_once),
	KUNIT_CASE(keys_are_told_apart),
	KUNIT_CASE(forgotten_in_time),
	KUNIT_CASE(full_bucket_forgets_the_oldest),
	KUNIT_CASE(random_steps),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_affinity",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
