// SPDX-License-Identifier: GPL-2.0
/*
 * Schedulers: who is chosen how often, and who never.
 */
#include <linux/gcd.h>
#include <linux/slab.h>

#include "random.h"
#include "tables.h"

#define BACKENDS	16
#define ACTIVE		SLUICE_BACKEND_STATE_ACTIVE

/**
 * struct sched_test - what a case works on
 * @sn: services, backends, flows
 * @random: random numbers
 * @service: the service whose scheduler is tested
 * @backends: its backends
 * @weights: their weights
 * @count: length of @backends
 * @picks: how often each was chosen
 */
struct sched_test {
	struct sluice_net sn;
	struct rnd_state random;
	struct sluice_service *service;
	struct sluice_backend *backends[BACKENDS];
	u32 weights[BACKENDS];
	u32 count;
	u32 picks[BACKENDS];
};

static void start(struct kunit *test, u8 scheduler)
{
	struct sched_test *s = test->priv;
	struct sluice_l4addr addr = test_addr(0);

	test_service_flush(&s->sn);
	s->service = test_service_add(test, &s->sn, &addr, scheduler);
	s->count = 0;
	memset(s->picks, 0, sizeof(s->picks));
}

static void add(struct kunit *test, u32 weight, u8 state)
{
	struct sched_test *s = test->priv;
	struct sluice_l4addr addr = test_addr(100 + s->count);

	s->weights[s->count] = weight;
	s->backends[s->count++] = test_backend_add(test, &s->sn, s->service,
						   &addr, weight, state);
}

static void start_with(struct kunit *test, u8 scheduler, const u32 *weights,
		       u32 count)
{
	u32 i;

	start(test, scheduler);
	for (i = 0; i < count; i++)
		add(test, weights[i], ACTIVE);
}

static struct sluice_tuple random_client(struct rnd_state *random)
{
	struct sluice_tuple tuple;

	random_tuple(random, &tuple, AF_INET, IPPROTO_TCP);
	return tuple;
}

/* The number of the backend chosen for a random client. */
static u32 pick_for(struct kunit *test, const struct sluice_tuple *client)
{
	struct sched_test *s = test->priv;
	struct sluice_backend *backend = test_choose(&s->sn, s->service, client,
						     false);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, backend);
	sluice_backend_put(backend);
	for (i = 0; i < s->count && s->backends[i] != backend; i++)
		;
	KUNIT_ASSERT_LT(test, i, s->count);
	s->picks[i]++;
	return i;
}

static u32 pick(struct kunit *test)
{
	struct sched_test *s = test->priv;
	struct sluice_tuple client = random_client(&s->random);

	return pick_for(test, &client);
}

static u32 total_weight(const struct sched_test *s)
{
	u32 total = 0, i;

	for (i = 0; i < s->count; i++)
		total += s->weights[i];
	return total;
}

static void expect_nobody(struct kunit *test)
{
	struct sched_test *s = test->priv;
	struct sluice_tuple client = random_client(&s->random);

	KUNIT_EXPECT_NULL(test, test_choose(&s->sn, s->service, &client, false));
}

static const struct {
	u32 weights[BACKENDS];
	u32 count;
} weight_rows[] = {
	{ { 1 }, 1 },
	{ { 7 }, 1 },
	{ { 1, 1 }, 2 },
	{ { 3, 1 }, 2 },
	{ { 1, 1, 1 }, 3 },
	{ { 5, 1, 1 }, 3 },
	{ { 100, 200, 300 }, 3 },
	{ { 65535, 65535 }, 2 },
	{ { 1, 100 }, 2 },
	{ { 17, 4, 23, 8, 15, 16, 42 }, 7 },
	{ { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 }, 16 },
	{ { 65535, 1, 300, 65534 }, 4 },
};

static u32 common_divisor(const struct sched_test *s)
{
	unsigned long divisor = 0;
	u32 i;

	for (i = 0; i < s->count; i++)
		divisor = gcd(divisor, s->weights[i]);
	return divisor;
}

