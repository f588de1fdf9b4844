// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What attached programs are told of each other, in a network namespace of the
 * test's own:
 *
 *	pa, pb	veths with a native program
 *	pg	a veth with a generic one
 *	px	a veth without
 *	va, vx	VLAN devices upon pa and px, which the test makes up: not every
 *		kernel has them
 */
#include <arpa/inet.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>

#include "abi.h"
#include "link.h"
#include "list.h"
#include "maps.h"
#include "program.h"
#include "tap.h"

#define VA	4241
#define VX	4242

static const char topology[] =
	"for d in pa pb pg px; do ip link add $d type veth peer name $d.end &&"
	" ip link set $d up && ip link set $d.end up || exit 1; done\n"
	/* A native way out must be able to send: its other end has GRO. */
	"for d in pa pb; do ethtool -K $d.end gro on || exit 1; done\n";

static struct links links;

static void attach(const char *device, uint32_t flags)
{
	struct program_config config = { .link = links_find(&links, device) };
	struct sluice_error err = { 0 };
	struct program program;
	bool ok;

	ok = !program_open(&program, program_kind("router"), &config, NULL,
			   &err) &&
	     !program_load(&program, &err) &&
	     !link_set_xdp(config.link, program.fd, flags, &err);
	tap(ok, "attached to %s%s", device, ok ? "" : err.text);
	program_close(&program);
}

static void add_vlan(const char *name, uint32_t ifindex, const char *lower)
{
	struct link *link;
	uint32_t below = links_find(&links, lower)->ifindex;

	links.link = grow(links.link, links.count, &links.room, sizeof(*link));
	link = &links.link[links.count++];
	memset(link, 0, sizeof(*link));
	strcpy(link->name, name);
	link->ifindex = ifindex;
	link->lower = below;
	link->nsid = -1;
	link->vlan_proto = htons(ETH_P_8021Q);
	link->vlan_id = 5;
}

static void read_links(void)
{
	struct sluice_error err;

	links_free(&links);
	links_read(&links, &err);
}

static int open_map(const char *device, const char *map)
{
	struct attached attached;
	int fd;

	if (!attached_open(&attached, links_find(&links, device)))
		return -1;
	fd = attached_map(&attached, map);
	attached_close(&attached);
	return fd;
}

/* Whether @of may send to the device, and by which and with which tag */
static bool is_way(const char *of, uint32_t ifindex, const char *by,
		   uint16_t vid)
{
	int fd = open_map(of, SLUICE_XDP_MAP_WAYS);
	struct sluice_xdp_tag way = { 0 };
	bool found = !bpf_map_lookup_elem(fd, &ifindex, &way);

	close(fd);
	return found && way.ifindex == links_find(&links, by)->ifindex &&
	       way.vid == vid && way.proto == (vid ? htons(ETH_P_8021Q) : 0);
}

static bool is_way_to(const char *of, const char *device)
{
	return is_way(of, links_find(&links, device)->ifindex, device, 0);
}

static uint32_t vlan_at(const char *of, const char *device)
{
	int fd = open_map(of, SLUICE_XDP_MAP_VLANS);
	struct sluice_xdp_upper upper = { 0 };
	struct sluice_xdp_tag tag = {
		.ifindex = links_find(&links, device)->ifindex,
		.proto = htons(ETH_P_8021Q),
		.vid = 5,
	};

	bpf_map_lookup_elem(fd, &tag, &upper);
	close(fd);
	return upper.ifindex;
}

static void sync_maps(void)
{
	struct sluice_error err = { 0 };

	tap(!maps_sync(&links, &err), "the programs are told%s", err.text);
}

static void check_devices(void)
{
	sync_maps();
	tap(is_way_to("pa", "pb") && is_way_to("pb", "pa"),
	    "native programs send to each other");
	tap(!is_way_to("pa", "pg"), "but not to where a generic one is");
	tap(is_way_to("pg", "pa") && is_way_to("pg", "pg"),
	    "a generic one sends to all");
	tap(!is_way_to("pa", "px") && !is_way_to("pg", "px"),
	    "none sends to where none is");
}

static void check_vlans(void)
{
	add_vlan("va", VA, "pa");
	add_vlan("vx", VX, "px");
	sync_maps();
	tap(vlan_at("pa", "pa") == VA && vlan_at("pb", "pa") == VA,
	    "a tag is known at the device below");
	tap(is_way("pb", VA, "pa", 5) && is_way("pg", VA, "pa", 5),
	    "and put on where frames leave by it");
	tap(!vlan_at("pa", "px") && !is_way("pb", VX, "px", 5),
	    "not where the device below has no program");
	read_links();
	sync_maps();
	tap(!vlan_at("pa", "pa") && !is_way("pb", VA, "pa", 5),
	    "a VLAN device that is gone is forgotten");
	tap(is_way_to("pa", "pb"), "and the others stay");
}

static void check_detached(void)
{
	struct sluice_error err;

	link_set_xdp(links_find(&links, "pb"), -1, XDP_FLAGS_DRV_MODE, &err);
	read_links();
	sync_maps();
	tap(!is_way_to("pa", "pb") && is_way_to("pa", "pa"),
	    "what is detached is no way out any more");
}

static void run_all(void)
{
	read_links();
	attach("pa", XDP_FLAGS_DRV_MODE);
	attach("pb", XDP_FLAGS_DRV_MODE);
	attach("pg", XDP_FLAGS_SKB_MODE);
	read_links();
	check_devices();
	check_vlans();
	check_detached();
	links_free(&links);
}

int main(void)
{
	tap_begin();
	if (geteuid())
		tap_skip("ways out", "root");
	else if (unshare(CLONE_NEWNET) || system(topology))
		tap_skip("ways out", "ethtool, or veth in a network namespace");
	else
		run_all();
	return tap_end();
}
