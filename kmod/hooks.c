// SPDX-License-Identifier: GPL-2.0
/*
 * The netfilter doors: find the flow or have it decided, rewrite.
 */
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/netdevice.h>
#include <net/ip6_route.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/route.h>

#include "bridge.h"
#include "conntrack.h"
#include "decide.h"
#include "dsr.h"
#include "echo.h"
#include "frontend.h"
#include "hooks.h"
#include "icmp.h"
#include "nat.h"
#include "ranges.h"
#include "relay.h"
#include "rst.h"
#include "sender.h"
#include "service.h"
#include "way.h"

/**
 * DOC: Where packets are rewritten
 *
 * Destinations are rewritten before routing: in PRE_ROUTING and LOCAL_OUT just
 * ahead of nf_conntrack, the entry. Sources are rewritten after routing: in
 * POST_ROUTING and LOCAL_IN, behind nf_conntrack's look-up and its address
 * translation, the exit. So nf_conntrack, where it is loaded, sees a plain
 * connection between client and backend in both directions, and reverse path
 * filters see addresses that exist.
 *
 * What goes to a backend unchanged gets its way at both doors, see dsr.c. What
 * another node has sent to a backend of this one is taken out of its tunnel at
 * the entry, see relay.c.
 *
 * Another source port for the same client is given at the entry: nobody minds
 * it there, and nf_conntrack is spared two connections with one tuple.
 */

static enum sluice_drop_reason
rewrite_icmp_error(struct sk_buff *skb, struct sluice_pkt *pkt,
		   const struct sluice_tuple *to)
{
	if (!sluice_icmp_is_intact(skb, pkt) ||
	    sluice_icmp_rewrite(skb, pkt, to))
		return SLUICE_DROP_NONE;
	return SLUICE_DROP_REASON_NO_MEMORY;
}

static enum sluice_drop_reason rewrite(struct sluice_net *sn,
				       struct sk_buff *skb,
				       struct sluice_pkt *pkt,
				       const struct sluice_flow_node *node,
				       const struct sluice_tuple *to)
{
	if (pkt->icmp_error)
		return rewrite_icmp_error(skb, pkt, to);
	if (!sluice_nat_rewrite(skb, pkt, to))
		return SLUICE_DROP_REASON_NO_MEMORY;

	/* Once a packet, though it may come by two doors. */
	if (!node->middle)
		sluice_flow_touch(&sn->flows, sluice_flow_of(node), node->dir,
				  pkt, skb->len);
	return SLUICE_DROP_NONE;
}

/* What @node has to do at its door */
static enum sluice_drop_reason rewrite_here(struct sluice_net *sn,
					    struct sk_buff *skb,
					    struct sluice_pkt *pkt,
					    const struct sluice_flow_node *node)
{
	struct sluice_tuple to;

	sluice_flow_target(node, &to);
	return rewrite(sn, skb, pkt, node, &to);
}

/* Local delivery in a VRF is by its device, too. */
static bool is_for_node(const struct sk_buff *skb, u8 pf)
{
	if (pf == NFPROTO_IPV4)
		return skb_rtable(skb)->rt_flags & RTCF_LOCAL;
	return ipv6_unicast_destination(skb);
}

/*
 * A packet that comes back through the loopback or a VRF device has been dealt
 * with before, in LOCAL_OUT and POST_ROUTING or on the enslaved device: it may
 * look like a new connection to the backend, and is not. What goes out by a
 * VRF device goes through LOCAL_OUT and POST_ROUTING twice: here the time with
 * the enslaved device counts. What stays in the VRF goes through LOCAL_OUT once.
 */
static bool seen_twice(const struct sk_buff *skb,
		       const struct nf_hook_state *state)
{
	switch (state->hook) {
	case NF_INET_LOCAL_OUT:
		return netif_is_l3_master(state->out) &&
		       !is_for_node(skb, state->pf);
	case NF_INET_POST_ROUTING:
		return netif_is_l3_master(state->out);
	case NF_INET_PRE_ROUTING:
		return state->in->flags & IFF_LOOPBACK ||
		       netif_is_l3_master(state->in);
	case NF_INET_LOCAL_IN:
		return state->in->flags & IFF_LOOPBACK;
	default:
		return false;
	}
}

