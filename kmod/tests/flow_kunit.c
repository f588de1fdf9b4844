// SPDX-License-Identifier: GPL-2.0
/*
 * The flow table, against an array.
 */
#include <linux/slab.h>

#include "random.h"
#include "tables.h"

#define BUCKETS		256
#define TCP		IPPROTO_TCP
#define UDP		IPPROTO_UDP
#define ORIG		SLUICE_DIR_ORIG
#define REPLY		SLUICE_DIR_REPLY
#define MODEL_TUPLES	400
#define MODEL_STEPS	20000
#define MODEL_BACKENDS	3

/**
 * struct model_counts - what a backend should have counted
 * @flows: live ones
 * @connections: all ever
 * @packets: by direction
 * @bytes: by direction
 */
struct model_counts {
	int flows;
	s64 connections;
	s64 packets[SLUICE_DIRS];
	s64 bytes[SLUICE_DIRS];
};

/**
 * struct flow_test - what a case works on
 * @sn: services, backends, flows
 * @random: random numbers
 * @service: owner of the backends
 * @backends: for flows
 * @owner: the flow that should be found by the tuple of a number
 * @other: number of the flow's other tuple
 * @dir: direction of the tuple
 * @backend_of: number of the flow's backend, by number of either tuple
 * @counts: by number of the backend
 * @flows: how many there should be
 */
struct flow_test {
	struct sluice_net sn;
	struct rnd_state random;
	struct sluice_service *service;
	struct sluice_backend *backends[MODEL_BACKENDS];
	struct sluice_flow *owner[MODEL_TUPLES];
	u32 other[MODEL_TUPLES];
	u8 dir[MODEL_TUPLES];
	u8 backend_of[MODEL_TUPLES];
	struct model_counts counts[MODEL_BACKENDS];
	int flows;
};

static int flow_count(const struct flow_test *f)
{
	return atomic_read(&f->sn.flows.count);
}

static u64 stat(const struct flow_test *f, enum sluice_stat which)
{
	return sluice_stat_sum(f->sn.stats, which);
}

static void found_by_both_tuples(struct kunit *test)
{
	struct flow_test *f = test->priv;
	struct sluice_flow_node *node;
	struct sluice_tuple tuple;
	struct sluice_flow *flow;
	u32 i;

	for (i = 0; i < 100; i++) {
		flow = test_flow_add(test, &f->sn, NULL, 2 * i, 2 * i + 1,
				     TCP);
		rcu_read_lock();
		tuple = test_tuple(2 * i, TCP);
		node = sluice_flow_lookup(&f->sn.flows, &tuple,
					  SLUICE_DOOR_ENTRY);
		KUNIT_EXPECT_PTR_EQ(test, node, &flow->nodes[ORIG]);
		tuple = test_tuple(2 * i + 1, TCP);
		node = sluice_flow_lookup(&f->sn.flows, &tuple,
					  SLUICE_DOOR_ENTRY);
		KUNIT_EXPECT_PTR_EQ(test, node, &flow->nodes[REPLY]);
		KUNIT_EXPECT_PTR_EQ(test, sluice_flow_of(node), flow);
		rcu_read_unlock();
		KUNIT_EXPECT_NULL(test, test_flow_find(&f->sn, 2 * i, UDP));
	}
	KUNIT_EXPECT_EQ(test, flow_count(f), 100);
	KUNIT_EXPECT_EQ(test, stat(f, SLUICE_STAT_FLOWS_CREATED), 100ULL);
}

/* There is a flow between 1 and 2 already. */
static void duplicates_are_refused(struct kunit *test)
{
	static const struct {
		u32 orig, reply;
		int err;
	} rows[] = {
		{ 1, 2, -EEXIST },
		{ 1, 3, -EEXIST },
		{ 2, 3, -EEXIST },
		{ 2, 1, -EEXIST },
		{ 3, 2, -EADDRINUSE },
		{ 3, 1, -EADDRINUSE },
		{ 3, 4, 0 },
	};
	struct flow_test *f = test->priv;
	struct sluice_tuple orig, reply;
	struct sluice_flow *flow;
	u32 i;
	int err;

	test_flow_add(test, &f->sn, NULL, 1, 2, UDP);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		orig = test_tuple(rows[i].orig, UDP);
		reply = test_tuple(rows[i].reply, UDP);
		flow = test_flow_alloc(test, f->backends[0], &orig, &reply);
		err = sluice_flow_insert(&f->sn.flows, flow);
		KUNIT_EXPECT_EQ_MSG(test, err, rows[i].err, "row %u", i);
		if (err)
			sluice_flow_free(flow);
	}
	KUNIT_EXPECT_EQ(test, flow_count(f), 2);
	KUNIT_EXPECT_EQ(test, refcount_read(&f->backends[0]->refs), 2U);
}

