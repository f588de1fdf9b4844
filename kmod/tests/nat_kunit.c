// SPDX-License-Identifier: GPL-2.0
/*
 * Address translation: what a rewritten packet is, against the packet made
 * from scratch with the other addresses.
 */
#include <kunit/test.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/slab.h>

#include "../nat.h"
#include "packet.h"
#include "random.h"

#define RANDOM_REWRITES	20000

/**
 * struct nat_row - one kind of packet
 * @family: AF_INET or AF_INET6
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 * @ip_summed: state of the checksum
 * @reply: the other direction of an ICMP echo
 * @no_check: UDP without a checksum
 * @extra: with IPv4 options or IPv6 extension headers
 * @payload: its length
 * @split: linear part
 * @cloned: somebody else has the packet too
 */
struct nat_row {
	u8 family;
	u8 proto;
	u8 ip_summed;
	bool reply;
	bool no_check;
	bool extra;
	unsigned int payload;
	struct test_split split;
	bool cloned;
};

/**
 * struct nat_test - what a case works on
 * @random: random numbers
 * @before: packet to rewrite
 * @after: what it must become
 * @got: what it became
 */
struct nat_test {
	struct rnd_state random;
	struct test_packet before;
	struct test_packet after;
	u8 got[TEST_PACKET_MAX];
};

static void make_packet(struct test_packet *p, const struct nat_row *row,
			const struct sluice_tuple *tuple)
{
	test_packet_begin(p, tuple);
	if (row->extra && row->family == AF_INET)
		test_packet_options(p, 20);
	if (row->extra && row->family == AF_INET6) {
		test_packet_ext(p, NEXTHDR_HOP, 8);
		test_packet_ext(p, NEXTHDR_DEST, 24);
	}
	test_packet_end(p, row->payload);
	if (row->no_check)
		*test_packet_check(p) = 0;
}

static void make_tuple(struct nat_test *t, const struct nat_row *row,
		       struct sluice_tuple *tuple)
{
	struct sluice_tuple inverse;

	random_tuple(&t->random, tuple, row->family, row->proto);
	if (!row->reply)
		return;
	sluice_tuple_invert(&inverse, tuple);
	*tuple = inverse;
}

/* A packet with random addresses, and the same one with others. */
static void make_packets(struct nat_test *t, const struct nat_row *row)
{
	struct sluice_tuple tuple;

	make_tuple(t, row, &tuple);
	make_packet(&t->before, row, &tuple);
	make_tuple(t, row, &tuple);
	make_packet(&t->after, row, &tuple);
}

/* The checksum is left to the device: only the pseudo header is in it. */
static void set_partial(struct test_packet *p, struct sk_buff *skb)
{
	skb_set_transport_header(skb, p->l4);
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = p->tuple.proto == IPPROTO_TCP ?
			   offsetof(struct tcphdr, check) :
			   offsetof(struct udphdr, check);
}

