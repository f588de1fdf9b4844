// SPDX-License-Identifier: GPL-2.0
/*
 * A packet's fate: its flow, if that is still right, or a new one. Nothing else
 * creates flows.
 */
#include "backend.h"
#include "decide.h"
#include "establish.h"
#include "frontend.h"
#include "plan.h"
#include "trace.h"

/* Its backend is gone, but the service lets what has begun come to an end. */
static bool may_finish(const struct sluice_flow *flow)
{
	const struct sluice_backend *backend = flow->backend;

	return sluice_proto_has_connections(flow->nodes[SLUICE_DIR_ORIG].tuple.proto) &&
	       READ_ONCE(backend->dead) &&
	       READ_ONCE(backend->service->removal) == SLUICE_REMOVAL_FINISH;
}

/* Of a protocol that services and masquerading have nothing to do with. */
static bool is_opaque(const struct sluice_flow *flow)
{
	u8 proto = flow->nodes[SLUICE_DIR_ORIG].tuple.proto;

	return !sluice_proto_has_flows(proto) && !sluice_proto_is_icmp(proto);
}

/*
 * Nobody's client: neither end is a service now, and it is masqueraded or not
 * as it was?
 */
static bool plain_is_right(struct sluice_net *sn, int vrf,
			   const struct sluice_flow *flow,
			   unsigned long revision)
{
	const struct sluice_flow_node *node = &flow->nodes[SLUICE_DIR_ORIG];
	struct sluice_l4addr from, to;

	sluice_tuple_src(&from, &node->tuple);
	sluice_tuple_dst(&to, &node->tuple);
	return !sluice_frontend_find(sn, vrf, &to, revision) &&
	       (flow->own || !sluice_frontend_find(sn, vrf, &from, revision)) &&
	       flow->split == (!flow->answer && !flow->own && !flow->from_node &&
			       sluice_frontend_egress(sn, vrf, &node->tuple));
}

