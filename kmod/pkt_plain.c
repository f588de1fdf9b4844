// SPDX-License-Identifier: GPL-2.0
/*
 * From plain packets to tuples, quickly.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "pkt.h"

/* Ports and flags, of what is in one piece */
static bool read_plain_l4(struct sluice_pkt *pkt, struct sk_buff *skb)
{
	const struct tcphdr *th;
	const struct udphdr *uh;

	if (pkt->tuple.proto == IPPROTO_UDP) {
		uh = (void *)skb->data + pkt->l4_offset;
		pkt->tuple.sport = uh->source;
		pkt->tuple.dport = uh->dest;
		return true;
	}
	if (!pskb_may_pull(skb, pkt->l4_offset + sizeof(*th)))
		return false;
	th = (void *)skb->data + pkt->l4_offset;
	sluice_pkt_set_tcp(pkt, th);
	return true;
}

/*
 * Whether a packet is as long as it says, and at least @least, which has been
 * pulled. What Ethernet has put behind a short one is cut off; of very large ones
 * the header may say zero.
 */
static bool has_length(struct sk_buff *skb, unsigned int len,
		       unsigned int least)
{
	if (len < least)
		return false;
	if (likely(skb->len == len))
		return true;
	return skb->len > len && !skb_is_gso(skb) &&
	       !pskb_trim_rcsum(skb, len);
}

static enum sluice_fallback read_plain_ipv4(struct sluice_pkt *pkt,
					    struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct sluice_tuple *tuple = &pkt->tuple;

	if (iph->version != 4)
		return SLUICE_FALLBACK_HEADER;
	if (ipv4_is_multicast(iph->daddr) || ipv4_is_lbcast(iph->daddr))
		return SLUICE_FALLBACK_FRAME;
	if (iph->ihl != 5)
		return SLUICE_FALLBACK_OPTIONS;
	if (iph->frag_off & htons(IP_MF | IP_OFFSET))
		return SLUICE_FALLBACK_FRAGMENT;
	if (ip_fast_csum(iph, sizeof(*iph) / sizeof(u32)))
		return SLUICE_FALLBACK_HEADER;
	if (iph->ttl <= 1)
		return SLUICE_FALLBACK_TTL;
	if (!has_length(skb, ntohs(iph->tot_len),
			sizeof(*iph) + sizeof(struct udphdr)))
		return SLUICE_FALLBACK_HEADER;
	iph = ip_hdr(skb);

	tuple->src.ip = iph->saddr;
	tuple->dst.ip = iph->daddr;
	tuple->family = AF_INET;
	tuple->proto = iph->protocol;
	pkt->tos = iph->tos & ~INET_ECN_MASK;
	pkt->l4_offset = sizeof(*iph);
	return SLUICE_FALLBACK_NONE;
}

static enum sluice_fallback read_plain_ipv6(struct sluice_pkt *pkt,
					    struct sk_buff *skb)
{
	struct sluice_tuple *tuple = &pkt->tuple;
	const struct ipv6hdr *ip6h;

	if (!pskb_may_pull(skb, sizeof(*ip6h) + sizeof(struct udphdr)))
		return SLUICE_FALLBACK_HEADER;
	ip6h = ipv6_hdr(skb);
	if (ip6h->version != 6)
		return SLUICE_FALLBACK_HEADER;
	if (ipv6_addr_is_multicast(&ip6h->daddr))
		return SLUICE_FALLBACK_FRAME;
	if (ipv6_ext_hdr(ip6h->nexthdr))
		return ip6h->nexthdr == NEXTHDR_FRAGMENT ?
		       SLUICE_FALLBACK_FRAGMENT : SLUICE_FALLBACK_OPTIONS;
	if (ip6h->hop_limit <= 1)
		return SLUICE_FALLBACK_TTL;
	if (!has_length(skb, ntohs(ip6h->payload_len) + sizeof(*ip6h),
			sizeof(*ip6h) + sizeof(struct udphdr)))
		return SLUICE_FALLBACK_HEADER;
	ip6h = ipv6_hdr(skb);

	tuple->src.in6 = ip6h->saddr;
	tuple->dst.in6 = ip6h->daddr;
	tuple->family = AF_INET6;
	tuple->proto = ip6h->nexthdr;
	pkt->tos = ipv6_get_dsfield(ip6h) & ~INET_ECN_MASK;
	pkt->l4_offset = sizeof(*ip6h);
	return SLUICE_FALLBACK_NONE;
}

static enum sluice_fallback read_plain_l3(struct sluice_pkt *pkt,
					  struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return read_plain_ipv4(pkt, skb);
	case htons(ETH_P_IPV6):
		return read_plain_ipv6(pkt, skb);
	default:
		return SLUICE_FALLBACK_PROTOCOL;
	}
}

/* As sluice_pkt_parse_plain(), of which @pkt is zeroed. */
enum sluice_fallback sluice_pkt_read_plain(struct sluice_pkt *pkt,
					   struct sk_buff *skb)
{
	enum sluice_fallback why;

	if (!pskb_may_pull(skb, sizeof(struct iphdr) + sizeof(struct udphdr)))
		return SLUICE_FALLBACK_HEADER;
	why = read_plain_l3(pkt, skb);
	if (why)
		return why;
	if (pkt->tuple.proto != IPPROTO_TCP &&
	    pkt->tuple.proto != IPPROTO_UDP)
		return SLUICE_FALLBACK_PROTOCOL;
	return read_plain_l4(pkt, skb) ? SLUICE_FALLBACK_NONE :
					 SLUICE_FALLBACK_HEADER;
}
