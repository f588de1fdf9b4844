/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration of a namespace as sorted lists.
 */
#ifndef SLUICE_CONFIG_H
#define SLUICE_CONFIG_H

#include <stddef.h>

#include "libsluice.h"

struct config_service {
	struct sluice_service service;
};

struct config_backend {
	struct sluice_service of;
	struct sluice_backend backend;
};

/**
 * struct config - services and backends, sorted by key; settings
 * @services: the services
 * @service_count: how many
 * @service_room: how many there is room for
 * @backends: sorted by service first
 * @backend_count: how many
 * @backend_room: how many there is room for
 * @settings: those that are known
 */
struct config {
	struct config_service *services;
	size_t service_count;
	size_t service_room;
	struct config_backend *backends;
	size_t backend_count;
	size_t backend_room;
	struct sluice_settings settings;
};

void out_of_memory(void) __attribute__((noreturn));
void *grow(void *list, size_t count, size_t *room, size_t size);

struct config_service *config_add_service(struct config *config);
struct config_backend *config_add_backend(struct config *config);
void config_copy_service(struct config *config,
			 const struct sluice_service *service);
void config_sort(struct config *config);
void config_free(struct config *config);

int config_service_compare(const void *a, const void *b);
int config_backend_compare(const void *a, const void *b);
const struct config_service *
config_find_service(const struct config *config,
		    const struct sluice_service *key);
const struct config_backend *
config_find_backend(const struct config *config,
		    const struct config_backend *key);

int config_read_objects(struct sluice_sock *sock, struct config *config,
			struct sluice_error *err);
int config_read_backends(struct sluice_sock *sock,
			 const struct sluice_service *service,
			 struct config *config, struct sluice_error *err);
int config_read(struct sluice_sock *sock, struct config *config,
		struct sluice_error *err);

#endif /* SLUICE_CONFIG_H */
