// SPDX-License-Identifier: GPL-2.0
/*
 * The header parser, against one that reads byte by byte from a flat buffer.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "../pkt.h"
#include "packet.h"
#include "random.h"

#define RANDOM_PACKETS	100000

/* What is read of a packet, and whether that went beyond its end. */
struct reader {
	const u8 *bytes;
	unsigned int len;
	bool beyond;
};

static u8 read_u8(struct reader *r, unsigned int at)
{
	if (at < r->len)
		return r->bytes[at];
	r->beyond = true;
	return 0;
}

static void read_bytes(struct reader *r, unsigned int at, void *to,
		       unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		((u8 *)to)[i] = read_u8(r, at + i);
}

/* SCTP's first chunk in the words of TCP: INIT; ABORT, SHUTDOWN COMPLETE */
static u8 oracle_sctp_flags(u8 chunk)
{
	switch (chunk) {
	case 1:
		return 0x02;
	case 6:
	case 14:
		return 0x04;
	default:
		return 0;
	}
}

/* An echo request or reply; errors have tests of their own. */
static bool oracle_icmp(struct sluice_pkt *pkt, struct reader *r,
			unsigned int at)
{
	bool ipv6 = pkt->tuple.proto == IPPROTO_ICMPV6;
	u8 type = read_u8(r, at);

	if (ipv6 != (pkt->tuple.family == AF_INET6))
		return false;
	if (type == (ipv6 ? 128 : 8))
		read_bytes(r, at + 4, &pkt->tuple.sport, 2);
	else if (type == (ipv6 ? 129 : 0))
		read_bytes(r, at + 4, &pkt->tuple.dport, 2);
	else
		return false;

	read_u8(r, at + 7);
	pkt->l4_offset = at;
	return !r->beyond;
}

static bool oracle_l4(struct sluice_pkt *pkt, struct reader *r, unsigned int at)
{
	unsigned int len;
	u8 flags = 0;

	switch (pkt->tuple.proto) {
	case IPPROTO_TCP:
		flags = read_u8(r, at + 13);
		len = 20;
		break;
	case IPPROTO_UDP:
		len = 8;
		break;
	case IPPROTO_SCTP:
		flags = oracle_sctp_flags(read_u8(r, at + 12));
		len = 16;
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return oracle_icmp(pkt, r, at);
	default:
		return false;
	}

	pkt->l4_offset = at;
	read_bytes(r, at, &pkt->tuple.sport, 2);
	read_bytes(r, at + 2, &pkt->tuple.dport, 2);
	read_u8(r, at + len - 1);
	pkt->fin = flags & 0x01;
	pkt->syn = flags & 0x02;
	pkt->rst = flags & 0x04;
	pkt->ack = flags & 0x10;
	return !r->beyond;
}

static bool oracle_ipv4(struct sluice_pkt *pkt, struct reader *r)
{
	unsigned int len = (read_u8(r, 0) & 15) * 4;

	if (read_u8(r, 0) >> 4 != 4 || len < 20)
		return false;
	/* More fragments, or an offset. */
	if (read_u8(r, 6) & 0x3f || read_u8(r, 7))
		return false;

	pkt->tuple.proto = read_u8(r, 9);
	read_bytes(r, 12, &pkt->tuple.src, 4);
	read_bytes(r, 16, &pkt->tuple.dst, 4);
	return oracle_l4(pkt, r, len);
}

/* The length of an extension header, or 0 where the packet must be refused. */
static unsigned int oracle_ext(struct reader *r, u8 type, unsigned int at)
{
	switch (type) {
	case NEXTHDR_FRAGMENT:
		/* An offset, or more fragments. */
		if (read_u8(r, at + 2) || read_u8(r, at + 3) & 0xf9)
			return 0;
		return 8;
	case NEXTHDR_ROUTING:
		if (read_u8(r, at + 3))
			return 0;
		return (read_u8(r, at + 1) + 1) * 8;
	case NEXTHDR_HOP:
	case NEXTHDR_DEST:
		return (read_u8(r, at + 1) + 1) * 8;
	default:
		return 0;
	}
}

