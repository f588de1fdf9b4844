// SPDX-License-Identifier: GPL-2.0
/*
 * Services: the table, and what changes it.
 */
#include <linux/netlink.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "backend.h"
#include "sched.h"
#include "service.h"

static const struct rhashtable_params service_params = {
	.head_offset = offsetof(struct sluice_service, node),
	.key_offset = offsetof(struct sluice_service, addr),
	.key_len = sizeof(struct sluice_l4addr),
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
		rhashtable_destroy(&table->services);
	return err;
}

/* The table is empty and no reader is left; process context, may sleep. */
void sluice_service_table_fini(struct sluice_service_table *table)
{
	sluice_backend_tables_fini(table);
	rhashtable_destroy(&table->services);
	xa_destroy(&table->ids);
}

/**
 * sluice_service_lookup() - find a service
 * @table: table
 * @addr: its address, port and protocol
 *
 * The caller holds rcu_read_lock() or the configuration lock.
 *
 * Return: the service without a reference, or NULL.
 */
struct sluice_service *
sluice_service_lookup(struct sluice_service_table *table,
		      const struct sluice_l4addr *addr)
{
	return rhashtable_lookup_fast(&table->services, addr, service_params);
}

/**
 * sluice_service_table_changed() - start a new revision
 * @table: table whose change is complete
 *
 * The release pairs with the acquires in decide.c: whoever sees
 * the new revision sees the change.
 */
void sluice_service_table_changed(struct sluice_service_table *table)
{
	sluice_service_table_assert_locked(table);
	smp_store_release(&table->revision, table->revision + 1);
}

static void replace_picker(struct sluice_service_table *table,
			   struct sluice_service *service,
			   struct sluice_picker *picker)
{
	picker = rcu_replace_pointer(service->picker, picker,
				     lockdep_is_held(table->lock));
	sluice_picker_free_later(picker);
}

/**
 * sluice_service_rebuild() - publish the candidates after a change
 * @table: table; the caller holds the configuration lock
 * @service: service whose scheduler or backends have changed
 * @without: a backend about to go, or NULL
 *
 * Return: 0, or -ENOMEM and the old candidates stay.
 */
int sluice_service_rebuild(struct sluice_service_table *table,
			   struct sluice_service *service,
			   const struct sluice_backend *without)
{
	struct sluice_picker *picker;

	sluice_service_table_assert_locked(table);
	picker = sluice_picker_build(service, without);
	if (!picker)
		return -ENOMEM;

	replace_picker(table, service, picker);
	return 0;
}

static const struct sluice_service_opts default_opts = {
	.scheduler = SLUICE_SCHEDULER_RANDOM,
	.masquerade = SLUICE_MASQUERADE_HAIRPIN,
	.no_backend = SLUICE_NO_BACKEND_REJECT,
	.removal = SLUICE_REMOVAL_RESET,
	.scope = SLUICE_SCOPE_INTERNAL,
	.traffic_policy = SLUICE_TRAFFIC_POLICY_CLUSTER,
};

static bool same_prefixes(const struct sluice_prefixes *a,
			  const struct sluice_prefixes *b)
{
	return a->count == b->count &&
	       !memcmp(a->list, b->list, array_size(a->count, sizeof(*a->list)));
}

