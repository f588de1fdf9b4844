// SPDX-License-Identifier: GPL-2.0
/*
 * The door where devices receive: find the flow or have it decided, rewrite,
 * send.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>

#include "bridge.h"
#include "decide.h"
#include "hooks.h"
#include "ingress.h"
#include "local.h"
#include "nat.h"
#include "path.h"
#include "xmit.h"

/**
 * DOC: The fast path
 *
 * A device that is attached has its packets looked up as it receives them. What
 * belongs to a flow, or begins one, is rewritten at once as the slow path would
 * have it behind both of its doors, and sent by a path. A first packet goes the
 * same way as those behind it, which cannot overtake it then.
 *
 * Whatever is in doubt goes on as it came, to the slow path, which has the same
 * flows: packets with something special, what is not for the node's hardware
 * address, what is for the node itself, what is to be dropped or answered. So
 * nothing is dropped here but what has been sent.
 *
 * Where others have netfilter hooks on the way that would be left out, from the
 * device's ingress on, packets are left to the slow path, unless the
 * administrator has said that they may be skipped.
 *
 * Distributions have the compiler clear what is on the stack: what every packet
 * needs, and is filled in at once, is __uninitialized.
 */

/* Neither a tag nor a tunnel, and cut up as is said, if it is to be */
static bool is_plain_inside(const struct sk_buff *skb)
{
	return !(skb_is_gso(skb) && !skb_shinfo(skb)->gso_type) &&
	       !skb_vlan_tag_present(skb) && !skb->encapsulation;
}

/* Nothing has been done with it that the rest of the stack is to heed. */
static __always_inline bool is_plain_frame(const struct sk_buff *skb)
{
	const struct net_device *dev = skb->dev;

	return dev->type == ARPHRD_ETHER && !nf_bridge_info_exists(skb) &&
	       !secpath_exists(skb) && !skb_is_redirected(skb) &&
	       is_plain_inside(skb) && skb->pkt_type == PACKET_HOST &&
	       !skb->mark && !skb_dst(skb) &&
	       !rcu_access_pointer(dev->rx_handler) &&
	       !netif_is_l3_slave(dev) &&
	       list_empty(&dev->ptype_specific);
}

/* @to: what the packet of @pkt becomes */
static void path_key(struct sluice_path_key *key, const struct sk_buff *skb,
		     const struct sluice_pkt *pkt,
		     const struct sluice_tuple *to)
{
	*key = (struct sluice_path_key) {
		.src = pkt->tuple.src,
		.dst = to->dst,
		.from = to->src,
		.iif = skb->dev->ifindex,
		.family = to->family,
		.tos = pkt->tos,
	};
}

static struct sluice_path *find_path(struct sluice_net *sn,
				     struct sk_buff *skb,
				     const struct sluice_pkt *pkt,
				     const struct sluice_tuple *to)
{
	struct sluice_path_key key;

	path_key(&key, skb, pkt, to);
	return sluice_path_find(&sn->paths, &key, skb);
}

/* Of the addresses a flow has one in each direction. */
static bool fits(const struct sluice_path *path, const struct net_device *in,
		 const struct sluice_pkt *pkt)
{
	return path && path->key.iif == in->ifindex &&
	       path->key.tos == pkt->tos && sluice_path_is_good(path);
}

/* The path that a flow has is of no use, or there is none yet. */
static noinline struct sluice_path *renew_path(struct sluice_net *sn,
					       struct sk_buff *skb,
					       const struct sluice_pkt *pkt,
					       const struct sluice_flow_node *node)
{
	struct sluice_flow *flow = sluice_flow_of_wire(node);
	struct sluice_path *path;
	struct sluice_tuple to;

	sluice_tuple_invert(&to, &flow->nodes[!node->dir].tuple);
	path = find_path(sn, skb, pkt, &to);
	if (!path)
		return NULL;
	sluice_nat_prepare(flow, node->dir);
	sluice_flow_set_path(flow, node->dir, path);
	return path;
}

static struct sluice_path *path_of(struct sluice_net *sn, struct sk_buff *skb,
				   const struct sluice_pkt *pkt,
				   const struct sluice_flow_node *node)
{
	struct sluice_path *path;

	path = sluice_flow_path(sluice_flow_of_wire(node), node->dir);
	return likely(fits(path, skb->dev, pkt)) ? path :
					      renew_path(sn, skb, pkt, node);
}

/* A path that has just been found to be of no use any more has a successor. */
static noinline enum sluice_fallback
prepare_anew(struct sluice_xmit *xmit, struct sluice_net *sn,
	     struct sk_buff *skb, const struct sluice_pkt *pkt,
	     const struct sluice_flow_node *node)
{
	struct sluice_path *path = renew_path(sn, skb, pkt, node);

	return path ? sluice_xmit_prepare(xmit, path, skb) :
		      SLUICE_FALLBACK_ROUTE;
}