static void wrr_exact_shares(struct kunit *test)
{
	struct sched_test *s = test->priv;
	u32 row, round, divisor, i;

	for (row = 0; row < ARRAY_SIZE(weight_rows); row++) {
		start_with(test, SLUICE_SCHEDULER_WRR, weight_rows[row].weights,
			   weight_rows[row].count);
		atomic_set(&s->service->turn,
			   random_below(&s->random, 1U << 31));
		divisor = common_divisor(s);
		round = total_weight(s) / divisor;
		for (i = 0; i < round; i++)
			pick(test);
		for (i = 0; i < s->count; i++)
			KUNIT_EXPECT_EQ_MSG(test, s->picks[i],
					    s->weights[i] / divisor,
					    "row %u, backend %u", row, i);
	}
}

/* The number of turns is not bounded by the type that counts them. */
static void wrr_goes_on_after_wrap(struct kunit *test)
{
	static const u32 weights[] = { 5, 3, 2 };
	struct sched_test *s = test->priv;
	u32 i;

	start_with(test, SLUICE_SCHEDULER_WRR, weights, 3);
	atomic_set(&s->service->turn, -10);
	for (i = 0; i < 1000; i++)
		pick(test);
	for (i = 0; i < s->count; i++) {
		KUNIT_EXPECT_GE(test, s->picks[i], weights[i] * 100 - 10);
		KUNIT_EXPECT_LE(test, s->picks[i], weights[i] * 100 + 10);
	}
}

/* The longest time that backend @which goes without a turn. */
static u32 longest_wait(struct kunit *test, u32 which, u32 turns)
{
	u32 wait = 0, longest = 0;

	while (turns--) {
		wait = pick(test) == which ? 0 : wait + 1;
		longest = max(longest, wait);
	}
	return longest;
}

/*
 * A backend with one turn in n waits at most for 4 * n turns, not for nearly a
 * round as when each took all its turns in a row.
 */
static void wrr_spreads_turns(struct kunit *test)
{
	struct sched_test *s = test->priv;
	u32 row, total, bound, wait, i;

	for (row = 0; row < ARRAY_SIZE(weight_rows); row++) {
		start_with(test, SLUICE_SCHEDULER_WRR, weight_rows[row].weights,
			   weight_rows[row].count);
		total = total_weight(s);
		for (i = 0; i < s->count; i++) {
			bound = 4 * DIV_ROUND_UP(total, s->weights[i]);
			wait = longest_wait(test, i, min(3 * total, 20000U));
			KUNIT_EXPECT_LE_MSG(test, wait, bound,
					    "row %u, backend %u", row, i);
		}
	}
}

static void rr_takes_turns(struct kunit *test)
{
	static const u32 weights[] = { 1, 100, 7, 65535, 2 };
	struct sched_test *s = test->priv;
	u32 i, last, next;

	start_with(test, SLUICE_SCHEDULER_RR, weights, 5);
	last = pick(test);
	for (i = 0; i < 1000; i++) {
		next = pick(test);
		KUNIT_EXPECT_EQ(test, next, (last + 1) % 5);
		last = next;
	}
	KUNIT_EXPECT_EQ(test, s->picks[3], 200U);
}

/* Within 7 standard deviations of what a binomial distribution expects. */
static void expect_about(struct kunit *test, u32 got, u32 picks, u32 weight,
			 u32 total)
{
	u32 mean = div_u64((u64)picks * weight, total);
	u32 deviation = int_sqrt(mean) + 1;

	KUNIT_EXPECT_LE(test, abs((int)got - (int)mean), (int)(7 * deviation));
}

static void expect_about_weights(struct kunit *test, u8 scheduler)
{
	struct sched_test *s = test->priv;
	u32 row, i;

	for (row = 0; row < ARRAY_SIZE(weight_rows); row++) {
		start_with(test, scheduler, weight_rows[row].weights,
			   weight_rows[row].count);
		for (i = 0; i < 20000; i++)
			pick(test);
		for (i = 0; i < s->count; i++)
			expect_about(test, s->picks[i], 20000, s->weights[i],
				     total_weight(s));
	}
}

static void random_follows_weights(struct kunit *test)
{
	expect_about_weights(test, SLUICE_SCHEDULER_RANDOM);
}

