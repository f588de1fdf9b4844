// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to look identities up: no more where there are many.
 */
#include "identity_tables.h"
#include "prefixes.h"
#include "random.h"
#include "steps.h"

#define FEW		10
#define HOSTS		100000
#define PREFIXES	10000
#define LOOKUPS		1000

/* Of one look-up */
static u64 cost_of(struct kunit *test, u8 family,
		   const union nf_inet_addr *addr)
{
	struct identity_tables *t = test->priv;
	struct sluice_identities found;

	steps_begin();
	sluice_identity_find(&t->table, family, addr, t->revision, &found);
	return steps_end();
}

/* Of one on average, of any address */
static u64 cost_of_any(struct kunit *test, u8 family)
{
	union nf_inet_addr addr = {};
	struct rnd_state random;
	u64 steps = 0;
	u32 i;

	prandom_seed_state(&random, 1848);
	rcu_read_lock();
	for (i = 0; i < LOOKUPS; i++) {
		prandom_bytes_state(&random, &addr, bits_of(family) / 8);
		steps += cost_of(test, family, &addr);
	}
	rcu_read_unlock();
	return div_u64(steps, LOOKUPS);
}

/* The same of hosts that are there */
static u64 cost_of_hosts(struct kunit *test, u32 count)
{
	union nf_inet_addr addr = {};
	u64 steps = 0;
	u32 i;

	rcu_read_lock();
	for (i = 0; i < LOOKUPS; i++) {
		addr.ip = htonl(0x0a000000 + i * 97 % count);
		steps += cost_of(test, AF_INET, &addr);
	}
	rcu_read_unlock();
	return div_u64(steps, LOOKUPS);
}

static void add_hosts(struct kunit *test, u32 from, u32 to)
{
	struct identity_tables *t = test->priv;
	u32 i;

	identity_begin(t);
	for (i = from; i < to; i++)
		KUNIT_ASSERT_EQ(test, identity_new(t, 0x0a000000 + i, 32,
						   i % 1000), 0);
	identity_finish(test, t);
	flush_work(&t->table.hosts.run_work);
}

static void hosts(struct kunit *test)
{
	u64 few, many;

	if (!STEPS_ARE_COUNTED)
		kunit_skip(test, "the kernel has CONFIG_KCOV");
	add_hosts(test, 0, FEW);
	few = cost_of_hosts(test, FEW);
	add_hosts(test, FEW, HOSTS);
	many = cost_of_hosts(test, HOSTS);
	kunit_info(test, "%llu steps of %u hosts, %llu of %u\n", few, FEW, many,
		   HOSTS);
	KUNIT_EXPECT_GT(test, few, 0ULL);
	KUNIT_EXPECT_LE(test, many, few + few / 4);
}

/*
 * A path down the tree is as long as an address at most: six bits a node, of which a
 * thousand times as many prefixes are two more. A list would take a thousand times the
 * steps.
 */
static void check_prefixes(struct kunit *test, u8 family)
{
	u64 few, many;

	if (!STEPS_ARE_COUNTED)
		kunit_skip(test, "the kernel has CONFIG_KCOV");
	identity_add_random(test, family, 0, FEW);
	few = cost_of_any(test, family);
	identity_add_random(test, family, FEW, PREFIXES);
	many = cost_of_any(test, family);
	kunit_info(test, "%llu steps of %u prefixes, %llu of %u\n", few, FEW,
		   many, PREFIXES);
	KUNIT_EXPECT_GT(test, few, 0ULL);
	KUNIT_EXPECT_LE(test, many, 3 * few);
}

static void prefixes_ipv4(struct kunit *test)
{
	check_prefixes(test, AF_INET);
}

static void prefixes_ipv6(struct kunit *test)
{
	check_prefixes(test, AF_INET6);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(hosts),
	KUNIT_CASE(prefixes_ipv4),
	KUNIT_CASE(prefixes_ipv6),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_identity_cost",
	.init = identity_suite_init,
	.exit = identity_suite_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
