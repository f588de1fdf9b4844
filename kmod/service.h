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

/* The revision that is never reached. */
#define SLUICE_REVISION_NEVER	ULONG_MAX

struct sluice_picker;

/**
 * struct sluice_service_opts - how a service treats its clients
 * @ranges: source ranges; NULL if all sources are allowed
 * @affinity: seconds for which a client stays with a backend, 0 for none
 * @affinity_group: affinity is that of all services with this number, 0 for none
 * @health_port: where userspace tells about local backends, 0 for nowhere
 * @scheduler: &enum sluice_scheduler
 * @masquerade: &enum sluice_masquerade
 * @no_backend: &enum sluice_no_backend
 * @removal: &enum sluice_removal
 * @scope: &enum sluice_scope
 * @traffic_policy: &enum sluice_traffic_policy
 * @forward: &enum sluice_forward
 * @affinity_shared: affinity is that of all such services of the address, or of
 *	the group, if there is one; a backend's port does not matter
 * @echo: answer ICMP echo requests to the address
 */
struct sluice_service_opts {
	struct sluice_ranges *ranges;
	u32 affinity;
	u32 affinity_group;
	__be16 health_port;
	u8 scheduler;
	u8 masquerade;
	u8 no_backend;
	u8 removal;
	u8 scope;
	u8 traffic_policy;
	u8 forward;
	bool affinity_shared;
	bool echo;
};

/**
 * struct sluice_service - one frontend
 * @addr: address, port and protocol; constant
 * @id: key in &struct sluice_service_table.ids; constant
 * @node: in &struct sluice_service_table.services
 * @since: revision from which packets see it; constant
 * @until: revision from which they do not any more; written under the
 *	configuration lock, read without
 * @picker: options, and candidates for new flows; never NULL while packets
 *	see the service; RCU, written under the configuration lock
 * @turn: number of choices made in turn
 * @flow_count: live flows
 * @opts: as the transaction under way leaves them; configuration lock
 * @backends: all of them, oldest first; configuration lock
 * @backend_count: length of @backends without those about to go;
 *	configuration lock
 * @refs: one for the configuration, one for each backend
 * @counters: totals of its flows, those of deleted backends included
 * @tx: in &struct sluice_tx.services while @touched; configuration lock
 * @rcu: for the deferred freeing
 * @removal: &enum sluice_removal; written under the configuration lock, read
 *	without, also when there is no picker any more
 * @touched: the transaction under way has to do with it; configuration lock,
 *	as the following
 * @named: created or changed in this transaction
 * @changed: differs from what it was before
 * @dirty: needs a new picker
 * @only_named: of its backends, those not named are to go
 * @echo: echo requests to @addr are ours
 * @echo_new: since this transaction
 * @relayed: it is one of &struct sluice_service_table.relay_count
 */
struct sluice_service {
	struct sluice_l4addr addr;
	u32 id;
	struct rhash_head node;
	unsigned long since;
	unsigned long until;
	struct sluice_picker __rcu *picker;
	atomic_t turn;
	atomic_t flow_count;
	struct sluice_service_opts opts;
	struct list_head backends;
	u32 backend_count;
	refcount_t refs;
	struct sluice_counters counters;
	union {
		struct list_head tx;
		struct rcu_head rcu;
	};
	u8 removal;
	bool touched:1;
	bool named:1;
	bool changed:1;
	bool dirty:1;
	bool only_named:1;
	bool echo:1;
	bool echo_new:1;
	bool relayed:1;
};

/**
 * struct sluice_service_table - services and backends of one namespace
 * @services: by address; RCU, written under the configuration lock
 * @endpoints: addresses of all backends; likewise
 * @backends: by service and address; configuration lock
 * @echoes: services that want echo requests answered, by address; RCU, written
 *	under the configuration lock
 * @ids: services in the order of their creation; configuration lock
 * @next_id: where the search for a free id starts
 * @next_backend_id: id of the next backend
 * @backend_count: backends of all services
 * @service_count: services
 * @node_port_count: those of them that are node ports; written under the
 *	configuration lock, read without
 * @relay_count: those of them that are relayed to their backends' nodes; likewise
 * @revision: rises with each change that can alter a verdict; a change is
 *	visible before its revision is
 * @lock: the configuration lock
 */
struct sluice_service_table {
	struct rhashtable services;
	struct rhashtable endpoints;
	struct rhashtable backends;
	struct rhltable echoes;
	struct xarray ids;
	u32 next_id;
	u32 next_backend_id;
	u32 backend_count;
	u32 service_count;
	u32 node_port_count;
	u32 relay_count;
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
		      const struct sluice_l4addr *addr,
		      unsigned long revision);

