// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors: what a rewritten one is, against the one made from scratch
 * about the other flow.
 */
#include <kunit/test.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/slab.h>
#include <net/ip.h>

#include "../icmp.h"
#include "packet.h"
#include "random.h"

#define RANDOM_REWRITES	20000
#define PAYLOAD		40
#define IDENTIFIER	0xabcd

/**
 * struct icmp_row - one kind of error
 * @family: AF_INET or AF_INET6
 * @proto: of the quoted packet
 * @type: of the error
 * @quoted_l4: bytes quoted from the transport header on
 * @reply: an echo reply is quoted
 * @from_router: sent by somebody who is not in the flow
 * @no_check: the quoted packet has no checksum
 * @linear: bytes in the linear part of the skb
 */
struct icmp_row {
	u8 family;
	u8 proto;
	u8 type;
	unsigned int quoted_l4;
	bool reply;
	bool from_router;
	bool no_check;
	unsigned int linear;
};

/**
 * struct icmp_test - what a case works on
 * @random: random numbers
 * @router: address of a router
 * @quoted: packet that the error is about
 * @before: error to rewrite
 * @after: what it must become
 * @got: what it became
 */
struct icmp_test {
	struct rnd_state random;
	struct sluice_tuple router;
	struct test_packet quoted;
	struct test_packet before;
	struct test_packet after;
	u8 got[TEST_PACKET_MAX];
};

/* An error that goes in the direction of @tuple, about a packet against it. */
static void make_error(struct icmp_test *t, struct test_packet *p,
		       const struct icmp_row *row,
		       const struct sluice_tuple *tuple)
{
	struct sluice_tuple outer = *tuple, quoted;

	sluice_tuple_invert(&quoted, tuple);
	test_packet_begin(&t->quoted, &quoted);
	test_packet_end(&t->quoted, PAYLOAD);
	if (row->no_check)
		*test_packet_check(&t->quoted) = 0;

	outer.proto = row->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	if (row->from_router)
		outer.src = t->router.src;
	test_packet_begin(p, &outer);
	test_packet_icmp(p, row->type, &t->quoted,
			 t->quoted.l4 + row->quoted_l4);
}

/* What is quoted goes the other way. */
static void make_tuple(struct icmp_test *t, const struct icmp_row *row,
		       struct sluice_tuple *tuple)
{
	struct sluice_tuple quoted;

	random_tuple(&t->random, &quoted, row->family, row->proto);
	if (row->reply)
		*tuple = quoted;
	else
		sluice_tuple_invert(tuple, &quoted);
}

/* About a random flow, and about another one; the latter's tuple. */
static struct sluice_tuple make_errors(struct icmp_test *t,
				       const struct icmp_row *row)
{
	struct sluice_tuple tuple;

	random_tuple(&t->random, &t->router, row->family, row->proto);
	make_tuple(t, row, &tuple);
	make_error(t, &t->before, row, &tuple);
	make_tuple(t, row, &tuple);
	make_error(t, &t->after, row, &tuple);
	return tuple;
}

static struct sk_buff *make_skb(struct icmp_test *t, const struct icmp_row *row)
{
	struct test_split split = { .linear = row->linear ?: TEST_PACKET_MAX };

	return test_packet_skb(&t->before, &split);
}

static bool rewrite(struct sk_buff *skb, const struct sluice_tuple *to)
{
	struct sluice_pkt pkt;

	return sluice_pkt_parse(&pkt, skb, to->family) && pkt.icmp_error &&
	       sluice_icmp_is_intact(skb, &pkt) &&
	       sluice_icmp_rewrite(skb, &pkt, to) &&
	       sluice_tuple_equal(&pkt.tuple, to);
}

static bool holds(struct icmp_test *t, const struct sk_buff *skb,
		  const struct test_packet *p)
{
	return skb->len == p->len &&
	       !skb_copy_bits(skb, 0, t->got, p->len) &&
	       !memcmp(t->got, p->bytes, p->len);
}

static void expect_rewritten(struct kunit *test, const struct icmp_row *row)
{
	struct icmp_test *t = test->priv;
	struct sluice_tuple to = make_errors(t, row);
	struct sk_buff *skb = make_skb(t, row);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_TRUE_MSG(test,
			      rewrite(skb, &to) && holds(t, skb, &t->after),
			      "family %u proto %u type %u quoted %u router %u linear %u",
			      row->family, row->proto, row->type,
			      row->quoted_l4, row->from_router, row->linear);
	KUNIT_EXPECT_TRUE(test, skb->ip_summed == CHECKSUM_NONE);
	kfree_skb(skb);
}