/* After a refusal the same flow can be inserted with another tuple. */
static void refused_flow_can_be_changed(struct kunit *test)
{
	struct flow_test *f = test->priv;
	struct sluice_tuple orig = test_tuple(3, UDP), reply = test_tuple(2, UDP);
	struct sluice_flow *flow;

	test_flow_add(test, &f->sn, NULL, 1, 2, UDP);
	flow = test_flow_alloc(test, NULL, &orig, &reply);
	KUNIT_ASSERT_EQ(test, sluice_flow_insert(&f->sn.flows, flow),
			-EADDRINUSE);
	KUNIT_EXPECT_NULL(test, test_flow_find(&f->sn, 3, UDP));
	flow->nodes[REPLY].tuple = test_tuple(4, UDP);
	KUNIT_EXPECT_EQ(test, sluice_flow_insert(&f->sn.flows, flow), 0);
	KUNIT_EXPECT_PTR_EQ(test, test_flow_find(&f->sn, 3, UDP), flow);
	KUNIT_EXPECT_PTR_EQ(test, test_flow_find(&f->sn, 4, UDP), flow);
}

static void unlinked_once(struct kunit *test)
{
	struct flow_test *f = test->priv;
	struct sluice_flow *flow;

	flow = test_flow_add(test, &f->sn, f->backends[0], 1, 2, TCP);
	rcu_read_lock();
	KUNIT_EXPECT_FALSE(test, sluice_flow_is_dead(flow));
	KUNIT_EXPECT_TRUE(test, test_flow_unlink(&f->sn, flow));
	KUNIT_EXPECT_TRUE(test, sluice_flow_is_dead(flow));
	KUNIT_EXPECT_FALSE(test, test_flow_unlink(&f->sn, flow));
	KUNIT_EXPECT_EQ(test, refcount_read(&f->backends[0]->refs), 2U);
	rcu_read_unlock();

	KUNIT_EXPECT_EQ(test, flow_count(f), 0);
	KUNIT_EXPECT_EQ(test, stat(f, SLUICE_STAT_FLOWS_RETIRED), 1ULL);
	KUNIT_EXPECT_NULL(test, test_flow_find(&f->sn, 1, TCP));
	KUNIT_EXPECT_NULL(test, test_flow_find(&f->sn, 2, TCP));
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&f->backends[0]->refs), 1U);
}

/* A step is a direction, '>' or '<', and flags. */
struct state_row {
	const char *steps[6];
	u8 proto;
	enum sluice_flow_state state;
	enum sluice_timeout timeout;
};

