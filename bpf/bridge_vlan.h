/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VLANs of a bridge's ports, as the kernel has them in this jiffy.
 */
#ifndef SLUICE_BPF_BRIDGE_VLAN_H
#define SLUICE_BPF_BRIDGE_VLAN_H

#include <linux/if_bridge.h>

#include "bridge_kernel.h"

/* A port's VLANs are in a list; who is behind so many of them is not found. */
#define VLANS_WALKED	128

#define VLANS_CACHED	512

#define VLAN_KNOWN	(1U << 0)
#define VLAN_UNTAGGED	(1U << 1)	/* when it leaves */

/**
 * struct vlan_key - a VLAN of a port
 * @port: where in the kernel's memory that is described
 * @vid: the VLAN
 */
struct vlan_key {
	__u64 port;
	__u64 vid;
};

/**
 * struct vlan - what holds for it
 * @read: when that was read, in jiffies
 * @flags: VLAN_*, 0 if the port is no member
 */
struct vlan {
	__u64 read;
	__u64 flags;
};

/* The oldest go, so that what is not asked for any more does not stay. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, VLANS_CACHED);
	__type(key, struct vlan_key);
	__type(value, struct vlan);
} sluice_members SEC(".maps");

/**
 * struct vlan_walk - a walk along a port's VLANs, which are in order
 * @node: the next one
 * @end: behind the last
 * @vid: the VLAN that is looked for
 * @flags: what is found
 */
struct vlan_walk {
	const struct list_head *node;
	const struct list_head *end;
	__u64 vid;
	__u64 flags;
};

static __always_inline __u64 vlan_flags(const struct net_bridge_vlan *vlan)
{
	if (BPF_CORE_READ(vlan, state) != BR_STATE_FORWARDING)
		return 0;
	return VLAN_KNOWN |
	       (BPF_CORE_READ(vlan, flags) & BRIDGE_VLAN_INFO_UNTAGGED ?
		VLAN_UNTAGGED : 0);
}

static long vlan_step(__u32 i, void *arg)
{
	const struct net_bridge_vlan *vlan;
	struct vlan_walk *walk = arg;
	__u16 vid;

	(void)i;
	if (walk->node == walk->end)
		return 1;
	vlan = (const void *)walk->node -
	       bpf_core_field_offset(struct net_bridge_vlan, vlist);
	vid = BPF_CORE_READ(vlan, vid);
	if (vid == walk->vid)
		walk->flags = vlan_flags(vlan);
	walk->node = BPF_CORE_READ(vlan, vlist.next);
	return vid >= walk->vid;
}

static __always_inline __u64 vlan_read(const struct net_bridge_port *port,
				       __u64 vid)
{
	const struct net_bridge_vlan_group *group;
	struct vlan_walk walk = { .vid = vid };

	if (!bpf_core_field_exists(port->vlgrp))
		return 0;
	group = BPF_CORE_READ(port, vlgrp);
	walk.node = BPF_CORE_READ(group, vlan_list.next);
	walk.end = (const void *)group +
		   bpf_core_field_offset(struct net_bridge_vlan_group, vlan_list);
	bpf_loop(VLANS_WALKED, vlan_step, &walk, 0);
	return walk.flags;
}

/* What holds for a VLAN at a port: VLAN_*, 0 if it is no member. */
static __always_inline __u64 vlan_find(const struct sluice_member *member,
				       __u16 vid)
{
	struct vlan_key key = { .port = member->port, .vid = vid };
	struct vlan *known = bpf_map_lookup_elem(&sluice_members, &key);
	struct vlan vlan = { .read = bpf_jiffies64() };

	if (known && known->read == vlan.read)
		return known->flags;
	vlan.flags = vlan_read((const void *)member->port, vid);
	bpf_map_update_elem(&sluice_members, &key, &vlan, BPF_ANY);
	return vlan.flags;
}

#endif /* SLUICE_BPF_BRIDGE_VLAN_H */
