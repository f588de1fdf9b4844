// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/sluice.yaml */
/* YNL-GEN kernel source */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "nl_gen.h"

#include <uapi/linux/sluice.h>

/* Common nested types */
const struct nla_policy sluice_backend_nl_policy[SLUICE_A_BACKEND_LOCAL + 1] = {
	[SLUICE_A_BACKEND_ADDR] = NLA_POLICY_MAX_LEN(16),
	[SLUICE_A_BACKEND_PORT] = { .type = NLA_BE16, },
	[SLUICE_A_BACKEND_WEIGHT] = { .type = NLA_U32, },
	[SLUICE_A_BACKEND_STATE] = NLA_POLICY_RANGE(NLA_U32, 1, 3),
	[SLUICE_A_BACKEND_FLOW_COUNT] = { .type = NLA_U32, },
	[SLUICE_A_BACKEND_COUNTERS] = NLA_POLICY_NESTED(sluice_counters_nl_policy),
	[SLUICE_A_BACKEND_LOCAL] = NLA_POLICY_MAX(NLA_U8, 1),
};

const struct nla_policy sluice_change_nl_policy[SLUICE_A_CHANGE_DEVICE + 1] = {
	[SLUICE_A_CHANGE_SERVICE] = NLA_POLICY_NESTED(sluice_service_nl_policy),
	[SLUICE_A_CHANGE_BACKEND] = NLA_POLICY_NESTED(sluice_backend_nl_policy),
	[SLUICE_A_CHANGE_OP] = NLA_POLICY_RANGE(NLA_U32, 1, 20),
	[SLUICE_A_CHANGE_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x7),
	[SLUICE_A_CHANGE_SETTINGS] = NLA_POLICY_NESTED(sluice_settings_nl_policy),
	[SLUICE_A_CHANGE_IDENTITY] = NLA_POLICY_NESTED(sluice_identity_nl_policy),
	[SLUICE_A_CHANGE_RULE] = NLA_POLICY_NESTED(sluice_rule_nl_policy),
	[SLUICE_A_CHANGE_SUBJECT] = NLA_POLICY_NESTED(sluice_subject_nl_policy),
	[SLUICE_A_CHANGE_DEVICE] = NLA_POLICY_NESTED(sluice_device_nl_policy),
};

const struct nla_policy sluice_counters_nl_policy[SLUICE_A_COUNTERS_PAD + 1] = {
	[SLUICE_A_COUNTERS_CONNECTIONS] = { .type = NLA_U64, },
	[SLUICE_A_COUNTERS_IN_PACKETS] = { .type = NLA_U64, },
	[SLUICE_A_COUNTERS_IN_BYTES] = { .type = NLA_U64, },
	[SLUICE_A_COUNTERS_OUT_PACKETS] = { .type = NLA_U64, },
	[SLUICE_A_COUNTERS_OUT_BYTES] = { .type = NLA_U64, },
	[SLUICE_A_COUNTERS_DROPS] = { .type = NLA_U64, },
};

const struct nla_policy sluice_device_nl_policy[SLUICE_A_DEVICE_LEFT + 1] = {
	[SLUICE_A_DEVICE_NAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[SLUICE_A_DEVICE_ADDRESSES] = NLA_POLICY_NESTED(sluice_prefixes_nl_policy),
	[SLUICE_A_DEVICE_IFINDEX] = { .type = NLA_U32, },
	[SLUICE_A_DEVICE_DROPS] = { .type = NLA_U64, },
	[SLUICE_A_DEVICE_FAST_PATH] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_A_DEVICE_NETFILTER] = NLA_POLICY_MAX(NLA_U32, 1),
	[SLUICE_A_DEVICE_SENT] = { .type = NLA_U64, },
	[SLUICE_A_DEVICE_FALLBACK] = NLA_POLICY_NESTED(sluice_fallback_nl_policy),
	[SLUICE_A_DEVICE_ATTACHED] = { .type = NLA_U32, },
	[SLUICE_A_DEVICE_POD_SIDE] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_A_DEVICE_PODS] = { .type = NLA_U32, },
	[SLUICE_A_DEVICE_HANDED_OVER] = { .type = NLA_U64, },
	[SLUICE_A_DEVICE_REDIRECTED] = { .type = NLA_U64, },
	[SLUICE_A_DEVICE_SHORT_CUT] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_A_DEVICE_SEGMENTS] = { .type = NLA_U64, },
	[SLUICE_A_DEVICE_SOCKETS] = { .type = NLA_U64, },
	[SLUICE_A_DEVICE_LEFT] = NLA_POLICY_NESTED(sluice_left_nl_policy),
};

