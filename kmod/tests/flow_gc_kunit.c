// SPDX-License-Identifier: GPL-2.0
/*
 * How flows end by themselves: collection and eviction.
 */
#include <linux/slab.h>

#include "tables.h"

#define BUCKETS		256
#define UDP		IPPROTO_UDP
#define TCP		IPPROTO_TCP
#define ORIG		SLUICE_DIR_ORIG
#define REPLY		SLUICE_DIR_REPLY
#define FLOWS		200

/**
 * struct gc_test - what a case works on
 * @sn: services, backends, flows
 * @stale_revision: flows of this revision are stale
 * @told: how often listeners were told of what
 */
struct gc_test {
	struct sluice_net sn;
	unsigned long stale_revision;
	u64 told[SLUICE_STAT_COUNT];
};

static bool is_stale(struct sluice_flow_table *table, struct sluice_flow *flow)
{
	struct gc_test *g = container_of(table, struct gc_test, sn.flows);

	return flow->revision == g->stale_revision;
}

static void note_told(struct sluice_flow_table *table,
		      const struct sluice_flow *flow, enum sluice_stat what)
{
	struct gc_test *g = container_of(table, struct gc_test, sn.flows);

	g->told[what]++;
}

static int flow_count(const struct gc_test *g)
{
	return atomic_read(&g->sn.flows.count);
}

static u64 stat(const struct gc_test *g, enum sluice_stat which)
{
	return sluice_stat_sum(g->sn.stats, which);
}

/* @left: jiffies until it ends */
static struct sluice_flow *add_flow(struct kunit *test, u32 number, s32 left)
{
	struct gc_test *g = test->priv;
	struct sluice_flow *flow;

	flow = test_flow_add(test, &g->sn, NULL, 2 * number, 2 * number + 1,
			     TCP);
	WRITE_ONCE(flow->expires, (u32)jiffies + left);
	return flow;
}

static bool exists(struct gc_test *g, u32 number)
{
	bool orig = test_flow_find(&g->sn, 2 * number, TCP);
	bool reply = test_flow_find(&g->sn, 2 * number + 1, TCP);

	return orig && reply;
}

static void collects_expired(struct kunit *test)
{
	static const s32 left[] = { 100000, 0, -1, S32_MIN / 2, 100000000 };
	struct gc_test *g = test->priv;
	u32 i, alive = 0;

	for (i = 0; i < FLOWS; i++) {
		add_flow(test, i, left[i % 5]);
		alive += left[i % 5] > 0;
	}
	test_flow_gc(&g->sn);
	for (i = 0; i < FLOWS; i++)
		KUNIT_EXPECT_EQ(test, exists(g, i), left[i % 5] > 0);
	KUNIT_EXPECT_EQ(test, flow_count(g), (int)alive);
	KUNIT_EXPECT_EQ(test, stat(g, SLUICE_STAT_FLOWS_EXPIRED),
			(u64)FLOWS - alive);
	KUNIT_EXPECT_EQ(test, stat(g, SLUICE_STAT_FLOWS_RETIRED), 0ULL);
}

static void collects_stale(struct kunit *test)
{
	struct gc_test *g = test->priv;
	u32 i;

	g->stale_revision = 2;
	for (i = 0; i < FLOWS; i++)
		add_flow(test, i, 100000)->revision = i % 4;
	test_flow_gc(&g->sn);
	for (i = 0; i < FLOWS; i++)
		KUNIT_EXPECT_EQ(test, exists(g, i), i % 4 != 2);
	KUNIT_EXPECT_EQ(test, stat(g, SLUICE_STAT_FLOWS_RETIRED), FLOWS / 4ULL);
	KUNIT_EXPECT_EQ(test, stat(g, SLUICE_STAT_FLOWS_EXPIRED), 0ULL);
}

/* Without a change the collector visits part after part. */
static void collects_in_parts(struct kunit *test)
{
	struct gc_test *g = test->priv;
	u32 i, runs = 0;

	for (i = 0; i < FLOWS; i++)
		add_flow(test, i, 0);
	while (flow_count(g) && runs < 20) {
		mod_delayed_work(system_power_efficient_wq,
				 &g->sn.flows.gc, 0);
		flush_delayed_work(&g->sn.flows.gc);
		runs++;
	}
	KUNIT_EXPECT_EQ(test, flow_count(g), 0);
	KUNIT_EXPECT_LE(test, runs, 8U);
}

