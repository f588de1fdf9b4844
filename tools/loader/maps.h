/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs of a namespace know of each other: the shared maps.
 */
#ifndef SLUICE_LOADER_MAPS_H
#define SLUICE_LOADER_MAPS_H

#include "link.h"

int maps_sync(const struct links *links, struct sluice_error *err);

#endif /* SLUICE_LOADER_MAPS_H */
