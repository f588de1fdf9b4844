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
 *
 * Many processors may find new paths at a time, as under a flood from forged
 * addresses. So slots are exchanged without a lock (two may put the same path in,
 * and one of them is found), and the hash has a lock for a few buckets each, held
 * while a path is put there; what comes by one device shares one. Dying needs
 * none: whoever takes a route out of a path releases it.
 */

#define BUCKETS		4096
#define WAYS		4

#define USES_BITS	12

static struct kmem_cache *cache;
static DEFINE_HASHTABLE(uses, USES_BITS);

#define USES_LOCKS	64

/* A bucket of uses has the lock of its number modulo so many. */
static spinlock_t locks[USES_LOCKS];

int __init sluice_path_init(void)
{
	u32 i;

	for (i = 0; i < USES_LOCKS; i++)
		spin_lock_init(&locks[i]);
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
	WRITE_ONCE(path->dead, true);
	release(&path->route);
	release(&path->input);
}

static void free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct sluice_path, rcu));
}

static u32 uses_bucket(const struct net_device *dev)
{
	return hash_min((unsigned long)dev, USES_BITS);
}

static spinlock_t *lock_of_bucket(u32 bucket)
{
	return &locks[bucket % USES_LOCKS];
}

/*
 * A device that is being unregistered is told of once nobody is left who has
 * seen it registered.
 */
static bool stays(const struct net_device *dev)
{
	return READ_ONCE(dev->reg_state) == NETREG_REGISTERED;
}

/* Whether whoever tells that the device goes will find the path */
static bool use_device(struct sluice_path_use *use)
{
	u32 bucket = uses_bucket(use->dev);

	if (!stays(use->dev))
		return false;
	spin_lock_bh(lock_of_bucket(bucket));
	hlist_add_head(&use->node, &uses[bucket]);
	spin_unlock_bh(lock_of_bucket(bucket));
	return true;
}

static void unuse_device(struct sluice_path_use *use)
{
	u32 bucket = uses_bucket(use->dev);

	spin_lock_bh(lock_of_bucket(bucket));
	hash_del(&use->node);
	spin_unlock_bh(lock_of_bucket(bucket));
}

/* A device that has come where another one was kills some that are dead. */
static bool use_devices(struct sluice_path *path)
{
	struct sluice_path_use *use;

	for (use = path->uses; use < path->uses + SLUICE_PATH_USES; use++)
		if (use->dev && !use_device(use))
			return false;
	return true;
}

/* Of those that it does not use nothing is done. */
static void unuse_devices(struct sluice_path *path)
{
	struct sluice_path_use *use;

	for (use = path->uses; use < path->uses + SLUICE_PATH_USES; use++)
		if (use->dev)
			unuse_device(use);
}

/* Routes go at once, the path when nobody looks at it any more. */
static void end(struct sluice_path *path)
{
	kill(path);
	unuse_devices(path);
	call_rcu(&path->rcu, free_rcu);
}

/* Any context but hard interrupts; others may look at it for a grace period. */
void sluice_path_put(struct sluice_path *path)
{
	if (path && refcount_dec_and_test(&path->refs))
		end(path);
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
	u32 bucket = uses_bucket(dev);
	struct sluice_path_use *use;

	spin_lock_bh(lock_of_bucket(bucket));
	hlist_for_each_entry(use, &uses[bucket], node)
		if (use->dev == dev)
			kill(use->path);
	spin_unlock_bh(lock_of_bucket(bucket));
}

/* What was in a slot, with the slot's reference */
static struct sluice_path *exchange(struct sluice_path __rcu **slot,
				    struct sluice_path *path)
{
	return unrcu_pointer(xchg(slot, RCU_INITIALIZER(path)));
}

static void empty_slots(struct sluice_path_table *table)
{
	u32 i;

	for (i = 0; i < BUCKETS * WAYS; i++)
		sluice_path_put(exchange(&table->slots[i], NULL));
}

/* Each has a device that it comes in by. */
static void kill_those_of(const struct sluice_path_table *table)
{
	struct sluice_path_use *use;
	u32 i;

	for (i = 0; i < HASH_SIZE(uses); i++) {
		spin_lock_bh(lock_of_bucket(i));
		hlist_for_each_entry(use, &uses[i], node)
			if (use->path->table == table)
				kill(use->path);
		spin_unlock_bh(lock_of_bucket(i));
	}
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
		path = rcu_dereference(bucket[i]);
		if (!path || is_same(&path->key, key) ||
		    !sluice_path_is_good(path))
			return &bucket[i];
	}
	i = READ_ONCE(table->next);
	WRITE_ONCE(table->next, i + 1);
	return &bucket[i % WAYS];
}

/* Others find it from here on; the caller holds rcu_read_lock(). */
static void publish(struct sluice_path_table *table, struct sluice_path *path)
{
	sluice_path_put(exchange(choose_slot(table, &path->key), path));
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
	if (!sluice_path_resolve(path, table->net, skb)) {
		kmem_cache_free(cache, path);
		return NULL;
	}
	name_uses(path, skb->dev);
	if (!use_devices(path)) {
		end(path);
		return NULL;
	}
	publish(table, path);
	return path;
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
