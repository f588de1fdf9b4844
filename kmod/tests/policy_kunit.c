// SPDX-License-Identifier: GPL-2.0
/*
 * Decisions, against a walk over all rules: at every stage of random
 * transactions, and what is left behind them.
 */
#include "random.h"
#include "policy_tables.h"

#define CASES		500000
#define QUESTIONS	8	/* at each stage */
#define OPS_MAX		10
#define CHECK_EVERY	50	/* rounds */

/**
 * struct policy_test - what a case works on
 * @t: rules and identities
 * @random: random numbers
 * @before: what there was before the transaction
 * @now: as far as the transaction has come
 * @subject: whose rules are asked
 * @peer: the other side
 * @asked: questions so far
 * @seen: how often they were answered in this way, by why and action
 * @settled: no transaction is under way
 */
struct policy_test {
	struct policy_tables t;
	struct rnd_state random;
	struct policy_oracle before;
	struct policy_oracle now;
	struct policy_address subject;
	struct policy_address peer;
	u32 asked;
	u32 seen[SLUICE_POLICY_WHY_MAX + 1][SLUICE_POLICY_ACTION_MAX + 1];
	bool settled;
};

/* ------------------------------------------------------------------ questions */

static u8 random_of(struct policy_test *p, const u8 *list, u32 count)
{
	return list[random_below(&p->random, count)];
}

static u8 random_proto(struct policy_test *p)
{
	static const u8 protos[] = {
		IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP,
		IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_GRE, IPPROTO_ESP,
	};

	return random_of(p, protos, ARRAY_SIZE(protos));
}

static bool has_values(u8 proto)
{
	return proto != IPPROTO_GRE && proto != IPPROTO_ESP;
}

/* Few, so that ranges touch and overlap. */
static u16 random_value(struct policy_test *p)
{
	static const u16 values[] = {
		0, 1, 2, 79, 80, 81, 82, 0x7ff, 0x800, 0x801, 65534, 65535,
	};

	return values[random_below(&p->random, ARRAY_SIZE(values))];
}

static struct sluice_identity *random_subject(struct policy_test *p)
{
	return p->t.ids[POLICY_NO_SUBJECTS +
			random_below(&p->random, POLICY_IDENTITIES -
						 POLICY_NO_SUBJECTS)];
}

static struct sluice_identity *random_identity(struct policy_test *p)
{
	return p->t.ids[random_below(&p->random, POLICY_IDENTITIES)];
}

static void random_address(struct policy_test *p,
			   struct policy_address *address, u32 most)
{
	u32 set, count;

	policy_address_clear(address);
	for (set = 0; set < ARRAY_SIZE(address->sets); set++) {
		if (random_one_in(&p->random, 4))
			address->identities.sets[set] = address->sets[set];
		count = random_below(&p->random, most + 1);
		while (count--)
			policy_address_add(address, set, random_identity(p));
	}
}

static struct sluice_policy_question random_question(struct policy_test *p)
{
	struct sluice_policy_question question = {
		.dir = 1 + random_below(&p->random, 2),
		.proto = random_proto(p),
	};

	if (has_values(question.proto))
		question.port = random_value(p);
	return question;
}

static struct sluice_identity *identity_of(struct policy_test *p, u32 number)
{
	u32 i = 0;

	while (p->t.ids[i]->number != number)
		i++;
	return p->t.ids[i];
}

/* About what a rule is about, or just beside it. */
static void aim(struct policy_test *p, const struct sluice_policy_key *key,
		struct sluice_policy_question *question)
{
	policy_address_add(&p->subject, random_below(&p->random, 2),
			   identity_of(p, key->subject));
	if (!(key->any & SLUICE_POLICY_ANY_PEER) &&
	    (key->peer || random_below(&p->random, 2)))
		policy_address_add(&p->peer, random_below(&p->random, 2),
				   identity_of(p, key->peer));
	question->dir = key->dir;
	if (key->any & SLUICE_POLICY_ANY_PROTO || !has_values(key->proto))
		return;
	question->proto = key->proto;
	question->port = random_below(&p->random, 2) ? key->first : key->last;
	question->port += (int)random_below(&p->random, 5) / 2 - 1;
}

static bool same_rule(const struct sluice_policy_rule *real,
		      const struct oracle_rule *model)
{
	if (!real || !model)
		return !real && !model;
	return !memcmp(&real->key, &model->cfg.key, sizeof(real->key)) &&
	       real->action == model->cfg.action &&
	       real->cookie == model->cfg.cookie &&
	       !strcmp(real->name, model->cfg.name ?: "");
}

