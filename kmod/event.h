/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events on their way from the data path to the netlink group "events".
 *
 * The data path only puts a small record in a ring; a work item sends what is
 * there ten times a second. That bounds the cost of a flood of drops: what
 * finds the ring full is counted as lost.
 */
#ifndef _SLUICE_EVENT_H
#define _SLUICE_EVENT_H

#include <linux/if.h>
#include <linux/kfifo.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "policy.h"
#include "stats.h"
#include "tuple.h"

#define SLUICE_EVENT_RING	64
#define SLUICE_EVENT_DELAY	(HZ / 10)

/**
 * struct sluice_event - something happened to a packet or a flow
 * @tuple: of the packet, or of the flow's original direction
 * @type: what happened
 * @reason: why, for %SLUICE_EVENT_TYPE_DROP, and for %SLUICE_EVENT_TYPE_AUDIT
 *	if it is not the policy
 * @blame: who denies it, if the policy does, its direction 0 otherwise; in the
 *	queue the rule is referenced
 * @device: that a spoofed packet has come from; empty otherwise
 */
struct sluice_event {
	struct sluice_tuple tuple;
	enum sluice_event_type type;
	enum sluice_drop_reason reason;
	struct sluice_blame blame;
	char device[IFNAMSIZ];
};

/**
 * struct sluice_event_queue - events of one namespace not yet sent
 * @lock: guards the writing side of @ring; taken with bottom halves off
 * @ring: read by @send alone
 * @send: empties the ring; given by the netlink layer
 * @stats: where lost events are counted
 */
struct sluice_event_queue {
	spinlock_t lock;
	DECLARE_KFIFO(ring, struct sluice_event, SLUICE_EVENT_RING);
	struct delayed_work send;
	struct sluice_stats __percpu *stats;
};

void sluice_event_queue_init(struct sluice_event_queue *q, work_func_t send,
			     struct sluice_stats __percpu *stats);
void sluice_event_queue_fini(struct sluice_event_queue *q);
void sluice_event_add(struct sluice_event_queue *q,
		      const struct sluice_event *event);
bool sluice_event_get(struct sluice_event_queue *q, struct sluice_event *event);
void sluice_event_put(const struct sluice_event *event);

#endif
