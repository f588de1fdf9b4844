// SPDX-License-Identifier: GPL-2.0
/*
 * Who a frame may claim to be from, frame by frame.
 */
#include <kunit/test.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ndisc.h>

#include "../spoof.h"

#define FRAME_MAX	256

/* Who is claimed to be; the last two exist in IPv6 alone */
enum who {
	LISTED,
	OTHER,
	NOBODY,
	LINK_LOCAL,
	OTHER_LINK_LOCAL,
};

/* The source of all frames; the link-local address follows from it. */
static const u8 mac[ETH_ALEN] = { 0x02, 0x42, 0xac, 0x11, 0x00, 0x02 };

static const union nf_inet_addr addrs4[] = {
	[LISTED] = { .ip = htonl(0x0af40107) },
	[OTHER] = { .ip = htonl(0x0af40108) },
	[NOBODY] = { .ip = 0 },
};

#define ADDR6(_a, _b, _c, _d)						\
	{ .in6.s6_addr32 = { htonl(_a), htonl(_b), htonl(_c), htonl(_d) } }

static const union nf_inet_addr addrs6[] = {
	[LISTED] = ADDR6(0xfd000000, 0, 0, 7),
	[OTHER] = ADDR6(0xfd000000, 0, 0, 8),
	[NOBODY] = ADDR6(0, 0, 0, 0),
	[LINK_LOCAL] = ADDR6(0xfe800000, 0, 0x0042acff, 0xfe110002),
	[OTHER_LINK_LOCAL] = ADDR6(0xfe800000, 0, 0x0042acff, 0xfe110003),
};

/**
 * struct spoof_test - what a case works on
 * @addresses: one of each family
 * @bytes: a frame under construction, from its Ethernet header on
 * @len: so far
 * @proto: its EtherType
 * @next: offset of the byte that names the next IPv6 header
 */
struct spoof_test {
	struct sluice_ranges *addresses;
	u8 bytes[FRAME_MAX];
	unsigned int len;
	u16 proto;
	unsigned int next;
};

/* -------------------------------------------------------------------- frames */

static void *add(struct spoof_test *t, unsigned int len)
{
	void *at = t->bytes + t->len;

	memset(at, 0, len);
	t->len += len;
	return at;
}

static void begin(struct spoof_test *t, u16 proto)
{
	struct ethhdr *eth;

	t->len = 0;
	t->proto = proto;
	eth = add(t, sizeof(*eth));
	memcpy(eth->h_source, mac, ETH_ALEN);
	eth->h_proto = htons(proto);
}

static void make_ipv4(struct spoof_test *t, enum who src)
{
	struct iphdr *iph;

	begin(t, ETH_P_IP);
	iph = add(t, sizeof(*iph));
	iph->version = 4;
	iph->ihl = 5;
	iph->protocol = IPPROTO_UDP;
	iph->saddr = addrs4[src].ip;
	iph->daddr = addrs4[OTHER].ip;
}

static void make_arp(struct spoof_test *t, u16 op, enum who sender,
		     enum who target)
{
	struct arphdr *arp;

	begin(t, ETH_P_ARP);
	arp = add(t, sizeof(*arp));
	arp->ar_hrd = htons(ARPHRD_ETHER);
	arp->ar_pro = htons(ETH_P_IP);
	arp->ar_hln = ETH_ALEN;
	arp->ar_pln = 4;
	arp->ar_op = htons(op);
	memcpy(add(t, ETH_ALEN), mac, ETH_ALEN);
	memcpy(add(t, 4), &addrs4[sender].ip, 4);
	add(t, ETH_ALEN);
	memcpy(add(t, 4), &addrs4[target].ip, 4);
}

static void begin_ipv6(struct spoof_test *t, u8 proto, enum who src)
{
	struct ipv6hdr *ip6h;

	begin(t, ETH_P_IPV6);
	t->next = t->len + offsetof(struct ipv6hdr, nexthdr);
	ip6h = add(t, sizeof(*ip6h));
	ip6h->version = 6;
	ip6h->nexthdr = proto;
	ip6h->saddr = addrs6[src].in6;
	ip6h->daddr = addrs6[OTHER].in6;
}

