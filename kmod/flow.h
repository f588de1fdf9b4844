/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flows: connections that have been decided, found by either tuple.
 */
#ifndef _SLUICE_FLOW_H
#define _SLUICE_FLOW_H

#include <linux/list.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "event.h"
#include "pkt.h"
#include "stats.h"
#include "tuple.h"

struct sluice_backend;
struct sluice_path;
struct sluice_policy_rule;

/**
 * enum sluice_timeout - which timeout holds for a flow
 * @SLUICE_TIMEOUT_UDP_UNREPLIED: UDP, original direction only so far
 * @SLUICE_TIMEOUT_UDP: UDP, both directions seen
 * @SLUICE_TIMEOUT_TCP_UNREPLIED: TCP, the client has not taken up an answer
 * @SLUICE_TIMEOUT_TCP: TCP, it has
 * @SLUICE_TIMEOUT_TCP_HALF_CLOSED: TCP, FIN in one direction
 * @SLUICE_TIMEOUT_TCP_CLOSING: TCP, FIN in both directions or RST
 * @SLUICE_TIMEOUTS: how many there are
 */
enum sluice_timeout {
	SLUICE_TIMEOUT_UDP_UNREPLIED,
	SLUICE_TIMEOUT_UDP,
	SLUICE_TIMEOUT_TCP_UNREPLIED,
	SLUICE_TIMEOUT_TCP,
	SLUICE_TIMEOUT_TCP_HALF_CLOSED,
	SLUICE_TIMEOUT_TCP_CLOSING,
	SLUICE_TIMEOUTS,
};

/* Seconds; so many jiffies fit in 31 bits if HZ is 1000. */
#define SLUICE_TIMEOUT_MAX	(20 * 24 * 3600)
#define SLUICE_FLOW_LIMIT_MAX	(1U << 24)

/* Bits of &struct sluice_flow.status. */
enum sluice_flow_bit {
	SLUICE_FLOW_REPLIED,
	SLUICE_FLOW_ASSURED,	/* the client has taken up an answer, it seems */
	SLUICE_FLOW_FIN_ORIG,
	SLUICE_FLOW_FIN_REPLY,
	SLUICE_FLOW_RST,
	SLUICE_FLOW_OVER,	/* closing, as its backend has been told */
	SLUICE_FLOW_DENIED,	/* by the policy, when it was asked last */
	SLUICE_FLOW_DEAD,	/* unlinked; written under the locks of its buckets,
				 * as the one before
				 */
};

/**
 * enum sluice_door - which doors of the slow path a packet is at
 * @SLUICE_DOOR_ENTRY: ahead of routing and of nf_conntrack
 * @SLUICE_DOOR_EXIT: behind both
 */
enum sluice_door {
	SLUICE_DOOR_ENTRY,
	SLUICE_DOOR_EXIT,
};

/**
 * enum sluice_rewrite - at which doors the packets of a flow are rewritten
 * @SLUICE_REWRITE_DST: the original direction at the entry, replies at the
 *	exit; for a new destination, and for a new source that may be routed by
 * @SLUICE_REWRITE_BOTH: destinations at the entry, sources at the exit, in
 *	both directions; for a new source that may not
 * @SLUICE_REWRITE_NONE: nowhere; packets of the original direction are sent
 *	another way at both doors, those of both are kept from nf_conntrack
 * @SLUICE_REWRITE_SEE: nowhere; packets are only seen, at the entry
 * @SLUICE_REWRITE_OWN: likewise, but those of the original direction at the exit,
 *	where others than sluice have given them their source
 */
enum sluice_rewrite {
	SLUICE_REWRITE_DST,
	SLUICE_REWRITE_BOTH,
	SLUICE_REWRITE_NONE,
	SLUICE_REWRITE_SEE,
	SLUICE_REWRITE_OWN,
};

