// SPDX-License-Identifier: GPL-2.0
/*
 * Services and backends, against plain arrays.
 */
#include <linux/inet.h>
#include <linux/slab.h>

#include "random.h"
#include "tables.h"

#define ACTIVE		SLUICE_BACKEND_STATE_ACTIVE
#define RANDOM		SLUICE_SCHEDULER_RANDOM
#define MODEL_SIZE	8
#define MODEL_STEPS	5000

/* Addresses of backends are other numbers than those of services. */
static struct sluice_l4addr backend_addr(u32 number)
{
	return test_addr(1000 + number);
}

/**
 * struct model_backend - what a backend should be
 * @exists: whether there is one
 * @weight: its weight
 * @state: its state
 * @order: rises with each backend created
 */
struct model_backend {
	bool exists;
	u32 weight;
	u8 state;
	u32 order;
};

/**
 * struct model_service - what a service should be
 * @exists: whether there is one
 * @scheduler: its scheduler
 * @order: rises with each service created
 * @backends: by number of the address
 */
struct model_service {
	bool exists;
	u8 scheduler;
	u32 order;
	struct model_backend backends[MODEL_SIZE];
};

/**
 * struct service_test - what a case works on
 * @sn: services, backends, flows
 * @random: random numbers
 * @model: what @sn should hold, by number of the address
 * @created: services and backends so far
 */
struct service_test {
	struct sluice_net sn;
	struct rnd_state random;
	struct model_service model[MODEL_SIZE];
	u32 created;
};

static struct sluice_service *add_service(struct kunit *test, u32 number)
{
	struct service_test *s = test->priv;
	struct sluice_l4addr addr = test_addr(number);

	return test_service_add(test, &s->sn, &addr, RANDOM);
}

static struct sluice_backend *add_backend(struct kunit *test,
					  struct sluice_service *service,
					  u32 number)
{
	struct service_test *s = test->priv;
	struct sluice_l4addr addr = backend_addr(number);

	return test_backend_add(test, &s->sn, service, &addr, 1, ACTIVE);
}

static void service_is_found(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_service *service = add_service(test, 7);
	struct sluice_l4addr other = service->addr;

	KUNIT_EXPECT_PTR_EQ(test, test_service_find(&s->sn, &other),
			    service);
	KUNIT_EXPECT_EQ(test, service->opts.scheduler, RANDOM);
	other.proto = IPPROTO_UDP;
	KUNIT_EXPECT_NULL(test, test_service_find(&s->sn, &other));
	other = service->addr;
	other.port ^= htons(1);
	KUNIT_EXPECT_NULL(test, test_service_find(&s->sn, &other));
	other = service->addr;
	other.addr.all[3] ^= htonl(1);
	KUNIT_EXPECT_NULL(test, test_service_find(&s->sn, &other));
	other = service->addr;
	test_service_del(&s->sn, service);
	KUNIT_EXPECT_NULL(test, test_service_find(&s->sn, &other));
}

static void expect_default_opts(struct kunit *test,
				const struct sluice_service_opts *opts)
{
	KUNIT_EXPECT_NULL(test, opts->ranges);
	KUNIT_EXPECT_EQ(test, opts->affinity, 0U);
	KUNIT_EXPECT_EQ(test, opts->scheduler, RANDOM);
	KUNIT_EXPECT_EQ(test, opts->masquerade, SLUICE_MASQUERADE_HAIRPIN);
	KUNIT_EXPECT_EQ(test, opts->no_backend, SLUICE_NO_BACKEND_REJECT);
	KUNIT_EXPECT_EQ(test, opts->removal, SLUICE_REMOVAL_RESET);
	KUNIT_EXPECT_EQ(test, opts->scope, SLUICE_SCOPE_INTERNAL);
	KUNIT_EXPECT_EQ(test, opts->traffic_policy,
			SLUICE_TRAFFIC_POLICY_CLUSTER);
	KUNIT_EXPECT_EQ(test, opts->forward, SLUICE_FORWARD_NAT);
	KUNIT_EXPECT_FALSE(test, opts->affinity_shared);
	KUNIT_EXPECT_EQ(test, opts->affinity_group, 0U);
	KUNIT_EXPECT_FALSE(test, opts->echo);
	KUNIT_EXPECT_EQ(test, opts->health_port, 0);
}

