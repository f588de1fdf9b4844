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

#endif
