// SPDX-License-Identifier: GPL-2.0
/*
 * Transactions of identities: how they go is in identity.c and in tx.c.
 */
#include <linux/sched.h>
#include <net/ipv6.h>

#include "alloc.h"
#include "identity_tx.h"

void sluice_identity_tx_begin(struct sluice_identity_tx *tx,
			      struct sluice_identity_table *table,
			      unsigned long revision)
{
	sluice_identity_table_assert_locked(table);
	*tx = (struct sluice_identity_tx) {
		.table = table,
		.revision = revision,
	};
	tx->last = &tx->entries;
	INIT_LIST_HEAD(&tx->places);
}

/* ------------------------------------------------------------------- entries */

static void touch(struct sluice_identity_tx *tx,
		  struct sluice_identity_entry *entry)
{
	if (entry->touched)
		return;
	entry->touched = true;
	entry->next = NULL;
	*tx->last = entry;
	tx->last = &entry->next;
}

struct sluice_identity_entry *
sluice_identity_tx_find(struct sluice_identity_tx *tx,
			const struct sluice_prefix *prefix, u32 number)
{
	struct sluice_identity_entry *entry;

	entry = sluice_identity_entry_find(tx->table, prefix, number);
	return entry && tx->only_named && !entry->named ? NULL : entry;
}

/* Whether @part is a narrower prefix within @prefix. */
bool sluice_identity_is_part(const struct sluice_prefix *part,
			     const struct sluice_prefix *prefix)
{
	return part->family == prefix->family && part->len > prefix->len &&
	       ipv6_prefix_equal(&part->addr.in6, &prefix->addr.in6,
				 prefix->len);
}

static bool are_parts(const struct sluice_prefixes *parts,
		      const struct sluice_prefix *prefix)
{
	u32 i;

	for (i = 0; i < parts->count; i++)
		if (!sluice_identity_is_part(&parts->list[i], prefix))
			return false;
	return true;
}

bool sluice_identity_same_prefix(const struct sluice_prefix *a,
				 const struct sluice_prefix *b)
{
	return a->len == b->len && a->family == b->family &&
	       ipv6_prefix_equal(&a->addr.in6, &b->addr.in6, a->len);
}

static bool is_as(const struct sluice_identity_entry *entry,
		  const struct sluice_identity_cfg *cfg)
{
	u32 i;

	if (entry->exclusive != cfg->exclusive ||
	    entry->except_count != cfg->excepts.count)
		return false;
	for (i = 0; i < entry->except_count; i++)
		if (!sluice_identity_same_prefix(&entry->excepts[i].place->prefix,
						 &cfg->excepts.list[i]))
			return false;
	return true;
}

static bool is_full(const struct sluice_identity_table *table, u32 factor)
{
	return table->entry_count > factor * SLUICE_IDENTITY_ENTRIES_MAX ||
	       table->prefix_count > factor * SLUICE_IDENTITY_PREFIXES_MAX;
}

/* Instead of @before, which may be NULL */
static int entry_add(struct sluice_identity_tx *tx,
		     const struct sluice_identity_cfg *cfg,
		     const struct sluice_identity_entry *before)
{
	struct sluice_identity_entry *entry;

	entry = sluice_identity_entry_add(tx->table, cfg);
	if (IS_ERR(entry))
		return PTR_ERR(entry);

	entry->born = true;
	entry->named = true;
	entry->replaces = before && (!before->born || before->replaces);
	touch(tx, entry);
	/* Those not named are still there. */
	return is_full(tx->table, tx->only_named ? 2 : 1) ? -ENOSPC : 0;
}

/**
 * sluice_identity_tx_new() - create an entry, or have another in its place
 * @tx: transaction
 * @cfg: what it is to be
 *
 * An entry that is so already stays.
 *
 * Return: 0, -EINVAL if an except is not part of the prefix, -ENOSPC or
 * -ENOMEM.
 */
int sluice_identity_tx_new(struct sluice_identity_tx *tx,
			   const struct sluice_identity_cfg *cfg)
{
	struct sluice_identity_entry *entry;

	if (!are_parts(&cfg->excepts, &cfg->prefix))
		return -EINVAL;

	entry = sluice_identity_entry_find(tx->table, &cfg->prefix,
					   cfg->number);
	if (entry && is_as(entry, cfg)) {
		entry->named = true;
		touch(tx, entry);
		return 0;
	}
	if (entry)
		sluice_identity_tx_del(tx, entry);
	return entry_add(tx, cfg, entry);
}

