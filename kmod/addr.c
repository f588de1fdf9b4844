// SPDX-License-Identifier: GPL-2.0
/*
 * The node's addresses: whether they are what they were. Masqueraded flows end
 * when the one goes that hides them, as replies to it come no more; the next
 * packet gets another. What pods were allowed to send to it for being the node's
 * is judged once more.
 */
#include <linux/inetdevice.h>
#include <net/addrconf.h>

#include "addr.h"
#include "config.h"
#include "frontend.h"
#include "judge.h"
#include "net.h"
#include "ranges.h"

/* The source that the backend sees is nobody's now. */
static bool has_lost_source(const struct sluice_flow *flow, const void *arg)
{
	const struct sluice_tuple *orig = &flow->nodes[SLUICE_DIR_ORIG].tuple;
	const struct sluice_tuple *reply = &flow->nodes[SLUICE_DIR_REPLY].tuple;
	const struct sluice_net *sn = arg;

	return !nf_inet_addr_cmp(&orig->src, &reply->dst) &&
	       !sluice_frontend_is_local_anywhere(sn->net, reply->family,
						  &reply->dst);
}

static void end_flows(struct work_struct *work)
{
	struct sluice_net *sn = container_of(work, struct sluice_net,
					     addresses.work);

	mutex_lock(&sn->cfg_lock);
	if (sn->active)
		sluice_flow_table_flush(&sn->flows, has_lost_source, sn);
	if (sn->active && sluice_judge_in_force(sn))
		sluice_config_judge_anew(sn);
	mutex_unlock(&sn->cfg_lock);
}

void sluice_addr_watch_init(struct sluice_addr_watch *watch)
{
	atomic_set(&watch->generation, 0);
	INIT_WORK(&watch->work, end_flows);
	spin_lock_init(&watch->lock);
	watch->over = false;
}

/**
 * sluice_addr_watch_fini() - look at addresses no more
 * @watch: of a namespace that goes; addresses may go after it
 *
 * Process context, may sleep; not under the configuration lock.
 */
void sluice_addr_watch_fini(struct sluice_addr_watch *watch)
{
	spin_lock_bh(&watch->lock);
	watch->over = true;
	spin_unlock_bh(&watch->lock);
	cancel_work_sync(&watch->work);
}

/* Whoever sees the generation sees the change. */
static struct sluice_addr_watch *note_change(const struct net_device *dev)
{
	struct sluice_addr_watch *watch = &sluice_pernet(dev_net(dev))->addresses;

	smp_mb__before_atomic();	/* pairs with sluice_addr_generation() */
	atomic_inc(&watch->generation);
	return watch;
}

static int address_event(unsigned long event, const struct net_device *dev)
{
	struct sluice_addr_watch *watch = note_change(dev);

	if (event != NETDEV_DOWN)
		return NOTIFY_DONE;
	spin_lock_bh(&watch->lock);
	if (!watch->over)
		schedule_work(&watch->work);
	spin_unlock_bh(&watch->lock);
	return NOTIFY_DONE;
}

/* Under the RTNL */
static int ipv4_event(struct notifier_block *block, unsigned long event,
		      void *ptr)
{
	const struct in_ifaddr *ifa = ptr;

	return address_event(event, ifa->ifa_dev->dev);
}

static struct notifier_block ipv4_block = {
	.notifier_call = ipv4_event,
};

#if IS_ENABLED(CONFIG_IPV6)
/* Process or softirq context */
static int ipv6_event(struct notifier_block *block, unsigned long event,
		      void *ptr)
{
	const struct inet6_ifaddr *ifa = ptr;

	/* Each pod that goes takes one of these along, which hides nobody. */
	if (sluice_is_link_local(&ifa->addr)) {
		note_change(ifa->idev->dev);
		return NOTIFY_DONE;
	}
	return address_event(event, ifa->idev->dev);
}

static struct notifier_block ipv6_block = {
	.notifier_call = ipv6_event,
};

static int __init register_ipv6(void)
{
	return register_inet6addr_notifier(&ipv6_block);
}

