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

static const struct sluice_blame nobody;

/**
 * sluice_drop() - drop a packet inside a netfilter hook
 * @sn: namespace
 * @skb: packet, freed
 * @pkt: what was read of it
 * @reason: why, not the policy's
 *
 * Return: NF_STOLEN, for the hook to return.
 */
unsigned int sluice_drop(struct sluice_net *sn, struct sk_buff *skb,
			 const struct sluice_pkt *pkt,
			 enum sluice_drop_reason reason)
{
	return sluice_drop_blamed(sn, skb, pkt, &nobody, reason);
}

static void note(struct sluice_net *sn, const struct sk_buff *skb,
		 const struct sluice_event *event)
{
	sluice_stat_inc(sn->stats, SLUICE_STAT_DROPS + event->reason);
	trace_sluice_drop(skb, &event->tuple, event->reason, &event->blame);
	sluice_event_add(&sn->events, event);
}

/**
 * sluice_drop_note() - tell of a drop
 * @sn: namespace
 * @skb: packet that is dropped, or nothing of which goes on but its headers
 * @pkt: what was read of it
 * @reason: why, not the policy's
 */
void sluice_drop_note(struct sluice_net *sn, const struct sk_buff *skb,
		      const struct sluice_pkt *pkt,
		      enum sluice_drop_reason reason)
{
	note(sn, skb, &(struct sluice_event) {
		.tuple = pkt->tuple,
		.type = SLUICE_EVENT_TYPE_DROP,
		.reason = reason,
		.blame = nobody,
	});
}

/**
 * sluice_drop_untold() - drop a packet inside a netfilter hook, and tell nobody
 * @skb: packet, freed
 *
 * For copies that nobody has meant for who does not get them.
 *
 * Return: NF_STOLEN, for the hook to return.
 */
unsigned int sluice_drop_untold(struct sk_buff *skb)
{
	kfree_skb_reason(skb, SKB_DROP_REASON_NETFILTER_DROP);
	return NF_STOLEN;
}

static unsigned int drop(struct sluice_net *sn, struct sk_buff *skb,
			 const struct sluice_event *event)
{
	note(sn, skb, event);
	return sluice_drop_untold(skb);
}

static void audit(struct sluice_net *sn, const struct sluice_event *event)
{
	sluice_stat_inc(sn->stats, SLUICE_STAT_AUDITED);
	sluice_event_add(&sn->events, event);
}

/* Packets of what a rule does not let begin; those of flows count there. */
static void count_denied(struct sluice_policy_rule *rule, unsigned int len)
{
	struct sluice_policy_counters *counters;

	if (!rule)
		return;
	counters = sluice_policy_rule_counters(rule);
	atomic64_inc(&counters->packets);
	atomic64_add(len, &counters->bytes);
}

/**
 * sluice_drop_blamed() - drop a packet that the policy may have denied
 * @sn: namespace
 * @skb: packet, freed
 * @pkt: what was read of it
 * @blame: who denies it; its direction is 0 if it is not the policy. The caller
 *	holds rcu_read_lock()
 * @reason: why
 *
 * Return: NF_STOLEN, for the hook to return.
 */
unsigned int sluice_drop_blamed(struct sluice_net *sn, struct sk_buff *skb,
				const struct sluice_pkt *pkt,
				const struct sluice_blame *blame,
				enum sluice_drop_reason reason)
{
	if (!blame->dir)
		blame = &nobody;
	count_denied(blame->rule, skb->len);
	return drop(sn, skb, &(struct sluice_event) {
		.tuple = pkt->tuple,
		.type = SLUICE_EVENT_TYPE_DROP,
		.reason = reason,
		.blame = *blame,
	});
}

/**
 * sluice_drop_spoofed() - drop a packet whose sender claims another's address
 * @sn: namespace
 * @skb: packet, freed unless it is only told of
 * @claim: who it claims to be
 * @device: name of the device it has come from
 *
 * Return: what the hook is to return: NF_STOLEN, or NF_ACCEPT in audit mode.
 */
