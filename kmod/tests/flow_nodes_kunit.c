// SPDX-License-Identifier: GPL-2.0
/*
 * Where the packets of a flow are found and what they become, at both doors.
 */
#include <linux/slab.h>

#include "random.h"
#include "tables.h"

#define ORIG		SLUICE_DIR_ORIG
#define REPLY		SLUICE_DIR_REPLY
#define ENTRY		SLUICE_DOOR_ENTRY
#define EXIT		SLUICE_DOOR_EXIT
#define MODEL_FLOWS	64
#define MODEL_STEPS	20000

/**
 * struct nodes_test - what a case works on
 * @sn: flows
 * @random: random numbers
 * @flows: those that should be in the table, or NULL
 */
struct nodes_test {
	struct sluice_net sn;
	struct rnd_state random;
	struct sluice_flow *flows[MODEL_FLOWS];
};

static int init(struct kunit *test)
{
	struct nodes_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	prandom_seed_state(&t->random, 5);
	test->priv = t;
	t->sn.settings = sluice_flow_default_settings;
	return test_tables_init(&t->sn) ?:
	       test_tables_init_flows(&t->sn, SLUICE_FLOW_LOCKS);
}

static void exit(struct kunit *test)
{
	struct nodes_test *t = test->priv;

	if (t)
		test_tables_fini(&t->sn);
}

/* A host's number becomes its address, a port's number its port. */
static struct sluice_tuple tuple(u32 src, u16 sport, u32 dst, u16 dport)
{
	return (struct sluice_tuple) {
		.src.ip = htonl(src), .sport = htons(sport),
		.dst.ip = htonl(dst), .dport = htons(dport),
		.family = AF_INET, .proto = IPPROTO_UDP,
	};
}

enum { CLIENT = 1, SERVICE, BACKEND, NODE };

static struct sluice_flow *alloc(struct kunit *test,
				 enum sluice_rewrite rewrite,
				 struct sluice_tuple orig,
				 struct sluice_tuple reply)
{
	struct sluice_flow *flow = sluice_flow_alloc(NULL, rewrite);

	KUNIT_ASSERT_NOT_NULL(test, flow);
	flow->nodes[ORIG].tuple = orig;
	flow->nodes[REPLY].tuple = reply;
	return flow;
}

static struct sluice_flow *alloc_split(struct kunit *test,
				       struct sluice_tuple orig,
				       struct sluice_tuple middle,
				       struct sluice_tuple reply)
{
	struct sluice_flow *flow;

	flow = alloc(test, SLUICE_REWRITE_BOTH, orig, reply);
	flow->middle[ORIG].tuple = middle;
	sluice_tuple_invert(&flow->middle[REPLY].tuple, &middle);
	return flow;
}

/* Like the hooks: a packet passes a door and is rewritten if it must be. */
static void pass(struct nodes_test *t, enum sluice_door door,
		 struct sluice_tuple *packet)
{
	const struct sluice_flow_node *node;

	rcu_read_lock();
	node = sluice_flow_lookup(&t->sn.flows, packet, door);
	if (node && node->works_at & BIT(door))
		sluice_flow_target(node, packet);
	rcu_read_unlock();
}

static void expect_way(struct kunit *test, struct sluice_tuple packet,
		       struct sluice_tuple between, struct sluice_tuple after)
{
	struct nodes_test *t = test->priv;

	pass(t, ENTRY, &packet);
	KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&packet, &between));
	pass(t, EXIT, &packet);
	KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&packet, &after));
}

static int insert(struct kunit *test, struct sluice_flow *flow)
{
	struct nodes_test *t = test->priv;
	int err = sluice_flow_insert(&t->sn.flows, flow);

	if (err)
		sluice_flow_free(flow);
	return err;
}

static void new_destination(struct kunit *test)
{
	struct sluice_tuple cs = tuple(CLIENT, 1000, SERVICE, 80);
	struct sluice_tuple cb = tuple(CLIENT, 1000, BACKEND, 8080);
	struct sluice_tuple bc = tuple(BACKEND, 8080, CLIENT, 1000);
	struct sluice_tuple sc = tuple(SERVICE, 80, CLIENT, 1000);

	KUNIT_ASSERT_EQ(test, insert(test, alloc(test, SLUICE_REWRITE_DST, cs,
						 bc)), 0);
	expect_way(test, cs, cb, cb);
	expect_way(test, bc, bc, sc);
}

