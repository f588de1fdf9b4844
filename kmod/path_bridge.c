// SPDX-License-Identifier: GPL-2.0
/*
 * Paths: behind which port of a bridge the next hop is.
 */
#include <net/arp.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/route.h>

#include "bridge.h"
#include "path_route.h"

/**
 * DOC: Pods behind a bridge
 *
 * A route leads to the bridge; the neighbour says which hardware address the
 * destination has there, and the bridge behind which port that is. Nobody tells
 * when either changes, so both are asked anew with each tick of the clock.
 *
 * What goes into a pod without the bridge does not keep its neighbour fresh:
 * asking does. Its answers teach the bridge where it is.
 */

/* NULL if there is none, or the destination is behind a gateway */
static struct neighbour *neighbour_ipv4(const struct sluice_path *path,
					const struct dst_entry *dst)
{
	if (dst_rtable(dst)->rt_gw_family)
		return NULL;
	return __ipv4_neigh_lookup_noref(path->out,
					 (__force u32)path->key.dst.ip);
}

static struct neighbour *neighbour_ipv6(const struct sluice_path *path,
					const struct dst_entry *dst)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (!(dst_rt6_info(dst)->rt6i_flags & RTF_GATEWAY))
		return __ipv6_neigh_lookup_noref(path->out,
						 &path->key.dst.in6);
#endif
	return NULL;
}

/* Whether the destination's hardware address is known */
static bool look_up_mac(const struct sluice_path *path, u8 *mac)
{
	const struct dst_entry *dst = READ_ONCE(path->route.dst);
	struct neighbour *neigh;

	if (!dst)
		return false;
	neigh = path->key.family == AF_INET ? neighbour_ipv4(path, dst) :
					      neighbour_ipv6(path, dst);
	if (!neigh || !(READ_ONCE(neigh->nud_state) & NUD_VALID))
		return false;
	neigh_event_send(neigh, NULL);
	neigh_ha_snapshot(mac, neigh, path->out);
	return true;
}

/**
 * sluice_path_bridge_port() - behind which port the next hop is
 * @path: whose key, route and device are set; the caller holds rcu_read_lock()
 * @mac: filled in with its hardware address if there is one; aligned to two bytes,
 *	and as long as any
 *
 * Softirq.
 *
 * Return: the port, or NULL if the path does not lead to a bridge, or nobody
 * knows.
 */
struct net_device *sluice_path_bridge_port(const struct sluice_path *path,
					   u8 *mac)
{
	if (!netif_is_bridge_master(path->out) || !look_up_mac(path, mac))
		return NULL;
	return sluice_bridge_port_of(path->out, mac);
}
