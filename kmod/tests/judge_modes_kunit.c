// SPDX-License-Identifier: GPL-2.0
/*
 * What the policy does in its modes: loose and strict, audit; and with what is
 * no service's business.
 */
#include "judge_tables.h"

/* One more of the server's, which comes before its own */
#define SECOND		150

static u64 audited(struct judge_test *t)
{
	return sluice_stat_sum(t->sn.stats, SLUICE_STAT_AUDITED);
}

static void isolate_egress(struct kunit *test, u32 subject, bool audit)
{
	judge_set_opts(test, subject, (struct sluice_policy_opts) {
		.isolate = BIT(EGRESS), .audit = audit,
	});
}

/*
 * A flow that the fast path made while there was no policy, and the ends had no
 * identities
 */
static void begin_plain(struct kunit *test, const struct sluice_pkt *pkt)
{
	struct judge_test *t = test->priv;
	const struct sluice_early early = {
		.plain = true,
		.revision = sluice_service_table_revision(&t->sn.services),
	};

	KUNIT_ASSERT_NOT_NULL(test, sluice_decide_plain(&t->sn, pkt, &early));
}

/* Connections older than the module, seen from either end */
static void middle_of_a_connection(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct sluice_pkt answer = judge_answer_to(&pkt);
	struct judge_test *t = test->priv;
	struct sluice_verdict verdict;

	judge_set_rule(test, INGRESS, ALLOW);
	isolate_egress(test, SERVER, false);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
	answer.syn = true;
	answer.ack = false;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict), SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);

	sluice_flow_table_flush(&t->sn.flows, NULL, NULL);
	t->sn.node.policy_tcp = SLUICE_POLICY_TCP_STRICT;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_STRICT);
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "S"),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict), SLUICE_DROP_NONE);
}

/*
 * A flow that began when either end could have is turned round by rules that
 * come later, but none whose beginning was seen.
 */
static void who_began_it_is_not_known(struct kunit *test)
{
	static const struct sluice_policy_opts open;
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct sluice_pkt answer = judge_answer_to(&pkt);
	struct judge_test *t = test->priv;
	struct sluice_verdict verdict;

	begin_plain(test, &answer);
	judge_set_rule(test, INGRESS, ALLOW);
	isolate_egress(test, SERVER, false);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
	judge_set_rule(test, INGRESS, DENY);
	KUNIT_EXPECT_NE(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_NE(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);

	sluice_flow_table_flush(&t->sn.flows, NULL, NULL);
	judge_set_rule(test, INGRESS, ALLOW);
	judge_set_opts(test, SERVER, open);
	answer.syn = true;
	answer.ack = false;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	isolate_egress(test, SERVER, false);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
}

/* A SYN tells who begins; what was sent ahead of it does not count then. */
static void beginning_is_seen_after_all(struct kunit *test)
{
	struct judge_test *t = test->priv;
	struct sluice_verdict verdict;
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");

	isolate_egress(test, CLIENT, false);
	judge_set_rule(test, EGRESS, ALLOW);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "S"),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
	judge_set_rule(test, EGRESS, DENY);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_RULE);
	judge_delete_rule(test, EGRESS);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
	KUNIT_EXPECT_EQ(test, sluice_stat_sum(t->sn.stats,
					      SLUICE_STAT_FLOWS_RETIRED), 1);
}

static void isolate_server(struct kunit *test)
{
	judge_set_opts(test, SERVER, (struct sluice_policy_opts) {
		.isolate = BIT(INGRESS),
	});
}

/* What was seen while nobody had rules is not seen to begin by that. */
static void strict_holds_from_the_first_rule(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct judge_test *t = test->priv;
	struct sluice_verdict verdict;

	t->sn.node.policy_tcp = SLUICE_POLICY_TCP_STRICT;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);
	judge_set_rule(test, INGRESS, ALLOW);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_STRICT);
	judge_set_opts(test, SERVER, (struct sluice_policy_opts) { .audit = 1 });
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, audited(t), 1);
}

/* A server's packet that comes first does not make its client the receiver. */
static void ports_tell_who_began_it(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct sluice_pkt answer = judge_answer_to(&pkt);
	struct sluice_verdict verdict;

	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
	judge_set_rule(test, INGRESS, DENY);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_REASON_POLICY_RULE);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_RULE);
}