static void unregister_ipv6(void)
{
	unregister_inet6addr_notifier(&ipv6_block);
}

/* Rises also when an address is not tentative any more. */
static u32 ipv6_generation(const struct net *net)
{
	return atomic_read(&net->ipv6.dev_addr_genid);
}
#else
static int __init register_ipv6(void)
{
	return 0;
}

static void unregister_ipv6(void)
{
}

static u32 ipv6_generation(const struct net *net)
{
	return 0;
}
#endif

/*
 * Nobody is told of an IPv6 address that is kept while its device is down, or
 * follows it to another VRF. The kernel's own parts have been called before.
 */
static int device_event(struct notifier_block *block, unsigned long event,
			void *ptr)
{
	note_change(netdev_notifier_info_to_dev(ptr));
	return NOTIFY_DONE;
}

static struct notifier_block device_block = {
	.notifier_call = device_event,
};

/**
 * sluice_addr_generation() - another one once the node's addresses are others
 * @sn: namespace
 * @family: of the addresses
 *
 * What is found out about addresses outside of VRFs after this was called holds
 * until it says something else. It may do so though they are the same: part of
 * it is the counter by which the kernel itself knows old routes, as what makes an
 * address of IPv4 is a route, which an administrator may add without anybody
 * being told. Any context.
 */
u32 sluice_addr_generation(const struct sluice_net *sn, u8 family)
{
	u32 generation = atomic_read(&sn->addresses.generation);

	generation += family == AF_INET ? rt_genid_ipv4(sn->net) :
					  ipv6_generation(sn->net);
	smp_rmb();	/* pairs with note_change() */
	return generation;
}

static bool has_allowed_ipv4(const struct net_device *dev,
			     const struct sluice_ranges *ranges)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct in_ifaddr *ifa;
	union nf_inet_addr addr = {};

	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		addr.ip = ifa->ifa_local;
		if (sluice_ranges_allow(ranges, &addr))
			return true;
	}
	return false;
}

#if IS_ENABLED(CONFIG_IPV6)
static bool has_allowed_ipv6(const struct net_device *dev,
			     const struct sluice_ranges *ranges)
{
	const struct inet6_dev *idev = __in6_dev_get(dev);
	const struct inet6_ifaddr *ifa;
	union nf_inet_addr addr;

	if (!idev)
		return false;
	list_for_each_entry_rcu(ifa, &idev->addr_list, if_list) {
		addr.in6 = ifa->addr;
		if (sluice_ranges_allow(ranges, &addr))
			return true;
	}
	return false;
}
#else
static bool has_allowed_ipv6(const struct net_device *dev,
			     const struct sluice_ranges *ranges)
{
	return false;
}
#endif

/**
 * sluice_addr_any_allowed() - do ranges allow an address of the node?
 * @net: namespace
 * @family: of the addresses
 * @ranges: source ranges
 *
 * Walks over all addresses. Softirq or process context; the caller holds
 * rcu_read_lock().
 */
bool sluice_addr_any_allowed(struct net *net, u8 family,
			     const struct sluice_ranges *ranges)
{
	const struct net_device *dev;

	for_each_netdev_rcu(net, dev)
		if (family == AF_INET ? has_allowed_ipv4(dev, ranges) :
					has_allowed_ipv6(dev, ranges))
			return true;
	return false;
}

int __init sluice_addr_init(void)
{
	int err;

	err = register_inetaddr_notifier(&ipv4_block);
	if (err)
		return err;
	err = register_ipv6();
	if (err)
		goto unregister_ipv4;
	err = register_netdevice_notifier(&device_block);
	if (err)
		goto unregister_ipv6;
	return 0;

unregister_ipv6:
	unregister_ipv6();
unregister_ipv4:
	unregister_inetaddr_notifier(&ipv4_block);
	return err;
}

void sluice_addr_fini(void)
{
	unregister_netdevice_notifier(&device_block);
	unregister_ipv6();
	unregister_inetaddr_notifier(&ipv4_block);
}
