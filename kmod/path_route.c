// SPDX-License-Identifier: GPL-2.0
/*
 * Paths: which routes, which devices.
 */
#include <linux/etherdevice.h>
#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/route.h>
#include <net/rtnetlink.h>
#include <uapi/linux/sluice.h>

#include "path_route.h"
#include "veth.h"

/**
 * DOC: Which path
 *
 * The node's route is the one that the packet would get behind PRE_ROUTING, by
 * the kernel's own look-up for received packets with all of its checks. If it
 * leads to a veth device whose other end is in another namespace and takes the
 * destination for its own, that end may as well receive the packet here and
 * now: it is a pod's, and the path keeps the pod's own route, too. Otherwise the
 * packet is sent as the kernel would send it.
 *
 * Some routes are not for paths, and are remembered as such: those to the node
 * itself, those chosen by more than addresses, IPsec policies, encapsulations by
 * routes, those back to where packets come from: their senders are to hear of a
 * better one. A pod on the same bridge is not: it may be a service's backend.
 */

/* Steals the reference on @dst. */
static void keep(struct sluice_route *route, struct dst_entry *dst, u32 cookie)
{
	route->dst = dst;
	route->cookie = cookie;
}

/* What a look-up for @skb has left in it; with a reference, or NULL */
static struct dst_entry *take_dst(struct sk_buff *skb)
{
	struct dst_entry *dst = skb_dst(skb);

	if (dst && !dst_hold_safe(dst))
		dst = NULL;
	skb_dst_drop(skb);
	return dst;
}

static struct dst_entry *input_ipv4(const struct sluice_path_key *key,
				    __be32 from, struct net_device *dev,
				    struct sk_buff *skb)
{
	struct dst_entry *dst = NULL;

	if (ipv4_is_multicast(key->dst.ip) || ipv4_is_lbcast(key->dst.ip))
		return NULL;
	if (!ip_route_input_noref(skb, key->dst.ip, from,
				  inet_dsfield_to_dscp(key->tos), dev))
		dst = take_dst(skb);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	return dst;
}

static bool is_local_ipv4(const struct dst_entry *dst)
{
	return dst_rtable(dst)->rt_type == RTN_LOCAL;
}

static bool is_forward_ipv4(const struct dst_entry *dst)
{
	return dst_rtable(dst)->rt_type == RTN_UNICAST;
}

static bool look_up_ipv4(struct sluice_route *route,
			 const struct sluice_path_key *key,
			 const union nf_inet_addr *from,
			 struct net_device *dev, struct sk_buff *skb)
{
	struct dst_entry *dst = input_ipv4(key, from->ip, dev, skb);

	keep(route, dst, 0);
	return dst;
}

#if IS_ENABLED(CONFIG_IPV6)
/* As ip6_route_input(), of which 6.1 has no symbol */
static struct dst_entry *input_ipv6(const struct sluice_path_key *key,
				    const struct in6_addr *from,
				    struct net_device *dev,
				    const struct sk_buff *skb)
{
	struct flowi6 fl6 = {
		.flowi6_iif = dev->ifindex,
		.daddr = key->dst.in6,
		.saddr = *from,
		.flowlabel = ip6_make_flowinfo(key->tos, 0),
		.flowi6_proto = ipv6_hdr(skb)->nexthdr,
	};
	struct dst_entry *dst;

	dst = ip6_route_input_lookup(dev_net(dev), dev, &fl6, skb,
				     RT6_LOOKUP_F_HAS_SADDR);
	if (!dst->error)
		return dst;
	dst_release(dst);
	return NULL;
}

static bool look_up_ipv6(struct sluice_route *route,
			 const struct sluice_path_key *key,
			 const union nf_inet_addr *from,
			 struct net_device *dev, struct sk_buff *skb)
{
	struct dst_entry *dst = NULL;

	if (!ipv6_addr_is_multicast(&key->dst.in6))
		dst = input_ipv6(key, &from->in6, dev, skb);
	keep(route, dst, dst ? rt6_get_cookie(dst_rt6_info(dst)) : 0);
	return dst;
}

static bool is_local_ipv6(const struct dst_entry *dst)
{
	return dst_rt6_info(dst)->rt6i_flags & RTF_LOCAL;
}

/* What ip6_forward() asks besides */
static bool is_forward_ipv6(const struct dst_entry *dst,
			    const struct sluice_path_key *key)
{
	const int unroutable = IPV6_ADDR_MULTICAST | IPV6_ADDR_LOOPBACK |
			       IPV6_ADDR_LINKLOCAL;
	int type = ipv6_addr_type(&key->src.in6);

	return !(dst_rt6_info(dst)->rt6i_flags &
		 (RTF_LOCAL | RTF_ANYCAST | RTF_REJECT)) &&
	       type != IPV6_ADDR_ANY && !(type & unroutable);
}

static unsigned int mtu_ipv6(struct dst_entry *dst)
{
	return max_t(unsigned int, ip6_dst_mtu_maybe_forward(dst, true),
		     IPV6_MIN_MTU);
}