static void defaults(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_service_cfg service_cfg = { .addr = test_addr(1) };
	struct sluice_backend_cfg backend_cfg = { .addr = backend_addr(1) };
	struct sluice_service *service;
	struct sluice_backend *backend;

	KUNIT_ASSERT_EQ(test, test_service_new(&s->sn, &service_cfg), 0);
	service = test_service_find(&s->sn, &service_cfg.addr);
	KUNIT_ASSERT_NOT_NULL(test, service);
	KUNIT_ASSERT_EQ(test, test_backend_new(&s->sn, service, &backend_cfg),
			0);
	backend = test_backend_find(&s->sn, service, &backend_cfg.addr);
	KUNIT_ASSERT_NOT_NULL(test, backend);
	expect_default_opts(test, &service->opts);
	expect_default_opts(test, &test_picker(&s->sn, service)->opts);
	KUNIT_EXPECT_EQ(test, backend->opts.weight, 1);
	KUNIT_EXPECT_EQ(test, backend->opts.state, ACTIVE);
	KUNIT_EXPECT_FALSE(test, backend->opts.local);
}

/* One option at a time; what packets see is what was asked for. */
static void options_reach_packets(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_service *service = add_service(test, 2);
	const struct sluice_service_opts *opts;
	struct sluice_service_cfg cfg = {
		.addr = service->addr,
		.opts = {
			.affinity = 77,
			.scheduler = SLUICE_SCHEDULER_LC,
			.masquerade = SLUICE_MASQUERADE_ALWAYS,
			.no_backend = SLUICE_NO_BACKEND_DROP,
			.removal = SLUICE_REMOVAL_FINISH,
			.scope = SLUICE_SCOPE_EXTERNAL,
			.traffic_policy = SLUICE_TRAFFIC_POLICY_LOCAL,
			.forward = SLUICE_FORWARD_TUNNEL,
			.affinity_shared = true,
			.affinity_group = 7,
			.echo = true,
			.health_port = htons(32000),
		},
	};
	u32 type;

	for (type = SLUICE_A_SERVICE_SCHEDULER; type <= SLUICE_A_SERVICE_MAX;
	     type++) {
		if (type == SLUICE_A_SERVICE_ALLOW ||
		    type == SLUICE_A_SERVICE_DENY)
			continue;
		cfg.given = BIT(type);
		KUNIT_ASSERT_EQ(test, test_service_new(&s->sn, &cfg), 0);
	}
	opts = &test_picker(&s->sn, service)->opts;
	KUNIT_EXPECT_TRUE(test, sluice_service_opts_equal(opts, &cfg.opts));
}

static bool may_use(struct service_test *s, struct sluice_service *service,
		    const char *src)
{
	union nf_inet_addr addr = {};

	in4_pton(src, -1, (u8 *)&addr, -1, NULL);
	return sluice_ranges_allow(test_picker(&s->sn, service)->opts.ranges,
				   &addr);
}