/* So isolation cuts also what was open before there were rules. */
static void expect_isolation_cuts(struct kunit *test, u8 proto)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A"), answer;
	struct sluice_verdict verdict;

	pkt.tuple.proto = proto;
	answer = judge_answer_to(&pkt);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);
	isolate_server(test);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
}

static void isolation_cuts_what_is_older(struct kunit *test)
{
	expect_isolation_cuts(test, IPPROTO_TCP);
}

static void isolation_cuts_sctp(struct kunit *test)
{
	expect_isolation_cuts(test, IPPROTO_SCTP);
}

static void strict_drops_sctp(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct judge_test *t = test->priv;
	struct sluice_verdict verdict;

	pkt.tuple.proto = IPPROTO_SCTP;
	judge_set_rule(test, INGRESS, ALLOW);
	t->sn.node.policy_tcp = SLUICE_POLICY_TCP_STRICT;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_STRICT);
	pkt.syn = true;
	pkt.ack = false;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);
}

static void allow_port(struct kunit *test, u16 port)
{
	struct sluice_policy_rule_cfg cfg = judge_rule_of(INGRESS, ALLOW);

	cfg.key.any = 0;
	cfg.key.proto = IPPROTO_TCP;
	cfg.key.first = port;
	cfg.key.last = port;
	judge_add_rule(test, &cfg);
}

/* Whatever the server sends, by no port in particular */
static void allow_from_server(struct kunit *test)
{
	struct sluice_policy_rule_cfg cfg = judge_rule_of(INGRESS, ALLOW);

	cfg.key.subject = CLIENT;
	cfg.key.peer = SERVER;
	cfg.key.any = 0;
	cfg.key.proto = IPPROTO_TCP;
	cfg.key.first = 1;
	judge_add_rule(test, &cfg);
}

/* Of the client's ingress */
static void deny_from_server(struct kunit *test)
{
	struct sluice_policy_rule_cfg cfg = judge_rule_of(INGRESS, DENY);

	cfg.key.subject = CLIENT;
	cfg.key.peer = SERVER;
	judge_add_rule(test, &cfg);
}

static void let_server_send(struct kunit *test)
{
	struct sluice_policy_rule_cfg cfg = judge_rule_of(EGRESS, ALLOW);

	cfg.key.subject = SERVER;
	cfg.key.any |= SLUICE_POLICY_ANY_PEER;
	cfg.key.peer = 0;
	judge_add_rule(test, &cfg);
}

/* What a rule for a port allows goes on though ports tell otherwise. */
static void ports_that_are_wrong(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A"), answer;
	struct sluice_verdict verdict;

	pkt.tuple.sport = htons(5000);
	pkt.tuple.dport = htons(50051);
	answer = judge_answer_to(&pkt);
	allow_port(test, 50051);
	isolate_egress(test, SERVER, false);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 0);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	/* The flow is judged once more. */
	judge_give_identity(test, STRANGER);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
	/* But a rule that denies what they tell holds. */
	deny_from_server(test);
	KUNIT_EXPECT_NE(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_NE(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
}

/* A SYN's answer tells though ports tell otherwise, as does the flow it begins. */
static void syn_is_answered_from_any_port(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A"), answer;
	struct sluice_verdict verdict;

	pkt.tuple.sport = htons(5000);
	pkt.tuple.dport = htons(50051);
	answer = judge_answer_to(&pkt);
	answer.syn = true;
	judge_set_rule(test, INGRESS, ALLOW);
	isolate_egress(test, SERVER, false);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
	judge_give_identity(test, STRANGER);
	answer.syn = false;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);
}

/* Where they do not, either end may have begun it. */
static void ports_that_do_not_tell(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct sluice_verdict verdict;

	isolate_server(test);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
	pkt.tuple.sport = htons(SLUICE_PORT_CHOSEN - 1);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 0);
	pkt.tuple.sport = htons(SLUICE_PORT_CHOSEN);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
}

/*
 * It does not come back once nobody remembers that it was cut, also if its server
 * may begin what it likes.
 */
static void cut_outlives_its_flow(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct sluice_pkt answer = judge_answer_to(&pkt);
	struct judge_test *t = test->priv;
	struct sluice_verdict verdict;

	judge_open_flow(test, CLIENT, SERVER);
	isolate_server(test);
	let_server_send(test);
	allow_from_server(test);
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "A"),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
	sluice_flow_table_flush(&t->sn.flows, NULL, NULL);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "A"),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
}

