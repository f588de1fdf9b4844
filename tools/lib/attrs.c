// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The family's attribute sets as tables: name, type and place in the struct.
 * Encoding, decoding, the paths in errors and the command's keywords and
 * printing all go by these, so that an attribute is described once.
 */
#include "libsluice.h"

#define VALUE(_name, _kind, _type, _member) \
	{ .name = (_name), .kind = SLUICE_KIND_##_kind, \
	  .offset = offsetof(struct _type, _member) }
#define ENUM(_name, _kind, _type, _member, _names) \
	{ .name = (_name), .kind = SLUICE_KIND_##_kind, \
	  .offset = offsetof(struct _type, _member), .names = (_names) }
#define SWITCH(_name, _type, _member) \
	{ .name = (_name), .kind = SLUICE_KIND_U8, \
	  .offset = offsetof(struct _type, _member), \
	  .form = SLUICE_FORM_SWITCH }
#define PREFIXES(_name, _type, _member, _empty) \
	{ .name = (_name), .kind = SLUICE_KIND_PREFIXES, \
	  .offset = offsetof(struct _type, _member), \
	  .nested = &sluice_prefixes_attrs, .empty = (_empty) }
#define NEST(_name, _type, _member, _set) \
	{ .name = (_name), .kind = SLUICE_KIND_NEST, \
	  .offset = offsetof(struct _type, _member), .nested = (_set) }

#define LIST(_name, _type, _member, _set, _list) \
	{ .name = (_name), .kind = SLUICE_KIND_LIST, \
	  .offset = offsetof(struct _type, _member), .nested = (_set), \
	  .list = (_list) }

/* A list's struct: its count, then its array. */
#define ARRAY(_name, _type, _member) \
	static const struct sluice_attr_list _name = { \
		.first = offsetof(struct _type, _member), \
		.size = sizeof(((struct _type *)NULL)->_member[0]), \
		.room = sizeof(((struct _type *)NULL)->_member) / \
			sizeof(((struct _type *)NULL)->_member[0]), \
	}

#define SET(_name, _attrs) \
	const struct sluice_attr_set _name = { \
		.max = sizeof(_attrs) / sizeof((_attrs)[0]) - 1, \
		.attr = (_attrs), \
	}

#define COUNTER(_name, _member)	VALUE(_name, U64, sluice_counters, _member)

static const struct sluice_attr counters[] = {
	[SLUICE_A_COUNTERS_CONNECTIONS] = COUNTER("connections", connections),
	[SLUICE_A_COUNTERS_IN_PACKETS] = COUNTER("in-packets", in_packets),
	[SLUICE_A_COUNTERS_IN_BYTES] = COUNTER("in-bytes", in_bytes),
	[SLUICE_A_COUNTERS_OUT_PACKETS] = COUNTER("out-packets", out_packets),
	[SLUICE_A_COUNTERS_OUT_BYTES] = COUNTER("out-bytes", out_bytes),
	[SLUICE_A_COUNTERS_DROPS] = COUNTER("drops", drops),
};
SET(sluice_counters_attrs, counters);

static const struct sluice_attr prefix[] = {
	[SLUICE_A_PREFIX_ADDR] = VALUE("addr", ADDR, sluice_prefix, addr),
	[SLUICE_A_PREFIX_LEN] = VALUE("len", U8, sluice_prefix, len),
};
SET(sluice_prefix_attrs, prefix);

static const struct sluice_attr prefixes[] = {
	[SLUICE_A_PREFIXES_PREFIX] = { .name = "prefix",
				       .kind = SLUICE_KIND_NEST,
				       .nested = &sluice_prefix_attrs },
};
SET(sluice_prefixes_attrs, prefixes);

#define SERVICE(_name, _kind, _member) \
	VALUE(_name, _kind, sluice_service, _member)
#define SERVICE_ENUM(_name, _member, _names, _preset) \
	{ .name = (_name), .kind = SLUICE_KIND_U32, \
	  .offset = offsetof(struct sluice_service, _member), \
	  .names = (_names), .preset = (_preset) }

