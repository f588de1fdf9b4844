/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known of addresses behind the kernel's bridges: the feed writes it,
 * the bridge's program reads it, and the loader makes both use the same map.
 */
#ifndef SLUICE_BPF_BRIDGE_H
#define SLUICE_BPF_BRIDGE_H

#include <linux/if_ether.h>

#include "abi.h"

#define SLUICE_BRIDGE_MAP_FDB	"sluice_fdb"
#define SLUICE_BRIDGE_MAP_PULSE	"sluice_pulse"

#define SLUICE_FDB_MAX		(1 << 16)
#define SLUICE_BRIDGES_MAX	1024

/**
 * struct sluice_bridge - a bridge of the machine
 * @netns: inode of its network namespace
 * @ifindex: its index there
 */
struct sluice_bridge {
	__u32 netns;
	__u32 ifindex;
};

/**
 * struct sluice_fdb_key - an address of hardware
 * @bridge: the bridge that knows it
 * @vid: the VLAN, 0 if the bridge has none
 * @address: it
 */
struct sluice_fdb_key {
	struct sluice_bridge bridge;
	__u16 vid;
	__u8 address[ETH_ALEN];
};

/* What is to be known of a port: all but the first leave it to the kernel. */
#define SLUICE_MEMBER_FORWARDS	(1U << 0)
#define SLUICE_MEMBER_FOREIGN	(1U << 1)	/* of no bridge, or another */
#define SLUICE_MEMBER_SPECIAL	(1U << 2)	/* only the kernel can do it */

/* And what matters with other things only */
#define SLUICE_MEMBER_ISOLATED	(1U << 3)
#define SLUICE_MEMBER_CHECKED	(1U << 4)	/* who sends must be known */

/**
 * struct sluice_member - a port of a bridge, as the kernel had it at some time
 * @port: where in the kernel's memory it is described, 0 if that is not known
 * @read: when that was read, in jiffies
 * @ifindex: the port
 * @flags: SLUICE_MEMBER_*
 * @mtu: its MTU
 */
struct sluice_member {
	__u64 port;
	__u64 read;
	__u32 ifindex;
	__u32 flags;
	__u32 mtu;
	__u32 reserved;
};

/* An address' flags */
#define SLUICE_FDB_LOCAL	(1U << 0)	/* the node's own */
#define SLUICE_FDB_STATIC	(1U << 1)	/* it is not forgotten */
#define SLUICE_FDB_GONE		(1U << 2)	/* while the loader read */

/**
 * struct sluice_fdb_entry - where an address is
 * @member: the port; its @ifindex is 0 if that is in doubt
 * @seen: when the kernel was last told that it is there, in jiffies; 0 if that
 *	was before the feed
 * @moved: when it came there from elsewhere, or to be in doubt
 * @flags: SLUICE_FDB_*
 */
struct sluice_fdb_entry {
	struct sluice_member member;
	__u64 seen;
	__u64 moved;
	__u32 flags;
	__u32 reserved;
};

/**
 * struct sluice_fdb_told - what the loader has read of the kernel's table
 * @key: an address
 * @ifindex: the port where it is
 * @flags: SLUICE_FDB_*
 */
struct sluice_fdb_told {
	struct sluice_fdb_key key;
	__u32 ifindex;
	__u32 flags;
};

#endif /* SLUICE_BPF_BRIDGE_H */
