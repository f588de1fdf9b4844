// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The programs: how one is loaded, and the maps of those that are attached.
 *
 * Nothing is pinned. An attached program is found by its device, and its maps
 * by the program.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "abi.h"
#include "bridge.h"
#include "feed.h"
#include "netns.h"
#include "program.h"
#include "state.h"
#include "xdp_bridge.skel.h"
#include "xdp_router.skel.h"

#define MAPS_MAX	16

/**
 * struct program_kind - what can be attached
 * @name: the word
 * @program: its name in the kernel
 * @open: opens it and tells it what it is told
 * @close: the contrary
 */
struct program_kind {
	const char *name;
	const char *program;
	int (*open)(struct program *program,
		    const struct program_config *config);
	void (*close)(struct program *program);
};

static int open_router(struct program *program,
		       const struct program_config *config)
{
	struct xdp_router *router = xdp_router__open();

	if (!router)
		return -errno;
	router->rodata->with_module = config->with_module;
	router->rodata->own_source = link_rp_filter(config->link->name);
	memcpy(router->rodata->own_address, config->link->address, ETH_ALEN);
	program->skeleton = router;
	program->object = router->obj;
	return 0;
}

static void close_router(struct program *program)
{
	xdp_router__destroy(program->skeleton);
}

/* What is known of addresses is the same for all of the machine. */
static int open_bridge(struct program *program,
		       const struct program_config *config)
{
	struct xdp_bridge *bridge = xdp_bridge__open();

	if (!bridge)
		return -errno;
	bridge->rodata->with_module = config->with_module;
	bridge->rodata->own_netns = netns_number();
	program->skeleton = bridge;
	program->object = bridge->obj;
	return feed_share(bridge->obj);
}

static void close_bridge(struct program *program)
{
	xdp_bridge__destroy(program->skeleton);
}

static const struct program_kind kinds[] = {
	{ "router", SLUICE_XDP_ROUTER, open_router, close_router },
	{ "bridge", SLUICE_XDP_BRIDGE, open_bridge, close_bridge },
	{ NULL, NULL, NULL, NULL }
};

/**
 * program_permitted - whether we may do anything with programs at all
 * @err: says why not
 *
 * Return: 0 or -EPERM.
 */
int program_permitted(struct sluice_error *err)
{
	if (!geteuid())
		return 0;
	sluice_error_set(err, -EPERM, "not permitted: this needs root");
	return -EPERM;
}

/**
 * program_kind - find a kind of programs
 * @name: the word
 *
 * Return: the kind, or NULL if there is none of that name.
 */
const struct program_kind *program_kind(const char *name)
{
	const struct program_kind *kind;

	for (kind = kinds; kind->name; kind++)
		if (!strcmp(kind->name, name))
			return kind;
	return NULL;
}

/**
 * program_kind_name - the word for a kind
 * @kind: the kind
 */
const char *program_kind_name(const struct program_kind *kind)
{
	return kind->name;
}

/**
 * program_in_kernel - the name of programs of a kind in the kernel
 * @kind: the kind
 */
const char *program_in_kernel(const struct program_kind *kind)
{
	return kind->program;
}

static bool is_shared(const char *map)
{
	return !strcmp(map, SLUICE_XDP_MAP_WAYS) ||
	       !strcmp(map, SLUICE_XDP_MAP_VLANS);
}

/* The library would take any, and the program would read something else. */
static bool is_alike(const struct bpf_map *map, int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &size) &&
	       info.type == bpf_map__type(map) &&
	       info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map) &&
	       info.max_entries == bpf_map__max_entries(map);
}

/* What all of a namespace have in common is the one that is there already. */
static int share_maps(struct program *program, const struct attached *sibling)
{
	struct bpf_map *map;
	int fd, ret;

	bpf_object__for_each_map(map, program->object) {
		if (!is_shared(bpf_map__name(map)))
			continue;
		fd = attached_map(sibling, bpf_map__name(map));
		if (fd < 0)
			continue;
		ret = is_alike(map, fd) ? bpf_map__reuse_fd(map, fd) : -ESTALE;
		close(fd);
		if (ret)
			return ret;
	}
	return 0;
}

