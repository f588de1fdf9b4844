// SPDX-License-Identifier: GPL-2.0
/*
 * Paths: kept, shared by flows, and forgotten with their devices.
 */
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "alloc.h"
#include "path.h"
#include "path_route.h"

/**
 * DOC: Paths
 *
 * Where a packet leaves follows from its addresses as they are routed, the
 * device it came in by and its type of service: so flows of two pods share one
 * path in each direction, and a new flow finds it instead of two routes, the
 * node's and the receiver's.
 *
 * A namespace keeps paths in a table of a fixed size, in buckets of a few; in a
 * full bucket a new one takes the place of another. Flows hold references on
 * those they use, which may be in the table no more.
 *
 * A path is good as long as the kernel says so of the route; that is how
 * changes of routes, addresses and settings reach it. When one of its devices
 * changes in any way the path dies: its routes are released at once, since
 * they may belong to a namespace that is about to go, and whoever holds it
 * looks for another one. Paths are hashed by their devices for that, since
 * pods come and go where many others have paths.
 */

#define BUCKETS		4096
#define WAYS		4

#define USES_BITS	12

static struct kmem_cache *cache;
static DEFINE_HASHTABLE(uses, USES_BITS);
static DEFINE_SPINLOCK(lock);	/* uses, lists, slots, the death of paths */

int __init sluice_path_init(void)
{
	cache = kmem_cache_create("sluice_path", sizeof(struct sluice_path), 0,
				  SLAB_HWCACHE_ALIGN, NULL);
	return cache ? 0 : -ENOMEM;
}

/* No flow is left. */
void sluice_path_fini(void)
{
	rcu_barrier();	/* free_rcu() */
	kmem_cache_destroy(cache);
}

/**
 * sluice_path_table_init() - make an empty table
 * @table: table
 * @net: its namespace
 *
 * Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_path_table_init(struct sluice_path_table *table, struct net *net)
{
	table->slots = sluice_alloc_array(BUCKETS * WAYS,
					  sizeof(*table->slots));
	if (!table->slots)
		return -ENOMEM;
	table->net = net;
	INIT_LIST_HEAD(&table->all);
	table->seed = get_random_u32();
	table->next = 0;
	return 0;
}

static void release(struct sluice_route *route)
{
	dst_release(xchg(&route->dst, NULL));
}

static void kill(struct sluice_path *path)
{
	lockdep_assert_held(&lock);
	WRITE_ONCE(path->dead, true);
	release(&path->route);
	release(&path->input);
}

static void free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct sluice_path, rcu));
}

/* A device that has come where another one was kills some that are dead. */
static void use_devices(struct sluice_path *path)
{
	struct sluice_path_use *use;

	lockdep_assert_held(&lock);
	for (use = path->uses; use < path->uses + SLUICE_PATH_USES; use++)
		if (use->dev)
			hash_add(uses, &use->node, (unsigned long)use->dev);
}

static void unuse_devices(struct sluice_path *path)
{
	u32 i;

	lockdep_assert_held(&lock);
	for (i = 0; i < SLUICE_PATH_USES; i++)
		hash_del(&path->uses[i].node);
}

/* Any context but hard interrupts; others may look at it for a grace period. */
void sluice_path_put(struct sluice_path *path)
{
	if (!path || !refcount_dec_and_test(&path->refs))
		return;
	spin_lock_bh(&lock);
	kill(path);
	unuse_devices(path);
	list_del(&path->of_table);
	spin_unlock_bh(&lock);
	call_rcu(&path->rcu, free_rcu);
}

/**
 * sluice_path_forget_device() - a device changes, moves or goes
 * @dev: device of any namespace
 *
 * Any context but hard interrupts. Afterwards no path that is not dead has it,
 * unless it stays.
 */
void sluice_path_forget_device(const struct net_device *dev)
{
	struct sluice_path_use *use;

	spin_lock_bh(&lock);
	hash_for_each_possible(uses, use, node, (unsigned long)dev)
		if (use->dev == dev)
			kill(use->path);
	spin_unlock_bh(&lock);
}

static void empty_slots(struct sluice_path_table *table)
{
	struct sluice_path *path;
	u32 i;

	for (i = 0; i < BUCKETS * WAYS; i++) {
		spin_lock_bh(&lock);
		path = rcu_replace_pointer(table->slots[i], NULL,
					   lockdep_is_held(&lock));
		spin_unlock_bh(&lock);
		sluice_path_put(path);
	}
}

static void kill_those_of(struct sluice_path_table *table)
{
	struct sluice_path *path;

	spin_lock_bh(&lock);
	while ((path = list_first_entry_or_null(&table->all, struct sluice_path,
						of_table))) {
		kill(path);
		list_del_init(&path->of_table);
	}
	spin_unlock_bh(&lock);
}

