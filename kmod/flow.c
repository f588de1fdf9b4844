// SPDX-License-Identifier: GPL-2.0
/*
 * The flow table: insertion, look-up, refresh, removal.
 */
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "alloc.h"
#include "backend.h"
#include "flow.h"
#include "path.h"
#include "policy.h"
#include "service.h"

/**
 * DOC: Flow table
 *
 * A hash table with a node for the tuple of each direction of a flow. Readers
 * hold rcu_read_lock() and take no lock and no reference. A flow is inserted
 * and removed under the locks of all its buckets, taken in the order of their
 * addresses; the dead bit, set under all of them, makes removal happen once. A
 * flow is freed a grace period after its removal.
 *
 * The node of the original direction is published last: whoever finds a flow
 * by the tuple of the first packet can rely on its answers being found too.
 */

/**
 * DOC: Middle nodes
 *
 * Destinations are rewritten ahead of routing, sources behind it. Where both
 * change, a packet has a third tuple between the two doors, and the flow two
 * more nodes by which the second door finds it. Example, a client c speaks to
 * service s, is sent to backend b and masqueraded as node n (ports left out):
 *
 *	              entry          exit
 *	original  c>s ------>  c>b  ------> n>b
 *	reply     b>n ------>  b>c  ------> s>c
 *
 * The nodes of the wire are those of c>s and b>n, found at the entry; the
 * middle ones are c>b and b>c, found at the exit. No two nodes that can be
 * found at one door have the same tuple. Without masquerading the middle of
 * the original direction is how it leaves, and that of the replies how they
 * come: no middle nodes are needed. Where only the source is new, as of what a
 * pod sends out of the cluster, the middle is as what comes; but it must be
 * told from the middle of other flows.
 */

/*
 * A TCP connection that the server ends without the client having the last word
 * is not seen to end where its replies do not come by. Seconds; as in ipvs.
 */
#define ONE_SIDED_TCP_MAX	(15 * 60)

/* Without and with middle nodes */
static struct kmem_cache *flow_caches[2];

const struct sluice_flow_settings sluice_flow_default_settings = {
	.limit = 262144,
	.timeouts = {
		[SLUICE_TIMEOUT_UDP_UNREPLIED] = 30,
		[SLUICE_TIMEOUT_UDP] = 120,
		[SLUICE_TIMEOUT_TCP_UNREPLIED] = 60,
		[SLUICE_TIMEOUT_TCP] = 24 * 3600,
		[SLUICE_TIMEOUT_TCP_HALF_CLOSED] = 120,
		/* A little more than the backend's TIME_WAIT, 60 */
		[SLUICE_TIMEOUT_TCP_CLOSING] = 65,
	},
};

int __init sluice_flow_init(void)
{
	size_t size = sizeof(struct sluice_flow);

	/* There may be very many. */
	BUILD_BUG_ON(sizeof(struct sluice_flow) > 256);
	flow_caches[false] = kmem_cache_create("sluice_flow", size, 0,
					       SLAB_HWCACHE_ALIGN, NULL);
	size += SLUICE_DIRS * sizeof(struct sluice_flow_node);
	flow_caches[true] = kmem_cache_create("sluice_flow_split", size, 0,
					      SLAB_HWCACHE_ALIGN, NULL);
	if (flow_caches[false] && flow_caches[true])
		return 0;
	sluice_flow_fini();
	return -ENOMEM;
}

/* The caller has waited for the callbacks of all flows. */
void sluice_flow_fini(void)
{
	kmem_cache_destroy(flow_caches[true]);
	kmem_cache_destroy(flow_caches[false]);
}

static void init_locks(struct sluice_flow_table *table)
{
	unsigned int i;

	for (i = 0; i < SLUICE_FLOW_LOCKS; i++)
		spin_lock_init(&table->locks[i]);
}

