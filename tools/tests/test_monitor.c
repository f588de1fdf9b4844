// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What monitor prints of each kind of message. The library's notifications are
 * here: one message, then a failure that ends the command.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_kernel.h"
#include "run.h"
#include "tap.h"

#define HAS(_set, _name)	SLUICE_HAS(SLUICE_A_##_set##_##_name)
#define PREFIX_HAS		(HAS(PREFIX, ADDR) | HAS(PREFIX, LEN))

/* As on the wire: 10.244.1.7/32 and fd00::7/128. */
static uint8_t addresses[] __attribute__((aligned(4))) = {
	20, 0, 1, 0x80, 8, 0, 1, 0, 10, 244, 1, 7, 5, 0, 2, 0, 32, 0, 0, 0,
	32, 0, 1, 0x80, 20, 0, 1, 0, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 7, 5, 0, 2, 0, 128, 0, 0, 0,
};

#define ADDRESSES		{ sizeof(addresses), addresses }

static const struct sluice_msg *next;
static unsigned int joined;

int sluice_monitor_join(struct sluice_sock *sock, unsigned int groups,
			struct sluice_error *err)
{
	(void)sock;
	(void)err;
	joined = groups;
	return 0;
}

int sluice_monitor_recv(struct sluice_sock *sock, sluice_msg_fn fn, void *arg,
			bool *lost, struct sluice_error *err)
{
	(void)sock;
	*lost = false;
	if (!next) {
		sluice_error_set(err, -ECANCELED, "no more");
		return -ECANCELED;
	}
	fn(next, arg);
	next = NULL;
	return 0;
}

#define PORTS_V4	{ SLUICE_TUPLE_KEY, { 4, { 10, 0, 0, 1 } }, \
			  { 4, { 10, 0, 0, 2 } }, 5000, 53 }
#define ENDS_V4		{ SLUICE_TUPLE_KEY, { 4, { 10, 0, 0, 1 } }, \
			  { 4, { 10, 0, 0, 2 } }, 0, 0 }
#define ENDS_V6		{ SLUICE_TUPLE_KEY, { 16, { 0xfd, [15] = 1 } }, \
			  { 16, { 0xfd, [15] = 2 } }, 0, 0 }

/* The event of a spoofed packet, and what is to be printed of it. */
#define SPOOFED(_name, _type, _event, _number, _proto, _tuple, _src, _dst) \
	{ _name, \
	  { .cmd = SLUICE_CMD_EVENT, \
	    .event = { .has = HAS(EVENT, TYPE) | HAS(EVENT, REASON) | \
			      HAS(EVENT, PROTO) | HAS(EVENT, TUPLE) | \
			      HAS(EVENT, DEVICE) | HAS(EVENT, LOST), \
		       .type = SLUICE_EVENT_TYPE_##_type, \
		       .reason = SLUICE_DROP_REASON_SPOOFED, \
		       .proto = _number, .tuple = _tuple, \
		       .device = "veth-a", .lost = 7 } }, \
	  "event " _event " reason spoofed proto " _proto " src " _src \
	  " dst " _dst " device veth-a lost 7\n", \
	  "{\"object\":\"event\",\"event\":\"" _event "\"," \
	  "\"reason\":\"spoofed\",\"proto\":\"" _proto "\"," \
	  "\"src\":\"" _src "\",\"dst\":\"" _dst "\"," \
	  "\"device\":\"veth-a\",\"lost\":7}\n" }

#define FLOW_ORIG \
	{ SLUICE_TUPLE_KEY, { 4, { 10, 0, 0, 1 } }, \
	  { 4, { 10, 0, 0, 2 } }, 7, 53 }

#define FLOW_REPLY \
	{ SLUICE_TUPLE_KEY, { 4, { 10, 0, 0, 3 } }, \
	  { 4, { 10, 0, 0, 1 } }, 5353, 7 }

#define FLOW(_has, _state, _end) \
	{ .has = SLUICE_FLOW_KEY | HAS(FLOW, STATE) | HAS(FLOW, FORWARD) | \
		 (_has), \
	  .proto = 17, .orig = FLOW_ORIG, .reply = FLOW_REPLY, \
	  .state = SLUICE_FLOW_STATE_##_state, .forward = SLUICE_FORWARD_NAT, \
	  .counters = { .has = HAS(COUNTERS, CONNECTIONS), .connections = 1 }, \
	  .end = _end }