/**
 * struct sluice_flow_node - one direction of a flow in the table
 * @link: in a bucket; RCU, written under the bucket's lock
 * @tuple: of packets that find it; constant once inserted
 * @dir: direction
 * @middle: between the doors; otherwise @tuple is what arrives on the wire
 * @works_at: bits of &enum sluice_door, where it does something to packets
 * @found_at: bits of &enum sluice_door, where packets find it
 * @addr_delta: what the rewriting from @tuple to the inverse of the other
 *	direction's adds to a sum over addresses; see sluice_nat_prepare()
 * @delta: likewise, over addresses and ports
 *
 * One cache line.
 */
struct sluice_flow_node {
	struct hlist_node link;
	struct sluice_tuple tuple;
	u8 dir;
	bool middle;
	u8 works_at;
	u8 found_at;
	__sum16 addr_delta;
	__sum16 delta;
};

static_assert(sizeof(struct sluice_flow_node) == 64);

/**
 * struct sluice_flow - one connection
 * @nodes: by direction
 * @status: bits of &enum sluice_flow_bit
 * @expires: jiffies, low 32 bits; written by every packet
 * @split: has @middle: packets are rewritten at both doors
 * @from_node: the node has begun it; constant once inserted
 * @shared: others than the node may have got its first packet, too; likewise
 * @bridged: its first packet only passed through a bridge; likewise
 * @midway: its first packet was of the middle of a connection, and may have been
 *	of either direction; likewise
 * @answer: its first packet was one of who has not begun it; likewise
 * @own: its source is a node port of this node, which the node has chosen itself,
 *	or others have for what is not @from_node; likewise
 * @forward: &enum sluice_forward; constant once inserted
 * @doors: by direction, &enum sluice_flow_door of the last packet
 * @revision: the last one under which the flow was found right
 * @backend: who receives, referenced; NULL for a client that talks to a
 *	backend's own address
 * @packets: by direction
 * @bytes: by direction, network header included
 * @paths: by direction, by which way packets leave that do not go by the stack;
 *	referenced, NULL as long as there are none; RCU, exchanged
 * @folded_packets: what the backend has been told of; lock of the original
 *	node's bucket
 * @folded_bytes: likewise
 * @rcu: for the deferred freeing, when nothing is folded any more
 * @rules: that allow it, the receiver's and the sender's, or did before it was
 *	denied, or deny it in audit mode; referenced; NULL if none does; written under the lock of the
 *	original node's bucket
 * @middle: by direction, tuples of packets between the doors
 *
 * A packet of direction d is sent on with the inverse of the other
 * direction's tuple.
 */
struct sluice_flow {
	struct sluice_flow_node nodes[SLUICE_DIRS];
	unsigned long status;
	u32 expires;
	bool split:1;
	bool from_node:1;
	bool shared:1;
	bool bridged:1;
	bool midway:1;
	bool answer:1;
	bool own:1;
	u8 forward;
	u8 doors[SLUICE_DIRS];
	unsigned long revision;
	struct sluice_backend *backend;
	atomic64_t packets[SLUICE_DIRS];
	atomic64_t bytes[SLUICE_DIRS];
	struct sluice_path __rcu *paths[SLUICE_DIRS];
	union {
		struct {
			u64 folded_packets[SLUICE_DIRS];
			u64 folded_bytes[SLUICE_DIRS];
		};
		struct rcu_head rcu;
	};
	struct sluice_policy_rule *rules[SLUICE_POLICY_DIRECTION_MAX];
	struct sluice_flow_node middle[] ____cacheline_aligned;
};

/**
 * struct sluice_flow_settings - what an administrator chooses
 * @limit: greatest number of flows
 * @timeouts: seconds, by &enum sluice_timeout
 *
 * Written under the configuration lock, read without.
 */
struct sluice_flow_settings {
	u32 limit;
	u32 timeouts[SLUICE_TIMEOUTS];
};

