// SPDX-License-Identifier: GPL-2.0
/*
 * From packet to tuple and offsets.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "pkt.h"

/*
 * Parsers of network headers fill in the tuple but for its ports, and return
 * the offset of the transport header or a negative number. Whoever wants a
 * packet @whole takes no fragment; otherwise a first fragment will do.
 */
static int parse_ipv4(struct sluice_tuple *tuple, const struct sk_buff *skb,
		      int offset, bool whole)
{
	__be16 fragment = htons(whole ? IP_MF | IP_OFFSET : IP_OFFSET);
	const struct iphdr *iph;
	struct iphdr buf;

	iph = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!iph || iph->version != 4 || iph->ihl < 5 ||
	    iph->frag_off & fragment)
		return -1;

	tuple->src.ip = iph->saddr;
	tuple->dst.ip = iph->daddr;
	tuple->proto = iph->protocol;
	return offset + iph->ihl * 4;
}

/* How extension headers begin; none is shorter. */
union ext_header {
	struct ipv6_opt_hdr opt;
	struct ipv6_rt_hdr routing;
	struct frag_hdr fragment;
};

static bool is_fragment(const struct frag_hdr *fragment, bool whole)
{
	return fragment->frag_off &
	       htons(whole ? IP6_OFFSET | IP6_MF : IP6_OFFSET);
}

/*
 * Returns the length of an extension header, or 0 if the packet cannot be
 * rewritten. With segments left the destination in the header is a hop on the
 * way, not the one that the transport checksum covers.
 */
static unsigned int ext_header_len(const union ext_header *ext, u8 type,
				   bool whole)
{
	switch (type) {
	case NEXTHDR_NONE:
	case NEXTHDR_AUTH:	/* covers the addresses */
		return 0;
	case NEXTHDR_FRAGMENT:
		return is_fragment(&ext->fragment, whole) ?
		       0 : sizeof(ext->fragment);
	case NEXTHDR_ROUTING:
		return ext->routing.segments_left ? 0 : ipv6_optlen(&ext->opt);
	default:
		return ipv6_optlen(&ext->opt);
	}
}

/* Returns the offset of the transport header or a negative number. */
static int skip_extension_headers(const struct sk_buff *skb, int offset,
				  u8 *nexthdr, bool whole)
{
	const union ext_header *ext;
	union ext_header buf;
	unsigned int len;

	while (ipv6_ext_hdr(*nexthdr)) {
		ext = skb_header_pointer(skb, offset, sizeof(buf), &buf);
		len = ext ? ext_header_len(ext, *nexthdr, whole) : 0;
		if (!len)
			return -1;
		*nexthdr = ext->opt.nexthdr;
		offset += len;
	}
	return offset;
}

static int parse_ipv6(struct sluice_tuple *tuple, const struct sk_buff *skb,
		      int offset, bool whole)
{
	const struct ipv6hdr *ip6h;
	struct ipv6hdr buf;

	ip6h = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!ip6h || ip6h->version != 6)
		return -1;

	tuple->src.in6 = ip6h->saddr;
	tuple->dst.in6 = ip6h->daddr;
	tuple->proto = ip6h->nexthdr;
	return skip_extension_headers(skb, offset + sizeof(*ip6h),
				      &tuple->proto, whole);
}

static int parse_l3(struct sluice_tuple *tuple, const struct sk_buff *skb,
		    int offset, bool whole)
{
	return tuple->family == AF_INET ?
	       parse_ipv4(tuple, skb, offset, whole) :
	       parse_ipv6(tuple, skb, offset, whole);
}