/* An end that isolates itself does not hide what the other one denies. */
static void isolation_hides_no_rule(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct sluice_verdict verdict;

	pkt.tuple.sport = htons(5000);	/* which does not tell */
	begin_plain(test, &pkt);
	judge_set_rule(test, INGRESS, DENY);
	isolate_egress(test, CLIENT, false);
	KUNIT_EXPECT_NE(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_NONE);
}

/* What is allowed is not made an answer by what the other end may do. */
static void allowed_is_no_answer(struct kunit *test)
{
	struct sluice_policy_rule_cfg cfg = judge_rule_of(INGRESS, ALLOW);
	struct judge_test *t = test->priv;

	cfg.key.subject = CLIENT;
	cfg.key.peer = SERVER;
	judge_add_rule(test, &cfg);
	judge_add_service(test);
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "A"),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
	test_service_flush(&t->sn);
}

/* What its ports tell to be an answer is not told of. */
static void audit_of_the_middle(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct sluice_pkt answer = judge_answer_to(&pkt);
	struct judge_test *t = test->priv;
	struct sluice_verdict verdict;

	judge_set_rule(test, INGRESS, ALLOW);
	isolate_egress(test, SERVER, true);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
	KUNIT_EXPECT_EQ(test, audited(t), 0);
	answer.syn = true;
	answer.ack = false;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, audited(t), 1);
}

/* Likewise where they do not tell: it may be one. */
static void audit_of_what_may_be_an_answer(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A"), answer;
	struct judge_test *t = test->priv;
	struct sluice_verdict verdict;

	pkt.tuple.sport = htons(5000);
	answer = judge_answer_to(&pkt);
	isolate_egress(test, SERVER, true);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 0);
	KUNIT_EXPECT_EQ(test, audited(t), 0);
}

static void audit_drops_nothing(struct kunit *test)
{
	struct judge_test *t = test->priv;

	judge_set_rule(test, INGRESS, DENY);
	judge_set_opts(test, SERVER, (struct sluice_policy_opts) { .audit = 1 });
	judge_open_flow(test, CLIENT, SERVER);
	KUNIT_EXPECT_EQ(test, audited(t), 1);
	/* The other end is in earnest. */
	judge_set_rule(test, EGRESS, DENY);
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "A"),
			SLUICE_DROP_REASON_POLICY_RULE);
	t->sn.node.policy_audit = true;
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "A"),
			SLUICE_DROP_NONE);
}

/* Who is in audit mode denies nothing, and keeps nobody else from denying it. */
static void audit_is_of_one_identity(struct kunit *test)
{
	struct sluice_policy_rule_cfg rule = judge_rule_of(INGRESS, DENY);
	struct sluice_identity_cfg second = {
		.prefix = { .addr = test_addr(SERVER).addr,
			    .family = AF_INET, .len = 32 },
		.number = SECOND,
	};
	struct judge_test *t = test->priv;

	judge_add_identity(test, &second);
	judge_set_opts(test, SECOND, (struct sluice_policy_opts) {
		.isolate = BIT(INGRESS), .audit = 1,
	});
	judge_set_opts(test, SERVER, (struct sluice_policy_opts) {
		.isolate = BIT(INGRESS),
	});
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "S"),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
	/* A rule that would decide first, neither */
	rule.key.subject = SECOND;
	rule.key.tier = SLUICE_POLICY_TIER_ADMIN;
	judge_add_rule(test, &rule);
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "S"),
			SLUICE_DROP_REASON_POLICY_ISOLATION);
	KUNIT_EXPECT_EQ(test, audited(t), 0);
	/* Who allows it does so also for who is in audit mode. */
	judge_set_rule(test, INGRESS, ALLOW);
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "S"),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, audited(t), 1);
}

static void set_audit(struct kunit *test, u32 subject, bool audit)
{
	judge_set_opts(test, subject, (struct sluice_policy_opts) {
		.isolate = BIT(INGRESS), .audit = audit,
	});
}

/* What begins nothing is dropped only if an end that has rules is in earnest. */
static void strict_heeds_the_audit(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct judge_test *t = test->priv;
	struct sluice_verdict verdict;

	judge_set_rule(test, INGRESS, ALLOW);
	set_audit(test, SERVER, true);
	t->sn.node.policy_tcp = SLUICE_POLICY_TCP_STRICT;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict), SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, audited(t), 1);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict), SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, audited(t), 1);

	sluice_flow_table_flush(&t->sn.flows, NULL, NULL);
	set_audit(test, CLIENT, false);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_STRICT);
	KUNIT_EXPECT_EQ(test, audited(t), 1);
	set_audit(test, CLIENT, true);
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict), SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, audited(t), 2);
}

