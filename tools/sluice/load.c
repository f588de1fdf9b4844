// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reader of saved files: one command a line, blank lines and what follows
 * a "#" at the beginning of a word left out. All of the file is read before
 * anything is made of it. Lines can have any order: those of backends are
 * taken last, so that their services are there. The words are cut in place.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "load.h"
#include "rule.h"

#define LINE_WORDS_MAX	32
#define SPACE		" \t\r\n"
#define READ_SIZE	(1024 * 1024)

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

static int add_change(struct load *load, const struct sluice_change *change,
		      unsigned int line, struct words *words)
{
	unsigned int flags = NLM_F_CREATE;
	unsigned int *of;
	int ret;

	flags |= load->keep ? NLM_F_REPLACE : NLM_F_EXCL;
	of = list_add(&load->lines, sizeof(*of));
	*of = line;
	ret = sluice_tx_add(load->tx, change, flags);
	return ret ? words_fail(words, "%s", strerror(-ret)) : 0;
}

/* Left out is as for a new object, also of one that is there. */
static int load_service(struct words *words, struct load *load,
			unsigned int line)
{
	struct sluice_change change = {
		.has = SLUICE_HAS(SLUICE_A_CHANGE_SERVICE),
		.op = SLUICE_CHANGE_OP_SERVICE_NEW,
	};
	int ret;

	ret = words_service(words, &change.service);
	if (load->keep)
		set_presets(&sluice_service_attrs, &change.service,
			    SLUICE_SERVICE_CONFIG);
	if (!ret)
		ret = add_change(load, &change, line, words);
	service_free(&change.service);
	return ret;
}

static int load_backend(struct words *words, struct load *load,
			unsigned int line)
{
	struct sluice_change change = {
		.has = SLUICE_HAS(SLUICE_A_CHANGE_SERVICE) |
		       SLUICE_HAS(SLUICE_A_CHANGE_BACKEND),
		.op = SLUICE_CHANGE_OP_BACKEND_NEW,
	};

	if (words_backend(words, &change.service, &change.backend))
		return -EINVAL;
	if (load->keep)
		set_presets(&sluice_backend_attrs, &change.backend,
			    SLUICE_BACKEND_CONFIG);
	return add_change(load, &change, line, words);
}

/* What is left out is as for a new one: the kernel sees to that. */
static int load_identity(struct words *words, struct load *load,
			 unsigned int line)
{
	struct sluice_change change = {
		.has = SLUICE_HAS(SLUICE_A_CHANGE_IDENTITY),
		.op = SLUICE_CHANGE_OP_IDENTITY_NEW,
	};
	int ret;

	ret = words_identity(words, &change.identity);
	if (!ret)
		ret = add_change(load, &change, line, words);
	identity_free(&change.identity);
	return ret;
}

static int load_device(struct words *words, struct load *load,
		       unsigned int line)
{
	struct sluice_change change = {
		.has = SLUICE_HAS(SLUICE_A_CHANGE_DEVICE),
		.op = SLUICE_CHANGE_OP_DEVICE_NEW,
	};
	int ret;

	ret = words_device(words, &change.device);
	if (load->keep)
		set_presets(&sluice_device_attrs, &change.device,
			    SLUICE_DEVICE_CONFIG);
	if (!ret)
		ret = add_change(load, &change, line, words);
	device_free(&change.device);
	return ret;
}

/* As with identities. */
static int load_rule(struct words *words, struct load *load,
		     unsigned int line)
{
	struct sluice_change change = {
		.has = SLUICE_HAS(SLUICE_A_CHANGE_RULE),
		.op = SLUICE_CHANGE_OP_RULE_NEW,
	};

	if (words_rule(words, &change.rule))
		return -EINVAL;
	return add_change(load, &change, line, words);
}

