// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of a namespace.
 */
#include <linux/cpumask.h>

#include "stats.h"

/**
 * sluice_stat_sum() - one counter over all CPUs
 * @stats: counters of a namespace
 * @stat: &enum sluice_stat, a drop reason added to %SLUICE_STAT_DROPS
 */
u64 sluice_stat_sum(const struct sluice_stats __percpu *stats,
		    unsigned int stat)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(stats, cpu)->count[stat]);
	return sum;
}
