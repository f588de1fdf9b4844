// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: attached devices.
 */
#include "nl.h"

static int put_addresses(struct sk_buff *skb, const struct sluice_device *device)
{
	static const struct sluice_prefixes none;
	const struct sluice_ranges *ranges;

	ranges = rcu_dereference_raw(device->addresses);
	return sluice_nl_put_prefixes(skb, SLUICE_A_DEVICE_ADDRESSES,
				      ranges ? &ranges->allow : &none);
}

static int put_fallback(struct sk_buff *skb, u32 reason, u64 packets)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_DEVICE_FALLBACK);
	if (!nest || nla_put_u32(skb, SLUICE_A_FALLBACK_REASON, reason) ||
	    nla_put_u64_64bit(skb, SLUICE_A_FALLBACK_PACKETS, packets,
			      SLUICE_A_FALLBACK_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_left(struct sk_buff *skb, u32 reason, u64 segments)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_DEVICE_LEFT);
	if (!nest || nla_put_u32(skb, SLUICE_A_LEFT_REASON, reason) ||
	    nla_put_u64_64bit(skb, SLUICE_A_LEFT_SEGMENTS, segments,
			      SLUICE_A_LEFT_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_stats(struct sk_buff *skb, const struct sluice_device *device)
{
	struct sluice_door_stats sum;
	u32 reason;
	int err;

	sluice_device_sum(device, &sum);
	err = nla_put_u64_64bit(skb, SLUICE_A_DEVICE_SENT, sum.sent,
				SLUICE_A_DEVICE_PAD) ?:
	      nla_put_u64_64bit(skb, SLUICE_A_DEVICE_HANDED_OVER,
				sum.handed_over, SLUICE_A_DEVICE_PAD) ?:
	      nla_put_u64_64bit(skb, SLUICE_A_DEVICE_REDIRECTED,
				sum.redirected, SLUICE_A_DEVICE_PAD) ?:
	      nla_put_u64_64bit(skb, SLUICE_A_DEVICE_SEGMENTS,
				sum.short_cut, SLUICE_A_DEVICE_PAD) ?:
	      nla_put_u64_64bit(skb, SLUICE_A_DEVICE_SOCKETS, sum.sockets,
				SLUICE_A_DEVICE_PAD);
	for (reason = 1; !err && reason <= SLUICE_FALLBACK_MAX; reason++)
		err = put_fallback(skb, reason, sum.fallbacks[reason]);
	for (reason = 1; !err && reason <= SLUICE_SHORT_CUT_REASON_MAX; reason++)
		err = put_left(skb, reason, sum.left[reason]);
	return err;
}

static int fill_device(struct sk_buff *skb, const void *object)
{
	const struct sluice_device *device = object;
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_DEVICE);
	if (!nest ||
	    nla_put_string(skb, SLUICE_A_DEVICE_NAME, device->name) ||
	    put_addresses(skb, device) ||
	    nla_put_u8(skb, SLUICE_A_DEVICE_FAST_PATH,
		       device->opts.fast_path) ||
	    nla_put_u32(skb, SLUICE_A_DEVICE_NETFILTER,
			device->opts.netfilter) ||
	    nla_put_u8(skb, SLUICE_A_DEVICE_POD_SIDE, device->opts.pod_side) ||
	    nla_put_u8(skb, SLUICE_A_DEVICE_SHORT_CUT,
		       device->opts.short_cut) ||
	    nla_put_u32(skb, SLUICE_A_DEVICE_PODS, READ_ONCE(device->pods)) ||
	    nla_put_u32(skb, SLUICE_A_DEVICE_IFINDEX,
			READ_ONCE(device->ifindex)) ||
	    nla_put_u32(skb, SLUICE_A_DEVICE_ATTACHED,
			READ_ONCE(device->attached)) ||
	    nla_put_u64_64bit(skb, SLUICE_A_DEVICE_DROPS,
			      atomic64_read(&device->drops),
			      SLUICE_A_DEVICE_PAD) ||
	    put_stats(skb, device))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int parse_nest(struct nlattr **tb, const struct nlattr *nest,
		      const struct nlattr *outer,
		      struct netlink_ext_ack *extack)
{
	if (!nest)
		return sluice_nl_missing(extack, outer, SLUICE_A_DEVICE,
					 "the device is missing");
	return nla_parse_nested(tb, SLUICE_A_DEVICE_MAX, nest,
				sluice_device_nl_policy, extack) ?:
	       sluice_nl_refuse_read_only(tb, SLUICE_A_DEVICE_IFINDEX,
					  SLUICE_A_DEVICE_PAD, extack) ?:
	       sluice_nl_refuse_read_only(tb, SLUICE_A_DEVICE_SENT,
					  SLUICE_A_DEVICE_ATTACHED, extack) ?:
	       sluice_nl_refuse_read_only(tb, SLUICE_A_DEVICE_PODS,
					  SLUICE_A_DEVICE_REDIRECTED, extack) ?:
	       sluice_nl_refuse_read_only(tb, SLUICE_A_DEVICE_SEGMENTS,
					  SLUICE_A_DEVICE_MAX, extack);
}

static int parse_name(char *name, struct nlattr **tb,
		      const struct nlattr *nest,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = tb[SLUICE_A_DEVICE_NAME];

	if (!attr)
		return sluice_nl_missing(extack, nest, SLUICE_A_DEVICE_NAME,
					 "the device's name is missing");
	nla_strscpy(name, attr, IFNAMSIZ);
	if (!dev_valid_name(name))
		return sluice_nl_invalid(extack, attr,
					 "no device can have this name");
	return 0;
}

static int parse_addresses(struct sluice_device_cfg *cfg, struct nlattr **tb,
			   struct netlink_ext_ack *extack)
{
	const struct nlattr *attr = tb[SLUICE_A_DEVICE_ADDRESSES];

	if (!attr)
		return 0;
	cfg->given |= SLUICE_DEVICE_HAS_ADDRESSES;
	return sluice_nl_parse_prefixes(&cfg->addresses, AF_UNSPEC, attr,
					extack);
}

/* Which kernels may be built without */
static int check_pod_side(const struct nlattr *attr,
			  struct netlink_ext_ack *extack)
{
	if (!attr || !nla_get_u8(attr) || IS_ENABLED(CONFIG_NETFILTER_EGRESS))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "this kernel has no netfilter hooks where devices send");
	return -EOPNOTSUPP;
}

/* The policy has checked the values. */
static void parse_opts(struct sluice_device_cfg *cfg, struct nlattr **tb)
{
	const struct nlattr *fast_path = tb[SLUICE_A_DEVICE_FAST_PATH];
	const struct nlattr *netfilter = tb[SLUICE_A_DEVICE_NETFILTER];
	const struct nlattr *pod_side = tb[SLUICE_A_DEVICE_POD_SIDE];
	const struct nlattr *short_cut = tb[SLUICE_A_DEVICE_SHORT_CUT];

	if (fast_path) {
		cfg->given |= SLUICE_DEVICE_HAS_FAST_PATH;
		cfg->opts.fast_path = nla_get_u8(fast_path);
	}
	if (pod_side) {
		cfg->given |= SLUICE_DEVICE_HAS_POD_SIDE;
		cfg->opts.pod_side = nla_get_u8(pod_side);
	}
	if (short_cut) {
		cfg->given |= SLUICE_DEVICE_HAS_SHORT_CUT;
		cfg->opts.short_cut = nla_get_u8(short_cut);
	}
	if (netfilter) {
		cfg->given |= SLUICE_DEVICE_HAS_NETFILTER;
		cfg->opts.netfilter = nla_get_u32(netfilter);
	}
}

static int new_device(struct sluice_nl_tx *ntx,
		      const struct sluice_nl_change *change,
		      const struct sluice_device_cfg *cfg)
{
	const struct nlattr *attr = change->attrs[SLUICE_A_DEVICE];
	struct netlink_ext_ack *extack = ntx->info->extack;
	struct sluice_device_tx *tx = &ntx->config.devices;
	int err;

	err = sluice_nl_check_new(change, sluice_device_tx_find(tx, cfg->name),
				  attr, extack) ?:
	      sluice_nl_activate(ntx, attr);
	if (err)
		return err;
	err = sluice_device_tx_new(tx, cfg);
	switch (err) {
	case -ENOSPC:
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "there are as many devices as there may be");
		return err;
	case -ENOMEM:
		return sluice_nl_no_memory(extack, attr);
	case -EOPNOTSUPP:
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "this kernel does not tell when sockets get connected");
		return err;
	default:
		return err;
	}
}

