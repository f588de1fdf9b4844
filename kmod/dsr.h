/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Direct server return: packets reach backends unchanged, replies do not come
 * by here.
 */
#ifndef _SLUICE_DSR_H
#define _SLUICE_DSR_H

#include <linux/if_arp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>

#include "flow.h"
#include "net.h"
#include "pkt.h"

/* Of what a tunnel puts around a packet */
static inline unsigned int sluice_dsr_header_len(u8 family)
{
	return family == AF_INET ? sizeof(struct iphdr) :
				   sizeof(struct ipv6hdr);
}

/* Whether packets of a node's direction are to go to a backend unchanged. */
static inline bool sluice_dsr_is_for(const struct sluice_flow_node *node)
{
	return node->dir == SLUICE_DIR_ORIG &&
	       sluice_flow_is_one_sided(sluice_flow_of(node));
}

/* The packet at a hook has just been taken out of another one. */
static inline bool sluice_dsr_was_in_tunnel(const struct nf_hook_state *state)
{
	return state->hook == NF_INET_PRE_ROUTING &&
	       (state->in->type == ARPHRD_TUNNEL ||
		state->in->type == ARPHRD_TUNNEL6);
}

void sluice_dsr_ask_again(struct sk_buff *skb);
void sluice_dsr_track(struct sk_buff *skb);
bool sluice_dsr_is_bridged_on(const struct sk_buff *skb);
bool sluice_dsr_waits(struct sluice_net *sn, struct sk_buff *skb,
		      const struct sluice_pkt *pkt);
unsigned int sluice_dsr_entry(struct sluice_net *sn, struct sk_buff *skb,
			      const struct sluice_pkt *pkt,
			      const struct sluice_flow_node *node,
			      const struct nf_hook_state *state);
unsigned int sluice_dsr_exit(struct sluice_net *sn, struct sk_buff *skb,
			     const struct sluice_pkt *pkt,
			     struct sluice_flow *flow,
			     const struct nf_hook_state *state);
void sluice_dsr_tunnel_error(struct sluice_net *sn, struct sk_buff *skb,
			     const struct sluice_pkt *pkt);

#endif
