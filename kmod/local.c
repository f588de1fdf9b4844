// SPDX-License-Identifier: GPL-2.0
/*
 * The short-cut: segments from one TCP socket of the node to another.
 */
#include <linux/bpf-cgroup.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <net/inet_ecn.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/tcp.h>

#include "dev_pod.h"
#include "dev_port.h"
#include "hooks.h"
#include "local.h"
#include "net.h"
#include "tick.h"
#include "veth.h"
#include "watch.h"
#include "xmit.h"

/**
 * DOC: The short-cut
 *
 * A segment of an established connection between two sockets of the node need
 * not be routed, filtered, queued and looked up on its way: TCP gives it away at
 * the place where it would go to IP, and TCP receives it there and then, with the
 * headers it would have had. Both ends stay TCP's: sequence numbers, windows,
 * acknowledgments, memory, all that programs can see of a connection.
 *
 * That is done only where the sender's socket is owned by a process. Its peer's
 * is locked while it receives, and may send something back: that goes by the
 * stack, and waits in the sender's backlog. Segments that TCP sends in softirqs
 * go by the stack as well, which would not be safe otherwise: two sockets that
 * send to each other at once would each wait for the other's lock.
 *
 * Between pods the flow is asked for each segment, as at the devices' doors, so
 * that a change of policy holds from the next one on. Where anybody would see
 * the segment on its way (packet sockets, queueing disciplines, tc, XDP,
 * netfilter, programs of the cgroup, IPsec) it goes by the stack.
 */

/* ------------------------------------------------------- whom it would pass by */

/* Between TCP and its device, or back: those of LOCAL_IN are not passed by. */
static bool has_hooks_behind_tcp(const struct net *net, u8 family)
{
	struct nf_hook_entries __rcu *const *hooks =
						sluice_hooks_of(net, family);

	return rcu_access_pointer(hooks[NF_INET_LOCAL_OUT]) ||
	       rcu_access_pointer(hooks[NF_INET_POST_ROUTING]);
}

enum { FREE = 1, MINDED };

static bool is_free(const struct sluice_path *path,
		    const struct net_device *from, const struct net_device *in,
		    bool skips_netfilter)
{
	__be16 protocol = path->key.family == AF_INET ? htons(ETH_P_IP) :
							htons(ETH_P_IPV6);

	return !has_hooks_behind_tcp(dev_net(from), path->key.family) &&
	       !sluice_hooks_mind(dev_net(in), in, protocol, skips_netfilter) &&
	       sluice_xmit_is_free(from, in, sluice_pod_hooks_count(from));
}

/**
 * sluice_local_is_free_now() - whether segments pass nobody by between two pods
 * @path: by which way they go; the caller holds rcu_read_lock()
 * @from: the sender's end of its veth device
 * @in: the node's end of it
 * @skips_netfilter: hooks of others on the node are left out
 *
 * Asked anew with each tick. Softirqs are off.
 */
bool sluice_local_is_free_now(struct sluice_path *path,
			      const struct net_device *from,
			      const struct net_device *in,
			      bool skips_netfilter)
{
	u32 answer = sluice_tick_answer(&path->asked_segments);
	u32 now;

	if (unlikely(!answer)) {
		now = jiffies;
		answer = is_free(path, from, in, skips_netfilter) ?
			 FREE : MINDED;
		sluice_tick_keep(&path->asked_segments, now, answer);
	}
	return answer == FREE;
}

/* Whether what goes through a loopback device passes nobody by */
static bool is_free_loop(const struct net_device *lo, u8 family)
{
	return lo->flags & IFF_UP &&
	       !has_hooks_behind_tcp(dev_net(lo), family) &&
	       !sluice_hooks_are_ahead(dev_net(lo), family) &&
	       !sluice_is_minded(lo) && !sluice_is_watched(lo) &&
	       !sluice_has_xdp(lo) && !sluice_has_rps(lo);
}

static bool is_free_loop_now(const struct net_device *lo, u8 family)
{
	struct sluice_net *sn = sluice_pernet(dev_net(lo));
	u64 *asked = &sn->asked_loop[family == AF_INET6];
	u32 answer = sluice_tick_answer(asked);
	u32 now;

	if (unlikely(!answer)) {
		now = jiffies;
		answer = is_free_loop(lo, family) ? FREE : MINDED;
		sluice_tick_keep(asked, now, answer);
	}
	return answer == FREE;
}

