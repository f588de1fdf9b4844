// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: subjects of the policy.
 */
#include "nl.h"

#define INGRESS_BIT	BIT(SLUICE_POLICY_DIRECTION_INGRESS)
#define EGRESS_BIT	BIT(SLUICE_POLICY_DIRECTION_EGRESS)

static int fill_subject(struct sk_buff *skb, const void *object)
{
	const struct sluice_policy *policy = object;
	const struct sluice_policy_opts *opts = &policy->opts;
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_SUBJECT);
	if (!nest ||
	    nla_put_u32(skb, SLUICE_A_SUBJECT_ID, policy->identity->number) ||
	    nla_put_u8(skb, SLUICE_A_SUBJECT_ISOLATE_INGRESS,
		       !!(opts->isolate & INGRESS_BIT)) ||
	    nla_put_u8(skb, SLUICE_A_SUBJECT_ISOLATE_EGRESS,
		       !!(opts->isolate & EGRESS_BIT)) ||
	    nla_put_u8(skb, SLUICE_A_SUBJECT_AUDIT, opts->audit) ||
	    nla_put_u32(skb, SLUICE_A_SUBJECT_ON_DENY, opts->on_deny) ||
	    nla_put_u32(skb, SLUICE_A_SUBJECT_ESTABLISHED, opts->established))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int parse_number(u32 *number, struct nlattr **tb,
			const struct nlattr *nest,
			struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = tb[SLUICE_A_SUBJECT_ID];

	if (!attr)
		return sluice_nl_missing(extack, nest, SLUICE_A_SUBJECT_ID,
					 "the subject's identity is missing");
	*number = nla_get_u32(attr);
	if (!*number)
		return sluice_nl_invalid(extack, attr,
					 "a subject's identity must not be 0");
	if (sluice_identity_is_reserved(*number))
		return sluice_nl_invalid(extack, attr,
					 "identities 4 to 15 are reserved");
	return 0;
}

static void set_bit_of(u8 *bits, u8 bit, const struct nlattr *attr)
{
	if (attr)
		*bits = nla_get_u8(attr) ? *bits | bit : *bits & ~bit;
}

/* The policy has checked the values. */
static void parse_opts(struct sluice_policy_opts *opts, struct nlattr **tb)
{
	set_bit_of(&opts->isolate, INGRESS_BIT,
		   tb[SLUICE_A_SUBJECT_ISOLATE_INGRESS]);
	set_bit_of(&opts->isolate, EGRESS_BIT,
		   tb[SLUICE_A_SUBJECT_ISOLATE_EGRESS]);
	if (tb[SLUICE_A_SUBJECT_AUDIT])
		opts->audit = nla_get_u8(tb[SLUICE_A_SUBJECT_AUDIT]);
	if (tb[SLUICE_A_SUBJECT_ON_DENY])
		opts->on_deny = nla_get_u32(tb[SLUICE_A_SUBJECT_ON_DENY]);
	if (tb[SLUICE_A_SUBJECT_ESTABLISHED])
		opts->established =
			nla_get_u32(tb[SLUICE_A_SUBJECT_ESTABLISHED]);
}

static int set_opts(struct sluice_nl_tx *ntx, const struct nlattr *nest,
		    struct nlattr **tb, u32 number)
{
	struct sluice_policy_opts opts;
	int err;

	err = sluice_nl_activate(ntx, nest);
	if (err)
		return err;
	opts = sluice_policy_tx_opts(&ntx->config.policies, number);
	parse_opts(&opts, tb);
	err = sluice_policy_tx_set_opts(&ntx->config.policies, number, &opts);
	if (err != -ENOSPC)
		return err ? sluice_nl_no_memory(ntx->info->extack, nest) : 0;
	NL_SET_ERR_MSG_ATTR(ntx->info->extack, nest, "too many subjects");
	return err;
}

int sluice_nl_subject_set(struct sluice_nl_tx *ntx,
			  const struct sluice_nl_change *change)
{
	const struct nlattr *nest = change->attrs[SLUICE_A_SUBJECT];
	struct netlink_ext_ack *extack = ntx->info->extack;
	struct nlattr *tb[SLUICE_A_SUBJECT_MAX + 1];
	u32 number;
	int err;

	if (!nest)
		return sluice_nl_missing(extack, change->nest,
					 SLUICE_A_SUBJECT,
					 "the subject is missing");
	err = nla_parse_nested(tb, SLUICE_A_SUBJECT_MAX, nest,
			       sluice_subject_nl_policy, extack) ?:
	      parse_number(&number, tb, nest, extack);
	return err ?: set_opts(ntx, nest, tb, number);
}

static void notify_subjects(struct sluice_nl_tx *ntx)
{
	const struct sluice_policy *policy;

	list_for_each_entry(policy, &ntx->config.policies.policies, tx) {
		if (sluice_policy_tx_opts_changed(&ntx->config.policies, policy))
			sluice_nl_notify(ntx, SLUICE_CMD_SUBJECT_NTF, 0,
					 fill_subject, policy);
		cond_resched();
	}
}

void sluice_nl_notify_policies(struct sluice_nl_tx *ntx)
{
	sluice_nl_notify_rules(ntx);
	notify_subjects(ntx);
}

int sluice_nl_subject_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_subject_set);
}

/**
 * sluice_nl_parse_subject_filter() - which subject a dump is about
 * @number: set to the subject, 0 if it is about all
 * @attrs: of the request
 * @extack: for the reason of a refusal
 *
 * Return: 0 or -errno.
 */
int sluice_nl_parse_subject_filter(u32 *number, struct nlattr **attrs,
				   struct netlink_ext_ack *extack)
{
	const struct nlattr *nest = attrs[SLUICE_A_SUBJECT];
	struct nlattr *tb[SLUICE_A_SUBJECT_MAX + 1];
	int err;

	*number = 0;
	if (!nest)
		return 0;
	err = nla_parse_nested(tb, SLUICE_A_SUBJECT_MAX, nest,
			       sluice_subject_nl_policy, extack);
	return err ?: parse_number(number, tb, nest, extack);
}

/* Where a dump of subjects goes on. */
struct subject_dump {
	unsigned long next;
};

static int dump_subjects(struct sluice_net *sn, struct sk_buff *skb,
			 struct netlink_callback *cb)
{
	struct subject_dump *dump = (void *)cb->ctx;
	struct sluice_policy *policy;
	unsigned long id;
	u32 number;
	int err;

	err = sluice_nl_parse_subject_filter(&number, genl_info_dump(cb)->attrs,
					     cb->extack);
	if (err || !sn->active)
		return err;
	xa_for_each_start(&sn->policies.policies, id, policy, dump->next) {
		dump->next = id;
		if ((number && id != number) ||
		    sluice_policy_opts_are_default(&policy->opts))
			continue;
		err = sluice_nl_dump_one(skb, cb, SLUICE_CMD_SUBJECT_GET,
					 fill_subject, policy);
		if (err)
			return skb->len ?: err;
	}
	dump->next = ULONG_MAX;
	return skb->len;
}

int sluice_nl_subject_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct subject_dump) > sizeof(cb->ctx));
	return sluice_nl_dump(skb, cb, BIT(SLUICE_A_SUBJECT), dump_subjects);
}
