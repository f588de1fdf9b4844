/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linux bridges of the node, asked from outside.
 */
#ifndef _SLUICE_BRIDGE_H
#define _SLUICE_BRIDGE_H

#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>

struct nf_hook_state;
struct sk_buff;
struct sluice_prefix;
struct sluice_tuple;

const struct sluice_prefix *
sluice_bridge_receiver(const struct net_device *port,
		       const struct sluice_tuple *tuple);
struct net_device *sluice_bridge_port_of(const struct net_device *bridge,
					 const u8 *mac);
bool sluice_bridge_is_flooded(const struct sk_buff *skb,
			      const struct nf_hook_state *state);
bool sluice_bridge_is_on_link(const struct sk_buff *skb,
			      const struct nf_hook_state *state, u8 family,
			      const union nf_inet_addr *dst);

/* Whether what a device receives has come by a bridge, in a VLAN or in none */
static inline bool sluice_bridge_is_below(const struct net_device *dev)
{
	if (is_vlan_dev(dev))
		dev = vlan_dev_real_dev(dev);
	return netif_is_bridge_master(dev);
}

#endif
