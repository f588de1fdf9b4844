/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Identities: numbers that say who has an address. identity_tx.h changes them.
 */
#ifndef _SLUICE_IDENTITY_H
#define _SLUICE_IDENTITY_H

#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/socket.h>
#include <linux/xarray.h>

#include "lpm.h"
#include "ranges.h"

/* Entries; and of these prefixes that are no host, with all excepts. */
#define SLUICE_IDENTITY_ENTRIES_MAX	1000000
#define SLUICE_IDENTITY_PREFIXES_MAX	100000

/* Of an address by its prefixes: a decision asks each about each of the other end. */
#define SLUICE_IDENTITY_SET_MAX		1024

/* Of other nodes */
#define SLUICE_IDENTITY_REMOTE_NODE	2

/* Numbers that nobody may give to addresses, besides 0 */
#define SLUICE_IDENTITY_RESERVED_FIRST	4
#define SLUICE_IDENTITY_RESERVED_LAST	15

struct sluice_idset;
struct sluice_policy;

/**
 * struct sluice_identity - a number in use
 * @node: in &struct sluice_identity_table.identities
 * @number: key; constant
 * @refs: of entries, of sets, of others
 * @policy: rules of which it is the subject, or NULL; RCU, written under the
 *	configuration lock by who has a reference
 * @rcu: for the deferred freeing
 */
struct sluice_identity {
	struct rhash_head node;
	u32 number;
	refcount_t refs;
	struct sluice_policy __rcu *policy;
	struct rcu_head rcu;
};

/**
 * struct sluice_identities - who has an address
 * @sets: of the address itself, and of the longest prefix around it; each may
 *	be NULL, none is empty, both may have the same identity
 */
struct sluice_identities {
	const struct sluice_idset *sets[2];
};

/**
 * struct sluice_identity_change - what a place is at the next revision
 * @rcu: for the deferred freeing
 * @since: that revision; constant
 * @set: identities, or NULL; referenced; constant
 */
struct sluice_identity_change {
	struct rcu_head rcu;
	unsigned long since;
	struct sluice_idset *set;
};

/**
 * struct sluice_identity_place - an address or prefix that entries name
 * @node: in &struct sluice_identity_table.hosts, if @host
 * @prefix: key; constant
 * @host: found by the address, not as a prefix; constant
 * @changed: the transaction under way changes its entries; configuration lock
 * @dirty: it changes what identities are there; likewise
 * @set: identities of what has no narrower place, or NULL; of a host those of
 *	its own; referenced; RCU, written under the configuration lock
 * @change: overrides @set from the next revision on, NULL if there is none;
 *	likewise
 * @entries: of the prefix; configuration lock
 * @excepts: that name the prefix; configuration lock
 * @tx: in &struct sluice_identity_tx.places while @dirty; configuration lock
 * @rcu: for the deferred freeing
 *
 * It exists while any entry or except is there, of which some may not be
 * visible yet or any more.
 */
struct sluice_identity_place {
	struct rhash_head node;
	struct sluice_prefix prefix;
	bool host:1;
	bool changed:1;
	bool dirty:1;
	struct sluice_idset __rcu *set;
	struct sluice_identity_change __rcu *change;
	struct hlist_head entries;
	struct hlist_head excepts;
	union {
		struct list_head tx;
		struct rcu_head rcu;
	};
};

/**
 * struct sluice_identity_except - part of an entry's prefix that it leaves out
 * @link: in &struct sluice_identity_place.excepts
 * @place: the part
 * @entry: whose it is
 */
struct sluice_identity_except {
	struct hlist_node link;
	struct sluice_identity_place *place;
	struct sluice_identity_entry *entry;
};

/**
 * struct sluice_identity_entry - who has the addresses of a prefix
 * @identity: who; constant, referenced
 * @place: its prefix; constant
 * @link: in &struct sluice_identity_place.entries
 * @next: after it in &struct sluice_identity_tx.entries
 * @except_mark: &struct sluice_identity_table.except_mark of the place where
 *	one of @excepts was met last
 * @id: key in &struct sluice_identity_table.ids
 * @exclusive: where it holds, entries of wider prefixes do not; constant
 * @touched: the transaction under way has to do with it
 * @named: created or named again in this transaction
 * @born: this transaction creates it
 * @gone: this transaction deletes it
 * @replaces: another one was in its place when it was created
 * @except_count: length of @excepts; constant
 * @excepts: where in the prefix it does not hold; constant
 *
 * To change an entry is to create it anew and to delete the old one: packets
 * do not look at it. All of it is under the configuration lock.
 */
