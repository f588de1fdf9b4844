/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_COMPAT_NET_GENETLINK_H
#define _SLUICE_COMPAT_NET_GENETLINK_H

#include <linux/version.h>
#include_next <net/genetlink.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
/* The type of pre_doit's first argument; nothing here looks into it. */
#define genl_split_ops	genl_ops
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
/* Only ->attrs may be used of what this returns. */
static inline const struct genl_dumpit_info *
genl_info_dump(struct netlink_callback *cb)
{
	return genl_dumpit_info(cb);
}
#endif

#endif
