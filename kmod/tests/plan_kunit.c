// SPDX-License-Identifier: GPL-2.0
/*
 * Plans of flows to a service of three backends, whose states change.
 */
#include <kunit/test.h>

#include "../plan.h"
#include "tables.h"

#define ACTIVE		SLUICE_BACKEND_STATE_ACTIVE
#define DRAINING	SLUICE_BACKEND_STATE_DRAINING
#define DOWN		SLUICE_BACKEND_STATE_DOWN

/* Numbers of addresses: all IPv4. */
#define SERVICE		200
#define BACKEND		300
#define BACKENDS	3

#define FLOWS		32

/**
 * struct plan_test - what a case works on
 * @sn: one service; clients, who are off the cluster
 * @service: by a hash of addresses and ports, so that one client's flows go to
 *	all backends
 * @sport: of the last flow
 */
struct plan_test {
	struct sluice_net sn;
	struct sluice_service *service;
	u16 sport;
};

static void set_state(struct kunit *test, u32 backend, u8 state, bool local)
{
	struct plan_test *t = test->priv;
	struct sluice_backend_cfg cfg = {
		.addr = test_addr(BACKEND + 2 * backend),
		.weight = 1, .state = state, .local = local,
		.has_weight = true, .has_state = true, .has_local = true,
	};

	KUNIT_ASSERT_EQ(test, test_backend_new(&t->sn, t->service, &cfg), 0);
}

static void set_states(struct kunit *test, u8 state)
{
	u32 i;

	for (i = 0; i < BACKENDS; i++)
		set_state(test, i, state, false);
}

static void set_service(struct kunit *test, struct sluice_service_cfg *cfg)
{
	struct plan_test *t = test->priv;

	cfg->addr = t->service->addr;
	KUNIT_ASSERT_EQ(test, test_service_new(&t->sn, cfg), 0);
}

static void want_affinity(struct kunit *test)
{
	struct sluice_service_cfg cfg = {
		.opts.affinity = 3600,
		.given = BIT(SLUICE_A_SERVICE_AFFINITY),
	};
	struct plan_test *t = test->priv;

	set_service(test, &cfg);
	KUNIT_ASSERT_EQ(test, sluice_affinity_prepare(&t->sn.affinity, 1024), 0);
}

static void want_local(struct kunit *test, u8 scope)
{
	struct sluice_service_cfg cfg = {
		.opts.scope = scope,
		.opts.traffic_policy = SLUICE_TRAFFIC_POLICY_LOCAL,
		.given = BIT(SLUICE_A_SERVICE_SCOPE) |
			 BIT(SLUICE_A_SERVICE_TRAFFIC_POLICY),
	};

	set_service(test, &cfg);
}

/* What a client's next flow would be; the backend's reference is put. */
static void make(struct plan_test *t, u32 client, bool dry,
		 struct sluice_plan *plan)
{
	struct sluice_l4addr src = test_addr(2 * client);
	struct sluice_pkt pkt = {
		.tuple = {
			.src = src.addr, .sport = htons(++t->sport),
			.dst = t->service->addr.addr,
			.dport = t->service->addr.port,
			.family = AF_INET, .proto = IPPROTO_TCP,
		},
		.syn = true,
	};

	rcu_read_lock();
	sluice_plan_make(&t->sn, &pkt, dry, NULL, plan);
	sluice_plan_put(plan);
	rcu_read_unlock();
}

/* Backends that a client's next flows go to, a bit each */
static u32 chosen(struct kunit *test, u32 client, bool dry)
{
	struct sluice_plan plan;
	u32 backends = 0, i, n;

	for (i = 0; i < FLOWS; i++) {
		make(test->priv, client, dry, &plan);
		n = (ntohl(plan.to.addr.ip) & 0xffff) - BACKEND;
		KUNIT_ASSERT_NOT_NULL(test, plan.backend);
		KUNIT_ASSERT_LT(test, n / 2, BACKENDS);
		backends |= BIT(n / 2);
	}
	return backends;
}

/* The one of a client that has affinity */
static u32 chosen_one(struct kunit *test, u32 client)
{
	u32 backends = chosen(test, client, false);

	KUNIT_EXPECT_EQ(test, hweight32(backends), 1);
	return __ffs(backends);
}

static void all_are_chosen(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, chosen(test, 1, false), BIT(BACKENDS) - 1);
	set_state(test, 1, DRAINING, false);
	KUNIT_EXPECT_EQ(test, chosen(test, 1, false), BIT(0) | BIT(2));
	set_state(test, 2, DOWN, false);
	KUNIT_EXPECT_EQ(test, chosen(test, 1, false), BIT(0));
}

