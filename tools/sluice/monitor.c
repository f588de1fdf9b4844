// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice monitor: notifications as they come, one a line.
 */
#include <stdio.h>

#include "cli.h"
#include "fields.h"
#include "key.h"
#include "rule.h"

static void show_service(struct printer *out, const struct sluice_msg *msg)
{
	print_text(out, "service ");
	print_service(out, &msg->service);
}

static void show_backend(struct printer *out, const struct sluice_msg *msg)
{
	char text[KEY_TEXT_SIZE];

	print_string(out, "service", "backend ",
		     service_text(&msg->service, text));
	print_text(out, " ");
	print_backend(out, &msg->backend);
}

static void show_identity(struct printer *out, const struct sluice_msg *msg)
{
	print_text(out, "identity ");
	print_identity(out, &msg->identity);
}

static void show_rule(struct printer *out, const struct sluice_msg *msg)
{
	print_text(out, "rule ");
	print_rule(out, &msg->rule);
}

/* All of it: what is as by default now may not have been so before. */
static void show_subject(struct printer *out, const struct sluice_msg *msg)
{
	print_identity_number(out, "subject", "subject ", msg->subject.id);
	print_subject_options(out, &msg->subject);
}

static void show_device(struct printer *out, const struct sluice_msg *msg)
{
	print_text(out, "device ");
	print_device(out, &msg->device);
}

static void show_settings(struct printer *out, const struct sluice_msg *msg)
{
	print_text(out, "settings");
	print_settings(out, &msg->settings, SLUICE_SETTINGS_ALL);
}

/* A flow that has just begun has counted nothing. */
static void show_flow(struct printer *out, const struct sluice_msg *msg)
{
	const struct sluice_flow *flow = &msg->flow;

	print_text(out, "flow ");
	print_flow(out, "flow", flow);
	print_fields(out, &sluice_flow_attrs, flow,
		     SLUICE_HAS(SLUICE_A_FLOW_END));
	if (flow->has & SLUICE_HAS(SLUICE_A_FLOW_END))
		print_counters(out, &flow->counters, "");
	print_object_end(out);
}

/* Of what a spoofed packet can be only ARP has no number. */
static bool is_arp(const struct sluice_event *event)
{
	return event->reason == SLUICE_DROP_REASON_SPOOFED &&
	       event->tuple.src.len == 4 &&
	       (event->has & SLUICE_HAS(SLUICE_A_EVENT_PROTO)) && !event->proto;
}

static void print_proto(struct printer *out, const struct sluice_event *event)
{
	if (is_arp(event))
		print_string(out, "proto", " proto ", "arp");
	else
		print_fields(out, &sluice_event_attrs, event,
			     SLUICE_HAS(SLUICE_A_EVENT_PROTO));
}

static void show_event(struct printer *out, const struct sluice_msg *msg)
{
	const struct sluice_event *event = &msg->event;

	print_enum(out, "event", "event ", sluice_event_types, event->type);
	print_fields(out, &sluice_event_attrs, event,
		     SLUICE_HAS(SLUICE_A_EVENT_REASON));
	print_proto(out, event);
	if (event->has & SLUICE_HAS(SLUICE_A_EVENT_TUPLE))
		print_tuple(out, NULL, &event->tuple);
	print_fields(out, &sluice_event_attrs, event,
		     SLUICE_HAS(SLUICE_A_EVENT_DEVICE));
	if (event->has & SLUICE_HAS(SLUICE_A_EVENT_JUDGEMENT)) {
		print_object_begin(out, "judgement");
		print_judgement(out, " ", &event->judgement);
		print_object_end(out);
	}
	print_fields(out, &sluice_event_attrs, event,
		     SLUICE_HAS(SLUICE_A_EVENT_LOST));
}

/**
 * struct notification - how a message is shown
 * @cmd: of the message
 * @object: JSON's name of what it is about
 * @change: JSON's name of what happened to it, unless it is new; NULL if it
 *	says so itself
 * @before: text before it, unless it is new
 * @show: prints the rest
 */
struct notification {
	enum sluice_cmd cmd;
	const char *object;
	const char *change;
	const char *before;
	void (*show)(struct printer *out, const struct sluice_msg *msg);
};

