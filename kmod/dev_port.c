// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: the hook where devices receive, and how it follows them as they come
 * and go.
 */
#include <linux/rtnetlink.h>

#include "alloc.h"
#include "dev_pod.h"
#include "dev_port.h"
#include "drop.h"
#include "net.h"
#include "path.h"
#include "spoof.h"

/**
 * DOC: Ports
 *
 * The hook is that of the device's ingress, ahead of bridges, of VLAN devices
 * and of all that looks at IP, and behind taps, XDP and tc. It asks first who
 * the sender claims to be. Devices that come, go or are renamed are told of by
 * the kernel's notifier under the RTNL. A device that cannot be given its hook
 * does not come, or does not go up.
 *
 * A port exists as long as any name fits that of its device, also one that is
 * just being attached or detached by a transaction; which one holds for it is
 * one pointer.
 */

/**
 * struct port - a device that has a hook
 * @node: in &struct sluice_device_table.ports
 * @name: of the device
 * @ifindex: of the device
 * @ops: the hook
 * @device: what holds for it, or NULL; RCU, written under the table's lock
 * @pod: its other end, if that has a hook; the table's lock
 * @rcu: for the deferred freeing
 */
struct port {
	struct rb_node node;
	char name[IFNAMSIZ];
	int ifindex;
	struct nf_hook_ops ops;
	struct sluice_device __rcu *device;
	struct sluice_pod *pod;
	struct rcu_head rcu;
};

/* Whether it is gone, as its sender claims another's address */
static noinline bool is_stopped(struct sluice_net *sn,
				struct sluice_device *device,
				const struct sluice_ranges *addresses,
				struct sk_buff *skb)
{
	struct sluice_tuple claim = {};

	if (!sluice_spoof_check(skb, addresses, &claim) ||
	    sluice_drop_spoofed(sn, skb, &claim, skb->dev->name) == NF_ACCEPT)
		return false;
	atomic64_inc(&device->drops);
	return true;
}

