/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Identities for tests, without a network namespace around them.
 */
#ifndef _SLUICE_TESTS_IDENTITY_TABLES_H
#define _SLUICE_TESTS_IDENTITY_TABLES_H

#include <kunit/test.h>
#include <linux/mutex.h>

#include "../identity_tx.h"

/**
 * struct identity_tables - identities
 * @table: the table
 * @tx: transaction under way
 * @lock: of @table, held
 * @revision: that of packets
 */
struct identity_tables {
	struct sluice_identity_table table;
	struct sluice_identity_tx tx;
	struct mutex lock;
	unsigned long revision;
};

int identity_tables_init(struct identity_tables *t);
void identity_tables_fini(struct identity_tables *t);

/* Of suites that need no more: identities are test->priv */
int identity_suite_init(struct kunit *test);
void identity_suite_exit(struct kunit *test);

struct sluice_prefix prefix4(u32 addr, u8 len);
void identity_begin(struct identity_tables *t);
int identity_new(struct identity_tables *t, u32 addr, u8 len, u32 number);
void identity_finish(struct kunit *test, struct identity_tables *t);
void identity_add_random(struct kunit *test, u8 family, u32 from, u32 to);
void identity_expect_nothing(struct kunit *test, struct identity_tables *t);

#endif
