/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Paths: which routes, which devices.
 */
#ifndef _SLUICE_PATH_ROUTE_H
#define _SLUICE_PATH_ROUTE_H

#include "path.h"

bool sluice_path_resolve(struct sluice_path *path, struct net *net,
			 struct sk_buff *skb);
struct net_device *sluice_path_bridge_port(const struct sluice_path *path,
					   u8 *mac);
bool sluice_path_is_elsewhere(const struct sluice_path *path);
bool sluice_path_has_other_mtu(const struct sluice_path *path);
u8 sluice_path_strictness(const struct sluice_path *path,
			  const struct net_device *in);

#endif
