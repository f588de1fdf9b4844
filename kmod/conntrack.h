/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What nf_conntrack makes of packets, where it is loaded.
 */
#ifndef _SLUICE_CONNTRACK_H
#define _SLUICE_CONNTRACK_H

#include <linux/types.h>

struct sk_buff;

bool sluice_conntrack_gave_source(const struct sk_buff *skb);
void sluice_conntrack_ease(struct sk_buff *skb);

#endif