static const struct state_row state_rows[] = {
#define UNREPLIED	SLUICE_FLOW_STATE_UNREPLIED
#define ESTABLISHED	SLUICE_FLOW_STATE_ESTABLISHED
#define CLOSING		SLUICE_FLOW_STATE_CLOSING
#define T(_name)	SLUICE_TIMEOUT_##_name
	{ { }, UDP, UNREPLIED, T(UDP_UNREPLIED) },
	{ { ">", ">" }, UDP, UNREPLIED, T(UDP_UNREPLIED) },
	{ { ">", "<" }, UDP, ESTABLISHED, T(UDP) },
	{ { ">", "<", ">" }, UDP, ESTABLISHED, T(UDP) },
	{ { "<" }, UDP, ESTABLISHED, T(UDP) },
	{ { }, TCP, UNREPLIED, T(TCP_UNREPLIED) },
	{ { ">S", ">S" }, TCP, UNREPLIED, T(TCP_UNREPLIED) },
	{ { ">S", "<SA" }, TCP, ESTABLISHED, T(TCP_UNREPLIED) },
	{ { ">S", "<SA", ">S" }, TCP, ESTABLISHED, T(TCP_UNREPLIED) },
	{ { ">S", "<SA", ">A" }, TCP, ESTABLISHED, T(TCP) },
	{ { ">S", "<RA" }, TCP, CLOSING, T(TCP_CLOSING) },
	{ { ">S", ">R" }, TCP, CLOSING, T(TCP_CLOSING) },
	{ { ">FA" }, TCP, UNREPLIED, T(TCP_HALF_CLOSED) },
	{ { ">S", "<SA", ">FA" }, TCP, ESTABLISHED, T(TCP_HALF_CLOSED) },
	{ { ">S", "<SA", "<FA" }, TCP, ESTABLISHED, T(TCP_HALF_CLOSED) },
	{ { ">S", "<SA", ">FA", "<A" }, TCP, ESTABLISHED, T(TCP_HALF_CLOSED) },
	{ { ">S", "<SA", ">FA", ">FA" }, TCP, ESTABLISHED, T(TCP_HALF_CLOSED) },
	{ { ">S", "<SA", ">FA", "<FA" }, TCP, CLOSING, T(TCP_CLOSING) },
	{ { ">S", "<SA", "<FA", ">FA", "<A" }, TCP, CLOSING, T(TCP_CLOSING) },
	{ { ">S", "<SA", ">RA", "<A" }, TCP, CLOSING, T(TCP_CLOSING) },
};

/* Replies go another way. */
static const struct state_row one_sided_rows[] = {
	{ { ">" }, UDP, UNREPLIED, T(UDP_UNREPLIED) },
	{ { ">", ">" }, UDP, ESTABLISHED, T(UDP) },
	{ { ">", "<" }, UDP, ESTABLISHED, T(UDP) },
	{ { ">S" }, TCP, UNREPLIED, T(TCP_UNREPLIED) },
	{ { ">S", ">S", ">S" }, TCP, UNREPLIED, T(TCP_UNREPLIED) },
	{ { ">S", ">A" }, TCP, ESTABLISHED, T(TCP) },
	{ { ">S", ">A", ">A" }, TCP, ESTABLISHED, T(TCP) },
	{ { ">A" }, TCP, UNREPLIED, T(TCP_UNREPLIED) },
	{ { ">A", ">A" }, TCP, ESTABLISHED, T(TCP) },
	{ { ">S", "<SA", ">A" }, TCP, ESTABLISHED, T(TCP) },
	{ { ">S", ">A", ">FA" }, TCP, ESTABLISHED, T(TCP_HALF_CLOSED) },
	{ { ">S", ">A", ">FA", ">A" }, TCP, ESTABLISHED, T(TCP_HALF_CLOSED) },
	{ { ">S", ">A", ">FA", "<FA" }, TCP, CLOSING, T(TCP_CLOSING) },
	{ { ">S", ">A", ">RA" }, TCP, CLOSING, T(TCP_CLOSING) },
	{ { ">S", ">R" }, TCP, CLOSING, T(TCP_CLOSING) },
	{ { ">S" }, IPPROTO_SCTP, UNREPLIED, T(TCP_UNREPLIED) },
	{ { ">S", ">" }, IPPROTO_SCTP, ESTABLISHED, T(TCP) },
#undef T
};

/* Whether the time left is that of a timeout; a test takes less than 50 s. */
static bool has_timeout(const struct flow_test *f,
			const struct sluice_flow *flow,
			enum sluice_timeout timeout)
{
	s32 left = sluice_flow_time_left(flow);
	s32 full = f->sn.settings.timeouts[timeout] * HZ;

	return left <= full && left > full - 50 * HZ;
}

