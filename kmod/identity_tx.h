/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes of identities, all of them or none.
 */
#ifndef _SLUICE_IDENTITY_TX_H
#define _SLUICE_IDENTITY_TX_H

#include <linux/list.h>
#include <linux/types.h>

#include "identity.h"
#include "idset.h"

/**
 * struct sluice_identity_tx - a transaction under way
 * @table: what it changes
 * @revision: that of the changes
 * @entries: first of those it has to do with, or NULL; see &struct
 *	sluice_identity_entry.next
 * @last: where the next one of them is put
 * @places: where identities may change
 * @draft: of the set of one of these
 * @only_named: entries not named from now on are to go
 * @changed: packets could see a difference; from sluice_identity_tx_prepare()
 */
struct sluice_identity_tx {
	struct sluice_identity_table *table;
	unsigned long revision;
	struct sluice_identity_entry *entries;
	struct sluice_identity_entry **last;
	struct list_head places;
	struct sluice_idset_draft draft;
	bool only_named;
	bool changed;
};

/* From begin to end or abort under the configuration lock. */
void sluice_identity_tx_begin(struct sluice_identity_tx *tx,
			      struct sluice_identity_table *table,
			      unsigned long revision);
int sluice_identity_tx_prepare(struct sluice_identity_tx *tx);
void sluice_identity_tx_end(struct sluice_identity_tx *tx);
void sluice_identity_tx_abort(struct sluice_identity_tx *tx);

/* What there is as far as the transaction has come; NULL if nothing. */
struct sluice_identity_entry *
sluice_identity_tx_find(struct sluice_identity_tx *tx,
			const struct sluice_prefix *prefix, u32 number);

bool sluice_identity_same_prefix(const struct sluice_prefix *a,
				 const struct sluice_prefix *b);
bool sluice_identity_is_part(const struct sluice_prefix *part,
			     const struct sluice_prefix *prefix);
int sluice_identity_tx_new(struct sluice_identity_tx *tx,
			   const struct sluice_identity_cfg *cfg);
void sluice_identity_tx_del(struct sluice_identity_tx *tx,
			    struct sluice_identity_entry *entry);
void sluice_identity_tx_flush(struct sluice_identity_tx *tx);
void sluice_identity_tx_replace_all(struct sluice_identity_tx *tx);
void sluice_identity_delete_all(struct sluice_identity_table *table);

#endif
