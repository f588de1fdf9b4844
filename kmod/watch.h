/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who sees what devices send and receive.
 */
#ifndef _SLUICE_WATCH_H
#define _SLUICE_WATCH_H

#include <linux/types.h>

struct net;
struct net_device;

bool sluice_has_taps(const struct net_device *dev);
bool sluice_has_tc_egress(const struct net_device *dev);
bool sluice_has_tc_ingress(const struct net_device *dev);
bool sluice_has_xdp(const struct net_device *dev);
bool sluice_has_native_xdp(const struct net_device *dev);
bool sluice_has_rps(const struct net_device *dev);
u32 sluice_egress_hooks_count(const struct net_device *dev);
bool sluice_is_shaped(const struct net_device *dev);
bool sluice_is_minded(const struct net_device *dev);
bool sluice_is_port_minded(const struct net *net,
			   const struct net_device *port);
bool sluice_is_tapped(const struct net_device *dev);
bool sluice_is_watched(const struct net_device *dev);

#endif
