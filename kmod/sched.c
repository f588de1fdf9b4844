// SPDX-License-Identifier: GPL-2.0
/*
 * Pickers: immutable sets of candidates, built at each change of a service's
 * backends and swapped in whole.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "backend.h"
#include "sched.h"

static const struct sluice_sched *const scheds[] = {
	[SLUICE_SCHEDULER_RANDOM] = &sluice_sched_random,
	[SLUICE_SCHEDULER_RR] = &sluice_sched_rr,
	[SLUICE_SCHEDULER_WRR] = &sluice_sched_wrr,
	[SLUICE_SCHEDULER_MAGLEV] = &sluice_sched_maglev,
	[SLUICE_SCHEDULER_LC] = &sluice_sched_lc,
	[SLUICE_SCHEDULER_WLC] = &sluice_sched_wlc,
	[SLUICE_SCHEDULER_SH] = &sluice_sched_sh,
};

static_assert(ARRAY_SIZE(scheds) == SLUICE_SCHEDULER_MAX + 1);

static u32 count_candidates(const struct sluice_service *service,
			    const struct sluice_backend *without)
{
	const struct sluice_backend *backend;
	u32 count = 0;

	list_for_each_entry(backend, &service->backends, list)
		count += backend != without && backend->takes_new;
	return count;
}

/**
 * sluice_picker_build() - collect a service's candidates
 * @service: service; the caller holds the configuration lock
 * @without: a backend about to go, or NULL
 *
 * Process context, may sleep.
 *
 * Return: the picker, or NULL if there is no memory.
 */
struct sluice_picker *
sluice_picker_build(struct sluice_service *service,
		    const struct sluice_backend *without)
{
	u32 count = count_candidates(service, without);
	struct sluice_backend *backend;
	struct sluice_picker *picker;
	u32 i = 0;

	picker = kvzalloc(struct_size(picker, candidates, count),
			  GFP_KERNEL_ACCOUNT);
	if (!picker)
		return NULL;

	picker->opts = service->opts;
	sluice_ranges_get(picker->opts.ranges);
	picker->sched = scheds[picker->opts.scheduler];
	picker->count = count;
	list_for_each_entry(backend, &service->backends, list)
		if (backend != without && backend->takes_new)
			picker->candidates[i++] = backend;

	if (count && picker->sched->prepare && picker->sched->prepare(picker)) {
		sluice_picker_free(picker);
		return NULL;
	}
	return picker;
}

void sluice_picker_free(struct sluice_picker *picker)
{
	sluice_ranges_put(picker->opts.ranges);
	kvfree(picker->weight_sums);
	kvfree(picker->slots);
	kvfree(picker);
}

static void free_rcu(struct rcu_head *rcu)
{
	sluice_picker_free(container_of(rcu, struct sluice_picker, rcu));
}

/* Free @picker, which may be NULL, once no reader can see it any more. */
void sluice_picker_free_later(struct sluice_picker *picker)
{
	if (picker)
		call_rcu(&picker->rcu, free_rcu);
}

/**
 * sluice_picker_choose() - the backend for a new flow
 * @service: service
 * @tuple: the client's
 *
 * The caller holds rcu_read_lock(). A backend whose last reference is gone has
 * been replaced in the picker before, so that trying again ends.
 *
 * Return: a backend with a reference taken, or NULL if there is no candidate.
 */
struct sluice_backend *sluice_picker_choose(struct sluice_service *service,
					    const struct sluice_tuple *tuple)
{
	const struct sluice_picker *picker;
	struct sluice_backend *backend;
	u32 index;

	do {
		picker = rcu_dereference(service->picker);
		if (!picker || !picker->count)
			return NULL;
		index = picker->sched->pick(service, picker, tuple);
		backend = picker->candidates[index];
	} while (!sluice_backend_get(backend));

	return backend;
}

/* Fill in weight_sums; 0 or -ENOMEM. */
int sluice_picker_sum_weights(struct sluice_picker *picker)
{
	u32 sum = 0, i;

	picker->weight_sums = kvmalloc_array(picker->count, sizeof(u32),
					     GFP_KERNEL_ACCOUNT);
	if (!picker->weight_sums)
		return -ENOMEM;

	for (i = 0; i < picker->count; i++) {
		sum += picker->candidates[i]->weight;
		picker->weight_sums[i] = sum;
	}
	return 0;
}

/* The first candidate whose weight sum exceeds @point: a binary search. */
u32 sluice_picker_at_weight(const struct sluice_picker *picker, u32 point)
{
	u32 low = 0, high = picker->count - 1;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (picker->weight_sums[middle] > point)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}