/* The packet has another destination than it was, or will be, routed by. */
static int reroute(struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (state->hook == NF_INET_PRE_ROUTING) {
		skb_dst_drop(skb);
		return 0;
	}
	if (state->pf == NFPROTO_IPV4)
		return ip_route_me_harder(state->net, state->sk, skb,
					  RTN_UNSPEC);
	return nf_ip6_route_me_harder(state->net, state->sk, skb);
}

/* The route was, or will be, looked up with other addresses than these. */
static bool needs_route(const struct sluice_tuple *was,
			const struct sluice_tuple *is,
			const struct nf_hook_state *state)
{
	if (!nf_inet_addr_cmp(&was->dst, &is->dst))
		return true;
	return state->hook == NF_INET_LOCAL_OUT &&
	       !nf_inet_addr_cmp(&was->src, &is->src);
}

/* Whether there is something to decide though it could not be read */
static bool read_opaque(const struct sluice_net *sn, struct sluice_pkt *pkt,
			const struct sk_buff *skb)
{
	if (!sluice_judge_remembers(sn))
		return false;
	sluice_pkt_parse_opaque(pkt, skb);
	return true;
}

/* @state: of the hook; NULL if nobody can be told */
static unsigned int drop(struct sluice_net *sn, struct sk_buff *skb,
			 const struct sluice_pkt *pkt,
			 const struct sluice_verdict *verdict,
			 const struct nf_hook_state *state)
{
	if (verdict->reject && state)
		sluice_reject(skb, pkt, state, verdict->blame.dir);
	return sluice_drop_blamed(sn, skb, pkt, &verdict->blame,
				  verdict->reason);
}

/*
 * Whether it goes on as the RST by which its receiver hears that the connection
 * is over, as its sender does by another one. That one leaves its route behind.
 */
static bool goes_on_as_rst(struct sluice_net *sn, struct sk_buff *skb,
			   struct sluice_pkt *pkt,
			   struct sluice_verdict *verdict,
			   const struct nf_hook_state *state)
{
	if (!verdict->becomes_rst ||
	    nf_checksum(skb, state->hook, pkt->l4_offset, IPPROTO_TCP, state->pf))
		return false;

	sluice_reject(skb, pkt, state, false);
	verdict->reject = false;
	if (state->hook == NF_INET_PRE_ROUTING)
		skb_dst_drop(skb);
	if (!sluice_rst_make(skb, pkt))
		return false;
	sluice_drop_note(sn, skb, pkt, verdict->reason);
	verdict->reason = SLUICE_DROP_NONE;
	return true;
}

/*
 * Discovery is of the link: what the node would route is not, and nobody who
 * heeds it would get it. Between ports of a bridge all of it is.
 */
static bool stays_on_link(struct sluice_net *sn, const struct sk_buff *skb,
			  const struct sluice_pkt *pkt)
{
	return pkt->bridged || pkt->from_node ||
	       nf_bridge_in_prerouting(skb) ||
	       sluice_frontend_is_on_link(sn->net, pkt);
}

/* What has no flow and begins none */
static unsigned int judge_stray(struct sluice_net *sn, struct sk_buff *skb,
				struct sluice_pkt *pkt,
				const struct nf_hook_state *state)
{
	struct sluice_verdict verdict;

	if (!sluice_judge_in_force(sn))
		return NF_ACCEPT;
	sluice_pkt_parse_opaque(pkt, skb);
	if (sluice_pkt_is_discovery(pkt) && stays_on_link(sn, skb, pkt))
		return NF_ACCEPT;
	sluice_decide_stray(sn, pkt, &verdict);
	return verdict.reason ? drop(sn, skb, pkt, &verdict, state) :
				NF_ACCEPT;
}

