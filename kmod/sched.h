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
struct sluice_candidates;
struct sluice_tuple;

/**
 * struct sluice_sched - a way to choose
 * @prepare: compute what @pick needs; process context, may sleep, 0 or
 *	-ENOMEM; optional
 * @pick: index of the backend for a client's tuple and a turn; softirq, RCU
 *	read side; called with at least one candidate
 * @takes_turns: @pick goes by the turn
 */
struct sluice_sched {
	int (*prepare)(struct sluice_candidates *candidates);
	u32 (*pick)(const struct sluice_candidates *candidates,
		    const struct sluice_tuple *tuple, u32 turn);
	bool takes_turns;
};

/**
 * struct sluice_candidates - backends to choose among
 * @count: how many
 * @step: for wrr, see there
 * @weight_sums: @weight_sums[i] is the weight of candidates 0 to i together;
 *	NULL if the scheduler does not count weights or all are the same
 * @slots: Maglev table, or NULL
 * @backends: not referenced: a backend leaves the picker a grace period before
 *	the configuration lets go of it
 */
struct sluice_candidates {
	u32 count;
	u32 step;
	u32 *weight_sums;
	u16 *slots;
	struct sluice_backend *backends[] __counted_by(count);
};

/**
 * struct sluice_unchanged - what is known of backends that get packets unchanged
 * @own: which candidate has an address of the node, as far as it was asked; see
 *	own_backend()
 * @relayed: backends of this node that another node may have chosen; NULL
 *	unless the service is relayed
 */
struct sluice_unchanged {
	atomic64_t own;
	struct sluice_candidates *relayed;
};

/**
 * struct sluice_picker - what packets see of a service at some revisions
 * @rcu: for the deferred freeing
 * @since: the first of these revisions
 * @prev: for those before, while there are readers; RCU, written under the
 *	configuration lock
 * @opts: options of the service
 * @sched: how to choose
 * @local: candidates on this node; NULL unless the traffic policy is local
 * @unchanged: NULL if all that the service forwards is rewritten
 * @all: candidates
 *
 * Immutable once published in &struct sluice_service.picker, but for @prev and
 * what is known in @unchanged.
 */
struct sluice_picker {
	struct rcu_head rcu;
	unsigned long since;
	struct sluice_picker __rcu *prev;
	struct sluice_service_opts opts;
	const struct sluice_sched *sched;
	struct sluice_candidates *local;
	struct sluice_unchanged *unchanged;
	struct sluice_candidates all;
};

extern const struct sluice_sched sluice_sched_random;
extern const struct sluice_sched sluice_sched_rr;
extern const struct sluice_sched sluice_sched_wrr;
extern const struct sluice_sched sluice_sched_maglev;
extern const struct sluice_sched sluice_sched_lc;
extern const struct sluice_sched sluice_sched_wlc;
extern const struct sluice_sched sluice_sched_sh;

struct sluice_picker *sluice_picker_build(const struct sluice_service *service,
					  unsigned long since);
void sluice_picker_free_later(struct sluice_picker *picker);
const struct sluice_candidates *
sluice_picker_candidates(const struct sluice_picker *picker, bool local);
struct sluice_backend *
sluice_picker_choose(const struct sluice_picker *picker,
		     const struct sluice_tuple *tuple, bool local, u32 turn);
struct sluice_backend *
sluice_picker_find(const struct sluice_picker *picker,
		   const struct sluice_l4addr *addr, bool any_port, bool local);
struct sluice_backend *
sluice_picker_find_relayed(const struct sluice_picker *picker,
			   const union nf_inet_addr *addr);

int sluice_candidates_sum_weights(struct sluice_candidates *candidates);
u32 sluice_candidates_at_weight(const struct sluice_candidates *candidates,
				u32 point);

static inline u32
sluice_candidates_total(const struct sluice_candidates *candidates)
{
	return candidates->weight_sums[candidates->count - 1];
}

/* The turn that the next choice will have. */
static inline u32 sluice_service_next_turn(const struct sluice_service *service)
{
	return (u32)atomic_read(&service->turn) + 1;
}

/* Take a turn, for choosing by @picker. */
static inline u32 sluice_service_take_turn(struct sluice_service *service,
					   const struct sluice_picker *picker)
{
	return picker->sched->takes_turns ? atomic_inc_return(&service->turn) :
					    0;
}

/**
 * sluice_service_picker() - what packets see of a service
 * @service: service that is visible at @revision
 * @revision: from sluice_service_table_revision()
 *
 * The caller holds rcu_read_lock(). Once @revision is over the picker may be
 * that of a later one.
 */
static inline const struct sluice_picker *
sluice_service_picker(const struct sluice_service *service,
		      unsigned long revision)
{
	const struct sluice_picker *picker, *prev;

	picker = rcu_dereference(service->picker);
	if (likely(picker->since <= revision))
		return picker;
	prev = rcu_dereference(picker->prev);
	return prev ?: picker;
}

#endif
