// SPDX-License-Identifier: GPL-2.0
/*
 * Which sockets have the short-cut.
 */
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/mptcp.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#include "local.h"
#include "local_sock.h"

/**
 * DOC: Sockets that have the short-cut
 *
 * TCP gives a segment to IP by a function of a table that each socket points to.
 * A socket that gets the short-cut points to a copy of its table, in which that
 * function is another one. There are as many copies as there are tables, one for
 * each family, and nothing is kept of a socket but that pointer.
 *
 * A tracepoint of the kernel tells of sockets that change their state, under
 * their lock. One that gets established gets the copy, one that closes gets its
 * own table back, so that none that listens has a copy, which its children would
 * inherit. The tracepoint is in use as long as anybody wants the short-cut.
 *
 * When nobody does any more, no socket gets a copy from then on, and all that have
 * one are looked for and get their tables back. One that is just closing is not
 * found any more, and has not said so yet: the tracepoint is left only when all who
 * may have been at that have gone on, which they do without sleeping.
 *
 * A socket of IPv6 may be made one of IPv4 (IPV6_ADDRFORM), and loses its copy
 * without anybody being told. So nothing counts on how many there are.
 */

/**
 * struct table - a copy of a table of sockets' operations
 * @ops: the copy
 * @base: of what; NULL: none yet; written under tables_lock, once
 */
struct table {
	struct inet_connection_sock_af_ops ops;
	const struct inet_connection_sock_af_ops *base;
};

/* IPv4, IPv6, and IPv4 by sockets of IPv6 */
static struct table tables[3];
static DEFINE_SPINLOCK(tables_lock);

static DEFINE_MUTEX(holds_lock);
static unsigned int holds;		/* holds_lock */
static struct tracepoint *watched;	/* likewise; NULL: none is */
static bool diverting;			/* likewise to write */

static bool is_copy(const struct inet_connection_sock_af_ops *ops)
{
	const void *p = ops;

	return p >= (void *)tables && p < (void *)(tables + ARRAY_SIZE(tables));
}

static struct table *table_of(const struct sock *sk)
{
	const struct inet_connection_sock_af_ops *ops;

	ops = READ_ONCE(inet_csk(sk)->icsk_af_ops);
	return is_copy(ops) ? container_of(ops, struct table, ops) : NULL;
}

static u8 family_of(const struct inet_connection_sock_af_ops *ops)
{
	return ops->net_header_len == sizeof(struct iphdr) ? AF_INET : AF_INET6;
}

/*
 * A process owns the socket, and does not hold its spin lock, as it does where it
 * releases it and TCP sends what has been put off.
 */
static bool is_at_leisure(const struct sock *sk)
{
	return !in_softirq() && !irqs_disabled() &&
	       sock_owned_by_user_nocheck(sk);
}

/* What TCP calls instead of ip_queue_xmit() or inet6_csk_xmit() */
static int queue_xmit(struct sock *sk, struct sk_buff *skb, struct flowi *fl)
{
	const struct table *table = table_of(sk);

	if (is_at_leisure(sk) &&
	    sluice_local_send(sk, skb, family_of(&table->ops)))
		return 0;
	return table->base->queue_xmit(sk, skb, fl);
}

static struct table *copy(const struct inet_connection_sock_af_ops *base)
{
	struct table *table;

	for (table = tables; table < tables + ARRAY_SIZE(tables); table++) {
		if (table->base == base)
			return table;
		if (table->base)
			continue;
		table->ops = *base;
		table->ops.queue_xmit = queue_xmit;
		smp_store_release(&table->base, base);
		return table;
	}
	return NULL;
}

/* NULL: somebody else has sockets of his own kind, and there are too many. */
static struct table *copy_of(const struct inet_connection_sock_af_ops *base)
{
	struct table *table;

	for (table = tables; table < tables + ARRAY_SIZE(tables); table++)
		if (smp_load_acquire(&table->base) == base)
			return table;
	spin_lock_bh(&tables_lock);
	table = copy(base);
	spin_unlock_bh(&tables_lock);
	return table;
}

/* The socket is locked. */
static void divert(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct table *table = copy_of(icsk->icsk_af_ops);

	if (table)
		WRITE_ONCE(icsk->icsk_af_ops, &table->ops);
}

/* Likewise */
static void give_back(struct sock *sk)
{
	struct table *table = table_of(sk);

	if (table)
		WRITE_ONCE(inet_csk(sk)->icsk_af_ops, table->base);
}

static bool is_wanted(struct sock *sk)
{
	bool wanted;

	rcu_read_lock();
	wanted = sluice_local_wants(sk, family_of(inet_csk(sk)->icsk_af_ops));
	rcu_read_unlock();
	return wanted;
}

/* Tells of all sockets of the node, locked. */
static void state_changes(void *data, const struct sock *socket,
			  const int old, const int new)
{
	struct sock *sk = (struct sock *)socket;

	if (sk->sk_protocol != IPPROTO_TCP || !sk_fullsock(sk))
		return;
	if (new == TCP_CLOSE)
		give_back(sk);
	else if (new == TCP_ESTABLISHED && READ_ONCE(diverting) &&
		 !sk_is_mptcp(sk) && !table_of(sk) && is_wanted(sk))
		divert(sk);
}

/* ----------------------------------------------------------------- the way back */