/* Opaque packets of protocols that are nothing but opaque have flows. */
static bool is_damaged(const struct sluice_pkt *pkt)
{
	return pkt->opaque && (sluice_proto_has_flows(pkt->tuple.proto) ||
			       sluice_proto_is_icmp(pkt->tuple.proto));
}

/* In a bridge, where br_netfilter shows it, or up from it to the node */
static bool comes_by_bridge(const struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	return nf_bridge_in_prerouting(skb) ||
	       (state->in && sluice_bridge_is_below(state->in));
}

/* LOCAL_OUT and POST_ROUTING, the latter at once if there is no queue before. */
static bool is_answer_to_drop(const struct nf_hook_state *state)
{
	return (state->hook == NF_INET_LOCAL_OUT ||
		state->hook == NF_INET_POST_ROUTING) && sluice_is_rejecting();
}

/*
 * What the node has routed one way, and is bridged straight back; or what is
 * bridged both ways
 */
static bool is_rewritten_bridged(const struct sluice_flow_node *node,
				 const struct sluice_pkt *pkt)
{
	const struct sluice_flow *flow = sluice_flow_of(node);

	if (flow->bridged)
		return true;
	return pkt->on_link && node->dir == SLUICE_DIR_REPLY &&
	       flow->backend && !sluice_flow_is_one_sided(flow);
}

static bool is_for_group(const struct sluice_tuple *tuple)
{
	if (tuple->family == AF_INET)
		return ipv4_is_multicast(tuple->dst.ip) ||
		       ipv4_is_lbcast(tuple->dst.ip);
	return ipv6_addr_is_multicast(&tuple->dst.in6);
}

/*
 * Whether a flow may go on because the node is at its other end: which it is not of
 * what is bridged
 */
static bool is_of_node(const struct sluice_net *sn,
		       const struct sluice_flow_node *node)
{
	const struct sluice_flow *flow = sluice_flow_of(node);
	const struct sluice_tuple *tuple = &node->tuple;

	return sluice_judge_in_force(sn) && !flow->bridged && !flow->backend &&
	       (is_for_group(tuple) ||
		sluice_frontend_is_local_anywhere(sn->net, tuple->family,
						  &tuple->dst));
}

/* Ethernet may have put something behind it, and tags ahead of it. */
static bool trim(struct sk_buff *skb, u8 family)
{
	u32 len = family == AF_INET ? ntohs(ip_hdr(skb)->tot_len) :
		  ntohs(ipv6_hdr(skb)->payload_len) + sizeof(struct ipv6hdr);

	len += skb_network_offset(skb);
	return skb_is_gso(skb) || skb->len <= len ||
	       !pskb_trim_rcsum(skb, len);
}

/* As at both doors at once */
static unsigned int rewrite_bridged(struct sluice_net *sn, struct sk_buff *skb,
				    struct sluice_pkt *pkt,
				    const struct sluice_flow_node *node)
{
	struct sluice_flow *flow = sluice_flow_of(node);
	enum sluice_drop_reason reason = SLUICE_DROP_REASON_NO_MEMORY;
	struct sluice_tuple to;

	sluice_tuple_invert(&to, &flow->nodes[!node->dir].tuple);
	if (sluice_tuple_equal(&to, &node->tuple) && !pkt->icmp_error) {
		sluice_flow_touch(&sn->flows, flow, node->dir, pkt, skb->len);
		return NF_ACCEPT;
	}
	if (trim(skb, pkt->tuple.family))
		reason = rewrite(sn, skb, pkt, node, &to);
	return reason ? sluice_drop_of(sn, skb, pkt, flow, reason) : NF_ACCEPT;
}

/*
 * From one port of a bridge to another: what is not routed by the node has
 * nothing to do with services, unless it answers a client of one, but with the
 * policy. Nobody is told of a drop, for which the node would need an address
 * there.
 */
static unsigned int decide_bridged(struct sluice_net *sn, struct sk_buff *skb,
				   struct sluice_pkt *pkt)
{
	struct sluice_verdict verdict;