static int be_silent(enum libbpf_print_level level, const char *format,
		     va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/**
 * program_be_silent - have the library say nothing by itself
 */
void program_be_silent(void)
{
	libbpf_set_print(be_silent);
}

static int not_taken(struct sluice_error *err, int code)
{
	if (code == -ESTALE)
		sluice_error_set(err, code, "programs of another version of sluice are attached in this namespace; detach them first");
	else
		sluice_error_set(err, code, "the kernel does not take the program: %s",
				 strerror(-code));
	return code;
}

/**
 * program_open - open a program, and tell it what it is told
 * @program: where to put it; program_close() afterwards, also when it is
 *	attached
 * @kind: which
 * @config: what it is told
 * @sibling: one that is attached in the same namespace and mode; NULL if none
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int program_open(struct program *program, const struct program_kind *kind,
		 const struct program_config *config,
		 const struct attached *sibling, struct sluice_error *err)
{
	int ret;

	*program = (struct program) { .kind = kind };
	program_be_silent();
	ret = kind->open(program, config);
	if (!ret && sibling)
		ret = share_maps(program, sibling);
	if (!ret)
		return 0;
	program_close(program);
	return not_taken(err, ret);
}

/**
 * program_load - load a program
 * @program: opened
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int program_load(struct program *program, struct sluice_error *err)
{
	int ret = bpf_object__load(program->object);

	return ret ? not_taken(err, ret) : program_note_loaded(program, err);
}

/**
 * program_note_loaded - note descriptor and number of a program
 * @program: opened, and loaded by whomever
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int program_note_loaded(struct program *program, struct sluice_error *err)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	struct bpf_program *prog;

	prog = bpf_object__find_program_by_name(program->object,
						program->kind->program);
	program->fd = bpf_program__fd(prog);
	if (bpf_obj_get_info_by_fd(program->fd, &info, &size))
		return not_taken(err, -errno);
	program->id = info.id;
	return 0;
}

/**
 * program_close - let go of a program
 * @program: the program; it stays where it is attached
 */
void program_close(struct program *program)
{
	if (program->skeleton)
		program->kind->close(program);
	program->skeleton = NULL;
}

static const struct program_kind *kind_of(const char *program)
{
	const struct program_kind *kind;

	for (kind = kinds; kind->name; kind++)
		if (!strcmp(kind->program, program))
			return kind;
	return NULL;
}

/* Whether the program is one of ours; it is closed if it is not. */
static bool attached_fill(struct attached *attached, const struct link *link,
			  uint32_t id)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0)
		return false;
	*attached = (struct attached) {
		.link = link,
		.native = link->xdp_mode != XDP_ATTACHED_SKB,
		.chained = id != link->xdp_prog,
		.fd = fd,
		.id = id,
	};
	if (!bpf_obj_get_info_by_fd(fd, &info, &size))
		attached->kind = kind_of(info.name);
	if (!attached->kind)
		close(fd);
	return attached->kind;
}

/**
 * attached_open - see whether a program of ours is attached
 * @attached: where to put it; attached_close() afterwards
 * @link: to this device, which must stay
 *
 * A dispatcher does not tell whom it calls; that is known by what was noted
 * when the program was attached.
 *
 * Return: whether one is.
 */
bool attached_open(struct attached *attached, const struct link *link)
{
	struct state state;

	if (!link->xdp_prog)
		return false;
	if (attached_fill(attached, link, link->xdp_prog))
		return true;
	return !state_read(netns_number(), link->ifindex, &state) &&
	       attached_fill(attached, link, state.id);
}

/**
 * attached_close - let go of an attached program
 * @attached: the program, which stays attached
 */
void attached_close(const struct attached *attached)
{
	close(attached->fd);
}

static int open_if_named(__u32 id, const char *name)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);
	int fd = bpf_map_get_fd_by_id(id);

	if (fd < 0)
		return -1;
	if (!bpf_obj_get_info_by_fd(fd, &info, &size) &&
	    !strcmp(info.name, name))
		return fd;
	close(fd);
	return -1;
}

/**
 * attached_map - open a map of an attached program
 * @attached: the program
 * @name: of the map
 *
 * Return: a descriptor, or -1 if it has none of that name.
 */
int attached_map(const struct attached *attached, const char *name)
{
	__u32 ids[MAPS_MAX];
	struct bpf_prog_info info = {
		.nr_map_ids = MAPS_MAX,
		.map_ids = (uintptr_t)ids,
	};
	__u32 i, size = sizeof(info);
	int fd = -1;

	if (bpf_obj_get_info_by_fd(attached->fd, &info, &size))
		return -1;
	for (i = 0; i < info.nr_map_ids && i < MAPS_MAX && fd < 0; i++)
		fd = open_if_named(ids[i], name);
	return fd;
}

/**
 * attached_all - find all programs of ours in a namespace
 * @all: where to put them, struct attached; attached_free() afterwards
 * @links: the namespace's devices, which must stay
 */
void attached_all(struct list *all, const struct links *links)
{
	struct attached attached;
	size_t i;

	memset(all, 0, sizeof(*all));
	for (i = 0; i < links->count; i++)
		if (attached_open(&attached, &links->link[i]))
			*(struct attached *)list_add(all, sizeof(attached)) =
				attached;
}

/**
 * attached_free - free what attached_all() has found
 * @all: the programs
 */
void attached_free(struct list *all)
{
	size_t i;

	for (i = 0; i < all->count; i++)
		attached_close(list_at(all, i));
	list_free(all);
}

/**
 * program_is_loaded - whether there is another program of a kind, anywhere
 * @kind: the kind
 * @but: the number of one that does not count
 */
bool program_is_loaded(const struct program_kind *kind, uint32_t but)
{
	char name[BPF_OBJ_NAME_LEN];
	__u32 id = 0;

	while (!bpf_prog_get_next_id(id, &id)) {
		program_name(id, name, sizeof(name));
		if (id != but && !strcmp(name, kind->program))
			return true;
	}
	return false;
}

/**
 * program_name - the name of any program
 * @id: its number
 * @name: where to put it; empty if it is gone
 * @size: room there
 */
void program_name(uint32_t id, char *name, size_t size)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	*name = 0;
	if (fd < 0)
		return;
	if (!bpf_obj_get_info_by_fd(fd, &info, &len))
		snprintf(name, size, "%s", info.name);
	close(fd);
}
