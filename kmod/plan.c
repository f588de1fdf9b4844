// SPDX-License-Identifier: GPL-2.0
/*
 * Plans: which service a packet is for, which backend it gets, which source
 * address.
 */
#include "backend.h"
#include "frontend.h"
#include "masq.h"
#include "plan.h"
#include "sched.h"

/*
 * All services of a group have one key, as have all of an address with shared
 * affinity. A node port is one service, by whichever of the node's addresses a
 * client comes. A group's key has no family and is that of no service.
 */
static void affinity_key(struct sluice_affinity_key *key,
			 const struct sluice_plan *plan)
{
	const struct sluice_service_opts *opts = &plan->picker->opts;
	const struct sluice_l4addr *service = &plan->service->addr;

	*key = (struct sluice_affinity_key) { .client = plan->pkt->tuple.src };
	if (opts->affinity_group) {
		key->service.addr.all[0] = opts->affinity_group;
	} else if (opts->affinity_shared) {
		key->service.addr = service->addr;
		key->service.family = service->family;
	} else {
		key->service = *service;
	}
}

static struct sluice_backend *choose(const struct sluice_plan *plan, bool dry)
{
	u32 turn;

	turn = dry ? sluice_service_next_turn(plan->service) :
		     sluice_service_take_turn(plan->service, plan->picker);
	return sluice_picker_choose(plan->picker, &plan->pkt->tuple,
				    plan->local, turn);
}

/*
 * The backend that the client had last, as long as it takes new flows;
 * otherwise one that the scheduler chooses.
 */
static struct sluice_backend *choose_again(struct sluice_net *sn,
					   const struct sluice_plan *plan,
					   bool dry)
{
	const struct sluice_service_opts *opts = &plan->picker->opts;
	struct sluice_backend *backend = NULL;
	struct sluice_affinity_key key;
	struct sluice_l4addr last;

	affinity_key(&key, plan);
	if (sluice_affinity_find(&sn->affinity, &key, &last))
		backend = sluice_picker_find(plan->picker, &last,
					     opts->affinity_shared,
					     plan->local);
	if (!backend)
		backend = choose(plan, dry);
	if (backend && !dry)
		sluice_affinity_note(&sn->affinity, &key, &backend->addr,
				     opts->affinity);
	return backend;
}

/* As Kubernetes has it: where other nodes have backends nobody is refused. */
static void plan_without_backend(struct sluice_plan *plan)
{
	const struct sluice_picker *picker = plan->picker;
	bool elsewhere = plan->local && picker->all.count;

	plan->reason = elsewhere ? SLUICE_DROP_REASON_NO_LOCAL_BACKEND :
				   SLUICE_DROP_REASON_NO_BACKEND;
	plan->reject = !elsewhere &&
		       picker->opts.no_backend == SLUICE_NO_BACKEND_REJECT;
}

/*
 * Whether another node may have chosen this one for the packet, which looks the
 * same behind it. By l2 it comes as from a client; but backends have the
 * service's address.
 */
static bool may_have_been_sent(struct sluice_net *sn,
			       const struct sluice_plan *plan)
{
	const struct sluice_pkt *pkt = plan->pkt;

	if (!sluice_plan_keeps_addresses(plan) || pkt->from_node)
		return false;
	return pkt->from_tunnel ||
	       (plan->forward == SLUICE_FORWARD_L2 &&
		sluice_frontend_is_local(sn->net, pkt->vrf, pkt->tuple.family,
					 &pkt->tuple.dst));
}

/* Which candidate has an address of this node; their count if none has */
static u32 find_own(struct sluice_net *sn, int vrf,
		    const struct sluice_picker *picker)
{
	const struct sluice_backend *backend;
	u32 i;

	for (i = 0; i < picker->all.count; i++) {
		backend = picker->all.backends[i];
		if (sluice_frontend_is_local(sn->net, vrf, backend->addr.family,
					     &backend->addr.addr))
			break;
	}
	return i;
}

/*
 * The same outside of VRFs, where there may be thousands of candidates to look
 * up for each new flow: once for each generation of addresses. Kept are that and
 * behind it what was found, plus one, as 0 is what nobody has asked yet. Whoever
 * asks at the same time may write another generation's; it does no harm.
 */
