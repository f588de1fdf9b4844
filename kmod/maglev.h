/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Maglev hashing: a look-up table in which every backend has its share of the
 * slots and a change of backends moves few of them.
 */
#ifndef _SLUICE_MAGLEV_H
#define _SLUICE_MAGLEV_H

#include <linux/types.h>

/* Prime; a hundred times the backends of a large service. */
#define SLUICE_MAGLEV_SIZE	16381

/**
 * struct sluice_maglev_entry - one backend's claim to slots
 * @name: hash of what names the backend, the same on every node
 * @credit: private, weight saved up towards the next turn, times 2^32
 * @weight: share of the slots relative to the other entries, not zero
 * @next: private, position in the permutation
 * @index: what a slot won by this entry holds
 */
struct sluice_maglev_entry {
	u64 name;
	u64 credit;
	u32 weight;
	u32 next;
	u16 index;
};

void sluice_maglev_build(u16 *table, struct sluice_maglev_entry *entries,
			 u32 count);

#endif
