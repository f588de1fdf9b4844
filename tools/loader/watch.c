// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Frames that are lost after a program has redirected them: one watch for all
 * of the machine, as long as anything is attached.
 *
 * What watches must be held by something, as no device holds it: it is pinned
 * in a BPF file system of our own, which is there as long as that is needed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpffs.h"
#include "watch.h"
#include "xdp_watch.skel.h"

#define DIRECTORY	"/run/sluice/bpf"
#define COUNTS		DIRECTORY "/lost"
#define REFUSED		DIRECTORY "/refused"
#define NOT_TAKEN	DIRECTORY "/not_taken"

static int pin_all(struct xdp_watch *watch)
{
	int ret = bpffs_mount(DIRECTORY);

	if (!ret)
		ret = bpf_link__pin(watch->links.sluice_refused, REFUSED);
	if (!ret)
		ret = bpf_link__pin(watch->links.sluice_not_taken, NOT_TAKEN);
	if (!ret)
		ret = bpf_map__pin(watch->maps.sluice_lost, COUNTS);
	if (ret)
		bpffs_unmount(DIRECTORY);
	return ret;
}

/* What there is of it, after something else has removed the rest, goes. */
static int begin(void)
{
	struct xdp_watch *watch;
	int ret = 0;

	bpffs_unmount(DIRECTORY);
	watch = xdp_watch__open_and_load();
	if (!watch)
		return -errno;
	if (xdp_watch__attach(watch))
		ret = -errno;
	if (!ret)
		ret = pin_all(watch);
	xdp_watch__destroy(watch);
	return ret;
}

static int open_counts(void)
{
	if (access(REFUSED, F_OK) || access(NOT_TAKEN, F_OK))
		return -1;
	return bpf_obj_get(COUNTS);
}

static size_t value_size(void)
{
	return libbpf_num_possible_cpus() * sizeof(struct sluice_xdp_lost);
}

static int add(int counts, const struct sluice_xdp_place *place)
{
	struct sluice_xdp_lost *zeroes = calloc(1, value_size());
	int ret = 0;

	if (!zeroes || bpf_map_update_elem(counts, place, zeroes, BPF_ANY))
		ret = -errno;
	free(zeroes);
	return ret;
}

/**
 * watch_add - count what is lost of a device's frames
 * @place: the device
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int watch_add(const struct sluice_xdp_place *place, struct sluice_error *err)
{
	int counts = open_counts();
	int ret = 0;

	if (counts < 0) {
		ret = begin();
		counts = ret ? -1 : open_counts();
	}
	if (counts >= 0) {
		ret = add(counts, place);
		close(counts);
	}
	if (ret)
		sluice_error_set(err, ret, "what is lost after it was redirected is not counted: %s",
				 strerror(-ret));
	return ret;
}

static bool is_empty(int counts)
{
	struct sluice_xdp_place place;

	return bpf_map_get_next_key(counts, NULL, &place);
}

/**
 * watch_remove - count a device's frames no more
 * @place: the device
 */
void watch_remove(const struct sluice_xdp_place *place)
{
	int counts = open_counts();

	if (counts < 0)
		return;
	bpf_map_delete_elem(counts, place);
	if (is_empty(counts))
		bpffs_unmount(DIRECTORY);
	close(counts);
}

/**
 * watch_read - what was lost of a device's frames
 * @place: the device
 * @lost: where to put it
 *
 * Return: 0, or -ENOENT if they are not counted.
 */
int watch_read(const struct sluice_xdp_place *place,
	       struct sluice_xdp_lost *lost)
{
	struct sluice_xdp_lost *values = calloc(1, value_size());
	int i, counts = open_counts();
	int ret = -ENOENT;

	memset(lost, 0, sizeof(*lost));
	if (values && counts >= 0 &&
	    !bpf_map_lookup_elem(counts, place, values))
		ret = 0;
	for (i = 0; !ret && i < libbpf_num_possible_cpus(); i++) {
		lost->refused += values[i].refused;
		lost->not_taken += values[i].not_taken;
	}
	if (counts >= 0)
		close(counts);
	free(values);
	return ret;
}