const struct nla_policy sluice_explain_nl_policy[SLUICE_A_EXPLAIN_PATH + 1] = {
	[SLUICE_A_EXPLAIN_PROTO] = { .type = NLA_U8, },
	[SLUICE_A_EXPLAIN_PACKET] = NLA_POLICY_NESTED(sluice_tuple_nl_policy),
	[SLUICE_A_EXPLAIN_OUTCOME] = NLA_POLICY_RANGE(NLA_U32, 1, 7),
	[SLUICE_A_EXPLAIN_BY] = NLA_POLICY_RANGE(NLA_U32, 1, 7),
	[SLUICE_A_EXPLAIN_OUT] = NLA_POLICY_NESTED(sluice_tuple_nl_policy),
	[SLUICE_A_EXPLAIN_REASON] = NLA_POLICY_RANGE(NLA_U32, 1, 13),
	[SLUICE_A_EXPLAIN_CANDIDATES] = { .type = NLA_U32, },
	[SLUICE_A_EXPLAIN_DEVICE] = { .type = NLA_NUL_STRING, .len = 15, },
	[SLUICE_A_EXPLAIN_ICMP_TYPE] = { .type = NLA_U8, },
	[SLUICE_A_EXPLAIN_ICMP_CODE] = { .type = NLA_U8, },
	[SLUICE_A_EXPLAIN_FAST_PATH] = NLA_POLICY_RANGE(NLA_U32, 1, 4),
	[SLUICE_A_EXPLAIN_FALLBACK] = NLA_POLICY_RANGE(NLA_U32, 1, 12),
	[SLUICE_A_EXPLAIN_PATH] = NLA_POLICY_NESTED(sluice_path_nl_policy),
};

const struct nla_policy sluice_fallback_nl_policy[SLUICE_A_FALLBACK_PAD + 1] = {
	[SLUICE_A_FALLBACK_REASON] = NLA_POLICY_RANGE(NLA_U32, 1, 12),
	[SLUICE_A_FALLBACK_PACKETS] = { .type = NLA_U64, },
};

const struct nla_policy sluice_flow_nl_policy[SLUICE_A_FLOW_JUDGEMENT + 1] = {
	[SLUICE_A_FLOW_PROTO] = { .type = NLA_U8, },
	[SLUICE_A_FLOW_ORIG] = NLA_POLICY_NESTED(sluice_tuple_nl_policy),
	[SLUICE_A_FLOW_REPLY] = NLA_POLICY_NESTED(sluice_tuple_nl_policy),
	[SLUICE_A_FLOW_STATE] = NLA_POLICY_RANGE(NLA_U32, 1, 3),
	[SLUICE_A_FLOW_TIMEOUT] = { .type = NLA_U32, },
	[SLUICE_A_FLOW_DIRECT] = { .type = NLA_FLAG, },
	[SLUICE_A_FLOW_COUNTERS] = NLA_POLICY_NESTED(sluice_counters_nl_policy),
	[SLUICE_A_FLOW_FORWARD] = NLA_POLICY_RANGE(NLA_U32, 1, 4),
	[SLUICE_A_FLOW_BACKEND] = NLA_POLICY_NESTED(sluice_backend_nl_policy),
	[SLUICE_A_FLOW_END] = NLA_POLICY_RANGE(NLA_U32, 1, 3),
	[SLUICE_A_FLOW_ORIG_PATH] = NLA_POLICY_NESTED(sluice_path_nl_policy),
	[SLUICE_A_FLOW_REPLY_PATH] = NLA_POLICY_NESTED(sluice_path_nl_policy),
	[SLUICE_A_FLOW_ORIG_DOOR] = NLA_POLICY_MAX(NLA_U32, 5),
	[SLUICE_A_FLOW_REPLY_DOOR] = NLA_POLICY_MAX(NLA_U32, 5),
	[SLUICE_A_FLOW_JUDGEMENT] = NLA_POLICY_NESTED(sluice_judgement_nl_policy),
};

const struct nla_policy sluice_identity_nl_policy[SLUICE_A_IDENTITY_EXCLUSIVE + 1] = {
	[SLUICE_A_IDENTITY_PREFIX] = NLA_POLICY_NESTED(sluice_prefix_nl_policy),
	[SLUICE_A_IDENTITY_ID] = { .type = NLA_U32, },
	[SLUICE_A_IDENTITY_EXCEPT] = NLA_POLICY_NESTED(sluice_prefixes_nl_policy),
	[SLUICE_A_IDENTITY_EXCLUSIVE] = NLA_POLICY_MAX(NLA_U8, 1),
};

