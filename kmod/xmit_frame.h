/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way out of the node, for frames that programs redirect.
 */
#ifndef _SLUICE_XMIT_FRAME_H
#define _SLUICE_XMIT_FRAME_H

#include <linux/if_ether.h>

#include "fallback.h"
#include "path.h"
#include "pkt.h"

/**
 * struct sluice_frame_way - how one frame is redirected
 * @to: device
 * @mac: destination and source of its Ethernet header
 */
struct sluice_frame_way {
	const struct net_device *to;
	u8 mac[2 * ETH_ALEN] __aligned(2);
};

enum sluice_fallback sluice_xmit_frame_prepare(struct sluice_frame_way *way,
					       struct sluice_path *path,
					       const struct sluice_frame *frame);

#endif
