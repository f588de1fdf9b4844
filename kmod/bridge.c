// SPDX-License-Identifier: GPL-2.0
/*
 * Linux bridges of the node, asked from outside.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/inetdevice.h>
#include <net/addrconf.h>

#include "bridge.h"
#include "dev_port.h"
#include "ranges.h"
#include "tuple.h"
#include "veth.h"

/**
 * sluice_bridge_port_of() - behind which port of a bridge a host is
 * @bridge: bridge; the caller holds rcu_read_lock()
 * @mac: hardware address, aligned to two bytes
 *
 * For what the node itself sends by the bridge, without a tag of VLANs there and
 * at the port.
 *
 * Return: the port, or NULL if that is not known or frames get another tag.
 */
struct net_device *sluice_bridge_port_of(const struct net_device *bridge,
					 const u8 *mac)
{
	struct net_device_path_ctx ctx = { .dev = bridge };
	struct net_device_path path = {};

	if (!bridge->netdev_ops->ndo_fill_forward_path)
		return NULL;
	ether_addr_copy(ctx.daddr, mac);
	if (bridge->netdev_ops->ndo_fill_forward_path(&ctx, &path) < 0 ||
	    path.bridge.vlan_mode != DEV_PATH_BR_VLAN_KEEP)
		return NULL;
	return (struct net_device *)ctx.dev;
}

static bool has_ipv4(const struct net_device *dev, __be32 addr)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (inet_ifa_match(addr, ifa))
			return true;
	return false;
}

static bool has_ipv6(struct net_device *dev, const struct in6_addr *addr)
{
#if IS_ENABLED(CONFIG_IPV6)
	return ipv6_chk_prefix(addr, dev);
#else
	return false;
#endif
}

/**
 * sluice_bridge_is_on_link() - whether a bridged frame is of a link of the node's
 * @skb: frame on its way from one port to another, skb->data behind its
 *	Ethernet header
 * @state: of the hook; the caller holds rcu_read_lock()
 * @family: AF_INET or AF_INET6
 * @dst: who is to get it
 *
 * It is if the node has an address on the bridge, with a prefix that @dst is in,
 * and would reach @dst by the port that the frame takes: what is bridged in
 * another VLAN is another link.
 */
bool sluice_bridge_is_on_link(const struct sk_buff *skb,
			      const struct nf_hook_state *state, u8 family,
			      const union nf_inet_addr *dst)
{
	struct net_device *bridge;

	bridge = netdev_master_upper_dev_get_rcu(state->out);
	if (!bridge || !netif_is_bridge_master(bridge) ||
	    skb_vlan_tag_present(skb) || eth_type_vlan(eth_hdr(skb)->h_proto))
		return false;
	if (!(family == AF_INET ? has_ipv4(bridge, dst->ip) :
				  has_ipv6(bridge, &dst->in6)))
		return false;
	return sluice_bridge_port_of(bridge, eth_hdr(skb)->h_dest) ==
	       state->out;
}

static bool is_of_pod(const struct net_device *port, const u8 *mac)
{
	const struct net_device *pod = sluice_veth_peer(port);

	return pod && ether_addr_equal(pod->dev_addr, mac);
}

/**
 * sluice_bridge_is_flooded() - whether a port gets a frame for want of a better one
 * @skb: frame for one host, as above
 * @state: of the hook; the caller holds rcu_read_lock()
 *
 * The bridge does not know behind which port its host is, and a pod behind this one
 * has another hardware address. Where it cannot be asked, in a VLAN that is not its
 * own, it does not know the sender either: then the frame is not taken for one.
 */
bool sluice_bridge_is_flooded(const struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	const struct ethhdr *eth = eth_hdr(skb);
	const struct net_device *bridge;

	bridge = netdev_master_upper_dev_get_rcu(state->out);
	return bridge && !is_multicast_ether_addr(eth->h_dest) &&
	       !is_of_pod(state->out, eth->h_dest) &&
	       sluice_bridge_port_of(bridge, eth->h_source) == state->in &&
	       sluice_bridge_port_of(bridge, eth->h_dest) != state->out;
}

static bool is_link_local(u8 family, const union nf_inet_addr *addr)
{
	return family == AF_INET6 && sluice_is_link_local(&addr->in6);
}

/* The first one, of those that are not of the link; NULL: there is none */
static const struct sluice_prefix *
first_host(const struct sluice_ranges *addresses, u8 family)
{
	u8 host = family == AF_INET ? 32 : 128;
	const struct sluice_prefix *prefix;
	u32 i;

	for (i = 0; i < addresses->allow.count; i++) {
		prefix = &addresses->allow.list[i];
		if (prefix->family == family && prefix->len == host &&
		    !is_link_local(family, &prefix->addr))
			return prefix;
	}
	return NULL;
}

/**
 * sluice_bridge_receiver() - who is behind a port, if a packet does not say so
 * @port: port of a bridge; the caller holds rcu_read_lock()
 * @tuple: of a packet that takes it
 *
 * Return: the first host that the port is bound to, of the packet's family, or of
 * the other one if there is none: who has no address has those of the link all the
 * same. NULL if the packet is for an address that the port is bound to, other than
 * of the link; or if it is bound to none, as far as one host is meant.
 */
const struct sluice_prefix *
sluice_bridge_receiver(const struct net_device *port,
		       const struct sluice_tuple *tuple)
{
	const struct sluice_device *device = sluice_port_device(port);
	const struct sluice_ranges *addresses;
	u8 family = tuple->family;

	addresses = device ? rcu_dereference(device->addresses) : NULL;
	if (!addresses ||
	    (!is_link_local(family, &tuple->dst) &&
	     sluice_ranges_match(addresses, family, &tuple->dst)))
		return NULL;
	return first_host(addresses, family) ?:
	       first_host(addresses, family == AF_INET ? AF_INET6 : AF_INET);
}
