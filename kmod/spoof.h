/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who a frame claims to be from, and whether it may.
 */
#ifndef _SLUICE_SPOOF_H
#define _SLUICE_SPOOF_H

#include <linux/skbuff.h>

#include "ranges.h"
#include "tuple.h"

bool sluice_spoof_check(const struct sk_buff *skb,
			const struct sluice_ranges *addresses,
			struct sluice_tuple *claim);

#endif
