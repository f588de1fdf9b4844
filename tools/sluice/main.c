// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice [ OPTIONS ] OBJECT [ VERB ] ...: options, and from names to
 * functions.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const struct object * const objects[] = {
	&service_object,
	&backend_object,
	&flow_object,
	&identity_object,
	&policy_object,
	&device_object,
	&xdp_object,
	&local_object,
	&node_object,
	&stats_object,
	&monitor_object,
	&explain_object,
	&save_object,
	&restore_object,
	&healthd_object,
	NULL
};

static const char usage[] =
	"Usage: sluice [ OPTIONS ] OBJECT { VERB | help }\n"
	"       sluice [ OPTIONS ] { monitor | explain | save | restore |\n"
	"                            healthd }\n"
	"       sluice { help [ OBJECT ] | version }\n"
	"OBJECT := { service | backend | flow | identity | policy | device |\n"
	"            xdp | local | node | stats }\n"
	"VERB := { add | replace | replace-all | set | del | show | flush |\n"
	"          compile | attach | detach | enable | disable }\n"
	"OPTIONS := { -j[son] | -p[retty] | -s[tats] | -n[etns] NAME |\n"
	"             -V | --version | -h | --help }\n";

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "pretty", no_argument, NULL, 'p' },
	{ "stats", no_argument, NULL, 's' },
	{ "netns", required_argument, NULL, 'n' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 }
};

static enum exit_code print_help(const char *help)
{
	fputs(help, stdout);
	return EXIT_DONE;
}

static enum exit_code print_version(void)
{
	printf("sluice %s\n", SLUICE_VERSION);
	return EXIT_DONE;
}

static const struct object *find_object(struct words *words, const char *name)
{
	struct suggestion suggestion = { NULL };
	const struct object * const *object;

	for (object = objects; *object; object++) {
		if (!strcmp((*object)->name, name))
			return *object;
		suggestion_consider(&suggestion, name, (*object)->name);
	}
	suggestion_consider(&suggestion, name, "help");
	suggestion_consider(&suggestion, name, "version");
	words_unknown(words, name, "object", &suggestion);
	return NULL;
}

static const struct verb *find_verb(struct words *words,
				    const struct verb *verb, const char *name)
{
	struct suggestion suggestion = { NULL };

	for (; verb->name; verb++) {
		if (!strcmp(verb->name, name))
			return verb;
		suggestion_consider(&suggestion, name, verb->name);
	}
	suggestion_consider(&suggestion, name, "help");
	words_unknown(words, name, "verb of this object", &suggestion);
	return NULL;
}

static void verb_missing(struct words *words, const struct verb *verb)
{
	char list[128] = "";
	size_t used = 0;

	for (; verb->name && used < sizeof(list); verb++)
		used += snprintf(list + used, sizeof(list) - used, " %s",
				 verb->name);
	words_fail(words, "a verb is missing, one of:%s", list);
}

static enum exit_code run_verb(struct cli *cli, const struct object *object,
			       struct words *words)
{
	const char *name = words_next(words);
	const struct verb *verb;

	if (!name) {
		verb_missing(words, object->verbs);
		return cli_usage(cli, words);
	}
	verb = find_verb(words, object->verbs, name);
	if (!verb)
		return cli_usage(cli, words);
	snprintf(cli->where, sizeof(cli->where), "%s %s", object->name,
		 verb->name);
	return verb->run(cli, words, verb->flags);
}

static enum exit_code run_help(struct cli *cli, struct words *words)
{
	const char *name = words_next(words);
	const struct object *object;

	if (!name)
		return print_help(usage);
	object = find_object(words, name);
	if (!object)
		return cli_usage(cli, words);
	return print_help(object->help);
}

static enum exit_code run_object(struct cli *cli, struct words *words)
{
	const char *name = words_next(words);
	const struct object *object;

	if (!name) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(name, "help"))
		return run_help(cli, words);
	if (!strcmp(name, "version"))
		return print_version();
	object = find_object(words, name);
	if (!object)
		return cli_usage(cli, words);
	if (words_take(words, "help"))
		return print_help(object->help);
	snprintf(cli->where, sizeof(cli->where), "%s", object->name);
	if (!object->verbs)
		return object->run(cli, words, 0);
	return run_verb(cli, object, words);
}

/* Returns whether the option was known and the command is to go on. */
static bool take_option(struct cli *cli, int option, enum exit_code *code)
{
	switch (option) {
	case 'j':
		cli->out.json = true;
		return true;
	case 'p':
		cli->out.pretty = true;
		return true;
	case 's':
		cli->stats = true;
		return true;
	case 'n':
		cli->netns = optarg;
		return true;
	case 'V':
		*code = print_version();
		return false;
	case 'h':
		*code = print_help(usage);
		return false;
	default:
		*code = EXIT_USAGE;
		return false;
	}
}

/* How many words an option that may stand anywhere takes; 0 if it is none. */
static int option_words(const char *word)
{
	if (!strcmp(word, "-n") || !strcmp(word, "--netns"))
		return 2;
	if (!strncmp(word, "-n", 2) || !strncmp(word, "--netns=", 8) ||
	    !strcmp(word, "--json") || !strcmp(word, "--pretty") ||
	    !strcmp(word, "--stats"))
		return 1;
	return word[0] == '-' && word[1] && !word[1 + strspn(word + 1, "jps")];
}

/* Bring @count words from @from to @to, which is before them. */
static void bring(char **to, char **from, int count)
{
	char *word[2];

	memcpy(word, from, count * sizeof(*word));
	memmove(to + count, to, (from - to) * sizeof(*to));
	memcpy(to, word, count * sizeof(*word));
}

/*
 * Options behind the words are brought before them, in their order. Returns how
 * many words there are to look at: one that lacks its argument is the last.
 */
static int options_first(int argc, char **argv)
{
	int i, count, first = 1;

	for (i = 1; i < argc; i += count ? count : 1) {
		count = option_words(argv[i]);
		if (count > argc - i) {
			bring(argv + first, argv + i, 1);
			return first + 1;
		}
		bring(argv + first, argv + i, count);
		first += count;
	}
	return argc;
}

/* A full disk behind standard output is a failure of the command. */
static enum exit_code close_output(enum exit_code code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	perror("sluice: writing");
	return code ? code : EXIT_REFUSED;
}

int main(int argc, char **argv)
{
	struct cli cli = { .out = { .out = stdout } };
	struct words words = { NULL };
	enum exit_code code;
	int option;

	argc = options_first(argc, argv);
	while ((option = getopt_long(argc, argv, "+jpsn:Vh", long_options,
				     NULL)) != -1)
		if (!take_option(&cli, option, &code))
			return close_output(code);
	words.word = argv + optind;
	words.left = argc - optind;
	code = run_object(&cli, &words);
	sluice_close(cli.sock);
	return close_output(code);
}
