// SPDX-License-Identifier: GPL-2.0
/*
 * Entries of the table of identities.
 */
#include "alloc.h"
#include "identity.h"

/**
 * sluice_identity_entry_find() - find an entry
 * @table: table; the caller holds the configuration lock
 * @prefix: its prefix
 * @number: its identity
 *
 * What the transaction under way has deleted is not found.
 *
 * Return: the entry, or NULL.
 */
struct sluice_identity_entry *
sluice_identity_entry_find(struct sluice_identity_table *table,
			   const struct sluice_prefix *prefix, u32 number)
{
	struct sluice_identity_entry *entry;
	struct sluice_identity_place *place;

	sluice_identity_table_assert_locked(table);
	place = sluice_identity_place_find(table, prefix,
					   sluice_identity_is_host(prefix));
	if (!place)
		return NULL;
	hlist_for_each_entry(entry, &place->entries, link)
		if (entry->identity->number == number && !entry->gone)
			return entry;
	return NULL;
}

/**
 * sluice_identity_entry_next() - go through all entries
 * @table: table; the caller holds the configuration lock
 * @id: where to go on: one more than the id of the last one, zero at first
 *
 * What the transaction under way has deleted is left out.
 *
 * Return: the entry with the lowest id from @id on, or NULL.
 */
struct sluice_identity_entry *
sluice_identity_entry_next(struct sluice_identity_table *table, u32 id)
{
	struct sluice_identity_entry *entry;
	unsigned long index = id;

	sluice_identity_table_assert_locked(table);
	xa_for_each_start(&table->ids, index, entry, id)
		if (!entry->gone)
			return entry;
	return NULL;
}

static void count(struct sluice_identity_table *table,
		  const struct sluice_identity_entry *entry, int by)
{
	table->entry_count += by;
	table->prefix_count += by * (!entry->place->host +
				     (int)entry->except_count);
}

static int link_except(struct sluice_identity_table *table,
		       struct sluice_identity_entry *entry,
		       const struct sluice_prefix *prefix)
{
	struct sluice_identity_except *except;
	struct sluice_identity_place *place;

	place = sluice_identity_place_make(table, prefix, false);
	if (IS_ERR(place))
		return PTR_ERR(place);

	except = &entry->excepts[entry->except_count++];
	except->place = place;
	except->entry = entry;
	hlist_add_head(&except->link, &place->excepts);
	return 0;
}

static int link_place(struct sluice_identity_table *table,
		      struct sluice_identity_entry *entry,
		      const struct sluice_prefix *prefix)
{
	struct sluice_identity_place *place;

	place = sluice_identity_place_make(table, prefix,
					   sluice_identity_is_host(prefix));
	if (IS_ERR(place))
		return PTR_ERR(place);

	entry->place = place;
	hlist_add_head(&entry->link, &place->entries);
	return 0;
}

static int link_identity(struct sluice_identity_table *table,
			 struct sluice_identity_entry *entry, u32 number)
{
	struct sluice_identity *identity = sluice_identity_get(table, number);

	if (IS_ERR(identity))
		return PTR_ERR(identity);

	entry->identity = identity;
	return 0;
}

static int link_id(struct sluice_identity_table *table,
		   struct sluice_identity_entry *entry)
{
	int err = xa_alloc_cyclic(&table->ids, &entry->id, entry, xa_limit_32b,
				  &table->next_id, GFP_KERNEL_ACCOUNT);

	return min(err, 0);
}

static int link_all(struct sluice_identity_table *table,
		    struct sluice_identity_entry *entry,
		    const struct sluice_identity_cfg *cfg)
{
	u32 i;
	int err;

	err = link_place(table, entry, &cfg->prefix) ?:
	      link_identity(table, entry, cfg->number) ?:
	      link_id(table, entry);
	for (i = 0; !err && i < cfg->excepts.count; i++)
		err = link_except(table, entry, &cfg->excepts.list[i]);
	return err;
}

/* What is missing was not linked. */
static void unlink_all(struct sluice_identity_table *table,
		       struct sluice_identity_entry *entry)
{
	u32 i;

	for (i = 0; i < entry->except_count; i++) {
		hlist_del(&entry->excepts[i].link);
		sluice_identity_place_release(table, entry->excepts[i].place);
	}
	if (entry->id)
		xa_erase(&table->ids, entry->id);
	if (entry->identity)
		sluice_identity_put(table, entry->identity);
	if (entry->place) {
		hlist_del(&entry->link);
		sluice_identity_place_release(table, entry->place);
	}
}

/**
 * sluice_identity_entry_add() - make an entry
 * @table: table; the caller holds the configuration lock
 * @cfg: what it is to be
 *
 * Packets find the same as before. Process context, may sleep.
 *
 * Return: the entry, or an error pointer.
 */
struct sluice_identity_entry *
sluice_identity_entry_add(struct sluice_identity_table *table,
			  const struct sluice_identity_cfg *cfg)
{
	struct sluice_identity_entry *entry;
	int err;

	sluice_identity_table_assert_locked(table);
	entry = sluice_alloc(struct_size(entry, excepts, cfg->excepts.count));
	if (!entry)
		return ERR_PTR(-ENOMEM);

	entry->exclusive = cfg->exclusive;
	err = link_all(table, entry, cfg);
	if (err) {
		unlink_all(table, entry);
		sluice_free(entry);
		return ERR_PTR(err);
	}
	count(table, entry, 1);
	return entry;
}

/**
 * sluice_identity_entry_set_gone() - count an entry, or do not
 * @table: table; the caller holds the configuration lock
 * @entry: entry
 * @gone: whether the transaction under way deletes it
 */
void sluice_identity_entry_set_gone(struct sluice_identity_table *table,
				    struct sluice_identity_entry *entry,
				    bool gone)
{
	if (entry->gone != gone)
		count(table, entry, gone ? -1 : 1);
	entry->gone = gone;
}

/**
 * sluice_identity_entry_remove() - let an entry go
 * @table: table; the caller holds the configuration lock
 * @entry: entry that packets do not need any more
 */
void sluice_identity_entry_remove(struct sluice_identity_table *table,
				  struct sluice_identity_entry *entry)
{
	sluice_identity_table_assert_locked(table);
	sluice_identity_entry_set_gone(table, entry, true);
	unlink_all(table, entry);
	sluice_free(entry);
}