/* An extension header of 8 bytes; of a fragment with this offset, in 8 bytes */
static void add_ext(struct spoof_test *t, u8 type, u16 fragment)
{
	u8 proto = t->bytes[t->next];
	struct frag_hdr *ext;

	t->bytes[t->next] = type;
	t->next = t->len;
	ext = add(t, sizeof(*ext));
	ext->nexthdr = proto;
	if (type == NEXTHDR_FRAGMENT)
		ext->frag_off = htons(fragment << 3);
}

/* With the target of neighbour discovery, for which others have no use */
static void add_icmpv6(struct spoof_test *t, u8 type, enum who target)
{
	struct nd_msg *msg = add(t, sizeof(*msg));

	msg->icmph.icmp6_type = type;
	msg->target = addrs6[target].in6;
}

static void make_icmpv6(struct spoof_test *t, u8 type, enum who src,
			enum who target)
{
	begin_ipv6(t, IPPROTO_ICMPV6, src);
	add_icmpv6(t, type, target);
}

/* -------------------------------------------------------------------- checks */

/* The first @len bytes, as a device hands them on */
static struct sk_buff *frame(struct kunit *test, unsigned int len)
{
	struct spoof_test *t = test->priv;
	struct sk_buff *skb = alloc_skb(FRAME_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_data(skb, t->bytes, len);
	skb->protocol = htons(t->proto);
	skb_reset_mac_header(skb);
	skb_pull(skb, ETH_HLEN);
	skb_reset_network_header(skb);
	return skb;
}

static bool is_spoofed_as(struct kunit *test, unsigned int len,
			  struct sluice_tuple *claim)
{
	struct spoof_test *t = test->priv;
	struct sk_buff *skb = frame(test, len);
	bool spoofed;

	memset(claim, 0, sizeof(*claim));
	rcu_read_lock();
	spoofed = sluice_spoof_check(skb, t->addresses, claim);
	rcu_read_unlock();
	kfree_skb(skb);
	return spoofed;
}

static bool is_spoofed(struct kunit *test)
{
	struct spoof_test *t = test->priv;
	struct sluice_tuple claim;

	return is_spoofed_as(test, t->len, &claim);
}

#define EXPECT_PASSES(test)	KUNIT_EXPECT_FALSE(test, is_spoofed(test))
#define EXPECT_SPOOFED(test)	KUNIT_EXPECT_TRUE(test, is_spoofed(test))

static void ipv4_sources(struct kunit *test)
{
	make_ipv4(test->priv, LISTED);
	EXPECT_PASSES(test);
	make_ipv4(test->priv, OTHER);
	EXPECT_SPOOFED(test);
	make_ipv4(test->priv, NOBODY);
	EXPECT_SPOOFED(test);
}

static void arp_senders(struct kunit *test)
{
	make_arp(test->priv, ARPOP_REQUEST, LISTED, OTHER);
	EXPECT_PASSES(test);
	make_arp(test->priv, ARPOP_REPLY, LISTED, OTHER);
	EXPECT_PASSES(test);
	make_arp(test->priv, ARPOP_REQUEST, OTHER, LISTED);
	EXPECT_SPOOFED(test);
	make_arp(test->priv, ARPOP_REPLY, OTHER, LISTED);
	EXPECT_SPOOFED(test);
}

static void arp_probes(struct kunit *test)
{
	make_arp(test->priv, ARPOP_REQUEST, NOBODY, LISTED);
	EXPECT_PASSES(test);
	make_arp(test->priv, ARPOP_REQUEST, NOBODY, OTHER);
	EXPECT_SPOOFED(test);
}

static void arp_of_other_things(struct kunit *test)
{
	static const unsigned int fields[] = {
		offsetof(struct arphdr, ar_hrd) + 1,
		offsetof(struct arphdr, ar_pro),
		offsetof(struct arphdr, ar_hln),
		offsetof(struct arphdr, ar_pln),
	};
	struct spoof_test *t = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		make_arp(t, ARPOP_REQUEST, LISTED, OTHER);
		t->bytes[ETH_HLEN + fields[i]]++;
		EXPECT_SPOOFED(test);
	}
}