static bool still_right(struct sluice_net *sn, int vrf,
			const struct sluice_flow *flow, unsigned long revision)
{
	if (!flow->backend)
		return is_opaque(flow) || plain_is_right(sn, vrf, flow, revision);
	return sluice_backend_keeps_flows(flow->backend) ||
	       may_finish(flow);
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
 * out. Of flows in a VRF, which is not known here, packets see what this does
 * not; whether one that was bridged is stale its next packet tells.
 */
bool sluice_decide_ends(struct sluice_flow_table *table,
			struct sluice_flow *flow)
{
	struct sluice_net *sn = container_of(table, struct sluice_net, flows);
	unsigned long revision;

	if (is_reset(flow) || flow->bridged)
		return false;
	revision = sluice_service_table_revision(&sn->services);
	return !sluice_decide_is_checked(flow, revision) &&
	       !still_right(sn, 0, flow, revision);
}

/* Who begins a flow, behind services, where who receives may be another one */
static void case_of(struct sluice_case *c, const struct sluice_flow *flow,
		    int vrf)
{
	const struct sluice_tuple *orig = &flow->nodes[SLUICE_DIR_ORIG].tuple;
	const struct sluice_tuple *reply = &flow->nodes[SLUICE_DIR_REPLY].tuple;

	*c = (struct sluice_case) {
		.src = &orig->src, .dst = &reply->src,
		.family = orig->family, .proto = orig->proto,
		.port = ntohs(reply->sport), .vrf = vrf,
		.from_node = flow->from_node,
		.shared = flow->shared, .bridged = flow->bridged,
		.answer = flow->answer,
	};
	if (sluice_flow_is_one_sided(flow)) {
		c->dst = &flow->backend->addr.addr;
		c->port = ntohs(flow->backend->addr.port);
	}
	if (sluice_proto_is_icmp(c->proto))
		c->port = sluice_pkt_echo(c->family);
}

/**
 * sluice_decide_judge() - what the policy says of a flow now
 * @sn: namespace
 * @flow: flow; the caller holds rcu_read_lock()
 * @vrf: where its packets are
 * @j: filled in
 *
 * If nobody has seen who has begun it, its ports may tell.
 */
void sluice_decide_judge(struct sluice_net *sn, const struct sluice_flow *flow,
			 int vrf, struct sluice_judgement *j)
{
	unsigned long revision;
	struct sluice_case c;

	case_of(&c, flow, vrf);
	revision = sluice_service_table_revision(&sn->services);
	if (flow->midway)
		sluice_judge_middle(sn, &c,
				    flow->nodes[SLUICE_DIR_ORIG].tuple.sport,
				    revision, true, j);
	else
		sluice_judge(sn, &c, revision, j);
}

static bool cuts(const struct sluice_policy_verdict *verdict)
{
	return verdict->action == SLUICE_POLICY_ACTION_DENY &&
	       !verdict->opts.audit &&
	       verdict->opts.established != SLUICE_ESTABLISHED_KEEP;
}

/*
 * What has been answered may go on if each subject that denies it wants that.
 * If only one does, it is the other one that denies it.
 */
static bool is_kept(const struct sluice_flow *flow, struct sluice_judgement *j)
{
	u8 dir;

	if (sluice_flow_state(flow) == SLUICE_FLOW_STATE_UNREPLIED)
		return false;
	for (dir = SLUICE_POLICY_DIRECTION_INGRESS;
	     dir <= SLUICE_POLICY_DIRECTION_MAX; dir++) {
		if (!cuts(sluice_judgement_of(j, dir)))
			continue;
		j->denied = dir;
		return false;
	}
	return true;
}

/* An error about a connection, and its own end, are not answered by a RST. */
static bool may_be_rejected(const struct sluice_pkt *pkt)
{
	return pkt->tuple.proto == IPPROTO_TCP && !pkt->rst &&
	       !pkt->icmp_error;
}

/* Return: what decides, for how the sender is told */
static const struct sluice_policy_verdict *
set_reason(const struct sluice_judgement *j, struct sluice_verdict *verdict)
{
	const struct sluice_policy_verdict *deciding;

	deciding = sluice_judgement_of(j, j->denied);
	verdict->reason = sluice_judge_reason(deciding);
	sluice_judge_blame(j, j->denied, &verdict->blame);
	return deciding;
}

static void set_denied(const struct sluice_judgement *j,
		       const struct sluice_pkt *pkt,
		       struct sluice_verdict *verdict)
{
	verdict->reject = set_reason(j, verdict)->opts.established ==
			  SLUICE_ESTABLISHED_RESET && may_be_rejected(pkt);
}

/* They may be no rules any more. */
static bool has_rules(const struct sluice_flow *flow)
{
	return READ_ONCE(flow->rules[0]) || READ_ONCE(flow->rules[1]);
}

/* Of its sender only somebody else's address is left. */
static bool is_disguised(const struct sluice_flow *flow)
{
	return flow->own && !flow->from_node;
}

/* Since it last was, the policy has changed. */
static bool needs_judgement(const struct sluice_net *sn,
			    const struct sluice_flow *flow)
{
	return !is_disguised(flow) &&
	       (sluice_judge_in_force(sn) || has_rules(flow)) &&
	       (long)(READ_ONCE(flow->revision) -
		      READ_ONCE(sn->policy_since)) < 0;
}

/* Tell of what is not denied, but would be without the audit mode. */
static void audit(struct sluice_net *sn, const struct sluice_tuple *tuple,
		  const struct sluice_judgement *j)
{
	enum sluice_drop_reason reason = SLUICE_DROP_NONE;
	struct sluice_blame blame = {};

	if (j->strict)
		reason = SLUICE_DROP_REASON_POLICY_STRICT;
	else if (j->audited)
		sluice_judge_blame(j, j->audited, &blame);
	else
		return;
	sluice_audit(sn, tuple, &blame, reason);
}

/* @j: filled in with what the policy says of the flow now */
static bool is_allowed(struct sluice_net *sn, const struct sluice_flow *flow,
		       int vrf, struct sluice_judgement *j)
{
	sluice_decide_judge(sn, flow, vrf, j);
	return !j->denied || is_kept(flow, j);
}

/* Nobody has seen who has begun it, and that does not do. */
static bool is_stray(const struct sluice_net *sn, const struct sluice_flow *flow,
		     struct sluice_judgement *j)
{
	return flow->midway && j->applies && sluice_judge_is_strict(sn, j);
}

/* @j: filled in; if not, @verdict says why */
static bool may_go_on(struct sluice_net *sn, const struct sluice_flow *flow,
		      const struct sluice_pkt *pkt, struct sluice_judgement *j,
		      struct sluice_verdict *verdict)
{
	bool allowed = is_allowed(sn, flow, pkt->vrf, j);

	if (is_stray(sn, flow, j)) {
		verdict->reason = SLUICE_DROP_REASON_POLICY_STRICT;
		return false;
	}
	if (!allowed)
		set_denied(j, pkt, verdict);
	return allowed;
}

/* Once the policy has been asked anew */
static void note_denied(struct sluice_flow *flow, bool denied)
{
	if (test_bit(SLUICE_FLOW_DENIED, &flow->status) != denied)
		assign_bit(SLUICE_FLOW_DENIED, &flow->status, denied);
}

static void note_allowed(struct sluice_net *sn, struct sluice_flow *flow,
			 const struct sluice_judgement *j)
{
	struct sluice_policy_rule *rules[SLUICE_POLICY_DIRECTIONS];

	sluice_judge_rules(j, rules);
	sluice_flow_set_rules(&sn->flows, flow, rules);
	audit(sn, &flow->nodes[SLUICE_DIR_ORIG].tuple, j);
}

/* Whether a flow may go on; @dry: nothing is to come of it */
static noinline bool still_allowed(struct sluice_net *sn,
				   struct sluice_flow *flow,
				   const struct sluice_pkt *pkt, bool dry,
				   struct sluice_verdict *verdict)
{
	struct sluice_judgement j;
	bool allowed = may_go_on(sn, flow, pkt, &j, verdict);

	if (dry)
		return allowed;
	note_denied(flow, !allowed);
	if (allowed)
		note_allowed(sn, flow, &j);
	return allowed;
}

/* Whether the policy lets the one end still send something to the other */
static bool may_be_told(struct sluice_net *sn, const struct sluice_flow *flow,
			int vrf)
{
	struct sluice_judgement j;

	return !needs_judgement(sn, flow) || is_allowed(sn, flow, vrf, &j);
}

/* Both ends of a connection whose backend is gone are to hear of it. */
static void reset(struct sluice_net *sn, struct sluice_flow_node *node,
		  int vrf, struct sluice_verdict *verdict)
{
	struct sluice_flow *flow = sluice_flow_of(node);

	verdict->node = node;
	verdict->found = node;
	verdict->becomes_rst = may_be_told(sn, flow, vrf);
	verdict->reason = SLUICE_DROP_REASON_BACKEND_GONE;
	verdict->reject = true;
	sluice_backend_count_drop(flow->backend);
	sluice_flow_close(&sn->flows, flow);
}

/* A reply that need not have come by, or what the node says in its place */
static bool is_bystander(const struct sluice_flow_node *node)
{
	return node->dir == SLUICE_DIR_REPLY &&
	       sluice_flow_is_one_sided(sluice_flow_of(node));
}

/* By which an end hears that a connection is over: it is translated as ever. */
static bool tells_of_end(const struct sluice_pkt *pkt)
{
	return pkt->rst || pkt->icmp_error;
}

static enum sluice_fate fate_of_wrong(const struct sluice_flow_node *node,
				      const struct sluice_pkt *pkt)
{
	if (is_bystander(node))
		return SLUICE_FATE_STAYS;
	if (!is_reset(sluice_flow_of(node)) || pkt->syn)
		return SLUICE_FATE_RETIRED;
	return tells_of_end(pkt) ? SLUICE_FATE_GOES_ON : SLUICE_FATE_RESET;
}

/* Where it is only bridged, no service has anything to do with it. */
static bool stays_bridged(const struct sluice_flow *flow,
			  const struct sluice_pkt *pkt)
{
	return flow->bridged && pkt->bridged;
}

/* Its packets are not what they were, or others may not be told of its end. */
static bool is_bound(const struct sluice_flow *flow)
{
	struct sluice_tuple answer;

	sluice_tuple_invert(&answer, &flow->nodes[SLUICE_DIR_ORIG].tuple);
	return flow->backend || flow->own ||
	       !sluice_tuple_equal(&answer, &flow->nodes[SLUICE_DIR_REPLY].tuple);
}

/* As what it begins itself, from the other end */
static void judge_turned(struct sluice_net *sn, const struct sluice_flow *flow,
			 const struct sluice_pkt *pkt, struct sluice_judgement *j)
{
	const struct sluice_tuple *orig = &flow->nodes[SLUICE_DIR_ORIG].tuple;
	const struct sluice_tuple *reply = &flow->nodes[SLUICE_DIR_REPLY].tuple;
	struct sluice_case c;

	sluice_case_of_pkt(&c, pkt, &orig->src, orig->sport);
	c.src = &reply->src;
	sluice_judge(sn, &c, sluice_service_table_revision(&sn->services), j);
}

/*
 * If it is allowed by itself it has a flow of its own, in place of this one; but
 * one that is translated stays as it is, and takes it along.
 */
static noinline enum sluice_fate
fate_of_turned(struct sluice_net *sn, const struct sluice_flow_node *node,
	       const struct sluice_pkt *pkt, struct sluice_verdict *verdict)
{
	const struct sluice_flow *flow = sluice_flow_of(node);
	struct sluice_judgement j;

	if (pkt->icmp_reply || is_bystander(node))
		return SLUICE_FATE_STAYS;
	judge_turned(sn, flow, pkt, &j);
	if (j.denied) {
		verdict->reject = sluice_judge_rejects(set_reason(&j, verdict),
						       pkt);
		return SLUICE_FATE_DENIED;
	}
	return is_bound(flow) ? SLUICE_FATE_GOES_ON : SLUICE_FATE_RETIRED;
}

/* Inline, because every packet comes by. */
static inline enum sluice_fate fate_of(struct sluice_net *sn,
				       const struct sluice_flow_node *node,
				       const struct sluice_pkt *pkt,
				       enum sluice_door door, bool dry,
				       struct sluice_verdict *verdict)
{
	struct sluice_flow *flow = sluice_flow_of(node);
	enum sluice_fate fate = SLUICE_FATE_GOES_ON;
	unsigned long revision;
	bool right;

	if (sluice_flow_time_left(flow) <= 0)
		return SLUICE_FATE_EXPIRED;
	if (sluice_decide_is_reopened(flow, pkt))
		return fate_of_wrong(node, pkt);
	if (door == SLUICE_DOOR_ENTRY && sluice_decide_is_turned(node, pkt)) {
		fate = fate_of_turned(sn, node, pkt, verdict);
		if (fate != SLUICE_FATE_GOES_ON)
			return fate;
	}

	revision = sluice_service_table_revision(&sn->services);
	if (sluice_decide_is_checked(flow, revision) &&
	    !sluice_decide_is_routed_anew(flow, pkt))
		return SLUICE_FATE_GOES_ON;
	right = stays_bridged(flow, pkt) ||
		still_right(sn, pkt->vrf, flow, revision);
	if (!right)
		fate = fate_of_wrong(node, pkt);
	if (fate != SLUICE_FATE_GOES_ON)
		return fate;
	if (needs_judgement(sn, flow) &&
	    !still_allowed(sn, flow, pkt, dry || !right, verdict))
		return SLUICE_FATE_DENIED;
	if (right && !dry)
		WRITE_ONCE(flow->revision, revision);
	return SLUICE_FATE_GOES_ON;
}

/**
 * sluice_decide_fate() - what would become of a flow that a packet has found
 * @sn: namespace
 * @node: of the packet's direction; the caller holds rcu_read_lock()
 * @pkt: packet
 * @verdict: zeroed by the caller; gets reason, reject and blame if it is denied
 *
 * Nothing comes of it.
 */
enum sluice_fate sluice_decide_fate(struct sluice_net *sn,
				    const struct sluice_flow_node *node,
				    const struct sluice_pkt *pkt,
				    struct sluice_verdict *verdict)
{
	return fate_of(sn, node, pkt, SLUICE_DOOR_ENTRY, true, verdict);
}

/**
 * sluice_decide_lookup() - the flow of a packet, if it may still be used
 * @sn: namespace
 * @pkt: packet; the caller holds rcu_read_lock()
 * @door: where it is
 * @verdict: zeroed by the caller; the node of the packet's direction, if any
 *
 * A flow that has expired or become wrong is ended here. A TCP connection whose
 * backend is gone is reset, by RSTs for both ends; those of the ends' own go on
 * to the other one. What the policy does not allow any more is dropped.
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
	switch (fate_of(sn, node, pkt, door, false, verdict)) {
	case SLUICE_FATE_GOES_ON:
		verdict->node = node;
		verdict->found = node;
		break;
	case SLUICE_FATE_RESET:
		reset(sn, node, pkt->vrf, verdict);
		break;
	case SLUICE_FATE_EXPIRED:
		sluice_flow_unlink(&sn->flows, flow, SLUICE_STAT_FLOWS_EXPIRED);
		break;
	case SLUICE_FATE_RETIRED:
		sluice_flow_unlink(&sn->flows, flow, SLUICE_STAT_FLOWS_RETIRED);
		break;
	case SLUICE_FATE_DENIED:
	case SLUICE_FATE_STAYS:
		break;
	}
}

/* For whoever drops the packet; what is only audited is told of here. */
static noinline void note_denial(struct sluice_net *sn,
				 const struct sluice_pkt *pkt,
				 const struct sluice_judgement *j,
				 struct sluice_verdict *verdict)
{
	if (j->denied)
		sluice_judge_blame(j, j->denied, &verdict->blame);
	else
		audit(sn, &pkt->tuple, j);
}

static void note_judgement(struct sluice_net *sn, const struct sluice_pkt *pkt,
			   const struct sluice_judgement *j,
			   struct sluice_verdict *verdict)
{
	if (j->denied || j->audited || j->strict)
		note_denial(sn, pkt, j, verdict);
}

/**
 * sluice_decide_new() - decide a packet that belongs to no flow
 * @sn: namespace
 * @pkt: packet at the entry; the caller holds rcu_read_lock()
 * @verdict: zeroed by the caller; the new flow's node, if it is ours
 *
 * What is no service's goes on even if there is no room for its flow, unless
 * it has to be masqueraded: the policy has allowed it.
 */
void sluice_decide_new(struct sluice_net *sn, const struct sluice_pkt *pkt,
		       struct sluice_verdict *verdict)
{
	struct sluice_judgement j;
	struct sluice_plan plan;

	sluice_plan_make(sn, pkt, false, &j, &plan);
	if (j.applies)
		note_judgement(sn, pkt, &j, verdict);
	verdict->reject = plan.reject;
	verdict->reason = plan.reason;
	if (verdict->reason)
		sluice_plan_put(&plan);
	else if (plan.kind != SLUICE_PLAN_NONE)
		verdict->reason = sluice_establish(sn, &plan, &verdict->node);
	verdict->found = verdict->node;

	if (plan.service && verdict->reason)
		atomic64_inc(&plan.service->counters.drops);
}

/*
 * Nobody's flow that begins here, of which nothing is to be said: there would
 * be none, but for its going on quicker.
 */
static bool may_be_plain(struct sluice_net *sn, const struct sluice_plan *plan)
{
	return plan->kind == SLUICE_PLAN_NONE && !plan->service &&
	       !plan->judgement->applies && !plan->pkt->rst &&
	       !sluice_plan_is_from_service(sn, plan) &&
	       !(sluice_judge_remembers(sn) && sluice_plan_is_forged(sn, plan));
}

/**
 * sluice_decide_has_flow() - whether a packet begins a flow where it comes in
 * @sn: namespace
 * @plan: that was made for it; the caller holds rcu_read_lock()
 *
 * Of an attached device, and unless it is dropped.
 */
bool sluice_decide_has_flow(struct sluice_net *sn,
			    const struct sluice_plan *plan)
{
	return plan->kind != SLUICE_PLAN_NONE || may_be_plain(sn, plan);
}

static struct sluice_flow_node *begin_early(struct sluice_net *sn,
					    const struct sluice_pkt *pkt,
					    struct sluice_early *early)
{
	struct sluice_flow_node *node = NULL;
	struct sluice_verdict verdict = {};
	struct sluice_judgement j;
	struct sluice_plan plan;

	sluice_plan_make(sn, pkt, false, &j, &plan);
	if (plan.reason || plan.kind == SLUICE_PLAN_NONE) {
		sluice_plan_put(&plan);
		early->plain = !plan.reason && may_be_plain(sn, &plan);
		early->revision = plan.revision;
		return NULL;
	}
	sluice_establish(sn, &plan, &node);
	if (node && j.applies)
		note_judgement(sn, pkt, &j, &verdict);
	return node;
}

static struct sluice_flow_node *
look_again(struct sluice_net *sn, const struct sluice_pkt *pkt,
	   struct sluice_flow_node *node, struct sluice_early *early)
{
	struct sluice_flow *flow = sluice_flow_of(node);
	struct sluice_verdict verdict = {};

	switch (fate_of(sn, node, pkt, SLUICE_DOOR_ENTRY, false, &verdict)) {
	case SLUICE_FATE_GOES_ON:
		return node;
	case SLUICE_FATE_EXPIRED:
		sluice_flow_unlink(&sn->flows, flow, SLUICE_STAT_FLOWS_EXPIRED);
		return begin_early(sn, pkt, early);
	case SLUICE_FATE_RETIRED:
		sluice_flow_unlink(&sn->flows, flow, SLUICE_STAT_FLOWS_RETIRED);
		return begin_early(sn, pkt, early);
	default:
		return NULL;
	}
}

/**
 * sluice_decide_early() - the flow of a packet at the device it comes in by
 * @sn: namespace
 * @pkt: plain packet; the caller holds rcu_read_lock()
 * @node: that the packet has found, but sluice_decide_is_settled() has not; or
 *	NULL
 * @early: filled in if there is none
 *
 * A new one if need be. Nothing is dropped here and nobody told: such packets
 * have no flow, and the slow path decides them.
 *
 * Return: the node of the packet's direction, or NULL.
 */
struct sluice_flow_node *sluice_decide_early(struct sluice_net *sn,
					     const struct sluice_pkt *pkt,
					     struct sluice_flow_node *node,
					     struct sluice_early *early)
{
	early->plain = false;
	return node ? look_again(sn, pkt, node, early) :
		      begin_early(sn, pkt, early);
}

/* A flow for what goes on unchanged, and is not judged for it */
static struct sluice_flow_node *begin_as_it_is(struct sluice_net *sn,
					       const struct sluice_pkt *pkt,
					       enum sluice_plan_kind kind,
					       unsigned long revision)
{
	struct sluice_judgement j = { .applies = false };
	struct sluice_plan plan = {
		.pkt = pkt, .kind = kind, .forward = SLUICE_FORWARD_NAT,
		.judgement = &j, .revision = revision,
	};
	struct sluice_flow_node *node = NULL;

	sluice_tuple_dst(&plan.to, &pkt->tuple);
	sluice_establish(sn, &plan, &node);
	return node;
}

/**
 * sluice_decide_plain() - a flow for what may go on as it is
 * @sn: namespace
 * @pkt: packet for which sluice_decide_early() has found that it may; the
 *	caller still holds rcu_read_lock()
 * @early: what that has filled in
 *
 * Return: the node of the packet's direction, or NULL if there is no room.
 */
struct sluice_flow_node *sluice_decide_plain(struct sluice_net *sn,
					     const struct sluice_pkt *pkt,
					     const struct sluice_early *early)
{
	return begin_as_it_is(sn, pkt, SLUICE_PLAN_PLAIN, early->revision);
}

/**
 * sluice_decide_own() - a flow for what has got a node port of this node as source
 * @sn: namespace
 * @pkt: packet of no flow at the exit, whose source is not the one it had at the
 *	entry; the caller holds rcu_read_lock()
 *
 * Whoever gives others the node's address has chosen that very port: answers are
 * for it, and not for the service. The policy has judged the real sender.
 *
 * Return: the node of the packet's direction, or NULL if there is no such flow.
 */
struct sluice_flow_node *sluice_decide_own(struct sluice_net *sn,
					   const struct sluice_pkt *pkt)
{
	unsigned long revision = sluice_service_table_revision(&sn->services);
	struct sluice_l4addr to;

	sluice_tuple_dst(&to, &pkt->tuple);
	if (!sluice_plan_answers_reach_node_port(sn, pkt, revision) ||
	    sluice_frontend_find(sn, pkt->vrf, &to, revision))
		return NULL;
	return begin_as_it_is(sn, pkt, SLUICE_PLAN_OWN, revision);
}

/**
 * sluice_decide_stray() - decide a packet that neither has a flow nor begins one
 * @sn: namespace
 * @pkt: opaque packet at the entry; the caller holds rcu_read_lock()
 * @verdict: filled in
 *
 * An ICMP error about nothing that is known, an echo reply to nobody, what
 * could not be read: it goes on if the policy allows it as it is.
 */
void sluice_decide_stray(struct sluice_net *sn, const struct sluice_pkt *pkt,
			 struct sluice_verdict *verdict)
{
	sluice_decide_for(sn, pkt, pkt->tuple.family, &pkt->tuple.dst, verdict);
}

/**
 * sluice_decide_for() - whether somebody may get a packet, whatever its flow is
 * @sn: namespace
 * @pkt: packet; the caller holds rcu_read_lock()
 * @family: of @receiver
 * @receiver: address of who gets it, which it need not be for
 * @verdict: filled in
 */
void sluice_decide_for(struct sluice_net *sn, const struct sluice_pkt *pkt,
		       u8 family, const union nf_inet_addr *receiver,
		       struct sluice_verdict *verdict)
{
	struct sluice_judgement j;
	struct sluice_case c;

	*verdict = (struct sluice_verdict) {};
	sluice_case_of_pkt(&c, pkt, receiver, pkt->tuple.dport);
	c.dst_family = family;
	sluice_judge(sn, &c, sluice_service_table_revision(&sn->services), &j);
	if (!j.applies)
		return;
	note_judgement(sn, pkt, &j, verdict);
	if (j.denied)
		verdict->reason =
			sluice_judge_reason(sluice_judgement_of(&j, j.denied));
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
	verdict->node = NULL;
	verdict->reason = SLUICE_DROP_NONE;
	verdict->reject = false;
	verdict->becomes_rst = false;
	verdict->found = NULL;
	verdict->blame.dir = 0;
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
	struct sluice_verdict verdict = {};
	enum sluice_fate fate;

	node = sluice_flow_lookup(&sn->flows, &pkt->tuple, SLUICE_DOOR_ENTRY);
	if (!node)
		return NULL;
	fate = sluice_decide_fate(sn, node, pkt, &verdict);
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
 * Return: &enum sluice_forward; NAT also if there is no service for it; relay if
 * that depends on the backend.
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

	sluice_plan_make(sn, pkt, true, NULL, &plan);
	sluice_plan_put(&plan);
	return plan.asked;
}

/* Whether a flow goes where another node has sent its packet */
static bool is_relayed(const struct sluice_flow_node *node,
		       const struct sluice_pkt *pkt)
{
	const struct sluice_flow *flow = sluice_flow_of(node);

	return node->dir == SLUICE_DIR_ORIG && flow->backend &&
	       !sluice_flow_is_one_sided(flow) &&
	       nf_inet_addr_cmp(&flow->backend->addr.addr, pkt->relay_to);
}

/**
 * sluice_decide_takes() - whether a packet is for a backend here
 * @sn: namespace
 * @pkt: packet that has come in a tunnel, from another node that has chosen the
 *	backend; the caller holds rcu_read_lock()
 *
 * Nothing comes of it.
 */
bool sluice_decide_takes(struct sluice_net *sn, const struct sluice_pkt *pkt)
{
	const struct sluice_flow_node *node = usable_node(sn, pkt);
	struct sluice_plan plan;

	if (node && is_relayed(node, pkt))
		return true;
	if (pkt->icmp_error || pkt->icmp_reply)
		return false;

	sluice_plan_make(sn, pkt, true, NULL, &plan);
	sluice_plan_put(&plan);
	return plan.reason != SLUICE_DROP_REASON_NO_LOCAL_BACKEND;
}

/**
 * sluice_decide_relayed() - as sluice_decide() at the entry, of such a packet
 * @sn: namespace
 * @pkt: packet for which sluice_decide_takes() has found that it is
 * @verdict: filled in
 *
 * The other node knows best: a flow that goes elsewhere is over. One that another
 * processor has just begun is not the packet's: then none is found.
 */
void sluice_decide_relayed(struct sluice_net *sn, const struct sluice_pkt *pkt,
			   struct sluice_verdict *verdict)
{
	struct sluice_flow_node *node;

	node = sluice_flow_lookup(&sn->flows, &pkt->tuple, SLUICE_DOOR_ENTRY);
	if (node && node->dir == SLUICE_DIR_ORIG && !pkt->icmp_error &&
	    !is_relayed(node, pkt))
		sluice_flow_unlink(&sn->flows, sluice_flow_of(node),
				   SLUICE_STAT_FLOWS_RETIRED);
	sluice_decide(sn, pkt, SLUICE_DOOR_ENTRY, verdict);
	if (verdict->found && !pkt->icmp_error &&
	    !is_relayed(verdict->found, pkt))
		verdict->found = NULL;
}
