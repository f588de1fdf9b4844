// SPDX-License-Identifier: GPL-2.0
/*
 * Attached devices: what is said of them, by name.
 */
#include <linux/rtnetlink.h>

#include "alloc.h"
#include "dev.h"
#include "dev_port.h"
#include "local_sock.h"

/**
 * DOC: Attached devices
 *
 * A device is attached by its name, whether it is there or not, so that there
 * is no time at which a device that comes back, and is bound to addresses, may
 * send as it likes. A name may be a pattern; of all that fit a device the
 * longest holds, and its own name before all patterns. Whatever has a name that
 * fits has its hook, see dev_port.c, from the time that a change is made; the
 * commit, which cannot fail, only says what holds.
 */

static bool is_before(struct rb_node *node, const struct rb_node *other)
{
	return strcmp(rb_entry(node, struct sluice_device, node)->name,
		      rb_entry(other, struct sluice_device, node)->name) < 0;
}

static int compare_name(const void *name, const struct rb_node *node)
{
	return strcmp(name, rb_entry(node, struct sluice_device, node)->name);
}

/**
 * sluice_device_find() - find a device, also one that is to be deleted
 * @table: devices; the caller holds a lock of it
 * @name: name
 */
struct sluice_device *sluice_device_find(const struct sluice_device_table *table,
					 const char *name)
{
	struct rb_node *node = rb_find(name, &table->names, compare_name);

	return node ? rb_entry(node, struct sluice_device, node) : NULL;
}

/**
 * sluice_device_next() - go through all devices
 * @table: devices; the caller holds a lock of it
 * @name: of the device before, which may be gone; "" at first
 *
 * Return: the one with the next greater name, or NULL.
 */
