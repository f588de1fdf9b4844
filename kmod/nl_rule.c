// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: rules of the policy.
 */
#include "nl.h"

#define DEFAULT_PRIORITY	1000
#define PRIORITY_MAX		U16_MAX

static bool is_icmp(const struct sluice_policy_key *key)
{
	return sluice_proto_is_icmp(key->proto);
}

static int put_ports(struct sk_buff *skb, const struct sluice_policy_key *key)
{
	if (key->first == 0 && key->last == U16_MAX)
		return 0;
	if (!is_icmp(key))
		return nla_put_u16(skb, SLUICE_A_RULE_PORT_FIRST, key->first) ?:
		       nla_put_u16(skb, SLUICE_A_RULE_PORT_LAST, key->last);
	if (nla_put_u8(skb, SLUICE_A_RULE_ICMP_TYPE, key->first >> 8))
		return -EMSGSIZE;
	return key->first == key->last ?
	       nla_put_u8(skb, SLUICE_A_RULE_ICMP_CODE, key->first & U8_MAX) : 0;
}

static int put_key(struct sk_buff *skb, const struct sluice_policy_key *key)
{
	if (nla_put_u32(skb, SLUICE_A_RULE_SUBJECT, key->subject) ||
	    nla_put_u32(skb, SLUICE_A_RULE_DIRECTION, key->dir) ||
	    (!(key->any & SLUICE_POLICY_ANY_PEER) &&
	     nla_put_u32(skb, SLUICE_A_RULE_PEER, key->peer)) ||
	    (!(key->any & SLUICE_POLICY_ANY_PROTO) &&
	     nla_put_u8(skb, SLUICE_A_RULE_PROTO, key->proto)) ||
	    nla_put_u32(skb, SLUICE_A_RULE_TIER, key->tier) ||
	    nla_put_u32(skb, SLUICE_A_RULE_PRIORITY, key->priority))
		return -EMSGSIZE;
	return put_ports(skb, key);
}

static int put_counter(struct sk_buff *skb, int type, const atomic64_t *value)
{
	return nla_put_u64_64bit(skb, type, atomic64_read(value),
				 SLUICE_A_RULE_PAD);
}

static int put_counters(struct sk_buff *skb,
			const struct sluice_policy_counters *counters)
{
	return put_counter(skb, SLUICE_A_RULE_FLOWS, &counters->flows) ?:
	       put_counter(skb, SLUICE_A_RULE_PACKETS, &counters->packets) ?:
	       put_counter(skb, SLUICE_A_RULE_BYTES, &counters->bytes);
}

