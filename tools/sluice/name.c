// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names that people give rules. The kernel takes any bytes; here a name is one
 * printable word, in which \x20 stands for a byte that has no place in it. A
 * backslash is one of these only where it would be read as the beginning of
 * such a byte. So nothing in a name can be taken for the words around it, and
 * each is read again as it was. Names of devices are printed likewise, and read
 * with all that such a name can have in it.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"

/* Length of \x20 and its like. */
#define ESCAPE_SIZE	4

/* In ASCII, whatever the locale; "#" begins a comment. */
static bool is_plain(char c)
{
	return c > ' ' && c <= '~' && c != '#';
}

static bool is_escape(const char *text)
{
	return text[0] == '\\' && text[1] == 'x' &&
	       isxdigit((unsigned char)text[2]) &&
	       isxdigit((unsigned char)text[3]);
}

/**
 * name_text - a name as a word
 * @name: the name
 * @text: at least NAME_TEXT_SIZE bytes
 *
 * Return: @text.
 */
const char *name_text(const char *name, char *text)
{
	char *end = text;

	for (; *name; name++) {
		if (is_plain(*name) && !is_escape(name))
			*end++ = *name;
		else
			end += sprintf(end, "\\x%02x", (unsigned char)*name);
	}
	*end = 0;
	return text;
}

/* Take one byte of a name, which no name can have if it is 0. */
static char take_byte(const char **text)
{
	char digits[3] = "";

	if (!is_escape(*text))
		return *(*text)++;
	memcpy(digits, *text + 2, 2);
	*text += ESCAPE_SIZE;
	return strtoul(digits, NULL, 16);
}

/**
 * words_name - parse a name
 * @words: takes the error
 * @what: what it is the name of
 * @text: the word
 * @name: where to put it, SLUICE_NAME_SIZE bytes
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_name(struct words *words, const char *what, const char *text,
	       char *name)
{
	const char *rest = text;
	size_t len = 0;
	bool fits;

	do {
		if (len == SLUICE_NAME_SIZE - 1)
			return words_fail(words,
					  "%s \"%.64s\" is longer than %u bytes",
					  what, text, SLUICE_NAME_SIZE - 1);
		fits = is_plain(*rest) || is_escape(rest);
		name[len] = take_byte(&rest);
		if (!fits || !name[len++])
			return words_fail(words,
					  "%s \"%.64s\" is not one printable word without a #; \\x20 stands for a space, and so on",
					  what, text);
	} while (*rest);
	name[len] = 0;
	return 0;
}

/**
 * words_device_name - take the name of a device
 * @words: the words
 * @name: where to put it, SLUICE_NAME_SIZE bytes
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_device_name(struct words *words, char *name)
{
	const char *text = words_next(words);
	const char *rest = text;
	size_t len = 0;

	if (!text)
		return words_fail(words, "a device is missing");
	if (!*text)
		return words_fail(words, "device: the name is empty");
	while (*rest) {
		if (len == SLUICE_DEVICE_NAME_MAX)
			return words_fail(words,
					  "device: \"%.64s\" is longer than %u characters",
					  text, SLUICE_DEVICE_NAME_MAX);
		name[len] = take_byte(&rest);
		if (!name[len++])
			return words_fail(words,
					  "device: \"%.64s\" has a zero in it",
					  text);
	}
	name[len] = 0;
	return 0;
}

/**
 * device_compare - order of two devices
 * @a: a device
 * @b: another
 *
 * Return: less than, equal to or greater than 0, as of strcmp().
 */
int device_compare(const struct sluice_device *a, const struct sluice_device *b)
{
	return strcmp(a->name, b->name);
}
