// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A namespace in memory behind the library's interface. It keeps the rules
 * that matter to the order of changes: flags mean what they mean, a backend
 * needs its service, and a service takes its backends along.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_kernel.h"
#include "key.h"

struct fake_kernel fake_kernel;

void fake_kernel_reset(void)
{
	config_free(&fake_kernel.state);
	memset(&fake_kernel, 0, sizeof(fake_kernel));
}

void config_copy(struct config *to, const struct config *from)
{
	size_t i;

	config_free(to);
	for (i = 0; i < from->service_count; i++)
		*config_add_service(to) = from->services[i];
	for (i = 0; i < from->backend_count; i++)
		*config_add_backend(to) = from->backends[i];
	to->settings = from->settings;
}

static int refuse(struct sluice_error *err, int code, const char *text)
{
	sluice_error_set(err, code, "%s", text);
	return code;
}

static int count_write(struct sluice_error *err)
{
	if (++fake_kernel.writes == fake_kernel.fail_at)
		return refuse(err, -ENOMEM, "the fake is told to refuse this");
	return 0;
}

static int check_flags(bool exists, unsigned int flags,
		       struct sluice_error *err)
{
	if (exists && !(flags & NLM_F_REPLACE))
		return refuse(err, -EEXIST, "exists");
	if (!exists && !(flags & NLM_F_CREATE))
		return refuse(err, -ENOENT, "does not exist");
	return 0;
}

static struct config_service *find_service(const struct sluice_service *key)
{
	return (struct config_service *)
		config_find_service(&fake_kernel.state, key);
}

static struct config_backend *find_backend(const struct sluice_service *of,
					   const struct sluice_backend *key)
{
	size_t i;

	for (i = 0; i < fake_kernel.state.backend_count; i++) {
		struct config_backend *entry = &fake_kernel.state.backends[i];

		if (!service_compare(&entry->of, of) &&
		    !backend_compare(&entry->backend, key))
			return entry;
	}
	return NULL;
}

/* Deletes by moving the last one here; the caller sorts. */
static void forget_backend(struct config_backend *entry)
{
	struct config *state = &fake_kernel.state;

	*entry = state->backends[--state->backend_count];
}

int sluice_open(struct sluice_sock **sock, struct sluice_error *err)
{
	(void)err;
	*sock = NULL;
	return 0;
}

void sluice_close(struct sluice_sock *sock)
{
	(void)sock;
}

int sluice_service_new(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       unsigned int flags, struct sluice_error *err)
{
	struct config_service *entry = find_service(service);
	int ret = count_write(err);

	(void)sock;
	if (!ret)
		ret = check_flags(entry, flags, err);
	if (ret)
		return ret;
	if (!entry)
		entry = config_add_service(&fake_kernel.state);
	entry->service = *service;
	config_sort(&fake_kernel.state);
	return 0;
}

int sluice_service_del(struct sluice_sock *sock,
		       const struct sluice_service *key,
		       struct sluice_error *err)
{
	struct config_service *entry = find_service(key);
	struct config *state = &fake_kernel.state;
	int ret = count_write(err);
	size_t i;

	(void)sock;
	if (ret)
		return ret;
	if (!entry)
		return refuse(err, -ENOENT, "no such service");
	for (i = state->backend_count; i--; )
		if (!service_compare(&state->backends[i].of, key))
			forget_backend(&state->backends[i]);
	*entry = state->services[--state->service_count];
	config_sort(state);
	return 0;
}

int sluice_service_dump(struct sluice_sock *sock, sluice_msg_fn fn, void *arg,
			struct sluice_error *err)
{
	struct sluice_msg msg = { 0 };
	size_t i;

	(void)sock;
	(void)err;
	for (i = 0; i < fake_kernel.state.service_count; i++) {
		msg.service = fake_kernel.state.services[i].service;
		fn(&msg, arg);
	}
	return 0;
}

int sluice_backend_new(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       const struct sluice_backend *backend,
		       unsigned int flags, struct sluice_error *err)
{
	struct config_backend *entry = find_backend(service, backend);
	int ret = count_write(err);

	(void)sock;
	if (!ret && !find_service(service))
		ret = refuse(err, -ENOENT, "no such service");
	if (!ret && backend->weight > 65535)
		ret = refuse(err, -ERANGE, "weight is too great");
	if (!ret)
		ret = check_flags(entry, flags, err);
	if (ret)
		return ret;
	if (!entry)
		entry = config_add_backend(&fake_kernel.state);
	entry->of = *service;
	entry->backend = *backend;
	config_sort(&fake_kernel.state);
	return 0;
}