static bool oracle_ipv6(struct sluice_pkt *pkt, struct reader *r)
{
	unsigned int at = 40, len;
	u8 next = read_u8(r, 6);

	if (read_u8(r, 0) >> 4 != 6)
		return false;

	read_bytes(r, 8, &pkt->tuple.src, 16);
	read_bytes(r, 24, &pkt->tuple.dst, 16);
	while (next != IPPROTO_TCP && next != IPPROTO_UDP &&
	       next != IPPROTO_SCTP && next != IPPROTO_ICMPV6) {
		len = oracle_ext(r, next, at);
		if (!len || r->beyond)
			return false;
		next = read_u8(r, at);
		at += len;
	}
	pkt->tuple.proto = next;
	return oracle_l4(pkt, r, at);
}

static bool oracle_parse(struct sluice_pkt *pkt, const u8 *bytes,
			 unsigned int len, u8 family)
{
	struct reader r = { .bytes = bytes, .len = len };

	memset(pkt, 0, sizeof(*pkt));
	pkt->tuple.family = family;
	return family == AF_INET ? oracle_ipv4(pkt, &r) : oracle_ipv6(pkt, &r);
}

static bool same_pkt(const struct sluice_pkt *a, const struct sluice_pkt *b)
{
	return sluice_tuple_equal(&a->tuple, &b->tuple) &&
	       a->l4_offset == b->l4_offset && a->fin == b->fin &&
	       a->syn == b->syn && a->rst == b->rst && a->ack == b->ack;
}

/**
 * struct pkt_test - what a case works on
 * @random: random numbers
 * @p: the packet
 */
struct pkt_test {
	struct rnd_state random;
	struct test_packet p;
};

static const struct sluice_tuple tuples[] = {
	{
		.src.ip = htonl(0x0a010203), .dst.ip = htonl(0xac10fe07),
		.sport = htons(43210), .dport = htons(53),
		.family = AF_INET, .proto = IPPROTO_TCP,
	}, {
		.src.ip = htonl(0x0a010203), .dst.ip = htonl(0xac10fe07),
		.sport = htons(1), .dport = htons(65535),
		.family = AF_INET, .proto = IPPROTO_UDP,
	}, {
		.src.in6.s6_addr = { 0x20, 1, 0xd, 0xb8, [15] = 7 },
		.dst.in6.s6_addr = { 0xfd, 9, [7] = 0x80, [14] = 1, [15] = 2 },
		.sport = htons(50000), .dport = htons(443),
		.family = AF_INET6, .proto = IPPROTO_TCP,
	}, {
		.src.in6.s6_addr = { 0xfe, 0x80, [15] = 7 },
		.dst.in6.s6_addr = { 0xff, 2, [15] = 0xfb },
		.sport = htons(5353), .dport = htons(5353),
		.family = AF_INET6, .proto = IPPROTO_UDP,
	},
};

#define V4_TCP	(&tuples[0])
#define V4_UDP	(&tuples[1])
#define V6_TCP	(&tuples[2])
#define V6_UDP	(&tuples[3])

/* Parse @p from an skb split like that; the answer must be the oracle's. */
static bool expect_as_oracle(struct kunit *test, const struct test_packet *p,
			     const struct test_split *split, u8 family)
{
	struct sluice_pkt got, want;
	struct sk_buff *skb;
	bool parsed, wanted;

	wanted = oracle_parse(&want, p->bytes, p->len, family);
	want.l4_offset += split->before;
	skb = test_packet_skb(p, split);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	parsed = sluice_pkt_parse(&got, skb, family);
	kfree_skb(skb);

	KUNIT_EXPECT_EQ_MSG(test, parsed, wanted,
			    "length %u, linear %u, before %u", p->len,
			    split->linear, split->before);
	if (parsed && wanted)
		KUNIT_EXPECT_TRUE_MSG(test, same_pkt(&got, &want),
				      "length %u, linear %u, before %u: %*ph",
				      p->len, split->linear, split->before,
				      64, p->bytes);
	return parsed == wanted && (!parsed || same_pkt(&got, &want));
}

