// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was changed for a program, in a file, so that it can be undone. The file
 * is there before the first change is made. It has the number of the program:
 * that does not come again, so it is seen whether it is of the one that is there.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <json-c/json.h>

#include "lock.h"
#include "state.h"

#define DIRECTORY	"/run/sluice/xdp"
#define PATH_SIZE	64

static int failed(struct sluice_error *err, const char *path)
{
	int ret = -errno;

	sluice_error_set(err, ret, "\"%s\": %s", path, strerror(-ret));
	return ret;
}

/**
 * state_lock - be the only one that attaches or detaches
 * @err: says why it failed
 *
 * Return: a descriptor, which holds the lock until it is closed, or -errno.
 */
int state_lock(struct sluice_error *err)
{
	return lock_directory(DIRECTORY, err);
}

static void path_of(uint32_t netns, uint32_t ifindex, char *path)
{
	snprintf(path, PATH_SIZE, DIRECTORY "/%u-%u.json", netns, ifindex);
}

static struct json_object *write_change(const struct change *change)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "peer", json_object_new_boolean(change->peer));
	json_object_object_add(o, "name", json_object_new_string(change->name));
	json_object_object_add(o, "before", json_object_new_int64(change->before));
	json_object_object_add(o, "after", json_object_new_int64(change->after));
	return o;
}

static struct json_object *write_all(const struct state *state)
{
	struct json_object *changes = json_object_new_array();
	struct json_object *o = json_object_new_object();
	size_t i;

	for (i = 0; i < state->changes.count; i++)
		json_object_array_add(changes,
				      write_change(&state->changes.change[i]));
	json_object_object_add(o, "id", json_object_new_int64(state->id));
	json_object_object_add(o, "netns", json_object_new_int64(state->netns));
	json_object_object_add(o, "ifindex",
			       json_object_new_int64(state->ifindex));
	json_object_object_add(o, "device",
			       json_object_new_string(state->device));
	json_object_object_add(o, "policy",
			       json_object_new_boolean(state->policy));
	json_object_object_add(o, "changes", changes);
	return o;
}

/**
 * state_write - remember what is about to be changed
 * @state: that
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int state_write(const struct state *state, struct sluice_error *err)
{
	struct json_object *o = write_all(state);
	char path[PATH_SIZE];
	int ret = 0;

	path_of(state->netns, state->ifindex, path);
	if (json_object_to_file_ext(path, o, JSON_C_TO_STRING_PLAIN))
		ret = failed(err, path);
	json_object_put(o);
	return ret;
}

static uint32_t read_number(struct json_object *o, const char *key)
{
	return json_object_get_int64(json_object_object_get(o, key));
}

static void read_text(struct json_object *o, const char *key, char *text,
		      size_t size)
{
	const char *value = json_object_get_string(json_object_object_get(o, key));

	snprintf(text, size, "%s", value ? value : "");
}

static void read_change(struct json_object *o, struct change *change)
{
	change->peer = read_number(o, "peer");
	change->before = read_number(o, "before");
	change->after = read_number(o, "after");
	read_text(o, "name", change->name, sizeof(change->name));
}

static void read_changes(struct json_object *array, struct changes *changes)
{
	size_t i;

	if (!json_object_is_type(array, json_type_array))
		return;
	changes->count = json_object_array_length(array);
	if (changes->count > CHANGES_MAX)
		changes->count = CHANGES_MAX;
	for (i = 0; i < changes->count; i++)
		read_change(json_object_array_get_idx(array, i),
			    &changes->change[i]);
}

static int read_file(const char *path, struct state *state)
{
	struct json_object *o = json_object_from_file(path);

	memset(state, 0, sizeof(*state));
	if (!o)
		return -ENOENT;
	state->id = read_number(o, "id");
	state->netns = read_number(o, "netns");
	state->ifindex = read_number(o, "ifindex");
	read_text(o, "device", state->device, sizeof(state->device));
	state->policy = read_number(o, "policy");
	read_changes(json_object_object_get(o, "changes"), &state->changes);
	json_object_put(o);
	return 0;
}

/**
 * state_read - what was changed for a device's program
 * @netns: the namespace's number
 * @ifindex: the device
 * @state: where to put it
 *
 * Return: 0, or -ENOENT if nothing is known.
 */
int state_read(uint32_t netns, uint32_t ifindex, struct state *state)
{
	char path[PATH_SIZE];

	path_of(netns, ifindex, path);
	return read_file(path, state);
}

/**
 * state_remove - forget what was changed
 * @state: that
 */
void state_remove(const struct state *state)
{
	char path[PATH_SIZE];

	path_of(state->netns, state->ifindex, path);
	unlink(path);
}

static bool is_gone(uint32_t id)
{
	int fd = id ? bpf_prog_get_fd_by_id(id) : -1;

	if (fd < 0)
		return !id || errno == ENOENT;
	close(fd);
	return false;
}

/**
 * state_prune - forget programs that are gone
 * @netns: of this namespace: only there what they changed can be undone
 * @fn: called for each before
 * @arg: passed to @fn
 */
void state_prune(uint32_t netns, state_fn fn, void *arg)
{
	char pattern[PATH_SIZE];
	struct state state;
	glob_t paths;
	size_t i;

	snprintf(pattern, sizeof(pattern), DIRECTORY "/%u-*.json", netns);
	if (glob(pattern, 0, NULL, &paths))
		return;
	for (i = 0; i < paths.gl_pathc; i++) {
		if (!read_file(paths.gl_pathv[i], &state) && !is_gone(state.id))
			continue;
		fn(&state, arg);
		unlink(paths.gl_pathv[i]);
	}
	globfree(&paths);
}
