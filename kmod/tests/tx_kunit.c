// SPDX-License-Identifier: GPL-2.0
/*
 * Transactions, against plain arrays: what packets see at each stage, and what
 * is left when a transaction is given up.
 */
#include <linux/slab.h>

#include "random.h"
#include "tables.h"

#define ACTIVE		SLUICE_BACKEND_STATE_ACTIVE
#define DRAINING	SLUICE_BACKEND_STATE_DRAINING
#define SERVICES	5
#define BACKENDS	4
#define ROUNDS		3000
#define OPS_MAX		12

/**
 * struct model_backend - what a backend should be
 * @exists: whether there is one
 * @hidden: there was one, and it is back if it is created again
 * @identity: other numbers are other objects
 * @opts: its options
 */
struct model_backend {
	bool exists;
	bool hidden;
	u32 identity;
	struct sluice_backend_opts opts;
};

/**
 * struct model_service - what a service should be
 * @exists: whether there is one
 * @hidden: there was one, and it is back if it is created again
 * @identity: other numbers are other objects
 * @scheduler: its scheduler
 * @affinity: its affinity
 * @backends: by number of the address
 */
struct model_service {
	bool exists;
	bool hidden;
	u32 identity;
	u8 scheduler;
	u32 affinity;
	struct model_backend backends[BACKENDS];
};

/**
 * struct tx_test - what a case works on
 * @sn: services and backends
 * @tx: transaction under way
 * @random: random numbers
 * @before: what @sn held before the transaction, by number of the address
 * @now: as far as the transaction has come
 * @held: references to the backends of @before
 * @created: objects so far
 */
struct tx_test {
	struct sluice_net sn;
	struct sluice_tx tx;
	struct rnd_state random;
	struct model_service before[SERVICES];
	struct model_service now[SERVICES];
	struct sluice_backend *held[SERVICES][BACKENDS];
	u32 created;
};

static struct sluice_l4addr backend_addr(u32 j)
{
	return test_addr(1000 + j);
}

/* ------------------------------------------------------------ what packets see */

static bool sees_backend(const struct sluice_candidates *all, u32 j)
{
	struct sluice_l4addr addr = backend_addr(j);
	u32 i, count = 0;

	for (i = 0; i < all->count; i++)
		count += !memcmp(&all->backends[i]->addr, &addr, sizeof(addr));
	return count == 1;
}

static u32 count_in_state(const struct model_service *model, u8 state)
{
	u32 count = 0, j;

	for (j = 0; j < BACKENDS; j++)
		count += model->backends[j].exists &&
			 model->backends[j].opts.weight &&
			 model->backends[j].opts.state == state;
	return count;
}

static void expect_candidates(struct kunit *test,
			      const struct model_service *model,
			      const struct sluice_candidates *all)
{
	u8 state = count_in_state(model, ACTIVE) ? ACTIVE : DRAINING;
	const struct model_backend *backend;
	u32 j;

	KUNIT_EXPECT_EQ(test, all->count, count_in_state(model, state));
	for (j = 0; j < BACKENDS; j++) {
		backend = &model->backends[j];
		KUNIT_EXPECT_EQ(test, sees_backend(all, j),
				backend->exists && backend->opts.weight &&
				backend->opts.state == state);
	}
}

/* Whoever has loaded @revision sees all of @models and nothing else. */
static void expect_view(struct kunit *test, const struct model_service *models,
			unsigned long revision)
{
	struct tx_test *t = test->priv;
	const struct sluice_picker *picker;
	struct sluice_service *service;
	struct sluice_l4addr addr;
	u32 i;

	rcu_read_lock();
	for (i = 0; i < SERVICES; i++) {
		addr = test_addr(i);
		service = sluice_service_lookup(&t->sn.services, &addr,
						revision);
		KUNIT_EXPECT_EQ(test, !!service, models[i].exists);
		if (!service || !models[i].exists)
			continue;
		picker = sluice_service_picker(service, revision);
		KUNIT_EXPECT_EQ(test, picker->opts.scheduler,
				models[i].scheduler);
		KUNIT_EXPECT_EQ(test, picker->opts.affinity,
				models[i].affinity);
		expect_candidates(test, &models[i], &picker->all);
	}
	rcu_read_unlock();
}

/* ----------------------------------------------- what the configuration is */

static void expect_identity(struct kunit *test, struct sluice_counters *tag,
			    u32 identity)
{
	/* A new one has no tag yet. */
	if (!atomic64_read(&tag->drops))
		atomic64_set(&tag->drops, identity);
	KUNIT_EXPECT_EQ(test, atomic64_read(&tag->drops), (s64)identity);
}