/* All places where the linear area may end. */
static void expect_in_all_splits(struct kunit *test,
				 const struct test_packet *p, bool ok)
{
	struct test_split split;
	struct sluice_pkt pkt;

	KUNIT_EXPECT_EQ(test, ok, oracle_parse(&pkt, p->bytes, p->len,
					       p->tuple.family));
	if (ok) {
		KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&pkt.tuple,
							   &p->tuple));
		KUNIT_EXPECT_EQ(test, pkt.l4_offset, p->l4);
	}
	for (split.before = 0; split.before <= 14; split.before += 14)
		for (split.linear = 0; split.linear <= p->len; split.linear++)
			if (!expect_as_oracle(test, p, &split, p->tuple.family))
				return;
}

static void plain(struct kunit *test)
{
	struct pkt_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tuples); i++) {
		test_packet_begin(&t->p, &tuples[i]);
		test_packet_end(&t->p, 5);
		expect_in_all_splits(test, &t->p, true);
	}
}

static void ipv4_options(struct kunit *test)
{
	struct pkt_test *t = test->priv;
	unsigned int len;

	for (len = 4; len <= 40; len += 4) {
		test_packet_begin(&t->p, len & 4 ? V4_TCP : V4_UDP);
		test_packet_options(&t->p, len);
		test_packet_end(&t->p, 2);
		expect_in_all_splits(test, &t->p, true);
	}
}

static void ipv4_short_header_length(struct kunit *test)
{
	struct pkt_test *t = test->priv;
	u8 ihl;

	for (ihl = 0; ihl < 5; ihl++) {
		test_packet_begin(&t->p, V4_UDP);
		test_packet_end(&t->p, 20);
		t->p.bytes[0] = 0x40 | ihl;
		expect_in_all_splits(test, &t->p, false);
	}
}

static void tcp_flags(struct kunit *test)
{
	struct test_split split = { .linear = TEST_PACKET_MAX };
	struct pkt_test *t = test->priv;
	unsigned int flags, i;

	for (i = 0; i < ARRAY_SIZE(tuples); i++) {
		if (tuples[i].proto != IPPROTO_TCP)
			continue;
		test_packet_begin(&t->p, &tuples[i]);
		test_packet_end(&t->p, 0);
		for (flags = 0; flags < 256; flags++) {
			t->p.bytes[t->p.l4 + 13] = flags;
			expect_as_oracle(test, &t->p, &split, tuples[i].family);
		}
	}
}

/* The bytes behind the end are there in memory, but not in the packet. */
static void truncated_behind_linear_end(struct kunit *test)
{
	struct test_split split = { .linear = TEST_PACKET_MAX };
	struct pkt_test *t = test->priv;
	struct sluice_pkt pkt, want;
	bool parsed, wanted;
	struct sk_buff *skb;
	unsigned int i, len;

	for (i = 0; i < ARRAY_SIZE(tuples); i++) {
		test_packet_begin(&t->p, &tuples[i]);
		test_packet_end(&t->p, 3);
		skb = test_packet_skb(&t->p, &split);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		for (len = t->p.len; len--; ) {
			skb_trim(skb, len);
			parsed = sluice_pkt_parse(&pkt, skb, tuples[i].family);
			wanted = oracle_parse(&want, t->p.bytes, len,
					      tuples[i].family);
			KUNIT_EXPECT_EQ_MSG(test, parsed, wanted,
					    "tuple %u, %u bytes", i, len);
		}
		kfree_skb(skb);
	}
}

static void expect_at_all_lengths(struct kunit *test, struct test_packet *p)
{
	struct test_split splits[] = { { 0, 0 }, { 14, 41 }, { 0, TEST_PACKET_MAX } };
	unsigned int i;

	for (; p->len; p->len--)
		for (i = 0; i < ARRAY_SIZE(splits); i++)
			expect_as_oracle(test, p, &splits[i], p->tuple.family);
}

