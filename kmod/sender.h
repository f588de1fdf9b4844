/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Senders: what of that which leaves the node is its own.
 */
#ifndef _SLUICE_SENDER_H
#define _SLUICE_SENDER_H

#include <linux/types.h>

struct nf_hook_state;
struct sk_buff;

bool sluice_sender_is_node(const struct sk_buff *skb,
			   const struct nf_hook_state *state);

#endif
