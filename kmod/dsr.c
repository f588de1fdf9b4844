// SPDX-License-Identifier: GPL-2.0
/*
 * Direct server return.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <net/dst_cache.h>
#include <net/gso.h>
#include <net/icmp.h>
#include <net/inet_dscp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "backend.h"
#include "decide.h"
#include "drop.h"
#include "dsr.h"
#include "frontend.h"
#include "icmp.h"
#include "way.h"

/**
 * DOC: Direct server return
 *
 * A packet keeps the client's and the service's addresses and is sent to the
 * backend all the same. At the entry it gets a route as if it were for the
 * backend's address; the kernel then does with it what it does with any packet
 * that it forwards: hop limit, MTU, the FORWARD chain. That route would have
 * the service's address looked for on the backend's segment. So at the exit
 * the packet gets a route with the backend itself, or its gateway, as the next
 * hop. In a tunnel it is put into a packet to the backend there, which leaves
 * as one of the node's own; whether it will fit is asked at the entry, where
 * the client can be told.
 *
 * Where the backend's address is the node's own the packet is delivered here,
 * unchanged.
 *
 * All nodes may have the same services. What another one has put into a tunnel
 * has come to its backend; it is not sent on.
 *
 * nf_conntrack would see one direction only and take the client's packets for
 * invalid, or replies that come by all the same. It is told to leave both
 * alone.
 */

/* ----------------------------------------------------------------- the route */

static void set_route(struct sk_buff *skb, struct dst_entry *dst)
{
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
}

/*
 * With the checks that every packet from elsewhere has to stand. A route may be
 * one to an error. The client is not to be told of a shorter way, which only
 * this node knows to go.
 */
static bool route_input(struct sk_buff *skb, const struct sluice_backend *to)
{
	const struct iphdr *iph = ip_hdr(skb);

	skb_dst_drop(skb);
	if (ip_route_input_noref(skb, to->addr.addr.ip, iph->saddr,
				 inet_dsfield_to_dscp(iph->tos), skb->dev) ||
	    skb_dst(skb)->error)
		return false;
	IPCB(skb)->flags &= ~IPSKB_DOREDIRECT;
	return true;
}

/*
 * A packet that leaves where it came from: for a redirect it must not have had
 * a routing header. Nobody looks at that one if it is forwarded.
 */
static void forbid_redirect(struct sk_buff *skb, const struct net_device *in)
{
	if (skb_dst(skb)->dev == in)
		IP6CB(skb)->srcrt = sizeof(struct ipv6hdr);
}

/*
 * Packets that come together and have one destination take over a route from
 * each other. This one's is for nobody else; as of several to choose from.
 */
static void keep_route_to_itself(struct sk_buff *skb, u8 family)
{
	if (family == AF_INET)
		IPCB(skb)->flags |= IPSKB_MULTIPATH;
	else
		IP6CB(skb)->flags |= IP6SKB_MULTIPATH;
}

/*
 * For IPv6 one route does for input and output; for IPv4 one that is found for
 * output forwards nothing.
 */
static bool route(struct sk_buff *skb, u8 family,
		  const struct sluice_backend *to,
		  const struct nf_hook_state *state)
{
	bool input = state->hook == NF_INET_PRE_ROUTING;
	const struct net_device *dev = input ? state->in : state->out;
	struct dst_entry *dst;

	if (input)
		keep_route_to_itself(skb, family);
	if (input && family == AF_INET)
		return route_input(skb, to);

	dst = sluice_way_forward(state->net, to, sluice_way_vrf(dev));
	if (!dst)
		return false;
	set_route(skb, dst);
	if (input)
		forbid_redirect(skb, dev);
	return true;
}

/* An IPsec policy for the packet itself has chosen its way. */
static bool has_policy(const struct sk_buff *skb)
{
	return dst_xfrm(skb_dst(skb));
}

/* ------------------------------------------------------------------- the MTU */

/* What fits in the tunnel; but what everybody may send has to get through. */
static unsigned int tunnel_mtu(const struct dst_entry *dst, u8 family)
{
	unsigned int least = family == AF_INET ? IPV4_MIN_MTU : IPV6_MIN_MTU;

	return max(dst_mtu(dst), least + sluice_dsr_header_len(family)) -
	       sluice_dsr_header_len(family);
}