static void truncated_at_all_lengths(struct kunit *test)
{
	struct pkt_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tuples); i++) {
		test_packet_begin(&t->p, &tuples[i]);
		if (tuples[i].family == AF_INET) {
			test_packet_options(&t->p, 12);
		} else {
			test_packet_ext(&t->p, NEXTHDR_HOP, 8);
			test_packet_ext(&t->p, NEXTHDR_ROUTING, 24);
			test_packet_ext(&t->p, NEXTHDR_FRAGMENT, 8);
			test_packet_ext(&t->p, NEXTHDR_DEST, 16);
		}
		test_packet_end(&t->p, 4);
		expect_at_all_lengths(test, &t->p);
	}
}

/* What is read of it for want of more: the first of all fragments has ports. */
static void expect_opaque(struct kunit *test, const struct test_packet *p,
			  bool has_ports)
{
	static const struct test_split split = { .linear = 20 };
	struct sluice_tuple want = p->tuple;
	struct sluice_pkt pkt;
	struct sk_buff *skb;

	if (!has_ports)
		want.sport = want.dport = 0;
	skb = test_packet_skb(p, &split);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	sluice_pkt_parse(&pkt, skb, want.family);
	sluice_pkt_parse_opaque(&pkt, skb);
	kfree_skb(skb);
	KUNIT_EXPECT_TRUE(test, pkt.opaque);
	KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&pkt.tuple, &want));
}

static void ipv4_fragments(struct kunit *test)
{
	static const struct {
		u16 frag_off;
		bool ok;
	} rows[] = {
		{ 0x0000, true },
		{ 0x4000, true },	/* don't fragment */
		{ 0x8000, true },	/* reserved */
		{ 0x2000, false },	/* first */
		{ 0x2001, false },	/* middle */
		{ 0x0001, false },	/* last */
		{ 0x1fff, false },
		{ 0x0100, false },
		{ 0x6000, false },
	};
	struct pkt_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		test_packet_begin(&t->p, V4_UDP);
		test_packet_end(&t->p, 6);
		t->p.bytes[6] = rows[i].frag_off >> 8;
		t->p.bytes[7] = rows[i].frag_off;
		expect_in_all_splits(test, &t->p, rows[i].ok);
		expect_opaque(test, &t->p, !(rows[i].frag_off & 0x1fff));
	}
}

static void ipv6_fragments(struct kunit *test)
{
	static const struct {
		u16 frag_off;
		bool ok;
	} rows[] = {
		{ 0x0000, true },	/* atomic */
		{ 0x0006, true },	/* reserved bits */
		{ 0x0001, false },	/* first */
		{ 0x0009, false },	/* middle */
		{ 0x0008, false },	/* last */
		{ 0xfff8, false },
		{ 0x0100, false },
	};
	struct pkt_test *t = test->priv;
	unsigned int i;
	u8 *ext;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		test_packet_begin(&t->p, V6_UDP);
		ext = test_packet_ext(&t->p, NEXTHDR_FRAGMENT, 8);
		ext[2] = rows[i].frag_off >> 8;
		ext[3] = rows[i].frag_off;
		test_packet_end(&t->p, 6);
		expect_in_all_splits(test, &t->p, rows[i].ok);
		expect_opaque(test, &t->p, !(rows[i].frag_off & 0xfff8));
	}
}

/* Without the ports there is nothing more to be read, and no harm. */
static void opaque_and_cut(struct kunit *test)
{
	static const struct sluice_tuple *const both[] = { V4_UDP, V6_UDP };
	struct pkt_test *t = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(both); i++) {
		test_packet_begin(&t->p, both[i]);
		test_packet_end(&t->p, 0);
		t->p.len--;
		expect_opaque(test, &t->p, false);
	}
}

/* The first one says that there is more to come, the second one does not. */
static void ipv6_fragment_in_fragment(struct kunit *test)
{
	struct pkt_test *t = test->priv;
	u8 *ext;

	test_packet_begin(&t->p, V6_UDP);
	ext = test_packet_ext(&t->p, NEXTHDR_FRAGMENT, 8);
	ext[3] = 1;
	test_packet_ext(&t->p, NEXTHDR_FRAGMENT, 8);
	test_packet_end(&t->p, 6);
	expect_in_all_splits(test, &t->p, false);
}