static bool has_ndp_proxy(const struct net *net)
{
	return READ_ONCE(net->ipv6.devconf_all->proxy_ndp);
}
#else
static bool look_up_ipv6(struct sluice_route *route,
			 const struct sluice_path_key *key,
			 const union nf_inet_addr *from,
			 struct net_device *dev, struct sk_buff *skb)
{
	return false;
}

static bool is_local_ipv6(const struct dst_entry *dst)
{
	return false;
}

static bool is_forward_ipv6(const struct dst_entry *dst,
			    const struct sluice_path_key *key)
{
	return false;
}

static unsigned int mtu_ipv6(struct dst_entry *dst)
{
	return 0;
}

static bool has_ndp_proxy(const struct net *net)
{
	return false;
}
#endif

/* @from: may be none of @key's; whether there is a route */
static bool look_up(struct sluice_route *route,
		    const struct sluice_path_key *key,
		    const union nf_inet_addr *from, struct net_device *dev,
		    struct sk_buff *skb)
{
	if (key->family == AF_INET6 && !ipv6_mod_enabled())
		return false;
	route->changes = sluice_route_changes_before(dev_net(dev), key->family);
	return key->family == AF_INET ?
	       look_up_ipv4(route, key, from, dev, skb) :
	       look_up_ipv6(route, key, from, dev, skb);
}

static bool is_local(const struct dst_entry *dst, u8 family)
{
	return family == AF_INET ? is_local_ipv4(dst) : is_local_ipv6(dst);
}

static bool is_forward(const struct dst_entry *dst,
		       const struct sluice_path_key *key)
{
	return key->family == AF_INET ? is_forward_ipv4(dst) :
					is_forward_ipv6(dst, key);
}

static unsigned int mtu_of(struct dst_entry *dst, u8 family)
{
	return family == AF_INET ? ip_dst_mtu_maybe_forward(dst, true) :
				   mtu_ipv6(dst);
}

/*
 * Rules for ports, of which a path knows nothing. A change of rules makes all
 * routes invalid.
 */
static bool has_rules_for_ports(const struct net *net, u8 family)
{
#if IS_ENABLED(CONFIG_IP_MULTIPLE_TABLES)
	if (family == AF_INET)
		return READ_ONCE(net->ipv4.fib_rules_require_fldissect);
#endif
#if IS_ENABLED(CONFIG_IPV6_MULTIPLE_TABLES)
	if (family == AF_INET6)
		return READ_ONCE(net->ipv6.fib6_rules_require_fldissect);
#endif
	return false;
}

/* Of which the first one, and a changed default, make all routes invalid */
static bool has_ipsec(const struct net *net)
{
#ifdef CONFIG_XFRM
	return net->xfrm.policy_count[XFRM_POLICY_OUT] ||
	       net->xfrm.policy_count[XFRM_POLICY_FWD] ||
	       net->xfrm.policy_default[XFRM_POLICY_FWD] !=
						XFRM_USERPOLICY_ACCEPT ||
	       net->xfrm.policy_default[XFRM_POLICY_OUT] !=
						XFRM_USERPOLICY_ACCEPT;
#else
	return false;
#endif
}

/* Whether packets may go by the route without the rest of the stack */
static bool may_go(const struct dst_entry *dst, const struct sluice_path *path,
		   const struct net *net, const struct net_device *in)
{
	const struct net_device *out = READ_ONCE(dst->dev);

	return is_forward(dst, &path->key) && !dst->lwtstate &&
	       (out != in || netif_is_bridge_master(out)) &&
	       !(out->flags & IFF_LOOPBACK) &&
	       !netif_is_l3_master(out) && !netif_is_l3_slave(out) &&
	       !has_rules_for_ports(net, path->key.family);
}

/* What all packets need the stack for, and nobody tells when that ends */
static bool needs_stack(const struct net *net, u8 family)
{
	return has_ipsec(net) || (family == AF_INET6 && has_ndp_proxy(net));
}

/* The end of a veth device in another namespace, or NULL */
static struct net_device *other_end(const struct net_device *out)
{
	struct net_device *peer = sluice_veth_peer(out);

	return peer && peer->flags & IFF_UP ? peer : NULL;
}

/* Of one device: what fits into half of a path's */
static u8 strictness_of(u8 family, const struct net_device *dev)
{
	struct in_device *in_dev = __in_dev_get_rcu(dev);

	if (family != AF_INET || !in_dev)
		return 0;
	return clamp(IN_DEV_RPFILTER(in_dev), 0, 3);
}

/**
 * sluice_path_strictness() - how sources are checked, by the node and by the pod
 * @path: its key and peer
 * @in: device that packets come in by
 *
 * A change of reverse path filters makes no route invalid. The caller holds
 * rcu_read_lock().
 *
 * Return: something that is the same as long as they are.
 */
u8 sluice_path_strictness(const struct sluice_path *path,
			  const struct net_device *in)
{
	u8 family = path->key.family;

	return strictness_of(family, in) |
	       (path->peer ? strictness_of(family, path->peer) << 4 : 0);
}