static bool may_be_fragmented(const struct sk_buff *skb, u8 family)
{
	return family == AF_INET && !(ip_hdr(skb)->frag_off & htons(IP_DF));
}

static unsigned int frag_max_size(const struct sk_buff *skb, u8 family)
{
	return family == AF_INET ? IPCB(skb)->frag_max_size :
				   IP6CB(skb)->frag_max_size;
}

/* As ip_exceeds_mtu() and ip6_pkt_too_big() have it, which nobody can call. */
static bool is_too_big(const struct sk_buff *skb, u8 family, unsigned int mtu)
{
	if (skb->len <= mtu || may_be_fragmented(skb, family))
		return false;
	if (frag_max_size(skb, family) > mtu)
		return true;
	if (skb->ignore_df)
		return false;
	return !skb_is_gso(skb) || !skb_gso_validate_network_len(skb, mtu);
}

static void tell_mtu(struct net *net, struct sk_buff *skb, u8 family,
		     unsigned int mtu)
{
	if (family == AF_INET) {
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			  htonl(mtu));
		return;
	}
	if (!skb->dev)
		skb->dev = net->loopback_dev;
	icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
}

/* ----------------------------------------------------------------- the doors */

/* Will it fit in the tunnel? */
static enum sluice_drop_reason check_size(struct sk_buff *skb, u8 family,
					  struct sluice_backend *to,
					  struct net *net)
{
	union nf_inet_addr from;
	struct dst_entry *dst;
	unsigned int mtu;

	dst = sluice_way_tunnel(net, to, sluice_way_vrf(skb_dst(skb)->dev),
				&from);
	if (!dst)
		return SLUICE_DROP_REASON_NO_ROUTE;
	mtu = tunnel_mtu(dst, family);
	dst_release(dst);
	if (!is_too_big(skb, family, mtu))
		return SLUICE_DROP_NONE;
	tell_mtu(net, skb, family, mtu);
	return SLUICE_DROP_REASON_TOO_BIG;
}

static enum sluice_drop_reason begin(struct sk_buff *skb, u8 family,
				     const struct sluice_flow *flow,
				     const struct nf_hook_state *state)
{
	if (state->hook == NF_INET_LOCAL_OUT && has_policy(skb))
		return SLUICE_DROP_NONE;
	if (!route(skb, family, flow->backend, state))
		return SLUICE_DROP_REASON_NO_ROUTE;
	if (flow->forward != SLUICE_FORWARD_TUNNEL ||
	    sluice_way_stays_here(skb_dst(skb)))
		return SLUICE_DROP_NONE;
	return check_size(skb, family, flow->backend, state->net);
}

static void untrack(struct sk_buff *skb)
{
	nf_reset_ct(skb);
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
}

static bool is_here(struct net *net, int vrf, const struct sluice_l4addr *addr)
{
	return sluice_frontend_is_local(net, vrf, addr->family, &addr->addr);
}

/*
 * Another node has sent the packet here, though it would go elsewhere by this
 * one. It goes no further, or it might go round for ever.
 */
static unsigned int end_here(struct sluice_net *sn, struct sk_buff *skb,
			     const struct sluice_pkt *pkt,
			     const struct sluice_flow *flow)
{
	struct sluice_l4addr to;

	sluice_tuple_dst(&to, &pkt->tuple);
	return is_here(sn->net, pkt->vrf, &to) ? NF_ACCEPT :
	       sluice_drop_of(sn, skb, pkt, flow,
			      SLUICE_DROP_REASON_NO_LOCAL_BACKEND);
}

#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
/*
 * Of a frame that waits: br_netfilter would have another PRE_ROUTING skipped,
 * where a frame for this node is routed.
 */
void sluice_dsr_ask_again(struct sk_buff *skb)
{
	struct nf_bridge_info *info = nf_bridge_info_get(skb);

	if (info->pkt_otherhost)
		return;
	info->sabotage_in_done = 1;
	untrack(skb);
}

static bool is_bridged_on(const struct sk_buff *skb)
{
	return nf_bridge_get_physoutdev(skb);
}

/*
 * Of a frame that has waited, and is rewritten after all: nf_conntrack is to know
 * it. What somebody else keeps from it stays so.
 */
