// SPDX-License-Identifier: GPL-2.0
/*
 * A new flow, by its plan. Only decide.c asks for one.
 */
#include <linux/random.h>

#include "backend.h"
#include "establish.h"
#include "masq.h"
#include "trace.h"

/* Source ports to try before a flow is given up; half of them by force. */
#define PORT_TRIES	128

/*
 * Whether there is room for one more. Two go for it where there are too many,
 * so that a limit that was lowered is reached while flows come.
 */
static bool make_room(struct sluice_net *sn)
{
	/* Limits fit; the count may be -1 while a first flow comes and goes. */
	int over = atomic_read(&sn->flows.count) - (int)READ_ONCE(sn->settings.limit);

	if (over < 0)
		return true;
	if (!sluice_flow_evict_one(&sn->flows))
		return false;
	if (over > 0)
		sluice_flow_evict_one(&sn->flows);
	return true;
}

/* Nothing is ever rewritten. */
static bool is_only_seen(const struct sluice_plan *plan)
{
	return plan->kind == SLUICE_PLAN_POLICY ||
	       plan->kind == SLUICE_PLAN_PLAIN ||
	       plan->kind == SLUICE_PLAN_OWN;
}

/*
 * Packets of other hosts get a new source at the exit, where reverse path
 * filters do not see it any more. The node's own are routed by it.
 */
static enum sluice_rewrite which_rewrite(const struct sluice_plan *plan)
{
	if (sluice_plan_keeps_addresses(plan))
		return SLUICE_REWRITE_NONE;
	if (plan->kind == SLUICE_PLAN_OWN && !plan->pkt->from_node)
		return SLUICE_REWRITE_OWN;
	if (is_only_seen(plan))
		return SLUICE_REWRITE_SEE;
	if (!plan->masquerade || plan->pkt->from_node)
		return SLUICE_REWRITE_DST;
	return SLUICE_REWRITE_BOTH;
}

/* The port that replies to a masqueraded flow come to is set later. */
static void set_tuples(struct sluice_flow *flow, const struct sluice_plan *plan)
{
	struct sluice_tuple *reply = &flow->nodes[SLUICE_DIR_REPLY].tuple;
	const struct sluice_tuple *orig = &plan->pkt->tuple;

	flow->nodes[SLUICE_DIR_ORIG].tuple = *orig;
	sluice_tuple_invert(reply, orig);
	if (sluice_plan_keeps_addresses(plan))
		return;

	reply->src = plan->to.addr;
	reply->sport = plan->to.port;
	if (flow->split) {
		flow->middle[SLUICE_DIR_REPLY].tuple = *reply;
		sluice_tuple_invert(&flow->middle[SLUICE_DIR_ORIG].tuple,
				    reply);
	}
	if (plan->masquerade)
		reply->dst = plan->source;
}

static bool needs_port(int err)
{
	return err == -EADDRINUSE || err == -EADDRNOTAVAIL;
}

/* @err: what sluice_flow_insert() says of the port so far. */
static void set_port(struct sluice_flow *flow, int err, __be16 port)
{
	if (err == -EADDRINUSE) {
		flow->nodes[SLUICE_DIR_REPLY].tuple.dport = port;
		return;
	}
	flow->middle[SLUICE_DIR_ORIG].tuple.sport = port;
	flow->middle[SLUICE_DIR_REPLY].tuple.dport = port;
}

/*
 * Insert a flow. Where another flow's packets could be mistaken for this one's,
 * because the same client port speaks to the same backend by another address,
 * this one gets another source port; a masqueraded one needs a port of the node
 * in any case. If ports are hard to find, flows that matter less give up theirs.
 */
static int insert(struct sluice_net *sn, const struct sluice_plan *plan,
		  struct sluice_flow *flow)
{
	const struct sluice_tuple *reply = &flow->nodes[SLUICE_DIR_REPLY].tuple;
	struct sluice_ports ports = { .low = 1, .high = 0 };
	u32 number, tries;
	int err;

	if (plan->masquerade) {
		sluice_masq_ports(sn->net, &ports);
		err = -EADDRINUSE;
	} else {
		err = sluice_flow_insert(&sn->flows, flow);
	}

