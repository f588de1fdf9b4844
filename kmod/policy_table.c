// SPDX-License-Identifier: GPL-2.0
/*
 * The rules of a namespace: their table. policy_tx.c changes them.
 */
#include <linux/rhashtable.h>
#include <linux/string.h>

#include "alloc.h"
#include "policy_peers.h"
#include "policy_table.h"

/* A key can have several versions in a transaction; the last one is found. */
static int compare_rule(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct sluice_policy_rule *rule = obj;

	return memcmp(arg->key, &rule->key, sizeof(rule->key)) || rule->gone;
}

static const struct rhashtable_params key_params = {
	.head_offset = offsetof(struct sluice_policy_rule, node),
	.key_offset = offsetof(struct sluice_policy_rule, key),
	.key_len = sizeof(struct sluice_policy_key),
	.obj_cmpfn = compare_rule,
	.automatic_shrinking = true,
};

/**
 * sluice_policy_table_init() - make an empty table
 * @table: table
 * @identities: where subjects have their numbers
 * @lock: the configuration lock of its namespace
 *
 * Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_policy_table_init(struct sluice_policy_table *table,
			     struct sluice_identity_table *identities,
			     struct mutex *lock)
{
	table->identities = identities;
	table->lock = lock;
	xa_init(&table->rules);
	xa_init(&table->policies);
	return rhashtable_init(&table->keys, &key_params);
}

/* The table is empty and no reader is left; process context, may sleep. */
void sluice_policy_table_fini(struct sluice_policy_table *table)
{
	rhashtable_destroy(&table->keys);
	xa_destroy(&table->policies);
	xa_destroy(&table->rules);
}

/**
 * sluice_policy_find_rule() - find a rule
 * @table: table; the caller holds the configuration lock
 * @key: what names it
 *
 * What the transaction under way has deleted is not found.
 *
 * Return: the rule without a reference, or NULL.
 */
struct sluice_policy_rule *
sluice_policy_find_rule(struct sluice_policy_table *table,
			const struct sluice_policy_key *key)
{
	return rhashtable_lookup_fast(&table->keys, key, key_params);
}

/* The rules and options of a subject, or NULL; configuration lock. */
struct sluice_policy *sluice_policy_find(struct sluice_policy_table *table,
					 u32 subject)
{
	return xa_load(&table->policies, subject);
}

/* Where rules like @key are, or NULL; the caller holds the lock. */
struct sluice_policy_peer *
sluice_policy_find_peer(struct sluice_policy_table *table,
			const struct sluice_policy_key *key)
{
	struct sluice_policy *policy = sluice_policy_find(table, key->subject);
	struct sluice_policy_side *side;
	struct sluice_policy_peer *peer;

	sluice_policy_table_assert_locked(table);
	if (!policy)
		return NULL;
	side = sluice_policy_side(policy, key->dir);
	if (key->any & SLUICE_POLICY_ANY_PEER)
		return &side->any;

	rcu_read_lock();
	peer = sluice_policy_peers_find(side, key->peer);
	rcu_read_unlock();
	return peer;
}

/* ----------------------------------------------------------------------- rules */

/* Of equal priority, what is denied is not allowed. */
static u64 order_of(const struct sluice_policy_rule_cfg *cfg)
{
	static const u8 ranks[] = {
		[SLUICE_POLICY_ACTION_DENY] = 0,
		[SLUICE_POLICY_ACTION_ALLOW] = 1,
		[SLUICE_POLICY_ACTION_PASS] = 2,
	};

	return (u64)cfg->key.priority << 2 | ranks[cfg->action];
}

/**
 * sluice_policy_rule_alloc() - make a rule
 * @cfg: what it is to be
 *
 * Process context, may sleep.
 *
 * Return: the rule with one reference, its own origin, or NULL.
 */
struct sluice_policy_rule *
sluice_policy_rule_alloc(const struct sluice_policy_rule_cfg *cfg)
{
	size_t len = cfg->name ? strlen(cfg->name) : 0;
	struct sluice_policy_rule *rule;

	rule = sluice_alloc(struct_size(rule, name, len + 1));
	if (!rule)
		return NULL;

	rule->key = cfg->key;
	rule->order = order_of(cfg);
	rule->cookie = cfg->cookie;
	rule->action = cfg->action;
	rule->origin = rule;
	refcount_set(&rule->refs, 1);
	if (len)
		memcpy(rule->name, cfg->name, len);
	return rule;
}

/**
 * sluice_policy_rule_link() - put a rule in the table
 * @table: table; the caller holds the configuration lock
 * @rule: rule; in the order of the rules it takes the place of the version
 *	that has its id
 * @peer: where it belongs
 *
 * It is not yet in a map. Process context, may sleep.
 *
 * Return: 0 or -errno.
 */
int sluice_policy_rule_link(struct sluice_policy_table *table,
			    struct sluice_policy_rule *rule,
			    struct sluice_policy_peer *peer)
{
	struct sluice_policy_rule *before;
	int err;

	sluice_policy_table_assert_locked(table);
	if (sluice_alloc_fails())
		return -ENOMEM;
	before = xa_store(&table->rules, rule->id, rule, GFP_KERNEL_ACCOUNT);
	if (xa_is_err(before))
		return xa_err(before);

