/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A struct sluice_net for tests, with tables but without a network namespace
 * around it. The functions take the configuration lock.
 */
#ifndef _SLUICE_TESTS_TABLES_H
#define _SLUICE_TESTS_TABLES_H

#include <kunit/test.h>

#include "../backend.h"
#include "../config.h"
#include "../net.h"
#include "../sched.h"
#include "../tx.h"

int test_tables_init(struct sluice_net *sn);
int test_tables_init_flows(struct sluice_net *sn, u32 buckets);
void test_tables_fini(struct sluice_net *sn);

struct sluice_l4addr test_addr(u32 number);

void test_tx_begin(struct sluice_net *sn, struct sluice_tx *tx);
int test_tx_finish(struct sluice_net *sn, struct sluice_tx *tx, int err);
void test_config_begin(struct sluice_net *sn, struct sluice_config_tx *tx);
int test_config_prepare(struct sluice_config_tx *tx);
int test_config_finish(struct sluice_config_tx *tx, int err);
int test_service_new(struct sluice_net *sn,
		     const struct sluice_service_cfg *cfg);
int test_backend_new(struct sluice_net *sn, struct sluice_service *service,
		     const struct sluice_backend_cfg *cfg);

struct sluice_service *test_service_find(struct sluice_net *sn,
					 const struct sluice_l4addr *addr);
struct sluice_service *test_service_add(struct kunit *test,
					struct sluice_net *sn,
					const struct sluice_l4addr *addr,
					u8 scheduler);
void test_service_set_scheduler(struct kunit *test, struct sluice_net *sn,
				struct sluice_service *service, u8 scheduler);
void test_service_del(struct sluice_net *sn, struct sluice_service *service);
void test_service_flush(struct sluice_net *sn);

struct sluice_backend *test_backend_find(struct sluice_net *sn,
					 struct sluice_service *service,
					 const struct sluice_l4addr *addr);
struct sluice_backend *test_backend_add(struct kunit *test,
					struct sluice_net *sn,
					struct sluice_service *service,
					const struct sluice_l4addr *addr,
					u32 weight, u8 state);
void test_backend_set(struct kunit *test, struct sluice_net *sn,
		      struct sluice_backend *backend, u32 weight, u8 state);
void test_backend_del(struct kunit *test, struct sluice_net *sn,
		      struct sluice_backend *backend);
void test_backend_flush(struct kunit *test, struct sluice_net *sn,
			struct sluice_service *service);

bool test_has_endpoint(struct sluice_net *sn, const struct sluice_l4addr *addr);
const struct sluice_picker *test_picker(struct sluice_net *sn,
					struct sluice_service *service);
struct sluice_backend *test_choose(struct sluice_net *sn,
				   struct sluice_service *service,
				   const struct sluice_tuple *tuple,
				   bool local);

struct sluice_tuple test_tuple(u32 number, u8 proto);
struct sluice_flow *test_flow_alloc(struct kunit *test,
				    struct sluice_backend *backend,
				    const struct sluice_tuple *orig,
				    const struct sluice_tuple *reply);
struct sluice_flow *test_flow_add(struct kunit *test, struct sluice_net *sn,
				  struct sluice_backend *backend, u32 orig,
				  u32 reply, u8 proto);
struct sluice_flow *test_flow_find(struct sluice_net *sn, u32 number, u8 proto);
void test_flow_touch(struct sluice_net *sn, struct sluice_flow *flow,
		     enum sluice_dir dir, const char *flags, unsigned int len);
bool test_flow_unlink(struct sluice_net *sn, struct sluice_flow *flow);
void test_flow_gc(struct sluice_net *sn);

#endif
