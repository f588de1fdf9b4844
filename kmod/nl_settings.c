// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: settings of a namespace.
 */
#include "nl.h"

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

int sluice_nl_fill_settings(struct sk_buff *skb, const void *object)
{
	const struct sluice_nl_settings *settings = object;
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_SETTINGS);
	if (!nest ||
	    nla_put_u32(skb, SLUICE_A_SETTINGS_FLOW_LIMIT,
			settings->flows.limit) ||
	    put_timeouts(skb, &settings->flows) ||
	    put_ranges(skb, SLUICE_A_SETTINGS_NODE_PORT_ADDRESSES,
		       settings->port_addresses) ||
	    nla_put_u8(skb, SLUICE_A_SETTINGS_NODE_PORT_LOOPBACK,
		       settings->port_loopback) ||
	    put_ranges(skb, SLUICE_A_SETTINGS_POD_PREFIXES, settings->pods) ||
	    nla_put_u8(skb, SLUICE_A_SETTINGS_EGRESS_MASQUERADE,
		       settings->egress_masquerade) ||
	    nla_put_u32(skb, SLUICE_A_SETTINGS_POLICY_TCP,
			settings->policy_tcp) ||
	    nla_put_u32(skb, SLUICE_A_SETTINGS_POLICY_NODE_TRAFFIC,
			settings->policy_node_traffic) ||
	    nla_put_u8(skb, SLUICE_A_SETTINGS_POLICY_AUDIT,
		       settings->policy_audit))
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

static void parse_policy(struct sluice_nl_settings *settings,
			 struct nlattr **tb)
{
	const struct nlattr *tcp = tb[SLUICE_A_SETTINGS_POLICY_TCP];
	const struct nlattr *node = tb[SLUICE_A_SETTINGS_POLICY_NODE_TRAFFIC];
	const struct nlattr *audit = tb[SLUICE_A_SETTINGS_POLICY_AUDIT];

	if (tcp)
		settings->policy_tcp = nla_get_u32(tcp);
	if (node)
		settings->policy_node_traffic = nla_get_u32(node);
	if (audit)
		settings->policy_audit = nla_get_u8(audit);
}

static int parse_node(struct sluice_nl_settings *settings, struct nlattr **tb,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *loopback =
		tb[SLUICE_A_SETTINGS_NODE_PORT_LOOPBACK];
	const struct nlattr *egress = tb[SLUICE_A_SETTINGS_EGRESS_MASQUERADE];

	if (loopback)
		settings->port_loopback = nla_get_u8(loopback);
	if (egress)
		settings->egress_masquerade = nla_get_u8(egress);
	return parse_ranges(&settings->port_addresses,
			    tb[SLUICE_A_SETTINGS_NODE_PORT_ADDRESSES],
			    extack) ?:
	       parse_ranges(&settings->pods,
			    tb[SLUICE_A_SETTINGS_POD_PREFIXES], extack);
}

/* Change what is given; @settings is of no use if this fails. */
static int parse_settings(struct sluice_nl_settings *settings,
			  struct sk_buff *skb, const struct nlattr *nest,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SLUICE_A_SETTINGS_MAX + 1];
	int err;

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
	parse_policy(settings, tb);
	return parse_node(settings, tb, extack);
}

static struct sluice_ranges *get_ranges(const struct sluice_net *sn,
					struct sluice_ranges __rcu *ranges)
{
	return sluice_ranges_get(rcu_dereference_protected(ranges,
				 lockdep_is_held(&sn->cfg_lock)));
}

/* The caller holds the configuration lock; put_settings() afterwards. */
static void get_settings(struct sluice_nl_settings *settings,
			 const struct sluice_net *sn)
{
	settings->flows = sn->settings;
	settings->port_addresses = get_ranges(sn, sn->node.port_addresses);
	settings->pods = get_ranges(sn, sn->node.pods);
	settings->port_loopback = sn->node.port_loopback;
	settings->egress_masquerade = sn->node.egress_masquerade;
	settings->policy_tcp = sn->node.policy_tcp;
	settings->policy_node_traffic = sn->node.policy_node_traffic;
	settings->policy_audit = sn->node.policy_audit;
}

static void put_settings(struct sluice_nl_settings *settings)
{
	sluice_ranges_put(settings->port_addresses);
	sluice_ranges_put(settings->pods);
}