/**
 * sluice_flow_table_init() - make an empty table
 * @table: table whose ends, tell, settings, stats and events are set
 * @buckets: size, a power of two not below %SLUICE_FLOW_LOCKS
 *
 * Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_flow_table_init(struct sluice_flow_table *table, u32 buckets)
{
	table->buckets = sluice_alloc_array(buckets, sizeof(*table->buckets));
	table->locks = sluice_alloc_array(SLUICE_FLOW_LOCKS, sizeof(spinlock_t));
	if (!table->buckets || !table->locks) {
		sluice_free(table->buckets);
		sluice_free(table->locks);
		return -ENOMEM;
	}

	init_locks(table);
	table->mask = buckets - 1;
	get_random_bytes(&table->keys, sizeof(table->keys));
	atomic_set(&table->count, 0);
	table->exits = false;
	sluice_flow_gc_init(table);
	return 0;
}

/**
 * sluice_flow_table_fini() - remove all flows and free the table
 * @table: table that no reader uses any more
 *
 * Process context, may sleep.
 */
void sluice_flow_table_fini(struct sluice_flow_table *table)
{
	sluice_flow_gc_stop(table);
	sluice_flow_table_flush(table, NULL, NULL);
	sluice_free(table->locks);
	sluice_free(table->buckets);
}

/**
 * struct bucket_set - the buckets of a flow
 * @nodes: all nodes of the flow
 * @buckets: their buckets
 * @locks: locks of these, by address, each once; NULL where there is none
 * @count: number of nodes
 */
struct bucket_set {
	struct sluice_flow_node *nodes[2 * SLUICE_DIRS];
	u32 buckets[2 * SLUICE_DIRS];
	spinlock_t *locks[2 * SLUICE_DIRS];
	unsigned int count;
};

static void bucket_set_add(struct bucket_set *set,
			   const struct sluice_flow_table *table,
			   struct sluice_flow_node *node)
{
	unsigned int i = set->count++;
	spinlock_t *lock;

	set->nodes[i] = node;
	set->buckets[i] = sluice_flow_hash(table, &node->tuple) & table->mask;
	lock = sluice_flow_bucket_lock(table, set->buckets[i]);
	for (; i && set->locks[i - 1] > lock; i--)
		set->locks[i] = set->locks[i - 1];
	set->locks[i] = lock;
}

/* Nodes in the order in which they are to be removed */
static void bucket_set_init(struct bucket_set *set,
			    const struct sluice_flow_table *table,
			    struct sluice_flow *flow)
{
	unsigned int i;

	set->count = 0;
	memset(set->locks, 0, sizeof(set->locks));
	bucket_set_add(set, table, &flow->nodes[SLUICE_DIR_ORIG]);
	bucket_set_add(set, table, &flow->nodes[SLUICE_DIR_REPLY]);
	if (flow->split) {
		bucket_set_add(set, table, &flow->middle[SLUICE_DIR_ORIG]);
		bucket_set_add(set, table, &flow->middle[SLUICE_DIR_REPLY]);
	}
	for (i = set->count - 1; i; i--)
		if (set->locks[i] == set->locks[i - 1])
			set->locks[i] = NULL;
}

static void lock_nth(struct bucket_set *set, unsigned int n)
	__acquires(set->locks[n])
{
	if (set->locks[n])
		spin_lock_nested(set->locks[n], n);
	else
		__acquire(set->locks[n]);
}

static void unlock_nth(struct bucket_set *set, unsigned int n)
	__releases(set->locks[n])
{
	if (set->locks[n])
		spin_unlock(set->locks[n]);
	else
		__release(set->locks[n]);
}

/* Lock the buckets of all nodes; bottom halves are off. */
static void bucket_set_lock(struct bucket_set *set)
	__acquires(first) __acquires(second) __acquires(third) __acquires(last)
{
	lock_nth(set, 0);
	lock_nth(set, 1);
	lock_nth(set, 2);
	lock_nth(set, 3);
}

static void bucket_set_unlock(struct bucket_set *set)
	__releases(first) __releases(second) __releases(third) __releases(last)
{
	unlock_nth(set, 0);
	unlock_nth(set, 1);
	unlock_nth(set, 2);
	unlock_nth(set, 3);
}

