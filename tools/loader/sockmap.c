// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Have sockets give each other what they send, and stop it.
 */
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "charge.h"
#include "module.h"
#include "pins.h"
#include "program.h"
#include "sockmap.h"
#include "sockmap.skel.h"

static int failed(struct sluice_error *err, int ret, const char *what)
{
	sluice_error_set(err, ret, "%s: %s", what, strerror(-ret));
	return ret;
}

/* ------------------------------------------------------------ the control group */

static int find_root(char *path, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *mount;
	int ret = -ENOENT;

	if (!mounts)
		return -errno;
	while (ret && (mount = getmntent(mounts))) {
		if (strcmp(mount->mnt_type, "cgroup2"))
			continue;
		snprintf(path, size, "%s", mount->mnt_dir);
		ret = 0;
	}
	endmntent(mounts);
	return ret;
}

/* Of all that is seen from here, if none is said. Return: a descriptor or -errno. */
static int open_cgroup(struct sluice_sockmap_settings *settings,
		       struct sluice_error *err)
{
	char *path = settings->cgroup;
	int fd;

	if (!*path && find_root(path, sizeof(settings->cgroup))) {
		sluice_error_set(err, -ENOENT, "no control groups of version 2: mount -t cgroup2 none /sys/fs/cgroup");
		return -ENOENT;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		fd = -errno;
		sluice_error_set(err, fd, "control group \"%.128s\": %s", path,
				 strerror(-fd));
	}
	return fd;
}

/* --------------------------------------------------------------------- loading */

static void be_told(struct sockmap *skel, const struct sockmap_request *request)
{
	const struct sluice_sockmap_settings *settings = &request->settings;

	skel->rodata->with_module = settings->with_module;
	skel->rodata->watched = !request->unwatched;
	skel->rodata->filter_count = settings->filters;
	skel->rodata->memory_max = request->unbounded ? UINT32_MAX :
							settings->memory;
	bpf_map__set_max_entries(skel->maps.sluice_sockets, settings->size);
	bpf_map__set_max_entries(skel->maps.sluice_ends, settings->size);
	bpf_program__set_autoload(skel->progs.sluice_revise,
				  settings->with_module);
	/* 6.1 has that function, and newer kernels have not. */
	bpf_program__set_autoload(skel->progs.sluice_send_page,
				  !request->unwatched &&
				  kernel_has("tcp_bpf_sendpage"));
	if (!request->unwatched)
		return;
	bpf_program__set_autoload(skel->progs.sluice_send, false);
	bpf_program__set_autoload(skel->progs.sluice_read, false);
	bpf_program__set_autoload(skel->progs.sluice_splice, false);
	bpf_program__set_autoload(skel->progs.sluice_ulp, false);
	bpf_program__set_autoload(skel->progs.sluice_disconnect, false);
}

static int put(const struct bpf_map *map, uint32_t slot, const void *value)
{
	return bpf_map_update_elem(bpf_map__fd(map), &slot, value, BPF_ANY) ?
	       -errno : 0;
}

static int fill(const struct sockmap *skel,
		const struct sockmap_request *request)
{
	uint32_t i;
	int ret;

	ret = put(skel->maps.sluice_settings, 0, &request->settings);
	for (i = 0; i < request->settings.filters && !ret; i++)
		ret = put(skel->maps.sluice_filters, i, &request->filters[i]);
	return ret;
}

/* All that watch, and are loaded */
struct watch {
	struct bpf_program *program;
	struct bpf_link **link;
	const char *pin;
};

#define WATCHES	7

static void list_watches(struct sockmap *skel, struct watch *watches)
{
	const struct watch all[WATCHES] = {
		{ skel->progs.sluice_send, &skel->links.sluice_send, "send" },
		{ skel->progs.sluice_send_page, &skel->links.sluice_send_page,
		  "send_page" },
		{ skel->progs.sluice_read, &skel->links.sluice_read, "read" },
		{ skel->progs.sluice_splice, &skel->links.sluice_splice,
		  "splice" },
		{ skel->progs.sluice_ulp, &skel->links.sluice_ulp, "ulp" },
		{ skel->progs.sluice_disconnect, &skel->links.sluice_disconnect,
		  "disconnect" },
		{ skel->progs.sluice_revise, &skel->links.sluice_revise,
		  "revise" },
	};

	memcpy(watches, all, sizeof(all));
}

