/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attached devices: those whose packets are seen as they receive them.
 */
#ifndef _SLUICE_DEV_H
#define _SLUICE_DEV_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/rbtree.h>
#include <linux/workqueue.h>

#include "ingress.h"
#include "ranges.h"

#define SLUICE_DEVICES_MAX	65536

/**
 * struct sluice_device_opts - what becomes of an attached device's packets
 * @fast_path: they may take the fast path
 * @pod_side: already where the pod sends them
 * @short_cut: its sockets may give segments to each other
 * @netfilter: &enum sluice_device_netfilter
 */
struct sluice_device_opts {
	bool fast_path;
	bool pod_side;
	bool short_cut;
	u8 netfilter;
};

/**
 * struct sluice_device - a name and what its devices' packets may do
 * @node: in &struct sluice_device_table.names
 * @name: of whatever device has it, the rest zeroed; one that ends with a star is
 *	a pattern, of all devices whose names begin with what is ahead of it
 * @addresses: that they may come from; NULL if any; RCU, written under the
 *	configuration lock
 * @opts: what holds; all zero until the first commit; each written under the
 *	configuration lock, read without
 * @stats: of the fast path
 * @attached: how many devices it holds for; written under the table's lock
 * @pods: how many of them have a hook at the pod's end; likewise
 * @ifindex: of that device, 0 if there is none, or for a pattern; likewise
 * @drops: packets dropped
 * @next: addresses as the transaction under way leaves them; a reference
 *	while @touched; configuration lock, as the following
 * @next_opts: likewise
 * @in_force: committed and not deleted; both locks to write, either to read
 * @touched: the transaction has to do with it; configuration lock, as the
 *	following
 * @born: it creates it
 * @gone: it deletes it
 * @tx: in &struct sluice_device_tx.devices while @touched
 * @rcu: for the deferred freeing
 */
struct sluice_device {
	struct rb_node node;
	char name[IFNAMSIZ];
	struct sluice_ranges __rcu *addresses;
	struct sluice_device_opts opts;
	struct sluice_door_stats __percpu *stats;
	u32 attached;
	u32 pods;
	int ifindex;
	atomic64_t drops;
	struct sluice_ranges *next;
	struct sluice_device_opts next_opts;
	bool in_force;
	bool touched:1;
	bool born:1;
	bool gone:1;
	union {
		struct list_head tx;
		struct rcu_head rcu;
	};
};

/**
 * struct sluice_device_table - attached devices of a namespace
 * @net: the namespace
 * @cfg_lock: its configuration lock
 * @lock: nests inside the configuration lock and inside the RTNL, which
 *	devices come and go under
 * @names: all of them by name; both locks to write, either to read
 * @ports: the devices that have a hook, by name; @lock
 * @count: how many names, those deleted by a transaction under way included
 * @fast_count: how many of them may use the fast path; configuration lock
 * @skip_count: how many skip the netfilter hooks of others; written under the
 *	configuration lock, read without
 * @pod_count: how many want a hook at the pod's end; written under the
 *	configuration lock, read without
 * @pods_work: has pods' ends get their hooks, or lose them
 */
struct sluice_device_table {
	struct net *net;
	struct mutex *cfg_lock;
	struct mutex lock;
	struct rb_root names;
	struct rb_root ports;
	u32 count;
	u32 fast_count;
	u32 skip_count;
	u32 pod_count;
	struct work_struct pods_work;
};

/* In the order of names; the present one must stay. */
#define sluice_device_for_each(_device, _table)				\
	for (_device = rb_entry_safe(rb_first(&(_table)->names),	\
				     struct sluice_device, node);	\
	     _device;							\
	     _device = rb_entry_safe(rb_next(&(_device)->node),		\
				     struct sluice_device, node))

void sluice_device_table_init(struct sluice_device_table *table,
			      struct net *net, struct mutex *cfg_lock);
void sluice_device_delete_all(struct sluice_device_table *table);
struct sluice_device *sluice_device_find(const struct sluice_device_table *table,
					 const char *name);
struct sluice_device *sluice_device_next(const struct sluice_device_table *table,
					 const char *name);
struct sluice_device *sluice_device_best(const struct sluice_device_table *table,
					 const char *name, bool in_force);
bool sluice_device_lets(const struct sluice_device_table *table,
			const char *name, u8 family,
			const union nf_inet_addr *addr);
int sluice_device_add(struct sluice_device_table *table,
		      struct sluice_device *device);
void sluice_device_remove(struct sluice_device_table *table,
			  struct sluice_device *device);
struct sluice_device *sluice_device_alloc(const char *name);
void sluice_device_free(struct sluice_device *device);
void sluice_device_sum(const struct sluice_device *device,
		       struct sluice_door_stats *sum);

static inline bool sluice_device_is_pattern(const struct sluice_device *device)
{
	return device->name[strlen(device->name) - 1] == '*';
}

#endif
