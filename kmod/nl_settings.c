// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: settings of a namespace.
 */
#include "nl.h"

/**
 * struct settings - all of them on their way
 * @flows: of the flow table
 * @ports: as @port_addresses of &struct sluice_node_settings
 * @pods: likewise
 * @port_loopback: likewise
 * @egress_masquerade: likewise
 *
 * The pointers are referenced.
 */
struct settings {
	struct sluice_flow_settings flows;
	struct sluice_ranges *ports;
	struct sluice_ranges *pods;
	bool port_loopback;
	bool egress_masquerade;
};

static const struct sluice_prefixes no_prefixes;

#define FIRST_TIMEOUT	SLUICE_A_SETTINGS_TIMEOUT_UDP_UNREPLIED
#define LAST_TIMEOUT	SLUICE_A_SETTINGS_TIMEOUT_TCP_CLOSING

/* Which timeout an attribute is about. */
static const enum sluice_timeout timeout_of[LAST_TIMEOUT + 1] = {
	[SLUICE_A_SETTINGS_TIMEOUT_UDP_UNREPLIED] = SLUICE_TIMEOUT_UDP_UNREPLIED,
	[SLUICE_A_SETTINGS_TIMEOUT_UDP] = SLUICE_TIMEOUT_UDP,
	[SLUICE_A_SETTINGS_TIMEOUT_TCP_UNREPLIED] = SLUICE_TIMEOUT_TCP_UNREPLIED,
	[SLUICE_A_SETTINGS_TIMEOUT_TCP] = SLUICE_TIMEOUT_TCP,
	[SLUICE_A_SETTINGS_TIMEOUT_TCP_HALF_CLOSED] = SLUICE_TIMEOUT_TCP_HALF_CLOSED,
	[SLUICE_A_SETTINGS_TIMEOUT_TCP_CLOSING] = SLUICE_TIMEOUT_TCP_CLOSING,
};

static int put_timeouts(struct sk_buff *skb,
			const struct sluice_flow_settings *flows)
{
	int type;

	for (type = FIRST_TIMEOUT; type <= LAST_TIMEOUT; type++)
		if (nla_put_u32(skb, type, flows->timeouts[timeout_of[type]]))
			return -EMSGSIZE;
	return 0;
}

static int put_ranges(struct sk_buff *skb, int type,
		      const struct sluice_ranges *ranges)
{
	return sluice_nl_put_prefixes(skb, type,
				      ranges ? &ranges->allow : &no_prefixes);
}

static int fill_settings(struct sk_buff *skb, const void *object)
{
	const struct settings *settings = object;
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_SETTINGS);
	if (!nest ||
	    nla_put_u32(skb, SLUICE_A_SETTINGS_FLOW_LIMIT,
			settings->flows.limit) ||
	    put_timeouts(skb, &settings->flows) ||
	    put_ranges(skb, SLUICE_A_SETTINGS_NODE_PORT_ADDRESSES,
		       settings->ports) ||
	    nla_put_u8(skb, SLUICE_A_SETTINGS_NODE_PORT_LOOPBACK,
		       settings->port_loopback) ||
	    put_ranges(skb, SLUICE_A_SETTINGS_POD_PREFIXES, settings->pods) ||
	    nla_put_u8(skb, SLUICE_A_SETTINGS_EGRESS_MASQUERADE,
		       settings->egress_masquerade))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int parse_timeouts(struct sluice_flow_settings *settings,
			  struct nlattr **tb, struct netlink_ext_ack *extack)
{
	u32 seconds;
	int type;

	for (type = FIRST_TIMEOUT; type <= LAST_TIMEOUT; type++) {
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

/* An attribute that is there replaces the whole list. */
static int parse_ranges(struct sluice_ranges **ranges,
			const struct nlattr *attr,
			struct netlink_ext_ack *extack)
{
	struct sluice_prefixes prefixes = {};
	struct sluice_ranges *new = NULL;
	int err;

	if (!attr)
		return 0;

	err = sluice_nl_parse_prefixes(&prefixes, AF_UNSPEC, attr, extack);
	if (!err && prefixes.count) {
		new = sluice_ranges_build(AF_UNSPEC, &prefixes, &no_prefixes);
		if (!new) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "no memory for the prefixes");
			err = -ENOMEM;
		}
	}
	if (!err) {
		sluice_ranges_put(*ranges);
		*ranges = new;
	}
	sluice_nl_free_prefixes(&prefixes);
	return err;
}