static struct sluice_flow_node *
find_in_bucket(const struct sluice_flow_table *table, u32 bucket,
	       const struct sluice_tuple *tuple, u8 doors)
{
	struct sluice_flow_node *node;

	hlist_for_each_entry_rcu(node, &table->buckets[bucket], link,
				 lockdep_is_held(sluice_flow_bucket_lock(table, bucket)))
		if (sluice_tuple_equal(&node->tuple, tuple) &&
		    node->found_at & doors)
			return node;
	return NULL;
}

#define ENTRY_BIT	BIT(SLUICE_DOOR_ENTRY)
#define EXIT_BIT		BIT(SLUICE_DOOR_EXIT)

static void node_init(struct sluice_flow_node *node, enum sluice_dir dir,
		      u8 works_at, u8 found_at)
{
	node->dir = dir;
	node->middle = false;
	node->works_at = works_at;
	node->found_at = found_at;
}

/* What is not rewritten at the entry is found there all the same, and left. */
static void wire_node_init(struct sluice_flow *flow, enum sluice_dir dir,
			   u8 works_at)
{
	node_init(&flow->nodes[dir], dir, works_at, ENTRY_BIT | works_at);
}

static void middle_node_init(struct sluice_flow *flow, enum sluice_dir dir)
{
	node_init(&flow->middle[dir], dir, EXIT_BIT, EXIT_BIT);
	flow->middle[dir].middle = true;
}

static void nodes_init(struct sluice_flow *flow, enum sluice_rewrite rewrite)
{
	static const u8 orig_works_at[] = {
		[SLUICE_REWRITE_DST] = ENTRY_BIT,
		[SLUICE_REWRITE_BOTH] = ENTRY_BIT,
		[SLUICE_REWRITE_NONE] = ENTRY_BIT | EXIT_BIT,
		[SLUICE_REWRITE_SEE] = ENTRY_BIT,
		[SLUICE_REWRITE_OWN] = EXIT_BIT,
	};
	static const u8 reply_works_at[] = {
		[SLUICE_REWRITE_DST] = EXIT_BIT,
		[SLUICE_REWRITE_BOTH] = ENTRY_BIT,
		[SLUICE_REWRITE_NONE] = ENTRY_BIT | EXIT_BIT,
		[SLUICE_REWRITE_SEE] = ENTRY_BIT,
		[SLUICE_REWRITE_OWN] = ENTRY_BIT,
	};

	wire_node_init(flow, SLUICE_DIR_ORIG, orig_works_at[rewrite]);
	wire_node_init(flow, SLUICE_DIR_REPLY, reply_works_at[rewrite]);
	flow->split = rewrite == SLUICE_REWRITE_BOTH;
	if (flow->split) {
		middle_node_init(flow, SLUICE_DIR_ORIG);
		middle_node_init(flow, SLUICE_DIR_REPLY);
	}
}

/**
 * sluice_flow_alloc() - a flow for the caller to fill in and insert
 * @backend: who receives, or NULL; on success the flow takes over the
 *	caller's reference
 * @rewrite: where its packets are rewritten
 *
 * Softirq or process context.
 *
 * Return: the flow with its tuples unset, or NULL.
 */
struct sluice_flow *sluice_flow_alloc(struct sluice_backend *backend,
				      enum sluice_rewrite rewrite)
{
	struct sluice_flow *flow;

	flow = kmem_cache_alloc(flow_caches[rewrite == SLUICE_REWRITE_BOTH],
				GFP_ATOMIC);
	if (!flow)
		return NULL;

	/* Nodes get all that they have from here and from the caller. */
	memset_after(flow, 0, nodes);
	nodes_init(flow, rewrite);
	flow->backend = backend;
	return flow;
}

static void put_paths(struct sluice_flow *flow)
{
	enum sluice_dir dir;

	for (dir = SLUICE_DIR_ORIG; dir < SLUICE_DIRS; dir++)
		sluice_path_put(rcu_access_pointer(flow->paths[dir]));
}

/* Free a flow that was never inserted, with its references. */
void sluice_flow_free(struct sluice_flow *flow)
{
	put_paths(flow);
	if (flow->backend)
		sluice_backend_put(flow->backend);
	sluice_flow_put_rules(flow->rules);
	kmem_cache_free(flow_caches[flow->split], flow);
}