static u32 known_own(struct sluice_net *sn, u8 family,
		     const struct sluice_picker *picker)
{
	u32 generation = sluice_addr_generation(sn, family);
	atomic64_t *own = &picker->unchanged->own;
	u64 known = atomic64_read(own);
	u32 i;

	if (lower_32_bits(known) && upper_32_bits(known) == generation)
		return lower_32_bits(known) - 1;
	i = find_own(sn, 0, picker);
	atomic64_set(own, (u64)generation << 32 | (i + 1));
	return i;
}

/* The candidate whose address is this node's, with a reference, or NULL */
static struct sluice_backend *own_backend(struct sluice_net *sn,
					  const struct sluice_plan *plan)
{
	const struct sluice_picker *picker = plan->picker;
	const struct sluice_pkt *pkt = plan->pkt;
	struct sluice_backend *backend;
	u32 i;

	i = pkt->vrf ? find_own(sn, pkt->vrf, picker) :
		       known_own(sn, pkt->tuple.family, picker);
	if (i == picker->all.count)
		return NULL;
	backend = picker->all.backends[i];
	sluice_backend_get(backend);
	return backend;
}

/*
 * It would go from node to node otherwise. What has come in a tunnel and finds
 * no candidate here is for this node all the same if it has the address.
 */
static bool plan_own_backend(struct sluice_net *sn, struct sluice_plan *plan)
{
	const struct sluice_pkt *pkt = plan->pkt;

	if (!may_have_been_sent(sn, plan))
		return false;
	plan->backend = own_backend(sn, plan);
	if (plan->backend || !pkt->from_tunnel)
		return plan->backend;

	if (sluice_frontend_is_local(sn->net, pkt->vrf, pkt->tuple.family,
				     &pkt->tuple.dst))
		plan->kind = SLUICE_PLAN_NONE;
	else
		plan->reason = SLUICE_DROP_REASON_NO_LOCAL_BACKEND;
	return true;
}

static void plan_backend(struct sluice_net *sn, struct sluice_plan *plan,
			 bool dry)
{
	const struct sluice_service_opts *opts = &plan->picker->opts;

	plan->local = sluice_frontend_wants_local(sn, plan->pkt, opts);
	if (!sluice_frontend_allows(sn, plan->pkt, opts->ranges)) {
		plan->reason = SLUICE_DROP_REASON_SOURCE_RANGE;
		return;
	}
	if (plan_own_backend(sn, plan))
		return;

	plan->backend = opts->affinity ? choose_again(sn, plan, dry) :
					 choose(plan, dry);
	if (!plan->backend)
		plan_without_backend(plan);
}

static void plan_source(struct sluice_net *sn, struct sluice_plan *plan)
{
	plan->masquerade = true;
	if (!sluice_masq_source(sn->net, plan->pkt->vrf, &plan->to,
				&plan->source))
		plan->reason = SLUICE_DROP_REASON_NO_ROUTE;
}

static bool is_here(struct sluice_net *sn, const struct sluice_plan *plan)
{
	return READ_ONCE(plan->backend->opts.local) ||
	       sluice_frontend_is_local(sn->net, plan->pkt->vrf,
					plan->to.family, &plan->to.addr);
}

/* The client keeps its address: the backend's node answers to it. */
static u8 relay(struct sluice_net *sn, const struct sluice_plan *plan)
{
	return is_here(sn, plan) ? SLUICE_FORWARD_NAT : SLUICE_FORWARD_TUNNEL;
}

static void plan_service(struct sluice_net *sn, struct sluice_plan *plan,
			 bool dry)
{
	const struct sluice_service_opts *opts;

	plan->kind = SLUICE_PLAN_SERVICE;
	plan->picker = sluice_service_picker(plan->service, plan->revision);
	opts = &plan->picker->opts;
	plan->asked = sluice_frontend_forward(sn, plan->pkt, opts);
	plan->forward = plan->asked;
	plan_backend(sn, plan, dry);
	if (!plan->backend)
		return;

	plan->to = plan->backend->addr;
	if (plan->asked == SLUICE_FORWARD_RELAY)
		plan->forward = relay(sn, plan);
	else if (plan->asked == SLUICE_FORWARD_NAT &&
		 sluice_frontend_masquerades(sn, plan->pkt, opts, &plan->to))
		plan_source(sn, plan);
}

