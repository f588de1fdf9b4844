/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Backends: addresses and ports that receive what is sent to a service.
 *
 * A backend belongs to its service, which it holds a reference to. Flows hold
 * references to their backend, so a deleted backend lives until its last flow
 * has ended.
 */
#ifndef _SLUICE_BACKEND_H
#define _SLUICE_BACKEND_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <net/dst_cache.h>

#include "stats.h"
#include "tuple.h"

#define SLUICE_WEIGHT_MAX	65535

struct sluice_service;
struct sluice_service_table;

/**
 * struct sluice_endpoint - an address that some backend has
 * @node: in &struct sluice_service_table.endpoints
 * @addr: key
 * @users: backends that have it, at least one; configuration lock
 * @rcu: for the deferred freeing
 *
 * Lets the data path ask whether a packet goes straight to a backend.
 */
struct sluice_endpoint {
	struct rhash_head node;
	struct sluice_l4addr addr;
	u32 users;
	struct rcu_head rcu;
};

/**
 * struct sluice_backend_opts - how a backend takes part
 * @weight: 0 to %SLUICE_WEIGHT_MAX
 * @state: &enum sluice_backend_state
 * @local: on this node
 */
struct sluice_backend_opts {
	u16 weight;
	u8 state;
	bool local;
};

/**
 * struct sluice_backend - one backend of one service
 * @service: owner; constant, referenced
 * @addr: address, port and protocol; constant
 * @opts: written under the configuration lock, read without
 * @next: as the transaction under way leaves them; configuration lock
 * @dead: deleted; written under the configuration lock, read without
 * @touched: the transaction under way has to do with it; configuration lock,
 *	as the following
 * @named: created or changed in this transaction
 * @changed: differs from what it was before
 * @born: this transaction creates it
 * @gone: this transaction deletes it
 * @node: in &struct sluice_service_table.backends
 * @list: in &struct sluice_service.backends; configuration lock
 * @endpoint: what its address is to the data path; configuration lock
 * @id: place in @list, rises with each backend created; for dumps
 * @refs: one for the configuration, given up a grace period after the
 *	deletion; one for each flow
 * @flow_count: live flows
 * @closing_count: those of them whose connection is over
 * @counters: totals of its flows
 * @way_out: its route, if the service has ever forwarded without rewriting
 * @tx: in &struct sluice_tx.backends while @touched; configuration lock
 * @rcu: for the deferred release
 *
 * Whoever finds a backend in a picker has a grace period to take a reference.
 */
struct sluice_backend {
	/* Key of the node: these two without a gap. */
	struct sluice_service *service;
	struct sluice_l4addr addr;
	struct sluice_backend_opts opts;
	struct sluice_backend_opts next;
	bool dead;
	bool touched:1;
	bool named:1;
	bool changed:1;
	bool born:1;
	bool gone:1;
	u32 id;
	struct rhash_head node;
	struct list_head list;
	struct sluice_endpoint *endpoint;
	refcount_t refs;
	atomic_t flow_count;
	atomic_t closing_count;
	struct sluice_counters counters;
	struct dst_cache way_out;
	union {
		struct list_head tx;
		struct rcu_head rcu;
	};
};

/**
 * struct sluice_backend_cfg - what is asked of a backend
 * @addr: names it
 * @weight: 0 to %SLUICE_WEIGHT_MAX
 * @state: &enum sluice_backend_state
 * @local: on this node
 * @has_weight: @weight was given
 * @has_state: @state was given
 * @has_local: @local was given
 */
struct sluice_backend_cfg {
	struct sluice_l4addr addr;
	u16 weight;
	u8 state;
	bool local;
	bool has_weight:1;
	bool has_state:1;
	bool has_local:1;
};

/* Take a reference; RCU read side or configuration lock. */
static inline void sluice_backend_get(struct sluice_backend *backend)
{
	refcount_inc(&backend->refs);
}

void sluice_backend_put(struct sluice_backend *backend);
int sluice_backend_prepare_way_out(struct sluice_backend *backend);
void sluice_backend_count_drop(struct sluice_backend *backend);

/* Whether flows of @backend may go on. Any context. */
static inline bool sluice_backend_keeps_flows(const struct sluice_backend *backend)
{
	return !READ_ONCE(backend->dead) &&
	       READ_ONCE(backend->opts.state) != SLUICE_BACKEND_STATE_DOWN;
}

int sluice_backend_init(void);
void sluice_backend_fini(void);

int sluice_backend_tables_init(struct sluice_service_table *table);
void sluice_backend_tables_fini(struct sluice_service_table *table);
struct sluice_backend *
sluice_backend_find(struct sluice_service_table *table,
		    struct sluice_service *service,
		    const struct sluice_l4addr *addr);

extern const struct sluice_backend_opts sluice_backend_default_opts;
void sluice_backend_opts_merge(struct sluice_backend_opts *opts,
			       const struct sluice_backend_cfg *cfg);

struct sluice_backend *
sluice_backend_link(struct sluice_service_table *table,
		    struct sluice_service *service,
		    const struct sluice_l4addr *addr);
void sluice_backend_unlink(struct sluice_service_table *table,
			   struct sluice_backend *backend);

#endif