static void random_is_not_in_turn(struct kunit *test)
{
	static const u32 weights[] = { 1, 1 };
	u32 repeats = 0, last, next, i;

	start_with(test, SLUICE_SCHEDULER_RANDOM, weights, 2);
	last = pick(test);
	for (i = 0; i < 1000; i++) {
		next = pick(test);
		repeats += next == last;
		last = next;
	}
	KUNIT_EXPECT_GT(test, repeats, 300U);
	KUNIT_EXPECT_LT(test, repeats, 700U);
}

static void maglev_follows_weights(struct kunit *test)
{
	expect_about_weights(test, SLUICE_SCHEDULER_MAGLEV);
}

static void maglev_same_client_same_backend(struct kunit *test)
{
	static const u32 weights[] = { 1, 2, 3, 4 };
	struct sched_test *s = test->priv;
	struct sluice_tuple client;
	u32 i, first;

	start_with(test, SLUICE_SCHEDULER_MAGLEV, weights, 4);
	for (i = 0; i < 1000; i++) {
		client = random_client(&s->random);
		first = pick_for(test, &client);
		KUNIT_EXPECT_EQ(test, pick_for(test, &client), first);
	}
}

/* Another node has learnt of the backends in another order. */
static void maglev_same_choice_on_every_node(struct kunit *test)
{
	struct sched_test *s = test->priv;
	struct sluice_l4addr addr = test_addr(2);
	struct sluice_backend *here, *there;
	struct sluice_service *other;
	struct sluice_tuple client;
	u32 i;

	start_with(test, SLUICE_SCHEDULER_MAGLEV, weight_rows[9].weights, 7);
	other = test_service_add(test, &s->sn, &addr,
				 SLUICE_SCHEDULER_MAGLEV);
	for (i = s->count; i--; )
		test_backend_add(test, &s->sn, other, &s->backends[i]->addr,
				 s->weights[i], ACTIVE);
	for (i = 0; i < 1000; i++) {
		client = random_client(&s->random);
		here = test_choose(&s->sn, s->service, &client, false);
		there = test_choose(&s->sn, other, &client, false);
		KUNIT_ASSERT_NOT_NULL(test, here);
		KUNIT_ASSERT_NOT_NULL(test, there);
		KUNIT_EXPECT_FALSE(test, memcmp(&here->addr, &there->addr,
						sizeof(here->addr)));
		sluice_backend_put(here);
		sluice_backend_put(there);
	}
}

/* Those that may not be chosen are not, whoever chooses. */
static void only_candidates_are_chosen(struct kunit *test)
{
	struct sched_test *s = test->priv;
	u8 scheduler;
	u32 i;

	for (scheduler = 1; scheduler <= SLUICE_SCHEDULER_MAX; scheduler++) {
		start(test, scheduler);
		expect_nobody(test);
		add(test, 0, ACTIVE);
		add(test, 50, SLUICE_BACKEND_STATE_DOWN);
		expect_nobody(test);
		add(test, 50, SLUICE_BACKEND_STATE_DRAINING);
		add(test, 1, ACTIVE);
		for (i = 0; i < 500; i++)
			KUNIT_EXPECT_EQ(test, pick(test), 3U);
		add(test, 2, ACTIVE);
		for (i = 0; i < 500; i++)
			KUNIT_EXPECT_GE(test, pick(test), 3U);
		KUNIT_EXPECT_GT(test, s->picks[4], 0U);
	}
}

static void changes_take_effect(struct kunit *test)
{
	struct sched_test *s = test->priv;
	u8 scheduler;
	u32 i;

	for (scheduler = 1; scheduler <= SLUICE_SCHEDULER_MAX; scheduler++) {
		start(test, scheduler);
		add(test, 3, ACTIVE);
		add(test, 4, ACTIVE);
		test_backend_set(test, &s->sn, s->backends[0], 0, ACTIVE);
		for (i = 0; i < 50; i++)
			KUNIT_EXPECT_EQ(test, pick(test), 1U);
		test_backend_set(test, &s->sn, s->backends[0], 9, ACTIVE);
		test_backend_del(test, &s->sn, s->backends[1]);
		for (i = 0; i < 50; i++)
			KUNIT_EXPECT_EQ(test, pick(test), 0U);
		test_backend_set(test, &s->sn, s->backends[0], 9,
				 SLUICE_BACKEND_STATE_DOWN);
		expect_nobody(test);
		test_backend_set(test, &s->sn, s->backends[0], 9, ACTIVE);
		pick(test);
		test_backend_flush(test, &s->sn, s->service);
		expect_nobody(test);
	}
}

