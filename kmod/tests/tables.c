// SPDX-License-Identifier: GPL-2.0
/*
 * A struct sluice_net for tests.
 */
#include "../sched.h"
#include "tables.h"

static void forget_events(struct work_struct *work)
{
}

int test_tables_init(struct sluice_net *sn)
{
	int err;

	memset(sn, 0, sizeof(*sn));
	sn->stats = alloc_percpu(struct sluice_stats);
	if (!sn->stats)
		return -ENOMEM;

	sn->net = &init_net;
	mutex_init(&sn->cfg_lock);
	sn->settings = sluice_flow_default_settings;
	sluice_device_table_init(&sn->devices, sn->net, &sn->cfg_lock);
	sluice_event_queue_init(&sn->events, forget_events, sn->stats);
	err = sluice_config_init(sn);
	if (err)
		free_percpu(sn->stats);
	return err;
}

static bool never_stale(struct sluice_flow_table *table,
			struct sluice_flow *flow)
{
	return false;
}

/* @buckets: as for sluice_flow_table_init() */
int test_tables_init_flows(struct sluice_net *sn, u32 buckets)
{
	sn->flows.ends = never_stale;
	sn->flows.settings = &sn->settings;
	sn->flows.stats = sn->stats;
	sn->flows.events = &sn->events;
	return sluice_flow_table_init(&sn->flows, buckets);
}

/* Nothing of it is left when this returns, not even on its way through RCU. */
void test_tables_fini(struct sluice_net *sn)
{
	mutex_lock(&sn->cfg_lock);
	sluice_config_delete_all(sn);
	mutex_unlock(&sn->cfg_lock);
	if (sn->flows.buckets)
		sluice_flow_table_fini(&sn->flows);
	sluice_event_queue_fini(&sn->events);
	rcu_barrier();
	sluice_config_fini(sn);
	free_percpu(sn->stats);
}

/* Even numbers are IPv4, odd ones IPv6. */
struct sluice_l4addr test_addr(u32 number)
{
	struct sluice_l4addr addr = {
		.port = htons(1 + number % 65535),
		.family = number & 1 ? AF_INET6 : AF_INET,
		.proto = IPPROTO_TCP,
	};

	addr.addr.all[0] = htonl(0x0a000000 + number);
	if (addr.family == AF_INET6)
		addr.addr.all[3] = htonl(number);
	return addr;
}

struct sluice_service *test_service_find(struct sluice_net *sn,
					 const struct sluice_l4addr *addr)
{
	struct sluice_service *service;

	mutex_lock(&sn->cfg_lock);
	service = sluice_service_lookup(&sn->services, addr,
					sn->services.revision);
	mutex_unlock(&sn->cfg_lock);
	return service;
}

void test_tx_begin(struct sluice_net *sn, struct sluice_tx *tx)
{
	mutex_lock(&sn->cfg_lock);
	sluice_tx_begin(tx, &sn->services);
}

/* Commit unless there was an error before; returns it, or one of now. */
int test_tx_finish(struct sluice_net *sn, struct sluice_tx *tx, int err)
{
	err = err ?: sluice_tx_prepare(tx, NULL);
	if (err) {
		sluice_tx_abort(tx);
	} else {
		sluice_tx_commit(tx);
		sluice_tx_end(tx);
	}
	mutex_unlock(&sn->cfg_lock);
	return err;
}

/* The same with all parts of the configuration. */
void test_config_begin(struct sluice_net *sn, struct sluice_config_tx *tx)
{
	mutex_lock(&sn->cfg_lock);
	sluice_config_begin(tx, sn);
}

int test_config_prepare(struct sluice_config_tx *tx)
{
	return sluice_identity_tx_prepare(&tx->identities) ?:
	       sluice_policy_tx_prepare(&tx->policies) ?:
	       sluice_tx_prepare(&tx->services, NULL);
}

int test_config_finish(struct sluice_config_tx *tx, int err)
{
	err = err ?: test_config_prepare(tx);
	if (err) {
		sluice_config_abort(tx);
	} else {
		sluice_config_commit(tx);
		sluice_config_end(tx);
	}
	mutex_unlock(&tx->sn->cfg_lock);
	return err;
}

int test_service_new(struct sluice_net *sn,
		     const struct sluice_service_cfg *cfg)
{
	struct sluice_tx tx;

	test_tx_begin(sn, &tx);
	return test_tx_finish(sn, &tx, sluice_tx_service_new(&tx, cfg));
}

