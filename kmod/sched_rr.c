// SPDX-License-Identifier: GPL-2.0
/*
 * Scheduler rr: the candidates in turn.
 */
#include "sched.h"

static u32 pick(const struct sluice_candidates *candidates,
		const struct sluice_tuple *tuple, u32 turn)
{
	return turn % candidates->count;
}

const struct sluice_sched sluice_sched_rr = {
	.pick = pick,
	.takes_turns = true,
};
