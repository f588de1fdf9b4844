// SPDX-License-Identifier: GPL-2.0
/*
 * What the policy does to connections, new ones and those there are.
 */
#include "judge_tables.h"

static u64 flows_of(struct sluice_policy_rule *rule)
{
	return atomic64_read(&sluice_policy_rule_counters(rule)->flows);
}

/* ---------------------------------------------------------------------- cases */

static void strangers_have_no_flow(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, judge_send(test, STRANGER, STRANGER + 2, "S"),
			SLUICE_DROP_NONE);
	judge_set_rule(test, INGRESS, ALLOW);
	KUNIT_EXPECT_EQ(test, judge_send(test, STRANGER, STRANGER + 2, "S"),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 0);
}

/* The first rule there is finds what is open, whichever end has an identity. */
static void who_has_an_identity_has_a_flow(struct kunit *test)
{
	static const u32 pairs[][2] = {
		{ CLIENT, SERVER }, { STRANGER, SERVER }, { CLIENT, STRANGER },
	};
	struct sluice_pkt pkt, answer;
	struct sluice_verdict verdict;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		KUNIT_EXPECT_EQ(test, judge_send(test, pairs[i][0], pairs[i][1],
						 "S"), SLUICE_DROP_NONE);
		KUNIT_EXPECT_EQ(test, judge_flow_count(test), i + 1);
	}
	judge_set_opts(test, SERVER, (struct sluice_policy_opts) {
		.isolate = BIT(INGRESS),
	});
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		bool open = pairs[i][1] != SERVER;

		pkt = judge_packet(pairs[i][0], pairs[i][1], "A");
		answer = judge_answer_to(&pkt);
		KUNIT_EXPECT_EQ(test, !judge_decide(test, &pkt, &verdict), open);
		KUNIT_EXPECT_EQ(test, !judge_decide(test, &answer, &verdict),
				open);
	}
}

static void give_prefix(struct kunit *test, u32 number, u8 len, u32 id)
{
	struct sluice_identity_cfg cfg = {
		.prefix = { .addr = test_addr(number).addr,
			    .family = AF_INET, .len = len },
		.number = id,
	};

	judge_add_identity(test, &cfg);
}

/* The world, other nodes and the node get no rules, or are not many. */
static void only_workloads_are_remembered(struct kunit *test)
{
	give_prefix(test, STRANGER, 24, 77);
	KUNIT_EXPECT_EQ(test, judge_send(test, STRANGER, STRANGER + 2, "S"),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 0);
	give_prefix(test, STRANGER, 32, SLUICE_IDENTITY_REMOTE_NODE);
	KUNIT_EXPECT_EQ(test, judge_send(test, STRANGER, STRANGER + 2, "S"),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 0);
	give_prefix(test, STRANGER, 32, SLUICE_IDENTITY_RESERVED_LAST + 1);
	KUNIT_EXPECT_EQ(test, judge_send(test, STRANGER, STRANGER + 2, "S"),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
}

/* A flow that is denied, or has outlived all rules, has none. */
static void stopped_flow_is_marked(struct kunit *test)
{
	struct judge_test *t = test->priv;
	struct sluice_flow *flow;

	judge_set_rule(test, INGRESS, ALLOW);
	flow = judge_open_flow(test, CLIENT, SERVER);
	judge_set_rule(test, INGRESS, DENY);
	KUNIT_EXPECT_FALSE(test, test_bit(SLUICE_FLOW_DENIED, &flow->status));
	KUNIT_EXPECT_NE(test, judge_send(test, CLIENT, SERVER, "A"),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_TRUE(test, test_bit(SLUICE_FLOW_DENIED, &flow->status));
	judge_delete_rule(test, INGRESS);
	KUNIT_EXPECT_EQ(test, t->sn.policies.subject_count, 0U);
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "A"),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_FALSE(test, test_bit(SLUICE_FLOW_DENIED, &flow->status));
	KUNIT_EXPECT_NULL(test, flow->rules[0]);
}

static void allowed_flow_has_its_rules(struct kunit *test)
{
	struct sluice_flow *flow;

	judge_set_rule(test, INGRESS, ALLOW);
	judge_set_rule(test, EGRESS, ALLOW);
	flow = judge_open_flow(test, CLIENT, SERVER);
	KUNIT_ASSERT_NOT_NULL(test, flow->rules[0]);
	KUNIT_ASSERT_NOT_NULL(test, flow->rules[1]);
	KUNIT_EXPECT_EQ(test, flow->rules[0]->key.subject, SERVER);
	KUNIT_EXPECT_EQ(test, flow->rules[1]->key.subject, CLIENT);
	KUNIT_EXPECT_EQ(test, flows_of(flow->rules[0]), 1);
	KUNIT_EXPECT_EQ(test, flows_of(flow->rules[1]), 1);
	KUNIT_EXPECT_EQ(test, refcount_read(&flow->rules[0]->refs), 2U);
}

/* Who isolates nobody may answer, though he may not begin. */
static void answers_belong_to_the_flow(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "S"), answer;
	struct sluice_verdict verdict;

	judge_set_rule(test, INGRESS, ALLOW);
	judge_set_opts(test, SERVER, (struct sluice_policy_opts) {
		.isolate = BIT(INGRESS) | BIT(EGRESS),
	});
	judge_open_flow(test, CLIENT, SERVER);
	answer = judge_answer_to(&pkt);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_NOT_NULL(test, verdict.found);
	KUNIT_EXPECT_EQ(test, judge_send(test, SERVER, CLIENT, "S"),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
}

static void expect_blame(struct kunit *test, u32 from, u32 to, u8 dir,
			 enum sluice_drop_reason reason)
{
	struct sluice_pkt pkt = judge_packet(from, to, "S");
	struct sluice_verdict verdict;

	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict), reason);
	KUNIT_EXPECT_NULL(test, verdict.found);
	KUNIT_EXPECT_EQ(test, verdict.blame.dir, dir);
	KUNIT_EXPECT_EQ(test, verdict.blame.subject, dir == INGRESS ? to : from);
	KUNIT_EXPECT_EQ(test, verdict.blame.peer,
			to == STRANGER || from == STRANGER ? 0 :
			dir == INGRESS ? from : to);
	KUNIT_EXPECT_EQ(test, !!verdict.blame.rule,
			reason == SLUICE_DROP_REASON_POLICY_RULE);
}

