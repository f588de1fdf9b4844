// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keywords with values ("weight 2 state down"), parsed and printed by the
 * library's attribute tables, so that what is printed can be typed.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "key.h"
#include "name.h"
#include "words.h"

/* Two numbers, or an ICMP type and code. */
#define PAIR_SIZE		24

/* Seconds that "affinity client-ip" lasts: what Kubernetes has. */
#define AFFINITY_DEFAULT	10800

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

/* Most identities are numbers, so names are not all there is. */
static int unknown_identity(struct words *words, const char *what,
			    const char *word)
{
	struct suggestion suggestion = { NULL };
	char list[128];

	list_names(sluice_identity_names, word, list, sizeof(list),
		   &suggestion);
	return words_fail(words,
			  "%s \"%.64s\" is no number and none of:%s%s%s%s",
			  what, word, list,
			  suggestion.best ? "; did you mean \"" : "",
			  suggestion.best ? suggestion.best : "",
			  suggestion.best ? "\"?" : "");
}

/* A number is passed on even where names exist: the kernel knows best. */
static int parse_number(struct words *words, const char *what,
			const char *text, const struct sluice_attr *attr,
			void *obj)
{
	bool digit = *text >= '0' && *text <= '9';
	unsigned int named;
	uint64_t value;

	if (attr->names && !digit) {
		if (!sluice_name_value(attr->names, text, &named))
			return attr->form == SLUICE_FORM_IDENTITY ?
			       unknown_identity(words, what, text) :
			       unknown_value(words, what, text, attr->names);
		value = named;
	} else if (words_number(words, what, text, sluice_attr_limit(attr),
				&value)) {
		return -EINVAL;
	}
	sluice_attr_set_number(attr, obj, value);
	return 0;
}

static int parse_switch(struct words *words, const char *what,
			const char *text, const struct sluice_attr *attr,
			void *obj)
{
	static const struct sluice_name names[] = {
		{ 1, "on" }, { 0, "off" }, { 0, NULL }
	};
	unsigned int value;

	if (!sluice_name_value(names, text, &value))
		return unknown_value(words, what, text, names);
	sluice_attr_set_number(attr, obj, value);
	return 0;
}

/* "none" or "client-ip [ DURATION ]" */
static int parse_affinity(struct words *words, const char *what,
			  const char *text, const struct sluice_attr *attr,
			  void *obj)
{
	static const struct sluice_name names[] = {
		{ AFFINITY_DEFAULT, "client-ip" }, { 0, "none" }, { 0, NULL }
	};
	unsigned int named;
	uint64_t value;

	if (!sluice_name_value(names, text, &named))
		return unknown_value(words, what, text, names);
	value = named;
	if (named && words->left && isdigit((unsigned char)**words->word) &&
	    words_duration(words, what, words_next(words),
			   sluice_attr_limit(attr), &value))
		return -EINVAL;
	sluice_attr_set_number(attr, obj, value);
	return 0;
}

static int parse_prefixes(struct words *words, const char *what,
			  const char *text, const struct sluice_attr *attr,
			  void *obj)
{
	struct sluice_prefixes *list = (void *)((char *)obj + attr->offset);

	if (!strcmp(text, attr->empty))
		return 0;
	return words_prefixes(words, what, text, list);
}

static int parse_value(struct words *words, const char *what, const char *text,
		       const struct sluice_attr *attr, void *obj)
{
	if (attr->kind == SLUICE_KIND_STRING)
		return words_name(words, what, text,
				  (char *)obj + attr->offset);
	if (attr->kind == SLUICE_KIND_PREFIXES)
		return parse_prefixes(words, what, text, attr, obj);
	if (attr->form == SLUICE_FORM_SWITCH)
		return parse_switch(words, what, text, attr, obj);
	if (attr->form == SLUICE_FORM_AFFINITY)
		return parse_affinity(words, what, text, attr, obj);
	return parse_number(words, what, text, attr, obj);
}

/**
 * words_value - take the value of an attribute, without a keyword before it
 * @words: the words
 * @set: describes the struct
 * @type: the attribute
 * @obj: the struct, which has it then
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_value(struct words *words, const struct sluice_attr_set *set,
		unsigned int type, void *obj)
{
	const struct sluice_attr *attr = &set->attr[type];
	const char *text = words_next(words);
	uint32_t *has = obj;

	if (!text)
		return words_fail(words, "%s %s is missing",
				  strchr("aei", *attr->name) ? "an" : "a",
				  attr->name);
	*has |= SLUICE_HAS(type);
	return parse_value(words, attr->name, text, attr, obj);
}

/**
 * field_number - take a number that is a part of a word
 * @words: the words
 * @what: what it is, for people
 * @text: the part
 * @set: describes the struct
 * @type: the attribute
 * @obj: the struct, which has it then
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int field_number(struct words *words, const char *what, const char *text,
		 const struct sluice_attr_set *set, unsigned int type,
		 void *obj)
{
	const struct sluice_attr *attr = &set->attr[type];
	uint32_t *has = obj;
	uint64_t value;

	if (words_number(words, what, text, sluice_attr_limit(attr), &value))
		return -EINVAL;
	sluice_attr_set_number(attr, obj, value);
	*has |= SLUICE_HAS(type);
	return 0;
}

/**
 * words_numbers - take a number, and perhaps another one
 * @words: the words
 * @what: what they are, for people
 * @mark: what is between them
 * @set: describes the struct
 * @type: the attribute of the first; the next one is that of the second
 * @obj: the struct, which has them then
 *
 * If the next word is no number nothing is taken.
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_numbers(struct words *words, const char *what, char mark,
		  const struct sluice_attr_set *set, unsigned int type,
		  void *obj)
{
	const char *text;
	char part[PAIR_SIZE];
	char *second;

	if (!words->left || !isdigit((unsigned char)**words->word))
		return 0;
	text = words_next(words);
	snprintf(part, sizeof(part), "%s", text);
	second = strchr(part, mark);
	if (second)
		*second++ = 0;
	if (strlen(text) >= sizeof(part))
		return words_fail(words, "%s \"%.64s...\" is too long", what,
				  text);
	if (field_number(words, what, part, set, type, obj))
		return -EINVAL;
	return second ? field_number(words, what, second, set, type + 1, obj) :
			0;
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

/**
 * print_identity_number - print the number of an identity
 * @out: the printer
 * @key: its JSON key, a number
 * @before: text before its name, or number if it has none
 * @number: the number
 */
