// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: transactions. Each request that changes something is one.
 */
#include "nl.h"
#include "trace.h"

/* Changes have the objects of requests, by the same numbers. */
static_assert((int)SLUICE_A_CHANGE_SERVICE == SLUICE_A_SERVICE);
static_assert((int)SLUICE_A_CHANGE_BACKEND == SLUICE_A_BACKEND);
static_assert((int)SLUICE_A_CHANGE_SETTINGS == SLUICE_A_SETTINGS);
static_assert((int)SLUICE_A_CHANGE_IDENTITY == SLUICE_A_IDENTITY);
static_assert((int)SLUICE_A_CHANGE_RULE == SLUICE_A_RULE);
static_assert((int)SLUICE_A_CHANGE_SUBJECT == SLUICE_A_SUBJECT);
static_assert((int)SLUICE_A_CHANGE_DEVICE == SLUICE_A_DEVICE);

/* A change as requests are, and the objects it may have. */
struct change_kind {
	sluice_nl_change_t *change;
	unsigned long allowed;
};

#define A(_name)	BIT(SLUICE_A_CHANGE_##_name)
#define CHANGE(_change, _objects) {					\
	.change = sluice_nl_##_change,					\
	.allowed = A(OP) | A(FLAGS) | (_objects),			\
}

static const struct change_kind kinds[SLUICE_CHANGE_OP_MAX + 1] = {
	[SLUICE_CHANGE_OP_SERVICE_NEW] = CHANGE(service_new, A(SERVICE)),
	[SLUICE_CHANGE_OP_SERVICE_DEL] = CHANGE(service_del, A(SERVICE)),
	[SLUICE_CHANGE_OP_SERVICE_FLUSH] = CHANGE(service_flush, 0),
	[SLUICE_CHANGE_OP_BACKEND_NEW] =
		CHANGE(backend_new, A(SERVICE) | A(BACKEND)),
	[SLUICE_CHANGE_OP_BACKEND_DEL] =
		CHANGE(backend_del, A(SERVICE) | A(BACKEND)),
	[SLUICE_CHANGE_OP_BACKEND_FLUSH] = CHANGE(backend_flush, A(SERVICE)),
	[SLUICE_CHANGE_OP_BACKEND_REPLACE_ALL] =
		CHANGE(backend_replace_all, A(SERVICE)),
	[SLUICE_CHANGE_OP_SETTINGS_SET] = CHANGE(settings_set, A(SETTINGS)),
	[SLUICE_CHANGE_OP_REPLACE_ALL] = CHANGE(replace_all, 0),
	[SLUICE_CHANGE_OP_IDENTITY_NEW] = CHANGE(identity_new, A(IDENTITY)),
	[SLUICE_CHANGE_OP_IDENTITY_DEL] = CHANGE(identity_del, A(IDENTITY)),
	[SLUICE_CHANGE_OP_IDENTITY_FLUSH] = CHANGE(identity_flush, 0),
	[SLUICE_CHANGE_OP_RULE_NEW] = CHANGE(rule_new, A(RULE)),
	[SLUICE_CHANGE_OP_RULE_DEL] = CHANGE(rule_del, A(RULE)),
	[SLUICE_CHANGE_OP_SUBJECT_SET] = CHANGE(subject_set, A(SUBJECT)),
	[SLUICE_CHANGE_OP_POLICY_FLUSH] = CHANGE(policy_flush, 0),
	[SLUICE_CHANGE_OP_POLICY_REPLACE_ALL] = CHANGE(policy_replace_all, 0),
	[SLUICE_CHANGE_OP_DEVICE_NEW] = CHANGE(device_new, A(DEVICE)),
	[SLUICE_CHANGE_OP_DEVICE_DEL] = CHANGE(device_del, A(DEVICE)),
	[SLUICE_CHANGE_OP_DEVICE_FLUSH] = CHANGE(device_flush, 0),
};

#undef CHANGE
#undef A

/**
 * sluice_nl_check_new() - what the flags of a "new" change allow
 * @change: change
 * @exists: the object is there
 * @attr: names the object
 * @extack: for the reason of a refusal
 *
 * Return: 0, -EEXIST or -ENOENT.
 */
int sluice_nl_check_new(const struct sluice_nl_change *change, bool exists,
			const struct nlattr *attr,
			struct netlink_ext_ack *extack)
{
	u16 flags = change->flags;

	if (exists && (flags & NLM_F_EXCL || !(flags & NLM_F_REPLACE))) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "exists already");
		return -EEXIST;
	}
	if (!exists && !(flags & NLM_F_CREATE)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "does not exist");
		return -ENOENT;
	}
	return 0;
}

