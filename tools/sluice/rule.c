// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A rule of the policy: "to SUBJECT from PEER" is about the subject's ingress,
 * "from SUBJECT to PEER" about its egress. What is left out may be anything.
 */
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "rule.h"

#define RULE_HAS(_name)	SLUICE_HAS(SLUICE_A_RULE_##_name)

#define KEY_OPTIONS	(RULE_HAS(TIER) | RULE_HAS(PRIORITY))
#define OPTIONS		(KEY_OPTIONS | RULE_HAS(COOKIE) | RULE_HAS(NAME))

static bool has(const struct sluice_rule *rule, unsigned int type)
{
	return rule->has & SLUICE_HAS(type);
}

/* Any peer is one that is not there. */
static int words_peer(struct words *words, struct sluice_rule *rule)
{
	if (words_take(words, "any"))
		return 0;
	return words_value(words, &sluice_rule_attrs, SLUICE_A_RULE_PEER,
			   rule);
}

static int words_subject_and_peer(struct words *words,
				  struct sluice_rule *rule)
{
	bool ingress = words_take(words, "to");

	if (!words->left && !ingress)
		return words_fail(words,
				  "a rule is missing, as in to 1001 from 1002 tcp 80 allow");
	if (!ingress && !words_take(words, "from"))
		return words_fail(words,
				  "\"%.64s\": expected \"to\" or \"from\" here",
				  *words->word);
	rule->has |= RULE_HAS(DIRECTION);
	rule->direction = ingress ? SLUICE_POLICY_DIRECTION_INGRESS :
				    SLUICE_POLICY_DIRECTION_EGRESS;
	if (words_value(words, &sluice_rule_attrs, SLUICE_A_RULE_SUBJECT,
			rule) ||
	    words_expect(words, ingress ? "from" : "to"))
		return -EINVAL;
	return words_peer(words, rule);
}

static int words_proto_number(struct words *words, struct sluice_rule *rule)
{
	const char *text = words_next(words);

	if (!text)
		return words_fail(words, "a protocol number is missing");
	return field_number(words, "protocol", text, &sluice_rule_attrs,
			    SLUICE_A_RULE_PROTO, rule);
}

static void consider_names(struct suggestion *suggestion, const char *word,
			   const struct sluice_name *names)
{
	for (; names->name; names++)
		suggestion_consider(suggestion, word, names->name);
}

static int unknown_match(struct words *words, const char *what,
			 const struct sluice_name *next)
{
	struct suggestion suggestion = { NULL };
	const char *word = *words->word;

	consider_names(&suggestion, word, sluice_protocols);
	consider_names(&suggestion, word, next);
	suggestion_consider(&suggestion, word, "proto");
	return words_unknown(words, word, what, &suggestion);
}

/* A protocol and what it has; or one of the words that come after it. */
static int words_match(struct words *words, struct sluice_rule *rule,
		       const char *what, const struct sluice_name *next)
{
	unsigned int value;

	if (!words->left || sluice_name_value(next, *words->word, &value))
		return 0;
	if (words_take(words, "proto"))
		return words_proto_number(words, rule);
	if (!sluice_name_value(sluice_protocols, *words->word, &value))
		return unknown_match(words, what, next);
	words_next(words);
	rule->has |= RULE_HAS(PROTO);
	rule->proto = value;
	if (value == IPPROTO_ICMP || value == IPPROTO_ICMPV6)
		return words_numbers(words, "ICMP type or code", '/',
				     &sluice_rule_attrs,
				     SLUICE_A_RULE_ICMP_TYPE, rule);
	return words_numbers(words, "port", '-', &sluice_rule_attrs,
			     SLUICE_A_RULE_PORT_FIRST, rule);
}

/* No number: it would be one too many of the match. */
static int words_action(struct words *words, struct sluice_rule *rule)
{
	struct suggestion suggestion = { NULL };
	const char *word = words_next(words);

	if (!word)
		return words_fail(words,
				  "an action is missing: allow, deny or pass");
	rule->has |= RULE_HAS(ACTION);
	if (sluice_name_value(sluice_policy_actions, word, &rule->action))
		return 0;
	consider_names(&suggestion, word, sluice_policy_actions);
	return words_unknown(words, word, "action", &suggestion);
}