static struct sk_buff *make_skb(struct test_packet *p,
				const struct nat_row *row)
{
	struct sk_buff *skb;

	if (row->ip_summed == CHECKSUM_PARTIAL)
		*test_packet_check(p) = (__force __sum16)
			htons(test_fold(test_pseudo_sum(p)));
	skb = test_packet_skb(p, &row->split);
	if (!skb)
		return NULL;

	skb->ip_summed = row->ip_summed;
	if (row->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = (__force __wsum)htons(test_fold(test_sum(p->bytes,
								     p->len)));
	if (row->ip_summed == CHECKSUM_PARTIAL)
		set_partial(p, skb);
	return skb;
}

static bool holds(struct nat_test *t, const struct sk_buff *skb,
		  const struct test_packet *p)
{
	return skb->len == p->len &&
	       !skb_copy_bits(skb, 0, t->got, p->len) &&
	       !memcmp(t->got, p->bytes, p->len);
}

/* Of ones' complement sums 0 and 0xffff are the same number. */
static bool same_sum(u16 a, u16 b)
{
	return a % 0xffff == b % 0xffff;
}

/*
 * Without a checksum in the packet the change of a port goes unnoticed in
 * skb->csum, as everywhere in the kernel: nobody compares it with anything.
 */
static bool sum_is_kept(const struct nat_row *row)
{
	return row->ip_summed == CHECKSUM_COMPLETE && !row->no_check &&
	       row->proto != IPPROTO_SCTP;
}

static bool rewrite(struct sk_buff *skb, const struct sluice_tuple *to)
{
	struct sluice_pkt pkt;

	return sluice_pkt_parse(&pkt, skb, to->family) &&
	       sluice_nat_rewrite(skb, &pkt, to) &&
	       sluice_tuple_equal(&pkt.tuple, to);
}

static void describe(struct kunit *test, const struct nat_row *row)
{
	kunit_err(test,
		  "family %u proto %u ip_summed %u no_check %d extra %d payload %u linear %u cloned %d\n",
		  row->family, row->proto, row->ip_summed, row->no_check,
		  row->extra, row->payload, row->split.linear, row->cloned);
}

/* Whether @skb is what @t->after says, sums included. */
static bool became(struct kunit *test, struct sk_buff *skb,
		   const struct nat_row *row)
{
	struct nat_test *t = test->priv;
	u16 sum = test_fold(test_sum(t->after.bytes, t->after.len));
	bool good = true;

	if (sum_is_kept(row))
		good = same_sum(ntohs((__force __be16)~csum_fold(skb->csum)),
				sum);
	if (row->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		good = false;
	return good && holds(t, skb, &t->after);
}

/* Change @t->before in a way; it must become @t->after. */
static bool expect(struct kunit *test, const struct nat_row *row,
		   bool (*change)(struct kunit *test, struct sk_buff *skb,
				  const struct nat_row *row))
{
	struct nat_test *t = test->priv;
	struct sk_buff *skb, *clone = NULL;
	bool good;

	skb = make_skb(&t->before, row);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	if (row->cloned)
		clone = skb_clone(skb, GFP_KERNEL);

	good = change(test, skb, row);
	if (row->cloned)
		good = good && clone && holds(t, clone, &t->before);
	kfree_skb(clone);
	kfree_skb(skb);

	KUNIT_EXPECT_TRUE(test, good);
	if (!good)
		describe(test, row);
	return good;
}

static bool is_rewritten(struct kunit *test, struct sk_buff *skb,
			 const struct nat_row *row)
{
	struct nat_test *t = test->priv;

	return rewrite(skb, &t->after.tuple) && became(test, skb, row);
}

static bool expect_rewrite(struct kunit *test, const struct nat_row *row)
{
	return expect(test, row, is_rewritten);
}

/* One hop less, in the packet that is made from scratch. */
static void count_down(struct test_packet *p)
{
	struct ipv6hdr *ip6h = (void *)p->bytes;
	struct iphdr *iph = (void *)p->bytes;

	if (p->tuple.family == AF_INET6) {
		ip6h->hop_limit--;
		return;
	}
	iph->ttl--;
	iph->check = 0;
	iph->check = (__force __sum16)
		htons(~test_fold(test_sum(p->bytes, iph->ihl * 4)));
}

static __be16 ethertype_of(const struct test_packet *p)
{
	return p->tuple.family == AF_INET ? htons(ETH_P_IP) :
					    htons(ETH_P_IPV6);
}

/* A direction of a flow, from @t->before to @t->after */
static struct sluice_flow_node *make_node(struct kunit *test)
{
	struct sluice_flow_node *node;
	struct nat_test *t = test->priv;
	struct sluice_flow *flow;

	flow = kunit_kzalloc(test, sizeof(*flow), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, flow);
	node = &flow->nodes[SLUICE_DIR_REPLY];
	node->dir = SLUICE_DIR_REPLY;
	node->tuple = t->before.tuple;
	sluice_tuple_invert(&flow->nodes[SLUICE_DIR_ORIG].tuple,
			    &t->after.tuple);
	sluice_nat_prepare(flow, SLUICE_DIR_REPLY);
	return node;
}

static bool forward(struct kunit *test, struct sk_buff *skb)
{
	struct sluice_flow_node *node = make_node(test);
	struct nat_test *t = test->priv;
	struct sluice_pkt pkt;

	skb->protocol = ethertype_of(&t->before);
	return !sluice_pkt_parse_plain(&pkt, skb) &&
	       sluice_tuple_equal(&pkt.tuple, &t->before.tuple) &&
	       sluice_nat_forward(skb, &pkt, node);
}

static bool is_forwarded(struct kunit *test, struct sk_buff *skb,
			 const struct nat_row *row)
{
	struct nat_test *t = test->priv;

	return forward(test, skb) &&
	       (row->ip_summed != CHECKSUM_PARTIAL || !skb_checksum_help(skb)) &&
	       skb->ip_summed != CHECKSUM_COMPLETE && holds(t, skb, &t->after);
}

static bool expect_forward(struct kunit *test, const struct nat_row *row)
{
	struct nat_test *t = test->priv;

	count_down(&t->after);
	return expect(test, row, is_forwarded);
}

static u16 sum_in(const __sum16 *check)
{
	return ntohs((__force __be16)*check);
}

/* What a device would add to is as good in both forms of zero. */
static void make_same_zero(struct nat_test *t)
{
	__sum16 *check = test_packet_check(&t->before);
	__sum16 *expected = test_packet_check(&t->after);

	*expected = (__force __sum16)htons(test_fold(test_pseudo_sum(&t->after)));
	if (same_sum(sum_in(check), sum_in(expected)))
		*check = *expected;
}

/* In place, as a program shows it */
static bool expect_frame_forward(struct kunit *test, const struct nat_row *row)
{
	struct sluice_flow_node *node = make_node(test);
	struct nat_test *t = test->priv;
	struct sluice_frame frame = {
		.data = t->before.bytes, .linear = t->before.len,
		.len = t->before.len, .protocol = ethertype_of(&t->before),
		.partial = row->ip_summed == CHECKSUM_PARTIAL,
	};
	struct sluice_pkt pkt;
	bool good;

	good = !sluice_pkt_parse_frame(&pkt, &frame);
	if (good)
		sluice_nat_forward_frame(&frame, &pkt, node);
	if (frame.partial)
		make_same_zero(t);
	good = good && !memcmp(t->before.bytes, t->after.bytes, t->after.len);
	KUNIT_EXPECT_TRUE(test, good);
	if (!good)
		describe(test, row);
	return good;
}

/* The bits of @i choose what kind of packet it is; false if there is none. */
static bool make_row(struct nat_row *row, unsigned int i)
{
	static const unsigned int linear[] = { TEST_PACKET_MAX, 0, 33, 62 };

	*row = (struct nat_row) {
		.family = i & 1 ? AF_INET6 : AF_INET,
		.proto = i & 2 ? IPPROTO_UDP : IPPROTO_TCP,
		.ip_summed = i >> 2 & 3,
		.no_check = i & 16,
		.extra = i & 32,
		.cloned = i & 64,
		.split.linear = linear[i >> 7 & 3],
		.payload = i >> 9 & 3,
	};
	return !row->no_check || (row->proto == IPPROTO_UDP &&
				  row->ip_summed != CHECKSUM_PARTIAL);
}

#define ROWS	BIT(11)

static bool is_for_many(const struct sluice_tuple *t)
{
	return t->family == AF_INET ? ipv4_is_multicast(t->dst.ip) :
				      ipv6_addr_is_multicast(&t->dst.in6);
}

/* As the fast path does it: by sums made before, against the same oracle */
static void plain_packets_are_forwarded(struct kunit *test)
{
	struct nat_test *t = test->priv;
	struct nat_row row;
	unsigned int i;

	for (i = 0; i < 4 * ROWS; i++) {
		if (!make_row(&row, i % ROWS) || row.extra)
			continue;
		make_packets(test->priv, &row);
		if (!is_for_many(&t->before.tuple) &&
		    (!expect_forward(test, &row) ||
		     !expect_frame_forward(test, &row)))
			return;
	}
}

static void all_kinds(struct kunit *test)
{
	struct nat_row row;
	unsigned int i;

	for (i = 0; i < ROWS; i++) {
		if (!make_row(&row, i))
			continue;
		make_packets(test->priv, &row);
		if (!expect_rewrite(test, &row))
			break;
	}
}

static void random_rewrites(struct kunit *test)
{
	struct nat_test *t = test->priv;
	struct nat_row row;
	unsigned int i;

	for (i = 0; i < RANDOM_REWRITES; i++) {
		if (!make_row(&row, random_below(&t->random, ROWS)))
			continue;
		row.payload = random_below(&t->random, 1500);
		row.split.linear = random_below(&t->random, 1500);
		make_packets(t, &row);
		if (!expect_rewrite(test, &row))
			break;
	}
}

static void change_field(struct sluice_tuple *t,
			 const struct sluice_tuple *from, unsigned int field)
{
	switch (field) {
	case 0:
		t->src = from->src;
		break;
	case 1:
		t->dst = from->dst;
		break;
	case 2:
		t->sport = from->sport;
		break;
	case 3:
		t->dport = from->dport;
		break;
	}
}

/* Only one of the four fields changes. */
static void single_fields(struct kunit *test)
{
	struct nat_test *t = test->priv;
	struct sluice_tuple tuple, other;
	struct nat_row row;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		make_row(&row, i & 15);
		row.payload = 7;
		random_tuple(&t->random, &tuple, row.family, row.proto);
		make_packet(&t->before, &row, &tuple);
		random_tuple(&t->random, &other, row.family, row.proto);
		change_field(&tuple, &other, i >> 4);
		make_packet(&t->after, &row, &tuple);
		expect_rewrite(test, &row);
	}
}

/* Give a packet the payload with which its checksum is computed as zero. */
static void make_sum_zero(struct test_packet *p, struct test_packet *other)
{
	__sum16 check = *test_packet_check(p);

	memcpy(p->bytes + p->l4 + 8, &check, sizeof(check));
	memcpy(other->bytes + p->l4 + 8, &check, sizeof(check));
	test_packet_checksum(p);
	test_packet_checksum(other);
}

/* UDP says 0xffff where zero comes out, zero means that there is none. */
static void udp_sum_of_zero(struct kunit *test)
{
	struct nat_test *t = test->priv;
	struct test_packet *zero;
	struct nat_row row;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		make_row(&row, i & 15);
		row.proto = IPPROTO_UDP;
		row.payload = 64;
		make_packets(t, &row);
		memset(t->before.bytes + t->before.l4 + 8, 0, 2);
		memset(t->after.bytes + t->after.l4 + 8, 0, 2);
		test_packet_checksum(&t->before);
		test_packet_checksum(&t->after);
		zero = i & 16 ? &t->before : &t->after;
		make_sum_zero(zero, i & 16 ? &t->after : &t->before);
		KUNIT_ASSERT_EQ(test, (__force u16)*test_packet_check(zero),
				0xffff);
		expect_rewrite(test, &row);
	}
}