/* Refuse a change for want of memory for the object of @attr. */
int sluice_nl_no_memory(struct netlink_ext_ack *extack,
			const struct nlattr *attr)
{
	NL_SET_ERR_MSG_ATTR(extack, attr, "no memory for the object");
	return -ENOMEM;
}

/* The service that a change names, as far as the transaction has come. */
int sluice_nl_changed_service(struct sluice_nl_tx *ntx,
			      const struct sluice_nl_change *change,
			      struct sluice_service **service)
{
	struct netlink_ext_ack *extack = ntx->info->extack;
	struct sluice_service_cfg cfg;
	int err;

	err = sluice_nl_parse_service(&cfg, change->attrs, change->nest,
				      extack);
	if (err)
		return err;

	*service = NULL;
	if (ntx->sn->active)
		*service = sluice_tx_find_service(&ntx->config.services, &cfg.addr);
	sluice_nl_free_service(&cfg);
	if (*service)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, change->attrs[SLUICE_A_SERVICE],
			    "no such service");
	return -ENOENT;
}

static void tx_begin(struct sluice_nl_tx *ntx, struct sk_buff *skb,
		     struct genl_info *info)
{
	memset(ntx, 0, sizeof(*ntx));
	ntx->skb = skb;
	ntx->info = info;
	ntx->sn = sluice_nl_net(info);
	sluice_config_begin(&ntx->config, ntx->sn);
}

/* Make a first object possible, with the settings that came before it. */
int sluice_nl_activate(struct sluice_nl_tx *ntx, const struct nlattr *attr)
{
	int err = sluice_net_activate(ntx->sn, ntx->has_settings ?
				      &ntx->settings.flows : &ntx->sn->settings);

	if (err)
		NL_SET_ERR_MSG_ATTR(ntx->info->extack, attr,
				    "no memory for the tables of a first object");
	return err;
}

static void notify_service(struct sluice_nl_tx *ntx,
			   const struct sluice_service *service)
{
	bool born = sluice_tx_is_born(&ntx->config.services, service);

	if (sluice_tx_is_gone(service)) {
		if (!born)
			sluice_nl_notify(ntx, SLUICE_CMD_SERVICE_DEL_NTF, 0,
					 sluice_nl_fill_service, service);
		return;
	}
	if (service->changed)
		sluice_nl_notify(ntx, SLUICE_CMD_SERVICE_NTF,
				 born ? NLM_F_CREATE : 0,
				 sluice_nl_fill_service, service);
}

/* A service that goes takes its backends along without a word. */
static void notify_backend(struct sluice_nl_tx *ntx,
			   const struct sluice_backend *backend)
{
	if (sluice_tx_is_gone(backend->service))
		return;
	if (backend->gone) {
		if (!backend->born)
			sluice_nl_notify(ntx, SLUICE_CMD_BACKEND_DEL_NTF, 0,
					 sluice_nl_fill_backend, backend);
		return;
	}
	if (backend->changed)
		sluice_nl_notify(ntx, SLUICE_CMD_BACKEND_NTF,
				 backend->born ? NLM_F_CREATE : 0,
				 sluice_nl_fill_backend, backend);
}

static bool has_listeners(const struct sluice_net *sn)
{
	return genl_has_listeners(&sluice_nl_family, sn->net,
				  SLUICE_NLGRP_CONFIG);
}

/* What is new comes before what it belongs to goes. */
static void notify(struct sluice_nl_tx *ntx)
{
	struct sluice_tx *tx = &ntx->config.services;
	struct sluice_service *service;
	struct sluice_backend *backend;

	ntx->is_heard = has_listeners(ntx->sn);
	list_for_each_entry(service, &tx->services, tx) {
		notify_service(ntx, service);
		cond_resched();
	}
	list_for_each_entry(backend, &tx->backends, tx) {
		notify_backend(ntx, backend);
		cond_resched();
	}
	sluice_nl_notify_identities(ntx);
	sluice_nl_notify_policies(ntx);
	sluice_nl_notify_devices(ntx);
	if (ntx->settings_changed)
		sluice_nl_notify(ntx, SLUICE_CMD_SETTINGS_NTF, 0,
				 sluice_nl_fill_settings, &ntx->settings);
}

/* What makes no difference is no change. */
static void count_change(struct sluice_nl_tx *ntx)
{
	if (!ntx->has_changed && !ntx->config.services.changed)
		return;
	ntx->sn->generation++;
	trace_sluice_change(ntx->sn->net, ntx->sn->generation);
}

static void tx_commit(struct sluice_nl_tx *ntx)
{
	sluice_nl_settings_apply(ntx);
	sluice_config_commit(&ntx->config);
	notify(ntx);
	count_change(ntx);
	sluice_config_end(&ntx->config);
}

