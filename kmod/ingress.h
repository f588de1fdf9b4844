/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The door where devices receive.
 */
#ifndef _SLUICE_INGRESS_H
#define _SLUICE_INGRESS_H

#include <uapi/linux/sluice.h>

#include "stats.h"

struct sk_buff;
struct sluice_net;

/**
 * struct sluice_door_stats - what a device has brought
 * @sent: packets sent from here
 * @fallbacks: packets left to the slow path, by &enum sluice_fallback
 *
 * Per CPU.
 */
struct sluice_door_stats {
	unsigned long sent;
	unsigned long fallbacks[SLUICE_FALLBACK_MAX + 1];
};

unsigned int sluice_ingress(struct sluice_net *sn, struct sk_buff *skb,
			    struct sluice_door_stats __percpu *stats,
			    bool skips_netfilter);

#endif