/**
 * struct sluice_flow_table - flows of one namespace
 * @buckets: RCU; a bucket is written under its lock
 * @mask: number of buckets less one
 * @keys: of the hash
 * @locks: bucket i has lock i modulo %SLUICE_FLOW_LOCKS
 * @count: flows in the table
 * @exits: there is or was a flow of which something is done at the exit; set
 *	ahead of its first packet's way there
 * @gc: ends flows that nobody asks for any more; runs while there are flows
 * @gc_next: bucket where @gc goes on
 * @gc_all: next run of @gc visits the whole table
 * @evict_next: bucket where the search for a flow to evict goes on
 * @ends: whether a flow is to end though its timeout has not come; given by the
 *	data path
 * @tell: that a flow has begun (%SLUICE_STAT_FLOWS_CREATED) or ended, and by
 *	what, under the locks of its buckets; given by the netlink layer, or NULL
 * @settings: of the namespace
 * @stats: of the namespace
 * @events: of the namespace
 */
struct sluice_flow_table {
	struct hlist_head *buckets;
	u32 mask;
	struct sluice_hash_keys keys;
	spinlock_t *locks;
	atomic_t count;
	bool exits;
	struct delayed_work gc;
	u32 gc_next;
	bool gc_all;
	u32 evict_next;
	bool (*ends)(struct sluice_flow_table *table,
		     struct sluice_flow *flow);
	void (*tell)(struct sluice_flow_table *table,
		     const struct sluice_flow *flow, enum sluice_stat what);
	const struct sluice_flow_settings *settings;
	struct sluice_stats __percpu *stats;
	struct sluice_event_queue *events;
};

#define SLUICE_FLOW_LOCKS	256

extern const struct sluice_flow_settings sluice_flow_default_settings;

int sluice_flow_init(void);
void sluice_flow_fini(void);
int sluice_flow_table_init(struct sluice_flow_table *table, u32 buckets);
void sluice_flow_table_fini(struct sluice_flow_table *table);
void sluice_flow_table_flush(struct sluice_flow_table *table,
			     bool (*match)(const struct sluice_flow *flow,
					   const void *arg),
			     const void *arg);
void sluice_flow_table_fold(struct sluice_flow_table *table);

struct sluice_flow *sluice_flow_alloc(struct sluice_backend *backend,
				      enum sluice_rewrite rewrite);
void sluice_flow_target(const struct sluice_flow_node *node,
			struct sluice_tuple *to);
void sluice_flow_set_path(struct sluice_flow *flow, enum sluice_dir dir,
			  struct sluice_path *path);
void sluice_flow_free(struct sluice_flow *flow);
void sluice_flow_put_rules(struct sluice_policy_rule *const *rules);
void sluice_flow_count_begin(struct sluice_flow_table *table,
			     struct sluice_flow *flow);
void sluice_flow_count_end(struct sluice_flow_table *table,
			   struct sluice_flow *flow, enum sluice_stat why);
void sluice_flow_count_over(struct sluice_flow_table *table,
			    struct sluice_flow *flow);
void sluice_flow_fold(struct sluice_flow *flow);
void sluice_flow_set_rules(struct sluice_flow_table *table,
			   struct sluice_flow *flow,
			   struct sluice_policy_rule *const *rules);
int sluice_flow_insert(struct sluice_flow_table *table,
		       struct sluice_flow *flow);
bool sluice_flow_unlink(struct sluice_flow_table *table,
			struct sluice_flow *flow, enum sluice_stat why);
void sluice_flow_touch(struct sluice_flow_table *table,
		       struct sluice_flow *flow, enum sluice_dir dir,
		       const struct sluice_pkt *pkt, unsigned int len);
void sluice_flow_keep(struct sluice_flow_table *table, struct sluice_flow *flow);
void sluice_flow_close(struct sluice_flow_table *table,
		       struct sluice_flow *flow);
enum sluice_flow_state sluice_flow_state(const struct sluice_flow *flow);
bool sluice_flow_may_reopen(const struct sluice_flow *flow);