struct sluice_device *sluice_device_next(const struct sluice_device_table *table,
					 const char *name)
{
	struct rb_node *node = table->names.rb_node;
	struct sluice_device *next = NULL;

	while (node) {
		if (compare_name(name, node) < 0) {
			next = rb_entry(node, struct sluice_device, node);
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return next;
}

/* The longest prefix that a pattern can have */
#define PATTERN_PREFIX_MAX	(IFNAMSIZ - 2)

static struct sluice_device *find_pattern(const struct sluice_device_table *table,
					  const char *name, size_t len)
{
	char pattern[IFNAMSIZ] = "";

	memcpy(pattern, name, len);
	pattern[len] = '*';
	return sluice_device_find(table, pattern);
}

static bool holds(const struct sluice_device *device, bool in_force)
{
	return device && (device->in_force || !in_force);
}

/**
 * sluice_device_best() - what fits a device's name best
 * @table: devices; the caller holds a lock of it
 * @name: of the device
 * @in_force: only what is; otherwise also what a transaction under way has
 *	created, or deletes
 *
 * Return: NULL if there is nothing.
 */
struct sluice_device *sluice_device_best(const struct sluice_device_table *table,
					 const char *name, bool in_force)
{
	struct sluice_device *device = sluice_device_find(table, name);
	size_t len = min_t(size_t, strlen(name), PATTERN_PREFIX_MAX);

	for (; !holds(device, in_force); len--) {
		device = find_pattern(table, name, len);
		if (!len)
			break;
	}
	return holds(device, in_force) ? device : NULL;
}

/**
 * sluice_device_lets() - whether a device may send from an address
 * @table: devices; the caller holds the configuration lock
 * @name: of the device
 * @family: AF_INET or AF_INET6
 * @addr: address
 *
 * Return: true also if the device is not attached or bound to none.
 */
bool sluice_device_lets(const struct sluice_device_table *table,
			const char *name, u8 family,
			const union nf_inet_addr *addr)
{
	const struct sluice_device *device;
	const struct sluice_ranges *addresses;

	device = sluice_device_best(table, name, true);
	if (!device)
		return true;
	addresses = rcu_dereference_protected(device->addresses,
					      lockdep_is_held(table->cfg_lock));
	return sluice_ranges_let(addresses, family, addr);
}

static void take_out(struct sluice_device_table *table,
		     struct sluice_device *device)
{
	rb_erase(&device->node, &table->names);
	device->in_force = false;
	sluice_ports_settle(table, device);
}

static int put_in(struct sluice_device_table *table,
		  struct sluice_device *device)
{
	int err;

	mutex_lock(&table->lock);
	rb_add(&device->node, &table->names, is_before);
	err = sluice_ports_open(table, device);
	if (err)
		take_out(table, device);
	mutex_unlock(&table->lock);
	return err;
}

/**
 * sluice_device_add() - have whatever devices of a name get the hook
 * @table: devices; the caller holds the configuration lock
 * @device: new, with a name that none of them has
 *
 * It is not in force yet. Process context, may sleep.
 *
 * Return: 0, -ENOSPC or -errno.
 */
int sluice_device_add(struct sluice_device_table *table,
		      struct sluice_device *device)
{
	int err;

	lockdep_assert_held(table->cfg_lock);
	if (table->count >= SLUICE_DEVICES_MAX)
		return -ENOSPC;
	rtnl_lock();	/* no device comes, goes or is renamed */
	err = put_in(table, device);
	rtnl_unlock();
	if (!err)
		table->count++;
	return err;
}

/**
 * sluice_device_remove() - take the hook away
 * @table: devices; the caller holds the configuration lock
 * @device: packets may look at it until a grace period has passed
 */
void sluice_device_remove(struct sluice_device_table *table,
			  struct sluice_device *device)
{
	lockdep_assert_held(table->cfg_lock);
	mutex_lock(&table->lock);
	take_out(table, device);
	table->count--;
	mutex_unlock(&table->lock);
}

/**
 * sluice_device_alloc() - a device that nothing is said about yet
 * @name: valid name
 *
 * Process context, may sleep.
 *
 * Return: for sluice_device_free(), or NULL.
 */
struct sluice_device *sluice_device_alloc(const char *name)
{
	struct sluice_device *device = sluice_alloc(sizeof(*device));

	if (!device)
		return NULL;
	strscpy(device->name, name, sizeof(device->name));
	device->stats = alloc_percpu(struct sluice_door_stats);
	if (device->stats)
		return device;
	sluice_free(device);
	return NULL;
}

static void free_rcu(struct rcu_head *rcu)
{
	struct sluice_device *device = container_of(rcu, struct sluice_device,
						    rcu);

	free_percpu(device->stats);
	sluice_free(device);
}

/*
 * @device is in no table; packets have a grace period to look at it. Process
 * context.
 */
void sluice_device_free(struct sluice_device *device)
{
	sluice_ranges_put(rcu_dereference_raw(device->addresses));
	call_rcu(&device->rcu, free_rcu);
}

/* What a device has brought so far, on all processors */
void sluice_device_sum(const struct sluice_device *device,
		       struct sluice_door_stats *sum)
{
	const struct sluice_door_stats *stats;
	u32 reason;
	int cpu;

	*sum = (struct sluice_door_stats) {};
	for_each_possible_cpu(cpu) {
		stats = per_cpu_ptr(device->stats, cpu);
		sum->sent += READ_ONCE(stats->sent);
		sum->handed_over += READ_ONCE(stats->handed_over);
		sum->short_cut += READ_ONCE(stats->short_cut);
		sum->sockets += READ_ONCE(stats->sockets);
		sum->redirected += READ_ONCE(stats->redirected);
		for (reason = 1; reason <= SLUICE_FALLBACK_MAX; reason++)
			sum->fallbacks[reason] +=
				READ_ONCE(stats->fallbacks[reason]);
		for (reason = 1; reason <= SLUICE_SHORT_CUT_REASON_MAX; reason++)
			sum->left[reason] += READ_ONCE(stats->left[reason]);
	}
}

/* Whoever has seen that there are some may still have the work done. */
static void stop_pods(struct sluice_device_table *table)
{
	u32 count;

	mutex_lock(&table->lock);
	count = table->pod_count;
	WRITE_ONCE(table->pod_count, 0);
	mutex_unlock(&table->lock);
	if (count)
		synchronize_rcu();
	cancel_work_sync(&table->pods_work);
}

/* Process context, may sleep; takes the configuration lock. */
void sluice_device_delete_all(struct sluice_device_table *table)
{
	struct sluice_device *device;
	struct rb_node *node;

	mutex_lock(table->cfg_lock);
	while ((node = rb_first(&table->names))) {
		device = rb_entry(node, struct sluice_device, node);
		if (device->opts.short_cut)
			sluice_local_count(-1);
		sluice_device_remove(table, device);
		sluice_device_free(device);
	}
	table->fast_count = 0;
	WRITE_ONCE(table->skip_count, 0);
	mutex_unlock(table->cfg_lock);
	stop_pods(table);
}

void sluice_device_table_init(struct sluice_device_table *table,
			      struct net *net, struct mutex *cfg_lock)
{
	table->net = net;
	table->cfg_lock = cfg_lock;
	mutex_init(&table->lock);
	table->names = RB_ROOT;
	table->ports = RB_ROOT;
	table->count = 0;
	table->fast_count = 0;
	table->skip_count = 0;
	table->pod_count = 0;
	INIT_WORK(&table->pods_work, sluice_ports_settle_pods);
}
