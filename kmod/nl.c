// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: the family and what its handlers share.
 */
#include "nl.h"

static DEFINE_MUTEX(family_lock);
static bool family_registered;

#define A(_name)	BIT(SLUICE_A_##_name)

/* What a request may have, by its command. */
static const u16 allowed_attrs[SLUICE_CMD_MAX + 1] = {
	[SLUICE_CMD_SERVICE_NEW] = A(SERVICE),
	[SLUICE_CMD_SERVICE_DEL] = A(SERVICE),
	[SLUICE_CMD_SERVICE_GET] = A(SERVICE),
	[SLUICE_CMD_BACKEND_NEW] = A(SERVICE) | A(BACKEND),
	[SLUICE_CMD_BACKEND_DEL] = A(SERVICE) | A(BACKEND),
	[SLUICE_CMD_BACKEND_GET] = A(SERVICE) | A(BACKEND),
	[SLUICE_CMD_BACKEND_FLUSH] = A(SERVICE),
	[SLUICE_CMD_FLOW_GET] = A(FLOW),
	[SLUICE_CMD_FLOW_DEL] = A(FLOW),
	[SLUICE_CMD_FLOW_FLUSH] = A(SERVICE),
	[SLUICE_CMD_SETTINGS_SET] = A(SETTINGS),
	[SLUICE_CMD_TRANSACTION] = A(CHANGE),
	[SLUICE_CMD_EXPLAIN] = A(EXPLAIN),
	[SLUICE_CMD_IDENTITY_NEW] = A(IDENTITY),
	[SLUICE_CMD_IDENTITY_DEL] = A(IDENTITY),
	[SLUICE_CMD_RULE_NEW] = A(RULE),
	[SLUICE_CMD_RULE_DEL] = A(RULE),
	[SLUICE_CMD_SUBJECT_SET] = A(SUBJECT),
	[SLUICE_CMD_DEVICE_NEW] = A(DEVICE),
	[SLUICE_CMD_DEVICE_DEL] = A(DEVICE),
};

#undef A

/**
 * sluice_nl_check_attrs() - refuse what a request or change has no use for
 * @attrs: of the request or change
 * @max: the last there may be
 * @allowed: bits of those it may have, by &enum sluice_a
 * @extack: for the reason of a refusal
 *
 * Return: 0 or -EINVAL.
 */
int sluice_nl_check_attrs(struct nlattr **attrs, int max, unsigned long allowed,
			  struct netlink_ext_ack *extack)
{
	int type;

	for (type = 1; type <= max; type++)
		if (attrs[type] && !(allowed & BIT(type)))
			return sluice_nl_invalid(extack, attrs[type],
						 "the request has no use for this attribute");
	return 0;
}

/* Likewise, of a request */
int sluice_nl_check_request(struct nlattr **attrs, unsigned long allowed,
			    struct netlink_ext_ack *extack)
{
	return sluice_nl_check_attrs(attrs, ARRAY_SIZE(sluice_main_nl_policy) - 1,
				     allowed, extack);
}

/* Every request runs under the configuration lock of its namespace. */
static int pre_doit(const struct genl_split_ops *ops, struct sk_buff *skb,
		    struct genl_info *info)
{
	struct sluice_net *sn = sluice_pernet(genl_info_net(info));
	int err;

	static_assert(SLUICE_A_MAX < 8 * sizeof(*allowed_attrs));
	err = sluice_nl_check_request(info->attrs,
				      allowed_attrs[info->genlhdr->cmd],
				      info->extack);
	if (err)
		return err;
	mutex_lock(&sn->cfg_lock);
	info->user_ptr[0] = sn;
	return 0;
}

static void post_doit(const struct genl_split_ops *ops, struct sk_buff *skb,
		      struct genl_info *info)
{
	mutex_unlock(&sluice_nl_net(info)->cfg_lock);
}

