/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XDP programs at devices of the network namespace the process is in. Nothing
 * here prints; without libbpf all of it fails, and says why.
 */
#ifndef SLUICE_XDP_H
#define SLUICE_XDP_H

#include "libsluice.h"

#define XDP_KIND_SIZE	16
#define XDP_DEVICE_SIZE	16

/**
 * struct xdp_request - what to attach
 * @device: to which device
 * @kind: "router", ...
 * @generic: in the stack instead of in the driver
 * @no_policy: without asking the module
 */
struct xdp_request {
	const char *device;
	const char *kind;
	bool generic;
	bool no_policy;
};

/**
 * struct xdp_count - frames of which the same has become
 * @action: "redirect", "pass", "miss" or "lost"
 * @reason: why
 * @packets: how many
 */
struct xdp_count {
	const char *action;
	const char *reason;
	uint64_t packets;
};

#define XDP_COUNTS_MAX	64

/**
 * struct xdp_program - what is attached
 * @device: to which device
 * @kind: as of struct xdp_request
 * @generic: as of struct xdp_request
 * @policy: whether it asks the module
 * @id: the program's number
 * @count: how many @counts there are
 * @counts: what has become of frames
 */
struct xdp_program {
	char device[XDP_DEVICE_SIZE];
	char kind[XDP_KIND_SIZE];
	bool generic;
	bool policy;
	uint32_t id;
	uint32_t count;
	struct xdp_count counts[XDP_COUNTS_MAX];
};

typedef void (*xdp_fn)(const struct xdp_program *program, void *arg);

/* Sentences that are worth knowing, though all went well. */
typedef void (*xdp_note_fn)(const char *text);

int xdp_attach(const struct xdp_request *request, xdp_note_fn note,
	       struct sluice_error *err);
int xdp_detach(const char *device, struct sluice_error *err);
int xdp_show(const char *device, xdp_fn fn, void *arg,
	     struct sluice_error *err);

#endif /* SLUICE_XDP_H */
