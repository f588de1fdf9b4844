// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kubernetes' labels, and the selectors that pick objects by them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "labels.h"

#define LETTERS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS	"0123456789"

enum operator { IN, NOT_IN, EXISTS, DOES_NOT_EXIST };

static const char * const operators[] = {
	[IN] = "In",
	[NOT_IN] = "NotIn",
	[EXISTS] = "Exists",
	[DOES_NOT_EXIST] = "DoesNotExist",
	NULL
};

/**
 * struct requirement - what a selector asks of one key
 * @key: the key
 * @operator: enum operator
 * @values: strings
 */
struct requirement {
	const char *key;
	int operator;
	struct netpol_list values;
};

static int check_key(const struct place *place, const char *key)
{
	size_t len = strspn(key, LETTERS DIGITS "-_./");

	if (len && !key[len])
		return 0;
	return place_fail(place, "\"%.64s\" is not a label's key", key);
}

static int read_value(const struct place *place, struct arena *arena,
		      void *item)
{
	const char **value = item;

	(void)arena;
	if (place_text(place, value))
		return -EINVAL;
	if ((*value)[strspn(*value, LETTERS DIGITS "-_.")])
		return place_fail(place, "\"%.64s\" is not a label's value",
				  *value);
	return 0;
}

static int label_compare(const void *a, const void *b)
{
	const struct label *left = a, *right = b;

	return strcmp(left->key, right->key);
}

/* The labels that a member of an object is, in any order. */
static int read_pairs(const struct place *up, const char *name,
		      struct arena *arena, struct labels *labels)
{
	struct place member, pair;
	struct label *label;

	*labels = (struct labels){ NULL };
	place_member(&member, up, name);
	if (!member.value)
		return 0;
	if (place_is(&member, json_type_object))
		return -EINVAL;
	labels->label = arena_alloc(arena,
				    json_object_object_length(member.value),
				    sizeof(*labels->label));
	json_object_object_foreach(member.value, key, value) {
		(void)value;
		label = &labels->label[labels->count++];
		label->key = key;
		place_member(&pair, &member, key);
		if (check_key(&member, key) ||
		    read_value(&pair, arena, &label->value))
			return -EINVAL;
	}
	return 0;
}

/**
 * labels_read - the labels of an object
 * @up: its metadata
 * @arena: owns them
 * @labels: gets them
 *
 * Return: 0 or -EINVAL.
 */
int labels_read(const struct place *up, struct arena *arena,
		struct labels *labels)
{
	if (read_pairs(up, "labels", arena, labels))
		return -EINVAL;
	if (labels->count)
		qsort(labels->label, labels->count, sizeof(*labels->label),
		      label_compare);
	return 0;
}

static struct label *find_label(const struct labels *labels, const char *key)
{
	struct label wanted = { .key = key };

	if (!labels->count)
		return NULL;
	return bsearch(&wanted, labels->label, labels->count, sizeof(wanted),
		       label_compare);
}

/**
 * labels_set - give an object one label more, or another value
 * @arena: owns the labels
 * @labels: the labels
 * @key: of the label
 * @value: of the label
 */
void labels_set(struct arena *arena, struct labels *labels, const char *key,
		const char *value)
{
	struct label *label = find_label(labels, key);
	struct label *list;

	if (label) {
		label->value = value;
		return;
	}
	list = arena_alloc(arena, labels->count + 1, sizeof(*list));
	if (labels->count)
		memcpy(list, labels->label, labels->count * sizeof(*list));
	list[labels->count++] = (struct label){ key, value };
	qsort(list, labels->count, sizeof(*list), label_compare);
	labels->label = list;
}

static int read_operator(const struct place *up, int *operator)
{
	struct place member;

	place_member(&member, up, "operator");
	if (!member.value)
		return place_fail(&member, "is missing");
	return place_choice(&member, operators, operator);
}

static int read_key(const struct place *up, const char **key)
{
	struct place member;

	place_member(&member, up, "key");
	if (place_text(&member, key))
		return -EINVAL;
	return check_key(&member, *key);
}

static int check_values(const struct place *up,
			const struct requirement *requirement)
{
	bool wanted = requirement->operator == IN ||
		      requirement->operator == NOT_IN;
	struct place member;

	place_member(&member, up, "values");
	if (wanted && !requirement->values.count)
		return place_fail(&member, "is empty, which %s cannot be",
				  operators[requirement->operator]);
	if (!wanted && requirement->values.count)
		return place_fail(&member, "is of no use with %s",
				  operators[requirement->operator]);
	return 0;
}

static int read_requirement(const struct place *place, struct arena *arena,
			    void *item)
{
	static const char * const names[] = {
		"key", "operator", "values", NULL
	};
	struct requirement *requirement = item;

	if (place_only_has(place, names) ||
	    read_key(place, &requirement->key) ||
	    read_operator(place, &requirement->operator) ||
	    member_list(place, "values", arena, sizeof(const char *),
			read_value, &requirement->values))
		return -EINVAL;
	return check_values(place, requirement);
}

/* A pair of matchLabels means that the key is in a list of one value. */
static void add_pairs(struct arena *arena, struct selector *selector,
		      const struct labels *pairs)
{
	struct netpol_list *list = &selector->requirements;
	struct requirement *requirement;
	size_t i;

	requirement = arena_alloc(arena, list->count + pairs->count,
				  sizeof(*requirement));
	if (list->count)
		memcpy(requirement, list->items,
		       list->count * sizeof(*requirement));
	list->items = requirement;
	requirement += list->count;
	list->count += pairs->count;
	for (i = 0; i < pairs->count; i++, requirement++) {
		requirement->key = pairs->label[i].key;
		requirement->operator = IN;
		requirement->values.items = &pairs->label[i].value;
		requirement->values.count = 1;
	}
}

/**
 * selector_read - read a selector
 * @place: where it is
 * @arena: owns what it consists of
 * @selector: gets it
 *
 * Return: 0 or -EINVAL.
 */
int selector_read(const struct place *place, struct arena *arena,
		  struct selector *selector)
{
	static const char * const names[] = {
		"matchLabels", "matchExpressions", NULL
	};
	struct labels pairs;

	if (place_only_has(place, names) ||
	    read_pairs(place, "matchLabels", arena, &pairs) ||
	    member_list(place, "matchExpressions", arena,
			sizeof(struct requirement), read_requirement,
			&selector->requirements))
		return -EINVAL;
	add_pairs(arena, selector, &pairs);
	return 0;
}

static bool is_among(const char *value, const struct netpol_list *values)
{
	const char **item = values->items;
	size_t i;

	for (i = 0; i < values->count; i++)
		if (!strcmp(item[i], value))
			return true;
	return false;
}

/* An object without the key has it in no list, too. */
static bool is_met(const struct requirement *requirement,
		   const struct labels *labels)
{
	const struct label *label = find_label(labels, requirement->key);

	switch (requirement->operator) {
	case IN:
		return label && is_among(label->value, &requirement->values);
	case NOT_IN:
		return !label || !is_among(label->value, &requirement->values);
	case EXISTS:
		return label;
	default:
		return !label;
	}
}

/**
 * selector_picks - whether a selector picks an object
 * @selector: the selector
 * @labels: of the object
 *
 * Return: whether all its requirements are met.
 */
bool selector_picks(const struct selector *selector,
		    const struct labels *labels)
{
	const struct requirement *requirement = selector->requirements.items;
	size_t i;

	for (i = 0; i < selector->requirements.count; i++)
		if (!is_met(&requirement[i], labels))
			return false;
	return true;
}