static const struct sluice_attr service[] = {
	[SLUICE_A_SERVICE_ADDR] = SERVICE("addr", ADDR, addr),
	[SLUICE_A_SERVICE_PORT] = SERVICE("port", BE16, port),
	[SLUICE_A_SERVICE_PROTO] = ENUM("proto", U8, sluice_service, proto,
					sluice_protocols),
	[SLUICE_A_SERVICE_SCHEDULER] =
		SERVICE_ENUM("scheduler", scheduler, sluice_schedulers,
			     SLUICE_SCHEDULER_RANDOM),
	[SLUICE_A_SERVICE_BACKEND_COUNT] =
		SERVICE("backend-count", U32, backend_count),
	[SLUICE_A_SERVICE_FLOW_COUNT] = SERVICE("flow-count", U32, flow_count),
	[SLUICE_A_SERVICE_COUNTERS] = NEST("counters", sluice_service,
					   counters, &sluice_counters_attrs),
	[SLUICE_A_SERVICE_AFFINITY] = {
		.name = "affinity", .kind = SLUICE_KIND_U32,
		.offset = offsetof(struct sluice_service, affinity),
		.form = SLUICE_FORM_AFFINITY },
	[SLUICE_A_SERVICE_AFFINITY_SHARED] =
		SWITCH("affinity-shared", sluice_service, affinity_shared),
	[SLUICE_A_SERVICE_MASQUERADE] =
		SERVICE_ENUM("masquerade", masquerade, sluice_masquerades,
			     SLUICE_MASQUERADE_HAIRPIN),
	[SLUICE_A_SERVICE_NO_BACKEND] =
		SERVICE_ENUM("no-backend", no_backend, sluice_no_backends,
			     SLUICE_NO_BACKEND_REJECT),
	[SLUICE_A_SERVICE_REMOVAL] =
		SERVICE_ENUM("removal", removal, sluice_removals,
			     SLUICE_REMOVAL_RESET),
	[SLUICE_A_SERVICE_SCOPE] =
		SERVICE_ENUM("scope", scope, sluice_scopes,
			     SLUICE_SCOPE_INTERNAL),
	[SLUICE_A_SERVICE_TRAFFIC_POLICY] =
		SERVICE_ENUM("traffic-policy", traffic_policy,
			     sluice_traffic_policies,
			     SLUICE_TRAFFIC_POLICY_CLUSTER),
	[SLUICE_A_SERVICE_ECHO] = SWITCH("echo", sluice_service, echo),
	[SLUICE_A_SERVICE_ALLOW] = PREFIXES("allow", sluice_service, allow,
					    "all"),
	[SLUICE_A_SERVICE_DENY] = PREFIXES("deny", sluice_service, deny,
					   "none"),
	[SLUICE_A_SERVICE_HEALTH_PORT] = SERVICE("health-port", BE16,
						 health_port),
	[SLUICE_A_SERVICE_FORWARD] =
		SERVICE_ENUM("forward", forward, sluice_forwards,
			     SLUICE_FORWARD_NAT),
	[SLUICE_A_SERVICE_AFFINITY_GROUP] = SERVICE("affinity-group", U32,
						    affinity_group),
};
SET(sluice_service_attrs, service);

#define BACKEND(_name, _kind, _member) \
	VALUE(_name, _kind, sluice_backend, _member)

static const struct sluice_attr backend[] = {
	[SLUICE_A_BACKEND_ADDR] = BACKEND("addr", ADDR, addr),
	[SLUICE_A_BACKEND_PORT] = BACKEND("port", BE16, port),
	[SLUICE_A_BACKEND_WEIGHT] = {
		.name = "weight", .kind = SLUICE_KIND_U32,
		.offset = offsetof(struct sluice_backend, weight),
		.preset = 1 },
	[SLUICE_A_BACKEND_STATE] = {
		.name = "state", .kind = SLUICE_KIND_U32,
		.offset = offsetof(struct sluice_backend, state),
		.names = sluice_backend_states,
		.preset = SLUICE_BACKEND_STATE_ACTIVE },
	[SLUICE_A_BACKEND_FLOW_COUNT] = BACKEND("flow-count", U32, flow_count),
	[SLUICE_A_BACKEND_COUNTERS] = NEST("counters", sluice_backend,
					   counters, &sluice_counters_attrs),
	[SLUICE_A_BACKEND_LOCAL] = SWITCH("local", sluice_backend, local),
};
SET(sluice_backend_attrs, backend);

