// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices of the network namespace the process is in, by rtnetlink.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>

#include "link.h"
#include "list.h"
#include "nl.h"

static void copy_text(char *text, size_t size, const struct nlattr *attr)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len >= size)
		len = size - 1;
	memcpy(text, mnl_attr_get_payload(attr), len);
	text[len] = 0;
}

static void note_vlan(struct link *link, const struct nlattr *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, data) {
		if (mnl_attr_get_type(attr) == IFLA_VLAN_ID)
			link->vlan_id = mnl_attr_get_u16(attr);
		else if (mnl_attr_get_type(attr) == IFLA_VLAN_PROTOCOL)
			link->vlan_proto = mnl_attr_get_u16(attr);
	}
}

static void note_kind(struct link *link, const struct nlattr *info)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, info) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_INFO_KIND:
			copy_text(link->kind, sizeof(link->kind), attr);
			break;
		case IFLA_INFO_SLAVE_KIND:
			copy_text(link->master_kind, sizeof(link->master_kind),
				  attr);
			break;
		case IFLA_INFO_DATA:
			/* The kind comes first. */
			if (!strcmp(link->kind, "vlan"))
				note_vlan(link, attr);
			break;
		}
	}
}

/* Of more than one program the driver's counts. */
static void note_xdp(struct link *link, const struct nlattr *xdp)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, xdp) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_XDP_ATTACHED:
			link->xdp_mode = mnl_attr_get_u8(attr);
			break;
		case IFLA_XDP_PROG_ID:
		case IFLA_XDP_DRV_PROG_ID:
			link->xdp_prog = mnl_attr_get_u32(attr);
			break;
		}
	}
}

static void note_address(struct link *link, const struct nlattr *attr)
{
	if (mnl_attr_get_payload_len(attr) == ETH_ALEN)
		memcpy(link->address, mnl_attr_get_payload(attr), ETH_ALEN);
}

static void note_attr(struct link *link, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		copy_text(link->name, sizeof(link->name), attr);
		break;
	case IFLA_ADDRESS:
		note_address(link, attr);
		break;
	case IFLA_LINK:
		link->lower = mnl_attr_get_u32(attr);
		break;
	case IFLA_LINK_NETNSID:
		link->nsid = mnl_attr_get_u32(attr);
		break;
	case IFLA_MASTER:
		link->master = mnl_attr_get_u32(attr);
		break;
	case IFLA_LINKINFO:
		note_kind(link, attr);
		break;
	case IFLA_XDP:
		note_xdp(link, attr);
		break;
	}
}

static int note_link(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(nlh);
	struct links *links = arg;
	const struct nlattr *attr;
	struct link *link;

	links->link = grow(links->link, links->count, &links->room,
			   sizeof(*link));
	link = &links->link[links->count++];
	memset(link, 0, sizeof(*link));
	link->ifindex = info->ifi_index;
	link->ethernet = info->ifi_type == ARPHRD_ETHER;
	link->nsid = -1;
	mnl_attr_for_each(attr, nlh, sizeof(*info))
		note_attr(link, attr);
	return MNL_CB_OK;
}

/**
 * links_read - read all devices
 * @links: where to put them; links_free() afterwards
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int links_read(struct links *links, struct sluice_error *err)
{
	char buffer[NL_REQUEST_SIZE];
	struct nlmsghdr *nlh;

	memset(links, 0, sizeof(*links));
	nlh = nl_begin(buffer, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
	return nl_ask(NETLINK_ROUTE, nlh, note_link, links, err);
}

/**
 * links_free - free what links_read() has made
 * @links: the devices
 */
void links_free(struct links *links)
{
	free(links->link);
	memset(links, 0, sizeof(*links));
}

/**
 * links_find - find a device by its name
 * @links: the devices
 * @name: the name
 *
 * Return: the device, or NULL.
 */
const struct link *links_find(const struct links *links, const char *name)
{
	size_t i;

	for (i = 0; i < links->count; i++)
		if (!strcmp(links->link[i].name, name))
			return &links->link[i];
	return NULL;
}

/**
 * links_at - find a device by its index
 * @links: the devices
 * @ifindex: the index
 *
 * Return: the device, or NULL.
 */
const struct link *links_at(const struct links *links, uint32_t ifindex)
{
	size_t i;

	for (i = 0; i < links->count; i++)
		if (links->link[i].ifindex == ifindex)
			return &links->link[i];
	return NULL;
}

/**
 * link_is_veth - whether a device is an end of a veth
 * @link: the device
 */
bool link_is_veth(const struct link *link)
{
	return !strcmp(link->kind, "veth");
}

/**
 * link_set_xdp - attach an XDP program to a device, or detach it
 * @link: the device
 * @prog: the program's descriptor; -1 for none
 * @flags: XDP_FLAGS_*
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int link_set_xdp(const struct link *link, int prog, uint32_t flags,
		 struct sluice_error *err)
{
	char buffer[NL_REQUEST_SIZE];
	struct ifinfomsg *info;
	struct nlmsghdr *nlh;
	struct nlattr *nest;

	nlh = nl_begin(buffer, RTM_SETLINK, NLM_F_ACK, sizeof(*info));
	info = mnl_nlmsg_get_payload(nlh);
	info->ifi_index = link->ifindex;
	nest = mnl_attr_nest_start(nlh, IFLA_XDP);
	mnl_attr_put_u32(nlh, IFLA_XDP_FD, prog);
	mnl_attr_put_u32(nlh, IFLA_XDP_FLAGS, flags);
	mnl_attr_nest_end(nlh, nest);
	return nl_ask(NETLINK_ROUTE, nlh, NULL, NULL, err);
}

static uint32_t read_number(const char *path)
{
	char text[16] = "0";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		*text = 0;
	close(fd);
	return atoi(text);
}

/**
 * link_rp_filter - what is asked of senders at a device
 * @name: the device
 *
 * Return: rp_filter, the greater one of the device's and that of all, as the
 * kernel has it.
 */
uint32_t link_rp_filter(const char *name)
{
	char path[128];
	uint32_t all, own;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/rp_filter",
		 name);
	all = read_number("/proc/sys/net/ipv4/conf/all/rp_filter");
	own = read_number(path);
	return own > all ? own : all;
}

static int note_nsid(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct rtgenmsg))
		if (mnl_attr_get_type(attr) == NETNSA_NSID)
			*(int32_t *)arg = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

/**
 * link_nsid_of - by which number this namespace knows another
 * @netns: that one's descriptor
 * @nsid: where to put it; -1 if it does not know it
 *
 * Return: 0 or -errno.
 */
int link_nsid_of(int netns, int32_t *nsid)
{
	struct sluice_error err;
	struct nlmsghdr *nlh;
	char buffer[NL_REQUEST_SIZE];

	*nsid = -1;
	nlh = nl_begin(buffer, RTM_GETNSID, NLM_F_ACK, sizeof(struct rtgenmsg));
	mnl_attr_put_u32(nlh, NETNSA_FD, netns);
	return nl_ask(NETLINK_ROUTE, nlh, note_nsid, nsid, &err);
}