/**
 * sluice_path_table_fini() - free a table
 * @table: table that no reader uses any more
 *
 * Routes are released; the paths that flows hold go with these. Process
 * context, may sleep.
 */
void sluice_path_table_fini(struct sluice_path_table *table)
{
	empty_slots(table);
	kill_those_of(table);
	sluice_free(table->slots);
	table->slots = NULL;
}

static u32 hash(const struct sluice_path_key *key, u32 seed)
{
	seed += key->iif;
	if (key->family == AF_INET)
		return jhash_3words((__force u32)key->src.ip,
				    (__force u32)key->dst.ip,
				    (__force u32)key->from.ip, seed);
	return jhash2((const u32 *)key, sizeof(key->src) * 3 / sizeof(u32),
		      seed);
}

static bool is_same(const struct sluice_path_key *a,
		    const struct sluice_path_key *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static struct sluice_path __rcu **bucket_of(const struct sluice_path_table *table,
					    const struct sluice_path_key *key)
{
	return &table->slots[hash(key, table->seed) % BUCKETS * WAYS];
}

/* One that is empty or holds what is of no use, or else the one in turn */
static struct sluice_path __rcu **choose_slot(struct sluice_path_table *table,
					      const struct sluice_path_key *key)
{
	struct sluice_path __rcu **bucket = bucket_of(table, key);
	struct sluice_path *path;
	u32 i;

	for (i = 0; i < WAYS; i++) {
		path = rcu_dereference_protected(bucket[i],
						 lockdep_is_held(&lock));
		if (!path || is_same(&path->key, key) ||
		    !sluice_path_is_good(path))
			return &bucket[i];
	}
	return &bucket[table->next++ % WAYS];
}

/*
 * A device that is being unregistered is told of once nobody is left who has
 * seen it registered.
 */
static bool stays(const struct net_device *dev)
{
	return !dev || READ_ONCE(dev->reg_state) == NETREG_REGISTERED;
}

static bool all_stay(const struct sluice_path *path)
{
	u32 i;

	for (i = 0; i < SLUICE_PATH_USES; i++)
		if (!stays(path->uses[i].dev))
			return false;
	return true;
}

static bool publish(struct sluice_path_table *table, struct sluice_path *path)
{
	struct sluice_path __rcu **slot;
	struct sluice_path *old;

	spin_lock_bh(&lock);
	if (!all_stay(path)) {
		kill(path);
		spin_unlock_bh(&lock);
		return false;
	}
	slot = choose_slot(table, &path->key);
	old = rcu_replace_pointer(*slot, path, lockdep_is_held(&lock));
	use_devices(path);
	list_add(&path->of_table, &table->all);
	spin_unlock_bh(&lock);
	sluice_path_put(old);
	return true;
}

static void name_uses(struct sluice_path *path, struct net_device *in)
{
	u32 i;

	path->uses[SLUICE_PATH_IN].dev = in;
	path->uses[SLUICE_PATH_OUT].dev = path->out;
	path->uses[SLUICE_PATH_PEER].dev = path->peer;
	path->uses[SLUICE_PATH_PORT].dev = path->port;
	for (i = 0; i < SLUICE_PATH_USES; i++)
		path->uses[i].path = path;
}

/* Whether it can be used; otherwise it holds nothing. */
static bool resolve(struct sluice_path *path, struct sluice_path_table *table,
		    struct sk_buff *skb)
{
	if (!sluice_path_resolve(path, table->net, skb))
		return false;
	name_uses(path, skb->dev);
	return publish(table, path);
}

static noinline struct sluice_path *
create(struct sluice_path_table *table, const struct sluice_path_key *key,
       struct sk_buff *skb)
{
	struct sluice_path *path;

	path = kmem_cache_zalloc(cache, GFP_ATOMIC);
	if (!path)
		return NULL;
	path->key = *key;
	path->table = table;
	refcount_set(&path->refs, 1);
	if (resolve(path, table, skb))
		return path;
	kmem_cache_free(cache, path);
	return NULL;
}

/**
 * sluice_path_find() - by which way packets leave
 * @table: paths of the namespace
 * @key: what it is chosen by
 * @skb: a packet of these, just received; unchanged
 *
 * Softirq; the caller holds rcu_read_lock(), until the end of which the path is
 * there; sluice_path_get() keeps it.
 *
 * Return: a path that is good, or NULL.
 */
struct sluice_path *sluice_path_find(struct sluice_path_table *table,
				     const struct sluice_path_key *key,
				     struct sk_buff *skb)
{
	struct sluice_path __rcu **bucket = bucket_of(table, key);
	struct sluice_path *path;
	u32 i;

	for (i = 0; i < WAYS; i++) {
		path = rcu_dereference(bucket[i]);
		if (path && is_same(&path->key, key) &&
		    sluice_path_is_good(path))
			return path;
	}
	return create(table, key, skb);
}