#define FLOW_JSON \
	"\"proto\":\"udp\"," \
	"\"orig\":{\"src\":\"10.0.0.1:7\",\"dst\":\"10.0.0.2:53\"}," \
	"\"reply\":{\"src\":\"10.0.0.3:5353\",\"dst\":\"10.0.0.1:7\"},"

static const struct monitor_case {
	const char *name;
	struct sluice_msg msg;
	const char *text;
	const char *json;
} cases[] = {
	{ "a new identity",
	  { .cmd = SLUICE_CMD_IDENTITY_NTF, .created = true,
	    .identity = { .has = SLUICE_IDENTITY_KEY | SLUICE_IDENTITY_CONFIG,
			  .prefix = { PREFIX_HAS, { 4, { 10 } }, 8 },
			  .id = 1001, .exclusive = 1 } },
	  "new identity 10.0.0.0/8 id 1001 exclusive on\n",
	  "{\"object\":\"identity\",\"change\":\"new\","
	  "\"prefix\":\"10.0.0.0/8\",\"id\":1001,\"except\":[],"
	  "\"exclusive\":true}\n" },
	{ "a changed identity",
	  { .cmd = SLUICE_CMD_IDENTITY_NTF,
	    .identity = { .has = SLUICE_IDENTITY_KEY | SLUICE_IDENTITY_CONFIG,
			  .prefix = { PREFIX_HAS, { 4, { 10 } }, 8 },
			  .id = 2 } },
	  "identity 10.0.0.0/8 id remote-node\n",
	  "{\"object\":\"identity\",\"change\":\"set\","
	  "\"prefix\":\"10.0.0.0/8\",\"id\":2,\"except\":[],"
	  "\"exclusive\":false}\n" },
	{ "a deleted identity",
	  { .cmd = SLUICE_CMD_IDENTITY_DEL_NTF,
	    .identity = { .has = SLUICE_IDENTITY_KEY,
			  .prefix = { PREFIX_HAS, { 16, { 0 } }, 0 },
			  .id = 3 } },
	  "deleted identity ::/0 id world\n",
	  "{\"object\":\"identity\",\"change\":\"del\","
	  "\"prefix\":\"::/0\",\"id\":3}\n" },
	{ "a new rule",
	  { .cmd = SLUICE_CMD_RULE_NTF, .created = true,
	    .rule = { .has = SLUICE_RULE_CONFIG | HAS(RULE, SUBJECT) |
			     HAS(RULE, DIRECTION) | HAS(RULE, TIER) |
			     HAS(RULE, PRIORITY),
		      .subject = 1001, .direction = 2, .tier = 2,
		      .priority = 5, .action = 2, .name = "a b\n" } },
	  "new rule from 1001 to any deny priority 5 name a\\x20b\\x0a\n",
	  "{\"object\":\"rule\",\"change\":\"new\",\"subject\":1001,"
	  "\"direction\":\"egress\",\"tier\":\"normal\",\"priority\":5,"
	  "\"action\":\"deny\",\"cookie\":0,\"name\":\"a\\\\x20b\\\\x0a\"}\n" },
	{ "a changed rule",
	  { .cmd = SLUICE_CMD_RULE_NTF,
	    .rule = { .has = SLUICE_RULE_CONFIG | HAS(RULE, SUBJECT) |
			     HAS(RULE, DIRECTION), .subject = 1001,
		      .direction = 1, .action = 1, .cookie = 42 } },
	  "rule to 1001 from any allow cookie 42\n",
	  "{\"object\":\"rule\",\"change\":\"set\",\"subject\":1001,"
	  "\"direction\":\"ingress\",\"action\":\"allow\","
	  "\"cookie\":42,\"name\":\"\"}\n" },
	{ "a deleted rule",
	  { .cmd = SLUICE_CMD_RULE_DEL_NTF,
	    .rule = { .has = HAS(RULE, SUBJECT) | HAS(RULE, DIRECTION) |
			     HAS(RULE, ACTION), .subject = 1,
		      .direction = 1, .action = 3 } },
	  "deleted rule to host from any pass\n",
	  "{\"object\":\"rule\",\"change\":\"del\",\"subject\":1,"
	  "\"direction\":\"ingress\",\"action\":\"pass\"}\n" },
	{ "a subject",
	  { .cmd = SLUICE_CMD_SUBJECT_NTF,
	    .subject = { .has = SLUICE_SUBJECT_KEY | SLUICE_SUBJECT_CONFIG,
			 .id = 1001, .audit = 1 } },
	  "subject 1001 isolate none audit on on-deny drop established cut\n",
	  "{\"object\":\"subject\",\"change\":\"set\",\"subject\":1001,"
	  "\"isolate\":\"none\",\"audit\":true,\"on_deny\":\"drop\","
	  "\"established\":\"cut\"}\n" },
	{ "a new device",
	  { .cmd = SLUICE_CMD_DEVICE_NTF, .created = true,
	    .device = { .has = (2U << SLUICE_A_DEVICE_DROPS) - 2,
			.name = "veth-a", .addresses = ADDRESSES,
			.ifindex = 7, .drops = 8 } },
	  "new device veth-a address 10.244.1.7/32,fd00::7/128\n",
	  "{\"object\":\"device\",\"change\":\"new\",\"device\":\"veth-a\","
	  "\"addresses\":[\"10.244.1.7/32\",\"fd00::7/128\"]}\n" },
	{ "a changed device",
	  { .cmd = SLUICE_CMD_DEVICE_NTF,
	    .device = { .has = SLUICE_DEVICE_KEY | SLUICE_DEVICE_CONFIG,
			.name = "#1", .addresses = ADDRESSES } },
	  "device \\x231 address 10.244.1.7/32,fd00::7/128 fast-path off\n",
	  "{\"object\":\"device\",\"change\":\"set\",\"device\":\"\\\\x231\","
	  "\"addresses\":[\"10.244.1.7/32\",\"fd00::7/128\"],"
	  "\"fast_path\":false,\"netfilter\":\"heed\","
	  "\"pod_side\":false,\"short_cut\":false}\n" },
	{ "a deleted device",
	  { .cmd = SLUICE_CMD_DEVICE_DEL_NTF,
	    .device = { .has = SLUICE_DEVICE_KEY, .name = "veth-a" } },
	  "deleted device veth-a\n",
	  "{\"object\":\"device\",\"change\":\"del\","
	  "\"device\":\"veth-a\"}\n" },
	{ "a drop",
	  { .cmd = SLUICE_CMD_EVENT,
	    .event = { .has = HAS(EVENT, TYPE) | HAS(EVENT, REASON) |
			      HAS(EVENT, PROTO) | HAS(EVENT, TUPLE) |
			      HAS(EVENT, LOST),
		       .type = SLUICE_EVENT_TYPE_DROP,
		       .reason = SLUICE_DROP_REASON_NO_BACKEND, .proto = 17,
		       .tuple = { SLUICE_TUPLE_KEY, { 4, { 10, 0, 0, 1 } },
				  { 4, { 10, 0, 0, 2 } }, 5000, 53 },
		       .lost = 7 } },
	  "event drop reason no-backend proto udp src 10.0.0.1:5000 "
	  "dst 10.0.0.2:53 lost 7\n",
	  "{\"object\":\"event\",\"event\":\"drop\","
	  "\"reason\":\"no-backend\",\"proto\":\"udp\","
	  "\"src\":\"10.0.0.1:5000\",\"dst\":\"10.0.0.2:53\",\"lost\":7}\n" },
	{ "a drop by a rule",
	  { .cmd = SLUICE_CMD_EVENT,
	    .event = { .has = HAS(EVENT, TYPE) | HAS(EVENT, REASON) |
			      HAS(EVENT, PROTO) | HAS(EVENT, TUPLE) |
			      HAS(EVENT, JUDGEMENT),
		       .type = SLUICE_EVENT_TYPE_DROP,
		       .reason = SLUICE_DROP_REASON_POLICY_RULE, .proto = 6,
		       .tuple = { SLUICE_TUPLE_KEY, { 4, { 10, 0, 0, 1 } },
				  { 4, { 10, 0, 0, 2 } }, 5000, 5432 },
		       .judgement = { .has = (2U << SLUICE_A_JUDGEMENT_NAME) - 2,
				      .direction = 1, .action = 2, .why = 1,
				      .subject = 1001, .peer = 1002,
				      .cookie = 42, .name = "deny-db" } } },
	  "event drop reason policy-rule proto tcp src 10.0.0.1:5000 "
	  "dst 10.0.0.2:5432 ingress deny by rule subject 1001 peer 1002 "
	  "cookie 42 name deny-db\n",
	  "{\"object\":\"event\",\"event\":\"drop\","
	  "\"reason\":\"policy-rule\",\"proto\":\"tcp\","
	  "\"src\":\"10.0.0.1:5000\",\"dst\":\"10.0.0.2:5432\","
	  "\"judgement\":{\"direction\":\"ingress\",\"action\":\"deny\","
	  "\"why\":\"rule\",\"subject\":1001,\"peer\":1002,\"cookie\":42,"
	  "\"name\":\"deny-db\"}}\n" },
	{ "what audit mode lets go on",
	  { .cmd = SLUICE_CMD_EVENT,
	    .event = { .has = HAS(EVENT, TYPE) | HAS(EVENT, REASON) |
			      HAS(EVENT, PROTO) | HAS(EVENT, JUDGEMENT) |
			      HAS(EVENT, LOST),
		       .type = SLUICE_EVENT_TYPE_AUDIT, .lost = 3,
		       .reason = SLUICE_DROP_REASON_POLICY_ISOLATION,
		       .proto = 47,
		       .judgement = { .has = (2U << SLUICE_A_JUDGEMENT_PEER) - 2 -
					     HAS(JUDGEMENT, ACTION),
				      .direction = 2, .why = 2,
				      .subject = 1001 } } },
	  "event audit reason policy-isolation proto 47 egress by isolation "
	  "subject 1001 peer unknown lost 3\n",
	  "{\"object\":\"event\",\"event\":\"audit\","
	  "\"reason\":\"policy-isolation\",\"proto\":\"47\","
	  "\"judgement\":{\"direction\":\"egress\","
	  "\"why\":\"isolation\",\"subject\":1001,\"peer\":0},"
	  "\"lost\":3}\n" },
	SPOOFED("a spoofed packet", DROP, "drop", 17, "udp", PORTS_V4,
		"10.0.0.1:5000", "10.0.0.2:53"),
	{ "a flow that has begun",
	  { .cmd = SLUICE_CMD_FLOW_NTF, .flow = FLOW(0, UNREPLIED, 0) },
	  "new flow proto udp src 10.0.0.1:7 dst 10.0.0.2:53 "
	  "reply src 10.0.0.3:5353 dst 10.0.0.1:7 state unreplied\n",
	  "{\"object\":\"flow\",\"change\":\"new\",\"flow\":{"
	  FLOW_JSON "\"state\":\"unreplied\",\"forward\":\"nat\"}}\n" },
	{ "a flow that rules of both ends allow",
	  { .cmd = SLUICE_CMD_FLOW_NTF,
	    .flow = { .has = SLUICE_FLOW_KEY | HAS(FLOW, STATE) |
			     HAS(FLOW, FORWARD) | HAS(FLOW, JUDGEMENT),
		      .proto = 17, .orig = FLOW_ORIG, .reply = FLOW_REPLY,
		      .state = SLUICE_FLOW_STATE_UNREPLIED,
		      .forward = SLUICE_FORWARD_NAT,
		      .judgements = { 2, {
			{ .has = (2U << SLUICE_A_JUDGEMENT_NAME) - 2,
			  .direction = 1, .action = 1, .why = 1,
			  .subject = 2001, .peer = 1001, .cookie = 42,
			  .name = "dns" },
			{ .has = (2U << SLUICE_A_JUDGEMENT_COOKIE) - 2 -
				 HAS(JUDGEMENT, PEER),
			  .direction = 2, .action = 1, .why = 1,
			  .subject = 1001 } } } } },
	  "new flow proto udp src 10.0.0.1:7 dst 10.0.0.2:53 "
	  "reply src 10.0.0.3:5353 dst 10.0.0.1:7 state unreplied "
	  "ingress allow by rule subject 2001 peer 1001 cookie 42 name dns "
	  "egress allow by rule subject 1001\n",
	  "{\"object\":\"flow\",\"change\":\"new\",\"flow\":{"
	  FLOW_JSON "\"state\":\"unreplied\",\"forward\":\"nat\","
	  "\"judgements\":[{\"direction\":\"ingress\","
	  "\"action\":\"allow\",\"why\":\"rule\",\"subject\":2001,"
	  "\"peer\":1001,\"cookie\":42,\"name\":\"dns\"},"
	  "{\"direction\":\"egress\",\"action\":\"allow\","
	  "\"why\":\"rule\",\"subject\":1001,\"cookie\":0}]}}\n" },
	{ "a flow that has ended",
	  { .cmd = SLUICE_CMD_FLOW_DEL_NTF,
	    .flow = FLOW(HAS(FLOW, END) | HAS(FLOW, COUNTERS), ESTABLISHED,
			 SLUICE_FLOW_END_RETIRED) },
	  "deleted flow proto udp src 10.0.0.1:7 dst 10.0.0.2:53 "
	  "reply src 10.0.0.3:5353 dst 10.0.0.1:7 state established "
	  "end retired connections 1\n",
	  "{\"object\":\"flow\",\"change\":\"del\",\"flow\":{"
	  FLOW_JSON "\"state\":\"established\",\"forward\":\"nat\","
	  "\"end\":\"retired\",\"counters\":{\"connections\":1}}}\n" },
	SPOOFED("a spoofed ARP", DROP, "drop", 0, "arp", ENDS_V4,
		"10.0.0.1:0", "10.0.0.2:0"),
	SPOOFED("a spoofed packet that audit mode lets go on", AUDIT, "audit",
		58, "icmpv6", ENDS_V6, "[fd00::1]:0", "[fd00::2]:0"),
	SPOOFED("a spoofed packet of IPv6 with the number of ARP", DROP,
		"drop", 0, "0", ENDS_V6, "[fd00::1]:0", "[fd00::2]:0"),
	{ "a drop of protocol 0 that is no ARP",
	  { .cmd = SLUICE_CMD_EVENT,
	    .event = { .has = HAS(EVENT, TYPE) | HAS(EVENT, REASON) |
			      HAS(EVENT, PROTO) | HAS(EVENT, TUPLE),
		       .type = SLUICE_EVENT_TYPE_DROP,
		       .reason = SLUICE_DROP_REASON_POLICY_ISOLATION,
		       .tuple = { SLUICE_TUPLE_KEY, { 4, { 10, 0, 0, 1 } },
				  { 4, { 10, 0, 0, 2 } }, 0, 0 } } },
	  "event drop reason policy-isolation proto 0 src 10.0.0.1:0 "
	  "dst 10.0.0.2:0\n",
	  "{\"object\":\"event\",\"event\":\"drop\","
	  "\"reason\":\"policy-isolation\",\"proto\":\"0\","
	  "\"src\":\"10.0.0.1:0\",\"dst\":\"10.0.0.2:0\"}\n" },
	{ "a spoofed frame of which no more is known",
	  { .cmd = SLUICE_CMD_EVENT,
	    .event = { .has = HAS(EVENT, TYPE) | HAS(EVENT, REASON) |
			      HAS(EVENT, DEVICE),
		       .type = SLUICE_EVENT_TYPE_DROP,
		       .reason = SLUICE_DROP_REASON_SPOOFED,
		       .device = "veth-a" } },
	  "event drop reason spoofed device veth-a\n",
	  "{\"object\":\"event\",\"event\":\"drop\",\"reason\":\"spoofed\","
	  "\"device\":\"veth-a\"}\n" },
	{ "a message that is newer than the command",
	  { .cmd = SLUICE_CMD_MAX + 1 }, "", "" },
};

static void check(const struct monitor_case *expected, bool json)
{
	struct cli cli = { .out = { .json = json } };
	char name[128];
	char *got = NULL;
	size_t len;

	next = &expected->msg;
	cli.out.out = open_memstream(&got, &len);
	run(&monitor_object, &cli, NULL, 0);
	fclose(cli.out.out);
	snprintf(name, sizeof(name), "%s as %s", expected->name,
		 json ? "JSON" : "text");
	tap_text(name, got, json ? expected->json : expected->text);
	free(got);
}

int main(void)
{
	size_t i;

	tap_begin();
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		check(&cases[i], false);
		check(&cases[i], true);
	}
	tap(joined == (SLUICE_GROUP_CONFIG | SLUICE_GROUP_EVENTS |
		       SLUICE_GROUP_MODULE),
	    "without a word it is both groups");
	return tap_end();
}