/* Each list can be changed without the other, and emptied. */
static void ranges_reach_packets(struct kunit *test)
{
	struct sluice_prefix ten = { .family = AF_INET, .len = 8,
				     .addr.ip = htonl(0x0a000000) };
	struct sluice_prefix one = { .family = AF_INET, .len = 32,
				     .addr.ip = htonl(0x0a000001) };
	struct service_test *s = test->priv;
	struct sluice_service *service = add_service(test, 2);
	struct sluice_service_cfg cfg = { .addr = service->addr };

	KUNIT_EXPECT_TRUE(test, may_use(s, service, "10.0.0.1"));
	cfg.given = BIT(SLUICE_A_SERVICE_ALLOW);
	cfg.allow = (struct sluice_prefixes) { 1, &ten };
	test_service_new(&s->sn, &cfg);
	KUNIT_EXPECT_TRUE(test, may_use(s, service, "10.0.0.1"));
	KUNIT_EXPECT_FALSE(test, may_use(s, service, "11.0.0.1"));
	cfg.given = BIT(SLUICE_A_SERVICE_DENY);
	cfg.deny = (struct sluice_prefixes) { 1, &one };
	test_service_new(&s->sn, &cfg);
	KUNIT_EXPECT_FALSE(test, may_use(s, service, "10.0.0.1"));
	KUNIT_EXPECT_TRUE(test, may_use(s, service, "10.0.0.2"));
	KUNIT_EXPECT_FALSE(test, may_use(s, service, "11.0.0.1"));
	cfg.given = BIT(SLUICE_A_SERVICE_ALLOW);
	cfg.allow.count = 0;
	test_service_new(&s->sn, &cfg);
	KUNIT_EXPECT_FALSE(test, may_use(s, service, "10.0.0.1"));
	KUNIT_EXPECT_TRUE(test, may_use(s, service, "11.0.0.1"));
	cfg.given = BIT(SLUICE_A_SERVICE_DENY);
	cfg.deny.count = 0;
	test_service_new(&s->sn, &cfg);
	KUNIT_EXPECT_TRUE(test, may_use(s, service, "10.0.0.1"));
	KUNIT_EXPECT_NULL(test, service->opts.ranges);
}

/* A backend is found with its own service alone. */
static void backend_is_found(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_service *service = add_service(test, 7);
	struct sluice_service *other = add_service(test, 8);
	struct sluice_backend *backend = add_backend(test, service, 3);
	struct sluice_l4addr addr = backend->addr;

	KUNIT_EXPECT_PTR_EQ(test, test_backend_find(&s->sn, service, &addr),
			    backend);
	KUNIT_EXPECT_NULL(test, test_backend_find(&s->sn, other, &addr));
	KUNIT_EXPECT_PTR_NE(test, add_backend(test, other, 3), backend);
	addr.proto = IPPROTO_UDP;
	KUNIT_EXPECT_NULL(test, test_backend_find(&s->sn, service, &addr));
	addr = backend->addr;
	test_backend_del(test, &s->sn, backend);
	KUNIT_EXPECT_NULL(test, test_backend_find(&s->sn, service, &addr));
	KUNIT_EXPECT_NOT_NULL(test, test_backend_find(&s->sn, other, &addr));
}

static void too_many_backends(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_service *service = add_service(test, 7);
	struct sluice_backend_cfg cfg = { .addr = backend_addr(1) };
	u32 i;

	service->backend_count = SLUICE_SERVICE_BACKENDS_MAX;
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, test_backend_new(&s->sn, service, &cfg),
				-ENOSPC);
	service->backend_count = 0;
	KUNIT_EXPECT_FALSE(test, test_has_endpoint(&s->sn, &cfg.addr));
	KUNIT_EXPECT_TRUE(test, list_empty(&service->backends));
}

/*
 * Where nothing is rewritten backends have the service's port, whichever comes
 * first; what counts is the end of the transaction.
 */
static void forward_needs_the_same_port(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_service *service = add_service(test, 7);
	struct sluice_backend_cfg other = { .addr = backend_addr(1) };
	struct sluice_backend_cfg same = { .addr = backend_addr(2) };
	struct sluice_service_cfg cfg = {
		.addr = service->addr, .opts.forward = SLUICE_FORWARD_L2,
		.given = BIT(SLUICE_A_SERVICE_FORWARD),
	};
	struct sluice_tx tx;

	same.addr.port = service->addr.port;
	KUNIT_ASSERT_EQ(test, test_backend_new(&s->sn, service, &other), 0);
	KUNIT_EXPECT_EQ(test, test_service_new(&s->sn, &cfg), -EINVAL);
	KUNIT_EXPECT_EQ(test, service->opts.forward, SLUICE_FORWARD_NAT);

	test_tx_begin(&s->sn, &tx);
	KUNIT_EXPECT_EQ(test, sluice_tx_service_new(&tx, &cfg), 0);
	sluice_tx_backend_flush(&tx, service);
	KUNIT_EXPECT_EQ(test, sluice_tx_backend_new(&tx, service, &same, NULL),
			0);
	KUNIT_EXPECT_EQ(test, test_tx_finish(&s->sn, &tx, 0), 0);
	KUNIT_EXPECT_EQ(test, service->opts.forward, SLUICE_FORWARD_L2);

	KUNIT_EXPECT_EQ(test, test_backend_new(&s->sn, service, &other),
			-EINVAL);
	KUNIT_EXPECT_NULL(test, test_backend_find(&s->sn, service,
						  &other.addr));
	cfg.opts.forward = SLUICE_FORWARD_RELAY;
	KUNIT_EXPECT_EQ(test, test_service_new(&s->sn, &cfg), 0);
	KUNIT_EXPECT_EQ(test, test_backend_new(&s->sn, service, &other), 0);
}

