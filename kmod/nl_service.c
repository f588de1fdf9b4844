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
	    nla_put_u32(skb, SLUICE_A_SERVICE_MASQUERADE, opts->masquerade) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_NO_BACKEND, opts->no_backend) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_REMOVAL, opts->removal) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_SCOPE, opts->scope) ||
	    nla_put_u32(skb, SLUICE_A_SERVICE_TRAFFIC_POLICY,
			opts->traffic_policy) ||
	    nla_put_u8(skb, SLUICE_A_SERVICE_ECHO, opts->echo))
		return -EMSGSIZE;
	if (!ranges)
		return 0;
	return sluice_nl_put_prefixes(skb, SLUICE_A_SERVICE_ALLOW,
				      &ranges->allow) ?:
	       sluice_nl_put_prefixes(skb, SLUICE_A_SERVICE_DENY,
				      &ranges->deny);
}

static int fill_service(struct sk_buff *skb, const void *object)
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

static struct sluice_service *lookup(struct sluice_net *sn,
				     const struct sluice_service_cfg *cfg)
{
	if (!sn->active)
		return NULL;
	return sluice_service_lookup(&sn->services, &cfg->addr);
}

static int add(struct genl_info *info, struct sluice_net *sn,
	       const struct sluice_service_cfg *cfg)
{
	int err;

	err = sluice_net_activate(sn);
	if (err) {
		NL_SET_ERR_MSG(info->extack,
			       "no memory for the tables of a first service");
		return err;
	}

	err = sluice_service_add(&sn->services, cfg, info->extack);
	if (err)
		sluice_net_deactivate_if_idle(sn);
	return err;
}

static int add_or_change(struct genl_info *info, struct sluice_net *sn,
			 const struct sluice_service_cfg *cfg)
{
	struct sluice_service *service = lookup(sn, cfg);
	int err;

	err = sluice_nl_check_new(info, service, info->attrs[SLUICE_A_SERVICE]);
	if (err)
		return err;

	if (service)
		err = sluice_service_change(&sn->services, service, cfg);
	else
		err = add(info, sn, cfg);
	return err;
}

int sluice_nl_service_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_service_cfg cfg;
	int err;

	err = sluice_nl_parse_service(&cfg, info->attrs[SLUICE_A_SERVICE],
				      info->extack);
	if (err)
		return err;

	err = add_or_change(info, sn, &cfg);
	if (!err)
		sluice_nl_changed(info, SLUICE_CMD_SERVICE_NTF, fill_service,
				  lookup(sn, &cfg));
	sluice_nl_free_service(&cfg);
	return err;
}

int sluice_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_service *service;
	int err;

	err = sluice_nl_find_service(sn, &service, info->attrs, info->extack);
	if (err)
		return err;

	sluice_nl_changed(info, SLUICE_CMD_SERVICE_DEL_NTF, fill_service,
			  service);
	sluice_service_del(&sn->services, service);
	sluice_flow_gc_kick(&sn->flows);
	sluice_net_deactivate_if_idle(sn);
	return 0;
}

int sluice_nl_service_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_service *service;
	unsigned long id;

	if (!sn->active)
		return 0;

	xa_for_each(&sn->services.ids, id, service)
		sluice_nl_changed(info, SLUICE_CMD_SERVICE_DEL_NTF,
				  fill_service, service);
	sluice_service_flush(&sn->services);
	sluice_net_deactivate_if_idle(sn);
	return 0;
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
	return sluice_nl_reply(info, SLUICE_CMD_SERVICE_GET, fill_service,
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

	if (!dump->next_id)
		sluice_nl_fold(sn, cb->skb);

	xa_for_each_start(&sn->services.ids, id, service, dump->next_id) {
		dump->next_id = id;
		if (sluice_nl_dump_one(skb, cb, SLUICE_CMD_SERVICE_GET,
				       fill_service, service))
			return skb->len;
	}
	dump->next_id = ULONG_MAX;
	return skb->len;
}

int sluice_nl_service_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct sluice_net *sn = sluice_pernet(sock_net(skb->sk));
	int ret = 0;

	mutex_lock(&sn->cfg_lock);
	cb->seq = sn->generation;
	if (sn->active)
		ret = dump_services(sn, skb, cb);
	mutex_unlock(&sn->cfg_lock);
	return ret;
}