static bool parse_tcp(struct sluice_pkt *pkt, const struct sk_buff *skb)
{
	const struct tcphdr *th;
	struct tcphdr buf;

	th = skb_header_pointer(skb, pkt->l4_offset, sizeof(buf), &buf);
	if (!th)
		return false;

	sluice_pkt_set_tcp(pkt, th);
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

/* SCTP's header and the beginning of its first chunk */
struct sctp_start {
	struct sctphdr header;
	struct sctp_chunkhdr chunk;
};

/* Its words for a first packet and for the end of an association */
static bool parse_sctp(struct sluice_pkt *pkt, const struct sk_buff *skb)
{
	const struct sctp_start *start;
	struct sctp_start buf;

	start = skb_header_pointer(skb, pkt->l4_offset, sizeof(buf), &buf);
	if (!start)
		return false;

	pkt->tuple.sport = start->header.source;
	pkt->tuple.dport = start->header.dest;
	pkt->syn = start->chunk.type == SCTP_CID_INIT;
	pkt->rst = start->chunk.type == SCTP_CID_ABORT ||
		   start->chunk.type == SCTP_CID_SHUTDOWN_COMPLETE;
	return true;
}

/* What TCP, UDP and SCTP begin with, and an ICMP error is sure to quote. */
struct l4_start {
	__be16 sport;
	__be16 dport;
	__be32 rest;
};

static bool is_icmp_error(u8 family, u8 type)
{
	if (family == AF_INET6)
		return !(type & ICMPV6_INFOMSG_MASK);

	/* A redirect is between a host and its router. */
	return icmp_is_err(type) && type != ICMP_REDIRECT;
}

static bool is_echo_request(u8 family, u8 type)
{
	return type == (family == AF_INET ? ICMP_ECHO : ICMPV6_ECHO_REQUEST);
}

static bool is_echo_reply(u8 family, u8 type)
{
	return type == (family == AF_INET ? ICMP_ECHOREPLY :
					    ICMPV6_ECHO_REPLY);
}

/* The identifier of an echo request or reply; false if it is neither. */
static bool read_identifier(struct sluice_tuple *tuple,
			    const struct icmphdr *icmph)
{
	if (is_echo_request(tuple->family, icmph->type))
		tuple->sport = icmph->un.echo.id;
	else if (is_echo_reply(tuple->family, icmph->type))
		tuple->dport = icmph->un.echo.id;
	else
		return false;
	return true;
}

/* What a packet's transport header begins with, eight bytes. */
static bool read_ports(struct sluice_tuple *tuple, const struct sk_buff *skb,
		       int offset)
{
	const struct l4_start *start;
	struct l4_start buf;

	BUILD_BUG_ON(sizeof(struct icmphdr) != sizeof(*start));
	start = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!start)
		return false;
	if (sluice_proto_is_icmp(tuple->proto))
		return read_identifier(tuple, (const void *)start);
	if (!sluice_proto_has_flows(tuple->proto))
		return false;

	tuple->sport = start->sport;
	tuple->dport = start->dport;
	return true;
}

/*
 * The packet that an ICMP error quotes, or the one inside of that if it was in
 * a tunnel. Returns the offset of its transport header or a negative number.
 */
static int parse_quoted(struct sluice_pkt *pkt, struct sluice_tuple *quoted,
			const struct sk_buff *skb)
{
	int offset = parse_l3(quoted, skb, pkt->quoted_l3, false);

	if (offset < 0 || !sluice_tuple_is_tunnel(quoted))
		return offset;
	pkt->icmp_tunnel = true;
	return parse_l3(quoted, skb, offset, false);
}

/* The packet that an ICMP error quotes tells which flow it belongs to. */
static bool parse_icmp_error(struct sluice_pkt *pkt, const struct sk_buff *skb)
{
	struct sluice_tuple quoted = { .family = pkt->tuple.family };
	int offset;

	pkt->quoted_l3 = pkt->l4_offset + sizeof(struct icmphdr);
	offset = parse_quoted(pkt, &quoted, skb);
	if (offset < 0 || !read_ports(&quoted, skb, offset))
		return false;

	pkt->quoted_l4 = offset;
	if (pkt->icmp_tunnel) {
		pkt->tuple = quoted;
		return true;
	}
	pkt->icmp_error = true;
	sluice_tuple_invert(&pkt->tuple, &quoted);
	return true;
}

static bool parse_icmp(struct sluice_pkt *pkt, const struct sk_buff *skb)
{
	u8 family = pkt->tuple.family;
	const struct icmphdr *icmph;
	struct icmphdr buf;

	BUILD_BUG_ON(sizeof(struct icmphdr) != sizeof(struct icmp6hdr));
	icmph = skb_header_pointer(skb, pkt->l4_offset, sizeof(buf), &buf);
	if (!icmph)
		return false;
	pkt->icmp = icmph->type << 8 | icmph->code;
	if (is_icmp_error(family, icmph->type))
		return parse_icmp_error(pkt, skb);

	pkt->icmp_echo = is_echo_request(family, icmph->type);
	pkt->icmp_reply = is_echo_reply(family, icmph->type);
	return read_identifier(&pkt->tuple, icmph);
}

