/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What holds the programs of sockets, and their maps: a BPF file system of our
 * own with a directory for each time it was enabled.
 */
#ifndef SLUICE_LOADER_PINS_H
#define SLUICE_LOADER_PINS_H

#include <stdbool.h>
#include <stdint.h>

#include "libsluice.h"

#define PINS_PATH_SIZE	128	/* of a directory, or of what is in it */

/* In each: links last for as long as sockets join, maps until all are closed. */
#define PINS_JOIN	"join"		/* the link of the control group: the last */
#define PINS_SOCKETS	"sockets"
#define PINS_CONTROL	"control"
#define PINS_SETTINGS	"settings"
#define PINS_FILTERS	"filters"
#define PINS_COUNTERS	"counters"

typedef int (*pins_fn)(const char *directory, void *arg);

bool pins_are_there(void);
int pins_lock(struct sluice_error *err);
int pins_new(char *directory, struct sluice_error *err);
int pins_each(pins_fn fn, void *arg);
void pins_path(char *path, const char *directory, const char *name);
int pins_open(const char *directory, const char *name);
bool pins_are_live(const char *directory);
void pins_cut(const char *directory);
uint64_t pins_sockets(const char *directory);
int pins_set_control(const char *directory, bool off);
void pins_remove(const char *directory);
void pins_prune(void);

#endif /* SLUICE_LOADER_PINS_H */
