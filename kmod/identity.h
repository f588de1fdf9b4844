/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Identities: numbers that stand for who is behind an address.
 */
#ifndef _SLUICE_IDENTITY_H
#define _SLUICE_IDENTITY_H

#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>

struct sluice_policy;

/**
 * struct sluice_identity - a number in use
 * @policy: rules of which it is the subject, NULL if there are none; RCU,
 *	written under the configuration lock by policy_tx.c
 * @number: constant
 * @refs: references
 * @node: in &struct sluice_identity_table.numbers
 * @rcu: for the deferred freeing
 */
struct sluice_identity {
	struct sluice_policy __rcu *policy;
	u32 number;
	refcount_t refs;
	struct rhash_head node;
	struct rcu_head rcu;
};

/**
 * struct sluice_idset - some identities
 * @count: length of @ids
 * @ids: by number, each once
 *
 * Immutable.
 */
struct sluice_idset {
	u32 count;
	struct sluice_identity *ids[];
};

/**
 * struct sluice_identities - those of an address
 * @sets: either may be NULL; one identity may be in both
 */
struct sluice_identities {
	const struct sluice_idset *sets[2];
};

/**
 * struct sluice_identity_table - identities of one namespace
 * @numbers: by number; configuration lock
 * @lock: the configuration lock
 */
struct sluice_identity_table {
	struct rhashtable numbers;
	struct mutex *lock;
};

int sluice_identity_table_init(struct sluice_identity_table *table,
			       struct mutex *lock);
void sluice_identity_table_fini(struct sluice_identity_table *table);

struct sluice_identity *
sluice_identity_get_number(struct sluice_identity_table *table, u32 number);
void sluice_identity_put(struct sluice_identity_table *table,
			 struct sluice_identity *identity);

#endif