#define TUPLE(_name, _kind)	VALUE(#_name, _kind, sluice_tuple, _name)

static const struct sluice_attr tuple[] = {
	[SLUICE_A_TUPLE_SRC] = TUPLE(src, ADDR),
	[SLUICE_A_TUPLE_DST] = TUPLE(dst, ADDR),
	[SLUICE_A_TUPLE_SPORT] = TUPLE(sport, BE16),
	[SLUICE_A_TUPLE_DPORT] = TUPLE(dport, BE16),
};
SET(sluice_tuple_attrs, tuple);

#define PATH(_name, _kind) VALUE(#_name, _kind, sluice_path, _name)

static const struct sluice_attr path[] = {
	[SLUICE_A_PATH_KIND] = ENUM("kind", U32, sluice_path, kind,
				    sluice_path_kinds),
	[SLUICE_A_PATH_IFINDEX] = PATH(ifindex, U32),
	[SLUICE_A_PATH_MTU] = PATH(mtu, U32),
};
SET(sluice_path_attrs, path);

ARRAY(judgements, sluice_judgements, judgement);

static const struct sluice_attr flow[] = {
	[SLUICE_A_FLOW_PROTO] = ENUM("proto", U8, sluice_flow, proto,
				     sluice_protocols),
	[SLUICE_A_FLOW_ORIG] = NEST("orig", sluice_flow, orig,
				    &sluice_tuple_attrs),
	[SLUICE_A_FLOW_REPLY] = NEST("reply", sluice_flow, reply,
				     &sluice_tuple_attrs),
	[SLUICE_A_FLOW_STATE] = ENUM("state", U32, sluice_flow, state,
				     sluice_flow_states),
	[SLUICE_A_FLOW_TIMEOUT] = VALUE("timeout", U32, sluice_flow, timeout),
	[SLUICE_A_FLOW_DIRECT] = { .name = "direct",
				   .kind = SLUICE_KIND_FLAG },
	[SLUICE_A_FLOW_COUNTERS] = NEST("counters", sluice_flow, counters,
					&sluice_counters_attrs),
	[SLUICE_A_FLOW_FORWARD] = {
		.name = "forward", .kind = SLUICE_KIND_U32,
		.offset = offsetof(struct sluice_flow, forward),
		.names = sluice_forwards, .preset = SLUICE_FORWARD_NAT },
	[SLUICE_A_FLOW_BACKEND] = NEST("backend", sluice_flow, backend,
				       &sluice_backend_attrs),
	[SLUICE_A_FLOW_END] = ENUM("end", U32, sluice_flow, end,
				   sluice_flow_ends),
	[SLUICE_A_FLOW_ORIG_PATH] = NEST("orig-path", sluice_flow, orig_path,
					 &sluice_path_attrs),
	[SLUICE_A_FLOW_REPLY_PATH] = NEST("reply-path", sluice_flow,
					  reply_path, &sluice_path_attrs),
	[SLUICE_A_FLOW_ORIG_DOOR] = ENUM("orig-door", U32, sluice_flow,
					 orig_door, sluice_flow_doors),
	[SLUICE_A_FLOW_REPLY_DOOR] = ENUM("reply-door", U32, sluice_flow,
					  reply_door, sluice_flow_doors),
	[SLUICE_A_FLOW_JUDGEMENT] = LIST("judgement", sluice_flow, judgements,
					 &sluice_judgement_attrs, &judgements),
};
SET(sluice_flow_attrs, flow);

static const struct sluice_attr drop[] = {
	[SLUICE_A_DROP_REASON] = ENUM("reason", U32, sluice_drop, reason,
				      sluice_drop_reasons),
	[SLUICE_A_DROP_PACKETS] = VALUE("packets", U64, sluice_drop, packets),
};
SET(sluice_drop_attrs, drop);

ARRAY(drops, sluice_drops, drop);

#define STAT(_name, _kind, _member) \
	VALUE(_name, _kind, sluice_stats, _member)