void sluice_flow_gc_init(struct sluice_flow_table *table);
void sluice_flow_gc_start(struct sluice_flow_table *table);
void sluice_flow_gc_kick(struct sluice_flow_table *table);
void sluice_flow_gc_stop(struct sluice_flow_table *table);
bool sluice_flow_evict_one(struct sluice_flow_table *table);
void sluice_flow_evict_holder(struct sluice_flow_table *table,
			      const struct sluice_tuple *tuple);

/* Of a node that packets find at the entry */
static inline struct sluice_flow *
sluice_flow_of_wire(const struct sluice_flow_node *node)
{
	return container_of(node, struct sluice_flow, nodes[node->dir]);
}

static inline struct sluice_flow *
sluice_flow_of(const struct sluice_flow_node *node)
{
	if (node->middle)
		return container_of(node, struct sluice_flow,
				    middle[node->dir]);
	return sluice_flow_of_wire(node);
}

/**
 * sluice_flow_path() - by which way packets of a direction leave
 * @flow: flow; the caller holds rcu_read_lock()
 * @dir: direction
 *
 * Return: NULL if there is none yet; otherwise sluice_nat_prepare() has been
 * called, and what it has written is seen.
 */
static inline struct sluice_path *sluice_flow_path(const struct sluice_flow *flow,
						   enum sluice_dir dir)
{
	struct sluice_path *path = rcu_dereference(flow->paths[dir]);

	smp_rmb();	/* pairs with xchg() in sluice_flow_set_path() */
	return path;
}

static inline u32 sluice_flow_hash(const struct sluice_flow_table *table,
				   const struct sluice_tuple *tuple)
{
	return sluice_tuple_hash(tuple, &table->keys);
}

/**
 * sluice_flow_lookup() - find a flow by the tuple of a packet
 * @table: table
 * @tuple: as it is at @door, in either direction
 * @door: where the packet is
 *
 * The caller holds rcu_read_lock(). Inline, because every packet comes by.
 *
 * Return: the node of the direction that has the tuple, or NULL.
 */
static inline struct sluice_flow_node *
sluice_flow_lookup(const struct sluice_flow_table *table,
		   const struct sluice_tuple *tuple, enum sluice_door door)
{
	u32 bucket = sluice_flow_hash(table, tuple) & table->mask;
	struct sluice_flow_node *node;

	hlist_for_each_entry_rcu(node, &table->buckets[bucket], link)
		if (sluice_tuple_equal(&node->tuple, tuple) &&
		    node->found_at & BIT(door))
			return node;
	return NULL;
}

static inline spinlock_t *
sluice_flow_bucket_lock(const struct sluice_flow_table *table, u32 bucket)
{
	return &table->locks[bucket % SLUICE_FLOW_LOCKS];
}

/* Jiffies until the flow ends, negative if it should have. */
static inline s32 sluice_flow_time_left(const struct sluice_flow *flow)
{
	return (s32)(READ_ONCE(flow->expires) - (u32)jiffies);
}

static inline bool sluice_flow_is_dead(const struct sluice_flow *flow)
{
	return test_bit(SLUICE_FLOW_DEAD, &flow->status);
}

/* Replies go straight to the client and need not come by. */
static inline bool sluice_flow_is_one_sided(const struct sluice_flow *flow)
{
	return flow->forward > SLUICE_FORWARD_NAT;
}

/*
 * The client has answered an answer, so its address is not forged. Where
 * answers do not come by it has gone on as if it had.
 */
static inline bool sluice_flow_is_assured(const struct sluice_flow *flow)
{
	return test_bit(SLUICE_FLOW_ASSURED, &flow->status);
}

/* Walk the flows of bucket @i once each; the caller holds rcu_read_lock(). */
#define sluice_flow_for_each_in_bucket(table, i, node)			\
	hlist_for_each_entry_rcu(node, &(table)->buckets[i], link)	\
		if ((node)->dir != SLUICE_DIR_ORIG || (node)->middle)	\
			continue;					\
		else

#endif
