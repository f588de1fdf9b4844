// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What sockets give each other.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "pins.h"
#include "sockmap.h"

static int open_map(const char *directory, const char *name, uint32_t size)
{
	struct bpf_map_info info = { 0 };
	__u32 info_size = sizeof(info);
	int map = pins_open(directory, name);

	if (map >= 0 && !bpf_obj_get_info_by_fd(map, &info, &info_size) &&
	    info.value_size == size)
		return map;
	if (map >= 0)
		close(map);
	return -1;
}

static void read_settings(const char *directory, struct sockmap_status *status)
{
	struct sluice_sockmap_settings *settings = &status->settings;
	int map = open_map(directory, PINS_SETTINGS, sizeof(*settings));
	uint32_t slot = 0;

	if (map < 0)
		return;
	bpf_map_lookup_elem(map, &slot, settings);
	close(map);
	map = open_map(directory, PINS_FILTERS, sizeof(*status->filters));
	if (map < 0)
		return;
	for (; slot < settings->filters && slot < SLUICE_SOCKMAP_FILTERS_MAX;
	     slot++)
		bpf_map_lookup_elem(map, &slot, &status->filters[slot]);
	close(map);
}

static void read_counters(const char *directory, struct sockmap_status *status)
{
	int i, cpus = libbpf_num_possible_cpus();
	uint64_t *values = calloc(cpus > 0 ? cpus : 1, sizeof(*values));
	int map = open_map(directory, PINS_COUNTERS, sizeof(*values));
	uint32_t slot;

	for (slot = 0; values && map >= 0 && slot < SLUICE_SOCKMAP_SLOTS;
	     slot++) {
		if (bpf_map_lookup_elem(map, &slot, values))
			continue;
		for (i = 0; i < cpus; i++)
			status->counters[slot] += values[i];
	}
	free(values);
	if (map >= 0)
		close(map);
}

struct showing {
	sockmap_fn fn;
	void *arg;
};

static int show(const char *directory, void *arg)
{
	struct sockmap_status status = {
		.enabled = pins_are_live(directory),
		.sockets = pins_sockets(directory),
	};
	struct showing *showing = arg;

	read_settings(directory, &status);
	read_counters(directory, &status);
	showing->fn(&status, showing->arg);
	return 0;
}

/**
 * sockmap_show - tell of the mode, as it is and as it was while sockets of that
 *	time are still there
 * @fn: called for each time
 * @arg: passed to @fn
 * @err: says why it failed
 *
 * Only root is told of it. Return: 0 or -errno.
 */
int sockmap_show(sockmap_fn fn, void *arg, struct sluice_error *err)
{
	struct showing showing = { fn, arg };
	int lock;

	if (!pins_are_there() || geteuid())
		return 0;
	lock = pins_lock(err);
	if (lock < 0)
		return lock;
	pins_prune();
	pins_each(show, &showing);
	close(lock);
	return 0;
}
