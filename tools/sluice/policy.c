// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice policy: who may talk to whom.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "config.h"
#include "fields.h"
#include "rule.h"

static enum exit_code refused_rule(const struct cli *cli,
				   const struct sluice_rule *rule,
				   const struct sluice_error *err)
{
	struct printer out = { .out = NULL };
	enum exit_code code;
	char *text = NULL;
	size_t len;

	out.out = open_memstream(&text, &len);
	if (!out.out)
		out_of_memory();
	print_rule_key(&out, rule);
	fclose(out.out);
	code = cli_refused(cli, text, err);
	free(text);
	return code;
}

static enum exit_code refused_subject(const struct cli *cli, uint32_t id,
				      const struct sluice_error *err)
{
	const char *name = sluice_name_of(sluice_identity_names, id);
	char number[12];

	snprintf(number, sizeof(number), "%u", id);
	return cli_refused(cli, name ? name : number, err);
}

static enum exit_code run_new(struct cli *cli, struct words *words,
			      unsigned int flags)
{
	struct sluice_rule rule = { 0 };
	struct sluice_error err;

	if (words_rule(words, &rule))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_rule_new(cli->sock, &rule, flags, &err))
		return refused_rule(cli, &rule, &err);
	return EXIT_DONE;
}

static enum exit_code run_del(struct cli *cli, struct words *words,
			      unsigned int flags)
{
	struct sluice_rule key = { 0 };
	struct sluice_error err;

	(void)flags;
	if (words_rule_key(words, &key))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_rule_del(cli->sock, &key, &err))
		return refused_rule(cli, &key, &err);
	return EXIT_DONE;
}

static enum exit_code run_set(struct cli *cli, struct words *words,
			      unsigned int flags)
{
	struct sluice_subject subject = { 0 };
	struct sluice_error err;

	(void)flags;
	if (words_subject(words, &subject))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_subject_set(cli->sock, &subject, &err))
		return refused_subject(cli, subject.id, &err);
	return EXIT_DONE;
}

static void show_rule(struct cli *cli, const struct sluice_rule *rule)
{
	struct printer *out = &cli->out;

	print_object_begin(out, NULL);
	print_rule(out, rule);
	if (cli->stats) {
		print_text(out, "\n   ");
		print_object_begin(out, "counters");
		print_fields(out, &sluice_rule_attrs, rule,
			     SLUICE_RULE_COUNTERS);
		print_object_end(out);
	}
	print_text(out, "\n");
	print_object_end(out);
}

/* Returns the first rule after those of the subject. */
static size_t show_subject(struct cli *cli,
			   const struct sluice_subject *subject,
			   const struct list *rules, size_t next)
{
	struct printer *out = &cli->out;

	print_object_begin(out, NULL);
	if (out->json || !subject_is_preset(subject)) {
		print_text(out, "set ");
		print_subject(out, subject);
		print_text(out, "\n");
	}
	print_array_begin(out, "rules");
	for (; next < rules->count; next++) {
		const struct sluice_rule *rule = list_at(rules, next);

		if (rule->subject != subject->id)
			break;
		show_rule(cli, rule);
	}
	print_array_end(out);
	print_object_end(out);
	return next;
}

/* One of which nothing is said has rules all the same. */
static struct sluice_subject first_subject(const struct list *subjects,
					   size_t *next,
					   const struct sluice_rule *rule)
{
	const struct sluice_subject *said = NULL;
	struct sluice_subject subject = { 0 };

	if (*next < subjects->count)
		said = list_at(subjects, *next);
	if (!said || (rule && rule->subject < said->id)) {
		subject.id = rule->subject;
	} else {
		subject = *said;
		++*next;
	}
	subject.has = SLUICE_SUBJECT_KEY | SLUICE_SUBJECT_CONFIG;
	return subject;
}

static void show_all(struct cli *cli, const struct config *config)
{
	const struct list *rules = &config->rules;
	size_t subject = 0;
	size_t rule = 0;

	print_array_begin(&cli->out, NULL);
	while (rule < rules->count || subject < config->subjects.count) {
		struct sluice_subject next;

		next = first_subject(&config->subjects, &subject,
				     rule < rules->count ?
				     list_at(rules, rule) : NULL);
		rule = show_subject(cli, &next, rules, rule);
	}
	print_array_end(&cli->out);
}

static enum exit_code show(struct cli *cli, const uint32_t *subject)
{
	struct config config = { 0 };
	enum exit_code code = EXIT_DONE;
	struct sluice_error err;

	if (cli_open(cli))
		return EXIT_REFUSED;
	if (!config_read_policy(cli->sock, subject, &config, &err))
		show_all(cli, &config);
	else if (subject)
		code = refused_subject(cli, *subject, &err);
	else
		code = cli_refused(cli, NULL, &err);
	config_free(&config);
	return code;
}

static enum exit_code run_show(struct cli *cli, struct words *words,
			       unsigned int flags)
{
	bool one = words->left;
	uint32_t subject;

	(void)flags;
	if ((one && words_subject_id(words, &subject)) || words_end(words))
		return cli_usage(cli, words);
	return show(cli, one ? &subject : NULL);
}

static enum exit_code run_flush(struct cli *cli, struct words *words,
				unsigned int flags)
{
	(void)flags;
	return cli_flush(cli, words, sluice_policy_flush);
}

static const struct verb verbs[] = {
	{ "add", run_new, NLM_F_CREATE | NLM_F_EXCL },
	{ "replace", run_new, NLM_F_CREATE | NLM_F_REPLACE },
	{ "del", run_del, 0 },
	{ "set", run_set, 0 },
	{ "show", run_show, 0 },
	{ "flush", run_flush, 0 },
	{ "compile", run_policy_compile, 0 },
	{ NULL, NULL, 0 }
};

const struct object policy_object = {
	.name = "policy",
	.verbs = verbs,
	.help =
	"Usage: sluice policy { add | replace } RULE ACTION [ tier TIER ]\n"
	"                     [ priority NUMBER ] [ cookie NUMBER ]\n"
	"                     [ name NAME ]\n"
	"       sluice policy del RULE [ tier TIER ] [ priority NUMBER ]\n"
	"       sluice policy set SUBJECT\n"
	"                     [ isolate { none | ingress | egress | both } ]\n"
	"                     [ audit { on | off } ]\n"
	"                     [ on-deny { drop | reject } ]\n"
	"                     [ established { cut | reset | keep } ]\n"
	"       sluice policy show [ SUBJECT ]\n"
	"       sluice policy flush\n"
	"       sluice policy compile FILE [ node NAME ]\n"
	"RULE := { to SUBJECT from PEER | from SUBJECT to PEER } [ MATCH ]\n"
	"MATCH := { { tcp | udp | sctp } [ PORT[-PORT] ] |\n"
	"           { icmp | icmpv6 } [ TYPE[/CODE] ] | proto NUMBER }\n"
	"ACTION := { allow | deny | pass }\n"
	"TIER := { admin | normal | baseline }\n"
	"SUBJECT := { host | remote-node | world | NUMBER }\n"
	"PEER := { any | unknown | host | remote-node | world | NUMBER }\n",
};
