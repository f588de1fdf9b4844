// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What holds the programs of sockets, and their maps.
 *
 * Maps must outlive the mode: with a map of sockets goes what they have not read
 * yet. So they stay until the last socket in them has been closed, and are taken
 * away by whichever command comes by then.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "../../bpf/sockmap.h"
#include "bpffs.h"
#include "lock.h"
#include "pins.h"

#define DIRECTORY	"/run/sluice/sockmap"
#define LOCK		"/run/sluice/local"
#define TRIES		1000

static const char * const maps[] = {
	PINS_SOCKETS, PINS_CONTROL, PINS_SETTINGS, PINS_FILTERS, PINS_COUNTERS,
};

/**
 * pins_are_there - whether anything can have been enabled; whoever asks
 */
bool pins_are_there(void)
{
	return !access(DIRECTORY, F_OK);
}

/**
 * pins_lock - be the only one that changes anything here
 * @err: says why it failed
 *
 * Return: a descriptor, which holds the lock until it is closed, or -errno.
 */
int pins_lock(struct sluice_error *err)
{
	return lock_directory(LOCK, err);
}

/**
 * pins_new - make a directory to pin in
 * @directory: where to put its path, PINS_PATH_SIZE bytes
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int pins_new(char *directory, struct sluice_error *err)
{
	int i, ret = bpffs_mount(DIRECTORY);

	for (i = 0; !ret && i < TRIES; i++) {
		snprintf(directory, PINS_PATH_SIZE, DIRECTORY "/%d", i);
		if (!mkdir(directory, 0700))
			return 0;
		if (errno != EEXIST)
			ret = -errno;
	}
	ret = ret ? ret : -ENOSPC;
	sluice_error_set(err, ret, "\"%s\": %s", DIRECTORY, strerror(-ret));
	return ret;
}

/**
 * pins_each - call a function for each directory that there is
 * @fn: the function; all goes on until it returns something else than 0
 * @arg: passed to it
 *
 * Return: what @fn returned last, or 0.
 */
int pins_each(pins_fn fn, void *arg)
{
	DIR *dir = opendir(DIRECTORY);
	char path[PINS_PATH_SIZE];
	struct dirent *entry;
	int ret = 0;

	if (!dir)
		return 0;
	while (!ret && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)*entry->d_name))
			continue;	/* the kernel's own, too */
		snprintf(path, sizeof(path), DIRECTORY "/%.32s", entry->d_name);
		ret = fn(path, arg);
	}
	closedir(dir);
	return ret;
}

/**
 * pins_path - where something is pinned
 * @path: where to put that, PINS_PATH_SIZE bytes
 * @directory: of that time it was enabled
 * @name: by which name
 */
void pins_path(char *path, const char *directory, const char *name)
{
	snprintf(path, PINS_PATH_SIZE, "%.64s/%.32s", directory, name);
}

/**
 * pins_open - open what is pinned
 * @directory: where
 * @name: by which name
 *
 * Return: a descriptor, or -errno.
 */
int pins_open(const char *directory, const char *name)
{
	char path[PINS_PATH_SIZE];

	pins_path(path, directory, name);
	return bpf_obj_get(path);
}

/**
 * pins_are_live - whether sockets still join
 * @directory: of that time it was enabled
 */
bool pins_are_live(const char *directory)
{
	char path[PINS_PATH_SIZE];

	pins_path(path, directory, PINS_JOIN);
	return !access(path, F_OK);
}

static bool is_map(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(maps) / sizeof(*maps); i++)
		if (!strcmp(name, maps[i]))
			return true;
	return false;
}

static void unlink_all(const char *directory, bool with_maps)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (with_maps || !is_map(entry->d_name))
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

/**
 * pins_cut - let go of what is linked, and leave the maps
 * @directory: of that time it was enabled
 */
void pins_cut(const char *directory)
{
	unlink_all(directory, false);
}

/**
 * pins_set_control - have sockets give each other what they send, or not
 * @directory: of that time it was enabled
 * @off: whether all goes by TCP
 *
 * Revisions begin at one: at none nobody was allowed anything. Return: 0 or -errno.
 */
int pins_set_control(const char *directory, bool off)
{
	const struct sluice_sockmap_control control = {
		.off = off, .revision = 1, .habits = 1,
	};
	int map = pins_open(directory, PINS_CONTROL);
	uint32_t slot = 0;
	int ret = 0;

	if (map < 0)
		return map;
	if (bpf_map_update_elem(map, &slot, &control, BPF_ANY))
		ret = -errno;
	close(map);
	return ret;
}

static uint32_t most_of(int map)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(map, &info, &size) ? 0 : info.max_entries;
}

/* The walk begins anew where what it stands at has gone: it might never end. */
static uint64_t count_sockets(int map, uint64_t most)
{
	struct sluice_sockmap_end key, next, *from = NULL;
	uint64_t count = 0;

	while (count < most && !bpf_map_get_next_key(map, from, &next)) {
		key = next;
		from = &key;
		count++;
	}
	return count;
}

/* @most: where to stop; 0: at as many as there may be */
static uint64_t count_up_to(const char *directory, uint64_t most)
{
	int map = pins_open(directory, PINS_SOCKETS);
	uint64_t count;

	if (map < 0)
		return 0;
	count = count_sockets(map, most ? most : most_of(map));
	close(map);
	return count;
}

/**
 * pins_sockets - how many sockets have joined, and not left
 * @directory: of that time it was enabled
 *
 * While they come and go it is about so many.
 */
uint64_t pins_sockets(const char *directory)
{
	return count_up_to(directory, 0);
}

/**
 * pins_remove - let go of all
 * @directory: of a time it was enabled; no socket must be left
 */
void pins_remove(const char *directory)
{
	unlink_all(directory, true);
	rmdir(directory);
}

static int prune(const char *directory, void *arg)
{
	int *left = arg;

	if (pins_are_live(directory)) {
		(*left)++;
		return 0;
	}
	pins_set_control(directory, true);
	pins_cut(directory);
	if (count_up_to(directory, 1))
		(*left)++;
	else
		pins_remove(directory);
	return 0;
}

/**
 * pins_prune - let go of all that nobody needs any more
 *
 * What somebody had not finished to enable, or to disable, is off from here on.
 */
void pins_prune(void)
{
	int left = 0;

	pins_each(prune, &left);
	if (!left)
		bpffs_unmount(DIRECTORY);
}