/* Another node has chosen the backend. */
static void plan_relayed(struct sluice_net *sn, struct sluice_plan *plan)
{
	const struct sluice_pkt *pkt = plan->pkt;

	if (plan->service) {
		plan->picker = sluice_service_picker(plan->service,
						     plan->revision);
		plan->backend = sluice_picker_find_relayed(plan->picker,
							   pkt->relay_to);
	}
	if (!plan->backend) {
		plan->reason = SLUICE_DROP_REASON_NO_LOCAL_BACKEND;
		return;
	}

	plan->kind = SLUICE_PLAN_SERVICE;
	plan->to = plan->backend->addr;
	if (!sluice_frontend_allows(sn, pkt, plan->picker->opts.ranges))
		plan->reason = SLUICE_DROP_REASON_SOURCE_RANGE;
}

/**
 * sluice_plan_is_from_service() - whether a packet comes from a service's address
 * @sn: namespace
 * @plan: with its packet and revision; the caller holds rcu_read_lock()
 */
bool sluice_plan_is_from_service(struct sluice_net *sn,
				 const struct sluice_plan *plan)
{
	struct sluice_l4addr from;

	sluice_tuple_src(&from, &plan->pkt->tuple);
	return sluice_frontend_find(sn, plan->pkt->vrf, &from, plan->revision);
}

/**
 * sluice_plan_answers_reach_node_port() - whether a node port is in the way
 * @sn: namespace
 * @pkt: packet that is for no service; the caller holds rcu_read_lock()
 * @revision: of the packet
 *
 * Of a backend that has that port the answers are a service's.
 *
 * Return: true if the packet's answers would be taken for a service's clients',
 * and are not those of a flow that there is.
 */
bool sluice_plan_answers_reach_node_port(struct sluice_net *sn,
					 const struct sluice_pkt *pkt,
					 unsigned long revision)
{
	struct sluice_tuple answer;
	struct sluice_l4addr from;

	if (pkt->rst || !sluice_proto_has_flows(pkt->tuple.proto) ||
	    !sluice_service_has_node_ports(&sn->services))
		return false;
	sluice_tuple_src(&from, &pkt->tuple);
	if (!sluice_frontend_find_node_port(sn, pkt->vrf, &from, revision) ||
	    sluice_service_has_endpoint(&sn->services, &from))
		return false;
	sluice_tuple_invert(&answer, &pkt->tuple);
	return !sluice_flow_lookup(&sn->flows, &answer, SLUICE_DOOR_ENTRY);
}

/*
 * A RST is the end of something, perhaps of a service's flow. What comes from a
 * service's address (a reply that did not come by a flow, or a forged packet)
 * has no flow that would take in what its receiver sends to the service.
 */
static bool may_be_direct(struct sluice_net *sn, const struct sluice_plan *plan)
{
	return !plan->pkt->rst && !plan->pkt->opaque &&
	       !sluice_plan_is_from_service(sn, plan);
}

/* What leaves the cluster as the node's, unless it answers somebody outside */
static bool is_from_pod(struct sluice_net *sn, const struct sluice_pkt *pkt)
{
	return !pkt->from_node && !pkt->opaque &&
	       sluice_frontend_egress(sn, pkt->vrf, &pkt->tuple);
}

static bool is_direct(struct sluice_net *sn, const struct sluice_plan *plan,
		      bool from_pod)
{
	return (from_pod ||
		sluice_service_has_endpoint(&sn->services, &plan->to) ||
		sluice_frontend_ingress(sn, &plan->pkt->tuple)) &&
	       may_be_direct(sn, plan);
}

static void deny(struct sluice_plan *plan)
{
	const struct sluice_policy_verdict *verdict;

	verdict = sluice_judgement_of(plan->judgement, plan->judgement->denied);
	plan->reason = sluice_judge_reason(verdict);
	plan->reject = sluice_judge_rejects(verdict, plan->pkt);
}

