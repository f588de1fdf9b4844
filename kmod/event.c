// SPDX-License-Identifier: GPL-2.0
/*
 * Events on their way from the data path to netlink.
 */
#include "event.h"

void sluice_event_queue_init(struct sluice_event_queue *q, work_func_t send,
			     struct sluice_stats __percpu *stats)
{
	spin_lock_init(&q->lock);
	INIT_KFIFO(q->ring);
	INIT_DELAYED_WORK(&q->send, send);
	q->stats = stats;
}

/**
 * sluice_event_queue_fini() - forget events not sent
 * @q: queue to which nobody adds any more
 *
 * Process context, may sleep.
 */
void sluice_event_queue_fini(struct sluice_event_queue *q)
{
	struct sluice_event event;

	cancel_delayed_work_sync(&q->send);
	while (sluice_event_get(q, &event))
		sluice_event_put(&event);
}

/**
 * sluice_event_get() - take the oldest event from a queue
 * @q: queue; there is one reader at a time
 * @event: set to it, for sluice_event_put()
 *
 * Return: false if there is none.
 */
bool sluice_event_get(struct sluice_event_queue *q, struct sluice_event *event)
{
	return kfifo_get(&q->ring, event);
}

/* Release what an event from a queue refers to. */
void sluice_event_put(const struct sluice_event *event)
{
	if (event->blame.rule)
		sluice_policy_rule_put(event->blame.rule);
}

/**
 * sluice_event_add() - queue an event, or count it as lost
 * @q: queue
 * @event: copied
 *
 * Softirq or process context; if it has a rule the caller holds
 * rcu_read_lock().
 */
void sluice_event_add(struct sluice_event_queue *q,
		      const struct sluice_event *event)
{
	unsigned int queued;

	if (event->blame.rule)
		sluice_policy_rule_get(event->blame.rule);
	spin_lock_bh(&q->lock);
	queued = kfifo_put(&q->ring, *event);
	spin_unlock_bh(&q->lock);

	if (!queued) {
		sluice_event_put(event);
		sluice_stat_inc(q->stats, SLUICE_STAT_EVENTS_LOST);
	}
	schedule_delayed_work(&q->send, SLUICE_EVENT_DELAY);
}
