// SPDX-License-Identifier: GPL-2.0
/*
 * Drops.
 */
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/dropreason.h>

#include "drop.h"
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
