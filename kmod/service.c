// SPDX-License-Identifier: GPL-2.0
/*
 * Services: their table, their options. tx.c changes them.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "alloc.h"
#include "backend.h"
#include "service.h"

/* What services are found by: one address can have an old and a new one. */
struct service_key {
	struct sluice_l4addr addr;	/* hashed: first */
	unsigned long revision;
};

static_assert(!offsetof(struct service_key, addr));

static int compare_service(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct service_key *key = arg->key;
	const struct sluice_service *service = obj;

	return memcmp(&key->addr, &service->addr, sizeof(key->addr)) ||
	       !sluice_service_visible(service, key->revision);
}

static const struct rhashtable_params service_params = {
	.head_offset = offsetof(struct sluice_service, node),
	.key_offset = offsetof(struct sluice_service, addr),
	.key_len = sizeof(struct sluice_l4addr),
	.obj_cmpfn = compare_service,
	.automatic_shrinking = true,
};

/**
 * sluice_service_table_init() - make an empty table
 * @table: table
 * @lock: the configuration lock of its namespace
 *
 * Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_service_table_init(struct sluice_service_table *table,
			      struct mutex *lock)
{
	int err;

	table->lock = lock;
	xa_init_flags(&table->ids, XA_FLAGS_ALLOC1);
	err = rhashtable_init(&table->services, &service_params);
	if (err)
		return err;
	err = sluice_backend_tables_init(table);
	if (err)
		goto destroy_services;
	err = sluice_service_echo_init(table);
	if (err)
		goto fini_backends;
	return 0;

fini_backends:
	sluice_backend_tables_fini(table);
destroy_services:
	rhashtable_destroy(&table->services);
	return err;
}

/* The table is empty and no reader is left; process context, may sleep. */
void sluice_service_table_fini(struct sluice_service_table *table)
{
	sluice_service_echo_fini(table);
	sluice_backend_tables_fini(table);
	rhashtable_destroy(&table->services);
	xa_destroy(&table->ids);
}

/**
 * sluice_service_lookup() - find a service
 * @table: table
 * @addr: its address, port and protocol
 * @revision: from sluice_service_table_revision(), or the next one under the
 *	configuration lock
 *
 * The caller holds rcu_read_lock() or the configuration lock.
 *
 * Return: the service without a reference, or NULL.
 */
struct sluice_service *
sluice_service_lookup(struct sluice_service_table *table,
		      const struct sluice_l4addr *addr, unsigned long revision)
{
	struct service_key key = { .addr = *addr, .revision = revision };

	if (!atomic_read(&table->services.nelems))
		return NULL;
	return rhashtable_lookup_fast(&table->services, &key, service_params);
}

const struct sluice_service_opts sluice_service_default_opts = {
	.scheduler = SLUICE_SCHEDULER_RANDOM,
	.masquerade = SLUICE_MASQUERADE_HAIRPIN,
	.no_backend = SLUICE_NO_BACKEND_REJECT,
	.removal = SLUICE_REMOVAL_RESET,
	.scope = SLUICE_SCOPE_INTERNAL,
	.traffic_policy = SLUICE_TRAFFIC_POLICY_CLUSTER,
	.forward = SLUICE_FORWARD_NAT,
};

/* There is no padding between the members compared. */
bool sluice_service_opts_equal(const struct sluice_service_opts *a,
			       const struct sluice_service_opts *b)
{
	size_t begin = offsetof(struct sluice_service_opts, affinity);
	size_t end = offsetofend(struct sluice_service_opts, echo);

	return sluice_ranges_equal(a->ranges, b->ranges) &&
	       !memcmp((const void *)a + begin, (const void *)b + begin,
		       end - begin);
}

/* What is not given of the two lists stays. */
static int merge_ranges(struct sluice_service_opts *opts,
			const struct sluice_service_cfg *cfg)
{
	struct sluice_ranges *old = opts->ranges;
	struct sluice_prefixes allow = {}, deny = {};

	if (!sluice_service_given(cfg, SLUICE_A_SERVICE_ALLOW) &&
	    !sluice_service_given(cfg, SLUICE_A_SERVICE_DENY))
		return 0;

	if (sluice_service_given(cfg, SLUICE_A_SERVICE_ALLOW))
		allow = cfg->allow;
	else if (old)
		allow = old->allow;
	if (sluice_service_given(cfg, SLUICE_A_SERVICE_DENY))
		deny = cfg->deny;
	else if (old)
		deny = old->deny;

	opts->ranges = NULL;
	if (allow.count || deny.count) {
		opts->ranges = sluice_ranges_build(cfg->addr.family, &allow,
						   &deny);
		if (!opts->ranges) {
			opts->ranges = old;
			return -ENOMEM;
		}
	}
	sluice_ranges_put(old);
	return 0;
}