/* A line says all of how a subject is treated. */
static int load_subject(struct words *words, struct load *load,
			unsigned int line)
{
	struct sluice_change change = {
		.has = SLUICE_HAS(SLUICE_A_CHANGE_SUBJECT),
		.op = SLUICE_CHANGE_OP_SUBJECT_SET,
	};

	if (words_subject(words, &change.subject))
		return -EINVAL;
	set_presets(&sluice_subject_attrs, &change.subject,
		    SLUICE_SUBJECT_CONFIG);
	return add_change(load, &change, line, words);
}

/* Several lines of settings add up; "given twice" is found as in one. */
static int load_settings(struct words *words, struct load *load,
			 unsigned int line, uint32_t mask)
{
	load->settings_line = line;
	return words_settings(words, &load->settings, mask);
}

static int load_flow_settings(struct words *words, struct load *load,
			      unsigned int line)
{
	return load_settings(words, load, line, SLUICE_SETTINGS_FLOW);
}

static int load_node_settings(struct words *words, struct load *load,
			      unsigned int line)
{
	return load_settings(words, load, line, SLUICE_SETTINGS_NODE);
}

/**
 * struct command - what a line can be
 * @object: its first word
 * @verb: its second word
 * @policy: it is about the policy
 * @load: takes the others
 */
struct command {
	const char *object;
	const char *verb;
	bool policy;
	int (*load)(struct words *words, struct load *load, unsigned int line);
};

static const struct command commands[] = {
	{ "service", "add", false, load_service },
	{ "backend", "add", false, load_backend },
	{ "identity", "add", true, load_identity },
	{ "policy", "add", true, load_rule },
	{ "policy", "set", true, load_subject },
	{ "device", "add", false, load_device },
	{ "flow", "set", false, load_flow_settings },
	{ "node", "set", false, load_node_settings },
};

static const struct command *find_command(const char *object, const char *verb)
{
	size_t i;

	if (!strcmp(verb, "replace"))
		verb = "add";
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(commands[i].object, object) &&
		    !strcmp(commands[i].verb, verb))
			return &commands[i];
	return NULL;
}

static int load_words(struct words *words, struct load *load,
		      unsigned int line)
{
	const char *object = words_next(words);
	const char *verb = words->left ? words_next(words) : "";
	const struct command *command = find_command(object, verb);

	if (command && load->policy && !command->policy)
		return words_fail(words,
				  "is not \"identity add\", \"policy add\" or \"policy set\", as --policy wants");
	if (command)
		return command->load(words, load, line);
	return words_fail(words,
			  "is not \"service add\", \"backend add\", \"identity add\", \"policy add\", \"policy set\", \"device add\", \"flow set\" or \"node set\"");
}

/* Returns where the line after this one begins; NULL after the last. */
static char *next_line(const struct load *load, char *text)
{
	char *end = load->text + load->size;
	char *newline = memchr(text, '\n', end - text);

	return newline && newline + 1 < end ? newline + 1 : NULL;
}

/**
 * load_line_of - the line that a change was made of
 * @load: the file
 * @change: the change, counted from 1; 0 for none
 *
 * Return: number of the line, counted from 1; 0 for none.
 */
unsigned int load_line_of(const struct load *load, unsigned int change)
{
	if (!change || change > load->lines.count)
		return 0;
	return *(unsigned int *)list_at(&load->lines, change - 1);
}

/**
 * load_line_text - a line of the file, for complaints
 * @load: the file, cut up or not
 * @line: number of the line
 * @text: where to put it
 * @size: room there; a longer line is cut
 *
 * Return: @text.
 */
const char *load_line_text(const struct load *load, unsigned int line,
			   char *text, size_t size)
{
	char *at = load->text;
	size_t i;

	while (--line)
		at = next_line(load, at);
	for (i = 0; i + 1 < size && at + i < load->text + load->size; i++) {
		if (at[i] == '\n')
			break;
		text[i] = at[i] ? at[i] : ' ';
	}
	while (i && strchr(SPACE, text[i - 1]))
		i--;
	text[i] = 0;
	return text;
}

