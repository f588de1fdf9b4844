// SPDX-License-Identifier: GPL-2.0
/*
 * Drops.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/dropreason.h>
#include <net/dst_metadata.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

#include "backend.h"
#include "drop.h"
#include "flow.h"
#include "net.h"
#include "pkt.h"
#include "trace.h"

/**
 * sluice_drop() - drop a packet inside a netfilter hook
 * @sn: namespace
 * @skb: packet, freed
 * @pkt: what was read of it
 * @reason: why
 *
 * Return: NF_STOLEN, for the hook to return.
 */
unsigned int sluice_drop(struct sluice_net *sn, struct sk_buff *skb,
			 const struct sluice_pkt *pkt,
			 enum sluice_drop_reason reason)
{
	struct sluice_event event = {
		.tuple = pkt->tuple,
		.type = SLUICE_EVENT_TYPE_DROP,
		.reason = reason,
	};

	sluice_stat_inc(sn->stats, SLUICE_STAT_DROPS + reason);
	trace_sluice_drop(skb, &pkt->tuple, reason);
	sluice_event_add(&sn->events, &event);
	kfree_skb_reason(skb, SKB_DROP_REASON_NETFILTER_DROP);
	return NF_STOLEN;
}

/**
 * sluice_drop_of() - drop a packet of a flow, likewise
 * @sn: namespace
 * @skb: packet, freed
 * @pkt: what was read of it
 * @flow: its flow, whose backend and service count it
 * @reason: why
 *
 * Return: NF_STOLEN, for the hook to return.
 */
unsigned int sluice_drop_of(struct sluice_net *sn, struct sk_buff *skb,
			    const struct sluice_pkt *pkt,
			    const struct sluice_flow *flow,
			    enum sluice_drop_reason reason)
{
	if (flow->backend)
		sluice_backend_count_drop(flow->backend);
	return sluice_drop(sn, skb, pkt, reason);
}

static void reject_ipv4(struct sk_buff *skb, const struct sluice_pkt *pkt,
			const struct nf_hook_state *state)
{
	if (pkt->tuple.proto == IPPROTO_TCP)
		nf_send_reset(state->net, state->sk, skb, state->hook);
	else
		nf_send_unreach(skb, ICMP_PORT_UNREACH, state->hook);
}

#if IS_ENABLED(CONFIG_IPV6)
static void reject_ipv6(struct sk_buff *skb, const struct sluice_pkt *pkt,
			const struct nf_hook_state *state)
{
	if (pkt->tuple.proto == IPPROTO_TCP)
		nf_send_reset6(state->net, state->sk, skb, state->hook);
	else
		nf_send_unreach6(state->net, skb, ICMPV6_PORT_UNREACH,
				 state->hook);
}
#else
static void reject_ipv6(struct sk_buff *skb, const struct sluice_pkt *pkt,
			const struct nf_hook_state *state)
{
}
#endif

/**
 * sluice_reject() - tell the sender of a packet that it goes nowhere
 * @skb: packet, as it came; it is still to be dropped
 * @pkt: what was read of it
 * @state: of the hook, PRE_ROUTING or LOCAL_OUT
 *
 * By a TCP RST, or by an ICMP port unreachable.
 */
void sluice_reject(struct sk_buff *skb, const struct sluice_pkt *pkt,
		   const struct nf_hook_state *state)
{
	/* 6.1 takes a tunnel's metadata for a route. */
	if (!skb_valid_dst(skb))
		skb_dst_drop(skb);
	if (state->pf == NFPROTO_IPV4)
		reject_ipv4(skb, pkt, state);
	else
		reject_ipv6(skb, pkt, state);
}