void sluice_identity_tx_del(struct sluice_identity_tx *tx,
			    struct sluice_identity_entry *entry)
{
	touch(tx, entry);
	sluice_identity_entry_set_gone(tx->table, entry, true);
}

static void delete_entries(struct sluice_identity_tx *tx, bool named)
{
	struct sluice_identity_entry *entry;
	unsigned long id;

	xa_for_each(&tx->table->ids, id, entry) {
		if (!entry->gone && (named || !entry->named))
			sluice_identity_tx_del(tx, entry);
		cond_resched();
	}
}

/* Delete all entries. */
void sluice_identity_tx_flush(struct sluice_identity_tx *tx)
{
	delete_entries(tx, true);
}

/**
 * sluice_identity_tx_replace_all() - have only what is created from now on
 * @tx: transaction
 *
 * To the rest of the transaction nothing exists any more. Entries that are
 * created again as they were stay; the others are deleted at the end.
 */
void sluice_identity_tx_replace_all(struct sluice_identity_tx *tx)
{
	struct sluice_identity_entry *entry;

	tx->only_named = true;
	for (entry = tx->entries; entry; entry = entry->next)
		entry->named = false;
}

/* -------------------------------------------------------------------- places */

static struct sluice_idset *set_of(const struct sluice_identity_tx *tx,
				   const struct sluice_identity_place *place)
{
	return rcu_dereference_protected(place->set,
					 lockdep_is_held(tx->table->lock));
}

static struct sluice_identity_change *
change_of(const struct sluice_identity_tx *tx,
	  const struct sluice_identity_place *place)
{
	return rcu_dereference_protected(place->change,
					 lockdep_is_held(tx->table->lock));
}

static void make_dirty(void *value, void *context)
{
	struct sluice_identity_place *place = value;
	struct sluice_identity_tx *tx = context;

	if (place->dirty)
		return;
	place->dirty = true;
	list_add_tail(&place->tx, &tx->places);
}

static void place_changed(struct sluice_identity_tx *tx,
			  struct sluice_identity_place *place)
{
	struct sluice_lpm *prefixes;

	tx->changed = true;
	if (place->changed)
		return;
	place->changed = true;
	if (place->host) {
		make_dirty(place, tx);
		return;
	}
	prefixes = sluice_identity_prefixes(tx->table, place->prefix.family);
	sluice_lpm_walk(prefixes, &place->prefix, make_dirty, tx);
}

static void mark_excepted(struct sluice_identity_place *place, u64 mark)
{
	struct sluice_identity_except *except;

	hlist_for_each_entry(except, &place->excepts, link)
		except->entry->except_mark = mark;
}

static int add_entries(struct sluice_idset_draft *draft,
		       const struct sluice_identity_place *place, u64 mark)
{
	struct sluice_identity_entry *entry;
	int err = 0;

	hlist_for_each_entry(entry, &place->entries, link) {
		if (entry->gone || entry->except_mark == mark)
			continue;
		err = sluice_idset_draft_add(draft, entry->identity);
		if (err)
			break;
		draft->exclusive |= entry->exclusive;
	}
	return err;
}

/* Excepts are met on the way up, before the entries they are of. */
static struct sluice_idset *resolve(struct sluice_identity_tx *tx,
				    struct sluice_identity_place *place)
{
	struct sluice_idset_draft *draft = &tx->draft;
	u64 mark = ++tx->table->except_mark;
	bool host = place->host;
	int err = 0;

	while (place && !draft->exclusive) {
		mark_excepted(place, mark);
		err = add_entries(draft, place, mark);
		if (err)
			return ERR_PTR(err);
		place = sluice_identity_place_wider(tx->table, place);
	}
	draft->exclusive &= host;	/* no other set is beside a host's */
	return sluice_idset_make(tx->table, draft);
}

static int prepare_place(struct sluice_identity_tx *tx,
			 struct sluice_identity_place *place)
{
	struct sluice_identity_change *change;
	struct sluice_idset *set;

	set = resolve(tx, place);
	if (IS_ERR(set))
		return PTR_ERR(set);
	if (set == set_of(tx, place)) {
		sluice_idset_put(tx->table, set);
		return 0;
	}