	err = rhashtable_insert_fast(&table->keys, &rule->node, key_params);
	if (err) {
		/* An entry there was takes no memory to be put back. */
		xa_store(&table->rules, rule->id, before, GFP_KERNEL_ACCOUNT);
		return err;
	}
	list_add_tail(&rule->list, &peer->rules);
	return 0;
}

/* Have a rule that is in the table stand for its versions; cannot fail. */
void sluice_policy_rule_keep(struct sluice_policy_table *table,
			     struct sluice_policy_rule *rule)
{
	xa_store(&table->rules, rule->id, rule, GFP_KERNEL_ACCOUNT);
}

static void put_rcu(struct rcu_head *rcu)
{
	sluice_policy_rule_put(container_of(rcu, struct sluice_policy_rule,
					    rcu));
}

/**
 * sluice_policy_rule_unlink() - forget a rule
 * @table: table; the caller holds the configuration lock
 * @rule: rule that packets of new revisions do not see
 *
 * Readers of the old map may still find it for a grace period.
 */
void sluice_policy_rule_unlink(struct sluice_policy_table *table,
			       struct sluice_policy_rule *rule)
{
	sluice_policy_table_assert_locked(table);
	rhashtable_remove_fast(&table->keys, &rule->node, key_params);
	if (xa_load(&table->rules, rule->id) == rule)
		xa_erase(&table->rules, rule->id);
	list_del(&rule->list);
	call_rcu(&rule->rcu, put_rcu);
}

/* ----------------------------------------------------------------------- peers */

static void peer_init(struct sluice_policy_peer *peer,
		      struct sluice_policy_side *side, u32 number)
{
	INIT_LIST_HEAD(&peer->rules);
	peer->side = side;
	peer->number = number;
}

/**
 * sluice_policy_peer_link() - make room for rules that name a peer
 * @table: table; the caller holds the configuration lock
 * @policy: of the subject
 * @key: of a rule whose peer has no room yet
 *
 * Process context, may sleep.
 *
 * Return: the room, or NULL if there is no memory.
 */
struct sluice_policy_peer *
sluice_policy_peer_link(struct sluice_policy_table *table,
			struct sluice_policy *policy,
			const struct sluice_policy_key *key)
{
	struct sluice_policy_peer *peer = sluice_alloc(sizeof(*peer));
	struct sluice_policy_side *side = sluice_policy_side(policy, key->dir);

	sluice_policy_table_assert_locked(table);
	if (!peer)
		return NULL;
	peer_init(peer, side, key->peer);
	if (sluice_policy_peers_add(side, peer, table->lock)) {
		sluice_free(peer);
		return NULL;
	}
	return peer;
}

/* Forget a peer without rules; the room for those with any peer stays. */
void sluice_policy_peer_unlink(struct sluice_policy_table *table,
			       struct sluice_policy_peer *peer)
{
	sluice_policy_table_assert_locked(table);
	sluice_version_clear(&peer->map, table->lock);
	if (peer == &peer->side->any)
		return;
	sluice_policy_peers_del(peer, table->lock);
	sluice_free_rcu(peer, rcu);
}

/* -------------------------------------------------------------------- subjects */

static struct sluice_policy *policy_alloc(void)
{
	struct sluice_policy *policy = sluice_alloc(sizeof(*policy));
	u32 i;

	if (!policy)
		return NULL;
	for (i = 0; i < SLUICE_POLICY_DIRECTIONS; i++) {
		peer_init(&policy->sides[i].any, &policy->sides[i], 0);
		policy->sides[i].policy = policy;
	}
	return policy;
}

/**
 * sluice_policy_link() - make room for the rules and options of a subject
 * @table: table; the caller holds the configuration lock
 * @subject: number that has none yet
 *
 * Process context, may sleep.
 *
 * Return: the room, or NULL if there is no memory.
 */
struct sluice_policy *sluice_policy_link(struct sluice_policy_table *table,
					 u32 subject)
{
	struct sluice_policy *policy = policy_alloc();
	struct sluice_identity *identity;

	sluice_policy_table_assert_locked(table);
	if (!policy)
		return NULL;
	identity = sluice_identity_get(table->identities, subject);
	if (IS_ERR(identity))
		goto free_policy;
	policy->identity = identity;
	if (sluice_alloc_fails() ||
	    xa_insert(&table->policies, subject, policy, GFP_KERNEL_ACCOUNT))
		goto put_identity;

	rcu_assign_pointer(identity->policy, policy);
	WRITE_ONCE(table->subject_count, table->subject_count + 1);
	return policy;

put_identity:
	sluice_identity_put(table->identities, identity);
free_policy:
	sluice_free(policy);
	return NULL;
}

/* Forget a subject that has neither rules nor options. */
void sluice_policy_unlink(struct sluice_policy_table *table,
			  struct sluice_policy *policy)
{
	struct sluice_policy_peers *peers;
	u32 i;

	sluice_policy_table_assert_locked(table);
	RCU_INIT_POINTER(policy->identity->policy, NULL);
	xa_erase(&table->policies, policy->identity->number);
	WRITE_ONCE(table->subject_count, table->subject_count - 1);
	sluice_identity_put(table->identities, policy->identity);
	sluice_version_clear(&policy->head, table->lock);
	for (i = 0; i < SLUICE_POLICY_DIRECTIONS; i++) {
		peers = sluice_policy_peers_of(&policy->sides[i], table->lock);
		if (peers)
			sluice_free_rcu(peers, rcu);
	}
	sluice_free_rcu(policy, rcu);
}