void sluice_dsr_track(struct sk_buff *skb)
{
	const struct nf_bridge_info *info = nf_bridge_info_get(skb);
	enum ip_conntrack_info ctinfo;

	if (info && info->sabotage_in_done && !info->in_prerouting &&
	    !nf_ct_get(skb, &ctinfo) && ctinfo == IP_CT_UNTRACKED)
		nf_reset_ct(skb);
}

/* Of a frame that waits: it is for another host on the bridge. */
bool sluice_dsr_is_bridged_on(const struct sk_buff *skb)
{
	return nf_bridge_info_get(skb)->pkt_otherhost;
}
#else
void sluice_dsr_ask_again(struct sk_buff *skb)
{
}

void sluice_dsr_track(struct sk_buff *skb)
{
}

static bool is_bridged_on(const struct sk_buff *skb)
{
	return false;
}

bool sluice_dsr_is_bridged_on(const struct sk_buff *skb)
{
	return false;
}
#endif

/**
 * sluice_dsr_waits() - whether a frame in a bridge is not to be dealt with yet
 * @sn: namespace
 * @skb: packet at the entry
 * @pkt: what sluice_pkt_parse() found in it
 *
 * br_netfilter shows frames to PRE_ROUTING while they are in a bridge and
 * forgets the route they are given there, as their destination is as it was.
 * Nor is it known yet whether they are for this node or another one, which may
 * have the same services. What is to reach a backend unchanged waits until it
 * is routed, if it is. The caller holds rcu_read_lock().
 */
bool sluice_dsr_waits(struct sluice_net *sn, struct sk_buff *skb,
		      const struct sluice_pkt *pkt)
{
	if (!nf_bridge_in_prerouting(skb) ||
	    sluice_decide_forward(sn, pkt) == SLUICE_FORWARD_NAT)
		return false;
	sluice_dsr_ask_again(skb);
	return true;
}

/**
 * sluice_dsr_entry() - a packet that goes to its backend as it is, or a reply
 * @sn: namespace
 * @skb: packet at the entry with skb->data at its network header
 * @pkt: what sluice_pkt_parse() found in it
 * @node: of its flow, which is one-sided; replies are counted at the exit
 * @state: of the hook, PRE_ROUTING or LOCAL_OUT
 *
 * The caller holds rcu_read_lock().
 *
 * Return: what the hook is to return.
 */
unsigned int sluice_dsr_entry(struct sluice_net *sn, struct sk_buff *skb,
			      const struct sluice_pkt *pkt,
			      const struct sluice_flow_node *node,
			      const struct nf_hook_state *state)
{
	struct sluice_flow *flow = sluice_flow_of(node);
	enum sluice_drop_reason reason;

	untrack(skb);
	if (!sluice_dsr_is_for(node))
		return NF_ACCEPT;
	if (pkt->from_tunnel &&
	    !is_here(sn->net, pkt->vrf, &flow->backend->addr))
		return end_here(sn, skb, pkt, flow);

	reason = begin(skb, pkt->tuple.family, flow, state);
	if (reason)
		return sluice_drop_of(sn, skb, pkt, flow, reason);
	if (!pkt->icmp_error)
		sluice_flow_touch(&sn->flows, flow, SLUICE_DIR_ORIG, pkt,
				  skb->len);
	return NF_ACCEPT;
}

static void push_ipv4(struct net *net, struct sk_buff *skb,
		      const struct dst_entry *dst, __be32 from, __be32 to)
{
	const struct iphdr *inner = ip_hdr(skb);
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	*iph = (struct iphdr) {
		.version = 4, .ihl = sizeof(*iph) / 4,
		.tos = INET_ECN_encapsulate(inner->tos, inner->tos),
		.frag_off = inner->frag_off & htons(IP_DF),
		.ttl = ip4_dst_hoplimit(dst),
		.protocol = IPPROTO_IPIP,
		.saddr = from, .daddr = to,
	};
	ip_select_ident_segs(net, skb, NULL, skb_shinfo(skb)->gso_segs ?: 1);
}

#if IS_ENABLED(CONFIG_IPV6)
/* Flows may take different paths on the way to one backend. */
static __be32 flow_label(struct net *net, struct sk_buff *skb)
{
	struct flowi6 unused = {};

	skb_get_hash(skb);
	return ip6_make_flowlabel(net, skb, 0, true, &unused);
}

