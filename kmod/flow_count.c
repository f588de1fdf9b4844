// SPDX-License-Identifier: GPL-2.0
/*
 * What flows count, and whom they tell of it.
 */
#include <linux/rculist.h>

#include "backend.h"
#include "flow.h"
#include "policy.h"
#include "service.h"

/* Release what the flow that had @rules held. */
void sluice_flow_put_rules(struct sluice_policy_rule *const *rules)
{
	u32 i;

	for (i = 0; i < SLUICE_POLICY_DIRECTIONS; i++)
		if (rules[i])
			sluice_policy_rule_put(rules[i]);
}

static void count_rules(struct sluice_policy_rule *const *rules)
{
	u32 i;

	for (i = 0; i < SLUICE_POLICY_DIRECTIONS; i++)
		if (rules[i])
			atomic64_inc(&sluice_policy_rule_counters(rules[i])->flows);
}

static void count_and_tell(struct sluice_flow_table *table,
			   const struct sluice_flow *flow, enum sluice_stat what)
{
	sluice_stat_inc(table->stats, what);
	if (table->tell)
		table->tell(table, flow, what);
}

/* A flow is in @table. */
void sluice_flow_count_begin(struct sluice_flow_table *table,
			     struct sluice_flow *flow)
{
	struct sluice_backend *backend = flow->backend;

	count_and_tell(table, flow, SLUICE_STAT_FLOWS_CREATED);
	count_rules(flow->rules);
	if (!backend)
		return;
	atomic_inc(&backend->flow_count);
	atomic_inc(&backend->service->flow_count);
	atomic64_inc(&backend->counters.connections);
	atomic64_inc(&backend->service->counters.connections);
}

/* It is not any more. */
void sluice_flow_count_end(struct sluice_flow_table *table,
			   struct sluice_flow *flow, enum sluice_stat why)
{
	struct sluice_backend *backend = flow->backend;

	count_and_tell(table, flow, why);
	if (!backend)
		return;
	atomic_dec(&backend->flow_count);
	atomic_dec(&backend->service->flow_count);
	if (test_bit(SLUICE_FLOW_OVER, &flow->status))
		atomic_dec(&backend->closing_count);
}

static spinlock_t *lock_of(const struct sluice_flow_table *table,
			   const struct sluice_flow *flow)
{
	u32 hash = sluice_flow_hash(table, &flow->nodes[SLUICE_DIR_ORIG].tuple);

	return sluice_flow_bucket_lock(table, hash & table->mask);
}

/**
 * sluice_flow_count_over() - a connection is closing: it is hardly a load now
 * @table: table
 * @flow: flow; the caller holds rcu_read_lock()
 *
 * Once for each, and not of one that is not in the table any more. Softirq or
 * process context.
 */
void sluice_flow_count_over(struct sluice_flow_table *table,
			    struct sluice_flow *flow)
{
	spinlock_t *lock;

	if (!flow->backend || test_bit(SLUICE_FLOW_OVER, &flow->status))
		return;

	lock = lock_of(table, flow);
	spin_lock_bh(lock);
	if (!sluice_flow_is_dead(flow) &&
	    !test_and_set_bit(SLUICE_FLOW_OVER, &flow->status))
		atomic_inc(&flow->backend->closing_count);
	spin_unlock_bh(lock);
}

static void tell_backend(struct sluice_backend *backend, enum sluice_dir dir,
			 s64 packets, s64 bytes)
{
	atomic64_add(packets, &backend->counters.packets[dir]);
	atomic64_add(bytes, &backend->counters.bytes[dir]);
	atomic64_add(packets, &backend->service->counters.packets[dir]);
	atomic64_add(bytes, &backend->service->counters.bytes[dir]);
}

static void tell_rules(struct sluice_policy_rule *const *rules, s64 packets,
		       s64 bytes)
{
	struct sluice_policy_counters *counters;
	u32 i;

	for (i = 0; i < SLUICE_POLICY_DIRECTIONS; i++) {
		if (!rules[i])
			continue;
		counters = sluice_policy_rule_counters(rules[i]);
		atomic64_add(packets, &counters->packets);
		atomic64_add(bytes, &counters->bytes);
	}
}

/*
 * Tell the backend, its service and the rules what has come since the last
 * time; the lock of the original node's bucket is held.
 */
void sluice_flow_fold(struct sluice_flow *flow)
{
	enum sluice_dir dir;
	s64 packets, bytes;

	for (dir = SLUICE_DIR_ORIG; dir < SLUICE_DIRS; dir++) {
		packets = atomic64_read(&flow->packets[dir]);
		bytes = atomic64_read(&flow->bytes[dir]);
		swap(flow->folded_packets[dir], packets);
		swap(flow->folded_bytes[dir], bytes);
		packets = flow->folded_packets[dir] - packets;
		bytes = flow->folded_bytes[dir] - bytes;
		if (flow->backend)
			tell_backend(flow->backend, dir, packets, bytes);
		tell_rules(flow->rules, packets, bytes);
	}
}

/* Another version of the same rule has counted the flow already. */
static void take_rule(const struct sluice_policy_rule *old,
		      struct sluice_policy_rule *rule)
{
	if (!rule)
		return;
	sluice_policy_rule_get(rule);
	if (!old || old->origin != rule->origin)
		atomic64_inc(&sluice_policy_rule_counters(rule)->flows);
}

/**
 * sluice_flow_set_rules() - which rules allow a flow from now on
 * @table: table
 * @flow: flow; the caller holds rcu_read_lock()
 * @rules: as in &struct sluice_flow, without references
 *
 * Softirq or process context.
 */
void sluice_flow_set_rules(struct sluice_flow_table *table,
			   struct sluice_flow *flow,
			   struct sluice_policy_rule *const *rules)
{
	struct sluice_policy_rule *old[SLUICE_POLICY_DIRECTIONS];
	spinlock_t *lock;
	u32 i;

	if (!memcmp(flow->rules, rules, sizeof(flow->rules)))
		return;

	lock = lock_of(table, flow);
	spin_lock_bh(lock);
	if (sluice_flow_is_dead(flow)) {
		spin_unlock_bh(lock);
		return;
	}
	sluice_flow_fold(flow);
	memcpy(old, flow->rules, sizeof(old));
	for (i = 0; i < SLUICE_POLICY_DIRECTIONS; i++) {
		WRITE_ONCE(flow->rules[i], rules[i]);
		take_rule(old[i], rules[i]);
	}
	spin_unlock_bh(lock);
	sluice_flow_put_rules(old);
}

static void fold_bucket(struct sluice_flow_table *table, u32 i)
{
	struct sluice_flow_node *node;

	spin_lock_bh(sluice_flow_bucket_lock(table, i));
	rcu_read_lock();
	sluice_flow_for_each_in_bucket(table, i, node)
		sluice_flow_fold(sluice_flow_of(node));
	rcu_read_unlock();
	spin_unlock_bh(sluice_flow_bucket_lock(table, i));
}

/**
 * sluice_flow_table_fold() - bring the counters of all backends up to date
 * @table: table
 *
 * Packets are counted in their flow alone, which keeps services and backends
 * out of the per-packet work; a flow hands over what it has when it ends and
 * when this is called. Process context, may sleep.
 */
void sluice_flow_table_fold(struct sluice_flow_table *table)
{
	u32 i;

	if (!atomic_read(&table->count))
		return;

	for (i = 0; i <= table->mask; i++) {
		if (hlist_empty(&table->buckets[i]))
			continue;
		fold_bucket(table, i);
		cond_resched();
	}
}
