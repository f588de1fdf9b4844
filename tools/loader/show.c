// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is attached, and what has become of frames.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "abi.h"
#include "program.h"
#include "netns.h"
#include "state.h"
#include "watch.h"
#include "xdp.h"

/* The actions of SLUICE_XDP_COUNTERS() */
#define REDIRECT	"redirect"
#define PASS		"pass"

static const struct {
	const char *action;
	const char *reason;
} counters[] = {
#define COUNTER(name, action, word)	{ action, word },
	SLUICE_XDP_COUNTERS(COUNTER)
#undef COUNTER
};

static void add(struct xdp_program *program, const char *action,
		const char *reason, uint64_t packets)
{
	if (program->count == XDP_COUNTS_MAX)
		return;
	program->counts[program->count++] = (struct xdp_count) {
		.action = action,
		.reason = reason,
		.packets = packets,
	};
}

/* The sum over all processors */
static uint64_t read_slot(int map, uint32_t slot, uint64_t *values, int cpus)
{
	uint64_t sum = 0;
	int i;

	if (bpf_map_lookup_elem(map, &slot, values))
		return 0;
	for (i = 0; i < cpus; i++)
		sum += values[i];
	return sum;
}

static const char *cause_name(uint32_t cause)
{
	const struct sluice_name *name;

	for (name = sluice_fallback_reasons; name->name; name++)
		if (name->value == cause)
			return name->name;
	return "other";
}

/* Of a program of this version: another one's mean something else. */
static int open_counters(const struct attached *attached)
{
	int map = attached_map(attached, SLUICE_XDP_MAP_COUNTERS);
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	if (map >= 0 && !bpf_obj_get_info_by_fd(map, &info, &size) &&
	    info.max_entries == SLUICE_XDP_SLOTS)
		return map;
	if (map >= 0)
		close(map);
	return -1;
}

static void read_counters(const struct attached *attached,
			  struct xdp_program *program)
{
	int map = open_counters(attached);
	int cpus = libbpf_num_possible_cpus();
	uint64_t *values = calloc(cpus > 0 ? cpus : 1, sizeof(*values));
	uint32_t i;

	for (i = 0; values && map >= 0 && i < SLUICE_XDP_SLOTS; i++) {
		uint64_t packets = read_slot(map, i, values, cpus);

		if (i < SLUICE_XDP_COUNTER_COUNT)
			add(program, counters[i].action, counters[i].reason,
			    packets);
		else
			add(program, "miss",
			    cause_name(i - SLUICE_XDP_COUNTER_COUNT), packets);
	}
	free(values);
	if (map >= 0)
		close(map);
}

static void read_lost(const struct attached *attached,
		      struct xdp_program *program)
{
	struct sluice_xdp_place place = {
		.netns = netns_number(),
		.ifindex = attached->link->ifindex,
	};
	struct sluice_xdp_lost lost;

	if (watch_read(&place, &lost))
		return;
	add(program, "lost", "refused", lost.refused);
	add(program, "lost", "not-taken", lost.not_taken);
}

static void show(const struct attached *attached, xdp_fn fn, void *arg)
{
	struct xdp_program program = {
		.generic = !attached->native,
		.id = attached->id,
	};
	struct state state;

	snprintf(program.device, sizeof(program.device), "%s",
		 attached->link->name);
	snprintf(program.kind, sizeof(program.kind), "%s",
		 program_kind_name(attached->kind));
	state_read(netns_number(), attached->link->ifindex, &state);
	program.policy = state.id == attached->id && state.policy;
	read_counters(attached, &program);
	read_lost(attached, &program);
	fn(&program, arg);
}

static void show_all(const struct links *links, const char *device, xdp_fn fn,
		     void *arg)
{
	struct list all;
	size_t i;

	attached_all(&all, links);
	for (i = 0; i < all.count; i++) {
		const struct attached *attached = list_at(&all, i);

		if (!device || !strcmp(attached->link->name, device))
			show(attached, fn, arg);
	}
	attached_free(&all);
}

/**
 * xdp_show - tell of the programs of the namespace
 * @device: of one device only, NULL for all
 * @fn: called for each
 * @arg: passed to @fn
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int xdp_show(const char *device, xdp_fn fn, void *arg,
	     struct sluice_error *err)
{
	struct links links = { NULL };
	int ret = program_permitted(err);

	if (!ret)
		ret = links_read(&links, err);
	if (!ret && device && !links_find(&links, device)) {
		ret = -ENODEV;
		sluice_error_set(err, ret, "no such device");
	}
	if (!ret)
		show_all(&links, device, fn, arg);
	links_free(&links);
	return ret;
}
