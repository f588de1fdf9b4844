/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values in a JSON object and the way to them, for complaints such as
 * "Pod x/a: spec.containers[0].ports[1].name: is not a string". Places live on
 * the stack, each pointing at the one it is in. A null is a missing value.
 */
#ifndef SLUICE_PLACE_H
#define SLUICE_PLACE_H

#include <json-c/json.h>

#include "arena.h"
#include "words.h"

/**
 * struct place - a value and the way to it
 * @up: what it is in; NULL for an object, the name of which @name is
 * @name: of a member; NULL for an element of an array
 * @index: of an element
 * @value: the value; NULL if it is missing
 * @complaint: tells what is wrong
 */
struct place {
	const struct place *up;
	const char *name;
	size_t index;
	struct json_object *value;
	struct words *complaint;
};

/**
 * struct netpol_list - what was made of an array
 * @items: an array of a type that its owner knows
 * @count: how many
 */
struct netpol_list {
	void *items;
	size_t count;
};

/* Makes an item of a list of the value at a place. Returns 0 or -EINVAL. */
typedef int place_reader(const struct place *place, struct arena *arena,
			 void *item);

int place_fail(const struct place *place, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void place_member(struct place *place, const struct place *up,
		  const char *name);
void place_item(struct place *place, const struct place *up, size_t index);

int place_is(const struct place *place, enum json_type type);
int place_only_has(const struct place *place, const char * const *names);
int place_text(const struct place *place, const char **text);
int place_choice(const struct place *place, const char * const *choices,
		 int *choice);
int place_port(const struct place *place, uint16_t *port);

int member_text(const struct place *up, const char *name, const char **text);
int member_flag(const struct place *up, const char *name, bool *flag);
int member_list(const struct place *up, const char *name, struct arena *arena,
		size_t size, place_reader *read, struct netpol_list *list);

#endif /* SLUICE_PLACE_H */