static void who_denies_is_named(struct kunit *test)
{
	judge_set_rule(test, INGRESS, DENY);
	expect_blame(test, CLIENT, SERVER, INGRESS,
		     SLUICE_DROP_REASON_POLICY_RULE);
	expect_blame(test, STRANGER, SERVER, INGRESS,
		     SLUICE_DROP_REASON_POLICY_ISOLATION);
	judge_set_rule(test, EGRESS, DENY);
	expect_blame(test, CLIENT, SERVER, EGRESS,
		     SLUICE_DROP_REASON_POLICY_RULE);
	expect_blame(test, CLIENT, STRANGER, EGRESS,
		     SLUICE_DROP_REASON_POLICY_ISOLATION);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 0);
}

static void expect_both_ways(struct kunit *test,
			     enum sluice_drop_reason reason)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct sluice_pkt answer = judge_answer_to(&pkt);
	struct sluice_verdict verdict;

	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict), reason);
	KUNIT_EXPECT_EQ(test, !verdict.found, !!reason);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict), reason);
	KUNIT_EXPECT_EQ(test, !verdict.found, !!reason);
}

/* Denied it stands still, whoever denies it; allowed again it goes on. */
static void flow_is_cut_and_goes_on(struct kunit *test)
{
	struct sluice_flow *flow;

	judge_set_rule(test, INGRESS, ALLOW);
	flow = judge_open_flow(test, CLIENT, SERVER);
	judge_set_rule(test, INGRESS, DENY);
	expect_both_ways(test, SLUICE_DROP_REASON_POLICY_RULE);
	judge_set_rule(test, INGRESS, ALLOW);
	expect_both_ways(test, SLUICE_DROP_NONE);

	judge_set_rule(test, EGRESS, DENY);
	expect_both_ways(test, SLUICE_DROP_REASON_POLICY_RULE);
	judge_set_rule(test, EGRESS, ALLOW);
	expect_both_ways(test, SLUICE_DROP_NONE);

	judge_take_identity(test, CLIENT);
	expect_both_ways(test, SLUICE_DROP_REASON_POLICY_ISOLATION);
	judge_give_identity(test, CLIENT);
	expect_both_ways(test, SLUICE_DROP_NONE);
	KUNIT_EXPECT_PTR_EQ(test, judge_open_flow(test, CLIENT, SERVER), flow);
}