void print_identity_number(struct printer *out, const char *key,
			   const char *before, uint32_t number)
{
	if (out->json)
		print_number(out, key, NULL, number);
	else
		print_enum(out, NULL, before, sluice_identity_names, number);
}

static void print_affinity(struct printer *out, const char *word,
			   uint64_t seconds)
{
	if (out->json)
		print_number(out, word, NULL, seconds);
	else if (seconds)
		print_number(out, NULL, " affinity client-ip ", seconds);
	else
		print_text(out, " affinity none");
}

struct prefix_list {
	struct printer *out;
	const char *before;
};

static void print_prefix(const struct sluice_prefix *prefix, void *arg)
{
	struct prefix_list *list = arg;
	char text[KEY_TEXT_SIZE];

	print_string(list->out, "", list->before, prefix_text(prefix, text));
	list->before = ",";
}

/**
 * print_prefixes - print a list of prefixes
 * @out: the printer
 * @word: its JSON key
 * @before: text before it
 * @empty: the text of an empty one
 * @prefixes: the list
 */
void print_prefixes(struct printer *out, const char *word,
		    const char *before, const char *empty,
		    const struct sluice_prefixes *prefixes)
{
	struct prefix_list list = { out, before };

	print_array_begin(out, word);
	sluice_prefixes_each(prefixes, print_prefix, &list);
	print_array_end(out);
	if (list.before == before) {
		print_text(out, before);
		print_text(out, empty);
	}
}

static void print_name(struct printer *out, const char *word,
		       const char *before, const char *name)
{
	char text[NAME_TEXT_SIZE];

	print_string(out, word, before, name_text(name, text));
}

static void print_field(struct printer *out, const char *word,
			const struct sluice_attr *attr, const void *obj)
{
	uint64_t value = sluice_attr_number(attr, obj);
	char before[64];

	snprintf(before, sizeof(before), " %s ", word);
	if (attr->kind == SLUICE_KIND_STRING)
		print_name(out, word, before, (char *)obj + attr->offset);
	else if (attr->kind == SLUICE_KIND_PREFIXES)
		print_prefixes(out, word, before, attr->empty,
			       (void *)((char *)obj + attr->offset));
	else if (attr->form == SLUICE_FORM_SWITCH)
		print_switch(out, word, before, value);
	else if (attr->form == SLUICE_FORM_AFFINITY)
		print_affinity(out, word, value);
	else if (attr->form == SLUICE_FORM_IDENTITY)
		print_identity_number(out, word, before, value);
	else if (attr->names)
		print_enum(out, word, before, attr->names, value);
	else
		print_number(out, word, before, value);
}

static bool is_printable(const struct sluice_attr *attr)
{
	return sluice_attr_limit(attr) || attr->kind == SLUICE_KIND_STRING ||
	       attr->kind == SLUICE_KIND_PREFIXES;
}

/**
 * print_fields - print attributes of a struct as keyword and value
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
		if ((has & SLUICE_HAS(type)) && is_printable(&set->attr[type]))
			print_field(out, field_word(set, type),
				    &set->attr[type], obj);
}

static bool is_preset(const struct sluice_attr *attr, const void *obj)
{
	const struct sluice_prefixes *list;

	if (attr->kind == SLUICE_KIND_STRING)
		return !*((const char *)obj + attr->offset);
	if (attr->kind == SLUICE_KIND_PREFIXES) {
		list = (const void *)((const char *)obj + attr->offset);
		return !list->size;
	}
	return sluice_attr_number(attr, obj) == attr->preset;
}

/**
 * fields_not_preset - which attributes differ from those of a new object
 * @set: describes the struct
 * @obj: the struct
 *
 * Return: a mask.
 */
uint32_t fields_not_preset(const struct sluice_attr_set *set, const void *obj)
{
	uint32_t mask = 0;
	unsigned int type;

	for (type = 1; type <= set->max; type++)
		if (set->attr[type].kind && !is_preset(&set->attr[type], obj))
			mask |= SLUICE_HAS(type);
	return mask;
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