	if (sluice_plan_keeps_addresses(plan) || is_only_seen(plan))
		return err;
	number = needs_port(err) ? get_random_u32() : 0;
	for (tries = 0; needs_port(err) && tries < PORT_TRIES; tries++) {
		set_port(flow, err, sluice_masq_port(&ports, number++));
		if (tries >= PORT_TRIES / 2)
			sluice_flow_evict_holder(&sn->flows, reply);
		err = sluice_flow_insert(&sn->flows, flow);
	}
	return err;
}

/* Publish @flow, or find the one that another CPU has for the same tuple. */
static enum sluice_drop_reason publish(struct sluice_net *sn,
				       const struct sluice_plan *plan,
				       struct sluice_flow *flow,
				       struct sluice_flow_node **node)
{
	if (!insert(sn, plan, flow)) {
		*node = &flow->nodes[SLUICE_DIR_ORIG];
		trace_sluice_verdict(&flow->nodes[SLUICE_DIR_ORIG].tuple,
				     &plan->to);
		return SLUICE_DROP_NONE;
	}

	sluice_flow_free(flow);
	*node = sluice_flow_lookup(&sn->flows, &plan->pkt->tuple,
				   SLUICE_DOOR_ENTRY);
	if (*node && (*node)->dir == SLUICE_DIR_ORIG)
		return SLUICE_DROP_NONE;
	*node = NULL;
	return SLUICE_DROP_REASON_NO_PORT;
}

static void set_rules(struct sluice_flow *flow,
		      const struct sluice_judgement *j)
{
	u32 i;

	if (!j->applies)
		return;
	sluice_judge_rules(j, flow->rules);
	for (i = 0; i < SLUICE_POLICY_DIRECTIONS; i++)
		if (flow->rules[i])
			sluice_policy_rule_get(flow->rules[i]);
}

/* Where neither end is a service's, and the packet does not tell */
static bool is_midway(const struct sluice_plan *plan)
{
	return !sluice_pkt_opens(plan->pkt) && !plan->service &&
	       plan->kind != SLUICE_PLAN_EGRESS;
}

static enum sluice_drop_reason create(struct sluice_net *sn,
				      const struct sluice_plan *plan,
				      struct sluice_flow_node **node)
{
	enum sluice_drop_reason reason;
	struct sluice_flow *flow;

	reason = SLUICE_DROP_REASON_FLOW_LIMIT;
	if (!make_room(sn))
		goto put_plan;

	reason = SLUICE_DROP_REASON_NO_MEMORY;
	flow = sluice_flow_alloc(plan->backend, which_rewrite(plan));
	if (!flow)
		goto put_plan;

	set_tuples(flow, plan);
	set_rules(flow, plan->judgement);
	flow->forward = plan->forward;
	flow->from_node = plan->pkt->from_node;
	flow->shared = sluice_pkt_is_shared(plan->pkt);
	flow->bridged = plan->pkt->bridged;
	flow->midway = is_midway(plan);
	flow->answer = !plan->service && sluice_pkt_answers(plan->pkt);
	flow->own = plan->kind == SLUICE_PLAN_OWN;
	flow->revision = plan->revision;
	return publish(sn, plan, flow, node);

put_plan:
	sluice_plan_put(plan);
	return reason;
}

static bool goes_on_anyway(const struct sluice_plan *plan)
{
	return plan->kind == SLUICE_PLAN_DIRECT || is_only_seen(plan);
}

/**
 * sluice_establish() - make the flow of a plan
 * @sn: namespace
 * @plan: plan, whose backend the flow takes over, or which is put
 * @node: set to that of the first packet's direction, if there is a flow
 *
 * The caller holds rcu_read_lock().
 *
 * Return: why the packet is to be dropped, or %SLUICE_DROP_NONE; the latter also
 * where the packet may go on without a flow.
 */
enum sluice_drop_reason sluice_establish(struct sluice_net *sn,
					 const struct sluice_plan *plan,
					 struct sluice_flow_node **node)
{
	enum sluice_drop_reason reason = create(sn, plan, node);

	return goes_on_anyway(plan) ? SLUICE_DROP_NONE : reason;
}