/**
 * sluice_flow_target() - what a packet becomes at a node's door
 * @node: of an inserted flow; the caller holds rcu_read_lock()
 * @to: set to the tuple
 */
void sluice_flow_target(const struct sluice_flow_node *node,
			struct sluice_tuple *to)
{
	const struct sluice_flow *flow = sluice_flow_of(node);

	if (flow->split && !node->middle)
		*to = flow->middle[node->dir].tuple;
	else
		sluice_tuple_invert(to, &flow->nodes[!node->dir].tuple);
}

/**
 * sluice_flow_set_path() - by which way packets leave from now on
 * @flow: flow; the caller holds rcu_read_lock()
 * @dir: of the packets
 * @path: found under the same lock
 */
void sluice_flow_set_path(struct sluice_flow *flow, enum sluice_dir dir,
			  struct sluice_path *path)
{
	if (!sluice_path_get(path))
		return;
	path = unrcu_pointer(xchg(&flow->paths[dir], RCU_INITIALIZER(path)));
	sluice_path_put(path);
}

static void free_rcu(struct rcu_head *rcu)
{
	sluice_flow_free(container_of(rcu, struct sluice_flow, rcu));
}

static bool half_closed(unsigned long status)
{
	return status & (BIT(SLUICE_FLOW_FIN_ORIG) | BIT(SLUICE_FLOW_FIN_REPLY));
}

static bool closing(unsigned long status)
{
	unsigned long fins = BIT(SLUICE_FLOW_FIN_ORIG) |
			     BIT(SLUICE_FLOW_FIN_REPLY);

	return status & BIT(SLUICE_FLOW_RST) || (status & fins) == fins;
}

/* How far the flow has come; any context. */
enum sluice_flow_state sluice_flow_state(const struct sluice_flow *flow)
{
	unsigned long status = READ_ONCE(flow->status);

	if (closing(status))
		return SLUICE_FLOW_STATE_CLOSING;
	if (status & BIT(SLUICE_FLOW_REPLIED))
		return SLUICE_FLOW_STATE_ESTABLISHED;
	return SLUICE_FLOW_STATE_UNREPLIED;
}

/**
 * sluice_flow_may_reopen() - whether a SYN may begin a new TCP connection
 * @flow: flow; the caller holds rcu_read_lock()
 *
 * Where the backend's FIN does not come by, the client's is the end.
 */
bool sluice_flow_may_reopen(const struct sluice_flow *flow)
{
	unsigned long status = READ_ONCE(flow->status);

	return closing(status) ||
	       (sluice_flow_is_one_sided(flow) && half_closed(status));
}

static enum sluice_timeout which_timeout(u8 proto, unsigned long status)
{
	bool replied = status & BIT(SLUICE_FLOW_REPLIED);

	if (!sluice_proto_has_connections(proto))
		return replied ? SLUICE_TIMEOUT_UDP :
				 SLUICE_TIMEOUT_UDP_UNREPLIED;
	if (closing(status))
		return SLUICE_TIMEOUT_TCP_CLOSING;
	if (half_closed(status))
		return SLUICE_TIMEOUT_TCP_HALF_CLOSED;
	return status & BIT(SLUICE_FLOW_ASSURED) ? SLUICE_TIMEOUT_TCP :
						   SLUICE_TIMEOUT_TCP_UNREPLIED;
}

static __always_inline void start_timeout(const struct sluice_flow_table *table,
					  struct sluice_flow *flow, u8 proto)
{
	enum sluice_timeout timeout;
	u32 seconds;

	timeout = which_timeout(proto, READ_ONCE(flow->status));
	seconds = READ_ONCE(table->settings->timeouts[timeout]);
	if (timeout == SLUICE_TIMEOUT_TCP && sluice_flow_is_one_sided(flow))
		seconds = min_t(u32, seconds, ONE_SIDED_TCP_MAX);
	WRITE_ONCE(flow->expires, (u32)jiffies + seconds * HZ);
}