int sluice_backend_del(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       const struct sluice_backend *key,
		       struct sluice_error *err)
{
	struct config_backend *entry = find_backend(service, key);
	int ret = count_write(err);

	(void)sock;
	if (ret)
		return ret;
	if (!entry)
		return refuse(err, -ENOENT, "no such backend");
	forget_backend(entry);
	config_sort(&fake_kernel.state);
	return 0;
}

int sluice_backend_dump(struct sluice_sock *sock,
			const struct sluice_service *service,
			sluice_msg_fn fn, void *arg, struct sluice_error *err)
{
	struct sluice_msg msg = { 0 };
	size_t i;

	(void)sock;
	(void)service;
	(void)err;
	for (i = 0; i < fake_kernel.state.backend_count; i++) {
		msg.service = fake_kernel.state.backends[i].of;
		msg.backend = fake_kernel.state.backends[i].backend;
		fn(&msg, arg);
	}
	return 0;
}

int sluice_settings_get(struct sluice_sock *sock,
			struct sluice_settings *settings,
			struct sluice_error *err)
{
	(void)sock;
	(void)err;
	*settings = fake_kernel.state.settings;
	return 0;
}

int sluice_settings_set(struct sluice_sock *sock,
			const struct sluice_settings *settings,
			struct sluice_error *err)
{
	struct sluice_settings *now = &fake_kernel.state.settings;
	int ret = count_write(err);
	unsigned int type;

	(void)sock;
	if (ret)
		return ret;
	for (type = 1; type <= sluice_settings_attrs.max; type++) {
		const struct sluice_attr *attr;

		attr = &sluice_settings_attrs.attr[type];
		if (settings->has & SLUICE_HAS(type))
			sluice_attr_set_number(attr, now,
					       sluice_attr_number(attr,
								  settings));
	}
	now->has |= settings->has;
	return 0;
}

int sluice_stats_get(struct sluice_sock *sock, struct sluice_stats *stats,
		     struct sluice_error *err)
{
	(void)sock;
	(void)err;
	memset(stats, 0, sizeof(*stats));
	stats->revision = fake_kernel.writes;
	if (!fake_kernel.reads_changed)
		return 0;
	fake_kernel.reads_changed--;
	stats->revision = UINT64_MAX - fake_kernel.reads_changed;
	return 0;
}

/* What neither save nor restore uses; here so that it is not linked twice. */

int sluice_service_get(struct sluice_sock *sock,
		       const struct sluice_service *key,
		       struct sluice_service *service,
		       struct sluice_error *err)
{
	(void)sock;
	(void)key;
	(void)service;
	return refuse(err, -EOPNOTSUPP, "not in the fake");
}

int sluice_service_flush(struct sluice_sock *sock, struct sluice_error *err)
{
	(void)sock;
	return refuse(err, -EOPNOTSUPP, "not in the fake");
}

int sluice_backend_get(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       const struct sluice_backend *key,
		       struct sluice_backend *backend,
		       struct sluice_error *err)
{
	(void)sock;
	(void)service;
	(void)key;
	(void)backend;
	return refuse(err, -EOPNOTSUPP, "not in the fake");
}

int sluice_backend_flush(struct sluice_sock *sock,
			 const struct sluice_service *service,
			 struct sluice_error *err)
{
	(void)sock;
	(void)service;
	return refuse(err, -EOPNOTSUPP, "not in the fake");
}

int sluice_flow_get(struct sluice_sock *sock, const struct sluice_flow *key,
		    struct sluice_flow *flow, struct sluice_error *err)
{
	(void)sock;
	(void)key;
	(void)flow;
	return refuse(err, -EOPNOTSUPP, "not in the fake");
}

int sluice_flow_del(struct sluice_sock *sock, const struct sluice_flow *key,
		    struct sluice_error *err)
{
	(void)sock;
	(void)key;
	return refuse(err, -EOPNOTSUPP, "not in the fake");
}

int sluice_flow_dump(struct sluice_sock *sock,
		     const struct sluice_service *service,
		     sluice_msg_fn fn, void *arg, struct sluice_error *err)
{
	(void)sock;
	(void)service;
	(void)fn;
	(void)arg;
	return refuse(err, -EOPNOTSUPP, "not in the fake");
}

int sluice_flow_flush(struct sluice_sock *sock,
		      const struct sluice_service *service,
		      struct sluice_error *err)
{
	(void)sock;
	(void)service;
	return refuse(err, -EOPNOTSUPP, "not in the fake");
}