/*
 * Where the other end of the device or of the bridge's port is a pod's;
 * @mac: that a bridge has for it
 */
static struct net_device *find_peer(const struct sluice_path *path,
				    const u8 *mac)
{
	struct net_device *peer = other_end(path->port ?: path->out);

	if (peer && path->port &&
	    !(ether_addr_equal(mac, peer->dev_addr) &&
	      netif_running(path->port) && netif_carrier_ok(path->port)))
		return NULL;
	return peer;
}

/**
 * sluice_path_is_elsewhere() - whether a bridge leads to another port by now
 * @path: resolved; the caller holds rcu_read_lock()
 *
 * Softirq.
 */
bool sluice_path_is_elsewhere(const struct sluice_path *path)
{
	u8 mac[MAX_ADDR_LEN] __aligned(2);
	struct net_device *port;

	if (!netif_is_bridge_master(path->out))
		return false;
	port = sluice_path_bridge_port(path, mac);
	return port != path->port ||
	       (path->kind == SLUICE_PATH_KIND_POD &&
		!ether_addr_equal(mac, path->mac));
}

/* What fits everywhere on the way */
static unsigned int find_mtu(const struct sluice_path *path,
			     struct dst_entry *dst)
{
	unsigned int mtu = mtu_of(dst, path->key.family);

	if (path->kind != SLUICE_PATH_KIND_POD)
		return mtu;
	mtu = min(mtu, READ_ONCE(path->peer->mtu));
	return path->port ? min(mtu, READ_ONCE(path->port->mtu)) : mtu;
}

/**
 * sluice_path_has_other_mtu() - whether packets of another size fit by now
 * @path: resolved, not for the stack; the caller holds rcu_read_lock()
 *
 * IPv6 has an MTU of each device beside the device's own, which a setting or a
 * router changes without telling.
 */
bool sluice_path_has_other_mtu(const struct sluice_path *path)
{
	struct dst_entry *dst = READ_ONCE(path->route.dst);

	return dst && find_mtu(path, dst) != path->mtu;
}

/* Nobody tells when there would be a better way: it is looked for each second. */
static u32 in_a_second(void)
{
	return (u32)(jiffies + HZ) | 1;
}

/*
 * Whether a pod takes the destination for its own; @peer: its end. One that has
 * rules for ports routes packets itself: it may take some of them only.
 */
static bool is_for_pod(struct sluice_path *path, struct net_device *peer,
		       struct sk_buff *skb)
{
	return !has_rules_for_ports(dev_net(peer), path->key.family) &&
	       look_up(&path->input, &path->key, &path->key.from, peer, skb) &&
	       is_local(path->input.dst, path->key.family);
}

/* A pod that takes the destination for its own gets packets right away. */
static void resolve_pod(struct sluice_path *path, const u8 *mac,
			struct sk_buff *skb)
{
	struct net_device *peer = find_peer(path, mac);
	u8 strictness;

	if (!peer)
		return;
	strictness = strictness_of(path->key.family, peer) << 4;
	if (is_for_pod(path, peer, skb)) {
		path->kind = SLUICE_PATH_KIND_POD;
		path->peer = peer;
		path->strictness |= strictness;
		ether_addr_copy(path->mac, peer->dev_addr);
		ether_addr_copy(path->mac + ETH_ALEN, path->out->dev_addr);
		return;
	}
	dst_release(path->input.dst);
	path->input.dst = NULL;
	path->again = in_a_second();
}

/**
 * sluice_path_resolve() - find out by which way packets leave
 * @path: zeroed but for its key; filled in
 * @net: namespace
 * @skb: a packet of these, just received: no route is set, and skb->cb is free;
 *	unchanged
 *
 * Softirq; the caller holds rcu_read_lock().
 *
 * Return: false if there is no route, of which nothing is to be remembered.
 */
bool sluice_path_resolve(struct sluice_path *path, struct net *net,
			 struct sk_buff *skb)
{
	struct net_device *in = skb->dev;
	u8 mac[MAX_ADDR_LEN] __aligned(2);
	struct dst_entry *dst;

	path->kind = SLUICE_PATH_KIND_STACK;
	path->strictness = strictness_of(path->key.family, in);
	if (!look_up(&path->route, &path->key, &path->key.src, in, skb))
		return false;
	dst = path->route.dst;
	path->out = READ_ONCE(dst->dev);
	path->port = sluice_path_bridge_port(path, mac);
	if (!may_go(dst, path, net, in))
		return true;
	if (needs_stack(net, path->key.family)) {
		path->again = in_a_second();
		return true;
	}

	path->kind = SLUICE_PATH_KIND_LINK;
	path->clean = sluice_is_veth(in);
	resolve_pod(path, mac, skb);
	path->mtu = find_mtu(path, dst);
	if (path->out == in && path->kind != SLUICE_PATH_KIND_POD)
		path->kind = SLUICE_PATH_KIND_STACK;
	return true;
}
