// SPDX-License-Identifier: GPL-2.0
/*
 * Header rewriting and checksums.
 */
#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/sctp/checksum.h>

#include "nat.h"

/**
 * DOC: Checksums while rewriting
 *
 * The transport checksum is updated from the difference of what changes, so
 * payload is never read and a checksum that was wrong stays wrong. With
 * CHECKSUM_PARTIAL the field holds the pseudo header's sum alone: addresses
 * count, ports do not. With CHECKSUM_COMPLETE skb->csum follows. Both are the
 * work of inet_proto_csum_replace*(). A UDP checksum of zero means none and
 * stays zero; one that comes out as zero is sent as 0xffff.
 *
 * SCTP's CRC covers the ports and not the addresses. If ports change it is
 * computed over the whole packet, unless it was wrong before or is left to the
 * device.
 *
 * The identifier of an ICMP echo request or reply is as good as a port. Of
 * ICMPv4 the checksum covers it, but no addresses.
 */

/* Pointers into the packet; valid until the packet is reallocated. */
struct l4_fields {
	__be16 *sport;		/* NULL: the packet has none */
	__be16 *dport;
	__sum16 *check;
	__sum16 *addr_check;	/* covers addresses, too */
};

static unsigned int l4_header_len(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return sizeof(struct tcphdr);
	case IPPROTO_SCTP:
		return sizeof(struct sctphdr);
	default:
		return sizeof(struct udphdr);
	}
}

static struct l4_fields tcp_fields(struct tcphdr *th)
{
	return (struct l4_fields) {
		&th->source, &th->dest, &th->check, &th->check
	};
}

/* With CHECKSUM_PARTIAL, too: of a tunnel's packet it is the inner one's. */
static struct l4_fields udp_fields(struct udphdr *uh)
{
	__sum16 *check = uh->check ? &uh->check : NULL;

	return (struct l4_fields) { &uh->source, &uh->dest, check, check };
}

static struct l4_fields sctp_fields(struct sctphdr *sh)
{
	return (struct l4_fields) { &sh->source, &sh->dest, NULL, NULL };
}

static struct l4_fields icmp_fields(struct icmphdr *icmph,
				    const struct sluice_pkt *pkt)
{
	__be16 *id = &icmph->un.echo.id;
	__sum16 *check = &icmph->checksum;

	return (struct l4_fields) {
		pkt->icmp_echo ? id : NULL,
		pkt->icmp_echo ? NULL : id,
		check,
		pkt->tuple.proto == IPPROTO_ICMPV6 ? check : NULL,
	};
}

static struct l4_fields find_l4_fields(struct sk_buff *skb,
				       const struct sluice_pkt *pkt)
{
	void *header = skb->data + pkt->l4_offset;

	if (pkt->tuple.proto == IPPROTO_TCP)
		return tcp_fields(header);
	if (pkt->tuple.proto == IPPROTO_SCTP)
		return sctp_fields(header);
	if (sluice_proto_is_icmp(pkt->tuple.proto))
		return icmp_fields(header, pkt);
	return udp_fields(header);
}

static void replace_port(struct sk_buff *skb, __be16 *port, __be16 to,
			 __sum16 *check)
{
	if (!port || *port == to)
		return;
	if (check)
		inet_proto_csum_replace2(check, skb, *port, to, false);
	*port = to;
}

static void replace_ipv4(struct sk_buff *skb, __be32 *addr, __be32 to,
			 __sum16 *check)
{
	if (*addr == to)
		return;
	if (check)
		inet_proto_csum_replace4(check, skb, *addr, to, true);
	csum_replace4(&ip_hdr(skb)->check, *addr, to);
	*addr = to;
}

static void replace_ipv6(struct sk_buff *skb, struct in6_addr *addr,
			 const struct in6_addr *to, __sum16 *check)
{
	if (ipv6_addr_equal(addr, to))
		return;
	if (check)
		inet_proto_csum_replace16(check, skb, addr->s6_addr32,
					  to->s6_addr32, true);
	*addr = *to;
}

static void replace_addresses(struct sk_buff *skb,
			      const struct sluice_tuple *to, __sum16 *check)
{
	if (to->family == AF_INET) {
		replace_ipv4(skb, &ip_hdr(skb)->saddr, to->src.ip, check);
		replace_ipv4(skb, &ip_hdr(skb)->daddr, to->dst.ip, check);
		return;
	}
	replace_ipv6(skb, &ipv6_hdr(skb)->saddr, &to->src.in6, check);
	replace_ipv6(skb, &ipv6_hdr(skb)->daddr, &to->dst.in6, check);
}

