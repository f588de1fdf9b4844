// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration of a namespace as sorted lists.
 */
#include <string.h>

#include "cli.h"
#include "config.h"
#include "key.h"
#include "name.h"
#include "rule.h"

/**
 * config_add_service - append a service
 * @config: the configuration; has to be sorted again
 *
 * Return: the service, all zeroes.
 */
struct sluice_service *config_add_service(struct config *config)
{
	return list_add(&config->services, sizeof(struct sluice_service));
}

static void copy_prefixes(struct sluice_prefixes *to,
			  const struct sluice_prefixes *from)
{
	if (sluice_prefixes_copy(to, from))
		out_of_memory();
}

/**
 * config_copy_service - append a service of a message
 * @config: the configuration; has to be sorted again
 * @service: the service
 */
void config_copy_service(struct config *config,
			 const struct sluice_service *service)
{
	struct sluice_service *copy = config_add_service(config);

	*copy = *service;
	copy_prefixes(&copy->allow, &service->allow);
	copy_prefixes(&copy->deny, &service->deny);
}

/**
 * config_copy_settings - have the settings of a message
 * @config: the configuration, without any
 * @settings: the settings
 */
void config_copy_settings(struct config *config,
			  const struct sluice_settings *settings)
{
	config->settings = *settings;
	copy_prefixes(&config->settings.node_port_addresses,
		      &settings->node_port_addresses);
	copy_prefixes(&config->settings.pod_prefixes, &settings->pod_prefixes);
}

/**
 * config_add_backend - append a backend
 * @config: the configuration; has to be sorted again
 *
 * Return: the backend, all zeroes.
 */
struct config_backend *config_add_backend(struct config *config)
{
	return list_add(&config->backends, sizeof(struct config_backend));
}

/**
 * config_copy_identity - append an identity of a message
 * @config: the configuration; has to be sorted again
 * @identity: the identity
 */
void config_copy_identity(struct config *config,
			  const struct sluice_identity *identity)
{
	struct sluice_identity *copy = list_add(&config->identities,
						sizeof(*copy));

	*copy = *identity;
	copy_prefixes(&copy->except, &identity->except);
}

/**
 * config_copy_device - append a device of a message
 * @config: the configuration; has to be sorted again
 * @device: the device
 */
void config_copy_device(struct config *config,
			const struct sluice_device *device)
{
	struct sluice_device *copy = list_add(&config->devices, sizeof(*copy));

	*copy = *device;
	copy_prefixes(&copy->addresses, &device->addresses);
}

static int service_order(const void *a, const void *b)
{
	return service_compare(a, b);
}

static int backend_order(const void *a, const void *b)
{
	const struct config_backend *one = a;
	const struct config_backend *other = b;
	int order = service_compare(&one->of, &other->of);

	return order ? order : backend_compare(&one->backend, &other->backend);
}

static int identity_order(const void *a, const void *b)
{
	return identity_compare(a, b);
}

static int rule_order(const void *a, const void *b)
{
	return rule_compare(a, b);
}

static int subject_order(const void *a, const void *b)
{
	return subject_compare(a, b);
}

static int device_order(const void *a, const void *b)
{
	return device_compare(a, b);
}

/**
 * config_sort - sort the lists
 * @config: the configuration
 */
void config_sort(struct config *config)
{
	list_sort(&config->services, service_order);
	list_sort(&config->backends, backend_order);
	list_sort(&config->identities, identity_order);
	list_sort(&config->rules, rule_order);
	list_sort(&config->subjects, subject_order);
	list_sort(&config->devices, device_order);
}

/**
 * config_clear - forget all but the settings
 * @config: the configuration
 */
void config_clear(struct config *config)
{
	size_t i;

	for (i = 0; i < config->services.count; i++)
		service_free(list_at(&config->services, i));
	for (i = 0; i < config->identities.count; i++)
		identity_free(list_at(&config->identities, i));
	for (i = 0; i < config->devices.count; i++)
		device_free(list_at(&config->devices, i));
	list_free(&config->services);
	list_free(&config->backends);
	list_free(&config->identities);
	list_free(&config->rules);
	list_free(&config->subjects);
	list_free(&config->devices);
}

/**
 * config_free - free what a configuration holds
 * @config: the configuration, empty afterwards
 */
void config_free(struct config *config)
{
	config_clear(config);
	settings_free(&config->settings);
	memset(config, 0, sizeof(*config));
}

/**
 * config_find_service - find a service
 * @config: a sorted configuration
 * @key: the service's key
 *
 * Return: the service or NULL.
 */
struct sluice_service *config_find_service(const struct config *config,
					   const struct sluice_service *key)
{
	return list_find(&config->services, key, service_order);
}

/**
 * config_find_backend - find a backend of a service
 * @config: a sorted configuration
 * @key: the keys of both
 *
 * Return: the backend or NULL.
 */
struct config_backend *config_find_backend(const struct config *config,
					   const struct config_backend *key)
{
	return list_find(&config->backends, key, backend_order);
}
