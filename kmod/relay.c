// SPDX-License-Identifier: GPL-2.0
/*
 * Relaying: what another node has sent to a backend of this one.
 */
#include <linux/netfilter_bridge.h>
#include <net/inet_dscp.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>
#include <net/route.h>
#include <net/xfrm.h>

#include "decide.h"
#include "dsr.h"
#include "frontend.h"
#include "relay.h"
#include "way.h"

/**
 * DOC: Relaying
 *
 * Two nodes have a service and its backends. The one that a client's packet
 * comes to chooses a backend; if that is on another node it sends the packet
 * there unchanged, in a tunnel to the backend's address (see dsr.c). The
 * backend knows of none of that: its node takes the packet out ahead of
 * routing, makes the flow that has just this backend, and has the packet
 * received once more. It is a client's packet then as any: the flow has it
 * rewritten at whichever door sees it first, policy holds, and the backend's
 * replies get the address and port that the client has asked, be they another
 * node's, and go the node's own way.
 *
 * Who puts a packet into a tunnel says who the client is. So only nodes are
 * believed: the outer source needs the identity of other nodes, and has to stand
 * the kernel's checks for the way it has come by, and what IPsec policies ask of
 * such packets.
 *
 * Whatever does not fit goes on as it came: to the backend, which may be the end
 * of a tunnel of its own, or says that it is none.
 */

/* Type of service or traffic class; of a header that has been read before */
static u8 dsfield(const struct sk_buff *skb, int offset, u8 family)
{
	const __be16 *start;
	__be16 buf = 0;

	start = skb_header_pointer(skb, offset, sizeof(buf), &buf) ?: &buf;
	return family == AF_INET ? ntohs(*start) : ntohs(*start) >> 4;
}

/* A congested router has marked what its sender does not let be marked. */
static bool is_wrongly_marked(const struct sk_buff *skb,
			      const struct sluice_pkt *outer)
{
	u8 family = outer->tuple.family;
	bool congested;

	return __INET_ECN_decapsulate(dsfield(skb, 0, family),
				      dsfield(skb, outer->l4_offset, family),
				      &congested) > 1;
}

/*
 * Nobody will look up a route for the packet as it is: its source would not
 * stand the check of reverse paths, where that is on. There is none for IPv6.
 */
static bool is_believed(struct sk_buff *skb, const struct sluice_pkt *outer)
{
	const struct sluice_tuple *tuple = &outer->tuple;
	bool believed;

	if (tuple->family != AF_INET)
		return true;
	skb_dst_drop(skb);
	believed = !ip_route_input_noref(skb, tuple->dst.ip, tuple->src.ip,
					 inet_dsfield_to_dscp(ip_hdr(skb)->tos),
					 skb->dev) &&
		   !skb_dst(skb)->error;
	skb_dst_drop(skb);
	return believed;
}

/* What IPsec policies say of the packet as it is, in place of the stack */
static bool is_sealed(struct sluice_net *sn, struct sk_buff *skb,
		      const struct sluice_pkt *outer)
{
	const struct sluice_tuple *tuple = &outer->tuple;
	bool here = sluice_frontend_is_local(sn->net,
					     sluice_way_vrf(skb->dev),
					     tuple->family, &tuple->dst);

	return xfrm_policy_check(NULL, here ? XFRM_POLICY_IN : XFRM_POLICY_FWD,
				 skb, tuple->family);
}

static bool comes_from_node(struct sluice_net *sn, struct sk_buff *skb,
			    const struct sluice_pkt *outer)
{
	return sluice_frontend_is_other_node(sn, outer->tuple.family,
					     &outer->tuple.src) &&
	       is_believed(skb, outer) && is_sealed(sn, skb, outer);
}

/* In a bridge, and for another host */
static bool passes_by(const struct sk_buff *skb)
{
	return nf_bridge_in_prerouting(skb) && sluice_dsr_is_bridged_on(skb);
}

/**
 * sluice_relay_is_for() - whether a packet has another one for a backend here
 * @sn: namespace
 * @skb: packet at the entry with skb->data at its network header
 * @outer: what sluice_pkt_parse() found in it, which is nothing to be rewritten
 * @state: of the hook
 *
 * The caller holds rcu_read_lock().
 */
bool sluice_relay_is_for(struct sluice_net *sn, struct sk_buff *skb,
			 const struct sluice_pkt *outer,
			 const struct nf_hook_state *state)
{
	struct sluice_pkt pkt;

	if (!sluice_service_has_relays(&sn->services) || !outer->l4_offset ||
	    !sluice_tuple_is_tunnel(&outer->tuple) ||
	    state->hook != NF_INET_PRE_ROUTING || passes_by(skb) ||
	    !sluice_pkt_parse_at(&pkt, skb, outer->l4_offset, state->pf) ||
	    pkt.icmp_tunnel)
		return false;

	sluice_relay_note(&pkt, outer, state);
	return !is_wrongly_marked(skb, outer) &&
	       sluice_decide_takes(sn, &pkt) &&
	       comes_from_node(sn, skb, outer);
}

/**
 * sluice_relay_take_out() - make of a packet the one inside
 * @skb: packet for which sluice_relay_is_for() holds
 * @outer: what was read of it
 *
 * The hardware header goes with it: the device has received the one inside, for
 * whoever looks. What has come in fragments, which somebody has put together, may
 * have to leave in some, whatever it says itself: they are the tunnel's. Softirq.
 *
 * Return: true, or false if there is no memory; then it can only be dropped.
 */
bool sluice_relay_take_out(struct sk_buff *skb, const struct sluice_pkt *outer)
{
	u8 family = outer->tuple.family;
	bool in_pieces = skb->ignore_df;
	u8 outside = dsfield(skb, 0, family);

	if (!pskb_may_pull(skb, outer->l4_offset +
				sluice_dsr_header_len(family)) ||
	    skb_unclone(skb, GFP_ATOMIC) ||
	    iptunnel_pull_header(skb, outer->l4_offset, skb->protocol, false))
		return false;

	skb_reset_network_header(skb);
	skb_mac_header_rebuild(skb);
	memset(skb->cb, 0, sizeof(skb->cb));
	skb->ignore_df = in_pieces;
	INET_ECN_decapsulate(skb, outside, dsfield(skb, 0, family));
	return true;
}