/* They take new flows only if no active backend does. */
static void draining_if_nobody_else(struct kunit *test)
{
	struct sched_test *s = test->priv;
	u32 i;

	start(test, SLUICE_SCHEDULER_RR);
	add(test, 1, SLUICE_BACKEND_STATE_DRAINING);
	add(test, 1, SLUICE_BACKEND_STATE_DRAINING);
	add(test, 0, SLUICE_BACKEND_STATE_DRAINING);
	add(test, 1, SLUICE_BACKEND_STATE_DOWN);
	for (i = 0; i < 100; i++)
		pick(test);
	KUNIT_EXPECT_EQ(test, s->picks[0], 50U);
	KUNIT_EXPECT_EQ(test, s->picks[1], 50U);
	add(test, 1, ACTIVE);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_EQ(test, pick(test), 4U);
	test_backend_set(test, &s->sn, s->backends[4], 0, ACTIVE);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_LT(test, pick(test), 2U);
}

static void set_local(struct kunit *test, u32 i, bool local)
{
	struct sched_test *s = test->priv;
	struct sluice_backend_cfg cfg = {
		.addr = s->backends[i]->addr, .local = local, .has_local = true,
	};

	KUNIT_ASSERT_EQ(test, test_backend_new(&s->sn, s->service, &cfg), 0);
}

static void set_policy(struct kunit *test, u8 policy)
{
	struct sched_test *s = test->priv;
	struct sluice_service_cfg cfg = {
		.addr = s->service->addr, .opts.traffic_policy = policy,
		.given = BIT(SLUICE_A_SERVICE_TRAFFIC_POLICY),
	};

	KUNIT_ASSERT_EQ(test, test_service_new(&s->sn, &cfg), 0);
}

/* The number of the backend chosen for a client the policy is about, or -1. */
static int pick_local(struct kunit *test)
{
	struct sched_test *s = test->priv;
	struct sluice_tuple client = random_client(&s->random);
	struct sluice_backend *backend;
	int i;

	backend = test_choose(&s->sn, s->service, &client, true);
	if (!backend)
		return -1;
	sluice_backend_put(backend);
	for (i = 0; s->backends[i] != backend; i++)
		;
	return i;
}

static void local_policy(struct kunit *test)
{
	struct sched_test *s = test->priv;
	u8 scheduler;
	u32 i;

	for (scheduler = 1; scheduler <= SLUICE_SCHEDULER_MAX; scheduler++) {
		start(test, scheduler);
		add(test, 5, ACTIVE);
		add(test, 1, ACTIVE);
		add(test, 3, SLUICE_BACKEND_STATE_DRAINING);
		set_policy(test, SLUICE_TRAFFIC_POLICY_LOCAL);
		KUNIT_EXPECT_EQ(test, pick_local(test), -1);
		set_local(test, 2, true);
		for (i = 0; i < 100; i++)
			KUNIT_EXPECT_EQ(test, pick_local(test), 2);
		set_local(test, 1, true);
		for (i = 0; i < 100; i++)
			KUNIT_EXPECT_EQ(test, pick_local(test), 1);
		for (i = 0; i < 100; i++)
			KUNIT_EXPECT_LT(test, pick(test), 2U);
		KUNIT_EXPECT_GT(test, s->picks[0], 0U);
		set_policy(test, SLUICE_TRAFFIC_POLICY_CLUSTER);
		for (i = 0; i < 100 && pick_local(test) != 0; i++)
			;
		KUNIT_EXPECT_LT(test, i, 100U);
	}
}

static void set_random_loads(struct sched_test *s)
{
	u32 i;

	for (i = 0; i < s->count; i++)
		atomic_set(&s->backends[i]->flow_count,
			   random_below(&s->random, 8));
}

