// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Identities, rules, subjects, judgements and devices on the wire: what is
 * sent for each operation and change, and what is made of answers. libmnl's
 * socket is replaced: it keeps the request and acknowledges it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "sock.h"
#include "tap.h"
#include "tx.h"

#define HAS(_set, _name)	SLUICE_HAS(SLUICE_A_##_set##_##_name)

static struct sluice_request sent;
static struct sluice_sock sock = { .family = 77 };
static struct sluice_error err;

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req,
			  size_t size)
{
	(void)nl;
	memcpy(&sent, req, size);
	return size;
}

/* Ends a dump; for other requests it is an acknowledgement as well. */
ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf,
			    size_t size)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	(void)nl;
	(void)size;
	nlh->nlmsg_seq = sent.nlh.nlmsg_seq;
	nlh->nlmsg_type = NLMSG_DONE;
	*(int *)mnl_nlmsg_put_extra_header(nlh, sizeof(int)) = 0;
	return nlh->nlmsg_len;
}

static struct sluice_identity identity = {
	.has = SLUICE_IDENTITY_KEY | HAS(IDENTITY, EXCLUSIVE),
	.prefix = { HAS(PREFIX, ADDR) | HAS(PREFIX, LEN),
		    { 4, { 10, 1 } }, 16 },
	.id = 4000000000, .exclusive = 1,
};

static const struct sluice_rule rule = {
	.has = (2U << SLUICE_A_RULE_BYTES) - 2,
	.subject = 1001, .direction = SLUICE_POLICY_DIRECTION_EGRESS,
	.peer = 0, .proto = 6, .port_first = 0x0102, .port_last = 0x0304,
	.icmp_type = 5, .icmp_code = 6, .tier = SLUICE_POLICY_TIER_BASELINE,
	.priority = 65535, .action = SLUICE_POLICY_ACTION_PASS,
	.cookie = 1ULL << 40, .name = "deny-db", .flows = 7, .packets = 8,
	.bytes = 9,
};

static const struct sluice_subject subject = {
	.has = SLUICE_SUBJECT_KEY | SLUICE_SUBJECT_CONFIG, .id = 1001,
	.isolate_ingress = 1, .audit = 1,
	.on_deny = SLUICE_ON_DENY_REJECT,
	.established = SLUICE_ESTABLISHED_KEEP,
};

/* Its list is made by main(). */
static struct sluice_device device = {
	.has = (((2U << SLUICE_A_DEVICE_SENT) - 2) &
		~SLUICE_HAS(SLUICE_A_DEVICE_PAD)) |
	       SLUICE_HAS(SLUICE_A_DEVICE_ATTACHED) |
	       SLUICE_HAS(SLUICE_A_DEVICE_POD_SIDE) |
	       SLUICE_HAS(SLUICE_A_DEVICE_PODS) |
	       SLUICE_HAS(SLUICE_A_DEVICE_HANDED_OVER) |
	       SLUICE_HAS(SLUICE_A_DEVICE_REDIRECTED) |
	       SLUICE_HAS(SLUICE_A_DEVICE_SHORT_CUT) |
	       SLUICE_HAS(SLUICE_A_DEVICE_SEGMENTS) |
	       SLUICE_HAS(SLUICE_A_DEVICE_SOCKETS),
	.name = "veth-a", .ifindex = 7, .drops = 8, .fast_path = 1, .attached = 1,
	.pod_side = 1, .pods = 3, .handed_over = 11, .redirected = 12,
	.short_cut = 1, .segments = 13, .sockets = 14,
	.netfilter = SLUICE_DEVICE_NETFILTER_SKIP, .sent = 9,
};

static int none(const struct sluice_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return 0;
}

static int identity_new(void)
{
	return sluice_identity_new(&sock, &identity, NLM_F_CREATE, &err);
}

static int identity_del(void)
{
	return sluice_identity_del(&sock, &identity, &err);
}

static int identity_dump(void)
{
	return sluice_identity_dump(&sock, NULL, none, NULL, &err);
}

static int identity_dump_one(void)
{
	return sluice_identity_dump(&sock, &identity.prefix, none, NULL, &err);
}

