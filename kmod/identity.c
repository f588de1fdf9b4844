// SPDX-License-Identifier: GPL-2.0
/*
 * Identities: numbers in use.
 */
#include <linux/rhashtable.h>

#include "alloc.h"
#include "identity.h"

static const struct rhashtable_params number_params = {
	.head_offset = offsetof(struct sluice_identity, node),
	.key_offset = offsetof(struct sluice_identity, number),
	.key_len = sizeof(u32),
	.automatic_shrinking = true,
};

/* Process context, may sleep; 0 or -ENOMEM. */
int sluice_identity_table_init(struct sluice_identity_table *table,
			       struct mutex *lock)
{
	table->lock = lock;
	return rhashtable_init(&table->numbers, &number_params);
}

/* The table is empty; process context, may sleep. */
void sluice_identity_table_fini(struct sluice_identity_table *table)
{
	rhashtable_destroy(&table->numbers);
}

/**
 * sluice_identity_get_number() - find or make the identity of a number
 * @table: table; the caller holds the configuration lock
 * @number: number
 *
 * Process context, may sleep.
 *
 * Return: the identity with a reference taken, or NULL if there is no memory.
 */
struct sluice_identity *
sluice_identity_get_number(struct sluice_identity_table *table, u32 number)
{
	struct sluice_identity *identity;

	lockdep_assert_held(table->lock);
	identity = rhashtable_lookup_fast(&table->numbers, &number,
					  number_params);
	if (identity) {
		refcount_inc(&identity->refs);
		return identity;
	}

	identity = sluice_alloc(sizeof(*identity));
	if (!identity)
		return NULL;

	identity->number = number;
	refcount_set(&identity->refs, 1);
	if (rhashtable_insert_fast(&table->numbers, &identity->node,
				   number_params)) {
		kvfree(identity);
		return NULL;
	}
	return identity;
}

/* Release a reference; the caller holds the configuration lock. */
void sluice_identity_put(struct sluice_identity_table *table,
			 struct sluice_identity *identity)
{
	lockdep_assert_held(table->lock);
	if (!refcount_dec_and_test(&identity->refs))
		return;

	rhashtable_remove_fast(&table->numbers, &identity->node,
			       number_params);
	kvfree_rcu(identity, rcu);
}
