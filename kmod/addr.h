/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The node's addresses.
 */
#ifndef _SLUICE_ADDR_H
#define _SLUICE_ADDR_H

#include <linux/atomic.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct net;
struct sluice_net;
struct sluice_ranges;

/**
 * struct sluice_addr_watch - waits for addresses of one namespace to come and go
 * @generation: rises when one has, or may have
 * @work: ends the flows that had those that went
 * @lock: guards @over
 * @over: @work is not queued any more
 */
struct sluice_addr_watch {
	atomic_t generation;
	struct work_struct work;
	spinlock_t lock;
	bool over;
};

void sluice_addr_watch_init(struct sluice_addr_watch *watch);
void sluice_addr_watch_fini(struct sluice_addr_watch *watch);
u32 sluice_addr_generation(const struct sluice_net *sn, u8 family);
bool sluice_addr_any_allowed(struct net *net, u8 family,
			     const struct sluice_ranges *ranges);
int sluice_addr_init(void);
void sluice_addr_fini(void);

#endif