static void expect_states(struct kunit *test, const struct state_row *rows,
			  u32 count, enum sluice_forward forward)
{
	struct flow_test *f = test->priv;
	struct sluice_flow *flow;
	const char *const *step;
	u32 i;

	for (i = 0; i < count; i++) {
		flow = test_flow_add(test, &f->sn, NULL, 2 * i, 2 * i + 1,
				     rows[i].proto);
		flow->forward = forward;
		for (step = rows[i].steps; *step; step++) {
			flow->expires = (u32)jiffies + 1;
			test_flow_touch(&f->sn, flow,
					**step == '>' ? ORIG : REPLY,
					*step + 1, 40);
		}
		KUNIT_EXPECT_EQ_MSG(test, sluice_flow_state(flow),
				    rows[i].state, "row %u", i);
		KUNIT_EXPECT_TRUE_MSG(test,
				      has_timeout(f, flow, rows[i].timeout),
				      "row %u", i);
	}
}

static void states_and_timeouts(struct kunit *test)
{
	expect_states(test, state_rows, ARRAY_SIZE(state_rows),
		      SLUICE_FORWARD_NAT);
}

static void one_sided_states(struct kunit *test)
{
	struct flow_test *f = test->priv;

	f->sn.settings.timeouts[SLUICE_TIMEOUT_TCP] = 600;
	expect_states(test, one_sided_rows, ARRAY_SIZE(one_sided_rows),
		      SLUICE_FORWARD_L2);
}

/* The end of an established connection may not be seen. */
static void one_sided_tcp_is_not_kept_for_long(struct kunit *test)
{
	static const struct {
		u32 setting;
		s32 seconds;
	} rows[] = {
		{ 24 * 3600, 900 },
		{ SLUICE_TIMEOUT_MAX, 900 },
		{ 900, 900 },
		{ 300, 300 },
	};
	struct flow_test *f = test->priv;
	struct sluice_flow *flow;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		f->sn.settings.timeouts[SLUICE_TIMEOUT_TCP] = rows[i].setting;
		flow = test_flow_add(test, &f->sn, NULL, 2 * i, 2 * i + 1, TCP);
		flow->forward = SLUICE_FORWARD_TUNNEL;
		test_flow_touch(&f->sn, flow, ORIG, "S", 40);
		test_flow_touch(&f->sn, flow, ORIG, "A", 40);
		KUNIT_EXPECT_LE_MSG(test, sluice_flow_time_left(flow),
				    rows[i].seconds * HZ, "row %u", i);
		KUNIT_EXPECT_GT_MSG(test, sluice_flow_time_left(flow),
				    (rows[i].seconds - 50) * HZ, "row %u", i);
	}
}

/* How many packets of which kind it takes to be spared by eviction. */
static void one_sided_assurance(struct kunit *test)
{
	static const struct {
		const char *flags[4];
		u8 proto;
		bool assured;
	} rows[] = {
		{ { "S" }, TCP, false },
		{ { "S", "S", "S" }, TCP, false },
		{ { "A" }, TCP, false },
		{ { "S", "R" }, TCP, false },
		{ { "S", "A" }, TCP, true },
		{ { "" }, UDP, false },
		{ { "", "" }, UDP, false },
		{ { "", "", "" }, UDP, true },
	};
	struct flow_test *f = test->priv;
	const char *const *flags;
	struct sluice_flow *flow;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		flow = test_flow_add(test, &f->sn, NULL, 2 * i, 2 * i + 1,
				     rows[i].proto);
		flow->forward = SLUICE_FORWARD_TUNNEL;
		for (flags = rows[i].flags; *flags; flags++)
			test_flow_touch(&f->sn, flow, ORIG, *flags, 40);
		KUNIT_EXPECT_EQ_MSG(test, sluice_flow_is_assured(flow),
				    rows[i].assured, "row %u", i);
	}
}

static void settings_hold_at_once(struct kunit *test)
{
	struct flow_test *f = test->priv;
	struct sluice_flow *flow;

	flow = test_flow_add(test, &f->sn, NULL, 1, 2, UDP);
	f->sn.settings.timeouts[SLUICE_TIMEOUT_UDP_UNREPLIED] = 20000;
	test_flow_touch(&f->sn, flow, ORIG, "", 40);
	KUNIT_EXPECT_TRUE(test, has_timeout(f, flow,
					    SLUICE_TIMEOUT_UDP_UNREPLIED));
	f->sn.settings.timeouts[SLUICE_TIMEOUT_UDP_UNREPLIED] =
		SLUICE_TIMEOUT_MAX;
	test_flow_touch(&f->sn, flow, ORIG, "", 40);
	KUNIT_EXPECT_TRUE(test, has_timeout(f, flow,
					    SLUICE_TIMEOUT_UDP_UNREPLIED));
}

