// SPDX-License-Identifier: GPL-2.0
/*
 * Schedulers maglev and sh: by a hash of the client's tuple or of its address,
 * the same choice on every node.
 */
#include <linux/mm.h>
#include <linux/siphash.h>
#include <linux/slab.h>

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

static int prepare(struct sluice_picker *picker)
{
	struct sluice_maglev_entry *entries;
	u32 i;

	entries = kvcalloc(picker->count, sizeof(*entries), GFP_KERNEL);
	picker->slots = kvmalloc_array(SLUICE_MAGLEV_SIZE, sizeof(u16),
				       GFP_KERNEL_ACCOUNT);
	if (!entries || !picker->slots) {
		kvfree(entries);
		return -ENOMEM;
	}

	for (i = 0; i < picker->count; i++) {
		entries[i].name = name_of(picker->candidates[i]);
		entries[i].weight = picker->candidates[i]->weight;
		entries[i].index = i;
	}
	sluice_maglev_build(picker->slots, entries, picker->count);
	kvfree(entries);
	return 0;
}

static u32 pick(struct sluice_service *service,
		const struct sluice_picker *picker,
		const struct sluice_tuple *tuple)
{
	u32 hash = siphash(tuple, sizeof(*tuple), &client_key);

	return picker->slots[hash % SLUICE_MAGLEV_SIZE];
}

static u32 pick_by_source(struct sluice_service *service,
			  const struct sluice_picker *picker,
			  const struct sluice_tuple *tuple)
{
	u32 hash = siphash(&tuple->src, sizeof(tuple->src), &client_key);

	return picker->slots[hash % SLUICE_MAGLEV_SIZE];
}

const struct sluice_sched sluice_sched_maglev = {
	.prepare = prepare,
	.pick = pick,
};

const struct sluice_sched sluice_sched_sh = {
	.prepare = prepare,
	.pick = pick_by_source,
};