/* The revision rises with what can alter a verdict, and with nothing else. */
static void revision_rises(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_backend_cfg nothing = {
		.addr = backend_addr(1), .weight = 9, .state = 3,
	};
	struct sluice_service_cfg same = {
		.addr = test_addr(1), .opts.scheduler = 4,
	};
	const unsigned long *revision = &s->sn.services.revision;
	struct sluice_service *service;
	struct sluice_backend *backend;
	unsigned long before = *revision;

#define RISES(_change) do {					\
	_change;						\
	KUNIT_EXPECT_GT(test, *revision, before);		\
	before = *revision;					\
} while (0)
#define STAYS(_change) do {					\
	_change;						\
	KUNIT_EXPECT_EQ(test, *revision, before);		\
} while (0)

	RISES(service = add_service(test, 1));
	RISES(backend = add_backend(test, service, 1));
	STAYS(test_backend_set(test, &s->sn, backend, 1, ACTIVE));
	RISES(test_backend_set(test, &s->sn, backend, 2, ACTIVE));
	RISES(test_backend_set(test, &s->sn, backend, 2,
			       SLUICE_BACKEND_STATE_DOWN));
	STAYS(test_service_set_scheduler(test, &s->sn, service, RANDOM));
	RISES(test_service_set_scheduler(test, &s->sn, service,
					 SLUICE_SCHEDULER_RR));
	STAYS(test_backend_new(&s->sn, service, &nothing));
	STAYS(test_service_new(&s->sn, &same));
	RISES(test_backend_del(test, &s->sn, backend));
	add_backend(test, service, 2);
	RISES(test_backend_flush(test, &s->sn, service));
	STAYS(test_backend_flush(test, &s->sn, service));
	RISES(test_service_del(&s->sn, service));
	add_service(test, 1);
	RISES(test_service_flush(&s->sn));
	STAYS(test_service_flush(&s->sn));
#undef RISES
#undef STAYS
}

static void change_keeps_what_is_not_given(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_service *service = add_service(test, 1);
	struct sluice_backend *backend = add_backend(test, service, 1);
	struct sluice_backend_cfg weight = {
		.addr = backend->addr, .weight = 9, .has_weight = true,
	};
	struct sluice_backend_cfg state = {
		.addr = backend->addr, .state = SLUICE_BACKEND_STATE_DRAINING, .has_state = true,
	};

	test_backend_new(&s->sn, service, &weight);
	test_backend_new(&s->sn, service, &state);
	KUNIT_EXPECT_EQ(test, backend->opts.weight, 9);
	KUNIT_EXPECT_EQ(test, backend->opts.state,
			SLUICE_BACKEND_STATE_DRAINING);
}

/* Whoever holds a reference can go on with backend and service. */
static void reference_outlives_deletion(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_service *service = add_service(test, 1);
	struct sluice_backend *backend = add_backend(test, service, 1);

	sluice_backend_get(backend);
	KUNIT_EXPECT_TRUE(test, sluice_backend_keeps_flows(backend));
	test_service_del(&s->sn, service);
	rcu_barrier();
	KUNIT_EXPECT_FALSE(test, sluice_backend_keeps_flows(backend));
	KUNIT_EXPECT_EQ(test, refcount_read(&backend->refs), 1U);
	KUNIT_EXPECT_EQ(test, refcount_read(&service->refs), 1U);
	KUNIT_EXPECT_PTR_EQ(test, backend->service, service);
	sluice_backend_put(backend);
}

