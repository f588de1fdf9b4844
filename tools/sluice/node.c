// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice node: what this node is to the services.
 */
#include "cli.h"

static enum exit_code run_show(struct cli *cli, struct words *words,
			       unsigned int flags)
{
	(void)flags;
	return run_show_settings(cli, words, "node set", SLUICE_SETTINGS_NODE);
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
	"                       [ policy-tcp { loose | strict } ]\n"
	"                       [ policy-node-traffic { allow | judge } ]\n"
	"                       [ policy-audit { on | off } ]\n"
	"       sluice node show\n"
	"PREFIXES := ADDRESS[/LENGTH][,...]\n",
};
