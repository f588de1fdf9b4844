// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of rules: bounds, no memory, what is built and what is kept.
 */
#include "policy_tables.h"

#define SUBJECT		0	/* of those that are one */
#define OTHER		1
#define QUESTIONS_MAX	512

/**
 * struct tx_test - what a case works on
 * @t: rules and identities
 * @subject: whose rules are asked
 * @peer: the other side
 * @before: answers to all questions
 * @after: likewise
 */
struct tx_test {
	struct policy_tables t;
	struct policy_address subject;
	struct policy_address peer;
	struct sluice_policy_verdict before[QUESTIONS_MAX];
	struct sluice_policy_verdict after[QUESTIONS_MAX];
};

/* ------------------------------------------------------------------------ tools */

static u32 subject(struct tx_test *x, u32 i)
{
	return x->t.ids[POLICY_NO_SUBJECTS + i]->number;
}

/* Allows any peer all TCP ports, unless more is said. */
static struct sluice_policy_rule_cfg rule_cfg(struct tx_test *x, u32 i)
{
	return (struct sluice_policy_rule_cfg) {
		.key = {
			.subject = subject(x, i),
			.last = U16_MAX,
			.dir = SLUICE_POLICY_DIRECTION_INGRESS,
			.tier = SLUICE_POLICY_TIER_NORMAL,
			.proto = IPPROTO_TCP,
			.any = SLUICE_POLICY_ANY_PEER,
		},
		.action = SLUICE_POLICY_ACTION_ALLOW,
	};
}

static struct sluice_policy_rule_cfg peer_cfg(struct tx_test *x, u32 i, u32 peer)
{
	struct sluice_policy_rule_cfg cfg = rule_cfg(x, i);

	cfg.key.any = 0;
	cfg.key.peer = peer;
	return cfg;
}

static struct sluice_policy_rule *find(struct tx_test *x,
				       const struct sluice_policy_rule_cfg *cfg)
{
	struct sluice_policy_rule *rule;

	mutex_lock(&x->t.lock);
	rule = sluice_policy_find_rule(&x->t.table, &cfg->key);
	mutex_unlock(&x->t.lock);
	return rule;
}

static struct sluice_policy_rule *
add_rule(struct kunit *test, const struct sluice_policy_rule_cfg *cfg)
{
	struct tx_test *x = test->priv;
	struct sluice_policy_rule *rule;

	KUNIT_ASSERT_EQ(test, policy_rule_new(&x->t, cfg), 0);
	rule = find(x, cfg);
	KUNIT_ASSERT_NOT_NULL(test, rule);
	return rule;
}

static void del_rule(struct kunit *test,
		     const struct sluice_policy_rule_cfg *cfg)
{
	struct tx_test *x = test->priv;
	struct sluice_policy_rule *rule;

	policy_begin(&x->t);
	rule = sluice_policy_tx_find_rule(&x->t.tx, &cfg->key);
	KUNIT_ASSERT_NOT_NULL(test, rule);
	sluice_policy_tx_rule_del(&x->t.tx, rule);
	KUNIT_ASSERT_EQ(test, policy_finish(&x->t, 0), 0);
}

static struct sluice_version *map_of(struct tx_test *x,
				     const struct sluice_policy_rule_cfg *cfg)
{
	struct sluice_version *map;

	mutex_lock(&x->t.lock);
	map = sluice_version_newest(&sluice_policy_find_peer(&x->t.table,
							     &cfg->key)->map,
				    &x->t.lock);
	mutex_unlock(&x->t.lock);
	return map;
}

