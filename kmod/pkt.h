/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From packet to tuple and offsets; the only place that reads packet headers.
 */
#ifndef _SLUICE_PKT_H
#define _SLUICE_PKT_H

#include <linux/icmp.h>
#include <linux/if_ether.h>
#include <linux/icmpv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "fallback.h"
#include "tuple.h"

/**
 * struct sluice_pkt - what is known of one packet
 * @tuple: its addresses, ports and protocol; of an ICMP error the tuple that
 *	answers the packet it quotes, whose direction it goes; of one about a
 *	tunnel that of the packet inside
 * @l4_offset: offset of the transport or ICMP header from skb->data
 * @quoted_l3: of an ICMP error, offset of the IP header it quotes
 * @quoted_l4: offset of the transport header behind that, of which eight bytes
 *	are there at least
 * @tos: of what sluice_pkt_parse_plain() has read: type of service or traffic
 *	class without the bits of congestion control
 * @icmp: of ICMP and ICMPv6 type << 8 | code
 * @door: &enum sluice_flow_door, where it is; set by whoever knows
 * @vrf: that it is in, by the index of its device, 0 for none; set by whoever
 *	knows
 * @relay_to: has come in a tunnel to this address, that of a backend which
 *	another node has chosen for it; NULL otherwise; likewise
 * @from_node: sent by the node itself; set by whoever knows
 * @from_tunnel: has come in IPIP or the like, perhaps from another node that
 *	has chosen this one for it; set by whoever knows
 * @bridged: only passes through a bridge: no business of services; set by
 *	whoever knows
 * @on_link: of @bridged ones: the node has an address on this link, and @tuple's
 *	destination is there; likewise
 * @on_bridge: it is in a bridge or has come up from one: others may be on its
 *	link; likewise
 * @icmp_error: an ICMP or ICMPv6 error about TCP, UDP or SCTP
 * @icmp_tunnel: an ICMP or ICMPv6 error about IPv4 in IPv4 or IPv6 in IPv6, and
 *	in it TCP, UDP or SCTP
 * @icmp_echo: an ICMP or ICMPv6 echo request
 * @icmp_reply: the reply to one, which begins nothing
 * @opaque: none of these, or damaged: of @tuple only the addresses and, as far
 *	as they could be read, the protocol and the ports are set
 * @fin: TCP flag
 * @syn: TCP flag; of SCTP an INIT
 * @rst: TCP flag; of SCTP an ABORT or SHUTDOWN COMPLETE
 * @ack: TCP flag
 */
struct sluice_pkt {
	struct sluice_tuple tuple;
	unsigned int l4_offset;
	unsigned int quoted_l3;
	unsigned int quoted_l4;
	u16 icmp;
	u8 tos;
	u8 door;
	int vrf;
	const union nf_inet_addr *relay_to;
	bool from_node:1;
	bool from_tunnel:1;
	bool bridged:1;
	bool on_link:1;
	bool on_bridge:1;
	bool icmp_error:1;
	bool icmp_tunnel:1;
	bool icmp_echo:1;
	bool icmp_reply:1;
	bool opaque:1;
	bool fin:1;
	bool syn:1;
	bool rst:1;
	bool ack:1;
};

/**
 * struct sluice_frame - a received frame that a program shows
 * @dev: device it has come in by
 * @skb: it is that, in the hands of tc; NULL: it is no packet yet
 * @data: its network header, writable; the Ethernet header is ahead of it
 * @linear: how many bytes there are in one piece
 * @len: how many there are in all
 * @protocol: of its Ethernet header
 * @out: of what a program bridges, index of the device that it goes out by
 * @door: &enum sluice_flow_door
 * @partial: its transport checksum is a sum of addresses so far, as with
 *	CHECKSUM_PARTIAL
 * @generic: generic XDP shows it: it has been a packet, and nobody can tell
 *	what its checksum is
 * @fragments: it is in several buffers
 */
struct sluice_frame {
	struct net_device *dev;
	const struct sk_buff *skb;
	void *data;
	unsigned int linear;
	unsigned int len;
	__be16 protocol;
	u32 out;
	u8 door;
	bool partial;
	bool generic;
	bool fragments;
};

static inline struct ethhdr *
sluice_frame_ethernet(const struct sluice_frame *frame)
{
	return frame->data - ETH_HLEN;
}

/* Whether it begins something, and so tells who has begun it */
static inline bool sluice_pkt_opens(const struct sluice_pkt *pkt)
{
	return !sluice_proto_has_connections(pkt->tuple.proto) ||
	       (pkt->syn && !pkt->ack);
}

/* Whether it tells that the other end has begun what it is of */
static inline bool sluice_pkt_answers(const struct sluice_pkt *pkt)
{
	return !sluice_pkt_opens(pkt) &&
	       (pkt->syn || sluice_ports_tell_server(ntohs(pkt->tuple.sport),
						     ntohs(pkt->tuple.dport)));
}

/* Others than the node may get it, too. */
static inline bool sluice_pkt_is_shared(const struct sluice_pkt *pkt)
{
	return pkt->bridged || pkt->on_bridge;
}

static inline void sluice_pkt_set_tcp(struct sluice_pkt *pkt,
				      const struct tcphdr *th)
{
	pkt->tuple.sport = th->source;
	pkt->tuple.dport = th->dest;
	pkt->fin = th->fin;
	pkt->syn = th->syn;
	pkt->rst = th->rst;
	pkt->ack = th->ack;
}

bool sluice_pkt_parse_at(struct sluice_pkt *pkt, const struct sk_buff *skb,
			 int offset, u8 family);
enum sluice_fallback sluice_pkt_read_plain(struct sluice_pkt *pkt,
					   struct sk_buff *skb);
enum sluice_fallback sluice_pkt_parse_frame(struct sluice_pkt *pkt,
					    struct sluice_frame *frame);
void sluice_pkt_parse_opaque(struct sluice_pkt *pkt, const struct sk_buff *skb);
/* What a flow of echo requests is judged by, as in &struct sluice_pkt.icmp */
static inline u16 sluice_pkt_echo(u8 family)
{
	return (family == AF_INET ? ICMP_ECHO : ICMPV6_ECHO_REQUEST) << 8;
}

bool sluice_pkt_is_discovery(const struct sluice_pkt *pkt);

/* As sluice_pkt_parse_at(), of a packet with its network header set */
static inline bool sluice_pkt_parse(struct sluice_pkt *pkt,
				    const struct sk_buff *skb, u8 family)
{
	return sluice_pkt_parse_at(pkt, skb, skb_network_offset(skb), family);
}

/**
 * sluice_pkt_parse_plain() - read the headers of a packet that has nothing special
 * @pkt: filled in
 * @skb: packet just received, skb->data at its network header; the kernel may
 *	have to pull its headers together, and what is behind it is cut off
 *
 * Plain are whole packets of TCP and UDP without IPv4 options or IPv6 extension
 * headers, that have a hop left. Softirq.
 *
 * Return: %SLUICE_FALLBACK_NONE, or what it has instead.
 */
static inline enum sluice_fallback
sluice_pkt_parse_plain(struct sluice_pkt *pkt, struct sk_buff *skb)
{
	memset(pkt, 0, sizeof(*pkt));
	return sluice_pkt_read_plain(pkt, skb);
}

#endif
