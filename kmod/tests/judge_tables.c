// SPDX-License-Identifier: GPL-2.0
/*
 * What suites about the policy's judgements share.
 */
#include "judge_tables.h"

#define BUCKETS		256

/* ------------------------------------------------------------- configuration */

void judge_begin(struct judge_test *t, struct sluice_config_tx *tx)
{
	test_config_begin(&t->sn, tx);
}

void judge_finish(struct kunit *test, struct sluice_config_tx *tx, int err)
{
	KUNIT_EXPECT_EQ(test, test_config_finish(tx, err), 0);
}

static struct sluice_identity_cfg entry_of(u32 number)
{
	return (struct sluice_identity_cfg) {
		.prefix = { .addr = test_addr(number).addr,
			    .family = AF_INET, .len = 32 },
		.number = number,
	};
}

void judge_add_identity(struct kunit *test, const struct sluice_identity_cfg *cfg)
{
	struct sluice_config_tx tx;

	judge_begin(test->priv, &tx);
	judge_finish(test, &tx, sluice_identity_tx_new(&tx.identities, cfg));
}

void judge_give_identity(struct kunit *test, u32 number)
{
	struct sluice_identity_cfg cfg = entry_of(number);

	judge_add_identity(test, &cfg);
}

void judge_take_identity(struct kunit *test, u32 number)
{
	struct sluice_identity_cfg cfg = entry_of(number);
	struct sluice_config_tx tx;

	judge_begin(test->priv, &tx);
	sluice_identity_tx_del(&tx.identities,
			       sluice_identity_tx_find(&tx.identities,
						       &cfg.prefix, number));
	judge_finish(test, &tx, 0);
}

/* What the server says of the client, or the client of the server */
struct sluice_policy_rule_cfg judge_rule_of(u8 dir, u8 action)
{
	bool in = dir == INGRESS;

	return (struct sluice_policy_rule_cfg) {
		.key = { .subject = in ? SERVER : CLIENT,
			 .peer = in ? CLIENT : SERVER,
			 .dir = dir, .tier = SLUICE_POLICY_TIER_NORMAL,
			 .any = SLUICE_POLICY_ANY_PROTO, .last = U16_MAX },
		.action = action, .cookie = 42,
	};
}

void judge_add_rule(struct kunit *test, const struct sluice_policy_rule_cfg *cfg)
{
	struct sluice_config_tx tx;

	judge_begin(test->priv, &tx);
	judge_finish(test, &tx, sluice_policy_tx_rule_new(&tx.policies, cfg));
}

void judge_set_rule(struct kunit *test, u8 dir, u8 action)
{
	struct sluice_policy_rule_cfg cfg = judge_rule_of(dir, action);

	judge_add_rule(test, &cfg);
}

void judge_delete_rule(struct kunit *test, u8 dir)
{
	struct sluice_policy_rule_cfg cfg = judge_rule_of(dir, ALLOW);
	struct sluice_config_tx tx;

	judge_begin(test->priv, &tx);
	sluice_policy_tx_rule_del(&tx.policies,
				  sluice_policy_tx_find_rule(&tx.policies,
							     &cfg.key));
	judge_finish(test, &tx, 0);
}

void judge_set_opts(struct kunit *test, u32 subject,
		    struct sluice_policy_opts opts)
{
	struct sluice_config_tx tx;

	judge_begin(test->priv, &tx);
	judge_finish(test, &tx, sluice_policy_tx_set_opts(&tx.policies, subject,
							  &opts));
}

/* The service of that number has the server behind it. */
void judge_add_service(struct kunit *test)
{
	struct judge_test *t = test->priv;
	struct sluice_l4addr addr = test_addr(SERVICE), to = test_addr(SERVER);
	struct sluice_service *service;

	service = test_service_add(test, &t->sn, &addr, SLUICE_SCHEDULER_RR);
	test_backend_add(test, &t->sn, service, &to, 1,
			 SLUICE_BACKEND_STATE_ACTIVE);
}

/* -------------------------------------------------------------------- packets */

struct sluice_pkt judge_packet(u32 from, u32 to, const char *flags)
{
	struct sluice_l4addr src = test_addr(from), dst = test_addr(to);

	return (struct sluice_pkt) {
		.tuple = { .src = src.addr, .sport = htons(40000),
			   .dst = dst.addr, .dport = dst.port,
			   .family = AF_INET, .proto = IPPROTO_TCP },
		.syn = strchr(flags, 'S'), .ack = strchr(flags, 'A'),
		.rst = strchr(flags, 'R'),
	};
}

struct sluice_pkt judge_answer_to(const struct sluice_pkt *pkt)
{
	struct sluice_pkt answer = { .ack = true };

	sluice_tuple_invert(&answer.tuple, &pkt->tuple);
	return answer;
}

/* The flow is only to be looked at: the cases are alone. */
enum sluice_drop_reason judge_decide(struct kunit *test,
				     const struct sluice_pkt *pkt,
				     struct sluice_verdict *verdict)
{
	struct judge_test *t = test->priv;

	rcu_read_lock();
	sluice_decide(&t->sn, pkt, SLUICE_DOOR_ENTRY, verdict);
	rcu_read_unlock();
	return verdict->reason;
}

enum sluice_drop_reason judge_send(struct kunit *test, u32 from, u32 to,
				   const char *flags)
{
	struct sluice_pkt pkt = judge_packet(from, to, flags);
	struct sluice_verdict verdict;

	return judge_decide(test, &pkt, &verdict);
}

struct sluice_flow *judge_open_flow(struct kunit *test, u32 from, u32 to)
{
	struct sluice_pkt pkt = judge_packet(from, to, "S");
	struct sluice_verdict verdict;

	KUNIT_ASSERT_EQ(test, judge_decide(test, &pkt, &verdict), SLUICE_DROP_NONE);
	KUNIT_ASSERT_NOT_NULL(test, verdict.node);
	return sluice_flow_of(verdict.node);
}

int judge_flow_count(struct kunit *test)
{
	struct judge_test *t = test->priv;

	return atomic_read(&t->sn.flows.count);
}

/* For a suite whose @t is the beginning of what it works on */
int judge_test_setup(struct kunit *test, struct judge_test *t)
{
	int err;

	err = test_tables_init(&t->sn) ?:
	      test_tables_init_flows(&t->sn, BUCKETS);
	if (err)
		return err;
	t->sn.flows.ends = sluice_decide_ends;
	test->priv = t;
	judge_give_identity(test, CLIENT);
	judge_give_identity(test, SERVER);
	return 0;
}

int judge_test_init(struct kunit *test)
{
	struct judge_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	return t ? judge_test_setup(test, t) : -ENOMEM;
}

void judge_test_exit(struct kunit *test)
{
	struct judge_test *t = test->priv;

	if (t)
		test_tables_fini(&t->sn);
}
