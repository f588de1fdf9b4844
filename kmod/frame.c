// SPDX-License-Identifier: GPL-2.0
/*
 * The door of programs that redirect frames: look up, check, rewrite, tell the
 * way.
 */
#include <linux/etherdevice.h>
#include <linux/netfilter_bridge.h>

#include "bridge.h"
#include "decide.h"
#include "dev.h"
#include "frame.h"
#include "hooks.h"
#include "ingress.h"
#include "judge.h"
#include "nat.h"
#include "veth.h"
#include "xmit_frame.h"

/**
 * DOC: Frames of programs
 *
 * XDP and tc programs that forward frames ask here first. Nothing is decided
 * here: what belongs to a flow that the device's door has found a way for is
 * rewritten and goes that way, under the same conditions; all the rest is for
 * the stack, whose doors decide. A program is free to do as it likes only where
 * nobody has a say: sluice has nothing to do in the namespace, the device is
 * bound to no addresses, and netfilter has no hooks on the way.
 *
 * What a program bridges is not rewritten. It may do so with frames of flows
 * that nobody rewrites and, where there are no rules, with what has no flow, is of
 * no workload and for no service's backend: that is nobody's business.
 *
 * A program redirects frames past a device's own ingress hook. So who the sender
 * claims to be is looked at here, and anybody who might be somebody else is left
 * to that hook, which drops him and tells of it.
 */

static void miss(struct sluice_frame_answer *answer, enum sluice_fallback why)
{
	answer->result = SLUICE_XDP_MISS;
	answer->why = why;
}

static void free_or_miss(struct sluice_frame_answer *answer, bool free)
{
	answer->result = free ? SLUICE_XDP_FREE : SLUICE_XDP_MISS;
	answer->why = SLUICE_FALLBACK_NONE;
}

static const struct sluice_ranges *
addresses_of(const struct sluice_device *device)
{
	return device ? rcu_dereference(device->addresses) : NULL;
}

/* Whether a device lets a frame's sender be who he says */
static bool lets(const struct sluice_device *device,
		 const struct sluice_pkt *pkt)
{
	return sluice_ranges_let(addresses_of(device), pkt->tuple.family,
				 &pkt->tuple.src);
}

/* Whether others than sluice have hooks where a device receives */
static bool is_hooked_at(const struct net_device *dev,
			 const struct sluice_device *device)
{
	return sluice_hooks_count_ingress(dev) != (device ? 1 : 0);
}

/* ------------------------------------------------------------------- routing */

/* Whether nobody has a say in what the node forwards; sluice has no hooks. */
static bool is_unheeded(const struct net *net, const struct sluice_frame *frame,
			const struct sluice_device *device)
{
	return !addresses_of(device) && !is_hooked_at(frame->dev, device) &&
	       !sluice_hooks_are_any(net, NFPROTO_IPV4) &&
	       !sluice_hooks_are_any(net, NFPROTO_IPV6);
}

static bool is_for_device(const struct sluice_frame *frame)
{
	const struct net_device *dev = frame->dev;

	return dev->type == ARPHRD_ETHER &&
	       !rcu_access_pointer(dev->rx_handler) &&
	       !netif_is_l3_slave(dev) && list_empty(&dev->ptype_specific) &&
	       ether_addr_equal(sluice_frame_ethernet(frame)->h_dest,
				dev->dev_addr);
}

static __always_inline enum sluice_fallback
read(const struct sluice_net *sn, struct sluice_frame *frame,
     const struct sluice_device *device, struct sluice_pkt *pkt)
{
	enum sluice_fallback why;

	if (!is_for_device(frame))
		return SLUICE_FALLBACK_FRAME;
	why = sluice_pkt_parse_frame(pkt, frame);
	if (why)
		return why;
	pkt->door = frame->door;
	if (sluice_hooks_mind(sn->net, frame->dev, frame->protocol,
			      READ_ONCE(device->opts.netfilter)))
		return SLUICE_FALLBACK_NETFILTER;
	return lets(device, pkt) ? SLUICE_FALLBACK_NONE :
				   SLUICE_FALLBACK_UNDECIDED;
}