int sluice_nl_device_new(struct sluice_nl_tx *ntx,
			 const struct sluice_nl_change *change)
{
	const struct nlattr *nest = change->attrs[SLUICE_A_DEVICE];
	struct netlink_ext_ack *extack = ntx->info->extack;
	struct nlattr *tb[SLUICE_A_DEVICE_MAX + 1];
	struct sluice_device_cfg cfg = {};
	int err;

	err = parse_nest(tb, nest, change->nest, extack) ?:
	      parse_name(cfg.name, tb, nest, extack) ?:
	      check_pod_side(tb[SLUICE_A_DEVICE_POD_SIDE], extack) ?:
	      parse_addresses(&cfg, tb, extack);
	if (!err) {
		parse_opts(&cfg, tb);
		err = new_device(ntx, change, &cfg);
	}
	sluice_nl_free_prefixes(&cfg.addresses);
	return err;
}

int sluice_nl_device_del(struct sluice_nl_tx *ntx,
			 const struct sluice_nl_change *change)
{
	const struct nlattr *nest = change->attrs[SLUICE_A_DEVICE];
	struct netlink_ext_ack *extack = ntx->info->extack;
	struct nlattr *tb[SLUICE_A_DEVICE_MAX + 1];
	struct sluice_device *device;
	char name[IFNAMSIZ];
	int err;

	err = parse_nest(tb, nest, change->nest, extack) ?:
	      parse_name(name, tb, nest, extack);
	if (err)
		return err;
	device = sluice_device_tx_find(&ntx->config.devices, name);
	if (!device) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "the device is not attached");
		return -ENOENT;
	}
	sluice_device_tx_del(&ntx->config.devices, device);
	return 0;
}