static const struct sluice_attr stats[] = {
	[SLUICE_A_STATS_SERVICES] = STAT("services", U32, services),
	[SLUICE_A_STATS_BACKENDS] = STAT("backends", U32, backends),
	[SLUICE_A_STATS_FLOWS] = STAT("flows", U32, flows),
	[SLUICE_A_STATS_FLOW_BUCKETS] = STAT("flow-buckets", U32, flow_buckets),
	[SLUICE_A_STATS_REVISION] = STAT("revision", U64, revision),
	[SLUICE_A_STATS_FLOWS_CREATED] =
		STAT("flows-created", U64, flows_created),
	[SLUICE_A_STATS_FLOWS_EXPIRED] =
		STAT("flows-expired", U64, flows_expired),
	[SLUICE_A_STATS_FLOWS_EVICTED] =
		STAT("flows-evicted", U64, flows_evicted),
	[SLUICE_A_STATS_FLOWS_RETIRED] =
		STAT("flows-retired", U64, flows_retired),
	[SLUICE_A_STATS_EVENTS_LOST] = STAT("events-lost", U64, events_lost),
	[SLUICE_A_STATS_DROP] = LIST("drop", sluice_stats, drops,
				     &sluice_drop_attrs, &drops),
	[SLUICE_A_STATS_IDENTITIES] = STAT("identities", U32, identities),
	[SLUICE_A_STATS_RULES] = STAT("rules", U32, rules),
	[SLUICE_A_STATS_AUDITED] = STAT("audited", U64, audited),
	[SLUICE_A_STATS_DEVICES] = STAT("devices", U32, devices),
};
SET(sluice_stats_attrs, stats);

#define SETTING(_name, _member)	VALUE(_name, U32, sluice_settings, _member)

static const struct sluice_attr settings[] = {
	[SLUICE_A_SETTINGS_FLOW_LIMIT] = SETTING("flow-limit", flow_limit),
	[SLUICE_A_SETTINGS_TIMEOUT_UDP_UNREPLIED] =
		SETTING("timeout-udp-unreplied", timeout_udp_unreplied),
	[SLUICE_A_SETTINGS_TIMEOUT_UDP] = SETTING("timeout-udp", timeout_udp),
	[SLUICE_A_SETTINGS_TIMEOUT_TCP_UNREPLIED] =
		SETTING("timeout-tcp-unreplied", timeout_tcp_unreplied),
	[SLUICE_A_SETTINGS_TIMEOUT_TCP] = SETTING("timeout-tcp", timeout_tcp),
	[SLUICE_A_SETTINGS_TIMEOUT_TCP_HALF_CLOSED] =
		SETTING("timeout-tcp-half-closed", timeout_tcp_half_closed),
	[SLUICE_A_SETTINGS_TIMEOUT_TCP_CLOSING] =
		SETTING("timeout-tcp-closing", timeout_tcp_closing),
	[SLUICE_A_SETTINGS_NODE_PORT_ADDRESSES] =
		PREFIXES("node-port-addresses", sluice_settings,
			 node_port_addresses, "all"),
	[SLUICE_A_SETTINGS_NODE_PORT_LOOPBACK] =
		SWITCH("node-port-loopback", sluice_settings,
		       node_port_loopback),
	[SLUICE_A_SETTINGS_POD_PREFIXES] =
		PREFIXES("pod-prefixes", sluice_settings, pod_prefixes,
			 "none"),
	[SLUICE_A_SETTINGS_EGRESS_MASQUERADE] =
		SWITCH("egress-masquerade", sluice_settings,
		       egress_masquerade),
	[SLUICE_A_SETTINGS_POLICY_TCP] =
		ENUM("policy-tcp", U32, sluice_settings, policy_tcp,
		     sluice_policy_tcps),
	[SLUICE_A_SETTINGS_POLICY_NODE_TRAFFIC] =
		ENUM("policy-node-traffic", U32, sluice_settings,
		     policy_node_traffic, sluice_policy_node_traffics),
	[SLUICE_A_SETTINGS_POLICY_AUDIT] =
		SWITCH("policy-audit", sluice_settings, policy_audit),
};
SET(sluice_settings_attrs, settings);

