/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets of one node that give each other what they send, past TCP. Nothing
 * here prints; without libbpf all of it fails, and says why.
 */
#ifndef SLUICE_LOADER_SOCKMAP_H
#define SLUICE_LOADER_SOCKMAP_H

#include <stdbool.h>

#include "../../bpf/sockmap.h"
#include "libsluice.h"

/**
 * struct sockmap_request - what is to be enabled
 * @settings: of the programs; counts and flags are filled in where they are used
 * @filters: which sockets; as many as @settings says
 * @unwatched: also where nobody tells what programs do with their sockets
 * @unbounded: also where receivers are not charged for what they have not read
 */
struct sockmap_request {
	struct sluice_sockmap_settings settings;
	struct sluice_sockmap_filter filters[SLUICE_SOCKMAP_FILTERS_MAX];
	bool unwatched;
	bool unbounded;
};

/**
 * struct sockmap_status - what is enabled, or has been
 * @enabled: whether sockets join; if not, some that have are still there
 * @settings: as it was enabled
 * @filters: as many as @settings says
 * @sockets: how many have joined, and not closed yet
 * @counters: by enum sluice_sockmap_counter, and reasons behind them
 */
struct sockmap_status {
	bool enabled;
	struct sluice_sockmap_settings settings;
	struct sluice_sockmap_filter filters[SLUICE_SOCKMAP_FILTERS_MAX];
	uint64_t sockets;
	uint64_t counters[SLUICE_SOCKMAP_SLOTS];
};

/* Sentences that are worth knowing, though all went well. */
typedef void (*sockmap_note_fn)(const char *text);
typedef void (*sockmap_fn)(const struct sockmap_status *status, void *arg);

int sockmap_enable(const struct sockmap_request *request, sockmap_note_fn note,
		   struct sluice_error *err);
int sockmap_disable(struct sluice_error *err);
int sockmap_show(sockmap_fn fn, void *arg, struct sluice_error *err);

#endif /* SLUICE_LOADER_SOCKMAP_H */