	pkt->bridged = true;
	if (is_damaged(pkt) || pkt->icmp_tunnel)
		return judge_stray(sn, skb, pkt, NULL);

	sluice_decide(sn, pkt, SLUICE_DOOR_ENTRY, &verdict);
	if (verdict.reason)
		return drop(sn, skb, pkt, &verdict, NULL);
	if (verdict.found ? is_of_node(sn, verdict.found) :
			    pkt->icmp_error || pkt->icmp_reply)
		return judge_stray(sn, skb, pkt, NULL);
	if (verdict.found && is_rewritten_bridged(verdict.found, pkt))
		return rewrite_bridged(sn, skb, pkt, verdict.found);
	if (verdict.node && !pkt->icmp_error)
		sluice_flow_touch(&sn->flows, sluice_flow_of(verdict.node),
				  verdict.node->dir, pkt, skb->len);
	return NF_ACCEPT;
}

/*
 * Of a frame that waits until it is routed: if it will not be, it does not come
 * by again, as the bridge's own hook leaves to br_netfilter what that shows.
 */
static unsigned int decide_waiting(struct sluice_net *sn, struct sk_buff *skb,
				   struct sluice_pkt *pkt)
{
	if (!sluice_dsr_is_bridged_on(skb) || !sluice_judge_remembers(sn))
		return NF_ACCEPT;
	return decide_bridged(sn, skb, pkt);
}

/*
 * Another node has sent it to a backend here. What is inside is received anew,
 * to go the way of the flow that it has then. If it is still in a bridge it waits
 * until it is routed.
 */
static unsigned int receive_relayed(struct sluice_net *sn, struct sk_buff *skb,
				    const struct sluice_pkt *outer,
				    const struct nf_hook_state *state)
{
	struct sluice_verdict verdict;
	struct sluice_pkt pkt;

	if (nf_bridge_in_prerouting(skb)) {
		sluice_dsr_ask_again(skb);
		return NF_ACCEPT;
	}
	if (!sluice_relay_take_out(skb, outer) ||
	    !sluice_pkt_parse(&pkt, skb, state->pf))
		return sluice_drop(sn, skb, outer,
				   SLUICE_DROP_REASON_NO_MEMORY);

	sluice_relay_note(&pkt, outer, state);
	sluice_decide_relayed(sn, &pkt, &verdict);
	if (verdict.reason && !goes_on_as_rst(sn, skb, &pkt, &verdict, state))
		return drop(sn, skb, &pkt, &verdict, state);
	if (!verdict.found)
		return sluice_drop(sn, skb, &pkt,
				   SLUICE_DROP_REASON_NO_LOCAL_BACKEND);
	netif_rx(skb);
	return NF_STOLEN;
}

/* What a flow has to do here to a packet of its own, which is routed anew then */
static unsigned int rewrite_destination(struct sluice_net *sn,
					struct sk_buff *skb,
					struct sluice_pkt *pkt,
					const struct sluice_flow_node *node,
					const struct nf_hook_state *state)
{
	struct sluice_tuple was = pkt->tuple;
	enum sluice_drop_reason reason = rewrite_here(sn, skb, pkt, node);

	sluice_dsr_track(skb);
	if (!reason && needs_route(&was, &pkt->tuple, state) &&
	    reroute(skb, state))
		reason = SLUICE_DROP_REASON_NO_ROUTE;
	return reason ? sluice_drop_of(sn, skb, pkt, sluice_flow_of(node),
				       reason) : NF_ACCEPT;
}

