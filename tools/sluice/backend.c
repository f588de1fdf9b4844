// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice backend: who answers for a service.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "config.h"
#include "fields.h"
#include "key.h"
#include "rates.h"

#define PAIR_TEXT_SIZE	(2 * KEY_TEXT_SIZE)

static const char *pair_text(const struct sluice_service *service,
			     const struct sluice_backend *backend, char *text)
{
	char service_key[KEY_TEXT_SIZE];
	char backend_key[KEY_TEXT_SIZE];

	snprintf(text, PAIR_TEXT_SIZE, "%s %s",
		 service_text(service, service_key),
		 backend_text(backend, backend_key));
	return text;
}

static int words_pair(struct words *words, struct sluice_service *service,
		      struct sluice_backend *backend)
{
	if (words_service_key(words, service))
		return -EINVAL;
	return words_backend_key(words, backend);
}

/**
 * words_backend - take a backend's keys and what is to be set
 * @words: the words, up to the last
 * @service: where to put the service's key
 * @backend: where to put the backend
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_backend(struct words *words, struct sluice_service *service,
		  struct sluice_backend *backend)
{
	if (words_pair(words, service, backend))
		return -EINVAL;
	return words_fields(words, &sluice_backend_attrs, backend,
			    SLUICE_BACKEND_CONFIG);
}

/**
 * print_backend_options - print options of a backend as words
 * @out: the printer, in an object
 * @backend: the backend
 *
 * Weight and state are always there, the others where they are not what a new
 * backend has; JSON has them all.
 */
void print_backend_options(struct printer *out,
			   const struct sluice_backend *backend)
{
	uint32_t mask = SLUICE_BACKEND_CONFIG;

	if (!out->json)
		mask &= fields_not_preset(&sluice_backend_attrs, backend) |
			SLUICE_HAS(SLUICE_A_BACKEND_WEIGHT) |
			SLUICE_HAS(SLUICE_A_BACKEND_STATE);
	print_fields(out, &sluice_backend_attrs, backend, mask);
}

/**
 * print_backend - print a backend without its counters
 * @out: the printer, in an object
 * @backend: the backend
 */
void print_backend(struct printer *out, const struct sluice_backend *backend)
{
	char text[KEY_TEXT_SIZE];

	print_string(out, "backend", "", backend_text(backend, text));
	print_string(out, "address", NULL, addr_text(&backend->addr, text));
	print_number(out, "port", NULL, backend->port);
	print_backend_options(out, backend);
	print_fields(out, &sluice_backend_attrs, backend,
		     SLUICE_HAS(SLUICE_A_BACKEND_FLOW_COUNT));
}

static void show_one(struct cli *cli, const struct sluice_service *service,
		     const struct sluice_backend *backend)
{
	struct printer *out = &cli->out;
	char text[KEY_TEXT_SIZE];

	print_object_begin(out, NULL);
	print_string(out, "service", "", service_text(service, text));
	print_text(out, " ");
	print_backend(out, backend);
	show_counters(cli, &backend->counters, "\n   ");
	print_text(out, "\n");
	print_object_end(out);
}

static void show_all(struct cli *cli, const struct config *config)
{
	size_t i;

	print_array_begin(&cli->out, NULL);
	for (i = 0; i < config->backends.count; i++) {
		const struct config_backend *entry;

		entry = list_at(&config->backends, i);
		show_one(cli, &entry->of, &entry->backend);
	}
	print_array_end(&cli->out);
}

static int read_backends(struct cli *cli, const struct config_backend *key,
			 struct config *config, struct sluice_error *err)
{
	struct config_backend *entry;

	if (!key->backend.has)
		return config_read_backends(cli->sock,
					    key->of.has ? &key->of : NULL,
					    config, err);
	entry = config_add_backend(config);
	entry->of = key->of;
	return sluice_backend_get(cli->sock, &key->of, &key->backend,
				  &entry->backend, err);
}

static enum exit_code refused_show(const struct cli *cli,
				   const struct config_backend *key,
				   const struct sluice_error *err)
{
	char text[PAIR_TEXT_SIZE];

	if (key->backend.has)
		return cli_refused(cli, pair_text(&key->of, &key->backend,
						  text), err);
	return cli_refused(cli, key->of.has ? service_text(&key->of, text) :
			   NULL, err);
}

static enum exit_code run_show(struct cli *cli, struct words *words,
			       unsigned int flags)
{
	struct config_backend key = { 0 };
	struct config config = { NULL };
	enum exit_code code = EXIT_DONE;
	struct sluice_error err;

	(void)flags;
	if (words_have_key(words) && words_service_key(words, &key.of))
		return cli_usage(cli, words);
	if (words_have_key(words) && words_backend_key(words, &key.backend))
		return cli_usage(cli, words);
	if (words_rates(words, cli))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (read_shown(cli, read_backends, &key, &config, &err))
		code = refused_show(cli, &key, &err);
	else
		show_all(cli, &config);
	config_free(&config);
	return code;
}

static enum exit_code run_new(struct cli *cli, struct words *words,
			      unsigned int flags)
{
	struct sluice_service service = { 0 };
	struct sluice_backend backend = { 0 };
	char text[PAIR_TEXT_SIZE];
	struct sluice_error err;

	if (words_backend(words, &service, &backend))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_backend_new(cli->sock, &service, &backend, flags, &err))
		return cli_refused(cli, pair_text(&service, &backend, text),
				   &err);
	return EXIT_DONE;
}