/* Whether packets of a flow are to be looked at there, too */
static bool works_at_exit(const struct sluice_flow *flow)
{
	return flow->split ||
	       (flow->nodes[SLUICE_DIR_ORIG].works_at |
		flow->nodes[SLUICE_DIR_REPLY].works_at) & EXIT_BIT;
}

/* All bucket locks are held. */
static int insert_locked(struct sluice_flow_table *table,
			 struct bucket_set *set)
{
	struct sluice_flow_node *node;
	unsigned int i;

	for (i = 0; i < set->count; i++) {
		node = set->nodes[i];
		if (!find_in_bucket(table, set->buckets[i], &node->tuple,
				    node->found_at))
			continue;
		if (node->middle)
			return -EADDRNOTAVAIL;
		return node->dir == SLUICE_DIR_ORIG ? -EEXIST : -EADDRINUSE;
	}

	while (i--)
		hlist_add_head_rcu(&set->nodes[i]->link,
				   &table->buckets[set->buckets[i]]);
	return 0;
}

/**
 * sluice_flow_insert() - publish a flow
 * @table: table
 * @flow: with tuples and revision set
 *
 * Softirq or process context.
 *
 * Return: 0; -EEXIST if there is a flow with the original tuple; -EADDRINUSE
 * if another flow's packets look like this one's answers; -EADDRNOTAVAIL if
 * they look like this one's between the doors.
 */
int sluice_flow_insert(struct sluice_flow_table *table,
		       struct sluice_flow *flow)
{
	struct bucket_set set;
	int err;

	if (flow->split &&
	    sluice_tuple_equal(&flow->middle[SLUICE_DIR_ORIG].tuple,
			       &flow->middle[SLUICE_DIR_REPLY].tuple))
		return -EADDRNOTAVAIL;

	if (!READ_ONCE(table->exits) && works_at_exit(flow))
		WRITE_ONCE(table->exits, true);
	start_timeout(table, flow, flow->nodes[SLUICE_DIR_ORIG].tuple.proto);
	bucket_set_init(&set, table, flow);
	local_bh_disable();
	bucket_set_lock(&set);
	err = insert_locked(table, &set);
	if (!err)
		sluice_flow_count_begin(table, flow);
	bucket_set_unlock(&set);
	local_bh_enable();

	if (!err && atomic_inc_return(&table->count) == 1)
		sluice_flow_gc_start(table);
	return err;
}

/**
 * sluice_flow_unlink() - end a flow
 * @table: table
 * @flow: flow found under the RCU read lock that is still held
 * @why: counter to raise
 *
 * Softirq or process context.
 *
 * Return: true if this call ended it, false if another one had.
 */
bool sluice_flow_unlink(struct sluice_flow_table *table,
			struct sluice_flow *flow, enum sluice_stat why)
{
	struct bucket_set set;
	unsigned int i;
	bool first;

	bucket_set_init(&set, table, flow);
	local_bh_disable();
	bucket_set_lock(&set);
	first = !test_and_set_bit(SLUICE_FLOW_DEAD, &flow->status);
	if (first) {
		for (i = 0; i < set.count; i++)
			hlist_del_rcu(&set.nodes[i]->link);
		sluice_flow_fold(flow);
		sluice_flow_count_end(table, flow, why);
	}
	bucket_set_unlock(&set);
	local_bh_enable();

	if (first) {
		atomic_dec(&table->count);
		call_rcu(&flow->rcu, free_rcu);
	}
	return first;
}

/* Set bits without dirtying the line when nothing is new. */
static __always_inline void note(struct sluice_flow *flow, unsigned int bit)
{
	if (!test_bit(bit, &flow->status))
		set_bit(bit, &flow->status);
}

/* As note(), of what may be the end of a connection. */
static void note_end(struct sluice_flow_table *table, struct sluice_flow *flow,
		     unsigned int bit)
{
	note(flow, bit);
	smp_mb__after_atomic();	/* of two ends noted at once one sees both */
	if (closing(READ_ONCE(flow->status)))
		sluice_flow_count_over(table, flow);
}

