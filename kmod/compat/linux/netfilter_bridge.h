/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_COMPAT_LINUX_NETFILTER_BRIDGE_H
#define _SLUICE_COMPAT_LINUX_NETFILTER_BRIDGE_H

#include_next <linux/netfilter_bridge.h>

#if !IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
static inline bool nf_bridge_info_exists(const struct sk_buff *skb)
{
	return false;
}
#endif

#endif
