// SPDX-License-Identifier: GPL-2.0
/*
 * Ways: routes to backends that get packets unchanged.
 */
#include <net/dst_cache.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "backend.h"
#include "way.h"

/**
 * DOC: Ways
 *
 * A packet that is not for the backend's address is routed as if it were. To
 * forward it any route to the backend will do. To send it, it takes one with
 * the backend itself, or its gateway, as the next hop, whatever the packet's
 * own address; the kernel makes such a route anew at each look-up. The packet
 * around it in a tunnel is the node's own and subject to its IPsec policies.
 *
 * A backend keeps the last route of the latter two kinds for each processor;
 * that of a tunnel has a source, the other has none. An IPv6 route with a given
 * next hop is not kept, as it would keep its device from going away, nor is
 * one of a VRF, as a backend may be asked for in several.
 */

static struct dst_entry *look_up_ipv4(struct net *net,
				      const struct sluice_backend *backend,
				      int vrf, u8 flags)
{
	struct flowi4 fl4 = {
		.daddr = backend->addr.addr.ip,
		.flowi4_oif = vrf,
		.flowi4_flags = flags,
	};
	struct rtable *rt;

	rt = ip_route_output_key(net, &fl4);
	return IS_ERR(rt) ? NULL : &rt->dst;
}

static struct dst_entry *tunnel_ipv4(struct net *net,
				     const struct sluice_backend *backend,
				     int vrf, union nf_inet_addr *from)
{
	struct flowi4 fl4 = {
		.daddr = backend->addr.addr.ip,
		.flowi4_oif = vrf,
		.flowi4_proto = IPPROTO_IPIP,
	};
	struct rtable *rt;

	rt = ip_route_output_flow(net, &fl4, NULL);
	if (IS_ERR(rt))
		return NULL;
	from->ip = fl4.saddr;
	return &rt->dst;
}

#if IS_ENABLED(CONFIG_IPV6)
static struct dst_entry *look_up_ipv6(struct net *net,
				      const struct sluice_backend *backend,
				      int vrf, u8 flags)
{
	struct flowi6 fl6 = {
		.daddr = backend->addr.addr.in6,
		.flowi6_oif = vrf,
		.flowi6_flags = flags,
	};
	struct dst_entry *dst;

	dst = ip6_route_output(net, NULL, &fl6);
	if (!dst->error)
		return dst;
	dst_release(dst);
	return NULL;
}

static struct dst_entry *tunnel_ipv6(struct net *net,
				     const struct sluice_backend *backend,
				     int vrf, union nf_inet_addr *from)
{
	struct flowi6 fl6 = {
		.daddr = backend->addr.addr.in6,
		.flowi6_oif = vrf,
		.flowi6_proto = IPPROTO_IPV6,
	};
	struct dst_entry *dst;

	dst = ip6_dst_lookup_flow(net, NULL, &fl6, NULL);
	if (IS_ERR(dst))
		return NULL;
	from->in6 = fl6.saddr;
	return dst;
}
#else
static struct dst_entry *look_up_ipv6(struct net *net,
				      const struct sluice_backend *backend,
				      int vrf, u8 flags)
{
	return NULL;
}

static struct dst_entry *tunnel_ipv6(struct net *net,
				     const struct sluice_backend *backend,
				     int vrf, union nf_inet_addr *from)
{
	return NULL;
}
#endif

static struct dst_entry *look_up(struct net *net,
				 const struct sluice_backend *backend, int vrf,
				 u8 flags)
{
	return backend->addr.family == AF_INET ?
	       look_up_ipv4(net, backend, vrf, flags) :
	       look_up_ipv6(net, backend, vrf, flags);
}

/* Unset, an address of either family is all zeroes. */
static bool is_unset(const union nf_inet_addr *addr)
{
	return ipv6_addr_any(&addr->in6);
}

static struct dst_entry *look_up_tunnel(struct net *net,
					const struct sluice_backend *backend,
					int vrf, union nf_inet_addr *from)
{
	struct dst_entry *dst;

	memset(from, 0, sizeof(*from));
	dst = backend->addr.family == AF_INET ?
	      tunnel_ipv4(net, backend, vrf, from) :
	      tunnel_ipv6(net, backend, vrf, from);
	if (!dst || !is_unset(from))
		return dst;
	dst_release(dst);
	return NULL;
}

/* Bottom halves are off. */
static struct dst_entry *kept(struct sluice_backend *backend,
			      union nf_inet_addr *from)
{
	struct rtable *rt;