static void touch_counts(struct kunit *test)
{
	struct flow_test *f = test->priv;
	struct sluice_flow *flow;

	flow = test_flow_add(test, &f->sn, NULL, 1, 2, UDP);
	test_flow_touch(&f->sn, flow, ORIG, "", 100);
	test_flow_touch(&f->sn, flow, ORIG, "", 1);
	test_flow_touch(&f->sn, flow, REPLY, "", 65535);
	KUNIT_EXPECT_EQ(test, atomic64_read(&flow->packets[ORIG]), 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&flow->bytes[ORIG]), 101);
	KUNIT_EXPECT_EQ(test, atomic64_read(&flow->packets[REPLY]), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&flow->bytes[REPLY]), 65535);
}

static void expect_counters(struct kunit *test,
			    const struct sluice_counters *counters,
			    const struct model_counts *model)
{
	enum sluice_dir dir;

	KUNIT_EXPECT_EQ(test, atomic64_read(&counters->connections),
			model->connections);
	for (dir = ORIG; dir < SLUICE_DIRS; dir++) {
		KUNIT_EXPECT_EQ(test, atomic64_read(&counters->packets[dir]),
				model->packets[dir]);
		KUNIT_EXPECT_EQ(test, atomic64_read(&counters->bytes[dir]),
				model->bytes[dir]);
	}
}

static void fold_hands_over_once(struct kunit *test)
{
	struct model_counts want = {
		.connections = 1, .packets = { 1, 2 }, .bytes = { 10, 500 },
	};
	struct flow_test *f = test->priv;
	struct sluice_flow *flow;
	u32 i;

	flow = test_flow_add(test, &f->sn, f->backends[0], 1, 2, TCP);
	test_flow_touch(&f->sn, flow, ORIG, "", 10);
	test_flow_touch(&f->sn, flow, REPLY, "", 200);
	test_flow_touch(&f->sn, flow, REPLY, "", 300);
	for (i = 0; i < 3; i++) {
		sluice_flow_table_fold(&f->sn.flows);
		expect_counters(test, &f->backends[0]->counters, &want);
		expect_counters(test, &f->service->counters, &want);
	}
	test_flow_touch(&f->sn, flow, ORIG, "", 7);
	test_flow_unlink(&f->sn, flow);
	want.packets[ORIG]++;
	want.bytes[ORIG] += 7;
	expect_counters(test, &f->backends[0]->counters, &want);
	expect_counters(test, &f->service->counters, &want);
}

static bool has_backend(const struct sluice_flow *flow, const void *arg)
{
	return flow->backend == arg;
}

static void flush_ends_what_matches(struct kunit *test)
{
	struct flow_test *f = test->priv;
	u32 i;

	for (i = 0; i < 60; i++)
		test_flow_add(test, &f->sn, f->backends[i % 3], 2 * i,
			      2 * i + 1, UDP);
	sluice_flow_table_flush(&f->sn.flows, has_backend, f->backends[1]);
	KUNIT_EXPECT_EQ(test, flow_count(f), 40);
	for (i = 0; i < 60; i++)
		KUNIT_EXPECT_EQ(test, !test_flow_find(&f->sn, 2 * i, UDP),
				i % 3 == 1);
	sluice_flow_table_flush(&f->sn.flows, NULL, NULL);
	KUNIT_EXPECT_EQ(test, flow_count(f), 0);
	KUNIT_EXPECT_EQ(test, stat(f, SLUICE_STAT_FLOWS_RETIRED), 60ULL);
}

/* ---------------------------------------------------------------- the model */

static void model_add(struct flow_test *f, struct sluice_flow *flow, u32 orig,
		      u32 reply, u32 backend)
{
	f->owner[orig] = flow;
	f->owner[reply] = flow;
	f->other[orig] = reply;
	f->other[reply] = orig;
	f->dir[orig] = ORIG;
	f->dir[reply] = REPLY;
	f->backend_of[orig] = backend;
	f->backend_of[reply] = backend;
	f->counts[backend].connections++;
	f->counts[backend].flows++;
	f->flows++;
}

