// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: what would become of a packet.
 */
#include "backend.h"
#include "decide.h"
#include "echo.h"
#include "forecast.h"
#include "frontend.h"
#include "idset.h"
#include "judge.h"
#include "nl.h"
#include "plan.h"
#include "sched.h"
#include "way.h"

/**
 * struct explanation - what would become of a packet, and why
 * @net: namespace
 * @pkt: the packet
 * @outcome: &enum sluice_outcome
 * @by: &enum sluice_decided_by
 * @out: how it goes on, unless it is dropped
 * @reason: why it is dropped, or %SLUICE_DROP_NONE
 * @candidates: how many backends there are for it, if it begins a flow
 * @service: that it is for, or NULL
 * @backend: that it gets, or NULL
 * @flow: that it belongs to, or NULL
 * @judgement: what the policy says, if it applies
 * @unchanged: it goes to the backend as it is
 * @flowless: it goes on, but no flow begins with it
 * @forecast: what the fast path would do, if the device is known
 */
struct explanation {
	struct net *net;
	const struct sluice_pkt *pkt;
	u32 outcome;
	u32 by;
	struct sluice_tuple out;
	u32 reason;
	u32 candidates;
	const struct sluice_service *service;
	const struct sluice_backend *backend;
	const struct sluice_flow *flow;
	struct sluice_judgement judgement;
	bool unchanged;
	bool flowless;
	const struct sluice_forecast *forecast;
};

/**
 * struct question - what is asked
 * @sn: namespace
 * @pkt: its packet
 * @device: that it comes from, or empty
 * @skb: the packet as that would receive it, or NULL
 */
struct question {
	struct sluice_net *sn;
	struct sluice_pkt pkt;
	char device[IFNAMSIZ];
	struct sk_buff *skb;
};

static int put_packet(struct sk_buff *skb, const struct sluice_pkt *pkt)
{
	if (nla_put_u8(skb, SLUICE_A_EXPLAIN_PROTO, pkt->tuple.proto) ||
	    sluice_nl_put_tuple(skb, SLUICE_A_EXPLAIN_PACKET, &pkt->tuple))
		return -EMSGSIZE;
	if (!sluice_proto_is_icmp(pkt->tuple.proto))
		return 0;
	return nla_put_u8(skb, SLUICE_A_EXPLAIN_ICMP_TYPE, pkt->icmp >> 8) ?:
	       nla_put_u8(skb, SLUICE_A_EXPLAIN_ICMP_CODE, pkt->icmp & 0xff);
}

static int put_forecast(struct sk_buff *skb,
			const struct sluice_forecast *forecast)
{
	if (!forecast)
		return 0;
	if (nla_put_u32(skb, SLUICE_A_EXPLAIN_FAST_PATH, forecast->use))
		return -EMSGSIZE;
	if (forecast->why)
		return nla_put_u32(skb, SLUICE_A_EXPLAIN_FALLBACK,
				   forecast->why);
	return sluice_nl_put_path(skb, SLUICE_A_EXPLAIN_PATH, forecast->path);
}

static int put_outcome(struct sk_buff *skb, const struct explanation *e)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_EXPLAIN);
	if (!nest || put_packet(skb, e->pkt) ||
	    nla_put_u32(skb, SLUICE_A_EXPLAIN_OUTCOME, e->outcome) ||
	    nla_put_u32(skb, SLUICE_A_EXPLAIN_BY, e->by) ||
	    (e->reason ?
	     nla_put_u32(skb, SLUICE_A_EXPLAIN_REASON, e->reason) :
	     sluice_nl_put_tuple(skb, SLUICE_A_EXPLAIN_OUT, &e->out)) ||
	    (e->candidates &&
	     nla_put_u32(skb, SLUICE_A_EXPLAIN_CANDIDATES, e->candidates)) ||
	    put_forecast(skb, e->forecast))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_numbers(struct sk_buff *skb, int type,
		       const struct sluice_idset *set)
{
	u32 i;

	for (i = 0; set && i < set->count; i++)
		if (nla_put_u32(skb, type, set->ids[i]->number))
			return -EMSGSIZE;
	return 0;
}

/* Both sets; one identity may be named twice. */
static int put_identities(struct sk_buff *skb, int type,
			  const struct sluice_identities *identities)
{
	return put_numbers(skb, type, identities->sets[0]) ?:
	       put_numbers(skb, type, identities->sets[1]);
}

