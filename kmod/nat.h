/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Header rewriting and checksums.
 */
#ifndef _SLUICE_NAT_H
#define _SLUICE_NAT_H

#include <linux/skbuff.h>

#include "pkt.h"

bool sluice_nat_rewrite(struct sk_buff *skb, struct sluice_pkt *pkt,
			const struct sluice_tuple *to);

#endif
