// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of identities.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "alloc.h"
#include "identity.h"
#include "idset.h"

/* A number has one identity, so pointers tell sets apart. */
static u32 hash_ids(struct sluice_identity *const *ids, u32 count,
		    bool exclusive, u32 seed)
{
	return jhash2((const u32 *)ids, count * (sizeof(*ids) / sizeof(u32)),
		      seed + exclusive);
}

static u32 hash_draft(const void *data, u32 len, u32 seed)
{
	const struct sluice_idset_draft *draft = data;

	return hash_ids(draft->ids, draft->count, draft->exclusive, seed);
}

static u32 hash_set(const void *data, u32 len, u32 seed)
{
	const struct sluice_idset *set = data;

	return hash_ids(set->ids, set->count, set->exclusive, seed);
}

static int compare_set(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct sluice_idset_draft *draft = arg->key;
	const struct sluice_idset *set = obj;

	return set->count != draft->count ||
	       set->exclusive != draft->exclusive ||
	       memcmp(set->ids, draft->ids,
		      array_size(set->count, sizeof(*set->ids)));
}

static const struct rhashtable_params set_params = {
	.head_offset = offsetof(struct sluice_idset, node),
	.hashfn = hash_draft,
	.obj_hashfn = hash_set,
	.obj_cmpfn = compare_set,
	.automatic_shrinking = true,
};

int sluice_idset_table_init(struct sluice_identity_table *table)
{
	return rhashtable_init(&table->sets, &set_params);
}

void sluice_idset_table_fini(struct sluice_identity_table *table)
{
	rhashtable_destroy(&table->sets);
}

static int make_room(struct sluice_idset_draft *draft)
{
	u32 room = draft->room ? 2 * draft->room : 16;
	struct sluice_identity **ids;

	ids = sluice_alloc_array(room, sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	if (draft->count)
		memcpy(ids, draft->ids,
		       array_size(draft->count, sizeof(*ids)));
	sluice_free(draft->ids);
	draft->ids = ids;
	draft->room = room;
	return 0;
}

/**
 * sluice_idset_draft_add() - have an identity in a set to be
 * @draft: the set to be
 * @identity: identity, which may be there already
 *
 * Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_idset_draft_add(struct sluice_idset_draft *draft,
			   struct sluice_identity *identity)
{
	if (draft->count == draft->room && make_room(draft))
		return -ENOMEM;
	draft->ids[draft->count++] = identity;
	return 0;
}

void sluice_idset_draft_free(struct sluice_idset_draft *draft)
{
	sluice_free(draft->ids);
	*draft = (struct sluice_idset_draft) {};
}

static int compare_numbers(const void *a, const void *b)
{
	const struct sluice_identity *const *l = a, *const *r = b;

	if ((*l)->number == (*r)->number)
		return 0;
	return (*l)->number < (*r)->number ? -1 : 1;
}

static void sort_draft(struct sluice_idset_draft *draft)
{
	u32 count = 0, i;

	sort(draft->ids, draft->count, sizeof(*draft->ids), compare_numbers,
	     NULL);
	for (i = 0; i < draft->count; i++)
		if (!count || draft->ids[count - 1] != draft->ids[i])
			draft->ids[count++] = draft->ids[i];
	draft->count = count;
}

static struct sluice_idset *set_alloc(const struct sluice_idset_draft *draft)
{
	struct sluice_idset *set;
	u32 i;

	set = sluice_alloc(struct_size(set, ids, draft->count));
	if (!set)
		return NULL;

	set->users = 1;
	set->exclusive = draft->exclusive;
	set->count = draft->count;
	for (i = 0; i < set->count; i++) {
		set->ids[i] = draft->ids[i];
		refcount_inc(&set->ids[i]->refs);
	}
	return set;
}

static void set_free(struct sluice_identity_table *table,
		     struct sluice_idset *set)
{
	u32 i;

	for (i = 0; i < set->count; i++)
		sluice_identity_put(table, set->ids[i]);
	sluice_free_rcu(set, rcu);
}

static struct sluice_idset *set_add(struct sluice_identity_table *table,
				    const struct sluice_idset_draft *draft)
{
	struct sluice_idset *set;
	int err;

	set = set_alloc(draft);
	if (!set)
		return ERR_PTR(-ENOMEM);
	err = rhashtable_insert_fast(&table->sets, &set->node, set_params);
	if (err) {
		set_free(table, set);
		return ERR_PTR(err);
	}
	return set;
}

static struct sluice_idset *find_or_add(struct sluice_identity_table *table,
					const struct sluice_idset_draft *draft)
{
	struct sluice_idset *set;

	if (draft->count > SLUICE_IDENTITY_SET_MAX)
		return ERR_PTR(-E2BIG);
	set = rhashtable_lookup_fast(&table->sets, draft, set_params);
	return set ? sluice_idset_get(set) : set_add(table, draft);
}

/**
 * sluice_idset_make() - make a draft a set
 * @table: table; the caller holds the configuration lock
 * @draft: what is to be in it; empty afterwards
 *
 * Process context, may sleep.
 *
 * Return: the set, to be released with sluice_idset_put(); NULL if nothing is
 * in it; or an error pointer, of -E2BIG if there is too much.
 */
struct sluice_idset *sluice_idset_make(struct sluice_identity_table *table,
				       struct sluice_idset_draft *draft)
{
	struct sluice_idset *set = NULL;

	sluice_identity_table_assert_locked(table);
	if (draft->count) {
		sort_draft(draft);
		set = find_or_add(table, draft);
	}
	draft->count = 0;
	draft->exclusive = false;
	return set;
}

/**
 * sluice_idset_put() - give up a set
 * @table: table; the caller holds the configuration lock
 * @set: set that packets do not find any more by this user, or NULL
 */
void sluice_idset_put(struct sluice_identity_table *table,
		      struct sluice_idset *set)
{
	sluice_identity_table_assert_locked(table);
	if (!set || --set->users)
		return;
	rhashtable_remove_fast(&table->sets, &set->node, set_params);
	set_free(table, set);
}
