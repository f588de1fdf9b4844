// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: backends.
 */
#include "nl.h"

int sluice_nl_fill_backend(struct sk_buff *skb, const void *object)
{
	const struct sluice_backend *backend = object;
	struct nlattr *nest;

	if (sluice_nl_put_service(skb, backend->service))
		return -EMSGSIZE;

	nest = nla_nest_start(skb, SLUICE_A_BACKEND);
	if (!nest || sluice_nl_put_backend_key(skb, backend) ||
	    nla_put_u32(skb, SLUICE_A_BACKEND_WEIGHT, backend->opts.weight) ||
	    nla_put_u32(skb, SLUICE_A_BACKEND_STATE, backend->opts.state) ||
	    nla_put_u8(skb, SLUICE_A_BACKEND_LOCAL, backend->opts.local) ||
	    nla_put_u32(skb, SLUICE_A_BACKEND_FLOW_COUNT,
			atomic_read(&backend->flow_count)) ||
	    sluice_nl_put_counters(skb, SLUICE_A_BACKEND_COUNTERS,
				   &backend->counters))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* The service that a change names, and what it says of a backend. */
static int parse(struct sluice_nl_tx *ntx,
		 const struct sluice_nl_change *change,
		 struct sluice_service **service,
		 struct sluice_backend_cfg *cfg)
{
	int err;

	err = sluice_nl_changed_service(ntx, change, service);
	if (err)
		return err;
	return sluice_nl_parse_backend(cfg, *service, change->attrs,
				       change->nest, ntx->info->extack);
}

static int refuse_missing(struct netlink_ext_ack *extack, struct nlattr **attrs)
{
	NL_SET_ERR_MSG_ATTR(extack, attrs[SLUICE_A_BACKEND],
			    "no such backend");
	return -ENOENT;
}

static int check_port(const struct sluice_service *service,
		      const struct sluice_backend_cfg *cfg,
		      const struct nlattr *nest, struct netlink_ext_ack *extack)
{
	if (sluice_service_takes_port(service, cfg->addr.port))
		return 0;
	return sluice_nl_invalid(extack,
				 nla_find_nested(nest, SLUICE_A_BACKEND_PORT),
				 "with forward l2 or tunnel the backend must have the service's port");
}

int sluice_nl_backend_new(struct sluice_nl_tx *ntx,
			  const struct sluice_nl_change *change)
{
	const struct nlattr *attr = change->attrs[SLUICE_A_BACKEND];
	struct netlink_ext_ack *extack = ntx->info->extack;
	struct sluice_service *service;
	struct sluice_backend_cfg cfg;
	int err;

	err = parse(ntx, change, &service, &cfg);
	if (err)
		return err;
	err = sluice_nl_check_new(change,
				  sluice_tx_find_backend(&ntx->config.services, service,
							 &cfg.addr),
				  attr, extack);
	if (err)
		return err;
	err = check_port(service, &cfg, attr, extack);
	if (err)
		return err;
	err = sluice_tx_backend_new(&ntx->config.services, service, &cfg, extack);
	if (err == -ENOSPC)
		NL_SET_BAD_ATTR(extack, attr);
	return err == -ENOMEM ? sluice_nl_no_memory(extack, attr) : err;
}

int sluice_nl_backend_del(struct sluice_nl_tx *ntx,
			  const struct sluice_nl_change *change)
{
	struct sluice_backend *backend;
	struct sluice_service *service;
	struct sluice_backend_cfg cfg;
	int err;

	err = parse(ntx, change, &service, &cfg);
	if (err)
		return err;
	backend = sluice_tx_find_backend(&ntx->config.services, service, &cfg.addr);
	if (!backend)
		return refuse_missing(ntx->info->extack, change->attrs);
	sluice_tx_backend_del(&ntx->config.services, backend);
	return 0;
}

int sluice_nl_backend_flush(struct sluice_nl_tx *ntx,
			    const struct sluice_nl_change *change)
{
	struct sluice_service *service;
	int err;

	err = sluice_nl_changed_service(ntx, change, &service);
	if (!err)
		sluice_tx_backend_flush(&ntx->config.services, service);
	return err;
}

int sluice_nl_backend_replace_all(struct sluice_nl_tx *ntx,
				  const struct sluice_nl_change *change)
{
	struct sluice_service *service;
	int err;

	err = sluice_nl_changed_service(ntx, change, &service);
	if (!err)
		sluice_tx_backend_replace_all(&ntx->config.services, service);
	return err;
}

int sluice_nl_backend_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_backend_new);
}