static bool is_diverted(const struct sock *sk)
{
	return sk_fullsock(sk) && sk->sk_protocol == IPPROTO_TCP &&
	       table_of(sk);
}

/* One of a chain that has a copy, with a reference, or NULL */
static struct sock *find_diverted(const struct inet_hashinfo *info,
				  unsigned int chain)
{
	struct hlist_nulls_node *node;
	struct sock *sk;

	rcu_read_lock();
again:
	sk_nulls_for_each_rcu(sk, node, &info->ehash[chain].chain) {
		if (!is_diverted(sk) || !refcount_inc_not_zero(&sk->sk_refcnt))
			continue;
		rcu_read_unlock();
		return sk;
	}
	if (get_nulls_value(node) != chain)
		goto again;	/* led into another one */
	rcu_read_unlock();
	return NULL;
}

static void give_back_hashed(const struct inet_hashinfo *info)
{
	unsigned int i;
	struct sock *sk;

	for (i = 0; i <= info->ehash_mask; i++) {
		while ((sk = find_diverted(info, i))) {
			lock_sock(sk);
			give_back(sk);
			release_sock(sk);
			sock_put(sk);
		}
		cond_resched();
	}
}

/* A namespace that has a table of its own; with a reference */
struct owner {
	struct list_head list;
	struct net *net;
};

static bool has_own_table(const struct net *net)
{
	return net->ipv4.tcp_death_row.hashinfo !=
	       init_net.ipv4.tcp_death_row.hashinfo;
}

/* Somebody may keep a socket locked: nobody else is to wait for that. */
static void list_owners(struct list_head *owners)
{
	struct owner *owner;
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net) {
		if (!has_own_table(net) || !maybe_get_net(net))
			continue;
		owner = kmalloc(sizeof(*owner), GFP_KERNEL | __GFP_NOFAIL);
		owner->net = net;
		list_add_tail(&owner->list, owners);
	}
	up_read(&net_rwsem);
}

static void give_all_back(void)
{
	struct owner *owner, *next;
	LIST_HEAD(owners);

	give_back_hashed(init_net.ipv4.tcp_death_row.hashinfo);
	list_owners(&owners);
	list_for_each_entry_safe(owner, next, &owners, list) {
		give_back_hashed(owner->net->ipv4.tcp_death_row.hashinfo);
		put_net(owner->net);
		kfree(owner);
	}
}

/* -------------------------------------------------------------- the tracepoint */

static void match_tracepoint(struct tracepoint *tracepoint, void *found)
{
	if (!strcmp(tracepoint->name, "inet_sock_set_state"))
		*(struct tracepoint **)found = tracepoint;
}

static int watch(void)
{
	struct tracepoint *tracepoint = NULL;
	int err;

	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		return -EOPNOTSUPP;
	for_each_kernel_tracepoint(match_tracepoint, &tracepoint);
	if (!tracepoint)
		return -EOPNOTSUPP;
	err = tracepoint_probe_register(tracepoint, state_changes, NULL);
	if (!err)
		watched = tracepoint;
	return err;
}

/* Whether sockets get no copies from now on, as nobody wants them to */
static bool stop_diverting(void)
{
	bool stopped;

	mutex_lock(&holds_lock);
	stopped = watched && !holds;
	if (stopped)
		WRITE_ONCE(diverting, false);
	mutex_unlock(&holds_lock);
	return stopped;
}

/* Unless somebody has wanted it meanwhile */
static void leave_tracepoint(void)
{
	mutex_lock(&holds_lock);
	if (watched && !diverting) {
		tracepoint_probe_unregister(watched, state_changes, NULL);
		watched = NULL;
	}
	mutex_unlock(&holds_lock);
	tracepoint_synchronize_unregister();
}

static void unwatch_if_unused(struct work_struct *work)
{
	if (!IS_ENABLED(CONFIG_TRACEPOINTS) || !stop_diverting())
		return;
	tracepoint_synchronize_unregister();	/* no more copies */
	give_all_back();
	synchronize_rcu();			/* those who are closing, */
	synchronize_rcu_tasks();		/* in softirqs and in tasks */
	leave_tracepoint();
}

static DECLARE_WORK(unwatch_work, unwatch_if_unused);

/**
 * sluice_local_hold() - have sockets watched
 *
 * Until sluice_local_count(-1). Process context, may sleep.
 *
 * Return: 0, -EOPNOTSUPP if the kernel does not tell of sockets, or -errno.
 */
int sluice_local_hold(void)
{
	int err = 0;

	mutex_lock(&holds_lock);
	if (!watched)
		err = watch();
	if (!err) {
		WRITE_ONCE(diverting, true);
		holds++;
	}
	mutex_unlock(&holds_lock);
	return err;
}

/**
 * sluice_local_count() - somebody more, or less, has sockets watched
 * @more: 1 or -1; 1 only while somebody has already
 *
 * Process context, may sleep.
 */
void sluice_local_count(int more)
{
	mutex_lock(&holds_lock);
	holds += more;
	if (!holds)
		queue_work(system_long_wq, &unwatch_work);
	mutex_unlock(&holds_lock);
}

/* Nobody wants the short-cut any more. A task may be reading a copy still. */
void sluice_local_fini(void)
{
	flush_work(&unwatch_work);
	synchronize_rcu_tasks();
}
