/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text and JSON from the same calls. A call names the JSON key and the text
 * that goes before the value; with a NULL text it prints in JSON only.
 *
 * The outermost thing printed is an array or an object. The elements of an
 * outermost array are written as soon as they are complete, so that a long
 * list never is in memory as a whole.
 */
#ifndef SLUICE_PRINT_H
#define SLUICE_PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define PRINT_DEPTH_MAX	8

struct json_object;

/**
 * struct printer - where and how output goes
 * @out: the stream
 * @json: JSON instead of text
 * @pretty: JSON for people
 * @depth: how many arrays and objects are open
 * @open: those, outermost first; NULL for an outermost array
 * @elements: of the outermost array so far
 */
struct printer {
	FILE *out;
	bool json;
	bool pretty;
	unsigned int depth;
	struct json_object *open[PRINT_DEPTH_MAX];
	unsigned int elements;
};

void print_array_begin(struct printer *p, const char *key);
void print_array_end(struct printer *p);
void print_object_begin(struct printer *p, const char *key);
void print_object_end(struct printer *p);
void print_string(struct printer *p, const char *key, const char *before,
		  const char *value);
void print_number(struct printer *p, const char *key, const char *before,
		  uint64_t value);
void print_decimal(struct printer *p, const char *key, const char *before,
		   double value);
void print_switch(struct printer *p, const char *key, const char *before,
		  bool on);
void print_flag(struct printer *p, const char *key, const char *text);
void print_text(struct printer *p, const char *text);

#endif /* SLUICE_PRINT_H */
