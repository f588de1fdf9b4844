/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of a transaction that is about rules.
 */
#ifndef _SLUICE_POLICY_TX_H
#define _SLUICE_POLICY_TX_H

#include "policy_table.h"

/**
 * struct sluice_policy_tx - changes under way
 * @table: what they change
 * @revision: from which packets see them
 * @rules: those they have to do with, in this order
 * @peers: those whose rules they change
 * @policies: those of subjects they have to do with
 * @rule_count: rules, as far as the transaction has come
 * @only_named: what is not named from now on is to go
 * @changed: the revision has to be raised; known once it is prepared
 */
struct sluice_policy_tx {
	struct sluice_policy_table *table;
	unsigned long revision;
	struct list_head rules;
	struct list_head peers;
	struct list_head policies;
	u32 rule_count;
	bool only_named;
	bool changed;
};

/* From begin to end or abort under the configuration lock. */
void sluice_policy_tx_begin(struct sluice_policy_tx *tx,
			    struct sluice_policy_table *table,
			    unsigned long revision);
int sluice_policy_tx_prepare(struct sluice_policy_tx *tx);
void sluice_policy_tx_end(struct sluice_policy_tx *tx);
void sluice_policy_tx_abort(struct sluice_policy_tx *tx);

/* What there is as far as the transaction has come; NULL if nothing. */
struct sluice_policy_rule *
sluice_policy_tx_find_rule(struct sluice_policy_tx *tx,
			   const struct sluice_policy_key *key);

int sluice_policy_tx_rule_new(struct sluice_policy_tx *tx,
			      const struct sluice_policy_rule_cfg *cfg);
void sluice_policy_tx_rule_del(struct sluice_policy_tx *tx,
			       struct sluice_policy_rule *rule);
struct sluice_policy_opts sluice_policy_tx_opts(struct sluice_policy_tx *tx,
						u32 subject);
int sluice_policy_tx_set_opts(struct sluice_policy_tx *tx, u32 subject,
			      const struct sluice_policy_opts *opts);
bool sluice_policy_tx_opts_changed(const struct sluice_policy_tx *tx,
				   const struct sluice_policy *policy);
void sluice_policy_tx_flush(struct sluice_policy_tx *tx);
void sluice_policy_tx_replace_all(struct sluice_policy_tx *tx);
void sluice_policy_delete_all(struct sluice_policy_table *table);

#endif
