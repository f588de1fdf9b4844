// SPDX-License-Identifier: GPL-2.0
/*
 * A packet's fate: its flow, if that is still right, or a new one. Nothing else
 * creates flows.
 */
#include <linux/random.h>

#include "backend.h"
#include "decide.h"
#include "frontend.h"
#include "masq.h"
#include "plan.h"
#include "trace.h"

/* Source ports to try before a flow is given up; half of them by force. */
#define PORT_TRIES	128

/* Its backend is gone, but the service lets what has begun come to an end. */
static bool may_finish(const struct sluice_flow *flow)
{
	const struct sluice_backend *backend = flow->backend;

	return sluice_proto_has_connections(flow->nodes[SLUICE_DIR_ORIG].tuple.proto) &&
	       READ_ONCE(backend->dead) &&
	       READ_ONCE(backend->service->removal) == SLUICE_REMOVAL_FINISH;
}

/*
 * Nobody's client: neither end is a service now, and it is masqueraded or not
 * as it was?
 */
static bool plain_is_right(struct sluice_net *sn,
			   const struct sluice_flow *flow,
			   unsigned long revision)
{
	const struct sluice_flow_node *node = &flow->nodes[SLUICE_DIR_ORIG];
	struct sluice_l4addr from, to;

	sluice_tuple_src(&from, &node->tuple);
	sluice_tuple_dst(&to, &node->tuple);
	return !sluice_frontend_find(sn, &to, revision) &&
	       !sluice_frontend_find(sn, &from, revision) &&
	       flow->split == sluice_frontend_egress(sn, &node->tuple);
}

static bool still_right(struct sluice_net *sn, const struct sluice_flow *flow,
			unsigned long revision)
{
	if (!flow->backend)
		return plain_is_right(sn, flow, revision);
	return sluice_backend_keeps_flows(flow->backend) ||
	       may_finish(flow);
}

/**
 * sluice_decide_stale() - whether a flow must be decided again
 * @table: flow table of a &struct sluice_net
 * @flow: flow; the caller holds rcu_read_lock()
 *
 * A flow found right under the present revision is not looked at again until
 * the revision rises.
 */
bool sluice_decide_stale(struct sluice_flow_table *table,
			 struct sluice_flow *flow)
{
	struct sluice_net *sn = container_of(table, struct sluice_net, flows);
	unsigned long revision;

	revision = sluice_service_table_revision(&sn->services);
	if (READ_ONCE(flow->revision) == revision)
		return false;
	if (!still_right(sn, flow, revision))
		return true;

	WRITE_ONCE(flow->revision, revision);
	return false;
}

/* Whoever sends a packet is to hear that the connection is over. */
static bool is_reset(const struct sluice_flow *flow)
{
	return flow->backend &&
	       flow->nodes[SLUICE_DIR_ORIG].tuple.proto == IPPROTO_TCP;
}

/**
 * sluice_decide_ends() - whether a flow ends without a packet
 * @table: flow table of a &struct sluice_net
 * @flow: flow; the caller holds rcu_read_lock()
 *
 * A stale TCP connection stays, to answer its packets by a RST, until it times
 * out.
 */
bool sluice_decide_ends(struct sluice_flow_table *table,
			struct sluice_flow *flow)
{
	return !is_reset(flow) && sluice_decide_stale(table, flow);
}

/* The client uses the ports of a connection that is over for a new one. */
static bool is_reopened(const struct sluice_flow *flow,
			const struct sluice_pkt *pkt)
{
	return pkt->syn && !pkt->ack && sluice_flow_may_reopen(flow);
}

/* Both ends of a connection whose backend is gone hear of it, each in turn. */
static void reset(struct sluice_net *sn, const struct sluice_pkt *pkt,
		  struct sluice_flow *flow, struct sluice_verdict *verdict)
{
	verdict->reason = SLUICE_DROP_REASON_BACKEND_GONE;
	verdict->reject = !pkt->rst;
	sluice_backend_count_drop(flow->backend);
	sluice_flow_close(&sn->flows, flow);
}

static bool wants_reset(const struct sluice_flow *flow,
			const struct sluice_pkt *pkt)
{
	return is_reset(flow) && !pkt->syn && !pkt->icmp_error;
}

/* A reply that need not have come by, or what the node says in its place */
static bool is_bystander(const struct sluice_flow_node *node)
{
	return node->dir == SLUICE_DIR_REPLY &&
	       sluice_flow_is_one_sided(sluice_flow_of(node));
}

/* Inline, because every packet comes by. */
static inline enum sluice_fate fate_of(struct sluice_net *sn,
				       const struct sluice_flow_node *node,
				       const struct sluice_pkt *pkt)
{
	struct sluice_flow *flow = sluice_flow_of(node);

	if (sluice_flow_time_left(flow) <= 0)
		return SLUICE_FATE_EXPIRED;
	if (!is_reopened(flow, pkt) && !sluice_decide_stale(&sn->flows, flow))
		return SLUICE_FATE_GOES_ON;
	if (is_bystander(node))
		return SLUICE_FATE_STAYS;
	return wants_reset(flow, pkt) ? SLUICE_FATE_RESET :
					SLUICE_FATE_RETIRED;
}

/**
 * sluice_decide_fate() - what becomes of a flow that a packet has found
 * @sn: namespace
 * @node: of the packet's direction; the caller holds rcu_read_lock()
 * @pkt: packet
 */
enum sluice_fate sluice_decide_fate(struct sluice_net *sn,
				    const struct sluice_flow_node *node,
				    const struct sluice_pkt *pkt)
{
	return fate_of(sn, node, pkt);
}

