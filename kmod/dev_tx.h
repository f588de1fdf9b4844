/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes of attached devices, all of them or none.
 */
#ifndef _SLUICE_DEV_TX_H
#define _SLUICE_DEV_TX_H

#include <linux/list.h>

#include "dev.h"

/* Bits of &struct sluice_device_cfg.given */
#define SLUICE_DEVICE_HAS_ADDRESSES	BIT(0)
#define SLUICE_DEVICE_HAS_FAST_PATH	BIT(1)
#define SLUICE_DEVICE_HAS_NETFILTER	BIT(2)
#define SLUICE_DEVICE_HAS_POD_SIDE	BIT(3)
#define SLUICE_DEVICE_HAS_SHORT_CUT	BIT(4)

/**
 * struct sluice_device_cfg - a device as somebody wants it
 * @name: valid name of a device, which need not be there
 * @given: what of the following is
 * @addresses: that it is bound to; none if it is not
 * @opts: what becomes of its packets
 */
struct sluice_device_cfg {
	char name[IFNAMSIZ];
	u32 given;
	struct sluice_prefixes addresses;
	struct sluice_device_opts opts;
};

/**
 * struct sluice_device_tx - a transaction under way
 * @table: what it changes
 * @devices: those it has to do with
 * @holds_local: sockets are watched at least until its end
 */
struct sluice_device_tx {
	struct sluice_device_table *table;
	struct list_head devices;
	bool holds_local;
};

/* From begin to end or abort under the configuration lock. */
void sluice_device_tx_begin(struct sluice_device_tx *tx,
			    struct sluice_device_table *table);
void sluice_device_tx_commit(struct sluice_device_tx *tx);
void sluice_device_tx_end(struct sluice_device_tx *tx);
void sluice_device_tx_abort(struct sluice_device_tx *tx);

/* What there is as far as the transaction has come; NULL if nothing. */
struct sluice_device *sluice_device_tx_find(struct sluice_device_tx *tx,
					    const char *name);

int sluice_device_tx_new(struct sluice_device_tx *tx,
			 const struct sluice_device_cfg *cfg);
void sluice_device_tx_del(struct sluice_device_tx *tx,
			  struct sluice_device *device);
void sluice_device_tx_flush(struct sluice_device_tx *tx);

/* Whether listeners have something to be told, before the end. */
bool sluice_device_tx_is_changed(const struct sluice_device *device);

#endif