static void states_keep_flows(struct kunit *test)
{
	static const struct {
		u8 state;
		bool keeps;
	} rows[] = {
		{ SLUICE_BACKEND_STATE_DRAINING, true },
		{ SLUICE_BACKEND_STATE_DOWN, false },
		{ SLUICE_BACKEND_STATE_ACTIVE, true },
	};
	struct service_test *s = test->priv;
	struct sluice_service *service = add_service(test, 1);
	struct sluice_backend *backend = add_backend(test, service, 1);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		test_backend_set(test, &s->sn, backend, 0, rows[i].state);
		KUNIT_EXPECT_EQ(test, sluice_backend_keeps_flows(backend),
				rows[i].keeps);
	}
}

static void endpoint_has_users(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_l4addr addr = backend_addr(5);
	struct sluice_service *first = add_service(test, 1);
	struct sluice_service *second = add_service(test, 2);
	struct sluice_backend *backend;

	KUNIT_EXPECT_FALSE(test, test_has_endpoint(&s->sn, &addr));
	backend = add_backend(test, first, 5);
	add_backend(test, second, 5);
	KUNIT_EXPECT_TRUE(test, test_has_endpoint(&s->sn, &addr));
	test_backend_del(test, &s->sn, backend);
	KUNIT_EXPECT_TRUE(test, test_has_endpoint(&s->sn, &addr));
	test_service_del(&s->sn, second);
	KUNIT_EXPECT_FALSE(test, test_has_endpoint(&s->sn, &addr));
}

/* The services' own addresses are none, nor are other ports. */
static void endpoint_is_exact(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_service *service = add_service(test, 1);
	struct sluice_l4addr addr = backend_addr(5);

	add_backend(test, service, 5);
	KUNIT_EXPECT_FALSE(test, test_has_endpoint(&s->sn, &service->addr));
	addr.port ^= htons(1);
	KUNIT_EXPECT_FALSE(test, test_has_endpoint(&s->sn, &addr));
	addr = backend_addr(5);
	addr.proto = IPPROTO_UDP;
	KUNIT_EXPECT_FALSE(test, test_has_endpoint(&s->sn, &addr));
}

/* ---------------------------------------------------------------- the model */

static struct sluice_service *real_service(struct service_test *s, u32 i)
{
	struct sluice_l4addr addr = test_addr(i);

	return test_service_find(&s->sn, &addr);
}

static struct sluice_backend *real_backend(struct service_test *s, u32 i, u32 j)
{
	struct sluice_l4addr addr = backend_addr(j);

	return test_backend_find(&s->sn, real_service(s, i), &addr);
}

static u32 list_count(struct list_head *list)
{
	struct list_head *at;
	u32 count = 0;

	list_for_each(at, list)
		count++;
	return count;
}

static u32 count_in_state(const struct model_service *model, u8 state)
{
	u32 count = 0, i;

	for (i = 0; i < MODEL_SIZE; i++)
		count += model->backends[i].exists &&
			 model->backends[i].weight &&
			 model->backends[i].state == state;
	return count;
}

static void compare_backend(struct kunit *test,
			    const struct model_backend *model,
			    const struct sluice_backend *real)
{
	KUNIT_ASSERT_EQ(test, model->exists, !!real);
	if (!real)
		return;
	KUNIT_EXPECT_EQ(test, real->opts.weight, model->weight);
	KUNIT_EXPECT_EQ(test, real->opts.state, model->state);
	KUNIT_EXPECT_EQ(test, refcount_read(&real->refs), 1U);
}

static u32 order_of(struct service_test *s, u32 i,
		    const struct sluice_backend *backend)
{
	u32 j = 0;

	while (real_backend(s, i, j) != backend)
		j++;
	return s->model[i].backends[j].order;
}

