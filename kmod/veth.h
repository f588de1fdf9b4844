/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Veth devices.
 */
#ifndef _SLUICE_VETH_H
#define _SLUICE_VETH_H

#include <linux/netdevice.h>
#include <net/rtnetlink.h>

static inline bool sluice_is_veth(const struct net_device *dev)
{
	return dev->rtnl_link_ops &&
	       !strcmp(dev->rtnl_link_ops->kind, "veth") &&
	       dev->netdev_ops->ndo_get_peer_dev;
}

/**
 * sluice_veth_peer() - the other end of a veth device, if it is a pod's
 * @dev: any device; the caller holds rcu_read_lock()
 *
 * Return: a device of another namespace that is no port of anything, or NULL.
 */
static inline struct net_device *sluice_veth_peer(const struct net_device *dev)
{
	struct net_device *peer;

	if (!sluice_is_veth(dev))
		return NULL;
	peer = dev->netdev_ops->ndo_get_peer_dev((struct net_device *)dev);
	if (!peer || net_eq(dev_net(peer), dev_net(dev)) ||
	    netdev_master_upper_dev_get_rcu(peer))
		return NULL;
	return peer;
}

#endif
