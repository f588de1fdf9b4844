// SPDX-License-Identifier: GPL-2.0
/*
 * The way out of the node, for packets that do not go by the stack.
 */
#include <linux/etherdevice.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <net/arp.h>
#include <net/dsfield.h>
#include <net/gso.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/route.h>

#include "hooks.h"
#include "path_route.h"
#include "tick.h"
#include "watch.h"
#include "xmit.h"

/**
 * DOC: Ways out
 *
 * What is for a pod is not sent: the pod's end of the veth device receives it
 * here and now. Nobody must be passed by who would have seen it. Where somebody
 * sees to what the node sends by its end (packet sockets, a queueing discipline,
 * tc, netfilter's egress), or the pod's end has an XDP program, it is sent as
 * usual. Where somebody listens at the pod's end (packet sockets, tc,
 * netfilter's ingress) it is received there from the beginning. Where hooks of
 * the pod come ahead of its routing the packet, which the kernel is just
 * receiving, gets the other device, and receiving goes on. Otherwise all that
 * IP would do is to find the route that the path has kept, and the packet goes
 * to the pod's sockets by that. All of this is asked anew with each tick of the
 * clock, and the answer goes for all packets until the next one.
 *
 * Everything else goes to the neighbour of the route, and through the device's
 * queue, as behind POST_ROUTING.
 */

/**
 * sluice_xmit_is_free() - whether nobody sees what goes through a veth device, and
 *	it is received by who sends it
 * @from: end that sends
 * @in: end that receives, with one ingress hook that is sluice's
 * @own: how many egress hooks of sluice's @from has
 *
 * The caller holds rcu_read_lock().
 */
bool sluice_xmit_is_free(const struct net_device *from,
			 const struct net_device *in, u32 own)
{
	return sluice_egress_hooks_count(from) == own &&
	       !sluice_is_shaped(from) && in->flags & IFF_UP &&
	       sluice_hooks_are_alone_at(in) && !sluice_is_tapped(in) &&
	       !sluice_has_xdp(in) && !sluice_has_rps(in) &&
	       !(in->features & NETIF_F_GRO) && !netif_is_l3_slave(in);
}

#if IS_ENABLED(CONFIG_IPV6)
static bool has_ipv6(const struct net_device *dev)
{
	const struct inet6_dev *idev = __in6_dev_get(dev);

	return idev && !READ_ONCE(idev->cnf.disable_ipv6);
}

/* Settings that no route knows of */
static bool forwards(const struct sluice_path *path,
		     const struct net_device *in)
{
	const struct net *net = path->table->net;

	if (path->key.family == AF_INET)
		return true;
	return READ_ONCE(net->ipv6.devconf_all->forwarding) && has_ipv6(in) &&
	       (!path->peer || has_ipv6(path->peer));
}
#else
static bool forwards(const struct sluice_path *path,
		     const struct net_device *in)
{
	return true;
}
#endif

static enum sluice_xmit_how how_to_pod(const struct sluice_path *path,
				       const struct net_device *in)
{
	if (sluice_is_minded(path->out) || sluice_has_xdp(path->peer) ||
	    (path->port && sluice_is_port_minded(path->table->net, path->port)))
		return SLUICE_XMIT_QUEUE;
	if (sluice_is_watched(path->peer))
		return SLUICE_XMIT_RECEIVE;
	if (!sluice_hooks_are_ahead(dev_net(path->peer), path->key.family))
		return SLUICE_XMIT_DELIVER;
	return sluice_hooks_are_alone_at(in) ? SLUICE_XMIT_IN_PLACE : SLUICE_XMIT_RECEIVE;
}

static u8 ask(const struct sluice_path *path, const struct net_device *in)
{
	u8 handled = sluice_has_tc_ingress(in) ? SLUICE_XMIT_HANDLED : 0;

	if (path->kind == SLUICE_PATH_KIND_STACK || !forwards(path, in))
		return SLUICE_XMIT_NOT;
	if (path->kind == SLUICE_PATH_KIND_LINK)
		return SLUICE_XMIT_QUEUE | handled;
	return how_to_pod(path, in) | handled;
}

/* Of what nobody tells that it has changed, or which a better way is found by */
static bool is_as_it_was(const struct sluice_path *path,
			 const struct net_device *in)
{
	if (path->again && (s32)((u32)jiffies - path->again) >= 0)
		return false;
	if (path->kind == SLUICE_PATH_KIND_POD &&
	    !sluice_route_get(&path->input, path->key.family))
		return false;
	if (path->kind != SLUICE_PATH_KIND_STACK &&
	    (sluice_path_strictness(path, in) != path->strictness ||
	     sluice_path_has_other_mtu(path)))
		return false;
	return !sluice_path_is_elsewhere(path);
}

/* It leaves the routes to those who end it. */
static u8 ask_or_end(struct sluice_path *path, const struct net_device *in)
{
	if (is_as_it_was(path, in))
		return ask(path, in);
	WRITE_ONCE(path->dead, true);
	return SLUICE_XMIT_NOT;
}

