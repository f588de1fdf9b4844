/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Relaying: what another node has sent to a backend of this one.
 */
#ifndef _SLUICE_RELAY_H
#define _SLUICE_RELAY_H

#include <linux/netfilter.h>

#include "net.h"
#include "pkt.h"
#include "way.h"

/* What sluice_pkt_parse() does not know of the packet inside of @outer */
static inline void sluice_relay_note(struct sluice_pkt *pkt,
				     const struct sluice_pkt *outer,
				     const struct nf_hook_state *state)
{
	pkt->vrf = sluice_way_vrf(state->in);
	pkt->relay_to = &outer->tuple.dst;
}

bool sluice_relay_is_for(struct sluice_net *sn, struct sk_buff *skb,
			 const struct sluice_pkt *outer,
			 const struct nf_hook_state *state);
bool sluice_relay_take_out(struct sk_buff *skb,
			   const struct sluice_pkt *outer);

#endif
