/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices of the network namespace the process is in, by rtnetlink.
 */
#ifndef SLUICE_LOADER_LINK_H
#define SLUICE_LOADER_LINK_H

#include <net/if.h>

#include <linux/if_ether.h>

#include "libsluice.h"

/* Kinds of devices, as of "ip link add type". */
#define LINK_KIND_SIZE	16

/**
 * struct link - a device
 * @ifindex: its index
 * @name: its name
 * @kind: what it is, empty for hardware
 * @ethernet: whether it has Ethernet frames
 * @address: of its hardware
 * @lower: the device below it, or the other end of a veth
 * @nsid: the namespace of that, by this namespace's numbers; -1 for this one
 * @master: what it is a part of, 0 if nothing
 * @master_kind: what that is to its parts, "bridge" and the like
 * @vlan_id: of a VLAN device
 * @vlan_proto: of a VLAN device, in network order
 * @xdp_mode: XDP_ATTACHED_*
 * @xdp_prog: the program's number, 0 if there is none
 */
struct link {
	uint32_t ifindex;
	char name[IF_NAMESIZE];
	char kind[LINK_KIND_SIZE];
	bool ethernet;
	uint8_t address[ETH_ALEN];
	uint32_t lower;
	int32_t nsid;
	uint32_t master;
	char master_kind[LINK_KIND_SIZE];
	uint16_t vlan_id;
	uint16_t vlan_proto;
	uint8_t xdp_mode;
	uint32_t xdp_prog;
};

/**
 * struct links - all devices of a namespace
 * @link: those
 * @count: how many
 * @room: how many there is room for
 */
struct links {
	struct link *link;
	size_t count;
	size_t room;
};

int links_read(struct links *links, struct sluice_error *err);
void links_free(struct links *links);
const struct link *links_find(const struct links *links, const char *name);
const struct link *links_at(const struct links *links, uint32_t ifindex);

bool link_is_veth(const struct link *link);
int link_set_xdp(const struct link *link, int prog, uint32_t flags,
		 struct sluice_error *err);
uint32_t link_rp_filter(const char *name);
int link_nsid_of(int netns, int32_t *nsid);

#endif /* SLUICE_LOADER_LINK_H */