static void ipv6_sources(struct kunit *test)
{
	static const bool passes[] = { [LISTED] = true, [OTHER_LINK_LOCAL] = false };
	enum who src;

	for (src = LISTED; src <= OTHER_LINK_LOCAL; src++) {
		begin_ipv6(test->priv, IPPROTO_UDP, src);
		add(test->priv, 8);
		KUNIT_EXPECT_EQ(test, is_spoofed(test), !passes[src]);
		make_icmpv6(test->priv, ICMPV6_ECHO_REQUEST, src, OTHER);
		KUNIT_EXPECT_EQ(test, is_spoofed(test), !passes[src]);
	}
}

/* Who is listed or has the address by its hardware may be discovered. */
static const bool discovers[] = {
	[LISTED] = true, [LINK_LOCAL] = true, [OTHER_LINK_LOCAL] = false,
};

static void solicitations(struct kunit *test)
{
	enum who who;

	for (who = LISTED; who <= OTHER_LINK_LOCAL; who++) {
		/* whether anybody has an address */
		make_icmpv6(test->priv, NDISC_NEIGHBOUR_SOLICITATION, NOBODY, who);
		KUNIT_EXPECT_EQ(test, is_spoofed(test), !discovers[who]);
		if (who == NOBODY)
			continue;
		/* where somebody else is */
		make_icmpv6(test->priv, NDISC_NEIGHBOUR_SOLICITATION, who, OTHER);
		KUNIT_EXPECT_EQ(test, is_spoofed(test), !discovers[who]);
	}
}

static void advertisements(struct kunit *test)
{
	enum who src, target;

	for (src = LISTED; src <= OTHER_LINK_LOCAL; src++)
		for (target = LISTED; target <= OTHER_LINK_LOCAL; target++) {
			make_icmpv6(test->priv, NDISC_NEIGHBOUR_ADVERTISEMENT,
				    src, target);
			KUNIT_EXPECT_EQ(test, is_spoofed(test),
					!(discovers[src] && discovers[target]));
		}
}

/* What is told of the sender's hardware, or of the target's; in 8 bytes */
static void add_option(struct spoof_test *t, u8 type, u8 len, const u8 *addr)
{
	u8 *option = add(t, 8);

	option[0] = type;
	option[1] = len;
	memcpy(option + 2, addr, ETH_ALEN);
}

/* Who takes another's hardware address gets the addresses that follow from it. */
static void told_hardware(struct kunit *test)
{
	static const u8 other[ETH_ALEN] = { 0x02, 0x42, 0xac, 0x11, 0x00, 0x03 };
	static const struct {
		u8 type;
		u8 len;
		const u8 *addr;
		bool passes;
	} rows[] = {
		{ ND_OPT_TARGET_LL_ADDR, 1, mac, true },
		{ ND_OPT_SOURCE_LL_ADDR, 1, mac, true },
		{ ND_OPT_TARGET_LL_ADDR, 1, other, false },
		{ ND_OPT_SOURCE_LL_ADDR, 1, other, false },
		{ ND_OPT_TARGET_LL_ADDR, 0, mac, false },
		{ ND_OPT_TARGET_LL_ADDR, 2, mac, false },
		{ 14 /* a nonce */, 1, other, true },
		{ 14, 0, other, false },
	};
	struct spoof_test *t = test->priv;
	enum who who;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (who = LISTED; who <= LINK_LOCAL; who += LINK_LOCAL) {
			make_icmpv6(t, NDISC_NEIGHBOUR_ADVERTISEMENT, who, who);
			add_option(t, 14, 1, other);
			add_option(t, rows[i].type, rows[i].len, rows[i].addr);
			KUNIT_EXPECT_EQ(test, is_spoofed(test), !rows[i].passes);
			t->len -= rows[i].type != 14;
			KUNIT_EXPECT_EQ(test, is_spoofed(test),
					rows[i].type != 14 || !rows[i].passes);
		}
}

