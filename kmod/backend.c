// SPDX-License-Identifier: GPL-2.0
/*
 * Backends: their tables, and what changes them.
 */
#include <linux/netlink.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "backend.h"
#include "service.h"

/* What backends are found by: the same layout as at their beginning. */
struct backend_key {
	struct sluice_service *service;
	struct sluice_l4addr addr;
};

#define BACKEND_KEY_LEN	offsetofend(struct backend_key, addr)

static_assert(offsetofend(struct sluice_backend, addr) == BACKEND_KEY_LEN);

static const struct rhashtable_params backend_params = {
	.head_offset = offsetof(struct sluice_backend, node),
	.key_offset = offsetof(struct sluice_backend, service),
	.key_len = BACKEND_KEY_LEN,
	.automatic_shrinking = true,
};

static const struct rhashtable_params endpoint_params = {
	.head_offset = offsetof(struct sluice_endpoint, node),
	.key_offset = offsetof(struct sluice_endpoint, addr),
	.key_len = sizeof(struct sluice_l4addr),
	.automatic_shrinking = true,
};

int sluice_backend_tables_init(struct sluice_service_table *table)
{
	int err;

	err = rhashtable_init(&table->backends, &backend_params);
	if (err)
		return err;
	err = rhashtable_init(&table->endpoints, &endpoint_params);
	if (err)
		rhashtable_destroy(&table->backends);
	return err;
}

void sluice_backend_tables_fini(struct sluice_service_table *table)
{
	rhashtable_destroy(&table->endpoints);
	rhashtable_destroy(&table->backends);
}

/**
 * sluice_service_has_endpoint() - whether some backend has an address
 * @table: table
 * @addr: address, port and protocol
 *
 * The caller holds rcu_read_lock().
 */
bool sluice_service_has_endpoint(struct sluice_service_table *table,
				 const struct sluice_l4addr *addr)
{
	return rhashtable_lookup(&table->endpoints, addr, endpoint_params);
}

static struct sluice_endpoint *endpoint_get(struct sluice_service_table *table,
					    const struct sluice_l4addr *addr)
{
	struct sluice_endpoint *endpoint;
	int err;

	endpoint = rhashtable_lookup_fast(&table->endpoints, addr,
					  endpoint_params);
	if (endpoint) {
		endpoint->users++;
		return endpoint;
	}

	endpoint = kzalloc(sizeof(*endpoint), GFP_KERNEL_ACCOUNT);
	if (!endpoint)
		return ERR_PTR(-ENOMEM);

	endpoint->addr = *addr;
	endpoint->users = 1;
	err = rhashtable_insert_fast(&table->endpoints, &endpoint->node,
				     endpoint_params);
	if (err) {
		kfree(endpoint);
		return ERR_PTR(err);
	}
	return endpoint;
}

static void endpoint_put(struct sluice_service_table *table,
			 struct sluice_endpoint *endpoint)
{
	if (--endpoint->users)
		return;

	rhashtable_remove_fast(&table->endpoints, &endpoint->node,
			       endpoint_params);
	kfree_rcu(endpoint, rcu);
}

/* Release a reference; any context. */
void sluice_backend_put(struct sluice_backend *backend)
{
	if (!refcount_dec_and_test(&backend->refs))
		return;

	sluice_service_put(backend->service);
	kfree_rcu(backend, rcu);
}

/**
 * sluice_backend_find() - find a backend of a service
 * @table: table; the caller holds the configuration lock
 * @service: service
 * @addr: the backend's address, port and protocol
 *
 * Return: the backend without a reference, or NULL.
 */
struct sluice_backend *
sluice_backend_find(struct sluice_service_table *table,
		    struct sluice_service *service,
		    const struct sluice_l4addr *addr)
{
	struct backend_key key = { .service = service, .addr = *addr };

	return rhashtable_lookup_fast(&table->backends, &key, backend_params);
}

static bool takes_new(u32 weight, u8 state)
{
	return weight && state == SLUICE_BACKEND_STATE_ACTIVE;
}

static struct sluice_backend *backend_alloc(struct sluice_service_table *table,
					    struct sluice_service *service,
					    const struct sluice_backend_cfg *cfg)
{
	struct sluice_backend *backend;

	backend = kzalloc(sizeof(*backend), GFP_KERNEL_ACCOUNT);
	if (!backend)
		return NULL;

	backend->service = service;
	backend->addr = cfg->addr;
	backend->weight = cfg->has_weight ? cfg->weight : 1;
	backend->state = cfg->has_state ? cfg->state :
					  SLUICE_BACKEND_STATE_ACTIVE;
	backend->local = cfg->has_local && cfg->local;
	backend->takes_new = takes_new(backend->weight, backend->state);
	backend->id = table->next_backend_id;
	refcount_set(&backend->refs, 1);
	return backend;
}

/* Take part in the choice of new flows; 0 or -errno and nothing changed. */
static int backend_publish(struct sluice_service_table *table,
			   struct sluice_backend *backend)
{
	struct sluice_service *service = backend->service;
	int err;