/* The collector leaves alone what waits for the policy to change its mind. */
static void what_is_denied_is_not_collected(struct kunit *test)
{
	struct judge_test *t = test->priv;
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "");
	struct sluice_verdict verdict;

	judge_set_rule(test, INGRESS, ALLOW);
	pkt.tuple.proto = IPPROTO_UDP;
	KUNIT_ASSERT_EQ(test, judge_decide(test, &pkt, &verdict), SLUICE_DROP_NONE);
	judge_set_rule(test, INGRESS, DENY);
	test_flow_gc(&t->sn);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_RULE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
}

/* Of a connection whose service is gone: who is denied tells nobody anything. */
static void end_is_told_if_allowed(struct kunit *test)
{
	struct judge_test *t = test->priv;
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVICE, "A");
	struct sluice_verdict verdict;

	judge_set_rule(test, INGRESS, ALLOW);
	judge_add_service(test);
	KUNIT_ASSERT_NOT_NULL(test, judge_open_flow(test, CLIENT, SERVICE));
	test_service_flush(&t->sn);
	judge_decide(test, &pkt, &verdict);
	KUNIT_EXPECT_EQ(test, verdict.reason, SLUICE_DROP_REASON_BACKEND_GONE);
	KUNIT_EXPECT_TRUE(test, verdict.becomes_rst);

	judge_set_rule(test, INGRESS, DENY);
	judge_decide(test, &pkt, &verdict);
	KUNIT_EXPECT_EQ(test, verdict.reason, SLUICE_DROP_REASON_BACKEND_GONE);
	KUNIT_EXPECT_TRUE(test, verdict.reject);
	KUNIT_EXPECT_FALSE(test, verdict.becomes_rst);
	pkt.rst = true;
	judge_decide(test, &pkt, &verdict);
	KUNIT_EXPECT_EQ(test, verdict.reason, SLUICE_DROP_REASON_POLICY_RULE);
}

/* The new rules count from then on. */
static void rules_of_a_flow_change(struct kunit *test)
{
	struct judge_test *t = test->priv;
	struct sluice_policy_rule *first;
	struct sluice_flow *flow;

	judge_set_rule(test, INGRESS, ALLOW);
	flow = judge_open_flow(test, CLIENT, SERVER);
	first = flow->rules[0];
	sluice_policy_rule_get(first);
	test_flow_touch(&t->sn, flow, ORIG, "S", 60);
	judge_set_rule(test, EGRESS, ALLOW);
	expect_both_ways(test, SLUICE_DROP_NONE);
	KUNIT_EXPECT_PTR_EQ(test, flow->rules[0], first);
	KUNIT_EXPECT_NOT_NULL(test, flow->rules[1]);
	KUNIT_EXPECT_EQ(test, flows_of(flow->rules[1]), 1);
	KUNIT_EXPECT_EQ(test, flows_of(first), 1);
	KUNIT_EXPECT_EQ(test,
			atomic64_read(&sluice_policy_rule_counters(first)->packets),
			1);
	test_flow_touch(&t->sn, flow, REPLY, "SA", 60);
	sluice_flow_table_fold(&t->sn.flows);
	KUNIT_EXPECT_EQ(test,
			atomic64_read(&sluice_policy_rule_counters(flow->rules[1])->bytes),
			60);
	sluice_policy_rule_put(first);
}

static void established_flows_are_kept(struct kunit *test)
{
	struct judge_test *t = test->priv;
	struct sluice_flow *flow;

	judge_set_rule(test, INGRESS, ALLOW);
	judge_set_opts(test, SERVER, (struct sluice_policy_opts) {
		.established = SLUICE_ESTABLISHED_KEEP,
	});
	flow = judge_open_flow(test, CLIENT, SERVER);
	judge_set_rule(test, INGRESS, DENY);
	expect_both_ways(test, SLUICE_DROP_REASON_POLICY_RULE);

	judge_set_rule(test, INGRESS, ALLOW);
	expect_both_ways(test, SLUICE_DROP_NONE);
	test_flow_touch(&t->sn, flow, REPLY, "SA", 60);
	judge_set_rule(test, INGRESS, DENY);
	expect_both_ways(test, SLUICE_DROP_NONE);
	expect_blame(test, STRANGER, SERVER, INGRESS,
		     SLUICE_DROP_REASON_POLICY_ISOLATION);
}