static int identity_flush(void)
{
	return sluice_identity_flush(&sock, &err);
}

static int rule_new(void)
{
	return sluice_rule_new(&sock, &rule, NLM_F_REPLACE, &err);
}

static int rule_del(void)
{
	return sluice_rule_del(&sock, &rule, &err);
}

static int rule_dump(void)
{
	return sluice_rule_dump(&sock, NULL, none, NULL, &err);
}

static int rule_dump_one(void)
{
	return sluice_rule_dump(&sock, &subject.id, none, NULL, &err);
}

static int subject_set(void)
{
	return sluice_subject_set(&sock, &subject, &err);
}

static int subject_dump(void)
{
	return sluice_subject_dump(&sock, NULL, none, NULL, &err);
}

static int subject_dump_one(void)
{
	return sluice_subject_dump(&sock, &subject.id, none, NULL, &err);
}

static int policy_flush(void)
{
	return sluice_policy_flush(&sock, &err);
}

static int device_new(void)
{
	return sluice_device_new(&sock, &device, NLM_F_EXCL, &err);
}

static int device_del(void)
{
	return sluice_device_del(&sock, &device, &err);
}

static int device_dump(void)
{
	return sluice_device_dump(&sock, NULL, none, NULL, &err);
}

static int device_dump_one(void)
{
	return sluice_device_dump(&sock, &device, none, NULL, &err);
}

static int device_flush(void)
{
	return sluice_device_flush(&sock, &err);
}

/* What a request has, by the structs it is decoded into. */
static const struct op_case {
	const char *name;
	int (*run)(void);
	enum sluice_cmd cmd;
	unsigned int flags;
	uint32_t identity;
	uint32_t rule;
	uint32_t subject;
	uint32_t device;
} ops[] = {
	{ "identity-new", identity_new, SLUICE_CMD_IDENTITY_NEW,
	  NLM_F_ACK | NLM_F_CREATE,
	  SLUICE_IDENTITY_KEY | HAS(IDENTITY, EXCLUSIVE), 0, 0, 0 },
	{ "identity-del", identity_del, SLUICE_CMD_IDENTITY_DEL, NLM_F_ACK,
	  SLUICE_IDENTITY_KEY, 0, 0, 0 },
	{ "identity-get", identity_dump, SLUICE_CMD_IDENTITY_GET, NLM_F_DUMP,
	  0, 0, 0, 0 },
	{ "identity-get of a prefix", identity_dump_one,
	  SLUICE_CMD_IDENTITY_GET, NLM_F_DUMP, HAS(IDENTITY, PREFIX), 0, 0, 0 },
	{ "identity-flush", identity_flush, SLUICE_CMD_IDENTITY_FLUSH,
	  NLM_F_ACK, 0, 0, 0, 0 },
	{ "rule-new", rule_new, SLUICE_CMD_RULE_NEW,
	  NLM_F_ACK | NLM_F_REPLACE, 0,
	  (2U << SLUICE_A_RULE_NAME) - 2, 0, 0 },
	{ "rule-del", rule_del, SLUICE_CMD_RULE_DEL, NLM_F_ACK, 0,
	  (2U << SLUICE_A_RULE_PRIORITY) - 2, 0, 0 },
	{ "rule-get", rule_dump, SLUICE_CMD_RULE_GET, NLM_F_DUMP, 0, 0, 0, 0 },
	{ "rule-get of a subject", rule_dump_one, SLUICE_CMD_RULE_GET,
	  NLM_F_DUMP, 0, 0, SLUICE_SUBJECT_KEY, 0 },
	{ "subject-set", subject_set, SLUICE_CMD_SUBJECT_SET, NLM_F_ACK, 0, 0,
	  SLUICE_SUBJECT_KEY | SLUICE_SUBJECT_CONFIG, 0 },
	{ "subject-get", subject_dump, SLUICE_CMD_SUBJECT_GET, NLM_F_DUMP, 0,
	  0, 0, 0 },
	{ "subject-get of one", subject_dump_one, SLUICE_CMD_SUBJECT_GET,
	  NLM_F_DUMP, 0, 0, SLUICE_SUBJECT_KEY, 0 },
	{ "policy-flush", policy_flush, SLUICE_CMD_POLICY_FLUSH, NLM_F_ACK, 0,
	  0, 0, 0 },
	{ "device-new", device_new, SLUICE_CMD_DEVICE_NEW,
	  NLM_F_ACK | NLM_F_EXCL, 0, 0, 0,
	  SLUICE_DEVICE_KEY | SLUICE_DEVICE_CONFIG },
	{ "device-del", device_del, SLUICE_CMD_DEVICE_DEL, NLM_F_ACK, 0, 0, 0,
	  SLUICE_DEVICE_KEY },
	{ "device-get", device_dump, SLUICE_CMD_DEVICE_GET, NLM_F_DUMP, 0, 0,
	  0, 0 },
	{ "device-get of one", device_dump_one, SLUICE_CMD_DEVICE_GET,
	  NLM_F_DUMP, 0, 0, 0, SLUICE_DEVICE_KEY },
	{ "device-flush", device_flush, SLUICE_CMD_DEVICE_FLUSH, NLM_F_ACK, 0,
	  0, 0, 0 },
};

