// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The services that name a health port: a tree, of which a port's services are
 * picked when somebody asks.
 */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "key.h"
#include "table.h"

static void *check_memory(void *memory)
{
	if (!memory) {
		fputs("sluice-healthd: out of memory\n", stderr);
		exit(1);
	}
	return memory;
}

/**
 * table_new - make a table; ends the program without memory
 *
 * Return: the table, empty.
 */
struct table *table_new(void)
{
	struct table *table = check_memory(calloc(1, sizeof(*table)));

	table->ports_changed = true;
	return table;
}

static void free_service(void *entry)
{
	struct health_service *service = entry;

	free(service->endpoints);
	free(service);
}

/**
 * table_free - free a table
 * @table: the table; may be NULL
 */
void table_free(struct table *table)
{
	if (table)
		tdestroy(table->services, free_service);
	free(table);
}

static int compare(const void *a, const void *b)
{
	const struct health_service *one = a;
	const struct health_service *other = b;

	return service_compare(&one->key, &other->key);
}

static struct health_service *find(const struct table *table,
				   const struct sluice_service *key)
{
	struct health_service wanted = { .key = *key };
	struct health_service **node;

	node = tfind(&wanted, &table->services, compare);
	return node ? *node : NULL;
}

static struct health_service *add(struct table *table,
				  const struct sluice_service *service)
{
	struct health_service *new = check_memory(calloc(1, sizeof(*new)));

	new->key.has = SLUICE_SERVICE_KEY;
	new->key.addr = service->addr;
	new->key.port = service->port;
	new->key.proto = service->proto;
	check_memory(tsearch(new, &table->services, compare));
	return new;
}

/* 0 stands for none. */
static void set_port(struct table *table, struct health_service *service,
		     uint16_t port)
{
	if (service->port && !--table->users[service->port])
		table->ports_changed = true;
	if (port && !table->users[port]++)
		table->ports_changed = true;
	service->port = port;
}

/**
 * table_del_service - note that a service is gone, or names no port
 * @table: the table
 * @key: the service
 */
void table_del_service(struct table *table, const struct sluice_service *key)
{
	struct health_service *service = find(table, key);

	if (!service)
		return;
	set_port(table, service, 0);
	tdelete(service, &table->services, compare);
	free_service(service);
}

/**
 * table_set_service - note a service
 * @table: the table
 * @service: the service
 * @created: it has no backends yet
 *
 * Return: whether its backends have to be asked for.
 */
bool table_set_service(struct table *table,
		       const struct sluice_service *service, bool created)
{
	struct health_service *known;

	if (!service->health_port) {
		table_del_service(table, service);
		return false;
	}
	if (created)
		table_del_service(table, service);
	known = find(table, service);
	if (known) {
		set_port(table, known, service->health_port);
		return false;
	}
	set_port(table, add(table, service), service->health_port);
	return !created;
}

static struct endpoint *find_endpoint(const struct health_service *service,
				      const struct sluice_backend *backend)
{
	size_t i;

	for (i = 0; i < service->count; i++) {
		struct endpoint *endpoint = &service->endpoints[i];

		if (endpoint->port == backend->port &&
		    !addr_compare(&endpoint->addr, &backend->addr))
			return endpoint;
	}
	return NULL;
}

static void add_endpoint(struct health_service *service,
			 const struct sluice_backend *backend)
{
	if (service->count == service->room) {
		service->room = 2 * service->room + 4;
		service->endpoints = check_memory(
			reallocarray(service->endpoints, service->room,
				     sizeof(*service->endpoints)));
	}
	service->endpoints[service->count++] = (struct endpoint){
		.addr = backend->addr, .port = backend->port,
	};
}

/**
 * table_del_backend - note that a backend is gone, or no endpoint any more
 * @table: the table
 * @key: its service
 * @backend: the backend
 */
void table_del_backend(struct table *table, const struct sluice_service *key,
		       const struct sluice_backend *backend)
{
	struct health_service *service = find(table, key);
	struct endpoint *endpoint;

	endpoint = service ? find_endpoint(service, backend) : NULL;
	if (endpoint)
		*endpoint = service->endpoints[--service->count];
}

/* What Kubernetes calls a ready endpoint of this node */
static bool is_ready(const struct sluice_backend *backend)
{
	return backend->local && backend->weight &&
	       backend->state == SLUICE_BACKEND_STATE_ACTIVE;
}

/**
 * table_set_backend - note a backend
 * @table: the table
 * @key: its service
 * @backend: the backend
 */
void table_set_backend(struct table *table, const struct sluice_service *key,
		       const struct sluice_backend *backend)
{
	struct health_service *service;

	if (!is_ready(backend)) {
		table_del_backend(table, key, backend);
		return;
	}
	service = find(table, key);
	if (service && !find_endpoint(service, backend))
		add_endpoint(service, backend);
}

struct pick {
	uint16_t port;
	table_fn fn;
	void *arg;
};

static void pick(const void *node, VISIT visit, void *arg)
{
	const struct health_service *service =
		*(struct health_service * const *)node;
	const struct pick *how = arg;

	if ((visit == postorder || visit == leaf) &&
	    service->port == how->port)
		how->fn(service, how->arg);
}

/**
 * table_each - go through the services that name a port, sorted by key
 * @table: the table
 * @port: the port
 * @fn: called for each
 * @arg: passed to @fn
 */
void table_each(const struct table *table, uint16_t port, table_fn fn,
		void *arg)
{
	struct pick how = { port, fn, arg };

	twalk_r(table->services, pick, &how);
}

struct addresses {
	const struct sluice_addr **list;
	size_t count;
};

static void count_endpoints(const struct health_service *service, void *arg)
{
	*(size_t *)arg += service->count;
}

static void take_addresses(const struct health_service *service, void *arg)
{
	struct addresses *addresses = arg;
	size_t i;

	for (i = 0; i < service->count; i++)
		addresses->list[addresses->count++] =
			&service->endpoints[i].addr;
}

static int compare_addresses(const void *a, const void *b)
{
	return addr_compare(*(struct sluice_addr * const *)a,
			    *(struct sluice_addr * const *)b);
}

/**
 * table_local_endpoints - how many endpoints a port stands for
 * @table: the table
 * @port: the port
 *
 * Return: the number of addresses; one that several services have counts once.
 */
size_t table_local_endpoints(const struct table *table, uint16_t port)
{
	struct addresses addresses = { NULL, 0 };
	size_t i, count = 0;

	table_each(table, port, count_endpoints, &count);
	if (!count)
		return 0;
	addresses.list = check_memory(calloc(count, sizeof(*addresses.list)));
	table_each(table, port, take_addresses, &addresses);
	qsort(addresses.list, count, sizeof(*addresses.list),
	      compare_addresses);
	count = 1;
	for (i = 1; i < addresses.count; i++)
		count += !!compare_addresses(&addresses.list[i - 1],
					     &addresses.list[i]);
	free(addresses.list);
	return count;
}
