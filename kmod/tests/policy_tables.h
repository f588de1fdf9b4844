/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules and identities for tests, without a network namespace around them.
 */
#ifndef _SLUICE_TESTS_POLICY_TABLES_H
#define _SLUICE_TESTS_POLICY_TABLES_H

#include <kunit/test.h>
#include <linux/in.h>

#include "../alloc.h"
#include "../idset.h"
#include "../policy_tx.h"
#include "policy_oracle.h"

/* How many identities there are, and how many of the first are no subjects. */
#define POLICY_IDENTITIES	6
#define POLICY_NO_SUBJECTS	3

/* Of each set of an address */
#define POLICY_SET_MAX		2

static_assert(POLICY_IDENTITIES - POLICY_NO_SUBJECTS <= ORACLE_SUBJECTS);
static_assert(2 * POLICY_SET_MAX <= ORACLE_NUMBERS);

/**
 * struct policy_tables - rules and identities
 * @lock: the configuration lock
 * @identities: identities
 * @table: rules
 * @tx: transaction under way
 * @revision: what packets load
 * @ids: the identities, by number
 */
struct policy_tables {
	struct mutex lock;
	struct sluice_identity_table identities;
	struct sluice_policy_table table;
	struct sluice_policy_tx tx;
	unsigned long revision;
	struct sluice_identity *ids[POLICY_IDENTITIES];
};

/**
 * struct policy_address - who is behind an address
 * @identities: for sluice_policy_decide()
 * @numbers: for the oracle
 * @sets: room for both sets
 */
struct policy_address {
	struct sluice_identities identities;
	struct oracle_numbers numbers;
	struct sluice_idset *sets[2];
};

int policy_tables_init(struct policy_tables *t);
void policy_tables_fini(struct policy_tables *t);

int policy_address_init(struct kunit *test, struct policy_address *address);
void policy_address_add(struct policy_address *address, u32 set,
			struct sluice_identity *identity);
void policy_address_clear(struct policy_address *address);

void policy_begin(struct policy_tables *t);
int policy_finish(struct policy_tables *t, int err);
void policy_abort(struct policy_tables *t);
int policy_rule_new(struct policy_tables *t,
		    const struct sluice_policy_rule_cfg *cfg);
int policy_set_opts(struct policy_tables *t, u32 subject,
		    const struct sluice_policy_opts *opts);
void policy_flush(struct policy_tables *t);

void policy_ask(const struct policy_address *subject,
		const struct policy_address *peer,
		const struct sluice_policy_question *question,
		unsigned long revision, struct sluice_policy_verdict *verdict);

#endif
