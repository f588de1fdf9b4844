// SPDX-License-Identifier: GPL-2.0
/*
 * Policy: decisions. policy_tx.c changes the rules.
 */
#include "alloc.h"
#include "idset.h"
#include "policy.h"
#include "policy_map.h"
#include "policy_peers.h"

/**
 * DOC: Decisions
 *
 * A decision is about one direction of one subject address: what it begins,
 * or what others begin to it. All rules compete that are of an identity of the
 * subject and in that direction, whose peer is any or an identity of the
 * peer's address, and whose protocol and values match. The tiers are asked one
 * after the other; in a tier the rule with the lowest priority decides,
 * between equal ones one that denies before one that allows before one that
 * passes. The next tier is asked if that rule passes or there is none. Before
 * the baseline tier is asked, a subject that is isolated in the direction is
 * denied what nothing has allowed. In the end it is allowed.
 *
 * What a subject in audit mode denies is only told of, and keeps nobody else
 * from denying it: then its best rule of a tier, if it denies, and its isolation
 * are put aside, and all is decided once more.
 *
 * Rules are found by subject, direction and peer: each has a map with the best
 * rules of each tier for every protocol and value (policy_map.c), and there is
 * one for rules with any peer. Addresses with one identity each are decided by
 * two maps. What they say is merged in the order of the rules.
 */

/* Who has no identity has the number 0 alone. */
static struct sluice_identity nobody;
static const struct sluice_idset unknown = { .count = 1, .ids = { &nobody } };
static const struct sluice_idset none;

/**
 * struct answer - what has been found so far
 * @peers: identities of the peer, both sets
 * @revision: of the packet
 * @class: of its protocol
 * @value: of that class
 * @dir: &enum sluice_policy_direction
 * @rules: the best of each tier, or NULL
 * @heads: of their subjects
 * @isolated: an identity that is isolated, the one with the lowest number
 * @isolated_head: its options
 * @applies: an identity of the subject has a policy
 * @enforced: one of these is not in audit mode
 * @firm: what subjects in audit mode deny is put aside
 */
struct answer {
	const struct sluice_idset *peers[2];
	unsigned long revision;
	enum sluice_policy_class class;
	u16 value;
	u8 dir;
	struct sluice_policy_rule *rules[SLUICE_POLICY_TIERS];
	const struct sluice_policy_head *heads[SLUICE_POLICY_TIERS];
	const struct sluice_identity *isolated;
	const struct sluice_policy_head *isolated_head;
	bool applies;
	bool enforced;
	bool firm;
};

static void compete(struct answer *answer, u32 i,
		    struct sluice_policy_rule *rule,
		    const struct sluice_policy_head *head)
{
	if (!rule || (answer->rules[i] &&
		      !sluice_policy_rule_before(rule, answer->rules[i])))
		return;
	answer->rules[i] = rule;
	answer->heads[i] = head;
}

static void ask_map(struct answer *answer, const struct sluice_policy_peer *peer,
		    const struct sluice_policy_head *head)
{
	const struct sluice_policy_cell *cell;
	const struct sluice_policy_map *map;

	map = sluice_policy_map_at(peer, answer->revision);
	if (!map)
		return;

	cell = sluice_policy_map_lookup(map, answer->class, answer->value);
	compete(answer, 0, cell->rules[0], head);
	compete(answer, 1, cell->rules[1], head);
	compete(answer, 2, cell->rules[2], head);
	static_assert(SLUICE_POLICY_TIERS == 3);
}

static void ask_peers(struct answer *answer,
		      const struct sluice_policy_side *side,
		      const struct sluice_idset *peers,
		      const struct sluice_policy_head *head)
{
	const struct sluice_policy_peer *peer;
	u32 i;

	for (i = 0; i < peers->count; i++) {
		peer = sluice_policy_peers_find(side, peers->ids[i]->number);
		if (peer)
			ask_map(answer, peer, head);
	}
}

static void note_isolation(struct answer *answer,
			   const struct sluice_identity *subject,
			   const struct sluice_policy_head *head)
{
	if (answer->isolated && answer->isolated->number < subject->number)
		return;
	answer->isolated = subject;
	answer->isolated_head = head;
}

static void ask_side(struct answer *answer,
		     const struct sluice_policy_side *side,
		     const struct sluice_policy_head *head)
{
	u32 i;

	if (rcu_access_pointer(side->any.map))
		ask_map(answer, &side->any, head);
	for (i = 0; i < ARRAY_SIZE(answer->peers); i++)
		ask_peers(answer, side, answer->peers[i], head);
}

/* Of each tier the best rule, if it does not deny */
static noinline void ask_audited(struct answer *answer,
				 const struct sluice_policy_side *side,
				 const struct sluice_policy_head *head)
{
	struct answer own = *answer;
	u32 i;

	memset(own.rules, 0, sizeof(own.rules));
	ask_side(&own, side, head);
	for (i = 0; i < SLUICE_POLICY_TIERS; i++)
		if (own.rules[i] &&
		    own.rules[i]->action != SLUICE_POLICY_ACTION_DENY)
			compete(answer, i, own.rules[i], head);
}

static void ask_subject(struct answer *answer,
			const struct sluice_identity *subject)
{
	struct sluice_policy *policy = rcu_dereference(subject->policy);
	const struct sluice_policy_head *head;
	const struct sluice_policy_side *side;

	if (!policy)
		return;

	answer->applies = true;
	head = sluice_policy_head_at(policy, answer->revision);
	side = sluice_policy_side(policy, answer->dir);
	if (!head || !head->opts.audit) {
		answer->enforced = true;
	} else if (answer->firm) {
		ask_audited(answer, side, head);
		return;
	}
	if (head && head->isolated & BIT(answer->dir))
		note_isolation(answer, subject, head);
	ask_side(answer, side, head);
}