int test_backend_new(struct sluice_net *sn, struct sluice_service *service,
		     const struct sluice_backend_cfg *cfg)
{
	struct sluice_tx tx;

	test_tx_begin(sn, &tx);
	return test_tx_finish(sn, &tx, sluice_tx_backend_new(&tx, service, cfg,
							     NULL));
}

static struct sluice_service_cfg scheduler_cfg(const struct sluice_l4addr *addr,
					       u8 scheduler)
{
	return (struct sluice_service_cfg) {
		.addr = *addr, .opts.scheduler = scheduler,
		.given = BIT(SLUICE_A_SERVICE_SCHEDULER),
	};
}

struct sluice_service *test_service_add(struct kunit *test,
					struct sluice_net *sn,
					const struct sluice_l4addr *addr,
					u8 scheduler)
{
	struct sluice_service_cfg cfg = scheduler_cfg(addr, scheduler);
	struct sluice_service *service;

	KUNIT_ASSERT_NULL(test, test_service_find(sn, addr));
	KUNIT_ASSERT_EQ(test, test_service_new(sn, &cfg), 0);
	service = test_service_find(sn, addr);
	KUNIT_ASSERT_NOT_NULL(test, service);
	return service;
}

void test_service_set_scheduler(struct kunit *test, struct sluice_net *sn,
				struct sluice_service *service, u8 scheduler)
{
	struct sluice_service_cfg cfg = scheduler_cfg(&service->addr,
						      scheduler);

	KUNIT_ASSERT_EQ(test, test_service_new(sn, &cfg), 0);
}

void test_service_del(struct sluice_net *sn, struct sluice_service *service)
{
	struct sluice_tx tx;

	test_tx_begin(sn, &tx);
	sluice_tx_service_del(&tx, service);
	test_tx_finish(sn, &tx, 0);
}

void test_service_flush(struct sluice_net *sn)
{
	struct sluice_tx tx;

	test_tx_begin(sn, &tx);
	sluice_tx_service_flush(&tx);
	test_tx_finish(sn, &tx, 0);
}

struct sluice_backend *test_backend_find(struct sluice_net *sn,
					 struct sluice_service *service,
					 const struct sluice_l4addr *addr)
{
	struct sluice_backend *backend;

	mutex_lock(&sn->cfg_lock);
	backend = sluice_backend_find(&sn->services, service, addr);
	mutex_unlock(&sn->cfg_lock);
	return backend;
}

struct sluice_backend *test_backend_add(struct kunit *test,
					struct sluice_net *sn,
					struct sluice_service *service,
					const struct sluice_l4addr *addr,
					u32 weight, u8 state)
{
	struct sluice_backend_cfg cfg = {
		.addr = *addr, .weight = weight, .state = state,
		.has_weight = true, .has_state = true,
	};
	struct sluice_backend *backend;

	KUNIT_ASSERT_NULL(test, test_backend_find(sn, service, addr));
	KUNIT_ASSERT_EQ(test, test_backend_new(sn, service, &cfg), 0);
	backend = test_backend_find(sn, service, addr);
	KUNIT_ASSERT_NOT_NULL(test, backend);
	return backend;
}

void test_backend_set(struct kunit *test, struct sluice_net *sn,
		      struct sluice_backend *backend, u32 weight, u8 state)
{
	struct sluice_backend_cfg cfg = {
		.addr = backend->addr, .weight = weight, .state = state,
		.has_weight = true, .has_state = true,
	};

	KUNIT_ASSERT_EQ(test, test_backend_new(sn, backend->service, &cfg), 0);
}

void test_backend_del(struct kunit *test, struct sluice_net *sn,
		      struct sluice_backend *backend)
{
	struct sluice_tx tx;

	test_tx_begin(sn, &tx);
	sluice_tx_backend_del(&tx, backend);
	KUNIT_ASSERT_EQ(test, test_tx_finish(sn, &tx, 0), 0);
}

void test_backend_flush(struct kunit *test, struct sluice_net *sn,
			struct sluice_service *service)
{
	struct sluice_tx tx;

	test_tx_begin(sn, &tx);
	sluice_tx_backend_flush(&tx, service);
	KUNIT_ASSERT_EQ(test, test_tx_finish(sn, &tx, 0), 0);
}

