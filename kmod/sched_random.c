// SPDX-License-Identifier: GPL-2.0
/*
 * Scheduler random: independent choices in proportion to the weights.
 */
#include <linux/random.h>

#include "sched.h"

static u32 pick(struct sluice_service *service,
		const struct sluice_picker *picker,
		const struct sluice_tuple *tuple)
{
	u32 point = get_random_u32_below(sluice_picker_total(picker));

	return sluice_picker_at_weight(picker, point);
}

const struct sluice_sched sluice_sched_random = {
	.prepare = sluice_picker_sum_weights,
	.pick = pick,
};
