/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The node's addresses.
 */
#ifndef _SLUICE_ADDR_H
#define _SLUICE_ADDR_H

#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct net;
struct sluice_ranges;

/**
 * struct sluice_addr_watch - waits for addresses of one namespace to go
 * @work: ends the flows that had them
 * @lock: guards @over
 * @over: @work is not queued any more
 */
struct sluice_addr_watch {
	struct work_struct work;
	spinlock_t lock;
	bool over;
};

void sluice_addr_watch_init(struct sluice_addr_watch *watch);
void sluice_addr_watch_fini(struct sluice_addr_watch *watch);
bool sluice_addr_any_allowed(struct net *net, u8 family,
			     const struct sluice_ranges *ranges);
int sluice_addr_init(void);
void sluice_addr_fini(void);

#endif
