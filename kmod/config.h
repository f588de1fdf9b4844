/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that is configured: its tables, and transactions with one revision for
 * all of it.
 */
#ifndef _SLUICE_CONFIG_H
#define _SLUICE_CONFIG_H

#include "dev_tx.h"
#include "identity_tx.h"
#include "net.h"
#include "policy_tx.h"
#include "tx.h"

/**
 * struct sluice_config_tx - a transaction under way
 * @sn: namespace
 * @services: its part that is about services and backends; its revision is that
 *	of all parts
 * @identities: about identities
 * @policies: about rules and subjects
 * @devices: about bound devices
 * @judges_anew: a setting of the policy changes
 */
struct sluice_config_tx {
	struct sluice_net *sn;
	struct sluice_tx services;
	struct sluice_identity_tx identities;
	struct sluice_policy_tx policies;
	struct sluice_device_tx devices;
	bool judges_anew;
};

int sluice_config_init(struct sluice_net *sn);
void sluice_config_fini(struct sluice_net *sn);
void sluice_config_delete_all(struct sluice_net *sn);

/*
 * From begin to end or abort under the configuration lock; between begin and
 * commit each part is prepared.
 */
void sluice_config_begin(struct sluice_config_tx *tx, struct sluice_net *sn);
void sluice_config_commit(struct sluice_config_tx *tx);
void sluice_config_judge_anew(struct sluice_net *sn);
void sluice_config_end(struct sluice_config_tx *tx);
void sluice_config_abort(struct sluice_config_tx *tx);

#endif
