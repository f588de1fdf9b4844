/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules and subjects of the policy as words.
 */
#ifndef SLUICE_RULE_H
#define SLUICE_RULE_H

#include "libsluice.h"
#include "print.h"
#include "words.h"

int words_rule(struct words *words, struct sluice_rule *rule);
int words_rule_key(struct words *words, struct sluice_rule *rule);
int words_subject_id(struct words *words, uint32_t *id);
int words_subject(struct words *words, struct sluice_subject *subject);

void print_rule(struct printer *out, const struct sluice_rule *rule);
void print_rule_key(struct printer *out, const struct sluice_rule *rule);
void print_subject(struct printer *out, const struct sluice_subject *subject);
void print_subject_options(struct printer *out,
			   const struct sluice_subject *subject);
bool subject_is_preset(const struct sluice_subject *subject);

int rule_compare(const struct sluice_rule *a, const struct sluice_rule *b);
int subject_compare(const struct sluice_subject *a,
		    const struct sluice_subject *b);

#endif /* SLUICE_RULE_H */