static void new_source(struct kunit *test)
{
	struct sluice_tuple cb = tuple(CLIENT, 1000, BACKEND, 80);
	struct sluice_tuple nb = tuple(NODE, 2000, BACKEND, 80);
	struct sluice_tuple bn = tuple(BACKEND, 80, NODE, 2000);
	struct sluice_tuple bc = tuple(BACKEND, 80, CLIENT, 1000);

	KUNIT_ASSERT_EQ(test, insert(test, alloc_split(test, cb, cb, bn)), 0);
	expect_way(test, cb, cb, nb);
	expect_way(test, bn, bc, bc);
}

/* Found at both doors, and the same behind them; so are replies, if any. */
static void nothing_is_new(struct kunit *test)
{
	struct sluice_tuple cs = tuple(CLIENT, 1000, SERVICE, 80);
	struct sluice_tuple sc = tuple(SERVICE, 80, CLIENT, 1000);
	struct nodes_test *t = test->priv;
	struct sluice_flow *flow;
	enum sluice_door door;

	flow = alloc(test, SLUICE_REWRITE_NONE, cs, sc);
	KUNIT_ASSERT_EQ(test, insert(test, flow), 0);
	expect_way(test, cs, cs, cs);
	expect_way(test, sc, sc, sc);
	rcu_read_lock();
	for (door = ENTRY; door <= EXIT; door++)
		KUNIT_EXPECT_PTR_EQ(test, sluice_flow_lookup(&t->sn.flows, &cs,
							     door),
				    &flow->nodes[ORIG]);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, flow->nodes[ORIG].works_at, BIT(ENTRY) | BIT(EXIT));
	KUNIT_EXPECT_EQ(test, flow->nodes[REPLY].works_at,
			BIT(ENTRY) | BIT(EXIT));
}

/* By a service and past it, from one port to one host: two connections */
static void new_source_beside_service(struct kunit *test)
{
	struct sluice_tuple cb = tuple(CLIENT, 1000, BACKEND, 80);
	struct sluice_tuple bn = tuple(BACKEND, 80, NODE, 2000);
	struct sluice_tuple cs = tuple(CLIENT, 1000, SERVICE, 80);
	struct sluice_tuple bc = tuple(BACKEND, 80, CLIENT, 1000);

	KUNIT_ASSERT_EQ(test, insert(test, alloc_split(test, cb, cb, bn)), 0);
	KUNIT_EXPECT_EQ(test, insert(test, alloc(test, SLUICE_REWRITE_DST, cs,
						 bc)), -EADDRINUSE);
}

static void both_are_new(struct kunit *test)
{
	struct nodes_test *t = test->priv;
	struct sluice_tuple cs = tuple(CLIENT, 1000, SERVICE, 80);
	struct sluice_tuple cb = tuple(CLIENT, 1000, BACKEND, 8080);
	struct sluice_tuple nb = tuple(NODE, 2000, BACKEND, 8080);
	struct sluice_tuple bn = tuple(BACKEND, 8080, NODE, 2000);
	struct sluice_tuple bc = tuple(BACKEND, 8080, CLIENT, 1000);
	struct sluice_tuple sc = tuple(SERVICE, 80, CLIENT, 1000);

	KUNIT_ASSERT_EQ(test, insert(test, alloc_split(test, cs, cb, bn)), 0);
	expect_way(test, cs, cb, nb);
	expect_way(test, bn, bc, sc);
	/* The middle is not on the wire: such a packet is somebody else's. */
	KUNIT_EXPECT_NULL(test, sluice_flow_lookup(&t->sn.flows, &bc, ENTRY));
	KUNIT_EXPECT_NULL(test, sluice_flow_lookup(&t->sn.flows, &cb, ENTRY));
}

/*
 * A masqueraded flow is there; others, whose packets could be mistaken for
 * its own at some door.
 */