	err = rhashtable_insert_fast(&table->backends, &backend->node,
				     backend_params);
	if (err)
		return err;

	list_add_tail(&backend->list, &service->backends);
	err = sluice_service_rebuild(table, service, NULL);
	if (err)
		goto unlink;
	return 0;

unlink:
	list_del(&backend->list);
	rhashtable_remove_fast(&table->backends, &backend->node,
			       backend_params);
	return err;
}

/**
 * sluice_backend_add() - create a backend
 * @table: table; the caller holds the configuration lock
 * @service: its service
 * @cfg: what it is to be; its address must be new in the service
 * @extack: for the reason of a refusal
 *
 * Return: 0, -ENOSPC or -ENOMEM and nothing changed.
 */
int sluice_backend_add(struct sluice_service_table *table,
		       struct sluice_service *service,
		       const struct sluice_backend_cfg *cfg,
		       struct netlink_ext_ack *extack)
{
	struct sluice_backend *backend;
	int err;

	if (service->backend_count >= SLUICE_SERVICE_BACKENDS_MAX) {
		NL_SET_ERR_MSG(extack, "the service has as many backends as a service may have");
		return -ENOSPC;
	}

	backend = backend_alloc(table, service, cfg);
	if (!backend)
		return -ENOMEM;

	backend->endpoint = endpoint_get(table, &cfg->addr);
	if (IS_ERR(backend->endpoint)) {
		err = PTR_ERR(backend->endpoint);
		goto free_backend;
	}

	/* Before flows can find it: the last flow's end drops this one too. */
	refcount_inc(&service->refs);
	err = backend_publish(table, backend);
	if (err)
		goto put_service;

	table->next_backend_id++;
	table->backend_count++;
	service->backend_count++;
	sluice_service_table_changed(table);
	return 0;

put_service:
	sluice_service_put(service);
	endpoint_put(table, backend->endpoint);
free_backend:
	kfree(backend);
	return err;
}

/**
 * sluice_backend_change() - change weight or state
 * @table: table; the caller holds the configuration lock
 * @backend: backend
 * @cfg: what it is to be; what is not given stays
 *
 * Return: 0, or -ENOMEM and nothing changed.
 */
int sluice_backend_change(struct sluice_service_table *table,
			  struct sluice_backend *backend,
			  const struct sluice_backend_cfg *cfg)
{
	u32 weight = cfg->has_weight ? cfg->weight : backend->weight;
	u8 state = cfg->has_state ? cfg->state : backend->state;
	bool local = cfg->has_local ? cfg->local : backend->local;
	u32 old = backend->weight;
	int err;

	if (weight == old && state == backend->state && local == backend->local)
		return 0;

	backend->weight = weight;
	backend->takes_new = takes_new(weight, state);
	err = sluice_service_rebuild(table, backend->service, NULL);
	if (err) {
		backend->weight = old;
		backend->takes_new = takes_new(old, backend->state);
		return err;
	}

	/* Packets see the state: only now that nothing can fail any more. */
	WRITE_ONCE(backend->state, state);
	backend->local = local;
	sluice_service_table_changed(table);
	return 0;
}

/* The backend is in no picker any more: let go of it. */
static void backend_remove(struct sluice_service_table *table,
			   struct sluice_backend *backend)
{
	WRITE_ONCE(backend->dead, true);
	rhashtable_remove_fast(&table->backends, &backend->node,
			       backend_params);
	list_del(&backend->list);
	endpoint_put(table, backend->endpoint);
	backend->service->backend_count--;
	table->backend_count--;
	sluice_backend_put(backend);
}

/**
 * sluice_backend_del() - delete a backend
 * @table: table; the caller holds the configuration lock
 * @backend: backend
 *
 * Return: 0, or -ENOMEM and nothing changed.
 */
int sluice_backend_del(struct sluice_service_table *table,
		       struct sluice_backend *backend)
{
	int err;

	err = sluice_service_rebuild(table, backend->service, backend);
	if (err)
		return err;

	backend_remove(table, backend);
	sluice_service_table_changed(table);
	return 0;
}

/* Let go of the backends of a service that goes itself. */
void sluice_backend_remove_all(struct sluice_service_table *table,
			       struct sluice_service *service)
{
	struct sluice_backend *backend, *next;

	list_for_each_entry_safe(backend, next, &service->backends, list)
		backend_remove(table, backend);
}

/**
 * sluice_backend_flush() - delete all backends of a service
 * @table: table; the caller holds the configuration lock
 * @service: service
 *
 * Return: 0, or -ENOMEM and nothing changed.
 */
int sluice_backend_flush(struct sluice_service_table *table,
			 struct sluice_service *service)
{
	struct sluice_backend *backend;
	int err;

	list_for_each_entry(backend, &service->backends, list)
		backend->takes_new = false;
	err = sluice_service_rebuild(table, service, NULL);
	if (err) {
		list_for_each_entry(backend, &service->backends, list)
			backend->takes_new = takes_new(backend->weight,
						       backend->state);
		return err;
	}

	sluice_backend_remove_all(table, service);
	sluice_service_table_changed(table);
	return 0;
}
