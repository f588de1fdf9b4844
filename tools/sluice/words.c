// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cursor in a command's words, and suggestions for mistyped ones.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

/* Words longer than this are not worth a suggestion. */
#define SUGGEST_MAX	31
/* A suggestion further away than this is a guess. */
#define SUGGEST_NEAR	2

/**
 * words_fail - say what is wrong with the words
 * @words: the words
 * @format: what is wrong, naming the word
 *
 * Return: -EINVAL.
 */
int words_fail(struct words *words, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(words->error, sizeof(words->error), format, args);
	va_end(args);
	return -EINVAL;
}

/**
 * words_next - take the next word
 * @words: the words
 *
 * Return: the word, or NULL if none is left.
 */
const char *words_next(struct words *words)
{
	if (!words->left)
		return NULL;
	words->left--;
	return *words->word++;
}

/**
 * words_take - take the next word if it is a certain one
 * @words: the words
 * @keyword: the word
 *
 * Return: whether it was there.
 */
bool words_take(struct words *words, const char *keyword)
{
	if (!words->left || strcmp(*words->word, keyword))
		return false;
	words_next(words);
	return true;
}

/**
 * words_expect - take a word that has to follow
 * @words: the words
 * @keyword: the word
 *
 * Return: 0 or -EINVAL.
 */
int words_expect(struct words *words, const char *keyword)
{
	if (words_take(words, keyword))
		return 0;
	if (words->left)
		return words_fail(words, "\"%.64s\": expected \"%s\" here",
				  *words->word, keyword);
	return words_fail(words, "\"%s\" is missing", keyword);
}

/**
 * words_end - make sure that all words have been used
 * @words: the words
 *
 * Return: 0 or -EINVAL.
 */
int words_end(struct words *words)
{
	if (!words->left)
		return 0;
	return words_fail(words, "\"%.64s\": nothing is expected here",
			  *words->word);
}

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/**
 * edit_distance - insertions, deletions and changes between two words
 * @a: a word
 * @b: another
 *
 * Return: the number (Levenshtein's); a great one for long words.
 */
unsigned int edit_distance(const char *a, const char *b)
{
	unsigned int row[SUGGEST_MAX + 1];
	size_t a_len = strlen(a);
	size_t b_len = strlen(b);
	size_t i, j;

	if (a_len > SUGGEST_MAX || b_len > SUGGEST_MAX)
		return SUGGEST_MAX + 1;
	for (j = 0; j <= b_len; j++)
		row[j] = j;
	for (i = 1; i <= a_len; i++) {
		unsigned int diagonal = row[0];

		row[0] = i;
		for (j = 1; j <= b_len; j++) {
			unsigned int above = row[j];

			row[j] = least(above + 1, row[j - 1] + 1,
				       diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}

/**
 * suggestion_consider - keep a candidate if it is the nearest so far
 * @suggestion: the best so far
 * @word: what was typed
 * @candidate: what may have been meant
 */
void suggestion_consider(struct suggestion *suggestion, const char *word,
			 const char *candidate)
{
	unsigned int distance = edit_distance(word, candidate);

	if (distance > SUGGEST_NEAR || distance >= strlen(candidate))
		return;
	if (suggestion->best && distance >= suggestion->distance)
		return;
	suggestion->best = candidate;
	suggestion->distance = distance;
}

/**
 * words_unknown - say that a word is none of those that fit
 * @words: the words
 * @word: the word
 * @what: what it should have been
 * @suggestion: what may have been meant
 *
 * Return: -EINVAL.
 */
int words_unknown(struct words *words, const char *word, const char *what,
		  const struct suggestion *suggestion)
{
	if (!suggestion->best)
		return words_fail(words, "\"%.64s\" is no %s", word, what);
	return words_fail(words, "\"%.64s\" is no %s; did you mean \"%s\"?",
			  word, what, suggestion->best);
}

/**
 * words_duration - parse a time in seconds, or with the unit s, m, h or d
 * @words: takes the error
 * @what: what the time is for
 * @text: the time
 * @limit: the greatest number of seconds that can be sent
 * @seconds: where to put it
 *
 * Return: 0 or -EINVAL.
 */
int words_duration(struct words *words, const char *what, const char *text,
		   uint64_t limit, uint64_t *seconds)
{
	static const struct {
		char name;
		unsigned int seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	size_t len = strspn(text, "0123456789");
	unsigned int factor = 1;
	char number[24];
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (text[len] == units[i].name && !text[len + 1])
			factor = units[i].seconds;
	if ((factor == 1 && text[len] && strcmp(text + len, "s")) || !len ||
	    len >= sizeof(number))
		return words_fail(words,
				  "%s \"%.64s\" is not a time, as in 90, 90s, 5m or 3h",
				  what, text);
	snprintf(number, sizeof(number), "%.*s", (int)len, text);
	if (words_number(words, what, number, limit / factor, seconds))
		return -EINVAL;
	*seconds *= factor;
	return 0;
}

/**
 * words_number - parse a decimal number
 * @words: takes the error
 * @what: what the number is
 * @text: the number
 * @limit: the greatest that can be sent
 * @value: where to put it
 *
 * Return: 0 or -EINVAL.
 */
int words_number(struct words *words, const char *what, const char *text,
		 uint64_t limit, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return words_fail(words, "%s \"%.64s\" is not a number",
				  what, text);
	errno = 0;
	*value = strtoull(text, &end, 10);
	if (*end)
		return words_fail(words, "%s \"%.64s\" is not a number",
				  what, text);
	if (errno || *value > limit)
		return words_fail(words, "%s %.64s is greater than %llu",
				  what, text, (unsigned long long)limit);
	return 0;
}