static void expect_backend(struct kunit *test,
			   const struct model_backend *model,
			   struct sluice_backend *real)
{
	KUNIT_EXPECT_EQ(test, !!real, model->exists);
	if (!real || !model->exists)
		return;
	expect_identity(test, &real->counters, model->identity);
	KUNIT_EXPECT_FALSE(test, real->dead);
	KUNIT_EXPECT_FALSE(test, real->touched || real->named || real->born ||
			   real->gone || real->changed);
	KUNIT_EXPECT_FALSE(test, memcmp(&real->opts, &model->opts,
					sizeof(real->opts)));
	KUNIT_EXPECT_FALSE(test, memcmp(&real->next, &model->opts,
					sizeof(real->next)));
	KUNIT_EXPECT_EQ(test, refcount_read(&real->refs), 1U);
}

static u32 expect_backends(struct kunit *test, struct sluice_service *service,
			   const struct model_service *model)
{
	struct tx_test *t = test->priv;
	struct sluice_l4addr addr;
	u32 count = 0, j;

	for (j = 0; j < BACKENDS; j++) {
		addr = backend_addr(j);
		expect_backend(test, &model->backends[j],
			       test_backend_find(&t->sn, service, &addr));
		count += model->backends[j].exists;
	}
	return count;
}

static u32 expect_service(struct kunit *test, u32 i)
{
	struct tx_test *t = test->priv;
	struct sluice_l4addr addr = test_addr(i);
	struct sluice_service *real = test_service_find(&t->sn, &addr);
	const struct model_service *model = &t->before[i];
	const struct sluice_picker *picker;
	u32 count;

	KUNIT_EXPECT_EQ(test, !!real, model->exists);
	if (!real || !model->exists)
		return 0;
	expect_identity(test, &real->counters, model->identity);
	KUNIT_EXPECT_FALSE(test, real->touched || real->named ||
			   real->changed || real->dirty || real->only_named);
	picker = rcu_dereference_raw(real->picker);
	KUNIT_EXPECT_NULL(test, rcu_dereference_raw(picker->prev));
	KUNIT_EXPECT_TRUE(test, sluice_service_opts_equal(&real->opts,
							  &picker->opts));
	count = expect_backends(test, real, model);
	KUNIT_EXPECT_EQ(test, real->backend_count, count);
	KUNIT_EXPECT_EQ(test, refcount_read(&real->refs), 1 + count);
	return count;
}

static void expect_endpoints(struct kunit *test)
{
	struct tx_test *t = test->priv;
	struct sluice_l4addr addr;
	bool used;
	u32 i, j;

	for (j = 0; j < BACKENDS; j++) {
		for (i = 0, used = false; i < SERVICES; i++)
			used |= t->before[i].exists &&
				t->before[i].backends[j].exists;
		addr = backend_addr(j);
		KUNIT_EXPECT_EQ(test, test_has_endpoint(&t->sn, &addr), used);
	}
}

/* All is as @before says, and nothing is left of the transaction. */
static void expect_config(struct kunit *test)
{
	struct tx_test *t = test->priv;
	u32 services = 0, backends = 0, i;

	rcu_barrier();
	for (i = 0; i < SERVICES; i++) {
		backends += expect_service(test, i);
		services += t->before[i].exists;
	}
	KUNIT_EXPECT_EQ(test, t->sn.services.service_count, services);
	KUNIT_EXPECT_EQ(test, t->sn.services.backend_count, backends);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->sn.services.services.nelems),
			(int)services);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->sn.services.backends.nelems),
			(int)backends);
	expect_endpoints(test);
	expect_view(test, t->before, t->sn.services.revision);
}

/* ------------------------------------------------------------------ operations */

static struct sluice_service *find(struct kunit *test, u32 i)
{
	struct tx_test *t = test->priv;
	struct sluice_l4addr addr = test_addr(i);
	struct sluice_service *service;

	service = sluice_tx_find_service(&t->tx, &addr);
	KUNIT_ASSERT_EQ(test, !!service, t->now[i].exists);
	return service;
}

