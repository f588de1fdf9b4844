// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What explain makes of the kernel's answers.
 */
#include <string.h>

#include "fake_kernel.h"
#include "run.h"
#include "tap.h"

#define HAS(_set, _name)	SLUICE_HAS(SLUICE_A_##_set##_##_name)

#define QUESTION	"10.0.0.9 10.96.0.10:53/udp"
#define PACKET		"packet proto udp src 10.0.0.9:0 dst 10.96.0.10:53\n"
#define PACKET_JSON	"{\"proto\":\"udp\",\"packet\":{" \
			"\"src\":\"10.0.0.9:0\",\"dst\":\"10.96.0.10:53\"},"

#define JUDGEMENT	(HAS(JUDGEMENT, DIRECTION) | HAS(JUDGEMENT, ACTION) | \
			 HAS(JUDGEMENT, WHY) | HAS(JUDGEMENT, SUBJECT) | \
			 HAS(JUDGEMENT, PEER))
#define OF_RULE		(HAS(JUDGEMENT, COOKIE) | HAS(JUDGEMENT, NAME))

static struct sluice_msg answer;

/* An answer about the packet of the question, without a judgement. */
static void begin(uint32_t outcome, uint32_t reason)
{
	answer = (struct sluice_msg){
		.has = SLUICE_HAS(SLUICE_A_EXPLAIN),
		.explain = {
			.has = SLUICE_EXPLAIN_KEY | HAS(EXPLAIN, OUTCOME) |
			       HAS(EXPLAIN, BY) |
			       (reason ? HAS(EXPLAIN, REASON) : 0),
			.proto = 17, .outcome = outcome, .reason = reason,
			.packet = { SLUICE_TUPLE_KEY, { 4, { 10, 0, 0, 9 } },
				    { 4, { 10, 96, 0, 10 } }, 0, 53 },
			.by = SLUICE_DECIDED_BY_SERVICE,
		},
	};
	fake_kernel.answer = &answer;
}

static struct sluice_judgement *judge(uint32_t direction, uint32_t action,
				      uint32_t why)
{
	struct sluice_judgements *all = &answer.judgements;
	struct sluice_judgement *judgement = &all->judgement[all->count++];

	*judgement = (struct sluice_judgement){
		.has = JUDGEMENT, .direction = direction, .action = action,
		.why = why,
	};
	return judgement;
}

static void check_translated(void)
{
	begin(SLUICE_OUTCOME_TRANSLATE, 0);
	answer.has |= SLUICE_HAS(SLUICE_A_SERVICE) |
		      SLUICE_HAS(SLUICE_A_BACKEND);
	answer.service = (struct sluice_service){
		.addr = { 4, { 10, 96, 0, 10 } }, .port = 53, .proto = 17 };
	answer.backend = (struct sluice_backend){
		.addr = { 4, { 10, 0, 0, 1 } }, .port = 5353 };
	answer.explain.has |= HAS(EXPLAIN, OUT) | HAS(EXPLAIN, CANDIDATES);
	answer.explain.out = answer.explain.packet;
	answer.explain.out.dst = answer.backend.addr;
	answer.explain.out.dport = 5353;
	answer.explain.candidates = 3;
	tap_run("an explanation without a judgement", &explain_object,
		QUESTION, 0, PACKET "outcome translate by service\n"
		"service 10.96.0.10:53/udp\n"
		"backend 10.0.0.1:5353 candidates 3\n"
		"out src 10.0.0.9:0 dst 10.0.0.1:5353\n");
	tap_run("the same as JSON", &explain_object, "-j " QUESTION, 0,
		PACKET_JSON "\"outcome\":\"translate\",\"by\":\"service\","
		"\"service\":\"10.96.0.10:53/udp\","
		"\"backend\":\"10.0.0.1:5353\",\"candidates\":3,"
		"\"out\":{\"src\":\"10.0.0.9:0\",\"dst\":\"10.0.0.1:5353\"}}\n");

	answer.explain.has |= HAS(EXPLAIN, FAST_PATH);
	answer.explain.fast_path = SLUICE_FAST_PATH_UNATTACHED;
	judge(SLUICE_POLICY_DIRECTION_EGRESS, SLUICE_POLICY_ACTION_ALLOW,
	      SLUICE_POLICY_WHY_DEFAULT)->peer = 1001;
	judge(SLUICE_POLICY_DIRECTION_INGRESS, SLUICE_POLICY_ACTION_ALLOW,
	      SLUICE_POLICY_WHY_NODE)->subject = 1001;
	tap_run("judgements come after the packet as it goes on",
		&explain_object, QUESTION, 0,
		PACKET "outcome translate by service\n"
		"service 10.96.0.10:53/udp\n"
		"backend 10.0.0.1:5353 candidates 3\n"
		"out src 10.0.0.9:0 dst 10.0.0.1:5353\n"
		"fast-path unattached\n"
		"egress allow by default subject unknown peer 1001\n"
		"ingress allow by node subject 1001 peer unknown\n");
}

