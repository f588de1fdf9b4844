/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bridge of the kernel's, called br0, that feeds the program, and hosts behind
 * its ports; in the test's own network namespace.
 */
#ifndef SLUICE_BPF_TESTS_BRIDGED_H
#define SLUICE_BPF_TESTS_BRIDGED_H

#include "bridge_feed.skel.h"
#include "fixture.h"

/**
 * struct sent - what a host has sent
 * @device: it is behind
 * @frame: that
 */
struct sent {
	const char *device;
	struct frame frame;
};

__u32 bridged_netns(void);
void bridged_run(int prog, void *arg, size_t size);
void bridged_send(const struct sent *sent, size_t count);
struct bridge_feed *bridged_feed(void);
bool bridged_load(struct bench *bench, const struct bridge_feed *feed,
		  struct bpf_object *bridge);
void bridged_begin(const struct bridge_feed *feed);

#endif /* SLUICE_BPF_TESTS_BRIDGED_H */
