// SPDX-License-Identifier: GPL-2.0
/*
 * The fast path's parser, against one that lists all that is special about a
 * packet, byte by byte from a flat buffer, and against the slow path's parser.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "../pkt.h"
#include "packet.h"
#include "random.h"

#define RANDOM_PACKETS	100000

#define UDP_LEN		8
#define TCP_LEN		20

/* What is special about a packet: bits of &enum sluice_fallback */
static u32 bit_if(bool special, enum sluice_fallback why)
{
	return special ? BIT(why) : 0;
}

static u16 be16_at(const u8 *bytes)
{
	return bytes[0] << 8 | bytes[1];
}

/* @said: as long as it says that it is */
static u32 oracle_l4(u8 proto, unsigned int l4, unsigned int said,
		     unsigned int len)
{
	unsigned int least = proto == IPPROTO_TCP ? TCP_LEN : UDP_LEN;

	return bit_if(said > len || said < l4 + least, SLUICE_FALLBACK_HEADER) |
	       bit_if(proto != IPPROTO_TCP && proto != IPPROTO_UDP,
		      SLUICE_FALLBACK_PROTOCOL);
}

static u32 oracle_ipv4(const u8 *bytes, unsigned int len)
{
	bool shared = bytes[16] >> 4 == 14 || !(~be16_at(bytes + 16) & 0xffff ||
						~be16_at(bytes + 18) & 0xffff);

	return bit_if(bytes[0] >> 4 != 4, SLUICE_FALLBACK_HEADER) |
	       bit_if((bytes[0] & 15) != 5, SLUICE_FALLBACK_OPTIONS) |
	       bit_if(be16_at(bytes + 6) & 0x3fff, SLUICE_FALLBACK_FRAGMENT) |
	       bit_if(test_fold(test_sum(bytes, 20)) != 0xffff,
		      SLUICE_FALLBACK_HEADER) |
	       bit_if(bytes[8] < 2, SLUICE_FALLBACK_TTL) |
	       bit_if(shared, SLUICE_FALLBACK_FRAME) |
	       oracle_l4(bytes[9], 20, be16_at(bytes + 2), len);
}

static bool is_extension(u8 next)
{
	return next == 0 || next == 43 || next == 51 || next == 59 ||
	       next == 60;
}

static u32 oracle_ipv6(const u8 *bytes, unsigned int len)
{
	return bit_if(bytes[0] >> 4 != 6, SLUICE_FALLBACK_HEADER) |
	       bit_if(is_extension(bytes[6]), SLUICE_FALLBACK_OPTIONS) |
	       bit_if(bytes[6] == 44, SLUICE_FALLBACK_FRAGMENT) |
	       bit_if(bytes[7] < 2, SLUICE_FALLBACK_TTL) |
	       bit_if(bytes[24] == 0xff, SLUICE_FALLBACK_FRAME) |
	       bit_if(bytes[24] == 0xfe && bytes[25] >> 6 == 2,
		      SLUICE_FALLBACK_FRAME) |
	       oracle_l4(bytes[6], 40, be16_at(bytes + 4) + 40, len);
}

static u32 oracle(const struct test_packet *p)
{
	bool ipv4 = p->tuple.family == AF_INET;

	if (p->len < (ipv4 ? 20 : 40) + UDP_LEN)
		return BIT(SLUICE_FALLBACK_HEADER);
	return ipv4 ? oracle_ipv4(p->bytes, p->len) :
		      oracle_ipv6(p->bytes, p->len);
}

static unsigned int length_said(const struct test_packet *p)
{
	return p->tuple.family == AF_INET ? be16_at(p->bytes + 2) :
					    be16_at(p->bytes + 4) + 40;
}

static u8 oracle_tos(const struct test_packet *p)
{
	u8 tos = p->tuple.family == AF_INET ? p->bytes[1] :
					      be16_at(p->bytes) >> 4;

	return tos & ~3;
}

