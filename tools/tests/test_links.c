// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices as rtnetlink tells of them, with a stand-in for the kernel: VLAN
 * devices, other ends elsewhere, programs.
 */
#include <string.h>

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>

#include "link.h"
#include "nl.h"
#include "tap.h"

static char message[4096];

static struct nlmsghdr *begin(uint32_t ifindex, uint16_t type, const char *name)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(message);
	struct ifinfomsg *info;

	nlh->nlmsg_type = RTM_NEWLINK;
	info = mnl_nlmsg_put_extra_header(nlh, sizeof(*info));
	info->ifi_index = ifindex;
	info->ifi_type = type;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return nlh;
}

static void put_veth(mnl_cb_t fn, void *arg)
{
	static const uint8_t address[] = { 2, 0, 0, 0, 0, 1 };
	struct nlmsghdr *nlh = begin(5, ARPHRD_ETHER, "veth01234567890");
	struct nlattr *nest;

	mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(address), address);
	mnl_attr_put_u32(nlh, IFLA_LINK, 2);
	mnl_attr_put_u32(nlh, IFLA_LINK_NETNSID, 3);
	mnl_attr_put_u32(nlh, IFLA_MASTER, 9);
	nest = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	mnl_attr_put_strz(nlh, IFLA_INFO_SLAVE_KIND, "bridge");
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, IFLA_XDP);
	mnl_attr_put_u8(nlh, IFLA_XDP_ATTACHED, XDP_ATTACHED_SKB);
	mnl_attr_put_u32(nlh, IFLA_XDP_PROG_ID, 77);
	mnl_attr_put_u32(nlh, IFLA_XDP_SKB_PROG_ID, 77);
	mnl_attr_nest_end(nlh, nest);
	fn(nlh, arg);
}

static void put_vlan(mnl_cb_t fn, void *arg)
{
	struct nlmsghdr *nlh = begin(6, ARPHRD_ETHER, "vlan5");
	struct nlattr *info, *data;

	mnl_attr_put_u32(nlh, IFLA_LINK, 5);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "vlan");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u16(nlh, IFLA_VLAN_PROTOCOL, htons(ETH_P_8021AD));
	mnl_attr_put_u16(nlh, IFLA_VLAN_ID, 4094);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	fn(nlh, arg);
}

/* Of other kinds the data mean something else by the same numbers. */
static void put_other(mnl_cb_t fn, void *arg)
{
	struct nlmsghdr *nlh = begin(7, ARPHRD_LOOPBACK, "other");
	struct nlattr *info, *data;

	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "macvlan");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u16(nlh, IFLA_VLAN_ID, 5);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	data = mnl_attr_nest_start(nlh, IFLA_XDP);
	mnl_attr_put_u8(nlh, IFLA_XDP_ATTACHED, XDP_ATTACHED_MULTI);
	mnl_attr_put_u32(nlh, IFLA_XDP_DRV_PROG_ID, 88);
	mnl_attr_put_u32(nlh, IFLA_XDP_SKB_PROG_ID, 99);
	mnl_attr_nest_end(nlh, data);
	fn(nlh, arg);
}

/* Comes before the one of nl.c, which is in an archive. */
int nl_ask(int bus, struct nlmsghdr *request, mnl_cb_t fn, void *arg,
	   struct sluice_error *err)
{
	(void)bus;
	(void)err;
	tap(request->nlmsg_type == RTM_GETLINK &&
	    request->nlmsg_flags & NLM_F_DUMP, "devices are asked for");
	put_veth(fn, arg);
	put_vlan(fn, arg);
	put_other(fn, arg);
	return 0;
}

struct nlmsghdr *nl_begin(char *buffer, uint16_t type, uint16_t flags,
			  size_t header)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	mnl_nlmsg_put_extra_header(nlh, header);
	return nlh;
}

static void check_veth(const struct link *link)
{
	tap_text("a name of full length", link->name, "veth01234567890");
	tap(link_is_veth(link) && link->ethernet, "a veth is one");
	tap(link->address[0] == 2 && link->address[5] == 1, "its address");
	tap(link->lower == 2 && link->nsid == 3, "its other end");
	tap_text("what it is part of", link->master_kind, "bridge");
	tap(link->xdp_mode == XDP_ATTACHED_SKB && link->xdp_prog == 77,
	    "its program");
	tap(!link->vlan_proto, "it is no VLAN device");
}

static void check_vlan(const struct link *link)
{
	tap(link->vlan_proto == htons(ETH_P_8021AD) && link->vlan_id == 4094,
	    "a VLAN device has a tag");
	tap(link->lower == 5 && link->nsid == -1,
	    "it is upon a device of this namespace");
	tap(!link_is_veth(link) && !link->xdp_prog, "and has no program");
}

static void check_other(const struct link *link)
{
	tap(!link->vlan_proto && !link->vlan_id,
	    "data of another kind are no tag");
	tap(!link->ethernet, "it has no Ethernet");
	tap(link->xdp_prog == 88, "of two programs the driver's counts");
}

int main(void)
{
	struct sluice_error err;
	struct links links;

	tap_begin();
	links_read(&links, &err);
	check_veth(links_at(&links, 5));
	check_vlan(links_find(&links, "vlan5"));
	check_other(links_at(&links, 7));
	tap(!links_at(&links, 8) && !links_find(&links, "vlan"),
	    "others are not there");
	links_free(&links);
	return tap_end();
}