static void note_reply_or_more(struct sluice_flow *flow, enum sluice_dir dir,
			       const struct sluice_pkt *pkt)
{
	if (dir == SLUICE_DIR_REPLY)
		note(flow, SLUICE_FLOW_REPLIED);
	else if (!pkt->syn && test_bit(SLUICE_FLOW_REPLIED, &flow->status))
		note(flow, SLUICE_FLOW_ASSURED);
}

/*
 * Replies are not seen. A client that goes on has had one: behind its SYN at
 * once, of a protocol without one if it sends twice; and has taken it up if it
 * goes on again. It takes more than one packet with a forged address.
 */
static void note_one_sided(struct sluice_flow *flow,
			   const struct sluice_pkt *pkt)
{
	if (pkt->syn || pkt->rst ||
	    !atomic64_read(&flow->packets[SLUICE_DIR_ORIG]))
		return;
	if (pkt->tuple.proto != IPPROTO_UDP ||
	    test_bit(SLUICE_FLOW_REPLIED, &flow->status))
		note(flow, SLUICE_FLOW_ASSURED);
	note(flow, SLUICE_FLOW_REPLIED);
}

/**
 * sluice_flow_touch() - a packet of the flow goes by
 * @table: table
 * @flow: flow; the caller holds rcu_read_lock()
 * @dir: the packet's direction
 * @pkt: the packet
 * @len: its length in bytes, network header included
 *
 * Counts the packet, follows the TCP state and starts the timeout again.
 */
void sluice_flow_touch(struct sluice_flow_table *table,
		       struct sluice_flow *flow, enum sluice_dir dir,
		       const struct sluice_pkt *pkt, unsigned int len)
{
	if (dir == SLUICE_DIR_ORIG && sluice_flow_is_one_sided(flow))
		note_one_sided(flow, pkt);
	else
		note_reply_or_more(flow, dir, pkt);
	if (pkt->fin)
		note_end(table, flow, dir == SLUICE_DIR_ORIG ?
				      SLUICE_FLOW_FIN_ORIG :
				      SLUICE_FLOW_FIN_REPLY);
	if (pkt->rst)
		note_end(table, flow, SLUICE_FLOW_RST);

	start_timeout(table, flow, pkt->tuple.proto);
	WRITE_ONCE(flow->doors[dir], pkt->door);
	atomic64_inc(&flow->packets[dir]);
	atomic64_add(len, &flow->bytes[dir]);
}

/**
 * sluice_flow_keep() - a flow is used, though no packet goes by
 * @table: table
 * @flow: flow; the caller holds rcu_read_lock()
 *
 * Starts the timeout again.
 */
void sluice_flow_keep(struct sluice_flow_table *table, struct sluice_flow *flow)
{
	start_timeout(table, flow, flow->nodes[SLUICE_DIR_ORIG].tuple.proto);
}

/**
 * sluice_flow_close() - a TCP connection is over, though its ends do not know
 * @table: table
 * @flow: flow; the caller holds rcu_read_lock()
 */
void sluice_flow_close(struct sluice_flow_table *table,
		       struct sluice_flow *flow)
{
	note_end(table, flow, SLUICE_FLOW_RST);
	start_timeout(table, flow, flow->nodes[SLUICE_DIR_ORIG].tuple.proto);
}

/**
 * sluice_flow_table_flush() - end all flows that match
 * @table: table
 * @match: whether a flow is meant, or NULL for all
 * @arg: for @match
 *
 * Process context, may sleep.
 */
void sluice_flow_table_flush(struct sluice_flow_table *table,
			     bool (*match)(const struct sluice_flow *flow,
					   const void *arg),
			     const void *arg)
{
	struct sluice_flow_node *node;
	struct sluice_flow *flow;
	u32 i;

	for (i = 0; i <= table->mask; i++) {
		rcu_read_lock();
		sluice_flow_for_each_in_bucket(table, i, node) {
			flow = sluice_flow_of(node);
			if (!match || match(flow, arg))
				sluice_flow_unlink(table, flow,
						   SLUICE_STAT_FLOWS_RETIRED);
		}
		rcu_read_unlock();
		cond_resched();
	}
}