#define IDENTITY(_name, _type, _member) \
	{ .name = (_name), .kind = SLUICE_KIND_U32, \
	  .offset = offsetof(struct _type, _member), \
	  .names = sluice_identity_names, .form = SLUICE_FORM_IDENTITY }

static const struct sluice_attr identity[] = {
	[SLUICE_A_IDENTITY_PREFIX] = NEST("prefix", sluice_identity, prefix,
					  &sluice_prefix_attrs),
	[SLUICE_A_IDENTITY_ID] = IDENTITY("id", sluice_identity, id),
	[SLUICE_A_IDENTITY_EXCEPT] = PREFIXES("except", sluice_identity,
					      except, "none"),
	[SLUICE_A_IDENTITY_EXCLUSIVE] =
		SWITCH("exclusive", sluice_identity, exclusive),
};
SET(sluice_identity_attrs, identity);

#define RULE(_name, _kind, _member) \
	VALUE(_name, _kind, sluice_rule, _member)

static const struct sluice_attr rule[] = {
	[SLUICE_A_RULE_SUBJECT] = IDENTITY("subject", sluice_rule, subject),
	[SLUICE_A_RULE_DIRECTION] = ENUM("direction", U32, sluice_rule,
					 direction, sluice_policy_directions),
	[SLUICE_A_RULE_PEER] = IDENTITY("peer", sluice_rule, peer),
	[SLUICE_A_RULE_PROTO] = ENUM("proto", U8, sluice_rule, proto,
				     sluice_protocols),
	[SLUICE_A_RULE_PORT_FIRST] = RULE("port-first", U16, port_first),
	[SLUICE_A_RULE_PORT_LAST] = RULE("port-last", U16, port_last),
	[SLUICE_A_RULE_ICMP_TYPE] = RULE("icmp-type", U8, icmp_type),
	[SLUICE_A_RULE_ICMP_CODE] = RULE("icmp-code", U8, icmp_code),
	[SLUICE_A_RULE_TIER] = {
		.name = "tier", .kind = SLUICE_KIND_U32,
		.offset = offsetof(struct sluice_rule, tier),
		.names = sluice_policy_tiers,
		.preset = SLUICE_POLICY_TIER_NORMAL },
	[SLUICE_A_RULE_PRIORITY] = {
		.name = "priority", .kind = SLUICE_KIND_U32,
		.offset = offsetof(struct sluice_rule, priority),
		.preset = 1000 },
	[SLUICE_A_RULE_ACTION] = ENUM("action", U32, sluice_rule, action,
				      sluice_policy_actions),
	[SLUICE_A_RULE_COOKIE] = RULE("cookie", U64, cookie),
	[SLUICE_A_RULE_NAME] = RULE("name", STRING, name),
	[SLUICE_A_RULE_FLOWS] = RULE("flows", U64, flows),
	[SLUICE_A_RULE_PACKETS] = RULE("packets", U64, packets),
	[SLUICE_A_RULE_BYTES] = RULE("bytes", U64, bytes),
};
SET(sluice_rule_attrs, rule);

static const struct sluice_attr subject[] = {
	[SLUICE_A_SUBJECT_ID] = IDENTITY("id", sluice_subject, id),
	[SLUICE_A_SUBJECT_ISOLATE_INGRESS] =
		SWITCH("isolate-ingress", sluice_subject, isolate_ingress),
	[SLUICE_A_SUBJECT_ISOLATE_EGRESS] =
		SWITCH("isolate-egress", sluice_subject, isolate_egress),
	[SLUICE_A_SUBJECT_AUDIT] = SWITCH("audit", sluice_subject, audit),
	[SLUICE_A_SUBJECT_ON_DENY] = ENUM("on-deny", U32, sluice_subject,
					  on_deny, sluice_on_denys),
	[SLUICE_A_SUBJECT_ESTABLISHED] =
		ENUM("established", U32, sluice_subject, established,
		     sluice_establisheds),
};
SET(sluice_subject_attrs, subject);

ARRAY(ids, sluice_ids, id);

