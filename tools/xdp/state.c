// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was changed for a program, in a file, so that it can be undone. The file
 * is there before the first change is made. Numbers of programs do not come
 * again, so it belongs to no other.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <json-c/json.h>

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
	int fd;

	mkdir("/run/sluice", 0755);
	mkdir(DIRECTORY, 0755);
	fd = open(DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX))
		return failed(err, DIRECTORY);
	return fd;
}

static void path_of(uint32_t id, char *path)
{
	snprintf(path, PATH_SIZE, DIRECTORY "/%u.json", id);
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

	path_of(state->id, path);
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

/**
 * state_read - what was changed for a program
 * @id: the program's number
 * @state: where to put it
 *
 * Return: 0, or -ENOENT if nothing is known.
 */
int state_read(uint32_t id, struct state *state)
{
	struct json_object *o;
	char path[PATH_SIZE];

	memset(state, 0, sizeof(*state));
	state->id = id;
	path_of(id, path);
	o = json_object_from_file(path);
	if (!o)
		return -ENOENT;
	state->netns = read_number(o, "netns");
	state->ifindex = read_number(o, "ifindex");
	read_text(o, "device", state->device, sizeof(state->device));
	state->policy = read_number(o, "policy");
	read_changes(json_object_object_get(o, "changes"), &state->changes);
	json_object_put(o);
	return 0;
}

/**
 * state_remove - forget what was changed for a program
 * @id: the program's number
 */
void state_remove(uint32_t id)
{
	char path[PATH_SIZE];

	path_of(id, path);
	unlink(path);
}

static bool is_gone(uint32_t id)
{
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0)
		return errno == ENOENT;
	close(fd);
	return false;
}

/**
 * state_prune - forget programs that are gone
 * @fn: called for each before
 * @arg: passed to @fn
 */
void state_prune(state_fn fn, void *arg)
{
	struct state state;
	glob_t paths;
	uint32_t id;
	size_t i;

	if (glob(DIRECTORY "/*.json", 0, NULL, &paths))
		return;
	for (i = 0; i < paths.gl_pathc; i++) {
		id = atoi(paths.gl_pathv[i] + sizeof(DIRECTORY));
		if (!is_gone(id))
			continue;
		if (!state_read(id, &state))
			fn(&state, arg);
		state_remove(id);
	}
	globfree(&paths);
}
