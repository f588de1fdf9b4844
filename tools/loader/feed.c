// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the program of the bridge knows of addresses. The kernel tells what
 * changes (bpf/bridge_feed.bpf.c); what was there before is read here, after
 * that has begun, so that nothing is missed in between.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "bpffs.h"
#include "bridge.h"
#include "bridge_feed.skel.h"
#include "feed.h"
#include "netns.h"
#include "nl.h"

#define DIRECTORY	"/run/sluice/feed"
#define HEART		DIRECTORY "/heart"
#define BEGIN		DIRECTORY "/begin"
#define TELL		DIRECTORY "/tell"

/* An address that is known, but not admitted; newer headers have it. */
#define EXT_LOCKED	(1U << 1)

/* The links go last: as long as they are there, all is. */
static int pin_all(struct bridge_feed *feed)
{
	int ret = bpffs_mount(DIRECTORY);

	if (!ret)
		ret = bpf_map__pin(feed->maps.sluice_fdb,
				   DIRECTORY "/" SLUICE_BRIDGE_MAP_FDB);
	if (!ret)
		ret = bpf_map__pin(feed->maps.sluice_pulse,
				   DIRECTORY "/" SLUICE_BRIDGE_MAP_PULSE);
	if (!ret)
		ret = bpf_map__pin(feed->maps.sluice_heart, HEART);
	if (!ret)
		ret = bpf_program__pin(feed->progs.sluice_feed_begin, BEGIN);
	if (!ret)
		ret = bpf_program__pin(feed->progs.sluice_feed_tell, TELL);
	if (!ret)
		ret = bpf_link__pin(feed->links.sluice_feed_update,
				    DIRECTORY "/update");
	if (!ret)
		ret = bpf_link__pin(feed->links.sluice_feed_delete,
				    DIRECTORY "/delete");
	if (!ret)
		ret = bpf_link__pin(feed->links.sluice_feed_add,
				    DIRECTORY "/add");
	if (!ret)
		ret = bpf_link__pin(feed->links.sluice_feed_external,
				    DIRECTORY "/external");
	return ret;
}

static bool is_there(void)
{
	return !access(DIRECTORY "/external", F_OK);
}

/* What there is of it, after something else has removed the rest, goes. */
static int begin(void)
{
	struct bridge_feed *feed;
	int ret = 0;

	bpffs_unmount(DIRECTORY);
	feed = bridge_feed__open_and_load();
	if (!feed)
		return -errno;
	if (bridge_feed__attach(feed))
		ret = -errno;
	if (!ret)
		ret = pin_all(feed);
	bridge_feed__destroy(feed);
	if (ret)
		bpffs_unmount(DIRECTORY);
	return ret;
}

/**
 * feed_begin - have it told what bridges learn and forget from now on
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int feed_begin(struct sluice_error *err)
{
	int ret = is_there() ? 0 : begin();

	if (ret)
		sluice_error_set(err, ret, "what bridges learn cannot be followed: %s",
				 strerror(-ret));
	return ret;
}

/**
 * feed_end - have it told no more
 *
 * No program of the bridge may be attached any more.
 */
void feed_end(void)
{
	bpffs_unmount(DIRECTORY);
}

static int share_map(struct bpf_object *object, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);
	char path[128];
	int ret, fd;

	snprintf(path, sizeof(path), DIRECTORY "/%s", name);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return fd;
	ret = bpf_map__reuse_fd(map, fd);
	close(fd);
	return ret;
}

/**
 * feed_share - have a program know what the feed is told
 * @object: the bridge's, not loaded yet
 *
 * Return: 0 or -errno.
 */
int feed_share(struct bpf_object *object)
{
	int ret = share_map(object, SLUICE_BRIDGE_MAP_FDB);

	return ret ? ret : share_map(object, SLUICE_BRIDGE_MAP_PULSE);
}

static int run(int prog, void *arg, size_t size)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts,
		.ctx_in = arg,
		.ctx_size_in = size);

	return bpf_prog_test_run_opts(prog, &opts) ? -errno : (int)opts.retval;
}