/* The list is in the order of creation, and so are the ids. */
static void compare_list(struct kunit *test, u32 i, struct sluice_service *real)
{
	struct service_test *s = test->priv;
	u32 last_id = 0, last_order = 0;
	struct sluice_backend *backend;

	KUNIT_EXPECT_EQ(test, list_count(&real->backends), real->backend_count);
	list_for_each_entry(backend, &real->backends, list) {
		KUNIT_EXPECT_GT(test, order_of(s, i, backend), last_order);
		KUNIT_EXPECT_TRUE(test, !last_order || backend->id > last_id);
		last_order = order_of(s, i, backend);
		last_id = backend->id;
	}
}

static void compare_candidates(struct kunit *test,
			       const struct model_service *model,
			       struct sluice_service *real)
{
	struct service_test *s = test->priv;
	const struct sluice_candidates *all = &test_picker(&s->sn, real)->all;
	u32 count = count_in_state(model, ACTIVE) ?:
		    count_in_state(model, SLUICE_BACKEND_STATE_DRAINING);
	u32 i;

	KUNIT_ASSERT_EQ(test, all->count, count);
	for (i = 1; i < count; i++)
		KUNIT_EXPECT_LT(test, all->backends[i - 1]->id,
				all->backends[i]->id);
}

static u32 compare_service(struct kunit *test, u32 i)
{
	struct service_test *s = test->priv;
	struct model_service *model = &s->model[i];
	struct sluice_service *real = real_service(s, i);
	u32 backends = 0, j;

	KUNIT_ASSERT_EQ(test, model->exists, !!real);
	if (!real)
		return 0;
	KUNIT_EXPECT_EQ(test, real->opts.scheduler, model->scheduler);
	for (j = 0; j < MODEL_SIZE; j++) {
		compare_backend(test, &model->backends[j],
				real_backend(s, i, j));
		backends += model->backends[j].exists;
	}
	KUNIT_EXPECT_EQ(test, real->backend_count, backends);
	KUNIT_EXPECT_EQ(test, refcount_read(&real->refs), 1 + backends);
	compare_list(test, i, real);
	compare_candidates(test, model, real);
	return backends;
}

static void compare_endpoints(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_l4addr addr;
	bool used;
	u32 i, j;

	for (j = 0; j < MODEL_SIZE; j++) {
		for (i = 0, used = false; i < MODEL_SIZE; i++)
			used |= s->model[i].exists &&
				s->model[i].backends[j].exists;
		addr = backend_addr(j);
		KUNIT_EXPECT_EQ(test, test_has_endpoint(&s->sn, &addr), used);
	}
}

/* A walk over the ids meets the services in the order of their creation. */
static void compare_ids(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_service *service;
	u32 last = 0, count = 0, i;
	unsigned long id;

	xa_for_each(&s->sn.services.ids, id, service) {
		for (i = 0; i < MODEL_SIZE; i++)
			if (real_service(s, i) == service)
				break;
		KUNIT_ASSERT_LT(test, i, (u32)MODEL_SIZE);
		KUNIT_EXPECT_EQ(test, id, service->id);
		KUNIT_EXPECT_GT(test, s->model[i].order, last);
		last = s->model[i].order;
		count++;
	}
	KUNIT_EXPECT_EQ(test, count, s->sn.services.service_count);
}

static void compare(struct kunit *test)
{
	struct service_test *s = test->priv;
	u32 services = 0, backends = 0, i;

	rcu_barrier();	/* deleted backends let go of their service */
	for (i = 0; i < MODEL_SIZE; i++) {
		backends += compare_service(test, i);
		services += s->model[i].exists;
	}
	KUNIT_EXPECT_EQ(test, s->sn.services.service_count, services);
	KUNIT_EXPECT_EQ(test, s->sn.services.backend_count, backends);
	compare_endpoints(test);
	compare_ids(test);
}

/* Each step says whether it changed anything. */
static bool step_service_set(struct kunit *test, u32 i, u32 j)
{
	struct service_test *s = test->priv;
	u8 scheduler = 1 + random_below(&s->random, SLUICE_SCHEDULER_MAX);
	struct sluice_service *service = real_service(s, i);
	struct sluice_l4addr addr = test_addr(i);
	bool changed = !service || service->opts.scheduler != scheduler;

	if (service) {
		test_service_set_scheduler(test, &s->sn, service, scheduler);
	} else {
		test_service_add(test, &s->sn, &addr, scheduler);
		memset(&s->model[i], 0, sizeof(s->model[i]));
		s->model[i].order = ++s->created;
	}
	s->model[i].exists = true;
	s->model[i].scheduler = scheduler;
	return changed;
}