static int fill_rule(struct sk_buff *skb, const void *object)
{
	const struct sluice_policy_rule *rule = object;
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_RULE);
	if (!nest || put_key(skb, &rule->key) ||
	    nla_put_u32(skb, SLUICE_A_RULE_ACTION, rule->action) ||
	    nla_put_u64_64bit(skb, SLUICE_A_RULE_COOKIE, rule->cookie,
			      SLUICE_A_RULE_PAD) ||
	    (*rule->name &&
	     nla_put_string(skb, SLUICE_A_RULE_NAME, rule->name)) ||
	    put_counters(skb, sluice_policy_rule_counters(rule)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_rule_tags(struct sk_buff *skb,
			 const struct sluice_policy_rule *rule)
{
	return nla_put_u64_64bit(skb, SLUICE_A_JUDGEMENT_COOKIE, rule->cookie,
				 SLUICE_A_JUDGEMENT_PAD) ?:
	       (*rule->name ? nla_put_string(skb, SLUICE_A_JUDGEMENT_NAME,
					     rule->name) : 0);
}

/* What a judgement rests on, inside a nest begun by the caller */
int sluice_nl_put_blame(struct sk_buff *skb, const struct sluice_blame *blame)
{
	if (nla_put_u32(skb, SLUICE_A_JUDGEMENT_DIRECTION, blame->dir) ||
	    nla_put_u32(skb, SLUICE_A_JUDGEMENT_WHY, blame->why) ||
	    nla_put_u32(skb, SLUICE_A_JUDGEMENT_SUBJECT, blame->subject) ||
	    nla_put_u32(skb, SLUICE_A_JUDGEMENT_PEER, blame->peer))
		return -EMSGSIZE;
	return blame->rule ? put_rule_tags(skb, blame->rule) : 0;
}

/*
 * What a rule says of a flow that goes on, likewise: if it denies it that is for
 * the audit mode. Whom it is about if it says so
 */
int sluice_nl_put_flow_rule(struct sk_buff *skb,
			   const struct sluice_policy_rule *rule)
{
	const struct sluice_policy_key *key = &rule->key;

	if (nla_put_u32(skb, SLUICE_A_JUDGEMENT_DIRECTION, key->dir) ||
	    nla_put_u32(skb, SLUICE_A_JUDGEMENT_ACTION, rule->action) ||
	    nla_put_u32(skb, SLUICE_A_JUDGEMENT_WHY, SLUICE_POLICY_WHY_RULE) ||
	    nla_put_u32(skb, SLUICE_A_JUDGEMENT_SUBJECT, key->subject) ||
	    (!(key->any & SLUICE_POLICY_ANY_PEER) &&
	     nla_put_u32(skb, SLUICE_A_JUDGEMENT_PEER, key->peer)))
		return -EMSGSIZE;
	return put_rule_tags(skb, rule);
}

/* ------------------------------------------------------------------- parsing */

/* Of identities that rules name, those that addresses can have */
static int parse_identity(u32 *number, const struct nlattr *attr,
			  struct netlink_ext_ack *extack)
{
	*number = nla_get_u32(attr);
	if (sluice_identity_is_reserved(*number))
		return sluice_nl_invalid(extack, attr,
					 "identities 4 to 15 are reserved");
	return 0;
}

static int parse_ends(struct sluice_policy_key *key, struct nlattr **tb,
		      const struct nlattr *nest,
		      struct netlink_ext_ack *extack)
{
	int err;

	if (!tb[SLUICE_A_RULE_SUBJECT])
		return sluice_nl_missing(extack, nest, SLUICE_A_RULE_SUBJECT,
					 "the rule's subject is missing");
	if (!tb[SLUICE_A_RULE_DIRECTION])
		return sluice_nl_missing(extack, nest, SLUICE_A_RULE_DIRECTION,
					 "the rule's direction is missing");
	key->dir = nla_get_u32(tb[SLUICE_A_RULE_DIRECTION]);
	err = parse_identity(&key->subject, tb[SLUICE_A_RULE_SUBJECT], extack);
	if (err)
		return err;
	if (!key->subject)
		return sluice_nl_invalid(extack, tb[SLUICE_A_RULE_SUBJECT],
					 "a rule's subject must not be 0");
	if (tb[SLUICE_A_RULE_PEER])
		return parse_identity(&key->peer, tb[SLUICE_A_RULE_PEER],
				      extack);
	key->any |= SLUICE_POLICY_ANY_PEER;
	return 0;
}

static int parse_ports(struct sluice_policy_key *key, struct nlattr **tb,
		       const struct nlattr *nest,
		       struct netlink_ext_ack *extack)
{
	const struct nlattr *first = tb[SLUICE_A_RULE_PORT_FIRST];
	const struct nlattr *last = tb[SLUICE_A_RULE_PORT_LAST];

	if (!first && !last)
		return 0;
	if (!sluice_proto_has_flows(key->proto))
		return sluice_nl_invalid(extack, first ?: last,
					 "only TCP, UDP and SCTP have ports");
	if (!first)
		return sluice_nl_missing(extack, nest, SLUICE_A_RULE_PORT_FIRST,
					 "the first port is missing");
	key->first = nla_get_u16(first);
	key->last = last ? nla_get_u16(last) : key->first;
	if (!key->first)
		return sluice_nl_invalid(extack, first,
					 "a port must not be 0");
	if (key->last < key->first)
		return sluice_nl_invalid(extack, last,
					 "the last port is below the first one");
	return 0;
}

static int parse_icmp(struct sluice_policy_key *key, struct nlattr **tb,
		      const struct nlattr *nest, struct netlink_ext_ack *extack)
{
	const struct nlattr *type = tb[SLUICE_A_RULE_ICMP_TYPE];
	const struct nlattr *code = tb[SLUICE_A_RULE_ICMP_CODE];

	if (!type && !code)
		return 0;
	if (!is_icmp(key))
		return sluice_nl_invalid(extack, type ?: code,
					 "only ICMP and ICMPv6 have types and codes");
	if (!type)
		return sluice_nl_missing(extack, nest, SLUICE_A_RULE_ICMP_TYPE,
					 "the ICMP type is missing");
	key->first = nla_get_u8(type) << 8;
	key->last = key->first | U8_MAX;
	if (code)
		key->first = key->last = key->first | nla_get_u8(code);
	return 0;
}

static int parse_match(struct sluice_policy_key *key, struct nlattr **tb,
		       const struct nlattr *nest,
		       struct netlink_ext_ack *extack)
{
	key->last = U16_MAX;
	if (tb[SLUICE_A_RULE_PROTO])
		key->proto = nla_get_u8(tb[SLUICE_A_RULE_PROTO]);
	else
		key->any |= SLUICE_POLICY_ANY_PROTO;
	return parse_ports(key, tb, nest, extack) ?:
	       parse_icmp(key, tb, nest, extack);
}

static int parse_rank(struct sluice_policy_key *key, struct nlattr **tb,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *priority = tb[SLUICE_A_RULE_PRIORITY];

	key->tier = SLUICE_POLICY_TIER_NORMAL;
	if (tb[SLUICE_A_RULE_TIER])
		key->tier = nla_get_u32(tb[SLUICE_A_RULE_TIER]);
	key->priority = priority ? nla_get_u32(priority) : DEFAULT_PRIORITY;
	if (key->priority > PRIORITY_MAX)
		return sluice_nl_invalid(extack, priority,
					 "a priority is 0 to 65535");
	return 0;
}

/* What a change says of a rule; its name points into the request. */
static int parse_rule(struct sluice_policy_rule_cfg *cfg,
		      const struct sluice_nl_change *change,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *nest = change->attrs[SLUICE_A_RULE];
	struct nlattr *tb[SLUICE_A_RULE_MAX + 1];
	int err;

	memset(cfg, 0, sizeof(*cfg));
	if (!nest)
		return sluice_nl_missing(extack, change->nest, SLUICE_A_RULE,
					 "the rule is missing");
	err = nla_parse_nested(tb, SLUICE_A_RULE_MAX, nest,
			       sluice_rule_nl_policy, extack) ?:
	      sluice_nl_refuse_read_only(tb, SLUICE_A_RULE_FLOWS,
					 SLUICE_A_RULE_BYTES, extack);
	if (err)
		return err;

	if (tb[SLUICE_A_RULE_ACTION])
		cfg->action = nla_get_u32(tb[SLUICE_A_RULE_ACTION]);
	if (tb[SLUICE_A_RULE_COOKIE])
		cfg->cookie = nla_get_u64(tb[SLUICE_A_RULE_COOKIE]);
	if (tb[SLUICE_A_RULE_NAME])
		cfg->name = nla_data(tb[SLUICE_A_RULE_NAME]);
	return parse_ends(&cfg->key, tb, nest, extack) ?:
	       parse_match(&cfg->key, tb, nest, extack) ?:
	       parse_rank(&cfg->key, tb, extack);
}

/* ------------------------------------------------------------------- changes */

/* As far as the transaction has come, or NULL */
static struct sluice_policy_rule *find(struct sluice_nl_tx *ntx,
				       const struct sluice_policy_key *key)
{
	if (!ntx->sn->active)
		return NULL;
	return sluice_policy_tx_find_rule(&ntx->config.policies, key);
}

static int refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		  int err)
{
	if (err == -ENOSPC)
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "there are as many rules as there may be");
	else
		sluice_nl_no_memory(extack, attr);
	return err;
}

