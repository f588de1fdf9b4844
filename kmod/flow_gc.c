// SPDX-License-Identifier: GPL-2.0
/*
 * How flows end by themselves: timeouts, changes of configuration, and the
 * limit of the table.
 */
#include <linux/jiffies.h>
#include <linux/rculist.h>

#include "flow.h"

/**
 * DOC: Collection and eviction
 *
 * An expired or stale flow is ended by the next packet that finds it. What
 * gets no packet is left to the collector: while there are flows it visits an
 * eighth of the table every two seconds, and the whole table at once after a
 * change of configuration.
 *
 * At the limit a new flow takes the place of another one: of the next few
 * flows from the new one's bucket on, the one ends that matters least, by this order: expired, closing, unreplied, established;
 * among equals the one with the least time left, which is the one idle
 * longest. So a flood of connections that nobody answers displaces its own
 * kind first.
 */

#define GC_INTERVAL	(2 * HZ)
#define GC_PARTS	8
#define EVICT_SAMPLE	16	/* flows to choose from */

static void collect(struct sluice_flow_table *table, struct sluice_flow *flow)
{
	if (sluice_flow_time_left(flow) <= 0)
		sluice_flow_unlink(table, flow, SLUICE_STAT_FLOWS_EXPIRED);
	else if (table->stale(table, flow))
		sluice_flow_unlink(table, flow, SLUICE_STAT_FLOWS_RETIRED);
}

static void collect_bucket(struct sluice_flow_table *table, u32 i)
{
	struct sluice_flow_node *node;

	rcu_read_lock();
	sluice_flow_for_each_in_bucket(table, i, node)
		collect(table, sluice_flow_of(node));
	rcu_read_unlock();
}

static void gc(struct work_struct *work)
{
	struct sluice_flow_table *table =
		container_of(to_delayed_work(work), struct sluice_flow_table, gc);
	u32 todo = (table->mask + 1) / GC_PARTS;

	if (xchg(&table->gc_all, false))
		todo = table->mask + 1;

	while (todo--) {
		collect_bucket(table, table->gc_next);
		table->gc_next = (table->gc_next + 1) & table->mask;
		cond_resched();
	}

	if (atomic_read(&table->count))
		sluice_flow_gc_start(table);
}

void sluice_flow_gc_init(struct sluice_flow_table *table)
{
	table->gc_next = 0;
	table->gc_all = false;
	INIT_DELAYED_WORK(&table->gc, gc);
}

/* There are flows: see to it that the collector runs. Any context. */
void sluice_flow_gc_start(struct sluice_flow_table *table)
{
	queue_delayed_work(system_power_efficient_wq, &table->gc, GC_INTERVAL);
}

/* Visit the whole table soon, for what a change has made stale. */
void sluice_flow_gc_kick(struct sluice_flow_table *table)
{
	if (!atomic_read(&table->count))
		return;
	WRITE_ONCE(table->gc_all, true);
	mod_delayed_work(system_power_efficient_wq, &table->gc, 0);
}

/* Process context, may sleep. */
void sluice_flow_gc_stop(struct sluice_flow_table *table)
{
	cancel_delayed_work_sync(&table->gc);
}

static int importance(const struct sluice_flow *flow)
{
	if (sluice_flow_time_left(flow) <= 0)
		return 0;

	switch (sluice_flow_state(flow)) {
	case SLUICE_FLOW_STATE_CLOSING:
		return 1;
	case SLUICE_FLOW_STATE_UNREPLIED:
		return 2;
	default:
		return 3;
	}
}

static bool matters_less(const struct sluice_flow *a,
			 const struct sluice_flow *b)
{
	int difference = importance(a) - importance(b);

	if (difference)
		return difference < 0;
	return sluice_flow_time_left(a) < sluice_flow_time_left(b);
}

static void report_eviction(struct sluice_flow_table *table,
			    const struct sluice_flow *flow)
{
	struct sluice_event event = {
		.type = SLUICE_EVENT_TYPE_EVICT,
		.tuple = flow->nodes[SLUICE_DIR_ORIG].tuple,
	};

	sluice_event_add(table->events, &event);
}

/**
 * sluice_flow_evict_one() - make room for a new flow
 * @table: table at its limit
 * @hash: of the new flow, where the search starts
 *
 * The caller holds rcu_read_lock().
 *
 * Return: true if a flow was ended, false if none was near.
 */
bool sluice_flow_evict_one(struct sluice_flow_table *table, u32 hash)
{
	struct sluice_flow *victim = NULL, *flow;
	struct sluice_flow_node *node;
	u32 i, seen = 0;

	for (i = 0; i <= table->mask && seen < EVICT_SAMPLE; i++) {
		sluice_flow_for_each_in_bucket(table, (hash + i) & table->mask,
					       node) {
			flow = sluice_flow_of(node);
			if (!victim || matters_less(flow, victim))
				victim = flow;
			seen++;
		}
	}

	if (!victim ||
	    !sluice_flow_unlink(table, victim, SLUICE_STAT_FLOWS_EVICTED))
		return false;
	report_eviction(table, victim);
	return true;
}
