/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs: how one is loaded, and the maps of those that are attached.
 */
#ifndef SLUICE_LOADER_PROGRAM_H
#define SLUICE_LOADER_PROGRAM_H

#include "link.h"
#include "list.h"

struct bpf_object;
struct program_kind;

/**
 * struct program_config - what a program is told
 * @link: the device it is for
 * @with_module: whether it asks the module
 */
struct program_config {
	const struct link *link;
	bool with_module;
};

/**
 * struct program - one that is loaded, or about to be
 * @kind: of it
 * @skeleton: what it was opened by
 * @object: the same to the library
 * @fd: its descriptor
 * @id: its number
 */
struct program {
	const struct program_kind *kind;
	void *skeleton;
	struct bpf_object *object;
	int fd;
	uint32_t id;
};

/**
 * struct attached - one that is attached
 * @link: to this device
 * @kind: of it
 * @native: whether it is in the driver
 * @chained: whether a dispatcher calls it
 * @fd: its descriptor
 * @id: its number
 */
struct attached {
	const struct link *link;
	const struct program_kind *kind;
	bool native;
	bool chained;
	int fd;
	uint32_t id;
};

int program_permitted(struct sluice_error *err);
void program_be_silent(void);

const struct program_kind *program_kind(const char *name);
const char *program_kind_name(const struct program_kind *kind);
const char *program_in_kernel(const struct program_kind *kind);

int program_open(struct program *program, const struct program_kind *kind,
		 const struct program_config *config,
		 const struct attached *sibling, struct sluice_error *err);
int program_load(struct program *program, struct sluice_error *err);
int program_note_loaded(struct program *program, struct sluice_error *err);
void program_close(struct program *program);

bool attached_open(struct attached *attached, const struct link *link);
void attached_close(const struct attached *attached);
int attached_map(const struct attached *attached, const char *name);
void attached_all(struct list *all, const struct links *links);
void attached_free(struct list *all);
bool program_is_loaded(const struct program_kind *kind, uint32_t but);
void program_name(uint32_t id, char *name, size_t size);

#endif /* SLUICE_LOADER_PROGRAM_H */
