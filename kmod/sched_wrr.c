// SPDX-License-Identifier: GPL-2.0
/*
 * Scheduler wrr: in turn, in proportion to the weights.
 *
 * All weights together make a ring of points, each owned by one candidate.
 * Turn n takes point n * step modulo the size of the ring. The step shares no
 * divisor with the size, so a full round visits every point once: exact
 * shares. It lies near the golden section of the ring, so that turns of one
 * candidate are spread over the round instead of coming in a row. There is no
 * state but the number of the turn, and no lock.
 *
 * Example, weights 3 and 1: ring of 4, step 3; the points come 3 2 1 0, whose
 * owners are B A A A.
 */
#include <linux/gcd.h>
#include <linux/math64.h>

#include "backend.h"
#include "sched.h"

/* Weights in lowest terms make the round as short as it can be. */
static void divide_by_common_divisor(struct sluice_candidates *candidates)
{
	unsigned long divisor = 0;
	u32 i;

	for (i = 0; i < candidates->count; i++)
		divisor = gcd(divisor, candidates->backends[i]->next.weight);
	for (i = 0; i < candidates->count; i++)
		candidates->weight_sums[i] /= divisor;
}

static u32 golden_step(u32 size)
{
	u32 step = div_u64((u64)size * 618, 1000);

	step = max(step, 1U);
	while (gcd(step, size) != 1)
		step++;
	return step;
}

static int prepare(struct sluice_candidates *candidates)
{
	int err;

	err = sluice_candidates_sum_weights(candidates);
	if (err || !candidates->weight_sums)
		return err;

	divide_by_common_divisor(candidates);
	candidates->step = golden_step(sluice_candidates_total(candidates));
	return 0;
}

static u32 pick(const struct sluice_candidates *candidates,
		const struct sluice_tuple *tuple, u32 turn)
{
	u32 point;

	if (!candidates->weight_sums)
		return turn % candidates->count;

	div_u64_rem((u64)turn * candidates->step,
		    sluice_candidates_total(candidates), &point);
	return sluice_candidates_at_weight(candidates, point);
}

const struct sluice_sched sluice_sched_wrr = {
	.prepare = prepare,
	.pick = pick,
	.takes_turns = true,
};
