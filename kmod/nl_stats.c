// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: statistics and settings of a namespace.
 */
#include "nl.h"

static int put_stat(struct sk_buff *skb, const struct sluice_net *sn, int type,
		    unsigned int stat)
{
	return nla_put_u64_64bit(skb, type, sluice_stat_sum(sn->stats, stat),
				 SLUICE_A_STATS_PAD);
}

static int put_drop(struct sk_buff *skb, const struct sluice_net *sn,
		    u32 reason)
{
	u64 packets = sluice_stat_sum(sn->stats, SLUICE_STAT_DROPS + reason);
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_STATS_DROP);
	if (!nest || nla_put_u32(skb, SLUICE_A_DROP_REASON, reason) ||
	    nla_put_u64_64bit(skb, SLUICE_A_DROP_PACKETS, packets,
			      SLUICE_A_DROP_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_drops(struct sk_buff *skb, const struct sluice_net *sn)
{
	u32 reason;

	for (reason = 1; reason <= SLUICE_DROP_REASON_MAX; reason++)
		if (put_drop(skb, sn, reason))
			return -EMSGSIZE;
	return 0;
}

/* Sizes of the tables; they are zero without services. */
static int put_sizes(struct sk_buff *skb, const struct sluice_net *sn)
{
	const struct sluice_service_table *services = &sn->services;
	bool active = sn->active;

	return nla_put_u32(skb, SLUICE_A_STATS_SERVICES,
			   active ? services->service_count : 0) ?:
	       nla_put_u32(skb, SLUICE_A_STATS_BACKENDS,
			   active ? services->backend_count : 0) ?:
	       nla_put_u32(skb, SLUICE_A_STATS_FLOWS,
			   active ? atomic_read(&sn->flows.count) : 0) ?:
	       nla_put_u32(skb, SLUICE_A_STATS_FLOW_BUCKETS,
			   active ? sn->flows.mask + 1 : 0) ?:
	       nla_put_u64_64bit(skb, SLUICE_A_STATS_REVISION,
				 services->revision, SLUICE_A_STATS_PAD);
}

static int fill_stats(struct sk_buff *skb, const void *object)
{
	const struct sluice_net *sn = object;
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_STATS);
	if (!nest || put_sizes(skb, sn) ||
	    put_stat(skb, sn, SLUICE_A_STATS_FLOWS_CREATED,
		     SLUICE_STAT_FLOWS_CREATED) ||
	    put_stat(skb, sn, SLUICE_A_STATS_FLOWS_EXPIRED,
		     SLUICE_STAT_FLOWS_EXPIRED) ||
	    put_stat(skb, sn, SLUICE_A_STATS_FLOWS_EVICTED,
		     SLUICE_STAT_FLOWS_EVICTED) ||
	    put_stat(skb, sn, SLUICE_A_STATS_FLOWS_RETIRED,
		     SLUICE_STAT_FLOWS_RETIRED) ||
	    put_stat(skb, sn, SLUICE_A_STATS_EVENTS_LOST,
		     SLUICE_STAT_EVENTS_LOST) ||
	    put_drops(skb, sn))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int sluice_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_reply(info, SLUICE_CMD_STATS_GET, fill_stats,
			       sluice_nl_net(info));
}

/* Which timeout an attribute is about. */
static const enum sluice_timeout timeout_of[SLUICE_A_SETTINGS_MAX + 1] = {
	[SLUICE_A_SETTINGS_TIMEOUT_UDP_UNREPLIED] = SLUICE_TIMEOUT_UDP_UNREPLIED,
	[SLUICE_A_SETTINGS_TIMEOUT_UDP] = SLUICE_TIMEOUT_UDP,
	[SLUICE_A_SETTINGS_TIMEOUT_TCP_UNREPLIED] = SLUICE_TIMEOUT_TCP_UNREPLIED,
	[SLUICE_A_SETTINGS_TIMEOUT_TCP] = SLUICE_TIMEOUT_TCP,
	[SLUICE_A_SETTINGS_TIMEOUT_TCP_HALF_CLOSED] = SLUICE_TIMEOUT_TCP_HALF_CLOSED,
	[SLUICE_A_SETTINGS_TIMEOUT_TCP_CLOSING] = SLUICE_TIMEOUT_TCP_CLOSING,
};

static int fill_settings(struct sk_buff *skb, const void *object)
{
	const struct sluice_flow_settings *settings = object;
	struct nlattr *nest;
	int type;

	nest = nla_nest_start(skb, SLUICE_A_SETTINGS);
	if (!nest ||
	    nla_put_u32(skb, SLUICE_A_SETTINGS_FLOW_LIMIT, settings->limit))
		return -EMSGSIZE;
	for (type = SLUICE_A_SETTINGS_TIMEOUT_UDP_UNREPLIED;
	     type <= SLUICE_A_SETTINGS_MAX; type++)
		if (nla_put_u32(skb, type,
				settings->timeouts[timeout_of[type]]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int parse_timeouts(struct sluice_flow_settings *settings,
			  struct nlattr **tb, struct netlink_ext_ack *extack)
{
	u32 seconds;
	int type;

	for (type = SLUICE_A_SETTINGS_TIMEOUT_UDP_UNREPLIED;
	     type <= SLUICE_A_SETTINGS_MAX; type++) {
		if (!tb[type])
			continue;
		seconds = nla_get_u32(tb[type]);
		if (!seconds || seconds > SLUICE_TIMEOUT_MAX)
			return sluice_nl_invalid(extack, tb[type],
						 "a timeout must be 1 to 1728000 seconds");
		settings->timeouts[timeout_of[type]] = seconds;
	}
	return 0;
}

/*
 * Flows are not charged to anybody. Whoever may configure just a namespace of
 * his own cannot have more of them there than the default; how many namespaces
 * he may have is for others to limit.
 */
static bool may_raise_limit(struct sk_buff *skb, u32 limit)
{
	return limit <= sluice_flow_default_settings.limit ||
	       netlink_capable(skb, CAP_NET_ADMIN);
}

static int parse_limit(struct sluice_flow_settings *settings,
		       struct sk_buff *skb, const struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	u32 limit;

	if (!attr)
		return 0;

	limit = nla_get_u32(attr);
	if (!limit || limit > SLUICE_FLOW_LIMIT_MAX)
		return sluice_nl_invalid(extack, attr,
					 "the limit of flows must be 1 to 16777216");
	if (!may_raise_limit(skb, limit)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a limit of flows above 262144 needs CAP_NET_ADMIN in the initial user namespace");
		return -EPERM;
	}
	settings->limit = limit;
	return 0;
}

/* Change what @nest gives; @settings is of no use if this fails. */
static int parse_settings(struct sluice_flow_settings *settings,
			  struct sk_buff *skb, const struct nlattr *nest,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SLUICE_A_SETTINGS_MAX + 1];
	int err;

	if (!nest)
		return sluice_nl_missing(extack, NULL, SLUICE_A_SETTINGS,
					 "the settings are missing");
	err = nla_parse_nested(tb, SLUICE_A_SETTINGS_MAX, nest,
			       sluice_settings_nl_policy, extack);
	if (err)
		return err;

	err = parse_limit(settings, skb, tb[SLUICE_A_SETTINGS_FLOW_LIMIT],
			  extack);
	if (err)
		return err;
	return parse_timeouts(settings, tb, extack);
}

static void apply(struct sluice_flow_settings *to,
		  const struct sluice_flow_settings *from)
{
	int i;

	WRITE_ONCE(to->limit, from->limit);
	for (i = 0; i < SLUICE_TIMEOUTS; i++)
		WRITE_ONCE(to->timeouts[i], from->timeouts[i]);
}

int sluice_nl_settings_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_flow_settings settings = sn->settings;
	int err;

	err = parse_settings(&settings, skb, info->attrs[SLUICE_A_SETTINGS],
			     info->extack);
	if (err)
		return err;

	apply(&sn->settings, &settings);
	sluice_nl_changed(info, SLUICE_CMD_SETTINGS_NTF, fill_settings,
			  &sn->settings);
	return 0;
}

int sluice_nl_settings_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_reply(info, SLUICE_CMD_SETTINGS_GET, fill_settings,
			       &sluice_nl_net(info)->settings);
}
