// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of the family's enum values, one table each, read both ways.
 */
#include <netinet/in.h>
#include <string.h>

#include "libsluice.h"

const struct sluice_name sluice_protocols[] = {
	{ IPPROTO_ICMP, "icmp" },
	{ IPPROTO_TCP, "tcp" },
	{ IPPROTO_UDP, "udp" },
	{ IPPROTO_ICMPV6, "icmpv6" },
	{ IPPROTO_SCTP, "sctp" },
	{ 0, NULL }
};

const struct sluice_name sluice_schedulers[] = {
	{ SLUICE_SCHEDULER_RANDOM, "random" },
	{ SLUICE_SCHEDULER_RR, "rr" },
	{ SLUICE_SCHEDULER_WRR, "wrr" },
	{ SLUICE_SCHEDULER_MAGLEV, "maglev" },
	{ SLUICE_SCHEDULER_LC, "lc" },
	{ SLUICE_SCHEDULER_WLC, "wlc" },
	{ SLUICE_SCHEDULER_SH, "sh" },
	{ 0, NULL }
};

const struct sluice_name sluice_masquerades[] = {
	{ SLUICE_MASQUERADE_NEVER, "never" },
	{ SLUICE_MASQUERADE_HAIRPIN, "hairpin" },
	{ SLUICE_MASQUERADE_OFF_CLUSTER, "off-cluster" },
	{ SLUICE_MASQUERADE_ALWAYS, "always" },
	{ 0, NULL }
};

const struct sluice_name sluice_no_backends[] = {
	{ SLUICE_NO_BACKEND_REJECT, "reject" },
	{ SLUICE_NO_BACKEND_DROP, "drop" },
	{ 0, NULL }
};

const struct sluice_name sluice_removals[] = {
	{ SLUICE_REMOVAL_RESET, "reset" },
	{ SLUICE_REMOVAL_FINISH, "finish" },
	{ 0, NULL }
};

const struct sluice_name sluice_scopes[] = {
	{ SLUICE_SCOPE_INTERNAL, "internal" },
	{ SLUICE_SCOPE_EXTERNAL, "external" },
	{ 0, NULL }
};

const struct sluice_name sluice_traffic_policies[] = {
	{ SLUICE_TRAFFIC_POLICY_CLUSTER, "cluster" },
	{ SLUICE_TRAFFIC_POLICY_LOCAL, "local" },
	{ 0, NULL }
};

const struct sluice_name sluice_forwards[] = {
	{ SLUICE_FORWARD_NAT, "nat" },
	{ SLUICE_FORWARD_L2, "l2" },
	{ SLUICE_FORWARD_TUNNEL, "tunnel" },
	{ SLUICE_FORWARD_RELAY, "relay" },
	{ 0, NULL }
};

const struct sluice_name sluice_backend_states[] = {
	{ SLUICE_BACKEND_STATE_ACTIVE, "active" },
	{ SLUICE_BACKEND_STATE_DRAINING, "draining" },
	{ SLUICE_BACKEND_STATE_DOWN, "down" },
	{ 0, NULL }
};

const struct sluice_name sluice_flow_states[] = {
	{ SLUICE_FLOW_STATE_UNREPLIED, "unreplied" },
	{ SLUICE_FLOW_STATE_ESTABLISHED, "established" },
	{ SLUICE_FLOW_STATE_CLOSING, "closing" },
	{ 0, NULL }
};

const struct sluice_name sluice_drop_reasons[] = {
	{ SLUICE_DROP_REASON_NO_BACKEND, "no-backend" },
	{ SLUICE_DROP_REASON_FLOW_LIMIT, "flow-limit" },
	{ SLUICE_DROP_REASON_NO_PORT, "no-port" },
	{ SLUICE_DROP_REASON_NO_MEMORY, "no-memory" },
	{ SLUICE_DROP_REASON_NO_ROUTE, "no-route" },
	{ SLUICE_DROP_REASON_NO_LOCAL_BACKEND, "no-local-backend" },
	{ SLUICE_DROP_REASON_SOURCE_RANGE, "source-range" },
	{ SLUICE_DROP_REASON_BACKEND_GONE, "backend-gone" },
	{ SLUICE_DROP_REASON_TOO_BIG, "too-big" },
	{ SLUICE_DROP_REASON_POLICY_RULE, "policy-rule" },
	{ SLUICE_DROP_REASON_POLICY_ISOLATION, "policy-isolation" },
	{ SLUICE_DROP_REASON_POLICY_STRICT, "policy-strict" },
	{ SLUICE_DROP_REASON_SPOOFED, "spoofed" },
	{ 0, NULL }
};

