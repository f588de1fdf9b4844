// SPDX-License-Identifier: GPL-2.0
/*
 * A new flow's fate: which service, which backend, which source port. Nothing
 * else creates flows.
 */
#include <linux/random.h>

#include "backend.h"
#include "decide.h"
#include "sched.h"
#include "trace.h"

/* Source ports to try when the client's own is taken. */
#define PORT_MIN	1024
#define PORT_COUNT	(65536 - PORT_MIN)
#define PORT_TRIES	128

static bool still_right(struct sluice_net *sn, const struct sluice_flow *flow)
{
	struct sluice_l4addr to;

	if (flow->backend)
		return sluice_backend_keeps_flows(flow->backend);

	sluice_tuple_dst(&to, &flow->nodes[SLUICE_DIR_ORIG].tuple);
	return !sluice_service_lookup(&sn->services, &to);
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

	/* Pairs with the release in sluice_service_table_changed(). */
	revision = smp_load_acquire(&sn->services.revision);
	if (READ_ONCE(flow->revision) == revision)
		return false;
	if (!still_right(sn, flow))
		return true;

	WRITE_ONCE(flow->revision, revision);
	return false;
}

/* The client uses the ports of a connection that is over for a new one. */
static bool is_reopened(const struct sluice_flow *flow,
			const struct sluice_pkt *pkt)
{
	return pkt->syn && !pkt->ack &&
	       sluice_flow_state(flow) == SLUICE_FLOW_STATE_CLOSING;
}

/**
 * sluice_decide_lookup() - the flow of a packet, if it may still be used
 * @sn: namespace
 * @pkt: packet; the caller holds rcu_read_lock()
 * @door: where the packet is
 *
 * A flow that has expired or become wrong is ended here.
 *
 * Return: the node of the packet's direction, or NULL.
 */
struct sluice_flow_node *sluice_decide_lookup(struct sluice_net *sn,
					      const struct sluice_pkt *pkt,
					      enum sluice_door door)
{
	enum sluice_stat why = SLUICE_STAT_FLOWS_RETIRED;
	struct sluice_flow_node *node;
	struct sluice_flow *flow;

	node = sluice_flow_lookup(&sn->flows, &pkt->tuple, door);
	if (!node)
		return NULL;

	flow = sluice_flow_of(node);
	if (sluice_flow_time_left(flow) <= 0)
		why = SLUICE_STAT_FLOWS_EXPIRED;
	else if (!sluice_decide_stale(&sn->flows, flow) &&
		 !is_reopened(flow, pkt))
		return node;

	sluice_flow_unlink(&sn->flows, flow, why);
	return NULL;
}

static bool make_room(struct sluice_net *sn)
{
	/* Limits fit; the count may be -1 while a first flow comes and goes. */
	int limit = READ_ONCE(sn->settings.limit);

	return atomic_read(&sn->flows.count) < limit ||
	       sluice_flow_evict_one(&sn->flows);
}

static void set_tuples(struct sluice_flow *flow,
		       const struct sluice_tuple *orig,
		       const struct sluice_l4addr *to)
{
	struct sluice_tuple *reply = &flow->nodes[SLUICE_DIR_REPLY].tuple;

	flow->nodes[SLUICE_DIR_ORIG].tuple = *orig;
	sluice_tuple_invert(reply, orig);
	reply->src = to->addr;
	reply->sport = to->port;
}

/*
 * Another flow's answers look like this one's: the same client port speaks to
 * the same backend by another address. Give this one another source port.
 */
static int insert_with_other_port(struct sluice_net *sn,
				  struct sluice_flow *flow)
{
	struct sluice_tuple *reply = &flow->nodes[SLUICE_DIR_REPLY].tuple;
	u32 start = get_random_u32_below(PORT_COUNT);
	int err = -EADDRINUSE;
	u32 i;

	for (i = 0; i < PORT_TRIES && err == -EADDRINUSE; i++) {
		reply->dport = htons(PORT_MIN + (start + i) % PORT_COUNT);
		err = sluice_flow_insert(&sn->flows, flow);
	}
	return err;
}