const struct nla_policy sluice_judgement_nl_policy[SLUICE_A_JUDGEMENT_PEERS + 1] = {
	[SLUICE_A_JUDGEMENT_DIRECTION] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[SLUICE_A_JUDGEMENT_ACTION] = NLA_POLICY_RANGE(NLA_U32, 1, 3),
	[SLUICE_A_JUDGEMENT_WHY] = NLA_POLICY_RANGE(NLA_U32, 1, 4),
	[SLUICE_A_JUDGEMENT_SUBJECT] = { .type = NLA_U32, },
	[SLUICE_A_JUDGEMENT_PEER] = { .type = NLA_U32, },
	[SLUICE_A_JUDGEMENT_COOKIE] = { .type = NLA_U64, },
	[SLUICE_A_JUDGEMENT_NAME] = { .type = NLA_NUL_STRING, },
	[SLUICE_A_JUDGEMENT_SUBJECTS] = { .type = NLA_U32, },
	[SLUICE_A_JUDGEMENT_PEERS] = { .type = NLA_U32, },
};

const struct nla_policy sluice_left_nl_policy[SLUICE_A_LEFT_PAD + 1] = {
	[SLUICE_A_LEFT_REASON] = NLA_POLICY_RANGE(NLA_U32, 1, 7),
	[SLUICE_A_LEFT_SEGMENTS] = { .type = NLA_U64, },
};

const struct nla_policy sluice_path_nl_policy[SLUICE_A_PATH_MTU + 1] = {
	[SLUICE_A_PATH_KIND] = NLA_POLICY_RANGE(NLA_U32, 1, 3),
	[SLUICE_A_PATH_IFINDEX] = { .type = NLA_U32, },
	[SLUICE_A_PATH_MTU] = { .type = NLA_U32, },
};

const struct nla_policy sluice_prefix_nl_policy[SLUICE_A_PREFIX_LEN + 1] = {
	[SLUICE_A_PREFIX_ADDR] = NLA_POLICY_MAX_LEN(16),
	[SLUICE_A_PREFIX_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
};

const struct nla_policy sluice_prefixes_nl_policy[SLUICE_A_PREFIXES_PREFIX + 1] = {
	[SLUICE_A_PREFIXES_PREFIX] = NLA_POLICY_NESTED(sluice_prefix_nl_policy),
};

const struct nla_policy sluice_rule_nl_policy[SLUICE_A_RULE_PAD + 1] = {
	[SLUICE_A_RULE_SUBJECT] = { .type = NLA_U32, },
	[SLUICE_A_RULE_DIRECTION] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[SLUICE_A_RULE_PEER] = { .type = NLA_U32, },
	[SLUICE_A_RULE_PROTO] = { .type = NLA_U8, },
	[SLUICE_A_RULE_PORT_FIRST] = { .type = NLA_U16, },
	[SLUICE_A_RULE_PORT_LAST] = { .type = NLA_U16, },
	[SLUICE_A_RULE_ICMP_TYPE] = { .type = NLA_U8, },
	[SLUICE_A_RULE_ICMP_CODE] = { .type = NLA_U8, },
	[SLUICE_A_RULE_TIER] = NLA_POLICY_RANGE(NLA_U32, 1, 3),
	[SLUICE_A_RULE_PRIORITY] = { .type = NLA_U32, },
	[SLUICE_A_RULE_ACTION] = NLA_POLICY_RANGE(NLA_U32, 1, 3),
	[SLUICE_A_RULE_COOKIE] = { .type = NLA_U64, },
	[SLUICE_A_RULE_NAME] = { .type = NLA_NUL_STRING, .len = 63, },
	[SLUICE_A_RULE_FLOWS] = { .type = NLA_U64, },
	[SLUICE_A_RULE_PACKETS] = { .type = NLA_U64, },
	[SLUICE_A_RULE_BYTES] = { .type = NLA_U64, },
};

const struct nla_policy sluice_service_nl_policy[SLUICE_A_SERVICE_AFFINITY_GROUP + 1] = {
	[SLUICE_A_SERVICE_ADDR] = NLA_POLICY_MAX_LEN(16),
	[SLUICE_A_SERVICE_PORT] = { .type = NLA_BE16, },
	[SLUICE_A_SERVICE_PROTO] = { .type = NLA_U8, },
	[SLUICE_A_SERVICE_SCHEDULER] = NLA_POLICY_RANGE(NLA_U32, 1, 7),
	[SLUICE_A_SERVICE_BACKEND_COUNT] = { .type = NLA_U32, },
	[SLUICE_A_SERVICE_FLOW_COUNT] = { .type = NLA_U32, },
	[SLUICE_A_SERVICE_COUNTERS] = NLA_POLICY_NESTED(sluice_counters_nl_policy),
	[SLUICE_A_SERVICE_AFFINITY] = { .type = NLA_U32, },
	[SLUICE_A_SERVICE_AFFINITY_SHARED] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_A_SERVICE_MASQUERADE] = NLA_POLICY_RANGE(NLA_U32, 1, 4),
	[SLUICE_A_SERVICE_NO_BACKEND] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[SLUICE_A_SERVICE_REMOVAL] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[SLUICE_A_SERVICE_SCOPE] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[SLUICE_A_SERVICE_TRAFFIC_POLICY] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[SLUICE_A_SERVICE_ECHO] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_A_SERVICE_ALLOW] = NLA_POLICY_NESTED(sluice_prefixes_nl_policy),
	[SLUICE_A_SERVICE_DENY] = NLA_POLICY_NESTED(sluice_prefixes_nl_policy),
	[SLUICE_A_SERVICE_HEALTH_PORT] = { .type = NLA_BE16, },
	[SLUICE_A_SERVICE_FORWARD] = NLA_POLICY_RANGE(NLA_U32, 1, 4),
	[SLUICE_A_SERVICE_AFFINITY_GROUP] = { .type = NLA_U32, },
};