/* Zero with valid contents; an error shows in it. */
static u16 verify(const struct test_packet *p)
{
	return ~test_fold(test_pseudo_sum(p) +
			  test_sum(p->bytes + p->l4, p->len - p->l4));
}

static void wrong_sum_stays_wrong(struct kunit *test)
{
	struct nat_test *t = test->priv;
	struct nat_row row;
	struct sk_buff *skb;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		make_row(&row, i & 3);
		row.payload = 20 + i;
		row.split.linear = 100;
		make_packets(t, &row);
		t->before.bytes[t->before.len - 1 - i] ^= 0x40;
		skb = make_skb(&t->before, &row);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_TRUE(test, rewrite(skb, &t->after.tuple));
		skb_copy_bits(skb, 0, t->after.bytes, t->after.len);
		kfree_skb(skb);
		KUNIT_EXPECT_NE(test, verify(&t->after), 0);
		KUNIT_EXPECT_EQ(test, verify(&t->after), verify(&t->before));
	}
}

/* Nothing to change: not even a copy is made of what a clone shares. */
static void same_tuple_changes_nothing(struct kunit *test)
{
	struct nat_test *t = test->priv;
	struct sk_buff *skb, *clone;
	struct nat_row row;
	unsigned int i;

	for (i = 0; i < ROWS; i++) {
		if (!make_row(&row, i))
			continue;
		make_packets(t, &row);
		skb = make_skb(&t->before, &row);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		clone = skb_clone(skb, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, clone);
		KUNIT_EXPECT_TRUE(test, rewrite(skb, &t->before.tuple));
		KUNIT_EXPECT_TRUE(test, holds(t, skb, &t->before));
		KUNIT_EXPECT_PTR_EQ(test, skb->head, clone->head);
		KUNIT_EXPECT_EQ(test, skb_headlen(skb), skb_headlen(clone));
		kfree_skb(clone);
		kfree_skb(skb);
	}
}

