/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ports: the devices that have a hook where they receive.
 */
#ifndef _SLUICE_DEV_PORT_H
#define _SLUICE_DEV_PORT_H

#include "dev.h"

struct sk_buff;

/* Both under the lock of the table. */
int sluice_ports_open(struct sluice_device_table *table,
		      const struct sluice_device *device);
void sluice_ports_settle(struct sluice_device_table *table,
			 const struct sluice_device *device);

struct sluice_device *sluice_port_device(const struct net_device *dev);
bool sluice_port_would_stop(const struct sluice_device *device,
			    struct sk_buff *skb);

void sluice_ports_settle_pods(struct work_struct *work);

int sluice_ports_init(void);
void sluice_ports_fini(void);

#endif