static uint32_t mask_of(const struct op_case *op)
{
	return (op->identity ? SLUICE_HAS(SLUICE_A_IDENTITY) : 0) |
	       (op->rule ? SLUICE_HAS(SLUICE_A_RULE) : 0) |
	       (op->subject ? SLUICE_HAS(SLUICE_A_SUBJECT) : 0) |
	       (op->device ? SLUICE_HAS(SLUICE_A_DEVICE) : 0);
}

static void check_op(const struct op_case *op)
{
	struct sluice_msg msg;
	int ret;

	memset(&sent, 0, sizeof(sent));
	ret = op->run();
	tap(!ret && !sluice_decode(&sent.nlh, &msg) && msg.cmd == op->cmd &&
	    sent.nlh.nlmsg_flags == (NLM_F_REQUEST | op->flags) &&
	    msg.has == mask_of(op) && msg.identity.has == op->identity &&
	    msg.rule.has == op->rule && msg.subject.has == op->subject &&
	    msg.device.has == op->device,
	    "%s: command, flags and attributes", op->name);
}

static bool same_rule(const struct sluice_rule *a, const struct sluice_rule *b)
{
	unsigned int type;

	for (type = 1; type <= SLUICE_A_RULE_ACTION; type++)
		if (sluice_attr_number(&sluice_rule_attrs.attr[type], a) !=
		    sluice_attr_number(&sluice_rule_attrs.attr[type], b))
			return false;
	return a->cookie == b->cookie && !strcmp(a->name, b->name);
}

static void check_values(void)
{
	const struct nlattr *nest, *attr;
	struct sluice_msg msg;

	identity_new();
	sluice_decode(&sent.nlh, &msg);
	tap(msg.identity.id == 4000000000 && msg.identity.exclusive == 1 &&
	    msg.identity.prefix.len == 16 &&
	    msg.identity.prefix.addr.bytes[1] == 1,
	    "an identity comes back as it was put");
	rule_new();
	sluice_decode(&sent.nlh, &msg);
	tap(same_rule(&rule, &msg.rule) && !msg.rule.flows,
	    "a rule comes back as it was put, without its counters");
	mnl_attr_for_each(nest, &sent.nlh, sizeof(struct genlmsghdr))
		mnl_attr_for_each_nested(attr, nest)
			if (mnl_attr_get_type(attr) ==
			    SLUICE_A_RULE_PORT_FIRST)
				tap(mnl_attr_get_u16(attr) == 0x0102,
				    "a rule's ports are in host order");
	subject_set();
	sluice_decode(&sent.nlh, &msg);
	tap(msg.subject.id == 1001 && msg.subject.isolate_ingress == 1 &&
	    !msg.subject.isolate_egress && msg.subject.audit == 1 &&
	    msg.subject.on_deny == 1 && msg.subject.established == 2,
	    "a subject comes back as it was put");
}

static bool same_device(const struct sluice_device *a,
			const struct sluice_device *b)
{
	return !strcmp(a->name, b->name) && a->fast_path == b->fast_path &&
	       a->netfilter == b->netfilter && a->pod_side == b->pod_side &&
	       a->short_cut == b->short_cut &&
	       a->addresses.size == b->addresses.size &&
	       !memcmp(a->addresses.data, b->addresses.data, a->addresses.size);
}

