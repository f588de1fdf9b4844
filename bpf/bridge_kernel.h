/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Of the kernel's structures what is read of bridges; the loader finds the
 * offsets. What is read may be gone already: then it is nonsense, no fault.
 */
#ifndef SLUICE_BPF_BRIDGE_KERNEL_H
#define SLUICE_BPF_BRIDGE_KERNEL_H

#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bridge.h"
#include "netns.h"

struct vlan_group {
	unsigned int nr_vlan_devs;
} __attribute__((preserve_access_index));

struct vlan_info {
	struct vlan_group grp;
} __attribute__((preserve_access_index));

struct net_device {
	int ifindex;
	unsigned int flags;
	unsigned int mtu;
	possible_net_t nd_net;
	void *rx_handler;
	void *rx_handler_data;
	struct vlan_info *vlan_info;
} __attribute__((preserve_access_index));

struct xdp_rxq_info {
	struct net_device *dev;
} __attribute__((preserve_access_index));

struct xdp_buff {
	struct xdp_rxq_info *rxq;
} __attribute__((preserve_access_index));

struct list_head {
	struct list_head *next;
};

struct net_bridge_vlan {
	unsigned short vid;
	unsigned short flags;
	unsigned char state;
	struct list_head vlist;
} __attribute__((preserve_access_index));

struct net_bridge_vlan_group {
	struct list_head vlan_list;
	unsigned short pvid;
} __attribute__((preserve_access_index));

struct net_bridge {
	struct net_device *dev;
	unsigned long options;
	__be16 vlan_proto;
	unsigned char topology_change;
	unsigned long forward_delay;
	unsigned long ageing_time;
} __attribute__((preserve_access_index));

struct net_bridge_port {
	struct net_bridge *br;
	struct net_device *dev;
	unsigned long flags;
	struct net_bridge_vlan_group *vlgrp;
	struct net_bridge_port *backup_port;
	unsigned char state;
} __attribute__((preserve_access_index));

struct mac_addr {
	unsigned char addr[ETH_ALEN];
};

struct net_bridge_fdb_key {
	struct mac_addr addr;
	__u16 vlan_id;
} __attribute__((preserve_access_index));

struct net_bridge_fdb_entry {
	struct net_bridge_fdb_key key;
} __attribute__((preserve_access_index));

enum net_bridge_opts {
	BROPT_VLAN_ENABLED,
	BROPT_MST_ENABLED = 16,
};

/* Bits of a port's flags, which have no names that could be looked up. */
#define BR_LEARNING		(1UL << 5)
#define BR_PROXYARP		(1UL << 8)
#define BR_PROXYARP_WIFI	(1UL << 10)
#define BR_VLAN_TUNNEL		(1UL << 13)
#define BR_NEIGH_SUPPRESS	(1UL << 15)
#define BR_ISOLATED		(1UL << 16)
#define BR_MRP_AWARE		(1UL << 17)
#define BR_PORT_LOCKED		(1UL << 21)

/* Where another protocol than spanning trees blocks, or more is done. */
#define BR_SPECIAL	(BR_PROXYARP | BR_PROXYARP_WIFI | BR_VLAN_TUNNEL | \
			 BR_NEIGH_SUPPRESS | BR_MRP_AWARE)

#define BR_STATE_FORWARDING	3
#define IFF_PROMISC		0x100

/* What a device hands its frames to if it is a port of a bridge. */
extern const void br_handle_frame __ksym __weak;

/* A device as port of a bridge, NULL if it is none. */
static __always_inline struct net_bridge_port *
port_of(const struct net_device *dev)
{
	const void *handler = BPF_CORE_READ(dev, rx_handler);

	if (!handler || handler != &br_handle_frame)
		return NULL;
	return BPF_CORE_READ(dev, rx_handler_data);
}

static __always_inline __u32 netns_of(const struct net_device *dev)
{
	return BPF_CORE_READ(dev, nd_net.net, ns.inum);
}

/* All addresses, and what is known of them. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SLUICE_FDB_MAX);
	__type(key, struct sluice_fdb_key);
	__type(value, struct sluice_fdb_entry);
} sluice_fdb SEC(".maps");

/* When the feed was alive last, in jiffies. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} sluice_pulse SEC(".maps");

static __always_inline __u64 *pulse_of_feed(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&sluice_pulse, &zero);
}

#endif /* SLUICE_BPF_BRIDGE_KERNEL_H */
