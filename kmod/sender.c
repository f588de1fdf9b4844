// SPDX-License-Identifier: GPL-2.0
/*
 * Senders: what of that which leaves the node is its own.
 */
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/sock.h>

#include "sender.h"

/**
 * DOC: Who has sent it
 *
 * LOCAL_OUT shows more than what the node itself sends: ip_vs sends on there
 * what it has received for a virtual address, with the client's own source, as
 * the targets TEE and dup do with copies; ipvlan lets its pods' packets by there
 * in its modes l3 and l3s. Source addresses do not tell: clients choose theirs,
 * and a transparent proxy of the node has its clients'.
 *
 * What a socket sends is its namespace's. Of what no socket sends, the kernel
 * remembers of a packet by which device it has been received, until it leaves
 * for another namespace or in a tunnel: what the kernel makes itself has none.
 * What comes by the loopback device the node has sent, and what it has encrypted
 * is the node's, whoever's it is inside.
 */

static bool is_encrypted(const struct sk_buff *skb, u8 pf)
{
	return pf == NFPROTO_IPV4 ?
	       IPCB(skb)->flags & IPSKB_XFRM_TRANSFORMED :
	       IP6CB(skb)->flags & IP6SKB_XFRM_TRANSFORMED;
}

static bool is_received(const struct sk_buff *skb,
			const struct nf_hook_state *state)
{
	return skb->skb_iif && skb->skb_iif != LOOPBACK_IFINDEX &&
	       !is_encrypted(skb, state->pf);
}

/**
 * sluice_sender_is_node() - whether the node itself has sent a packet
 * @skb: packet, whose control block is IP's
 * @state: of the hook where it is
 *
 * Any context.
 */
bool sluice_sender_is_node(const struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	const struct sock *sk = state->sk ?: skb->sk;

	if (state->hook != NF_INET_LOCAL_OUT)
		return false;
	return sk ? net_eq(sock_net(sk), state->net) :
		    !is_received(skb, state);
}
