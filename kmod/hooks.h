/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The netfilter doors.
 */
#ifndef _SLUICE_HOOKS_H
#define _SLUICE_HOOKS_H

#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>

int sluice_hooks_register(struct net *net);
void sluice_hooks_unregister(struct net *net);
bool sluice_hooks_are_alone(const struct net *net, u8 pf);
bool sluice_hooks_are_any(const struct net *net, u8 pf);
bool sluice_hooks_are_alone_bridged(const struct net *net, u32 own);

/* Those of a family, by place; @pf: NFPROTO_IPV4 or _IPV6, or AF_INET or AF_INET6 */
static inline struct nf_hook_entries __rcu *const *
sluice_hooks_of(const struct net *net, u8 pf)
{
	return pf == NFPROTO_IPV4 ? net->nf.hooks_ipv4 : net->nf.hooks_ipv6;
}

/* Whether there are any ahead of routing */
static inline bool sluice_hooks_are_ahead(const struct net *net, u8 pf)
{
	return rcu_access_pointer(sluice_hooks_of(net, pf)[NF_INET_PRE_ROUTING]);
}

/* How many there are in one place; the caller holds rcu_read_lock(). */
static inline u32
sluice_hooks_count(struct nf_hook_entries __rcu *const *hook)
{
	const struct nf_hook_entries *entries = rcu_dereference(*hook);

	return entries ? entries->num_hook_entries : 0;
}

/* Where a device receives; sluice's own is one of them. Likewise. */
static inline u32 sluice_hooks_count_ingress(const struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_INGRESS
	return sluice_hooks_count(&dev->nf_hooks_ingress);
#else
	return 0;
#endif
}

/* Whether nobody else has one where an attached device receives. Likewise. */
static inline bool sluice_hooks_are_alone_at(const struct net_device *dev)
{
	return sluice_hooks_count_ingress(dev) == 1;
}

/**
 * sluice_hooks_mind() - whether others have hooks that must not be left out
 * @net: namespace, active
 * @dev: attached device; others' hooks there come after sluice's own
 * @protocol: of a packet that it has received, IPv4 or IPv6
 * @skipped: the administrator has said that they may
 *
 * The caller holds rcu_read_lock(). Inline, because every packet comes by.
 */
static __always_inline bool sluice_hooks_mind(const struct net *net,
					      const struct net_device *dev,
					      __be16 protocol, bool skipped)
{
	u8 pf = protocol == htons(ETH_P_IP) ? NFPROTO_IPV4 : NFPROTO_IPV6;

	return !skipped && (!sluice_hooks_are_alone_at(dev) ||
			    !sluice_hooks_are_alone(net, pf));
}

#endif
