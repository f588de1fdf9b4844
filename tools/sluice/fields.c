// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keywords with values ("weight 2 state down"), parsed and printed by the
 * library's attribute tables, so that what is printed can be typed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "words.h"

/* In "flow set" the object's own name is not said twice. */
static const char *field_word(const struct sluice_attr_set *set,
			      unsigned int type)
{
	const char *name = set->attr[type].name;

	if (set == &sluice_settings_attrs && !strncmp(name, "flow-", 5))
		return name + 5;
	return name;
}

/* A set can have types that this version has no name for. */
static bool is_field(const struct sluice_attr_set *set, unsigned int type,
		     uint32_t mask)
{
	return (mask & SLUICE_HAS(type)) && set->attr[type].name;
}

static int unknown_keyword(struct words *words, const char *word,
			   const struct sluice_attr_set *set, uint32_t mask)
{
	struct suggestion suggestion = { NULL };
	unsigned int type;

	for (type = 1; type <= set->max; type++)
		if (is_field(set, type, mask))
			suggestion_consider(&suggestion, word,
					    field_word(set, type));
	return words_unknown(words, word, "keyword of this command",
			     &suggestion);
}

/* Returns the type that a keyword stands for, 0 if none. */
static unsigned int find_field(const char *word,
			       const struct sluice_attr_set *set,
			       uint32_t mask)
{
	unsigned int type;

	for (type = 1; type <= set->max; type++)
		if (is_field(set, type, mask) &&
		    !strcmp(word, field_word(set, type)))
			return type;
	return 0;
}

static void list_names(const struct sluice_name *names, const char *word,
		       char *list, size_t size, struct suggestion *suggestion)
{
	size_t used = 0;

	*list = 0;
	for (; names->name && used < size; names++) {
		used += snprintf(list + used, size - used, " %s", names->name);
		suggestion_consider(suggestion, word, names->name);
	}
}

static int unknown_value(struct words *words, const char *what,
			 const char *word, const struct sluice_name *names)
{
	struct suggestion suggestion = { NULL };
	char list[128];

	list_names(names, word, list, sizeof(list), &suggestion);
	if (!suggestion.best)
		return words_fail(words, "%s \"%.64s\" is none of:%s",
				  what, word, list);
	return words_fail(words,
			  "%s \"%.64s\" is none of:%s; did you mean \"%s\"?",
			  what, word, list, suggestion.best);
}

/* A number is passed on even where names exist: the kernel knows best. */
static int parse_value(struct words *words, const char *what, const char *text,
		       const struct sluice_attr *attr, void *obj)
{
	bool digit = *text >= '0' && *text <= '9';
	unsigned int named;
	uint64_t value;

	if (attr->names && !digit) {
		if (!sluice_name_value(attr->names, text, &named))
			return unknown_value(words, what, text, attr->names);
		value = named;
	} else if (words_number(words, what, text, sluice_attr_limit(attr),
				&value)) {
		return -EINVAL;
	}
	sluice_attr_set_number(attr, obj, value);
	return 0;
}

static int parse_field(struct words *words, const struct sluice_attr_set *set,
		       void *obj, uint32_t mask)
{
	const char *word = words_next(words);
	unsigned int type = find_field(word, set, mask);
	const char *text = words_next(words);
	uint32_t *has = obj;

	if (!type)
		return unknown_keyword(words, word, set, mask);
	if (*has & SLUICE_HAS(type))
		return words_fail(words, "\"%s\" is given twice", word);
	if (!text)
		return words_fail(words, "\"%s\" needs a value", word);
	*has |= SLUICE_HAS(type);
	return parse_value(words, word, text, &set->attr[type], obj);
}

/**
 * words_fields - parse keywords with values up to the last word
 * @words: the words
 * @set: describes the struct
 * @obj: the struct to fill
 * @mask: the attributes that may be given
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_fields(struct words *words, const struct sluice_attr_set *set,
		 void *obj, uint32_t mask)
{
	while (words->left)
		if (parse_field(words, set, obj, mask))
			return -EINVAL;
	return 0;
}

/**
 * print_enum - print a value that may have a name
 * @out: the printer
 * @key: its JSON key
 * @before: text before it
 * @names: the names
 * @value: the value
 */
void print_enum(struct printer *out, const char *key, const char *before,
		const struct sluice_name *names, unsigned int value)
{
	const char *name = sluice_name_of(names, value);
	char number[12];

	snprintf(number, sizeof(number), "%u", value);
	print_string(out, key, before, name ? name : number);
}

static void print_field(struct printer *out, const char *word,
			const struct sluice_attr *attr, const void *obj)
{
	uint64_t value = sluice_attr_number(attr, obj);
	char before[64];

	snprintf(before, sizeof(before), " %s ", word);
	if (attr->names)
		print_enum(out, word, before, attr->names, value);
	else
		print_number(out, word, before, value);
}

/**
 * print_fields - print numbers and enums of a struct as keyword and value
 * @out: the printer
 * @set: describes the struct
 * @obj: the struct; what it does not have is left out
 * @mask: the attributes to print
 */
void print_fields(struct printer *out, const struct sluice_attr_set *set,
		  const void *obj, uint32_t mask)
{
	uint32_t has = *(const uint32_t *)obj & mask;
	unsigned int type;

	for (type = 1; type <= set->max; type++)
		if ((has & SLUICE_HAS(type)) &&
		    sluice_attr_limit(&set->attr[type]))
			print_field(out, field_word(set, type),
				    &set->attr[type], obj);
}

/**
 * print_counters - print an object's counters
 * @out: the printer
 * @counters: the counters
 * @before: text before them
 */
void print_counters(struct printer *out,
		    const struct sluice_counters *counters, const char *before)
{
	print_text(out, before);
	print_object_begin(out, "counters");
	print_fields(out, &sluice_counters_attrs, counters, ~0U);
	print_object_end(out);
}
