// SPDX-License-Identifier: GPL-2.0
/*
 * A transaction of all kinds of objects: whichever allocation of it fails,
 * packets see what they saw before.
 */
#include "../alloc.h"
#include "../frontend.h"
#include "judge_tables.h"

/* More cells than are searched: their map has an index. */
#define PORTS		40
#define PREFIX		70

static const u32 ends[][2] = {
	{ CLIENT, SERVER }, { SERVER, CLIENT },
	{ STRANGER, SERVER }, { SERVER, STRANGER },
};

/**
 * struct view - what a packet between two ends sees
 * @j: what the policy says
 * @service: what there is for the receiver's address
 */
struct view {
	struct sluice_judgement j;
	struct sluice_service *service;
};

#define VIEWS		(ARRAY_SIZE(ends) * 3)

/**
 * struct config_test - what a case works on
 * @judge: first, for what suites about judgements share
 * @before: what is seen before a transaction
 * @after: what is seen after it
 */
struct config_test {
	struct judge_test judge;
	struct view before[VIEWS];
	struct view after[VIEWS];
};

static void look(struct sluice_net *sn, u32 pair, u16 port, struct view *view)
{
	struct sluice_l4addr src = test_addr(ends[pair][0]);
	struct sluice_l4addr dst = test_addr(ends[pair][1]);
	const struct sluice_case c = {
		.src = &src.addr, .dst = &dst.addr, .family = AF_INET,
		.proto = IPPROTO_TCP, .port = port,
	};
	unsigned long revision = sluice_service_table_revision(&sn->services);

	rcu_read_lock();
	sluice_judge(sn, &c, revision, &view->j);
	view->service = sluice_frontend_find(sn, 0, &dst, revision);
	rcu_read_unlock();
}

static void look_at_all(struct config_test *t, struct view *views)
{
	u32 i, port;

	memset(views, 0, sizeof(t->before));
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		for (port = 1; port <= 3; port++)
			look(&t->judge.sn, i, port, views++);
}

static int change_identities(struct sluice_config_tx *tx)
{
	struct sluice_l4addr server = test_addr(SERVER);
	struct sluice_prefix except = {
		.addr = server.addr, .family = AF_INET, .len = 32,
	};
	struct sluice_identity_cfg prefix = {
		.prefix = { .family = AF_INET, .len = 8,
			    .addr.ip = htonl(0x0a000000) },
		.number = PREFIX, .excepts = { .list = &except, .count = 1 },
	};
	struct sluice_l4addr client = test_addr(CLIENT);
	struct sluice_prefix gone = {
		.addr = client.addr, .family = AF_INET, .len = 32,
	};

	sluice_identity_tx_del(&tx->identities,
			       sluice_identity_tx_find(&tx->identities, &gone,
						       CLIENT));
	return sluice_identity_tx_new(&tx->identities, &prefix);
}

static int change_rules(struct sluice_config_tx *tx)
{
	struct sluice_policy_rule_cfg cfg = judge_rule_of(INGRESS, DENY);
	struct sluice_policy_opts opts = { .isolate = BIT(EGRESS), .audit = 1 };
	int err = sluice_policy_tx_rule_new(&tx->policies, &cfg);
	u16 i;

	cfg.key.peer = PREFIX;
	cfg.key.proto = IPPROTO_TCP;
	cfg.key.any = 0;
	cfg.name = "port";
	for (i = 1; i <= PORTS && !err; i++) {
		cfg.key.first = 2 * i;
		cfg.key.last = 2 * i;
		err = sluice_policy_tx_rule_new(&tx->policies, &cfg);
	}
	return err ?: sluice_policy_tx_set_opts(&tx->policies, SERVER, &opts);
}

static int change_services(struct sluice_config_tx *tx)
{
	struct sluice_l4addr stranger = test_addr(STRANGER);
	struct sluice_service_cfg service = {
		.addr = stranger, .opts.scheduler = SLUICE_SCHEDULER_MAGLEV,
		.given = BIT(SLUICE_A_SERVICE_SCHEDULER),
	};
	struct sluice_backend_cfg backend = { .addr = test_addr(SERVER) };

	return sluice_tx_service_new(&tx->services, &service) ?:
	       sluice_tx_backend_new(&tx->services,
				     sluice_tx_find_service(&tx->services,
							    &stranger),
				     &backend, NULL);
}

/* With one allocation failing; whether there were so many. */
static bool change_without(struct kunit *test, u32 number)
{
	struct config_test *t = test->priv;
	struct sluice_config_tx tx;
	int err;

	judge_begin(&t->judge, &tx);
	sluice_alloc_fail_at = number;
	err = change_identities(&tx) ?: change_rules(&tx) ?:
	      change_services(&tx) ?: test_config_prepare(&tx);
	if (err) {
		KUNIT_EXPECT_EQ(test, err, -ENOMEM);
		KUNIT_EXPECT_EQ(test, sluice_alloc_fail_at, 0U);
		sluice_config_abort(&tx);
	} else {
		sluice_alloc_fail_at = 0;
		sluice_config_commit(&tx);
		sluice_config_end(&tx);
	}
	mutex_unlock(&tx.sn->cfg_lock);
	return err;
}

static void no_memory_changes_nothing(struct kunit *test)
{
	struct config_test *t = test->priv;
	struct sluice_net *sn = &t->judge.sn;
	unsigned long revision;
	u32 number = 1;

	judge_set_rule(test, INGRESS, ALLOW);
	judge_set_rule(test, EGRESS, ALLOW);
	judge_open_flow(test, CLIENT, SERVER);
	revision = sn->services.revision;
	look_at_all(t, t->before);
	for (; number < 1000 && change_without(test, number); number++) {
		look_at_all(t, t->after);
		KUNIT_EXPECT_TRUE_MSG(test, !memcmp(t->before, t->after,
						    sizeof(t->before)),
				      "seen without allocation %u", number);
		KUNIT_EXPECT_EQ(test, sn->services.revision, revision);
		KUNIT_EXPECT_EQ(test, sn->policies.rule_count, 2U);
		KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "A"),
				SLUICE_DROP_NONE);
		rcu_barrier();
	}
	kunit_info(test, "%u allocations failed", number - 1);
	KUNIT_EXPECT_GT(test, number, 60U);
	KUNIT_EXPECT_EQ(test, sn->services.revision, revision + 1);
	KUNIT_EXPECT_EQ(test, sn->policies.rule_count, PORTS + 2U);
	look_at_all(t, t->after);
	KUNIT_EXPECT_TRUE(test, memcmp(t->before, t->after, sizeof(t->before)));
	test_service_flush(sn);
}

static int init(struct kunit *test)
{
	struct config_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	return t ? judge_test_setup(test, &t->judge) : -ENOMEM;
}

static struct kunit_case cases[] = {
	KUNIT_CASE(no_memory_changes_nothing),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_config",
	.init = init,
	.exit = judge_test_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
