/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration as text.
 */
#ifndef SLUICE_SAVE_H
#define SLUICE_SAVE_H

#include "config.h"
#include "print.h"

void save_config(struct printer *out, const struct config *config);

#endif /* SLUICE_SAVE_H */