static const struct genl_multicast_group groups[] = {
	[SLUICE_NLGRP_CONFIG] = { .name = SLUICE_MCGRP_CONFIG },
	/* Events tell who talks to whom, as flows do. */
	[SLUICE_NLGRP_EVENTS] = { .name = SLUICE_MCGRP_EVENTS,
				  .flags = GENL_MCAST_CAP_NET_ADMIN },
	[SLUICE_NLGRP_FLOWS] = { .name = SLUICE_MCGRP_FLOWS,
				 .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family sluice_nl_family __ro_after_init = {
	.name = SLUICE_FAMILY_NAME,
	.version = SLUICE_FAMILY_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	/* Otherwise the core refuses NLM_F_CREATE, _EXCL and _REPLACE. */
	.resv_start_op = SLUICE_CMD_MAX + 1,
	.maxattr = ARRAY_SIZE(sluice_main_nl_policy) - 1,
	.policy = sluice_main_nl_policy,
	.pre_doit = pre_doit,
	.post_doit = post_doit,
	.small_ops = sluice_nl_ops,
	.n_small_ops = ARRAY_SIZE(sluice_nl_ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

static void set_registered(bool registered)
{
	mutex_lock(&family_lock);
	WRITE_ONCE(family_registered, registered);
	mutex_unlock(&family_lock);
}

int __init sluice_nl_init(void)
{
	int err;

	err = genl_register_family(&sluice_nl_family);
	if (!err)
		set_registered(true);
	return err;
}

/* After this nobody sends, neither answers nor events. */
void sluice_nl_fini(void)
{
	set_registered(false);
	synchronize_rcu();
	genl_unregister_family(&sluice_nl_family);
}

/**
 * sluice_nl_fold() - bring counters up to date for an answer
 * @sn: namespace, active
 * @request: who asks
 *
 * This visits every flow, so whoever may not configure the namespace gets
 * figures of the last second.
 */
void sluice_nl_fold(struct sluice_net *sn, struct sk_buff *request)
{
	if (!netlink_ns_capable(request, sn->net->user_ns, CAP_NET_ADMIN) &&
	    time_before(jiffies, sn->last_fold + HZ))
		return;

	sluice_flow_table_fold(&sn->flows);
	sn->last_fold = jiffies;
}

/* Two full lists of prefixes, of 32 bytes each, and what else a service has */
#define OBJECT_SIZE_MAX	(2 * SLUICE_PREFIXES_MAX * 32 + 2048)

static int put_message(struct sk_buff *skb, u32 portid, u32 seq, int flags,
		       u8 cmd, sluice_nl_fill_t *fill, const void *object)
{
	void *header;

	header = genlmsg_put(skb, portid, seq, &sluice_nl_family, flags, cmd);
	if (!header)
		return -EMSGSIZE;

	if (fill(skb, object)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

/**
 * sluice_nl_put() - write one message
 * @skb: packet
 * @portid: of the message's header
 * @seq: likewise
 * @flags: likewise
 * @cmd: likewise
 * @fill: writes the object
 * @object: object
 *
 * An empty packet grows if a service with long lists of prefixes needs that:
 * this may sleep then, and with no other object.
 *
 * Return: 0, -EMSGSIZE if the object does not fit behind the others, or -ENOMEM.
 */
int sluice_nl_put(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 cmd,
		  sluice_nl_fill_t *fill, const void *object)
{
	int err;

	err = put_message(skb, portid, seq, flags, cmd, fill, object);
	if (!err || skb->len)
		return err;
	if (pskb_expand_head(skb, 0, OBJECT_SIZE_MAX, GFP_KERNEL))
		return -ENOMEM;
	return put_message(skb, portid, seq, flags, cmd, fill, object);
}

/**
 * sluice_nl_dump_one() - add an object to a dump
 * @skb: dump's present packet
 * @cb: dump; cb->seq tells of changes since it began
 * @cmd: command of the answer
 * @fill: writes the object
 * @object: object
 *
 * Return: 0, or -EMSGSIZE if the object must wait for the next packet; any error
 * if the packet is empty, and the dump is to end with that.
 */
int sluice_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		       u8 cmd, sluice_nl_fill_t *fill, const void *object)
{
	unsigned int at = skb->len;
	int err;

	err = sluice_nl_put(skb, NETLINK_CB(cb->skb).portid,
			    cb->nlh->nlmsg_seq, NLM_F_MULTI, cmd, fill, object);
	if (!err)
		nl_dump_check_consistent(cb, (void *)skb->data + at);
	return err;
}

/**
 * sluice_nl_dump() - go on with a dump, under the configuration lock
 * @skb: dump's present packet
 * @cb: dump
 * @allowed: as for sluice_nl_check_request()
 * @dump: adds objects, as many as there is room for
 *
 * Return: what @dump returns, or -EINVAL.
 */
int sluice_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
		   unsigned long allowed, sluice_nl_dump_t *dump)
{
	struct sluice_net *sn = sluice_pernet(sock_net(skb->sk));
	int ret;

	ret = sluice_nl_check_request(genl_info_dump(cb)->attrs, allowed,
				      cb->extack);
	if (ret)
		return ret;
	mutex_lock(&sn->cfg_lock);
	cb->seq = sn->generation;
	ret = dump(sn, skb, cb);
	mutex_unlock(&sn->cfg_lock);
	return ret;
}

/* Answer a request with one object; 0 or -errno. */
int sluice_nl_reply(struct genl_info *info, u8 cmd, sluice_nl_fill_t *fill,
		    const void *object)
{
	struct sk_buff *skb;
	int err;

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;

	err = sluice_nl_put(skb, info->snd_portid, info->snd_seq, 0, cmd, fill,
			    object);
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	return genlmsg_reply(skb, info);
}

/* NULL if there is no memory for it, or it does not fit. */
static struct sk_buff *new_message(u32 portid, u32 seq, int flags, u8 cmd,
				   sluice_nl_fill_t *fill, const void *object,
				   gfp_t gfp)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);

	if (!skb)
		return NULL;
	if (!sluice_nl_put(skb, portid, seq, flags, cmd, fill, object))
		return skb;
	nlmsg_free(skb);
	return NULL;
}

/* The listeners of a group are marked by their sockets' error. */
static void tell_of_loss(struct sluice_net *sn, unsigned int group)
{
	genl_set_err(&sluice_nl_family, sn->net, 0, group, ENOBUFS);
}

/**
 * sluice_nl_notify() - tell the group "config" of a change that is done
 * @ntx: transaction that asked for it
 * @cmd: command of the notification
 * @flags: NLM_F_CREATE if the object is new
 * @fill: writes the object
 * @object: object as it is now, or was before it was deleted
 *
 * A listener that cannot be told is marked by its socket's error.
 */
void sluice_nl_notify(struct sluice_nl_tx *ntx, u8 cmd, int flags,
		      sluice_nl_fill_t *fill, const void *object)
{
	const struct genl_info *info = ntx->info;
	struct sluice_net *sn = ntx->sn;
	struct sk_buff *skb;

	ntx->has_changed = true;
	if (!ntx->is_heard)
		return;
	skb = new_message(info->snd_portid, info->snd_seq, flags, cmd, fill,
			  object, GFP_KERNEL);
	if (skb)
		genlmsg_multicast_netns(&sluice_nl_family, sn->net, skb, 0,
					SLUICE_NLGRP_CONFIG, GFP_KERNEL);
	else
		tell_of_loss(sn, SLUICE_NLGRP_CONFIG);
}

/**
 * sluice_nl_has_listeners() - is anybody there to be told?
 * @sn: namespace
 * @group: multicast group
 *
 * Any context. True only while the family is registered, which it stays until
 * the caller, who holds rcu_read_lock() or @family_lock, lets go of that.
 */
bool sluice_nl_has_listeners(struct sluice_net *sn, unsigned int group)
{
	return READ_ONCE(family_registered) &&
	       genl_has_listeners(&sluice_nl_family, sn->net, group);
}

/**
 * sluice_nl_tell() - tell a group of what the data path has done
 * @sn: namespace
 * @group: multicast group that has listeners
 * @cmd: command of the notification
 * @fill: writes the object
 * @object: object
 *
 * Any context, under rcu_read_lock(). A listener that cannot be told is marked
 * by its socket's error.
 */
void sluice_nl_tell(struct sluice_net *sn, unsigned int group, u8 cmd,
		    sluice_nl_fill_t *fill, const void *object)
{
	struct sk_buff *skb;

	skb = new_message(0, 0, 0, cmd, fill, object, GFP_ATOMIC);
	if (skb)
		genlmsg_multicast_netns(&sluice_nl_family, sn->net, skb, 0,
					group, GFP_ATOMIC);
	else
		tell_of_loss(sn, group);
}

/* An event, and how many were lost before it. */
struct event_msg {
	struct sluice_event event;
	u64 lost;
};

static int put_blame(struct sk_buff *skb, const struct sluice_blame *blame)
{
	struct nlattr *nest;

	if (!blame->dir)
		return 0;
	nest = nla_nest_start(skb, SLUICE_A_EVENT_JUDGEMENT);
	if (!nest || sluice_nl_put_blame(skb, blame) ||
	    nla_put_u32(skb, SLUICE_A_JUDGEMENT_ACTION,
			SLUICE_POLICY_ACTION_DENY))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_event(struct sk_buff *skb, const void *object)
{
	const struct event_msg *msg = object;
	const struct sluice_event *event = &msg->event;
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_EVENT);
	if (!nest ||
	    nla_put_u32(skb, SLUICE_A_EVENT_TYPE, event->type) ||
	    (event->reason &&
	     nla_put_u32(skb, SLUICE_A_EVENT_REASON, event->reason)) ||
	    nla_put_u8(skb, SLUICE_A_EVENT_PROTO, event->tuple.proto) ||
	    sluice_nl_put_tuple(skb, SLUICE_A_EVENT_TUPLE, &event->tuple) ||
	    nla_put_u64_64bit(skb, SLUICE_A_EVENT_LOST, msg->lost,
			      SLUICE_A_EVENT_PAD) ||
	    put_blame(skb, &event->blame) ||
	    (*event->device &&
	     nla_put_string(skb, SLUICE_A_EVENT_DEVICE, event->device)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static void send_event(struct sluice_net *sn, const struct event_msg *msg)
{
	struct sk_buff *skb;

	skb = new_message(0, 0, 0, SLUICE_CMD_EVENT, fill_event, msg,
			  GFP_KERNEL);
	if (skb)
		genlmsg_multicast_netns(&sluice_nl_family, sn->net, skb, 0,
					SLUICE_NLGRP_EVENTS, GFP_KERNEL);
	else
		sluice_stat_inc(sn->stats, SLUICE_STAT_EVENTS_LOST);
}

/* Work: send what waits in a namespace's event queue. */
void sluice_nl_event_send(struct work_struct *work)
{
	struct sluice_net *sn = container_of(to_delayed_work(work),
					     struct sluice_net, events.send);
	struct event_msg msg;
	bool listeners;

	mutex_lock(&family_lock);
	listeners = sluice_nl_has_listeners(sn, SLUICE_NLGRP_EVENTS);
	msg.lost = sluice_stat_sum(sn->stats, SLUICE_STAT_EVENTS_LOST);
	while (sluice_event_get(&sn->events, &msg.event)) {
		if (listeners)
			send_event(sn, &msg);
		sluice_event_put(&msg.event);
	}
	mutex_unlock(&family_lock);
}
