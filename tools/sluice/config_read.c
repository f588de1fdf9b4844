// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration of a namespace, read from the kernel.
 */
#include <errno.h>

#include "cli.h"
#include "config.h"

/* How often dumps that do not fit together are read. */
#define READ_TRIES	10

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

static int take_identity(const struct sluice_msg *msg, void *arg)
{
	config_copy_identity(arg, &msg->identity);
	return 0;
}

/**
 * config_read_identities - read the identities of one prefix or of all
 * @sock: the socket
 * @prefix: the prefix; NULL for all
 * @config: gets them, sorted
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int config_read_identities(struct sluice_sock *sock,
			   const struct sluice_prefix *prefix,
			   struct config *config, struct sluice_error *err)
{
	int ret = sluice_identity_dump(sock, prefix, take_identity, config,
				       err);

	config_sort(config);
	return ret;
}

static int take_device(const struct sluice_msg *msg, void *arg)
{
	config_copy_device(arg, &msg->device);
	return 0;
}

/**
 * config_read_devices - read one device that is bound to addresses, or all
 * @sock: the socket
 * @key: its name; NULL for all
 * @config: gets them, sorted
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int config_read_devices(struct sluice_sock *sock,
			const struct sluice_device *key,
			struct config *config, struct sluice_error *err)
{
	int ret = sluice_device_dump(sock, key, take_device, config, err);

	config_sort(config);
	return ret;
}

static int take_rule(const struct sluice_msg *msg, void *arg)
{
	struct config *config = arg;
	struct sluice_rule *rule = list_add(&config->rules, sizeof(*rule));

	*rule = msg->rule;
	return 0;
}

static int take_subject(const struct sluice_msg *msg, void *arg)
{
	struct sluice_subject *subject;
	struct config *config = arg;

	subject = list_add(&config->subjects, sizeof(*subject));
	*subject = msg->subject;
	return 0;
}

/* What one reading takes, of one subject of the policy if one is given. */
typedef int (*dump_fn)(struct sluice_sock *sock, const uint32_t *subject,
		       struct config *config, struct sluice_error *err);

static int read_objects(struct sluice_sock *sock, const uint32_t *subject,
			struct config *config, struct sluice_error *err)
{
	int ret = sluice_service_dump(sock, take_service, config, err);

	(void)subject;
	if (ret)
		return ret;
	return config_read_backends(sock, NULL, config, err);
}

static int read_policy(struct sluice_sock *sock, const uint32_t *subject,
		       struct config *config, struct sluice_error *err)
{
	int ret = sluice_subject_dump(sock, subject, take_subject, config,
				      err);

	if (!ret)
		ret = sluice_rule_dump(sock, subject, take_rule, config, err);
	config_sort(config);
	return ret;
}

/* In place of those of the reading before */
static int read_settings(struct sluice_sock *sock, struct config *config,
			 struct sluice_error *err)
{
	struct sluice_settings settings;
	int ret = sluice_settings_get(sock, &settings, err);

	if (ret)
		return ret;
	settings_free(&config->settings);
	config_copy_settings(config, &settings);
	return 0;
}

static int read_all(struct sluice_sock *sock, const uint32_t *subject,
		    struct config *config, struct sluice_error *err)
{
	int ret = read_settings(sock, config, err);

	if (!ret)
		ret = config_read_identities(sock, NULL, config, err);
	if (!ret)
		ret = read_policy(sock, subject, config, err);
	if (!ret)
		ret = config_read_devices(sock, NULL, config, err);
	return ret ? ret : read_objects(sock, subject, config, err);
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

/*
 * Several dumps make one picture only if nothing changed between them, so they
 * are repeated if the revision rose.
 */
static int read_consistent(struct sluice_sock *sock, dump_fn dump,
			   const uint32_t *subject, struct config *config,
			   struct sluice_error *err)
{
	uint64_t before, after;
	unsigned int tries;
	int ret;

	ret = read_revision(sock, &before, err);
	for (tries = 0; !ret && tries < READ_TRIES; tries++) {
		config_clear(config);
		ret = dump(sock, subject, config, err);
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
 * config_read_objects - read services and backends
 * @sock: the socket
 * @config: gets them, sorted
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int config_read_objects(struct sluice_sock *sock, struct config *config,
			struct sluice_error *err)
{
	return read_consistent(sock, read_objects, NULL, config, err);
}

/**
 * config_read_policy - read rules and subjects
 * @sock: the socket
 * @subject: the one whose rules are wanted; NULL for all
 * @config: gets them, sorted
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int config_read_policy(struct sluice_sock *sock, const uint32_t *subject,
		       struct config *config, struct sluice_error *err)
{
	return read_consistent(sock, read_policy, subject, config, err);
}

/**
 * config_read - read all that can be configured
 * @sock: the socket
 * @config: gets it, sorted
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int config_read(struct sluice_sock *sock, struct config *config,
		struct sluice_error *err)
{
	return read_consistent(sock, read_all, NULL, config, err);
}
