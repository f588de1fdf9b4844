/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters: per CPU for a namespace, atomic for services and backends.
 */
#ifndef _SLUICE_STATS_H
#define _SLUICE_STATS_H

#include <linux/atomic.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/types.h>
#include <uapi/linux/sluice.h>

/**
 * enum sluice_stat - what a namespace counts
 * @SLUICE_STAT_FLOWS_CREATED: flows inserted in the table
 * @SLUICE_STAT_FLOWS_EXPIRED: flows ended by their timeout
 * @SLUICE_STAT_FLOWS_EVICTED: flows ended because the table was full
 * @SLUICE_STAT_FLOWS_RETIRED: flows ended by a change of configuration, by
 *	request, or because their client used the port again
 * @SLUICE_STAT_EVENTS_LOST: events that found their queue full
 * @SLUICE_STAT_AUDITED: packets not dropped because of the audit mode
 * @SLUICE_STAT_DROPS: first of the drop reasons, whose values are added to it
 * @SLUICE_STAT_COUNT: how many there are
 */
enum sluice_stat {
	SLUICE_STAT_FLOWS_CREATED,
	SLUICE_STAT_FLOWS_EXPIRED,
	SLUICE_STAT_FLOWS_EVICTED,
	SLUICE_STAT_FLOWS_RETIRED,
	SLUICE_STAT_EVENTS_LOST,
	SLUICE_STAT_AUDITED,
	SLUICE_STAT_DROPS,
	SLUICE_STAT_COUNT = SLUICE_STAT_DROPS + __SLUICE_DROP_REASON_MAX,
};

struct sluice_stats {
	unsigned long count[SLUICE_STAT_COUNT];
};

static inline void sluice_stat_inc(struct sluice_stats __percpu *stats,
				   enum sluice_stat stat)
{
	this_cpu_inc(stats->count[stat]);
}

u64 sluice_stat_sum(const struct sluice_stats __percpu *stats,
		    unsigned int stat);

/* A packet's direction in a flow. */
enum sluice_dir {
	SLUICE_DIR_ORIG,
	SLUICE_DIR_REPLY,
	SLUICE_DIRS,
};

/**
 * struct sluice_counters - totals of a service or backend
 * @connections: flows created
 * @packets: by direction
 * @bytes: by direction, network header included
 * @drops: packets dropped on behalf of the object
 *
 * Packets and bytes are those that flows have handed over so far, see
 * sluice_flow_table_fold().
 */
struct sluice_counters {
	atomic64_t connections;
	atomic64_t packets[SLUICE_DIRS];
	atomic64_t bytes[SLUICE_DIRS];
	atomic64_t drops;
};

#endif