unsigned int sluice_drop_spoofed(struct sluice_net *sn, struct sk_buff *skb,
				 const struct sluice_tuple *claim,
				 const char *device)
{
	struct sluice_event event = {
		.tuple = *claim,
		.type = SLUICE_EVENT_TYPE_DROP,
		.reason = SLUICE_DROP_REASON_SPOOFED,
	};

	strscpy(event.device, device, sizeof(event.device));
	if (!READ_ONCE(sn->node.policy_audit))
		return drop(sn, skb, &event);
	event.type = SLUICE_EVENT_TYPE_AUDIT;
	audit(sn, &event);
	return NF_ACCEPT;
}

/**
 * sluice_audit() - tell that a packet would be dropped
 * @sn: namespace
 * @tuple: of the packet, or of its flow's original direction
 * @blame: who would deny it; the caller holds rcu_read_lock()
 * @reason: why, if it is nobody's rules or isolation; otherwise
 *	%SLUICE_DROP_NONE
 */
void sluice_audit(struct sluice_net *sn, const struct sluice_tuple *tuple,
		  const struct sluice_blame *blame,
		  enum sluice_drop_reason reason)
{
	audit(sn, &(struct sluice_event) {
		.tuple = *tuple,
		.type = SLUICE_EVENT_TYPE_AUDIT,
		.reason = reason,
		.blame = *blame,
	});
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
			const struct nf_hook_state *state, bool prohibited)
{
	if (pkt->tuple.proto == IPPROTO_TCP)
		nf_send_reset(state->net, state->sk, skb, state->hook);
	else
		nf_send_unreach(skb, prohibited ? ICMP_PKT_FILTERED :
						  ICMP_PORT_UNREACH,
				state->hook);
}

#if IS_ENABLED(CONFIG_IPV6)
static void reject_ipv6(struct sk_buff *skb, const struct sluice_pkt *pkt,
			const struct nf_hook_state *state, bool prohibited)
{
	if (pkt->tuple.proto == IPPROTO_TCP)
		nf_send_reset6(state->net, state->sk, skb, state->hook);
	else
		nf_send_unreach6(state->net, skb,
				 prohibited ? ICMPV6_ADM_PROHIBITED :
					      ICMPV6_PORT_UNREACH,
				 state->hook);
}
#else
static void reject_ipv6(struct sk_buff *skb, const struct sluice_pkt *pkt,
			const struct nf_hook_state *state, bool prohibited)
{
}
#endif

static DEFINE_PER_CPU(bool, rejecting);

/**
 * sluice_is_rejecting() - whether what the node sends is an answer to a drop
 *
 * It speaks for one end of a connection, which the policy may deny to do so
 * itself. In LOCAL_OUT.
 */
bool sluice_is_rejecting(void)
{
	return this_cpu_read(rejecting);
}

static void send(struct sk_buff *skb, const struct sluice_pkt *pkt,
		 const struct nf_hook_state *state, bool prohibited)
{
	if (state->pf == NFPROTO_IPV4)
		reject_ipv4(skb, pkt, state, prohibited);
	else
		reject_ipv6(skb, pkt, state, prohibited);
}

/**
 * sluice_reject() - tell the sender of a packet that it goes nowhere
 * @skb: packet, as it came; it is still to be dropped
 * @pkt: what was read of it
 * @state: of the hook, PRE_ROUTING or LOCAL_OUT
 * @prohibited: by the policy
 *
 * By a TCP RST, or by an ICMP port unreachable or administratively prohibited.
 */
void sluice_reject(struct sk_buff *skb, const struct sluice_pkt *pkt,
		   const struct nf_hook_state *state, bool prohibited)
{
	/* 6.1 takes a tunnel's metadata for a route. */
	if (!skb_valid_dst(skb))
		skb_dst_drop(skb);
	local_bh_disable();
	this_cpu_write(rejecting, true);
	send(skb, pkt, state, prohibited);
	this_cpu_write(rejecting, false);
	local_bh_enable();
}
