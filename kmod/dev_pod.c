// SPDX-License-Identifier: GPL-2.0
/*
 * Pods' ends of attached devices, hooked where pods send.
 */
#include <linux/rtnetlink.h>

#include "alloc.h"
#include "dev_pod.h"
#include "dev_port.h"
#include "net.h"
#include "tick.h"
#include "veth.h"
#include "xmit.h"

/**
 * DOC: The pod's side
 *
 * A device of which pod-side is on has a hook at its other end, too, where the
 * pod sends. It hands over packets of flows that the node's end has decided and
 * sent on: they do not cross the device at all. It asks the same things of them
 * as the node's end does, decides nothing, and drops nothing. A pod can go past
 * it: what it does not take crosses the device, and the node's end has the last
 * word.
 *
 * The hook is put there by a work, as the other end lives in another namespace
 * and may come later, move, or be another one. It goes with that end, with the
 * node's end, and with the name that wants it.
 */

/**
 * struct sluice_pod - a pod's end that has a hook
 * @list: among all; pods_lock
 * @table: attached devices, of the node
 * @in: the node's end, which stays as long as the hook
 * @ops: the hook; its device is NULL once that is gone; pods_lock
 * @device: what holds for @in, or NULL; RCU, written under the table's lock
 * @asked: whether nobody listens on the way, and when that was asked
 * @rcu: for the deferred freeing
 */
struct sluice_pod {
	struct list_head list;
	struct sluice_device_table *table;
	struct net_device *in;
	struct nf_hook_ops ops;
	struct sluice_device __rcu *device;
	u64 asked;
	struct rcu_head rcu;
};

static LIST_HEAD(pods);
static DEFINE_MUTEX(pods_lock);	/* nests inside the locks of tables */

enum { FREE = 1, MINDED };

/* Whether nobody is passed by */
static bool is_free_now(struct sluice_pod *pod, const struct net_device *from)
{
	u32 answer = sluice_tick_answer(&pod->asked);
	u32 now;

	if (unlikely(!answer)) {
		now = jiffies;
		answer = sluice_xmit_is_free(from, pod->in, 1) ? FREE : MINDED;
		sluice_tick_keep(&pod->asked, now, answer);
	}
	return answer == FREE;
}

static bool hand_over(struct sluice_pod *pod, struct sluice_device *device,
		      struct sk_buff *skb, struct net_device *from)
{
	struct sluice_net *sn = sluice_pernet(pod->table->net);

	return !sluice_port_would_stop(device, skb) &&
	       sluice_ingress_hand_over(sn, skb, from,
					READ_ONCE(device->opts.netfilter));
}

/* As the node's end would receive it, for as long as that is tried */
static unsigned int try(struct sluice_pod *pod, struct sluice_device *device,
			struct sk_buff *skb)
{
	struct net_device *from = skb->dev;

	__skb_pull(skb, ETH_HLEN);
	skb->dev = pod->in;
	if (hand_over(pod, device, skb, from)) {
		this_cpu_inc(device->stats->handed_over);
		return NF_STOLEN;
	}
	skb->dev = from;
	__skb_push(skb, ETH_HLEN);
	return NF_ACCEPT;
}

/* A TCP socket may be locked, and what the receiver sends at once would need it. */
static bool is_datagram(const struct sk_buff *skb)
{
	return skb->sk && sk_fullsock(skb->sk) &&
	       skb->sk->sk_protocol == IPPROTO_UDP;
}

static unsigned int egress_hook(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct sluice_pod *pod = priv;
	struct sluice_device *device;

	if (!is_datagram(skb) || !sluice_xmit_may_cross())
		return NF_ACCEPT;
	device = rcu_dereference(pod->device);
	if (!device || !READ_ONCE(device->opts.fast_path) ||
	    !READ_ONCE(device->opts.pod_side) ||
	    skb_network_offset(skb) != ETH_HLEN || skb_mac_offset(skb) ||
	    !is_free_now(pod, skb->dev))
		return NF_ACCEPT;
	return try(pod, device, skb);
}

/* How many hooks a pod's end has from here; the caller holds rcu_read_lock(). */
u32 sluice_pod_hooks_count(const struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_EGRESS
	const struct nf_hook_entries *hooks;

	hooks = rcu_dereference(dev->nf_hooks_egress);
	if (hooks)
		return hooks->hooks[hooks->num_hook_entries - 1].hook ==
		       egress_hook;
#endif
	return 0;
}

static void free_rcu(struct rcu_head *rcu)
{
	sluice_free(container_of(rcu, struct sluice_pod, rcu));
}

