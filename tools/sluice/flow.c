// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice flow: live connections, and the settings of their table.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>

#include "cli.h"
#include "fields.h"
#include "key.h"
#include "name.h"

/* Where "flow show settings" differs from a flow's name. */
#define SETTINGS_WORD	"settings"

/* "[ reply ] proto P src ADDRESS:PORT dst ADDRESS:PORT" */
static int words_flow_key(struct words *words, struct sluice_flow *key)
{
	bool reply = words_take(words, "reply");
	struct sluice_tuple *tuple = reply ? &key->reply : &key->orig;

	key->has = SLUICE_HAS(SLUICE_A_FLOW_PROTO) |
		   SLUICE_HAS(reply ? SLUICE_A_FLOW_REPLY : SLUICE_A_FLOW_ORIG);
	tuple->has = SLUICE_TUPLE_KEY;
	if (words_expect(words, "proto") || words_proto(words, &key->proto))
		return -EINVAL;
	if (words_expect(words, "src") ||
	    words_endpoint(words, "source", &tuple->src, &tuple->sport))
		return -EINVAL;
	if (words_expect(words, "dst") ||
	    words_endpoint(words, "destination", &tuple->dst, &tuple->dport))
		return -EINVAL;
	return words_end(words);
}

/* "service SERVICE", or nothing */
static int words_of_service(struct words *words, struct sluice_service *key)
{
	if (!words->left)
		return 0;
	if (words_expect(words, "service") || words_service_key(words, key))
		return -EINVAL;
	return words_end(words);
}

static void print_end(struct printer *out, const char *key, const char *before,
		      const struct sluice_addr *addr, uint16_t port)
{
	char text[KEY_TEXT_SIZE];

	print_string(out, key, before, endpoint_text(addr, port, text));
}

/**
 * print_tuple - print a tuple as the command takes it
 * @out: the printer
 * @key: of its object; NULL to print into the one that is open
 * @tuple: the tuple
 */
void print_tuple(struct printer *out, const char *key,
		 const struct sluice_tuple *tuple)
{
	if (key)
		print_object_begin(out, key);
	print_end(out, "src", " src ", &tuple->src, tuple->sport);
	print_end(out, "dst", " dst ", &tuple->dst, tuple->dport);
	if (key)
		print_object_end(out);
}

/* With nat the reply tells who the backend is. */
static void print_forward(struct printer *out, const struct sluice_flow *flow)
{
	const struct sluice_backend *backend = &flow->backend;
	bool plain = flow->forward == SLUICE_FORWARD_NAT;

	if (out->json || !plain)
		print_fields(out, &sluice_flow_attrs, flow,
			     SLUICE_HAS(SLUICE_A_FLOW_FORWARD));
	if (flow->has & SLUICE_HAS(SLUICE_A_FLOW_BACKEND))
		print_end(out, "backend", plain ? NULL : " backend ",
			  &backend->addr, backend->port);
}

/* By which way packets leave, the key ahead of it */
void print_path(struct printer *out, const char *key,
		const struct sluice_path *path)
{
	char device[IF_NAMESIZE], text[NAME_TEXT_SIZE];

	print_object_begin(out, key);
	print_text(out, " ");
	print_text(out, key);
	print_enum(out, "kind", " ", sluice_path_kinds, path->kind);
	if (path->ifindex && if_indextoname(path->ifindex, device))
		print_string(out, "device", " ", name_text(device, text));
	print_object_end(out);
}

static void print_paths(struct printer *out, const struct sluice_flow *flow)
{
	if (flow->has & SLUICE_HAS(SLUICE_A_FLOW_ORIG_PATH))
		print_path(out, "orig-path", &flow->orig_path);
	if (flow->has & SLUICE_HAS(SLUICE_A_FLOW_REPLY_PATH))
		print_path(out, "reply-path", &flow->reply_path);
}

/* Which it is, is of interest only where there is another than netfilter's. */
static void print_doors(struct printer *out, const struct sluice_flow *flow)
{
	const uint32_t paths = SLUICE_HAS(SLUICE_A_FLOW_ORIG_PATH) |
			       SLUICE_HAS(SLUICE_A_FLOW_REPLY_PATH);

	if (out->json || flow->has & paths)
		print_fields(out, &sluice_flow_attrs, flow,
			     SLUICE_HAS(SLUICE_A_FLOW_ORIG_DOOR) |
			     SLUICE_HAS(SLUICE_A_FLOW_REPLY_DOOR));
}

/**
 * print_flow - print a flow, but for its counters, and leave it open
 * @out: the printer
 * @key: of its object; NULL for an element
 * @flow: the flow
 */
