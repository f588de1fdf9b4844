/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Header rewriting and checksums.
 */
#ifndef _SLUICE_NAT_H
#define _SLUICE_NAT_H

#include <linux/skbuff.h>
#include <net/checksum.h>

#include "flow.h"
#include "pkt.h"

bool sluice_nat_rewrite(struct sk_buff *skb, struct sluice_pkt *pkt,
			const struct sluice_tuple *to);
void sluice_nat_prepare(struct sluice_flow *flow, enum sluice_dir dir);
bool sluice_nat_forward(struct sk_buff *skb, struct sluice_pkt *pkt,
			const struct sluice_flow_node *node);
void sluice_nat_forward_frame(const struct sluice_frame *frame,
			      const struct sluice_pkt *pkt,
			      const struct sluice_flow_node *node);

/* Zero has two forms in one's complement. */
static inline bool sluice_nat_is_zero(__sum16 delta)
{
	return !delta || delta == CSUM_MANGLED_0;
}

/* Whether what a prepared node does to packets leaves transport checksums alone */
static inline bool sluice_nat_keeps_sums(const struct sluice_flow_node *node)
{
	return sluice_nat_is_zero(node->addr_delta) &&
	       sluice_nat_is_zero(node->delta);
}

#endif
