// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: statistics of a namespace.
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
	       nla_put_u32(skb, SLUICE_A_STATS_IDENTITIES,
			   active ? sn->identities.entry_count : 0) ?:
	       nla_put_u32(skb, SLUICE_A_STATS_RULES,
			   active ? sn->policies.rule_count : 0) ?:
	       nla_put_u32(skb, SLUICE_A_STATS_DEVICES, sn->devices.count) ?:
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
	    put_stat(skb, sn, SLUICE_A_STATS_AUDITED, SLUICE_STAT_AUDITED) ||
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
