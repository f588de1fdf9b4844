/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Policy by a plain list of rules that is walked for each question.
 */
#ifndef _SLUICE_TESTS_POLICY_ORACLE_H
#define _SLUICE_TESTS_POLICY_ORACLE_H

#include "../policy_table.h"

#define ORACLE_RULES	40
#define ORACLE_SUBJECTS	4
#define ORACLE_NUMBERS	4

/**
 * struct oracle_rule - a rule
 * @cfg: what it is
 * @created: rises with each rule created
 * @hidden: there was one, and it is back if it is created again
 */
struct oracle_rule {
	struct sluice_policy_rule_cfg cfg;
	u64 created;
	bool hidden;
};

/**
 * struct oracle_opts - options of a subject
 * @subject: its number; 0 for none
 * @opts: the options
 */
struct oracle_opts {
	u32 subject;
	struct sluice_policy_opts opts;
};

/**
 * struct policy_oracle - all there is
 * @rules: rules in any order
 * @count: length of @rules
 * @opts: options of subjects
 * @created: rules so far
 */
struct policy_oracle {
	struct oracle_rule rules[ORACLE_RULES];
	u32 count;
	struct oracle_opts opts[ORACLE_SUBJECTS];
	u64 created;
};

/**
 * struct oracle_numbers - the identities of an address
 * @count: length of @list; 0 for one that is unknown
 * @list: in any order, and more than once
 */
struct oracle_numbers {
	u32 count;
	u32 list[ORACLE_NUMBERS];
};

/**
 * struct oracle_verdict - the decision
 * @rule: the rule that has decided, or NULL
 * @action: allow or deny
 * @why: &enum sluice_policy_why
 * @opts: of the subject that has decided
 * @enforced: an identity of the subject has something and is not in audit mode
 */
struct oracle_verdict {
	const struct oracle_rule *rule;
	u8 action;
	u8 why;
	struct sluice_policy_opts opts;
	bool enforced;
};

struct oracle_rule *oracle_find(struct policy_oracle *oracle,
				const struct sluice_policy_key *key);
bool oracle_is_full(const struct policy_oracle *oracle);
void oracle_rule_new(struct policy_oracle *oracle,
		     const struct sluice_policy_rule_cfg *cfg);
void oracle_rule_del(struct policy_oracle *oracle,
		     const struct sluice_policy_key *key);
void oracle_set_opts(struct policy_oracle *oracle, u32 subject,
		     const struct sluice_policy_opts *opts);
struct sluice_policy_opts oracle_opts_of(const struct policy_oracle *oracle,
					 u32 subject);
bool oracle_has(const struct policy_oracle *oracle, u32 subject);
void oracle_flush(struct policy_oracle *oracle);
void oracle_replace_all(struct policy_oracle *oracle);
void oracle_forget_hidden(struct policy_oracle *oracle);

void oracle_decide(const struct policy_oracle *oracle,
		   const struct oracle_numbers *subject,
		   const struct oracle_numbers *peer,
		   const struct sluice_policy_question *question,
		   struct oracle_verdict *verdict);

#endif
