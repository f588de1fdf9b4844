/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the kernel charges receivers for what they have been given.
 */
#ifndef SLUICE_LOADER_CHARGE_H
#define SLUICE_LOADER_CHARGE_H

#include "libsluice.h"

int charge_check(struct sluice_error *err);

#endif /* SLUICE_LOADER_CHARGE_H */
