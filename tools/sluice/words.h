/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of a command, from the command line or from a saved file, and a
 * cursor in them. What cannot be parsed is told in @error, once, by the
 * function that finds it.
 */
#ifndef SLUICE_WORDS_H
#define SLUICE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "libsluice.h"

struct words {
	char **word;
	int left;
	char error[512];
};

/* The best of some candidates for a mistyped word; start it from zeroes. */
struct suggestion {
	const char *best;
	unsigned int distance;
};

int words_fail(struct words *words, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
const char *words_next(struct words *words);
bool words_take(struct words *words, const char *keyword);
int words_expect(struct words *words, const char *keyword);
int words_end(struct words *words);

unsigned int edit_distance(const char *a, const char *b);
void suggestion_consider(struct suggestion *suggestion, const char *word,
			 const char *candidate);
int words_unknown(struct words *words, const char *word, const char *what,
		  const struct suggestion *suggestion);

int words_number(struct words *words, const char *what, const char *text,
		 uint64_t limit, uint64_t *value);
int words_duration(struct words *words, const char *what, const char *text,
		   uint64_t limit, uint64_t *seconds);
int words_value(struct words *words, const struct sluice_attr_set *set,
		unsigned int type, void *obj);
int field_number(struct words *words, const char *what, const char *text,
		 const struct sluice_attr_set *set, unsigned int type,
		 void *obj);
int words_numbers(struct words *words, const char *what, char mark,
		  const struct sluice_attr_set *set, unsigned int type,
		  void *obj);
int words_fields(struct words *words, const struct sluice_attr_set *set,
		 void *obj, uint32_t mask);

#endif /* SLUICE_WORDS_H */
