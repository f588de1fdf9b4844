// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operations that no test of the fake kernel uses; here so that the library's
 * own are not linked beside the fake ones.
 */
#include <errno.h>

#include "libsluice.h"

static int refuse(struct sluice_error *err)
{
	sluice_error_set(err, -EOPNOTSUPP, "not in the fake");
	return -EOPNOTSUPP;
}

int sluice_service_new(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       unsigned int flags, struct sluice_error *err)
{
	(void)sock;
	(void)service;
	(void)flags;
	return refuse(err);
}

int sluice_service_del(struct sluice_sock *sock,
		       const struct sluice_service *key,
		       struct sluice_error *err)
{
	(void)sock;
	(void)key;
	return refuse(err);
}

int sluice_backend_new(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       const struct sluice_backend *backend,
		       unsigned int flags, struct sluice_error *err)
{
	(void)sock;
	(void)service;
	(void)backend;
	(void)flags;
	return refuse(err);
}

int sluice_backend_del(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       const struct sluice_backend *key,
		       struct sluice_error *err)
{
	(void)sock;
	(void)service;
	(void)key;
	return refuse(err);
}

int sluice_settings_set(struct sluice_sock *sock,
			const struct sluice_settings *settings,
			struct sluice_error *err)
{
	(void)sock;
	(void)settings;
	return refuse(err);
}

int sluice_service_flush(struct sluice_sock *sock, struct sluice_error *err)
{
	(void)sock;
	return refuse(err);
}

int sluice_backend_flush(struct sluice_sock *sock,
			 const struct sluice_service *service,
			 struct sluice_error *err)
{
	(void)sock;
	(void)service;
	return refuse(err);
}

int sluice_flow_get(struct sluice_sock *sock, const struct sluice_flow *key,
		    struct sluice_flow *flow, struct sluice_error *err)
{
	(void)sock;
	(void)key;
	(void)flow;
	return refuse(err);
}

int sluice_flow_del(struct sluice_sock *sock, const struct sluice_flow *key,
		    struct sluice_error *err)
{
	(void)sock;
	(void)key;
	return refuse(err);
}

int sluice_flow_dump(struct sluice_sock *sock,
		     const struct sluice_service *service,
		     sluice_msg_fn fn, void *arg, struct sluice_error *err)
{
	(void)sock;
	(void)service;
	(void)fn;
	(void)arg;
	return refuse(err);
}

int sluice_flow_flush(struct sluice_sock *sock,
		      const struct sluice_service *service,
		      struct sluice_error *err)
{
	(void)sock;
	(void)service;
	return refuse(err);
}

int sluice_identity_new(struct sluice_sock *sock,
			const struct sluice_identity *identity,
			unsigned int flags, struct sluice_error *err)
{
	(void)sock;
	(void)identity;
	(void)flags;
	return refuse(err);
}

int sluice_identity_del(struct sluice_sock *sock,
			const struct sluice_identity *key,
			struct sluice_error *err)
{
	(void)sock;
	(void)key;
	return refuse(err);
}

int sluice_identity_flush(struct sluice_sock *sock, struct sluice_error *err)
{
	(void)sock;
	return refuse(err);
}

int sluice_rule_new(struct sluice_sock *sock, const struct sluice_rule *rule,
		    unsigned int flags, struct sluice_error *err)
{
	(void)sock;
	(void)rule;
	(void)flags;
	return refuse(err);
}

int sluice_rule_del(struct sluice_sock *sock, const struct sluice_rule *key,
		    struct sluice_error *err)
{
	(void)sock;
	(void)key;
	return refuse(err);
}

int sluice_subject_set(struct sluice_sock *sock,
		       const struct sluice_subject *subject,
		       struct sluice_error *err)
{
	(void)sock;
	(void)subject;
	return refuse(err);
}

int sluice_policy_flush(struct sluice_sock *sock, struct sluice_error *err)
{
	(void)sock;
	return refuse(err);
}
