/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands run inside of a test.
 */
#ifndef SLUICE_TESTS_RUN_H
#define SLUICE_TESTS_RUN_H

#include "cli.h"

void cut(struct words *words, char **word, const char *line);
void free_words(char **word, int count);

/* What the command that was run last wrote to standard error. */
extern char complaint[4096];

enum exit_code run(const struct object *object, struct cli *cli, char **word,
		   int left);
void tap_run(const char *name, const struct object *object, const char *line,
	     enum exit_code code, const char *output);

#endif /* SLUICE_TESTS_RUN_H */
