// SPDX-License-Identifier: GPL-2.0
/*
 * Schedulers lc and wlc: the candidate with the fewest flows, for wlc in
 * proportion to its weight. Each choice looks at all candidates, beginning
 * with another one each time, which then is the first of equals.
 *
 * A connection that is over is remembered for a while and costs its backend
 * next to nothing: it counts as a 256th of another flow, as in ipvs. So where
 * connections are short the one with the fewest closing ones comes first among
 * those that are as busy.
 */
#include "backend.h"
#include "sched.h"

/* In terms of closing flows */
#define LOAD_OF_FLOW	256

/*
 * A flow more to each, so that idle ones differ by their weights, too. The two
 * numbers are of different moments.
 */
static u64 load(const struct sluice_backend *backend)
{
	int flows = max(atomic_read(&backend->flow_count), 0);
	int closing = clamp(atomic_read(&backend->closing_count), 0, flows);

	return (u64)(flows - closing + 1) * LOAD_OF_FLOW + closing;
}

static bool has_fewer(const struct sluice_backend *a,
		      const struct sluice_backend *b)
{
	return load(a) < load(b);
}

static bool has_fewer_for_weight(const struct sluice_backend *a,
				 const struct sluice_backend *b)
{
	return load(a) * b->opts.weight < load(b) * a->opts.weight;
}

static u32 find_least(const struct sluice_candidates *candidates, u32 turn,
		      bool (*is_less)(const struct sluice_backend *a,
				      const struct sluice_backend *b))
{
	u32 index = turn % candidates->count;
	u32 least = index, i;

	for (i = 1; i < candidates->count; i++) {
		index = index + 1 < candidates->count ? index + 1 : 0;
		if (is_less(candidates->backends[index],
			    candidates->backends[least]))
			least = index;
	}
	return least;
}

static u32 pick_lc(const struct sluice_candidates *candidates,
		   const struct sluice_tuple *tuple, u32 turn)
{
	return find_least(candidates, turn, has_fewer);
}

static u32 pick_wlc(const struct sluice_candidates *candidates,
		    const struct sluice_tuple *tuple, u32 turn)
{
	return find_least(candidates, turn, has_fewer_for_weight);
}

const struct sluice_sched sluice_sched_lc = {
	.pick = pick_lc,
	.takes_turns = true,
};

const struct sluice_sched sluice_sched_wlc = {
	.pick = pick_wlc,
	.takes_turns = true,
};