static int load_line(char *text, unsigned int line, struct load *load,
		     struct words *complaint)
{
	char *end = text + strcspn(text, "\n");
	struct words words = { NULL };
	char *word[LINE_WORDS_MAX];
	char start[97];
	char last = *end;
	int ret = -EINVAL;

	*end = 0;
	words.word = word;
	words.left = split(text, word);
	if (words.left > LINE_WORDS_MAX)
		words_fail(&words, "too many words");
	else
		ret = words.left ? load_words(&words, load, line) : 0;
	*end = last;
	if (ret)
		words_fail(complaint, "line %u: \"%s\": %s", line,
			   load_line_text(load, line, start, sizeof(start)),
			   words.error);
	return ret;
}

/* Settings come first, as tables are made for them, backends at last. */
enum turn { TURN_SETTINGS, TURN_OBJECTS, TURN_BACKENDS };

static enum turn turn_of(const char *text)
{
	text += strspn(text, " \t");
	if (!strncmp(text, "flow", 4) || !strncmp(text, "node", 4))
		return TURN_SETTINGS;
	return strncmp(text, "backend", 7) ? TURN_OBJECTS : TURN_BACKENDS;
}

static int load_lines(struct load *load, enum turn turn,
		      struct words *complaint)
{
	unsigned int line = 1;
	char *text;
	int ret;

	if (!load->size)
		return 0;
	for (text = load->text; text; text = next_line(load, text), line++) {
		if (turn_of(text) != turn)
			continue;
		ret = load_line(text, line, load, complaint);
		if (ret)
			return ret;
	}
	return 0;
}

/* All of it, with a zero behind. */
static int read_text(FILE *file, struct load *load, struct words *complaint)
{
	size_t room = 0, got;
	char *text;

	do {
		if (load->size + READ_SIZE >= room) {
			room = 2 * room + READ_SIZE + 1;
			text = realloc(load->text, room);
			if (!text)
				return words_fail(complaint, "reading: %s",
						  strerror(ENOMEM));
			load->text = text;
		}
		got = fread(load->text + load->size, 1, READ_SIZE, file);
		load->size += got;
	} while (got);
	load->text[load->size] = 0;
	if (ferror(file))
		return words_fail(complaint, "reading: %s", strerror(errno));
	return 0;
}

static int begin(struct load *load, struct words *complaint)
{
	const struct sluice_change replace_all = {
		.op = load->policy ? SLUICE_CHANGE_OP_POLICY_REPLACE_ALL :
				     SLUICE_CHANGE_OP_REPLACE_ALL,
	};

	if (sluice_tx_begin(&load->tx))
		return words_fail(complaint, "%s", strerror(ENOMEM));
	if (load->keep)
		return 0;
	return add_change(load, &replace_all, 0, complaint);
}

static int finish_settings(struct load *load, struct words *complaint)
{
	struct sluice_change change = {
		.has = SLUICE_HAS(SLUICE_A_CHANGE_SETTINGS),
		.op = SLUICE_CHANGE_OP_SETTINGS_SET,
		.settings = load->settings,
	};

	if (!load->settings.has)
		return 0;
	return add_change(load, &change, load->settings_line, complaint);
}

/**
 * load_file - make a transaction of a saved file
 * @file: the file
 * @load: gets it; load_free() afterwards
 * @complaint: tells what is wrong in the file
 *
 * Return: 0, or -EINVAL with @complaint filled.
 */
int load_file(FILE *file, struct load *load, struct words *complaint)
{
	if (read_text(file, load, complaint) || begin(load, complaint) ||
	    load_lines(load, TURN_SETTINGS, complaint) ||
	    finish_settings(load, complaint) ||
	    load_lines(load, TURN_OBJECTS, complaint))
		return -EINVAL;
	return load_lines(load, TURN_BACKENDS, complaint);
}

/**
 * load_free - forget a file
 * @load: the file
 */
void load_free(struct load *load)
{
	sluice_tx_free(load->tx);
	settings_free(&load->settings);
	list_free(&load->lines);
	free(load->text);
}