static bool same_opts(const struct sluice_policy_opts *a,
		      const struct sluice_policy_opts *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/*
 * While a transaction is under way, a subject that comes or goes may count as
 * one that is enforced at both revisions.
 */
static bool same_enforced(const struct policy_test *p, bool real, bool model)
{
	return real == model || (real && !p->settled);
}

static void expect_decision(struct kunit *test,
			    const struct policy_oracle *oracle,
			    const struct sluice_policy_question *question,
			    unsigned long revision)
{
	struct policy_test *p = test->priv;
	struct sluice_policy_verdict real;
	struct oracle_verdict model;

	policy_ask(&p->subject, &p->peer, question, revision, &real);
	oracle_decide(oracle, &p->subject.numbers, &p->peer.numbers, question,
		      &model);
	KUNIT_EXPECT_TRUE_MSG(test,
			      real.action == model.action &&
			      real.why == model.why &&
			      same_opts(&real.opts, &model.opts) &&
			      same_rule(real.rule, model.rule) &&
			      same_enforced(p, real.enforced, model.enforced),
			      "question %u: action %u, not %u; why %u, not %u",
			      p->asked, real.action, model.action, real.why,
			      model.why);
	p->asked++;
	p->seen[model.why][model.action]++;
}

static const struct sluice_policy_key *
random_key_of(struct policy_test *p, const struct policy_oracle *oracle)
{
	return &oracle->rules[random_below(&p->random, oracle->count)].cfg.key;
}

/* Whoever has loaded @revision is answered by @oracle. */
static void expect_answers(struct kunit *test,
			   const struct policy_oracle *oracle,
			   unsigned long revision)
{
	struct policy_test *p = test->priv;
	struct sluice_policy_question question;
	u32 i;

	for (i = 0; i < QUESTIONS; i++) {
		random_address(p, &p->subject, 1);
		random_address(p, &p->peer, 1);
		question = random_question(p);
		if (oracle->count && random_below(&p->random, 4))
			aim(p, random_key_of(p, oracle), &question);
		expect_decision(test, oracle, &question, revision);
	}
}

/* ------------------------------------------------------------------ operations */

static void random_match(struct policy_test *p, struct sluice_policy_key *key)
{
	u16 a = random_value(p), b = random_value(p);

	key->last = U16_MAX;
	if (random_one_in(&p->random, 4)) {
		key->any |= SLUICE_POLICY_ANY_PROTO;
		return;
	}
	key->proto = random_proto(p);
	if (!has_values(key->proto) || random_one_in(&p->random, 4))
		return;
	key->first = min(a, b);
	key->last = max(a, b);
}

static struct sluice_policy_key random_key(struct policy_test *p)
{
	struct sluice_policy_key key = {
		.subject = random_subject(p)->number,
		.dir = 1 + random_below(&p->random, 2),
		.tier = 1 + random_below(&p->random, 3),
		.priority = random_below(&p->random, 4),
	};

	if (random_one_in(&p->random, 3))
		key.any = SLUICE_POLICY_ANY_PEER;
	else
		key.peer = random_identity(p)->number;
	random_match(p, &key);
	return key;
}

/* Often one that there is. */
static struct sluice_policy_key pick_key(struct policy_test *p)
{
	if (!p->now.count || (!oracle_is_full(&p->now) &&
			      random_below(&p->random, 2)))
		return random_key(p);
	return *random_key_of(p, &p->now);
}

static void op_rule_new(struct kunit *test)
{
	static const char *const names[] = { NULL, "", "a", "from web to db" };
	struct policy_test *p = test->priv;
	struct sluice_policy_rule_cfg cfg = {
		.key = pick_key(p),
		.action = 1 + random_below(&p->random, 3),
		.cookie = random_below(&p->random, 3),
		.name = names[random_below(&p->random, ARRAY_SIZE(names))],
	};

	KUNIT_ASSERT_EQ(test, sluice_policy_tx_rule_new(&p->t.tx, &cfg), 0);
	oracle_rule_new(&p->now, &cfg);
}

static void op_rule_del(struct kunit *test)
{
	struct policy_test *p = test->priv;
	struct sluice_policy_key key = pick_key(p);
	struct sluice_policy_rule *rule;

	rule = sluice_policy_tx_find_rule(&p->t.tx, &key);
	KUNIT_ASSERT_EQ(test, !!rule, !!oracle_find(&p->now, &key));
	if (!rule)
		return;
	sluice_policy_tx_rule_del(&p->t.tx, rule);
	oracle_rule_del(&p->now, &key);
}

static void op_set_opts(struct kunit *test)
{
	struct policy_test *p = test->priv;
	u32 subject = random_subject(p)->number;
	struct sluice_policy_opts opts = {};

	if (random_below(&p->random, 2)) {
		opts.isolate = random_below(&p->random, 4) << 1;
		opts.audit = random_below(&p->random, 2);
		opts.established = random_below(&p->random, 2);
	}
	KUNIT_ASSERT_EQ(test, sluice_policy_tx_set_opts(&p->t.tx, subject,
							&opts), 0);
	oracle_set_opts(&p->now, subject, &opts);
}

static void op_flush(struct kunit *test)
{
	struct policy_test *p = test->priv;

	sluice_policy_tx_flush(&p->t.tx);
	oracle_flush(&p->now);
}

static void op_replace_all(struct kunit *test)
{
	struct policy_test *p = test->priv;

	sluice_policy_tx_replace_all(&p->t.tx);
	oracle_replace_all(&p->now);
}

static const struct {
	u32 weight;	/* how often, relative to the others */
	void (*op)(struct kunit *test);
} ops[] = {
	{ 72, op_rule_new },
	{ 18, op_rule_del },
	{ 8, op_set_opts },
	{ 1, op_flush },
	{ 1, op_replace_all },
};

static void random_op(struct kunit *test)
{
	struct policy_test *p = test->priv;
	u32 point = random_below(&p->random, 100), i;

	for (i = 0; point >= ops[i].weight; i++)
		point -= ops[i].weight;
	ops[i].op(test);
}

/* ----------------------------------------------- what the configuration is */

/* A rule counts on however often it is changed; a new one begins at 0. */
static void expect_rule(struct kunit *test, const struct oracle_rule *model)
{
	struct policy_test *p = test->priv;
	struct sluice_policy_counters *counters;
	struct sluice_policy_rule *real;

	real = sluice_policy_find_rule(&p->t.table, &model->cfg.key);
	KUNIT_ASSERT_NOT_NULL(test, real);
	KUNIT_EXPECT_TRUE(test, same_rule(real, model));
	KUNIT_EXPECT_PTR_EQ(test, real,
			    (struct sluice_policy_rule *)
			    xa_load(&p->t.table.rules, real->id));
	KUNIT_EXPECT_FALSE(test, real->touched || real->named || real->born ||
			   real->gone);
	KUNIT_EXPECT_EQ(test, refcount_read(&real->refs), 1U);
	KUNIT_EXPECT_EQ(test, refcount_read(&real->origin->refs), 1U);
	counters = sluice_policy_rule_counters(real);
	if (!atomic64_read(&counters->flows))
		atomic64_set(&counters->flows, model->created);
	KUNIT_EXPECT_EQ(test, atomic64_read(&counters->flows),
			(s64)model->created);
}

/* Nothing is left of versions that are over. */
static void expect_one_version(struct kunit *test,
			       struct sluice_version __rcu **newest)
{
	struct policy_test *p = test->priv;
	struct sluice_version *version;

	version = sluice_version_newest(newest, &p->t.lock);
	if (!version)
		return;
	KUNIT_EXPECT_LE(test, version->since, p->t.revision);
	KUNIT_EXPECT_NULL(test, sluice_version_newest(&version->prev,
						      &p->t.lock));
}

static void expect_rules_of_side(struct kunit *test,
				 struct sluice_policy_side *side)
{
	struct sluice_policy_rule *rule;
	u32 normal = 0;

	expect_one_version(test, &side->any.map);
	KUNIT_EXPECT_FALSE(test, side->any.touched);
	KUNIT_EXPECT_EQ(test, !!rcu_access_pointer(side->any.map),
			!list_empty(&side->any.rules));
	list_for_each_entry(rule, &side->any.rules, list)
		normal += rule->key.tier == SLUICE_POLICY_TIER_NORMAL;
	KUNIT_EXPECT_LE(test, normal, side->normal_count);
}

static void expect_subject(struct kunit *test, struct sluice_identity *identity)
{
	struct policy_test *p = test->priv;
	struct sluice_policy *policy;
	struct sluice_policy_opts opts;
	bool exists = oracle_has(&p->before, identity->number);

	policy = sluice_policy_find(&p->t.table, identity->number);
	KUNIT_EXPECT_EQ(test, !!policy, exists);
	KUNIT_EXPECT_PTR_EQ(test, policy, rcu_access_pointer(identity->policy));
	KUNIT_EXPECT_EQ(test, refcount_read(&identity->refs), 1U + exists);
	if (!policy)
		return;
	opts = oracle_opts_of(&p->before, identity->number);
	KUNIT_EXPECT_TRUE(test, same_opts(&policy->opts, &opts));
	KUNIT_EXPECT_FALSE(test, policy->touched || policy->named);
	expect_one_version(test, &policy->head);
	expect_rules_of_side(test, &policy->sides[0]);
	expect_rules_of_side(test, &policy->sides[1]);
}

/* In the order of their creation. */
static void expect_order(struct kunit *test)
{
	struct policy_test *p = test->priv;
	const struct oracle_rule *model;
	struct sluice_policy_rule *rule;
	unsigned long id;
	u64 last = 0;
	u32 count = 0;

	xa_for_each(&p->t.table.rules, id, rule) {
		model = oracle_find(&p->before, &rule->key);
		KUNIT_ASSERT_NOT_NULL(test, model);
		KUNIT_EXPECT_GT(test, model->created, last);
		last = model->created;
		count++;
	}
	KUNIT_EXPECT_EQ(test, count, p->before.count);
}

/* All is as @before says, and nothing is left of the transaction. */
static void expect_config(struct kunit *test)
{
	struct policy_test *p = test->priv;
	u32 i;

	rcu_barrier();
	mutex_lock(&p->t.lock);
	KUNIT_EXPECT_EQ(test, p->t.table.rule_count, p->before.count);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->t.table.keys.nelems),
			(int)p->before.count);
	for (i = 0; i < p->before.count; i++)
		expect_rule(test, &p->before.rules[i]);
	for (i = 0; i < POLICY_IDENTITIES; i++)
		expect_subject(test, p->t.ids[i]);
	expect_order(test);
	mutex_unlock(&p->t.lock);
}