static void large_packets_stay_large(struct kunit *test)
{
	struct nat_test *t = test->priv;
	struct nat_row row;
	struct sk_buff *skb;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		make_row(&row, i);
		row.ip_summed = CHECKSUM_PARTIAL;
		row.payload = 3000;
		row.split.linear = 128;
		make_packets(t, &row);
		skb = make_skb(&t->before, &row);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		skb_shinfo(skb)->gso_size = 1000;
		skb_shinfo(skb)->gso_segs = 3;
		skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
		KUNIT_EXPECT_TRUE(test, rewrite(skb, &t->after.tuple));
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size, 1000);
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_segs, 3);
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_type,
				(unsigned int)SKB_GSO_TCPV4);
		skb_gso_reset(skb);
		KUNIT_EXPECT_TRUE(test, became(test, skb, &row));
		kfree_skb(skb);
	}
}

/* Headers that cannot be made writable: the packet is as it was. */
static void not_writable(struct kunit *test)
{
	struct nat_test *t = test->priv;
	struct nat_row row;
	struct sluice_pkt pkt;
	struct sk_buff *skb;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		make_row(&row, i);
		make_packets(t, &row);
		skb = make_skb(&t->before, &row);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_TRUE(test, sluice_pkt_parse(&pkt, skb, row.family));
		t->before.len--;
		skb_trim(skb, t->before.len);
		KUNIT_EXPECT_FALSE(test, sluice_nat_rewrite(skb, &pkt,
							    &t->after.tuple));
		KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&pkt.tuple,
							   &t->before.tuple));
		KUNIT_EXPECT_TRUE(test, holds(t, skb, &t->before));
		kfree_skb(skb);
	}
}

