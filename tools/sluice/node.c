// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice node: what this node is to the services.
 */
#include "cli.h"
#include "fields.h"

static enum exit_code run_show(struct cli *cli, struct words *words,
			       unsigned int flags)
{
	struct sluice_settings settings;
	struct sluice_error err;

	(void)flags;
	if (words_end(words))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_settings_get(cli->sock, &settings, &err))
		return cli_refused(cli, NULL, &err);
	print_object_begin(&cli->out, NULL);
	print_text(&cli->out, "node set");
	print_settings(&cli->out, &settings, SLUICE_SETTINGS_NODE);
	print_text(&cli->out, "\n");
	print_object_end(&cli->out);
	return EXIT_DONE;
}

static const struct verb verbs[] = {
	{ "set", run_set_settings, SLUICE_SETTINGS_NODE },
	{ "show", run_show, 0 },
	{ NULL, NULL, 0 }
};

const struct object node_object = {
	.name = "node",
	.verbs = verbs,
	.help =
	"Usage: sluice node set [ node-port-addresses { all | PREFIXES } ]\n"
	"                       [ node-port-loopback { on | off } ]\n"
	"                       [ pod-prefixes { none | PREFIXES } ]\n"
	"                       [ egress-masquerade { on | off } ]\n"
	"       sluice node show\n"
	"PREFIXES := ADDRESS[/LENGTH][,...]\n",
};