static void reports(struct kunit *test)
{
	static const u8 types[] = {
		NDISC_ROUTER_SOLICITATION, ICMPV6_MGM_REPORT,
		ICMPV6_MGM_REDUCTION, ICMPV6_MLD2_REPORT,
	};
	enum who src;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		for (src = LISTED; src <= OTHER_LINK_LOCAL; src++) {
			make_icmpv6(test->priv, types[i], src, OTHER);
			KUNIT_EXPECT_EQ(test, is_spoofed(test),
					!(discovers[src] || src == NOBODY));
		}
}

static void routers(struct kunit *test)
{
	enum who src;

	for (src = LISTED; src <= OTHER_LINK_LOCAL; src++) {
		make_icmpv6(test->priv, NDISC_ROUTER_ADVERTISEMENT, src, LISTED);
		EXPECT_SPOOFED(test);
		make_icmpv6(test->priv, NDISC_REDIRECT, src, LISTED);
		EXPECT_SPOOFED(test);
	}
	make_icmpv6(test->priv, ICMPV6_MGM_QUERY, LINK_LOCAL, OTHER);
	EXPECT_SPOOFED(test);
}

/* What would be hidden behind headers */
static void extension_headers(struct kunit *test)
{
	static const u8 types[] = { NEXTHDR_HOP, NEXTHDR_DEST, NEXTHDR_FRAGMENT };
	struct spoof_test *t = test->priv;
	enum who target;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		for (target = LISTED; target <= OTHER; target++) {
			begin_ipv6(t, IPPROTO_ICMPV6, LISTED);
			add_ext(t, types[i], 0);
			add_icmpv6(t, NDISC_NEIGHBOUR_ADVERTISEMENT, target);
			KUNIT_EXPECT_EQ(test, is_spoofed(test),
					target != LISTED);
		}
}

/* What is behind the first fragment of something has its source alone. */
static void later_fragments(struct kunit *test)
{
	struct spoof_test *t = test->priv;
	enum who src;

	for (src = LISTED; src <= OTHER_LINK_LOCAL; src++) {
		begin_ipv6(t, IPPROTO_ICMPV6, src);
		add_ext(t, NEXTHDR_FRAGMENT, 1);
		add_icmpv6(t, NDISC_NEIGHBOUR_ADVERTISEMENT, OTHER);
		KUNIT_EXPECT_EQ(test, is_spoofed(test), src != LISTED);
	}
}

/* Every beginning of something good that is too short to be read */
static void expect_no_beginning_passes(struct kunit *test)
{
	struct spoof_test *t = test->priv;
	struct sluice_tuple claim;
	unsigned int len;

	EXPECT_PASSES(test);
	for (len = ETH_HLEN; len < t->len; len++)
		KUNIT_EXPECT_TRUE(test, is_spoofed_as(test, len, &claim));
}

static void too_short(struct kunit *test)
{
	make_ipv4(test->priv, LISTED);
	expect_no_beginning_passes(test);
	make_arp(test->priv, ARPOP_REQUEST, LISTED, OTHER);
	expect_no_beginning_passes(test);
	make_icmpv6(test->priv, NDISC_NEIGHBOUR_SOLICITATION, LISTED, OTHER);
	expect_no_beginning_passes(test);
}

static void wrong_versions(struct kunit *test)
{
	struct spoof_test *t = test->priv;

	make_ipv4(t, LISTED);
	t->bytes[ETH_HLEN] ^= 0x10;
	EXPECT_SPOOFED(test);
	begin_ipv6(t, IPPROTO_UDP, LISTED);
	add(t, 8);
	t->bytes[ETH_HLEN] ^= 0x10;
	EXPECT_SPOOFED(test);
}

