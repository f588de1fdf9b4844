// SPDX-License-Identifier: GPL-2.0
/*
 * Backends: their tables. tx.c changes them.
 */
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

/* One address can have a deleted backend and a new one in a transaction. */
static int compare_backend(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct sluice_backend *backend = obj;

	return memcmp(arg->key, &backend->service, BACKEND_KEY_LEN) ||
	       backend->gone;
}

static const struct rhashtable_params backend_params = {
	.head_offset = offsetof(struct sluice_backend, node),
	.key_offset = offsetof(struct sluice_backend, service),
	.key_len = BACKEND_KEY_LEN,
	.obj_cmpfn = compare_backend,
	.automatic_shrinking = true,
};

static const struct rhashtable_params endpoint_params = {
	.head_offset = offsetof(struct sluice_endpoint, node),
	.key_offset = offsetof(struct sluice_endpoint, addr),
	.key_len = sizeof(struct sluice_l4addr),
	.automatic_shrinking = true,
};

static struct kmem_cache *backend_cache, *endpoint_cache;

int __init sluice_backend_init(void)
{
	backend_cache = kmem_cache_create("sluice_backend",
					  sizeof(struct sluice_backend), 0,
					  SLAB_ACCOUNT, NULL);
	if (!backend_cache)
		return -ENOMEM;
	endpoint_cache = kmem_cache_create("sluice_endpoint",
					   sizeof(struct sluice_endpoint), 0,
					   SLAB_ACCOUNT, NULL);
	if (!endpoint_cache) {
		kmem_cache_destroy(backend_cache);
		return -ENOMEM;
	}
	return 0;
}

/* All backends are gone, and what was to be freed by RCU. */
void sluice_backend_fini(void)
{
	kmem_cache_destroy(endpoint_cache);
	kmem_cache_destroy(backend_cache);
}

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
	return sluice_service_has_endpoints(table) &&
	       rhashtable_lookup(&table->endpoints, addr, endpoint_params);
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

	endpoint = kmem_cache_zalloc(endpoint_cache, GFP_KERNEL);
	if (!endpoint)
		return ERR_PTR(-ENOMEM);

	endpoint->addr = *addr;
	endpoint->users = 1;
	err = rhashtable_insert_fast(&table->endpoints, &endpoint->node,
				     endpoint_params);
	if (err) {
		kmem_cache_free(endpoint_cache, endpoint);
		return ERR_PTR(err);
	}
	return endpoint;
}

static void endpoint_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(endpoint_cache,
			container_of(rcu, struct sluice_endpoint, rcu));
}

static void endpoint_put(struct sluice_service_table *table,
			 struct sluice_endpoint *endpoint)
{
	if (--endpoint->users)
		return;

	rhashtable_remove_fast(&table->endpoints, &endpoint->node,
			       endpoint_params);
	call_rcu(&endpoint->rcu, endpoint_free_rcu);
}

/* Release a reference; any context. */
void sluice_backend_put(struct sluice_backend *backend)
{
	if (!refcount_dec_and_test(&backend->refs))
		return;

	sluice_service_put(backend->service);
	dst_cache_destroy(&backend->way_out);
	kmem_cache_free(backend_cache, backend);
}

/**
 * sluice_backend_prepare_way_out() - make room for a backend's route
 * @backend: backend to which no flow is forwarded without rewriting yet; or
 *	for which this was done before
 *
 * The caller holds the configuration lock. Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_backend_prepare_way_out(struct sluice_backend *backend)
{
	if (backend->way_out.cache)
		return 0;
	return dst_cache_init(&backend->way_out, GFP_KERNEL_ACCOUNT);
}

/* A packet of one of its flows is dropped. Any context. */
void sluice_backend_count_drop(struct sluice_backend *backend)
{
	atomic64_inc(&backend->counters.drops);
	atomic64_inc(&backend->service->counters.drops);
}

static void put_rcu(struct rcu_head *rcu)
{
	sluice_backend_put(container_of(rcu, struct sluice_backend, rcu));
}

/**
 * sluice_backend_find() - find a backend of a service
 * @table: table; the caller holds the configuration lock
 * @service: service
 * @addr: the backend's address, port and protocol
 *
 * What the transaction under way has deleted is not found.
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

const struct sluice_backend_opts sluice_backend_default_opts = {
	.weight = 1,
	.state = SLUICE_BACKEND_STATE_ACTIVE,
};

/* Change what is given. */
void sluice_backend_opts_merge(struct sluice_backend_opts *opts,
			       const struct sluice_backend_cfg *cfg)
{
	if (cfg->has_weight)
		opts->weight = cfg->weight;
	if (cfg->has_state)
		opts->state = cfg->state;
	if (cfg->has_local)
		opts->local = cfg->local;
}

static struct sluice_backend *backend_alloc(struct sluice_service_table *table,
					    struct sluice_service *service,
					    const struct sluice_l4addr *addr)
{
	struct sluice_backend *backend;

	backend = kmem_cache_zalloc(backend_cache, GFP_KERNEL);
	if (!backend)
		return NULL;

	backend->service = service;
	backend->addr = *addr;
	backend->id = table->next_backend_id++;
	refcount_set(&backend->refs, 1);
	return backend;
}

/**
 * sluice_backend_link() - make a backend
 * @table: table; the caller holds the configuration lock
 * @service: its service
 * @addr: address, port and protocol, which are new there
 *
 * It is not yet in a picker. Process context, may sleep.
 *
 * Return: the backend, or an error pointer.
 */
struct sluice_backend *
sluice_backend_link(struct sluice_service_table *table,
		    struct sluice_service *service,
		    const struct sluice_l4addr *addr)
{
	struct sluice_backend *backend;
	int err = -ENOMEM;

	sluice_service_table_assert_locked(table);
	backend = backend_alloc(table, service, addr);
	if (!backend)
		return ERR_PTR(-ENOMEM);

	backend->endpoint = endpoint_get(table, addr);
	if (IS_ERR(backend->endpoint)) {
		err = PTR_ERR(backend->endpoint);
		goto free_backend;
	}
	err = rhashtable_insert_fast(&table->backends, &backend->node,
				     backend_params);
	if (err)
		goto put_endpoint;

	refcount_inc(&service->refs);
	list_add_tail(&backend->list, &service->backends);
	table->backend_count++;
	return backend;

put_endpoint:
	endpoint_put(table, backend->endpoint);
free_backend:
	kmem_cache_free(backend_cache, backend);
	return ERR_PTR(err);
}

/**
 * sluice_backend_unlink() - forget a backend
 * @table: table; the caller holds the configuration lock
 * @backend: backend that packets of new revisions do not see
 *
 * Readers of the old picker may still choose it for a grace period.
 */
void sluice_backend_unlink(struct sluice_service_table *table,
			   struct sluice_backend *backend)
{
	sluice_service_table_assert_locked(table);
	rhashtable_remove_fast(&table->backends, &backend->node,
			       backend_params);
	list_del(&backend->list);
	endpoint_put(table, backend->endpoint);
	table->backend_count--;
	call_rcu(&backend->rcu, put_rcu);
}