/* One end's wish does not bind the other one. */
static void each_end_has_to_keep_it(struct kunit *test)
{
	struct judge_test *t = test->priv;
	struct sluice_flow *flow;

	judge_set_rule(test, INGRESS, ALLOW);
	judge_set_rule(test, EGRESS, ALLOW);
	judge_set_opts(test, CLIENT, (struct sluice_policy_opts) {
		.established = SLUICE_ESTABLISHED_KEEP,
	});
	flow = judge_open_flow(test, CLIENT, SERVER);
	test_flow_touch(&t->sn, flow, REPLY, "SA", 60);
	judge_set_rule(test, EGRESS, DENY);
	expect_both_ways(test, SLUICE_DROP_NONE);
	judge_set_rule(test, INGRESS, DENY);
	expect_both_ways(test, SLUICE_DROP_REASON_POLICY_RULE);
}

/* Only what the node has sent is the node's, whatever the address says. */
static void node_traffic(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "S");
	struct sluice_verdict verdict;

	judge_set_opts(test, SERVER, (struct sluice_policy_opts) {
		.isolate = BIT(INGRESS),
	});
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
	pkt.from_node = true;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict), SLUICE_DROP_NONE);
	judge_set_rule(test, INGRESS, DENY);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict), SLUICE_DROP_NONE);
}

/* What is for all on a link is for the node, unless others are on the link. */
static void link_traffic(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "");
	struct sluice_verdict verdict;

	judge_set_opts(test, CLIENT, (struct sluice_policy_opts) {
		.isolate = BIT(EGRESS),
	});
	pkt.tuple.proto = IPPROTO_UDP;
	pkt.tuple.dst.ip = htonl(INADDR_ALLHOSTS_GROUP);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict), SLUICE_DROP_NONE);
	pkt.tuple.dport++;
	pkt.on_bridge = true;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
	pkt.on_bridge = false;
	pkt.bridged = true;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
	pkt.bridged = false;
	pkt.tuple.dst.ip = htonl(INADDR_BROADCAST);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict), SLUICE_DROP_NONE);
	pkt.tuple.dst.ip = htonl(INADDR_ALLHOSTS_GROUP + 0x100);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
}

/* A flow is judged again as it was when it began. */
static void link_traffic_of_a_flow(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "");
	struct sluice_verdict verdict;

	judge_set_rule(test, INGRESS, ALLOW);
	pkt.tuple.proto = IPPROTO_UDP;
	pkt.tuple.dst.ip = htonl(INADDR_ALLHOSTS_GROUP);
	pkt.bridged = true;
	judge_set_opts(test, CLIENT, (struct sluice_policy_opts) {});
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict), SLUICE_DROP_NONE);
	judge_set_opts(test, CLIENT, (struct sluice_policy_opts) {
		.isolate = BIT(EGRESS),
	});
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
}

static void live_flows_are_reset(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct sluice_verdict verdict;

	judge_set_rule(test, INGRESS, ALLOW);
	judge_set_opts(test, SERVER, (struct sluice_policy_opts) {
		.established = SLUICE_ESTABLISHED_RESET,
	});
	judge_open_flow(test, CLIENT, SERVER);
	judge_set_rule(test, INGRESS, DENY);
	judge_decide(test, &pkt, &verdict);
	KUNIT_EXPECT_TRUE(test, verdict.reject);
	pkt.rst = true;
	judge_decide(test, &pkt, &verdict);
	KUNIT_EXPECT_EQ(test, verdict.reason, SLUICE_DROP_REASON_POLICY_RULE);
	KUNIT_EXPECT_FALSE(test, verdict.reject);
}

static void new_flows_are_rejected(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "S");
	struct sluice_verdict verdict;

	judge_set_rule(test, INGRESS, DENY);
	judge_decide(test, &pkt, &verdict);
	KUNIT_EXPECT_FALSE(test, verdict.reject);
	judge_set_opts(test, SERVER, (struct sluice_policy_opts) {
		.on_deny = SLUICE_ON_DENY_REJECT,
	});
	judge_decide(test, &pkt, &verdict);
	KUNIT_EXPECT_TRUE(test, verdict.reject);
}

