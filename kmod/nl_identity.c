// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: identities.
 */
#include "nl.h"

static int put_excepts(struct sk_buff *skb,
		       const struct sluice_identity_entry *entry)
{
	struct nlattr *nest;
	u32 i;

	if (!entry->except_count)
		return 0;
	nest = nla_nest_start(skb, SLUICE_A_IDENTITY_EXCEPT);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < entry->except_count; i++)
		if (sluice_nl_put_prefix(skb, SLUICE_A_PREFIXES_PREFIX,
					 &entry->excepts[i].place->prefix))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_identity(struct sk_buff *skb, const void *object)
{
	const struct sluice_identity_entry *entry = object;
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_IDENTITY);
	if (!nest ||
	    sluice_nl_put_prefix(skb, SLUICE_A_IDENTITY_PREFIX,
				 &entry->place->prefix) ||
	    nla_put_u32(skb, SLUICE_A_IDENTITY_ID, entry->identity->number) ||
	    put_excepts(skb, entry) ||
	    nla_put_u8(skb, SLUICE_A_IDENTITY_EXCLUSIVE, entry->exclusive))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int parse_number(struct sluice_identity_cfg *cfg,
			const struct nlattr *attr,
			struct netlink_ext_ack *extack)
{
	cfg->number = nla_get_u32(attr);
	if (!cfg->number)
		return sluice_nl_invalid(extack, attr,
					 "identity 0 is that of addresses without an entry and cannot be given");
	if (sluice_identity_is_reserved(cfg->number))
		return sluice_nl_invalid(extack, attr,
					 "identities 4 to 15 are reserved");
	return 0;
}

static int check_excepts(const struct sluice_identity_cfg *cfg,
			 const struct nlattr *attr,
			 struct netlink_ext_ack *extack)
{
	u32 i;

	for (i = 0; i < cfg->excepts.count; i++)
		if (!sluice_identity_is_part(&cfg->excepts.list[i],
					     &cfg->prefix))
			return sluice_nl_invalid(extack, attr,
						 "an except is not a narrower part of the prefix");
	return 0;
}

static int parse_fields(struct sluice_identity_cfg *cfg, struct nlattr **tb,
			const struct nlattr *nest,
			struct netlink_ext_ack *extack)
{
	const struct nlattr *except = tb[SLUICE_A_IDENTITY_EXCEPT];
	int err;

	if (!tb[SLUICE_A_IDENTITY_PREFIX])
		return sluice_nl_missing(extack, nest, SLUICE_A_IDENTITY_PREFIX,
					 "the prefix is missing");
	if (!tb[SLUICE_A_IDENTITY_ID])
		return sluice_nl_missing(extack, nest, SLUICE_A_IDENTITY_ID,
					 "the number of the identity is missing");
	err = sluice_nl_parse_prefix(&cfg->prefix, AF_UNSPEC,
				     tb[SLUICE_A_IDENTITY_PREFIX], extack) ?:
	      parse_number(cfg, tb[SLUICE_A_IDENTITY_ID], extack);
	if (err || !except)
		return err;
	err = sluice_nl_parse_prefixes(&cfg->excepts, cfg->prefix.family,
				       except, extack) ?:
	      check_excepts(cfg, except, extack);
	if (err)
		sluice_nl_free_prefixes(&cfg->excepts);
	return err;
}

/* Without an error, sluice_nl_free_prefixes() of the excepts afterwards */
static int parse_identity(struct sluice_identity_cfg *cfg,
			  const struct sluice_nl_change *change,
			  struct netlink_ext_ack *extack)
{
	const struct nlattr *nest = change->attrs[SLUICE_A_IDENTITY];
	struct nlattr *tb[SLUICE_A_IDENTITY_MAX + 1];
	int err;

	memset(cfg, 0, sizeof(*cfg));
	if (!nest)
		return sluice_nl_missing(extack, change->nest,
					 SLUICE_A_IDENTITY,
					 "the identity is missing");
	err = nla_parse_nested(tb, SLUICE_A_IDENTITY_MAX, nest,
			       sluice_identity_nl_policy, extack);
	if (err)
		return err;
	if (tb[SLUICE_A_IDENTITY_EXCLUSIVE])
		cfg->exclusive = nla_get_u8(tb[SLUICE_A_IDENTITY_EXCLUSIVE]);
	return parse_fields(cfg, tb, nest, extack);
}

/* As far as the transaction has come, or NULL */
static struct sluice_identity_entry *
find(struct sluice_nl_tx *ntx, const struct sluice_identity_cfg *cfg)
{
	if (!ntx->sn->active)
		return NULL;
	return sluice_identity_tx_find(&ntx->config.identities, &cfg->prefix,
				       cfg->number);
}

static int refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		  int err)
{
	if (err == -ENOSPC)
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "there are as many entries, or prefixes among them, as there may be");
	else if (err == -E2BIG)
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "an address would have more than 1024 identities");
	else
		sluice_nl_no_memory(extack, attr);
	return err;
}

static int new_identity(struct sluice_nl_tx *ntx,
			const struct sluice_nl_change *change,
			const struct sluice_identity_cfg *cfg)
{
	const struct nlattr *attr = change->attrs[SLUICE_A_IDENTITY];
	struct netlink_ext_ack *extack = ntx->info->extack;
	int err;

	err = sluice_nl_check_new(change, find(ntx, cfg), attr, extack) ?:
	      sluice_nl_activate(ntx, attr);
	if (err)
		return err;
	err = sluice_identity_tx_new(&ntx->config.identities, cfg);
	return err ? refuse(extack, attr, err) : 0;
}