static int pin_link(struct bpf_link *link, const char *directory,
		    const char *name)
{
	char path[PINS_PATH_SIZE];

	pins_path(path, directory, name);
	return bpf_link__pin(link, path);
}

static int attach_watches(struct sockmap *skel, const char *directory)
{
	struct watch watches[WATCHES], *watch;
	int ret = 0;

	list_watches(skel, watches);
	for (watch = watches; !ret && watch < watches + WATCHES; watch++) {
		if (!bpf_program__autoload(watch->program))
			continue;
		*watch->link = bpf_program__attach(watch->program);
		ret = *watch->link ?
		      pin_link(*watch->link, directory, watch->pin) : -errno;
	}
	return ret;
}

static int attach_join(struct sockmap *skel, int cgroup, const char *directory)
{
	skel->links.sluice_join =
		bpf_program__attach_cgroup(skel->progs.sluice_join, cgroup);
	return skel->links.sluice_join ?
	       pin_link(skel->links.sluice_join, directory, PINS_JOIN) : -errno;
}

/*
 * Those that watch come first, and the switch last: whoever is killed in between
 * leaves nothing behind that gives anything to anybody.
 */
static int attach(struct sockmap *skel, int cgroup, const char *directory)
{
	int ret;

	ret = bpf_prog_attach(bpf_program__fd(skel->progs.sluice_verdict),
			      bpf_map__fd(skel->maps.sluice_sockets),
			      BPF_SK_MSG_VERDICT, 0);
	ret = ret ? -errno : attach_watches(skel, directory);
	if (!ret)
		ret = attach_join(skel, cgroup, directory);
	return ret ? ret : pins_set_control(directory, false);
}

static int pin_maps(const struct sockmap *skel, const char *directory)
{
	const struct {
		struct bpf_map *map;
		const char *name;
	} pins[] = {
		{ skel->maps.sluice_sockets, PINS_SOCKETS },
		{ skel->maps.sluice_control, PINS_CONTROL },
		{ skel->maps.sluice_settings, PINS_SETTINGS },
		{ skel->maps.sluice_filters, PINS_FILTERS },
		{ skel->maps.sluice_counters, PINS_COUNTERS },
	};
	char path[PINS_PATH_SIZE];
	int ret = 0;
	size_t i;

	for (i = 0; !ret && i < sizeof(pins) / sizeof(*pins); i++) {
		pins_path(path, directory, pins[i].name);
		ret = bpf_map__pin(pins[i].map, path);
	}
	return ret;
}

/* ------------------------------------------------------------------- enabling */

/* From now on all that is sent goes by TCP; nobody joins any more. */
static int turn_off(const char *directory)
{
	int ret = pins_set_control(directory, true);

	if (!ret)
		pins_cut(directory);
	return ret;
}

static int not_attached(struct sluice_error *err, int ret)
{
	sluice_error_set(err, ret, "the kernel does not attach the programs: %s%s",
			 strerror(-ret), ret == -EPERM ?
			 "; is there a program at that control group, or above, that lets no other one be?" : "");
	return ret;
}

/*
 * Maps are held before any socket can be in them, whatever happens then: what is
 * not finished here is off, and pruned once its sockets are closed.
 */
static int start(struct sockmap *skel, const struct sockmap_request *request,
		 int cgroup, struct sluice_error *err)
{
	char directory[PINS_PATH_SIZE];
	int ret = pins_new(directory, err);

	if (ret)
		return ret;
	ret = fill(skel, request);
	if (!ret)
		ret = pin_maps(skel, directory);
	if (!ret)
		ret = pins_set_control(directory, true);
	if (ret) {
		pins_remove(directory);
		return failed(err, ret, "what holds the programs");
	}
	ret = attach(skel, cgroup, directory);
	if (!ret)
		return 0;
	turn_off(directory);
	return not_attached(err, ret);
}

