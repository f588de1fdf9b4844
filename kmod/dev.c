// SPDX-License-Identifier: GPL-2.0
/*
 * Attached devices: the hook where they receive, and how it follows them as they
 * come and go.
 */
#include "alloc.h"
#include "dev.h"
#include "drop.h"
#include "net.h"
#include "path.h"
#include "spoof.h"

/**
 * DOC: Attached devices
 *
 * A device is attached by its name, whether it is there or not, so that there
 * is no time at which a device that comes back, and is bound to addresses, may
 * send as it likes. Its hook is that of the device's ingress, ahead of bridges,
 * of VLAN devices and of all that looks at IP, and behind taps, XDP and tc. It
 * asks first who the sender claims to be. Devices that come, go or are
 * renamed are told of by the kernel's notifier under the RTNL. A device that
 * cannot be given its hook does not come, or does not go up.
 */

/* Whether it is gone, as its sender claims another's address */
static noinline bool is_stopped(struct sluice_net *sn,
				struct sluice_device *device,
				const struct sluice_ranges *addresses,
				struct sk_buff *skb)
{
	struct sluice_tuple claim = {};

	if (!sluice_spoof_check(skb, addresses, &claim) ||
	    sluice_drop_spoofed(sn, skb, &claim, device->name) == NF_ACCEPT)
		return false;
	atomic64_inc(&device->drops);
	return true;
}

static unsigned int ingress_hook(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct sluice_net *sn = sluice_pernet(state->net);
	const struct sluice_ranges *addresses;
	struct sluice_device *device = priv;

	addresses = rcu_dereference(device->addresses);
	if (addresses && is_stopped(sn, device, addresses, skb))
		return NF_STOLEN;
	if (!READ_ONCE(device->opts.fast_path))
		return NF_ACCEPT;
	return sluice_ingress(sn, skb, device->stats,
			      READ_ONCE(device->opts.netfilter));
}

static const struct nf_hook_ops ingress_ops = {
	.hook = ingress_hook,
	.pf = NFPROTO_NETDEV,
	.hooknum = NF_NETDEV_INGRESS,
	.priority = INT_MIN,
};

/* It may have the hook already. */
static int attach(struct sluice_device_table *table,
		  struct sluice_device *device, struct net_device *dev)
{
	int err;

	lockdep_assert_held(&table->lock);
	if (device->ifindex)
		return 0;
	device->ops = ingress_ops;
	device->ops.priv = device;
	device->ops.dev = dev;
	err = nf_register_net_hook(table->net, &device->ops);
	if (!err)
		WRITE_ONCE(device->ifindex, dev->ifindex);
	return err;
}

static void detach(struct sluice_device_table *table,
		   struct sluice_device *device)
{
	lockdep_assert_held(&table->lock);
	if (!device->ifindex)
		return;
	nf_unregister_net_hook(table->net, &device->ops);
	WRITE_ONCE(device->ifindex, 0);
}

/*
 * Alternative names do not count: nobody tells when they come and go. Who is
 * being renamed is told of in a moment.
 */
static int attach_by_name(struct sluice_device_table *table,
			  struct sluice_device *device)
{
	struct net_device *dev;
	int err = 0;

	dev = dev_get_by_name(table->net, device->name);
	if (!dev)
		return 0;
	if (!strcmp(dev->name, device->name))
		err = attach(table, device, dev);
	dev_put(dev);
	return err;
}

static bool is_before(struct rb_node *node, const struct rb_node *other)
{
	return strcmp(rb_entry(node, struct sluice_device, node)->name,
		      rb_entry(other, struct sluice_device, node)->name) < 0;
}

static int compare_name(const void *name, const struct rb_node *node)
{
	return strcmp(name, rb_entry(node, struct sluice_device, node)->name);
}

/**
 * sluice_device_find() - find a device, also one that is to be deleted
 * @table: devices; the caller holds a lock of it
 * @name: name
 */
struct sluice_device *sluice_device_find(const struct sluice_device_table *table,
					 const char *name)
{
	struct rb_node *node = rb_find(name, &table->names, compare_name);

	return node ? rb_entry(node, struct sluice_device, node) : NULL;
}

/**
 * sluice_device_next() - go through all devices
 * @table: devices; the caller holds a lock of it
 * @name: of the device before, which may be gone; "" at first
 *
 * Return: the one with the next greater name, or NULL.
 */