/* Or its successor, if it is of no use any more */
static struct sluice_path *find_living_path(struct sluice_net *sn,
					    struct sk_buff *skb,
					    const struct sluice_pkt *pkt,
					    const struct sluice_tuple *to)
{
	struct sluice_path *path = find_path(sn, skb, pkt, to);

	if (path && !sluice_xmit_may(path, skb->dev) && READ_ONCE(path->dead))
		path = find_path(sn, skb, pkt, to);
	return path;
}

/* Only what would not go by the stack anyway is worth a flow. */
static struct sluice_flow_node *begin_plain(struct sluice_net *sn,
					    struct sk_buff *skb,
					    const struct sluice_pkt *pkt,
					    const struct sluice_early *early,
					    enum sluice_fallback *why)
{
	struct sluice_path *path;

	path = find_living_path(sn, skb, pkt, &pkt->tuple);
	if (!path || !sluice_xmit_may(path, skb->dev)) {
		*why = SLUICE_FALLBACK_ROUTE;
		return NULL;
	}
	return sluice_decide_plain(sn, pkt, early);
}

/* @node: that has been found and is not settled, or NULL */
static noinline struct sluice_flow_node *
decide_flow(struct sluice_net *sn, struct sk_buff *skb,
	    const struct sluice_pkt *pkt, struct sluice_flow_node *node,
	    enum sluice_fallback *why)
{
	struct sluice_early early;

	node = sluice_decide_early(sn, pkt, node, &early);
	if (node)
		return node;
	*why = SLUICE_FALLBACK_UNDECIDED;
	return early.plain ? begin_plain(sn, skb, pkt, &early, why) : NULL;
}

/* @why: set if there is none */
static struct sluice_flow_node *find_flow(struct sluice_net *sn,
					  struct sk_buff *skb,
					  const struct sluice_pkt *pkt,
					  enum sluice_fallback *why)
{
	struct sluice_flow_node *node;

	node = sluice_flow_lookup(&sn->flows, &pkt->tuple, SLUICE_DOOR_ENTRY);
	if (likely(node && sluice_decide_is_settled(sn, node, pkt)))
		return node;
	return decide_flow(sn, skb, pkt, node, why);
}

/* Bytes change last; @verdict: the hook's */
static __always_inline enum sluice_fallback
send(struct sluice_net *sn, struct sk_buff *skb, struct sluice_pkt *pkt,
     const struct sluice_flow_node *node, unsigned int *verdict)
{
	struct sluice_flow *flow = sluice_flow_of_wire(node);
	struct sluice_path *path;
	struct sluice_xmit xmit __uninitialized;
	enum sluice_fallback why;

	if (sluice_flow_is_one_sided(flow))
		return SLUICE_FALLBACK_FORWARD;
	path = path_of(sn, skb, pkt, node);
	if (!path)
		return SLUICE_FALLBACK_ROUTE;
	why = sluice_xmit_prepare(&xmit, path, skb);
	if (unlikely(why && READ_ONCE(path->dead)))
		why = prepare_anew(&xmit, sn, skb, pkt, node);
	if (why)
		return why;
	if (!sluice_nat_forward(skb, pkt, node))
		return SLUICE_FALLBACK_MEMORY;
	sluice_flow_touch(&sn->flows, flow, node->dir, pkt, skb->len);
	*verdict = sluice_xmit_send(&xmit, skb);
	return SLUICE_FALLBACK_NONE;
}

/* Whether it may be looked up; inline, because every packet comes by */
static __always_inline enum sluice_fallback
read(const struct sluice_net *sn, struct sk_buff *skb, bool skips_netfilter,
     struct sluice_pkt *pkt)
{
	enum sluice_fallback why;

	if (!is_plain_frame(skb))
		return SLUICE_FALLBACK_FRAME;
	why = sluice_pkt_parse_plain(pkt, skb);
	if (why)
		return why;
	pkt->door = SLUICE_FLOW_DOOR_DEVICE;
	pkt->on_bridge = sluice_bridge_is_below(skb->dev);
	return sluice_hooks_mind(sn->net, skb->dev, skb->protocol,
				 skips_netfilter) ?
	       SLUICE_FALLBACK_NETFILTER : SLUICE_FALLBACK_NONE;
}

