/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that people give, as words.
 */
#ifndef SLUICE_NAME_H
#define SLUICE_NAME_H

#include "libsluice.h"
#include "words.h"

/* Each byte may become four, and its end. */
#define NAME_TEXT_SIZE	(4 * (SLUICE_NAME_SIZE - 1) + 1)

const char *name_text(const char *name, char *text);
int words_name(struct words *words, const char *what, const char *text,
	       char *name);
int words_device_name(struct words *words, char *name);

int device_compare(const struct sluice_device *a,
		   const struct sluice_device *b);

#endif /* SLUICE_NAME_H */
