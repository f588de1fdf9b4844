// SPDX-License-Identifier: GPL-2.0
/*
 * A network namespace comes, gets services, loses them, goes.
 */
#include <linux/log2.h>
#include <linux/module.h>

#include "config.h"
#include "decide.h"
#include "hooks.h"
#include "net.h"
#include "nl.h"

static unsigned int flow_buckets;
module_param(flow_buckets, uint, 0444);
MODULE_PARM_DESC(flow_buckets, "hash buckets for flows in each namespace with services, rounded up to a power of two; 0 (default): half the limit of flows at the time of the first service");

#define FLOW_BUCKETS_MAX	(1U << 23)

unsigned int sluice_net_id;

/*
 * At the limit there are four nodes in a bucket; the search for a flow to
 * evict counts on buckets not being almost all empty then.
 */
static u32 bucket_count(const struct sluice_flow_settings *settings)
{
	u32 buckets = flow_buckets ?: settings->limit / 2;

	return roundup_pow_of_two(clamp_t(u32, buckets, SLUICE_FLOW_LOCKS,
					  FLOW_BUCKETS_MAX));
}

static int flows_init(struct sluice_net *sn,
		      const struct sluice_flow_settings *settings)
{
	sn->flows.ends = sluice_decide_ends;
	sn->flows.tell = sluice_nl_flow_tell;
	sn->flows.settings = &sn->settings;
	sn->flows.stats = sn->stats;
	sn->flows.events = &sn->events;
	return sluice_flow_table_init(&sn->flows, bucket_count(settings));
}

/* Hooks are gone and a grace period has passed. */
static void tables_fini(struct sluice_net *sn)
{
	sluice_config_delete_all(sn);
	sluice_flow_table_fini(&sn->flows);
	sluice_path_table_fini(&sn->paths);
	sluice_affinity_fini(&sn->affinity);
	sluice_config_fini(sn);
}

static int open_doors(struct sluice_net *sn)
{
	int err = sluice_hooks_register(sn->net);

	if (!err)	/* the tables are ready; pairs with sluice_net_is_open() */
		smp_store_release(&sn->open, true);
	return err;
}

/* Somebody may be inside until a grace period has passed. */
static void close_doors(struct sluice_net *sn)
{
	WRITE_ONCE(sn->open, false);
	sluice_hooks_unregister(sn->net);
}

/**
 * sluice_net_activate() - get ready for a first service, identity or rule, or
 * for egress
 * @sn: namespace; the caller holds the configuration lock
 * @settings: that will hold; the table of flows is made for their limit
 *
 * A namespace with none of them has no tables and no hooks.
 *
 * Return: 0 or -errno; 0 if it was ready already.
 */
int sluice_net_activate(struct sluice_net *sn,
			const struct sluice_flow_settings *settings)
{
	int err;

	lockdep_assert_held(&sn->cfg_lock);
	if (sn->active)
		return 0;

	err = sluice_config_init(sn);
	if (err)
		return err;
	err = sluice_path_table_init(&sn->paths, sn->net);
	if (err)
		goto fini_config;
	err = flows_init(sn, settings);
	if (err)
		goto fini_paths;
	err = open_doors(sn);
	if (err)
		goto fini_flows;

	sn->active = true;
	sn->used = true;
	return 0;

fini_flows:
	sluice_flow_table_fini(&sn->flows);
fini_paths:
	sluice_path_table_fini(&sn->paths);
fini_config:
	sluice_config_fini(sn);
	return err;
}

static bool is_idle(const struct sluice_net *sn)
{
	return !sn->services.service_count && !sn->identities.entry_count &&
	       xa_empty(&sn->policies.policies) && !sn->node.egress_masquerade &&
	       !sn->devices.fast_count;
}

/**
 * sluice_net_deactivate_if_idle() - give everything back once it is not needed
 * @sn: namespace; the caller holds the configuration lock
 *
 * Waits for a grace period if the last object is gone.
 */
void sluice_net_deactivate_if_idle(struct sluice_net *sn)
{
	lockdep_assert_held(&sn->cfg_lock);
	if (!sn->active || !is_idle(sn))
		return;

	sn->active = false;
	close_doors(sn);
	synchronize_net();
	tables_fini(sn);
}

static int __net_init net_init(struct net *net)
{
	struct sluice_net *sn = sluice_pernet(net);

	sn->stats = alloc_percpu(struct sluice_stats);
	if (!sn->stats)
		return -ENOMEM;

	sn->net = net;
	sn->generation = 1;	/* zero means no dump yet */
	sn->last_fold = jiffies - HZ;
	mutex_init(&sn->cfg_lock);
	sn->services.lock = &sn->cfg_lock;
	sn->identities.lock = &sn->cfg_lock;
	sn->policies.lock = &sn->cfg_lock;
	sn->settings = sluice_flow_default_settings;
	sluice_affinity_init(&sn->affinity);
	sluice_addr_watch_init(&sn->addresses);
	sluice_device_table_init(&sn->devices, net, &sn->cfg_lock);
	sluice_event_queue_init(&sn->events, sluice_nl_event_send, sn->stats);
	return 0;
}

/* Ahead of the grace period that comes before net_exit(). */
static void __net_exit net_pre_exit(struct net *net)
{
	struct sluice_net *sn = sluice_pernet(net);

	mutex_lock(&sn->cfg_lock);
	if (sn->active)
		close_doors(sn);
	mutex_unlock(&sn->cfg_lock);
	sluice_addr_watch_fini(&sn->addresses);
	sluice_device_delete_all(&sn->devices);
}

static void __net_exit net_exit(struct net *net)
{
	struct sluice_net *sn = sluice_pernet(net);

	mutex_lock(&sn->cfg_lock);
	if (sn->active)
		tables_fini(sn);
	sn->active = false;
	mutex_unlock(&sn->cfg_lock);

	/* Backends may hold routes, which must not outlive the namespace. */
	if (sn->used)
		rcu_barrier();

	sluice_ranges_put(rcu_dereference_raw(sn->node.port_addresses));
	sluice_ranges_put(rcu_dereference_raw(sn->node.pods));
	sluice_event_queue_fini(&sn->events);
	free_percpu(sn->stats);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit = net_exit,
	.id = &sluice_net_id,
	.size = sizeof(struct sluice_net),
};

int __init sluice_net_init(void)
{
	return register_pernet_subsys(&net_ops);
}

void sluice_net_fini(void)
{
	unregister_pernet_subsys(&net_ops);
}
