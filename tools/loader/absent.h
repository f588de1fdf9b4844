/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In the place of all that loads programs, where they could not be built.
 */
#ifndef SLUICE_LOADER_ABSENT_H
#define SLUICE_LOADER_ABSENT_H

#include "libsluice.h"

int absent(struct sluice_error *err);

#endif /* SLUICE_LOADER_ABSENT_H */