/**
 * sluice_xmit_ask() - how packets are sent by a path, until the next tick
 * @path: path; the caller holds rcu_read_lock()
 * @in: device that they come in by
 *
 * Softirq.
 *
 * Return: &enum sluice_xmit_how, and perhaps %SLUICE_XMIT_HANDLED.
 */
u8 sluice_xmit_ask(struct sluice_path *path, const struct net_device *in)
{
	u32 now = jiffies;
	u8 how = ask_or_end(path, in);

	sluice_tick_keep(&path->asked, now, how);
	return how;
}

/* The pod's namespace has no use for what the packet has from here. */
static noinline void cross(struct sk_buff *skb)
{
	skb_scrub_packet(skb, true);
	skb->priority = 0;
}

/* What the veth device would have done */
static __always_inline void to_pod(struct sk_buff *skb,
				   const struct sluice_xmit *xmit)
{
	const struct sluice_path *path = xmit->path;

	memcpy(eth_hdr(skb), path->mac, sizeof(path->mac));
	dev_sw_netstats_tx_add(path->out, 1, skb->len + ETH_HLEN);
	if (path->port)
		dev_sw_netstats_tx_add(path->port, 1, skb->len + ETH_HLEN);
	skb->dev = path->peer;
	skb->skb_iif = path->peer->ifindex;
}

static __always_inline void hand_over(struct sk_buff *skb,
				      const struct sluice_xmit *xmit)
{
	if (unlikely(!xmit->clean))
		cross(skb);
	to_pod(skb, xmit);
}

/* What IP would have done, up to its hooks behind routing */
static void received_ipv4(struct sk_buff *skb, struct net *net)
{
	u8 ecn = ip_hdr(skb)->tos & INET_ECN_MASK;

	__IP_UPD_PO_STATS(net, IPSTATS_MIB_IN, skb->len);
	__IP_ADD_STATS(net, IPSTATS_MIB_NOECTPKTS + ecn,
		       max_t(unsigned short, 1, skb_shinfo(skb)->gso_segs));
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	IPCB(skb)->iif = skb->skb_iif;
}

#if IS_ENABLED(CONFIG_IPV6)
static void received_ipv6(struct sk_buff *skb, struct net *net, int iif)
{
	u8 ecn = ipv6_get_dsfield(ipv6_hdr(skb)) & INET_ECN_MASK;
	struct inet6_dev *idev = __in6_dev_get(skb->dev);

	__IP6_UPD_PO_STATS(net, idev, IPSTATS_MIB_IN, skb->len);
	__IP6_ADD_STATS(net, idev, IPSTATS_MIB_NOECTPKTS + ecn,
			max_t(unsigned short, 1, skb_shinfo(skb)->gso_segs));
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	IP6CB(skb)->iif = iif;
	IP6CB(skb)->nhoff = offsetof(struct ipv6hdr, nexthdr);
}
#else
static void received_ipv6(struct sk_buff *skb, struct net *net, int iif)
{
}
#endif

/*
 * @input: the route to them; there until rcu_read_unlock(). @iif: of the device
 * that IPv6 takes it to have come in by
 */
static __always_inline void to_sockets(struct sk_buff *skb, u8 family,
				       struct dst_entry *input, int iif)
{
	struct net *net = dev_net(skb->dev);

	if (family == AF_INET)
		received_ipv4(skb, net);
	else
		received_ipv6(skb, net, iif);
	skb_orphan(skb);
	skb_dst_set_noref(skb, input);
	dst_input(skb);
}

static void deliver(struct sk_buff *skb, const struct sluice_xmit *xmit)
{
	hand_over(skb, xmit);
	to_sockets(skb, xmit->path->key.family, xmit->input, skb->skb_iif);
}

static struct neighbour *neighbour_ipv6(const struct dst_entry *dst,
					struct net_device *dev,
					struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_IPV6)
	const struct in6_addr *hop;
	struct neighbour *neigh;

	hop = rt6_nexthop(dst_rt6_info(dst), &ipv6_hdr(skb)->daddr);
	neigh = __ipv6_neigh_lookup_noref(dev, hop);
	return neigh ?: __neigh_create(&nd_tbl, hop, dev, false);
#else
	return ERR_PTR(-EAFNOSUPPORT);
#endif
}

/* To whom a packet goes next; @crosses: by another protocol */
static struct neighbour *neighbour_of(const struct sluice_xmit *xmit,
				      struct sk_buff *skb, bool *crosses)
{
	*crosses = false;
	if (xmit->path->key.family == AF_INET6)
		return neighbour_ipv6(xmit->route, xmit->path->out, skb);
	return ip_neigh_for_gw(dst_rtable(xmit->route), skb, crosses);
}