static void op_service_new(struct kunit *test, u32 i, u32 j)
{
	struct tx_test *t = test->priv;
	struct model_service *model = &t->now[i];
	struct sluice_service_cfg cfg = {
		.addr = test_addr(i),
		.opts.scheduler = 1 + random_below(&t->random, 3),
		.opts.affinity = random_below(&t->random, 2),
	};

	if (random_below(&t->random, 2))
		cfg.given |= BIT(SLUICE_A_SERVICE_SCHEDULER);
	if (random_below(&t->random, 2))
		cfg.given |= BIT(SLUICE_A_SERVICE_AFFINITY);
	find(test, i);
	KUNIT_ASSERT_EQ(test, sluice_tx_service_new(&t->tx, &cfg), 0);

	if (!model->exists) {
		model->scheduler = SLUICE_SCHEDULER_RANDOM;
		model->affinity = 0;
	}
	if (!model->exists && !model->hidden) {
		memset(model->backends, 0, sizeof(model->backends));
		model->identity = ++t->created;
	}
	model->exists = true;
	model->hidden = false;
	if (sluice_service_given(&cfg, SLUICE_A_SERVICE_SCHEDULER))
		model->scheduler = cfg.opts.scheduler;
	if (sluice_service_given(&cfg, SLUICE_A_SERVICE_AFFINITY))
		model->affinity = cfg.opts.affinity;
}

static void op_service_del(struct kunit *test, u32 i, u32 j)
{
	struct tx_test *t = test->priv;
	struct sluice_service *service = find(test, i);

	if (!service)
		return;
	sluice_tx_service_del(&t->tx, service);
	memset(&t->now[i], 0, sizeof(t->now[i]));
}

static void op_service_flush(struct kunit *test, u32 i, u32 j)
{
	struct tx_test *t = test->priv;

	sluice_tx_service_flush(&t->tx);
	memset(t->now, 0, sizeof(t->now));
}

static void hide_backends(struct model_service *model)
{
	u32 j;

	for (j = 0; j < BACKENDS; j++) {
		model->backends[j].hidden |= model->backends[j].exists;
		model->backends[j].exists = false;
	}
}

static void op_replace_all(struct kunit *test, u32 i, u32 j)
{
	struct tx_test *t = test->priv;

	sluice_tx_replace_all(&t->tx);
	for (i = 0; i < SERVICES; i++) {
		t->now[i].hidden |= t->now[i].exists;
		t->now[i].exists = false;
		hide_backends(&t->now[i]);
	}
}

static struct sluice_backend *find_backend(struct kunit *test,
					   struct sluice_service *service,
					   u32 i, u32 j)
{
	struct tx_test *t = test->priv;
	struct sluice_l4addr addr = backend_addr(j);
	struct sluice_backend *backend;

	backend = sluice_tx_find_backend(&t->tx, service, &addr);
	KUNIT_ASSERT_EQ(test, !!backend, t->now[i].backends[j].exists);
	return backend;
}

static void op_backend_new(struct kunit *test, u32 i, u32 j)
{
	struct tx_test *t = test->priv;
	struct model_backend *model = &t->now[i].backends[j];
	struct sluice_backend_cfg cfg = {
		.addr = backend_addr(j),
		.weight = random_below(&t->random, 3),
		.state = 1 + random_below(&t->random, 3),
		.local = random_below(&t->random, 2),
		.has_weight = random_below(&t->random, 2),
		.has_state = random_below(&t->random, 2),
		.has_local = random_below(&t->random, 2),
	};
	struct sluice_service *service = find(test, i);

	if (!service)
		return;
	find_backend(test, service, i, j);
	KUNIT_ASSERT_EQ(test, sluice_tx_backend_new(&t->tx, service, &cfg,
						    NULL), 0);
	if (!model->exists)
		model->opts = (struct sluice_backend_opts) { 1, ACTIVE, false };
	if (!model->exists && !model->hidden)
		model->identity = ++t->created;
	model->exists = true;
	model->hidden = false;
	if (cfg.has_weight)
		model->opts.weight = cfg.weight;
	if (cfg.has_state)
		model->opts.state = cfg.state;
	if (cfg.has_local)
		model->opts.local = cfg.local;
}

static void op_backend_del(struct kunit *test, u32 i, u32 j)
{
	struct tx_test *t = test->priv;
	struct sluice_service *service = find(test, i);
	struct sluice_backend *backend;

	if (!service)
		return;
	backend = find_backend(test, service, i, j);
	if (!backend)
		return;
	sluice_tx_backend_del(&t->tx, backend);
	memset(&t->now[i].backends[j], 0, sizeof(t->now[i].backends[j]));
}

static void op_backend_flush(struct kunit *test, u32 i, u32 j)
{
	struct tx_test *t = test->priv;
	struct sluice_service *service = find(test, i);

	if (!service)
		return;
	sluice_tx_backend_flush(&t->tx, service);
	memset(t->now[i].backends, 0, sizeof(t->now[i].backends));
}