	change = sluice_alloc(sizeof(*change));
	if (!change) {
		sluice_idset_put(tx->table, set);
		return -ENOMEM;
	}
	change->since = tx->revision;
	change->set = set;
	rcu_assign_pointer(place->change, change);
	return 0;
}

/**
 * sluice_identity_tx_prepare() - do all that can fail
 * @tx: transaction; there are no more changes
 *
 * Return: 0, -ENOSPC, -E2BIG if an address would have too many identities, or
 * -ENOMEM.
 */
int sluice_identity_tx_prepare(struct sluice_identity_tx *tx)
{
	struct sluice_identity_entry *entry;
	struct sluice_identity_place *place;
	int err;

	if (tx->only_named)
		delete_entries(tx, false);
	if (is_full(tx->table, 1))
		return -ENOSPC;

	for (entry = tx->entries; entry; entry = entry->next) {
		if (entry->born != entry->gone)
			place_changed(tx, entry->place);
		cond_resched();
	}
	list_for_each_entry(place, &tx->places, tx) {
		err = prepare_place(tx, place);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/* ------------------------------------------------------------------- the end */

/* What was next is now. */
static void settle(struct sluice_identity_tx *tx,
		   struct sluice_identity_place *place,
		   struct sluice_identity_change *change)
{
	struct sluice_idset *old = set_of(tx, place);

	rcu_assign_pointer(place->set, change->set);
	smp_wmb();	/* against set_at() */
	RCU_INIT_POINTER(place->change, NULL);
	sluice_idset_put(tx->table, old);
	sluice_free_rcu(change, rcu);
}

/* What was next does not come. */
static void undo(struct sluice_identity_tx *tx,
		 struct sluice_identity_place *place,
		 struct sluice_identity_change *change)
{
	RCU_INIT_POINTER(place->change, NULL);
	sluice_idset_put(tx->table, change->set);
	sluice_free_rcu(change, rcu);
}

static void finish_places(struct sluice_identity_tx *tx,
			  void (*finish)(struct sluice_identity_tx *tx,
					 struct sluice_identity_place *place,
					 struct sluice_identity_change *change))
{
	struct sluice_identity_place *place, *next;
	struct sluice_identity_change *change;

	list_for_each_entry_safe(place, next, &tx->places, tx) {
		list_del(&place->tx);
		place->dirty = false;
		place->changed = false;
		change = change_of(tx, place);
		if (change)
			finish(tx, place, change);
		cond_resched();
	}
	sluice_idset_draft_free(&tx->draft);
}

static void forget_entry(struct sluice_identity_entry *entry)
{
	entry->touched = false;
	entry->named = false;
	entry->born = false;
}

/**
 * sluice_identity_tx_end() - let go of what is over
 * @tx: transaction, prepared; its revision has come
 */
void sluice_identity_tx_end(struct sluice_identity_tx *tx)
{
	struct sluice_identity_entry *entry, *next;

	finish_places(tx, settle);
	/*
	 * Who finds a wider place instead of one that goes finds it settled,
	 * and is told by sluice_service_table_moved().
	 */
	smp_wmb();
	for (entry = tx->entries; entry; entry = next) {
		next = entry->next;
		forget_entry(entry);
		if (entry->gone)
			sluice_identity_entry_remove(tx->table, entry);
		cond_resched();
	}
}

/* Give up: everything is as it was before; the revision has not come. */
void sluice_identity_tx_abort(struct sluice_identity_tx *tx)
{
	struct sluice_identity_entry *entry, *next;
	bool born;

	finish_places(tx, undo);
	for (entry = tx->entries; entry; entry = next) {
		next = entry->next;
		born = entry->born;
		forget_entry(entry);
		sluice_identity_entry_set_gone(tx->table, entry, born);
		if (born)
			sluice_identity_entry_remove(tx->table, entry);
		cond_resched();
	}
}

/* Leave nothing; cannot fail. No packet looks at the table any more. */
void sluice_identity_delete_all(struct sluice_identity_table *table)
{
	struct sluice_identity_tx tx;

	sluice_identity_tx_begin(&tx, table, 0);
	sluice_identity_tx_flush(&tx);
	sluice_identity_tx_end(&tx);
}
