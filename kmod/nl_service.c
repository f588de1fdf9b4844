// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: services.
 */
#include "nl.h"

static int put_opts(struct sk_buff *skb, const struct sluice_service_opts *opts)
{
	const struct sluice_ranges *ranges = opts->ranges;

	if (nla_put_u32(skb, SLUICE_A_SERVICE_SCHEDULER, opts->scheduler) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_AFFINITY, opts->affinity) ||
	    nla_put_u8(skb, SLUICE_A_SERVICE_AFFINITY_SHARED,
		       opts->affinity_shared) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_AFFINITY_GROUP,
			opts->affinity_group) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_MASQUERADE, opts->masquerade) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_NO_BACKEND, opts->no_backend) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_REMOVAL, opts->removal) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_SCOPE, opts->scope) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_TRAFFIC_POLICY,
			opts->traffic_policy) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_FORWARD, opts->forward) ||
	    nla_put_u8(skb, SLUICE_A_SERVICE_ECHO, opts->echo) ||
	    nla_put_be16(skb, SLUICE_A_SERVICE_HEALTH_PORT, opts->health_port))
		return -EMSGSIZE;
	if (!ranges)
		return 0;
	return sluice_nl_put_prefixes(skb, SLUICE_A_SERVICE_ALLOW,
				      &ranges->allow) ?:
	       sluice_nl_put_prefixes(skb, SLUICE_A_SERVICE_DENY,
				      &ranges->deny);
}

int sluice_nl_fill_service(struct sk_buff *skb, const void *object)
{
	const struct sluice_service *service = object;
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_SERVICE);
	if (!nest || sluice_nl_put_service_key(skb, service) ||
	    put_opts(skb, &service->opts) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_BACKEND_COUNT,
			service->backend_count) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_FLOW_COUNT,
			atomic_read(&service->flow_count)) ||
	    sluice_nl_put_counters(skb, SLUICE_A_SERVICE_COUNTERS,
				   &service->counters))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int new_service(struct sluice_nl_tx *ntx,
		       const struct sluice_nl_change *change,
		       const struct sluice_service_cfg *cfg)
{
	const struct nlattr *attr = change->attrs[SLUICE_A_SERVICE];
	struct netlink_ext_ack *extack = ntx->info->extack;
	struct sluice_service *service = NULL;
	int err;

	if (ntx->sn->active)
		service = sluice_tx_find_service(&ntx->config.services, &cfg->addr);
	err = sluice_nl_check_new(change, service, attr, extack);
	if (err)
		return err;

	err = sluice_nl_activate(ntx, attr);
	if (err)
		return err;
	err = sluice_tx_service_new(&ntx->config.services, cfg);
	return err ? sluice_nl_no_memory(extack, attr) : 0;
}

/* Stays until the last service is gone, whoever wanted it. */
static int prepare_affinity(struct sluice_nl_tx *ntx,
			    const struct nlattr *attr)
{
	struct sluice_net *sn = ntx->sn;

	if (!sluice_affinity_prepare(&sn->affinity, SLUICE_AFFINITY_ENTRIES))
		return 0;
	NL_SET_ERR_MSG_ATTR(ntx->info->extack, attr,
			    "no memory for the table of clients with affinity");
	return -ENOMEM;
}

int sluice_nl_service_new(struct sluice_nl_tx *ntx,
			  const struct sluice_nl_change *change)
{
	struct sluice_service_cfg cfg;
	int err;

	err = sluice_nl_parse_service(&cfg, change->attrs, change->nest,
				      ntx->info->extack);
	if (err)
		return err;
	err = new_service(ntx, change, &cfg);
	if (!err && cfg.opts.affinity)
		err = prepare_affinity(ntx, change->attrs[SLUICE_A_SERVICE]);
	sluice_nl_free_service(&cfg);
	return err;
}

int sluice_nl_service_del(struct sluice_nl_tx *ntx,
			  const struct sluice_nl_change *change)
{
	struct sluice_service *service;
	int err;

	err = sluice_nl_changed_service(ntx, change, &service);
	if (!err)
		sluice_tx_service_del(&ntx->config.services, service);
	return err;
}

int sluice_nl_service_flush(struct sluice_nl_tx *ntx,
			    const struct sluice_nl_change *change)
{
	sluice_tx_service_flush(&ntx->config.services);
	return 0;
}

int sluice_nl_replace_all(struct sluice_nl_tx *ntx,
			  const struct sluice_nl_change *change)
{
	sluice_tx_replace_all(&ntx->config.services);
	sluice_device_tx_flush(&ntx->config.devices);
	return sluice_nl_policy_replace_all(ntx, change);
}

int sluice_nl_service_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_service_new);
}

int sluice_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_service_del);
}

int sluice_nl_service_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_service_flush);
}

int sluice_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_service *service;
	int err;

	err = sluice_nl_find_service(sn, &service, info->attrs, info->extack);
	if (err)
		return err;

	sluice_nl_fold(sn, skb);
	return sluice_nl_reply(info, SLUICE_CMD_SERVICE_GET, sluice_nl_fill_service,
			       service);
}

/* Where a dump of services goes on. */
struct service_dump {
	unsigned long next_id;
};

static int dump_services(struct sluice_net *sn, struct sk_buff *skb,
			 struct netlink_callback *cb)
{
	struct service_dump *dump = (void *)cb->ctx;
	struct sluice_service *service;
	unsigned long id;
	int err;

	if (!sn->active)
		return 0;
	if (!dump->next_id)
		sluice_nl_fold(sn, cb->skb);

	xa_for_each_start(&sn->services.ids, id, service, dump->next_id) {
		dump->next_id = id;
		err = sluice_nl_dump_one(skb, cb, SLUICE_CMD_SERVICE_GET,
					 sluice_nl_fill_service, service);
		if (err)
			return skb->len ?: err;
	}
	dump->next_id = ULONG_MAX;
	return skb->len;
}

int sluice_nl_service_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	return sluice_nl_dump(skb, cb, 0, dump_services);
}