#define JUDGEMENT(_name, _member, _names) \
	ENUM(_name, U32, sluice_judgement, _member, _names)

static const struct sluice_attr judgement[] = {
	[SLUICE_A_JUDGEMENT_DIRECTION] =
		JUDGEMENT("direction", direction, sluice_policy_directions),
	[SLUICE_A_JUDGEMENT_ACTION] = JUDGEMENT("action", action,
						sluice_policy_actions),
	[SLUICE_A_JUDGEMENT_WHY] = JUDGEMENT("why", why, sluice_policy_whys),
	[SLUICE_A_JUDGEMENT_SUBJECT] = IDENTITY("subject", sluice_judgement,
						subject),
	[SLUICE_A_JUDGEMENT_PEER] = IDENTITY("peer", sluice_judgement, peer),
	[SLUICE_A_JUDGEMENT_COOKIE] = VALUE("cookie", U64, sluice_judgement,
					    cookie),
	[SLUICE_A_JUDGEMENT_NAME] = VALUE("name", STRING, sluice_judgement,
					  name),
	[SLUICE_A_JUDGEMENT_SUBJECTS] = LIST("subjects", sluice_judgement,
					     subjects, NULL, &ids),
	[SLUICE_A_JUDGEMENT_PEERS] = LIST("peers", sluice_judgement, peers,
					  NULL, &ids),
};
SET(sluice_judgement_attrs, judgement);

static const struct sluice_attr fallback[] = {
	[SLUICE_A_FALLBACK_REASON] = ENUM("reason", U32, sluice_device_fallback,
					  reason, sluice_fallback_reasons),
	[SLUICE_A_FALLBACK_PACKETS] = VALUE("packets", U64, sluice_device_fallback,
					    packets),
};
SET(sluice_fallback_attrs, fallback);

ARRAY(fallbacks, sluice_device_fallbacks, fallback);

static const struct sluice_attr left[] = {
	[SLUICE_A_LEFT_REASON] = ENUM("reason", U32, sluice_device_left, reason,
				      sluice_short_cut_reasons),
	[SLUICE_A_LEFT_SEGMENTS] = VALUE("segments", U64, sluice_device_left,
					 segments),
};
SET(sluice_left_attrs, left);

ARRAY(lefts, sluice_device_lefts, left);

#define DEVICE(_name, _kind, _member) \
	VALUE(_name, _kind, sluice_device, _member)

static const struct sluice_attr device[] = {
	[SLUICE_A_DEVICE_NAME] = DEVICE("name", STRING, name),
	[SLUICE_A_DEVICE_ADDRESSES] = PREFIXES("addresses", sluice_device,
					       addresses, "none"),
	[SLUICE_A_DEVICE_IFINDEX] = DEVICE("ifindex", U32, ifindex),
	[SLUICE_A_DEVICE_DROPS] = DEVICE("drops", U64, drops),
	[SLUICE_A_DEVICE_FAST_PATH] = {
		.name = "fast-path", .kind = SLUICE_KIND_U8,
		.offset = offsetof(struct sluice_device, fast_path),
		.form = SLUICE_FORM_SWITCH, .preset = 1 },
	[SLUICE_A_DEVICE_NETFILTER] = {
		.name = "netfilter", .kind = SLUICE_KIND_U32,
		.offset = offsetof(struct sluice_device, netfilter),
		.names = sluice_device_netfilters,
		.preset = SLUICE_DEVICE_NETFILTER_HEED },
	[SLUICE_A_DEVICE_SENT] = DEVICE("sent", U64, sent),
	[SLUICE_A_DEVICE_FALLBACK] = LIST("fallback", sluice_device, fallbacks,
					  &sluice_fallback_attrs, &fallbacks),
	[SLUICE_A_DEVICE_ATTACHED] = DEVICE("attached", U32, attached),
	[SLUICE_A_DEVICE_POD_SIDE] = SWITCH("pod-side", sluice_device,
					    pod_side),
	[SLUICE_A_DEVICE_PODS] = DEVICE("pods", U32, pods),
	[SLUICE_A_DEVICE_HANDED_OVER] = DEVICE("handed-over", U64,
					       handed_over),
	[SLUICE_A_DEVICE_REDIRECTED] = DEVICE("redirected", U64, redirected),
	[SLUICE_A_DEVICE_SHORT_CUT] = SWITCH("short-cut", sluice_device,
					     short_cut),
	[SLUICE_A_DEVICE_SEGMENTS] = DEVICE("segments", U64, segments),
	[SLUICE_A_DEVICE_SOCKETS] = DEVICE("sockets", U64, sockets),
	[SLUICE_A_DEVICE_LEFT] = LIST("left", sluice_device, lefts,
				      &sluice_left_attrs, &lefts),
};
SET(sluice_device_attrs, device);