static void push_ipv6(struct net *net, struct sk_buff *skb,
		      struct dst_entry *dst, const struct in6_addr *from,
		      const struct in6_addr *to)
{
	u8 dsfield = ipv6_get_dsfield(ipv6_hdr(skb));
	__be32 label = flow_label(net, skb);
	struct ipv6hdr *ip6h = skb_push(skb, sizeof(*ip6h));

	skb_reset_network_header(skb);
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	ip6_flow_hdr(ip6h, INET_ECN_encapsulate(dsfield, dsfield), label);
	ip6h->nexthdr = IPPROTO_IPV6;
	ip6h->hop_limit = ip6_dst_hoplimit(dst);
	ip6h->saddr = *from;
	ip6h->daddr = *to;
}

static void send_ipv6(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	ip6_local_out(net, sk, skb);
}
#else
static void push_ipv6(struct net *net, struct sk_buff *skb,
		      struct dst_entry *dst, const struct in6_addr *from,
		      const struct in6_addr *to)
{
}

static void send_ipv6(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	kfree_skb(skb);
}
#endif

/* Make room for another header, and known to the device what is inside. */
static bool prepare_tunnel(struct sk_buff *skb, const struct sluice_pkt *pkt,
			   const struct dst_entry *dst)
{
	bool ipv4 = pkt->tuple.family == AF_INET;

	if (skb_cow_head(skb, LL_RESERVED_SPACE(dst->dev) + dst->header_len +
			      sluice_dsr_header_len(pkt->tuple.family)))
		return false;

	skb_set_transport_header(skb, pkt->l4_offset);
	if (iptunnel_handle_offloads(skb, ipv4 ? SKB_GSO_IPXIP4 :
						 SKB_GSO_IPXIP6))
		return false;
	skb_set_inner_ipproto(skb, ipv4 ? IPPROTO_IPIP : IPPROTO_IPV6);
	skb->transport_header = skb->network_header;
	return true;
}

/*
 * Put a packet into one from the node's address to the backend, and send that.
 * It has been found to fit; if the MTU has changed since, it is fragmented.
 * What is known of how it came here, as by which bridge port, goes no further.
 */
static enum sluice_drop_reason
send_in_tunnel(struct net *net, struct sk_buff *skb,
	       const struct sluice_pkt *pkt, struct dst_entry *dst,
	       const union nf_inet_addr *from, const union nf_inet_addr *to,
	       struct sock *sk)
{
	if (!prepare_tunnel(skb, pkt, dst)) {
		dst_release(dst);
		return SLUICE_DROP_REASON_NO_MEMORY;
	}

	skb_scrub_packet(skb, false);
	skb_dst_set(skb, dst);
	skb->ignore_df = 1;
	if (pkt->tuple.family == AF_INET) {
		push_ipv4(net, skb, dst, from->ip, to->ip);
		ip_local_out(net, sk, skb);
	} else {
		push_ipv6(net, skb, dst, &from->in6, &to->in6);
		send_ipv6(net, sk, skb);
	}
	return SLUICE_DROP_NONE;
}

static unsigned int exit_by_tunnel(struct sluice_net *sn, struct sk_buff *skb,
				   const struct sluice_pkt *pkt,
				   const struct sluice_flow *flow,
				   const struct nf_hook_state *state)
{
	enum sluice_drop_reason reason = SLUICE_DROP_REASON_NO_ROUTE;
	struct sluice_backend *to = flow->backend;
	union nf_inet_addr from;
	struct dst_entry *dst;

	dst = sluice_way_tunnel(sn->net, to, sluice_way_vrf(state->out), &from);
	if (dst)
		reason = send_in_tunnel(sn->net, skb, pkt, dst, &from,
					&to->addr.addr, state->sk);
	return reason ? sluice_drop_of(sn, skb, pkt, flow, reason) : NF_STOLEN;
}

static unsigned int exit_to_next_hop(struct sluice_net *sn, struct sk_buff *skb,
				     const struct sluice_pkt *pkt,
				     const struct sluice_flow *flow,
				     const struct nf_hook_state *state)
{
	struct dst_entry *dst;

	dst = sluice_way_next_hop(sn->net, flow->backend,
				  sluice_way_vrf(state->out));
	if (!dst)
		return sluice_drop_of(sn, skb, pkt, flow,
				      SLUICE_DROP_REASON_NO_ROUTE);
	set_route(skb, dst);
	skb->dev = dst->dev;
	return NF_ACCEPT;
}