const struct nla_policy sluice_settings_nl_policy[SLUICE_A_SETTINGS_POLICY_AUDIT + 1] = {
	[SLUICE_A_SETTINGS_FLOW_LIMIT] = { .type = NLA_U32, },
	[SLUICE_A_SETTINGS_TIMEOUT_UDP_UNREPLIED] = { .type = NLA_U32, },
	[SLUICE_A_SETTINGS_TIMEOUT_UDP] = { .type = NLA_U32, },
	[SLUICE_A_SETTINGS_TIMEOUT_TCP_UNREPLIED] = { .type = NLA_U32, },
	[SLUICE_A_SETTINGS_TIMEOUT_TCP] = { .type = NLA_U32, },
	[SLUICE_A_SETTINGS_TIMEOUT_TCP_HALF_CLOSED] = { .type = NLA_U32, },
	[SLUICE_A_SETTINGS_TIMEOUT_TCP_CLOSING] = { .type = NLA_U32, },
	[SLUICE_A_SETTINGS_NODE_PORT_ADDRESSES] = NLA_POLICY_NESTED(sluice_prefixes_nl_policy),
	[SLUICE_A_SETTINGS_NODE_PORT_LOOPBACK] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_A_SETTINGS_POD_PREFIXES] = NLA_POLICY_NESTED(sluice_prefixes_nl_policy),
	[SLUICE_A_SETTINGS_EGRESS_MASQUERADE] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_A_SETTINGS_POLICY_TCP] = NLA_POLICY_MAX(NLA_U32, 1),
	[SLUICE_A_SETTINGS_POLICY_NODE_TRAFFIC] = NLA_POLICY_MAX(NLA_U32, 1),
	[SLUICE_A_SETTINGS_POLICY_AUDIT] = NLA_POLICY_MAX(NLA_U8, 1),
};

const struct nla_policy sluice_subject_nl_policy[SLUICE_A_SUBJECT_ESTABLISHED + 1] = {
	[SLUICE_A_SUBJECT_ID] = { .type = NLA_U32, },
	[SLUICE_A_SUBJECT_ISOLATE_INGRESS] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_A_SUBJECT_ISOLATE_EGRESS] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_A_SUBJECT_AUDIT] = NLA_POLICY_MAX(NLA_U8, 1),
	[SLUICE_A_SUBJECT_ON_DENY] = NLA_POLICY_MAX(NLA_U32, 1),
	[SLUICE_A_SUBJECT_ESTABLISHED] = NLA_POLICY_MAX(NLA_U32, 2),
};

const struct nla_policy sluice_tuple_nl_policy[SLUICE_A_TUPLE_DPORT + 1] = {
	[SLUICE_A_TUPLE_SRC] = NLA_POLICY_MAX_LEN(16),
	[SLUICE_A_TUPLE_DST] = NLA_POLICY_MAX_LEN(16),
	[SLUICE_A_TUPLE_SPORT] = { .type = NLA_BE16, },
	[SLUICE_A_TUPLE_DPORT] = { .type = NLA_BE16, },
};