/* The device that a packet leaves by is one that every namespace has. */
static void check_fast_path(void)
{
	begin(SLUICE_OUTCOME_PASS, 0);
	answer.explain.has |= HAS(EXPLAIN, FAST_PATH) | HAS(EXPLAIN, PATH);
	answer.explain.fast_path = SLUICE_FAST_PATH_TAKEN;
	answer.explain.path = (struct sluice_path){
		.has = HAS(PATH, KIND) | HAS(PATH, IFINDEX),
		.kind = SLUICE_PATH_KIND_POD, .ifindex = 1,
	};
	tap_run("the fast path would take it", &explain_object, QUESTION, 0,
		PACKET "outcome pass by service\n"
		"fast-path taken path pod lo\n");
	tap_run("the same as JSON", &explain_object, "-j " QUESTION, 0,
		PACKET_JSON "\"outcome\":\"pass\",\"by\":\"service\","
		"\"fast_path\":\"taken\",\"path\":{\"kind\":\"pod\","
		"\"device\":\"lo\"}}\n");

	begin(SLUICE_OUTCOME_PASS, 0);
	answer.explain.has |= HAS(EXPLAIN, FAST_PATH) | HAS(EXPLAIN, FALLBACK);
	answer.explain.fast_path = SLUICE_FAST_PATH_LEFT;
	answer.explain.fallback = SLUICE_FALLBACK_NETFILTER;
	tap_run("the fast path would leave it", &explain_object, QUESTION, 0,
		PACKET "outcome pass by service\n"
		"fast-path left fallback netfilter\n");
	tap_run("the same as JSON", &explain_object, "-j " QUESTION, 0,
		PACKET_JSON "\"outcome\":\"pass\",\"by\":\"service\","
		"\"fast_path\":\"left\",\"fallback\":\"netfilter\"}\n");
}

static void add_id(struct sluice_ids *ids, uint32_t id)
{
	ids->id[ids->count++] = id;
}

static void check_denied(void)
{
	struct sluice_judgement *judgement;

	begin(SLUICE_OUTCOME_DROP, SLUICE_DROP_REASON_POLICY_RULE);
	judgement = judge(SLUICE_POLICY_DIRECTION_EGRESS,
			  SLUICE_POLICY_ACTION_ALLOW, SLUICE_POLICY_WHY_RULE);
	judgement->has |= OF_RULE;
	judgement->subject = 1002;
	judgement->peer = 3;
	add_id(&judgement->subjects, 1002);
	add_id(&judgement->subjects, 70);
	add_id(&judgement->peers, 3);
	judgement = judge(SLUICE_POLICY_DIRECTION_INGRESS,
			  SLUICE_POLICY_ACTION_DENY, SLUICE_POLICY_WHY_RULE);
	judgement->has |= OF_RULE;
	judgement->subject = 3;
	judgement->peer = 70;
	judgement->cookie = 42;
	strcpy(judgement->name, "a b\n");
	add_id(&judgement->subjects, 3);
	add_id(&judgement->peers, 1002);
	add_id(&judgement->peers, 70);
	add_id(&judgement->peers, 1002);
	tap_run("rules with and without cookie and name, all identities",
		&explain_object, QUESTION, 0, PACKET
		"outcome drop by service reason policy-rule\n"
		"egress allow by rule subject 1002 peer world "
		"subjects 1002,70 peers world\n"
		"ingress deny by rule subject world peer 70 cookie 42 "
		"name a\\x20b\\x0a subjects world peers 1002,70\n");
	tap_run("the same as JSON", &explain_object, "-j " QUESTION, 0,
		PACKET_JSON "\"outcome\":\"drop\",\"by\":\"service\","
		"\"reason\":\"policy-rule\",\"judgements\":["
		"{\"direction\":\"egress\",\"action\":\"allow\","
		"\"why\":\"rule\",\"subject\":1002,\"peer\":3,\"cookie\":0,"
		"\"name\":\"\",\"subjects\":[1002,70],\"peers\":[3]},"
		"{\"direction\":\"ingress\",\"action\":\"deny\","
		"\"why\":\"rule\",\"subject\":3,\"peer\":70,\"cookie\":42,"
		"\"name\":\"a\\\\x20b\\\\x0a\",\"subjects\":[3],"
		"\"peers\":[1002,70]}]}\n");
}

