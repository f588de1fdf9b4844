// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Structs to attributes and back, malformed messages, and what is made of the
 * kernel's refusals: the acknowledgements here are made up byte by byte.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "sock.h"
#include "tap.h"

/* A request as sluice_backend_new() sends it. */
static void make_request(struct sluice_request *req)
{
	static const struct sluice_service service = {
		.has = SLUICE_SERVICE_KEY | SLUICE_SERVICE_CONFIG,
		.addr = { 4, { 10, 96, 0, 10 } }, .port = 53, .proto = 17,
		.scheduler = SLUICE_SCHEDULER_WRR,
	};
	static const struct sluice_backend backend = {
		.has = SLUICE_BACKEND_KEY | SLUICE_BACKEND_CONFIG,
		.addr = { 16, { 0xfd, [15] = 7 } }, .port = 5353,
		.weight = 70000, .state = SLUICE_BACKEND_STATE_DRAINING,
	};
	static struct sluice_sock sock = { .family = 77 };

	sluice_request_init(req, &sock, SLUICE_CMD_BACKEND_NEW, NLM_F_ACK);
	sluice_put(&req->nlh, SLUICE_A_SERVICE, &sluice_service_attrs,
		   &service, ~0U);
	sluice_put(&req->nlh, SLUICE_A_BACKEND, &sluice_backend_attrs,
		   &backend, ~0U);
}

static void make_flow(struct sluice_request *req)
{
	static const struct sluice_tuple tuple = {
		.has = 0x1e, .src = { 4, { 1, 2, 3, 4 } },
		.dst = { 4, { 5, 6, 7, 8 } }, .sport = 1000, .dport = 80,
	};
	static struct sluice_sock sock;
	struct sluice_flow flow = {
		.has = SLUICE_HAS(SLUICE_A_FLOW_PROTO) |
		       SLUICE_HAS(SLUICE_A_FLOW_ORIG) |
		       SLUICE_HAS(SLUICE_A_FLOW_DIRECT),
		.proto = 6, .orig = tuple,
	};

	sluice_request_init(req, &sock, SLUICE_CMD_FLOW_GET, NLM_F_ACK);
	sluice_put(&req->nlh, SLUICE_A_FLOW, &sluice_flow_attrs, &flow, ~0U);
}

static void check_round_trip(void)
{
	struct sluice_request req;
	struct sluice_msg msg;

	make_request(&req);
	tap(!sluice_decode(&req.nlh, &msg) &&
	    msg.cmd == SLUICE_CMD_BACKEND_NEW &&
	    msg.has == (SLUICE_HAS(SLUICE_A_SERVICE) |
			SLUICE_HAS(SLUICE_A_BACKEND)),
	    "a message is decoded");
	tap(msg.service.addr.len == 4 && msg.service.port == 53 &&
	    msg.service.proto == 17 && msg.service.scheduler == 3 &&
	    msg.backend.addr.len == 16 && msg.backend.addr.bytes[15] == 7 &&
	    msg.backend.weight == 70000 && msg.backend.state == 2,
	    "values come back as they were put");
	make_flow(&req);
	tap(!sluice_decode(&req.nlh, &msg) && msg.flow.orig.dport == 80 &&
	    msg.flow.orig.dst.bytes[3] == 8 &&
	    (msg.flow.has & SLUICE_HAS(SLUICE_A_FLOW_DIRECT)) &&
	    !(msg.flow.has & SLUICE_HAS(SLUICE_A_FLOW_REPLY)),
	    "nests in nests and flags come back");
}

static void put_drop(struct nlmsghdr *nlh, unsigned int reason)
{
	struct sluice_drop drop = { .has = 6, .reason = reason,
				    .packets = 10 * reason };

	sluice_put(nlh, SLUICE_A_STATS_DROP, &sluice_drop_attrs, &drop, ~0U);
}