static void check_device(void)
{
	struct sluice_msg msg;

	device_new();
	sluice_decode(&sent.nlh, &msg);
	tap(same_device(&device, &msg.device),
	    "a device comes back as it was put");
	sluice_request_init(&sent, &sock, SLUICE_CMD_DEVICE_NTF, 0);
	sluice_put(&sent.nlh, SLUICE_A_DEVICE, &sluice_device_attrs, &device,
		   ~0U);
	tap(!sluice_decode(&sent.nlh, &msg) &&
	    same_device(&device, &msg.device) &&
	    msg.device.ifindex == 7 && msg.device.drops == 8 &&
	    msg.device.sent == 9 && msg.device.attached == 1 &&
	    msg.device.pods == 3 && msg.device.handed_over == 11 &&
	    msg.device.redirected == 12 && msg.device.segments == 13,
	    "a device is read with what only answers have");
}

/* As many as the kernel takes, all of the longer kind. */
static void check_long_list(void)
{
	struct sluice_prefix one = { HAS(PREFIX, ADDR) | HAS(PREFIX, LEN),
				     { 16, { 0xfd } }, 128 };
	struct sluice_device full = { .has = SLUICE_DEVICE_KEY |
					     SLUICE_DEVICE_CONFIG };
	struct sluice_msg msg;
	int i, ret = 0;

	for (i = 0; i < 500; i++)
		ret |= sluice_prefixes_add(&full.addresses, &one);
	ret |= sluice_device_new(&sock, &full, 0, &err);
	tap(!ret && !sluice_decode(&sent.nlh, &msg) &&
	    same_device(&full, &msg.device), "a device with 500 addresses");
	sluice_prefixes_free(&full.addresses);
}

static void check_question(void)
{
	static const struct sluice_explain question = {
		.has = SLUICE_EXPLAIN_QUESTION | HAS(EXPLAIN, CANDIDATES),
		.proto = 1, .device = "veth-a", .icmp_type = 3, .icmp_code = 4,
	};
	struct sluice_msg answer, msg;

	sluice_explain(&sock, &question, &answer, &err);
	tap(!sluice_decode(&sent.nlh, &msg) &&
	    msg.explain.has == SLUICE_EXPLAIN_QUESTION &&
	    !strcmp(msg.explain.device, "veth-a") &&
	    msg.explain.icmp_type == 3 && msg.explain.icmp_code == 4,
	    "a question has its device, type and code");
}

static void put_judgement(struct nlmsghdr *nlh, unsigned int type,
			  unsigned int peers)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);
	unsigned int i;

	mnl_attr_put_u32(nlh, SLUICE_A_JUDGEMENT_WHY, SLUICE_POLICY_WHY_RULE);
	mnl_attr_put_u64(nlh, SLUICE_A_JUDGEMENT_COOKIE, 1ULL << 40);
	mnl_attr_put_strz(nlh, SLUICE_A_JUDGEMENT_NAME, "a b");
	mnl_attr_put_u32(nlh, SLUICE_A_JUDGEMENT_SUBJECTS, 70);
	for (i = 0; i < peers; i++)
		mnl_attr_put_u32(nlh, SLUICE_A_JUDGEMENT_PEERS, 1000 + i);
	mnl_attr_nest_end(nlh, nest);
}

