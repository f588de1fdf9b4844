// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands run inside of a test: what they print, and what they complain of.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "tap.h"

#define WORDS_MAX	32

char complaint[4096];

/**
 * cut - cut a line into words, each in memory of its own
 * @words: gets them
 * @word: room for them; free_words() afterwards
 * @line: the line
 */
void cut(struct words *words, char **word, const char *line)
{
	char *copy = strdup(line);
	char *next;

	memset(words, 0, sizeof(*words));
	words->word = word;
	for (next = strtok(copy, " "); next; next = strtok(NULL, " "))
		word[words->left++] = strdup(next);
	free(copy);
}

/**
 * free_words - free what cut() made
 * @word: the words
 * @count: how many
 */
void free_words(char **word, int count)
{
	while (count--)
		free(word[count]);
}

static enum exit_code call(const struct object *object, struct cli *cli,
			   struct words *words)
{
	const struct verb *verb = object->verbs;
	const char *name;

	snprintf(cli->where, sizeof(cli->where), "%s", object->name);
	if (!verb)
		return object->run(cli, words, 0);
	name = words_next(words);
	while (strcmp(verb->name, name))
		verb++;
	return verb->run(cli, words, verb->flags);
}

/**
 * run - run a command with its complaint kept
 * @object: the object
 * @cli: its options and its output
 * @word: its words, the verb first if the object has verbs
 * @left: how many
 *
 * Return: the exit code.
 */
enum exit_code run(const struct object *object, struct cli *cli, char **word,
		   int left)
{
	struct words words = { .word = word, .left = left };
	int saved = dup(STDERR_FILENO);
	FILE *errors = tmpfile();
	enum exit_code code;
	size_t len;

	fflush(stderr);
	dup2(fileno(errors), STDERR_FILENO);
	code = call(object, cli, &words);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);

	rewind(errors);
	len = fread(complaint, 1, sizeof(complaint) - 1, errors);
	complaint[len] = 0;
	fclose(errors);
	return code;
}

/**
 * tap_run - report whether a command does and prints what it should
 * @name: name of the test
 * @object: the object
 * @line: the words behind it, "-j" or "-s" before them
 * @code: the exit code
 * @output: what it prints; of a complaint, if the code is not 0
 */
void tap_run(const char *name, const struct object *object, const char *line,
	     enum exit_code code, const char *output)
{
	char *word[WORDS_MAX], *got = NULL;
	struct cli cli = { 0 };
	struct words words;
	enum exit_code is;
	int count;
	size_t len;

	cut(&words, word, line);
	count = words.left;
	cli.out.json = words_take(&words, "-j");
	cli.stats = words_take(&words, "-s");
	cli.out.out = open_memstream(&got, &len);
	is = run(object, &cli, words.word, words.left);
	fclose(cli.out.out);
	if (is != code)
		tap(false, "%s: exit code %d instead of %d", name, is, code);
	else if (code)
		tap(strstr(complaint, output), "%s: %.*s", name,
		    (int)strcspn(complaint, "\n"), complaint);
	else
		tap_text(name, got, output);
	free(got);
	free_words(word, count);
}
