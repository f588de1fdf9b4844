/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs and their loader agree on: counters, keys and values of
 * the maps. The maps are found by their names, so these are part of it.
 */
#ifndef SLUICE_BPF_ABI_H
#define SLUICE_BPF_ABI_H

#include <linux/types.h>

#include <linux/sluice.h>

/*
 * What has become of a frame, in the order in which it is found out: a name,
 * what the program does with such a frame, and the word that is shown.
 */
#define SLUICE_XDP_COUNTERS(X) \
	X(FORWARDED,	REDIRECT, "forwarded")	 /* by the program itself */ \
	X(FLOW,		REDIRECT, "flow")	 /* by a flow of the module */ \
	X(UNDECIDED,	PASS, "undecided")	 /* the module misses */ \
	X(MODULE,	PASS, "module-error")	 /* the module refuses */ \
	X(HEADER,	PASS, "header")		 /* not whole, or contradicts itself */ \
	X(GROUP,	PASS, "multicast")	 /* or broadcast */ \
	X(OTHER,	PASS, "other-address")	 /* of hardware */ \
	X(VLAN,		PASS, "vlan")		 /* no device has this tag */ \
	X(PROTOCOL,	PASS, "protocol")	 /* neither IPv4 nor IPv6 */ \
	X(CHECKSUM,	PASS, "checksum")	 /* of the IPv4 header is wrong */ \
	X(OPTIONS,	PASS, "options")	 /* of IPv4 */ \
	X(EXTENSION,	PASS, "extension")	 /* header of IPv6 */ \
	X(FRAGMENT,	PASS, "fragment")	 \
	X(DISCOVERY,	PASS, "discovery")	 /* of neighbours, over IPv6 */ \
	X(ADDRESS,	PASS, "address")	 /* that is never forwarded */ \
	X(TTL,		PASS, "ttl")		 /* no hop is left */ \
	X(OFF,		PASS, "forwarding-off")	 /* at the device */ \
	X(LOCAL,	PASS, "local")		 /* for the node itself */ \
	X(UNREACHABLE,	PASS, "unreachable")	 /* a route that says so */ \
	X(NEIGHBOUR,	PASS, "neighbour")	 /* is not known yet */ \
	X(MTU,		PASS, "mtu")		 /* it does not fit */ \
	X(TUNNEL,	PASS, "tunnel")		 /* is what the route wants */ \
	X(LOOKUP,	PASS, "lookup")		 /* of the route failed */ \
	X(SOURCE,	PASS, "source")		 /* is not one to come from here */ \
	X(RETURN,	PASS, "same-device")	 /* in and out */ \
	X(PORT,		PASS, "no-port")	 /* nothing attached there */ \
	X(ROOM,		PASS, "room")		 /* none for the tag */ \
	X(FEED,		PASS, "not-fed")	 /* with what bridges learn */ \
	X(OUTSIDE,	PASS, "no-bridge")	 /* has the device */ \
	X(STATE,	PASS, "port-state")	 /* is not forwarding */ \
	X(FEATURE,	PASS, "feature")	 /* of the kernel's bridge only */ \
	X(MEMBER,	PASS, "vlan-member")	 /* the port is not */ \
	X(STRANGER,	PASS, "unknown-source")	 /* to be learned */ \
	X(MOVED,	PASS, "moved")		 /* the source, from another port */ \
	X(REFRESH,	PASS, "refresh")	 /* so that it is not forgotten */ \
	X(RESERVED,	PASS, "link-local")	 /* not for bridges to forward */ \
	X(BROADCAST,	PASS, "broadcast")	 \
	X(UNKNOWN,	PASS, "unknown-destination") /* to be flooded */ \
	X(AGED,		PASS, "aged")		 /* the destination is silent */ \
	X(ISOLATED,	PASS, "isolated")	 /* from each other */

#define SLUICE_XDP_ENUM(name, action, word)	SLUICE_XDP_##name,

/* A program's step returns 0, which is FORWARDED, where it finds no obstacle. */
enum sluice_xdp_counter {
	SLUICE_XDP_COUNTERS(SLUICE_XDP_ENUM)
	SLUICE_XDP_COUNTER_COUNT
};

/*
 * Slots of the counters' map: those above, and behind them one for each cause
 * of a miss, enum sluice_fallback, and 0 for one that is not known here.
 */
#define SLUICE_XDP_SLOTS	(SLUICE_XDP_COUNTER_COUNT + SLUICE_FALLBACK_MAX + 1)

#define SLUICE_XDP_MAP_COUNTERS	"sluice_counters"
#define SLUICE_XDP_MAP_WAYS	"sluice_ways"
#define SLUICE_XDP_MAP_VLANS	"sluice_vlans"

#define SLUICE_XDP_ROUTER	"sluice_router"
#define SLUICE_XDP_BRIDGE	"sluice_bridge"

/* How many devices of a namespace can be attached, and VLANs be upon them. */
#define SLUICE_XDP_PORTS_MAX	4096
#define SLUICE_XDP_VLANS_MAX	4096
#define SLUICE_XDP_WAYS_MAX	(SLUICE_XDP_PORTS_MAX + SLUICE_XDP_VLANS_MAX)

/**
 * struct sluice_xdp_tag - a tag at a device
 * @ifindex: the device that frames with the tag are seen at
 * @proto: ETH_P_8021Q or ETH_P_8021AD, in network order; 0 for no tag
 * @vid: the VLAN, in host order; 0 for no tag
 */
struct sluice_xdp_tag {
	__u32 ifindex;
	__be16 proto;
	__u16 vid;
};

/* What is asked of a sender's IPv4 address, by the numbers of rp_filter. */
enum sluice_xdp_source {
	SLUICE_XDP_SOURCE_REMOTE,	/* that it is not the node's own */
	SLUICE_XDP_SOURCE_STRICT,	/* that the way back is the one it came */
	SLUICE_XDP_SOURCE_LOOSE,	/* that there is a way back */
};

/**
 * struct sluice_xdp_upper - a VLAN device
 * @ifindex: its index
 * @source: enum sluice_xdp_source
 */
struct sluice_xdp_upper {
	__u32 ifindex;
	__u32 source;
};

/**
 * struct sluice_xdp_place - a device of the machine
 * @netns: inode of its network namespace
 * @ifindex: its index there
 */
struct sluice_xdp_place {
	__u32 netns;
	__u32 ifindex;
};

/**
 * struct sluice_xdp_lost - frames that were lost after they were redirected
 * @refused: at once, as there is no such way out, or it is down
 * @not_taken: by the driver of the way out
 */
struct sluice_xdp_lost {
	__u64 refused;
	__u64 not_taken;
};

#endif /* SLUICE_BPF_ABI_H */