/* A tunnel without a checksum of its own carries one for the device to do. */
static void inner_sum_is_left_to_the_device(struct kunit *test)
{
	struct nat_row row = { .family = AF_INET, .proto = IPPROTO_UDP,
			       .no_check = true, .payload = 100 };
	struct nat_test *t = test->priv;
	struct sk_buff *skb;

	make_packets(t, &row);
	row.split.linear = TEST_PACKET_MAX;
	skb = make_skb(&t->before, &row);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb->ip_summed = CHECKSUM_PARTIAL;
	KUNIT_EXPECT_TRUE(test, rewrite(skb, &t->after.tuple));
	KUNIT_EXPECT_TRUE(test, holds(t, skb, &t->after));
	kfree_skb(skb);
}

static void make_sctp_row(struct nat_test *t, struct nat_row *row)
{
	make_row(row, random_below(&t->random, ROWS) & ~(4 | 16));
	row->proto = IPPROTO_SCTP;
	row->payload = 4 + random_below(&t->random, 1000);
	row->split.linear = random_below(&t->random, 1000);
	row->ip_summed = random_one_in(&t->random, 2) ? CHECKSUM_NONE :
							CHECKSUM_COMPLETE;
}

static void sctp_as_made_from_scratch(struct kunit *test)
{
	struct nat_test *t = test->priv;
	struct nat_row row;
	unsigned int i;

	for (i = 0; i < RANDOM_REWRITES / 10; i++) {
		make_sctp_row(t, &row);
		make_packets(t, &row);
		if (!expect_rewrite(test, &row))
			break;
	}
}

