// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a connection may go past all doors.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "decide.h"
#include "dev_port.h"
#include "flow.h"
#include "local_ask.h"
#include "net.h"
#include "path.h"
#include "veth.h"

/* The node's end of a veth device, if the namespace is behind it */
static struct net_device *device_to(struct net *net, int ifindex, u64 netns)
{
	struct net_device *in = dev_get_by_index_rcu(net, ifindex);
	struct net_device *from = in ? sluice_veth_peer(in) : NULL;

	return from && dev_net(from)->net_cookie == netns ? in : NULL;
}

/* What comes by the device is asked about, and may have this source. */
static bool is_own(const struct net_device *in, const struct sluice_tuple *tuple)
{
	const struct sluice_device *device = sluice_port_device(in);

	return device && READ_ONCE(device->opts.fast_path) &&
	       sluice_ranges_let(rcu_dereference(device->addresses),
				 tuple->family, &tuple->src);
}

static enum sluice_sock_result result_of(enum sluice_fate fate)
{
	switch (fate) {
	case SLUICE_FATE_GOES_ON:
		return SLUICE_SOCK_ALLOWED;
	case SLUICE_FATE_DENIED:
		return SLUICE_SOCK_DENIED;
	default:
		return SLUICE_SOCK_UNKNOWN;
	}
}

/* Of a flow between two pods; nothing comes of it but that the flow is used. */
static enum sluice_sock_result ask(struct sluice_net *sn,
				   struct sluice_flow_node *node,
				   const struct sluice_tuple *tuple)
{
	struct sluice_verdict verdict = {};
	struct sluice_pkt pkt = { .tuple = *tuple };
	enum sluice_fate fate;

	fate = sluice_decide_fate(sn, node, &pkt, &verdict);
	if (fate == SLUICE_FATE_GOES_ON)
		sluice_flow_keep(&sn->flows, sluice_flow_of_wire(node));
	return result_of(fate);
}

static enum sluice_sock_result ask_in(struct sluice_net *sn,
				      const struct sluice_tuple *tuple,
				      u64 netns, u64 *peer_netns)
{
	const struct net_device *in;
	struct sluice_flow_node *node;
	struct sluice_path *path;

	node = sluice_flow_lookup(&sn->flows, tuple, SLUICE_DOOR_ENTRY);
	if (!node || sluice_flow_is_one_sided(sluice_flow_of_wire(node)))
		return SLUICE_SOCK_UNKNOWN;
	path = sluice_flow_path(sluice_flow_of_wire(node), node->dir);
	if (!path || !sluice_path_is_good(path) ||
	    path->kind != SLUICE_PATH_KIND_POD)
		return SLUICE_SOCK_UNKNOWN;
	in = device_to(sn->net, path->key.iif, netns);
	if (!in || !is_own(in, tuple))
		return SLUICE_SOCK_UNKNOWN;
	*peer_netns = dev_net(path->peer)->net_cookie;
	return ask(sn, node, tuple);
}

/**
 * sluice_local_ask() - whether a connection of a pod may go past all doors
 * @tuple: as the pod sends it
 * @netns: cookie of the pod's namespace
 * @peer_netns: set to that of the pod it goes to, unless that is not known
 *
 * All is asked that the doors would ask about a packet of it, by the rules that
 * hold now. No namespace is told, as pods do not know their node's: those that
 * have tables are tried. Process context, or softirqs.
 *
 * Return: %SLUICE_SOCK_UNKNOWN also in other contexts, and of what never crossed
 * an attached device, or does not go from one pod to another.
 */
enum sluice_sock_result sluice_local_ask(const struct sluice_tuple *tuple,
					 u64 netns, u64 *peer_netns)
{
	enum sluice_sock_result result = SLUICE_SOCK_UNKNOWN;
	struct sluice_net *sn;
	struct net *net;

	if (in_hardirq() || in_nmi() || irqs_disabled())
		return SLUICE_SOCK_UNKNOWN;
	local_bh_disable();
	rcu_read_lock();
	for_each_net_rcu(net) {
		sn = sluice_pernet(net);
		if (!sn || !sluice_net_is_open(sn))
			continue;
		result = ask_in(sn, tuple, netns, peer_netns);
		if (result != SLUICE_SOCK_UNKNOWN)
			break;
	}
	rcu_read_unlock();
	local_bh_enable();
	return result;
}