static void check_judgements(void)
{
	const struct sluice_judgement *got;
	struct sluice_msg msg;
	struct nlattr *nest;

	sluice_request_init(&sent, &sock, SLUICE_CMD_EXPLAIN, 0);
	put_judgement(&sent.nlh, SLUICE_A_JUDGEMENT, 0);
	put_judgement(&sent.nlh, SLUICE_A_JUDGEMENT, SLUICE_IDS_MAX + 3);
	put_judgement(&sent.nlh, SLUICE_A_JUDGEMENT, 1);
	tap(!sluice_decode(&sent.nlh, &msg) && msg.judgements.count == 2,
	    "judgements are taken up to a bound");
	got = msg.judgements.judgement;
	tap(!got[0].peers.count && got[0].subjects.count == 1 &&
	    got[0].subjects.id[0] == 70 && got[0].cookie == 1ULL << 40 &&
	    !strcmp(got[0].name, "a b"), "a judgement is read");
	tap(got[1].peers.count == SLUICE_IDS_MAX &&
	    got[1].peers.id[0] == 1000 && got[1].peers.id[255] == 1255,
	    "identities are taken up to a bound");

	sluice_request_init(&sent, &sock, SLUICE_CMD_EVENT, 0);
	nest = mnl_attr_nest_start(&sent.nlh, SLUICE_A_EVENT);
	put_judgement(&sent.nlh, SLUICE_A_EVENT_JUDGEMENT, 0);
	mnl_attr_nest_end(&sent.nlh, nest);
	tap(!sluice_decode(&sent.nlh, &msg) &&
	    msg.event.judgement.why == SLUICE_POLICY_WHY_RULE,
	    "an event's judgement is read");

	sluice_request_init(&sent, &sock, SLUICE_CMD_EVENT, 0);
	nest = mnl_attr_nest_start(&sent.nlh, SLUICE_A_EVENT);
	mnl_attr_put_strz(&sent.nlh, SLUICE_A_EVENT_DEVICE, "veth-a");
	mnl_attr_nest_end(&sent.nlh, nest);
	tap(!sluice_decode(&sent.nlh, &msg) &&
	    !strcmp(msg.event.device, "veth-a"), "an event's device is read");
}

/* Cut short, or a byte changed: nothing to know but that it is safe. */
static void check_malformed(void)
{
	static const uint8_t value[] = { 0, 1, 3, 255 };
	struct sluice_msg msg;
	uint32_t len, at;

	rule_new();
	put_judgement(&sent.nlh, SLUICE_A_JUDGEMENT, 3);
	sluice_put(&sent.nlh, SLUICE_A_IDENTITY, &sluice_identity_attrs,
		   &identity, ~0U);
	sluice_put(&sent.nlh, SLUICE_A_DEVICE, &sluice_device_attrs, &device,
		   ~0U);
	len = sent.nlh.nlmsg_len;
	for (at = 4 * (NLMSG_HDRLEN + GENL_HDRLEN); at < 4 * len; at++) {
		struct nlmsghdr *bad = malloc(len);

		memcpy(bad, &sent, len);
		((uint8_t *)bad)[at / 4] = value[at % 4];
		sluice_decode(bad, &msg);
		bad->nlmsg_len = at / 4;
		bad = realloc(bad, at / 4);
		sluice_decode(bad, &msg);
		free(bad);
	}
	tap(true, "malformed messages are safe");
}

static int decode_name(size_t size, struct sluice_msg *msg)
{
	struct nlattr *nest;
	char name[100];

	memset(name, 'x', sizeof(name));
	sluice_request_init(&sent, &sock, SLUICE_CMD_RULE_NTF, 0);
	nest = mnl_attr_nest_start(&sent.nlh, SLUICE_A_RULE);
	mnl_attr_put(&sent.nlh, SLUICE_A_RULE_NAME, size, name);
	mnl_attr_nest_end(&sent.nlh, nest);
	return sluice_decode(&sent.nlh, msg);
}

static void check_strings(void)
{
	struct sluice_msg msg;
	struct nlattr *nest;

	tap(!decode_name(63, &msg) && strlen(msg.rule.name) == 63,
	    "a string without a zero ends with its attribute");
	tap(!decode_name(0, &msg) && !*msg.rule.name, "an empty string");
	tap(decode_name(64, &msg) == -EBADMSG,
	    "a string that is too long is malformed");

	sluice_request_init(&sent, &sock, SLUICE_CMD_EXPLAIN, 0);
	nest = mnl_attr_nest_start(&sent.nlh, SLUICE_A_JUDGEMENT);
	mnl_attr_put_u16(&sent.nlh, SLUICE_A_JUDGEMENT_PEERS, 1);
	mnl_attr_nest_end(&sent.nlh, nest);
	tap(sluice_decode(&sent.nlh, &msg) == -EBADMSG,
	    "an identity that is too short is malformed");
}

