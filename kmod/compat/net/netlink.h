/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_COMPAT_NET_NETLINK_H
#define _SLUICE_COMPAT_NET_NETLINK_H

#include_next <net/netlink.h>

#ifndef NLA_POLICY_MAX_LEN	/* before 6.11 */
#define NLA_POLICY_MAX_LEN(_len)	NLA_POLICY_MAX(NLA_BINARY, _len)
#endif

#endif