const struct sluice_name sluice_fallback_reasons[] = {
	{ SLUICE_FALLBACK_FRAME, "frame" },
	{ SLUICE_FALLBACK_PROTOCOL, "protocol" },
	{ SLUICE_FALLBACK_HEADER, "header" },
	{ SLUICE_FALLBACK_OPTIONS, "options" },
	{ SLUICE_FALLBACK_FRAGMENT, "fragment" },
	{ SLUICE_FALLBACK_TTL, "ttl" },
	{ SLUICE_FALLBACK_NETFILTER, "netfilter" },
	{ SLUICE_FALLBACK_UNDECIDED, "undecided" },
	{ SLUICE_FALLBACK_FORWARD, "forward" },
	{ SLUICE_FALLBACK_ROUTE, "route" },
	{ SLUICE_FALLBACK_MTU, "mtu" },
	{ SLUICE_FALLBACK_MEMORY, "memory" },
	{ 0, NULL }
};

const struct sluice_name sluice_short_cut_reasons[] = {
	{ SLUICE_SHORT_CUT_REASON_SOCKET, "socket" },
	{ SLUICE_SHORT_CUT_REASON_SEGMENT, "segment" },
	{ SLUICE_SHORT_CUT_REASON_ROUTE, "route" },
	{ SLUICE_SHORT_CUT_REASON_BOUND, "bound" },
	{ SLUICE_SHORT_CUT_REASON_FLOW, "flow" },
	{ SLUICE_SHORT_CUT_REASON_SEEN, "seen" },
	{ SLUICE_SHORT_CUT_REASON_NESTED, "nested" },
	{ 0, NULL }
};

const struct sluice_name sluice_path_kinds[] = {
	{ SLUICE_PATH_KIND_STACK, "stack" },
	{ SLUICE_PATH_KIND_LINK, "link" },
	{ SLUICE_PATH_KIND_POD, "pod" },
	{ 0, NULL }
};

const struct sluice_name sluice_flow_doors[] = {
	{ SLUICE_FLOW_DOOR_NETFILTER, "netfilter" },
	{ SLUICE_FLOW_DOOR_DEVICE, "device" },
	{ SLUICE_FLOW_DOOR_POD, "pod" },
	{ SLUICE_FLOW_DOOR_XDP, "xdp" },
	{ SLUICE_FLOW_DOOR_TC, "tc" },
	{ SLUICE_FLOW_DOOR_SOCKET, "socket" },
	{ 0, NULL }
};

const struct sluice_name sluice_fast_paths[] = {
	{ SLUICE_FAST_PATH_TAKEN, "taken" },
	{ SLUICE_FAST_PATH_LEFT, "left" },
	{ SLUICE_FAST_PATH_OFF, "off" },
	{ SLUICE_FAST_PATH_UNATTACHED, "unattached" },
	{ 0, NULL }
};

const struct sluice_name sluice_device_netfilters[] = {
	{ SLUICE_DEVICE_NETFILTER_HEED, "heed" },
	{ SLUICE_DEVICE_NETFILTER_SKIP, "skip" },
	{ 0, NULL }
};

const struct sluice_name sluice_flow_ends[] = {
	{ SLUICE_FLOW_END_EXPIRED, "expired" },
	{ SLUICE_FLOW_END_EVICTED, "evicted" },
	{ SLUICE_FLOW_END_RETIRED, "retired" },
	{ 0, NULL }
};

const struct sluice_name sluice_event_types[] = {
	{ SLUICE_EVENT_TYPE_DROP, "drop" },
	{ SLUICE_EVENT_TYPE_EVICT, "evict" },
	{ SLUICE_EVENT_TYPE_AUDIT, "audit" },
	{ 0, NULL }
};

const struct sluice_name sluice_change_ops[] = {
	{ SLUICE_CHANGE_OP_SERVICE_NEW, "service-new" },
	{ SLUICE_CHANGE_OP_SERVICE_DEL, "service-del" },
	{ SLUICE_CHANGE_OP_SERVICE_FLUSH, "service-flush" },
	{ SLUICE_CHANGE_OP_BACKEND_NEW, "backend-new" },
	{ SLUICE_CHANGE_OP_BACKEND_DEL, "backend-del" },
	{ SLUICE_CHANGE_OP_BACKEND_FLUSH, "backend-flush" },
	{ SLUICE_CHANGE_OP_SETTINGS_SET, "settings-set" },
	{ SLUICE_CHANGE_OP_REPLACE_ALL, "replace-all" },
	{ SLUICE_CHANGE_OP_BACKEND_REPLACE_ALL, "backend-replace-all" },
	{ SLUICE_CHANGE_OP_IDENTITY_NEW, "identity-new" },
	{ SLUICE_CHANGE_OP_IDENTITY_DEL, "identity-del" },
	{ SLUICE_CHANGE_OP_IDENTITY_FLUSH, "identity-flush" },
	{ SLUICE_CHANGE_OP_RULE_NEW, "rule-new" },
	{ SLUICE_CHANGE_OP_RULE_DEL, "rule-del" },
	{ SLUICE_CHANGE_OP_SUBJECT_SET, "subject-set" },
	{ SLUICE_CHANGE_OP_POLICY_FLUSH, "policy-flush" },
	{ SLUICE_CHANGE_OP_DEVICE_NEW, "device-new" },
	{ SLUICE_CHANGE_OP_DEVICE_DEL, "device-del" },
	{ SLUICE_CHANGE_OP_DEVICE_FLUSH, "device-flush" },
	{ SLUICE_CHANGE_OP_POLICY_REPLACE_ALL, "policy-replace-all" },
	{ 0, NULL }
};