static void runs_while_there_are_flows(struct kunit *test)
{
	struct gc_test *g = test->priv;
	struct delayed_work *work = &g->sn.flows.gc;
	struct sluice_flow *flow;

	KUNIT_EXPECT_FALSE(test, delayed_work_pending(work));
	flow = add_flow(test, 1, 100000);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(work));
	test_flow_gc(&g->sn);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(work));
	test_flow_unlink(&g->sn, flow);
	mod_delayed_work(system_power_efficient_wq, work, 0);
	flush_delayed_work(work);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(work));
	sluice_flow_gc_kick(&g->sn.flows);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(work));
}

/* However often something changes: the walk is no more often, nor put off. */
static void changes_are_taken_together(struct kunit *test)
{
	struct gc_test *g = test->priv;
	struct delayed_work *work = &g->sn.flows.gc;
	const unsigned long far = jiffies + 1000 * HZ;

	add_flow(test, 1, 100000);
	sluice_flow_gc_kick(&g->sn.flows);
	KUNIT_EXPECT_TRUE(test, g->sn.flows.gc_all);
	/* As if that were long to come: another one does not change it. */
	mod_delayed_work(system_power_efficient_wq, work, 1000 * HZ);
	sluice_flow_gc_kick(&g->sn.flows);
	KUNIT_EXPECT_FALSE(test, time_before(work->timer.expires, far));
	flush_delayed_work(work);
	KUNIT_EXPECT_FALSE(test, g->sn.flows.gc_all);
	mod_delayed_work(system_power_efficient_wq, work, 1000 * HZ);
	sluice_flow_gc_kick(&g->sn.flows);
	KUNIT_EXPECT_TRUE(test, time_before(work->timer.expires, far));
}

/* Changes to what a service has: it has two backends, 0 and 1. */
static void delete_backend(struct sluice_tx *tx, struct sluice_service *service,
			   struct sluice_backend *backend)
{
	sluice_tx_backend_del(tx, backend);
}

static void take_backend_down(struct sluice_tx *tx,
			      struct sluice_service *service,
			      struct sluice_backend *backend)
{
	const struct sluice_backend_cfg cfg = {
		.addr = backend->addr, .state = SLUICE_BACKEND_STATE_DOWN,
		.has_state = true,
	};

	sluice_tx_backend_new(tx, service, &cfg, NULL);
}

static void delete_service(struct sluice_tx *tx, struct sluice_service *service,
			   struct sluice_backend *backend)
{
	sluice_tx_service_del(tx, service);
}

static void (*const losses[])(struct sluice_tx *tx,
			      struct sluice_service *service,
			      struct sluice_backend *backend) = {
	take_backend_down, delete_backend, delete_service,
};

/* A service with two backends */
static struct sluice_service *add_service(struct kunit *test, u32 number,
					  struct sluice_backend **backends)
{
	struct gc_test *g = test->priv;
	struct sluice_l4addr addr = test_addr(number);
	struct sluice_service *service;
	u32 i;

	service = test_service_add(test, &g->sn, &addr,
				   SLUICE_SCHEDULER_RANDOM);
	for (i = 0; i < 2; i++) {
		addr = test_addr(number + 2 * (i + 1));
		backends[i] = test_backend_add(test, &g->sn, service, &addr, 1,
					       SLUICE_BACKEND_STATE_ACTIVE);
	}
	return service;
}

/* Whether a loss has the collector visit the whole table */
static bool is_visited(struct kunit *test, u32 loss,
		       struct sluice_service *service,
		       struct sluice_backend *backend)
{
	struct gc_test *g = test->priv;
	struct sluice_config_tx tx;
	bool visited;

	test_config_begin(&g->sn, &tx);
	losses[loss](&tx.services, service, backend);
	KUNIT_EXPECT_EQ(test, test_config_finish(&tx, 0), 0);
	visited = g->sn.flows.gc_all;
	test_flow_gc(&g->sn);
	return visited;
}

/* The whole table is visited if what goes has flows, and not if others have. */
static void losses_without_flows_cost_no_visit(struct kunit *test)
{
	struct sluice_backend *used[2], *unused[2];
	struct sluice_service *service, *other;
	struct gc_test *g = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(losses); i++) {
		service = add_service(test, 1000, used);
		other = add_service(test, 2000, unused);
		test_flow_add(test, &g->sn, used[0], 4 * i, 4 * i + 2, UDP);
		KUNIT_EXPECT_FALSE(test, is_visited(test, i, other, unused[0]));
		if (losses[i] != delete_service)
			KUNIT_EXPECT_FALSE(test, is_visited(test, i, service,
							    used[1]));
		KUNIT_EXPECT_TRUE(test, is_visited(test, i, service, used[0]));
		test_service_flush(&g->sn);
	}
}