/* There is no padding before the last member. */
static bool opts_equal(const struct sluice_service_opts *a,
		       const struct sluice_service_opts *b)
{
	return !memcmp(a, b, offsetofend(struct sluice_service_opts, echo));
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
	if (old && same_prefixes(&allow, &old->allow) &&
	    same_prefixes(&deny, &old->deny))
		return 0;

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

/* What is not given stays; 0, or -ENOMEM and nothing changed. */
static int merge_opts(struct sluice_service_opts *opts,
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
	MERGE(SCHEDULER, scheduler);
	MERGE(MASQUERADE, masquerade);
	MERGE(NO_BACKEND, no_backend);
	MERGE(REMOVAL, removal);
	MERGE(SCOPE, scope);
	MERGE(TRAFFIC_POLICY, traffic_policy);
	MERGE(ECHO, echo);
#undef MERGE
	return 0;
}

static void service_free(struct sluice_service *service)
{
	sluice_ranges_put(service->opts.ranges);
	kfree_rcu(service, rcu);
}

static struct sluice_service *service_alloc(const struct sluice_service_cfg *cfg)
{
	struct sluice_service *service;

	service = kzalloc(sizeof(*service), GFP_KERNEL_ACCOUNT);
	if (!service)
		return NULL;

	service->addr = cfg->addr;
	service->opts = default_opts;
	INIT_LIST_HEAD(&service->backends);
	refcount_set(&service->refs, 1);
	if (merge_opts(&service->opts, cfg)) {
		kfree(service);
		return NULL;
	}
	return service;
}

/* Release a reference; any context. */
void sluice_service_put(struct sluice_service *service)
{
	if (refcount_dec_and_test(&service->refs))
		service_free(service);
}

/**
 * sluice_service_add() - create a service without backends
 * @table: table; the caller holds the configuration lock
 * @cfg: what it is to be; its address must be new
 * @extack: for the reason of a refusal
 *
 * Return: 0 or -ENOMEM, and nothing changed.
 */
int sluice_service_add(struct sluice_service_table *table,
		       const struct sluice_service_cfg *cfg,
		       struct netlink_ext_ack *extack)
{
	struct sluice_service *service;
	int err;

	sluice_service_table_assert_locked(table);
	service = service_alloc(cfg);
	if (!service)
		return -ENOMEM;

	err = sluice_service_rebuild(table, service, NULL);
	if (err)
		goto put_service;
	err = xa_alloc_cyclic(&table->ids, &service->id, service, xa_limit_32b,
			      &table->next_id, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		goto free_picker;

	err = rhashtable_insert_fast(&table->services, &service->node,
				     service_params);
	if (err) {
		NL_SET_ERR_MSG(extack, "the table of services cannot grow");
		goto erase_id;
	}

	table->service_count++;
	sluice_service_table_changed(table);
	return 0;

erase_id:
	xa_erase(&table->ids, service->id);
free_picker:
	sluice_service_no_candidates(table, service);
put_service:
	sluice_service_put(service);
	return err;
}

/**
 * sluice_service_change() - change a service; its flows go on
 * @table: table; the caller holds the configuration lock
 * @service: service
 * @cfg: what it is to be; what is not given stays
 *
 * Return: 0, or -ENOMEM and nothing changed.
 */
int sluice_service_change(struct sluice_service_table *table,
			  struct sluice_service *service,
			  const struct sluice_service_cfg *cfg)
{
	struct sluice_service_opts old = service->opts;
	int err;

	sluice_ranges_get(old.ranges);
	err = merge_opts(&service->opts, cfg);
	if (err || opts_equal(&service->opts, &old))
		goto put_old;

	err = sluice_service_rebuild(table, service, NULL);
	if (err) {
		swap(service->opts, old);
		goto put_old;
	}

	sluice_service_table_changed(table);
put_old:
	sluice_ranges_put(old.ranges);
	return err;
}

static void service_remove(struct sluice_service_table *table,
			   struct sluice_service *service)
{
	rhashtable_remove_fast(&table->services, &service->node,
			       service_params);
	xa_erase(&table->ids, service->id);
	WRITE_ONCE(service->dead, true);
	sluice_service_no_candidates(table, service);
	sluice_backend_remove_all(table, service);
	table->service_count--;
	sluice_service_put(service);
}

/**
 * sluice_service_del() - delete a service and its backends
 * @table: table; the caller holds the configuration lock
 * @service: service
 */
void sluice_service_del(struct sluice_service_table *table,
			struct sluice_service *service)
{
	service_remove(table, service);
	sluice_service_table_changed(table);
}

/* Delete all services; the caller holds the configuration lock. */
void sluice_service_flush(struct sluice_service_table *table)
{
	struct sluice_service *service;
	unsigned long id;

	xa_for_each(&table->ids, id, service)
		service_remove(table, service);
	sluice_service_table_changed(table);
}

/* Leave a service without candidates; cannot fail. */
void sluice_service_no_candidates(struct sluice_service_table *table,
				  struct sluice_service *service)
{
	replace_picker(table, service, NULL);
}
