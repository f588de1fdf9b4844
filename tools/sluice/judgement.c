// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the policy says of one direction, and why.
 */
#include "cli.h"
#include "fields.h"

#define HAS(_name)	SLUICE_HAS(SLUICE_A_JUDGEMENT_##_name)

/* The kernel may name one twice. */
static bool is_repeated(const struct sluice_ids *ids, uint32_t at)
{
	uint32_t i;

	for (i = 0; i < at; i++)
		if (ids->id[i] == ids->id[at])
			return true;
	return false;
}

static void print_ids(struct printer *out, const char *word,
		      const struct sluice_ids *ids)
{
	uint32_t i;

	print_array_begin(out, word);
	if (ids->count) {
		print_text(out, " ");
		print_text(out, word);
	}
	for (i = 0; i < ids->count; i++)
		if (!is_repeated(ids, i))
			print_identity_number(out, "", i ? "," : " ",
					      ids->id[i]);
	print_array_end(out);
}

/**
 * print_judgement - print a judgement
 * @out: the printer, in an object
 * @before: text before it
 * @judgement: the judgement
 *
 * Without a cookie or name of the rule text does not have them; the action of
 * an event is plain, so it may have none; all identities are only in
 * explanations.
 */
void print_judgement(struct printer *out, const char *before,
		     const struct sluice_judgement *judgement)
{
	uint32_t of_rule = HAS(COOKIE) | HAS(NAME);

	if (!out->json)
		of_rule &= fields_not_preset(&sluice_judgement_attrs,
					     judgement);
	print_enum(out, "direction", before, sluice_policy_directions,
		   judgement->direction);
	if (judgement->has & HAS(ACTION))
		print_enum(out, "action", " ", sluice_policy_actions,
			   judgement->action);
	print_enum(out, "why", " by ", sluice_policy_whys, judgement->why);
	print_fields(out, &sluice_judgement_attrs, judgement,
		     (judgement->has & (HAS(SUBJECT) | HAS(PEER))) | of_rule);
}

/**
 * print_rules - print by which rules a flow is allowed, on its line, if there are any
 * @out: the printer, in an object
 * @judgements: one for each of these rules
 */
void print_rules(struct printer *out, const struct sluice_judgements *judgements)
{
	uint32_t i;

	if (!judgements->count)
		return;
	print_array_begin(out, "judgements");
	for (i = 0; i < judgements->count; i++) {
		print_object_begin(out, NULL);
		print_judgement(out, " ", &judgements->judgement[i]);
		print_object_end(out);
	}
	print_array_end(out);
}

/**
 * print_judgements - print the judgements of an explanation, one a line
 * @out: the printer, in an object
 * @judgements: the judgements
 */
void print_judgements(struct printer *out,
		      const struct sluice_judgements *judgements)
{
	uint32_t i;

	print_array_begin(out, "judgements");
	for (i = 0; i < judgements->count; i++) {
		const struct sluice_judgement *judgement;

		judgement = &judgements->judgement[i];
		print_object_begin(out, NULL);
		print_judgement(out, "\n", judgement);
		print_ids(out, "subjects", &judgement->subjects);
		print_ids(out, "peers", &judgement->peers);
		print_object_end(out);
	}
	print_array_end(out);
}