/**
 * sluice_dsr_exit() - send what sluice_dsr_entry() has let in on its way
 * @sn: namespace
 * @skb: packet at the exit with skb->data at its network header
 * @pkt: what sluice_pkt_parse() found in it
 * @flow: its flow, one-sided; the packet is of its original direction
 * @state: of the hook, POST_ROUTING or LOCAL_IN
 *
 * The caller holds rcu_read_lock().
 *
 * Return: what the hook is to return.
 */
unsigned int sluice_dsr_exit(struct sluice_net *sn, struct sk_buff *skb,
			     const struct sluice_pkt *pkt,
			     struct sluice_flow *flow,
			     const struct nf_hook_state *state)
{
	if (state->hook == NF_INET_LOCAL_IN || is_bridged_on(skb) ||
	    sluice_way_stays_here(skb_dst(skb)) || has_policy(skb))
		return NF_ACCEPT;
	return flow->forward == SLUICE_FORWARD_TUNNEL ?
	       exit_by_tunnel(sn, skb, pkt, flow, state) :
	       exit_to_next_hop(sn, skb, pkt, flow, state);
}

/* ------------------------------------------------- errors about the tunnel */

/* The MTU that an ICMP error tells; 0 if it is about something else. */
static u32 told_mtu(const struct sk_buff *skb, const struct sluice_pkt *pkt)
{
	const struct icmp6hdr *icmp6h = (void *)skb->data + pkt->l4_offset;
	const struct icmphdr *icmph = (void *)skb->data + pkt->l4_offset;

	if (pkt->tuple.family == AF_INET6)
		return icmp6h->icmp6_type == ICMPV6_PKT_TOOBIG ?
		       ntohl(icmp6h->icmp6_mtu) : 0;
	return icmph->type == ICMP_DEST_UNREACH &&
	       icmph->code == ICMP_FRAG_NEEDED ? ntohs(icmph->un.frag.mtu) : 0;
}

static bool is_to_backend(const struct sk_buff *skb,
			  const struct sluice_pkt *pkt,
			  const struct sluice_l4addr *backend)
{
	const void *outer = skb->data + pkt->quoted_l3;
	const struct ipv6hdr *ip6h = outer;
	const struct iphdr *iph = outer;

	if (backend->family == AF_INET)
		return iph->daddr == backend->addr.ip;
	return ipv6_addr_equal(&ip6h->daddr, &backend->addr.in6);
}

/* The kernel looks up the route of the packet that skb->data points to. */
static void learn_mtu(struct net *net, struct sk_buff *skb,
		      const struct sluice_pkt *pkt, u32 mtu)
{
	int vrf = sluice_way_vrf(skb->dev);

	__skb_pull(skb, pkt->quoted_l3);
	if (pkt->tuple.family == AF_INET)
		ipv4_update_pmtu(skb, net, mtu, vrf, IPPROTO_IPIP);
#if IS_ENABLED(CONFIG_IPV6)
	else
		ip6_update_pmtu(skb, net, htonl(mtu), vrf, 0,
				sock_net_uid(net, NULL));
#endif
	__skb_push(skb, pkt->quoted_l3);
}

/**
 * sluice_dsr_tunnel_error() - an ICMP error about a packet in a tunnel
 * @sn: namespace
 * @skb: packet at the entry with skb->data at its network header
 * @pkt: what sluice_pkt_parse() found in it
 *
 * If the tunnel is ours, what the error says of the path's MTU is believed.
 * The client hears of it from sluice_dsr_entry(). The caller holds
 * rcu_read_lock().
 */
void sluice_dsr_tunnel_error(struct sluice_net *sn, struct sk_buff *skb,
			     const struct sluice_pkt *pkt)
{
	struct sluice_flow_node *node;
	struct sluice_backend *to;
	u32 mtu;

	node = sluice_flow_lookup(&sn->flows, &pkt->tuple, SLUICE_DOOR_ENTRY);
	if (!node || !sluice_dsr_is_for(node) ||
	    !pskb_may_pull(skb, pkt->quoted_l4) ||
	    !sluice_icmp_is_intact(skb, pkt))
		return;

	to = sluice_flow_of(node)->backend;
	mtu = told_mtu(skb, pkt);
	if (!mtu || !is_to_backend(skb, pkt, &to->addr))
		return;
	learn_mtu(sn->net, skb, pkt, mtu);
	dst_cache_reset(&to->way_out);
}
