// SPDX-License-Identifier: GPL-2.0
/*
 * Policy by a plain list of rules that is walked for each question. It shares
 * no code with what it is compared with.
 */
#include "policy_oracle.h"

/* ------------------------------------------------------------------- the list */

static struct oracle_rule *find(struct policy_oracle *oracle,
				const struct sluice_policy_key *key)
{
	u32 i;

	for (i = 0; i < oracle->count; i++)
		if (!memcmp(&oracle->rules[i].cfg.key, key, sizeof(*key)))
			return &oracle->rules[i];
	return NULL;
}

/* One that is not hidden, or NULL. */
struct oracle_rule *oracle_find(struct policy_oracle *oracle,
				const struct sluice_policy_key *key)
{
	struct oracle_rule *rule = find(oracle, key);

	return rule && !rule->hidden ? rule : NULL;
}

bool oracle_is_full(const struct policy_oracle *oracle)
{
	return oracle->count == ORACLE_RULES;
}

/* The list is not full, or has such a rule. */
void oracle_rule_new(struct policy_oracle *oracle,
		     const struct sluice_policy_rule_cfg *cfg)
{
	struct oracle_rule *rule = find(oracle, &cfg->key);

	if (!rule) {
		rule = &oracle->rules[oracle->count++];
		rule->created = ++oracle->created;
	}
	rule->cfg = *cfg;
	rule->hidden = false;
}

/* There is such a rule. */
void oracle_rule_del(struct policy_oracle *oracle,
		     const struct sluice_policy_key *key)
{
	struct oracle_rule *rule = find(oracle, key);

	*rule = oracle->rules[--oracle->count];
}

/* There is room for as many subjects as have ever had options. */
void oracle_set_opts(struct policy_oracle *oracle, u32 subject,
		     const struct sluice_policy_opts *opts)
{
	struct oracle_opts *of = oracle->opts;

	while (of->subject && of->subject != subject)
		of++;
	of->subject = subject;
	of->opts = *opts;
}

struct sluice_policy_opts oracle_opts_of(const struct policy_oracle *oracle,
					 u32 subject)
{
	u32 i;

	for (i = 0; i < ORACLE_SUBJECTS; i++)
		if (oracle->opts[i].subject == subject)
			return oracle->opts[i].opts;
	return (struct sluice_policy_opts) {};
}

void oracle_flush(struct policy_oracle *oracle)
{
	oracle->count = 0;
	memset(oracle->opts, 0, sizeof(oracle->opts));
}

void oracle_replace_all(struct policy_oracle *oracle)
{
	u32 i;

	for (i = 0; i < oracle->count; i++)
		oracle->rules[i].hidden = true;
	memset(oracle->opts, 0, sizeof(oracle->opts));
}

/* They are not back until the end of the transaction, so never. */
void oracle_forget_hidden(struct policy_oracle *oracle)
{
	u32 i = 0;

	while (i < oracle->count)
		if (oracle->rules[i].hidden)
			oracle->rules[i] = oracle->rules[--oracle->count];
		else
			i++;
}

/* Whether a subject has rules or options. */
bool oracle_has(const struct policy_oracle *oracle, u32 subject)
{
	struct sluice_policy_opts opts = oracle_opts_of(oracle, subject);
	u32 i;

	for (i = 0; i < oracle->count; i++)
		if (!oracle->rules[i].hidden &&
		    oracle->rules[i].cfg.key.subject == subject)
			return true;
	return !sluice_policy_opts_are_default(&opts);
}

/* --------------------------------------------------------------- the decision */

static bool has(const struct oracle_numbers *numbers, u32 number)
{
	u32 i;

	for (i = 0; i < numbers->count; i++)
		if (numbers->list[i] == number)
			return true;
	return false;
}

static bool matches_peer(const struct sluice_policy_key *key,
			 const struct oracle_numbers *peer)
{
	if (key->any & SLUICE_POLICY_ANY_PEER)
		return true;
	if (key->peer == 0 && peer->count == 0)
		return true;
	return has(peer, key->peer);
}

static bool matches_packet(const struct sluice_policy_key *key,
			   const struct sluice_policy_question *question)
{
	if (key->any & SLUICE_POLICY_ANY_PROTO)
		return true;
	return key->proto == question->proto &&
	       key->first <= question->port && question->port <= key->last;
}

static int action_rank(u8 action)
{
	if (action == SLUICE_POLICY_ACTION_DENY)
		return 1;
	return action == SLUICE_POLICY_ACTION_ALLOW ? 2 : 3;
}

static bool is_better(const struct oracle_rule *a, const struct oracle_rule *b)
{
	int a_rank = action_rank(a->cfg.action);
	int b_rank = action_rank(b->cfg.action);

	if (a->cfg.key.priority != b->cfg.key.priority)
		return a->cfg.key.priority < b->cfg.key.priority;
	if (a_rank != b_rank)
		return a_rank < b_rank;
	if (a->cfg.cookie != b->cfg.cookie)
		return a->cfg.cookie < b->cfg.cookie;
	return a->created < b->created;
}

