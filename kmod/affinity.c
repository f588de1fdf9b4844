// SPDX-License-Identifier: GPL-2.0
/*
 * Affinity: a table of fixed size.
 */
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/random.h>

#include "affinity.h"
#include "alloc.h"

/**
 * DOC: Affinity
 *
 * Each client has an entry for each service, for each group of services, or for
 * each address of services that share their affinity, which names the backend of its last flow. The
 * entries are in buckets of eight, all allotted when the first service wants
 * affinity: nothing is allotted for a packet, nothing has to be collected, and
 * a flood of clients costs no memory. A new client takes the entry in its
 * bucket that has expired or is nearest to that. Only new flows look here.
 */

#define WAYS	8

/**
 * struct sluice_affinity_entry - what is remembered of a client
 * @expires: jiffies at which it is forgotten; 0 in an entry never used
 * @key: who
 * @backend: where it was sent: address
 * @port: and port
 */
struct sluice_affinity_entry {
	u64 expires;
	struct sluice_affinity_key key;
	union nf_inet_addr backend;
	__be16 port;
};

static_assert(sizeof(struct sluice_affinity_entry) == 64);
static_assert(sizeof(struct sluice_affinity_key) % sizeof(u32) == 0);

void sluice_affinity_init(struct sluice_affinity_table *table)
{
	u32 i;

	table->entries = NULL;
	for (i = 0; i < SLUICE_AFFINITY_LOCKS; i++)
		spin_lock_init(&table->locks[i]);
}

/**
 * sluice_affinity_prepare() - somebody wants affinity
 * @table: table; the caller holds the configuration lock
 * @entries: how many clients may be remembered, a power of two
 *
 * Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_affinity_prepare(struct sluice_affinity_table *table, u32 entries)
{
	struct sluice_affinity_entry *all;

	if (table->entries)
		return 0;

	all = sluice_alloc_array(entries, sizeof(*all));
	if (!all)
		return -ENOMEM;

	table->mask = entries / WAYS - 1;
	table->seed = get_random_u32();
	/* Pairs with the acquire in find_bucket(). */
	smp_store_release(&table->entries, all);
	return 0;
}

/* No packet uses the table any more. */
void sluice_affinity_fini(struct sluice_affinity_table *table)
{
	sluice_free(table->entries);
	table->entries = NULL;
}

/**
 * struct bucket - where a client's entry is, if anywhere
 * @entries: %WAYS of them
 * @lock: to be held for them, with bottom halves off
 */
struct bucket {
	struct sluice_affinity_entry *entries;
	spinlock_t *lock;
};

static bool find_bucket(struct sluice_affinity_table *table,
			const struct sluice_affinity_key *key,
			struct bucket *bucket)
{
	struct sluice_affinity_entry *all = smp_load_acquire(&table->entries);
	u32 i;

	if (!all)
		return false;

	i = jhash2((const u32 *)key, sizeof(*key) / sizeof(u32), table->seed) &
	    table->mask;
	bucket->entries = &all[i * WAYS];
	bucket->lock = &table->locks[i % SLUICE_AFFINITY_LOCKS];
	return true;
}

static struct sluice_affinity_entry *
find_entry(const struct bucket *bucket, const struct sluice_affinity_key *key)
{
	u32 i;

	for (i = 0; i < WAYS; i++)
		if (!memcmp(&bucket->entries[i].key, key, sizeof(*key)))
			return &bucket->entries[i];
	return NULL;
}

static struct sluice_affinity_entry *find_victim(const struct bucket *bucket)
{
	struct sluice_affinity_entry *victim = bucket->entries;
	u32 i;

	for (i = 1; i < WAYS; i++)
		if (bucket->entries[i].expires < victim->expires)
			victim = &bucket->entries[i];
	return victim;
}

/**
 * sluice_affinity_find() - where a client was sent last
 * @table: table
 * @key: who
 * @backend: set to the backend's address and port
 *
 * Softirq or process context.
 *
 * Return: false if nothing is remembered.
 */
bool sluice_affinity_find(struct sluice_affinity_table *table,
			  const struct sluice_affinity_key *key,
			  struct sluice_l4addr *backend)
{
	struct sluice_affinity_entry *entry;
	struct bucket bucket;
	bool found;

	if (!find_bucket(table, key, &bucket))
		return false;

	spin_lock_bh(bucket.lock);
	entry = find_entry(&bucket, key);
	found = entry && time_after64(entry->expires, get_jiffies_64());
	if (found) {
		backend->addr = entry->backend;
		backend->port = entry->port;
	}
	spin_unlock_bh(bucket.lock);
	return found;
}

/**
 * sluice_affinity_note() - a client is sent to a backend
 * @table: table
 * @key: who
 * @backend: where
 * @seconds: for how long it is to be remembered
 *
 * Softirq or process context.
 */
void sluice_affinity_note(struct sluice_affinity_table *table,
			  const struct sluice_affinity_key *key,
			  const struct sluice_l4addr *backend, u32 seconds)
{
	struct sluice_affinity_entry *entry;
	struct bucket bucket;

	if (!find_bucket(table, key, &bucket))
		return;

	spin_lock_bh(bucket.lock);
	entry = find_entry(&bucket, key) ?: find_victim(&bucket);
	entry->key = *key;
	entry->backend = backend->addr;
	entry->port = backend->port;
	entry->expires = get_jiffies_64() + (u64)seconds * HZ;
	spin_unlock_bh(bucket.lock);
}
