/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was changed for a program, in a file, so that it can be undone.
 */
#ifndef SLUICE_LOADER_STATE_H
#define SLUICE_LOADER_STATE_H

#include "ends.h"

/**
 * struct state - of an attached program
 * @netns: the namespace's number
 * @ifindex: the device
 * @id: the program's number; 0 as long as it is not attached
 * @device: its name when it was attached
 * @policy: whether the program asks the module
 * @changes: what was changed for it
 */
struct state {
	uint32_t netns;
	uint32_t ifindex;
	uint32_t id;
	char device[IF_NAMESIZE];
	bool policy;
	struct changes changes;
};

int state_lock(struct sluice_error *err);
int state_write(const struct state *state, struct sluice_error *err);
int state_read(uint32_t netns, uint32_t ifindex, struct state *state);
void state_remove(const struct state *state);

/* Called for each program that is gone; its state is removed then. */
typedef void (*state_fn)(const struct state *state, void *arg);

void state_prune(uint32_t netns, state_fn fn, void *arg);

#endif /* SLUICE_LOADER_STATE_H */
