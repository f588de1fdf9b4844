// SPDX-License-Identifier: GPL-2.0
/*
 * Transactions of all that is configured: how each part goes is in tx.c,
 * identity.c and policy_tx.c.
 */
#include "config.h"

void sluice_config_begin(struct sluice_config_tx *tx, struct sluice_net *sn)
{
	tx->sn = sn;
	tx->judges_anew = false;
	sluice_tx_begin(&tx->services, &sn->services);
	sluice_identity_tx_begin(&tx->identities, &sn->identities,
				 tx->services.revision);
	sluice_policy_tx_begin(&tx->policies, &sn->policies,
			       tx->services.revision);
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
	sluice_tx_commit(&tx->services);
}

/* Let go of what is over; @tx is committed. */
void sluice_config_end(struct sluice_config_tx *tx)
{
	sluice_policy_tx_end(&tx->policies);
	sluice_identity_tx_end(&tx->identities);
	sluice_tx_end(&tx->services);
}

/* Give up: everything is as it was before; @tx is not committed. */
void sluice_config_abort(struct sluice_config_tx *tx)
{
	sluice_policy_tx_abort(&tx->policies);
	sluice_identity_tx_abort(&tx->identities);
	sluice_tx_abort(&tx->services);
}
