/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The services that name a health port, and their local endpoints.
 */
#ifndef HEALTHD_TABLE_H
#define HEALTHD_TABLE_H

#include "libsluice.h"

/**
 * struct endpoint - a backend on this node that takes new flows
 * @addr: its address
 * @port: its port
 */
struct endpoint {
	struct sluice_addr addr;
	uint16_t port;
};

/**
 * struct health_service - a service that names a health port
 * @key: its key alone
 * @port: the health port, never 0
 * @endpoints: in any order
 * @count: of @endpoints
 * @room: for so many
 */
struct health_service {
	struct sluice_service key;
	uint16_t port;
	struct endpoint *endpoints;
	size_t count;
	size_t room;
};

/**
 * struct table - all of them
 * @services: a tree, sorted by key
 * @users: services that name a port
 * @ports_changed: a port was named first or is not named any more; whoever
 *	looks after ports clears it
 */
struct table {
	void *services;
	uint32_t users[UINT16_MAX + 1];
	bool ports_changed;
};

typedef void (*table_fn)(const struct health_service *service, void *arg);

struct table *table_new(void);
void table_free(struct table *table);

bool table_set_service(struct table *table,
		       const struct sluice_service *service, bool created);
void table_del_service(struct table *table, const struct sluice_service *key);
void table_set_backend(struct table *table, const struct sluice_service *key,
		       const struct sluice_backend *backend);
void table_del_backend(struct table *table, const struct sluice_service *key,
		       const struct sluice_backend *backend);

void table_each(const struct table *table, uint16_t port, table_fn fn,
		void *arg);
size_t table_local_endpoints(const struct table *table, uint16_t port);

#endif /* HEALTHD_TABLE_H */