static bool step_service_del(struct kunit *test, u32 i, u32 j)
{
	struct service_test *s = test->priv;

	if (!s->model[i].exists)
		return false;
	test_service_del(&s->sn, real_service(s, i));
	s->model[i].exists = false;
	return true;
}

static bool step_service_flush(struct kunit *test, u32 i, u32 j)
{
	struct service_test *s = test->priv;

	bool changed = s->sn.services.service_count;

	test_service_flush(&s->sn);
	memset(s->model, 0, sizeof(s->model));
	return changed;
}

static bool step_backend_set(struct kunit *test, u32 i, u32 j)
{
	struct service_test *s = test->priv;
	u8 state = 1 + random_below(&s->random, SLUICE_BACKEND_STATE_MAX);
	struct model_backend *model = &s->model[i].backends[j];
	struct sluice_l4addr addr = backend_addr(j);
	u32 weight = random_below(&s->random, 4);
	bool changed;

	if (!s->model[i].exists)
		return false;
	changed = !model->exists || model->weight != weight ||
		  model->state != state;
	if (model->exists) {
		test_backend_set(test, &s->sn, real_backend(s, i, j),
				 weight, state);
	} else {
		test_backend_add(test, &s->sn, real_service(s, i), &addr,
				 weight, state);
		model->order = ++s->created;
	}
	model->exists = true;
	model->weight = weight;
	model->state = state;
	return changed;
}

static bool step_backend_del(struct kunit *test, u32 i, u32 j)
{
	struct service_test *s = test->priv;
	struct model_backend *model = &s->model[i].backends[j];

	if (!s->model[i].exists || !model->exists)
		return false;
	test_backend_del(test, &s->sn, real_backend(s, i, j));
	model->exists = false;
	return true;
}

static bool step_backend_flush(struct kunit *test, u32 i, u32 j)
{
	struct service_test *s = test->priv;

	bool changed;

	if (!s->model[i].exists)
		return false;
	changed = real_service(s, i)->backend_count;
	test_backend_flush(test, &s->sn, real_service(s, i));
	memset(s->model[i].backends, 0, sizeof(s->model[i].backends));
	return changed;
}

static const struct {
	u32 weight;	/* how often, relative to the others */
	bool (*step)(struct kunit *test, u32 i, u32 j);
} steps[] = {
	{ 10, step_service_set },
	{ 4, step_service_del },
	{ 1, step_service_flush },
	{ 60, step_backend_set },
	{ 20, step_backend_del },
	{ 5, step_backend_flush },
};

static bool take_random_step(struct kunit *test)
{
	struct service_test *s = test->priv;
	u32 point = random_below(&s->random, 100), i;

	for (i = 0; point >= steps[i].weight; i++)
		point -= steps[i].weight;
	return steps[i].step(test, random_below(&s->random, MODEL_SIZE),
			     random_below(&s->random, MODEL_SIZE));
}

static void random_steps(struct kunit *test)
{
	struct service_test *s = test->priv;
	unsigned long before;
	bool changed;
	u32 i;

	for (i = 0; i < MODEL_STEPS; i++) {
		before = s->sn.services.revision;
		changed = take_random_step(test);
		KUNIT_ASSERT_EQ(test, changed,
				s->sn.services.revision != before);
		compare(test);
	}
}

/* Packets look for node ports only while there are some. */
static void node_ports_are_counted(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_service_table *table = &s->sn.services;
	struct sluice_l4addr any = {
		.port = htons(30080), .family = AF_INET, .proto = IPPROTO_TCP,
	};

	add_service(test, 1);
	KUNIT_EXPECT_FALSE(test, sluice_service_has_node_ports(table));
	test_service_add(test, &s->sn, &any, RANDOM);
	any.port = htons(30081);
	test_service_add(test, &s->sn, &any, RANDOM);
	KUNIT_EXPECT_EQ(test, table->node_port_count, 2);
	test_service_del(&s->sn, test_service_find(&s->sn, &any));
	KUNIT_EXPECT_TRUE(test, sluice_service_has_node_ports(table));
	test_service_flush(&s->sn);
	KUNIT_EXPECT_FALSE(test, sluice_service_has_node_ports(table));
}

