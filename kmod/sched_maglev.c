// SPDX-License-Identifier: GPL-2.0
/*
 * Schedulers maglev and sh: by a hash of the client's tuple or of its address,
 * the same choice on every node.
 */
#include <linux/mm.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "alloc.h"
#include "backend.h"
#include "maglev.h"
#include "sched.h"

/* Not secrets: every node must come to the same result. */
static const siphash_key_t name_key = { { 0x736c75696365ULL, 1 } };
static const siphash_key_t client_key = { { 0x736c75696365ULL, 2 } };

static u64 name_of(const struct sluice_backend *backend)
{
	return siphash(&backend->addr, sizeof(backend->addr), &name_key);
}

static int prepare(struct sluice_candidates *candidates)
{
	struct sluice_maglev_entry *entries;
	u32 i;

	entries = sluice_alloc_array(candidates->count, sizeof(*entries));
	candidates->slots = sluice_alloc_array(SLUICE_MAGLEV_SIZE, sizeof(u16));
	if (!entries || !candidates->slots) {
		sluice_free(entries);
		return -ENOMEM;
	}

	for (i = 0; i < candidates->count; i++) {
		entries[i].name = name_of(candidates->backends[i]);
		entries[i].weight = candidates->backends[i]->next.weight;
		entries[i].index = i;
	}
	sluice_maglev_build(candidates->slots, entries, candidates->count);
	sluice_free(entries);
	return 0;
}

static u32 pick(const struct sluice_candidates *candidates,
		const struct sluice_tuple *tuple, u32 turn)
{
	u32 hash = siphash(tuple, sizeof(*tuple), &client_key);

	return candidates->slots[hash % SLUICE_MAGLEV_SIZE];
}

static u32 pick_by_source(const struct sluice_candidates *candidates,
			  const struct sluice_tuple *tuple, u32 turn)
{
	u32 hash = siphash(&tuple->src, sizeof(tuple->src), &client_key);

	return candidates->slots[hash % SLUICE_MAGLEV_SIZE];
}

const struct sluice_sched sluice_sched_maglev = {
	.prepare = prepare,
	.pick = pick,
};

const struct sluice_sched sluice_sched_sh = {
	.prepare = prepare,
	.pick = pick_by_source,
};
