/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One at a time.
 */
#ifndef SLUICE_LOADER_LOCK_H
#define SLUICE_LOADER_LOCK_H

#include "libsluice.h"

int lock_directory(const char *directory, struct sluice_error *err);

#endif /* SLUICE_LOADER_LOCK_H */
