// SPDX-License-Identifier: GPL-2.0
/*
 * From packet to tuple and offsets.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "pkt.h"

static bool parse_ipv4(struct sluice_pkt *pkt, const struct sk_buff *skb)
{
	unsigned int offset = skb_network_offset(skb);
	const struct iphdr *iph;
	struct iphdr buf;

	iph = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!iph || iph->version != 4 || iph->ihl < 5 || ip_is_fragment(iph))
		return false;

	pkt->tuple.src.ip = iph->saddr;
	pkt->tuple.dst.ip = iph->daddr;
	pkt->tuple.proto = iph->protocol;
	pkt->l4_offset = offset + iph->ihl * 4;
	return true;
}

/* How extension headers begin; none is shorter. */
union ext_header {
	struct ipv6_opt_hdr opt;
	struct ipv6_rt_hdr routing;
	struct frag_hdr fragment;
};

static bool is_fragment(const struct frag_hdr *fragment)
{
	return fragment->frag_off & htons(IP6_OFFSET | IP6_MF);
}

/*
 * Returns the length of an extension header, or 0 if the packet cannot be
 * rewritten. With segments left the destination in the header is a hop on the
 * way, not the one that the transport checksum covers.
 */
static unsigned int ext_header_len(const union ext_header *ext, u8 type)
{
	switch (type) {
	case NEXTHDR_NONE:
	case NEXTHDR_AUTH:	/* covers the addresses */
		return 0;
	case NEXTHDR_FRAGMENT:
		return is_fragment(&ext->fragment) ? 0 : sizeof(ext->fragment);
	case NEXTHDR_ROUTING:
		return ext->routing.segments_left ? 0 : ipv6_optlen(&ext->opt);
	default:
		return ipv6_optlen(&ext->opt);
	}
}

/* Returns the offset of the transport header or a negative number. */
static int skip_extension_headers(const struct sk_buff *skb, int offset,
				  u8 *nexthdr)
{
	const union ext_header *ext;
	union ext_header buf;
	unsigned int len;

	while (ipv6_ext_hdr(*nexthdr)) {
		ext = skb_header_pointer(skb, offset, sizeof(buf), &buf);
		len = ext ? ext_header_len(ext, *nexthdr) : 0;
		if (!len)
			return -1;
		*nexthdr = ext->opt.nexthdr;
		offset += len;
	}
	return offset;
}

static bool parse_ipv6(struct sluice_pkt *pkt, const struct sk_buff *skb)
{
	int offset = skb_network_offset(skb);
	const struct ipv6hdr *ip6h;
	struct ipv6hdr buf;
	u8 nexthdr;

	ip6h = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!ip6h || ip6h->version != 6)
		return false;

	nexthdr = ip6h->nexthdr;
	offset += sizeof(*ip6h);
	if (ipv6_ext_hdr(nexthdr)) {
		offset = skip_extension_headers(skb, offset, &nexthdr);
		if (offset < 0)
			return false;
	}

	pkt->tuple.src.in6 = ip6h->saddr;
	pkt->tuple.dst.in6 = ip6h->daddr;
	pkt->tuple.proto = nexthdr;
	pkt->l4_offset = offset;
	return true;
}

static bool parse_tcp(struct sluice_pkt *pkt, const struct sk_buff *skb)
{
	const struct tcphdr *th;
	struct tcphdr buf;

	th = skb_header_pointer(skb, pkt->l4_offset, sizeof(buf), &buf);
	if (!th)
		return false;

	pkt->tuple.sport = th->source;
	pkt->tuple.dport = th->dest;
	pkt->fin = th->fin;
	pkt->syn = th->syn;
	pkt->rst = th->rst;
	pkt->ack = th->ack;
	return true;
}

static bool parse_udp(struct sluice_pkt *pkt, const struct sk_buff *skb)
{
	const struct udphdr *uh;
	struct udphdr buf;

	uh = skb_header_pointer(skb, pkt->l4_offset, sizeof(buf), &buf);
	if (!uh)
		return false;

	pkt->tuple.sport = uh->source;
	pkt->tuple.dport = uh->dest;
	return true;
}

/**
 * sluice_pkt_parse() - read a packet's headers
 * @pkt: filled in
 * @skb: packet with its network header set
 * @family: AF_INET or AF_INET6, what the hook stands for
 *
 * Changes nothing in the packet. Any context.
 *
 * Return: true if the packet is whole TCP or UDP whose addresses may be
 * rewritten; false for a fragment, another protocol, a truncated header or an
 * IPv6 routing header still to be worked off.
 */
bool sluice_pkt_parse(struct sluice_pkt *pkt, const struct sk_buff *skb,
		      u8 family)
{
	bool known;

	memset(pkt, 0, sizeof(*pkt));
	pkt->tuple.family = family;

	known = family == AF_INET ? parse_ipv4(pkt, skb) : parse_ipv6(pkt, skb);
	if (!known)
		return false;

	switch (pkt->tuple.proto) {
	case IPPROTO_TCP:
		return parse_tcp(pkt, skb);
	case IPPROTO_UDP:
		return parse_udp(pkt, skb);
	default:
		return false;
	}
}
