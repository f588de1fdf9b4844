/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Services: frontends with a scheduler and backends.
 */
#ifndef _SLUICE_SERVICE_H
#define _SLUICE_SERVICE_H

#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/xarray.h>

#include "ranges.h"
#include "stats.h"
#include "tuple.h"

/* Room for every index in a Maglev table of 16 bits. */
#define SLUICE_SERVICE_BACKENDS_MAX	16000

/* Seconds. */
#define SLUICE_AFFINITY_MAX	86400

struct netlink_ext_ack;
struct sluice_backend;
struct sluice_picker;

/**
 * struct sluice_service_opts - how a service treats its clients
 * @ranges: source ranges; NULL if all sources are allowed
 * @affinity: seconds for which a client stays with a backend, 0 for none
 * @scheduler: &enum sluice_scheduler
 * @masquerade: &enum sluice_masquerade
 * @no_backend: &enum sluice_no_backend
 * @removal: &enum sluice_removal
 * @scope: &enum sluice_scope
 * @traffic_policy: &enum sluice_traffic_policy
 * @affinity_shared: affinity is that of all such services of the address
 * @echo: answer ICMP echo requests to the address
 */
struct sluice_service_opts {
	struct sluice_ranges *ranges;
	u32 affinity;
	u8 scheduler;
	u8 masquerade;
	u8 no_backend;
	u8 removal;
	u8 scope;
	u8 traffic_policy;
	bool affinity_shared;
	bool echo;
};

/**
 * struct sluice_service - one frontend
 * @addr: address, port and protocol; constant
 * @node: in &struct sluice_service_table.services
 * @picker: candidates for new flows; RCU, written under the configuration lock
 * @turn: number of choices made in turn
 * @opts: for the next picker; configuration lock
 * @dead: deleted; written under the configuration lock, read without
 * @backend_count: length of @backends; configuration lock
 * @backends: all of them, oldest first; configuration lock
 * @id: key in &struct sluice_service_table.ids
 * @refs: one for the configuration, one for each backend
 * @flow_count: live flows
 * @counters: totals of its flows, those of deleted backends included
 * @rcu: for the deferred freeing
 */
struct sluice_service {
	struct sluice_l4addr addr;
	struct rhash_head node;
	struct sluice_picker __rcu *picker;
	atomic_t turn;
	struct sluice_service_opts opts;
	bool dead;
	u32 backend_count;
	struct list_head backends;
	u32 id;
	refcount_t refs;
	atomic_t flow_count;
	struct sluice_counters counters;
	struct rcu_head rcu;
};

/**
 * struct sluice_service_table - services and backends of one namespace
 * @services: by address; RCU, written under the configuration lock
 * @endpoints: addresses of all backends; likewise
 * @backends: by service and address; configuration lock
 * @ids: services in the order of their creation; configuration lock
 * @next_id: where the search for a free id starts
 * @next_backend_id: id of the next backend
 * @backend_count: backends of all services
 * @service_count: services
 * @revision: rises with each change that can alter a verdict; a change is
 *	visible before its revision is
 * @lock: the configuration lock
 */
struct sluice_service_table {
	struct rhashtable services;
	struct rhashtable endpoints;
	struct rhashtable backends;
	struct xarray ids;
	u32 next_id;
	u32 next_backend_id;
	u32 backend_count;
	u32 service_count;
	unsigned long revision;
	struct mutex *lock;
};

/**
 * struct sluice_service_cfg - what is asked of a service
 * @addr: names it
 * @opts: what was given of them, without @ranges
 * @given: bits of what was given, by number of the netlink attribute
 * @allow: allowed sources, if given
 * @deny: denied sources, if given
 */
struct sluice_service_cfg {
	struct sluice_l4addr addr;
	struct sluice_service_opts opts;
	unsigned long given;
	struct sluice_prefixes allow;
	struct sluice_prefixes deny;
};

static inline bool sluice_service_given(const struct sluice_service_cfg *cfg,
					unsigned int type)
{
	return cfg->given & BIT(type);
}

int sluice_service_table_init(struct sluice_service_table *table,
			      struct mutex *lock);
void sluice_service_table_fini(struct sluice_service_table *table);

struct sluice_service *
sluice_service_lookup(struct sluice_service_table *table,
		      const struct sluice_l4addr *addr);
bool sluice_service_has_endpoint(struct sluice_service_table *table,
				 const struct sluice_l4addr *addr);
void sluice_service_put(struct sluice_service *service);
int sluice_service_add(struct sluice_service_table *table,
		       const struct sluice_service_cfg *cfg,
		       struct netlink_ext_ack *extack);
int sluice_service_change(struct sluice_service_table *table,
			  struct sluice_service *service,
			  const struct sluice_service_cfg *cfg);
void sluice_service_del(struct sluice_service_table *table,
			struct sluice_service *service);
void sluice_service_flush(struct sluice_service_table *table);
int sluice_service_rebuild(struct sluice_service_table *table,
			   struct sluice_service *service,
			   const struct sluice_backend *without);
void sluice_service_no_candidates(struct sluice_service_table *table,
				  struct sluice_service *service);
void sluice_service_table_changed(struct sluice_service_table *table);

static inline void
sluice_service_table_assert_locked(const struct sluice_service_table *table)
{
	lockdep_assert_held(table->lock);
}

#endif
