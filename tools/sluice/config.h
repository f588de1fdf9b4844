/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration of a namespace as sorted lists.
 */
#ifndef SLUICE_CONFIG_H
#define SLUICE_CONFIG_H

#include "libsluice.h"
#include "list.h"

struct config_backend {
	struct sluice_service of;
	struct sluice_backend backend;
};

/**
 * struct config - lists sorted by key, and settings
 * @services: struct sluice_service
 * @backends: struct config_backend, sorted by service first
 * @identities: struct sluice_identity
 * @rules: struct sluice_rule
 * @subjects: struct sluice_subject, which are not treated as by default
 * @devices: struct sluice_device
 * @settings: those that are known
 */
struct config {
	struct list services;
	struct list backends;
	struct list identities;
	struct list rules;
	struct list subjects;
	struct list devices;
	struct sluice_settings settings;
};

struct sluice_service *config_add_service(struct config *config);
struct config_backend *config_add_backend(struct config *config);
void config_copy_service(struct config *config,
			 const struct sluice_service *service);
void config_copy_settings(struct config *config,
			  const struct sluice_settings *settings);
void config_copy_identity(struct config *config,
			  const struct sluice_identity *identity);
void config_copy_device(struct config *config,
			const struct sluice_device *device);
void config_sort(struct config *config);
void config_clear(struct config *config);
void config_free(struct config *config);

struct sluice_service *config_find_service(const struct config *config,
					   const struct sluice_service *key);
struct config_backend *config_find_backend(const struct config *config,
					   const struct config_backend *key);

int config_read_objects(struct sluice_sock *sock, struct config *config,
			struct sluice_error *err);
int config_read_backends(struct sluice_sock *sock,
			 const struct sluice_service *service,
			 struct config *config, struct sluice_error *err);
int config_read_identities(struct sluice_sock *sock,
			   const struct sluice_prefix *prefix,
			   struct config *config, struct sluice_error *err);
int config_read_devices(struct sluice_sock *sock,
			const struct sluice_device *key,
			struct config *config, struct sluice_error *err);
int config_read_policy(struct sluice_sock *sock, const uint32_t *subject,
		       struct config *config, struct sluice_error *err);
int config_read(struct sluice_sock *sock, struct config *config,
		struct sluice_error *err);

#endif /* SLUICE_CONFIG_H */
