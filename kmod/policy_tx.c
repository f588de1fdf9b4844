// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of rules, all of them or none.
 */
#include <linux/sched.h>
#include <linux/string.h>

#include "alloc.h"
#include "policy_map.h"
#include "policy_peers.h"
#include "policy_tx.h"

/**
 * DOC: Changes of rules
 *
 * What tx.c does to services this does to rules: while a transaction is
 * prepared, what belongs to the next revision is put in the tables beside what
 * packets see. A rule that is created or deleted is marked @born or @gone, one
 * that is changed is replaced by another version of it. Then each peer whose
 * rules have changed gets a new map and each subject a new head, with the
 * present ones behind them for packets of the present revision. The rules
 * themselves are seen in maps only.
 *
 * At the end, or if the transaction is given up, the maps and heads are the new
 * or the old ones alone, and peers and subjects without rules go.
 */

/* The caller holds the configuration lock until the end. */
void sluice_policy_tx_begin(struct sluice_policy_tx *tx,
			    struct sluice_policy_table *table,
			    unsigned long revision)
{
	sluice_policy_table_assert_locked(table);
	*tx = (struct sluice_policy_tx) {
		.table = table,
		.revision = revision,
		.rule_count = table->rule_count,
	};
	INIT_LIST_HEAD(&tx->rules);
	INIT_LIST_HEAD(&tx->peers);
	INIT_LIST_HEAD(&tx->policies);
}

static void touch_rule(struct sluice_policy_tx *tx,
		       struct sluice_policy_rule *rule)
{
	if (rule->touched)
		return;
	rule->touched = true;
	list_add_tail(&rule->tx, &tx->rules);
}

static void touch_policy(struct sluice_policy_tx *tx,
			 struct sluice_policy *policy)
{
	if (policy->touched)
		return;
	policy->touched = true;
	list_add_tail(&policy->tx, &tx->policies);
}

static void touch_peer(struct sluice_policy_tx *tx,
		       struct sluice_policy_peer *peer)
{
	touch_policy(tx, peer->side->policy);
	if (peer->touched)
		return;
	peer->touched = true;
	tx->changed = true;
	list_add_tail(&peer->tx, &tx->peers);
}

/* -------------------------------------------------------- rules and options */

static bool is_hidden(const struct sluice_policy_tx *tx,
		      const struct sluice_policy_rule *rule)
{
	return tx->only_named && !rule->named;
}

struct sluice_policy_rule *
sluice_policy_tx_find_rule(struct sluice_policy_tx *tx,
			   const struct sluice_policy_key *key)
{
	struct sluice_policy_rule *rule;

	rule = sluice_policy_find_rule(tx->table, key);
	return rule && is_hidden(tx, rule) ? NULL : rule;
}

/* The room is touched, so that it goes again if it stays empty. */
static struct sluice_policy *get_policy(struct sluice_policy_tx *tx,
					u32 subject)
{
	struct sluice_policy *policy = sluice_policy_find(tx->table, subject);

	if (!policy)
		policy = sluice_policy_link(tx->table, subject);
	if (policy)
		touch_policy(tx, policy);
	return policy;
}

static struct sluice_policy_peer *get_peer(struct sluice_policy_tx *tx,
					   const struct sluice_policy_key *key)
{
	struct sluice_policy *policy = get_policy(tx, key->subject);
	struct sluice_policy_peer *peer;

	if (!policy)
		return NULL;
	peer = sluice_policy_find_peer(tx->table, key);
	if (!peer)
		peer = sluice_policy_peer_link(tx->table, policy, key);
	if (peer)
		touch_peer(tx, peer);
	return peer;
}

static void count_rule(struct sluice_policy_peer *peer,
		       const struct sluice_policy_rule *rule, int by)
{
	if (rule->key.tier == SLUICE_POLICY_TIER_NORMAL)
		peer->side->normal_count += by;
}

static void rule_gone(struct sluice_policy_tx *tx,
		      struct sluice_policy_rule *rule)
{
	struct sluice_policy_peer *peer;

	peer = sluice_policy_find_peer(tx->table, &rule->key);
	touch_peer(tx, peer);
	touch_rule(tx, rule);
	rule->gone = true;
	count_rule(peer, rule, -1);
}

/* The versions of a rule have one id and count together. */
static void set_origin(struct sluice_policy_table *table,
		       struct sluice_policy_rule *rule,
		       const struct sluice_policy_rule *before)
{
	if (!before) {
		rule->id = table->next_id++;
		return;
	}
	rule->id = before->id;
	rule->origin = before->origin;
	sluice_policy_rule_get(rule->origin);
}