static void op_backend_replace_all(struct kunit *test, u32 i, u32 j)
{
	struct tx_test *t = test->priv;
	struct sluice_service *service = find(test, i);

	if (!service)
		return;
	sluice_tx_backend_replace_all(&t->tx, service);
	hide_backends(&t->now[i]);
}

static const struct {
	u32 weight;	/* how often, relative to the others */
	void (*op)(struct kunit *test, u32 i, u32 j);
} ops[] = {
	{ 28, op_service_new },
	{ 5, op_service_del },
	{ 1, op_service_flush },
	{ 3, op_replace_all },
	{ 45, op_backend_new },
	{ 10, op_backend_del },
	{ 3, op_backend_flush },
	{ 5, op_backend_replace_all },
};

static void random_op(struct kunit *test)
{
	struct tx_test *t = test->priv;
	u32 point = random_below(&t->random, 100), i;

	for (i = 0; point >= ops[i].weight; i++)
		point -= ops[i].weight;
	ops[i].op(test, random_below(&t->random, SERVICES),
		  random_below(&t->random, BACKENDS));
}

/* ---------------------------------------------------------------- transactions */

static void hold_backends(struct tx_test *t)
{
	struct sluice_l4addr addr, backend;
	u32 i, j;

	for (i = 0; i < SERVICES; i++)
		for (j = 0; j < BACKENDS; j++) {
			t->held[i][j] = NULL;
			if (!t->before[i].exists ||
			    !t->before[i].backends[j].exists)
				continue;
			addr = test_addr(i);
			backend = backend_addr(j);
			t->held[i][j] =
				test_backend_find(&t->sn,
						  test_service_find(&t->sn,
								    &addr),
						  &backend);
			sluice_backend_get(t->held[i][j]);
		}
}

/* A flow of a backend that is not deleted goes on. */
static void release_backends(struct kunit *test, bool committed)
{
	struct tx_test *t = test->priv;
	const struct model_backend *model;
	bool same;
	u32 i, j;

	for (i = 0; i < SERVICES; i++)
		for (j = 0; j < BACKENDS; j++) {
			if (!t->held[i][j])
				continue;
			model = &t->now[i].backends[j];
			same = t->now[i].exists && model->exists &&
			       model->identity ==
			       t->before[i].backends[j].identity;
			KUNIT_EXPECT_EQ(test, READ_ONCE(t->held[i][j]->dead),
					committed && !same);
			sluice_backend_put(t->held[i][j]);
		}
}

static void forget_hidden(struct model_service *models)
{
	u32 i, j;

	for (i = 0; i < SERVICES; i++) {
		models[i].hidden = false;
		for (j = 0; j < BACKENDS; j++)
			models[i].backends[j].hidden = false;
	}
}

static void begin(struct kunit *test)
{
	struct tx_test *t = test->priv;

	hold_backends(t);
	memcpy(t->now, t->before, sizeof(t->now));
	test_tx_begin(&t->sn, &t->tx);
}

static void abort(struct kunit *test)
{
	struct tx_test *t = test->priv;

	sluice_tx_abort(&t->tx);
	mutex_unlock(&t->sn.cfg_lock);
	release_backends(test, false);
	expect_config(test);
}

/* Between commit and end both revisions can be looked at. */
static void commit(struct kunit *test)
{
	struct tx_test *t = test->priv;
	unsigned long before = t->sn.services.revision;

	forget_hidden(t->now);
	sluice_tx_commit(&t->tx);
	KUNIT_EXPECT_EQ(test, t->sn.services.revision, before + t->tx.changed);
	if (t->tx.changed)
		expect_view(test, t->before, before);
	expect_view(test, t->now, t->sn.services.revision);
	sluice_tx_end(&t->tx);
	expect_view(test, t->now, t->sn.services.revision);
	mutex_unlock(&t->sn.cfg_lock);

	release_backends(test, true);
	memcpy(t->before, t->now, sizeof(t->before));
	expect_config(test);
}

static void random_transactions(struct kunit *test)
{
	struct tx_test *t = test->priv;
	u32 round, count, i;

	for (round = 0; round < ROUNDS; round++) {
		begin(test);
		count = random_below(&t->random, OPS_MAX);
		for (i = 0; i < count; i++) {
			random_op(test);
			expect_view(test, t->before, t->sn.services.revision);
		}
		if (random_one_in(&t->random, 4)) {
			abort(test);
			continue;
		}
		KUNIT_ASSERT_EQ(test, sluice_tx_prepare(&t->tx, NULL), 0);
		expect_view(test, t->before, t->sn.services.revision);
		if (random_one_in(&t->random, 4))
			abort(test);
		else
			commit(test);
	}
}