/* Up to the next backend. */
static int words_one_backend(struct words *words,
			     struct sluice_backend *backend)
{
	struct words some = *words;

	if (words_backend_key(words, backend))
		return -EINVAL;
	some = *words;
	for (some.left = 0; some.left < words->left; some.left++)
		if (strchr(words->word[some.left], ':'))
			break;
	words->word += some.left;
	words->left -= some.left;
	if (!words_fields(&some, &sluice_backend_attrs, backend,
			  SLUICE_BACKEND_CONFIG))
		return 0;
	return words_fail(words, "%s", some.error);
}

static int add_backends(struct words *words, struct sluice_tx *tx,
			struct sluice_change *change)
{
	change->op = SLUICE_CHANGE_OP_BACKEND_NEW;
	change->has |= SLUICE_HAS(SLUICE_A_CHANGE_BACKEND);
	while (words->left) {
		memset(&change->backend, 0, sizeof(change->backend));
		if (words_one_backend(words, &change->backend))
			return -EINVAL;
		if (sluice_tx_add(tx, change, NLM_F_CREATE | NLM_F_EXCL))
			return words_fail(words, "out of memory");
	}
	return 0;
}

static int words_set_of_backends(struct words *words, struct sluice_tx *tx,
				 struct sluice_service *service)
{
	struct sluice_change change = {
		.has = SLUICE_HAS(SLUICE_A_CHANGE_SERVICE),
		.op = SLUICE_CHANGE_OP_BACKEND_REPLACE_ALL,
	};

	if (words_service_key(words, &change.service))
		return -EINVAL;
	*service = change.service;
	if (sluice_tx_add(tx, &change, 0))
		return words_fail(words, "out of memory");
	return add_backends(words, tx, &change);
}

static enum exit_code replace_all(struct cli *cli, struct words *words,
				  struct sluice_tx *tx)
{
	struct sluice_service service;
	char text[KEY_TEXT_SIZE];
	struct sluice_error err;

	if (words_set_of_backends(words, tx, &service))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_tx_commit(cli->sock, tx, &err))
		return cli_refused(cli, service_text(&service, text), &err);
	return EXIT_DONE;
}

static enum exit_code run_replace_all(struct cli *cli, struct words *words,
				      unsigned int flags)
{
	struct sluice_tx *tx = NULL;
	enum exit_code code;

	(void)flags;
	if (sluice_tx_begin(&tx)) {
		words_fail(words, "out of memory");
		return cli_usage(cli, words);
	}
	code = replace_all(cli, words, tx);
	sluice_tx_free(tx);
	return code;
}

static enum exit_code run_del(struct cli *cli, struct words *words,
			      unsigned int flags)
{
	struct sluice_service service = { 0 };
	struct sluice_backend backend = { 0 };
	char text[PAIR_TEXT_SIZE];
	struct sluice_error err;

	(void)flags;
	if (words_pair(words, &service, &backend) || words_end(words))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_backend_del(cli->sock, &service, &backend, &err))
		return cli_refused(cli, pair_text(&service, &backend, text),
				   &err);
	return EXIT_DONE;
}

static enum exit_code run_flush(struct cli *cli, struct words *words,
				unsigned int flags)
{
	struct sluice_service service = { 0 };
	char text[KEY_TEXT_SIZE];
	struct sluice_error err;

	(void)flags;
	if (words_service_key(words, &service) || words_end(words))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_backend_flush(cli->sock, &service, &err))
		return cli_refused(cli, service_text(&service, text), &err);
	return EXIT_DONE;
}

static const struct verb verbs[] = {
	{ "add", run_new, NLM_F_CREATE | NLM_F_EXCL },
	{ "replace", run_new, NLM_F_CREATE | NLM_F_REPLACE },
	{ "replace-all", run_replace_all, 0 },
	{ "set", run_new, NLM_F_REPLACE },
	{ "del", run_del, 0 },
	{ "show", run_show, 0 },
	{ "flush", run_flush, 0 },
	{ NULL, NULL, 0 }
};

const struct object backend_object = {
	.name = "backend",
	.verbs = verbs,
	.help =
	"Usage: sluice backend { add | replace | set } SERVICE BACKEND\n"
	"                      [ weight NUMBER ] [ state STATE ]\n"
	"                      [ local { on | off } ]\n"
	"       sluice backend replace-all SERVICE\n"
	"              [ BACKEND [ weight NUMBER ] [ state STATE ]\n"
	"                        [ local { on | off } ] ]...\n"
	"       sluice backend del SERVICE BACKEND\n"
	"       sluice backend show [ SERVICE [ BACKEND ] ]\n"
	"                           [ rates [ SECONDS ] ]\n"
	"       sluice backend flush SERVICE\n"
	"SERVICE := { ADDRESS | [IPV6-ADDRESS] }:PORT/PROTOCOL\n"
	"BACKEND := { ADDRESS | [IPV6-ADDRESS] }:PORT\n"
	"STATE := { active | draining | down | NUMBER }\n",
};