static void model_del(struct flow_test *f, u32 tuple)
{
	f->counts[f->backend_of[tuple]].flows--;
	f->owner[f->other[tuple]] = NULL;
	f->owner[tuple] = NULL;
	f->flows--;
}

static void step_insert(struct kunit *test, u32 orig, u32 reply)
{
	struct flow_test *f = test->priv;
	struct sluice_tuple from = test_tuple(orig, TCP);
	struct sluice_tuple to = test_tuple(reply, TCP);
	u32 backend = random_below(&f->random, MODEL_BACKENDS);
	struct sluice_flow *flow;
	int want, err;

	if (orig == reply)
		return;
	want = f->owner[orig] ? -EEXIST : f->owner[reply] ? -EADDRINUSE : 0;
	flow = test_flow_alloc(test, f->backends[backend], &from, &to);
	err = sluice_flow_insert(&f->sn.flows, flow);
	KUNIT_ASSERT_EQ(test, err, want);
	if (err)
		sluice_flow_free(flow);
	else
		model_add(f, flow, orig, reply, backend);
}

static void step_touch(struct kunit *test, u32 tuple, u32 len)
{
	struct flow_test *f = test->priv;
	struct model_counts *counts = &f->counts[f->backend_of[tuple]];
	enum sluice_dir dir = f->dir[tuple];

	if (!f->owner[tuple])
		return;
	test_flow_touch(&f->sn, f->owner[tuple], dir, "A", len);
	counts->packets[dir]++;
	counts->bytes[dir] += len;
}

static void step_unlink(struct kunit *test, u32 tuple, u32 unused)
{
	struct flow_test *f = test->priv;

	if (!f->owner[tuple])
		return;
	KUNIT_EXPECT_TRUE(test, test_flow_unlink(&f->sn, f->owner[tuple]));
	model_del(f, tuple);
}

/* A few expire, the collector takes them. */
static void step_expire(struct kunit *test, u32 first, u32 count)
{
	struct flow_test *f = test->priv;
	u32 i;

	for (i = first; i < MODEL_TUPLES && i < first + count % 32; i++) {
		if (!f->owner[i])
			continue;
		WRITE_ONCE(f->owner[i]->expires, (u32)jiffies);
		model_del(f, i);
	}
	test_flow_gc(&f->sn);
}

/* The evicted one may be any here; it must be one. */
static void step_evict(struct kunit *test, u32 from, u32 unused)
{
	struct flow_test *f = test->priv;
	int flows = f->flows;
	bool evicted;
	u32 i;

	f->sn.flows.evict_next = from;
	rcu_read_lock();
	evicted = sluice_flow_evict_one(&f->sn.flows);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, evicted, !!flows);
	for (i = 0; i < MODEL_TUPLES; i++)
		if (f->owner[i] && !test_flow_find(&f->sn, i, TCP))
			model_del(f, i);
	KUNIT_EXPECT_EQ(test, f->flows, evicted ? flows - 1 : flows);
}

static void step_flush(struct kunit *test, u32 backend, u32 unused)
{
	struct flow_test *f = test->priv;
	u32 i;

	backend %= MODEL_BACKENDS;
	sluice_flow_table_flush(&f->sn.flows, has_backend,
				f->backends[backend]);
	for (i = 0; i < MODEL_TUPLES; i++)
		if (f->owner[i] && f->backend_of[i] == backend)
			model_del(f, i);
}

static void step_fold(struct kunit *test, u32 unused, u32 unused_too)
{
	struct flow_test *f = test->priv;

	sluice_flow_table_fold(&f->sn.flows);
}

static const struct {
	u32 weight;	/* how often, relative to the others */
	void (*step)(struct kunit *test, u32 a, u32 b);
} steps[] = {
	{ 400, step_insert },
	{ 380, step_touch },
	{ 150, step_unlink },
	{ 40, step_evict },
	{ 15, step_expire },
	{ 5, step_flush },
	{ 10, step_fold },
};

static void take_random_step(struct kunit *test)
{
	struct flow_test *f = test->priv;
	u32 point = random_below(&f->random, 1000), i;

	for (i = 0; point >= steps[i].weight; i++)
		point -= steps[i].weight;
	steps[i].step(test, random_below(&f->random, MODEL_TUPLES),
		      random_below(&f->random, MODEL_TUPLES));
}