int sluice_nl_backend_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_backend_del);
}

int sluice_nl_backend_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_backend_flush);
}

static int find(struct genl_info *info, struct sluice_backend **backend)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_service *service;
	struct sluice_backend_cfg cfg;
	int err;

	err = sluice_nl_find_service(sn, &service, info->attrs, info->extack);
	if (err)
		return err;
	err = sluice_nl_parse_backend(&cfg, service, info->attrs, NULL,
				      info->extack);
	if (err)
		return err;

	*backend = sluice_backend_find(&sn->services, service, &cfg.addr);
	return *backend ? 0 : refuse_missing(info->extack, info->attrs);
}

int sluice_nl_backend_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_backend *backend;
	int err;

	err = find(info, &backend);
	if (err)
		return err;

	sluice_nl_fold(sluice_nl_net(info), skb);
	return sluice_nl_reply(info, SLUICE_CMD_BACKEND_GET, sluice_nl_fill_backend,
			       backend);
}

/* Where a dump of backends goes on: at or after these. */
struct backend_dump {
	unsigned long service_id;
	u32 backend_id;
	bool begun;
};

static int dump_service(struct sk_buff *skb, struct netlink_callback *cb,
			const struct sluice_service *service)
{
	struct backend_dump *dump = (void *)cb->ctx;
	struct sluice_backend *backend;
	int err;

	list_for_each_entry(backend, &service->backends, list) {
		if (backend->id < dump->backend_id)
			continue;
		dump->backend_id = backend->id;
		err = sluice_nl_dump_one(skb, cb, SLUICE_CMD_BACKEND_GET,
					 sluice_nl_fill_backend, backend);
		if (err)
			return err;
	}
	dump->backend_id = 0;
	return 0;
}

static int dump_all(struct sluice_net *sn, struct sk_buff *skb,
		    struct netlink_callback *cb)
{
	struct backend_dump *dump = (void *)cb->ctx;
	struct sluice_service *service;
	unsigned long id;
	int err;

	xa_for_each_start(&sn->services.ids, id, service, dump->service_id) {
		/* The one that was half dumped may be gone by now. */
		if (id != dump->service_id)
			dump->backend_id = 0;
		dump->service_id = id;
		err = dump_service(skb, cb, service);
		if (err)
			return err;
	}
	dump->service_id = ULONG_MAX;
	return 0;
}

static int dump_one(struct sluice_net *sn, struct sk_buff *skb,
		    struct netlink_callback *cb)
{
	struct backend_dump *dump = (void *)cb->ctx;
	struct sluice_service *service;
	int err;

	if (dump->service_id)
		return 0;

	err = sluice_nl_find_service(sn, &service, genl_info_dump(cb)->attrs,
				     cb->extack);
	if (err)
		return err;
	err = dump_service(skb, cb, service);
	if (!err)
		dump->service_id = ULONG_MAX;
	return err;
}

static int dump_backends(struct sluice_net *sn, struct sk_buff *skb,
			 struct netlink_callback *cb)
{
	struct backend_dump *dump = (void *)cb->ctx;
	int err = 0;

	if (!dump->begun && sn->active)
		sluice_nl_fold(sn, cb->skb);
	dump->begun = true;

	if (genl_info_dump(cb)->attrs[SLUICE_A_SERVICE])
		err = dump_one(sn, skb, cb);
	else if (sn->active)
		err = dump_all(sn, skb, cb);
	return skb->len ?: err;
}

int sluice_nl_backend_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct backend_dump) > sizeof(cb->ctx));
	return sluice_nl_dump(skb, cb, BIT(SLUICE_A_SERVICE), dump_backends);
}