/* A new rule, or a new version of @before. */
static struct sluice_policy_rule *
add_rule(struct sluice_policy_tx *tx, const struct sluice_policy_rule_cfg *cfg,
	 struct sluice_policy_rule *before)
{
	struct sluice_policy_peer *peer = get_peer(tx, &cfg->key);
	struct sluice_policy_rule *rule;
	int err;

	if (!peer)
		return ERR_PTR(-ENOMEM);
	rule = sluice_policy_rule_alloc(cfg);
	if (!rule)
		return ERR_PTR(-ENOMEM);

	set_origin(tx->table, rule, before);
	err = sluice_policy_rule_link(tx->table, rule, peer);
	if (err) {
		sluice_policy_rule_put(rule);
		return ERR_PTR(err);
	}
	if (before)
		rule_gone(tx, before);
	touch_rule(tx, rule);
	rule->born = true;
	count_rule(peer, rule, 1);
	return rule;
}

static bool says_the_same(const struct sluice_policy_rule *rule,
			  const struct sluice_policy_rule_cfg *cfg)
{
	return rule->action == cfg->action && rule->cookie == cfg->cookie &&
	       !strcmp(rule->name, cfg->name ?: "");
}

static bool has_values(u8 proto)
{
	return sluice_policy_class_of(proto) != SLUICE_POLICY_OTHER;
}

/* Netlink tells what is wrong; this keeps the table in order. */
static bool is_valid(const struct sluice_policy_rule_cfg *cfg)
{
	const struct sluice_policy_key *key = &cfg->key;
	bool any_peer = key->any & SLUICE_POLICY_ANY_PEER;
	bool any_proto = key->any & SLUICE_POLICY_ANY_PROTO;

	if (!key->subject || (any_peer && key->peer) ||
	    (any_proto && key->proto) || key->first > key->last)
		return false;
	if (any_proto || !has_values(key->proto))
		return !key->first && key->last == U16_MAX;
	return true;
}

/**
 * sluice_policy_tx_rule_new() - create a rule, or change it if it exists
 * @tx: transaction
 * @cfg: what it is to be
 *
 * Return: 0, -EINVAL, -ENOSPC or -ENOMEM.
 */
int sluice_policy_tx_rule_new(struct sluice_policy_tx *tx,
			      const struct sluice_policy_rule_cfg *cfg)
{
	struct sluice_policy_rule *rule;
	bool exists;

	if (!is_valid(cfg))
		return -EINVAL;

	rule = sluice_policy_find_rule(tx->table, &cfg->key);
	exists = rule && !is_hidden(tx, rule);
	if (!exists && tx->rule_count >= SLUICE_POLICY_RULES_MAX)
		return -ENOSPC;

	if (!rule || !says_the_same(rule, cfg))
		rule = add_rule(tx, cfg, rule);
	if (IS_ERR(rule))
		return PTR_ERR(rule);

	touch_rule(tx, rule);
	rule->named = true;
	tx->rule_count += !exists;
	return 0;
}

/* Delete what sluice_policy_tx_find_rule() has found. */
void sluice_policy_tx_rule_del(struct sluice_policy_tx *tx,
			       struct sluice_policy_rule *rule)
{
	rule_gone(tx, rule);
	tx->rule_count--;
}