/* Global operation policy for sluice */
const struct nla_policy sluice_main_nl_policy[SLUICE_A_DEVICE + 1] = {
	[SLUICE_A_SERVICE] = NLA_POLICY_NESTED(sluice_service_nl_policy),
	[SLUICE_A_BACKEND] = NLA_POLICY_NESTED(sluice_backend_nl_policy),
	[SLUICE_A_FLOW] = NLA_POLICY_NESTED(sluice_flow_nl_policy),
	[SLUICE_A_SETTINGS] = NLA_POLICY_NESTED(sluice_settings_nl_policy),
	[SLUICE_A_CHANGE] = NLA_POLICY_NESTED(sluice_change_nl_policy),
	[SLUICE_A_EXPLAIN] = NLA_POLICY_NESTED(sluice_explain_nl_policy),
	[SLUICE_A_IDENTITY] = NLA_POLICY_NESTED(sluice_identity_nl_policy),
	[SLUICE_A_RULE] = NLA_POLICY_NESTED(sluice_rule_nl_policy),
	[SLUICE_A_SUBJECT] = NLA_POLICY_NESTED(sluice_subject_nl_policy),
	[SLUICE_A_DEVICE] = NLA_POLICY_NESTED(sluice_device_nl_policy),
};

/* Ops table for sluice */
const struct genl_small_ops sluice_nl_ops[30] = {
	{
		.cmd	= SLUICE_CMD_SERVICE_NEW,
		.doit	= sluice_nl_service_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_SERVICE_DEL,
		.doit	= sluice_nl_service_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_SERVICE_GET,
		.doit	= sluice_nl_service_get_doit,
		.dumpit	= sluice_nl_service_get_dumpit,
	},
	{
		.cmd	= SLUICE_CMD_SERVICE_FLUSH,
		.doit	= sluice_nl_service_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_BACKEND_NEW,
		.doit	= sluice_nl_backend_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_BACKEND_DEL,
		.doit	= sluice_nl_backend_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_BACKEND_GET,
		.doit	= sluice_nl_backend_get_doit,
		.dumpit	= sluice_nl_backend_get_dumpit,
	},
	{
		.cmd	= SLUICE_CMD_BACKEND_FLUSH,
		.doit	= sluice_nl_backend_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_FLOW_GET,
		.doit	= sluice_nl_flow_get_doit,
		.dumpit	= sluice_nl_flow_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_FLOW_DEL,
		.doit	= sluice_nl_flow_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_FLOW_FLUSH,
		.doit	= sluice_nl_flow_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_STATS_GET,
		.doit	= sluice_nl_stats_get_doit,
	},
	{
		.cmd	= SLUICE_CMD_SETTINGS_SET,
		.doit	= sluice_nl_settings_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_SETTINGS_GET,
		.doit	= sluice_nl_settings_get_doit,
	},
	{
		.cmd	= SLUICE_CMD_TRANSACTION,
		.doit	= sluice_nl_transaction_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_EXPLAIN,
		.doit	= sluice_nl_explain_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_IDENTITY_NEW,
		.doit	= sluice_nl_identity_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_IDENTITY_DEL,
		.doit	= sluice_nl_identity_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_IDENTITY_GET,
		.dumpit	= sluice_nl_identity_get_dumpit,
	},
	{
		.cmd	= SLUICE_CMD_IDENTITY_FLUSH,
		.doit	= sluice_nl_identity_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_RULE_NEW,
		.doit	= sluice_nl_rule_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_RULE_DEL,
		.doit	= sluice_nl_rule_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_RULE_GET,
		.dumpit	= sluice_nl_rule_get_dumpit,
	},
	{
		.cmd	= SLUICE_CMD_SUBJECT_SET,
		.doit	= sluice_nl_subject_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_SUBJECT_GET,
		.dumpit	= sluice_nl_subject_get_dumpit,
	},
	{
		.cmd	= SLUICE_CMD_POLICY_FLUSH,
		.doit	= sluice_nl_policy_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_DEVICE_NEW,
		.doit	= sluice_nl_device_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_DEVICE_DEL,
		.doit	= sluice_nl_device_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= SLUICE_CMD_DEVICE_GET,
		.dumpit	= sluice_nl_device_get_dumpit,
	},
	{
		.cmd	= SLUICE_CMD_DEVICE_FLUSH,
		.doit	= sluice_nl_device_flush_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
};

static const struct genl_multicast_group sluice_nl_mcgrps[] = {
	[SLUICE_NLGRP_CONFIG] = { "config", },
	[SLUICE_NLGRP_EVENTS] = { "events", },
	[SLUICE_NLGRP_FLOWS] = { "flows", },
};