/* As for a packet that has been forwarded */
static bool make_outgoing(struct sk_buff *skb, const struct sluice_xmit *xmit)
{
	const struct net *net = xmit->path->table->net;

	skb_orphan(skb);
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	if (xmit->path->key.family == AF_INET &&
	    READ_ONCE(net->ipv4.sysctl_ip_fwd_update_priority))
		skb->priority = rt_tos2priority(ip_hdr(skb)->tos);
	skb_dst_set_noref(skb, xmit->route);
	skb->dev = xmit->path->out;
	return !skb_cow_head(skb, LL_RESERVED_SPACE(skb->dev));
}

static void queue(struct sk_buff *skb, const struct sluice_xmit *xmit)
{
	struct neighbour *neigh;
	bool crosses;

	if (!make_outgoing(skb, xmit)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return;
	}
	neigh = neighbour_of(xmit, skb, &crosses);
	if (IS_ERR(neigh))
		kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_CREATEFAIL);
	else
		neigh_output(neigh, skb, crosses);
}

static DEFINE_PER_CPU(bool, crossing);

/**
 * sluice_xmit_may_cross() - whether a socket may receive what is just being sent
 *
 * Here and now, in the sender's context. It must not overtake what waits to be
 * received on this processor, nor come from within another such packet. Softirqs
 * are off.
 */
bool sluice_xmit_may_cross(void)
{
	return !this_cpu_read(crossing) &&
	       skb_queue_empty(this_cpu_ptr(&softnet_data.input_pkt_queue)) &&
	       skb_queue_empty(this_cpu_ptr(&softnet_data.process_queue));
}

/**
 * sluice_xmit_cross() - have a pod receive what another one is just sending
 * @xmit: how, from sluice_xmit_prepare(): to the pod's sockets
 * @skb: packet, rewritten, with writable headers
 * @from: the sender's end of its veth device
 *
 * Softirqs are off.
 */
void sluice_xmit_cross(const struct sluice_xmit *xmit, struct sk_buff *skb,
		       struct net_device *from)
{
	this_cpu_write(crossing, true);
	if (xmit->clean)
		skb_ext_reset(skb);
	else
		cross(skb);
	__net_timestamp(skb);
	skb->pkt_type = PACKET_HOST;
	dev_sw_netstats_tx_add(from, 1, skb->len + ETH_HLEN);
	to_pod(skb, xmit);
	to_sockets(skb, xmit->path->key.family, xmit->input, skb->skb_iif);
	this_cpu_write(crossing, false);
}

/* Of its own addresses IPv6 takes the device that has them. */
static int loop_iif(const struct net_device *lo, const struct dst_entry *input,
		    u8 family)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (family == AF_INET6)
		return ip6_dst_idev(input)->dev->ifindex;
#endif
	return lo->ifindex;
}

/**
 * sluice_xmit_loop() - have the loopback device receive what is just being sent
 * @skb: packet with its headers, from Ethernet's on
 * @lo: loopback device
 * @input: the route that it is sent by, to the sockets of its own namespace
 * @family: AF_INET or AF_INET6
 *
 * Softirqs are off; the caller holds rcu_read_lock().
 */
void sluice_xmit_loop(struct sk_buff *skb, struct net_device *lo,
		      struct dst_entry *input, u8 family)
{
	this_cpu_write(crossing, true);
	skb->dev = lo;
	skb->skb_iif = lo->ifindex;
	skb->pkt_type = PACKET_HOST;
	skb->mac_len = ETH_HLEN;
	__net_timestamp(skb);
	dev_lstats_add(lo, skb->len + ETH_HLEN);
	to_sockets(skb, family, input, loop_iif(lo, input, family));
	this_cpu_write(crossing, false);
}

static DEFINE_PER_CPU(bool, receiving);

/* Not one from within another: a pod may send it back through its own devices. */
static void receive(struct sk_buff *skb, const struct sluice_xmit *xmit)
{
	if (this_cpu_read(receiving)) {
		queue(skb, xmit);
		return;
	}
	hand_over(skb, xmit);
	this_cpu_write(receiving, true);
	netif_receive_skb(skb);
	this_cpu_write(receiving, false);
}

/**
 * sluice_xmit_send() - send a packet
 * @xmit: how, from sluice_xmit_prepare()
 * @skb: packet, rewritten, with writable headers
 *
 * Return: NF_STOLEN, or NF_ACCEPT for the receive path to go on with another
 * device; the ingress hook's verdict.
 */
unsigned int sluice_xmit_send(const struct sluice_xmit *xmit,
			      struct sk_buff *skb)
{
	switch (xmit->how) {
	case SLUICE_XMIT_DELIVER:
		deliver(skb, xmit);
		return NF_STOLEN;
	case SLUICE_XMIT_IN_PLACE:
		hand_over(skb, xmit);
		return NF_ACCEPT;
	case SLUICE_XMIT_RECEIVE:
		receive(skb, xmit);
		return NF_STOLEN;
	default:
		queue(skb, xmit);
		return NF_STOLEN;
	}
}