static struct sluice_pod *new_pod(struct sluice_device_table *table,
				  struct net_device *in,
				  struct net_device *peer)
{
	struct sluice_pod *pod = sluice_alloc(sizeof(*pod));

	if (!pod)
		return NULL;
	pod->table = table;
	pod->in = in;
	pod->ops = (struct nf_hook_ops) {
		.hook = egress_hook, .priv = pod, .dev = peer,
		.pf = NFPROTO_NETDEV, .hooknum = NF_NETDEV_EGRESS,
		.priority = INT_MAX,
	};
	return pod;
}

/**
 * sluice_pod_open() - hook the other end of a device
 * @table: attached devices; the caller holds its lock, and the RTNL
 * @in: the node's end
 *
 * Process context, may sleep.
 *
 * Return: for sluice_pod_close(), or NULL if there is no pod, or no memory, of
 * which the kernel log tells.
 */
struct sluice_pod *sluice_pod_open(struct sluice_device_table *table,
				   struct net_device *in)
{
	struct net_device *peer;
	struct sluice_pod *pod;
	int err;

	ASSERT_RTNL();
	rcu_read_lock();
	peer = sluice_veth_peer(in);
	rcu_read_unlock();
	if (!peer || peer->reg_state != NETREG_REGISTERED)
		return NULL;
	pod = new_pod(table, in, peer);
	err = pod ? nf_register_net_hook(dev_net(peer), &pod->ops) : -ENOMEM;
	if (err) {
		netdev_warn(in, "sluice: no hook at the pod's end: %d\n", err);
		sluice_free(pod);
		return NULL;
	}
	mutex_lock(&pods_lock);
	list_add(&pod->list, &pods);
	mutex_unlock(&pods_lock);
	return pod;
}

/* The device is there, as its end is told of under the lock. */
static void unhook(struct sluice_pod *pod)
{
	lockdep_assert_held(&pods_lock);
	if (!pod->ops.dev)
		return;
	nf_unregister_net_hook(dev_net(pod->ops.dev), &pod->ops);
	pod->ops.dev = NULL;
}

/* The caller holds the lock of the table. Process context, may sleep. */
void sluice_pod_close(struct sluice_pod *pod)
{
	sluice_pod_assign(pod, NULL);
	mutex_lock(&pods_lock);
	unhook(pod);
	list_del(&pod->list);
	mutex_unlock(&pods_lock);
	call_rcu(&pod->rcu, free_rcu);
}

/* What holds for the node's end from now on; the caller holds the table's lock. */
void sluice_pod_assign(struct sluice_pod *pod, struct sluice_device *device)
{
	struct sluice_device *old;

	old = rcu_dereference_protected(pod->device,
					lockdep_is_held(&pod->table->lock));
	if (old == device)
		return;
	if (old)
		WRITE_ONCE(old->pods, old->pods - 1);
	if (device)
		WRITE_ONCE(device->pods, device->pods + 1);
	rcu_assign_pointer(pod->device, device);
}

/* Whether the hook is where it belongs; under the RTNL */
bool sluice_pod_is_right(const struct sluice_pod *pod)
{
	bool right;

	ASSERT_RTNL();
	rcu_read_lock();
	right = pod->ops.dev && pod->ops.dev == sluice_veth_peer(pod->in);
	rcu_read_unlock();
	return right;
}

static void end_goes(const struct net_device *dev)
{
	struct sluice_pod *pod;

	mutex_lock(&pods_lock);
	list_for_each_entry(pod, &pods, list)
		if (pod->ops.dev == dev)
			unhook(pod);
	mutex_unlock(&pods_lock);
}

/* A device may be the other end of one whose table wants to know. */
static void end_comes(const struct net_device *dev)
{
	struct sluice_device_table *table;
	struct net_device *peer;

	rcu_read_lock();
	peer = sluice_veth_peer(dev);
	if (peer) {
		table = &sluice_pernet(dev_net(peer))->devices;
		if (READ_ONCE(table->pod_count))
			schedule_work(&table->pods_work);
	}
	rcu_read_unlock();
}

/* Whether a pod's end may be there from now on that was not */
bool sluice_pods_care(unsigned long event)
{
	return event == NETDEV_REGISTER || event == NETDEV_UP ||
	       event == NETDEV_CHANGENAME || event == NETDEV_CHANGEUPPER;
}

/**
 * sluice_pods_follow() - a device comes, goes or changes
 * @event: of the kernel's notifier
 * @dev: device of any namespace
 *
 * Under the RTNL.
 */
void sluice_pods_follow(unsigned long event, struct net_device *dev)
{
	if (event == NETDEV_UNREGISTER)
		end_goes(dev);
	else if (sluice_pods_care(event))
		end_comes(dev);
}