/* TCP's checksum is not among the first eight bytes, UDP's is. */
static const struct icmp_row rows[] = {
	{ AF_INET, IPPROTO_UDP, ICMP_DEST_UNREACH, 8 },
	{ AF_INET, IPPROTO_UDP, ICMP_DEST_UNREACH, 8 + PAYLOAD },
	{ AF_INET, IPPROTO_UDP, ICMP_DEST_UNREACH, 8, .no_check = true },
	{ AF_INET, IPPROTO_UDP, ICMP_TIME_EXCEEDED, 20, .from_router = true },
	{ AF_INET, IPPROTO_TCP, ICMP_DEST_UNREACH, 8 },
	{ AF_INET, IPPROTO_TCP, ICMP_DEST_UNREACH, 16 },
	{ AF_INET, IPPROTO_TCP, ICMP_PARAMETERPROB, 18 },
	{ AF_INET, IPPROTO_TCP, ICMP_DEST_UNREACH, 60, .linear = 20 },
	{ AF_INET, IPPROTO_TCP, ICMP_DEST_UNREACH, 60, .linear = 51 },
	{ AF_INET, IPPROTO_TCP, ICMP_SOURCE_QUENCH, 8, .from_router = true },
	{ AF_INET, IPPROTO_SCTP, ICMP_DEST_UNREACH, 8 },
	{ AF_INET, IPPROTO_ICMP, ICMP_TIME_EXCEEDED, 8 + PAYLOAD,
	  .from_router = true },
	{ AF_INET, IPPROTO_ICMP, ICMP_DEST_UNREACH, 8, .reply = true },
	{ AF_INET6, IPPROTO_UDP, ICMPV6_DEST_UNREACH, 8 },
	{ AF_INET6, IPPROTO_ICMPV6, ICMPV6_PKT_TOOBIG, 8 + PAYLOAD },
	{ AF_INET6, IPPROTO_ICMPV6, ICMPV6_TIME_EXCEED, 8, .reply = true },
	{ AF_INET6, IPPROTO_UDP, ICMPV6_PKT_TOOBIG, 8 + PAYLOAD,
	  .from_router = true },
	{ AF_INET6, IPPROTO_TCP, ICMPV6_PKT_TOOBIG, 60 },
	{ AF_INET6, IPPROTO_TCP, ICMPV6_TIME_EXCEED, 8, .linear = 41 },
	{ AF_INET6, IPPROTO_TCP, ICMPV6_PARAMPROB, 30, .from_router = true },
};

static void as_made_from_scratch(struct kunit *test)
{
	u32 i;

	for (i = 0; i < RANDOM_REWRITES; i++)
		expect_rewritten(test, &rows[i % ARRAY_SIZE(rows)]);
}

/* One byte wrong, wherever it is, and the error is left alone. */
static void damaged_is_left_alone(struct kunit *test)
{
	struct icmp_test *t = test->priv;
	struct sluice_tuple to;
	struct sk_buff *skb;
	u32 i, at;

	for (i = 0; i < 1000; i++) {
		const struct icmp_row *row = &rows[i % ARRAY_SIZE(rows)];

		to = make_errors(t, row);
		at = t->before.l4 + random_below(&t->random, t->before.len -
							     t->before.l4);
		t->before.bytes[at] ^= 1 << random_below(&t->random, 8);
		skb = make_skb(t, row);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_FALSE(test, rewrite(skb, &to));
		KUNIT_EXPECT_TRUE(test, holds(t, skb, &t->before));
		kfree_skb(skb);
	}
}

static bool parses(struct icmp_test *t, const struct icmp_row *row)
{
	struct sk_buff *skb = make_skb(t, row);
	struct sluice_pkt pkt;
	bool parsed;

	parsed = skb && sluice_pkt_parse(&pkt, skb, row->family);
	kfree_skb(skb);
	return parsed;
}

static void others_are_not_errors(struct kunit *test)
{
	static const struct icmp_row others[] = {
		{ AF_INET, IPPROTO_UDP, ICMP_TIMESTAMP, 8 },
		{ AF_INET, IPPROTO_ICMP, ICMP_DEST_UNREACH, 7 },
		{ AF_INET, IPPROTO_UDP, ICMP_REDIRECT, 8 },
		{ AF_INET, IPPROTO_UDP, ICMP_DEST_UNREACH, 7 },
		{ AF_INET, IPPROTO_TCP, ICMP_DEST_UNREACH, 0 },
		{ AF_INET6, IPPROTO_UDP, 135 /* neighbour discovery */, 8 },
		{ AF_INET6, IPPROTO_TCP, ICMPV6_PKT_TOOBIG, 7 },
	};
	struct icmp_test *t = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		make_errors(t, &others[i]);
		KUNIT_EXPECT_FALSE_MSG(test, parses(t, &others[i]), "row %u",
				       i);
	}
}

