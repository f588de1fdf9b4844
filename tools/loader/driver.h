/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What drivers can do with frames.
 */
#ifndef SLUICE_LOADER_DRIVER_H
#define SLUICE_LOADER_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

bool driver_sends_frames(uint32_t ifindex);

#endif /* SLUICE_LOADER_DRIVER_H */
