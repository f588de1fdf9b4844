// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Values in a JSON object and the way to them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "place.h"

#define PATH_SIZE	192

/* "spec.ingress[0].ports[1]", the object itself being nothing. */
static void path_text(const struct place *place, char *text)
{
	size_t len;

	*text = 0;
	if (!place->up)
		return;
	path_text(place->up, text);
	len = strlen(text);
	if (place->name)
		snprintf(text + len, PATH_SIZE - len, "%s%s", len ? "." : "",
			 place->name);
	else
		snprintf(text + len, PATH_SIZE - len, "[%zu]", place->index);
}

static const char *object_name(const struct place *place)
{
	while (place->up)
		place = place->up;
	return place->name;
}

/* What others wrote must not control a terminal or look like another line. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			*text = '?';
}

/**
 * place_fail - say what is wrong with a value
 * @place: where it is
 * @format: what is wrong
 *
 * Return: -EINVAL.
 */
int place_fail(const struct place *place, const char *format, ...)
{
	char path[PATH_SIZE];
	char why[256];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	path_text(place, path);
	make_printable(why);
	make_printable(path);
	return words_fail(place->complaint, "%.140s: %s%s%s",
			  object_name(place), path, *path ? ": " : "", why);
}

/**
 * place_member - go to a member of an object
 * @place: gets it, without a value if it is missing
 * @up: the object; or a place without a value
 * @name: of the member
 */
void place_member(struct place *place, const struct place *up,
		  const char *name)
{
	*place = (struct place){
		.up = up, .name = name, .complaint = up->complaint,
	};
	if (up->value)
		json_object_object_get_ex(up->value, name, &place->value);
}

/**
 * place_item - go to an element of an array
 * @place: gets it
 * @up: the array
 * @index: of the element
 */
void place_item(struct place *place, const struct place *up, size_t index)
{
	*place = (struct place){
		.up = up, .index = index, .complaint = up->complaint,
		.value = json_object_array_get_idx(up->value, index),
	};
}

static const char *type_text(enum json_type type)
{
	switch (type) {
	case json_type_boolean:
		return "true or false";
	case json_type_int:
		return "a whole number";
	case json_type_object:
		return "an object";
	case json_type_array:
		return "an array";
	default:
		return "a string";
	}
}

/**
 * place_is - make sure that a value has a type
 * @place: where it is
 * @type: the type
 *
 * Return: 0 or -EINVAL, also if the value is missing.
 */
int place_is(const struct place *place, enum json_type type)
{
	if (!place->value)
		return place_fail(place, "is missing");
	if (json_object_is_type(place->value, type))
		return 0;
	return place_fail(place, "is not %s", type_text(type));
}

static bool is_among(const char *text, const char * const *names)
{
	while (*names && strcmp(*names, text))
		names++;
	return *names;
}

/**
 * place_only_has - make sure that a value is an object of known members
 * @place: where it is
 * @names: of the members, NULL behind them
 *
 * Return: 0 or -EINVAL.
 */
int place_only_has(const struct place *place, const char * const *names)
{
	struct place member;

	if (place_is(place, json_type_object))
		return -EINVAL;
	json_object_object_foreach(place->value, name, value) {
		(void)value;
		place_member(&member, place, name);
		if (!is_among(name, names))
			return place_fail(&member, "is not a known field");
	}
	return 0;
}

/**
 * place_text - the text that a value is
 * @place: where it is
 * @text: gets it; it lives as long as the value
 *
 * Return: 0 or -EINVAL.
 */
int place_text(const struct place *place, const char **text)
{
	if (place_is(place, json_type_string))
		return -EINVAL;
	*text = json_object_get_string(place->value);
	if (strlen(*text) != (size_t)json_object_get_string_len(place->value))
		return place_fail(place, "has a zero character");
	return 0;
}

/**
 * place_choice - which of some words a value is
 * @place: where it is
 * @choices: the words, NULL behind them
 * @choice: gets the number of the word; unchanged if the value is missing
 *
 * Return: 0 or -EINVAL.
 */
int place_choice(const struct place *place, const char * const *choices,
		 int *choice)
{
	char list[64] = "";
	const char *text;
	size_t len;
	int i;

	if (!place->value)
		return 0;
	if (place_text(place, &text))
		return -EINVAL;
	for (i = 0; choices[i]; i++) {
		*choice = i;
		if (!strcmp(text, choices[i]))
			return 0;
		len = strlen(list);
		snprintf(list + len, sizeof(list) - len, "%s%s",
			 i ? ", " : "", choices[i]);
	}
	return place_fail(place, "\"%.64s\" is none of %s", text, list);
}

/**
 * place_port - the port that a value is
 * @place: where it is
 * @port: gets it
 *
 * Return: 0 or -EINVAL.
 */
int place_port(const struct place *place, uint16_t *port)
{
	int64_t value;

	if (place_is(place, json_type_int))
		return -EINVAL;
	value = json_object_get_int64(place->value);
	if (value < 1 || value > UINT16_MAX)
		return place_fail(place, "%lld is not a port of 1 to 65535",
				  (long long)value);
	*port = value;
	return 0;
}

/**
 * member_text - the text that a member is
 * @up: the object
 * @name: of the member
 * @text: gets it; unchanged if it is missing
 *
 * Return: 0 or -EINVAL.
 */
int member_text(const struct place *up, const char *name, const char **text)
{
	struct place member;

	place_member(&member, up, name);
	return member.value ? place_text(&member, text) : 0;
}

/**
 * member_flag - whether a member is true
 * @up: the object
 * @name: of the member
 * @flag: gets it; unchanged if it is missing
 *
 * Return: 0 or -EINVAL.
 */
int member_flag(const struct place *up, const char *name, bool *flag)
{
	struct place member;

	place_member(&member, up, name);
	if (!member.value)
		return 0;
	if (place_is(&member, json_type_boolean))
		return -EINVAL;
	*flag = json_object_get_boolean(member.value);
	return 0;
}

/**
 * member_list - make a list of the array that a member is
 * @up: the object
 * @name: of the member
 * @arena: owns the list
 * @size: of an item
 * @read: makes an item
 * @list: gets it; empty if the member is missing
 *
 * Return: 0 or -EINVAL.
 */
int member_list(const struct place *up, const char *name, struct arena *arena,
		size_t size, place_reader *read, struct netpol_list *list)
{
	struct place member, item;
	size_t i;

	*list = (struct netpol_list){ NULL };
	place_member(&member, up, name);
	if (!member.value)
		return 0;
	if (place_is(&member, json_type_array))
		return -EINVAL;
	list->count = json_object_array_length(member.value);
	list->items = arena_alloc(arena, list->count, size);
	for (i = 0; i < list->count; i++) {
		place_item(&item, &member, i);
		if (read(&item, arena, (char *)list->items + i * size))
			return -EINVAL;
	}
	return 0;
}