static void other_protocols(struct kunit *test)
{
	begin(test->priv, ETH_P_LLDP);
	EXPECT_PASSES(test);
	begin(test->priv, ETH_P_8021Q);
	EXPECT_SPOOFED(test);
	begin(test->priv, ETH_P_8021AD);
	EXPECT_SPOOFED(test);
}

/* Without an Ethernet header nobody has a link-local address by it. */
static void no_ethernet(struct kunit *test)
{
	struct spoof_test *t = test->priv;
	struct sluice_tuple claim = {};
	struct sk_buff *skb;

	make_icmpv6(t, NDISC_ROUTER_SOLICITATION, LINK_LOCAL, OTHER);
	skb = frame(test, t->len);
	skb_reset_mac_header(skb);
	KUNIT_EXPECT_TRUE(test, sluice_spoof_check(skb, t->addresses, &claim));
	kfree_skb(skb);
}

/* What is told of a spoofed packet */
static void claims(struct kunit *test)
{
	struct spoof_test *t = test->priv;
	struct sluice_tuple claim;

	make_ipv4(t, OTHER);
	is_spoofed_as(test, t->len, &claim);
	KUNIT_EXPECT_EQ(test, claim.family, AF_INET);
	KUNIT_EXPECT_EQ(test, claim.proto, IPPROTO_UDP);
	KUNIT_EXPECT_EQ(test, claim.src.ip, addrs4[OTHER].ip);

	make_arp(t, ARPOP_REPLY, OTHER, LISTED);
	is_spoofed_as(test, t->len, &claim);
	KUNIT_EXPECT_EQ(test, claim.src.ip, addrs4[OTHER].ip);
	KUNIT_EXPECT_EQ(test, claim.dst.ip, addrs4[LISTED].ip);

	make_icmpv6(t, NDISC_NEIGHBOUR_ADVERTISEMENT, LISTED, OTHER);
	is_spoofed_as(test, t->len, &claim);
	KUNIT_EXPECT_EQ(test, claim.family, AF_INET6);
	KUNIT_EXPECT_EQ(test, claim.proto, IPPROTO_ICMPV6);
	KUNIT_EXPECT_TRUE(test, ipv6_addr_equal(&claim.src.in6,
						&addrs6[OTHER].in6));
}

static int init(struct kunit *test)
{
	struct sluice_prefix list[] = {
		{ .addr = addrs4[LISTED], .family = AF_INET, .len = 32 },
		{ .addr = addrs6[LISTED], .family = AF_INET6, .len = 128 },
	};
	const struct sluice_prefixes none = {}, listed = {
		.count = ARRAY_SIZE(list), .list = list,
	};
	struct spoof_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	t->addresses = sluice_ranges_build(AF_UNSPEC, &listed, &none);
	test->priv = t;
	return t->addresses ? 0 : -ENOMEM;
}

static void fini(struct kunit *test)
{
	struct spoof_test *t = test->priv;

	sluice_ranges_put(t->addresses);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(ipv4_sources),
	KUNIT_CASE(arp_senders),
	KUNIT_CASE(arp_probes),
	KUNIT_CASE(arp_of_other_things),
	KUNIT_CASE(ipv6_sources),
	KUNIT_CASE(solicitations),
	KUNIT_CASE(advertisements),
	KUNIT_CASE(told_hardware),
	KUNIT_CASE(reports),
	KUNIT_CASE(routers),
	KUNIT_CASE(extension_headers),
	KUNIT_CASE(later_fragments),
	KUNIT_CASE(too_short),
	KUNIT_CASE(wrong_versions),
	KUNIT_CASE(other_protocols),
	KUNIT_CASE(no_ethernet),
	KUNIT_CASE(claims),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_spoof",
	.init = init,
	.exit = fini,
	.test_cases = cases,
};

kunit_test_suite(suite);