/* Whether SCTP's CRC is to be computed anew when ports have changed. */
static bool sctp_needs_crc(const struct sk_buff *skb,
			   const struct sluice_pkt *pkt,
			   const struct sluice_tuple *to)
{
	const struct sctphdr *sh = (void *)skb->data + pkt->l4_offset;

	return to->proto == IPPROTO_SCTP &&
	       sluice_tuple_ports(&pkt->tuple) != sluice_tuple_ports(to) &&
	       skb->ip_summed != CHECKSUM_PARTIAL &&
	       sh->checksum == sctp_compute_cksum(skb, pkt->l4_offset);
}

static void sctp_set_crc(struct sk_buff *skb, const struct sluice_pkt *pkt)
{
	struct sctphdr *sh = (void *)skb->data + pkt->l4_offset;

	sh->checksum = sctp_compute_cksum(skb, pkt->l4_offset);
}

/* The device's sum of the packet knows nothing of what changes in SCTP. */
static void sctp_forget_sum(struct sk_buff *skb, const struct sluice_tuple *to)
{
	if (to->proto == IPPROTO_SCTP && skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
}

/**
 * sluice_nat_rewrite() - give a packet other addresses and ports
 * @skb: packet with skb->data at its network header
 * @pkt: what sluice_pkt_parse() found in it; its tuple is set to @to
 * @to: what it shall have, same family and protocol
 *
 * Pointers into the packet are invalid afterwards. Any context.
 *
 * Return: true, or false if there was no memory to make the headers writable;
 * the packet is as it was then.
 */
bool sluice_nat_rewrite(struct sk_buff *skb, struct sluice_pkt *pkt,
			const struct sluice_tuple *to)
{
	struct l4_fields l4;
	bool crc;

	if (sluice_tuple_equal(&pkt->tuple, to))
		return true;
	if (skb_ensure_writable(skb, pkt->l4_offset +
				     l4_header_len(to->proto)))
		return false;

	crc = sctp_needs_crc(skb, pkt, to);
	sctp_forget_sum(skb, to);
	l4 = find_l4_fields(skb, pkt);
	replace_addresses(skb, to, l4.addr_check);
	replace_port(skb, l4.sport, to->sport, l4.check);
	replace_port(skb, l4.dport, to->dport, l4.check);
	if (to->proto == IPPROTO_UDP && l4.check && !*l4.check)
		*l4.check = CSUM_MANGLED_0;
	if (crc)
		sctp_set_crc(skb, pkt);

	pkt->tuple = *to;
	return true;
}

/* ------------------------------------------------------- plain packets, quickly */

static __wsum sum_addresses(const struct sluice_tuple *t)
{
	return csum_partial(&t->src, sizeof(t->src) + sizeof(t->dst), 0);
}

static __wsum sum_ports(const struct sluice_tuple *t)
{
	return csum_add(csum_unfold((__force __sum16)t->sport),
			csum_unfold((__force __sum16)t->dport));
}

/* Whose unfolding is the sum again */
static __sum16 keep_sum(__wsum sum)
{
	return ~csum_fold(sum);
}

/**
 * sluice_nat_prepare() - have a flow's packets rewritten by sluice_nat_forward()
 * @flow: flow with its tuples
 * @dir: of the packets
 *
 * The same each time, so that nobody minds who does it. Any context.
 */
void sluice_nat_prepare(struct sluice_flow *flow, enum sluice_dir dir)
{
	const struct sluice_tuple *to = &flow->nodes[!dir].tuple;
	struct sluice_flow_node *node = &flow->nodes[dir];
	__wsum addresses, ports;

	addresses = csum_sub(sum_addresses(to), sum_addresses(&node->tuple));
	ports = csum_sub(sum_ports(to), sum_ports(&node->tuple));
	node->addr_delta = keep_sum(addresses);
	node->delta = keep_sum(csum_add(addresses, ports));
}

/* RFC 1624, equation 3 */
static __sum16 add_to_check(__sum16 check, __wsum delta)
{
	return csum_fold(csum_add(~csum_unfold(check), delta));
}

/* One hop less, in the upper half of its word */
static const __wsum hop_delta = (__force __wsum)~(__force u32)htons(0x0100);

static void forward_ipv4(struct iphdr *iph, const struct sluice_flow_node *node,
			 const struct sluice_tuple *answer)
{
	iph->saddr = answer->dst.ip;
	iph->daddr = answer->src.ip;
	iph->ttl--;
	iph->check = add_to_check(iph->check,
				  csum_add(csum_unfold(node->addr_delta),
					   hop_delta));
}

static void forward_ipv6(struct ipv6hdr *ip6h,
			 const struct sluice_tuple *answer)
{
	ip6h->saddr = answer->dst.in6;
	ip6h->daddr = answer->src.in6;
	ip6h->hop_limit--;
}

/* With CHECKSUM_PARTIAL the field is a sum of addresses, not its complement. */
static __always_inline __sum16
forward_check(__sum16 check, const struct sluice_flow_node *node, bool partial)
{
	if (partial)
		return ~csum_fold(csum_add(csum_unfold(check),
					   csum_unfold(node->addr_delta)));
	return add_to_check(check, csum_unfold(node->delta));
}

static void forward_tcp(struct tcphdr *th, const struct sluice_flow_node *node,
			const struct sluice_tuple *answer, bool partial)
{
	th->source = answer->dport;
	th->dest = answer->sport;
	th->check = forward_check(th->check, node, partial);
}

static void forward_udp(struct udphdr *uh, const struct sluice_flow_node *node,
			const struct sluice_tuple *answer, bool partial)
{
	uh->source = answer->dport;
	uh->dest = answer->sport;
	if (uh->check)
		uh->check = forward_check(uh->check, node, partial) ?:
			    CSUM_MANGLED_0;
}

/* @data: network header, of which all headers are in one piece and writable */
static __always_inline void forward_bytes(void *data,
					  const struct sluice_pkt *pkt,
					  const struct sluice_flow_node *node,
					  bool partial)
{
	const struct sluice_flow *flow = sluice_flow_of_wire(node);
	const struct sluice_tuple *answer = &flow->nodes[!node->dir].tuple;
	void *header = data + pkt->l4_offset;

	if (pkt->tuple.family == AF_INET)
		forward_ipv4(data, node, answer);
	else
		forward_ipv6(data, answer);
	if (pkt->tuple.proto == IPPROTO_TCP)
		forward_tcp(header, node, answer, partial);
	else
		forward_udp(header, node, answer, partial);
}

/* The device's sum of it all is given up, as of whatever is forwarded. */
static noinline bool forward_summed(struct sk_buff *skb,
				    struct sluice_pkt *pkt,
				    const struct sluice_tuple *answer)
{
	struct sluice_tuple to;

	sluice_tuple_invert(&to, answer);
	if (!sluice_nat_rewrite(skb, pkt, &to))
		return false;
	skb->ip_summed = CHECKSUM_NONE;
	if (to.family == AF_INET)
		ip_decrease_ttl(ip_hdr(skb));
	else
		ipv6_hdr(skb)->hop_limit--;
	return true;
}

static bool is_writable(struct sk_buff *skb, unsigned int len)
{
	return !skb_cloned(skb) || skb_clone_writable(skb, len) ||
	       !pskb_expand_head(skb, 0, 0, GFP_ATOMIC);
}

/**
 * sluice_nat_forward() - give a plain packet other addresses, ports and a hop less
 * @skb: packet with skb->data at its network header
 * @pkt: what sluice_pkt_parse_plain() found in it
 * @node: of its direction, prepared
 *
 * As sluice_nat_rewrite(), by sums that were made before. Any context.
 *
 * Return: true, or false if there was no memory to make the headers writable;
 * the packet is as it was then.
 */
bool sluice_nat_forward(struct sk_buff *skb, struct sluice_pkt *pkt,
			const struct sluice_flow_node *node)
{
	const struct sluice_flow *flow = sluice_flow_of_wire(node);
	const struct sluice_tuple *answer = &flow->nodes[!node->dir].tuple;
	bool tcp = pkt->tuple.proto == IPPROTO_TCP;

	if (!is_writable(skb, pkt->l4_offset + (tcp ? sizeof(struct tcphdr) :
						      sizeof(struct udphdr))))
		return false;
	skb_set_transport_header(skb, pkt->l4_offset);
	if (unlikely(skb->ip_summed == CHECKSUM_COMPLETE))
		return forward_summed(skb, pkt, answer);

	forward_bytes(skb->data, pkt, node, skb->ip_summed == CHECKSUM_PARTIAL);
	return true;
}

/**
 * sluice_nat_forward_frame() - as sluice_nat_forward(), of a frame
 * @frame: frame whose headers are writable
 * @pkt: what sluice_pkt_parse_frame() found in it
 * @node: of its direction, prepared
 *
 * Any context.
 */
void sluice_nat_forward_frame(const struct sluice_frame *frame,
			      const struct sluice_pkt *pkt,
			      const struct sluice_flow_node *node)
{
	forward_bytes(frame->data, pkt, node, frame->partial);
}