/**
 * words_rule_key - take what names a rule
 * @words: the words, up to the last
 * @rule: where to put it
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_rule_key(struct words *words, struct sluice_rule *rule)
{
	static const struct sluice_name options[] = {
		{ SLUICE_A_RULE_TIER, "tier" },
		{ SLUICE_A_RULE_PRIORITY, "priority" },
		{ 0, NULL }
	};

	if (words_subject_and_peer(words, rule) ||
	    words_match(words, rule, "protocol or keyword of this command",
			options))
		return -EINVAL;
	return words_fields(words, &sluice_rule_attrs, rule, KEY_OPTIONS);
}

/**
 * words_rule - take a rule
 * @words: the words, up to the last
 * @rule: where to put it
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_rule(struct words *words, struct sluice_rule *rule)
{
	if (words_subject_and_peer(words, rule) ||
	    words_match(words, rule, "protocol or action",
			sluice_policy_actions) ||
	    words_action(words, rule))
		return -EINVAL;
	return words_fields(words, &sluice_rule_attrs, rule, OPTIONS);
}

static void print_pair(struct printer *out, const char *mark,
		       const struct sluice_rule *rule, unsigned int type)
{
	const struct sluice_attr *attr = sluice_rule_attrs.attr;
	uint64_t first = sluice_attr_number(&attr[type], rule);
	uint64_t second = sluice_attr_number(&attr[type + 1], rule);

	if (!has(rule, type))
		return;
	print_number(out, NULL, " ", first);
	if (has(rule, type + 1) &&
	    (type != SLUICE_A_RULE_PORT_FIRST || first != second))
		print_number(out, NULL, mark, second);
}

static void print_match(struct printer *out, const struct sluice_rule *rule)
{
	if (!has(rule, SLUICE_A_RULE_PROTO))
		return;
	print_enum(out, NULL,
		   sluice_name_of(sluice_protocols, rule->proto) ?
		   " " : " proto ", sluice_protocols, rule->proto);
	print_pair(out, "-", rule, SLUICE_A_RULE_PORT_FIRST);
	print_pair(out, "/", rule, SLUICE_A_RULE_ICMP_TYPE);
}

static void print_head(struct printer *out, const struct sluice_rule *rule)
{
	bool ingress = rule->direction == SLUICE_POLICY_DIRECTION_INGRESS;

	print_identity_number(out, NULL, ingress ? "to " : "from ",
			      rule->subject);
	print_text(out, ingress ? " from " : " to ");
	if (has(rule, SLUICE_A_RULE_PEER))
		print_identity_number(out, NULL, "", rule->peer);
	else
		print_text(out, "any");
	print_match(out, rule);
}

/* Options that are as for a new rule are left out. */
static void print_some(struct printer *out, const struct sluice_rule *rule,
		       uint32_t mask)
{
	print_fields(out, &sluice_rule_attrs, rule,
		     mask & fields_not_preset(&sluice_rule_attrs, rule));
}

/**
 * print_rule_key - print what names a rule
 * @out: a printer for text
 * @rule: the rule
 */
void print_rule_key(struct printer *out, const struct sluice_rule *rule)
{
	print_head(out, rule);
	print_some(out, rule, KEY_OPTIONS);
}

/**
 * print_rule - print a rule, but for its counters, as words
 * @out: the printer, in an object
 * @rule: the rule
 *
 * JSON has an attribute in each key.
 */
void print_rule(struct printer *out, const struct sluice_rule *rule)
{
	if (out->json) {
		print_fields(out, &sluice_rule_attrs, rule,
			     SLUICE_RULE_KEY | SLUICE_RULE_CONFIG);
		return;
	}
	print_head(out, rule);
	print_enum(out, NULL, " ", sluice_policy_actions, rule->action);
	print_some(out, rule, OPTIONS);
}

/**
 * rule_compare - order of two rules' keys
 * @a: a rule
 * @b: another
 *
 * Return: less than, equal to or greater than 0, as of strcmp(). Subject,
 * direction, tier, priority, peer, protocol, ports or ICMP type and code
 * count; what may be anything comes first.
 */
int rule_compare(const struct sluice_rule *a, const struct sluice_rule *b)
{
	static const unsigned int types[] = {
		SLUICE_A_RULE_SUBJECT, SLUICE_A_RULE_DIRECTION,
		SLUICE_A_RULE_TIER, SLUICE_A_RULE_PRIORITY,
		SLUICE_A_RULE_PEER, SLUICE_A_RULE_PROTO,
		SLUICE_A_RULE_PORT_FIRST, SLUICE_A_RULE_PORT_LAST,
		SLUICE_A_RULE_ICMP_TYPE, SLUICE_A_RULE_ICMP_CODE,
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		const struct sluice_attr *attr;
		uint64_t of_a, of_b;

		attr = &sluice_rule_attrs.attr[types[i]];
		of_a = has(a, types[i]) ? 1 + sluice_attr_number(attr, a) : 0;
		of_b = has(b, types[i]) ? 1 + sluice_attr_number(attr, b) : 0;
		if (of_a != of_b)
			return of_a < of_b ? -1 : 1;
	}
	return 0;
}