/* Whether a packet is dropped for being of no flow and beginning none. */
static bool is_stray(const struct sluice_net *sn, const struct sluice_pkt *pkt,
		     struct sluice_judgement *j)
{
	return !sluice_pkt_opens(pkt) && sluice_judge_is_strict(sn, j);
}

/**
 * sluice_plan_is_forged() - whether a packet claims to be the node's, and is not
 * @sn: namespace
 * @plan: with its packet; the caller holds rcu_read_lock()
 *
 * IPv4 drops it when it is routed. Who has sent it may send what looks like the
 * answers, too.
 */
bool sluice_plan_is_forged(struct sluice_net *sn, const struct sluice_plan *plan)
{
	const struct sluice_pkt *pkt = plan->pkt;

	return !pkt->from_node && !pkt->bridged &&
	       sluice_frontend_is_local(sn->net, pkt->vrf, pkt->tuple.family,
					&pkt->tuple.src);
}

/*
 * A flow for what the policy allows, or may have a word on later, if there is
 * none for another reason
 */
static void remember(struct sluice_net *sn, struct sluice_plan *plan)
{
	if (plan->kind == SLUICE_PLAN_NONE && !plan->service &&
	    !plan->pkt->rst && !sluice_plan_is_from_service(sn, plan))
		plan->kind = SLUICE_PLAN_POLICY;
}

/* What is forged has no flow but a service's: its answers are judged. */
static void forget_forged(struct sluice_net *sn, struct sluice_plan *plan)
{
	if ((plan->kind == SLUICE_PLAN_POLICY ||
	     plan->kind == SLUICE_PLAN_DIRECT) &&
	    sluice_plan_is_forged(sn, plan))
		plan->kind = SLUICE_PLAN_NONE;
}

/* Nobody's address tells whose rules there may be: the port it takes does. */
static bool is_of_link(const struct sluice_pkt *pkt)
{
	return pkt->bridged && pkt->tuple.family == AF_INET6 &&
	       sluice_is_link_local(&pkt->tuple.dst.in6);
}

static enum sluice_judged judge_pkt(struct sluice_net *sn,
				    const struct sluice_plan *plan)
{
	const struct sluice_pkt *pkt = plan->pkt;
	enum sluice_judged how;
	struct sluice_case c;

	sluice_case_of_pkt(&c, pkt, &plan->to.addr, plan->to.port);
	if (!plan->service && !sluice_pkt_opens(pkt)) {
		how = sluice_judge_middle(sn, &c, pkt->tuple.sport,
					  plan->revision, false,
					  plan->judgement);
		if (how != SLUICE_JUDGED_UNTOLD ||
		    plan->kind == SLUICE_PLAN_NONE)
			return how;
	}
	sluice_judge(sn, &c, plan->revision, plan->judgement);
	return SLUICE_JUDGED_ITSELF;
}

/*
 * What may be an answer, but is not told to be one by its ports, has no flow, and
 * is not rewritten; unless it is only that somebody would be told of it.
 */
static void allow(struct sluice_net *sn, struct sluice_plan *plan,
		  enum sluice_judged how)
{
	if (how == SLUICE_JUDGED_TURNED)
		plan->kind = SLUICE_PLAN_NONE;
	else if (how != SLUICE_JUDGED_UNTOLD)
		remember(sn, plan);
}

static void judge(struct sluice_net *sn, struct sluice_plan *plan)
{
	struct sluice_judgement *j = plan->judgement;
	enum sluice_judged how = judge_pkt(sn, plan);

	if (!j->applies) {
		if (sluice_judge_is_remembered(j) || is_of_link(plan->pkt))
			remember(sn, plan);
		return;
	}
	if (is_stray(sn, plan->pkt, j)) {
		j->denied = 0;
		j->audited = 0;
		plan->reason = SLUICE_DROP_REASON_POLICY_STRICT;
		return;
	}
	if (j->denied)
		deny(plan);
	else
		allow(sn, plan, how);
}

static void plan_policy(struct sluice_net *sn, struct sluice_plan *plan)
{
	if (!plan->judgement || plan->reason || !sluice_judge_remembers(sn))
		return;
	judge(sn, plan);
	if (!plan->reason)
		forget_forged(sn, plan);
}