/* ---------------------------------------------------------------- eviction */

/* With the search starting at bucket @from. */
static bool evict_at(struct gc_test *g, u32 from)
{
	bool evicted;

	g->sn.flows.evict_next = from - 1;
	rcu_read_lock();
	evicted = sluice_flow_evict_one(&g->sn.flows);
	rcu_read_unlock();
	return evicted;
}

static u32 bucket_of(const struct gc_test *g, u32 tuple)
{
	struct sluice_tuple t = test_tuple(tuple, TCP);

	return sluice_flow_hash(&g->sn.flows, &t) & g->sn.flows.mask;
}

/* The next flow number whose original tuple is in one of the first buckets. */
static u32 next_near(const struct gc_test *g, u32 number, u32 buckets)
{
	while (bucket_of(g, 2 * number) >= buckets)
		number++;
	return number;
}

static void nothing_to_evict(struct kunit *test)
{
	struct gc_test *g = test->priv;

	KUNIT_EXPECT_FALSE(test, evict_at(g, 0));
	KUNIT_EXPECT_FALSE(test, evict_at(g, U32_MAX));
	KUNIT_EXPECT_EQ(test, stat(g, SLUICE_STAT_FLOWS_EVICTED), 0ULL);
}

/* In an almost empty table the one flow is found from everywhere. */
static void single_flow_is_found(struct kunit *test)
{
	struct gc_test *g = test->priv;
	u32 i;

	for (i = 0; i < BUCKETS; i++) {
		add_flow(test, i, 100000);
		KUNIT_EXPECT_TRUE(test, evict_at(g, i));
		KUNIT_EXPECT_EQ(test, flow_count(g), 0);
	}
	KUNIT_EXPECT_EQ(test, stat(g, SLUICE_STAT_FLOWS_EVICTED),
			(u64)BUCKETS);
}

/* The order of eviction. */
static const struct {
	const char *desc;
	const char *packets[3];	/* flags: original, reply, original */
	s32 left;
} importance_rows[] = {
	{ "expired, assured", { "S", "SA", "A" }, -10000 },
	{ "expired, closing", { "R", "A" }, 0 },
	{ "reset", { "R", "A" }, 70000 },
	{ "closed, most time left", { "F", "F", "A" }, 600000 },
	{ "answered, not taken up", { "S", "SA" }, 45000 },
	{ "unreplied", { "S" }, 50000 },
	{ "answered, more time left", { "S", "SA", "S" }, 450000 },
	{ "unreplied, more time left", { "S" }, 500000 },
	{ "assured, half closed", { "F", "A", "A" }, 20000 },
	{ "assured, idle longest", { "S", "SA", "A" }, 30000 },
	{ "assured", { "S", "SA", "A" }, 400000 },
};

static void add_row(struct kunit *test, u32 row, u32 number)
{
	struct gc_test *g = test->priv;
	struct sluice_flow *flow = add_flow(test, number, 0);

	u32 i;

	for (i = 0; i < 3 && importance_rows[row].packets[i]; i++)
		test_flow_touch(&g->sn, flow, i % 2 ? REPLY : ORIG,
				importance_rows[row].packets[i], 40);
	WRITE_ONCE(flow->expires, (u32)jiffies + importance_rows[row].left);
}

static void least_important_goes_first(struct kunit *test)
{
	u32 numbers[ARRAY_SIZE(importance_rows)];
	struct gc_test *g = test->priv;
	u32 round, i, row, next = 0;

	for (round = 0; round < 20; round++) {
		/* Put in from another row on each time. */
		for (i = 0; i < ARRAY_SIZE(numbers); i++) {
			row = (i * 4 + round) % ARRAY_SIZE(numbers);
			next = next_near(g, next + 1, 64);
			add_row(test, row, next);
			numbers[row] = next;
		}
		for (row = 0; row < ARRAY_SIZE(numbers); row++) {
			KUNIT_EXPECT_TRUE(test, exists(g, numbers[row]));
			KUNIT_EXPECT_TRUE(test, evict_at(g, 0));
			KUNIT_EXPECT_FALSE_MSG(test, exists(g, numbers[row]),
					       "%s", importance_rows[row].desc);
		}
		KUNIT_EXPECT_EQ(test, flow_count(g), 0);
	}
}