static void ask_subjects(struct answer *answer,
			 const struct sluice_identities *subject)
{
	const struct sluice_idset *set;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(subject->sets); i++) {
		set = subject->sets[i] ?: &none;
		for (j = 0; j < set->count; j++)
			ask_subject(answer, set->ids[j]);
	}
}

static bool has_rules(const struct sluice_identities *subject)
{
	const struct sluice_idset *set;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(subject->sets); i++) {
		set = subject->sets[i] ?: &none;
		for (j = 0; j < set->count; j++)
			if (rcu_access_pointer(set->ids[j]->policy))
				return true;
	}
	return false;
}

static void decided(struct sluice_policy_verdict *verdict, u8 why, u8 action,
		    const struct sluice_policy_head *head)
{
	verdict->why = why;
	verdict->action = action;
	if (head)
		verdict->opts = head->opts;
}

static void conclude(const struct answer *answer,
		     struct sluice_policy_verdict *verdict)
{
	struct sluice_policy_rule *rule;
	u8 tier;

	for (tier = SLUICE_POLICY_TIER_ADMIN; tier <= SLUICE_POLICY_TIER_MAX;
	     tier++) {
		if (tier == SLUICE_POLICY_TIER_BASELINE && answer->isolated) {
			verdict->subject = answer->isolated->number;
			decided(verdict, SLUICE_POLICY_WHY_ISOLATION,
				SLUICE_POLICY_ACTION_DENY,
				answer->isolated_head);
			return;
		}
		rule = answer->rules[tier - 1];
		if (!rule || rule->action == SLUICE_POLICY_ACTION_PASS)
			continue;
		verdict->rule = rule;
		verdict->subject = rule->key.subject;
		decided(verdict, SLUICE_POLICY_WHY_RULE, rule->action,
			answer->heads[tier - 1]);
		return;
	}
	decided(verdict, SLUICE_POLICY_WHY_DEFAULT, SLUICE_POLICY_ACTION_ALLOW,
		NULL);
}

/* Release a reference; any context. Whoever has read it may go on for a while. */
void sluice_policy_rule_put(struct sluice_policy_rule *rule)
{
	struct sluice_policy_rule *origin = rule->origin;

	if (!refcount_dec_and_test(&rule->refs))
		return;
	if (origin != rule)
		sluice_policy_rule_put(origin);
	sluice_free_rcu(rule, rcu);
}

/* Whether somebody denies it who is not in audit mode: @verdict is that one then. */
static noinline void decide_firmly(const struct sluice_identities *subject,
				   const struct answer *first,
				   struct sluice_policy_verdict *verdict)
{
	struct sluice_policy_verdict firm = {
		.applies = true, .enforced = true,
	};
	struct answer answer = *first;

	memset(answer.rules, 0, sizeof(answer.rules));
	answer.isolated = NULL;
	answer.firm = true;
	ask_subjects(&answer, subject);
	conclude(&answer, &firm);
	if (firm.action == SLUICE_POLICY_ACTION_DENY)
		*verdict = firm;
}

static void decide(const struct sluice_identities *subject,
		   const struct sluice_identities *peer,
		   const struct sluice_policy_question *question,
		   unsigned long revision,
		   struct sluice_policy_verdict *verdict)
{
	enum sluice_policy_class class = sluice_policy_class_of(question->proto);
	struct answer answer = {
		.peers = { peer->sets[0] ?: &none, peer->sets[1] ?: &none },
		.revision = revision,
		.class = class,
		.value = class == SLUICE_POLICY_OTHER ? question->proto :
							question->port,
		.dir = question->dir,
	};

	if (!answer.peers[0]->count && !answer.peers[1]->count)
		answer.peers[0] = &unknown;
	ask_subjects(&answer, subject);
	*verdict = (struct sluice_policy_verdict) {
		.applies = answer.applies, .enforced = answer.enforced,
	};
	conclude(&answer, verdict);
	if (verdict->action == SLUICE_POLICY_ACTION_DENY &&
	    verdict->opts.audit && answer.enforced)
		decide_firmly(subject, &answer, verdict);
}

/**
 * sluice_policy_decide() - whether a flow may be
 * @subject: identities of the address whose rules are asked; who has none has
 *	no rules
 * @peer: identities of the address on the other side
 * @question: direction, protocol, port
 * @revision: loaded before the identities were looked for
 * @verdict: filled in
 *
 * Any context, RCU. The rule that is returned has no reference: it is there
 * until rcu_read_unlock().
 *
 * Once @revision is over, what it saw is taken away piece by piece. So whoever
 * decides has to look at the revision again afterwards, behind smp_rmb(), and
 * to decide once more if it has risen.
 */
void sluice_policy_decide(const struct sluice_identities *subject,
			  const struct sluice_identities *peer,
			  const struct sluice_policy_question *question,
			  unsigned long revision,
			  struct sluice_policy_verdict *verdict)
{
	if (has_rules(subject))
		decide(subject, peer, question, revision, verdict);
	else
		*verdict = (struct sluice_policy_verdict) {
			.why = SLUICE_POLICY_WHY_DEFAULT,
			.action = SLUICE_POLICY_ACTION_ALLOW,
		};
}
