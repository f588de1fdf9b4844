/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMP errors about flows.
 */
#ifndef _SLUICE_ICMP_H
#define _SLUICE_ICMP_H

#include "pkt.h"

struct sk_buff;

bool sluice_icmp_is_intact(struct sk_buff *skb, const struct sluice_pkt *pkt);
bool sluice_icmp_rewrite(struct sk_buff *skb, struct sluice_pkt *pkt,
			 const struct sluice_tuple *to);

#endif
