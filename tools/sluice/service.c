// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice service: what clients connect to.
 */
#include <errno.h>
#include <stdio.h>

#include "cli.h"
#include "config.h"
#include "fields.h"
#include "key.h"
#include "rates.h"

#define COUNTS	(SLUICE_HAS(SLUICE_A_SERVICE_BACKEND_COUNT) | \
		 SLUICE_HAS(SLUICE_A_SERVICE_FLOW_COUNT))

/**
 * words_service - take a service's key and what is to be set
 * @words: the words, up to the last
 * @service: where to put it; service_free() afterwards
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_service(struct words *words, struct sluice_service *service)
{
	if (words_service_key(words, service))
		return -EINVAL;
	return words_fields(words, &sluice_service_attrs, service,
			    SLUICE_SERVICE_CONFIG);
}

/**
 * service_free - free what a service made from words holds
 * @service: the service
 */
void service_free(struct sluice_service *service)
{
	sluice_prefixes_free(&service->allow);
	sluice_prefixes_free(&service->deny);
}

/**
 * print_service_options - print options of a service as words
 * @out: the printer, in an object
 * @service: the service
 *
 * The scheduler is always there, the others where they are not what a new
 * service has; JSON has them all.
 */
void print_service_options(struct printer *out,
			   const struct sluice_service *service)
{
	uint32_t mask = SLUICE_SERVICE_CONFIG;

	if (!out->json)
		mask &= fields_not_preset(&sluice_service_attrs, service) |
			SLUICE_HAS(SLUICE_A_SERVICE_SCHEDULER);
	print_fields(out, &sluice_service_attrs, service, mask);
}

/**
 * print_service - print a service without its counters
 * @out: the printer, in an object
 * @service: the service
 */
void print_service(struct printer *out, const struct sluice_service *service)
{
	char text[KEY_TEXT_SIZE];

	print_string(out, "service", "", service_text(service, text));
	print_string(out, "address", NULL, addr_text(&service->addr, text));
	print_number(out, "port", NULL, service->port);
	print_enum(out, "protocol", NULL, sluice_protocols, service->proto);
	print_service_options(out, service);
	print_fields(out, &sluice_service_attrs, service, COUNTS);
}

static void show_backend(struct cli *cli, const struct sluice_backend *backend)
{
	struct printer *out = &cli->out;

	print_object_begin(out, NULL);
	print_text(out, "    ");
	print_backend(out, backend);
	show_counters(cli, &backend->counters, "\n       ");
	print_text(out, "\n");
	print_object_end(out);
}

/* Returns the first backend after those of the service. */
static size_t show_service(struct cli *cli,
			   const struct sluice_service *service,
			   const struct config *config, size_t next)
{
	struct printer *out = &cli->out;

	print_object_begin(out, NULL);
	print_service(out, service);
	show_counters(cli, &service->counters, "\n   ");
	print_text(out, "\n");
	print_array_begin(out, "backends");
	for (; next < config->backends.count; next++) {
		const struct config_backend *entry;
		int order;

		entry = list_at(&config->backends, next);
		order = service_compare(&entry->of, service);
		if (order > 0)
			break;
		if (!order)
			show_backend(cli, &entry->backend);
	}
	print_array_end(out);
	print_object_end(out);
	return next;
}

static void show_all(struct cli *cli, const struct config *config)
{
	size_t next = 0;
	size_t i;

	print_array_begin(&cli->out, NULL);
	for (i = 0; i < config->services.count; i++)
		next = show_service(cli, list_at(&config->services, i), config,
				    next);
	print_array_end(&cli->out);
}

static int read_services(struct cli *cli, const struct config_backend *key,
			 struct config *config, struct sluice_error *err)
{
	struct sluice_service service;
	int ret;

	if (!key->of.has)
		return config_read_objects(cli->sock, config, err);
	ret = sluice_service_get(cli->sock, &key->of, &service, err);
	if (ret)
		return ret;
	config_copy_service(config, &service);
	return config_read_backends(cli->sock, &key->of, config, err);
}

