/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The short-cut: segments from one TCP socket of the node to another.
 */
#ifndef _SLUICE_LOCAL_H
#define _SLUICE_LOCAL_H

#include <linux/types.h>

struct net_device;
struct sk_buff;
struct sluice_path;
struct sock;

bool sluice_local_wants(const struct sock *sk, u8 family);
bool sluice_local_send(struct sock *sk, struct sk_buff *skb, u8 family);
bool sluice_local_is_free_now(struct sluice_path *path,
			      const struct net_device *from,
			      const struct net_device *in,
			      bool skips_netfilter);

#endif
