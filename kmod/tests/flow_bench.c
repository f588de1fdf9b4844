// SPDX-License-Identifier: GPL-2.0
/*
 * How long the stages of the fast path take, among how many flows. It judges
 * nothing; scripts/kunit.sh --bench prints the figures.
 */
#include <linux/ip.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "../nat.h"
#include "../pkt.h"
#include "packet.h"
#include "tables.h"

#define MOST		1000000
#define ROUNDS		5
#define OPERATIONS	1000000
#define HEADERS		(sizeof(struct iphdr) + sizeof(struct udphdr))

/**
 * struct flow_bench - what is measured with
 * @sn: its flows
 * @count: how many there are
 * @node: of the one that packets are rewritten by
 * @packet: one of it
 * @skb: the same
 */
struct flow_bench {
	struct sluice_net sn;
	u32 count;
	struct sluice_flow_node *node;
	struct test_packet packet;
	struct sk_buff *skb;
};

/* Far apart: whoever is next is not in a cache by chance. */
static u32 next(u32 *state, u32 count)
{
	*state = *state * 1664525 + 1013904223;
	return (u64)*state * count >> 32;
}

static struct sluice_tuple client(u32 number)
{
	return test_tuple(2 * number, IPPROTO_UDP);
}

static void add_flows(struct kunit *test, u32 count)
{
	struct flow_bench *b = test->priv;

	for (; b->count < count; b->count++) {
		test_flow_add(test, &b->sn, NULL, 2 * b->count,
			      2 * (b->count + MOST), IPPROTO_UDP);
		cond_resched();
	}
}

static bool choose(struct flow_bench *b, u32 *state)
{
	struct sluice_tuple tuple = client(next(state, b->count));

	barrier_data(&tuple);
	return true;
}

static bool look_up(struct flow_bench *b, u32 *state)
{
	struct sluice_tuple tuple = client(next(state, b->count));

	return sluice_flow_lookup(&b->sn.flows, &tuple, SLUICE_DOOR_ENTRY);
}

/* As if it had just come in */
static bool restore(struct flow_bench *b, u32 *state)
{
	memcpy(b->skb->data, b->packet.bytes, HEADERS);
	barrier_data(b->skb->data);
	return true;
}

static bool parse(struct flow_bench *b, u32 *state)
{
	struct sluice_pkt pkt __uninitialized;

	return restore(b, state) && !sluice_pkt_parse_plain(&pkt, b->skb);
}

static bool parse_and_rewrite(struct flow_bench *b, u32 *state)
{
	struct sluice_pkt pkt __uninitialized;

	return restore(b, state) && !sluice_pkt_parse_plain(&pkt, b->skb) &&
	       sluice_nat_forward(b->skb, &pkt, b->node);
}

static u64 time_of(struct kunit *test,
		   bool (*stage)(struct flow_bench *b, u32 *state))
{
	u32 state = 4711, good = 0, i;
	ktime_t start = ktime_get();

	rcu_read_lock();
	for (i = 0; i < OPERATIONS; i++)
		good += stage(test->priv, &state);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, good, OPERATIONS);
	return ktime_to_ns(ktime_sub(ktime_get(), start));
}

/* The shortest of some rounds, in tenths of a nanosecond */
static u64 tenths(struct kunit *test,
		  bool (*stage)(struct flow_bench *b, u32 *state))
{
	u64 best = U64_MAX;
	int i;

	for (i = 0; i < ROUNDS; i++)
		best = min(best, time_of(test, stage));
	return best / (OPERATIONS / 10);
}

static void print(struct kunit *test, const char *stage, u32 flows, u64 tenths)
{
	kunit_info(test, "figure %s %u %llu.%llu\n", stage, flows, tenths / 10,
		   tenths % 10);
}

static void look_ups(struct kunit *test)
{
	static const u32 counts[] = { 1, 10, 100, 1000, 10000, 100000, MOST };
	struct flow_bench *b = test->priv;
	u64 with, without;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		add_flows(test, counts[i]);
		without = tenths(test, choose);
		with = tenths(test, look_up);
		print(test, "lookup", b->count, with - min(with, without));
	}
}

static void make_packet(struct kunit *test)
{
	static const struct test_split whole = { .linear = TEST_PACKET_MAX };
	struct sluice_tuple tuple = client(0);
	struct flow_bench *b = test->priv;

	add_flows(test, 1);
	b->node = &test_flow_find(&b->sn, 0, IPPROTO_UDP)->nodes[SLUICE_DIR_ORIG];
	sluice_nat_prepare(sluice_flow_of(b->node), SLUICE_DIR_ORIG);
	test_packet_begin(&b->packet, &tuple);
	test_packet_end(&b->packet, 64);
	b->skb = test_packet_skb(&b->packet, &whole);
	KUNIT_ASSERT_NOT_NULL(test, b->skb);
	b->skb->protocol = htons(ETH_P_IP);
}

static void other_stages(struct kunit *test)
{
	u64 restored, parsed, rewritten;

	make_packet(test);
	restored = tenths(test, restore);
	parsed = tenths(test, parse);
	rewritten = tenths(test, parse_and_rewrite);
	print(test, "parse", 1, parsed - min(parsed, restored));
	print(test, "rewrite", 1, rewritten - min(rewritten, parsed));
}

static int init(struct kunit *test)
{
	struct flow_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	int err;

	if (!b)
		return -ENOMEM;
	test->priv = b;
	err = test_tables_init(&b->sn);
	if (err)
		return err;
	b->sn.settings.limit = 2 * MOST;
	return test_tables_init_flows(&b->sn, roundup_pow_of_two(MOST / 2));
}

static void exit(struct kunit *test)
{
	struct flow_bench *b = test->priv;

	kfree_skb(b->skb);
	test_tables_fini(&b->sn);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(look_ups),
	KUNIT_CASE(other_stages),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_flow_bench",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