/* ---------------------------------------------------------------- transactions */

static void commit(struct kunit *test)
{
	struct policy_test *p = test->priv;
	unsigned long old = p->t.revision;

	oracle_forget_hidden(&p->now);
	KUNIT_ASSERT_EQ(test, sluice_policy_tx_prepare(&p->t.tx), 0);
	expect_answers(test, &p->before, old);
	expect_answers(test, &p->now, old + 1);
	p->t.revision += p->t.tx.changed;
	sluice_policy_tx_end(&p->t.tx);
	mutex_unlock(&p->t.lock);
	p->before = p->now;
	p->settled = true;
	expect_answers(test, &p->now, p->t.revision);
	p->settled = false;
}

/* Be it prepared or not. */
static void give_up(struct kunit *test)
{
	struct policy_test *p = test->priv;

	if (random_below(&p->random, 2)) {
		KUNIT_ASSERT_EQ(test, sluice_policy_tx_prepare(&p->t.tx), 0);
		expect_answers(test, &p->before, p->t.revision);
	}
	policy_abort(&p->t);
	expect_answers(test, &p->before, p->t.revision);
	p->now = p->before;
}

static void expect_seen(struct kunit *test, u8 why, u8 action)
{
	struct policy_test *p = test->priv;

	KUNIT_EXPECT_GT(test, p->seen[why][action], (u32)CASES / 20);
	kunit_info(test, "why %u, action %u: %u questions", why, action,
		   p->seen[why][action]);
}