/* Pods leave as the node whether there are services or not. */
static int prepare_egress(struct sluice_nl_tx *ntx, const struct nlattr *nest)
{
	int err = 0;

	if (ntx->settings.egress_masquerade)
		err = sluice_net_activate(ntx->sn, &ntx->settings.flows);
	if (err)
		NL_SET_ERR_MSG_ATTR(ntx->info->extack, nest,
				    "no memory for the table of flows");
	return err;
}

int sluice_nl_settings_set(struct sluice_nl_tx *ntx,
			   const struct sluice_nl_change *change)
{
	const struct nlattr *nest = change->attrs[SLUICE_A_SETTINGS];
	struct netlink_ext_ack *extack = ntx->info->extack;

	if (!nest)
		return sluice_nl_missing(extack, change->nest,
					 SLUICE_A_SETTINGS,
					 "the settings are missing");
	if (!ntx->has_settings)
		get_settings(&ntx->settings, ntx->sn);
	ntx->has_settings = true;
	return parse_settings(&ntx->settings, ntx->skb, nest, extack) ?:
	       prepare_egress(ntx, nest);
}

void sluice_nl_settings_put(struct sluice_nl_tx *ntx)
{
	if (ntx->has_settings)
		put_settings(&ntx->settings);
}

/* Whether there are others now, as with what follows. */
static bool apply_flows(struct sluice_flow_settings *to,
			const struct sluice_flow_settings *from)
{
	bool changed = to->limit != from->limit;
	int i;

	WRITE_ONCE(to->limit, from->limit);
	for (i = 0; i < SLUICE_TIMEOUTS; i++) {
		changed |= to->timeouts[i] != from->timeouts[i];
		WRITE_ONCE(to->timeouts[i], from->timeouts[i]);
	}
	return changed;
}

static bool apply_ranges(struct sluice_net *sn,
			 struct sluice_ranges __rcu **to,
			 struct sluice_ranges *from)
{
	struct sluice_ranges *old;
	bool same;

	old = rcu_replace_pointer(*to, sluice_ranges_get(from),
				  lockdep_is_held(&sn->cfg_lock));
	same = sluice_ranges_equal(old, from);
	sluice_ranges_put(old);
	return !same;
}

static bool apply_switch(bool *to, bool from)
{
	bool old = *to;

	WRITE_ONCE(*to, from);
	return old != from;
}

static bool apply_choice(u8 *to, u8 from)
{
	u8 old = *to;

	WRITE_ONCE(*to, from);
	return old != from;
}

/* What services depend on */
static bool apply_node(struct sluice_net *sn,
		       const struct sluice_nl_settings *settings)
{
	struct sluice_node_settings *node = &sn->node;
	bool changed;

	changed = apply_ranges(sn, &node->port_addresses,
			       settings->port_addresses);
	changed |= apply_ranges(sn, &node->pods, settings->pods);
	changed |= apply_switch(&node->port_loopback, settings->port_loopback);
	changed |= apply_switch(&node->egress_masquerade,
				settings->egress_masquerade);
	return changed;
}

static bool apply_policy(struct sluice_net *sn,
			 const struct sluice_nl_settings *settings)
{
	struct sluice_node_settings *node = &sn->node;
	bool changed;

	changed = apply_choice(&node->policy_tcp, settings->policy_tcp);
	changed |= apply_choice(&node->policy_node_traffic,
				settings->policy_node_traffic);
	changed |= apply_switch(&node->policy_audit, settings->policy_audit);
	return changed;
}

/**
 * sluice_nl_settings_apply() - make settings those of a transaction, if any
 * @ntx: transaction about to be committed
 *
 * Those that can alter a verdict raise the revision.
 */
void sluice_nl_settings_apply(struct sluice_nl_tx *ntx)
{
	const struct sluice_nl_settings *settings = &ntx->settings;
	struct sluice_net *sn = ntx->sn;
	bool flows, node, policy;

	if (!ntx->has_settings)
		return;

	flows = apply_flows(&sn->settings, &settings->flows);
	node = apply_node(sn, settings);
	policy = apply_policy(sn, settings);
	ntx->config.services.changed |= node;
	ntx->config.judges_anew |= policy;
	ntx->settings_changed = flows || node || policy;
}

int sluice_nl_settings_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_settings_set);
}

int sluice_nl_settings_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_nl_settings settings;
	int err;

	get_settings(&settings, sluice_nl_net(info));
	err = sluice_nl_reply(info, SLUICE_CMD_SETTINGS_GET,
			      sluice_nl_fill_settings, &settings);
	put_settings(&settings);
	return err;
}
