/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A port of a bridge, and the bridge, as the kernel has them in this jiffy.
 *
 * Its own memory is read, so there is nothing that could be missed, and what
 * the bridge is told holds here within a jiffy. A port is described as long as
 * its device hands frames to it; a processor that reads is within RCU.
 */
#ifndef SLUICE_BPF_BRIDGE_MEMBER_H
#define SLUICE_BPF_BRIDGE_MEMBER_H

#include <stddef.h>

#include "bridge_kernel.h"

/* In jiffies: between 1 and 10 seconds without a sign of life */
#define SILENCE	1000

/*
 * The network namespace whose devices frames may be redirected to, by its inode.
 * A device may leave it, and take the program along.
 */
const volatile __u32 own_netns;

/**
 * struct own - the port that the program is attached to, and its bridge; global,
 * as the compiler takes a static one apart, and its type's description with it
 * @member: the port
 * @bridge: where in the kernel's memory the bridge is described
 * @hold: how long it remembers who sends nothing, in jiffies
 * @bridge_ifindex: its index
 * @vlan_proto: of its VLANs' tags, in network order
 * @pvid: VLAN of frames without a tag, 0 if there is none
 * @filters: whether it has VLANs
 * @carries: whether the port has VLAN devices, which take their tags
 * @fed: whether it is still told where addresses are
 * @sender: address, and VLAN, of who was known to be there in this jiffy
 */
struct {
	struct sluice_member member;
	__u64 bridge;
	__u64 hold;
	__u32 bridge_ifindex;
	__be16 vlan_proto;
	__u16 pvid;
	bool filters;
	bool carries;
	bool fed;
	__u64 sender;
} own;

static __always_inline bool has_option(const struct net_bridge *bridge,
				       __u64 option)
{
	return BPF_CORE_READ(bridge, options) & (1UL << option);
}

/* Ports that are watched, or have states of each VLAN, are the kernel's. */
static __always_inline bool is_special(const struct net_bridge *bridge)
{
	if (BPF_CORE_READ(bridge, dev, flags) & IFF_PROMISC)
		return true;
	return has_option(bridge, bpf_core_enum_value(enum net_bridge_opts,
						      BROPT_MST_ENABLED));
}

static __always_inline __u32 member_flags(const struct net_bridge_port *port)
{
	__u64 has = BPF_CORE_READ(port, flags);
	__u32 flags = 0;

	if (BPF_CORE_READ(port, state) == BR_STATE_FORWARDING)
		flags |= SLUICE_MEMBER_FORWARDS;
	if (has & BR_ISOLATED)
		flags |= SLUICE_MEMBER_ISOLATED;
	if (has & (BR_LEARNING | BR_PORT_LOCKED))
		flags |= SLUICE_MEMBER_CHECKED;
	if (has & BR_SPECIAL || BPF_CORE_READ(port, backup_port))
		flags |= SLUICE_MEMBER_SPECIAL;
	return flags;
}

/* A port that is one no more may be anything by now. */
static __always_inline bool is_alive(const struct sluice_member *member,
				     const struct net_bridge_port *port)
{
	const struct net_device *dev = BPF_CORE_READ(port, dev);

	return BPF_CORE_READ(dev, ifindex) == (int)member->ifindex &&
	       port_of(dev) == port;
}

static __always_inline void member_read(struct sluice_member *member,
					__u64 bridge)
{
	const struct net_bridge_port *port = (const void *)member->port;

	member->read = bpf_jiffies64();
	member->mtu = BPF_CORE_READ(port, dev, mtu);
	if (!is_alive(member, port) || (__u64)BPF_CORE_READ(port, br) != bridge)
		member->flags = SLUICE_MEMBER_FOREIGN;
	else
		member->flags = member_flags(port);
}

static __always_inline void bridge_read(const struct net_bridge *bridge)
{
	own.bridge = (__u64)bridge;
	own.bridge_ifindex = BPF_CORE_READ(bridge, dev, ifindex);
	own.hold = BPF_CORE_READ(bridge, topology_change) ?
		   BPF_CORE_READ(bridge, forward_delay) :
		   BPF_CORE_READ(bridge, ageing_time);
	if (is_special(bridge))
		own.member.flags |= SLUICE_MEMBER_SPECIAL;
}

/* Kernels may be without VLANs, of bridges or at all. */
static __always_inline void vlans_read(const struct net_device *dev,
				       const struct net_bridge_port *port,
				       const struct net_bridge *bridge)
{
	own.carries = bpf_core_field_exists(dev->vlan_info) &&
		      BPF_CORE_READ(dev, vlan_info, grp.nr_vlan_devs);
	if (!bpf_core_field_exists(port->vlgrp))
		return;
	own.filters = has_option(bridge,
				 bpf_core_enum_value(enum net_bridge_opts,
						     BROPT_VLAN_ENABLED));
	own.vlan_proto = BPF_CORE_READ(bridge, vlan_proto);
	own.pvid = BPF_CORE_READ(port, vlgrp, pvid);
}

static __always_inline bool is_fed(void)
{
	const __u64 *pulse = pulse_of_feed();

	return pulse && bpf_jiffies64() - *pulse < SILENCE;
}

static __always_inline void own_read(struct xdp_md *ctx)
{
	const struct xdp_buff *buff = (const void *)ctx;
	const struct net_device *dev = BPF_CORE_READ(buff, rxq, dev);
	const struct net_bridge_port *port;
	const struct net_bridge *bridge;

	port = netns_of(dev) == own_netns ? port_of(dev) : NULL;
	bridge = BPF_CORE_READ(port, br);
	own.member.ifindex = BPF_CORE_READ(dev, ifindex);
	own.member.port = (__u64)port;
	own.sender = 0;
	own.fed = is_fed();
	member_read(&own.member, (__u64)bridge);
	bridge_read(bridge);
	vlans_read(dev, port, bridge);
}

#endif /* SLUICE_BPF_BRIDGE_MEMBER_H */