static int put_judgement(struct sk_buff *skb, const struct sluice_judgement *j,
			 u8 dir)
{
	bool in = dir == SLUICE_POLICY_DIRECTION_INGRESS;
	struct sluice_blame blame;
	struct nlattr *nest;

	sluice_judge_blame(j, dir, &blame);
	nest = nla_nest_start(skb, SLUICE_A_JUDGEMENT);
	if (!nest || sluice_nl_put_blame(skb, &blame) ||
	    nla_put_u32(skb, SLUICE_A_JUDGEMENT_ACTION,
			sluice_judgement_of(j, dir)->action) ||
	    put_identities(skb, SLUICE_A_JUDGEMENT_SUBJECTS,
			   in ? &j->dst : &j->src) ||
	    put_identities(skb, SLUICE_A_JUDGEMENT_PEERS,
			   in ? &j->src : &j->dst))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_judgements(struct sk_buff *skb,
			  const struct sluice_judgement *j)
{
	if (!j->applies)
		return 0;
	return put_judgement(skb, j, SLUICE_POLICY_DIRECTION_EGRESS) ?:
	       put_judgement(skb, j, SLUICE_POLICY_DIRECTION_INGRESS);
}

static int put(struct sk_buff *skb, const struct explanation *e)
{
	return put_outcome(skb, e) ?:
	       (e->service ? sluice_nl_put_service(skb, e->service) : 0) ?:
	       (e->backend ? sluice_nl_put_backend(skb, SLUICE_A_BACKEND,
						   e->backend) : 0) ?:
	       (e->flow ? sluice_nl_fill_flow(skb, e->flow) : 0) ?:
	       put_judgements(skb, &e->judgement);
}

static void set_drop(struct explanation *e, u32 reason, bool reject)
{
	e->reason = reason;
	e->outcome = reject ? SLUICE_OUTCOME_REJECT : SLUICE_OUTCOME_DROP;
}

static void set_out(struct explanation *e, const struct sluice_tuple *out)
{
	e->out = *out;
	e->outcome = sluice_tuple_equal(out, &e->pkt->tuple) ?
		     SLUICE_OUTCOME_PASS : SLUICE_OUTCOME_TRANSLATE;
}

/* As it is, if there is a way to the backend. */
static void set_unchanged(struct explanation *e, struct sluice_backend *to,
			  u8 forward)
{
	e->out = e->pkt->tuple;
	e->unchanged = true;
	switch (sluice_way_find(e->net, to, forward)) {
	case SLUICE_WAY_NONE:
		set_drop(e, SLUICE_DROP_REASON_NO_ROUTE, false);
		break;
	case SLUICE_WAY_HERE:
		e->outcome = SLUICE_OUTCOME_PASS;
		break;
	case SLUICE_WAY_OUT:
		e->outcome = forward == SLUICE_FORWARD_L2 ?
			     SLUICE_OUTCOME_L2 : SLUICE_OUTCOME_TUNNEL;
		break;
	}
}

static void explain_flow(struct explanation *e, struct sluice_net *sn,
			 const struct sluice_flow_node *node, int vrf,
			 enum sluice_fate fate,
			 const struct sluice_verdict *verdict)
{
	const struct sluice_flow *flow = sluice_flow_of(node);
	struct sluice_tuple out;

	e->by = SLUICE_DECIDED_BY_FLOW;
	e->flow = flow;
	e->backend = flow->backend;
	e->service = flow->backend ? flow->backend->service : NULL;
	if (sluice_judge_in_force(sn))
		sluice_decide_judge(sn, flow, vrf, &e->judgement);
	if (fate == SLUICE_FATE_DENIED) {
		set_drop(e, verdict->reason, verdict->reject);
		return;
	}
	if (fate == SLUICE_FATE_RESET) {
		set_drop(e, SLUICE_DROP_REASON_BACKEND_GONE, true);
		return;
	}
	if (node->dir == SLUICE_DIR_ORIG && sluice_flow_is_one_sided(flow)) {
		set_unchanged(e, flow->backend, flow->forward);
		return;
	}
	sluice_tuple_invert(&out, &flow->nodes[!node->dir].tuple);
	set_out(e, &out);
}

/* Whether the packet belongs to a flow that goes on or is reset. */
static bool explained_by_flow(const struct question *q, struct explanation *e)
{
	struct sluice_verdict verdict = {};
	struct sluice_flow_node *node;
	enum sluice_fate fate;

	if (!q->pkt.tuple.sport && !q->pkt.icmp_reply)
		return false;
	node = sluice_flow_lookup(&q->sn->flows, &q->pkt.tuple,
				  SLUICE_DOOR_ENTRY);
	if (!node)
		return false;

	fate = sluice_decide_fate(q->sn, node, &q->pkt, &verdict);
	if (fate != SLUICE_FATE_GOES_ON && fate != SLUICE_FATE_RESET &&
	    fate != SLUICE_FATE_DENIED)
		return false;
	explain_flow(e, q->sn, node, q->pkt.vrf, fate, &verdict);
	return true;
}

static void explain_plan(struct explanation *e, const struct sluice_plan *plan)
{
	static const u8 by[] = {
		[SLUICE_PLAN_NONE] = SLUICE_DECIDED_BY_NOTHING,
		[SLUICE_PLAN_SERVICE] = SLUICE_DECIDED_BY_SERVICE,
		[SLUICE_PLAN_EGRESS] = SLUICE_DECIDED_BY_EGRESS,
		[SLUICE_PLAN_DIRECT] = SLUICE_DECIDED_BY_DIRECT,
		[SLUICE_PLAN_POLICY] = SLUICE_DECIDED_BY_NOTHING,
	};
	struct sluice_tuple out = e->pkt->tuple;

	e->by = by[plan->kind];
	if (!plan->service && e->judgement.applies)
		e->by = SLUICE_DECIDED_BY_POLICY;
	e->service = plan->service;
	e->backend = plan->backend;
	if (plan->backend)
		e->candidates = sluice_picker_candidates(plan->picker,
							 plan->local)->count;
	if (plan->reason) {
		set_drop(e, plan->reason, plan->reject);
		return;
	}

	if (sluice_plan_keeps_addresses(plan)) {
		set_unchanged(e, plan->backend, plan->forward);
		return;
	}
	out.dst = plan->to.addr;
	out.dport = plan->to.port;
	if (plan->masquerade) {
		out.src = plan->source;
		out.sport = 0;
	}
	set_out(e, &out);
}

/* What the policy says of the packet as it is */
static void judge(const struct question *q, struct explanation *e)
{
	const struct sluice_tuple *tuple = &q->pkt.tuple;
	struct sluice_net *sn = q->sn;
	struct sluice_case c;

	if (!sluice_judge_in_force(sn) ||
	    (sluice_pkt_is_discovery(&q->pkt) &&
	     (q->pkt.from_node || sluice_frontend_is_on_link(sn->net, &q->pkt))))
		return;
	sluice_case_of_pkt(&c, &q->pkt, &tuple->dst, tuple->dport);
	sluice_judge(sn, &c, sluice_service_table_revision(&sn->services),
		     &e->judgement);
}

static bool is_denied(struct explanation *e)
{
	const struct sluice_judgement *j = &e->judgement;

	if (!j->applies || !j->denied)
		return false;
	set_drop(e, sluice_judge_reason(sluice_judgement_of(j, j->denied)),
		 false);
	return true;
}

/* Whether the packet is an echo request to services that has to do with them */
static bool explained_by_echo(const struct question *q, struct explanation *e)
{
	enum sluice_echo_answer answer = SLUICE_ECHO_UNASKED;

	if (q->pkt.icmp_echo)
		answer = sluice_echo_find(q->sn, &q->pkt);
	if (answer == SLUICE_ECHO_UNASKED)
		return false;
	e->by = SLUICE_DECIDED_BY_SERVICE;
	if (answer == SLUICE_ECHO_REFUSED) {
		set_drop(e, SLUICE_DROP_REASON_SOURCE_RANGE, false);
		return true;
	}
	judge(q, e);
	if (is_denied(e)) {
		e->by = SLUICE_DECIDED_BY_POLICY;
		return true;
	}
	e->outcome = SLUICE_OUTCOME_ANSWER;
	sluice_tuple_invert(&e->out, &q->pkt.tuple);
	return true;
}

/* Begins nothing and belongs to nothing that is known. */
static void explain_stray(const struct question *q, struct explanation *e)
{
	judge(q, e);
	e->by = e->judgement.applies ? SLUICE_DECIDED_BY_POLICY :
				       SLUICE_DECIDED_BY_NOTHING;
	e->flowless = true;
	if (!is_denied(e))
		set_out(e, &q->pkt.tuple);
}

/* Why the packet would have no flow that the fast path could send it by */
static enum sluice_fallback why_not_sent(const struct explanation *e)
{
	if (e->reason || e->outcome == SLUICE_OUTCOME_ANSWER || e->flowless)
		return SLUICE_FALLBACK_UNDECIDED;
	if (e->unchanged || (e->flow && sluice_flow_is_one_sided(e->flow)))
		return SLUICE_FALLBACK_FORWARD;
	return SLUICE_FALLBACK_NONE;
}

/* All that is known of it, and what the fast path would do then */
static int put_all(struct sk_buff *skb, const struct question *q,
		   struct explanation *e)
{
	struct sluice_future future = {
		.decided = why_not_sent(e), .to = e->out,
	};
	struct sluice_forecast forecast;

	if (q->skb) {
		sluice_forecast(q->sn, q->device, q->skb, &future, &forecast);
		e->forecast = &forecast;
	}
	return put(skb, e);
}

/* As if it began something: with or without a source port */
static int explain(struct sk_buff *skb, const struct question *q)
{
	struct explanation e = { .net = q->sn->net, .pkt = &q->pkt };
	struct sluice_pkt first = q->pkt;
	struct sluice_plan plan;
	int err;

	if (explained_by_echo(q, &e) ||
	    (!q->pkt.opaque && explained_by_flow(q, &e)))
		return put_all(skb, q, &e);
	if (q->pkt.opaque || q->pkt.icmp_reply) {
		explain_stray(q, &e);
		return put_all(skb, q, &e);
	}

	first.syn = true;
	sluice_plan_make(q->sn, &first, true, &e.judgement, &plan);
	explain_plan(&e, &plan);
	e.flowless = !sluice_decide_has_flow(q->sn, &plan);
	err = put_all(skb, q, &e);
	sluice_plan_put(&plan);
	return err;
}

/* The configuration lock is held. */
static bool is_spoofed(const struct question *q)
{
	const struct sluice_tuple *tuple = &q->pkt.tuple;

	return *q->device && !READ_ONCE(q->sn->node.policy_audit) &&
	       !sluice_device_lets(&q->sn->devices, q->device, tuple->family,
				   &tuple->src);
}

static int explain_spoofed(struct sk_buff *skb, const struct question *q)
{
	struct explanation e = {
		.net = q->sn->net, .pkt = &q->pkt, .by = SLUICE_DECIDED_BY_DEVICE,
	};

	set_drop(&e, SLUICE_DROP_REASON_SPOOFED, false);
	return put(skb, &e);
}

static int explain_nothing(struct sk_buff *skb, const struct question *q)
{
	struct explanation e = {
		.net = q->sn->net, .pkt = &q->pkt, .by = SLUICE_DECIDED_BY_NOTHING,
	};

	set_out(&e, &q->pkt.tuple);
	return put_all(skb, q, &e);
}

/* Flows end, and services change for packets, at any time: all at once. */
static int fill_explanation(struct sk_buff *skb, const void *object)
{
	const struct question *q = object;
	int err;

	if (is_spoofed(q))
		return explain_spoofed(skb, q);

	rcu_read_lock();
	err = q->sn->active ? explain(skb, q) : explain_nothing(skb, q);
	rcu_read_unlock();
	return err;
}

static u8 icmp_attr(const struct nlattr *attr, u8 otherwise)
{
	return attr ? nla_get_u8(attr) : otherwise;
}

/*
 * As sluice_pkt_parse() has it. An error says nothing here of what it is about,
 * and is one about nothing that is known.
 */
static int parse_icmp(struct question *q, struct nlattr **tb,
		      struct netlink_ext_ack *extack)
{
	struct sluice_tuple *tuple = &q->pkt.tuple;
	bool ipv4 = tuple->family == AF_INET;
	u8 echo = sluice_pkt_echo(tuple->family) >> 8;
	u8 reply = ipv4 ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY;
	u8 type = icmp_attr(tb[SLUICE_A_EXPLAIN_ICMP_TYPE], echo);

	if (tuple->proto != (ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return sluice_nl_invalid(extack, tb[SLUICE_A_EXPLAIN_PROTO],
					 "the packet's ICMP is of the other family");
	if (tuple->dport)
		return sluice_nl_invalid(extack, tb[SLUICE_A_EXPLAIN_PACKET],
					 "ICMP has no destination port");
	q->pkt.icmp = type << 8 | icmp_attr(tb[SLUICE_A_EXPLAIN_ICMP_CODE], 0);
	q->pkt.icmp_echo = type == echo;
	q->pkt.icmp_reply = type == reply;
	q->pkt.opaque = !q->pkt.icmp_echo && !q->pkt.icmp_reply;
	if (q->pkt.icmp_reply)
		tuple->dport = tuple->sport;
	if (!q->pkt.icmp_echo)
		tuple->sport = 0;
	return 0;
}

/* What depends on the protocol */
static int parse_rest(struct question *q, struct nlattr **tb,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *attr = tb[SLUICE_A_EXPLAIN_ICMP_TYPE] ?:
			      tb[SLUICE_A_EXPLAIN_ICMP_CODE];

	if (sluice_proto_is_icmp(q->pkt.tuple.proto))
		return parse_icmp(q, tb, extack);
	return attr ? sluice_nl_invalid(extack, attr,
					"only ICMP has types and codes") : 0;
}

/* The nest SLUICE_A_EXPLAIN, which may be NULL. */
static int parse_question(struct question *q, const struct nlattr *nest,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SLUICE_A_EXPLAIN_MAX + 1];
	struct sluice_tuple *tuple = &q->pkt.tuple;
	int err;

	if (!nest)
		return sluice_nl_missing(extack, NULL, SLUICE_A_EXPLAIN,
					 "the packet is missing");
	err = nla_parse_nested(tb, SLUICE_A_EXPLAIN_MAX, nest,
			       sluice_explain_nl_policy, extack);
	if (err)
		return err;
	err = sluice_nl_refuse_read_only(tb, SLUICE_A_EXPLAIN_OUTCOME,
					 SLUICE_A_EXPLAIN_CANDIDATES, extack) ?:
	      sluice_nl_refuse_read_only(tb, SLUICE_A_EXPLAIN_FAST_PATH,
					 SLUICE_A_EXPLAIN_PATH, extack);
	if (err)
		return err;
	if (!tb[SLUICE_A_EXPLAIN_PROTO])
		return sluice_nl_missing(extack, nest, SLUICE_A_EXPLAIN_PROTO,
					 "the packet's protocol is missing");
	if (!tb[SLUICE_A_EXPLAIN_PACKET])
		return sluice_nl_missing(extack, nest, SLUICE_A_EXPLAIN_PACKET,
					 "the packet's tuple is missing");

	if (tb[SLUICE_A_EXPLAIN_DEVICE])
		nla_strscpy(q->device, tb[SLUICE_A_EXPLAIN_DEVICE],
			    sizeof(q->device));
	tuple->proto = nla_get_u8(tb[SLUICE_A_EXPLAIN_PROTO]);
	if (!sluice_proto_has_flows(tuple->proto) &&
	    !sluice_proto_is_icmp(tuple->proto))
		return sluice_nl_invalid(extack, tb[SLUICE_A_EXPLAIN_PROTO],
					 "the packet's protocol must be TCP, UDP, SCTP, ICMP or ICMPv6");
	return sluice_nl_parse_tuple(tuple, tb[SLUICE_A_EXPLAIN_PACKET],
				     extack) ?:
	       parse_rest(q, tb, extack);
}

/* Where it comes from: the device, which need not exist, or the node itself */
static void set_place(struct question *q)
{
	const struct net_device *dev = NULL;

	if (*q->device)
		dev = dev_get_by_name_rcu(q->sn->net, q->device);
	else
		q->pkt.from_node =
			sluice_frontend_is_local(q->sn->net, 0,
						 q->pkt.tuple.family,
						 &q->pkt.tuple.src);
	q->pkt.vrf = dev ? sluice_way_vrf(dev) : 0;
}

/* A packet of the middle of a connection, unless it is to begin one. */
int sluice_nl_explain_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct question q = { .sn = sluice_nl_net(info) };
	int err;

	err = parse_question(&q, info->attrs[SLUICE_A_EXPLAIN], info->extack);
	if (err)
		return err;

	rcu_read_lock();
	set_place(&q);
	rcu_read_unlock();
	if (*q.device) {
		q.skb = sluice_forecast_packet(&q.pkt.tuple);
		if (!q.skb)
			return -ENOMEM;
	}
	err = sluice_nl_reply(info, SLUICE_CMD_EXPLAIN, fill_explanation, &q);
	kfree_skb(q.skb);
	return err;
}