/* A SYN of a flood; some are answered, none is taken up. */
static void add_flood(struct kunit *test, u32 number)
{
	struct gc_test *g = test->priv;
	struct sluice_flow *flow = add_flow(test, number, 100000);

	test_flow_touch(&g->sn, flow, ORIG, "S", 40);
	if (number % 2)
		test_flow_touch(&g->sn, flow, REPLY, "SA", 40);
}

/* A flood displaces its own kind; what is in use stays. */
static void flood_displaces_itself(struct kunit *test)
{
	struct gc_test *g = test->priv;
	struct sluice_flow *flow;
	u32 i, lost = 0;

	for (i = 0; i < 50; i++) {
		flow = add_flow(test, i, 100000);
		test_flow_touch(&g->sn, flow, REPLY, "SA", 40);
		test_flow_touch(&g->sn, flow, ORIG, "A", 40);
	}
	for (i = 50; i < 250; i++)
		add_flood(test, i);
	for (i = 250; i < 2000; i++) {
		KUNIT_EXPECT_TRUE(test, evict_at(g, bucket_of(g, 2 * i)));
		add_flood(test, i);
	}
	for (i = 0; i < 50; i++)
		lost += !exists(g, i);
	KUNIT_EXPECT_EQ(test, lost, 0U);
	KUNIT_EXPECT_EQ(test, flow_count(g), 250);
}

static void eviction_is_reported(struct kunit *test)
{
	struct gc_test *g = test->priv;
	struct sluice_event event;
	struct sluice_tuple tuple = test_tuple(2, TCP);

	add_flow(test, 1, 100000);
	KUNIT_EXPECT_TRUE(test, evict_at(g, 0));
	KUNIT_ASSERT_EQ(test, kfifo_get(&g->sn.events.ring, &event), 1);
	KUNIT_EXPECT_EQ(test, event.type, SLUICE_EVENT_TYPE_EVICT);
	KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&event.tuple, &tuple));
	KUNIT_EXPECT_TRUE(test, kfifo_is_empty(&g->sn.events.ring));
}

static void events_beyond_ring_are_counted(struct kunit *test)
{
	struct gc_test *g = test->priv;
	u32 i;

	for (i = 0; i < SLUICE_EVENT_RING + 10; i++) {
		add_flow(test, i, 100000);
		KUNIT_EXPECT_TRUE(test, evict_at(g, 0));
	}
	KUNIT_EXPECT_EQ(test, stat(g, SLUICE_STAT_EVENTS_LOST), 10ULL);
}

static int init(struct kunit *test)
{
	struct gc_test *g = kunit_kzalloc(test, sizeof(*g), GFP_KERNEL);
	u32 i;
	int err;

	if (!g)
		return -ENOMEM;
	test->priv = g;
	err = test_tables_init(&g->sn) ?:
	      test_tables_init_flows(&g->sn, BUCKETS);
	if (err)
		return err;

	g->sn.flows.ends = is_stale;
	g->sn.flows.tell = note_told;
	g->stale_revision = ULONG_MAX;
	for (i = 0; i < SLUICE_TIMEOUTS; i++)
		g->sn.settings.timeouts[i] = 10000;
	return 0;
}

/* Whatever a case has done, listeners know what was counted. */
static void expect_told(struct kunit *test)
{
	static const enum sluice_stat whats[] = {
		SLUICE_STAT_FLOWS_CREATED, SLUICE_STAT_FLOWS_EXPIRED,
		SLUICE_STAT_FLOWS_EVICTED, SLUICE_STAT_FLOWS_RETIRED,
	};
	struct gc_test *g = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(whats); i++)
		KUNIT_EXPECT_EQ(test, g->told[whats[i]], stat(g, whats[i]));
}

static void exit(struct kunit *test)
{
	struct gc_test *g = test->priv;

	expect_told(test);
	test_tables_fini(&g->sn);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(collects_expired),
	KUNIT_CASE(collects_stale),
	KUNIT_CASE(collects_in_parts),
	KUNIT_CASE(runs_while_there_are_flows),
	KUNIT_CASE(changes_are_taken_together),
	KUNIT_CASE(losses_without_flows_cost_no_visit),
	KUNIT_CASE(nothing_to_evict),
	KUNIT_CASE(single_flow_is_found),
	KUNIT_CASE(least_important_goes_first),
	KUNIT_CASE(flood_displaces_itself),
	KUNIT_CASE(eviction_is_reported),
	KUNIT_CASE(events_beyond_ring_are_counted),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_flow_gc",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
