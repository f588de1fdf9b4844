// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to change one service: the same whether there are ten or fifty
 * thousand.
 */
#include <linux/slab.h>

#include "steps.h"
#include "tables.h"

#define FEW		10
#define MANY		50000
#define BACKENDS	5
#define ROUNDS		32

/*
 * How many steps more a change may take among the many. Hash tables are a bit
 * fuller there; one visit to each service would be as many as there are.
 */
#define MORE_MAX	(MANY / 1000)

/**
 * struct cost_test - what a case works on
 * @sn: services and backends
 * @tx: transaction under way
 */
struct cost_test {
	struct sluice_net sn;
	struct sluice_config_tx tx;
};

static struct sluice_l4addr service_addr(u32 i)
{
	return test_addr(i);
}

static struct sluice_l4addr backend_addr(u32 i, u32 j)
{
	return test_addr(0x100000 + i * (BACKENDS + 1) + j);
}

/* ------------------------------------------------------------------- changes */

static int service_new(struct cost_test *c, u32 i, u8 scheduler)
{
	struct sluice_service_cfg cfg = {
		.addr = service_addr(i), .opts.scheduler = scheduler,
		.given = BIT(SLUICE_A_SERVICE_SCHEDULER),
	};

	return sluice_tx_service_new(&c->tx.services, &cfg);
}

static int backend_new(struct cost_test *c, u32 i, u32 j)
{
	struct sluice_service *service;
	struct sluice_backend_cfg cfg = { .addr = backend_addr(i, j) };
	struct sluice_l4addr addr = service_addr(i);

	service = sluice_tx_find_service(&c->tx.services, &addr);
	return service ? sluice_tx_backend_new(&c->tx.services, service, &cfg,
					       NULL) : -ENOENT;
}

static int add_service(struct cost_test *c, u32 i)
{
	int err;
	u32 j;

	err = service_new(c, i, SLUICE_SCHEDULER_RANDOM);
	for (j = 0; !err && j < BACKENDS; j++)
		err = backend_new(c, i, j);
	return err;
}

static int change_service(struct cost_test *c, u32 i)
{
	return service_new(c, i, SLUICE_SCHEDULER_RR);
}

static int add_backend(struct cost_test *c, u32 i)
{
	return backend_new(c, i, BACKENDS);
}

static int delete_backend(struct cost_test *c, u32 i)
{
	struct sluice_l4addr addr = backend_addr(i, BACKENDS);
	struct sluice_l4addr at = service_addr(i);
	struct sluice_service *service;
	struct sluice_backend *backend;

	service = sluice_tx_find_service(&c->tx.services, &at);
	if (!service)
		return -ENOENT;
	backend = sluice_tx_find_backend(&c->tx.services, service, &addr);
	if (!backend)
		return -ENOENT;
	sluice_tx_backend_del(&c->tx.services, backend);
	return 0;
}

static int delete_service(struct cost_test *c, u32 i)
{
	struct sluice_l4addr addr = service_addr(i);
	struct sluice_service *service;

	service = sluice_tx_find_service(&c->tx.services, &addr);
	if (!service)
		return -ENOENT;
	sluice_tx_service_del(&c->tx.services, service);
	return 0;
}

/* Each one is the first one's undoing in the end. */
static const struct {
	const char *name;
	int (*make)(struct cost_test *c, u32 i);
} changes[] = {
	{ "a new service", add_service },
	{ "other options", change_service },
	{ "a new backend", add_backend },
	{ "a backend less", delete_backend },
	{ "a service less", delete_service },
};

/* -------------------------------------------------------------- transactions */

static void fill(struct kunit *test, u32 from, u32 to)
{
	struct cost_test *c = test->priv;
	int err = 0;

	test_config_begin(&c->sn, &c->tx);
	for (; !err && from < to; from++)
		err = add_service(c, from);
	KUNIT_ASSERT_EQ(test, test_config_finish(&c->tx, err), 0);
	KUNIT_ASSERT_EQ(test, c->sn.services.service_count, to);
	KUNIT_ASSERT_EQ(test, c->sn.services.backend_count, to * BACKENDS);
	/* Tables grow behind the scenes. */
	flush_work(&c->sn.services.services.run_work);
	flush_work(&c->sn.services.backends.run_work);
	flush_work(&c->sn.services.endpoints.run_work);
}

/* The steps of one transaction */
static u64 cost_of(struct kunit *test, u32 change, u32 i)
{
	struct cost_test *c = test->priv;
	u64 steps;
	int err;

	steps_begin();
	test_config_begin(&c->sn, &c->tx);
	err = changes[change].make(c, i);
	err = test_config_finish(&c->tx, err);
	steps = steps_end();
	KUNIT_ASSERT_EQ(test, err, 0);
	return steps;
}

/* Of each change on average, with services that come and go again */
static void measure(struct kunit *test, u32 services, u64 *costs)
{
	u32 round, i;

	memset(costs, 0, ARRAY_SIZE(changes) * sizeof(*costs));
	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < ARRAY_SIZE(changes); i++)
			costs[i] += cost_of(test, i, services + round);
	for (i = 0; i < ARRAY_SIZE(changes); i++)
		do_div(costs[i], ROUNDS);
}

static void one_change_among_many(struct kunit *test)
{
	u64 few[ARRAY_SIZE(changes)], many[ARRAY_SIZE(changes)];
	u32 i;

	if (!STEPS_ARE_COUNTED)
		kunit_skip(test, "the kernel has CONFIG_KCOV");
	fill(test, 0, FEW);
	measure(test, FEW, few);
	fill(test, FEW, MANY);
	measure(test, MANY, many);
	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		kunit_info(test, "%s: %llu steps of %u services, %llu of %u\n",
			   changes[i].name, few[i], FEW, many[i], MANY);
		KUNIT_EXPECT_GT(test, few[i], 0ULL);
		KUNIT_EXPECT_LT(test, many[i], few[i] + MORE_MAX);
	}
}

/* The measure itself: what visits all services takes as many steps. */
static void all_of_them_among_many(struct kunit *test)
{
	struct cost_test *c = test->priv;
	u64 steps;

	if (!STEPS_ARE_COUNTED)
		kunit_skip(test, "the kernel has CONFIG_KCOV");
	fill(test, 0, MANY);
	steps_begin();
	test_config_begin(&c->sn, &c->tx);
	sluice_tx_service_flush(&c->tx.services);
	KUNIT_EXPECT_EQ(test, test_config_finish(&c->tx, 0), 0);
	steps = steps_end();
	KUNIT_EXPECT_GT(test, steps, (u64)MANY);
}

static int init(struct kunit *test)
{
	struct cost_test *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	if (!c)
		return -ENOMEM;
	test->priv = c;
	return test_tables_init(&c->sn);
}

static void exit(struct kunit *test)
{
	struct cost_test *c = test->priv;

	test_tables_fini(&c->sn);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(one_change_among_many),
	KUNIT_CASE(all_of_them_among_many),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_tx_cost",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
