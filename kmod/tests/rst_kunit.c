// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that become RSTs, against the RST made from scratch.
 */
#include <kunit/test.h>
#include <linux/in.h>
#include <linux/slab.h>
#include <linux/tcp.h>

#include "../pkt.h"
#include "../rst.h"
#include "packet.h"
#include "random.h"

/**
 * struct rst_row - one kind of segment
 * @family: AF_INET or AF_INET6
 * @extra: with IPv4 options or IPv6 extension headers
 * @fin: the last one
 * @partial: its checksum is left to the device
 * @payload: its length
 * @linear: of its bytes, in the linear area
 */
struct rst_row {
	u8 family;
	bool extra;
	bool fin;
	bool partial;
	unsigned int payload;
	unsigned int linear;
};

struct rst_test {
	struct rnd_state random;
	struct test_packet before;
	struct test_packet after;
	u8 got[TEST_PACKET_MAX];
};

static void make_segment(struct test_packet *p, const struct rst_row *row,
			 const struct sluice_tuple *tuple, unsigned int payload)
{
	test_packet_begin(p, tuple);
	if (row->extra && row->family == AF_INET)
		test_packet_options(p, 8);
	if (row->extra && row->family == AF_INET6)
		test_packet_ext(p, NEXTHDR_DEST, 16);
	test_packet_end(p, payload);
}

static void make_packets(struct rst_test *t, const struct rst_row *row)
{
	struct sluice_tuple tuple;
	struct tcphdr *th;

	random_tuple(&t->random, &tuple, row->family, IPPROTO_TCP);
	make_segment(&t->before, row, &tuple, row->payload);
	th = test_packet_tcp(&t->before);
	th->ack_seq = htonl(987654321);
	th->psh = 1;
	th->fin = row->fin;
	test_packet_checksum(&t->before);

	make_segment(&t->after, row, &tuple, 0);
	th = test_packet_tcp(&t->after);
	if (!row->payload && !row->fin)
		th->seq = htonl(ntohl(th->seq) + 1);
	th->ack_seq = htonl(987654321);
	th->rst = 1;
	th->window = 0;
	test_packet_checksum(&t->after);
}

static struct sk_buff *make_skb(struct test_packet *p,
				const struct rst_row *row)
{
	struct test_split split = { .linear = row->linear };
	struct sk_buff *skb = test_packet_skb(p, &split);

	if (!skb || !row->partial)
		return skb;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb_shinfo(skb)->gso_size = 500;
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(row->payload, 500);
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	return skb;
}

static bool is_right(struct rst_test *t, const struct sk_buff *skb)
{
	return skb->len == t->after.len && skb->ip_summed == CHECKSUM_NONE &&
	       !skb_is_gso(skb) &&
	       !skb_copy_bits(skb, 0, t->got, t->after.len) &&
	       !memcmp(t->got, t->after.bytes, t->after.len);
}

static bool becomes_rst(struct rst_test *t, const struct rst_row *row)
{
	struct sk_buff *skb, *clone;
	struct sluice_pkt pkt;
	bool good;

	make_packets(t, row);
	skb = make_skb(&t->before, row);
	clone = skb ? skb_clone(skb, GFP_KERNEL) : NULL;
	good = clone && sluice_pkt_parse(&pkt, skb, row->family) &&
	       sluice_rst_make(skb, &pkt) && pkt.rst && !pkt.fin &&
	       is_right(t, skb);
	/* Whoever has it, too, still has the segment. */
	good = good && clone->len == t->before.len &&
	       !skb_copy_bits(clone, 0, t->got, t->before.len) &&
	       !memcmp(t->got, t->before.bytes, t->before.len);
	kfree_skb(clone);
	kfree_skb(skb);
	return good;
}

static void segments_become_rsts(struct kunit *test)
{
	static const unsigned int payloads[] = { 0, 1, 700, 3000 };
	static const unsigned int linear[] = { 0, 50, TEST_PACKET_MAX };
	struct rst_row row;
	unsigned int i, j;

	for (i = 0; i < 64; i++) {
		row = (struct rst_row) {
			.family = i & 1 ? AF_INET6 : AF_INET,
			.extra = i & 2, .fin = i & 4, .partial = i & 8,
			.payload = payloads[i >> 4],
		};
		for (j = 0; j < ARRAY_SIZE(linear); j++) {
			row.linear = linear[j];
			KUNIT_EXPECT_TRUE_MSG(test, becomes_rst(test->priv, &row),
					      "kind %u, %u linear", i, linear[j]);
		}
	}
}

static int init(struct kunit *test)
{
	struct rst_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	prandom_seed_state(&t->random, 4711);
	test->priv = t;
	return 0;
}

static struct kunit_case cases[] = {
	KUNIT_CASE(segments_become_rsts),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_rst",
	.init = init,
	.test_cases = cases,
};

kunit_test_suite(suite);
