// SPDX-License-Identifier: GPL-2.0
/*
 * How flows end by themselves: timeouts, changes of configuration, and the
 * limit of the table.
 */
#include <linux/jiffies.h>
#include <linux/rculist.h>

#include "backend.h"
#include "flow.h"

/**
 * DOC: Collection and eviction
 *
 * An expired or stale flow is ended by the next packet that finds it. What
 * gets no packet is left to the collector: while there are flows it visits an
 * eighth of the table every two seconds, and the whole table a tenth of a second
 * after a change by which something goes that has flows, once for all changes
 * until then. TCP connections of a backend that is gone wait for a packet, which
 * is answered by a RST.
 *
 * At the limit a new flow takes the place of another one. The search goes
 * round the table; of the next few flows the one ends that matters least, by
 * this order: expired, closing or without a backend that keeps flows, not
 * assured, assured; among equals the one with the least time left, which is the
 * one idle longest. A flow is assured when its client has taken up an answer,
 * which one with a forged address cannot. So a flood displaces its own kind,
 * whether somebody answers it or not.
 */

#define GC_INTERVAL	(2 * HZ)
#define GC_PARTS	8
#define GC_KICK		(HZ / 10)
#define GC_BATCH	64	/* buckets between two chances for others to run */

/* Flows to choose from, and buckets to visit for them; buckets to visit for one
 * at least, which is the whole table unless its limit was raised.
 */
#define EVICT_SAMPLE	16
#define EVICT_BUCKETS	4096
#define EVICT_SEARCH	131072

static void collect(struct sluice_flow_table *table, struct sluice_flow *flow)
{
	if (sluice_flow_time_left(flow) <= 0)
		sluice_flow_unlink(table, flow, SLUICE_STAT_FLOWS_EXPIRED);
	else if (table->ends(table, flow))
		sluice_flow_unlink(table, flow, SLUICE_STAT_FLOWS_RETIRED);
}

static void collect_bucket(struct sluice_flow_table *table, u32 i)
{
	struct sluice_flow_node *node;

	if (hlist_empty(&table->buckets[i]))
		return;
	rcu_read_lock();
	sluice_flow_for_each_in_bucket(table, i, node)
		collect(table, sluice_flow_of(node));
	rcu_read_unlock();
}

static void gc(struct work_struct *work)
{
	struct sluice_flow_table *table = container_of(to_delayed_work(work),
						       struct sluice_flow_table,
						       gc);
	u32 todo = (table->mask + 1) / GC_PARTS;

	if (xchg(&table->gc_all, false))
		todo = table->mask + 1;

	while (todo--) {
		collect_bucket(table, table->gc_next);
		table->gc_next = (table->gc_next + 1) & table->mask;
		if (!(todo % GC_BATCH))
			cond_resched();
	}

	if (atomic_read(&table->count))
		sluice_flow_gc_start(table);
}

void sluice_flow_gc_init(struct sluice_flow_table *table)
{
	table->gc_next = 0;
	table->gc_all = false;
	table->evict_next = 0;
	INIT_DELAYED_WORK(&table->gc, gc);
}

/* There are flows: see to it that the collector runs. Any context. */
void sluice_flow_gc_start(struct sluice_flow_table *table)
{
	queue_delayed_work(system_power_efficient_wq, &table->gc, GC_INTERVAL);
}

/*
 * Visit the whole table soon, for what a change has made stale; that costs more
 * than most changes, which do not wait for it, and come in numbers.
 */
void sluice_flow_gc_kick(struct sluice_flow_table *table)
{
	if (!atomic_read(&table->count) || xchg(&table->gc_all, true))
		return;
	mod_delayed_work(system_power_efficient_wq, &table->gc, GC_KICK);
}

/* Process context, may sleep. */
void sluice_flow_gc_stop(struct sluice_flow_table *table)
{
	cancel_delayed_work_sync(&table->gc);
}

/* In the order in which they are evicted */
enum importance { EXPIRED, ENDING, UNASSURED, ASSURED };