/**
 * sluice_pkt_parse_at() - read a packet's headers
 * @pkt: filled in
 * @skb: packet
 * @offset: of its network header, or that of a packet inside, from skb->data
 * @family: AF_INET or AF_INET6, what the hook stands for
 *
 * Changes nothing in the packet. Any context.
 *
 * Return: true if the packet is whole TCP, UDP or SCTP, or an ICMP echo request
 * or reply, whose addresses may be rewritten, or an ICMP error about such a
 * packet, or about a tunnel with such a packet; false for a fragment, another
 * protocol, a truncated header or an IPv6 routing header still to be worked
 * off. Of whole ones the protocol and @l4_offset are set all the same.
 */
bool sluice_pkt_parse_at(struct sluice_pkt *pkt, const struct sk_buff *skb,
			 int offset, u8 family)
{
	memset(pkt, 0, sizeof(*pkt));
	pkt->tuple.family = family;
	offset = parse_l3(&pkt->tuple, skb, offset, true);
	if (offset < 0)
		return false;

	pkt->l4_offset = offset;
	switch (pkt->tuple.proto) {
	case IPPROTO_TCP:
		return parse_tcp(pkt, skb);
	case IPPROTO_UDP:
		return parse_udp(pkt, skb);
	case IPPROTO_SCTP:
		return parse_sctp(pkt, skb);
	case IPPROTO_ICMP:
		return family == AF_INET && parse_icmp(pkt, skb);
	case IPPROTO_ICMPV6:
		return family == AF_INET6 && parse_icmp(pkt, skb);
	default:
		return false;
	}
}

/*
 * As far as they can be read; the offset of the transport header or, if it is
 * not there, a negative number
 */
static int read_ipv4(struct sluice_tuple *tuple, const struct sk_buff *skb)
{
	int offset = skb_network_offset(skb);
	const struct iphdr *iph;
	struct iphdr buf;

	iph = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!iph)
		return -1;
	tuple->src.ip = iph->saddr;
	tuple->dst.ip = iph->daddr;
	tuple->proto = iph->protocol;
	return iph->frag_off & htons(IP_OFFSET) ? -1 : offset + iph->ihl * 4;
}

/* What its fragment header says that there is a part of */
static void read_later_fragment(struct sluice_tuple *tuple,
				const struct sk_buff *skb, int offset)
{
	const struct frag_hdr *header;
	struct frag_hdr buf;

	header = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (header)
		tuple->proto = header->nexthdr;
}

static int read_ipv6(struct sluice_tuple *tuple, const struct sk_buff *skb)
{
	int offset = skb_network_offset(skb);
	const struct ipv6hdr *ip6h;
	struct ipv6hdr buf;
	__be16 fragment;

	ip6h = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!ip6h)
		return -1;
	tuple->src.in6 = ip6h->saddr;
	tuple->dst.in6 = ip6h->daddr;
	tuple->proto = ip6h->nexthdr;
	offset = ipv6_skip_exthdr(skb, offset + sizeof(*ip6h), &tuple->proto,
				  &fragment);
	if (offset < 0 || !(fragment & htons(IP6_OFFSET)))
		return offset;
	read_later_fragment(tuple, skb, offset);
	return -1;
}

/**
 * sluice_pkt_parse_opaque() - read who sends a packet to whom, and little more
 * @pkt: read by sluice_pkt_parse() before; its tuple is set anew, from the
 *	packet's own network header, with ports as far as they are there: the
 *	first fragment of something has them
 * @skb: packet with its network header set
 *
 * For whatever has no flow: other protocols, what quotes no flow, what could
 * not be read any further. Any context.
 */
void sluice_pkt_parse_opaque(struct sluice_pkt *pkt, const struct sk_buff *skb)
{
	struct sluice_tuple *tuple = &pkt->tuple;
	u8 family = tuple->family;
	int offset;

	pkt->opaque = true;
	*tuple = (struct sluice_tuple) { .family = family };
	offset = family == AF_INET ? read_ipv4(tuple, skb) :
				     read_ipv6(tuple, skb);
	if (offset >= 0 && sluice_proto_has_flows(tuple->proto))
		read_ports(tuple, skb, offset);
}

/*
 * Neighbour discovery and group membership of IPv6: without it nobody could
 * speak.
 */
bool sluice_pkt_is_discovery(const struct sluice_pkt *pkt)
{
	u8 type = pkt->icmp >> 8;

	return pkt->tuple.proto == IPPROTO_ICMPV6 &&
	       ((type >= ICMPV6_MGM_QUERY && type <= NDISC_REDIRECT) ||
		type == ICMPV6_MLD2_REPORT);
}