static const struct oracle_rule *
best_of_subject(const struct policy_oracle *oracle, u8 tier, u32 subject,
		const struct oracle_numbers *peer,
		const struct sluice_policy_question *question)
{
	const struct oracle_rule *rule, *best = NULL;
	u32 i;

	for (i = 0; i < oracle->count; i++) {
		rule = &oracle->rules[i];
		if (!rule->hidden && rule->cfg.key.tier == tier &&
		    rule->cfg.key.dir == question->dir &&
		    rule->cfg.key.subject == subject &&
		    matches_peer(&rule->cfg.key, peer) &&
		    matches_packet(&rule->cfg.key, question) &&
		    (!best || is_better(rule, best)))
			best = rule;
	}
	return best;
}

/* Whether a subject in audit mode has no say, as it would only deny something. */
static bool is_silent(const struct policy_oracle *oracle,
		      const struct oracle_rule *rule, bool firm)
{
	return firm && rule->cfg.action == SLUICE_POLICY_ACTION_DENY &&
	       oracle_opts_of(oracle, rule->cfg.key.subject).audit;
}

static const struct oracle_rule *
best_of_tier(const struct policy_oracle *oracle, u8 tier,
	     const struct oracle_numbers *subject,
	     const struct oracle_numbers *peer,
	     const struct sluice_policy_question *question, bool firm)
{
	const struct oracle_rule *rule, *best = NULL;
	u32 i;

	for (i = 0; i < subject->count; i++) {
		rule = best_of_subject(oracle, tier, subject->list[i], peer,
				       question);
		if (rule && !is_silent(oracle, rule, firm) &&
		    (!best || is_better(rule, best)))
			best = rule;
	}
	return best;
}

static bool is_isolated(const struct policy_oracle *oracle, u32 subject, u8 dir)
{
	const struct sluice_policy_key *key;
	u32 i;

	if (oracle_opts_of(oracle, subject).isolate & 1 << dir)
		return true;
	for (i = 0; i < oracle->count; i++) {
		key = &oracle->rules[i].cfg.key;
		if (!oracle->rules[i].hidden && key->subject == subject &&
		    key->dir == dir && key->tier == SLUICE_POLICY_TIER_NORMAL)
			return true;
	}
	return false;
}

/* The one with the lowest number, or 0. */
static u32 find_isolated(const struct policy_oracle *oracle,
			 const struct oracle_numbers *subject, u8 dir, bool firm)
{
	u32 lowest = 0, i;

	for (i = 0; i < subject->count; i++)
		if (is_isolated(oracle, subject->list[i], dir) &&
		    !(firm && oracle_opts_of(oracle, subject->list[i]).audit) &&
		    (!lowest || subject->list[i] < lowest))
			lowest = subject->list[i];
	return lowest;
}

static bool is_enforced(const struct policy_oracle *oracle,
			const struct oracle_numbers *subject)
{
	u32 i;

	for (i = 0; i < subject->count; i++)
		if (oracle_has(oracle, subject->list[i]) &&
		    !oracle_opts_of(oracle, subject->list[i]).audit)
			return true;
	return false;
}

/* @verdict says nothing yet; whether this rule leaves nothing to decide. */
static bool decided_by(const struct policy_oracle *oracle,
		       const struct oracle_rule *rule,
		       struct oracle_verdict *verdict)
{
	if (!rule || rule->cfg.action == SLUICE_POLICY_ACTION_PASS)
		return false;
	verdict->rule = rule;
	verdict->why = SLUICE_POLICY_WHY_RULE;
	verdict->action = rule->cfg.action;
	verdict->opts = oracle_opts_of(oracle, rule->cfg.key.subject);
	return true;
}

/* @firm: without what subjects in audit mode would deny */
static void decide(const struct policy_oracle *oracle,
		   const struct oracle_numbers *subject,
		   const struct oracle_numbers *peer,
		   const struct sluice_policy_question *question, bool firm,
		   struct oracle_verdict *verdict)
{
	const struct oracle_rule *admin, *normal, *baseline;
	u32 isolated = find_isolated(oracle, subject, question->dir, firm);

	admin = best_of_tier(oracle, SLUICE_POLICY_TIER_ADMIN, subject, peer,
			     question, firm);
	normal = best_of_tier(oracle, SLUICE_POLICY_TIER_NORMAL, subject, peer,
			      question, firm);
	baseline = best_of_tier(oracle, SLUICE_POLICY_TIER_BASELINE, subject,
				peer, question, firm);
	*verdict = (struct oracle_verdict) {
		.enforced = is_enforced(oracle, subject),
	};
	if (decided_by(oracle, admin, verdict))
		return;
	if (decided_by(oracle, normal, verdict))
		return;
	if (isolated) {
		verdict->why = SLUICE_POLICY_WHY_ISOLATION;
		verdict->action = SLUICE_POLICY_ACTION_DENY;
		verdict->opts = oracle_opts_of(oracle, isolated);
		return;
	}
	if (decided_by(oracle, baseline, verdict))
		return;
	verdict->why = SLUICE_POLICY_WHY_DEFAULT;
	verdict->action = SLUICE_POLICY_ACTION_ALLOW;
}

void oracle_decide(const struct policy_oracle *oracle,
		   const struct oracle_numbers *subject,
		   const struct oracle_numbers *peer,
		   const struct sluice_policy_question *question,
		   struct oracle_verdict *verdict)
{
	struct oracle_verdict firm;

	decide(oracle, subject, peer, question, false, verdict);
	decide(oracle, subject, peer, question, true, &firm);
	if (firm.action == SLUICE_POLICY_ACTION_DENY &&
	    verdict->action == SLUICE_POLICY_ACTION_DENY &&
	    verdict->opts.audit)
		*verdict = firm;
}