static enum importance importance(const struct sluice_flow *flow)
{
	if (sluice_flow_time_left(flow) <= 0)
		return EXPIRED;

	if (sluice_flow_state(flow) == SLUICE_FLOW_STATE_CLOSING ||
	    (flow->backend && !sluice_backend_keeps_flows(flow->backend)))
		return ENDING;
	return sluice_flow_is_assured(flow) ? ASSURED : UNASSURED;
}

/* The least goes first. Time left may be negative. */
static u64 rank(const struct sluice_flow *flow)
{
	return (u64)importance(flow) << 32 |
	       ((u32)sluice_flow_time_left(flow) ^ BIT(31));
}

#define RANK_NOBODY	U64_MAX

static void report_eviction(struct sluice_flow_table *table,
			    const struct sluice_flow *flow)
{
	struct sluice_event event = {
		.type = SLUICE_EVENT_TYPE_EVICT,
		.tuple = flow->nodes[SLUICE_DIR_ORIG].tuple,
	};

	sluice_event_add(table->events, &event);
}

/* If it has ended meanwhile that is as good. */
static void evict(struct sluice_flow_table *table, struct sluice_flow *victim)
{
	if (sluice_flow_unlink(table, victim, SLUICE_STAT_FLOWS_EVICTED))
		report_eviction(table, victim);
}

/*
 * Whether there are enough to choose from, or it is time to take what there is,
 * as long as that is not assured: in a table far too large for its limit there may
 * be one alone in all these buckets. @least: rank of what would be taken
 */
static bool has_seen_enough(u32 buckets, u32 flows, u64 least)
{
	return flows >= EVICT_SAMPLE ||
	       (least < (u64)ASSURED << 32 && buckets >= EVICT_BUCKETS);
}

/* The least important of the next few flows, or NULL if none is near. */
static struct sluice_flow *choose_victim(struct sluice_flow_table *table)
{
	u32 buckets, all = min_t(u32, table->mask + 1, EVICT_SEARCH);
	u32 next = READ_ONCE(table->evict_next), seen = 0;
	struct sluice_flow *victim = NULL, *flow;
	struct sluice_flow_node *node;
	u64 least = RANK_NOBODY, this;

	for (buckets = 0; buckets < all; buckets++) {
		if (has_seen_enough(buckets, seen, least))
			break;
		next = (next + 1) & table->mask;
		sluice_flow_for_each_in_bucket(table, next, node) {
			flow = sluice_flow_of(node);
			this = rank(flow);
			seen++;
			if (this >= least)
				continue;
			least = this;
			victim = flow;
		}
	}
	WRITE_ONCE(table->evict_next, next);
	return victim;
}

/**
 * sluice_flow_evict_one() - make room for a new flow
 * @table: table at its limit
 *
 * Visits a bounded number of buckets; in a table far larger than by default, and
 * far too large for its limit, there may be no flow in them, and the next call
 * goes on from there. The caller holds rcu_read_lock().
 *
 * Return: true if there is room, false if no flow was near.
 */
bool sluice_flow_evict_one(struct sluice_flow_table *table)
{
	struct sluice_flow *victim = choose_victim(table);

	if (!victim)
		return false;
	evict(table, victim);
	return true;
}

/**
 * sluice_flow_evict_holder() - take a tuple from the flow that has it
 * @table: table
 * @tuple: of packets at the entry; the caller holds rcu_read_lock()
 *
 * A flow that matters stays: one that is assured and not closing. So a flood
 * cannot keep a backend's ports from others before the table is full.
 */
void sluice_flow_evict_holder(struct sluice_flow_table *table,
			      const struct sluice_tuple *tuple)
{
	struct sluice_flow_node *node;
	struct sluice_flow *flow;

	node = sluice_flow_lookup(table, tuple, SLUICE_DOOR_ENTRY);
	if (!node)
		return;
	flow = sluice_flow_of(node);
	if (importance(flow) != ASSURED)
		evict(table, flow);
}
