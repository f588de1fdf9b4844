/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Paths: by which way packets between two addresses leave the node.
 */
#ifndef _SLUICE_PATH_H
#define _SLUICE_PATH_H

#include <linux/if_ether.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/refcount.h>
#include <net/dst.h>
#include <net/ip6_fib.h>
#include <net/route.h>

struct sk_buff;

/**
 * struct sluice_path_key - what a path is chosen by
 * @src: source that packets are routed with
 * @dst: destination, likewise
 * @from: source that packets leave with
 * @iif: index of the device they come in by
 * @family: AF_INET or AF_INET6
 * @tos: type of service or traffic class, of which the bits that ask for
 *	congestion control are none
 * @zero: always zero, fills the last word
 */
struct sluice_path_key {
	union nf_inet_addr src;
	union nf_inet_addr dst;
	union nf_inet_addr from;
	int iif;
	u8 family;
	u8 tos;
	u16 zero;
};

static_assert(sizeof(struct sluice_path_key) == 56);

/**
 * struct sluice_route - a route that is kept
 * @dst: with a reference; NULL if there is none, or not any more
 * @cookie: for dst_check()
 * @changes: of its namespace when it was looked up, see
 *	sluice_route_changes()
 */
struct sluice_route {
	struct dst_entry *dst;
	u32 cookie;
	u32 changes;
};

/**
 * struct sluice_path_use - that a path has a device
 * @node: among the uses of devices of one hash
 * @dev: without a reference, as the path dies before it goes; NULL: none
 * @path: it belongs to
 */
struct sluice_path_use {
	struct hlist_node node;
	struct net_device *dev;
	struct sluice_path *path;
};

enum sluice_path_use_of {
	SLUICE_PATH_IN,
	SLUICE_PATH_OUT,
	SLUICE_PATH_PEER,
	SLUICE_PATH_PORT,
	SLUICE_PATH_USES,
};

/**
 * struct sluice_path - by which way packets leave
 * @key: by which it was chosen
 * @kind: &enum sluice_path_kind
 * @clean: the device they come in by is a veth device, behind which packets
 *	have nothing left of another namespace unless tc gives it to them
 * @asked: who listens on the way, and when that was asked; see xmit.c
 * @asked_frames: likewise, whether frames may be redirected; see xmit_frame.c
 * @asked_segments: likewise, whether sockets may hand over segments; see local.c
 * @dead: one of its devices, or what is asked of sources, has changed
 * @strictness: how sources were checked, see sluice_path_strictness()
 * @again: when it has to be found anew, in jiffies, as there may be a better way
 *	by then: a pod may have an address, or an IPsec policy be gone; 0: never
 * @mac: of %SLUICE_PATH_KIND_POD destination and source of a frame there
 * @mtu: of the route
 * @out: device
 * @port: if that is a bridge, the port behind which the destination is, as far as
 *	that is known
 * @peer: of %SLUICE_PATH_KIND_POD the other end, in the pod, of the port or of
 *	the device
 * @route: the node's
 * @input: of %SLUICE_PATH_KIND_POD the pod's own, to its sockets
 * @table: it belongs to
 * @refs: of the table and of flows
 * @uses: its devices, by &enum sluice_path_use_of
 * @rcu: for the deferred freeing
 *
 * Constant but for what is asked, @dead, the routes, which go when it dies, and
 * @refs.
 */
struct sluice_path {
	struct sluice_path_key key;
	u8 kind;
	bool clean;
	bool dead;
	u8 strictness;
	u32 again;
	u64 asked;
	u64 asked_frames;
	u64 asked_segments;
	u8 mac[2 * ETH_ALEN];
	unsigned int mtu;
	struct net_device *out;
	struct net_device *port;
	struct net_device *peer;
	struct sluice_route route;
	struct sluice_route input;
	struct sluice_path_table *table;
	refcount_t refs;
	struct sluice_path_use uses[SLUICE_PATH_USES];
	struct rcu_head rcu;
};

/**
 * struct sluice_path_table - paths of a namespace that may be shared by flows
 * @net: the namespace
 * @slots: RCU, exchanged; as many in each bucket as there are ways
 * @seed: of the hash
 * @next: whose place the next path in a full bucket takes; nobody minds who
 *	counts it
 */
struct sluice_path_table {
	struct net *net;
	struct sluice_path __rcu **slots;
	u32 seed;
	u32 next;
};

int sluice_path_init(void);
void sluice_path_fini(void);
int sluice_path_table_init(struct sluice_path_table *table, struct net *net);
void sluice_path_table_fini(struct sluice_path_table *table);
void sluice_path_forget_device(const struct net_device *dev);

struct sluice_path *sluice_path_find(struct sluice_path_table *table,
				     const struct sluice_path_key *key,
				     struct sk_buff *skb);
void sluice_path_put(struct sluice_path *path);

/*
 * How often routes have changed in ways that dst_check() does not see. It asks
 * for the route alone, and for what is beside it in the same table; another one
 * may have become better in a table that is asked earlier, or the nexthop object
 * of the route, or one of its group, been exchanged.
 *
 * The kernel counts after it has made a change. So whoever reads this ahead of a
 * look-up, as sluice_route_changes_before() does, either finds what has changed
 * or sees the count rise later. Each number only rises, and so does the sum.
 * Nobody counts deletions of IPv6 but for show; two at a time from two tables may
 * be one there, which is as good.
 */
static inline u32 sluice_route_changes(const struct net *net, u8 family)
{
	u32 changes = READ_ONCE(net->nexthop.seq);

#if IS_ENABLED(CONFIG_IPV6)
	if (family == AF_INET6)
		changes += rt_genid_ipv6(net) +
			   READ_ONCE(net->ipv6.rt6_stats->fib_discarded_routes);
#endif
	return changes;
}

static inline u32 sluice_route_changes_before(const struct net *net, u8 family)
{
	u32 changes = sluice_route_changes(net, family);

	smp_rmb();	/* the look-up comes later */
	return changes;
}

/* As dst_check() would find, without asking the family for it */
static inline bool sluice_route_is_valid_ipv4(struct dst_entry *dst,
					      const struct net *net)
{
	return READ_ONCE(dst->obsolete) == DST_OBSOLETE_FORCE_CHK &&
	       dst_rtable(dst)->rt_genid == rt_genid_ipv4(net);
}

/**
 * sluice_route_get() - a kept route, if it would still be chosen
 * @route: of a path; the caller holds rcu_read_lock()
 * @family: AF_INET or AF_INET6
 *
 * Return: without a reference, or NULL.
 */
static __always_inline struct dst_entry *
sluice_route_get(const struct sluice_route *route, u8 family)
{
	struct dst_entry *dst = READ_ONCE(route->dst);
	const struct net *net;

	if (!dst)
		return NULL;
	net = dev_net(READ_ONCE(dst->dev));
	if (sluice_route_changes(net, family) != route->changes)
		return NULL;
	if (family == AF_INET)
		return sluice_route_is_valid_ipv4(dst, net) ? dst : NULL;
	return dst_check(dst, route->cookie);
}

/* Whether the node would still choose it; the caller holds rcu_read_lock(). */
static inline bool sluice_path_is_good(const struct sluice_path *path)
{
	return !READ_ONCE(path->dead) &&
	       sluice_route_get(&path->route, path->key.family);
}

static inline bool sluice_path_get(struct sluice_path *path)
{
	return refcount_inc_not_zero(&path->refs);
}

#endif