static const struct notification notifications[] = {
	{ SLUICE_CMD_SERVICE_NTF, "service", "set", "", show_service },
	{ SLUICE_CMD_SERVICE_DEL_NTF, "service", "del", "deleted ",
	  show_service },
	{ SLUICE_CMD_BACKEND_NTF, "backend", "set", "", show_backend },
	{ SLUICE_CMD_BACKEND_DEL_NTF, "backend", "del", "deleted ",
	  show_backend },
	{ SLUICE_CMD_IDENTITY_NTF, "identity", "set", "", show_identity },
	{ SLUICE_CMD_IDENTITY_DEL_NTF, "identity", "del", "deleted ",
	  show_identity },
	{ SLUICE_CMD_RULE_NTF, "rule", "set", "", show_rule },
	{ SLUICE_CMD_RULE_DEL_NTF, "rule", "del", "deleted ", show_rule },
	{ SLUICE_CMD_SUBJECT_NTF, "subject", "set", "", show_subject },
	{ SLUICE_CMD_DEVICE_NTF, "device", "set", "", show_device },
	{ SLUICE_CMD_DEVICE_DEL_NTF, "device", "del", "deleted ",
	  show_device },
	{ SLUICE_CMD_SETTINGS_NTF, "settings", "set", "", show_settings },
	{ SLUICE_CMD_FLOW_NTF, "flow", "new", "new ", show_flow },
	{ SLUICE_CMD_FLOW_DEL_NTF, "flow", "del", "deleted ", show_flow },
	{ SLUICE_CMD_EVENT, "event", NULL, "", show_event },
};

static void show(struct printer *out, const struct notification *kind,
		 const struct sluice_msg *msg)
{
	print_object_begin(out, NULL);
	print_string(out, "object", NULL, kind->object);
	if (kind->change)
		print_string(out, "change", NULL,
			     msg->created ? "new" : kind->change);
	print_text(out, msg->created ? "new " : kind->before);
	kind->show(out, msg);
	print_text(out, "\n");
	print_object_end(out);
	fflush(out->out);
}

/* Messages newer than this command are passed over. */
static int take_message(const struct sluice_msg *msg, void *arg)
{
	size_t i;

	for (i = 0; i < sizeof(notifications) / sizeof(*notifications); i++)
		if (notifications[i].cmd == msg->cmd)
			show(arg, &notifications[i], msg);
	return 0;
}

static void show_lost(struct printer *out)
{
	print_object_begin(out, NULL);
	print_string(out, "object", NULL, "lost");
	print_text(out, "lost messages: they came faster than they were read\n");
	print_object_end(out);
	fflush(out->out);
}

static const struct {
	const char *name;
	unsigned int group;
} groups_named[] = {
	{ "config", SLUICE_GROUP_CONFIG },
	{ "events", SLUICE_GROUP_EVENTS },
	{ "flows", SLUICE_GROUP_FLOWS },
};

#define GROUPS	(sizeof(groups_named) / sizeof(*groups_named))

static int refuse_group(struct words *words)
{
	struct suggestion suggestion = { NULL };
	const char *word = words_next(words);
	size_t i;

	for (i = 0; i < GROUPS; i++)
		suggestion_consider(&suggestion, word, groups_named[i].name);
	return words_unknown(words, word, "group", &suggestion);
}

static int words_groups(struct words *words, unsigned int *groups)
{
	size_t i;

	while (words->left) {
		for (i = 0; i < GROUPS; i++)
			if (words_take(words, groups_named[i].name))
				break;
		if (i == GROUPS)
			return refuse_group(words);
		*groups |= groups_named[i].group;
	}
	if (!*groups)
		*groups = SLUICE_GROUP_CONFIG | SLUICE_GROUP_EVENTS;
	return 0;
}

static enum exit_code run_monitor(struct cli *cli, struct words *words,
				  unsigned int flags)
{
	unsigned int groups = 0;
	struct sluice_error err;
	bool lost;
	int ret;

	(void)flags;
	if (words_groups(words, &groups))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	ret = sluice_monitor_join(cli->sock, groups | SLUICE_GROUP_MODULE, &err);
	while (!ret && !ferror(cli->out.out)) {
		ret = sluice_monitor_recv(cli->sock, take_message, &cli->out,
					  &lost, &err);
		if (!ret && lost)
			show_lost(&cli->out);
	}
	return ret ? cli_refused(cli, NULL, &err) : EXIT_REFUSED;
}

const struct object monitor_object = {
	.name = "monitor",
	.run = run_monitor,
	.help =
	"Usage: sluice monitor [ config ] [ events ] [ flows ]\n",
};