static void check_drops(void)
{
	static struct sluice_sock sock;
	struct sluice_request req;
	struct sluice_msg msg;
	struct nlattr *nest;
	unsigned int i;

	sluice_request_init(&req, &sock, SLUICE_CMD_STATS_GET, 0);
	nest = mnl_attr_nest_start(&req.nlh, SLUICE_A_STATS);
	mnl_attr_put_u64(&req.nlh, SLUICE_A_STATS_REVISION, 1ULL << 40);
	for (i = 1; i <= SLUICE_DROPS_MAX + 5; i++)
		put_drop(&req.nlh, i);
	mnl_attr_nest_end(&req.nlh, nest);

	tap(!sluice_decode(&req.nlh, &msg) &&
	    msg.stats.revision == 1ULL << 40 &&
	    msg.stats.drops.count == SLUICE_DROPS_MAX &&
	    msg.stats.drops.drop[1].reason == 2 &&
	    msg.stats.drops.drop[1].packets == 20,
	    "attributes that repeat are taken up to a bound");
}

/* Each prefix, and each byte changed: nothing to know but that it is safe. */
static void check_malformed(void)
{
	struct sluice_request req;
	struct sluice_msg msg;
	uint32_t len, cut;

	make_request(&req);
	len = req.nlh.nlmsg_len;
	for (cut = NLMSG_HDRLEN; cut < len; cut++) {
		struct nlmsghdr *part = malloc(cut);

		memcpy(part, &req, cut);
		part->nlmsg_len = cut;
		sluice_decode(part, &msg);
		free(part);
	}
	tap(true, "messages that are cut short are safe");

	for (cut = 4 * (NLMSG_HDRLEN + GENL_HDRLEN); cut < 4 * len; cut++) {
		struct sluice_request *bad = malloc(len);
		static const uint8_t value[] = { 0, 1, 3, 255 };

		memcpy(bad, &req, len);
		((uint8_t *)bad)[cut / 4] = value[cut % 4];
		sluice_decode(&bad->nlh, &msg);
		free(bad);
	}
	tap(true, "messages with a byte changed are safe");

	make_request(&req);
	req.nlh.nlmsg_len = NLMSG_HDRLEN + 2;
	tap(sluice_decode(&req.nlh, &msg) == -EBADMSG,
	    "a message without a header is malformed");
}

static void check_short_attr(void)
{
	static struct sluice_sock sock;
	struct sluice_request req;
	struct sluice_msg msg;
	struct nlattr *nest;

	sluice_request_init(&req, &sock, SLUICE_CMD_SERVICE_GET, 0);
	nest = mnl_attr_nest_start(&req.nlh, SLUICE_A_SERVICE);
	mnl_attr_put_u8(&req.nlh, SLUICE_A_SERVICE_SCHEDULER, 1);
	mnl_attr_nest_end(&req.nlh, nest);
	tap(sluice_decode(&req.nlh, &msg) == -EBADMSG,
	    "a number that is too short is malformed");

	sluice_request_init(&req, &sock, SLUICE_CMD_SERVICE_GET, 0);
	nest = mnl_attr_nest_start(&req.nlh, SLUICE_A_SERVICE);
	mnl_attr_put(&req.nlh, SLUICE_A_SERVICE_ADDR, 5, "12345");
	mnl_attr_nest_end(&req.nlh, nest);
	tap(sluice_decode(&req.nlh, &msg) == -EBADMSG,
	    "an address of another length is malformed");
}

/* Where in a request the attribute of this path is; 0 for the whole. */
static size_t offset_of(const struct sluice_request *req, unsigned int outer,
			unsigned int inner)
{
	const struct nlattr *nest, *attr;

	mnl_attr_for_each(nest, &req->nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nest) != outer)
			continue;
		if (!inner)
			return (const char *)nest - (const char *)req;
		mnl_attr_for_each_nested(attr, nest)
			if (mnl_attr_get_type(attr) == inner)
				return (const char *)attr - (const char *)req;
	}
	return 0;
}

/* Begin an acknowledgement with the whole request in it, or without. */
static struct nlmsghdr *begin_ack(void *buf, const struct sluice_request *req,
				  int code, bool capped)
{
	struct nlmsghdr *ack = mnl_nlmsg_put_header(buf);
	size_t copied = capped ? sizeof(req->nlh) : req->nlh.nlmsg_len;
	char *payload;

	ack->nlmsg_type = NLMSG_ERROR;
	ack->nlmsg_flags = NLM_F_ACK_TLVS | (capped ? NLM_F_CAPPED : 0);
	payload = mnl_nlmsg_put_extra_header(ack, sizeof(int) + copied);
	memcpy(payload, &code, sizeof(code));
	memcpy(payload + sizeof(code), req, copied);
	return ack;
}