/* Of each subject about each peer, some protocols and ports. */
static u32 ask_all(struct tx_test *x, struct sluice_policy_verdict *verdicts)
{
	static const struct sluice_policy_question questions[] = {
		{ SLUICE_POLICY_DIRECTION_INGRESS, IPPROTO_TCP, 80 },
		{ SLUICE_POLICY_DIRECTION_INGRESS, IPPROTO_TCP, 81 },
		{ SLUICE_POLICY_DIRECTION_INGRESS, IPPROTO_UDP, 53 },
		{ SLUICE_POLICY_DIRECTION_EGRESS, IPPROTO_TCP, 80 },
		{ SLUICE_POLICY_DIRECTION_EGRESS, IPPROTO_GRE, 0 },
	};
	u32 count = 0, i, j, q;

	for (i = POLICY_NO_SUBJECTS; i < POLICY_IDENTITIES; i++)
		for (j = 0; j < POLICY_IDENTITIES; j++)
			for (q = 0; q < ARRAY_SIZE(questions); q++) {
				policy_address_clear(&x->subject);
				policy_address_clear(&x->peer);
				policy_address_add(&x->subject, 0, x->t.ids[i]);
				policy_address_add(&x->peer, 1, x->t.ids[j]);
				policy_ask(&x->subject, &x->peer, &questions[q],
					   x->t.revision, &verdicts[count++]);
			}
	return count;
}

/* ----------------------------------------------------------------------- bounds */

/* Of subjects without rules */
static void full_of_subjects(struct kunit *test)
{
	struct sluice_policy_opts opts = { .audit = 1 };
	struct tx_test *x = test->priv;
	u32 count = x->t.table.subject_count;

	x->t.table.subject_count = SLUICE_POLICY_SUBJECTS_MAX - 1;
	policy_begin(&x->t);
	KUNIT_EXPECT_EQ(test, sluice_policy_tx_set_opts(&x->t.tx,
							subject(x, SUBJECT),
							&opts), 0);
	KUNIT_EXPECT_EQ(test, sluice_policy_tx_set_opts(&x->t.tx,
							subject(x, OTHER),
							&opts), -ENOSPC);
	opts.isolate = BIT(SLUICE_POLICY_DIRECTION_INGRESS);
	KUNIT_EXPECT_EQ(test, sluice_policy_tx_set_opts(&x->t.tx,
							subject(x, SUBJECT),
							&opts), 0);
	policy_abort(&x->t);
	x->t.table.subject_count = count;
}

static void full(struct kunit *test)
{
	struct tx_test *x = test->priv;
	struct sluice_policy_rule_cfg cfg = rule_cfg(x, SUBJECT);
	struct sluice_policy_rule_cfg other = rule_cfg(x, OTHER);

	add_rule(test, &cfg);
	x->t.table.rule_count = SLUICE_POLICY_RULES_MAX - 1;
	KUNIT_EXPECT_EQ(test, policy_rule_new(&x->t, &other), 0);
	other.key.priority = 1;
	KUNIT_EXPECT_EQ(test, policy_rule_new(&x->t, &other), -ENOSPC);
	KUNIT_EXPECT_NULL(test, find(x, &other));

	/* What is changed or comes in place of others has room. */
	cfg.action = SLUICE_POLICY_ACTION_DENY;
	KUNIT_EXPECT_EQ(test, policy_rule_new(&x->t, &cfg), 0);
	policy_begin(&x->t);
	sluice_policy_tx_rule_del(&x->t.tx,
				  sluice_policy_tx_find_rule(&x->t.tx,
							     &cfg.key));
	KUNIT_EXPECT_EQ(test, sluice_policy_tx_rule_new(&x->t.tx, &other), 0);
	KUNIT_EXPECT_EQ(test, sluice_policy_tx_rule_new(&x->t.tx, &cfg),
			-ENOSPC);
	policy_abort(&x->t);
	policy_begin(&x->t);
	sluice_policy_tx_replace_all(&x->t.tx);
	KUNIT_EXPECT_EQ(test, sluice_policy_tx_rule_new(&x->t.tx, &other), 0);
	KUNIT_EXPECT_EQ(test, sluice_policy_tx_rule_new(&x->t.tx, &cfg), 0);
	KUNIT_EXPECT_EQ(test, policy_finish(&x->t, 0), 0);
	KUNIT_EXPECT_EQ(test, x->t.table.rule_count, 2U);
}

