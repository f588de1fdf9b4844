// SPDX-License-Identifier: GPL-2.0
/*
 * All that is configured: its tables, and transactions; how each part of one
 * goes is in tx.c, identity_tx.c, policy_tx.c and dev_tx.c.
 */
#include "config.h"

/**
 * sluice_config_init() - make the empty tables of a namespace
 * @sn: namespace
 *
 * Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_config_init(struct sluice_net *sn)
{
	int err;

	err = sluice_service_table_init(&sn->services, &sn->cfg_lock);
	if (err)
		return err;
	err = sluice_identity_table_init(&sn->identities, &sn->cfg_lock);
	if (err)
		goto fini_services;
	err = sluice_policy_table_init(&sn->policies, &sn->identities,
				       &sn->cfg_lock);
	if (err)
		goto fini_identities;
	return 0;

fini_identities:
	sluice_identity_table_fini(&sn->identities);
fini_services:
	sluice_service_table_fini(&sn->services);
	return err;
}

/* The tables are empty and no reader is left; process context, may sleep. */
void sluice_config_fini(struct sluice_net *sn)
{
	sluice_policy_table_fini(&sn->policies);
	sluice_identity_table_fini(&sn->identities);
	sluice_service_table_fini(&sn->services);
}

/*
 * Leave nothing but bound devices, which are there whether the namespace is
 * active or not; cannot fail. The caller holds the configuration lock, and no
 * packet looks at the tables any more.
 */
void sluice_config_delete_all(struct sluice_net *sn)
{
	sluice_tx_delete_all(&sn->services);
	sluice_policy_delete_all(&sn->policies);
	sluice_identity_delete_all(&sn->identities);
}

void sluice_config_begin(struct sluice_config_tx *tx, struct sluice_net *sn)
{
	tx->sn = sn;
	tx->judges_anew = false;
	sluice_tx_begin(&tx->services, &sn->services);
	sluice_identity_tx_begin(&tx->identities, &sn->identities,
				 tx->services.revision);
	sluice_policy_tx_begin(&tx->policies, &sn->policies,
			       tx->services.revision);
	sluice_device_tx_begin(&tx->devices, &sn->devices);
}

/**
 * sluice_config_commit() - make the changes visible
 * @tx: transaction, all parts of which are prepared
 *
 * What has gone is still there until sluice_config_end(), to be told of.
 */
void sluice_config_commit(struct sluice_config_tx *tx)
{
	if (tx->identities.changed || tx->policies.changed ||
	    tx->judges_anew) {
		WRITE_ONCE(tx->sn->policy_since, tx->services.revision);
		tx->services.changed = true;
	}
	sluice_device_tx_commit(&tx->devices);
	sluice_tx_commit(&tx->services);
}

/**
 * sluice_config_judge_anew() - have all flows judged once more
 * @sn: namespace; the caller holds the configuration lock
 *
 * By what the policy depends on but is not told of. Process context.
 */
void sluice_config_judge_anew(struct sluice_net *sn)
{
	struct sluice_config_tx tx;

	sluice_config_begin(&tx, sn);
	tx.judges_anew = true;
	sluice_config_commit(&tx);
	sluice_config_end(&tx);
}

/* Let go of what is over, and have its flows ended; @tx is committed. */
void sluice_config_end(struct sluice_config_tx *tx)
{
	sluice_device_tx_end(&tx->devices);
	sluice_policy_tx_end(&tx->policies);
	sluice_identity_tx_end(&tx->identities);
	sluice_tx_end(&tx->services);
	if (tx->services.ends_flows)
		sluice_flow_gc_kick(&tx->sn->flows);
}

/* Give up: everything is as it was before; @tx is not committed. */
void sluice_config_abort(struct sluice_config_tx *tx)
{
	sluice_device_tx_abort(&tx->devices);
	sluice_policy_tx_abort(&tx->policies);
	sluice_identity_tx_abort(&tx->identities);
	sluice_tx_abort(&tx->services);
}
