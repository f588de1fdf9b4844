// SPDX-License-Identifier: GPL-2.0
/*
 * Scheduler rr: the candidates in turn.
 */
#include "sched.h"

static u32 pick(struct sluice_service *service,
		const struct sluice_candidates *candidates,
		const struct sluice_tuple *tuple)
{
	return (u32)atomic_inc_return(&service->turn) % candidates->count;
}

const struct sluice_sched sluice_sched_rr = {
	.pick = pick,
};