static void echo_as_made_from_scratch(struct kunit *test)
{
	struct nat_test *t = test->priv;
	struct nat_row row;
	unsigned int i;

	for (i = 0; i < RANDOM_REWRITES / 10; i++) {
		make_sctp_row(t, &row);
		row.proto = row.family == AF_INET ? IPPROTO_ICMP :
						    IPPROTO_ICMPV6;
		row.reply = random_one_in(&t->random, 2);
		make_packets(t, &row);
		if (!expect_rewrite(test, &row))
			break;
	}
}

/* A damaged packet must not come out with the right CRC. */
static void sctp_wrong_crc_stays(struct kunit *test)
{
	struct nat_test *t = test->priv;
	struct nat_row row;
	unsigned int i;

	for (i = 0; i < 100; i++) {
		make_sctp_row(t, &row);
		make_packets(t, &row);
		t->before.bytes[t->before.len - 1] ^= 1;
		t->after.bytes[t->after.len - 1] ^= 1;
		test_packet_sctp(&t->after)->checksum =
			test_packet_sctp(&t->before)->checksum;
		if (!expect_rewrite(test, &row))
			break;
	}
}

/* The device computes it, over what is there when the packet leaves. */
static void sctp_crc_is_left_to_the_device(struct kunit *test)
{
	struct nat_test *t = test->priv;
	struct nat_row row;
	struct sk_buff *skb;

	make_sctp_row(t, &row);
	make_packets(t, &row);
	row.ip_summed = CHECKSUM_NONE;
	skb = make_skb(&t->before, &row);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb->ip_summed = CHECKSUM_PARTIAL;
	test_packet_sctp(&t->after)->checksum =
		test_packet_sctp(&t->before)->checksum;
	KUNIT_EXPECT_TRUE(test, rewrite(skb, &t->after.tuple));
	KUNIT_EXPECT_TRUE(test, skb->ip_summed == CHECKSUM_PARTIAL);
	KUNIT_EXPECT_TRUE(test, holds(t, skb, &t->after));
	kfree_skb(skb);
}

static int init(struct kunit *test)
{
	struct nat_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	prandom_seed_state(&t->random, 1071);
	test->priv = t;
	return 0;
}

static struct kunit_case cases[] = {
	KUNIT_CASE(all_kinds),
	KUNIT_CASE(plain_packets_are_forwarded),
	KUNIT_CASE(single_fields),
	KUNIT_CASE(udp_sum_of_zero),
	KUNIT_CASE(wrong_sum_stays_wrong),
	KUNIT_CASE(same_tuple_changes_nothing),
	KUNIT_CASE(large_packets_stay_large),
	KUNIT_CASE(not_writable),
	KUNIT_CASE(random_rewrites),
	KUNIT_CASE(inner_sum_is_left_to_the_device),
	KUNIT_CASE(sctp_as_made_from_scratch),
	KUNIT_CASE(echo_as_made_from_scratch),
	KUNIT_CASE(sctp_wrong_crc_stays),
	KUNIT_CASE(sctp_crc_is_left_to_the_device),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_nat",
	.init = init,
	.test_cases = cases,
};

kunit_test_suite(suite);