/**
 * sluice_service_opts_merge() - change options
 * @opts: options
 * @cfg: what they are to be; what is not given stays
 *
 * Process context, may sleep.
 *
 * Return: 0, or -ENOMEM and nothing changed.
 */
int sluice_service_opts_merge(struct sluice_service_opts *opts,
			      const struct sluice_service_cfg *cfg)
{
	if (merge_ranges(opts, cfg))
		return -ENOMEM;

#define MERGE(_type, _member)						\
	do {								\
		if (sluice_service_given(cfg, SLUICE_A_SERVICE_##_type))	\
			opts->_member = cfg->opts._member;		\
	} while (0)
	MERGE(AFFINITY, affinity);
	MERGE(AFFINITY_SHARED, affinity_shared);
	MERGE(AFFINITY_GROUP, affinity_group);
	MERGE(SCHEDULER, scheduler);
	MERGE(MASQUERADE, masquerade);
	MERGE(NO_BACKEND, no_backend);
	MERGE(REMOVAL, removal);
	MERGE(SCOPE, scope);
	MERGE(TRAFFIC_POLICY, traffic_policy);
	MERGE(FORWARD, forward);
	MERGE(ECHO, echo);
	MERGE(HEALTH_PORT, health_port);
#undef MERGE
	return 0;
}

/* Make @opts equal to @by; cannot fail. */
void sluice_service_opts_replace(struct sluice_service_opts *opts,
				 const struct sluice_service_opts *by)
{
	struct sluice_ranges *old = opts->ranges;

	sluice_ranges_get(by->ranges);
	*opts = *by;
	sluice_ranges_put(old);
}

/**
 * sluice_service_alloc() - make a service
 * @cfg: what it is to be
 *
 * Process context, may sleep.
 *
 * Return: the service, with one reference, or NULL.
 */
struct sluice_service *
sluice_service_alloc(const struct sluice_service_cfg *cfg)
{
	struct sluice_service *service;

	service = sluice_alloc(sizeof(*service));
	if (!service)
		return NULL;

	service->addr = cfg->addr;
	service->opts = sluice_service_default_opts;
	service->until = SLUICE_REVISION_NEVER;
	INIT_LIST_HEAD(&service->backends);
	refcount_set(&service->refs, 1);
	if (sluice_service_opts_merge(&service->opts, cfg)) {
		sluice_free(service);
		return NULL;
	}
	return service;
}

/* Release a reference; any context. */
void sluice_service_put(struct sluice_service *service)
{
	if (!refcount_dec_and_test(&service->refs))
		return;

	sluice_ranges_put(service->opts.ranges);
	sluice_free_rcu(service, rcu);
}

static void count(struct sluice_service_table *table,
		  const struct sluice_service *service, int by)
{
	table->service_count += by;
	if (sluice_l4addr_is_node_port(&service->addr))
		WRITE_ONCE(table->node_port_count, table->node_port_count + by);
}

/**
 * sluice_service_link() - put a service in the table
 * @table: table; the caller holds the configuration lock
 * @service: service; packets see it from @since on
 *
 * Process context, may sleep.
 *
 * Return: 0 or -errno.
 */
int sluice_service_link(struct sluice_service_table *table,
			struct sluice_service *service)
{
	int err;

	sluice_service_table_assert_locked(table);
	err = xa_alloc_cyclic(&table->ids, &service->id, service, xa_limit_32b,
			      &table->next_id, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return err;

	err = rhashtable_insert_fast(&table->services, &service->node,
				     service_params);
	if (err) {
		xa_erase(&table->ids, service->id);
		return err;
	}
	count(table, service, 1);
	return 0;
}

/**
 * sluice_service_count_relayed() - whether a service is one that is relayed
 * @table: table; the caller holds the configuration lock
 * @service: service in it
 * @relayed: other nodes may send what is for a backend of this one
 */
void sluice_service_count_relayed(struct sluice_service_table *table,
				  struct sluice_service *service, bool relayed)
{
	sluice_service_table_assert_locked(table);
	if (service->relayed == relayed)
		return;
	service->relayed = relayed;
	WRITE_ONCE(table->relay_count, table->relay_count + (relayed ? 1 : -1));
}

/* Take a service out of the table; the caller holds the configuration lock. */
void sluice_service_unlink(struct sluice_service_table *table,
			   struct sluice_service *service)
{
	sluice_service_table_assert_locked(table);
	rhashtable_remove_fast(&table->services, &service->node,
			       service_params);
	xa_erase(&table->ids, service->id);
	count(table, service, -1);
	sluice_service_count_relayed(table, service, false);
}