static void check_isolated(void)
{
	begin(SLUICE_OUTCOME_REJECT, SLUICE_DROP_REASON_POLICY_ISOLATION);
	judge(SLUICE_POLICY_DIRECTION_INGRESS, SLUICE_POLICY_ACTION_DENY,
	      SLUICE_POLICY_WHY_ISOLATION)->subject = 1001;
	tap_run("isolation", &explain_object, QUESTION, 0, PACKET
		"outcome reject by service reason policy-isolation\n"
		"ingress deny by isolation subject 1001 peer unknown\n");
}

static void check_spoofed(void)
{
	begin(SLUICE_OUTCOME_DROP, SLUICE_DROP_REASON_SPOOFED);
	answer.explain.by = SLUICE_DECIDED_BY_DEVICE;
	tap_run("a device that is bound to other addresses", &explain_object,
		QUESTION " device veth-a", 0, PACKET
		"outcome drop by device reason spoofed\n");
	tap(fake_kernel.question.has ==
	    (SLUICE_EXPLAIN_KEY | HAS(EXPLAIN, DEVICE)) &&
	    !strcmp(fake_kernel.question.device, "veth-a"),
	    "the device is a part of the question");
	tap_run("the same as JSON", &explain_object,
		"-j " QUESTION " device veth-a", 0, PACKET_JSON
		"\"outcome\":\"drop\",\"by\":\"device\","
		"\"reason\":\"spoofed\"}\n");
	tap_run("no device", &explain_object, QUESTION, 0, PACKET
		"outcome drop by device reason spoofed\n");
	tap(fake_kernel.question.has == SLUICE_EXPLAIN_KEY,
	    "without a device there is none in the question");
}

static void check_icmp(void)
{
	const struct sluice_explain *question = &fake_kernel.question;

	begin(SLUICE_OUTCOME_ANSWER, 0);
	answer.explain.proto = 1;
	answer.explain.packet.sport = 77;
	answer.explain.packet.dport = 0;
	answer.explain.has |= SLUICE_EXPLAIN_ICMP | HAS(EXPLAIN, OUT);
	answer.explain.icmp_type = 8;
	answer.explain.out = (struct sluice_tuple){
		SLUICE_TUPLE_KEY, { 4, { 10, 96, 0, 10 } },
		{ 4, { 10, 0, 0, 9 } }, 0, 77 };
	tap_run("an echo request", &explain_object,
		"10.0.0.9:77 10.96.0.10/icmp", 0,
		"packet proto icmp src 10.0.0.9:77 dst 10.96.0.10:0 "
		"icmp-type 8 icmp-code 0\noutcome answer by service\n"
		"out src 10.96.0.10:0 dst 10.0.0.9:77\n");
	tap(question->has == SLUICE_EXPLAIN_KEY && question->proto == 1 &&
	    question->packet.sport == 77 && !question->packet.dport,
	    "an identifier, no type");
	tap_run("as JSON, of IPv6", &explain_object,
		"-j fd00::9 fd00::10/icmpv6 1/4 device veth-a", 0,
		"{\"proto\":\"icmp\",\"packet\":{\"src\":\"10.0.0.9:77\","
		"\"dst\":\"10.96.0.10:0\"},\"icmp_type\":8,"
		"\"icmp_code\":0,\"outcome\":\"answer\","
		"\"by\":\"service\",\"out\":{\"src\":\"10.96.0.10:0\","
		"\"dst\":\"10.0.0.9:77\"}}\n");
	tap(question->has == SLUICE_EXPLAIN_QUESTION &&
	    question->proto == 58 && question->packet.dst.len == 16 &&
	    question->icmp_type == 1 && question->icmp_code == 4,
	    "type, code and device");
}

int main(void)
{
	tap_begin();
	check_icmp();
	check_translated();
	check_fast_path();
	check_denied();
	check_isolated();
	check_spoofed();
	return tap_end();
}