/* PRE_ROUTING and LOCAL_OUT: other destinations. */
static unsigned int destination_hook(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct sluice_net *sn = sluice_pernet(state->net);
	struct sluice_verdict verdict;
	struct sluice_pkt pkt;

	if (seen_twice(skb, state) || is_answer_to_drop(state))
		return NF_ACCEPT;
	if (!sluice_pkt_parse(&pkt, skb, state->pf)) {
		if (sluice_relay_is_for(sn, skb, &pkt, state))
			return receive_relayed(sn, skb, &pkt, state);
		if (!read_opaque(sn, &pkt, skb))
			return NF_ACCEPT;
	}
	pkt.vrf = sluice_way_vrf(state->in ?: state->out);
	pkt.from_node = sluice_sender_is_node(skb, state);
	pkt.on_bridge = comes_by_bridge(skb, state);
	if (is_damaged(&pkt))
		return judge_stray(sn, skb, &pkt, state);

	if (pkt.icmp_echo && sluice_echo_answer(sn, skb, &pkt) == NF_STOLEN)
		return NF_STOLEN;

	if (pkt.icmp_tunnel) {
		sluice_dsr_tunnel_error(sn, skb, &pkt);
		return judge_stray(sn, skb, &pkt, state);
	}

	pkt.from_tunnel = sluice_dsr_was_in_tunnel(state);
	if (sluice_dsr_waits(sn, skb, &pkt))
		return decide_waiting(sn, skb, &pkt);

	sluice_decide(sn, &pkt, SLUICE_DOOR_ENTRY, &verdict);
	if (verdict.reason && !goes_on_as_rst(sn, skb, &pkt, &verdict, state))
		return drop(sn, skb, &pkt, &verdict, state);
	if (!verdict.found && (pkt.icmp_error || pkt.icmp_reply))
		return judge_stray(sn, skb, &pkt, state);
	if (!verdict.node)
		return NF_ACCEPT;
	if (sluice_flow_is_one_sided(sluice_flow_of(verdict.node)))
		return sluice_dsr_entry(sn, skb, &pkt, verdict.node, state);

	return rewrite_destination(sn, skb, &pkt, verdict.node, state);
}

/* Whether others give what leaves other sources, which may be node ports */
static bool may_be_disguised(const struct sluice_net *sn,
			     const struct nf_hook_state *state)
{
	return state->hook == NF_INET_POST_ROUTING &&
	       sluice_service_has_node_ports(&sn->services);
}

/* Others may be seen here with any source: nobody has rewritten that. */
static void leave(struct sluice_net *sn, struct sk_buff *skb,
		  const struct sluice_pkt *pkt,
		  const struct nf_hook_state *state)
{
	struct sluice_flow_node *node;

	if (!may_be_disguised(sn, state) || pkt->icmp_error ||
	    !sluice_conntrack_gave_source(skb))
		return;
	node = sluice_decide_own(sn, pkt);
	if (node)
		sluice_flow_touch(&sn->flows, sluice_flow_of(node), node->dir,
				  pkt, skb->len);
}

/*
 * POST_ROUTING and LOCAL_IN: other sources. Nobody has one where there are no
 * services and nothing is masqueraded: what is only judged is not looked at.
 */
static unsigned int source_hook(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct sluice_net *sn = sluice_pernet(state->net);
	struct sluice_verdict verdict;
	struct sluice_pkt pkt;

	if (READ_ONCE(sn->devices.skip_count))
		sluice_conntrack_ease(skb);
	if (!(READ_ONCE(sn->flows.exits) || may_be_disguised(sn, state)) ||
	    seen_twice(skb, state) ||
	    is_answer_to_drop(state) ||
	    !sluice_pkt_parse(&pkt, skb, state->pf) || pkt.icmp_tunnel)
		return NF_ACCEPT;
	pkt.vrf = sluice_way_vrf(state->out ?: state->in);

	sluice_decide(sn, &pkt, SLUICE_DOOR_EXIT, &verdict);
	if (verdict.reason)
		return sluice_drop_blamed(sn, skb, &pkt, &verdict.blame,
					  verdict.reason);
	if (!verdict.found)
		leave(sn, skb, &pkt, state);
	if (!verdict.node)
		return NF_ACCEPT;
	if (sluice_dsr_is_for(verdict.node))
		return sluice_dsr_exit(sn, skb, &pkt,
				       sluice_flow_of(verdict.node), state);

	verdict.reason = rewrite_here(sn, skb, &pkt, verdict.node);
	if (verdict.reason)
		return sluice_drop_of(sn, skb, &pkt,
				      sluice_flow_of(verdict.node),
				      verdict.reason);
	return NF_ACCEPT;
}

