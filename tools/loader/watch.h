/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames that are lost after a program has redirected them: one watch for all
 * of the machine, as long as anything is attached.
 */
#ifndef SLUICE_LOADER_WATCH_H
#define SLUICE_LOADER_WATCH_H

#include "abi.h"
#include "libsluice.h"

int watch_add(const struct sluice_xdp_place *place, struct sluice_error *err);
void watch_remove(const struct sluice_xdp_place *place);
int watch_read(const struct sluice_xdp_place *place,
	       struct sluice_xdp_lost *lost);

#endif /* SLUICE_LOADER_WATCH_H */