static int not_loaded(struct sluice_error *err, int ret, bool unwatched)
{
	if (unwatched)
		return failed(err, ret, "the kernel does not take the programs");
	sluice_error_set(err, ret, "the kernel does not take the programs: %s; where it has no fentry, \"unwatched\" leaves out those that see what only TCP can do: urgent data, zero-copy, splice, MSG_WAITALL, TLS",
			 strerror(-ret));
	return ret;
}

static int load_and_start(const struct sockmap_request *request, int cgroup,
			  struct sluice_error *err)
{
	struct sockmap *skel = sockmap__open();
	int ret;

	if (!skel)
		return failed(err, -errno, "the programs");
	be_told(skel, request);
	ret = sockmap__load(skel);
	if (ret)
		not_loaded(err, ret, request->unwatched);
	else if (!request->unbounded)
		ret = charge_check(err);
	if (!ret)
		ret = start(skel, request, cgroup, err);
	sockmap__destroy(skel);
	return ret;
}

static int find_live(const char *directory, void *arg)
{
	char *found = arg;

	if (!pins_are_live(directory))
		return 0;
	snprintf(found, PINS_PATH_SIZE, "%s", directory);
	return 1;
}

/* Without it, what goes to another pod goes by TCP, and so by all doors. */
static bool asks_module(const struct sockmap_request *request,
			sockmap_note_fn note)
{
	const char *lacks = module_lacks("bpf_sluice_sock_ask");
	char text[512];

	if (!request->unwatched && !lacks)
		return true;
	snprintf(text, sizeof(text), "only between sockets of one network namespace, as nobody can ask about others: %s",
		 request->unwatched ? "\"unwatched\"" : lacks);
	note(text);
	return false;
}

static int enable_locked(const struct sockmap_request *request,
			 sockmap_note_fn note, struct sluice_error *err)
{
	struct sockmap_request complete = *request;
	char live[PINS_PATH_SIZE];
	int cgroup, ret;

	if (pins_each(find_live, live)) {
		sluice_error_set(err, -EEXIST, "mode sockmap is enabled already: disable it first");
		return -EEXIST;
	}
	pins_prune();
	complete.settings.with_module = asks_module(request, note);
	cgroup = open_cgroup(&complete.settings, err);
	if (cgroup < 0)
		return cgroup;
	ret = load_and_start(&complete, cgroup, err);
	close(cgroup);
	if (ret)
		pins_prune();
	return ret;
}

/**
 * sockmap_enable - have sockets give each other what they send
 * @request: which, and how
 * @note: told what is worth knowing
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sockmap_enable(const struct sockmap_request *request, sockmap_note_fn note,
		   struct sluice_error *err)
{
	int lock, ret = program_permitted(err);

	if (ret)
		return ret;
	program_be_silent();
	lock = pins_lock(err);
	if (lock < 0)
		return lock;
	ret = enable_locked(request, note, err);
	close(lock);
	return ret;
}

/* ------------------------------------------------------------------- disabling */

static int disable_locked(struct sluice_error *err)
{
	char live[PINS_PATH_SIZE];
	int ret;

	if (!pins_each(find_live, live)) {
		sluice_error_set(err, -ENOENT, "mode sockmap is not enabled");
		return -ENOENT;
	}
	ret = turn_off(live);
	if (ret)
		return failed(err, ret, "turning it off");
	pins_prune();
	return 0;
}

/**
 * sockmap_disable - have all that sockets send go by TCP again
 * @err: says why it failed
 *
 * Sockets that have joined stay in the map until they close, and read what they
 * have been given. Return: 0 or -errno.
 */
int sockmap_disable(struct sluice_error *err)
{
	int lock, ret = program_permitted(err);

	if (ret)
		return ret;
	lock = pins_lock(err);
	if (lock < 0)
		return lock;
	ret = disable_locked(err);
	close(lock);
	return ret;
}