static void compare_tuple(struct kunit *test, u32 i)
{
	struct flow_test *f = test->priv;
	struct sluice_tuple tuple = test_tuple(i, TCP);
	struct sluice_flow_node *node;

	rcu_read_lock();
	node = sluice_flow_lookup(&f->sn.flows, &tuple,
					  SLUICE_DOOR_ENTRY);
	KUNIT_ASSERT_EQ(test, !node, !f->owner[i]);
	if (node) {
		KUNIT_EXPECT_PTR_EQ(test, sluice_flow_of(node), f->owner[i]);
		KUNIT_EXPECT_EQ(test, node->dir, f->dir[i]);
	}
	rcu_read_unlock();
}

static void compare_backends(struct kunit *test)
{
	struct flow_test *f = test->priv;
	int flows = 0;
	u32 i;

	sluice_flow_table_fold(&f->sn.flows);
	for (i = 0; i < MODEL_BACKENDS; i++) {
		expect_counters(test, &f->backends[i]->counters, &f->counts[i]);
		KUNIT_EXPECT_EQ(test,
				atomic_read(&f->backends[i]->flow_count),
				f->counts[i].flows);
		flows += f->counts[i].flows;
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&f->service->flow_count), flows);
}

/* A walk over the buckets meets each flow once. */
static void compare_walk(struct kunit *test)
{
	struct flow_test *f = test->priv;
	struct sluice_flow_node *node;
	int met = 0;
	u32 i;

	rcu_read_lock();
	for (i = 0; i <= f->sn.flows.mask; i++)
		sluice_flow_for_each_in_bucket(&f->sn.flows, i, node)
			met++;
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, met, f->flows);
}

static void random_steps(struct kunit *test)
{
	struct flow_test *f = test->priv;
	u32 i, j;

	for (i = 1; i <= MODEL_STEPS; i++) {
		take_random_step(test);
		KUNIT_ASSERT_EQ(test, flow_count(f), f->flows);
		compare_tuple(test, random_below(&f->random, MODEL_TUPLES));
		if (i % 500)
			continue;
		for (j = 0; j < MODEL_TUPLES; j++)
			compare_tuple(test, j);
		compare_backends(test);
		compare_walk(test);
	}
}

static int init(struct kunit *test)
{
	struct flow_test *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct sluice_l4addr addr = test_addr(0);
	int err;
	u32 i;

	if (!f)
		return -ENOMEM;
	prandom_seed_state(&f->random, 2701);
	test->priv = f;
	err = test_tables_init(&f->sn) ?:
	      test_tables_init_flows(&f->sn, BUCKETS);
	if (err)
		return err;

	for (i = 0; i < SLUICE_TIMEOUTS; i++)
		f->sn.settings.timeouts[i] = 1000 * (i + 1);
	f->service = test_service_add(test, &f->sn, &addr,
				      SLUICE_SCHEDULER_RANDOM);
	for (i = 0; i < MODEL_BACKENDS; i++) {
		addr = test_addr(1000 + i);
		f->backends[i] = test_backend_add(test, &f->sn, f->service,
						  &addr, 1,
						  SLUICE_BACKEND_STATE_ACTIVE);
	}
	return 0;
}

static void exit(struct kunit *test)
{
	struct flow_test *f = test->priv;

	test_tables_fini(&f->sn);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(found_by_both_tuples),
	KUNIT_CASE(duplicates_are_refused),
	KUNIT_CASE(refused_flow_can_be_changed),
	KUNIT_CASE(unlinked_once),
	KUNIT_CASE(states_and_timeouts),
	KUNIT_CASE(one_sided_states),
	KUNIT_CASE(one_sided_tcp_is_not_kept_for_long),
	KUNIT_CASE(one_sided_assurance),
	KUNIT_CASE(settings_hold_at_once),
	KUNIT_CASE(touch_counts),
	KUNIT_CASE(fold_hands_over_once),
	KUNIT_CASE(flush_ends_what_matches),
	KUNIT_CASE(random_steps),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_flow",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
