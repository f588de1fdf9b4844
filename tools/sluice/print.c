// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text and JSON from the same calls, JSON by json-c.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <json-c/json.h>

#include "print.h"

#define KEY_MAX	64

static void write_json(struct printer *p, struct json_object *value)
{
	int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;

	if (p->pretty)
		flags |= JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
	fputs(json_object_to_json_string_ext(value, flags), p->out);
}

/* Keys are words of the command; JSON has them with underscores. */
static void add_member(struct json_object *parent, const char *key,
		       struct json_object *value)
{
	char name[KEY_MAX];
	char *c;

	snprintf(name, sizeof(name), "%s", key);
	for (c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	json_object_object_add(parent, name, value);
}

/* Give a complete value to what is open around it, or write it. */
static void place(struct printer *p, const char *key,
		  struct json_object *value)
{
	struct json_object *parent = p->depth ? p->open[p->depth - 1] : NULL;

	if (parent && json_object_is_type(parent, json_type_array)) {
		json_object_array_add(parent, value);
	} else if (parent) {
		add_member(parent, key, value);
	} else {
		if (p->depth && p->elements++)
			fputc(',', p->out);
		if (p->depth && p->pretty)
			fputc('\n', p->out);
		write_json(p, value);
		json_object_put(value);
	}
}

static void push(struct printer *p, struct json_object *value)
{
	assert(p->depth < PRINT_DEPTH_MAX);
	p->open[p->depth++] = value;
}

/* Is what will be opened now, or was closed now, written on its own? */
static bool is_outer(const struct printer *p)
{
	return !p->depth || !p->open[p->depth - 1];
}

static void begin(struct printer *p, const char *key,
		  struct json_object *value)
{
	if (!is_outer(p))
		place(p, key, value);
	push(p, value);
}

/* Inner ones were given to their parent when they were opened. */
static void end(struct printer *p)
{
	struct json_object *value = p->open[--p->depth];

	if (is_outer(p))
		place(p, NULL, value);
	if (!p->depth)
		fputc('\n', p->out);
}

/**
 * print_array_begin - open an array; no effect on text
 * @p: the printer
 * @key: its key, NULL in an array or outermost
 */
void print_array_begin(struct printer *p, const char *key)
{
	if (!p->json)
		return;
	if (p->depth) {
		begin(p, key, json_object_new_array());
		return;
	}
	fputc('[', p->out);
	p->elements = 0;
	push(p, NULL);
}

/**
 * print_array_end - close the array opened last
 * @p: the printer
 */
void print_array_end(struct printer *p)
{
	if (!p->json)
		return;
	if (p->depth > 1) {
		end(p);
		return;
	}
	p->depth = 0;
	fputs(p->pretty && p->elements ? "\n]\n" : "]\n", p->out);
}

/**
 * print_object_begin - open an object; no effect on text
 * @p: the printer
 * @key: its key, NULL in an array or outermost
 */
void print_object_begin(struct printer *p, const char *key)
{
	if (p->json)
		begin(p, key, json_object_new_object());
}

/**
 * print_object_end - close the object opened last
 * @p: the printer
 */
void print_object_end(struct printer *p)
{
	if (p->json)
		end(p);
}

/**
 * print_string - print a string
 * @p: the printer
 * @key: its key; NULL if it is not for JSON
 * @before: text before it; NULL if it is not for text
 * @value: the string
 */
void print_string(struct printer *p, const char *key, const char *before,
		  const char *value)
{
	if (p->json && key)
		place(p, key, json_object_new_string(value));
	else if (!p->json && before)
		fprintf(p->out, "%s%s", before, value);
}

/**
 * print_number - print a number
 * @p: the printer
 * @key: its key; NULL if it is not for JSON
 * @before: text before it; NULL if it is not for text
 * @value: the number
 */
void print_number(struct printer *p, const char *key, const char *before,
		  uint64_t value)
{
	if (p->json && key)
		place(p, key, json_object_new_uint64(value));
	else if (!p->json && before)
		fprintf(p->out, "%s%" PRIu64, before, value);
}

/**
 * print_decimal - print a number with two decimals
 * @p: the printer
 * @key: its key
 * @before: text before it
 * @value: the number
 */
void print_decimal(struct printer *p, const char *key, const char *before,
		   double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.2f", value);
	if (p->json)
		place(p, key, json_object_new_double_s(value, text));
	else
		fprintf(p->out, "%s%s", before, text);
}

/**
 * print_switch - print something that is on or off
 * @p: the printer
 * @key: its key, true or false in JSON
 * @before: text before it
 * @on: whether it is on
 */
void print_switch(struct printer *p, const char *key, const char *before,
		  bool on)
{
	if (p->json)
		place(p, key, json_object_new_boolean(on));
	else
		fprintf(p->out, "%s%s", before, on ? "on" : "off");
}

/**
 * print_flag - print something that is the case
 * @p: the printer
 * @key: its key, true in JSON
 * @text: the text
 */
void print_flag(struct printer *p, const char *key, const char *text)
{
	if (p->json)
		place(p, key, json_object_new_boolean(true));
	else
		fputs(text, p->out);
}

/**
 * print_text - print what JSON has no use for
 * @p: the printer
 * @text: the text
 */
void print_text(struct printer *p, const char *text)
{
	if (!p->json)
		fputs(text, p->out);
}
