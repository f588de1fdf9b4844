// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: flows.
 */
#include <linux/rculist.h>

#include "nl.h"
#include "path.h"

static int put_counters(struct sk_buff *skb, const struct sluice_flow *flow)
{
	struct sluice_counters counters = {};
	enum sluice_dir dir;
	struct nlattr *nest;

	for (dir = SLUICE_DIR_ORIG; dir < SLUICE_DIRS; dir++) {
		atomic64_set(&counters.packets[dir],
			     atomic64_read(&flow->packets[dir]));
		atomic64_set(&counters.bytes[dir],
			     atomic64_read(&flow->bytes[dir]));
	}
	atomic64_set(&counters.connections, 1);
	nest = nla_nest_start(skb, SLUICE_A_FLOW_COUNTERS);
	if (!nest || sluice_nl_put_traffic(skb, &counters))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static u32 timeout_msecs(const struct sluice_flow *flow)
{
	s32 left = sluice_flow_time_left(flow);

	return left > 0 ? jiffies_to_msecs(left) : 0;
}

/* A device that goes may be gone while its path is not, but not in this case. */
static int put_path(struct sk_buff *skb, const struct sluice_path *path)
{
	const struct net_device *out;

	out = path->kind == SLUICE_PATH_KIND_POD && path->port ? path->port :
								 path->out;
	if (!READ_ONCE(path->dead) && out &&
	    nla_put_u32(skb, SLUICE_A_PATH_IFINDEX, out->ifindex))
		return -EMSGSIZE;
	return nla_put_u32(skb, SLUICE_A_PATH_KIND, path->kind) ?:
	       nla_put_u32(skb, SLUICE_A_PATH_MTU, path->mtu);
}

/* @path: NULL if there is none; the caller holds rcu_read_lock(). */
int sluice_nl_put_path(struct sk_buff *skb, int type,
		       const struct sluice_path *path)
{
	struct nlattr *nest;

	if (!path)
		return 0;
	nest = nla_nest_start(skb, type);
	if (!nest || put_path(skb, path))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_path_of(struct sk_buff *skb, const struct sluice_flow *flow,
		       int type, enum sluice_dir dir)
{
	return sluice_nl_put_path(skb, type, rcu_dereference(flow->paths[dir]));
}

static int put_door_of(struct sk_buff *skb, const struct sluice_flow *flow,
		       int type, enum sluice_dir dir)
{
	if (!atomic64_read(&flow->packets[dir]))
		return 0;
	return nla_put_u32(skb, type, READ_ONCE(flow->doors[dir]));
}

static int put_rule(struct sk_buff *skb, const struct sluice_policy_rule *rule)
{
	struct nlattr *nest = nla_nest_start(skb, SLUICE_A_FLOW_JUDGEMENT);

	if (!nest || sluice_nl_put_flow_rule(skb, rule))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Other rules may take their place meanwhile; they are there for a while. */
static int put_rules(struct sk_buff *skb, const struct sluice_flow *flow)
{
	const struct sluice_policy_rule *rule;
	u32 i;

	if (test_bit(SLUICE_FLOW_DENIED, &flow->status))
		return 0;
	for (i = 0; i < ARRAY_SIZE(flow->rules); i++) {
		rule = READ_ONCE(flow->rules[i]);
		if (rule && put_rule(skb, rule))
			return -EMSGSIZE;
	}
	return 0;
}

/*
 * A flow, and why it has ended; 0 if it has not. The caller holds
 * rcu_read_lock().
 */
static int put_flow(struct sk_buff *skb, const struct sluice_flow *flow,
		    enum sluice_flow_end end)
{
	const struct sluice_tuple *orig = &flow->nodes[SLUICE_DIR_ORIG].tuple;
	const struct sluice_tuple *reply = &flow->nodes[SLUICE_DIR_REPLY].tuple;
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_FLOW);
	if (!nest || nla_put_u8(skb, SLUICE_A_FLOW_PROTO, orig->proto) ||
	    sluice_nl_put_tuple(skb, SLUICE_A_FLOW_ORIG, orig) ||
	    sluice_nl_put_tuple(skb, SLUICE_A_FLOW_REPLY, reply) ||
	    nla_put_u32(skb, SLUICE_A_FLOW_STATE, sluice_flow_state(flow)) ||
	    nla_put_u32(skb, SLUICE_A_FLOW_TIMEOUT, timeout_msecs(flow)) ||
	    (!flow->backend && nla_put_flag(skb, SLUICE_A_FLOW_DIRECT)) ||
	    put_counters(skb, flow) ||
	    nla_put_u32(skb, SLUICE_A_FLOW_FORWARD, flow->forward) ||
	    (flow->backend &&
	     sluice_nl_put_backend(skb, SLUICE_A_FLOW_BACKEND, flow->backend)) ||
	    put_path_of(skb, flow, SLUICE_A_FLOW_ORIG_PATH, SLUICE_DIR_ORIG) ||
	    put_path_of(skb, flow, SLUICE_A_FLOW_REPLY_PATH, SLUICE_DIR_REPLY) ||
	    put_door_of(skb, flow, SLUICE_A_FLOW_ORIG_DOOR, SLUICE_DIR_ORIG) ||
	    put_door_of(skb, flow, SLUICE_A_FLOW_REPLY_DOOR,
			SLUICE_DIR_REPLY) ||
	    put_rules(skb, flow) ||
	    (end && nla_put_u32(skb, SLUICE_A_FLOW_END, end)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int sluice_nl_fill_flow(struct sk_buff *skb, const void *object)
{
	return put_flow(skb, object, 0);
}

struct ended_flow {
	const struct sluice_flow *flow;
	enum sluice_flow_end end;
};

static int fill_ended(struct sk_buff *skb, const void *object)
{
	const struct ended_flow *ended = object;

	return put_flow(skb, ended->flow, ended->end);
}

static enum sluice_flow_end end_of(enum sluice_stat what)
{
	switch (what) {
	case SLUICE_STAT_FLOWS_EXPIRED:
		return SLUICE_FLOW_END_EXPIRED;
	case SLUICE_STAT_FLOWS_EVICTED:
		return SLUICE_FLOW_END_EVICTED;
	default:
		return SLUICE_FLOW_END_RETIRED;
	}
}

static void tell(struct sluice_net *sn, const struct sluice_flow *flow,
		 enum sluice_stat what)
{
	struct ended_flow ended = { flow, end_of(what) };

	if (what == SLUICE_STAT_FLOWS_CREATED)
		sluice_nl_tell(sn, SLUICE_NLGRP_FLOWS, SLUICE_CMD_FLOW_NTF,
			       sluice_nl_fill_flow, flow);
	else
		sluice_nl_tell(sn, SLUICE_NLGRP_FLOWS, SLUICE_CMD_FLOW_DEL_NTF,
			       fill_ended, &ended);
}

/* As struct sluice_flow_table has it; costs a look if nobody listens. */
void sluice_nl_flow_tell(struct sluice_flow_table *table,
			 const struct sluice_flow *flow, enum sluice_stat what)
{
	struct sluice_net *sn = container_of(table, struct sluice_net, flows);

	rcu_read_lock();
	if (sluice_nl_has_listeners(sn, SLUICE_NLGRP_FLOWS))
		tell(sn, flow, what);
	rcu_read_unlock();
}

/* The nest SLUICE_A_FLOW, which may be NULL: protocol and one tuple. */
static int parse_flow(struct sluice_tuple *tuple, const struct nlattr *nest,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SLUICE_A_FLOW_MAX + 1];
	const struct nlattr *given;
	int err;

	memset(tuple, 0, sizeof(*tuple));
	if (!nest)
		return sluice_nl_missing(extack, NULL, SLUICE_A_FLOW,
					 "the flow is missing");
	err = nla_parse_nested(tb, SLUICE_A_FLOW_MAX, nest,
			       sluice_flow_nl_policy, extack);
	if (err)
		return err;
	err = sluice_nl_refuse_read_only(tb, SLUICE_A_FLOW_STATE,
					 SLUICE_A_FLOW_MAX, extack);
	if (err)
		return err;
	if (!tb[SLUICE_A_FLOW_PROTO])
		return sluice_nl_missing(extack, nest, SLUICE_A_FLOW_PROTO,
					 "the flow's protocol is missing");

	given = tb[SLUICE_A_FLOW_ORIG] ?: tb[SLUICE_A_FLOW_REPLY];
	if (tb[SLUICE_A_FLOW_ORIG] && tb[SLUICE_A_FLOW_REPLY])
		return sluice_nl_invalid(extack, tb[SLUICE_A_FLOW_REPLY],
					 "one tuple names the flow, not two");
	if (!given)
		return sluice_nl_missing(extack, nest, SLUICE_A_FLOW_ORIG,
					 "the flow's tuple is missing");
	tuple->proto = nla_get_u8(tb[SLUICE_A_FLOW_PROTO]);
	return sluice_nl_parse_tuple(tuple, given, extack);
}

/* The flow a request names, or NULL; the caller holds rcu_read_lock(). */
static struct sluice_flow *find(struct sluice_net *sn,
				const struct sluice_tuple *tuple)
{
	struct sluice_flow_node *node;

	node = sn->active ? sluice_flow_lookup(&sn->flows, tuple,
					       SLUICE_DOOR_ENTRY) : NULL;
	return node ? sluice_flow_of(node) : NULL;
}

static int refuse_missing(struct genl_info *info)
{
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[SLUICE_A_FLOW],
			    "no such flow");
	return -ENOENT;
}

/* A flow can end at any time: write the answer before letting go of it. */
static int answer(struct genl_info *info, struct sk_buff *skb,
		  const struct sluice_tuple *tuple)
{
	struct sluice_flow *flow;
	int err;

	rcu_read_lock();
	flow = find(sluice_nl_net(info), tuple);
	err = flow ? sluice_nl_put(skb, info->snd_portid, info->snd_seq, 0,
				   SLUICE_CMD_FLOW_GET, sluice_nl_fill_flow,
				   flow) :
		     -ENOENT;
	rcu_read_unlock();
	return err == -ENOENT ? refuse_missing(info) : err;
}

int sluice_nl_flow_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_tuple tuple;
	struct sk_buff *msg;
	int err;

	err = parse_flow(&tuple, info->attrs[SLUICE_A_FLOW], info->extack);
	if (err)
		return err;

	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	err = answer(info, msg, &tuple);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

int sluice_nl_flow_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_tuple tuple;
	struct sluice_flow *flow;
	bool ended;
	int err;

	err = parse_flow(&tuple, info->attrs[SLUICE_A_FLOW], info->extack);
	if (err)
		return err;

	rcu_read_lock();
	flow = find(sn, &tuple);
	ended = flow && sluice_flow_unlink(&sn->flows, flow,
					   SLUICE_STAT_FLOWS_RETIRED);
	rcu_read_unlock();
	return ended ? 0 : refuse_missing(info);
}

static bool belongs_to(const struct sluice_flow *flow, const void *service)
{
	return flow->backend && flow->backend->service == service;
}

int sluice_nl_flow_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sluice_net *sn = sluice_nl_net(info);
	struct sluice_service *service;
	int err;

	if (info->attrs[SLUICE_A_SERVICE]) {
		err = sluice_nl_find_service(sn, &service, info->attrs,
					     info->extack);
		if (err)
			return err;
		sluice_flow_table_flush(&sn->flows, belongs_to, service);
	} else if (sn->active) {
		sluice_flow_table_flush(&sn->flows, NULL, NULL);
	}
	return 0;
}

/*
 * Where a dump of flows goes on: a bucket, and flows in it already sent. The
 * latter is zero unless a bucket alone is more than a packet holds.
 */
struct flow_dump {
	u32 bucket;
	u32 sent;
};

/* The packet is full in the midst of a bucket that has @seen flows so far. */
static void end_packet(struct sk_buff *skb, struct flow_dump *dump,
		       unsigned int begin, u32 seen)
{
	if (begin)
		nlmsg_trim(skb, skb->data + begin);
	else
		dump->sent = seen;
}

/*
 * A bucket goes into one packet, whole: what is inserted or removed between
 * two packets then does not shift the others.
 */
static int dump_bucket(struct sluice_net *sn, struct sk_buff *skb,
		       struct netlink_callback *cb,
		       const struct sluice_service *service)
{
	struct flow_dump *dump = (void *)cb->ctx;
	struct sluice_flow_node *node;
	unsigned int begin = skb->len;
	struct sluice_flow *flow;
	u32 seen = 0;

	sluice_flow_for_each_in_bucket(&sn->flows, dump->bucket, node) {
		flow = sluice_flow_of(node);
		if (seen++ < dump->sent)
			continue;
		if (service && !belongs_to(flow, service))
			continue;
		if (sluice_nl_dump_one(skb, cb, SLUICE_CMD_FLOW_GET,
				       sluice_nl_fill_flow, flow)) {
			end_packet(skb, dump, begin, seen - 1);
			return -EMSGSIZE;
		}
	}
	dump->sent = 0;
	return 0;
}

static int dump_flows(struct sluice_net *sn, struct sk_buff *skb,
		      struct netlink_callback *cb)
{
	struct nlattr **attrs = genl_info_dump(cb)->attrs;
	struct flow_dump *dump = (void *)cb->ctx;
	struct sluice_service *service = NULL;
	int err;

	if (attrs[SLUICE_A_SERVICE]) {
		err = sluice_nl_find_service(sn, &service, attrs, cb->extack);
		if (err)
			return err;
	}
	if (!sn->active)
		return 0;

	for (; dump->bucket <= sn->flows.mask; dump->bucket++) {
		rcu_read_lock();
		err = dump_bucket(sn, skb, cb, service);
		rcu_read_unlock();
		if (err)
			return skb->len ?: err;
		cond_resched();
	}
	return skb->len;
}

/* Flows come and go meanwhile; those that stay are shown once. */
int sluice_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct sluice_net *sn = sluice_pernet(sock_net(skb->sk));
	int ret;

	ret = sluice_nl_check_request(genl_info_dump(cb)->attrs,
				      BIT(SLUICE_A_SERVICE), cb->extack);
	if (ret)
		return ret;
	mutex_lock(&sn->cfg_lock);
	ret = dump_flows(sn, skb, cb);
	mutex_unlock(&sn->cfg_lock);
	return ret;
}