static enum exit_code run_show(struct cli *cli, struct words *words,
			       unsigned int flags)
{
	struct config_backend key = { 0 };
	struct config config = { NULL };
	char text[KEY_TEXT_SIZE];
	struct sluice_error err;
	int ret;

	(void)flags;
	if (words_have_key(words) && words_service_key(words, &key.of))
		return cli_usage(cli, words);
	if (words_rates(words, cli))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;

	ret = read_shown(cli, read_services, &key, &config, &err);
	if (ret)
		cli_refused(cli, key.of.has ? service_text(&key.of, text) :
			    NULL, &err);
	else
		show_all(cli, &config);
	config_free(&config);
	return ret ? EXIT_REFUSED : EXIT_DONE;
}

static enum exit_code new_service(struct cli *cli,
				  const struct sluice_service *service,
				  unsigned int flags)
{
	char text[KEY_TEXT_SIZE];
	struct sluice_error err;

	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_service_new(cli->sock, service, flags, &err))
		return cli_refused(cli, service_text(service, text), &err);
	return EXIT_DONE;
}

static enum exit_code run_new(struct cli *cli, struct words *words,
			      unsigned int flags)
{
	struct sluice_service service = { 0 };
	enum exit_code code;

	if (words_service(words, &service))
		code = cli_usage(cli, words);
	else
		code = new_service(cli, &service, flags);
	service_free(&service);
	return code;
}

static enum exit_code run_del(struct cli *cli, struct words *words,
			      unsigned int flags)
{
	struct sluice_service key = { 0 };
	char text[KEY_TEXT_SIZE];
	struct sluice_error err;

	(void)flags;
	if (words_service_key(words, &key) || words_end(words))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_service_del(cli->sock, &key, &err))
		return cli_refused(cli, service_text(&key, text), &err);
	return EXIT_DONE;
}

static enum exit_code run_flush(struct cli *cli, struct words *words,
				unsigned int flags)
{
	(void)flags;
	return cli_flush(cli, words, sluice_service_flush);
}

static const struct verb verbs[] = {
	{ "add", run_new, NLM_F_CREATE | NLM_F_EXCL },
	{ "replace", run_new, NLM_F_CREATE | NLM_F_REPLACE },
	{ "set", run_new, NLM_F_REPLACE },
	{ "del", run_del, 0 },
	{ "show", run_show, 0 },
	{ "flush", run_flush, 0 },
	{ NULL, NULL, 0 }
};

const struct object service_object = {
	.name = "service",
	.verbs = verbs,
	.help =
	"Usage: sluice service { add | replace | set } SERVICE\n"
	"                      [ OPTION ]...\n"
	"       sluice service del SERVICE\n"
	"       sluice service show [ SERVICE ] [ rates [ SECONDS ] ]\n"
	"       sluice service flush\n"
	"SERVICE := { ADDRESS | [IPV6-ADDRESS] }:PORT/PROTOCOL\n"
	"PROTOCOL := { tcp | udp | sctp | NUMBER }\n"
	"OPTION := { scheduler SCHEDULER |\n"
	"            affinity { none | client-ip [ SECONDS ] } |\n"
	"            affinity-shared { on | off } | affinity-group NUMBER |\n"
	"            masquerade { never | hairpin | off-cluster | always } |\n"
	"            no-backend { reject | drop } |\n"
	"            removal { reset | finish } |\n"
	"            scope { internal | external } |\n"
	"            traffic-policy { cluster | local } |\n"
	"            forward { nat | l2 | tunnel | relay } |\n"
	"            echo { on | off } |\n"
	"            allow { all | PREFIXES } |\n"
	"            deny { none | PREFIXES } |\n"
	"            health-port PORT }\n"
	"SCHEDULER := { random | rr | wrr | maglev | lc | wlc | sh | NUMBER }\n"
	"PREFIXES := ADDRESS[/LENGTH][,...]\n",
};
