/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For suites about the policy's judgements: a namespace with two addresses that
 * have identities, and packets between them.
 */
#ifndef _SLUICE_TESTS_JUDGE_TABLES_H
#define _SLUICE_TESTS_JUDGE_TABLES_H

#include "../config.h"
#include "../decide.h"
#include "tables.h"

#define ORIG		SLUICE_DIR_ORIG
#define REPLY		SLUICE_DIR_REPLY
#define INGRESS		SLUICE_POLICY_DIRECTION_INGRESS
#define EGRESS		SLUICE_POLICY_DIRECTION_EGRESS
#define ALLOW		SLUICE_POLICY_ACTION_ALLOW
#define DENY		SLUICE_POLICY_ACTION_DENY

/* Numbers of addresses, IPv4, and the identities that they have */
#define CLIENT		100
#define SERVER		200
#define STRANGER	300
#define SERVICE		400

/**
 * struct judge_test - what a case works on
 * @sn: CLIENT and SERVER have identities of their numbers
 */
struct judge_test {
	struct sluice_net sn;
};

void judge_begin(struct judge_test *t, struct sluice_config_tx *tx);
void judge_finish(struct kunit *test, struct sluice_config_tx *tx, int err);
void judge_add_identity(struct kunit *test,
			const struct sluice_identity_cfg *cfg);
void judge_give_identity(struct kunit *test, u32 number);
void judge_take_identity(struct kunit *test, u32 number);
struct sluice_policy_rule_cfg judge_rule_of(u8 dir, u8 action);
void judge_add_rule(struct kunit *test,
		    const struct sluice_policy_rule_cfg *cfg);
void judge_set_rule(struct kunit *test, u8 dir, u8 action);
void judge_delete_rule(struct kunit *test, u8 dir);
void judge_set_opts(struct kunit *test, u32 subject,
		    struct sluice_policy_opts opts);
void judge_add_service(struct kunit *test);
struct sluice_pkt judge_packet(u32 from, u32 to, const char *flags);
struct sluice_pkt judge_answer_to(const struct sluice_pkt *pkt);
enum sluice_drop_reason judge_decide(struct kunit *test,
				     const struct sluice_pkt *pkt,
				     struct sluice_verdict *verdict);
enum sluice_drop_reason judge_send(struct kunit *test, u32 from, u32 to,
				   const char *flags);
struct sluice_flow *judge_open_flow(struct kunit *test, u32 from, u32 to);
int judge_flow_count(struct kunit *test);
int judge_test_setup(struct kunit *test, struct judge_test *t);
int judge_test_init(struct kunit *test);
void judge_test_exit(struct kunit *test);

#endif