static bool is_as_slow(const struct sluice_pkt *fast,
		       const struct sk_buff *skb, u8 family)
{
	struct sluice_pkt slow;

	return sluice_pkt_parse(&slow, skb, family) &&
	       sluice_tuple_equal(&fast->tuple, &slow.tuple) &&
	       fast->l4_offset == slow.l4_offset && fast->fin == slow.fin &&
	       fast->syn == slow.syn && fast->rst == slow.rst &&
	       fast->ack == slow.ack;
}

/* Nobody may see that it has been looked at, but for what is behind its end. */
static bool is_unchanged(const struct sk_buff *skb,
			 const struct test_packet *p)
{
	static u8 bytes[TEST_PACKET_MAX];

	return skb->len <= p->len &&
	       !skb_copy_bits(skb, 0, bytes, skb->len) &&
	       !memcmp(bytes, p->bytes, skb->len);
}

static enum sluice_fallback parse_frame(struct sluice_pkt *pkt,
					struct sluice_frame *frame,
					const struct test_packet *p,
					unsigned int linear)
{
	*frame = (struct sluice_frame) {
		.data = (void *)p->bytes, .linear = linear, .len = p->len,
		.protocol = p->tuple.family == AF_INET ? htons(ETH_P_IP) :
							 htons(ETH_P_IPV6),
	};
	return sluice_pkt_parse_frame(pkt, frame);
}

/* As of the packet; what is not in one piece is not there */
static bool frame_is_as_packet(const struct test_packet *p,
			       unsigned int linear,
			       const struct sluice_pkt *pkt, u32 special)
{
	struct sluice_frame frame;
	enum sluice_fallback why;
	struct sluice_pkt found;

	why = parse_frame(&found, &frame, p, p->len);
	if (why ? !(special & BIT(why)) : special != 0)
		return false;
	if (!why && (memcmp(&found, pkt, sizeof(found)) ||
		     frame.len != length_said(p)))
		return false;
	linear = min(linear, p->len);
	if (parse_frame(&found, &frame, p, linear) == why)
		return true;
	return parse_frame(&found, &frame, p, linear) ==
						SLUICE_FALLBACK_HEADER;
}

struct plain_test {
	struct rnd_state random;
	struct test_packet p;
};

/* Return: what the oracle says is special about it; ~0 if they disagree. */
static u32 expect_as_oracle(struct kunit *test, const struct test_packet *p,
			    unsigned int linear)
{
	const struct test_split split = { .linear = linear };
	enum sluice_fallback why;
	struct sluice_pkt pkt;
	struct sk_buff *skb;
	u32 special = oracle(p);
	bool right;

	skb = test_packet_skb(p, &split);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	why = sluice_pkt_parse_plain(&pkt, skb);
	right = why ? special & BIT(why) : !special;
	if (right && !why)
		right = is_as_slow(&pkt, skb, p->tuple.family) &&
			pkt.tos == oracle_tos(p) &&
			skb->len == length_said(p);
	right = right && is_unchanged(skb, p) &&
		frame_is_as_packet(p, linear, &pkt, special);
	kfree_skb(skb);
	KUNIT_EXPECT_TRUE_MSG(test, right,
			      "%u instead of %x: length %u, linear %u: %*ph",
			      why, special, p->len, linear, 64, p->bytes);
	return right ? special : ~0;
}

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
		.src.in6.s6_addr = { 0x20, 1, 0xd, 0xb8, [15] = 7 },
		.dst.in6.s6_addr = { 0xfd, 9, [7] = 0x80, [14] = 1, [15] = 2 },
		.sport = htons(5353), .dport = htons(5353),
		.family = AF_INET6, .proto = IPPROTO_UDP,
	},
};

/* The IPv4 header's sum is made right again. */
static void set_length(struct test_packet *p, u16 len)
{
	const bool ipv4 = p->tuple.family == AF_INET;

	p->bytes[ipv4 ? 2 : 4] = len >> 8;
	p->bytes[ipv4 ? 3 : 5] = len;
	if (ipv4)
		test_packet_checksum(p);
}

