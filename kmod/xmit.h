/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way out of the node, for packets that do not go by the stack.
 */
#ifndef _SLUICE_XMIT_H
#define _SLUICE_XMIT_H

#include "fallback.h"
#include "path.h"

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

bool sluice_xmit_may(struct sluice_path *path, const struct net_device *in);
enum sluice_fallback sluice_xmit_prepare(struct sluice_xmit *xmit,
					 struct sluice_path *path,
					 struct sk_buff *skb);
bool sluice_xmit_is_free(const struct net_device *from,
			 const struct net_device *in);
bool sluice_xmit_may_cross(const struct sk_buff *skb);
void sluice_xmit_cross(const struct sluice_xmit *xmit, struct sk_buff *skb,
		       struct net_device *from);
unsigned int sluice_xmit_send(const struct sluice_xmit *xmit,
			      struct sk_buff *skb);

#endif