/* Nothing but the same again is no change: flows need not be looked at. */
static void same_again_changes_nothing(struct kunit *test)
{
	struct sluice_prefix ten = { .family = AF_INET, .len = 8,
				     .addr.ip = htonl(0x0a000000) };
	struct sluice_service_cfg cfg = {
		.addr = test_addr(2), .allow = { 1, &ten },
		.given = BIT(SLUICE_A_SERVICE_ALLOW),
	};
	struct sluice_backend_cfg backend = { .addr = backend_addr(0) };
	struct tx_test *t = test->priv;
	unsigned long revision;
	u32 round;

	for (round = 0; round < 3; round++) {
		test_tx_begin(&t->sn, &t->tx);
		sluice_tx_replace_all(&t->tx);
		KUNIT_ASSERT_EQ(test, sluice_tx_service_new(&t->tx, &cfg), 0);
		KUNIT_ASSERT_EQ(test, sluice_tx_backend_new(&t->tx,
				sluice_tx_find_service(&t->tx, &cfg.addr),
				&backend, NULL), 0);
		KUNIT_ASSERT_EQ(test, test_tx_finish(&t->sn, &t->tx, 0), 0);
		if (!round)
			revision = t->sn.services.revision;
		KUNIT_EXPECT_EQ(test, t->sn.services.revision, revision);
	}
}

/* Who has found nothing at an old revision is told to look again. */
static void who_is_late_looks_again(struct kunit *test)
{
	struct tx_test *t = test->priv;
	struct sluice_l4addr addr = test_addr(1);
	struct sluice_service *service;
	unsigned long revision;

	service = test_service_add(test, &t->sn, &addr, 1);
	revision = sluice_service_table_revision(&t->sn.services);
	KUNIT_EXPECT_FALSE(test, sluice_service_table_moved(&t->sn.services,
							    revision));
	test_service_del(&t->sn, service);
	KUNIT_EXPECT_NULL(test, sluice_service_lookup(&t->sn.services, &addr,
						      revision));
	KUNIT_EXPECT_TRUE(test, sluice_service_table_moved(&t->sn.services,
							   revision));
}

/* The number of backends counts when all is done. */
static void full_only_for_a_while(struct kunit *test)
{
	struct tx_test *t = test->priv;
	struct sluice_backend_cfg cfg = { .addr = backend_addr(1) };
	struct sluice_l4addr addr = test_addr(1);
	struct sluice_service *service;

	service = test_service_add(test, &t->sn, &addr, 1);
	addr = backend_addr(0);
	test_backend_add(test, &t->sn, service, &addr, 1, ACTIVE);
	service->backend_count = SLUICE_SERVICE_BACKENDS_MAX;

	test_tx_begin(&t->sn, &t->tx);
	sluice_tx_backend_replace_all(&t->tx, service);
	KUNIT_EXPECT_EQ(test, sluice_tx_backend_new(&t->tx, service, &cfg,
						    NULL), 0);
	KUNIT_EXPECT_EQ(test, test_tx_finish(&t->sn, &t->tx, 0), 0);
	KUNIT_EXPECT_EQ(test, service->backend_count,
			(u32)SLUICE_SERVICE_BACKENDS_MAX);

	addr = backend_addr(2);
	cfg.addr = addr;
	test_tx_begin(&t->sn, &t->tx);
	sluice_tx_backend_replace_all(&t->tx, service);
	sluice_tx_backend_new(&t->tx, service, &cfg, NULL);
	cfg.addr = backend_addr(1);
	sluice_tx_backend_new(&t->tx, service, &cfg, NULL);
	KUNIT_EXPECT_EQ(test, test_tx_finish(&t->sn, &t->tx, 0), -ENOSPC);
	KUNIT_EXPECT_NULL(test, test_backend_find(&t->sn, service, &addr));
	service->backend_count = 1;
}

static int init(struct kunit *test)
{
	struct tx_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	prandom_seed_state(&t->random, 1984);
	test->priv = t;
	return test_tables_init(&t->sn);
}

static void exit(struct kunit *test)
{
	struct tx_test *t = test->priv;

	test_tables_fini(&t->sn);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(random_transactions),
	KUNIT_CASE(same_again_changes_nothing),
	KUNIT_CASE(who_is_late_looks_again),
	KUNIT_CASE(full_only_for_a_while),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_tx",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
