// SPDX-License-Identifier: GPL-2.0
/*
 * Tuples and their hash.
 */
#include <kunit/test.h>

#include "../tuple.h"
#include "random.h"

static struct sluice_hash_keys keys;

/* Tuple number @i: families and protocols take turns. */
static void make_tuple(struct rnd_state *random, struct sluice_tuple *t, u32 i)
{
	random_tuple(random, t, i & 1 ? AF_INET : AF_INET6,
		     i & 2 ? IPPROTO_TCP : IPPROTO_UDP);
}

static void invert_twice_is_same(struct kunit *test)
{
	struct sluice_tuple tuple, inverse, again;
	struct rnd_state random;
	unsigned int i;

	prandom_seed_state(&random, 1);
	for (i = 0; i < 1000; i++) {
		make_tuple(&random, &tuple, i);
		sluice_tuple_invert(&inverse, &tuple);
		sluice_tuple_invert(&again, &inverse);
		KUNIT_EXPECT_FALSE(test, sluice_tuple_equal(&inverse, &tuple));
		KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&again, &tuple));
		KUNIT_EXPECT_FALSE(test, memcmp(&inverse.src, &tuple.dst, 16));
		KUNIT_EXPECT_FALSE(test, memcmp(&inverse.dst, &tuple.src, 16));
		KUNIT_EXPECT_EQ(test, inverse.sport, tuple.dport);
		KUNIT_EXPECT_EQ(test, inverse.dport, tuple.sport);
		KUNIT_EXPECT_EQ(test, inverse.proto, tuple.proto);
		KUNIT_EXPECT_EQ(test, inverse.family, tuple.family);
	}
}

static void dst_is_where_it_goes(struct kunit *test)
{
	struct sluice_tuple tuple;
	struct sluice_l4addr to;
	struct rnd_state random;

	prandom_seed_state(&random, 2);
	make_tuple(&random, &tuple, 0);
	memset(&to, 0xff, sizeof(to));
	sluice_tuple_dst(&to, &tuple);
	KUNIT_EXPECT_FALSE(test, memcmp(&to.addr, &tuple.dst, 16));
	KUNIT_EXPECT_EQ(test, to.port, tuple.dport);
	KUNIT_EXPECT_EQ(test, to.family, tuple.family);
	KUNIT_EXPECT_EQ(test, to.proto, tuple.proto);
}

/* @bit: of the tuple; those that an IPv4 tuple has always zero do not count. */
static bool bit_counts(const struct sluice_tuple *t, unsigned int bit)
{
	unsigned int at = bit / 8;

	if (at >= offsetof(struct sluice_tuple, zero) ||
	    at == offsetof(struct sluice_tuple, family))
		return false;
	if (t->family != AF_INET || at >= offsetof(struct sluice_tuple, sport))
		return true;
	return at % sizeof(t->src) < sizeof(t->src.ip);
}

static void every_bit_changes_hash(struct kunit *test)
{
	struct sluice_tuple tuple, other;
	struct rnd_state random;
	unsigned int i, bit;

	prandom_seed_state(&random, 3);
	for (i = 0; i < 20; i++) {
		make_tuple(&random, &tuple, i);
		for (bit = 0; bit < sizeof(tuple) * 8; bit++) {
			if (!bit_counts(&tuple, bit))
				continue;
			other = tuple;
			((u8 *)&other)[bit / 8] ^= 1 << bit % 8;
			KUNIT_EXPECT_NE_MSG(test,
					    sluice_tuple_hash(&tuple, &keys),
					    sluice_tuple_hash(&other, &keys),
					    "bit %u", bit);
			KUNIT_EXPECT_FALSE(test, sluice_tuple_equal(&tuple,
								    &other));
		}
	}
}

static void directions_hash_differently(struct kunit *test)
{
	struct sluice_tuple tuple, inverse;
	struct rnd_state random;
	unsigned int i;

	prandom_seed_state(&random, 4);
	for (i = 0; i < 100; i++) {
		make_tuple(&random, &tuple, i);
		sluice_tuple_invert(&inverse, &tuple);
		KUNIT_EXPECT_NE(test, sluice_tuple_hash(&tuple, &keys),
				sluice_tuple_hash(&inverse, &keys));
	}
}

static void seed_changes_hash(struct kunit *test)
{
	struct sluice_hash_keys other;
	struct sluice_tuple tuple;
	struct rnd_state random;
	unsigned int i;

	prandom_seed_state(&random, 5);
	for (i = 0; i < 32; i++) {
		make_tuple(&random, &tuple, i);
		other = keys;
		other.pairs[i / 2 % 2][i % 2] ^= BIT_ULL(40 + i / 2);
		KUNIT_EXPECT_EQ(test, sluice_tuple_hash(&tuple, &keys),
				sluice_tuple_hash(&tuple, &keys));
		KUNIT_EXPECT_NE(test, sluice_tuple_hash(&tuple, &keys),
				sluice_tuple_hash(&tuple, &other));
	}
}

#define BUCKETS	256
#define LOAD	64

/* What one client does: the same addresses, ports in sequence. */
static void ports_in_sequence_spread(struct kunit *test)
{
	static u32 used[BUCKETS];
	struct sluice_tuple tuple;
	struct rnd_state random;
	unsigned int round, i;

	prandom_seed_state(&random, 6);
	for (round = 0; round < 8; round++) {
		make_tuple(&random, &tuple, round);
		memset(used, 0, sizeof(used));
		for (i = 0; i < BUCKETS * LOAD; i++) {
			tuple.sport = htons(i);
			used[sluice_tuple_hash(&tuple, &keys) % BUCKETS]++;
		}
		for (i = 0; i < BUCKETS; i++) {
			KUNIT_EXPECT_GT(test, used[i], LOAD / 3U);
			KUNIT_EXPECT_LT(test, used[i], LOAD * 2U);
		}
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(invert_twice_is_same),
	KUNIT_CASE(dst_is_where_it_goes),
	KUNIT_CASE(every_bit_changes_hash),
	KUNIT_CASE(directions_hash_differently),
	KUNIT_CASE(seed_changes_hash),
	KUNIT_CASE(ports_in_sequence_spread),
	{}
};

/* The same in each run */
static int tuple_test_init(struct kunit *test)
{
	struct rnd_state random;

	prandom_seed_state(&random, 1);
	prandom_bytes_state(&random, &keys, sizeof(keys));
	return 0;
}

static struct kunit_suite suite = {
	.name = "sluice_tuple",
	.init = tuple_test_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
