/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All state of one network namespace.
 */
#ifndef _SLUICE_NET_H
#define _SLUICE_NET_H

#include <linux/mutex.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "addr.h"
#include "affinity.h"
#include "dev.h"
#include "event.h"
#include "flow.h"
#include "identity.h"
#include "path.h"
#include "policy_table.h"
#include "service.h"
#include "stats.h"

/**
 * DOC: Locking
 *
 * The configuration lock of a namespace, a mutex taken by netlink, serialises
 * every change of services, backends, identities, rules and settings, and every dump. Packets
 * read all of it under rcu_read_lock() without a lock: a change builds what
 * is new, publishes it by one pointer or one hash node, and frees what is old
 * after a grace period. The flow table has spin locks of its own, one for a
 * group of buckets, taken by insertion and removal in softirq; they nest
 * inside the configuration lock and never the other way. A change that can
 * alter a verdict raises the revision once it is visible; a flow of an older
 * revision is checked again by its next packet.
 */

/**
 * struct sluice_node_settings - what a namespace is to the services
 * @port_addresses: that node ports have; NULL for all but loopback ones; RCU,
 *	written under the configuration lock
 * @pods: addresses of the cluster's pods, or NULL; likewise
 * @port_loopback: node ports have the loopback addresses, too; written under
 *	the configuration lock, read without
 * @egress_masquerade: what pods send to others than pods gets the node's
 *	address; likewise
 * @policy_tcp: &enum sluice_policy_tcp; likewise
 * @policy_node_traffic: &enum sluice_policy_node_traffic; likewise
 * @policy_audit: the policy drops nothing; likewise
 */
struct sluice_node_settings {
	struct sluice_ranges __rcu *port_addresses;
	struct sluice_ranges __rcu *pods;
	bool port_loopback;
	bool egress_masquerade;
	u8 policy_tcp;
	u8 policy_node_traffic;
	bool policy_audit;
};

/**
 * struct sluice_net - one network namespace
 * @net: the namespace
 * @cfg_lock: the configuration lock
 * @active: there are services, identities, rules or egress: tables exist and
 *	hooks are registered; under @cfg_lock
 * @used: has been @active
 * @open: hooks are registered: what comes by no hook may ask the tables, too,
 *	under rcu_read_lock(); see sluice_net_is_open()
 * @generation: rises with each change a dump could show; under @cfg_lock
 * @last_fold: jiffies when counters were last brought up to date; under
 *	@cfg_lock
 * @services: services and backends; usable while @active
 * @identities: identities; likewise
 * @policies: rules; likewise
 * @policy_since: revision of their last change; written under @cfg_lock ahead
 *	of that revision, read without
 * @devices: bound devices; whether @active or not
 * @flows: flow table; usable while @active
 * @paths: by which way packets leave that do not go by the stack; likewise
 * @affinity: which backend clients had last
 * @addresses: of the node
 * @asked_loop: whether sockets may give segments to each other on the loopback
 *	device, by family, and when that was asked; see local.c
 * @settings: outlive @active
 * @node: likewise
 * @stats: per-CPU counters
 * @events: on their way to netlink
 */
struct sluice_net {
	struct net *net;
	struct mutex cfg_lock;
	bool active;
	bool used;
	bool open;
	u32 generation;
	unsigned long last_fold;
	struct sluice_service_table services;
	struct sluice_identity_table identities;
	struct sluice_policy_table policies;
	unsigned long policy_since;
	struct sluice_device_table devices;
	struct sluice_flow_table flows;
	struct sluice_path_table paths;
	struct sluice_affinity_table affinity;
	struct sluice_addr_watch addresses;
	u64 asked_loop[2];
	struct sluice_flow_settings settings;
	struct sluice_node_settings node;
	struct sluice_stats __percpu *stats;
	struct sluice_event_queue events;
};

extern unsigned int sluice_net_id;

static inline struct sluice_net *sluice_pernet(const struct net *net)
{
	return net_generic(net, sluice_net_id);
}

/* Whether the tables may be used until rcu_read_unlock(): by whom no hook calls */
static inline bool sluice_net_is_open(const struct sluice_net *sn)
{
	return smp_load_acquire(&sn->open);	/* pairs with open_doors() */
}

int sluice_net_init(void);
void sluice_net_fini(void);
int sluice_net_activate(struct sluice_net *sn,
			const struct sluice_flow_settings *settings);
void sluice_net_deactivate_if_idle(struct sluice_net *sn);

#endif
