// SPDX-License-Identifier: GPL-2.0
/*
 * Who sees what devices send and receive. All of it changes without anybody
 * being told: it is asked anew, under rcu_read_lock().
 */
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <net/netdev_rx_queue.h>
#include <net/sch_generic.h>

#include "hooks.h"
#include "watch.h"

/* Packet sockets for all protocols */
bool sluice_has_taps(const struct net_device *dev)
{
	return dev_nit_active((struct net_device *)dev);
}

static bool has_queue(const struct net_device *dev)
{
	const struct Qdisc *qdisc;

	qdisc = rcu_dereference(netdev_get_tx_queue(dev, 0)->qdisc);
	return qdisc->enqueue;
}

#ifdef CONFIG_NET_XGRESS
bool sluice_has_tc_egress(const struct net_device *dev)
{
	return rcu_access_pointer(dev->tcx_egress);
}

bool sluice_has_tc_ingress(const struct net_device *dev)
{
	return rcu_access_pointer(dev->tcx_ingress);
}
#else
bool sluice_has_tc_egress(const struct net_device *dev)
{
	return false;
}

bool sluice_has_tc_ingress(const struct net_device *dev)
{
	return false;
}
#endif

/* Of netfilter, where a device sends */
u32 sluice_egress_hooks_count(const struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_EGRESS
	return sluice_hooks_count(&dev->nf_hooks_egress);
#else
	return 0;
#endif
}

/* Whether somebody but netfilter sees to what is sent by a device */
bool sluice_is_shaped(const struct net_device *dev)
{
	return sluice_has_tc_egress(dev) || has_queue(dev) ||
	       sluice_has_taps(dev);
}

/* Whether somebody sees to what is sent by a device */
bool sluice_is_minded(const struct net_device *dev)
{
	return sluice_egress_hooks_count(dev) || sluice_is_shaped(dev);
}

/* Or to what a bridge sends by a port, br_netfilter among them */
bool sluice_is_port_minded(const struct net *net,
			   const struct net_device *port)
{
#if IS_ENABLED(CONFIG_NETFILTER_FAMILY_BRIDGE)
	if (rcu_access_pointer(net->nf.hooks_bridge[NF_BR_LOCAL_OUT]) ||
	    rcu_access_pointer(net->nf.hooks_bridge[NF_BR_POST_ROUTING]))
		return true;
#endif
	return sluice_is_minded(port);
}

/* Whether somebody but netfilter sees what is received by a device, ahead of IP */
bool sluice_is_tapped(const struct net_device *dev)
{
	return sluice_has_tc_ingress(dev) ||
	       rcu_access_pointer(dev->rx_handler) || sluice_has_taps(dev) ||
	       !list_empty(&dev->ptype_specific);
}

/* Whether somebody sees what is received by a device, ahead of IP */
bool sluice_is_watched(const struct net_device *dev)
{
	return sluice_hooks_count_ingress(dev) || sluice_is_tapped(dev);
}

static bool has_xdp(const struct net_device *dev, enum bpf_xdp_mode mode)
{
	return dev->xdp_state[mode].prog || dev->xdp_state[mode].link;
}

/* Whether a device has an XDP program, in whatever mode */
bool sluice_has_xdp(const struct net_device *dev)
{
	u32 mode;

	for (mode = XDP_MODE_SKB; mode < __MAX_XDP_MODE; mode++)
		if (has_xdp(dev, mode))
			return true;
	return false;
}

/* Or in that of the driver */
bool sluice_has_native_xdp(const struct net_device *dev)
{
	return has_xdp(dev, XDP_MODE_DRV);
}

/* Another processor may receive what comes in. */
bool sluice_has_rps(const struct net_device *dev)
{
#ifdef CONFIG_RPS
	const struct netdev_rx_queue *queue = dev->_rx;

	/* The table is a pointer, or in newer kernels a number. */
	for (; queue < dev->_rx + dev->real_num_rx_queues; queue++)
		if (rcu_access_pointer(queue->rps_map) ||
		    (__force unsigned long)READ_ONCE(queue->rps_flow_table))
			return true;
#endif
	return false;
}