static void clashes_are_refused(struct kunit *test)
{
	struct sluice_tuple cs = tuple(CLIENT, 1000, SERVICE, 80);
	struct sluice_tuple cb = tuple(CLIENT, 1000, BACKEND, 8080);
	struct sluice_tuple bc = tuple(BACKEND, 8080, CLIENT, 1000);
	struct sluice_tuple bn = tuple(BACKEND, 8080, NODE, 2000);
	struct sluice_tuple cs2 = tuple(CLIENT, 1000, SERVICE, 81);
	struct sluice_tuple bn2 = tuple(BACKEND, 8080, NODE, 2001);
	struct sluice_tuple c2b = tuple(CLIENT, 1001, BACKEND, 8080);
	struct sluice_tuple bc2 = tuple(BACKEND, 8080, CLIENT, 1001);

	KUNIT_ASSERT_EQ(test, insert(test, alloc_split(test, cs, cb, bn)), 0);
	/* The same original tuple, the same answers, the same middle */
	KUNIT_EXPECT_EQ(test, insert(test, alloc_split(test, cs, c2b, bn2)),
			-EEXIST);
	KUNIT_EXPECT_EQ(test, insert(test, alloc_split(test, cs2, c2b, bn)),
			-EADDRINUSE);
	KUNIT_EXPECT_EQ(test, insert(test, alloc_split(test, cs2, cb, bn2)),
			-EADDRNOTAVAIL);
	/* A direct connection with the tuple of the middle needs a port */
	KUNIT_EXPECT_EQ(test, insert(test, alloc(test, SLUICE_REWRITE_DST, cb,
						 bc)), -EADDRINUSE);
	KUNIT_EXPECT_EQ(test, insert(test, alloc(test, SLUICE_REWRITE_DST, cb,
						 bc2)), 0);
	/* and both go on. */
	expect_way(test, cs, cb, tuple(NODE, 2000, BACKEND, 8080));
	expect_way(test, cb, c2b, c2b);
	expect_way(test, bc2, bc2, tuple(BACKEND, 8080, CLIENT, 1000));
}

/* A pod that reaches itself, from the very port it listens on. */
static void middle_is_told_from_itself(struct kunit *test)
{
	struct sluice_tuple cs = tuple(CLIENT, 80, SERVICE, 80);
	struct sluice_tuple cc = tuple(CLIENT, 80, CLIENT, 80);
	struct sluice_tuple cn = tuple(CLIENT, 80, NODE, 2000);

	KUNIT_EXPECT_EQ(test, insert(test, alloc_split(test, cs, cc, cn)),
			-EADDRNOTAVAIL);
	cc = tuple(CLIENT, 81, CLIENT, 80);
	KUNIT_EXPECT_EQ(test, insert(test, alloc_split(test, cs, cc, cn)), 0);
	expect_way(test, cs, cc, tuple(NODE, 2000, CLIENT, 80));
	expect_way(test, cn, tuple(CLIENT, 80, CLIENT, 81),
		   tuple(SERVICE, 80, CLIENT, 80));
}

static struct sluice_tuple random_small(struct nodes_test *t)
{
	return tuple(random_below(&t->random, 3), random_below(&t->random, 2),
		     random_below(&t->random, 3), random_below(&t->random, 2));
}

static struct sluice_flow *random_flow(struct kunit *test)
{
	struct nodes_test *t = test->priv;

	if (random_one_in(&t->random, 2))
		return alloc_split(test, random_small(t), random_small(t),
				   random_small(t));
	return alloc(test, SLUICE_REWRITE_DST, random_small(t),
		     random_small(t));
}

/* The nodes of a flow one after the other; NULL behind the last. */
static struct sluice_flow_node *nth_node(struct sluice_flow *flow, u32 n)
{
	if (n < SLUICE_DIRS)
		return &flow->nodes[n];
	if (n < 2 * SLUICE_DIRS && flow->split)
		return &flow->middle[n - SLUICE_DIRS];
	return NULL;
}