/*
 * Insert @flow, or find the one that another CPU has inserted for the same
 * tuple at the same time.
 */
static enum sluice_drop_reason publish(struct sluice_net *sn,
				       struct sluice_flow **flow)
{
	struct sluice_flow *new = *flow;
	struct sluice_flow_node *node;
	int err;

	err = sluice_flow_insert(&sn->flows, new);
	if (err == -EADDRINUSE)
		err = insert_with_other_port(sn, new);
	if (!err) {
		trace_sluice_verdict(&new->nodes[SLUICE_DIR_ORIG].tuple,
				     &new->nodes[SLUICE_DIR_REPLY].tuple);
		return SLUICE_DROP_NONE;
	}

	node = sluice_flow_lookup(&sn->flows,
				  &new->nodes[SLUICE_DIR_ORIG].tuple,
				  SLUICE_DOOR_ENTRY);
	sluice_flow_free(new);
	if (!node || node->dir != SLUICE_DIR_ORIG)
		return SLUICE_DROP_REASON_NO_PORT;

	*flow = sluice_flow_of(node);
	return SLUICE_DROP_NONE;
}

/* Takes over the reference of @backend, which may be NULL. */
static enum sluice_drop_reason create(struct sluice_net *sn,
				      const struct sluice_pkt *pkt,
				      struct sluice_backend *backend,
				      const struct sluice_l4addr *to,
				      unsigned long revision,
				      struct sluice_flow **flow)
{
	enum sluice_drop_reason reason;

	reason = SLUICE_DROP_REASON_FLOW_LIMIT;
	if (!make_room(sn))
		goto put_backend;

	reason = SLUICE_DROP_REASON_NO_MEMORY;
	*flow = sluice_flow_alloc(backend, SLUICE_REWRITE_DST);
	if (!*flow)
		goto put_backend;

	set_tuples(*flow, &pkt->tuple, to);
	(*flow)->revision = revision;
	return publish(sn, flow);

put_backend:
	if (backend)
		sluice_backend_put(backend);
	return reason;
}

static enum sluice_drop_reason decide_service(struct sluice_net *sn,
					      const struct sluice_pkt *pkt,
					      struct sluice_service *service,
					      unsigned long revision,
					      struct sluice_flow **flow)
{
	enum sluice_drop_reason reason = SLUICE_DROP_REASON_NO_BACKEND;
	struct sluice_backend *backend;

	backend = sluice_picker_choose(service, &pkt->tuple);
	if (backend)
		reason = create(sn, pkt, backend, &backend->addr, revision,
				flow);
	if (reason)
		atomic64_inc(&service->counters.drops);
	return reason;
}

/**
 * sluice_decide() - decide a packet that belongs to no flow
 * @sn: namespace
 * @pkt: packet; the caller holds rcu_read_lock()
 * @flow: set to the new flow, or to NULL if the packet is none of ours
 *
 * What goes to a service gets a backend. What goes straight to a backend's
 * address gets a flow too, so that its answers cannot be taken for those of a
 * service; if there is no room for that it goes on all the same.
 *
 * Return: a reason to drop the packet, or %SLUICE_DROP_NONE.
 */
enum sluice_drop_reason sluice_decide(struct sluice_net *sn,
				      const struct sluice_pkt *pkt,
				      struct sluice_flow **flow)
{
	struct sluice_service *service;
	struct sluice_l4addr to;
	unsigned long revision;

	*flow = NULL;
	/* Before anything is looked at: later changes raise it further. */
	revision = smp_load_acquire(&sn->services.revision);
	sluice_tuple_dst(&to, &pkt->tuple);

	service = sluice_service_lookup(&sn->services, &to);
	if (service)
		return decide_service(sn, pkt, service, revision, flow);

	if (sluice_service_has_endpoint(&sn->services, &to) &&
	    create(sn, pkt, NULL, &to, revision, flow))
		*flow = NULL;
	return SLUICE_DROP_NONE;
}
