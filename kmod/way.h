/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ways: routes to backends that get packets unchanged.
 */
#ifndef _SLUICE_WAY_H
#define _SLUICE_WAY_H

#include <linux/netdevice.h>
#include <net/dst.h>
#include <net/l3mdev.h>

#include "tuple.h"

struct net;
struct sluice_backend;

/**
 * enum sluice_way - where a backend is
 * @SLUICE_WAY_NONE: there is no route to it
 * @SLUICE_WAY_HERE: its address is one of this node
 * @SLUICE_WAY_OUT: elsewhere
 */
enum sluice_way {
	SLUICE_WAY_NONE,
	SLUICE_WAY_HERE,
	SLUICE_WAY_OUT,
};

struct dst_entry *sluice_way_forward(struct net *net,
				     const struct sluice_backend *backend,
				     int vrf);
struct dst_entry *sluice_way_next_hop(struct net *net,
				      struct sluice_backend *backend, int vrf);
struct dst_entry *sluice_way_tunnel(struct net *net,
				    struct sluice_backend *backend, int vrf,
				    union nf_inet_addr *from);
enum sluice_way sluice_way_find(struct net *net,
				struct sluice_backend *backend, u8 forward);

/* The VRF that a device is in, by its index; 0 for none. RCU read side. */
static inline int sluice_way_vrf(const struct net_device *dev)
{
	return l3mdev_master_ifindex_rcu(dev);
}

/* A route to an address of the node */
static inline bool sluice_way_stays_here(const struct dst_entry *dst)
{
	return dst->dev->flags & IFF_LOOPBACK || netif_is_l3_master(dst->dev);
}

#endif
