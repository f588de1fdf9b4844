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

static struct sluice_service *service_alloc(const struct sluice_service_cfg *cfg)
{
	struct sluice_service *service;

	service = kzalloc(sizeof(*service), GFP_KERNEL_ACCOUNT);
	if (!service)
		return NULL;

	service->addr = cfg->addr;
	service->scheduler = cfg->has_scheduler ? cfg->scheduler :
						  SLUICE_SCHEDULER_RANDOM;
	INIT_LIST_HEAD(&service->backends);
	refcount_set(&service->refs, 1);
	return service;
}

/* Release a reference; any context. */
void sluice_service_put(struct sluice_service *service)
{
	if (refcount_dec_and_test(&service->refs))
		kfree_rcu(service, rcu);
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

	err = xa_alloc_cyclic(&table->ids, &service->id, service, xa_limit_32b,
			      &table->next_id, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		goto free_service;

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
free_service:
	kfree(service);
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
	u8 old = service->scheduler;
	int err;

	if (!cfg->has_scheduler || cfg->scheduler == old)
		return 0;

	service->scheduler = cfg->scheduler;
	err = sluice_service_rebuild(table, service, NULL);
	if (err) {
		service->scheduler = old;
		return err;
	}

	sluice_service_table_changed(table);
	return 0;
}

static void service_remove(struct sluice_service_table *table,
			   struct sluice_service *service)
{
	rhashtable_remove_fast(&table->services, &service->node,
			       service_params);
	xa_erase(&table->ids, service->id);
	WRITE_ONCE(service->dead, true);
	sluice_backend_flush(table, service);
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