static const struct sluice_attr event[] = {
	[SLUICE_A_EVENT_TYPE] = ENUM("type", U32, sluice_event, type,
				     sluice_event_types),
	[SLUICE_A_EVENT_REASON] = ENUM("reason", U32, sluice_event, reason,
				       sluice_drop_reasons),
	[SLUICE_A_EVENT_PROTO] = ENUM("proto", U8, sluice_event, proto,
				      sluice_protocols),
	[SLUICE_A_EVENT_TUPLE] = NEST("tuple", sluice_event, tuple,
				      &sluice_tuple_attrs),
	[SLUICE_A_EVENT_LOST] = VALUE("lost", U64, sluice_event, lost),
	[SLUICE_A_EVENT_JUDGEMENT] = NEST("judgement", sluice_event, judgement,
					  &sluice_judgement_attrs),
	[SLUICE_A_EVENT_DEVICE] = VALUE("device", STRING, sluice_event, device),
};
SET(sluice_event_attrs, event);

static const struct sluice_attr change[] = {
	[SLUICE_A_CHANGE_SERVICE] = NEST("service", sluice_change, service,
					 &sluice_service_attrs),
	[SLUICE_A_CHANGE_BACKEND] = NEST("backend", sluice_change, backend,
					 &sluice_backend_attrs),
	[SLUICE_A_CHANGE_OP] = ENUM("op", U32, sluice_change, op,
				    sluice_change_ops),
	[SLUICE_A_CHANGE_FLAGS] = VALUE("flags", U32, sluice_change, flags),
	[SLUICE_A_CHANGE_SETTINGS] = NEST("settings", sluice_change, settings,
					  &sluice_settings_attrs),
	[SLUICE_A_CHANGE_IDENTITY] = NEST("identity", sluice_change, identity,
					  &sluice_identity_attrs),
	[SLUICE_A_CHANGE_RULE] = NEST("rule", sluice_change, rule,
				      &sluice_rule_attrs),
	[SLUICE_A_CHANGE_SUBJECT] = NEST("subject", sluice_change, subject,
					 &sluice_subject_attrs),
	[SLUICE_A_CHANGE_DEVICE] = NEST("device", sluice_change, device,
					&sluice_device_attrs),
};
SET(sluice_change_attrs, change);

#define EXPLAIN(_name, _member, _names) \
	ENUM(_name, U32, sluice_explain, _member, _names)

static const struct sluice_attr explain[] = {
	[SLUICE_A_EXPLAIN_PROTO] = ENUM("proto", U8, sluice_explain, proto,
					sluice_protocols),
	[SLUICE_A_EXPLAIN_PACKET] = NEST("packet", sluice_explain, packet,
					 &sluice_tuple_attrs),
	[SLUICE_A_EXPLAIN_OUTCOME] = EXPLAIN("outcome", outcome,
					     sluice_outcomes),
	[SLUICE_A_EXPLAIN_BY] = EXPLAIN("by", by, sluice_decided_bys),
	[SLUICE_A_EXPLAIN_OUT] = NEST("out", sluice_explain, out,
				      &sluice_tuple_attrs),
	[SLUICE_A_EXPLAIN_REASON] = EXPLAIN("reason", reason,
					    sluice_drop_reasons),
	[SLUICE_A_EXPLAIN_CANDIDATES] = VALUE("candidates", U32, sluice_explain,
					      candidates),
	[SLUICE_A_EXPLAIN_DEVICE] = VALUE("device", STRING, sluice_explain,
					  device),
	[SLUICE_A_EXPLAIN_ICMP_TYPE] = VALUE("icmp-type", U8, sluice_explain,
					     icmp_type),
	[SLUICE_A_EXPLAIN_ICMP_CODE] = VALUE("icmp-code", U8, sluice_explain,
					     icmp_code),
	[SLUICE_A_EXPLAIN_FAST_PATH] = EXPLAIN("fast-path", fast_path,
					       sluice_fast_paths),
	[SLUICE_A_EXPLAIN_FALLBACK] = EXPLAIN("fallback", fallback,
					      sluice_fallback_reasons),
	[SLUICE_A_EXPLAIN_PATH] = NEST("path", sluice_explain, path,
				       &sluice_path_attrs),
};
SET(sluice_explain_attrs, explain);

