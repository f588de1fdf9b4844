/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way out of the node, for packets that do not go by the stack.
 */
#ifndef _SLUICE_XMIT_H
#define _SLUICE_XMIT_H

#include <net/gso.h>

#include "fallback.h"
#include "path.h"
#include "tick.h"

struct sk_buff;

/**
 * enum sluice_xmit_how - how a packet is sent
 * @SLUICE_XMIT_NOT: it is not
 * @SLUICE_XMIT_DELIVER: to the pod's sockets
 * @SLUICE_XMIT_IN_PLACE: the pod receives it in place of the device it has come
 *	in by
 * @SLUICE_XMIT_RECEIVE: the pod's device receives it, so that whoever listens
 *	there hears of it
 * @SLUICE_XMIT_QUEUE: it is queued to the device
 */
enum sluice_xmit_how {
	SLUICE_XMIT_NOT = 1,
	SLUICE_XMIT_DELIVER,
	SLUICE_XMIT_IN_PLACE,
	SLUICE_XMIT_RECEIVE,
	SLUICE_XMIT_QUEUE,
};

/**
 * struct sluice_xmit - how one packet is sent
 * @path: by which way; there until rcu_read_unlock(), as is the rest
 * @route: the node's
 * @input: the pod's, of %SLUICE_XMIT_DELIVER
 * @how: &enum sluice_xmit_how
 * @clean: it has nothing left of another namespace
 */
struct sluice_xmit {
	const struct sluice_path *path;
	struct dst_entry *route;
	struct dst_entry *input;
	u8 how;
	bool clean;
};

/* Beside how: packets have been in the hands of tc */
#define SLUICE_XMIT_HANDLED	BIT(7)

u8 sluice_xmit_ask(struct sluice_path *path, const struct net_device *in);
bool sluice_xmit_is_free(const struct net_device *from,
			 const struct net_device *in, u32 own);
bool sluice_xmit_may_cross(void);
void sluice_xmit_cross(const struct sluice_xmit *xmit, struct sk_buff *skb,
		       struct net_device *from);
void sluice_xmit_loop(struct sk_buff *skb, struct net_device *lo,
		      struct dst_entry *input, u8 family);
unsigned int sluice_xmit_send(const struct sluice_xmit *xmit,
			      struct sk_buff *skb);

static __always_inline u8 sluice_xmit_how_now(struct sluice_path *path,
					      const struct net_device *in)
{
	u8 how = sluice_tick_answer(&path->asked);

	return likely(how) ? how : sluice_xmit_ask(path, in);
}

/**
 * sluice_xmit_may() - whether packets may go by a path
 * @path: path; the caller holds rcu_read_lock()
 * @in: device that they come in by
 *
 * Softirq.
 */
static inline bool sluice_xmit_may(struct sluice_path *path,
				   const struct net_device *in)
{
	return sluice_xmit_how_now(path, in) != SLUICE_XMIT_NOT;
}

static __always_inline bool sluice_xmit_fits(const struct sluice_path *path,
					     const struct sk_buff *skb)
{
	return skb->len <= path->mtu ||
	       (skb_is_gso(skb) &&
		skb_gso_validate_network_len(skb, path->mtu));
}

/* What only the packet knows */
static __always_inline u8 sluice_xmit_how_to_send(struct sluice_xmit *xmit,
						  struct sk_buff *skb, u8 how)
{
	const struct sluice_path *path = xmit->path;

	if (unlikely(how == SLUICE_XMIT_QUEUE || skb->mac_len != ETH_HLEN))
		return SLUICE_XMIT_QUEUE;
	if (how != SLUICE_XMIT_DELIVER)
		return how;
	xmit->input = sluice_route_get(&path->input, path->key.family);
	return likely(xmit->input && !skb_zcopy(skb)) ? SLUICE_XMIT_DELIVER :
							SLUICE_XMIT_RECEIVE;
}

/**
 * sluice_xmit_prepare() - find out how a packet is to be sent
 * @xmit: filled in
 * @path: by which way; good
 * @skb: packet, as it was received
 *
 * Softirq; the caller holds rcu_read_lock() until after sluice_xmit_send().
 * Inline, because every packet comes by.
 *
 * Return: %SLUICE_FALLBACK_NONE, or why it must go by the stack.
 */
static __always_inline enum sluice_fallback
sluice_xmit_prepare(struct sluice_xmit *xmit, struct sluice_path *path,
		    struct sk_buff *skb)
{
	u8 how = sluice_xmit_how_now(path, skb->dev);

	xmit->path = path;
	xmit->route = READ_ONCE(path->route.dst);
	if (how == SLUICE_XMIT_NOT || !xmit->route)
		return SLUICE_FALLBACK_ROUTE;
	if (!sluice_xmit_fits(path, skb))
		return SLUICE_FALLBACK_MTU;
	xmit->clean = path->clean && !(how & SLUICE_XMIT_HANDLED);
	xmit->how = sluice_xmit_how_to_send(xmit, skb,
					    how & ~SLUICE_XMIT_HANDLED);
	return SLUICE_FALLBACK_NONE;
}

#endif