struct sluice_device *sluice_device_next(const struct sluice_device_table *table,
					 const char *name)
{
	struct rb_node *node = table->names.rb_node;
	struct sluice_device *next = NULL;

	while (node) {
		if (compare_name(name, node) < 0) {
			next = rb_entry(node, struct sluice_device, node);
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return next;
}

/**
 * sluice_device_lets() - whether a device may send from an address
 * @table: devices; the caller holds the configuration lock
 * @name: of the device
 * @family: AF_INET or AF_INET6
 * @addr: address
 *
 * Return: true also if the device is not attached or bound to none.
 */
bool sluice_device_lets(const struct sluice_device_table *table,
			const char *name, u8 family,
			const union nf_inet_addr *addr)
{
	const struct sluice_device *device = sluice_device_find(table, name);
	const struct sluice_ranges *addresses;

	if (!device)
		return true;
	addresses = rcu_dereference_protected(device->addresses,
					      lockdep_is_held(table->cfg_lock));
	return !addresses || sluice_ranges_match(addresses, family, addr);
}

/**
 * sluice_device_add() - have whatever device of a name get the hook
 * @table: devices; the caller holds the configuration lock
 * @device: new, with a name that none of them has
 *
 * Packets pass until it has addresses. Process context, may sleep.
 *
 * Return: 0, -ENOSPC or -errno.
 */
int sluice_device_add(struct sluice_device_table *table,
		      struct sluice_device *device)
{
	int err;

	lockdep_assert_held(table->cfg_lock);
	if (table->count >= SLUICE_DEVICES_MAX)
		return -ENOSPC;
	mutex_lock(&table->lock);
	err = attach_by_name(table, device);
	if (!err) {
		rb_add(&device->node, &table->names, is_before);
		table->count++;
	}
	mutex_unlock(&table->lock);
	return err;
}

/**
 * sluice_device_remove() - take the hook away
 * @table: devices; the caller holds the configuration lock
 * @device: packets may look at it until a grace period has passed
 */
void sluice_device_remove(struct sluice_device_table *table,
			  struct sluice_device *device)
{
	lockdep_assert_held(table->cfg_lock);
	mutex_lock(&table->lock);
	detach(table, device);
	rb_erase(&device->node, &table->names);
	table->count--;
	mutex_unlock(&table->lock);
}

/**
 * sluice_device_alloc() - a device that nothing is said about yet
 * @name: valid name
 *
 * Process context, may sleep.
 *
 * Return: for sluice_device_free(), or NULL.
 */
struct sluice_device *sluice_device_alloc(const char *name)
{
	struct sluice_device *device = sluice_alloc(sizeof(*device));

	if (!device)
		return NULL;
	strscpy(device->name, name, sizeof(device->name));
	device->stats = alloc_percpu(struct sluice_door_stats);
	if (device->stats)
		return device;
	sluice_free(device);
	return NULL;
}

static void free_rcu(struct rcu_head *rcu)
{
	struct sluice_device *device = container_of(rcu, struct sluice_device,
						    rcu);

	free_percpu(device->stats);
	sluice_free(device);
}

/*
 * @device is in no table; packets have a grace period to look at it. Process
 * context.
 */
void sluice_device_free(struct sluice_device *device)
{
	sluice_ranges_put(rcu_dereference_raw(device->addresses));
	call_rcu(&device->rcu, free_rcu);
}

/* What a device has brought so far, on all processors */
void sluice_device_sum(const struct sluice_device *device,
		       struct sluice_door_stats *sum)
{
	const struct sluice_door_stats *stats;
	u32 reason;
	int cpu;

	*sum = (struct sluice_door_stats) {};
	for_each_possible_cpu(cpu) {
		stats = per_cpu_ptr(device->stats, cpu);
		sum->sent += READ_ONCE(stats->sent);
		for (reason = 1; reason <= SLUICE_FALLBACK_MAX; reason++)
			sum->fallbacks[reason] +=
				READ_ONCE(stats->fallbacks[reason]);
	}
}

/* Process context, may sleep; takes the configuration lock. */
void sluice_device_delete_all(struct sluice_device_table *table)
{
	struct sluice_device *device;
	struct rb_node *node;

	mutex_lock(table->cfg_lock);
	while ((node = rb_first(&table->names))) {
		device = rb_entry(node, struct sluice_device, node);
		sluice_device_remove(table, device);
		sluice_device_free(device);
	}
	table->fast_count = 0;
	mutex_unlock(table->cfg_lock);
}

void sluice_device_table_init(struct sluice_device_table *table,
			      struct net *net, struct mutex *cfg_lock)
{
	table->net = net;
	table->cfg_lock = cfg_lock;
	mutex_init(&table->lock);
	table->names = RB_ROOT;
	table->count = 0;
	table->fast_count = 0;
}

/* A device is there, perhaps under a new name. */
static int device_comes(struct sluice_device_table *table,
			struct net_device *dev)
{
	struct sluice_device *device = sluice_device_find(table, dev->name);

	return device ? attach(table, device, dev) : 0;
}

static void device_goes(struct sluice_device_table *table,
			const struct net_device *dev)
{
	struct sluice_device *device = sluice_device_find(table, dev->name);

	if (device)
		detach(table, device);
}

/* Nobody tells which name it has had. */
static void device_is_renamed(struct sluice_device_table *table,
			      const struct net_device *dev)
{
	struct sluice_device *device;

	sluice_device_for_each(device, table)
		if (device->ifindex == dev->ifindex)
			detach(table, device);
}

static int follow(struct sluice_device_table *table, unsigned long event,
		  struct net_device *dev)
{
	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_PRE_UP:	/* once more, for one that was only moved here */
		return device_comes(table, dev);
	case NETDEV_UNREGISTER:
		device_goes(table, dev);
		return 0;
	case NETDEV_CHANGENAME:
		device_is_renamed(table, dev);
		return device_comes(table, dev);
	default:
		return 0;
	}
}

static int netdevice_event(struct notifier_block *block, unsigned long event,
			   void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct sluice_net *sn = sluice_pernet(dev_net(dev));
	struct sluice_device_table *table = &sn->devices;
	int err;

	sluice_path_forget_device(dev);
	mutex_lock(&table->lock);
	err = follow(table, event, dev);
	mutex_unlock(&table->lock);
	if (err)
		netdev_err(dev, "sluice: not attached: %d\n", err);
	return notifier_from_errno(err);
}

static struct notifier_block netdevice_block = {
	.notifier_call = netdevice_event,
};

/* Namespaces are ready. */
int __init sluice_device_init(void)
{
	return register_netdevice_notifier(&netdevice_block);
}

/* From now on the devices that there are have no hooks. */
void sluice_device_fini(void)
{
	unregister_netdevice_notifier(&netdevice_block);
}
