/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A saved file, made a transaction.
 */
#ifndef SLUICE_LOAD_H
#define SLUICE_LOAD_H

#include <stdbool.h>
#include <stdio.h>

#include "libsluice.h"
#include "list.h"
#include "words.h"

/**
 * struct load - a file and what is made of it
 * @keep: what the file does not have shall stay
 * @policy: the file is only about identities, rules and subjects
 * @tx: the transaction
 * @text: all of the file
 * @size: of @text
 * @settings: of all lines that have some
 * @settings_line: the last of these
 * @lines: which line has which change, counted from 1; 0 for none
 */
struct load {
	bool keep;
	bool policy;
	struct sluice_tx *tx;
	char *text;
	size_t size;
	struct sluice_settings settings;
	unsigned int settings_line;
	struct list lines;
};

int load_file(FILE *file, struct load *load, struct words *complaint);
unsigned int load_line_of(const struct load *load, unsigned int change);
const char *load_line_text(const struct load *load, unsigned int line,
			   char *text, size_t size);
void load_free(struct load *load);

#endif /* SLUICE_LOAD_H */