/*
 * Whether generic XDP may rewrite it: a checksum that may be of either kind stays
 * as it is; and a sum that a device has made of it all would have to follow a hop
 * limit, with no header's checksum to make up for it.
 */
static bool may_rewrite(const struct sluice_frame *frame,
			const struct sluice_flow_node *node)
{
	return !frame->generic ||
	       (sluice_nat_keeps_sums(node) &&
		(node->tuple.family == AF_INET || sluice_is_veth(frame->dev)));
}

/* Bytes change last. */
static enum sluice_fallback rewrite(struct sluice_net *sn,
				    struct sluice_frame *frame,
				    const struct sluice_pkt *pkt,
				    const struct sluice_flow_node *node,
				    struct sluice_frame_way *way)
{
	struct sluice_path *path;
	enum sluice_fallback why;

	path = sluice_ingress_settled_path(sn, frame->dev, pkt, node);
	if (!path)
		return SLUICE_FALLBACK_UNDECIDED;
	why = sluice_xmit_frame_prepare(way, path, frame);
	if (why)
		return why;
	if (!may_rewrite(frame, node))
		return SLUICE_FALLBACK_FRAME;
	sluice_nat_forward_frame(frame, pkt, node);
	memcpy(sluice_frame_ethernet(frame), way->mac, sizeof(way->mac));
	sluice_flow_touch(&sn->flows, sluice_flow_of_wire(node), node->dir, pkt,
			  frame->len);
	return SLUICE_FALLBACK_NONE;
}

static enum sluice_fallback forward(struct sluice_net *sn,
				    struct sluice_frame *frame,
				    const struct sluice_device *device,
				    struct sluice_frame_way *way)
{
	struct sluice_pkt pkt __uninitialized;
	struct sluice_flow_node *node;
	enum sluice_fallback why;

	why = read(sn, frame, device, &pkt);
	if (why)
		return why;
	node = sluice_flow_lookup(&sn->flows, &pkt.tuple, SLUICE_DOOR_ENTRY);
	return node ? rewrite(sn, frame, &pkt, node, way) :
		      SLUICE_FALLBACK_UNDECIDED;
}

/**
 * sluice_frame_forward() - a program that routes shows a frame
 * @sn: namespace of the frame's device
 * @frame: frame; if it belongs to a flow that can be replayed it is rewritten,
 *	with its Ethernet header and its hop limit, and counted
 * @device: what holds for its device if that is attached, or NULL
 * @answer: filled in
 *
 * Softirqs are off; the caller holds rcu_read_lock().
 */
void sluice_frame_forward(struct sluice_net *sn, struct sluice_frame *frame,
			  struct sluice_device *device,
			  struct sluice_frame_answer *answer)
{
	struct sluice_frame_way way __uninitialized;
	enum sluice_fallback why;

	if (!sluice_net_is_open(sn)) {
		free_or_miss(answer, is_unheeded(sn->net, frame, device));
		return;
	}
	if (!device || !READ_ONCE(device->opts.fast_path)) {
		free_or_miss(answer, false);
		return;
	}
	why = forward(sn, frame, device, &way);
	if (why) {
		miss(answer, why);
		return;
	}
	this_cpu_inc(device->stats->redirected);
	answer->result = SLUICE_XDP_HIT;
	answer->ifindex = way.to->ifindex;
}

/* ------------------------------------------------------------------ bridging */

/* @open: sluice has its own hook in bridges */
static bool is_bridge_hooked(const struct net *net,
			     const struct sluice_frame *frame,
			     const struct sluice_device *device, bool open)
{
	return is_hooked_at(frame->dev, device) ||
	       !sluice_hooks_are_alone_bridged(net, open);
}

static bool is_ip(const struct sluice_frame *frame)
{
	return frame->protocol == htons(ETH_P_IP) ||
	       frame->protocol == htons(ETH_P_IPV6);
}

static bool is_tagged(const struct sluice_frame *frame)
{
	return eth_type_vlan(frame->protocol);
}

