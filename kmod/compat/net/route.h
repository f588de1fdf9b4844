/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_COMPAT_NET_ROUTE_H
#define _SLUICE_COMPAT_NET_ROUTE_H

#include <linux/version.h>
#include_next <net/route.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#include <net/inet_dscp.h>

/* Takes a TOS. Other than zero is an error in all versions. */
#define ip_route_input_noref(skb, daddr, saddr, dscp, dev)		\
	ip_route_input_noref(skb, daddr, saddr,				\
			     inet_dscp_to_dsfield(dscp), dev)
#endif

#ifndef dst_rtable	/* before 6.10 */
#define dst_rtable(_ptr)	container_of_const(_ptr, struct rtable, dst)
#endif

#endif
