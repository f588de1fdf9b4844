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
	cancel_delayed_work_sync(&q->send);
}

/**
 * sluice_event_add() - queue an event, or count it as lost
 * @q: queue
 * @event: copied
 *
 * Softirq or process context.
 */
void sluice_event_add(struct sluice_event_queue *q,
		      const struct sluice_event *event)
{
	unsigned int queued;

	spin_lock_bh(&q->lock);
	queued = kfifo_put(&q->ring, *event);
	spin_unlock_bh(&q->lock);

	if (!queued)
		sluice_stat_inc(q->stats, SLUICE_STAT_EVENTS_LOST);
	schedule_delayed_work(&q->send, SLUICE_EVENT_DELAY);
}
