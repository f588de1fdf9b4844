/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program of the bridge knows of addresses: one feed for all of the
 * machine, as long as a bridge is attached.
 */
#ifndef SLUICE_LOADER_FEED_H
#define SLUICE_LOADER_FEED_H

#include "libsluice.h"

struct bpf_object;

int feed_begin(struct sluice_error *err);
int feed_share(struct bpf_object *object);
int feed_read(uint32_t bridge, struct sluice_error *err);
void feed_end(void);

#endif /* SLUICE_LOADER_FEED_H */