static __always_inline enum sluice_fallback
receive(struct sluice_net *sn, struct sk_buff *skb, bool skips_netfilter,
	unsigned int *verdict)
{
	struct sluice_pkt pkt __uninitialized;
	struct sluice_flow_node *node;
	enum sluice_fallback why;

	why = read(sn, skb, skips_netfilter, &pkt);
	if (why)
		return why;
	node = find_flow(sn, skb, &pkt, &why);
	if (!node)
		return why;
	return send(sn, skb, &pkt, node, verdict);
}

/**
 * sluice_ingress() - a device has received a packet
 * @sn: namespace, active
 * @skb: packet, skb->data at its network header
 * @stats: of the device
 * @skips_netfilter: hooks of others on the way are left out
 *
 * Softirq; the caller holds rcu_read_lock().
 *
 * Return: the verdict of the ingress hook. With NF_ACCEPT the packet is as it
 * was, or has another device and goes on there.
 */
unsigned int sluice_ingress(struct sluice_net *sn, struct sk_buff *skb,
			    struct sluice_door_stats __percpu *stats,
			    bool skips_netfilter)
{
	unsigned int verdict;
	enum sluice_fallback why;

	why = receive(sn, skb, skips_netfilter, &verdict);
	if (likely(!why)) {
		this_cpu_inc(stats->sent);
		return verdict;
	}
	this_cpu_inc(stats->fallbacks[why]);
	return NF_ACCEPT;
}

/* As sluice_ingress_hand_over() asks: nobody waits to hear what becomes of it. */
bool sluice_ingress_is_plain_at_sender(struct sk_buff *skb)
{
	return is_plain_inside(skb) && !skb_zcopy(skb) &&
	       !(skb_shinfo(skb)->tx_flags & SKBTX_ANY_TSTAMP);
}

/* As is_plain_frame() of one that has not crossed its device yet */
static bool is_plain_to_node(struct sk_buff *skb)
{
	const struct ethhdr *eth = eth_hdr(skb);

	return ether_addr_equal(eth->h_dest, skb->dev->dev_addr) &&
	       skb->len <= READ_ONCE(skb->dev->mtu) && sluice_ingress_is_plain_at_sender(skb);
}

/**
 * sluice_ingress_settled_path() - the path of a flow, if it can be used as it is
 * @sn: namespace, active
 * @in: device that a packet has come in by
 * @pkt: packet; the caller holds rcu_read_lock()
 * @node: of its direction
 *
 * Return: NULL if there is anything to be decided, about the flow or the path.
 */
struct sluice_path *
sluice_ingress_settled_path(struct sluice_net *sn, const struct net_device *in,
			    const struct sluice_pkt *pkt,
			    const struct sluice_flow_node *node)
{
	struct sluice_flow *flow = sluice_flow_of_wire(node);
	struct sluice_path *path;

	if (!sluice_decide_is_settled(sn, node, pkt) ||
	    sluice_flow_is_one_sided(flow))
		return NULL;
	path = sluice_flow_path(flow, node->dir);
	return fits(path, in, pkt) ? path : NULL;
}

/**
 * struct crossing - a packet of a pod that another one may receive at once
 * @node: of its direction in its flow
 * @path: by which way it goes
 */
struct crossing {
	struct sluice_flow_node *node;
	struct sluice_path *path;
};

/* Whether it goes into a pod by a path that can be used */
static bool find_crossing(struct sluice_net *sn, const struct net_device *in,
			  const struct sluice_pkt *pkt, struct crossing *c)
{
	c->node = sluice_flow_lookup(&sn->flows, &pkt->tuple,
				     SLUICE_DOOR_ENTRY);
	c->path = c->node ? sluice_ingress_settled_path(sn, in, pkt, c->node) :
			    NULL;
	return c->path && c->path->kind == SLUICE_PATH_KIND_POD;
}

/* @fresh: it has nothing of the sender's namespace */
static enum sluice_short_cut_reason cross(struct sluice_net *sn,
					  struct sk_buff *skb,
					  struct net_device *from,
					  struct sluice_pkt *pkt,
					  const struct crossing *c, bool fresh)
{
	struct sluice_xmit xmit __uninitialized;

	skb->mac_len = ETH_HLEN;
	if (sluice_xmit_prepare(&xmit, c->path, skb))
		return SLUICE_SHORT_CUT_REASON_ROUTE;
	if (xmit.how != SLUICE_XMIT_DELIVER)
		return SLUICE_SHORT_CUT_REASON_SEEN;
	if (!sluice_nat_forward(skb, pkt, c->node))
		return SLUICE_SHORT_CUT_REASON_ROUTE;
	sluice_flow_touch(&sn->flows, sluice_flow_of_wire(c->node),
			  c->node->dir, pkt, skb->len);
	xmit.clean = fresh;
	sluice_xmit_cross(&xmit, skb, from);
	return SLUICE_SHORT_CUT_TAKEN;
}

