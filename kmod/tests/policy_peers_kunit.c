// SPDX-License-Identifier: GPL-2.0
/*
 * The table of the peers that a subject's rules name, against an array.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "../alloc.h"
#include "../policy_peers.h"
#include "random.h"

#define PEERS	10000
#define STEPS	100000

/**
 * struct peers_test - what a case works on
 * @random: random numbers
 * @lock: the configuration lock
 * @side: has the table
 * @peers: the peers, whether they are in the table or not
 * @in: whether they are
 */
struct peers_test {
	struct rnd_state random;
	struct mutex lock;
	struct sluice_policy_side side;
	struct sluice_policy_peer peers[PEERS];
	bool in[PEERS];
};

/* Numbers follow each other, as they are given out, or anything else. */
static void number_peers(struct peers_test *p, bool in_order)
{
	u32 i;

	for (i = 0; i < PEERS; i++) {
		p->peers[i].side = &p->side;
		p->peers[i].number = in_order ? 1000 + i : 0x9e3779b1 * i;
	}
}

static void add(struct kunit *test, u32 i)
{
	struct peers_test *p = test->priv;

	KUNIT_ASSERT_EQ(test, sluice_policy_peers_add(&p->side, &p->peers[i],
						      &p->lock), 0);
	p->in[i] = true;
}

static void del(struct peers_test *p, u32 i)
{
	sluice_policy_peers_del(&p->peers[i], &p->lock);
	p->in[i] = false;
}

static void expect_peer(struct kunit *test, u32 i)
{
	struct peers_test *p = test->priv;
	struct sluice_policy_peer *found;

	rcu_read_lock();
	found = sluice_policy_peers_find(&p->side, p->peers[i].number);
	rcu_read_unlock();
	KUNIT_EXPECT_PTR_EQ(test, found, p->in[i] ? &p->peers[i] : NULL);
}

/* How far behind its hash a number is, used slots between. */
static u32 distance(struct peers_test *p, u32 number)
{
	struct sluice_policy_peers *peers = sluice_policy_peers_of(&p->side,
								   &p->lock);

	return (sluice_policy_peers_slot(peers, number) -
		(__hash_32(number) >> peers->shift)) & peers->mask;
}

static void expect_size(struct kunit *test, u32 live)
{
	struct peers_test *p = test->priv;
	struct sluice_policy_peers *peers = sluice_policy_peers_of(&p->side,
								   &p->lock);

	KUNIT_EXPECT_EQ(test, peers->live, live);
	KUNIT_EXPECT_LE(test, 2 * peers->used, peers->mask + 1);
}

static void flip(struct kunit *test, u32 i)
{
	struct peers_test *p = test->priv;

	expect_peer(test, i);
	if (p->in[i])
		del(p, i);
	else
		add(test, i);
	expect_peer(test, i);
}

static void as_an_array(struct kunit *test, bool in_order)
{
	struct peers_test *p = test->priv;
	u32 live = 0, far = 0, step, i;

	mutex_lock(&p->lock);
	number_peers(p, in_order);
	for (step = 0; step < STEPS; step++) {
		i = random_below(&p->random, PEERS);
		flip(test, i);
		live += p->in[i] ? 1 : -1;
		far += distance(p, random_below(&p->random, 2 * PEERS));
	}
	for (i = 0; i < PEERS; i++)
		expect_peer(test, i);
	expect_size(test, live);
	KUNIT_EXPECT_LT(test, far, 2 * STEPS);
	kunit_info(test, "%u peers, %u slots, %u.%02u steps", live,
		   sluice_policy_peers_of(&p->side, &p->lock)->mask + 1,
		   far / STEPS, far % STEPS * 100 / STEPS);
	mutex_unlock(&p->lock);
}

static void numbers_in_order(struct kunit *test)
{
	as_an_array(test, true);
}

static void any_numbers(struct kunit *test)
{
	as_an_array(test, false);
}

/* One goes, another comes: slots left behind do not fill the table. */
static void stays_small(struct kunit *test)
{
	struct peers_test *p = test->priv;
	u32 i;

	mutex_lock(&p->lock);
	number_peers(p, true);
	for (i = 0; i < PEERS; i++) {
		add(test, i);
		expect_peer(test, i);
		if (i)
			del(p, i - 1);
	}
	expect_size(test, 1);
	KUNIT_EXPECT_LT(test, sluice_policy_peers_of(&p->side, &p->lock)->mask,
			8U);
	mutex_unlock(&p->lock);
}

/* The old table stays as it was. */
static void no_memory(struct kunit *test)
{
	struct peers_test *p = test->priv;
	u32 i;

	mutex_lock(&p->lock);
	number_peers(p, true);
	for (i = 0; i < 100; i++) {
		sluice_alloc_fail_at = 1;
		if (sluice_policy_peers_add(&p->side, &p->peers[i], &p->lock)) {
			expect_peer(test, i);
			sluice_alloc_fail_at = 0;
			add(test, i);
		} else {
			p->in[i] = true;
		}
		expect_peer(test, i / 2);
	}
	sluice_alloc_fail_at = 0;
	expect_size(test, 100);
	mutex_unlock(&p->lock);
}

static int init(struct kunit *test)
{
	struct peers_test *p = kvzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	mutex_init(&p->lock);
	prandom_seed_state(&p->random, 911);
	test->priv = p;
	return 0;
}

static void exit(struct kunit *test)
{
	struct peers_test *p = test->priv;

	sluice_alloc_fail_at = 0;
	kvfree(rcu_access_pointer(p->side.peers));
	kvfree(p);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(numbers_in_order),
	KUNIT_CASE(any_numbers),
	KUNIT_CASE(stays_small),
	KUNIT_CASE(no_memory),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_policy_peers",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