struct sluice_identity_entry {
	struct sluice_identity *identity;
	struct sluice_identity_place *place;
	struct hlist_node link;
	struct sluice_identity_entry *next;
	u64 except_mark;
	u32 id;
	bool exclusive:1;
	bool touched:1;
	bool named:1;
	bool born:1;
	bool gone:1;
	bool replaces:1;
	u32 except_count;
	struct sluice_identity_except excepts[];
};

/* One without excepts fits in a small object of the allocator. */
static_assert(sizeof(struct sluice_identity_entry) <= 64);

/**
 * struct sluice_identity_table - identities of one namespace
 * @identities: by number; RCU, written under the configuration lock
 * @hosts: places of single addresses, by address; likewise
 * @prefixes: other places, IPv4's and IPv6's; likewise
 * @sets: all there are, by content; configuration lock
 * @ids: entries in the order of their creation; configuration lock
 * @next_id: where the search for a free id starts
 * @entry_count: entries as the transaction under way leaves them
 * @prefix_count: those of them that are prefixes, and all excepts
 * @except_mark: rises with each place whose set is found out
 * @lock: the configuration lock
 */
struct sluice_identity_table {
	struct rhashtable identities;
	struct rhashtable hosts;
	struct sluice_lpm prefixes[2];
	struct rhashtable sets;
	struct xarray ids;
	u32 next_id;
	u32 entry_count;
	u32 prefix_count;
	u64 except_mark;
	struct mutex *lock;
};

/**
 * struct sluice_identity_cfg - what is asked of an entry
 * @prefix: names it, with @number
 * @number: identity
 * @exclusive: entries of wider prefixes do not hold where it holds
 * @excepts: where in @prefix it does not hold
 */
struct sluice_identity_cfg {
	struct sluice_prefix prefix;
	u32 number;
	bool exclusive;
	struct sluice_prefixes excepts;
};

int sluice_identity_init(void);
void sluice_identity_fini(void);

int sluice_identity_table_init(struct sluice_identity_table *table,
			       struct mutex *lock);
void sluice_identity_table_fini(struct sluice_identity_table *table);

void sluice_identity_find(struct sluice_identity_table *table, u8 family,
			  const union nf_inet_addr *addr,
			  unsigned long revision,
			  struct sluice_identities *found);

struct sluice_identity *
sluice_identity_lookup(struct sluice_identity_table *table, u32 number);
struct sluice_identity *
sluice_identity_get(struct sluice_identity_table *table, u32 number);
void sluice_identity_put(struct sluice_identity_table *table,
			 struct sluice_identity *identity);

struct sluice_identity_entry *
sluice_identity_entry_find(struct sluice_identity_table *table,
			   const struct sluice_prefix *prefix, u32 number);
struct sluice_identity_entry *
sluice_identity_entry_next(struct sluice_identity_table *table, u32 id);

/* The following are for transactions, under the configuration lock. */

struct sluice_identity_entry *
sluice_identity_entry_add(struct sluice_identity_table *table,
			  const struct sluice_identity_cfg *cfg);
void sluice_identity_entry_set_gone(struct sluice_identity_table *table,
				    struct sluice_identity_entry *entry,
				    bool gone);
void sluice_identity_entry_remove(struct sluice_identity_table *table,
				  struct sluice_identity_entry *entry);

struct sluice_identity_place *
sluice_identity_place_find(struct sluice_identity_table *table,
			   const struct sluice_prefix *prefix, bool host);
struct sluice_identity_place *
sluice_identity_place_make(struct sluice_identity_table *table,
			   const struct sluice_prefix *prefix, bool host);
void sluice_identity_place_release(struct sluice_identity_table *table,
				   struct sluice_identity_place *place);
struct sluice_identity_place *
sluice_identity_place_wider(struct sluice_identity_table *table,
			    const struct sluice_identity_place *place);

static inline struct sluice_lpm *
sluice_identity_prefixes(struct sluice_identity_table *table, u8 family)
{
	return &table->prefixes[family == AF_INET6];
}

/* Without a lock: entries that are not visible yet, or not any more, count. */
static inline bool
sluice_identity_has_entries(const struct sluice_identity_table *table)
{
	return !xa_empty(&table->ids);
}

static inline bool sluice_identity_is_reserved(u32 number)
{
	return number >= SLUICE_IDENTITY_RESERVED_FIRST &&
	       number <= SLUICE_IDENTITY_RESERVED_LAST;
}

/* Whether entries of @prefix are those of a single address. */
static inline bool sluice_identity_is_host(const struct sluice_prefix *prefix)
{
	return prefix->len == (prefix->family == AF_INET ? 32 : 128);
}

static inline void
sluice_identity_table_assert_locked(const struct sluice_identity_table *table)
{
	lockdep_assert_held(table->lock);
}

#endif