void print_flow(struct printer *out, const char *key,
		const struct sluice_flow *flow)
{
	print_object_begin(out, key);
	print_enum(out, "proto", "proto ", sluice_protocols, flow->proto);
	print_tuple(out, "orig", &flow->orig);
	if (flow->has & SLUICE_HAS(SLUICE_A_FLOW_REPLY)) {
		print_text(out, " reply");
		print_tuple(out, "reply", &flow->reply);
	}
	print_fields(out, &sluice_flow_attrs, flow,
		     SLUICE_HAS(SLUICE_A_FLOW_STATE) |
		     SLUICE_HAS(SLUICE_A_FLOW_TIMEOUT));
	if (flow->has & SLUICE_HAS(SLUICE_A_FLOW_TIMEOUT))
		print_text(out, "ms");
	if (flow->has & SLUICE_HAS(SLUICE_A_FLOW_DIRECT))
		print_flag(out, "direct", " direct");
	print_forward(out, flow);
	print_paths(out, flow);
	print_doors(out, flow);
	print_rules(out, &flow->judgements);
}

static void show_flow(struct cli *cli, const struct sluice_flow *flow)
{
	struct printer *out = &cli->out;

	print_flow(out, NULL, flow);
	if (cli->stats)
		print_counters(out, &flow->counters, "\n   ");
	print_text(out, "\n");
	print_object_end(out);
}

static int show_dumped(const struct sluice_msg *msg, void *arg)
{
	show_flow(arg, &msg->flow);
	return 0;
}

static int show_one(struct cli *cli, const struct sluice_flow *key,
		    struct sluice_error *err)
{
	struct sluice_flow flow;
	int ret = sluice_flow_get(cli->sock, key, &flow, err);

	if (!ret)
		show_flow(cli, &flow);
	return ret;
}

static bool names_flow(const struct words *words)
{
	struct words ahead = *words;

	return words_take(&ahead, "proto") || words_take(&ahead, "reply");
}

static enum exit_code run_show(struct cli *cli, struct words *words,
			       unsigned int flags)
{
	struct sluice_service service = { 0 };
	struct sluice_flow key = { 0 };
	char text[KEY_TEXT_SIZE];
	struct sluice_error err;
	int ret;

	(void)flags;
	if (words_take(words, SETTINGS_WORD))
		return run_show_settings(cli, words, "flow set",
					 SLUICE_SETTINGS_FLOW);
	if (names_flow(words) ? words_flow_key(words, &key)
			      : words_of_service(words, &service))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;

	print_array_begin(&cli->out, NULL);
	if (key.has)
		ret = show_one(cli, &key, &err);
	else
		ret = sluice_flow_dump(cli->sock,
				       service.has ? &service : NULL,
				       show_dumped, cli, &err);
	print_array_end(&cli->out);
	if (ret)
		return cli_refused(cli, service.has ?
				   service_text(&service, text) : NULL, &err);
	return EXIT_DONE;
}

static enum exit_code run_del(struct cli *cli, struct words *words,
			      unsigned int flags)
{
	struct sluice_flow key = { 0 };
	struct sluice_error err;

	(void)flags;
	if (words_flow_key(words, &key))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_flow_del(cli->sock, &key, &err))
		return cli_refused(cli, NULL, &err);
	return EXIT_DONE;
}

static enum exit_code run_flush(struct cli *cli, struct words *words,
				unsigned int flags)
{
	struct sluice_service service = { 0 };
	char text[KEY_TEXT_SIZE];
	struct sluice_error err;

	(void)flags;
	if (words_of_service(words, &service))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_flow_flush(cli->sock, service.has ? &service : NULL, &err))
		return cli_refused(cli, service.has ?
				   service_text(&service, text) : NULL, &err);
	return EXIT_DONE;
}

static const struct verb verbs[] = {
	{ "set", run_set_settings, SLUICE_SETTINGS_FLOW },
	{ "del", run_del, 0 },
	{ "show", run_show, 0 },
	{ "flush", run_flush, 0 },
	{ NULL, NULL, 0 }
};

const struct object flow_object = {
	.name = "flow",
	.verbs = verbs,
	.help =
	"Usage: sluice flow show [ service SERVICE | FLOW ]\n"
	"       sluice flow del FLOW\n"
	"       sluice flow flush [ service SERVICE ]\n"
	"       sluice flow show settings\n"
	"       sluice flow set [ limit NUMBER ]\n"
	"                       [ timeout-udp-unreplied SECONDS ]\n"
	"                       [ timeout-udp SECONDS ]\n"
	"                       [ timeout-tcp-unreplied SECONDS ]\n"
	"                       [ timeout-tcp SECONDS ]\n"
	"                       [ timeout-tcp-half-closed SECONDS ]\n"
	"                       [ timeout-tcp-closing SECONDS ]\n"
	"FLOW := [ reply ] proto PROTOCOL src END dst END\n"
	"END := { ADDRESS | [IPV6-ADDRESS] }:PORT\n",
};