/**
 * enum sluice_echo_answer - what becomes of an echo request
 * @SLUICE_ECHO_UNASKED: nobody wants it answered
 * @SLUICE_ECHO_REFUSED: those who do refuse the client
 * @SLUICE_ECHO_ANSWERED: it is answered
 */
enum sluice_echo_answer {
	SLUICE_ECHO_UNASKED,
	SLUICE_ECHO_REFUSED,
	SLUICE_ECHO_ANSWERED,
};

int sluice_service_echo_init(struct sluice_service_table *table);
void sluice_service_echo_fini(struct sluice_service_table *table);
enum sluice_echo_answer
sluice_service_echo_find(struct sluice_service_table *table,
			 const struct sluice_l4addr *to, unsigned long revision,
			 bool (*allows)(const struct sluice_service_opts *opts,
					const void *arg),
			 const void *arg);
int sluice_service_echo_on(struct sluice_service_table *table,
			   struct sluice_service *service);
void sluice_service_echo_off(struct sluice_service_table *table,
			     struct sluice_service *service);

/* Whether there are backends at all */
static inline bool
sluice_service_has_endpoints(const struct sluice_service_table *table)
{
	return atomic_read(&table->endpoints.nelems);
}

bool sluice_service_has_endpoint(struct sluice_service_table *table,
				 const struct sluice_l4addr *addr);

struct sluice_service *
sluice_service_alloc(const struct sluice_service_cfg *cfg);
void sluice_service_put(struct sluice_service *service);
int sluice_service_link(struct sluice_service_table *table,
			struct sluice_service *service);
void sluice_service_unlink(struct sluice_service_table *table,
			   struct sluice_service *service);
void sluice_service_count_relayed(struct sluice_service_table *table,
				  struct sluice_service *service, bool relayed);

/*
 * Whether packets keep the service's address and port as far as the backend.
 * Configuration lock.
 */
static inline bool
sluice_service_rewrites_nothing(const struct sluice_service *service)
{
	return service->opts.forward == SLUICE_FORWARD_L2 ||
	       service->opts.forward == SLUICE_FORWARD_TUNNEL;
}

/*
 * Whether a backend may have a port: if nothing is rewritten it gets packets
 * for the service's. Configuration lock.
 */
static inline bool
sluice_service_takes_port(const struct sluice_service *service, __be16 port)
{
	return !sluice_service_rewrites_nothing(service) ||
	       port == service->addr.port;
}

extern const struct sluice_service_opts sluice_service_default_opts;
int sluice_service_opts_merge(struct sluice_service_opts *opts,
			      const struct sluice_service_cfg *cfg);
void sluice_service_opts_replace(struct sluice_service_opts *opts,
				 const struct sluice_service_opts *by);
bool sluice_service_opts_equal(const struct sluice_service_opts *a,
			       const struct sluice_service_opts *b);

/**
 * sluice_service_table_revision() - the present revision
 * @table: table
 *
 * Load it before anything it is about. Pairs with the release in
 * sluice_tx_commit().
 */
static inline unsigned long
sluice_service_table_revision(const struct sluice_service_table *table)
{
	return smp_load_acquire(&table->revision);
}

/**
 * sluice_service_table_moved() - whether there is another revision by now
 * @table: table
 * @revision: that what was not found was looked for at
 *
 * What was deleted goes away once its revision is over. Who has found nothing
 * has to look again at the new one.
 */
static inline bool
sluice_service_table_moved(const struct sluice_service_table *table,
			   unsigned long revision)
{
	smp_rmb();	/* against the release before sluice_service_unlink() */
	return READ_ONCE(table->revision) != revision;
}

/**
 * sluice_service_has_node_ports() - whether there is any node port
 * @table: table; its revision was loaded before
 */
static inline bool
sluice_service_has_node_ports(const struct sluice_service_table *table)
{
	return READ_ONCE(table->node_port_count);
}

/* Whether other nodes may send what is for a backend of this one. */
static inline bool
sluice_service_has_relays(const struct sluice_service_table *table)
{
	return READ_ONCE(table->relay_count);
}

/* Whether packets of @revision see @service. */
static inline bool sluice_service_visible(const struct sluice_service *service,
					  unsigned long revision)
{
	return service->since <= revision &&
	       revision < READ_ONCE(service->until);
}

static inline void
sluice_service_table_assert_locked(const struct sluice_service_table *table)
{
	lockdep_assert_held(table->lock);
}

#endif