static struct sluice_service *look_up_service(struct sluice_net *sn,
					      const struct sluice_plan *plan)
{
	if (plan->pkt->relay_to)
		return sluice_frontend_find_relayed(sn, &plan->to,
						    plan->revision);
	return sluice_frontend_find(sn, plan->pkt->vrf, &plan->to,
				    plan->revision);
}

static void find_service(struct sluice_net *sn, struct sluice_plan *plan)
{
	do {
		plan->revision = sluice_service_table_revision(&sn->services);
		plan->service = look_up_service(sn, plan);
	} while (!plan->service &&
		 sluice_service_table_moved(&sn->services, plan->revision));
}

/*
 * No service has anything to do with it but as one whose backend it goes to, if
 * what goes to the service comes by the node.
 */
static void plan_bridged(struct sluice_net *sn, struct sluice_plan *plan)
{
	plan->revision = sluice_service_table_revision(&sn->services);
	if (plan->pkt->on_link &&
	    sluice_service_has_endpoint(&sn->services, &plan->to) &&
	    may_be_direct(sn, plan) &&
	    !sluice_frontend_find(sn, 0, &plan->to, plan->revision))
		plan->kind = SLUICE_PLAN_DIRECT;
}

/* Whether the node has begun it, from a port that is a node port */
static bool is_own(struct sluice_net *sn, const struct sluice_plan *plan)
{
	return plan->pkt->from_node &&
	       sluice_plan_answers_reach_node_port(sn, plan->pkt,
						   plan->revision);
}

static void plan_plain(struct sluice_net *sn, struct sluice_plan *plan)
{
	bool from_pod = is_from_pod(sn, plan->pkt);

	if (is_own(sn, plan)) {
		plan->kind = SLUICE_PLAN_OWN;
	} else if (from_pod && !sluice_pkt_answers(plan->pkt)) {
		/* It must not go out with the pod's own address. */
		plan->kind = SLUICE_PLAN_EGRESS;
		plan_source(sn, plan);
	} else if (is_direct(sn, plan, from_pod)) {
		plan->kind = SLUICE_PLAN_DIRECT;
	}
}

static void plan_kind(struct sluice_net *sn, struct sluice_plan *plan,
		      bool dry)
{
	find_service(sn, plan);
	if (plan->pkt->relay_to) {
		plan_relayed(sn, plan);
	} else if (plan->service) {
		plan_service(sn, plan, dry);
	} else {
		plan_plain(sn, plan);
	}
}

/**
 * sluice_plan_make() - plan a flow for a packet that belongs to none
 * @sn: namespace
 * @pkt: packet at the entry; the caller holds rcu_read_lock()
 * @dry: nothing is to be remembered of it
 * @j: gets what the policy says; it applies if it was asked. NULL if it is not
 *	to be asked
 * @plan: filled in; for sluice_plan_put(), or a flow takes its backend
 *
 * What goes to a service gets a backend; what another node has sent here for one
 * gets that, or is to be dropped for having no local backend. What a pod sends
 * out of the cluster gets the node's address, if that is wished. What goes
 * straight to a backend's address gets a flow too, so that its answers cannot be
 * taken for those of a service. So does what others send to a pod if pods leave
 * the cluster as the node, what the policy has had a word on, and all of which an
 * end is a workload with an identity: rules made later stop it then.
 */
void sluice_plan_make(struct sluice_net *sn, const struct sluice_pkt *pkt,
		      bool dry, struct sluice_judgement *j,
		      struct sluice_plan *plan)
{
	*plan = (struct sluice_plan) {
		.pkt = pkt, .asked = SLUICE_FORWARD_NAT,
		.forward = SLUICE_FORWARD_NAT, .judgement = j,
	};
	if (j)
		j->applies = false;
	sluice_tuple_dst(&plan->to, &pkt->tuple);
	if (pkt->bridged)
		plan_bridged(sn, plan);
	else
		plan_kind(sn, plan, dry);
	plan_policy(sn, plan);
}

/**
 * sluice_plan_put() - release what a plan holds
 * @plan: made by sluice_plan_make(), and no flow has taken its backend
 *
 * Any context.
 */
void sluice_plan_put(const struct sluice_plan *plan)
{
	if (plan->backend)
		sluice_backend_put(plan->backend);
}