/* Programs of the cgroup see what its sockets send behind POST_ROUTING. */
static bool is_seen_by_cgroup(struct sock *sk)
{
#ifdef CONFIG_CGROUP_BPF
	return cgroup_bpf_enabled(CGROUP_INET_EGRESS) &&
	       cgroup_bpf_sock_enabled(sk, CGROUP_INET_EGRESS);
#else
	return false;
#endif
}

/* ---------------------------------------------------------------- the headers */

#if IS_ENABLED(CONFIG_IPV6)
static bool has_options_ipv6(const struct sock *sk)
{
	return rcu_access_pointer(inet6_sk(sk)->opt);
}

static u32 cookie_of(const struct sock *sk, u8 family)
{
	return family == AF_INET6 ? inet6_sk(sk)->dst_cookie : 0;
}

static void push_ipv6(const struct sock *sk, struct sk_buff *skb,
		      struct dst_entry *dst)
{
	const struct ipv6_pinfo *np = inet6_sk(sk);
	unsigned int len = skb->len;
	struct ipv6hdr *ip6h;

	ip6h = __skb_push(skb, sizeof(*ip6h));
	ip6_flow_hdr(ip6h, np->tclass, np->flow_label & IPV6_FLOWLABEL_MASK);
	ip6h->payload_len = htons(len);
	ip6h->nexthdr = IPPROTO_TCP;
	ip6h->hop_limit = np->hop_limit >= 0 ?
			  np->hop_limit : ip6_dst_hoplimit(dst);
	ip6h->saddr = np->saddr;
	ip6h->daddr = sk->sk_v6_daddr;
	skb->protocol = htons(ETH_P_IPV6);
}
#else
static bool has_options_ipv6(const struct sock *sk)
{
	return false;
}

static u32 cookie_of(const struct sock *sk, u8 family)
{
	return 0;
}

static void push_ipv6(const struct sock *sk, struct sk_buff *skb,
		      struct dst_entry *dst)
{
}
#endif

static void push_ipv4(struct sock *sk, struct sk_buff *skb,
		      struct dst_entry *dst)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct iphdr *iph;

	iph = __skb_push(skb, sizeof(*iph));
	*(__be16 *)iph = htons(0x4500 | inet->tos);
	iph->tot_len = htons(skb->len);
	iph->id = 0;
	iph->frag_off = ip_dont_fragment(sk, dst) ? htons(IP_DF) : 0;
	iph->ttl = inet->uc_ttl >= 0 ? inet->uc_ttl : ip4_dst_hoplimit(dst);
	iph->protocol = IPPROTO_TCP;
	iph->saddr = inet->inet_saddr;
	iph->daddr = inet->inet_daddr;
	ip_send_check(iph);
	skb->protocol = htons(ETH_P_IP);
}

/* As IP would, for a receiver behind Ethernet */
static void push_header(struct sock *sk, struct sk_buff *skb,
			struct dst_entry *dst, u8 family)
{
	if (family == AF_INET)
		push_ipv4(sk, skb, dst);
	else
		push_ipv6(sk, skb, dst);
	skb_reset_network_header(skb);
	skb_set_mac_header(skb, -ETH_HLEN);
	*eth_hdr(skb) = (struct ethhdr) { .h_proto = skb->protocol };
}

/* The node takes one. */
static bool has_hops(const struct sk_buff *skb, u8 family)
{
	return (family == AF_INET ? ip_hdr(skb)->ttl :
				    ipv6_hdr(skb)->hop_limit) > 1;
}

static void pull_header(struct sk_buff *skb)
{
	__skb_pull(skb, skb_network_header_len(skb));
	skb_unset_mac_header(skb);
	skb->dev = NULL;
}

/* -------------------------------------------------------------------- sending */

/* As the segments that it sends have it */
static void take_tuple(struct sluice_tuple *tuple, const struct sock *sk,
		       u8 family)
{
	const struct inet_sock *inet = inet_sk(sk);

	*tuple = (struct sluice_tuple) {
		.family = family,
		.proto = IPPROTO_TCP,
		.sport = inet->inet_sport,
		.dport = inet->inet_dport,
	};
	if (family == AF_INET) {
		tuple->src.ip = inet->inet_saddr;
		tuple->dst.ip = inet->inet_daddr;
		return;
	}
#if IS_ENABLED(CONFIG_IPV6)
	tuple->src.in6 = inet6_sk(sk)->saddr;
	tuple->dst.in6 = sk->sk_v6_daddr;
#endif
}

