/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The door where devices receive.
 */
#ifndef _SLUICE_INGRESS_H
#define _SLUICE_INGRESS_H

#include "fallback.h"
#include "stats.h"
#include "tuple.h"

struct net_device;
struct sk_buff;
struct sluice_flow_node;
struct sluice_net;
struct sluice_path;
struct sluice_pkt;

/**
 * struct sluice_door_stats - what a device has brought
 * @sent: packets sent from here
 * @handed_over: packets handed over where the pod sends them
 * @short_cut: segments handed over by their sockets
 * @sockets: that have got the short-cut
 * @redirected: frames that XDP or tc programs have been told the way of
 * @fallbacks: packets left to the slow path, by &enum sluice_fallback
 * @left: segments left to the stack, by &enum sluice_short_cut_reason
 *
 * Per CPU.
 */
struct sluice_door_stats {
	unsigned long sent;
	unsigned long handed_over;
	unsigned long short_cut;
	unsigned long sockets;
	unsigned long redirected;
	unsigned long fallbacks[SLUICE_FALLBACK_MAX + 1];
	unsigned long left[SLUICE_SHORT_CUT_REASON_MAX + 1];
};

/**
 * struct sluice_future - what is known of a packet that has not come
 * @decided: why it would have no flow that could send it, or
 *	%SLUICE_FALLBACK_NONE
 * @to: what it would become; of its ports nothing depends
 */
struct sluice_future {
	enum sluice_fallback decided;
	struct sluice_tuple to;
};

struct sluice_path *
sluice_ingress_settled_path(struct sluice_net *sn, const struct net_device *in,
			    const struct sluice_pkt *pkt,
			    const struct sluice_flow_node *node);
unsigned int sluice_ingress(struct sluice_net *sn, struct sk_buff *skb,
			    struct sluice_door_stats __percpu *stats,
			    bool skips_netfilter);
bool sluice_ingress_is_plain_at_sender(struct sk_buff *skb);
bool sluice_ingress_hand_over(struct sluice_net *sn, struct sk_buff *skb,
			      struct net_device *from, bool skips_netfilter);
enum sluice_short_cut_reason
sluice_ingress_hand_over_segment(struct sluice_net *sn, struct sk_buff *skb,
				 struct sluice_pkt *pkt,
				      struct net_device *from,
				      bool skips_netfilter);
bool sluice_ingress_goes_to_pod(struct sluice_net *sn,
				const struct net_device *in,
				const struct sluice_tuple *tuple);
enum sluice_fallback sluice_ingress_foresee(struct sluice_net *sn,
					    struct sk_buff *skb,
					    bool skips_netfilter,
					    const struct sluice_future *future,
					    const struct sluice_path **path);

#endif
