/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transactions: changes of services and backends, all of them or none.
 */
#ifndef _SLUICE_TX_H
#define _SLUICE_TX_H

#include <linux/list.h>
#include <linux/types.h>

#include "backend.h"
#include "service.h"

struct netlink_ext_ack;

/**
 * struct sluice_tx - a transaction under way
 * @table: what it changes
 * @revision: that of the changes, once committed
 * @services: those it has to do with, in this order
 * @backends: likewise
 * @refused: the service for which sluice_tx_prepare() has failed
 * @only_named: services not named from now on are to go
 * @changed: there is something to commit
 * @ends_flows: once committed: something that has flows goes or is down
 */
struct sluice_tx {
	struct sluice_service_table *table;
	unsigned long revision;
	struct list_head services;
	struct list_head backends;
	const struct sluice_service *refused;
	bool only_named;
	bool changed;
	bool ends_flows;
};

/* From begin to end or abort under the configuration lock. */
void sluice_tx_begin(struct sluice_tx *tx, struct sluice_service_table *table);
int sluice_tx_prepare(struct sluice_tx *tx, struct netlink_ext_ack *extack);
void sluice_tx_commit(struct sluice_tx *tx);
void sluice_tx_end(struct sluice_tx *tx);
void sluice_tx_abort(struct sluice_tx *tx);

/* What there is as far as the transaction has come; NULL if nothing. */
struct sluice_service *sluice_tx_find_service(struct sluice_tx *tx,
					      const struct sluice_l4addr *addr);
struct sluice_backend *sluice_tx_find_backend(struct sluice_tx *tx,
					      struct sluice_service *service,
					      const struct sluice_l4addr *addr);

int sluice_tx_service_new(struct sluice_tx *tx,
			  const struct sluice_service_cfg *cfg);
void sluice_tx_service_del(struct sluice_tx *tx,
			   struct sluice_service *service);
void sluice_tx_service_flush(struct sluice_tx *tx);
void sluice_tx_replace_all(struct sluice_tx *tx);
int sluice_tx_backend_new(struct sluice_tx *tx, struct sluice_service *service,
			  const struct sluice_backend_cfg *cfg,
			  struct netlink_ext_ack *extack);
void sluice_tx_backend_del(struct sluice_tx *tx,
			   struct sluice_backend *backend);
void sluice_tx_backend_flush(struct sluice_tx *tx,
			     struct sluice_service *service);
void sluice_tx_backend_replace_all(struct sluice_tx *tx,
				   struct sluice_service *service);
void sluice_tx_delete_all(struct sluice_service_table *table);

/* The following are for what a transaction has touched. */

static inline bool sluice_tx_is_born(const struct sluice_tx *tx,
				     const struct sluice_service *service)
{
	return service->since == tx->revision;
}

static inline bool sluice_tx_is_gone(const struct sluice_service *service)
{
	return service->until != SLUICE_REVISION_NEVER;
}

#endif