static void echo_requests(struct kunit *test)
{
	static const struct icmp_row rows[] = {
		{ AF_INET, IPPROTO_UDP, ICMP_ECHO, 8 },
		{ AF_INET, IPPROTO_UDP, ICMP_ECHOREPLY, 8, .reply = true },
		{ AF_INET6, IPPROTO_UDP, ICMPV6_ECHO_REQUEST, 8 },
		{ AF_INET6, IPPROTO_UDP, ICMPV6_ECHO_REPLY, 8, .reply = true },
	};
	struct icmp_test *t = test->priv;
	struct sluice_pkt pkt;
	struct sk_buff *skb;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		make_errors(t, &rows[i]);
		test_packet_icmphdr(&t->before)->un.echo.id = htons(IDENTIFIER);
		skb = make_skb(t, &rows[i]);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_TRUE(test, sluice_pkt_parse(&pkt, skb,
							 rows[i].family));
		KUNIT_EXPECT_TRUE(test, pkt.icmp_echo == !rows[i].reply);
		KUNIT_EXPECT_TRUE(test, pkt.icmp_reply == rows[i].reply);
		KUNIT_EXPECT_FALSE(test, pkt.icmp_error);
		KUNIT_EXPECT_EQ(test, pkt.tuple.sport,
				htons(rows[i].reply ? 0 : IDENTIFIER));
		KUNIT_EXPECT_EQ(test, pkt.tuple.dport,
				htons(rows[i].reply ? IDENTIFIER : 0));
		kfree_skb(skb);
	}
}

/* Ports are only in the first fragment. */
static void quoted_fragments(struct kunit *test)
{
	static const struct icmp_row row = {
		AF_INET, IPPROTO_UDP, ICMP_DEST_UNREACH, 8
	};
	struct icmp_test *t = test->priv;
	struct iphdr *quoted;

	make_errors(t, &row);
	quoted = (struct iphdr *)(t->before.bytes + t->before.l4 + 8);
	quoted->frag_off = htons(IP_MF);
	KUNIT_EXPECT_TRUE(test, parses(t, &row));
	quoted->frag_off = htons(185);
	KUNIT_EXPECT_FALSE(test, parses(t, &row));
}

/* A header in front of the quoted packet, as of a tunnel with @type in it. */
static void quote_tunnel(struct icmp_test *t, const struct icmp_row *row,
			 const struct sluice_tuple *inner, u8 type)
{
	struct sluice_tuple outer;
	unsigned int len;

	random_tuple(&t->random, &outer, row->family, row->proto);
	test_packet_begin(&t->before, inner);
	test_packet_end(&t->before, PAYLOAD);
	outer.proto = type;
	test_packet_begin(&t->quoted, &outer);
	len = t->quoted.len;
	memcpy(t->quoted.bytes + len, t->before.bytes, t->before.len);
	len += t->before.l4 + row->quoted_l4;

	outer.proto = row->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	test_packet_begin(&t->before, &outer);
	test_packet_icmp(&t->before, row->type, &t->quoted, len);
}

/* The packet in the tunnel is found, unless it is cut off. */
static void quoted_tunnels(struct kunit *test)
{
	static const struct icmp_row rows[] = {
		{ AF_INET, IPPROTO_TCP, ICMP_DEST_UNREACH, 8 },
		{ AF_INET, IPPROTO_UDP, ICMP_DEST_UNREACH, 8, .linear = 30 },
		{ AF_INET6, IPPROTO_TCP, ICMPV6_PKT_TOOBIG, 20 },
	};
	struct icmp_test *t = test->priv;
	struct sluice_tuple inner;
	struct sluice_pkt pkt;
	struct sk_buff *skb;
	bool ipv4;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct icmp_row cut = rows[i];

		ipv4 = cut.family == AF_INET;
		random_tuple(&t->random, &inner, cut.family, cut.proto);
		quote_tunnel(t, &rows[i], &inner,
			     ipv4 ? IPPROTO_IPIP : IPPROTO_IPV6);
		skb = make_skb(t, &rows[i]);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_TRUE(test, sluice_pkt_parse(&pkt, skb,
							 cut.family));
		KUNIT_EXPECT_TRUE(test, pkt.icmp_tunnel);
		KUNIT_EXPECT_FALSE(test, pkt.icmp_error);
		KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&pkt.tuple, &inner));
		KUNIT_EXPECT_EQ(test, pkt.quoted_l3, t->before.l4 + 8);
		kfree_skb(skb);

		cut.quoted_l4 = 7;
		quote_tunnel(t, &cut, &inner, ipv4 ? IPPROTO_IPIP :
						     IPPROTO_IPV6);
		KUNIT_EXPECT_FALSE(test, parses(t, &cut));
		quote_tunnel(t, &rows[i], &inner, ipv4 ? IPPROTO_IPV6 :
							 IPPROTO_IPIP);
		KUNIT_EXPECT_FALSE(test, parses(t, &rows[i]));
	}
}

static int init(struct kunit *test)
{
	struct icmp_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	prandom_seed_state(&t->random, 792);
	test->priv = t;
	return 0;
}

static struct kunit_case cases[] = {
	KUNIT_CASE(as_made_from_scratch),
	KUNIT_CASE(damaged_is_left_alone),
	KUNIT_CASE(others_are_not_errors),
	KUNIT_CASE(echo_requests),
	KUNIT_CASE(quoted_fragments),
	KUNIT_CASE(quoted_tunnels),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_icmp",
	.init = init,
	.test_cases = cases,
};

kunit_test_suite(suite);