static const struct {
	const char *what;
	struct sluice_policy_key key;
} bad_keys[] = {
	{ "no subject", { .dir = 1, .tier = 1, .last = U16_MAX, .any = 3 } },
	{ "a peer and any", { .subject = 1, .peer = 5, .dir = 1, .tier = 1,
			      .last = U16_MAX, .any = 3 } },
	{ "a protocol and any", { .subject = 1, .dir = 1, .tier = 1, .proto = 6,
				  .last = U16_MAX, .any = 3 } },
	{ "upside down", { .subject = 1, .dir = 1, .tier = 1, .proto = 6,
			   .first = 2, .last = 1, .any = 1 } },
	{ "ports of any protocol", { .subject = 1, .dir = 1, .tier = 1,
				     .first = 1, .last = U16_MAX, .any = 3 } },
	{ "ports of GRE", { .subject = 1, .dir = 1, .tier = 1, .proto = 47,
			    .last = 100, .any = 1 } },
};

static void bad_rules_are_refused(struct kunit *test)
{
	struct sluice_policy_opts opts = { .audit = 1 };
	struct sluice_policy_rule_cfg cfg = { .action = 1 };
	struct tx_test *x = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad_keys); i++) {
		cfg.key = bad_keys[i].key;
		KUNIT_EXPECT_EQ_MSG(test, policy_rule_new(&x->t, &cfg), -EINVAL,
				    "%s", bad_keys[i].what);
	}
	KUNIT_EXPECT_EQ(test, policy_set_opts(&x->t, 0, &opts), -EINVAL);
}

/* -------------------------------------------------------------------- no memory */

/* Of all kinds: on both sides of a subject, of a peer and of any. */
static void base_rules(struct kunit *test)
{
	struct tx_test *x = test->priv;
	struct sluice_policy_opts opts = { .audit = 1 };
	struct sluice_policy_rule_cfg cfg;
	u32 i;

	for (i = 0; i < 2; i++) {
		cfg = peer_cfg(x, SUBJECT, x->t.ids[i]->number);
		add_rule(test, &cfg);
	}
	cfg = rule_cfg(x, SUBJECT);
	cfg.key.dir = SLUICE_POLICY_DIRECTION_EGRESS;
	cfg.key.first = cfg.key.last = 80;
	add_rule(test, &cfg);
	KUNIT_ASSERT_EQ(test, policy_set_opts(&x->t, subject(x, OTHER), &opts),
			0);
}

static int change_rules(struct tx_test *x)
{
	struct sluice_policy_opts opts = { .isolate = 6 };
	struct sluice_policy_tx *tx = &x->t.tx;
	struct sluice_policy_rule_cfg cfg = peer_cfg(x, SUBJECT,
						     x->t.ids[0]->number);
	int err;
	u32 i;

	sluice_policy_tx_rule_del(tx, sluice_policy_tx_find_rule(tx, &cfg.key));
	cfg = peer_cfg(x, SUBJECT, x->t.ids[1]->number);
	cfg.action = SLUICE_POLICY_ACTION_DENY;
	err = sluice_policy_tx_rule_new(tx, &cfg);
	for (i = 2; i < 5 && !err; i++) {
		cfg = peer_cfg(x, SUBJECT, x->t.ids[i]->number);
		err = sluice_policy_tx_rule_new(tx, &cfg);
	}
	cfg = rule_cfg(x, OTHER + 1);
	cfg.name = "new";
	err = err ?: sluice_policy_tx_rule_new(tx, &cfg);
	cfg.action = SLUICE_POLICY_ACTION_PASS;
	err = err ?: sluice_policy_tx_rule_new(tx, &cfg);
	err = err ?: sluice_policy_tx_set_opts(tx, subject(x, OTHER), &opts);
	return err ?: sluice_policy_tx_set_opts(tx, subject(x, SUBJECT), &opts);
}