static u64 load_of(const struct sched_test *s, u32 i)
{
	return atomic_read(&s->backends[i]->flow_count);
}

static void lc_picks_the_least(struct kunit *test)
{
	struct sched_test *s = test->priv;
	u32 i, j, picked;

	start_with(test, SLUICE_SCHEDULER_LC, weight_rows[9].weights, 7);
	for (i = 0; i < 1000; i++) {
		set_random_loads(s);
		picked = pick(test);
		for (j = 0; j < s->count; j++)
			KUNIT_EXPECT_LE(test, load_of(s, picked),
					load_of(s, j));
	}
}

/* With the flow that is about to come, in proportion to the weights. */
static void wlc_picks_the_least(struct kunit *test)
{
	struct sched_test *s = test->priv;
	u32 i, j, picked;

	start_with(test, SLUICE_SCHEDULER_WLC, weight_rows[9].weights, 7);
	for (i = 0; i < 1000; i++) {
		set_random_loads(s);
		picked = pick(test);
		for (j = 0; j < s->count; j++)
			KUNIT_EXPECT_LE(test, (load_of(s, picked) + 1) *
					s->weights[j],
					(load_of(s, j) + 1) *
					s->weights[picked]);
	}
}

/* Flows that stay end up in proportion to the weights. */
static void wlc_follows_weights(struct kunit *test)
{
	struct sched_test *s = test->priv;
	u32 row, total, i;

	for (row = 0; row < ARRAY_SIZE(weight_rows); row++) {
		start_with(test, SLUICE_SCHEDULER_WLC, weight_rows[row].weights,
			   weight_rows[row].count);
		total = min(total_weight(s), 20000U);
		for (i = 0; i < total; i++)
			atomic_inc(&s->backends[pick(test)]->flow_count);
		for (i = 0; i < s->count; i++) {
			u64 share = div_u64((u64)total * s->weights[i],
					    total_weight(s));

			KUNIT_EXPECT_LE(test, abs((int)(load_of(s, i) - share)),
					(int)s->count);
			atomic_set(&s->backends[i]->flow_count, 0);
		}
	}
}

static void equals_take_turns(struct kunit *test)
{
	static const u32 weights[] = { 2, 2, 2, 2 };
	static const u8 schedulers[] = { SLUICE_SCHEDULER_LC,
					 SLUICE_SCHEDULER_WLC };
	struct sched_test *s = test->priv;
	u32 i, j;

	for (j = 0; j < ARRAY_SIZE(schedulers); j++) {
		start_with(test, schedulers[j], weights, 4);
		for (i = 0; i < 400; i++)
			pick(test);
		for (i = 0; i < s->count; i++)
			KUNIT_EXPECT_EQ(test, s->picks[i], 100U);
	}
}

static void sh_follows_weights(struct kunit *test)
{
	expect_about_weights(test, SLUICE_SCHEDULER_SH);
}

static void sh_looks_at_the_address_only(struct kunit *test)
{
	static const u32 weights[] = { 1, 2, 3, 4 };
	struct sched_test *s = test->priv;
	struct sluice_tuple client, other;
	u32 i;

	start_with(test, SLUICE_SCHEDULER_SH, weights, 4);
	for (i = 0; i < 1000; i++) {
		client = random_client(&s->random);
		other = random_client(&s->random);
		other.src = client.src;
		KUNIT_EXPECT_EQ(test, pick_for(test, &client),
				pick_for(test, &other));
	}
}

/* When a backend goes, few clients of the others notice. */
static void sh_moves_few(struct kunit *test)
{
	struct sched_test *s = test->priv;
	struct sluice_tuple *clients;
	u32 i, moved = 0;
	u8 *before;

	clients = kunit_kcalloc(test, 1000, sizeof(*clients), GFP_KERNEL);
	before = kunit_kcalloc(test, 1000, 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, clients);
	KUNIT_ASSERT_NOT_NULL(test, before);
	start_with(test, SLUICE_SCHEDULER_SH, weight_rows[10].weights, 16);
	for (i = 0; i < 1000; i++) {
		clients[i] = random_client(&s->random);
		before[i] = pick_for(test, &clients[i]);
	}
	test_backend_set(test, &s->sn, s->backends[7], 0, ACTIVE);
	for (i = 0; i < 1000; i++)
		moved += before[i] != 7 &&
			 pick_for(test, &clients[i]) != before[i];
	KUNIT_EXPECT_LT(test, moved, 100U);
}