/* What is dropped is not told of as let through, whatever else it is. */
static void strict_is_no_audit(struct kunit *test)
{
	struct judge_test *t = test->priv;

	judge_set_rule(test, INGRESS, DENY);
	judge_set_opts(test, SERVER, (struct sluice_policy_opts) { .audit = 1 });
	judge_set_rule(test, EGRESS, ALLOW);
	t->sn.node.policy_tcp = SLUICE_POLICY_TCP_STRICT;
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "A"),
			SLUICE_DROP_REASON_POLICY_STRICT);
	KUNIT_EXPECT_EQ(test, audited(t), 0);
}

/* Also of what its ports tell to be an answer */
static void strict_tells_of_answers(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct sluice_pkt answer = judge_answer_to(&pkt);
	struct judge_test *t = test->priv;
	struct sluice_verdict verdict;

	judge_set_rule(test, INGRESS, ALLOW);
	isolate_egress(test, SERVER, true);
	t->sn.node.policy_tcp = SLUICE_POLICY_TCP_STRICT;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, audited(t), 1);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 1);
}

/* The node's audit mode tells of it as well. */
static void strict_heeds_the_nodes_audit(struct kunit *test)
{
	struct judge_test *t = test->priv;

	judge_set_rule(test, INGRESS, ALLOW);
	t->sn.node.policy_tcp = SLUICE_POLICY_TCP_STRICT;
	t->sn.node.policy_audit = true;
	KUNIT_EXPECT_EQ(test, judge_send(test, CLIENT, SERVER, "A"),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_EQ(test, audited(t), 1);
}

/* A flow that goes on when the revision rises, however often */
static void expect_same_flow(struct kunit *test, const struct sluice_pkt *pkt)
{
	struct judge_test *t = test->priv;
	struct sluice_verdict verdict;
	struct sluice_flow *flow;

	judge_set_rule(test, INGRESS, ALLOW);
	KUNIT_ASSERT_EQ(test, judge_decide(test, pkt, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_ASSERT_NOT_NULL(test, verdict.node);
	flow = sluice_flow_of(verdict.node);
	judge_set_rule(test, EGRESS, ALLOW);
	test_flow_gc(&t->sn);
	KUNIT_EXPECT_EQ(test, judge_decide(test, pkt, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_ASSERT_NOT_NULL(test, verdict.node);
	KUNIT_EXPECT_PTR_EQ(test, sluice_flow_of(verdict.node), flow);
	KUNIT_EXPECT_EQ(test, sluice_stat_sum(t->sn.stats,
					      SLUICE_STAT_FLOWS_RETIRED), 0);
	judge_set_rule(test, EGRESS, DENY);
	KUNIT_EXPECT_EQ(test, judge_decide(test, pkt, &verdict),
			SLUICE_DROP_REASON_POLICY_RULE);
	judge_set_rule(test, EGRESS, ALLOW);
	KUNIT_EXPECT_EQ(test, judge_decide(test, pkt, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_EXPECT_PTR_EQ(test, sluice_flow_of(verdict.node), flow);
}

/* Between ports of a bridge, to what has a service's address there */
static void bridged_flow_goes_on(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct sluice_l4addr addr = test_addr(SERVER);
	struct judge_test *t = test->priv;
	struct sluice_verdict verdict;

	test_service_add(test, &t->sn, &addr, SLUICE_SCHEDULER_RR);
	pkt.bridged = true;
	expect_same_flow(test, &pkt);

	/* Routed it is the service's, which has no backend. */
	judge_set_rule(test, EGRESS, DENY);
	pkt.bridged = false;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &pkt, &verdict),
			SLUICE_DROP_REASON_NO_BACKEND);
	KUNIT_EXPECT_EQ(test, judge_flow_count(test), 0);
	test_service_flush(&t->sn);
}

/* It leaves the cluster as the node. */
static void set_pod(struct kunit *test, u32 number)
{
	struct sluice_l4addr addr = test_addr(number);
	struct sluice_prefix pod = {
		.addr = addr.addr, .family = AF_INET, .len = 32,
	};
	const struct sluice_prefixes pods = { .list = &pod, .count = 1 };
	static const struct sluice_prefixes none;
	struct judge_test *t = test->priv;
	struct sluice_ranges *ranges;

	ranges = sluice_ranges_build(AF_UNSPEC, &pods, &none);
	KUNIT_ASSERT_NOT_NULL(test, ranges);
	RCU_INIT_POINTER(t->sn.node.pods, ranges);
	t->sn.node.egress_masquerade = true;
}

static void no_pods(struct kunit *test)
{
	struct judge_test *t = test->priv;
	struct sluice_ranges *ranges;

	ranges = rcu_access_pointer(t->sn.node.pods);
	RCU_INIT_POINTER(t->sn.node.pods, NULL);
	sluice_ranges_put(ranges);
}

/* Of a protocol without ports, which is not masqueraded though all else is */
static void opaque_flow_goes_on(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "");

	set_pod(test, CLIENT);
	pkt.tuple.proto = IPPROTO_GRE;
	pkt.tuple.sport = 0;
	pkt.tuple.dport = 0;
	pkt.opaque = true;
	expect_same_flow(test, &pkt);
	no_pods(test);
}

/* What a pod answers whose flow was lost does not leave as the node. */
static void answer_keeps_its_source(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct sluice_pkt answer = judge_answer_to(&pkt);

	set_pod(test, SERVER);
	expect_same_flow(test, &answer);
	no_pods(test);
}

/* Likewise without a policy; a SYN's answer tells whatever its ports. */
static void answer_to_a_syn_keeps_its_source(struct kunit *test)
{
	struct sluice_pkt pkt = judge_packet(CLIENT, SERVER, "A");
	struct sluice_pkt answer = judge_answer_to(&pkt);
	struct sluice_verdict verdict;
	struct sluice_flow *flow;

	set_pod(test, SERVER);
	answer.tuple.sport = htons(SLUICE_PORT_CHOSEN);
	answer.syn = true;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_ASSERT_NOT_NULL(test, verdict.node);
	flow = sluice_flow_of(verdict.node);
	KUNIT_EXPECT_FALSE(test, flow->split);

	/* The service table has a new revision. */
	judge_set_rule(test, INGRESS, ALLOW);
	answer.syn = false;
	KUNIT_EXPECT_EQ(test, judge_decide(test, &answer, &verdict),
			SLUICE_DROP_NONE);
	KUNIT_ASSERT_NOT_NULL(test, verdict.node);
	KUNIT_EXPECT_PTR_EQ(test, sluice_flow_of(verdict.node), flow);
	no_pods(test);
}

static struct kunit_case judge_modes_cases[] = {
	KUNIT_CASE(middle_of_a_connection),
	KUNIT_CASE(who_began_it_is_not_known),
	KUNIT_CASE(beginning_is_seen_after_all),
	KUNIT_CASE(strict_holds_from_the_first_rule),
	KUNIT_CASE(ports_tell_who_began_it),
	KUNIT_CASE(isolation_cuts_what_is_older),
	KUNIT_CASE(isolation_cuts_sctp),
	KUNIT_CASE(strict_drops_sctp),
	KUNIT_CASE(ports_that_are_wrong),
	KUNIT_CASE(syn_is_answered_from_any_port),
	KUNIT_CASE(ports_that_do_not_tell),
	KUNIT_CASE(cut_outlives_its_flow),
	KUNIT_CASE(isolation_hides_no_rule),
	KUNIT_CASE(allowed_is_no_answer),
	KUNIT_CASE(audit_of_the_middle),
	KUNIT_CASE(audit_of_what_may_be_an_answer),
	KUNIT_CASE(audit_drops_nothing),
	KUNIT_CASE(audit_is_of_one_identity),
	KUNIT_CASE(strict_heeds_the_audit),
	KUNIT_CASE(strict_is_no_audit),
	KUNIT_CASE(strict_tells_of_answers),
	KUNIT_CASE(strict_heeds_the_nodes_audit),
	KUNIT_CASE(bridged_flow_goes_on),
	KUNIT_CASE(opaque_flow_goes_on),
	KUNIT_CASE(answer_keeps_its_source),
	KUNIT_CASE(answer_to_a_syn_keeps_its_source),
	{}
};

static struct kunit_suite judge_modes_suite = {
	.name = "sluice_judge_modes",
	.init = judge_test_init,
	.exit = judge_test_exit,
	.test_cases = judge_modes_cases,
};

kunit_test_suite(judge_modes_suite);