static unsigned int ingress_hook(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	struct sluice_net *sn = sluice_pernet(state->net);
	const struct sluice_ranges *addresses;
	const struct port *port = priv;
	struct sluice_device *device;

	device = rcu_dereference(port->device);
	if (!device)
		return NF_ACCEPT;
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

/**
 * sluice_port_device() - what holds for a device
 * @dev: device; the caller holds rcu_read_lock()
 *
 * For those who come by another way than the hook, which is the first one there.
 *
 * Return: NULL if it is not attached.
 */
struct sluice_device *sluice_port_device(const struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_INGRESS
	const struct nf_hook_entries *hooks;
	const struct port *port;

	hooks = rcu_dereference(dev->nf_hooks_ingress);
	if (hooks && hooks->hooks[0].hook == ingress_hook) {
		port = hooks->hooks[0].priv;
		return rcu_dereference(port->device);
	}
#endif
	return NULL;
}

/**
 * sluice_port_would_stop() - whether a packet claims to be from somebody else
 * @device: what holds for the device; the caller holds rcu_read_lock()
 * @skb: packet, skb->data at its network header
 *
 * It is for the hook to drop it, and to tell of that.
 */
bool sluice_port_would_stop(const struct sluice_device *device,
			    struct sk_buff *skb)
{
	const struct sluice_ranges *addresses;
	struct sluice_tuple claim = {};

	addresses = rcu_dereference(device->addresses);
	return addresses && sluice_spoof_check(skb, addresses, &claim);
}

static struct port *port_of(struct rb_node *node)
{
	return rb_entry_safe(node, struct port, node);
}

static bool is_before(struct rb_node *node, const struct rb_node *other)
{
	return strcmp(port_of(node)->name,
		      rb_entry(other, struct port, node)->name) < 0;
}

static int compare_name(const void *name, const struct rb_node *node)
{
	return strcmp(name, rb_entry(node, struct port, node)->name);
}

static struct port *find_port(const struct sluice_device_table *table,
			      const char *name)
{
	return port_of(rb_find(name, &table->ports, compare_name));
}

static struct sluice_device *device_of(const struct sluice_device_table *table,
				       const struct port *port)
{
	return rcu_dereference_protected(port->device,
					 lockdep_is_held(&table->lock));
}

/* @ifindex: of whom it holds for, or 0 if it does not any more */
static void count(struct sluice_device *device, int ifindex)
{
	if (!device)
		return;
	WRITE_ONCE(device->attached, device->attached + (ifindex ? 1 : -1));
	if (!sluice_device_is_pattern(device))
		WRITE_ONCE(device->ifindex, ifindex);
}

/* What holds for a port from now on; NULL: nothing */
static void assign(const struct sluice_device_table *table, struct port *port,
		   struct sluice_device *device)
{
	struct sluice_device *old = device_of(table, port);

	if (old == device)
		return;
	count(old, 0);
	count(device, port->ifindex);
	rcu_assign_pointer(port->device, device);
	if (port->pod)
		sluice_pod_assign(port->pod, device);
}

static void free_rcu(struct rcu_head *rcu)
{
	sluice_free(container_of(rcu, struct port, rcu));
}

static void close_port(struct sluice_device_table *table, struct port *port)
{
	if (port->pod)
		sluice_pod_close(port->pod);
	port->pod = NULL;
	assign(table, port, NULL);
	rb_erase(&port->node, &table->ports);
	nf_unregister_net_hook(table->net, &port->ops);
	call_rcu(&port->rcu, free_rcu);
}

static struct port *new_port(struct net_device *dev)
{
	struct port *port = sluice_alloc(sizeof(*port));

	if (!port)
		return NULL;
	strscpy(port->name, dev->name, sizeof(port->name));
	port->ifindex = dev->ifindex;
	port->ops = ingress_ops;
	port->ops.priv = port;
	port->ops.dev = dev;
	return port;
}

static int make_port(struct sluice_device_table *table, struct net_device *dev)
{
	struct port *port = new_port(dev);
	int err;

	if (!port)
		return -ENOMEM;
	assign(table, port, sluice_device_best(table, port->name, true));
	err = nf_register_net_hook(table->net, &port->ops);
	if (err) {
		assign(table, port, NULL);
		sluice_free(port);
		return err;
	}
	rb_add(&port->node, &table->ports, is_before);
	return 0;
}

/* It may have its port already, or need none. */
static int open_port(struct sluice_device_table *table, struct net_device *dev)
{
	lockdep_assert_held(&table->lock);
	if (find_port(table, dev->name) ||
	    !sluice_device_best(table, dev->name, false))
		return 0;
	return make_port(table, dev);
}

/* Alternative names do not count: nobody tells when they come and go. */
static int open_by_name(struct sluice_device_table *table, const char *name)
{
	struct net_device *dev = __dev_get_by_name(table->net, name);

	return dev && !strcmp(dev->name, name) ? open_port(table, dev) : 0;
}

/* All that there are: most of them had their ports before. */
static int open_all(struct sluice_device_table *table)
{
	struct net_device *dev;
	int err;

	for_each_netdev(table->net, dev) {
		err = open_port(table, dev);
		if (err)
			return err;
	}
	return 0;
}

/**
 * sluice_ports_open() - have all devices that a name fits get a port
 * @table: devices, @device among them; also under the RTNL
 * @device: a name
 *
 * Process context, may sleep.
 *
 * Return: 0 or -errno; some have one then.
 */
int sluice_ports_open(struct sluice_device_table *table,
		      const struct sluice_device *device)
{
	ASSERT_RTNL();
	return sluice_device_is_pattern(device) ?
	       open_all(table) : open_by_name(table, device->name);
}

static void settle(struct sluice_device_table *table, struct port *port)
{
	struct sluice_device *best;

	best = sluice_device_best(table, port->name, true);
	if (best || sluice_device_best(table, port->name, false))
		assign(table, port, best);
	else
		close_port(table, port);
}

/* The first whose name is not before that */
static struct port *first_from(const struct sluice_device_table *table,
			       const char *name)
{
	struct rb_node *node = table->ports.rb_node;
	struct port *first = NULL;

	while (node) {
		if (compare_name(name, node) <= 0) {
			first = port_of(node);
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return first;
}

static void settle_all(struct sluice_device_table *table,
		       const struct sluice_device *pattern)
{
	size_t len = strlen(pattern->name) - 1;
	struct port *port, *next;
	char prefix[IFNAMSIZ] = "";

	memcpy(prefix, pattern->name, len);
	for (port = first_from(table, prefix);
	     port && !strncmp(port->name, prefix, len); port = next) {
		next = port_of(rb_next(&port->node));
		settle(table, port);
	}
}

/**
 * sluice_ports_settle() - have what holds now hold for devices
 * @table: devices
 * @device: a name that holds now or does not any more; those that it fits are
 *	looked at, and lose their ports if no name fits them
 *
 * Process context, may sleep.
 */
void sluice_ports_settle(struct sluice_device_table *table,
			 const struct sluice_device *device)
{
	struct port *port;

	lockdep_assert_held(&table->lock);
	if (sluice_device_is_pattern(device)) {
		settle_all(table, device);
		return;
	}
	port = find_port(table, device->name);
	if (port)
		settle(table, port);
}

static void settle_pod(struct sluice_device_table *table, struct port *port)
{
	struct sluice_device *device = device_of(table, port);
	bool wanted = device && device->opts.pod_side && device->opts.fast_path;

	if (port->pod && !(wanted && sluice_pod_is_right(port->pod))) {
		sluice_pod_close(port->pod);
		port->pod = NULL;
	}
	if (wanted && !port->pod)
		port->pod = sluice_pod_open(table, port->ops.dev);
	if (port->pod)
		sluice_pod_assign(port->pod, device);
}

/**
 * sluice_ports_settle_pods() - have pods' ends get their hooks, or lose them
 * @work: of the table
 */
void sluice_ports_settle_pods(struct work_struct *work)
{
	struct sluice_device_table *table;
	struct rb_node *node;

	table = container_of(work, struct sluice_device_table, pods_work);
	rtnl_lock();
	mutex_lock(&table->lock);
	for (node = rb_first(&table->ports); node; node = rb_next(node))
		settle_pod(table, port_of(node));
	mutex_unlock(&table->lock);
	rtnl_unlock();
}

static void device_goes(struct sluice_device_table *table, const char *name)
{
	struct port *port = find_port(table, name);

	if (port)
		close_port(table, port);
}

/* Nobody tells which name it has had. */
static struct port *find_port_of(const struct sluice_device_table *table,
				 const struct net_device *dev)
{
	struct rb_node *node;

	for (node = rb_first(&table->ports); node; node = rb_next(node))
		if (port_of(node)->ifindex == dev->ifindex)
			return port_of(node);
	return NULL;
}

/* One that both names fit is at no time without a hook. */
static void device_is_renamed(struct sluice_device_table *table,
			      const struct net_device *dev)
{
	struct port *port = find_port_of(table, dev);

	if (!port)
		return;
	rb_erase(&port->node, &table->ports);
	strscpy(port->name, dev->name, sizeof(port->name));
	rb_add(&port->node, &table->ports, is_before);
	settle(table, port);
}

static int follow(struct sluice_device_table *table, unsigned long event,
		  struct net_device *dev)
{
	switch (event) {
	case NETDEV_REGISTER:
	case NETDEV_PRE_UP:	/* once more, for one that was only moved here */
		return open_port(table, dev);
	case NETDEV_UNREGISTER:
		device_goes(table, dev->name);
		return 0;
	case NETDEV_CHANGENAME:
		device_is_renamed(table, dev);
		return open_port(table, dev);
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
	sluice_pods_follow(event, dev);
	mutex_lock(&table->lock);
	err = follow(table, event, dev);
	if (table->pod_count && sluice_pods_care(event))
		schedule_work(&table->pods_work);
	mutex_unlock(&table->lock);
	if (err)
		netdev_err(dev, "sluice: not attached: %d\n", err);
	return notifier_from_errno(err);
}

static struct notifier_block netdevice_block = {
	.notifier_call = netdevice_event,
};

/* Namespaces are ready. */
int __init sluice_ports_init(void)
{
	return register_netdevice_notifier(&netdevice_block);
}

/* From now on the devices that there are have no hooks. */
void sluice_ports_fini(void)
{
	unregister_netdevice_notifier(&netdevice_block);
}