static void random_transactions(struct kunit *test)
{
	struct policy_test *p = test->priv;
	u32 round, ops;

	for (round = 0; p->asked < CASES; round++) {
		policy_begin(&p->t);
		ops = random_below(&p->random, OPS_MAX);
		while (ops--)
			random_op(test);
		expect_answers(test, &p->before, p->t.revision);
		if (random_one_in(&p->random, 4))
			give_up(test);
		else
			commit(test);
		if (round % CHECK_EVERY == 0)
			expect_config(test);
		cond_resched();
	}
	expect_config(test);
	kunit_info(test, "%u transactions", round);
	expect_seen(test, SLUICE_POLICY_WHY_RULE, SLUICE_POLICY_ACTION_ALLOW);
	expect_seen(test, SLUICE_POLICY_WHY_RULE, SLUICE_POLICY_ACTION_DENY);
	expect_seen(test, SLUICE_POLICY_WHY_ISOLATION,
		    SLUICE_POLICY_ACTION_DENY);
	expect_seen(test, SLUICE_POLICY_WHY_DEFAULT,
		    SLUICE_POLICY_ACTION_ALLOW);
}

static int init(struct kunit *test)
{
	struct policy_test *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	prandom_seed_state(&p->random, 1992);
	test->priv = p;
	return policy_address_init(test, &p->subject) ?:
	       policy_address_init(test, &p->peer) ?:
	       policy_tables_init(&p->t);
}

static void exit(struct kunit *test)
{
	struct policy_test *p = test->priv;

	policy_tables_fini(&p->t);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(random_transactions),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_policy",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