/**
 * sluice_decide_lookup() - the flow of a packet, if it may still be used
 * @sn: namespace
 * @pkt: packet; the caller holds rcu_read_lock()
 * @door: where it is
 * @verdict: zeroed by the caller; the node of the packet's direction, if any
 *
 * A flow that has expired or become wrong is ended here. A TCP connection whose
 * backend is gone is reset.
 */
void sluice_decide_lookup(struct sluice_net *sn, const struct sluice_pkt *pkt,
			  enum sluice_door door, struct sluice_verdict *verdict)
{
	struct sluice_flow_node *node;
	struct sluice_flow *flow;

	node = sluice_flow_lookup(&sn->flows, &pkt->tuple, door);
	if (!node)
		return;

	flow = sluice_flow_of(node);
	switch (fate_of(sn, node, pkt)) {
	case SLUICE_FATE_GOES_ON:
		verdict->node = node;
		break;
	case SLUICE_FATE_RESET:
		reset(sn, pkt, flow, verdict);
		break;
	case SLUICE_FATE_EXPIRED:
		sluice_flow_unlink(&sn->flows, flow, SLUICE_STAT_FLOWS_EXPIRED);
		break;
	case SLUICE_FATE_RETIRED:
		sluice_flow_unlink(&sn->flows, flow, SLUICE_STAT_FLOWS_RETIRED);
		break;
	case SLUICE_FATE_STAYS:
		break;
	}
}

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

/*
 * Packets of other hosts get a new source at the exit, where reverse path
 * filters do not see it any more. The node's own are routed by it.
 */
static enum sluice_rewrite which_rewrite(const struct sluice_plan *plan)
{
	if (sluice_plan_keeps_addresses(plan))
		return SLUICE_REWRITE_NONE;
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

	if (sluice_plan_keeps_addresses(plan))
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
	flow->forward = plan->forward;
	flow->revision = plan->revision;
	return publish(sn, plan, flow, node);

put_plan:
	sluice_plan_put(plan);
	return reason;
}

/**
 * sluice_decide_new() - decide a packet that belongs to no flow
 * @sn: namespace
 * @pkt: packet at the entry; the caller holds rcu_read_lock()
 * @verdict: zeroed by the caller; the new flow's node, if it is ours
 *
 * What is no service's goes on even if there is no room for its flow, unless
 * it has to be masqueraded.
 */
void sluice_decide_new(struct sluice_net *sn, const struct sluice_pkt *pkt,
		       struct sluice_verdict *verdict)
{
	struct sluice_plan plan;

	sluice_plan_make(sn, pkt, false, &plan);
	if (plan.kind == SLUICE_PLAN_NONE)
		return;

	verdict->reject = plan.reject;
	verdict->reason = plan.reason;
	if (verdict->reason)
		sluice_plan_put(&plan);
	else
		verdict->reason = create(sn, &plan, &verdict->node);

	if (plan.kind == SLUICE_PLAN_DIRECT)
		verdict->reason = SLUICE_DROP_NONE;
	else if (plan.service && verdict->reason)
		atomic64_inc(&plan.service->counters.drops);
}

/**
 * sluice_decide() - what is to be done with a packet at a door
 * @sn: namespace
 * @pkt: packet; the caller holds rcu_read_lock()
 * @door: where it is
 * @verdict: filled in
 *
 * A packet of no flow is decided at the entry, unless it is an ICMP error or
 * an echo reply.
 */
void sluice_decide(struct sluice_net *sn, const struct sluice_pkt *pkt,
		   enum sluice_door door, struct sluice_verdict *verdict)
{
	*verdict = (struct sluice_verdict) {};
	sluice_decide_lookup(sn, pkt, door, verdict);
	if (door == SLUICE_DOOR_ENTRY && !verdict->node && !verdict->reason &&
	    !pkt->icmp_error && !pkt->icmp_reply)
		sluice_decide_new(sn, pkt, verdict);

	/* Found, but another door's work */
	if (verdict->node && !(verdict->node->works_at & BIT(door)))
		verdict->node = NULL;
}

/* Of the flow that a packet would find at the entry and go on with, or NULL */
static const struct sluice_flow_node *
usable_node(struct sluice_net *sn, const struct sluice_pkt *pkt)
{
	const struct sluice_flow_node *node;
	enum sluice_fate fate;

	node = sluice_flow_lookup(&sn->flows, &pkt->tuple, SLUICE_DOOR_ENTRY);
	if (!node)
		return NULL;
	fate = fate_of(sn, node, pkt);
	return fate == SLUICE_FATE_GOES_ON || fate == SLUICE_FATE_RESET ?
	       node : NULL;
}

/**
 * sluice_decide_forward() - how a packet would get to its backend
 * @sn: namespace
 * @pkt: packet at the entry; the caller holds rcu_read_lock()
 *
 * Nothing comes of it.
 *
 * Return: &enum sluice_forward; NAT also if it gets to none.
 */
u8 sluice_decide_forward(struct sluice_net *sn, const struct sluice_pkt *pkt)
{
	const struct sluice_flow_node *node = usable_node(sn, pkt);
	struct sluice_plan plan;

	if (node)
		return node->dir == SLUICE_DIR_ORIG ?
		       sluice_flow_of(node)->forward : SLUICE_FORWARD_NAT;
	if (pkt->icmp_error || pkt->icmp_reply)
		return SLUICE_FORWARD_NAT;

	sluice_plan_make(sn, pkt, true, &plan);
	sluice_plan_put(&plan);
	return plan.forward;
}