/* It holds until the backend takes no new flows; then the new one's does. */
static void affinity_is_with_the_last(struct kunit *test)
{
	u32 first, second;

	want_affinity(test);
	first = chosen_one(test, 1);
	set_state(test, first, DRAINING, false);
	set_state(test, first, ACTIVE, false);
	KUNIT_EXPECT_EQ(test, chosen_one(test, 1), first);

	set_state(test, first, DRAINING, false);
	second = chosen_one(test, 1);
	KUNIT_EXPECT_NE(test, first, second);
	set_state(test, first, ACTIVE, false);
	KUNIT_EXPECT_EQ(test, chosen_one(test, 1), second);
	set_state(test, second, DOWN, false);
	KUNIT_EXPECT_NE(test, chosen_one(test, 1), second);
}

static void affinity_outlives_draining(struct kunit *test)
{
	u32 first;

	want_affinity(test);
	first = chosen_one(test, 1);
	set_states(test, DRAINING);
	KUNIT_EXPECT_EQ(test, chosen_one(test, 1), first);
	set_states(test, ACTIVE);
	KUNIT_EXPECT_EQ(test, chosen_one(test, 1), first);
}

/* Neither a new client nor another choice for an old one is remembered. */
static void dry_plans_leave_no_trace(struct kunit *test)
{
	u32 first;

	want_affinity(test);
	KUNIT_EXPECT_EQ(test, chosen(test, 1, true), BIT(BACKENDS) - 1);
	first = chosen_one(test, 1);
	KUNIT_EXPECT_EQ(test, chosen(test, 1, true), BIT(first));
	set_state(test, first, DRAINING, false);
	KUNIT_EXPECT_EQ(test, chosen(test, 1, true),
			(BIT(BACKENDS) - 1) & ~BIT(first));
	set_state(test, first, ACTIVE, false);
	KUNIT_EXPECT_EQ(test, chosen_one(test, 1), first);
}

static void expect_dropped(struct kunit *test, enum sluice_drop_reason reason,
			   bool reject)
{
	struct sluice_plan plan;

	make(test->priv, 1, false, &plan);
	KUNIT_EXPECT_NULL(test, plan.backend);
	KUNIT_EXPECT_EQ(test, plan.reason, reason);
	KUNIT_EXPECT_EQ(test, plan.reject, reject);
}

/* A local one that drains is better than none; elsewhere it is one, too. */
static void expect_local(struct kunit *test)
{
	set_states(test, ACTIVE);
	expect_dropped(test, SLUICE_DROP_REASON_NO_LOCAL_BACKEND, false);
	set_state(test, 1, DRAINING, true);
	KUNIT_EXPECT_EQ(test, chosen(test, 1, false), BIT(1));
	set_state(test, 2, ACTIVE, true);
	KUNIT_EXPECT_EQ(test, chosen(test, 1, false), BIT(2));
	set_states(test, DRAINING);
	expect_dropped(test, SLUICE_DROP_REASON_NO_LOCAL_BACKEND, false);
	set_state(test, 1, DRAINING, true);
	KUNIT_EXPECT_EQ(test, chosen(test, 1, false), BIT(1));
	set_states(test, DOWN);
	expect_dropped(test, SLUICE_DROP_REASON_NO_BACKEND, true);
}

static void local_policy(struct kunit *test)
{
	want_local(test, SLUICE_SCOPE_INTERNAL);
	expect_local(test);
	want_local(test, SLUICE_SCOPE_EXTERNAL);
	expect_local(test);
}

static int init(struct kunit *test)
{
	struct plan_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct sluice_l4addr addr = test_addr(SERVICE);
	int err;

	if (!t)
		return -ENOMEM;
	test->priv = t;
	err = test_tables_init(&t->sn);
	if (err)
		return err;

	sluice_affinity_init(&t->sn.affinity);
	t->service = test_service_add(test, &t->sn, &addr,
				      SLUICE_SCHEDULER_MAGLEV);
	set_states(test, ACTIVE);
	return 0;
}

static void exit(struct kunit *test)
{
	struct plan_test *t = test->priv;

	sluice_affinity_fini(&t->sn.affinity);
	test_tables_fini(&t->sn);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(all_are_chosen),
	KUNIT_CASE(affinity_is_with_the_last),
	KUNIT_CASE(affinity_outlives_draining),
	KUNIT_CASE(dry_plans_leave_no_trace),
	KUNIT_CASE(local_policy),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_plan",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
