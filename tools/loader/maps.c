// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the programs of a namespace know of each other: the shared maps. They
 * are brought up to date whenever a device is attached or detached.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "abi.h"
#include "driver.h"
#include "maps.h"
#include "program.h"

#define KEY_MAX	16

/* Of any of the maps */
struct entry {
	char key[KEY_MAX];
	char value[KEY_MAX];
};

/**
 * struct table - what a map is to have
 * @name: of the map
 * @key_size: of it
 * @entries: struct entry
 */
struct table {
	const char *name;
	size_t key_size;
	struct list entries;
};

struct tables {
	struct table ways;
	struct table vlans;
};

static void table_add(struct table *table, const void *key, const void *value,
		      size_t value_size)
{
	struct entry *entry = list_add(&table->entries, sizeof(*entry));

	memcpy(entry->key, key, table->key_size);
	memcpy(entry->value, value, value_size);
}

static bool table_has(const struct table *table, const void *key)
{
	size_t i;

	for (i = 0; i < table->entries.count; i++) {
		const struct entry *entry = list_at(&table->entries, i);

		if (!memcmp(entry->key, key, table->key_size))
			return true;
	}
	return false;
}

/* Keys are collected first: a walk may not delete where it stands. */
static void remove_others(int map, const struct table *table)
{
	struct list keys = { NULL };
	struct entry at, *from = NULL;
	size_t i;

	while (!bpf_map_get_next_key(map, from ? from->key : NULL, at.key)) {
		from = list_add(&keys, sizeof(at));
		*from = at;
	}
	for (i = 0; i < keys.count; i++)
		if (!table_has(table, list_at(&keys, i)))
			bpf_map_delete_elem(map, list_at(&keys, i));
	list_free(&keys);
}

static int put_all(int map, const struct table *table)
{
	size_t i;

	for (i = 0; i < table->entries.count; i++) {
		const struct entry *entry = list_at(&table->entries, i);

		if (bpf_map_update_elem(map, entry->key, entry->value, BPF_ANY))
			return -errno;
	}
	return 0;
}

/* Maps that several programs share are brought up to date once. */
static bool is_done(struct list *done, int map)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	size_t i;

	if (bpf_obj_get_info_by_fd(map, &info, &size))
		return false;
	for (i = 0; i < done->count; i++)
		if (*(__u32 *)list_at(done, i) == info.id)
			return true;
	*(__u32 *)list_add(done, sizeof(info.id)) = info.id;
	return false;
}

static int sync_map(const struct attached *attached, const struct table *table,
		    struct list *done)
{
	int map = attached_map(attached, table->name);
	int ret = 0;

	if (map < 0)
		return 0;
	if (!is_done(done, map)) {
		remove_others(map, table);
		ret = put_all(map, table);
	}
	close(map);
	return ret;
}

/*
 * A native program hands frames to a driver, which must be able to send them; a
 * generic one sends packets, as any device can.
 */
static bool is_way_out(const struct attached *to, bool native)
{
	return !native ||
	       (to->native && driver_sends_frames(to->link->ifindex));
}

static void add_devices(struct table *ways, const struct list *all, bool native)
{
	size_t i;

	for (i = 0; i < all->count; i++) {
		const struct attached *to = list_at(all, i);
		struct sluice_xdp_tag way = { .ifindex = to->link->ifindex };

		if (is_way_out(to, native))
			table_add(ways, &way.ifindex, &way, sizeof(way));
	}
}

static bool is_attached(const struct list *all, uint32_t ifindex)
{
	size_t i;

	for (i = 0; i < all->count; i++)
		if (((struct attached *)list_at(all, i))->link->ifindex == ifindex)
			return true;
	return false;
}

static void add_vlan(struct tables *tables, const struct link *link)
{
	struct sluice_xdp_tag tag = {
		.ifindex = link->lower,
		.proto = link->vlan_proto,
		.vid = link->vlan_id,
	};
	struct sluice_xdp_upper upper = {
		.ifindex = link->ifindex,
		.source = link_rp_filter(link->name),
	};

	if (table_has(&tables->ways, &tag.ifindex))
		table_add(&tables->ways, &upper.ifindex, &tag, sizeof(tag));
	table_add(&tables->vlans, &tag, &upper, sizeof(upper));
}

/* VLAN devices upon those that are attached; their frames are seen there. */
static void add_vlans(struct tables *tables, const struct list *all,
		      const struct links *links)
{
	size_t i;

	for (i = 0; i < links->count; i++) {
		const struct link *link = &links->link[i];

		if (link->vlan_proto && link->nsid < 0 &&
		    is_attached(all, link->lower))
			add_vlan(tables, link);
	}
}

static int sync_mode(const struct list *all, const struct links *links,
		     bool native)
{
	struct tables tables = {
		{ SLUICE_XDP_MAP_WAYS, sizeof(uint32_t), { NULL } },
		{ SLUICE_XDP_MAP_VLANS, sizeof(struct sluice_xdp_tag), { NULL } },
	};
	struct list done = { NULL };
	int ret = 0;
	size_t i;

	add_devices(&tables.ways, all, native);
	add_vlans(&tables, all, links);
	for (i = 0; i < all->count && !ret; i++) {
		const struct attached *attached = list_at(all, i);

		if (attached->native != native)
			continue;
		ret = sync_map(attached, &tables.ways, &done);
		if (!ret)
			ret = sync_map(attached, &tables.vlans, &done);
	}
	list_free(&done);
	list_free(&tables.ways.entries);
	list_free(&tables.vlans.entries);
	return ret;
}

/**
 * maps_sync - tell all programs of a namespace of all others, and of VLANs
 * @links: the namespace's devices, as they are now
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int maps_sync(const struct links *links, struct sluice_error *err)
{
	struct list all;
	int ret;

	attached_all(&all, links);
	ret = sync_mode(&all, links, true);
	if (!ret)
		ret = sync_mode(&all, links, false);
	attached_free(&all);
	if (ret == -E2BIG)
		sluice_error_set(err, ret, "there is no room for more than %u devices, and as many VLANs",
				 SLUICE_XDP_PORTS_MAX);
	else if (ret)
		sluice_error_set(err, ret, "telling the programs of each other: %s",
				 strerror(-ret));
	return ret;
}