#define OBJECT(_name) NEST(#_name, sluice_msg, _name, &sluice_##_name##_attrs)

static const struct sluice_attr objects[] = {
	[SLUICE_A_SERVICE] = OBJECT(service),
	[SLUICE_A_BACKEND] = OBJECT(backend),
	[SLUICE_A_FLOW] = OBJECT(flow),
	[SLUICE_A_STATS] = OBJECT(stats),
	[SLUICE_A_SETTINGS] = OBJECT(settings),
	[SLUICE_A_EVENT] = OBJECT(event),
	/* No message for userspace has it. */
	[SLUICE_A_CHANGE] = { .name = "change",
			      .nested = &sluice_change_attrs },
	[SLUICE_A_EXPLAIN] = OBJECT(explain),
	[SLUICE_A_IDENTITY] = OBJECT(identity),
	[SLUICE_A_RULE] = OBJECT(rule),
	[SLUICE_A_SUBJECT] = OBJECT(subject),
	[SLUICE_A_JUDGEMENT] = LIST("judgement", sluice_msg, judgements,
				    &sluice_judgement_attrs, &judgements),
	[SLUICE_A_DEVICE] = OBJECT(device),
};
SET(sluice_main_attrs, objects);

/**
 * sluice_attr_number - the value of a numeric member
 * @attr: describes the member
 * @obj: the struct of its set
 *
 * Return: the value; 0 for kinds that are not numbers.
 */
uint64_t sluice_attr_number(const struct sluice_attr *attr, const void *obj)
{
	const void *member = (const char *)obj + attr->offset;

	switch (attr->kind) {
	case SLUICE_KIND_U8:
		return *(const uint8_t *)member;
	case SLUICE_KIND_U16:
	case SLUICE_KIND_BE16:
		return *(const uint16_t *)member;
	case SLUICE_KIND_U32:
		return *(const uint32_t *)member;
	case SLUICE_KIND_U64:
		return *(const uint64_t *)member;
	default:
		return 0;
	}
}

/**
 * sluice_attr_set_number - set a numeric member
 * @attr: describes the member
 * @obj: the struct of its set
 * @value: within sluice_attr_limit()
 */
void sluice_attr_set_number(const struct sluice_attr *attr, void *obj,
			    uint64_t value)
{
	void *member = (char *)obj + attr->offset;

	switch (attr->kind) {
	case SLUICE_KIND_U8:
		*(uint8_t *)member = value;
		break;
	case SLUICE_KIND_U16:
	case SLUICE_KIND_BE16:
		*(uint16_t *)member = value;
		break;
	case SLUICE_KIND_U32:
		*(uint32_t *)member = value;
		break;
	case SLUICE_KIND_U64:
		*(uint64_t *)member = value;
		break;
	default:
		break;
	}
}

/**
 * sluice_attr_limit - the greatest number an attribute can carry
 * @attr: the attribute
 *
 * Return: the greatest value; 0 for kinds that are not numbers.
 */
uint64_t sluice_attr_limit(const struct sluice_attr *attr)
{
	switch (attr->kind) {
	case SLUICE_KIND_U8:
		return UINT8_MAX;
	case SLUICE_KIND_U16:
	case SLUICE_KIND_BE16:
		return UINT16_MAX;
	case SLUICE_KIND_U32:
		return UINT32_MAX;
	case SLUICE_KIND_U64:
		return UINT64_MAX;
	default:
		return 0;
	}
}