static void check_refusal(bool capped)
{
	const char *how = capped ? "capped" : "whole";
	struct sluice_request req;
	struct sluice_error err;
	struct nlmsghdr *ack;
	char buf[4096];

	make_request(&req);
	ack = begin_ack(buf, &req, -ERANGE, capped);
	mnl_attr_put_strz(ack, NLMSGERR_ATTR_MSG, "weight is too great");
	mnl_attr_put_u32(ack, NLMSGERR_ATTR_OFFS,
			 offset_of(&req, SLUICE_A_BACKEND,
				   SLUICE_A_BACKEND_WEIGHT));
	sluice_error_decode(&err, ack, &req.nlh);
	tap(err.code == -ERANGE && !strcmp(err.text, "weight is too great") &&
	    !strcmp(err.attr, "backend.weight") && !err.missing,
	    "text and attribute of a refusal, request %s", how);

	ack = begin_ack(buf, &req, -EINVAL, capped);
	mnl_attr_put_u32(ack, NLMSGERR_ATTR_MISS_TYPE, SLUICE_A_SERVICE_PORT);
	mnl_attr_put_u32(ack, NLMSGERR_ATTR_MISS_NEST,
			 offset_of(&req, SLUICE_A_SERVICE, 0));
	sluice_error_decode(&err, ack, &req.nlh);
	tap(err.missing && !strcmp(err.attr, "service.port") &&
	    !strcmp(err.text, "Invalid argument"),
	    "a missing attribute in a nest, request %s", how);
}

static void put_range(struct nlmsghdr *ack, uint64_t min, uint64_t max)
{
	struct nlattr *nest = mnl_attr_nest_start(ack, NLMSGERR_ATTR_POLICY);

	mnl_attr_put_u32(ack, NL_POLICY_TYPE_ATTR_TYPE, NL_ATTR_TYPE_U32);
	mnl_attr_put_u64(ack, NL_POLICY_TYPE_ATTR_MIN_VALUE_U, min);
	mnl_attr_put_u64(ack, NL_POLICY_TYPE_ATTR_MAX_VALUE_U, max);
	mnl_attr_nest_end(ack, nest);
}

static void check_range(void)
{
	struct sluice_request req;
	struct sluice_error err;
	struct nlmsghdr *ack;
	char buf[4096];

	make_request(&req);
	ack = begin_ack(buf, &req, -ERANGE, true);
	mnl_attr_put_strz(ack, NLMSGERR_ATTR_MSG, "integer out of range");
	put_range(ack, 1, 4);
	sluice_error_decode(&err, ack, &req.nlh);
	tap_text("the range that a policy allows", err.text,
		 "integer out of range, allowed are 1 to 4");

	ack = begin_ack(buf, &req, -EINVAL, true);
	mnl_attr_put_strz(ack, NLMSGERR_ATTR_MSG, "no");
	put_range(ack, 0, UINT32_MAX);
	sluice_error_decode(&err, ack, &req.nlh);
	tap_text("no range where that is not the fault", err.text, "no");
}

struct path_case {
	unsigned int outer;
	unsigned int inner;
	const char *path;
};

static void check_paths(void)
{
	static const struct path_case cases[] = {
		{ SLUICE_A_SERVICE, 0, "service" },
		{ SLUICE_A_BACKEND, 0, "backend" },
		{ SLUICE_A_SERVICE, SLUICE_A_SERVICE_ADDR, "service.addr" },
		{ SLUICE_A_SERVICE, SLUICE_A_SERVICE_PORT, "service.port" },
		{ SLUICE_A_SERVICE, SLUICE_A_SERVICE_PROTO, "service.proto" },
		{ SLUICE_A_SERVICE, SLUICE_A_SERVICE_SCHEDULER,
		  "service.scheduler" },
		{ SLUICE_A_BACKEND, SLUICE_A_BACKEND_ADDR, "backend.addr" },
		{ SLUICE_A_BACKEND, SLUICE_A_BACKEND_STATE, "backend.state" },
	};
	struct sluice_request req;
	struct sluice_error err;
	struct nlmsghdr *ack;
	char name[64];
	char buf[4096];
	size_t i;

	make_request(&req);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ack = begin_ack(buf, &req, -EINVAL, true);
		mnl_attr_put_u32(ack, NLMSGERR_ATTR_OFFS,
				 offset_of(&req, cases[i].outer,
					   cases[i].inner));
		sluice_error_decode(&err, ack, &req.nlh);
		snprintf(name, sizeof(name), "path %s", cases[i].path);
		tap_text(name, err.attr, cases[i].path);
	}
}

