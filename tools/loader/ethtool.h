/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Features and queues of devices, by the ioctl of ethtool(8).
 */
#ifndef SLUICE_LOADER_ETHTOOL_H
#define SLUICE_LOADER_ETHTOOL_H

#include "libsluice.h"

/* As the kernel names them; and two that are no features. */
#define RX_QUEUES	"rx-queues"
#define TX_QUEUES	"tx-queues"

#define FEATURE_SIZE	32

int ethtool_get(const char *device, const char *name, uint32_t *value);
int ethtool_set(const char *device, const char *name, uint32_t value,
		struct sluice_error *err);

#endif /* SLUICE_LOADER_ETHTOOL_H */
