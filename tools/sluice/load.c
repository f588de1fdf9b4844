// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reader of saved files: one command a line, blank lines and what follows
 * a "#" at the beginning of a word left out. All of the file is read before
 * anything is made of it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "key.h"
#include "save.h"

#define LINE_WORDS_MAX	32
#define SPACE		" \t\r\n"

/* Cut a line into words; returns how many, more than fit for too many. */
static int split(char *line, char **word)
{
	char *save;
	char *next;
	int count = 0;

	for (next = strtok_r(line, SPACE, &save); next && *next != '#';
	     next = strtok_r(NULL, SPACE, &save)) {
		if (count == LINE_WORDS_MAX)
			return count + 1;
		word[count++] = next;
	}
	return count;
}

/* What the specification gives a new object for what is left out. */
static void set_presets(const struct sluice_attr_set *set, void *obj,
			uint32_t mask)
{
	uint32_t *has = obj;
	unsigned int type;

	mask &= ~*has;
	for (type = 1; type <= set->max; type++)
		if (mask & SLUICE_HAS(type))
			sluice_attr_set_number(&set->attr[type], obj,
					       set->attr[type].preset);
	*has |= mask;
}

static int load_service(struct words *words, struct config *config,
			unsigned int line)
{
	struct config_service *entry = config_add_service(config);

	entry->line = line;
	if (words_service(words, &entry->service))
		return -EINVAL;
	set_presets(&sluice_service_attrs, &entry->service,
		    SLUICE_SERVICE_CONFIG);
	return 0;
}

static int load_backend(struct words *words, struct config *config,
			unsigned int line)
{
	struct config_backend *entry = config_add_backend(config);

	entry->line = line;
	if (words_backend(words, &entry->of, &entry->backend))
		return -EINVAL;
	set_presets(&sluice_backend_attrs, &entry->backend,
		    SLUICE_BACKEND_CONFIG);
	return 0;
}

/* Several lines of settings add up; "given twice" is found as in one. */
static int load_settings(struct words *words, struct config *config,
			 unsigned int line, uint32_t mask)
{
	config->settings_line = line;
	return words_settings(words, &config->settings, mask);
}

static bool is_add(struct words *words)
{
	return words_take(words, "add") || words_take(words, "replace");
}

static int load_words(struct words *words, struct config *config,
		      unsigned int line)
{
	if (words_take(words, "service") && is_add(words))
		return load_service(words, config, line);
	if (words_take(words, "backend") && is_add(words))
		return load_backend(words, config, line);
	if (words_take(words, "flow") && words_take(words, "set"))
		return load_settings(words, config, line,
				     SLUICE_SETTINGS_FLOW);
	if (words_take(words, "node") && words_take(words, "set"))
		return load_settings(words, config, line,
				     SLUICE_SETTINGS_NODE);
	return words_fail(words,
			  "is not \"service add\", \"backend add\", \"flow set\" or \"node set\"");
}

static void complain(struct words *complaint, unsigned int line,
		     const char *text, const char *what)
{
	words_fail(complaint, "line %u: \"%.*s\": %s", line,
		   (int)strcspn(text, "\r\n") > 96 ? 96 :
		   (int)strcspn(text, "\r\n"), text, what);
}

static int load_line(char *text, unsigned int line, struct config *config,
		     struct words *complaint)
{
	struct words words = { NULL };
	char *word[LINE_WORDS_MAX];
	char *copy = strdup(text);
	int ret = -EINVAL;

	words.word = word;
	words.left = copy ? split(copy, word) : 0;
	if (!copy || words.left > LINE_WORDS_MAX)
		words_fail(&words, "too many words");
	else
		ret = words.left ? load_words(&words, config, line) : 0;
	if (ret)
		complain(complaint, line, text, words.error);
	free(copy);
	return ret;
}

static int load_lines(FILE *file, struct config *config,
		      struct words *complaint)
{
	unsigned int line = 0;
	char *text = NULL;
	size_t room = 0;
	int ret = 0;

	while (!ret && getline(&text, &room, file) >= 0)
		ret = load_line(text, ++line, config, complaint);
	if (!ret && ferror(file))
		ret = words_fail(complaint, "reading: %s", strerror(errno));
	free(text);
	return ret;
}

static int check_services(const struct config *config,
			  struct words *complaint)
{
	const struct config_service *entry = config->services;
	char text[KEY_TEXT_SIZE];
	size_t i;

	for (i = 1; i < config->service_count; i++)
		if (!config_service_compare(&entry[i - 1], &entry[i]))
			return words_fail(complaint,
					  "lines %u and %u both have service %s",
					  entry[i - 1].line, entry[i].line,
					  service_text(&entry[i].service,
						       text));
	return 0;
}

static int check_backend(const struct config *config, size_t i, bool complete,
			 struct words *complaint)
{
	const struct config_backend *entry = &config->backends[i];
	char text[KEY_TEXT_SIZE];

	if (i && !config_backend_compare(entry - 1, entry))
		return words_fail(complaint,
				  "lines %u and %u both have backend %s",
				  entry[-1].line, entry->line,
				  backend_text(&entry->backend, text));
	if (complete && !config_find_service(config, &entry->of))
		return words_fail(complaint,
				  "line %u: service %s is not in the file",
				  entry->line, service_text(&entry->of, text));
	return 0;
}

static int check(const struct config *config, bool complete,
		 struct words *complaint)
{
	size_t i;

	if (check_services(config, complaint))
		return -EINVAL;
	for (i = 0; i < config->backend_count; i++)
		if (check_backend(config, i, complete, complaint))
			return -EINVAL;
	return 0;
}

/**
 * load_config - read a saved file
 * @file: the file
 * @complete: it has all there shall be, so each backend's service, too
 * @config: gets the configuration, sorted
 * @complaint: tells what is wrong in the file
 *
 * Return: 0, or -EINVAL with @complaint filled.
 */
int load_config(FILE *file, bool complete, struct config *config,
		struct words *complaint)
{
	if (load_lines(file, config, complaint))
		return -EINVAL;
	config_sort(config);
	return check(config, complete, complaint);
}