static bool same_opts(const struct sluice_policy_opts *a,
		      const struct sluice_policy_opts *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/**
 * sluice_policy_tx_opts() - how a subject is treated
 * @tx: transaction
 * @subject: number
 *
 * Return: the options as far as the transaction has come.
 */
struct sluice_policy_opts sluice_policy_tx_opts(struct sluice_policy_tx *tx,
						u32 subject)
{
	const struct sluice_policy *policy;

	policy = sluice_policy_find(tx->table, subject);
	if (!policy || (tx->only_named && !policy->named))
		return (struct sluice_policy_opts) {};
	return policy->opts;
}

/**
 * sluice_policy_tx_set_opts() - how a subject is to be treated
 * @tx: transaction
 * @subject: number, not 0
 * @opts: all of the options; zero is the default
 *
 * Rules bring no more subjects than there may be rules.
 *
 * Return: 0, -EINVAL, -ENOSPC or -ENOMEM.
 */
int sluice_policy_tx_set_opts(struct sluice_policy_tx *tx, u32 subject,
			      const struct sluice_policy_opts *opts)
{
	struct sluice_policy *policy;
	bool exists;

	if (!subject)
		return -EINVAL;
	exists = sluice_policy_find(tx->table, subject);
	if (!exists && sluice_policy_opts_are_default(opts))
		return 0;
	/* Those that this transaction deletes are there until its end. */
	if (!exists && tx->table->subject_count >= SLUICE_POLICY_SUBJECTS_MAX)
		return -ENOSPC;

	policy = get_policy(tx, subject);
	if (!policy)
		return -ENOMEM;
	policy->opts = *opts;
	policy->named = true;
	return 0;
}

static void delete_rules(struct sluice_policy_tx *tx, bool named)
{
	struct sluice_policy_rule *rule;
	unsigned long id;

	xa_for_each(&tx->table->rules, id, rule) {
		if (!rule->gone && (named || !rule->named))
			rule_gone(tx, rule);
		cond_resched();
	}
}

static void reset_opts(struct sluice_policy_tx *tx, bool named)
{
	struct sluice_policy *policy;
	unsigned long subject;

	xa_for_each(&tx->table->policies, subject, policy) {
		if (!named && policy->named)
			continue;
		touch_policy(tx, policy);
		policy->opts = (struct sluice_policy_opts) {};
		cond_resched();
	}
}

/* Delete all rules and options. */
void sluice_policy_tx_flush(struct sluice_policy_tx *tx)
{
	delete_rules(tx, true);
	reset_opts(tx, true);
	tx->rule_count = 0;
}

/**
 * sluice_policy_tx_replace_all() - have nothing but what is named from now on
 * @tx: transaction
 *
 * To the rest of the transaction nothing exists any more. Rules that are
 * created again are those there were, with their counters; the others are
 * deleted at the end.
 */
void sluice_policy_tx_replace_all(struct sluice_policy_tx *tx)
{
	struct sluice_policy_rule *rule;
	struct sluice_policy *policy;

	tx->only_named = true;
	tx->rule_count = 0;
	list_for_each_entry(rule, &tx->rules, tx)
		rule->named = false;
	list_for_each_entry(policy, &tx->policies, tx)
		policy->named = false;
}

/* ------------------------------------------------------- what packets will see */

static int prepare_peer(struct sluice_policy_tx *tx,
			struct sluice_policy_peer *peer)
{
	struct sluice_policy_map *map;

	map = sluice_policy_map_build(peer);
	if (!map)
		return -ENOMEM;
	sluice_version_push(&peer->map, &map->version, tx->revision,
			    tx->table->lock);
	return 0;
}

static u8 isolated(struct sluice_policy *policy)
{
	u8 isolated = policy->opts.isolate, dir;

	for (dir = SLUICE_POLICY_DIRECTION_INGRESS;
	     dir <= SLUICE_POLICY_DIRECTION_MAX; dir++)
		if (sluice_policy_side(policy, dir)->normal_count)
			isolated |= BIT(dir);
	return isolated;
}

static struct sluice_policy_head *head_of(struct sluice_policy_tx *tx,
					  struct sluice_policy *policy)
{
	return (void *)sluice_version_newest(&policy->head, tx->table->lock);
}

static int prepare_head(struct sluice_policy_tx *tx,
			struct sluice_policy *policy)
{
	static const struct sluice_policy_head none;
	const struct sluice_policy_head *now = head_of(tx, policy) ?: &none;
	struct sluice_policy_head *head;
	u8 directions = isolated(policy);

	if (now->isolated == directions && same_opts(&now->opts, &policy->opts))
		return 0;

	head = sluice_alloc(sizeof(*head));
	if (!head)
		return -ENOMEM;
	head->opts = policy->opts;
	head->isolated = directions;
	tx->changed = true;
	sluice_version_push(&policy->head, &head->version, tx->revision,
			    tx->table->lock);
	return 0;
}

/**
 * sluice_policy_tx_prepare() - do all that can fail
 * @tx: transaction; there are no more operations
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_policy_tx_prepare(struct sluice_policy_tx *tx)
{
	struct sluice_policy_peer *peer;
	struct sluice_policy *policy;

	if (tx->only_named) {
		delete_rules(tx, false);
		reset_opts(tx, false);
	}
	list_for_each_entry(peer, &tx->peers, tx) {
		if (prepare_peer(tx, peer))
			return -ENOMEM;
		cond_resched();
	}
	list_for_each_entry(policy, &tx->policies, tx)
		if (prepare_head(tx, policy))
			return -ENOMEM;
	return 0;
}

/* --------------------------------------------------------------------- the end */

static void forget_rule(struct sluice_policy_rule *rule)
{
	list_del(&rule->tx);
	rule->touched = false;
	rule->named = false;
	rule->born = false;
}

static void forget_peer(struct sluice_policy_tx *tx,
			struct sluice_policy_peer *peer)
{
	list_del(&peer->tx);
	peer->touched = false;
	if (list_empty(&peer->rules))
		sluice_policy_peer_unlink(tx->table, peer);
}

static bool is_empty(struct sluice_policy_tx *tx, struct sluice_policy *policy)
{
	const struct sluice_policy_peers *peers;
	u32 i;

	for (i = 0; i < SLUICE_POLICY_DIRECTIONS; i++) {
		peers = sluice_policy_peers_of(&policy->sides[i],
					       tx->table->lock);
		if (!list_empty(&policy->sides[i].any.rules) ||
		    (peers && peers->live))
			return false;
	}
	return sluice_policy_opts_are_default(&policy->opts);
}

static void forget_policy(struct sluice_policy_tx *tx,
			  struct sluice_policy *policy)
{
	list_del(&policy->tx);
	policy->touched = false;
	policy->named = false;
	if (is_empty(tx, policy))
		sluice_policy_unlink(tx->table, policy);
}

/* Whether a prepared transaction changes how a subject is treated. */
bool sluice_policy_tx_opts_changed(const struct sluice_policy_tx *tx,
				   const struct sluice_policy *policy)
{
	static const struct sluice_policy_opts none;
	const struct sluice_policy_head *before;
	const struct sluice_version *now;

	now = sluice_version_newest(&policy->head, tx->table->lock);
	if (!now || now->since != tx->revision)
		return false;
	before = (void *)sluice_version_newest(&now->prev, tx->table->lock);
	return !same_opts(before ? &before->opts : &none, &policy->opts);
}

/* Let go of what is over: the revision was raised. */
void sluice_policy_tx_end(struct sluice_policy_tx *tx)
{
	struct sluice_policy_rule *rule, *next_rule;
	struct sluice_policy_peer *peer, *next_peer;
	struct sluice_policy *policy, *next_policy;

	tx->table->rule_count = tx->rule_count;
	smp_wmb();	/* behind the rise; for who looks at it again */
	list_for_each_entry_safe(rule, next_rule, &tx->rules, tx) {
		forget_rule(rule);
		if (rule->gone)
			sluice_policy_rule_unlink(tx->table, rule);
	}
	list_for_each_entry_safe(peer, next_peer, &tx->peers, tx) {
		sluice_version_cut(&peer->map, tx->table->lock);
		forget_peer(tx, peer);
		cond_resched();
	}
	list_for_each_entry_safe(policy, next_policy, &tx->policies, tx) {
		sluice_version_cut(&policy->head, tx->table->lock);
		forget_policy(tx, policy);
	}
}

/* The version there was before is ahead of those that took its place. */
static void undo_rule(struct sluice_policy_tx *tx,
		      struct sluice_policy_rule *rule)
{
	struct sluice_policy_peer *peer;
	bool born = rule->born;

	peer = sluice_policy_find_peer(tx->table, &rule->key);
	if (born != rule->gone)
		count_rule(peer, rule, born ? -1 : 1);
	forget_rule(rule);
	if (born) {
		sluice_policy_rule_unlink(tx->table, rule);
		return;
	}
	rule->gone = false;
	sluice_policy_rule_keep(tx->table, rule);
}

static void undo_opts(struct sluice_policy_tx *tx,
		      struct sluice_policy *policy)
{
	const struct sluice_policy_head *head = head_of(tx, policy);

	policy->opts = head ? head->opts : (struct sluice_policy_opts) {};
}

/* Give up: everything is as it was before; the revision was not raised. */
void sluice_policy_tx_abort(struct sluice_policy_tx *tx)
{
	struct sluice_policy_rule *rule, *next_rule;
	struct sluice_policy_peer *peer, *next_peer;
	struct sluice_policy *policy, *next_policy;

	list_for_each_entry_safe(rule, next_rule, &tx->rules, tx)
		undo_rule(tx, rule);
	list_for_each_entry_safe(peer, next_peer, &tx->peers, tx) {
		sluice_version_undo(&peer->map, tx->revision, tx->table->lock);
		forget_peer(tx, peer);
		cond_resched();
	}
	list_for_each_entry_safe(policy, next_policy, &tx->policies, tx) {
		sluice_version_undo(&policy->head, tx->revision,
				    tx->table->lock);
		undo_opts(tx, policy);
		forget_policy(tx, policy);
	}
}

/* Leave nothing; cannot fail. No packet looks at the table any more. */
void sluice_policy_delete_all(struct sluice_policy_table *table)
{
	struct sluice_policy_tx tx;

	sluice_policy_tx_begin(&tx, table, 0);
	sluice_policy_tx_flush(&tx);
	sluice_policy_tx_end(&tx);
}