const struct sluice_name sluice_outcomes[] = {
	{ SLUICE_OUTCOME_PASS, "pass" },
	{ SLUICE_OUTCOME_TRANSLATE, "translate" },
	{ SLUICE_OUTCOME_DROP, "drop" },
	{ SLUICE_OUTCOME_REJECT, "reject" },
	{ SLUICE_OUTCOME_L2, "l2" },
	{ SLUICE_OUTCOME_TUNNEL, "tunnel" },
	{ SLUICE_OUTCOME_ANSWER, "answer" },
	{ 0, NULL }
};

const struct sluice_name sluice_decided_bys[] = {
	{ SLUICE_DECIDED_BY_NOTHING, "nothing" },
	{ SLUICE_DECIDED_BY_FLOW, "flow" },
	{ SLUICE_DECIDED_BY_SERVICE, "service" },
	{ SLUICE_DECIDED_BY_EGRESS, "egress" },
	{ SLUICE_DECIDED_BY_DIRECT, "direct" },
	{ SLUICE_DECIDED_BY_POLICY, "policy" },
	{ SLUICE_DECIDED_BY_DEVICE, "device" },
	{ 0, NULL }
};

const struct sluice_name sluice_policy_directions[] = {
	{ SLUICE_POLICY_DIRECTION_INGRESS, "ingress" },
	{ SLUICE_POLICY_DIRECTION_EGRESS, "egress" },
	{ 0, NULL }
};

const struct sluice_name sluice_policy_tiers[] = {
	{ SLUICE_POLICY_TIER_ADMIN, "admin" },
	{ SLUICE_POLICY_TIER_NORMAL, "normal" },
	{ SLUICE_POLICY_TIER_BASELINE, "baseline" },
	{ 0, NULL }
};

const struct sluice_name sluice_policy_actions[] = {
	{ SLUICE_POLICY_ACTION_ALLOW, "allow" },
	{ SLUICE_POLICY_ACTION_DENY, "deny" },
	{ SLUICE_POLICY_ACTION_PASS, "pass" },
	{ 0, NULL }
};

const struct sluice_name sluice_policy_whys[] = {
	{ SLUICE_POLICY_WHY_RULE, "rule" },
	{ SLUICE_POLICY_WHY_ISOLATION, "isolation" },
	{ SLUICE_POLICY_WHY_DEFAULT, "default" },
	{ SLUICE_POLICY_WHY_NODE, "node" },
	{ 0, NULL }
};

const struct sluice_name sluice_on_denys[] = {
	{ SLUICE_ON_DENY_DROP, "drop" },
	{ SLUICE_ON_DENY_REJECT, "reject" },
	{ 0, NULL }
};

const struct sluice_name sluice_establisheds[] = {
	{ SLUICE_ESTABLISHED_CUT, "cut" },
	{ SLUICE_ESTABLISHED_RESET, "reset" },
	{ SLUICE_ESTABLISHED_KEEP, "keep" },
	{ 0, NULL }
};

const struct sluice_name sluice_policy_tcps[] = {
	{ SLUICE_POLICY_TCP_LOOSE, "loose" },
	{ SLUICE_POLICY_TCP_STRICT, "strict" },
	{ 0, NULL }
};

const struct sluice_name sluice_policy_node_traffics[] = {
	{ SLUICE_POLICY_NODE_TRAFFIC_ALLOW, "allow" },
	{ SLUICE_POLICY_NODE_TRAFFIC_JUDGE, "judge" },
	{ 0, NULL }
};

/* A convention that the specification tells of, but has no enum for. */
const struct sluice_name sluice_identity_names[] = {
	{ 0, "unknown" },
	{ 1, "host" },
	{ 2, "remote-node" },
	{ 3, "world" },
	{ 0, NULL }
};

/**
 * sluice_name_of - the name of an enum value
 * @names: the enum's table
 * @value: the value
 *
 * Return: the name, or NULL for a value newer than this library.
 */
const char *sluice_name_of(const struct sluice_name *names,
			   unsigned int value)
{
	for (; names->name; names++)
		if (names->value == value)
			return names->name;
	return NULL;
}

/**
 * sluice_name_value - the enum value with a name
 * @names: the enum's table
 * @name: the exact name
 * @value: where to put the value
 *
 * Return: whether there is such a name.
 */
bool sluice_name_value(const struct sluice_name *names, const char *name,
		       unsigned int *value)
{
	for (; names->name; names++) {
		if (!strcmp(names->name, name)) {
			*value = names->value;
			return true;
		}
	}
	return false;
}
