// SPDX-License-Identifier: GPL-2.0
/*
 * What a backend's flows count as: those whose connection is over next to
 * nothing.
 */
#include <linux/slab.h>

#include "tables.h"

#define BUCKETS		1024
#define BACKENDS	2
#define TCP		IPPROTO_TCP
#define ORIG		SLUICE_DIR_ORIG
#define REPLY		SLUICE_DIR_REPLY

/**
 * struct load_test - what a case works on
 * @sn: services, backends, flows
 * @service: of both backends
 * @backends: these
 * @flows: made so far
 */
struct load_test {
	struct sluice_net sn;
	struct sluice_service *service;
	struct sluice_backend *backends[BACKENDS];
	u32 flows;
};

static struct sluice_flow *add_flow(struct kunit *test, u32 backend, u8 proto)
{
	struct load_test *l = test->priv;
	u32 number = 2 * l->flows++;

	return test_flow_add(test, &l->sn, l->backends[backend], number,
			     number + 100000, proto);
}

static void add_open(struct kunit *test, u32 backend, u32 count)
{
	while (count--)
		add_flow(test, backend, TCP);
}

static void add_closing(struct kunit *test, u32 backend, u32 count)
{
	struct load_test *l = test->priv;

	while (count--)
		test_flow_touch(&l->sn, add_flow(test, backend, TCP), ORIG, "R",
				40);
}

static int closing_of(struct kunit *test, u32 backend)
{
	struct load_test *l = test->priv;

	return atomic_read(&l->backends[backend]->closing_count);
}

static void start(struct kunit *test)
{
	struct load_test *l = test->priv;

	sluice_flow_table_flush(&l->sn.flows, NULL, NULL);
	KUNIT_ASSERT_EQ(test, closing_of(test, 0), 0);
	KUNIT_ASSERT_EQ(test, closing_of(test, 1), 0);
}

static u32 pick(struct kunit *test)
{
	struct load_test *l = test->priv;
	struct sluice_tuple client = test_tuple(0, TCP);
	struct sluice_backend *backend;

	backend = test_choose(&l->sn, l->service, &client, false);
	KUNIT_ASSERT_NOT_NULL(test, backend);
	sluice_backend_put(backend);
	return backend == l->backends[1];
}

/* Whoever begins the round. */
static void expect_picked(struct kunit *test, u32 backend)
{
	KUNIT_EXPECT_EQ(test, pick(test), backend);
	KUNIT_EXPECT_EQ(test, pick(test), backend);
}

static const struct {
	const char *orig;	/* flags of two packets, one after the other */
	const char *reply;	/* of one behind the first */
	u8 proto;
	int closing;
} ends[] = {
	{ "S A", "SA", TCP, 0 },
	{ "FA A", "A", TCP, 0 },
	{ "A A", "FA", TCP, 0 },
	{ "FA A", "FA", TCP, 1 },
	{ "A FA", "FA", TCP, 1 },
	{ "R A", "A", TCP, 1 },
	{ "A A", "R", TCP, 1 },
	{ "FA R", "FA", TCP, 1 },
	{ "R FA", "R", TCP, 1 },
	{ "A A", "A", IPPROTO_UDP, 0 },
};

static void ends_are_counted_once(struct kunit *test)
{
	struct load_test *l = test->priv;
	struct sluice_flow *flow;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		const char *second = strchr(ends[i].orig, ' ');
		char first[4] = "";

		memcpy(first, ends[i].orig, second - ends[i].orig);
		flow = add_flow(test, 0, ends[i].proto);
		test_flow_touch(&l->sn, flow, ORIG, first, 40);
		test_flow_touch(&l->sn, flow, REPLY, ends[i].reply, 40);
		test_flow_touch(&l->sn, flow, ORIG, second + 1, 40);
		KUNIT_EXPECT_EQ_MSG(test, closing_of(test, 0), ends[i].closing,
				    "row %u", i);
		test_flow_unlink(&l->sn, flow);
		KUNIT_EXPECT_EQ_MSG(test, closing_of(test, 0), 0, "row %u", i);
	}
}

/* Somebody may have found the flow and come late with the end of it. */
static void not_after_the_flow(struct kunit *test)
{
	struct load_test *l = test->priv;
	struct sluice_flow *flow = add_flow(test, 0, TCP);

	rcu_read_lock();
	sluice_flow_unlink(&l->sn.flows, flow, SLUICE_STAT_FLOWS_RETIRED);
	sluice_flow_close(&l->sn.flows, flow);
	KUNIT_EXPECT_EQ(test, closing_of(test, 0), 0);
	rcu_read_unlock();
}

static void flows_without_a_backend(struct kunit *test)
{
	struct load_test *l = test->priv;
	struct sluice_flow *flow;

	flow = test_flow_add(test, &l->sn, NULL, 2, 4, TCP);
	test_flow_touch(&l->sn, flow, ORIG, "R", 40);
	KUNIT_EXPECT_EQ(test, sluice_flow_state(flow),
			SLUICE_FLOW_STATE_CLOSING);
}

static void one_that_works_outweighs_many_that_are_over(struct kunit *test)
{
	static const u8 schedulers[] = { SLUICE_SCHEDULER_LC,
					 SLUICE_SCHEDULER_WLC };
	struct load_test *l = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(schedulers); i++) {
		test_service_set_scheduler(test, &l->sn, l->service,
					   schedulers[i]);
		start(test);
		add_closing(test, 0, 200);
		add_open(test, 1, 1);
		expect_picked(test, 0);
		add_closing(test, 0, 100);	/* 300 to 256 */
		expect_picked(test, 1);
		add_open(test, 1, 1);
		expect_picked(test, 0);
	}
}

static void among_equals_the_fewer_that_are_over(struct kunit *test)
{
	struct load_test *l = test->priv;

	test_service_set_scheduler(test, &l->sn, l->service,
				   SLUICE_SCHEDULER_LC);
	start(test);
	add_open(test, 0, 3);
	add_open(test, 1, 3);
	add_closing(test, 0, 2);
	add_closing(test, 1, 1);
	expect_picked(test, 1);
	add_closing(test, 1, 2);
	expect_picked(test, 0);
}

static int init(struct kunit *test)
{
	struct load_test *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	struct sluice_l4addr addr = test_addr(0);
	int err;
	u32 i;

	if (!l)
		return -ENOMEM;
	test->priv = l;
	err = test_tables_init(&l->sn) ?:
	      test_tables_init_flows(&l->sn, BUCKETS);
	if (err)
		return err;

	l->service = test_service_add(test, &l->sn, &addr, SLUICE_SCHEDULER_LC);
	for (i = 0; i < BACKENDS; i++) {
		addr = test_addr(1000 + i);
		l->backends[i] = test_backend_add(test, &l->sn, l->service,
						  &addr, 1,
						  SLUICE_BACKEND_STATE_ACTIVE);
	}
	return 0;
}

static void exit(struct kunit *test)
{
	struct load_test *l = test->priv;

	test_tables_fini(&l->sn);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(ends_are_counted_once),
	KUNIT_CASE(not_after_the_flow),
	KUNIT_CASE(flows_without_a_backend),
	KUNIT_CASE(one_that_works_outweighs_many_that_are_over),
	KUNIT_CASE(among_equals_the_fewer_that_are_over),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_load",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