/* Whether a flow's packets go on as they are, nothing else being known of them */
static bool is_left_alone(struct sluice_net *sn, const struct sluice_pkt *pkt,
			  const struct sluice_flow_node *node)
{
	struct sluice_flow *flow = sluice_flow_of_wire(node);
	struct sluice_tuple to;

	sluice_tuple_invert(&to, &flow->nodes[!node->dir].tuple);
	return sluice_tuple_equal(&to, &node->tuple) &&
	       !sluice_flow_is_one_sided(flow) &&
	       sluice_decide_is_settled(sn, node, pkt);
}

/*
 * Whether the policy has been asked about whoever gets it: not if the flow is of what
 * the node has received, nor if the port tells who is there, whatever the packet says.
 */
static bool is_receiver_judged(struct sluice_net *sn,
			       const struct sluice_frame *frame,
			       const struct sluice_pkt *pkt,
			       const struct sluice_flow_node *node)
{
	const struct net_device *out;

	if (!sluice_judge_in_force(sn))
		return true;
	if (!sluice_flow_of_wire(node)->bridged)
		return false;
	out = dev_get_by_index_rcu(sn->net, frame->out);
	return out && !sluice_bridge_receiver(out, &pkt->tuple);
}

/* As the bridge's own hook has it, whatever link it is of */
static bool is_near_services(struct sluice_net *sn,
			     const struct sluice_pkt *pkt)
{
	struct sluice_l4addr to;

	sluice_tuple_dst(&to, &pkt->tuple);
	return sluice_service_has_endpoint(&sn->services, &to);
}

/* Whether the policy has a word on a packet without a flow, or will have one */
static bool is_judged(struct sluice_net *sn, const struct sluice_pkt *pkt)
{
	struct sluice_judgement j;
	struct sluice_case c;

	if (sluice_judge_in_force(sn))
		return true;
	if (!sluice_judge_remembers(sn))
		return false;
	sluice_case_of_pkt(&c, pkt, &pkt->tuple.dst, pkt->tuple.dport);
	sluice_judge(sn, &c, sluice_service_table_revision(&sn->services), &j);
	return sluice_judge_is_remembered(&j);
}

/* Whether an IP packet may be bridged as it is */
static bool may_bridge(struct sluice_net *sn, struct sluice_frame *frame,
		       const struct sluice_device *device)
{
	struct sluice_pkt pkt __uninitialized;
	struct sluice_flow_node *node;

	if (sluice_pkt_parse_frame(&pkt, frame) || !lets(device, &pkt))
		return false;
	pkt.bridged = true;
	pkt.door = frame->door;
	node = sluice_flow_lookup(&sn->flows, &pkt.tuple, SLUICE_DOOR_ENTRY);
	if (!node)
		return !is_judged(sn, &pkt) && !is_near_services(sn, &pkt);
	if (!is_left_alone(sn, &pkt, node) ||
	    !is_receiver_judged(sn, frame, &pkt, node))
		return false;
	sluice_flow_touch(&sn->flows, sluice_flow_of_wire(node), node->dir,
			  &pkt, frame->len);
	return true;
}

/**
 * sluice_frame_bridge() - a program that bridges shows a frame
 * @sn: namespace of the frame's device
 * @frame: frame, which has nothing but this answer to wait for; unchanged, and
 *	counted if it is of a flow
 * @device: what holds for its device if that is attached, or NULL
 * @answer: filled in: %SLUICE_XDP_FREE or %SLUICE_XDP_MISS
 *
 * What has no more hops left may be bridged, and goes by the stack all the
 * same. Softirqs are off; the caller holds rcu_read_lock().
 */
void sluice_frame_bridge(struct sluice_net *sn, struct sluice_frame *frame,
			 const struct sluice_device *device,
			 struct sluice_frame_answer *answer)
{
	bool open = sluice_net_is_open(sn), free;

	if (frame->dev->type != ARPHRD_ETHER ||
	    is_bridge_hooked(sn->net, frame, device, open))
		free = false;
	else if (!open || !is_ip(frame))
		free = !addresses_of(device) && !(open && is_tagged(frame));
	else
		free = may_bridge(sn, frame, device);
	free_or_miss(answer, free);
}
