// SPDX-License-Identifier: GPL-2.0
/*
 * Scheduler random: independent choices in proportion to the weights.
 */
#include <linux/random.h>

#include "sched.h"

static u32 pick(const struct sluice_candidates *candidates,
		const struct sluice_tuple *tuple, u32 turn)
{
	u32 point;

	if (!candidates->weight_sums)
		return get_random_u32_below(candidates->count);

	point = get_random_u32_below(sluice_candidates_total(candidates));
	return sluice_candidates_at_weight(candidates, point);
}

const struct sluice_sched sluice_sched_random = {
	.prepare = sluice_candidates_sum_weights,
	.pick = pick,
};