static void ipv6_routing_headers(struct kunit *test)
{
	struct pkt_test *t = test->priv;
	unsigned int i;
	u8 *ext;

	/* Bit 0: the first has segments left; bit 1: the second has. */
	for (i = 0; i < 4; i++) {
		test_packet_begin(&t->p, i & 1 ? V6_UDP : V6_TCP);
		ext = test_packet_ext(&t->p, NEXTHDR_ROUTING, 24);
		ext[3] = i & 1;
		test_packet_ext(&t->p, NEXTHDR_DEST, 8);
		ext = test_packet_ext(&t->p, NEXTHDR_ROUTING, 8);
		ext[3] = i & 2 ? 255 : 0;
		test_packet_end(&t->p, 1);
		expect_in_all_splits(test, &t->p, !i);
	}
}

static void ipv6_extension_headers(struct kunit *test)
{
	static const struct {
		u8 type;
		u8 len;
		bool ok;
	} rows[] = {
		{ NEXTHDR_HOP, 8, true },
		{ NEXTHDR_HOP, 48, true },
		{ NEXTHDR_DEST, 8, true },
		{ NEXTHDR_DEST, 24, true },
		{ NEXTHDR_ROUTING, 40, true },
		{ NEXTHDR_AUTH, 8, false },
		{ NEXTHDR_AUTH, 24, false },
		{ NEXTHDR_AUTH, 28, false },
		{ NEXTHDR_NONE, 8, false },
		{ NEXTHDR_ESP, 8, false },
		{ NEXTHDR_MOBILITY, 8, false },
		{ 253, 8, false },
	};
	struct pkt_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		test_packet_begin(&t->p, i & 1 ? V6_UDP : V6_TCP);
		test_packet_ext(&t->p, rows[i].type, rows[i].len);
		test_packet_end(&t->p, 1);
		expect_in_all_splits(test, &t->p, rows[i].ok);
	}
}

static void ipv6_many_extension_headers(struct kunit *test)
{
	struct test_split split = { .linear = 60 };
	struct pkt_test *t = test->priv;
	unsigned int i;

	test_packet_begin(&t->p, V6_TCP);
	for (i = 0; i < 300; i++)
		test_packet_ext(&t->p, i % 2 ? NEXTHDR_DEST : NEXTHDR_ROUTING, 8);
	test_packet_end(&t->p, 1);
	expect_as_oracle(test, &t->p, &split, AF_INET6);
}

static void sctp_chunks(struct kunit *test)
{
	struct test_split split = { .linear = TEST_PACKET_MAX };
	struct sluice_tuple tuple = tuples[0];
	struct pkt_test *t = test->priv;
	unsigned int type;

	tuple.proto = IPPROTO_SCTP;
	for (type = 0; type < 256; type++) {
		test_packet_begin(&t->p, &tuple);
		test_packet_end(&t->p, 20);
		t->p.bytes[t->p.l4 + 12] = type;
		expect_as_oracle(test, &t->p, &split, tuple.family);
	}
}

static void other_protocols(struct kunit *test)
{
	struct pkt_test *t = test->priv;
	unsigned int proto, i;

	for (proto = 0; proto < 256; proto++) {
		struct test_split split = { .linear = TEST_PACKET_MAX };

		for (i = 0; i < ARRAY_SIZE(tuples); i++) {
			test_packet_begin(&t->p, &tuples[i]);
			test_packet_end(&t->p, 40);
			t->p.bytes[t->p.next] = proto;
			expect_as_oracle(test, &t->p, &split, tuples[i].family);
		}
	}
}