static int run_begin(struct sluice_bridge *bridge)
{
	int prog = bpf_obj_get(BEGIN);
	int ret = prog < 0 ? prog : run(prog, bridge, sizeof(*bridge));

	if (prog >= 0)
		close(prog);
	return ret;
}

static uint32_t flags_of(const struct ndmsg *header)
{
	if (header->ndm_state & NUD_PERMANENT)
		return SLUICE_FDB_LOCAL | SLUICE_FDB_STATIC;
	if (header->ndm_state & NUD_NOARP || header->ndm_flags & NTF_EXT_LEARNED)
		return SLUICE_FDB_STATIC;
	return 0;
}

static void note_attr(struct sluice_fdb_told *told, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case NDA_LLADDR:
		if (mnl_attr_get_payload_len(attr) == ETH_ALEN)
			memcpy(told->key.address, mnl_attr_get_payload(attr),
			       ETH_ALEN);
		break;
	case NDA_MASTER:
		told->key.bridge.ifindex = mnl_attr_get_u32(attr);
		break;
	case NDA_VLAN:
		told->key.vid = mnl_attr_get_u16(attr);
		break;
	case NDA_FLAGS_EXT:
		if (mnl_attr_get_u32(attr) & EXT_LOCKED)
			told->ifindex = 0;
		break;
	}
}

/**
 * struct reading - of the kernel's table
 * @prog: what is told
 * @bridge: whose
 * @ret: 0, or -errno of what could not be told
 */
struct reading {
	int prog;
	struct sluice_bridge bridge;
	int ret;
};

/* Devices have addresses of their own, which are no bridge's. */
static int note_entry(const struct nlmsghdr *nlh, void *arg)
{
	const struct ndmsg *header = mnl_nlmsg_get_payload(nlh);
	struct sluice_fdb_told told = {
		.ifindex = header->ndm_ifindex,
		.flags = flags_of(header),
	};
	struct reading *reading = arg;
	const struct nlattr *attr;

	told.key.bridge.netns = reading->bridge.netns;
	mnl_attr_for_each(attr, nlh, sizeof(*header))
		note_attr(&told, attr);
	if (header->ndm_flags & NTF_SELF || !told.ifindex ||
	    told.key.bridge.ifindex != reading->bridge.ifindex)
		return MNL_CB_OK;
	if (!reading->ret)
		reading->ret = run(reading->prog, &told, sizeof(told));
	return MNL_CB_OK;
}

static int read_table(struct reading *reading, struct sluice_error *err)
{
	char buffer[NL_REQUEST_SIZE];
	struct nlmsghdr *nlh = nl_begin(buffer, RTM_GETNEIGH, NLM_F_DUMP,
					sizeof(struct ndmsg));
	struct ndmsg *header = mnl_nlmsg_get_payload(nlh);

	header->ndm_family = AF_BRIDGE;
	return nl_ask(NETLINK_ROUTE, nlh, note_entry, reading, err);
}

/**
 * feed_read - have the feed told of a bridge, and what that knows already
 * @bridge: its index in this namespace
 * @err: says why it failed
 *
 * What has been told since it began counts more, and what was added to a bridge
 * by hand since then is known only now. Return: 0 or -errno.
 */
int feed_read(uint32_t bridge, struct sluice_error *err)
{
	struct reading reading = { .bridge = { netns_number(), bridge } };
	int ret;

	reading.ret = run_begin(&reading.bridge);
	reading.prog = reading.ret ? reading.ret : bpf_obj_get(TELL);
	if (reading.prog >= 0) {
		ret = read_table(&reading, err);
		close(reading.prog);
		if (ret)
			return ret;
	} else {
		reading.ret = reading.prog;
	}
	if (reading.ret)
		sluice_error_set(err, reading.ret, "what bridges have learned cannot be told: %s",
				 strerror(-reading.ret));
	return reading.ret;
}
