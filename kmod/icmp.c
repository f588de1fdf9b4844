// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors about flows: outer and quoted headers rewritten together.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>

#include "icmp.h"

/**
 * DOC: ICMP errors
 *
 * An error quotes the packet that it is about, which went the other way. Seen
 * as a packet whose tuple answers the quoted one it finds the flow's node like
 * any other packet of its direction, at the same doors, and what such a packet
 * would become is what the quoted one becomes, inverted. Of the outer
 * addresses those are replaced that belong to the flow; a router on the way
 * keeps its own, so that traceroute shows it.
 *
 * The quoted transport checksum follows if it is there. The ICMP checksum is
 * computed anew, after it has been found right: what was damaged on its way
 * must not come out intact.
 */

static __sum16 checksum(const struct sk_buff *skb, const struct sluice_pkt *pkt)
{
	unsigned int len = skb->len - pkt->l4_offset;
	__wsum sum = skb_checksum(skb, pkt->l4_offset, len, 0);
	const struct ipv6hdr *ip6h;

	if (pkt->tuple.family == AF_INET)
		return csum_fold(sum);

	ip6h = ipv6_hdr(skb);
	return csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr, len,
			       IPPROTO_ICMPV6, sum);
}

/**
 * sluice_icmp_is_intact() - whether an ICMP error's checksum is right
 * @skb: packet with skb->data at its network header
 * @pkt: what sluice_pkt_parse() found in it
 *
 * Any context.
 */
bool sluice_icmp_is_intact(struct sk_buff *skb, const struct sluice_pkt *pkt)
{
	return skb->ip_summed != CHECKSUM_PARTIAL && !checksum(skb, pkt);
}

/* Addresses are one word or four; @check, which may be NULL, covers them. */
static void replace_addr(__be32 *addr, const union nf_inet_addr *to, u8 family,
			 __sum16 *check)
{
	int words = family == AF_INET ? 1 : 4;
	int i;

	for (i = 0; i < words; i++) {
		if (check)
			csum_replace4(check, addr[i], to->ip6[i]);
		addr[i] = to->ip6[i];
	}
}

static void replace_port(__be16 *port, __be16 to, __sum16 *check)
{
	if (check)
		csum_replace2(check, *port, to);
	*port = to;
}

static __be32 *src_of(void *l3, u8 family)
{
	return family == AF_INET ? &((struct iphdr *)l3)->saddr :
				   ((struct ipv6hdr *)l3)->saddr.s6_addr32;
}

static __be32 *dst_of(void *l3, u8 family)
{
	return family == AF_INET ? &((struct iphdr *)l3)->daddr :
				   ((struct ipv6hdr *)l3)->daddr.s6_addr32;
}

/* The checksum of an IP header, which IPv6 has none of. */
static __sum16 *l3_check(void *l3, u8 family)
{
	return family == AF_INET ? &((struct iphdr *)l3)->check : NULL;
}

/* An address that belongs to the flow changes with it. */
static void replace_outer_addr(__be32 *addr, const union nf_inet_addr *from,
			       const union nf_inet_addr *to, u8 family,
			       __sum16 *check)
{
	size_t len = family == AF_INET ? sizeof(to->in) : sizeof(to->in6);

	if (!memcmp(addr, from, len))
		replace_addr(addr, to, family, check);
}

static void rewrite_outer(struct sk_buff *skb, const struct sluice_tuple *from,
			  const struct sluice_tuple *to)
{
	void *l3 = skb_network_header(skb);
	__sum16 *check = l3_check(l3, to->family);

	replace_outer_addr(src_of(l3, to->family), &from->src, &to->src,
			   to->family, check);
	replace_outer_addr(dst_of(l3, to->family), &from->dst, &to->dst,
			   to->family, check);
}

/*
 * The quoted transport checksum, or NULL if there is none or it was cut off, as
 * SCTP's is good as: nobody could tell whether it is right.
 */
