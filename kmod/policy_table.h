/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules of a namespace: their table.
 */
#ifndef _SLUICE_POLICY_TABLE_H
#define _SLUICE_POLICY_TABLE_H

#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/xarray.h>

#include "policy.h"

#define SLUICE_POLICY_RULES_MAX		1000000
#define SLUICE_POLICY_SUBJECTS_MAX	1000000

/**
 * struct sluice_policy_table - rules of one namespace
 * @keys: rules by key; configuration lock, as all of the following
 * @rules: rules in the order of their creation, by id; one that the
 *	transaction under way deletes is still there, and is gone
 * @policies: by number of the subject
 * @next_id: id of the next rule
 * @rule_count: rules
 * @subject_count: length of @policies; read without the lock
 * @identities: where subjects have their numbers
 * @lock: the configuration lock
 */
struct sluice_policy_table {
	struct rhashtable keys;
	struct xarray rules;
	struct xarray policies;
	unsigned long next_id;
	u32 rule_count;
	u32 subject_count;
	struct sluice_identity_table *identities;
	struct mutex *lock;
};

/**
 * struct sluice_policy_rule_cfg - what is asked of a rule
 * @key: names it
 * @action: &enum sluice_policy_action
 * @cookie: userspace's
 * @name: for people, at most %SLUICE_POLICY_NAME_MAX characters; NULL if none
 */
struct sluice_policy_rule_cfg {
	struct sluice_policy_key key;
	u8 action;
	u64 cookie;
	const char *name;
};

int sluice_policy_table_init(struct sluice_policy_table *table,
			     struct sluice_identity_table *identities,
			     struct mutex *lock);
void sluice_policy_table_fini(struct sluice_policy_table *table);

struct sluice_policy_rule *
sluice_policy_find_rule(struct sluice_policy_table *table,
			const struct sluice_policy_key *key);
struct sluice_policy *sluice_policy_find(struct sluice_policy_table *table,
					 u32 subject);
struct sluice_policy_peer *
sluice_policy_find_peer(struct sluice_policy_table *table,
			const struct sluice_policy_key *key);

struct sluice_policy_rule *
sluice_policy_rule_alloc(const struct sluice_policy_rule_cfg *cfg);
int sluice_policy_rule_link(struct sluice_policy_table *table,
			    struct sluice_policy_rule *rule,
			    struct sluice_policy_peer *peer);
void sluice_policy_rule_keep(struct sluice_policy_table *table,
			     struct sluice_policy_rule *rule);
void sluice_policy_rule_unlink(struct sluice_policy_table *table,
			       struct sluice_policy_rule *rule);

struct sluice_policy_peer *
sluice_policy_peer_link(struct sluice_policy_table *table,
			struct sluice_policy *policy,
			const struct sluice_policy_key *key);
void sluice_policy_peer_unlink(struct sluice_policy_table *table,
			       struct sluice_policy_peer *peer);

struct sluice_policy *sluice_policy_link(struct sluice_policy_table *table,
					 u32 subject);
void sluice_policy_unlink(struct sluice_policy_table *table,
			  struct sluice_policy *policy);

static inline void
sluice_policy_table_assert_locked(const struct sluice_policy_table *table)
{
	lockdep_assert_held(table->lock);
}

#endif