/* Whatever it says of its length, however it lies in memory */
static void lengths(struct kunit *test)
{
	struct plain_test *t = test->priv;
	unsigned int i, len, linear, plain = 0;

	for (i = 0; i < ARRAY_SIZE(tuples); i++) {
		test_packet_begin(&t->p, &tuples[i]);
		test_packet_end(&t->p, 10);
		for (len = 0; len <= t->p.len + 4; len++) {
			set_length(&t->p, len);
			for (linear = 0; linear <= t->p.len; linear += 3)
				plain += !expect_as_oracle(test, &t->p, linear);
		}
	}
	KUNIT_EXPECT_GT(test, plain, 0);
}

/* A packet that has been cut off anywhere */
static void cut_off(struct kunit *test)
{
	struct plain_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tuples); i++) {
		test_packet_begin(&t->p, &tuples[i]);
		test_packet_end(&t->p, 3);
		KUNIT_EXPECT_EQ(test, 0U, expect_as_oracle(test, &t->p,
							   t->p.len));
		while (t->p.len--)
			KUNIT_EXPECT_NE(test, 0U,
					expect_as_oracle(test, &t->p, 0));
	}
}

/* All values of each byte of the IP header, the checksum right and wrong */
static void headers(struct kunit *test)
{
	struct plain_test *t = test->priv;
	unsigned int i, at, value;
	u8 was;

	for (i = 0; i < ARRAY_SIZE(tuples); i++) {
		test_packet_begin(&t->p, &tuples[i]);
		test_packet_end(&t->p, 30);
		for (at = 0; at < t->p.l4; at++) {
			was = t->p.bytes[at];
			for (value = 0; value < 256; value++) {
				t->p.bytes[at] = value;
				expect_as_oracle(test, &t->p, 24);
				if (at && tuples[i].family == AF_INET)
					test_packet_checksum(&t->p);
				expect_as_oracle(test, &t->p, 24);
			}
			t->p.bytes[at] = was;
			test_packet_checksum(&t->p);
		}
	}
}

static void make_random_packet(struct rnd_state *random, struct test_packet *p)
{
	unsigned int damage = random_below(random, 3);

	test_packet_begin(p, &tuples[random_below(random, ARRAY_SIZE(tuples))]);
	if (p->tuple.family == AF_INET && random_one_in(random, 4))
		test_packet_options(p, 4 * random_below(random, 11));
	else if (p->tuple.family == AF_INET6 && random_one_in(random, 4))
		test_packet_ext(p, NEXTHDR_DEST, 8);
	test_packet_end(p, random_below(random, 30));
	while (damage--)
		p->bytes[random_below(random, p->l4 + UDP_LEN)] =
			prandom_u32_state(random);
	if (p->tuple.family == AF_INET && p->bytes[0] == 0x45 &&
	    random_one_in(random, 2))
		test_packet_checksum(p);
	if (random_one_in(random, 4))
		p->len = random_below(random, p->len + 1);
	else if (random_one_in(random, 4))
		p->len += random_below(random, 20);
}

static void random_packets(struct kunit *test)
{
	struct plain_test *t = test->priv;
	unsigned int i, plain = 0;
	u32 special;

	for (i = 0; i < RANDOM_PACKETS; i++) {
		make_random_packet(&t->random, &t->p);
		special = expect_as_oracle(test, &t->p,
					   random_below(&t->random,
							t->p.len + 1));
		if (special == ~0U)
			break;
		plain += !special;
	}
	/* Neither all plain nor all special, or the test tests nothing. */
	KUNIT_EXPECT_GT(test, plain, RANDOM_PACKETS / 5U);
	KUNIT_EXPECT_LT(test, plain, RANDOM_PACKETS / 5U * 4);
}

static int init(struct kunit *test)
{
	struct plain_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	prandom_seed_state(&t->random, 1280);
	test->priv = t;
	return 0;
}

static struct kunit_case cases[] = {
	KUNIT_CASE(lengths),
	KUNIT_CASE(cut_off),
	KUNIT_CASE(headers),
	KUNIT_CASE(random_packets),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_plain",
	.init = init,
	.test_cases = cases,
};

kunit_test_suite(suite);
