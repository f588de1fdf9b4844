/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_COMPAT_LINUX_NETDEVICE_H
#define _SLUICE_COMPAT_LINUX_NETDEVICE_H

#include <linux/version.h>
#include_next <linux/netdevice.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
/* Whether there is something is all that may be asked of either. */
#ifdef CONFIG_NET_CLS_ACT
#define CONFIG_NET_XGRESS	1
#define tcx_ingress	miniq_ingress
#define tcx_egress	miniq_egress
#endif
#endif

/*
 * Of one that has ndo_xdp_xmit(). Before 6.3 drivers do not tell; veth always
 * does, and many others are set up for it by a program of their own. Frames in
 * several buffers are not redirected then.
 */
static inline bool netdev_takes_xdp_frames(const struct net_device *dev,
					   bool veth)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	return veth || dev->xdp_state[XDP_MODE_DRV].prog ||
	       dev->xdp_state[XDP_MODE_DRV].link;
#else
	return dev->xdp_features & NETDEV_XDP_ACT_NDO_XMIT;
#endif
}

static inline bool netdev_takes_xdp_fragments(const struct net_device *dev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	return false;
#else
	return dev->xdp_features & NETDEV_XDP_ACT_NDO_XMIT_SG;
#endif
}

#endif