int sluice_nl_identity_new(struct sluice_nl_tx *ntx,
			   const struct sluice_nl_change *change)
{
	struct sluice_identity_cfg cfg;
	int err;

	err = parse_identity(&cfg, change, ntx->info->extack);
	if (err)
		return err;
	err = new_identity(ntx, change, &cfg);
	sluice_nl_free_prefixes(&cfg.excepts);
	return err;
}

int sluice_nl_identity_del(struct sluice_nl_tx *ntx,
			   const struct sluice_nl_change *change)
{
	struct netlink_ext_ack *extack = ntx->info->extack;
	struct sluice_identity_entry *entry;
	struct sluice_identity_cfg cfg;
	int err;

	err = parse_identity(&cfg, change, extack);
	if (err)
		return err;
	sluice_nl_free_prefixes(&cfg.excepts);
	entry = find(ntx, &cfg);
	if (!entry) {
		NL_SET_ERR_MSG_ATTR(extack, change->attrs[SLUICE_A_IDENTITY],
				    "the prefix does not have this identity");
		return -ENOENT;
	}
	sluice_identity_tx_del(&ntx->config.identities, entry);
	return 0;
}

int sluice_nl_identity_flush(struct sluice_nl_tx *ntx,
			     const struct sluice_nl_change *change)
{
	sluice_identity_tx_flush(&ntx->config.identities);
	return 0;
}

/* Of many changes none is the one to blame. */
int sluice_nl_prepare_identities(struct sluice_nl_tx *ntx)
{
	const struct nlattr *attr = ntx->info->attrs[SLUICE_A_IDENTITY];
	int err = sluice_identity_tx_prepare(&ntx->config.identities);

	return err ? refuse(ntx->info->extack, attr, err) : 0;
}

static_assert(SLUICE_IDENTITY_SET_MAX == 1024);	/* what is told */

/* One that is changed is deleted and created anew. */
static void notify_identity(struct sluice_nl_tx *ntx,
			    const struct sluice_identity_entry *entry)
{
	struct sluice_identity_entry *now;

	if (entry->born == entry->gone)
		return;
	now = sluice_identity_entry_find(ntx->config.identities.table,
					 &entry->place->prefix,
					 entry->identity->number);
	if (!entry->gone)
		sluice_nl_notify(ntx, SLUICE_CMD_IDENTITY_NTF,
				 entry->replaces ? 0 : NLM_F_CREATE,
				 fill_identity, entry);
	else if (!now)
		sluice_nl_notify(ntx, SLUICE_CMD_IDENTITY_DEL_NTF, 0,
				 fill_identity, entry);
}

void sluice_nl_notify_identities(struct sluice_nl_tx *ntx)
{
	const struct sluice_identity_entry *entry;

	for (entry = ntx->config.identities.entries; entry; entry = entry->next) {
		notify_identity(ntx, entry);
		cond_resched();
	}
}

int sluice_nl_identity_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_identity_new);
}

int sluice_nl_identity_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_identity_del);
}

int sluice_nl_identity_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_identity_flush);
}

/* Where a dump of entries goes on. */
struct identity_dump {
	u32 next_id;
	bool done;
};

/* Whether only entries of one prefix are wanted */
static int parse_filter(struct sluice_prefix *prefix, struct nlattr **attrs,
			struct netlink_ext_ack *extack)
{
	const struct nlattr *nest = attrs[SLUICE_A_IDENTITY];
	struct nlattr *tb[SLUICE_A_IDENTITY_MAX + 1];
	int err;

	prefix->family = AF_UNSPEC;
	if (!nest)
		return 0;
	err = nla_parse_nested(tb, SLUICE_A_IDENTITY_MAX, nest,
			       sluice_identity_nl_policy, extack) ?:
	      sluice_nl_refuse_read_only(tb, SLUICE_A_IDENTITY_ID,
					 SLUICE_A_IDENTITY_MAX, extack);
	if (err)
		return err;
	if (!tb[SLUICE_A_IDENTITY_PREFIX])
		return sluice_nl_missing(extack, nest, SLUICE_A_IDENTITY_PREFIX,
					 "the prefix is missing");
	return sluice_nl_parse_prefix(prefix, AF_UNSPEC,
				      tb[SLUICE_A_IDENTITY_PREFIX], extack);
}

static bool is_wanted(const struct sluice_identity_entry *entry,
		      const struct sluice_prefix *prefix)
{
	return prefix->family == AF_UNSPEC ||
	       sluice_identity_same_prefix(&entry->place->prefix, prefix);
}

static int dump_identities(struct sluice_net *sn, struct sk_buff *skb,
			   struct netlink_callback *cb)
{
	struct identity_dump *dump = (void *)cb->ctx;
	struct sluice_identity_entry *entry;
	struct sluice_prefix prefix;
	int err;

	err = parse_filter(&prefix, genl_info_dump(cb)->attrs, cb->extack);
	if (err || !sn->active)
		return err;
	while (!dump->done) {
		entry = sluice_identity_entry_next(&sn->identities,
						   dump->next_id);
		if (!entry)
			break;
		err = is_wanted(entry, &prefix) ?
		      sluice_nl_dump_one(skb, cb, SLUICE_CMD_IDENTITY_GET,
					 fill_identity, entry) : 0;
		if (err)
			return skb->len ?: err;
		dump->next_id = entry->id + 1;
		cond_resched();
		dump->done = !dump->next_id;
	}
	dump->done = true;
	return skb->len;
}

int sluice_nl_identity_get_dumpit(struct sk_buff *skb,
				  struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct identity_dump) > sizeof(cb->ctx));
	return sluice_nl_dump(skb, cb, BIT(SLUICE_A_IDENTITY), dump_identities);
}
