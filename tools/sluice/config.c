// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration of a namespace as sorted lists, read from the kernel.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "config.h"
#include "key.h"

/* How often services and backends that do not fit together are read. */
#define READ_TRIES	10

/**
 * out_of_memory - end the program, saying why
 */
void out_of_memory(void)
{
	fputs("sluice: out of memory\n", stderr);
	exit(1);
}

/**
 * grow - make room for one more element; ends the program without memory
 * @list: the list
 * @count: elements in it
 * @room: elements it has room for
 * @size: of one
 *
 * Return: the list, maybe elsewhere.
 */
void *grow(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	*room = 2 * *room + 16;
	list = reallocarray(list, *room, size);
	if (!list)
		out_of_memory();
	return list;
}

/**
 * config_add_service - append a service
 * @config: the configuration; has to be sorted again
 *
 * Return: the service, all zeroes.
 */
struct config_service *config_add_service(struct config *config)
{
	struct config_service *entry;

	config->services = grow(config->services, config->service_count,
				&config->service_room,
				sizeof(*config->services));
	entry = &config->services[config->service_count++];
	memset(entry, 0, sizeof(*entry));
	return entry;
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
	struct config_service *entry = config_add_service(config);

	entry->service = *service;
	copy_prefixes(&entry->service.allow, &service->allow);
	copy_prefixes(&entry->service.deny, &service->deny);
}

/**
 * config_add_backend - append a backend
 * @config: the configuration; has to be sorted again
 *
 * Return: the backend, all zeroes.
 */
struct config_backend *config_add_backend(struct config *config)
{
	struct config_backend *entry;

	config->backends = grow(config->backends, config->backend_count,
				&config->backend_room,
				sizeof(*config->backends));
	entry = &config->backends[config->backend_count++];
	memset(entry, 0, sizeof(*entry));
	return entry;
}

/**
 * config_service_compare - order of two struct config_service, for qsort()
 * @a: a service
 * @b: another
 *
 * Return: as of strcmp().
 */
int config_service_compare(const void *a, const void *b)
{
	const struct config_service *one = a;
	const struct config_service *other = b;

	return service_compare(&one->service, &other->service);
}

/**
 * config_backend_compare - order of two struct config_backend, for qsort()
 * @a: a backend
 * @b: another
 *
 * Return: as of strcmp().
 */
int config_backend_compare(const void *a, const void *b)
{
	const struct config_backend *one = a;
	const struct config_backend *other = b;
	int order = service_compare(&one->of, &other->of);

	return order ? order : backend_compare(&one->backend, &other->backend);
}

/**
 * config_sort - sort the lists
 * @config: the configuration
 */
void config_sort(struct config *config)
{
	if (config->service_count)
		qsort(config->services, config->service_count,
		      sizeof(*config->services), config_service_compare);
	if (config->backend_count)
		qsort(config->backends, config->backend_count,
		      sizeof(*config->backends), config_backend_compare);
}

/* Forget services and backends. */
static void config_clear(struct config *config)
{
	size_t i;

	for (i = 0; i < config->service_count; i++)
		service_free(&config->services[i].service);
	config->service_count = 0;
	config->backend_count = 0;
}

/**
 * config_free - free the lists
 * @config: the configuration, empty afterwards
 */
void config_free(struct config *config)
{
	config_clear(config);
	settings_free(&config->settings);
	free(config->services);
	free(config->backends);
	memset(config, 0, sizeof(*config));
}

/**
 * config_find_service - find a service
 * @config: a sorted configuration
 * @key: the service's key
 *
 * Return: the service or NULL.
 */
const struct config_service *
config_find_service(const struct config *config,
		    const struct sluice_service *key)
{
	struct config_service wanted = { .service = *key };

	if (!config->service_count)
		return NULL;
	return bsearch(&wanted, config->services, config->service_count,
		       sizeof(wanted), config_service_compare);
}

/**
 * config_find_backend - find a backend of a service
 * @config: a sorted configuration
 * @key: the keys of both
 *
 * Return: the backend or NULL.
 */
const struct config_backend *
config_find_backend(const struct config *config,
		    const struct config_backend *key)
{
	if (!config->backend_count)
		return NULL;
	return bsearch(key, config->backends, config->backend_count,
		       sizeof(*key), config_backend_compare);
}

static int take_service(const struct sluice_msg *msg, void *arg)
{
	config_copy_service(arg, &msg->service);
	return 0;
}

static int take_backend(const struct sluice_msg *msg, void *arg)
{
	struct config_backend *entry = config_add_backend(arg);

	entry->of = msg->service;
	entry->backend = msg->backend;
	return 0;
}

/**
 * config_read_backends - read the backends of one service or all
 * @sock: the socket
 * @service: the service; NULL for all
 * @config: gets them, sorted
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int config_read_backends(struct sluice_sock *sock,
			 const struct sluice_service *service,
			 struct config *config, struct sluice_error *err)
{
	int ret = sluice_backend_dump(sock, service, take_backend, config,
				      err);

	config_sort(config);
	return ret;
}

static int read_once(struct sluice_sock *sock, struct config *config,
		     struct sluice_error *err)
{
	int ret;

	config_clear(config);
	ret = sluice_service_dump(sock, take_service, config, err);
	if (ret)
		return ret;
	return config_read_backends(sock, NULL, config, err);
}

static int read_revision(struct sluice_sock *sock, uint64_t *revision,
			 struct sluice_error *err)
{
	struct sluice_stats stats;
	int ret = sluice_stats_get(sock, &stats, err);

	if (!ret)
		*revision = stats.revision;
	return ret;
}

/**
 * config_read_objects - read services and backends
 * @sock: the socket
 * @config: gets them, sorted
 * @err: says why it failed
 *
 * Two dumps make one picture only if nothing changed between them, so they
 * are repeated if the revision rose.
 *
 * Return: 0 or -errno.
 */
int config_read_objects(struct sluice_sock *sock, struct config *config,
			struct sluice_error *err)
{
	uint64_t before, after;
	unsigned int tries;
	int ret;

	ret = read_revision(sock, &before, err);
	for (tries = 0; !ret && tries < READ_TRIES; tries++) {
		ret = read_once(sock, config, err);
		if (!ret)
			ret = read_revision(sock, &after, err);
		if (!ret && before == after)
			return 0;
		before = after;
	}
	if (ret)
		return ret;
	sluice_error_set(err, -EAGAIN,
			 "the configuration kept changing while it was read");
	return -EAGAIN;
}

/**
 * config_read - read all that can be configured
 * @sock: the socket
 * @config: gets it
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int config_read(struct sluice_sock *sock, struct config *config,
		struct sluice_error *err)
{
	struct sluice_settings settings;
	int ret = sluice_settings_get(sock, &settings, err);

	if (ret)
		return ret;
	config->settings = settings;
	copy_prefixes(&config->settings.node_port_addresses,
		      &settings.node_port_addresses);
	copy_prefixes(&config->settings.pod_prefixes, &settings.pod_prefixes);
	return config_read_objects(sock, config, err);
}