#if IS_ENABLED(CONFIG_NETFILTER_FAMILY_BRIDGE)
/* Whether there is something to decide. */
static bool read_packet(const struct sluice_net *sn, struct sluice_pkt *pkt,
			const struct sk_buff *skb,
			const struct nf_hook_state *state)
{
	return sluice_pkt_parse(pkt, skb, state->pf) ||
	       read_opaque(sn, pkt, skb);
}

/* @offset: of what is behind the tags, whose protocol is returned; 0: nothing */
static __be16 skip_tags(const struct sk_buff *skb, int *offset)
{
	__be16 protocol = skb->protocol;
	const struct vlan_hdr *tag;
	struct vlan_hdr buf;

	*offset = skb_network_offset(skb);
	while (unlikely(eth_type_vlan(protocol))) {
		tag = skb_header_pointer(skb, *offset, sizeof(buf), &buf);
		if (!tag)
			return 0;
		protocol = tag->h_vlan_encapsulated_proto;
		*offset += sizeof(buf);
	}
	return protocol;
}

/*
 * Whether there is an IP packet in it, and where. One tag the kernel has taken
 * off; its receiver takes off all the others, too, that are of no VLAN.
 */
static bool find_ip(const struct sk_buff *skb, u8 *pf, int *offset)
{
	switch (skip_tags(skb, offset)) {
	case htons(ETH_P_IP):
		*pf = NFPROTO_IPV4;
		return true;
	case htons(ETH_P_IPV6):
		*pf = NFPROTO_IPV6;
		return true;
	default:
		return false;
	}
}

/*
 * Whether services may have to do with it, of hosts that reach them by the node.
 * A frame is asked for that only if it may be an answer, or for a backend.
 */
static bool is_near_services(struct sluice_net *sn, const struct sk_buff *skb,
			     const struct sluice_pkt *pkt,
			     const struct nf_hook_state *state)
{
	const struct sluice_tuple *tuple = &pkt->tuple;
	struct sluice_l4addr to;

	sluice_tuple_dst(&to, tuple);
	if (!(READ_ONCE(sn->flows.exits) &&
	      sluice_flow_lookup(&sn->flows, tuple, SLUICE_DOOR_ENTRY)) &&
	    !sluice_service_has_endpoint(&sn->services, &to))
		return false;
	return sluice_bridge_is_on_link(skb, state, tuple->family, &tuple->dst);
}

/*
 * A copy of a frame that the bridge sends everywhere, in search of its host. Nothing
 * is denied to others who do not get it, so that nobody is told.
 */
static unsigned int judge_flooded(struct sluice_net *sn, struct sk_buff *skb,
				  const struct sluice_pkt *pkt,
				  const struct sluice_prefix *receiver)
{
	struct sluice_judgement j;
	struct sluice_case c;

	sluice_case_of_pkt(&c, pkt, &receiver->addr, pkt->tuple.dport);
	c.dst_family = receiver->family;
	sluice_judge(sn, &c, sluice_service_table_revision(&sn->services), &j);
	return j.denied ? sluice_drop_untold(skb) : NF_ACCEPT;
}

/*
 * What is for all on a link, or for an address that is nobody's elsewhere, says
 * nothing of who gets it, whatever the frame says: that is who the port is bound
 * to. Its answers are of its flow.
 */
