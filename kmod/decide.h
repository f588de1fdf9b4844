/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet's fate, in one place.
 */
#ifndef _SLUICE_DECIDE_H
#define _SLUICE_DECIDE_H

#include "drop.h"
#include "flow.h"
#include "judge.h"
#include "net.h"
#include "pkt.h"

struct sluice_plan;

/**
 * struct sluice_verdict - what is to be done with a packet at a door
 * @node: how to rewrite it, or the RST that it becomes; or NULL
 * @reason: why it is to be dropped, or %SLUICE_DROP_NONE
 * @reject: its sender is to be told
 * @becomes_rst: its receiver is to be told, too: a RST is what goes on of it
 * @found: of the flow that it belongs to, though there may be nothing to do
 *	here; or NULL
 * @blame: of a reason that is the policy's; its direction is 0 otherwise
 */
struct sluice_verdict {
	struct sluice_flow_node *node;
	enum sluice_drop_reason reason;
	bool reject;
	bool becomes_rst;
	struct sluice_flow_node *found;
	struct sluice_blame blame;
};

/**
 * enum sluice_fate - what becomes of a flow that a packet has found
 * @SLUICE_FATE_GOES_ON: the packet is its
 * @SLUICE_FATE_EXPIRED: it is over; the packet is decided anew
 * @SLUICE_FATE_RETIRED: it is not right any more; likewise
 * @SLUICE_FATE_RESET: its backend is gone; the packet, no RST, is answered by
 *	one and becomes one
 * @SLUICE_FATE_DENIED: the policy does not allow it now; it waits until it may
 *	go on
 * @SLUICE_FATE_STAYS: it is not right any more, but the packet says nothing
 *	about that and is none of ours
 */
enum sluice_fate {
	SLUICE_FATE_GOES_ON,
	SLUICE_FATE_EXPIRED,
	SLUICE_FATE_RETIRED,
	SLUICE_FATE_RESET,
	SLUICE_FATE_DENIED,
	SLUICE_FATE_STAYS,
};

/**
 * struct sluice_early - what is known of a packet that has no flow
 * @plain: it may have one, as nobody has anything to do with it
 * @revision: under which this is so
 */
struct sluice_early {
	bool plain;
	unsigned long revision;
};

enum sluice_fate sluice_decide_fate(struct sluice_net *sn,
				    const struct sluice_flow_node *node,
				    const struct sluice_pkt *pkt,
				    struct sluice_verdict *verdict);
void sluice_decide_judge(struct sluice_net *sn, const struct sluice_flow *flow,
			 int vrf, struct sluice_judgement *j);
void sluice_decide_stray(struct sluice_net *sn, const struct sluice_pkt *pkt,
			 struct sluice_verdict *verdict);
void sluice_decide_lookup(struct sluice_net *sn, const struct sluice_pkt *pkt,
			  enum sluice_door door,
			  struct sluice_verdict *verdict);
bool sluice_decide_has_flow(struct sluice_net *sn,
			    const struct sluice_plan *plan);
struct sluice_flow_node *sluice_decide_early(struct sluice_net *sn,
					     const struct sluice_pkt *pkt,
					     struct sluice_flow_node *node,
					     struct sluice_early *early);
struct sluice_flow_node *sluice_decide_plain(struct sluice_net *sn,
					     const struct sluice_pkt *pkt,
					     const struct sluice_early *early);
void sluice_decide_new(struct sluice_net *sn, const struct sluice_pkt *pkt,
		       struct sluice_verdict *verdict);
void sluice_decide(struct sluice_net *sn, const struct sluice_pkt *pkt,
		   enum sluice_door door, struct sluice_verdict *verdict);
bool sluice_decide_takes(struct sluice_net *sn, const struct sluice_pkt *pkt);
void sluice_decide_for(struct sluice_net *sn, const struct sluice_pkt *pkt,
		       u8 family, const union nf_inet_addr *receiver,
		       struct sluice_verdict *verdict);
struct sluice_flow_node *sluice_decide_own(struct sluice_net *sn,
					   const struct sluice_pkt *pkt);
void sluice_decide_relayed(struct sluice_net *sn, const struct sluice_pkt *pkt,
			   struct sluice_verdict *verdict);
u8 sluice_decide_forward(struct sluice_net *sn, const struct sluice_pkt *pkt);
bool sluice_decide_ends(struct sluice_flow_table *table,
			struct sluice_flow *flow);

/*
 * A flow found right under the present revision is not looked at again until
 * the revision rises.
 */
static inline bool sluice_decide_is_checked(const struct sluice_flow *flow,
					    unsigned long revision)
{
	return READ_ONCE(flow->revision) == revision;
}

/*
 * The client uses the ports of a connection that is over for a new one, or of
 * one whose beginning nobody has seen, and which has none then.
 */
static inline bool sluice_decide_is_reopened(const struct sluice_flow *flow,
					     const struct sluice_pkt *pkt)
{
	return pkt->syn && !pkt->ack &&
	       (flow->midway || sluice_flow_may_reopen(flow));
}

/*
 * It begins something else than the flow that it has found, which it is no
 * answer of: either end may begin a connection from and to the same ports, and
 * whoever knows how may have a packet dropped that has begun a flow. Echo
 * requests and replies without an identifier look alike.
 */
static inline bool sluice_decide_is_turned(const struct sluice_flow_node *node,
					   const struct sluice_pkt *pkt)
{
	if (node->dir == SLUICE_DIR_ORIG)
		return pkt->icmp_reply;
	return (pkt->syn && !pkt->ack) || pkt->icmp_echo;
}

/* What has only been bridged has not been asked for services. */
static inline bool sluice_decide_is_routed_anew(const struct sluice_flow *flow,
						const struct sluice_pkt *pkt)
{
	return flow->bridged && !pkt->bridged;
}

/* Whether nothing has to be decided about a packet of a flow; @node: on the wire */
static inline bool sluice_decide_is_settled(const struct sluice_net *sn,
					    const struct sluice_flow_node *node,
					    const struct sluice_pkt *pkt)
{
	const struct sluice_flow *flow = sluice_flow_of_wire(node);

	return sluice_decide_is_checked(flow,
			sluice_service_table_revision(&sn->services)) &&
	       sluice_flow_time_left(flow) > 0 &&
	       !sluice_decide_is_routed_anew(flow, pkt) &&
	       !sluice_decide_is_reopened(flow, pkt) &&
	       !sluice_decide_is_turned(node, pkt);
}

#endif
