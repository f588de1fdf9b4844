/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_COMPAT_NET_NETDEV_RX_QUEUE_H
#define _SLUICE_COMPAT_NET_NETDEV_RX_QUEUE_H

#include <linux/netdevice.h>
#include <linux/version.h>

/* It was in linux/netdevice.h before. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#include_next <net/netdev_rx_queue.h>
#endif

#endif