	memset(from, 0, sizeof(*from));
	if (backend->addr.family == AF_INET) {
		rt = dst_cache_get_ip4(&backend->way_out, &from->ip);
		return rt ? &rt->dst : NULL;
	}
#if IS_ENABLED(CONFIG_IPV6)
	return dst_cache_get_ip6(&backend->way_out, &from->in6);
#else
	return NULL;
#endif
}

static void keep(struct sluice_backend *backend, struct dst_entry *dst,
		 const union nf_inet_addr *from)
{
	if (backend->addr.family == AF_INET)
		dst_cache_set_ip4(&backend->way_out, dst, from->ip);
#if IS_ENABLED(CONFIG_IPV6)
	else
		dst_cache_set_ip6(&backend->way_out, dst, &from->in6);
#endif
}

/* The kept route of a kind, or NULL; with a reference. */
static struct dst_entry *kept_kind(struct sluice_backend *backend, bool tunnel,
				   union nf_inet_addr *from)
{
	struct dst_entry *dst = kept(backend, from);

	if (!dst || tunnel == !is_unset(from))
		return dst;
	dst_release(dst);
	return NULL;
}

/**
 * sluice_way_forward() - a route by which to forward packets to a backend
 * @net: namespace
 * @backend: backend
 * @vrf: where to look, see sluice_way_vrf()
 *
 * It has not been chosen by the checks for packets from elsewhere. The caller
 * of this and the following functions holds rcu_read_lock().
 *
 * Return: the route with a reference, or NULL.
 */
struct dst_entry *sluice_way_forward(struct net *net,
				     const struct sluice_backend *backend,
				     int vrf)
{
	return look_up(net, backend, vrf, 0);
}

/**
 * sluice_way_next_hop() - a route by which any packet goes to a backend
 * @net: namespace
 * @backend: backend
 * @vrf: where to look
 *
 * Return: the route with a reference, or NULL.
 */
struct dst_entry *sluice_way_next_hop(struct net *net,
				      struct sluice_backend *backend, int vrf)
{
	union nf_inet_addr none;
	struct dst_entry *dst;

	if (vrf || backend->addr.family != AF_INET)
		return look_up(net, backend, vrf, FLOWI_FLAG_KNOWN_NH);

	local_bh_disable();
	dst = kept_kind(backend, false, &none);
	if (!dst) {
		dst = look_up(net, backend, vrf, FLOWI_FLAG_KNOWN_NH);
		memset(&none, 0, sizeof(none));
		if (dst)
			keep(backend, dst, &none);
	}
	local_bh_enable();
	return dst;
}

/**
 * sluice_way_tunnel() - a route for the packets of a tunnel to a backend
 * @net: namespace
 * @backend: backend
 * @vrf: where to look
 * @from: set to the node's address on the way
 *
 * Return: the route with a reference, or NULL; the latter also if the node has
 * no address there or an IPsec policy forbids the way.
 */
struct dst_entry *sluice_way_tunnel(struct net *net,
				    struct sluice_backend *backend, int vrf,
				    union nf_inet_addr *from)
{
	struct dst_entry *dst;

	if (vrf)
		return look_up_tunnel(net, backend, vrf, from);

	local_bh_disable();
	dst = kept_kind(backend, true, from);
	if (!dst) {
		dst = look_up_tunnel(net, backend, vrf, from);
		if (dst)
			keep(backend, dst, from);
	}
	local_bh_enable();
	return dst;
}

static bool has_tunnel(struct net *net, struct sluice_backend *backend)
{
	union nf_inet_addr from;
	struct dst_entry *dst;

	dst = sluice_way_tunnel(net, backend, 0, &from);
	dst_release(dst);
	return dst;
}

/**
 * sluice_way_find() - where a backend is, for packets outside of VRFs
 * @net: namespace
 * @backend: backend
 * @forward: &enum sluice_forward, other than NAT
 */
enum sluice_way sluice_way_find(struct net *net,
				struct sluice_backend *backend, u8 forward)
{
	struct dst_entry *dst = sluice_way_forward(net, backend, 0);
	bool here = dst && sluice_way_stays_here(dst);

	dst_release(dst);
	if (here)
		return SLUICE_WAY_HERE;
	if (!dst || (forward == SLUICE_FORWARD_TUNNEL &&
		     !has_tunnel(net, backend)))
		return SLUICE_WAY_NONE;
	return SLUICE_WAY_OUT;
}
