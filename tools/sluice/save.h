/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration as text, and back.
 */
#ifndef SLUICE_SAVE_H
#define SLUICE_SAVE_H

#include <stdio.h>

#include "config.h"
#include "print.h"
#include "words.h"

void save_config(struct printer *out, const struct config *config);
int load_config(FILE *file, bool complete, struct config *config,
		struct words *complaint);

#endif /* SLUICE_SAVE_H */