static void scheduler_can_change(struct kunit *test)
{
	static const u32 weights[] = { 1, 1000 };
	struct sched_test *s = test->priv;
	u32 i;

	start_with(test, SLUICE_SCHEDULER_MAGLEV, weights, 2);
	test_service_set_scheduler(test, &s->sn, s->service,
				   SLUICE_SCHEDULER_RR);
	for (i = 0; i < 100; i++)
		pick(test);
	KUNIT_EXPECT_EQ(test, s->picks[0], 50U);
	KUNIT_EXPECT_EQ(test, s->picks[1], 50U);
}

static u32 at_weight_slowly(const struct sluice_candidates *candidates, u32 point)
{
	u32 i;

	for (i = 0; i < candidates->count - 1; i++)
		if (candidates->weight_sums[i] > point)
			break;
	return i;
}

static void expect_at_weight(struct kunit *test, struct rnd_state *random,
			     const struct sluice_candidates *candidates)
{
	u32 total = sluice_candidates_total(candidates), i, point;

	for (i = 0; i < candidates->count; i++) {
		point = candidates->weight_sums[i];
		KUNIT_EXPECT_EQ(test, sluice_candidates_at_weight(candidates, point - 1),
				at_weight_slowly(candidates, point - 1));
		if (point < total)
			KUNIT_EXPECT_EQ(test,
					sluice_candidates_at_weight(candidates, point),
					at_weight_slowly(candidates, point));
	}
	for (i = 0; i < 100; i++) {
		point = random_below(random, total);
		KUNIT_EXPECT_EQ(test, sluice_candidates_at_weight(candidates, point),
				at_weight_slowly(candidates, point));
	}
}

static void at_weight_as_linear_search(struct kunit *test)
{
	struct sched_test *s = test->priv;
	struct sluice_candidates *candidates;
	u32 sum, i, count;
	u32 sums[200];

	candidates = kunit_kzalloc(test, sizeof(*candidates), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, candidates);
	candidates->weight_sums = sums;
	for (count = 1; count <= ARRAY_SIZE(sums); count++) {
		for (sum = 0, i = 0; i < count; i++) {
			sum += 1 + random_below(&s->random, SLUICE_WEIGHT_MAX);
			sums[i] = sum;
		}
		candidates->count = count;
		expect_at_weight(test, &s->random, candidates);
	}
}

static int init(struct kunit *test)
{
	struct sched_test *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	if (!s)
		return -ENOMEM;
	prandom_seed_state(&s->random, 1618);
	test->priv = s;
	return test_tables_init(&s->sn);
}

static void exit(struct kunit *test)
{
	struct sched_test *s = test->priv;

	test_tables_fini(&s->sn);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(wrr_exact_shares),
	KUNIT_CASE(wrr_goes_on_after_wrap),
	KUNIT_CASE(wrr_spreads_turns),
	KUNIT_CASE(rr_takes_turns),
	KUNIT_CASE(random_follows_weights),
	KUNIT_CASE(random_is_not_in_turn),
	KUNIT_CASE(maglev_follows_weights),
	KUNIT_CASE(maglev_same_client_same_backend),
	KUNIT_CASE(maglev_same_choice_on_every_node),
	KUNIT_CASE(lc_picks_the_least),
	KUNIT_CASE(wlc_picks_the_least),
	KUNIT_CASE(wlc_follows_weights),
	KUNIT_CASE(equals_take_turns),
	KUNIT_CASE(sh_follows_weights),
	KUNIT_CASE(sh_looks_at_the_address_only),
	KUNIT_CASE(sh_moves_few),
	KUNIT_CASE(draining_if_nobody_else),
	KUNIT_CASE(local_policy),
	KUNIT_CASE(only_candidates_are_chosen),
	KUNIT_CASE(changes_take_effect),
	KUNIT_CASE(scheduler_can_change),
	KUNIT_CASE(at_weight_as_linear_search),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_sched",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