static __sum16 *quoted_check(struct sk_buff *skb, const struct sluice_pkt *pkt)
{
	void *l4 = skb->data + pkt->quoted_l4;
	struct tcphdr *th = l4;
	struct udphdr *uh = l4;

	if (pkt->tuple.proto == IPPROTO_UDP)
		return uh->check ? &uh->check : NULL;
	if (pkt->tuple.proto == IPPROTO_SCTP)
		return NULL;
	if (sluice_proto_is_icmp(pkt->tuple.proto))
		return &((struct icmphdr *)l4)->checksum;
	if (skb_headlen(skb) < pkt->quoted_l4 + offsetofend(struct tcphdr, check))
		return NULL;
	return &th->check;
}

/* One of an echo's ports is zero, the other its identifier. */
static void replace_quoted_ports(void *l4, const struct sluice_tuple *to,
				 __sum16 *check)
{
	struct icmphdr *icmph = l4;
	__be16 *ports = l4;

	if (sluice_proto_is_icmp(to->proto)) {
		replace_port(&icmph->un.echo.id, to->dport ?: to->sport, check);
		return;
	}
	replace_port(&ports[0], to->dport, check);
	replace_port(&ports[1], to->sport, check);
}

/* The quoted packet goes the other way: its source is our destination. */
static void rewrite_quoted(struct sk_buff *skb, const struct sluice_pkt *pkt,
			   const struct sluice_tuple *to)
{
	__sum16 *check = quoted_check(skb, pkt);
	__sum16 *addr_check = to->proto == IPPROTO_ICMP ? NULL : check;
	void *l3 = skb->data + pkt->quoted_l3;
	__sum16 *ip_check = l3_check(l3, to->family);
	__be32 *src = src_of(l3, to->family);
	__be32 *dst = dst_of(l3, to->family);

	/* Two checksums cover the addresses of IPv4. */
	if (ip_check) {
		csum_replace4(ip_check, *src, to->dst.ip);
		csum_replace4(ip_check, *dst, to->src.ip);
	}
	replace_addr(src, &to->dst, to->family, addr_check);
	replace_addr(dst, &to->src, to->family, addr_check);
	replace_quoted_ports(skb->data + pkt->quoted_l4, to, check);
	if (pkt->tuple.proto == IPPROTO_UDP && check && !*check)
		*check = CSUM_MANGLED_0;
}

static void set_checksum(struct sk_buff *skb, const struct sluice_pkt *pkt)
{
	struct icmphdr *icmph = (void *)skb->data + pkt->l4_offset;

	icmph->checksum = 0;
	icmph->checksum = checksum(skb, pkt);
	skb->ip_summed = CHECKSUM_NONE;
}

static unsigned int headers_len(const struct sk_buff *skb,
				const struct sluice_pkt *pkt)
{
	return min_t(unsigned int, skb->len,
		     pkt->quoted_l4 + sizeof(struct tcphdr));
}

/**
 * sluice_icmp_rewrite() - give an ICMP error another flow's view
 * @skb: packet with skb->data at its network header, intact
 * @pkt: what sluice_pkt_parse() found in it; its tuple is set to @to
 * @to: what a packet of its direction becomes, same family and protocol
 *
 * Pointers into the packet are invalid afterwards. Any context.
 *
 * Return: true, or false if there was no memory to make the headers writable;
 * the packet is as it was then.
 */
bool sluice_icmp_rewrite(struct sk_buff *skb, struct sluice_pkt *pkt,
			 const struct sluice_tuple *to)
{
	if (sluice_tuple_equal(&pkt->tuple, to))
		return true;
	if (skb_ensure_writable(skb, headers_len(skb, pkt)))
		return false;

	rewrite_outer(skb, &pkt->tuple, to);
	rewrite_quoted(skb, pkt, to);
	set_checksum(skb, pkt);
	pkt->tuple = *to;
	return true;
}
