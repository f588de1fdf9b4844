/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pods' ends of attached devices, hooked where pods send.
 */
#ifndef _SLUICE_DEV_POD_H
#define _SLUICE_DEV_POD_H

#include "dev.h"

struct sluice_pod;

struct sluice_pod *sluice_pod_open(struct sluice_device_table *table,
				   struct net_device *in);
void sluice_pod_close(struct sluice_pod *pod);
void sluice_pod_assign(struct sluice_pod *pod, struct sluice_device *device);
u32 sluice_pod_hooks_count(const struct net_device *dev);
bool sluice_pod_is_right(const struct sluice_pod *pod);
bool sluice_pods_care(unsigned long event);
void sluice_pods_follow(unsigned long event, struct net_device *dev);

#endif