int sluice_nl_rule_new(struct sluice_nl_tx *ntx,
		       const struct sluice_nl_change *change)
{
	const struct nlattr *attr = change->attrs[SLUICE_A_RULE];
	struct netlink_ext_ack *extack = ntx->info->extack;
	struct sluice_policy_rule_cfg cfg;
	int err;

	err = parse_rule(&cfg, change, extack);
	if (err)
		return err;
	if (!cfg.action)
		return sluice_nl_missing(extack, attr, SLUICE_A_RULE_ACTION,
					 "the rule's action is missing");
	err = sluice_nl_check_new(change, find(ntx, &cfg.key), attr, extack) ?:
	      sluice_nl_activate(ntx, attr);
	if (err)
		return err;
	err = sluice_policy_tx_rule_new(&ntx->config.policies, &cfg);
	return err ? refuse(extack, attr, err) : 0;
}

int sluice_nl_rule_del(struct sluice_nl_tx *ntx,
		       const struct sluice_nl_change *change)
{
	struct netlink_ext_ack *extack = ntx->info->extack;
	struct sluice_policy_rule_cfg cfg;
	struct sluice_policy_rule *rule;
	int err;

	err = parse_rule(&cfg, change, extack);
	if (err)
		return err;
	rule = find(ntx, &cfg.key);
	if (!rule) {
		NL_SET_ERR_MSG_ATTR(extack, change->attrs[SLUICE_A_RULE],
				    "no such rule");
		return -ENOENT;
	}
	sluice_policy_tx_rule_del(&ntx->config.policies, rule);
	return 0;
}

