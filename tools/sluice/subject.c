// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a subject of the policy is treated, as options of the command: these
 * have the two directions of isolation in one word.
 */
#include <errno.h>

#include "fields.h"
#include "rule.h"

enum {
	OPTION_ISOLATE = 1,
	OPTION_AUDIT,
	OPTION_ON_DENY,
	OPTION_ESTABLISHED,
};

#define SUBJECT_HAS(_name)	SLUICE_HAS(SLUICE_A_SUBJECT_##_name)

#define ISOLATE_INGRESS	1U
#define ISOLATE_EGRESS	2U
#define ISOLATE_BOTH	(ISOLATE_INGRESS | ISOLATE_EGRESS)

struct options {
	uint32_t has;
	uint8_t isolate;
	uint8_t audit;
	uint32_t on_deny;
	uint32_t established;
};

static const struct sluice_name isolates[] = {
	{ 0, "none" },
	{ ISOLATE_INGRESS, "ingress" },
	{ ISOLATE_EGRESS, "egress" },
	{ ISOLATE_BOTH, "both" },
	{ 0, NULL }
};

static const struct sluice_attr attrs[] = {
	[OPTION_ISOLATE] = { .name = "isolate", .kind = SLUICE_KIND_U8,
			     .offset = offsetof(struct options, isolate),
			     .names = isolates },
	[OPTION_AUDIT] = { .name = "audit", .kind = SLUICE_KIND_U8,
			   .offset = offsetof(struct options, audit),
			   .form = SLUICE_FORM_SWITCH },
	[OPTION_ON_DENY] = { .name = "on-deny", .kind = SLUICE_KIND_U32,
			     .offset = offsetof(struct options, on_deny),
			     .names = sluice_on_denys },
	[OPTION_ESTABLISHED] = { .name = "established",
				 .kind = SLUICE_KIND_U32,
				 .offset = offsetof(struct options,
						    established),
				 .names = sluice_establisheds },
};

static const struct sluice_attr_set set = {
	.max = OPTION_ESTABLISHED,
	.attr = attrs,
};

/* What an option is to the kernel. */
static const uint32_t subject_has[] = {
	[OPTION_ISOLATE] = SUBJECT_HAS(ISOLATE_INGRESS) |
			   SUBJECT_HAS(ISOLATE_EGRESS),
	[OPTION_AUDIT] = SUBJECT_HAS(AUDIT),
	[OPTION_ON_DENY] = SUBJECT_HAS(ON_DENY),
	[OPTION_ESTABLISHED] = SUBJECT_HAS(ESTABLISHED),
};

static void get_options(const struct sluice_subject *subject,
			struct options *options)
{
	unsigned int type;

	options->has = 0;
	for (type = 1; type <= set.max; type++)
		if (subject->has & subject_has[type])
			options->has |= SLUICE_HAS(type);
	options->isolate =
		(subject->isolate_ingress ? ISOLATE_INGRESS : 0) |
		(subject->isolate_egress ? ISOLATE_EGRESS : 0);
	options->audit = subject->audit;
	options->on_deny = subject->on_deny;
	options->established = subject->established;
}

static void set_options(struct sluice_subject *subject,
			const struct options *options)
{
	unsigned int type;

	for (type = 1; type <= set.max; type++)
		if (options->has & SLUICE_HAS(type))
			subject->has |= subject_has[type];
	subject->isolate_ingress = !!(options->isolate & ISOLATE_INGRESS);
	subject->isolate_egress = !!(options->isolate & ISOLATE_EGRESS);
	subject->audit = options->audit;
	subject->on_deny = options->on_deny;
	subject->established = options->established;
}

/**
 * words_subject_id - take the identity of a subject
 * @words: the words
 * @id: where to put it
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_subject_id(struct words *words, uint32_t *id)
{
	struct sluice_rule rule = { 0 };

	if (words_value(words, &sluice_rule_attrs, SLUICE_A_RULE_SUBJECT,
			&rule))
		return -EINVAL;
	*id = rule.subject;
	return 0;
}

/**
 * words_subject - take a subject and how it is to be treated
 * @words: the words, up to the last
 * @subject: where to put it
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_subject(struct words *words, struct sluice_subject *subject)
{
	struct options options = { 0 };

	subject->has |= SLUICE_SUBJECT_KEY;
	if (words_subject_id(words, &subject->id) ||
	    words_fields(words, &set, &options, ~0U))
		return -EINVAL;
	if (options.isolate > ISOLATE_BOTH)
		return words_fail(words, "isolate %u is greater than %u",
				  options.isolate, ISOLATE_BOTH);
	set_options(subject, &options);
	return 0;
}

/**
 * subject_is_preset - is a subject treated as one of which nothing was said?
 * @subject: the subject
 *
 * Return: whether it is.
 */
bool subject_is_preset(const struct sluice_subject *subject)
{
	struct options options;

	get_options(subject, &options);
	return !fields_not_preset(&set, &options);
}

/**
 * print_subject_options - print how a subject is treated, all of it
 * @out: the printer, in an object
 * @subject: the subject
 */
void print_subject_options(struct printer *out,
			   const struct sluice_subject *subject)
{
	struct options options;

	get_options(subject, &options);
	print_fields(out, &set, &options, ~0U);
}

/**
 * print_subject - print a subject and how it is treated as words
 * @out: the printer, in an object
 * @subject: the subject
 *
 * Options are there where they are not as by default; JSON has them all.
 */
void print_subject(struct printer *out, const struct sluice_subject *subject)
{
	struct options options;

	get_options(subject, &options);
	print_identity_number(out, "subject", "", subject->id);
	print_fields(out, &set, &options,
		     out->json ? ~0U : fields_not_preset(&set, &options));
}

/**
 * subject_compare - order of two subjects
 * @a: a subject
 * @b: another
 *
 * Return: less than, equal to or greater than 0, as of strcmp().
 */
int subject_compare(const struct sluice_subject *a,
		    const struct sluice_subject *b)
{
	return (a->id > b->id) - (a->id < b->id);
}
