// SPDX-License-Identifier: GPL-2.0
/*
 * RSTs that go where a segment was going to.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>

#include "rst.h"

/**
 * DOC: A segment that becomes a RST
 *
 * A connection that is over has two ends, of which one may be silent for ever:
 * it waits for what the other one sends, and would not hear from its own
 * packets that nothing will come. So the last segment that was on its way to it
 * becomes a RST.
 *
 * A receiver heeds a RST whose sequence number is the next one that it expects;
 * any other one in its window it answers (RFC 5961, section 3.2), by which it
 * is told. Data in sequence begins with that number. What carries no data is an
 * acknowledgment, which says the next one, too, and goes to an end that is busy
 * sending and will hear of it; or it asks whether that end is alive or has
 * room again, with the number before, and is the only thing it would get. So
 * one is added to it. What is sent again, or asks by sending a byte again, comes
 * to nothing: the receiver has it, and does not heed its number.
 */

/* Whether it takes something of the space of sequence numbers */
static bool has_data(const struct sk_buff *skb, const struct sluice_pkt *pkt,
		     const struct tcphdr *th)
{
	return th->fin || skb->len > pkt->l4_offset + th->doff * 4;
}

static __sum16 checksum(const struct sk_buff *skb, const struct sluice_pkt *pkt,
			const struct tcphdr *th)
{
	__wsum sum = csum_partial(th, sizeof(*th), 0);
	const struct iphdr *iph = ip_hdr(skb);
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);

	if (pkt->tuple.family == AF_INET)
		return csum_tcpudp_magic(iph->saddr, iph->daddr, sizeof(*th),
					 IPPROTO_TCP, sum);
	return csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr, sizeof(*th),
			       IPPROTO_TCP, sum);
}

static void set_length(struct sk_buff *skb, u8 family)
{
	if (family == AF_INET) {
		ip_hdr(skb)->tot_len = htons(skb->len);
		ip_send_check(ip_hdr(skb));
	} else {
		ipv6_hdr(skb)->payload_len =
			htons(skb->len - sizeof(struct ipv6hdr));
	}
}

/**
 * sluice_rst_make() - turn a TCP segment into a RST for its receiver
 * @skb: segment with skb->data at its network header
 * @pkt: what sluice_pkt_parse() has found in it: no RST; on return what it would
 *	find now
 *
 * It keeps its addresses, options of IP and, if it has one, its acknowledgment.
 * Any context.
 *
 * Return: false if there is no memory, or it is a jumbogram, whose length is an
 * option; the segment is as it was, but perhaps cut.
 */
bool sluice_rst_make(struct sk_buff *skb, struct sluice_pkt *pkt)
{
	struct tcphdr *th, was;

	if (pkt->tuple.family == AF_INET6 && !ipv6_hdr(skb)->payload_len)
		return false;
	if (skb_ensure_writable(skb, pkt->l4_offset + sizeof(*th)))
		return false;
	was = *(struct tcphdr *)(skb->data + pkt->l4_offset);
	if (!has_data(skb, pkt, &was))
		be32_add_cpu(&was.seq, 1);
	if (pskb_trim(skb, pkt->l4_offset + sizeof(*th)))
		return false;

	skb_gso_reset(skb);
	skb->ip_summed = CHECKSUM_NONE;
	set_length(skb, pkt->tuple.family);
	th = (struct tcphdr *)(skb->data + pkt->l4_offset);
	*th = (struct tcphdr) {
		.source = was.source, .dest = was.dest, .seq = was.seq,
		.ack_seq = was.ack_seq, .ack = was.ack, .rst = 1,
		.doff = sizeof(*th) / 4,
	};
	th->check = checksum(skb, pkt, th);
	pkt->rst = true;
	pkt->fin = false;
	return true;
}
