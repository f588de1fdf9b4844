/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of identities: each there is once, however many places have it.
 */
#ifndef _SLUICE_IDSET_H
#define _SLUICE_IDSET_H

#include <linux/rcupdate.h>
#include <linux/rhashtable-types.h>
#include <linux/types.h>

#include "identity.h"

/**
 * struct sluice_idset - identities
 * @node: in &struct sluice_identity_table.sets
 * @rcu: for the deferred freeing
 * @users: places and changes that have it; configuration lock
 * @exclusive: who has it as a host's has no others
 * @count: length of @ids, not zero
 * @ids: by number, no two the same, referenced
 *
 * Immutable, but for @users.
 */
struct sluice_idset {
	struct rhash_head node;
	struct rcu_head rcu;
	u32 users;
	bool exclusive;
	u32 count;
	struct sluice_identity *ids[] __counted_by(count);
};

/**
 * struct sluice_idset_draft - a set under construction
 * @ids: so far, in any order, not referenced
 * @count: length of @ids
 * @room: for so many
 * @exclusive: as in &struct sluice_idset
 *
 * All zero at first. Used again and again, and freed at last.
 */
struct sluice_idset_draft {
	struct sluice_identity **ids;
	u32 count;
	u32 room;
	bool exclusive;
};

int sluice_idset_table_init(struct sluice_identity_table *table);
void sluice_idset_table_fini(struct sluice_identity_table *table);

int sluice_idset_draft_add(struct sluice_idset_draft *draft,
			   struct sluice_identity *identity);
void sluice_idset_draft_free(struct sluice_idset_draft *draft);

struct sluice_idset *sluice_idset_make(struct sluice_identity_table *table,
				       struct sluice_idset_draft *draft);
void sluice_idset_put(struct sluice_identity_table *table,
		      struct sluice_idset *set);

/* Another user of @set, which may be NULL. Configuration lock. */
static inline struct sluice_idset *sluice_idset_get(struct sluice_idset *set)
{
	if (set)
		set->users++;
	return set;
}

static inline bool sluice_idset_has(const struct sluice_idset *set, u32 number)
{
	u32 i;

	for (i = 0; set && i < set->count; i++)
		if (set->ids[i]->number == number)
			return true;
	return false;
}

#endif