static u8 tos_of(const struct sock *sk, u8 family)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (family == AF_INET6)
		return inet6_sk(sk)->tclass;
#endif
	return inet_sk(sk)->tos;
}

/* As its headers would tell */
static void take_pkt(struct sluice_pkt *pkt, const struct sock *sk,
		     const struct sk_buff *skb, u8 family)
{
	memset(pkt, 0, sizeof(*pkt));
	take_tuple(&pkt->tuple, sk, family);
	pkt->tos = tos_of(sk, family) & ~INET_ECN_MASK;
	pkt->l4_offset = skb_network_header_len(skb);
	sluice_pkt_set_tcp(pkt, tcp_hdr(skb));
}

/* By whatever device is to send it */
static bool is_encrypted(const struct sock *sk)
{
#ifdef CONFIG_SOCK_VALIDATE_XMIT
	return sk->sk_validate_xmit_skb;
#else
	return false;
#endif
}

/* Nothing about a socket that only IP knows how to heed */
static bool is_plain_socket(struct sock *sk, u8 family)
{
	if (family == AF_INET ? rcu_access_pointer(inet_sk(sk)->inet_opt) != NULL :
				has_options_ipv6(sk))
		return false;
	return !is_seen_by_cgroup(sk) && !is_encrypted(sk) &&
	       !tcp_sk(sk)->tcp_tx_delay;
}

static bool is_plain_route(const struct dst_entry *dst,
			   const struct net_device *dev)
{
	return !dst_xfrm(dst) && !dst->lwtstate &&
	       !netif_is_l3_slave(dev) && !netif_is_l3_master(dev);
}

/* IP's header tells at most so much. */
static bool has_room(const struct sk_buff *skb)
{
	return skb->len + sizeof(struct ipv6hdr) <= IP_MAX_MTU &&
	       skb_headroom(skb) >= sizeof(struct ipv6hdr) + ETH_HLEN;
}

/* The node's end of the pod's device, and what holds for it */
static struct sluice_device *device_behind(const struct net_device *from,
					   struct net_device **in)
{
	*in = sluice_veth_peer(from);
	return *in ? sluice_port_device(*in) : NULL;
}

static bool is_wanted(const struct sluice_device *device)
{
	return device && READ_ONCE(device->opts.short_cut) &&
	       READ_ONCE(device->opts.fast_path);
}

/* What only IP could do for it, or for its socket */
static enum sluice_short_cut_reason wants_ip(struct sock *sk,
					     struct sk_buff *skb,
					     const struct dst_entry *dst,
					     const struct net_device *dev,
					     u8 family)
{
	if (!is_plain_route(dst, dev))
		return SLUICE_SHORT_CUT_REASON_ROUTE;
	if (!is_plain_socket(sk, family))
		return SLUICE_SHORT_CUT_REASON_SOCKET;
	if (!has_room(skb) || !sluice_ingress_is_plain_at_sender(skb))
		return SLUICE_SHORT_CUT_REASON_SEGMENT;
	return sluice_xmit_may_cross() ? SLUICE_SHORT_CUT_TAKEN :
					 SLUICE_SHORT_CUT_REASON_NESTED;
}

/* With its headers */
static enum sluice_short_cut_reason hand_over(struct sock *sk,
					      struct sk_buff *skb,
					      struct net_device *from,
					      struct sluice_device *device,
					      u8 family)
{
	struct sluice_pkt pkt __uninitialized;

	if (!has_hops(skb, family))
		return SLUICE_SHORT_CUT_REASON_ROUTE;
	if (sluice_port_would_stop(device, skb))
		return SLUICE_SHORT_CUT_REASON_BOUND;
	take_pkt(&pkt, sk, skb, family);
	return sluice_ingress_hand_over_segment(sluice_pernet(dev_net(skb->dev)),
						skb, &pkt, from,
						READ_ONCE(device->opts.netfilter));
}

static enum sluice_short_cut_reason send_to_pod(struct sock *sk,
						struct sk_buff *skb,
						struct net_device *from,
						struct net_device *in,
						struct sluice_device *device,
						struct dst_entry *dst, u8 family)
{
	enum sluice_short_cut_reason reason;

	if (!sluice_net_is_open(sluice_pernet(dev_net(in))))
		return SLUICE_SHORT_CUT_REASON_FLOW;
	push_header(sk, skb, dst, family);
	skb->dev = in;
	reason = hand_over(sk, skb, from, device, family);
	if (reason)
		pull_header(skb);
	return reason;
}