/* Whichever allocation fails, packets see the very same as before. */
static void no_memory_changes_nothing(struct kunit *test)
{
	struct tx_test *x = test->priv;
	u32 count, at;
	bool failed;

	base_rules(test);
	count = ask_all(x, x->before);
	for (at = 1; at < 1000; at++) {
		policy_begin(&x->t);
		sluice_alloc_fail_at = at;
		failed = policy_finish(&x->t, change_rules(x));
		if (!failed)
			break;
		KUNIT_EXPECT_EQ(test, sluice_alloc_fail_at, 0U);
		ask_all(x, x->after);
		KUNIT_EXPECT_FALSE(test, memcmp(x->before, x->after,
						count * sizeof(*x->before)));
		KUNIT_EXPECT_EQ(test, x->t.table.rule_count, 3U);
		KUNIT_EXPECT_EQ(test, atomic_read(&x->t.table.keys.nelems), 3);
		rcu_barrier();
	}
	KUNIT_EXPECT_NE(test, sluice_alloc_fail_at, 0U);
	KUNIT_EXPECT_GT(test, at, 40U);
	KUNIT_EXPECT_EQ(test, x->t.table.rule_count, 6U);
	ask_all(x, x->after);
	KUNIT_EXPECT_TRUE(test, memcmp(x->before, x->after,
				       count * sizeof(*x->before)));
	kunit_info(test, "%u allocations failed, %u questions each", at - 1,
		   count);
}

/* ----------------------------------------------------------- what is built, kept */

static void same_again_changes_nothing(struct kunit *test)
{
	struct tx_test *x = test->priv;
	struct sluice_policy_rule_cfg cfg = rule_cfg(x, SUBJECT);
	struct sluice_policy_opts opts = { .isolate = 2, .established = 1 };
	struct sluice_policy_rule *rule = add_rule(test, &cfg);
	struct sluice_version *map = map_of(x, &cfg);
	unsigned long revision;

	KUNIT_ASSERT_EQ(test, policy_set_opts(&x->t, cfg.key.subject, &opts),
			0);
	revision = x->t.revision;
	policy_begin(&x->t);
	sluice_policy_tx_replace_all(&x->t.tx);
	KUNIT_ASSERT_EQ(test, sluice_policy_tx_rule_new(&x->t.tx, &cfg), 0);
	KUNIT_ASSERT_EQ(test, sluice_policy_tx_set_opts(&x->t.tx,
							cfg.key.subject, &opts),
			0);
	KUNIT_EXPECT_EQ(test, policy_finish(&x->t, 0), 0);
	KUNIT_EXPECT_EQ(test, x->t.revision, revision);
	KUNIT_EXPECT_PTR_EQ(test, find(x, &cfg), rule);
	KUNIT_EXPECT_PTR_EQ(test, map_of(x, &cfg), map);
}

/* A change builds the map of its subject, direction and peer, no other. */
static void only_what_changes_is_built(struct kunit *test)
{
	struct tx_test *x = test->priv;
	struct sluice_policy_rule_cfg cfgs[5];
	struct sluice_version *maps[5];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cfgs); i++)
		cfgs[i] = peer_cfg(x, SUBJECT, 7);
	cfgs[1].key.peer = 8;
	cfgs[2].key.dir = SLUICE_POLICY_DIRECTION_EGRESS;
	cfgs[3].key.subject = subject(x, OTHER);
	cfgs[4] = rule_cfg(x, SUBJECT);
	for (i = 0; i < ARRAY_SIZE(cfgs); i++)
		add_rule(test, &cfgs[i]);
	for (i = 0; i < ARRAY_SIZE(cfgs); i++)
		maps[i] = map_of(x, &cfgs[i]);

	cfgs[0].action = SLUICE_POLICY_ACTION_DENY;
	add_rule(test, &cfgs[0]);
	KUNIT_EXPECT_PTR_NE(test, map_of(x, &cfgs[0]), maps[0]);
	for (i = 1; i < ARRAY_SIZE(cfgs); i++)
		KUNIT_EXPECT_PTR_EQ(test, map_of(x, &cfgs[i]), maps[i]);
}

