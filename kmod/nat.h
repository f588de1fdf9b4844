/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Header rewriting and checksums.
 */
#ifndef _SLUICE_NAT_H
#define _SLUICE_NAT_H

#include <linux/skbuff.h>

#include "flow.h"
#include "pkt.h"

bool sluice_nat_rewrite(struct sk_buff *skb, struct sluice_pkt *pkt,
			const struct sluice_tuple *to);
void sluice_nat_prepare(struct sluice_flow *flow, enum sluice_dir dir);
bool sluice_nat_forward(struct sk_buff *skb, struct sluice_pkt *pkt,
			const struct sluice_flow_node *node);

#endif