/* Every node of every flow is looked at. */
static struct sluice_flow_node *model_find(struct nodes_test *t,
					   const struct sluice_tuple *tuple,
					   u8 doors)
{
	struct sluice_flow_node *node;
	u32 i, n;

	for (i = 0; i < MODEL_FLOWS; i++)
		for (n = 0; t->flows[i] && (node = nth_node(t->flows[i], n));
		     n++)
			if (node->found_at & doors &&
			    sluice_tuple_equal(&node->tuple, tuple))
				return node;
	return NULL;
}

static bool model_accepts(struct nodes_test *t, struct sluice_flow *flow)
{
	struct sluice_flow_node *node;
	u32 n;

	if (flow->split &&
	    sluice_tuple_equal(&flow->middle[0].tuple, &flow->middle[1].tuple))
		return false;
	for (n = 0; (node = nth_node(flow, n)); n++)
		if (model_find(t, &node->tuple, node->found_at))
			return false;
	return true;
}

/* A tuple that two nodes of one flow have finds either. */
static bool same_flow(const struct sluice_flow_node *a,
		      const struct sluice_flow_node *b)
{
	return a == b || (a && b && sluice_flow_of(a) == sluice_flow_of(b));
}

static void model_step(struct kunit *test)
{
	struct nodes_test *t = test->priv;
	u32 i = random_below(&t->random, MODEL_FLOWS);
	struct sluice_tuple probe = random_small(t);
	enum sluice_door door = random_below(&t->random, 2);
	struct sluice_flow *flow;
	bool accepts;

	KUNIT_ASSERT_TRUE(test, same_flow(sluice_flow_lookup(&t->sn.flows,
							     &probe, door),
					  model_find(t, &probe, BIT(door))));
	if (t->flows[i]) {
		KUNIT_ASSERT_TRUE(test, test_flow_unlink(&t->sn, t->flows[i]));
		t->flows[i] = NULL;
		return;
	}
	flow = random_flow(test);
	accepts = model_accepts(t, flow);
	KUNIT_ASSERT_EQ(test, !insert(test, flow), accepts);
	if (accepts)
		t->flows[i] = flow;
}

static const struct {
	enum sluice_rewrite rewrite;
	bool exits;
} kinds[] = {
	{ SLUICE_REWRITE_SEE, false },
	{ SLUICE_REWRITE_DST, true },
	{ SLUICE_REWRITE_BOTH, true },
	{ SLUICE_REWRITE_NONE, true },
};

static struct sluice_flow *alloc_kind(struct kunit *test, u32 i)
{
	struct sluice_tuple orig = tuple(CLIENT, 1 + i, SERVICE, 80), reply;

	sluice_tuple_invert(&reply, &orig);
	if (kinds[i].rewrite == SLUICE_REWRITE_BOTH)
		return alloc_split(test, orig, tuple(CLIENT, 1 + i, BACKEND, 80),
				   tuple(BACKEND, 80, NODE, 1 + i));
	return alloc(test, kinds[i].rewrite, orig, reply);
}

/* Where flows are only seen, packets need not be looked at behind routing. */
static void exit_is_for_some(struct kunit *test)
{
	struct nodes_test *t = test->priv;
	u32 i;

	KUNIT_EXPECT_FALSE(test, t->sn.flows.exits);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		t->sn.flows.exits = false;
		KUNIT_ASSERT_EQ(test, sluice_flow_insert(&t->sn.flows,
							 alloc_kind(test, i)),
				0);
		KUNIT_EXPECT_EQ_MSG(test, t->sn.flows.exits, kinds[i].exits,
				    "rewrite %d", kinds[i].rewrite);
	}
}

static void random_steps(struct kunit *test)
{
	u32 step;

	for (step = 0; step < MODEL_STEPS; step++) {
		rcu_read_lock();
		model_step(test);
		rcu_read_unlock();
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(new_destination),
	KUNIT_CASE(new_source),
	KUNIT_CASE(nothing_is_new),
	KUNIT_CASE(new_source_beside_service),
	KUNIT_CASE(both_are_new),
	KUNIT_CASE(clashes_are_refused),
	KUNIT_CASE(middle_is_told_from_itself),
	KUNIT_CASE(exit_is_for_some),
	KUNIT_CASE(random_steps),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_flow_nodes",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