static void wrong_version(struct kunit *test)
{
	struct test_split split = { .linear = TEST_PACKET_MAX };
	struct pkt_test *t = test->priv;
	unsigned int version, i;

	for (version = 0; version < 16; version++)
		for (i = 0; i < ARRAY_SIZE(tuples); i++) {
			test_packet_begin(&t->p, &tuples[i]);
			test_packet_end(&t->p, 40);
			t->p.bytes[0] &= 15;
			t->p.bytes[0] |= version << 4;
			expect_as_oracle(test, &t->p, &split, tuples[i].family);
			expect_as_oracle(test, &t->p, &split,
					 AF_INET + AF_INET6 - tuples[i].family);
		}
}

static void add_random_headers(struct rnd_state *random, struct test_packet *p)
{
	static const u8 types[] = {
		NEXTHDR_HOP, NEXTHDR_DEST, NEXTHDR_ROUTING, NEXTHDR_FRAGMENT,
		NEXTHDR_AUTH, NEXTHDR_DEST, NEXTHDR_NONE,
	};
	unsigned int count = random_below(random, 4);
	u8 type, *ext;

	if (p->tuple.family == AF_INET) {
		test_packet_options(p, random_below(random, 11) * 4);
		return;
	}
	while (count--) {
		type = types[random_below(random, ARRAY_SIZE(types))];
		ext = test_packet_ext(p, type, type == NEXTHDR_FRAGMENT ? 8 :
				      8 + random_below(random, 3) * 8);
		if (type == NEXTHDR_ROUTING || type == NEXTHDR_FRAGMENT)
			ext[3] = random_one_in(random, 4);
	}
}

static void make_random_packet(struct rnd_state *random, struct test_packet *p)
{
	unsigned int damage = random_below(random, 3);

	test_packet_begin(p, &tuples[random_below(random, ARRAY_SIZE(tuples))]);
	add_random_headers(random, p);
	test_packet_end(p, random_below(random, 30));
	while (damage--)
		p->bytes[random_below(random, p->l4 + 20)] =
			prandom_u32_state(random);
	if (random_one_in(random, 4))
		p->len = random_below(random, p->len + 1);
}

static void random_packets(struct kunit *test)
{
	struct pkt_test *t = test->priv;
	unsigned int i, parsed = 0;
	struct test_split split;
	struct sluice_pkt pkt;

	for (i = 0; i < RANDOM_PACKETS; i++) {
		make_random_packet(&t->random, &t->p);
		split.before = random_one_in(&t->random, 2) ? 14 : 0;
		split.linear = random_below(&t->random, t->p.len + 1);
		if (!expect_as_oracle(test, &t->p, &split, t->p.tuple.family))
			break;
		parsed += oracle_parse(&pkt, t->p.bytes, t->p.len,
				       t->p.tuple.family);
	}
	/* Neither all good nor all bad, or the test tests nothing. */
	KUNIT_EXPECT_GT(test, parsed, RANDOM_PACKETS / 4U);
	KUNIT_EXPECT_LT(test, parsed, RANDOM_PACKETS / 4U * 3);
}

static int init(struct kunit *test)
{
	struct pkt_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	prandom_seed_state(&t->random, 791);
	test->priv = t;
	return 0;
}

static struct kunit_case cases[] = {
	KUNIT_CASE(plain),
	KUNIT_CASE(ipv4_options),
	KUNIT_CASE(ipv4_short_header_length),
	KUNIT_CASE(tcp_flags),
	KUNIT_CASE(truncated_behind_linear_end),
	KUNIT_CASE(truncated_at_all_lengths),
	KUNIT_CASE(ipv4_fragments),
	KUNIT_CASE(ipv6_fragments),
	KUNIT_CASE(opaque_and_cut),
	KUNIT_CASE(ipv6_fragment_in_fragment),
	KUNIT_CASE(ipv6_routing_headers),
	KUNIT_CASE(ipv6_extension_headers),
	KUNIT_CASE(ipv6_many_extension_headers),
	KUNIT_CASE(sctp_chunks),
	KUNIT_CASE(other_protocols),
	KUNIT_CASE(wrong_version),
	KUNIT_CASE(random_packets),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_pkt",
	.init = init,
	.test_cases = cases,
};

kunit_test_suite(suite);
