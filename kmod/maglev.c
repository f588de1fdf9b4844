// SPDX-License-Identifier: GPL-2.0
/*
 * Maglev hashing.
 */
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sort.h>

#include "maglev.h"

/**
 * DOC: Maglev table
 *
 * The algorithm is that of Eisenbud et al., "Maglev: A Fast and Reliable
 * Software Network Load Balancer", NSDI 2016, section 3.4. Each entry has a
 * permutation of all slots, offset + i * skip modulo the table size (a prime,
 * so that every skip visits every slot). The entries take turns; in its turn
 * an entry takes the first slot of its permutation that is still free. When
 * an entry goes away, the others' permutations stay, so most slots stay too.
 *
 * Weights: an entry saves up its weight in every round and has its turn in
 * the rounds in which the savings reach the greatest weight. An entry with
 * half the greatest weight has a turn in every second round. It begins with
 * savings taken from its name; if all began with none, the table could be full
 * before the light ones have their first turn, all of them together.
 *
 * The entries are sorted by name first, so that the table depends on the set
 * of backends alone and not on the order in which they were added.
 *
 * Example, 5 slots, A: offset 3 skip 2, B: offset 0 skip 1, equal weights.
 * A's permutation is 3 0 2 4 1, B's is 0 1 2 3 4. A takes 3, B 0, A 2 (its 0
 * is taken), B 1, A 4: the table is B B A A A.
 */

#define SLOT_FREE	U16_MAX

static int compare_names(const void *a, const void *b)
{
	const struct sluice_maglev_entry *l = a, *r = b;

	if (l->name == r->name)
		return (int)l->index - (int)r->index;
	return l->name < r->name ? -1 : 1;
}

static u32 first_slot(const struct sluice_maglev_entry *entry)
{
	return (u32)entry->name % SLUICE_MAGLEV_SIZE;
}

/* In fractions of 1 / 2^32, so that only the ratio of weights matters. */
static u64 first_credit(const struct sluice_maglev_entry *entry, u32 max_weight)
{
	return (u64)(u32)(entry->name >> 16) * max_weight;
}

static u32 skip(const struct sluice_maglev_entry *entry)
{
	return (u32)(entry->name >> 32) % (SLUICE_MAGLEV_SIZE - 1) + 1;
}

static void take_slot(u16 *table, struct sluice_maglev_entry *entry)
{
	u32 step = skip(entry);
	u32 slot;

	do {
		slot = entry->next;
		entry->next = slot + step;
		if (entry->next >= SLUICE_MAGLEV_SIZE)
			entry->next -= SLUICE_MAGLEV_SIZE;
	} while (table[slot] != SLOT_FREE);

	table[slot] = entry->index;
}

static bool has_turn(struct sluice_maglev_entry *entry, u32 max_weight)
{
	u64 price = (u64)max_weight << 32;

	entry->credit += (u64)entry->weight << 32;
	if (entry->credit < price)
		return false;
	entry->credit -= price;
	return true;
}

/**
 * sluice_maglev_build() - fill a table
 * @table: %SLUICE_MAGLEV_SIZE slots, each set to some entry's index
 * @entries: backends with names, weights up to 65535 and indexes below
 *	65535; sorted in place
 * @count: number of entries, 1 to %SLUICE_MAGLEV_SIZE
 *
 * Process context, may sleep. Takes about a millisecond; with thousands of
 * entries of which few are heavy, most of a second.
 */
void sluice_maglev_build(u16 *table, struct sluice_maglev_entry *entries,
			 u32 count)
{
	u32 max_weight = 0, filled = 0;
	u32 i;

	sort(entries, count, sizeof(*entries), compare_names, NULL);
	for (i = 0; i < count; i++)
		max_weight = max(max_weight, entries[i].weight);
	for (i = 0; i < count; i++) {
		entries[i].credit = first_credit(&entries[i], max_weight);
		entries[i].next = first_slot(&entries[i]);
	}
	for (i = 0; i < SLUICE_MAGLEV_SIZE; i++)
		table[i] = SLOT_FREE;

	for (i = 0; filled < SLUICE_MAGLEV_SIZE; i++) {
		if (i == count) {
			i = 0;
			cond_resched();
		}
		if (!has_turn(&entries[i], max_weight))
			continue;
		take_slot(table, &entries[i]);
		filled++;
	}
}