/**
 * sluice_ingress_hand_over() - a pod sends a datagram by an attached device
 * @sn: namespace of the node, active
 * @skb: packet, as the node's end would receive it: that is its device, and
 *	skb->data is at its network header
 * @from: the pod's end
 * @skips_netfilter: as for sluice_ingress()
 *
 * Softirqs are off; the caller holds rcu_read_lock().
 *
 * Return: whether another pod has it; otherwise it is as it was, but for what
 * had to be pulled together.
 */
bool sluice_ingress_hand_over(struct sluice_net *sn, struct sk_buff *skb,
			      struct net_device *from, bool skips_netfilter)
{
	struct sluice_pkt pkt __uninitialized;
	struct crossing c __uninitialized;

	if (!is_plain_to_node(skb) || sluice_pkt_parse_plain(&pkt, skb) ||
	    pkt.tuple.proto != IPPROTO_UDP ||
	    sluice_hooks_mind(sn->net, skb->dev, skb->protocol,
			      skips_netfilter))
		return false;
	pkt.door = SLUICE_FLOW_DOOR_POD;
	return find_crossing(sn, skb->dev, &pkt, &c) &&
	       !cross(sn, skb, from, &pkt, &c, false);
}

/**
 * sluice_ingress_hand_over_segment() - a pod's TCP sends a segment by an attached
 *	device
 * @sn: namespace of the node, active
 * @skb: segment, as for sluice_ingress_hand_over(), with room for a header of
 *	Ethernet but without one; just made by TCP, and plain
 * @pkt: what it is
 * @from: the pod's end
 * @skips_netfilter: as for sluice_ingress()
 *
 * The socket is owned by a process, so that what its peer sends it at once waits.
 * Softirqs are off; the caller holds rcu_read_lock().
 *
 * Return: %SLUICE_SHORT_CUT_TAKEN if another pod has it; or why not, and it is as
 * it was.
 */
enum sluice_short_cut_reason
sluice_ingress_hand_over_segment(struct sluice_net *sn, struct sk_buff *skb,
				 struct sluice_pkt *pkt,
				 struct net_device *from, bool skips_netfilter)
{
	struct crossing c __uninitialized;

	pkt->door = SLUICE_FLOW_DOOR_SOCKET;
	if (!find_crossing(sn, skb->dev, pkt, &c))
		return SLUICE_SHORT_CUT_REASON_FLOW;
	if (!sluice_local_is_free_now(c.path, from, skb->dev, skips_netfilter))
		return SLUICE_SHORT_CUT_REASON_SEEN;
	return cross(sn, skb, from, pkt, &c, true);
}

/**
 * sluice_ingress_goes_to_pod() - whether packets of a pod go to another one
 * @sn: namespace of the node, active
 * @in: device that they come in by
 * @tuple: theirs
 *
 * Any context; the caller holds rcu_read_lock().
 *
 * Return: false also if that is not known yet.
 */
bool sluice_ingress_goes_to_pod(struct sluice_net *sn,
				const struct net_device *in,
				const struct sluice_tuple *tuple)
{
	struct sluice_flow_node *node;
	struct sluice_path *path;

	node = sluice_flow_lookup(&sn->flows, tuple, SLUICE_DOOR_ENTRY);
	if (!node || sluice_flow_is_one_sided(sluice_flow_of_wire(node)))
		return false;
	path = sluice_flow_path(sluice_flow_of_wire(node), node->dir);
	return path && path->kind == SLUICE_PATH_KIND_POD &&
	       path->key.iif == in->ifindex;
}

/**
 * sluice_ingress_foresee() - whether a packet would be sent from here
 * @sn: namespace
 * @skb: as just received, and plain; unchanged
 * @skips_netfilter: as for sluice_ingress()
 * @future: what is known of it otherwise
 * @path: filled in if it would: by which way; there until rcu_read_unlock()
 *
 * Softirqs are off; the caller holds rcu_read_lock().
 *
 * Return: %SLUICE_FALLBACK_NONE, or why not.
 */
enum sluice_fallback sluice_ingress_foresee(struct sluice_net *sn,
					    struct sk_buff *skb,
					    bool skips_netfilter,
					    const struct sluice_future *future,
					    const struct sluice_path **path)
{
	struct sluice_path *found;
	enum sluice_fallback why;
	struct sluice_xmit xmit;
	struct sluice_pkt pkt;

	why = read(sn, skb, skips_netfilter, &pkt) ?: future->decided;
	if (why)
		return why;
	found = find_living_path(sn, skb, &pkt, &future->to);
	if (!found)
		return SLUICE_FALLBACK_ROUTE;
	*path = found;
	return sluice_xmit_prepare(&xmit, found, skb);
}