static unsigned int judge_receiver(struct sluice_net *sn, struct sk_buff *skb,
				   struct sluice_pkt *pkt,
				   const struct nf_hook_state *state)
{
	const struct sluice_flow_node *node;
	const struct sluice_prefix *receiver;
	struct sluice_verdict verdict;

	if (!sluice_judge_in_force(sn) || sluice_pkt_is_discovery(pkt))
		return NF_ACCEPT;
	receiver = sluice_bridge_receiver(state->out, &pkt->tuple);
	if (!receiver)
		return NF_ACCEPT;
	node = sluice_flow_lookup(&sn->flows, &pkt->tuple, SLUICE_DOOR_ENTRY);
	if (node && (pkt->icmp_error ||
		     (node->dir == SLUICE_DIR_REPLY &&
		      !sluice_decide_is_turned(node, pkt))))
		return NF_ACCEPT;
	pkt->bridged = true;
	if (sluice_bridge_is_flooded(skb, state))
		return judge_flooded(sn, skb, pkt, receiver);
	sluice_decide_for(sn, pkt, receiver->family, &receiver->addr, &verdict);
	return verdict.reason ? drop(sn, skb, pkt, &verdict, NULL) : NF_ACCEPT;
}

/* @state: of the hook, but for its family, which is the packet's */
static unsigned int see_bridged(struct sluice_net *sn, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	unsigned int verdict;
	struct sluice_pkt pkt;

	if (!read_packet(sn, &pkt, skb, state))
		return NF_ACCEPT;
	verdict = judge_receiver(sn, skb, &pkt, state);
	/* What br_netfilter shows has been seen by the IP hooks. */
	if (verdict != NF_ACCEPT || nf_bridge_info_exists(skb))
		return verdict;
	pkt.on_link = is_near_services(sn, skb, &pkt, state);
	if (!pkt.on_link && !sluice_judge_remembers(sn))
		return NF_ACCEPT;
	return decide_bridged(sn, skb, &pkt);
}

/* BR_FORWARD. Meanwhile the network header is that of the IP packet. */
static unsigned int bridge_hook(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct sluice_net *sn = sluice_pernet(state->net);
	struct nf_hook_state ip_state = *state;
	int offset, was = skb_network_offset(skb);
	unsigned int verdict;

	if (!(sluice_judge_remembers(sn) || READ_ONCE(sn->flows.exits) ||
	      sluice_service_has_endpoints(&sn->services)) ||
	    !find_ip(skb, &ip_state.pf, &offset))
		return NF_ACCEPT;
	skb_set_network_header(skb, offset);
	verdict = see_bridged(sn, skb, &ip_state);
	if (verdict == NF_ACCEPT)
		skb_set_network_header(skb, was);
	return verdict;
}
#endif

/* The numbers of both families' priorities are the same. */
static_assert((int)NF_IP_PRI_CONNTRACK == (int)NF_IP6_PRI_CONNTRACK);
static_assert((int)NF_IP_PRI_NAT_SRC == (int)NF_IP6_PRI_NAT_SRC);
static_assert(NFPROTO_IPV4 == AF_INET && NFPROTO_IPV6 == AF_INET6);

#define SLUICE_HOOK(_hook, _pf, _hooknum, _priority) {	\
	.hook = _hook,					\
	.pf = _pf,					\
	.hooknum = _hooknum,				\
	.priority = _priority,				\
}

#define SLUICE_HOOKS(_pf)						\
	SLUICE_HOOK(destination_hook, _pf, NF_INET_PRE_ROUTING,		\
		    NF_IP_PRI_CONNTRACK - 1),				\
	SLUICE_HOOK(destination_hook, _pf, NF_INET_LOCAL_OUT,		\
		    NF_IP_PRI_CONNTRACK - 1),				\
	SLUICE_HOOK(source_hook, _pf, NF_INET_POST_ROUTING,		\
		    NF_IP_PRI_NAT_SRC + 1),				\
	SLUICE_HOOK(source_hook, _pf, NF_INET_LOCAL_IN,			\
		    NF_IP_PRI_NAT_SRC + 1)

static const struct nf_hook_ops hook_ops[] = {
	SLUICE_HOOKS(NFPROTO_IPV4),
#if IS_ENABLED(CONFIG_IPV6)
	SLUICE_HOOKS(NFPROTO_IPV6),
#endif
#if IS_ENABLED(CONFIG_NETFILTER_FAMILY_BRIDGE)
	SLUICE_HOOK(bridge_hook, NFPROTO_BRIDGE, NF_BR_FORWARD,
		    NF_BR_PRI_FILTER_OTHER - 1),
#endif
};

