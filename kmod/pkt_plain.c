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

/* Of what begins with a header of its protocol, TCP or UDP */
static __always_inline void take_l4(struct sluice_pkt *pkt, const void *header)
{
	const struct udphdr *uh = header;

	if (pkt->tuple.proto == IPPROTO_TCP) {
		sluice_pkt_set_tcp(pkt, header);
		return;
	}
	pkt->tuple.sport = uh->source;
	pkt->tuple.dport = uh->dest;
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

/* Whether there is nothing special about a header, whatever is behind it */
static __always_inline enum sluice_fallback check_ipv4(const struct iphdr *iph)
{
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
	return SLUICE_FALLBACK_NONE;
}

static __always_inline enum sluice_fallback
check_ipv6(const struct ipv6hdr *ip6h)
{
	if (ip6h->version != 6)
		return SLUICE_FALLBACK_HEADER;
	if (ipv6_addr_is_multicast(&ip6h->daddr) ||
	    sluice_is_link_local(&ip6h->daddr))
		return SLUICE_FALLBACK_FRAME;
	if (ipv6_ext_hdr(ip6h->nexthdr))
		return ip6h->nexthdr == NEXTHDR_FRAGMENT ?
		       SLUICE_FALLBACK_FRAGMENT : SLUICE_FALLBACK_OPTIONS;
	if (ip6h->hop_limit <= 1)
		return SLUICE_FALLBACK_TTL;
	return SLUICE_FALLBACK_NONE;
}

static __always_inline void take_ipv4(struct sluice_pkt *pkt,
				      const struct iphdr *iph)
{
	struct sluice_tuple *tuple = &pkt->tuple;

	tuple->src.ip = iph->saddr;
	tuple->dst.ip = iph->daddr;
	tuple->family = AF_INET;
	tuple->proto = iph->protocol;
	pkt->tos = iph->tos & ~INET_ECN_MASK;
	pkt->l4_offset = sizeof(*iph);
}

static __always_inline void take_ipv6(struct sluice_pkt *pkt,
				      const struct ipv6hdr *ip6h)
{
	struct sluice_tuple *tuple = &pkt->tuple;

	tuple->src.in6 = ip6h->saddr;
	tuple->dst.in6 = ip6h->daddr;
	tuple->family = AF_INET6;
	tuple->proto = ip6h->nexthdr;
	pkt->tos = ipv6_get_dsfield(ip6h) & ~INET_ECN_MASK;
	pkt->l4_offset = sizeof(*ip6h);
}

static unsigned int len_ipv4(const struct iphdr *iph)
{
	return ntohs(iph->tot_len);
}

static unsigned int len_ipv6(const struct ipv6hdr *ip6h)
{
	return ntohs(ip6h->payload_len) + sizeof(*ip6h);
}

#define LEAST_IPV4	(sizeof(struct iphdr) + sizeof(struct udphdr))
#define LEAST_IPV6	(sizeof(struct ipv6hdr) + sizeof(struct udphdr))

static enum sluice_fallback read_plain_ipv4(struct sluice_pkt *pkt,
					    struct sk_buff *skb)
{
	enum sluice_fallback why = check_ipv4(ip_hdr(skb));

	if (why)
		return why;
	if (!has_length(skb, len_ipv4(ip_hdr(skb)), LEAST_IPV4))
		return SLUICE_FALLBACK_HEADER;
	take_ipv4(pkt, ip_hdr(skb));
	return SLUICE_FALLBACK_NONE;
}

static enum sluice_fallback read_plain_ipv6(struct sluice_pkt *pkt,
					    struct sk_buff *skb)
{
	enum sluice_fallback why;

	if (!pskb_may_pull(skb, LEAST_IPV6))
		return SLUICE_FALLBACK_HEADER;
	why = check_ipv6(ipv6_hdr(skb));
	if (why)
		return why;
	if (!has_length(skb, len_ipv6(ipv6_hdr(skb)), LEAST_IPV6))
		return SLUICE_FALLBACK_HEADER;
	take_ipv6(pkt, ipv6_hdr(skb));
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

static __always_inline enum sluice_fallback
check_proto(const struct sluice_pkt *pkt)
{
	return pkt->tuple.proto == IPPROTO_TCP ||
	       pkt->tuple.proto == IPPROTO_UDP ? SLUICE_FALLBACK_NONE :
						 SLUICE_FALLBACK_PROTOCOL;
}

/* As sluice_pkt_parse_plain(), of which @pkt is zeroed. */
enum sluice_fallback sluice_pkt_read_plain(struct sluice_pkt *pkt,
					   struct sk_buff *skb)
{
	enum sluice_fallback why;

	if (!pskb_may_pull(skb, LEAST_IPV4))
		return SLUICE_FALLBACK_HEADER;
	why = read_plain_l3(pkt, skb) ?: check_proto(pkt);
	if (why)
		return why;
	if (pkt->tuple.proto == IPPROTO_TCP &&
	    !pskb_may_pull(skb, pkt->l4_offset + sizeof(struct tcphdr)))
		return SLUICE_FALLBACK_HEADER;
	take_l4(pkt, skb->data + pkt->l4_offset);
	return SLUICE_FALLBACK_NONE;
}

/* ------------------------------------------------------------------- frames */

/* What Ethernet has put behind a short one stays, and does not count. */
static bool has_frame_length(struct sluice_frame *frame, unsigned int len,
			     unsigned int least)
{
	if (len < least || len > frame->len || frame->linear < least)
		return false;
	frame->len = len;
	return true;
}

static enum sluice_fallback read_frame_ipv4(struct sluice_pkt *pkt,
					    struct sluice_frame *frame)
{
	const struct iphdr *iph = frame->data;
	enum sluice_fallback why = check_ipv4(iph);

	if (why)
		return why;
	if (!has_frame_length(frame, len_ipv4(iph), LEAST_IPV4))
		return SLUICE_FALLBACK_HEADER;
	take_ipv4(pkt, iph);
	return SLUICE_FALLBACK_NONE;
}

static enum sluice_fallback read_frame_ipv6(struct sluice_pkt *pkt,
					    struct sluice_frame *frame)
{
	const struct ipv6hdr *ip6h = frame->data;
	enum sluice_fallback why;

	if (frame->linear < LEAST_IPV6)
		return SLUICE_FALLBACK_HEADER;
	why = check_ipv6(ip6h);
	if (why)
		return why;
	if (!has_frame_length(frame, len_ipv6(ip6h), LEAST_IPV6))
		return SLUICE_FALLBACK_HEADER;
	take_ipv6(pkt, ip6h);
	return SLUICE_FALLBACK_NONE;
}

static enum sluice_fallback read_frame_l3(struct sluice_pkt *pkt,
					  struct sluice_frame *frame)
{
	if (frame->linear < LEAST_IPV4)
		return SLUICE_FALLBACK_HEADER;
	switch (frame->protocol) {
	case htons(ETH_P_IP):
		return read_frame_ipv4(pkt, frame);
	case htons(ETH_P_IPV6):
		return read_frame_ipv6(pkt, frame);
	default:
		return SLUICE_FALLBACK_PROTOCOL;
	}
}

/**
 * sluice_pkt_parse_frame() - read the headers of a frame that has nothing special
 * @pkt: filled in
 * @frame: frame; its length becomes what its network header says
 *
 * As sluice_pkt_parse_plain(), of bytes that cannot be moved: what is not in one
 * piece is not plain. Any context.
 *
 * Return: %SLUICE_FALLBACK_NONE, or what it has instead.
 */
enum sluice_fallback sluice_pkt_parse_frame(struct sluice_pkt *pkt,
					    struct sluice_frame *frame)
{
	enum sluice_fallback why;

	memset(pkt, 0, sizeof(*pkt));
	why = read_frame_l3(pkt, frame) ?: check_proto(pkt);
	if (why)
		return why;
	if (pkt->tuple.proto == IPPROTO_TCP &&
	    min(frame->linear, frame->len) < pkt->l4_offset + sizeof(struct tcphdr))
		return SLUICE_FALLBACK_HEADER;
	take_l4(pkt, frame->data + pkt->l4_offset);
	return SLUICE_FALLBACK_NONE;
}