int sluice_nl_policy_flush(struct sluice_nl_tx *ntx,
			   const struct sluice_nl_change *change)
{
	sluice_policy_tx_flush(&ntx->config.policies);
	return 0;
}

int sluice_nl_policy_replace_all(struct sluice_nl_tx *ntx,
				 const struct sluice_nl_change *change)
{
	sluice_identity_tx_replace_all(&ntx->config.identities);
	sluice_policy_tx_replace_all(&ntx->config.policies);
	return 0;
}

int sluice_nl_prepare_policies(struct sluice_nl_tx *ntx)
{
	int err = sluice_policy_tx_prepare(&ntx->config.policies);

	return err ? refuse(ntx->info->extack, NULL, err) : 0;
}

/* A rule that is changed is deleted, and another version of it created. */
static void notify_rule(struct sluice_nl_tx *ntx,
			const struct sluice_policy_rule *rule)
{
	if (rule->born == rule->gone)
		return;
	if (!rule->gone)
		sluice_nl_notify(ntx, SLUICE_CMD_RULE_NTF,
				 rule->origin == rule ? NLM_F_CREATE : 0,
				 fill_rule, rule);
	else if (!sluice_policy_find_rule(ntx->config.policies.table, &rule->key))
		sluice_nl_notify(ntx, SLUICE_CMD_RULE_DEL_NTF, 0, fill_rule,
				 rule);
}

void sluice_nl_notify_rules(struct sluice_nl_tx *ntx)
{
	const struct sluice_policy_rule *rule;

	list_for_each_entry(rule, &ntx->config.policies.rules, tx) {
		notify_rule(ntx, rule);
		cond_resched();
	}
}

int sluice_nl_rule_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_rule_new);
}

int sluice_nl_rule_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_rule_del);
}

int sluice_nl_policy_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_policy_flush);
}

/* --------------------------------------------------------------------- dumps */

/* Where a dump of rules goes on. */
struct rule_dump {
	unsigned long next_id;
	bool begun;
};

static int dump_rules(struct sluice_net *sn, struct sk_buff *skb,
		      struct netlink_callback *cb)
{
	struct rule_dump *dump = (void *)cb->ctx;
	struct sluice_policy_rule *rule;
	unsigned long id;
	u32 subject;
	int err;

	err = sluice_nl_parse_subject_filter(&subject,
					     genl_info_dump(cb)->attrs,
					     cb->extack);
	if (err || !sn->active)
		return err;
	if (!dump->begun)
		sluice_nl_fold(sn, cb->skb);
	dump->begun = true;

	xa_for_each_start(&sn->policies.rules, id, rule, dump->next_id) {
		dump->next_id = id;
		cond_resched();
		if (subject && rule->key.subject != subject)
			continue;
		err = sluice_nl_dump_one(skb, cb, SLUICE_CMD_RULE_GET,
					 fill_rule, rule);
		if (err)
			return skb->len ?: err;
	}
	dump->next_id = ULONG_MAX;
	return skb->len;
}

int sluice_nl_rule_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct rule_dump) > sizeof(cb->ctx));
	return sluice_nl_dump(skb, cb, BIT(SLUICE_A_SUBJECT), dump_rules);
}