int sluice_nl_device_flush(struct sluice_nl_tx *ntx,
			   const struct sluice_nl_change *change)
{
	sluice_device_tx_flush(&ntx->config.devices);
	return 0;
}

void sluice_nl_notify_devices(struct sluice_nl_tx *ntx)
{
	const struct sluice_device *device;

	list_for_each_entry(device, &ntx->config.devices.devices, tx) {
		cond_resched();
		if (!sluice_device_tx_is_changed(device))
			continue;
		if (device->gone)
			sluice_nl_notify(ntx, SLUICE_CMD_DEVICE_DEL_NTF, 0,
					 fill_device, device);
		else
			sluice_nl_notify(ntx, SLUICE_CMD_DEVICE_NTF,
					 device->born ? NLM_F_CREATE : 0,
					 fill_device, device);
	}
}

int sluice_nl_device_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_device_new);
}

int sluice_nl_device_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_device_del);
}

int sluice_nl_device_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	return sluice_nl_do(skb, info, sluice_nl_device_flush);
}

/* Where a dump of devices goes on: behind a name. */
struct device_dump {
	char name[IFNAMSIZ];
};

/* @name: of the only device that is wanted, or empty */
static int parse_filter(char *name, struct nlattr **attrs,
			struct netlink_ext_ack *extack)
{
	const struct nlattr *nest = attrs[SLUICE_A_DEVICE];
	struct nlattr *tb[SLUICE_A_DEVICE_MAX + 1];

	*name = 0;
	if (!nest)
		return 0;
	return parse_nest(tb, nest, NULL, extack) ?:
	       parse_name(name, tb, nest, extack);
}

static int dump_devices(struct sluice_net *sn, struct sk_buff *skb,
			struct netlink_callback *cb)
{
	struct device_dump *dump = (void *)cb->ctx;
	struct sluice_device *device;
	char only[IFNAMSIZ];
	int err;

	err = parse_filter(only, genl_info_dump(cb)->attrs, cb->extack);
	if (err)
		return err;
	while ((device = sluice_device_next(&sn->devices, dump->name))) {
		err = *only && strcmp(device->name, only) ? 0 :
		      sluice_nl_dump_one(skb, cb, SLUICE_CMD_DEVICE_GET,
					 fill_device, device);
		if (err)
			return skb->len ?: err;
		strscpy(dump->name, device->name, sizeof(dump->name));
		cond_resched();
	}
	return skb->len;
}

int sluice_nl_device_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct device_dump) > sizeof(cb->ctx));
	return sluice_nl_dump(skb, cb, BIT(SLUICE_A_DEVICE), dump_devices);
}