bool test_has_endpoint(struct sluice_net *sn, const struct sluice_l4addr *addr)
{
	bool has;

	rcu_read_lock();
	has = sluice_service_has_endpoint(&sn->services, addr);
	rcu_read_unlock();
	return has;
}

/* What packets see of a service at present; it may not be there any more. */
const struct sluice_picker *test_picker(struct sluice_net *sn,
					struct sluice_service *service)
{
	const struct sluice_picker *picker;

	rcu_read_lock();
	picker = sluice_service_picker(service,
				       sluice_service_table_revision(&sn->services));
	rcu_read_unlock();
	return picker;
}

/* The backend chosen, with a reference for the caller to put; or NULL. */
struct sluice_backend *test_choose(struct sluice_net *sn,
				   struct sluice_service *service,
				   const struct sluice_tuple *tuple, bool local)
{
	const struct sluice_picker *picker;
	struct sluice_backend *backend;
	u32 turn;

	rcu_read_lock();
	picker = test_picker(sn, service);
	turn = sluice_service_take_turn(service, picker);
	backend = sluice_picker_choose(picker, tuple, local, turn);
	rcu_read_unlock();
	return backend;
}

/* Different numbers give tuples that differ in addresses and ports. */
struct sluice_tuple test_tuple(u32 number, u8 proto)
{
	struct sluice_l4addr src = test_addr(number);
	struct sluice_l4addr dst = test_addr(0x10000 | (number & 1));

	return (struct sluice_tuple) {
		.src = src.addr, .dst = dst.addr,
		.sport = src.port, .dport = dst.port,
		.family = src.family, .proto = proto,
	};
}

/* The flow takes a reference of its own to @backend, which may be NULL. */
struct sluice_flow *test_flow_alloc(struct kunit *test,
				    struct sluice_backend *backend,
				    const struct sluice_tuple *orig,
				    const struct sluice_tuple *reply)
{
	struct sluice_flow *flow;

	if (backend)
		sluice_backend_get(backend);
	flow = sluice_flow_alloc(backend, SLUICE_REWRITE_DST);
	KUNIT_ASSERT_NOT_NULL(test, flow);
	flow->nodes[SLUICE_DIR_ORIG].tuple = *orig;
	flow->nodes[SLUICE_DIR_REPLY].tuple = *reply;
	return flow;
}

/* A flow between the tuples of two numbers; there must be room for it. */
struct sluice_flow *test_flow_add(struct kunit *test, struct sluice_net *sn,
				  struct sluice_backend *backend, u32 orig,
				  u32 reply, u8 proto)
{
	struct sluice_tuple from = test_tuple(orig, proto);
	struct sluice_tuple to = test_tuple(reply, proto);
	struct sluice_flow *flow = test_flow_alloc(test, backend, &from, &to);

	KUNIT_ASSERT_EQ(test, sluice_flow_insert(&sn->flows, flow), 0);
	return flow;
}

struct sluice_flow *test_flow_find(struct sluice_net *sn, u32 number, u8 proto)
{
	struct sluice_tuple tuple = test_tuple(number, proto);
	struct sluice_flow_node *node;

	rcu_read_lock();
	node = sluice_flow_lookup(&sn->flows, &tuple, SLUICE_DOOR_ENTRY);
	rcu_read_unlock();
	return node ? sluice_flow_of(node) : NULL;
}

/* @flags: letters of the TCP flags set, as in "SFRA". */
void test_flow_touch(struct sluice_net *sn, struct sluice_flow *flow,
		     enum sluice_dir dir, const char *flags, unsigned int len)
{
	struct sluice_pkt pkt = {
		.tuple = flow->nodes[dir].tuple,
		.syn = strchr(flags, 'S'),
		.fin = strchr(flags, 'F'),
		.rst = strchr(flags, 'R'),
		.ack = strchr(flags, 'A'),
	};

	rcu_read_lock();
	sluice_flow_touch(&sn->flows, flow, dir, &pkt, len);
	rcu_read_unlock();
}

bool test_flow_unlink(struct sluice_net *sn, struct sluice_flow *flow)
{
	bool first;

	rcu_read_lock();
	first = sluice_flow_unlink(&sn->flows, flow, SLUICE_STAT_FLOWS_RETIRED);
	rcu_read_unlock();
	return first;
}

/* Have the collector visit the whole table, and wait for it. */
void test_flow_gc(struct sluice_net *sn)
{
	sluice_flow_gc_kick(&sn->flows);
	flush_delayed_work(&sn->flows.gc);
}