static int set_forward(struct sluice_tx *tx, u32 number, u8 forward)
{
	const struct sluice_service_cfg cfg = {
		.addr = test_addr(number), .opts.forward = forward,
		.given = BIT(SLUICE_A_SERVICE_FORWARD),
	};

	return sluice_tx_service_new(tx, &cfg);
}

/* One that is there and one that is not: all prepared, and then given up */
static void relay_in_vain(struct kunit *test, u32 number)
{
	struct service_test *s = test->priv;
	struct sluice_tx tx;

	test_tx_begin(&s->sn, &tx);
	set_forward(&tx, number, SLUICE_FORWARD_RELAY);
	set_forward(&tx, number + 1, SLUICE_FORWARD_RELAY);
	KUNIT_EXPECT_EQ(test, sluice_tx_prepare(&tx, NULL), 0);
	test_tx_finish(&s->sn, &tx, -EINVAL);
}

static void forward_by(struct kunit *test, u32 number, u8 forward)
{
	struct service_test *s = test->priv;
	struct sluice_tx tx;

	test_tx_begin(&s->sn, &tx);
	KUNIT_EXPECT_EQ(test, test_tx_finish(&s->sn, &tx,
					     set_forward(&tx, number, forward)),
			0);
}

/* Packets look for what other nodes have sent only while they may send it. */
static void relayed_services_are_counted(struct kunit *test)
{
	struct service_test *s = test->priv;
	struct sluice_service_table *table = &s->sn.services;
	struct sluice_service *service = add_service(test, 1);

	relay_in_vain(test, 1);
	KUNIT_EXPECT_FALSE(test, sluice_service_has_relays(table));
	forward_by(test, 1, SLUICE_FORWARD_RELAY);
	forward_by(test, 2, SLUICE_FORWARD_RELAY);
	forward_by(test, 2, SLUICE_FORWARD_RELAY);
	relay_in_vain(test, 2);
	KUNIT_EXPECT_EQ(test, table->relay_count, 2);
	test_service_del(&s->sn, service);
	KUNIT_EXPECT_EQ(test, table->relay_count, 1);
	forward_by(test, 2, SLUICE_FORWARD_NAT);
	KUNIT_EXPECT_FALSE(test, sluice_service_has_relays(table));
	forward_by(test, 2, SLUICE_FORWARD_RELAY);
	KUNIT_EXPECT_TRUE(test, sluice_service_has_relays(table));
	test_service_flush(&s->sn);
	KUNIT_EXPECT_FALSE(test, sluice_service_has_relays(table));
}

static int init(struct kunit *test)
{
	struct service_test *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	if (!s)
		return -ENOMEM;
	prandom_seed_state(&s->random, 6443);
	test->priv = s;
	return test_tables_init(&s->sn);
}

static void exit(struct kunit *test)
{
	struct service_test *s = test->priv;

	test_tables_fini(&s->sn);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(service_is_found),
	KUNIT_CASE(backend_is_found),
	KUNIT_CASE(defaults),
	KUNIT_CASE(options_reach_packets),
	KUNIT_CASE(ranges_reach_packets),
	KUNIT_CASE(too_many_backends),
	KUNIT_CASE(forward_needs_the_same_port),
	KUNIT_CASE(revision_rises),
	KUNIT_CASE(change_keeps_what_is_not_given),
	KUNIT_CASE(reference_outlives_deletion),
	KUNIT_CASE(states_keep_flows),
	KUNIT_CASE(endpoint_has_users),
	KUNIT_CASE(endpoint_is_exact),
	KUNIT_CASE(node_ports_are_counted),
	KUNIT_CASE(relayed_services_are_counted),
	KUNIT_CASE(random_steps),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_service",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
