// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice identity: who has the addresses of a prefix.
 */
#include <errno.h>

#include "cli.h"
#include "config.h"
#include "fields.h"
#include "key.h"

/* "PREFIX id NUMBER"; what @mask has behind the prefix comes in any order. */
static int words_some(struct words *words, struct sluice_identity *identity,
		      uint32_t mask)
{
	identity->has |= SLUICE_HAS(SLUICE_A_IDENTITY_PREFIX);
	if (words_prefix(words, &identity->prefix) ||
	    words_fields(words, &sluice_identity_attrs, identity, mask))
		return -EINVAL;
	if (!(identity->has & SLUICE_HAS(SLUICE_A_IDENTITY_ID)))
		return words_fail(words, "\"id\" is missing");
	return 0;
}

/**
 * words_identity - take an identity's key and what is to be set
 * @words: the words, up to the last
 * @identity: where to put it; identity_free() afterwards
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_identity(struct words *words, struct sluice_identity *identity)
{
	return words_some(words, identity,
			  SLUICE_HAS(SLUICE_A_IDENTITY_ID) |
			  SLUICE_IDENTITY_CONFIG);
}

/**
 * identity_free - free what an identity made from words holds
 * @identity: the identity
 */
void identity_free(struct sluice_identity *identity)
{
	sluice_prefixes_free(&identity->except);
}

/**
 * print_identity - print an identity as words
 * @out: the printer, in an object
 * @identity: the identity
 *
 * Options are there where they are not what a new one has; JSON has them all.
 */
void print_identity(struct printer *out,
		    const struct sluice_identity *identity)
{
	uint32_t mask = SLUICE_IDENTITY_CONFIG;
	char text[KEY_TEXT_SIZE];

	if (!out->json)
		mask &= fields_not_preset(&sluice_identity_attrs, identity);
	print_string(out, "prefix", "", prefix_text(&identity->prefix, text));
	print_fields(out, &sluice_identity_attrs, identity,
		     mask | SLUICE_HAS(SLUICE_A_IDENTITY_ID));
}

static void show_all(struct printer *out, const struct config *config)
{
	size_t i;

	print_array_begin(out, NULL);
	for (i = 0; i < config->identities.count; i++) {
		print_object_begin(out, NULL);
		print_identity(out, list_at(&config->identities, i));
		print_text(out, "\n");
		print_object_end(out);
	}
	print_array_end(out);
}

static enum exit_code show(struct cli *cli, const struct sluice_prefix *prefix)
{
	struct config config = { 0 };
	char text[KEY_TEXT_SIZE];
	struct sluice_error err;
	int ret;

	if (cli_open(cli))
		return EXIT_REFUSED;
	ret = config_read_identities(cli->sock, prefix, &config, &err);
	if (ret)
		cli_refused(cli, prefix ? prefix_text(prefix, text) : NULL,
			    &err);
	else
		show_all(&cli->out, &config);
	config_free(&config);
	return ret ? EXIT_REFUSED : EXIT_DONE;
}

static enum exit_code run_show(struct cli *cli, struct words *words,
			       unsigned int flags)
{
	struct sluice_prefix prefix;
	bool one = words->left;

	(void)flags;
	if ((one && words_prefix(words, &prefix)) || words_end(words))
		return cli_usage(cli, words);
	return show(cli, one ? &prefix : NULL);
}

static enum exit_code new_identity(struct cli *cli,
				   const struct sluice_identity *identity,
				   unsigned int flags)
{
	char text[IDENTITY_TEXT_SIZE];
	struct sluice_error err;

	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_identity_new(cli->sock, identity, flags, &err))
		return cli_refused(cli, identity_text(identity, text), &err);
	return EXIT_DONE;
}

static enum exit_code run_new(struct cli *cli, struct words *words,
			      unsigned int flags)
{
	struct sluice_identity identity = { 0 };
	enum exit_code code;

	if (words_identity(words, &identity))
		code = cli_usage(cli, words);
	else
		code = new_identity(cli, &identity, flags);
	identity_free(&identity);
	return code;
}

static enum exit_code run_del(struct cli *cli, struct words *words,
			      unsigned int flags)
{
	struct sluice_identity key = { 0 };
	char text[IDENTITY_TEXT_SIZE];
	struct sluice_error err;

	(void)flags;
	if (words_some(words, &key, SLUICE_HAS(SLUICE_A_IDENTITY_ID)))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_identity_del(cli->sock, &key, &err))
		return cli_refused(cli, identity_text(&key, text), &err);
	return EXIT_DONE;
}

static enum exit_code run_flush(struct cli *cli, struct words *words,
				unsigned int flags)
{
	(void)flags;
	return cli_flush(cli, words, sluice_identity_flush);
}

static const struct verb verbs[] = {
	{ "add", run_new, NLM_F_CREATE | NLM_F_EXCL },
	{ "replace", run_new, NLM_F_CREATE | NLM_F_REPLACE },
	{ "del", run_del, 0 },
	{ "show", run_show, 0 },
	{ "flush", run_flush, 0 },
	{ NULL, NULL, 0 }
};

const struct object identity_object = {
	.name = "identity",
	.verbs = verbs,
	.help =
	"Usage: sluice identity { add | replace } PREFIX id IDENTITY\n"
	"                       [ except PREFIXES ] [ exclusive { on | off } ]\n"
	"       sluice identity del PREFIX id IDENTITY\n"
	"       sluice identity show [ PREFIX ]\n"
	"       sluice identity flush\n"
	"PREFIX := ADDRESS[/LENGTH]\n"
	"PREFIXES := PREFIX[,...]\n"
	"IDENTITY := { host | remote-node | world | NUMBER }\n",
};