/* A flow that holds a version goes on counting for the rule. */
static void changed_rule_counts_on(struct kunit *test)
{
	struct tx_test *x = test->priv;
	struct sluice_policy_rule_cfg cfg = rule_cfg(x, SUBJECT);
	struct sluice_policy_rule *first = add_rule(test, &cfg), *third;

	sluice_policy_rule_get(first);
	cfg.action = SLUICE_POLICY_ACTION_DENY;
	add_rule(test, &cfg);
	cfg.cookie = 9;
	cfg.name = "third";
	third = add_rule(test, &cfg);
	rcu_barrier();
	KUNIT_EXPECT_PTR_NE(test, third, first);
	KUNIT_EXPECT_EQ(test, third->id, first->id);
	KUNIT_EXPECT_EQ(test, first->action, SLUICE_POLICY_ACTION_ALLOW);
	atomic64_add(5, &sluice_policy_rule_counters(first)->packets);
	sluice_policy_rule_put(first);
	KUNIT_EXPECT_EQ(test, atomic64_read(
			&sluice_policy_rule_counters(third)->packets), 5);
}

static void deleted_rule_is_held(struct kunit *test)
{
	struct tx_test *x = test->priv;
	struct sluice_policy_rule_cfg cfg = rule_cfg(x, SUBJECT);
	struct sluice_policy_rule *rule = add_rule(test, &cfg), *again;

	sluice_policy_rule_get(rule);
	atomic64_inc(&sluice_policy_rule_counters(rule)->flows);
	del_rule(test, &cfg);
	again = add_rule(test, &cfg);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&rule->refs), 1U);
	KUNIT_EXPECT_NE(test, again->id, rule->id);
	KUNIT_EXPECT_EQ(test, atomic64_read(
			&sluice_policy_rule_counters(again)->flows), 0);
	sluice_policy_rule_put(rule);
}

/* Rules of a subject that no packet has an identity of are no trouble. */
static void subject_comes_and_goes(struct kunit *test)
{
	struct tx_test *x = test->priv;
	struct sluice_policy_rule_cfg cfg = rule_cfg(x, SUBJECT);
	u32 numbers = atomic_read(&x->t.identities.identities.nelems);

	cfg.key.subject = 123456;
	add_rule(test, &cfg);
	KUNIT_EXPECT_EQ(test, atomic_read(&x->t.identities.identities.nelems),
			(int)numbers + 1);
	del_rule(test, &cfg);
	KUNIT_EXPECT_EQ(test, atomic_read(&x->t.identities.identities.nelems),
			(int)numbers);
	KUNIT_EXPECT_TRUE(test, xa_empty(&x->t.table.policies));
	KUNIT_EXPECT_TRUE(test, xa_empty(&x->t.table.rules));
}

static int init(struct kunit *test)
{
	struct tx_test *x = kunit_kzalloc(test, sizeof(*x), GFP_KERNEL);

	if (!x)
		return -ENOMEM;
	test->priv = x;
	return policy_address_init(test, &x->subject) ?:
	       policy_address_init(test, &x->peer) ?:
	       policy_tables_init(&x->t);
}

static void exit(struct kunit *test)
{
	struct tx_test *x = test->priv;

	policy_tables_fini(&x->t);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(full),
	KUNIT_CASE(full_of_subjects),
	KUNIT_CASE(bad_rules_are_refused),
	KUNIT_CASE(no_memory_changes_nothing),
	KUNIT_CASE(same_again_changes_nothing),
	KUNIT_CASE(only_what_changes_is_built),
	KUNIT_CASE(changed_rule_counts_on),
	KUNIT_CASE(deleted_rule_is_held),
	KUNIT_CASE(subject_comes_and_goes),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_policy_tx",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