/* Three levels: flow.orig.dport. */
static void check_deep_path(void)
{
	const struct nlattr *attr, *orig;
	struct sluice_request req;
	struct sluice_error err;
	struct nlmsghdr *ack;
	size_t offset = 0;
	char buf[4096];

	make_flow(&req);
	orig = (const void *)((char *)&req + offset_of(&req, SLUICE_A_FLOW,
						       SLUICE_A_FLOW_ORIG));
	mnl_attr_for_each_nested(attr, orig)
		if (mnl_attr_get_type(attr) == SLUICE_A_TUPLE_DPORT)
			offset = (const char *)attr - (const char *)&req;
	ack = begin_ack(buf, &req, -EINVAL, true);
	mnl_attr_put_u32(ack, NLMSGERR_ATTR_OFFS, offset);
	sluice_error_decode(&err, ack, &req.nlh);
	tap_text("path of three names", err.attr, "flow.orig.dport");
}

static void check_missing_on_top(void)
{
	struct sluice_request req;
	struct sluice_error err;
	struct nlmsghdr *ack;
	char buf[4096];

	make_request(&req);
	ack = begin_ack(buf, &req, -EINVAL, true);
	mnl_attr_put_u32(ack, NLMSGERR_ATTR_MISS_TYPE, SLUICE_A_FLOW);
	sluice_error_decode(&err, ack, &req.nlh);
	tap(err.missing && !strcmp(err.attr, "flow"),
	    "a missing attribute at the top");

	ack = begin_ack(buf, &req, -EINVAL, true);
	mnl_attr_put_u32(ack, NLMSGERR_ATTR_MISS_TYPE, 999);
	sluice_error_decode(&err, ack, &req.nlh);
	tap_text("an attribute without a name", err.attr, "999");
}

/* Offsets that make no sense, and answers that are cut short. */
static void check_odd_answers(void)
{
	struct sluice_request req;
	struct sluice_error err;
	struct nlmsghdr *ack;
	uint32_t i, len;
	char buf[4096];

	make_request(&req);
	for (i = 0; i < 300; i++) {
		ack = begin_ack(buf, &req, -EINVAL, true);
		mnl_attr_put_u32(ack, NLMSGERR_ATTR_OFFS,
				 i < 299 ? i : UINT32_MAX);
		sluice_error_decode(&err, ack, &req.nlh);
	}
	tap(true, "offsets to nowhere are safe");

	ack = begin_ack(buf, &req, -EINVAL, false);
	mnl_attr_put_strz(ack, NLMSGERR_ATTR_MSG, "text");
	for (len = NLMSG_HDRLEN; len < ack->nlmsg_len; len++) {
		struct nlmsghdr *part = malloc(len);

		memcpy(part, ack, len);
		part->nlmsg_len = len;
		sluice_error_decode(&err, part, &req.nlh);
		free(part);
	}
	tap(true, "answers that are cut short are safe");
}

static void check_done(void)
{
	struct sluice_request req;
	struct sluice_error err;
	struct nlmsghdr *done;
	char buf[4096];
	int *code;

	make_request(&req);
	done = mnl_nlmsg_put_header(buf);
	done->nlmsg_type = NLMSG_DONE;
	done->nlmsg_flags = NLM_F_MULTI | NLM_F_ACK_TLVS;
	code = mnl_nlmsg_put_extra_header(done, sizeof(*code));
	*code = -ENOENT;
	mnl_attr_put_strz(done, NLMSGERR_ATTR_MSG, "no such service");
	mnl_attr_put_u32(done, NLMSGERR_ATTR_OFFS,
			 offset_of(&req, SLUICE_A_SERVICE, 0));
	sluice_error_decode(&err, done, &req.nlh);
	tap(err.code == -ENOENT && !strcmp(err.text, "no such service") &&
	    !strcmp(err.attr, "service"), "refusal at the end of a dump");
}

int main(void)
{
	tap_begin();
	check_round_trip();
	check_drops();
	check_malformed();
	check_short_attr();
	check_refusal(false);
	check_refusal(true);
	check_range();
	check_paths();
	check_deep_path();
	check_missing_on_top();
	check_odd_answers();
	check_done();
	return tap_end();
}