/* A pod that has the short-cut has it on its loopback device, too. */
static struct sluice_device *device_of_pod(const struct net *net)
{
	struct sluice_device *device;
	struct net_device *dev, *in;

	for_each_netdev_rcu(net, dev) {
		device = device_behind(dev, &in);
		if (is_wanted(device))
			return device;
	}
	return NULL;
}

/*
 * What holds for the device of a route, if sockets are to have the short-cut;
 * @in: the node's end of it, unchanged if it is a loopback device
 */
static struct sluice_device *wanted_for(const struct sock *sk,
					const struct net_device *dev,
					struct net_device **in)
{
	struct sluice_device *device;

	if (dev == sock_net(sk)->loopback_dev)
		return device_of_pod(sock_net(sk));
	device = device_behind(dev, in);
	return is_wanted(device) ? device : NULL;
}

static enum sluice_short_cut_reason send_to_loop(struct sock *sk,
						 struct sk_buff *skb,
						 struct net_device *lo,
						 struct dst_entry *dst,
						 u8 family)
{
	if (dst->error)
		return SLUICE_SHORT_CUT_REASON_ROUTE;
	if (!is_free_loop_now(lo, family))
		return SLUICE_SHORT_CUT_REASON_SEEN;
	push_header(sk, skb, dst, family);
	skb->mark = READ_ONCE(sk->sk_mark);
	skb->priority = READ_ONCE(sk->sk_priority);
	sluice_xmit_loop(skb, lo, dst, family);
	return SLUICE_SHORT_CUT_TAKEN;
}

/* The device of a route is another one once that is of no use any more. */
static bool send(struct sock *sk, struct sk_buff *skb, u8 family)
{
	struct dst_entry *dst = __sk_dst_check(sk, cookie_of(sk, family));
	struct net_device *dev = dst ? READ_ONCE(dst->dev) : NULL;
	enum sluice_short_cut_reason reason;
	struct sluice_device *device;
	struct net_device *in = NULL;

	if (!dev)
		return false;
	device = wanted_for(sk, dev, &in);
	if (!device)
		return false;
	reason = wants_ip(sk, skb, dst, dev, family);
	if (!reason)
		reason = in ? send_to_pod(sk, skb, dev, in, device, dst, family) :
			      send_to_loop(sk, skb, dev, dst, family);
	if (reason)
		this_cpu_inc(device->stats->left[reason]);
	else
		this_cpu_inc(device->stats->short_cut);
	return !reason;
}

/**
 * sluice_local_send() - have a segment received at once
 * @sk: socket that sends it, owned by the caller, a process
 * @skb: segment, from TCP to IP
 * @family: of the packets, AF_INET or AF_INET6
 *
 * Return: whether it has been; otherwise it is as it was.
 */
bool sluice_local_send(struct sock *sk, struct sk_buff *skb, u8 family)
{
	bool sent;

	local_bh_disable();
	rcu_read_lock();
	sent = send(sk, skb, family);
	rcu_read_unlock();
	local_bh_enable();
	return sent;
}

/* ------------------------------------------------------------------- choosing */

/* Whether it goes into a pod, as its flow has it */
static bool goes_to_pod(const struct sock *sk, const struct net_device *in,
			u8 family)
{
	struct sluice_net *sn = sluice_pernet(dev_net(in));
	struct sluice_tuple tuple;

	if (!sluice_net_is_open(sn))
		return false;
	take_tuple(&tuple, sk, family);
	return sluice_ingress_goes_to_pod(sn, in, &tuple);
}

/**
 * sluice_local_wants() - whether a connection may have the short-cut
 * @sk: socket that is just being connected, locked
 * @family: of its packets
 *
 * One whose segments leave the node had better not ask for each of them. The
 * caller holds rcu_read_lock(). One that may is counted.
 */
bool sluice_local_wants(const struct sock *sk, u8 family)
{
	const struct dst_entry *dst = rcu_dereference(sk->sk_dst_cache);
	const struct net_device *dev = dst ? READ_ONCE(dst->dev) : NULL;
	struct sluice_device *device;
	struct net_device *in = NULL;

	device = dev ? wanted_for(sk, dev, &in) : NULL;
	if (!device || (in && !goes_to_pod(sk, in, family)))
		return false;
	this_cpu_inc(device->stats->sockets);
	return true;
}