static bool is_of(const struct nlattr *change,
		  const struct sluice_service *service)
{
	struct nlattr *tb[SLUICE_A_CHANGE_MAX + 1];
	struct netlink_ext_ack unused = {};
	struct sluice_service_cfg cfg;
	bool same;

	if (nla_parse_nested(tb, SLUICE_A_CHANGE_MAX, change,
			     sluice_change_nl_policy, &unused) ||
	    sluice_nl_parse_service(&cfg, tb, change, &unused))
		return false;
	same = !memcmp(&cfg.addr, &service->addr, sizeof(cfg.addr));
	sluice_nl_free_service(&cfg);
	return same;
}

/* What has made a service as it is refused: the last change of it */
static const struct nlattr *last_change(const struct genl_info *info,
					const struct sluice_service *service)
{
	const struct nlattr *attr, *last = NULL;
	int left;

	if (!info->attrs[SLUICE_A_CHANGE])
		return info->attrs[SLUICE_A_BACKEND] ?:
		       info->attrs[SLUICE_A_SERVICE];
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, left)
		if (is_of(attr, service))
			last = attr;
	return last;
}

static int prepare_services(struct sluice_nl_tx *ntx)
{
	struct netlink_ext_ack *extack = ntx->info->extack;
	int err = sluice_tx_prepare(&ntx->config.services, extack);

	if (err)
		NL_SET_BAD_ATTR(extack, last_change(ntx->info,
						    ntx->config.services.refused));
	return err;
}

static int tx_prepare(struct sluice_nl_tx *ntx)
{
	return sluice_nl_prepare_identities(ntx) ?:
	       sluice_nl_prepare_policies(ntx) ?:
	       prepare_services(ntx);
}

static int tx_finish(struct sluice_nl_tx *ntx, int err)
{
	err = err ?: tx_prepare(ntx);
	if (err)
		sluice_config_abort(&ntx->config);
	else
		tx_commit(ntx);
	sluice_nl_settings_put(ntx);
	sluice_net_deactivate_if_idle(ntx->sn);
	return err;
}

/**
 * sluice_nl_do() - a request that is one change
 * @skb: the request
 * @info: likewise
 * @change: what it does
 *
 * Return: 0 or -errno.
 */
int sluice_nl_do(struct sk_buff *skb, struct genl_info *info,
		 sluice_nl_change_t *change)
{
	const struct sluice_nl_change request = {
		.attrs = info->attrs,
		.flags = info->nlhdr->nlmsg_flags,
	};
	struct sluice_nl_tx ntx;

	tx_begin(&ntx, skb, info);
	return tx_finish(&ntx, change(&ntx, &request));
}

static u16 nlm_flags(const struct nlattr *attr)
{
	u32 flags = attr ? nla_get_u32(attr) : 0;

	return (flags & SLUICE_CHANGE_FLAG_CREATE ? NLM_F_CREATE : 0) |
	       (flags & SLUICE_CHANGE_FLAG_EXCL ? NLM_F_EXCL : 0) |
	       (flags & SLUICE_CHANGE_FLAG_REPLACE ? NLM_F_REPLACE : 0);
}

static int do_change(struct sluice_nl_tx *ntx, const struct nlattr *nest)
{
	struct netlink_ext_ack *extack = ntx->info->extack;
	struct nlattr *tb[SLUICE_A_CHANGE_MAX + 1];
	struct sluice_nl_change change = {
		.attrs = tb,
		.nest = nest,
	};
	const struct change_kind *kind;
	int err;

	err = nla_parse_nested(tb, SLUICE_A_CHANGE_MAX, nest,
			       sluice_change_nl_policy, extack);
	if (err)
		return err;
	if (!tb[SLUICE_A_CHANGE_OP])
		return sluice_nl_missing(extack, nest, SLUICE_A_CHANGE_OP,
					 "the change does not say what to do");
	kind = &kinds[nla_get_u32(tb[SLUICE_A_CHANGE_OP])];
	err = sluice_nl_check_attrs(tb, SLUICE_A_CHANGE_MAX, kind->allowed,
				    extack);
	if (err)
		return err;
	change.flags = nlm_flags(tb[SLUICE_A_CHANGE_FLAGS]);
	return kind->change(ntx, &change);
}

static int do_changes(struct sluice_nl_tx *ntx)
{
	const struct nlmsghdr *nlh = ntx->info->nlhdr;
	const struct nlattr *attr;
	int left, err;

	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, left) {
		err = do_change(ntx, attr);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

int sluice_nl_transaction_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_nl_tx ntx;

	if (!info->attrs[SLUICE_A_CHANGE])
		return sluice_nl_missing(info->extack, NULL, SLUICE_A_CHANGE,
					 "the changes are missing");
	tx_begin(&ntx, skb, info);
	return tx_finish(&ntx, do_changes(&ntx));
}