static int defrag_enable(struct net *net)
{
	int err;

	err = nf_defrag_ipv4_enable(net);
	if (err)
		return err;
#if IS_ENABLED(CONFIG_IPV6)
	err = nf_defrag_ipv6_enable(net);
	if (err)
		nf_defrag_ipv4_disable(net);
#endif
	return err;
}

static void defrag_disable(struct net *net)
{
#if IS_ENABLED(CONFIG_IPV6)
	nf_defrag_ipv6_disable(net);
#endif
	nf_defrag_ipv4_disable(net);
}

/**
 * sluice_hooks_register() - open the netfilter doors of a namespace
 * @net: namespace whose tables are ready
 *
 * Fragments are reassembled ahead of the hooks from here on. Process context,
 * may sleep.
 *
 * Return: 0 or -errno.
 */
int sluice_hooks_register(struct net *net)
{
	int err;

	err = defrag_enable(net);
	if (err)
		return err;

	err = nf_register_net_hooks(net, hook_ops, ARRAY_SIZE(hook_ops));
	if (err)
		defrag_disable(net);
	return err;
}

/**
 * sluice_hooks_unregister() - close the doors
 * @net: namespace
 *
 * Packets may be inside the hooks until a grace period has passed. Process
 * context, may sleep.
 */
void sluice_hooks_unregister(struct net *net)
{
	nf_unregister_net_hooks(net, hook_ops, ARRAY_SIZE(hook_ops));
	defrag_disable(net);
}

/* Ahead of routing sluice's own and that of defragmentation */
#define OWN_PRE_ROUTING		2
#define OWN_POST_ROUTING	1

/**
 * sluice_hooks_are_alone() - whether nobody else sees what the node forwards
 * @net: namespace with these hooks; the caller holds rcu_read_lock()
 * @pf: NFPROTO_IPV4 or NFPROTO_IPV6
 */
bool sluice_hooks_are_alone(const struct net *net, u8 pf)
{
	struct nf_hook_entries __rcu *const *hooks = sluice_hooks_of(net, pf);

	return sluice_hooks_count(&hooks[NF_INET_PRE_ROUTING]) == OWN_PRE_ROUTING &&
	       !rcu_access_pointer(hooks[NF_INET_FORWARD]) &&
	       sluice_hooks_count(&hooks[NF_INET_POST_ROUTING]) == OWN_POST_ROUTING;
}

/**
 * sluice_hooks_are_any() - whether anybody sees what the node forwards
 * @net: namespace without sluice's hooks; the caller holds rcu_read_lock()
 * @pf: NFPROTO_IPV4 or NFPROTO_IPV6
 */
bool sluice_hooks_are_any(const struct net *net, u8 pf)
{
	struct nf_hook_entries __rcu *const *hooks = sluice_hooks_of(net, pf);

	return rcu_access_pointer(hooks[NF_INET_PRE_ROUTING]) ||
	       rcu_access_pointer(hooks[NF_INET_FORWARD]) ||
	       rcu_access_pointer(hooks[NF_INET_POST_ROUTING]);
}

/**
 * sluice_hooks_are_alone_bridged() - whether nobody else sees what is bridged
 * @net: namespace; the caller holds rcu_read_lock()
 * @own: how many hooks sluice has there: one or none
 *
 * From one port to another; br_netfilter is somebody.
 */
bool sluice_hooks_are_alone_bridged(const struct net *net, u32 own)
{
#if IS_ENABLED(CONFIG_NETFILTER_FAMILY_BRIDGE)
	struct nf_hook_entries __rcu *const *hooks = net->nf.hooks_bridge;

	return !rcu_access_pointer(hooks[NF_BR_PRE_ROUTING]) &&
	       !rcu_access_pointer(hooks[NF_BR_POST_ROUTING]) &&
	       sluice_hooks_count(&hooks[NF_BR_FORWARD]) == own;
#else
	return true;
#endif
}
