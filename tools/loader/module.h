/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether programs can ask the module.
 */
#ifndef SLUICE_LOADER_MODULE_H
#define SLUICE_LOADER_MODULE_H

#include <stdbool.h>

#include "libsluice.h"

bool kernel_has(const char *function);
const char *module_lacks(const char *function);
int module_check(struct sluice_error *err);

#endif /* SLUICE_LOADER_MODULE_H */