static void service_is_judged_by_its_backend(struct kunit *test)
{
	struct judge_test *t = test->priv;
	struct sluice_flow *flow;

	judge_add_service(test);
	judge_set_rule(test, INGRESS, DENY);
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVICE, "S"),
			SLUICE_DROP_REASON_POLICY_RULE);
	judge_set_rule(test, INGRESS, ALLOW);
	flow = judge_open_flow(test, CLIENT, SERVICE);
	KUNIT_EXPECT_NOT_NULL(test, flow->backend);
	KUNIT_EXPECT_NOT_NULL(test, flow->rules[0]);
	judge_set_rule(test, INGRESS, DENY);
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVICE, "A"),
			SLUICE_DROP_REASON_POLICY_RULE);
	KUNIT_EXPECT_EQ(test, judge_send(test, STRANGER, SERVICE, "S"),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
	test_service_flush(&t->sn);
}

/* While a change is prepared packets see nothing of it, then all. */
static void changes_come_at_once(struct kunit *test)
{
	struct sluice_policy_rule_cfg cfg = judge_rule_of(INGRESS, DENY);
	struct sluice_config_tx tx;

	judge_set_rule(test, INGRESS, ALLOW);
	judge_open_flow(test, CLIENT, SERVER);
	judge_begin(test->priv, &tx);
	KUNIT_EXPECT_EQ(test, sluice_policy_tx_rule_new(&tx.policies, &cfg), 0);
	KUNIT_EXPECT_EQ(test, test_config_prepare(&tx), 0);
	expect_both_ways(test, SLUICE_DROP_NONE);
	sluice_config_commit(&tx);
	expect_both_ways(test, SLUICE_DROP_REASON_POLICY_RULE);
	sluice_config_end(&tx);
	mutex_unlock(&tx.sn->cfg_lock);
	expect_both_ways(test, SLUICE_DROP_REASON_POLICY_RULE);
}

/* Once the revision is over, a packet that was late judges by the next one. */
static void who_is_late_judges_again(struct kunit *test)
{
	struct judge_test *t = test->priv;
	struct sluice_l4addr from = test_addr(CLIENT), to = test_addr(SERVER);
	const struct sluice_case c = {
		.src = &from.addr, .dst = &to.addr, .family = AF_INET,
		.proto = IPPROTO_TCP, .port = 80,
	};
	struct sluice_judgement j;
	unsigned long late;

	judge_set_rule(test, INGRESS, ALLOW);
	late = t->sn.services.revision;
	judge_set_rule(test, INGRESS, DENY);
	rcu_read_lock();
	sluice_judge(&t->sn, &c, late, &j);
	KUNIT_EXPECT_EQ(test, j.denied, INGRESS);
	rcu_read_unlock();
}

static struct kunit_case judge_cases[] = {
	KUNIT_CASE(strangers_have_no_flow),
	KUNIT_CASE(who_has_an_identity_has_a_flow),
	KUNIT_CASE(only_workloads_are_remembered),
	KUNIT_CASE(stopped_flow_is_marked),
	KUNIT_CASE(allowed_flow_has_its_rules),
	KUNIT_CASE(answers_belong_to_the_flow),
	KUNIT_CASE(who_denies_is_named),
	KUNIT_CASE(flow_is_cut_and_goes_on),
	KUNIT_CASE(what_is_denied_is_not_collected),
	KUNIT_CASE(end_is_told_if_allowed),
	KUNIT_CASE(rules_of_a_flow_change),
	KUNIT_CASE(established_flows_are_kept),
	KUNIT_CASE(each_end_has_to_keep_it),
	KUNIT_CASE(node_traffic),
	KUNIT_CASE(link_traffic),
	KUNIT_CASE(link_traffic_of_a_flow),
	KUNIT_CASE(live_flows_are_reset),
	KUNIT_CASE(new_flows_are_rejected),
	KUNIT_CASE(service_is_judged_by_its_backend),
	KUNIT_CASE(changes_come_at_once),
	KUNIT_CASE(who_is_late_judges_again),
	{}
};

static struct kunit_suite judge_suite = {
	.name = "sluice_judge",
	.init = judge_test_init,
	.exit = judge_test_exit,
	.test_cases = judge_cases,
};
kunit_test_suite(judge_suite);