/* The one change of a transaction, decoded as a message. */
static void decode_change(const struct sluice_change *change,
			  struct sluice_msg *msg)
{
	const struct nlattr *nest, *attr;
	struct sluice_tx *tx;

	sluice_request_init(&sent, &sock, SLUICE_CMD_TRANSACTION, 0);
	sluice_tx_begin(&tx);
	sluice_tx_add(tx, change, 0);
	mnl_attr_for_each(nest, tx->nlh, sizeof(struct genlmsghdr))
		mnl_attr_for_each_nested(attr, nest)
			if (mnl_attr_get_type(attr) != SLUICE_A_CHANGE_OP)
				mnl_attr_put(&sent.nlh, attr->nla_type,
					     mnl_attr_get_payload_len(attr),
					     mnl_attr_get_payload(attr));
	sluice_tx_free(tx);
	sluice_decode(&sent.nlh, msg);
}

static void check_changes(void)
{
	struct sluice_change change = { .identity = identity, .rule = rule,
					.subject = subject, .device = device };
	struct sluice_msg msg;

	change.has = SLUICE_HAS(SLUICE_A_CHANGE_IDENTITY);
	decode_change(&change, &msg);
	tap(msg.has == SLUICE_HAS(SLUICE_A_IDENTITY) &&
	    msg.identity.has == identity.has && msg.identity.id == identity.id,
	    "a change of an identity");
	change.has = SLUICE_HAS(SLUICE_A_CHANGE_RULE);
	decode_change(&change, &msg);
	tap(msg.has == SLUICE_HAS(SLUICE_A_RULE) &&
	    msg.rule.has == (SLUICE_RULE_KEY | SLUICE_RULE_CONFIG) &&
	    same_rule(&msg.rule, &rule),
	    "a change of a rule, without its counters");
	change.has = SLUICE_HAS(SLUICE_A_CHANGE_SUBJECT);
	decode_change(&change, &msg);
	tap(msg.has == SLUICE_HAS(SLUICE_A_SUBJECT) &&
	    msg.subject.has == subject.has &&
	    msg.subject.established == subject.established,
	    "a change of a subject");
	change.has = SLUICE_HAS(SLUICE_A_CHANGE_DEVICE);
	decode_change(&change, &msg);
	tap(msg.has == SLUICE_HAS(SLUICE_A_DEVICE) &&
	    msg.device.has == (SLUICE_DEVICE_KEY | SLUICE_DEVICE_CONFIG) &&
	    same_device(&msg.device, &device),
	    "a change of a device, without what only answers have");
}

/* A refused change of a rule is named down to the attribute. */
static void check_path(void)
{
	struct sluice_change change = {
		.has = SLUICE_HAS(SLUICE_A_CHANGE_RULE), .rule = rule,
	};
	size_t offset = MNL_NLMSG_HDRLEN + MNL_ALIGN(GENL_HDRLEN) +
			MNL_ATTR_HDRLEN + 8 + 2 * MNL_ATTR_HDRLEN;
	struct nlmsghdr *ack;
	struct sluice_tx *tx;
	char buf[4096];
	int code = -ERANGE;

	sluice_tx_begin(&tx);
	sluice_tx_add(tx, &change, 0);
	ack = mnl_nlmsg_put_header(buf);
	ack->nlmsg_type = NLMSG_ERROR;
	ack->nlmsg_flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
	memcpy(mnl_nlmsg_put_extra_header(ack, sizeof(struct nlmsgerr)), &code,
	       sizeof(code));
	mnl_attr_put_u32(ack, NLMSGERR_ATTR_OFFS, offset);
	sluice_error_decode(&err, ack, tx->nlh);
	tap(err.change == 1, "the change at fault is counted");
	tap_text("its attribute is named", err.attr, "change.rule.subject");
	sluice_tx_free(tx);
}

int main(void)
{
	size_t i;

	sluice_prefixes_add(&device.addresses, &identity.prefix);
	tap_begin();
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		check_op(&ops[i]);
	check_values();
	check_device();
	check_long_list();
	check_question();
	check_judgements();
	check_malformed();
	check_strings();
	check_changes();
	check_path();
	sluice_prefixes_free(&device.addresses);
	return tap_end();
}
