/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Schedulers: which backend a new flow gets.
 */
#ifndef _SLUICE_SCHED_H
#define _SLUICE_SCHED_H

#include <linux/rcupdate.h>
#include <linux/types.h>

#include "service.h"

struct sluice_backend;
struct sluice_picker;
struct sluice_tuple;

/**
 * struct sluice_sched - a way to choose
 * @prepare: compute what @pick needs; process context, may sleep, 0 or
 *	-ENOMEM; optional
 * @pick: index of the backend for a client's tuple; softirq, RCU read side;
 *	called with at least one candidate
 */
struct sluice_sched {
	int (*prepare)(struct sluice_picker *picker);
	u32 (*pick)(struct sluice_service *service,
		    const struct sluice_picker *picker,
		    const struct sluice_tuple *tuple);
};

/**
 * struct sluice_picker - the candidates for new flows of a service
 * @rcu: for the deferred freeing
 * @opts: options of the service
 * @sched: how to choose
 * @weight_sums: @weight_sums[i] is the weight of candidates 0 to i together;
 *	NULL unless the scheduler counts weights
 * @slots: Maglev table, or NULL
 * @step: for wrr, see there
 * @count: number of candidates
 * @candidates: active backends with a weight, not referenced: a backend leaves
 *	the picker a grace period before it is freed
 *
 * Immutable once published in &struct sluice_service.picker.
 */
struct sluice_picker {
	struct rcu_head rcu;
	struct sluice_service_opts opts;
	const struct sluice_sched *sched;
	u32 *weight_sums;
	u16 *slots;
	u32 step;
	u32 count;
	struct sluice_backend *candidates[] __counted_by(count);
};

extern const struct sluice_sched sluice_sched_random;
extern const struct sluice_sched sluice_sched_rr;
extern const struct sluice_sched sluice_sched_wrr;
extern const struct sluice_sched sluice_sched_maglev;
extern const struct sluice_sched sluice_sched_lc;
extern const struct sluice_sched sluice_sched_wlc;
extern const struct sluice_sched sluice_sched_sh;

struct sluice_picker *
sluice_picker_build(struct sluice_service *service,
		    const struct sluice_backend *without);
void sluice_picker_free(struct sluice_picker *picker);
void sluice_picker_free_later(struct sluice_picker *picker);
struct sluice_backend *sluice_picker_choose(struct sluice_service *service,
					    const struct sluice_tuple *tuple);

int sluice_picker_sum_weights(struct sluice_picker *picker);
u32 sluice_picker_at_weight(const struct sluice_picker *picker, u32 point);

static inline u32 sluice_picker_total(const struct sluice_picker *picker)
{
	return picker->weight_sums[picker->count - 1];
}

#endif