static int parse_node(struct settings *settings, struct nlattr **tb,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *loopback =
		tb[SLUICE_A_SETTINGS_NODE_PORT_LOOPBACK];
	const struct nlattr *egress = tb[SLUICE_A_SETTINGS_EGRESS_MASQUERADE];

	if (loopback)
		settings->port_loopback = nla_get_u8(loopback);
	if (egress)
		settings->egress_masquerade = nla_get_u8(egress);
	return parse_ranges(&settings->ports,
			    tb[SLUICE_A_SETTINGS_NODE_PORT_ADDRESSES],
			    extack) ?:
	       parse_ranges(&settings->pods,
			    tb[SLUICE_A_SETTINGS_POD_PREFIXES], extack);
}

/* Change what @nest gives; @settings is of no use if this fails. */
static int parse_settings(struct settings *settings, struct sk_buff *skb,
			  const struct nlattr *nest,
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

	err = parse_limit(&settings->flows, skb,
			  tb[SLUICE_A_SETTINGS_FLOW_LIMIT], extack);
	if (err)
		return err;
	err = parse_timeouts(&settings->flows, tb, extack);
	if (err)
		return err;
	return parse_node(settings, tb, extack);
}

/* The caller holds the configuration lock; put_settings() afterwards. */
static void get_settings(struct settings *settings, const struct sluice_net *sn)
{
	*settings = (struct settings) {
		.flows = sn->settings,
		.ports = rcu_dereference_protected(sn->node.port_addresses,
						   lockdep_is_held(&sn->cfg_lock)),
		.pods = rcu_dereference_protected(sn->node.pods,
						  lockdep_is_held(&sn->cfg_lock)),
		.port_loopback = sn->node.port_loopback,
		.egress_masquerade = sn->node.egress_masquerade,
	};
	sluice_ranges_get(settings->ports);
	sluice_ranges_get(settings->pods);
}

static void put_settings(struct settings *settings)
{
	sluice_ranges_put(settings->ports);
	sluice_ranges_put(settings->pods);
}

static void apply_flows(struct sluice_flow_settings *to,
			const struct sluice_flow_settings *from)
{
	int i;

	WRITE_ONCE(to->limit, from->limit);
	for (i = 0; i < SLUICE_TIMEOUTS; i++)
		WRITE_ONCE(to->timeouts[i], from->timeouts[i]);
}

static void apply_ranges(struct sluice_net *sn,
			 struct sluice_ranges __rcu **to,
			 struct sluice_ranges *from)
{
	struct sluice_ranges *old;

	old = rcu_replace_pointer(*to, sluice_ranges_get(from),
				  lockdep_is_held(&sn->cfg_lock));
	sluice_ranges_put(old);
}

static void apply(struct sluice_net *sn, const struct settings *settings)
{
	apply_flows(&sn->settings, &settings->flows);
	apply_ranges(sn, &sn->node.port_addresses, settings->ports);
	apply_ranges(sn, &sn->node.pods, settings->pods);
	WRITE_ONCE(sn->node.port_loopback, settings->port_loopback);
	WRITE_ONCE(sn->node.egress_masquerade, settings->egress_masquerade);
}

int sluice_nl_settings_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct settings settings;
	int err;

	get_settings(&settings, sn);
	err = parse_settings(&settings, skb, info->attrs[SLUICE_A_SETTINGS],
			     info->extack);
	if (!err) {
		apply(sn, &settings);
		sluice_nl_changed(info, SLUICE_CMD_SETTINGS_NTF, fill_settings,
				  &settings);
	}
	put_settings(&settings);
	return err;
}

int sluice_nl_settings_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct settings settings;
	int err;

	get_settings(&settings, sluice_nl_net(info));
	err = sluice_nl_reply(info, SLUICE_CMD_SETTINGS_GET, fill_settings,
			      &settings);
	put_settings(&settings);
	return err;
}
