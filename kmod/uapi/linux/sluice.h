/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/sluice.yaml */
/* YNL-GEN uapi header */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#ifndef _UAPI_LINUX_SLUICE_H
#define _UAPI_LINUX_SLUICE_H

#define SLUICE_FAMILY_NAME	"sluice"
#define SLUICE_FAMILY_VERSION	1

/**
 * enum sluice_scheduler - How a service chooses the backend of a new flow.
 * @SLUICE_SCHEDULER_RANDOM: At random, in proportion to the weights.
 * @SLUICE_SCHEDULER_RR: In turn; weights count only as zero or not zero.
 * @SLUICE_SCHEDULER_WRR: In turn, in proportion to the weights.
 * @SLUICE_SCHEDULER_MAGLEV: By a hash of the client's tuple in a Maglev table,
 *   in proportion to the weights; the same choice on every node with the same
 *   backends.
 * @SLUICE_SCHEDULER_LC: The backend with the fewest flows, of which one that
 *   is closing counts as a 256th of another one.
 * @SLUICE_SCHEDULER_WLC: The same in proportion to the weights.
 * @SLUICE_SCHEDULER_SH: By a hash of the client's address alone in a Maglev
 *   table, in proportion to the weights; the same choice on every node.
 */
enum sluice_scheduler {
	SLUICE_SCHEDULER_RANDOM = 1,
	SLUICE_SCHEDULER_RR,
	SLUICE_SCHEDULER_WRR,
	SLUICE_SCHEDULER_MAGLEV,
	SLUICE_SCHEDULER_LC,
	SLUICE_SCHEDULER_WLC,
	SLUICE_SCHEDULER_SH,

	/* private: */
	__SLUICE_SCHEDULER_MAX,
	SLUICE_SCHEDULER_MAX = (__SLUICE_SCHEDULER_MAX - 1)
};

/**
 * enum sluice_masquerade - Which flows of a service get the node's address as
 *   their source.
 * @SLUICE_MASQUERADE_NEVER: None; a client that is its own backend gets no
 *   answers.
 * @SLUICE_MASQUERADE_HAIRPIN: Those whose client is the chosen backend itself.
 * @SLUICE_MASQUERADE_OFF_CLUSTER: Those and the ones of clients outside the
 *   pod prefixes; of an external service all, unless its traffic policy keeps
 *   them on this node.
 * @SLUICE_MASQUERADE_ALWAYS: All.
 */
enum sluice_masquerade {
	SLUICE_MASQUERADE_NEVER = 1,
	SLUICE_MASQUERADE_HAIRPIN,
	SLUICE_MASQUERADE_OFF_CLUSTER,
	SLUICE_MASQUERADE_ALWAYS,

	/* private: */
	__SLUICE_MASQUERADE_MAX,
	SLUICE_MASQUERADE_MAX = (__SLUICE_MASQUERADE_MAX - 1)
};

/**
 * enum sluice_no_backend - What happens to packets for which a service has no
 *   backend.
 * @SLUICE_NO_BACKEND_REJECT: Answered by a TCP RST or an ICMP port
 *   unreachable.
 * @SLUICE_NO_BACKEND_DROP: Dropped without an answer.
 */
enum sluice_no_backend {
	SLUICE_NO_BACKEND_REJECT = 1,
	SLUICE_NO_BACKEND_DROP,

	/* private: */
	__SLUICE_NO_BACKEND_MAX,
	SLUICE_NO_BACKEND_MAX = (__SLUICE_NO_BACKEND_MAX - 1)
};

/**
 * enum sluice_removal - What happens to TCP flows of a backend that is
 *   deleted.
 * @SLUICE_REMOVAL_RESET: With their next packet both ends are told by a RST.
 * @SLUICE_REMOVAL_FINISH: They go on until they end.
 */
enum sluice_removal {
	SLUICE_REMOVAL_RESET = 1,
	SLUICE_REMOVAL_FINISH,

	/* private: */
	__SLUICE_REMOVAL_MAX,
	SLUICE_REMOVAL_MAX = (__SLUICE_REMOVAL_MAX - 1)
};

/**
 * enum sluice_scope - Whom the address of a service is for.
 * @SLUICE_SCOPE_INTERNAL: Clients in the cluster.
 * @SLUICE_SCOPE_EXTERNAL: Clients outside; a node port, external or
 *   load-balancer address.
 */
enum sluice_scope {
	SLUICE_SCOPE_INTERNAL = 1,
	SLUICE_SCOPE_EXTERNAL,

	/* private: */
	__SLUICE_SCOPE_MAX,
	SLUICE_SCOPE_MAX = (__SLUICE_SCOPE_MAX - 1)
};

/**
 * enum sluice_traffic_policy - Which backends take new flows.
 * @SLUICE_TRAFFIC_POLICY_CLUSTER: All.
 * @SLUICE_TRAFFIC_POLICY_LOCAL: Those on this node.
 */
enum sluice_traffic_policy {
	SLUICE_TRAFFIC_POLICY_CLUSTER = 1,
	SLUICE_TRAFFIC_POLICY_LOCAL,

	/* private: */
	__SLUICE_TRAFFIC_POLICY_MAX,
	SLUICE_TRAFFIC_POLICY_MAX = (__SLUICE_TRAFFIC_POLICY_MAX - 1)
};

/**
 * enum sluice_forward - How packets get to a backend, and its replies to the
 *   client.
 * @SLUICE_FORWARD_NAT: With the backend's address and port; replies come back
 *   this way.
 * @SLUICE_FORWARD_L2: Unchanged, to the backend as the next hop; it has the
 *   service's address and replies straight to the client.
 * @SLUICE_FORWARD_TUNNEL: The same, inside of an IPv4 or IPv6 packet to the
 *   backend: IPIP or IP6IP6.
 * @SLUICE_FORWARD_RELAY: Of a service: likewise to the backend's node, which
 *   has the same service; it takes the packet out, and gives it the backend's
 *   address and port. To backends of this node, and for clients in the
 *   cluster, as nat.
 */
enum sluice_forward {
	SLUICE_FORWARD_NAT = 1,
	SLUICE_FORWARD_L2,
	SLUICE_FORWARD_TUNNEL,
	SLUICE_FORWARD_RELAY,

	/* private: */
	__SLUICE_FORWARD_MAX,
	SLUICE_FORWARD_MAX = (__SLUICE_FORWARD_MAX - 1)
};

/**
 * enum sluice_backend_state - Whether a backend takes new flows and keeps
 *   those it has.
 * @SLUICE_BACKEND_STATE_ACTIVE: Takes new flows.
 * @SLUICE_BACKEND_STATE_DRAINING: Keeps its flows, and takes new ones only if
 *   no active backend with a weight is left.
 * @SLUICE_BACKEND_STATE_DOWN: Takes no new flows and its flows are decided
 *   again.
 */
enum sluice_backend_state {
	SLUICE_BACKEND_STATE_ACTIVE = 1,
	SLUICE_BACKEND_STATE_DRAINING,
	SLUICE_BACKEND_STATE_DOWN,

	/* private: */
	__SLUICE_BACKEND_STATE_MAX,
	SLUICE_BACKEND_STATE_MAX = (__SLUICE_BACKEND_STATE_MAX - 1)
};

/**
 * enum sluice_flow_state - How far a flow has come.
 * @SLUICE_FLOW_STATE_UNREPLIED: No packet of the reply direction has been
 *   seen.
 * @SLUICE_FLOW_STATE_ESTABLISHED: Packets of both directions have been seen;
 *   where replies do not come by here, some more of the client's.
 * @SLUICE_FLOW_STATE_CLOSING: TCP only, a FIN in each direction or a RST has
 *   been seen.
 */
enum sluice_flow_state {
	SLUICE_FLOW_STATE_UNREPLIED = 1,
	SLUICE_FLOW_STATE_ESTABLISHED,
	SLUICE_FLOW_STATE_CLOSING,
};

/**
 * enum sluice_drop_reason - Why a packet was dropped.
 * @SLUICE_DROP_REASON_NO_BACKEND: The service has no backend that takes new
 *   flows.
 * @SLUICE_DROP_REASON_FLOW_LIMIT: The flow table is at its limit and nothing
 *   could be evicted.
 * @SLUICE_DROP_REASON_NO_PORT: No source port is left that tells this flow
 *   from the others.
 * @SLUICE_DROP_REASON_NO_MEMORY: No memory for a flow or for a writable packet
 *   header.
 * @SLUICE_DROP_REASON_NO_ROUTE: The backend chosen has no route, or the node
 *   no address towards it.
 * @SLUICE_DROP_REASON_NO_LOCAL_BACKEND: The service wants a backend on this
 *   node and none here takes new flows.
 * @SLUICE_DROP_REASON_SOURCE_RANGE: The service's source ranges do not allow
 *   the client.
 * @SLUICE_DROP_REASON_BACKEND_GONE: The TCP connection's backend or service
 *   was removed; the sender was answered by a RST, and its receiver got one.
 * @SLUICE_DROP_REASON_TOO_BIG: The packet does not fit in the tunnel and must
 *   not be fragmented; the sender was told the MTU by ICMP.
 * @SLUICE_DROP_REASON_POLICY_RULE: A rule of the policy denies it.
 * @SLUICE_DROP_REASON_POLICY_ISOLATION: An end is isolated and no rule of the
 *   policy allows it.
 * @SLUICE_DROP_REASON_POLICY_STRICT: It is of a connection of which nobody has
 *   seen the beginning; see policy-tcp.
 * @SLUICE_DROP_REASON_SPOOFED: Its device is bound to addresses, and the
 *   sender claims another one, by IP, ARP or neighbour discovery.
 */
enum sluice_drop_reason {
	SLUICE_DROP_REASON_NO_BACKEND = 1,
	SLUICE_DROP_REASON_FLOW_LIMIT,
	SLUICE_DROP_REASON_NO_PORT,
	SLUICE_DROP_REASON_NO_MEMORY,
	SLUICE_DROP_REASON_NO_ROUTE,
	SLUICE_DROP_REASON_NO_LOCAL_BACKEND,
	SLUICE_DROP_REASON_SOURCE_RANGE,
	SLUICE_DROP_REASON_BACKEND_GONE,
	SLUICE_DROP_REASON_TOO_BIG,
	SLUICE_DROP_REASON_POLICY_RULE,
	SLUICE_DROP_REASON_POLICY_ISOLATION,
	SLUICE_DROP_REASON_POLICY_STRICT,
	SLUICE_DROP_REASON_SPOOFED,

	/* private: */
	__SLUICE_DROP_REASON_MAX,
	SLUICE_DROP_REASON_MAX = (__SLUICE_DROP_REASON_MAX - 1)
};

/**
 * enum sluice_flow_door - Where the last packet of a direction has been dealt
 *   with.
 * @SLUICE_FLOW_DOOR_NETFILTER: In the node's netfilter hooks, the slow path.
 * @SLUICE_FLOW_DOOR_DEVICE: Where an attached device has received it, the fast
 *   path.
 * @SLUICE_FLOW_DOOR_POD: Where a pod has sent it, at the other end of an
 *   attached device.
 * @SLUICE_FLOW_DOOR_XDP: In an XDP program, which has asked the module.
 * @SLUICE_FLOW_DOOR_TC: In a tc program, likewise.
 * @SLUICE_FLOW_DOOR_SOCKET: In the socket that has sent it, by the short-cut.
 */
enum sluice_flow_door {
	SLUICE_FLOW_DOOR_NETFILTER,
	SLUICE_FLOW_DOOR_DEVICE,
	SLUICE_FLOW_DOOR_POD,
	SLUICE_FLOW_DOOR_XDP,
	SLUICE_FLOW_DOOR_TC,
	SLUICE_FLOW_DOOR_SOCKET,

	/* private: */
	__SLUICE_FLOW_DOOR_MAX,
	SLUICE_FLOW_DOOR_MAX = (__SLUICE_FLOW_DOOR_MAX - 1)
};

/**
 * enum sluice_fallback - Why the fast path has left a packet to the slow path,
 *   which decides and delivers it.
 * @SLUICE_FALLBACK_FRAME: It was not sent to the device's hardware address,
 *   has a VLAN tag, a mark or a tunnel around it, or the device is part of a
 *   bridge, a bond or the like, or somebody has a packet socket for one
 *   protocol on it.
 * @SLUICE_FALLBACK_PROTOCOL: It is not TCP or UDP over IPv4 or IPv6.
 * @SLUICE_FALLBACK_HEADER: Its headers are not whole or contradict each other.
 * @SLUICE_FALLBACK_OPTIONS: It has IPv4 options or IPv6 extension headers.
 * @SLUICE_FALLBACK_FRAGMENT: It is a fragment.
 * @SLUICE_FALLBACK_TTL: It has no hop left.
 * @SLUICE_FALLBACK_NETFILTER: Others have netfilter hooks where packets are
 *   forwarded, and the device does not skip them.
 * @SLUICE_FALLBACK_UNDECIDED: There is no flow for it, and there will be none;
 *   or it is to be dropped or answered.
 * @SLUICE_FALLBACK_FORWARD: Its service sends packets to backends unchanged.
 * @SLUICE_FALLBACK_ROUTE: There is no route, it leads to the node itself, or
 *   the fast path may not take it.
 * @SLUICE_FALLBACK_MTU: It does not fit.
 * @SLUICE_FALLBACK_MEMORY: There was no memory to rewrite it.
 */
enum sluice_fallback {
	SLUICE_FALLBACK_FRAME = 1,
	SLUICE_FALLBACK_PROTOCOL,
	SLUICE_FALLBACK_HEADER,
	SLUICE_FALLBACK_OPTIONS,
	SLUICE_FALLBACK_FRAGMENT,
	SLUICE_FALLBACK_TTL,
	SLUICE_FALLBACK_NETFILTER,
	SLUICE_FALLBACK_UNDECIDED,
	SLUICE_FALLBACK_FORWARD,
	SLUICE_FALLBACK_ROUTE,
	SLUICE_FALLBACK_MTU,
	SLUICE_FALLBACK_MEMORY,

	/* private: */
	__SLUICE_FALLBACK_MAX,
	SLUICE_FALLBACK_MAX = (__SLUICE_FALLBACK_MAX - 1)
};

/**
 * enum sluice_short_cut_reason - Why a segment of a connection that has the
 *   short-cut went by the stack.
 * @SLUICE_SHORT_CUT_REASON_SOCKET: Its socket has what only IP heeds: options,
 *   programs of its control group, encryption, a delay.
 * @SLUICE_SHORT_CUT_REASON_SEGMENT: It is too long for one packet of IP, or
 *   somebody waits to hear that it was sent (time stamps, MSG_ZEROCOPY).
 * @SLUICE_SHORT_CUT_REASON_ROUTE: Its route is one of IPsec, of a VRF or of a
 *   tunnel, has no hop left, or the way is closed.
 * @SLUICE_SHORT_CUT_REASON_BOUND: The device is bound to other addresses.
 * @SLUICE_SHORT_CUT_REASON_FLOW: Its flow is not there, is to be decided or
 *   judged anew, or does not lead into a pod.
 * @SLUICE_SHORT_CUT_REASON_SEEN: Somebody would see it on its way: packet
 *   sockets, queueing disciplines, tc, XDP, netfilter.
 * @SLUICE_SHORT_CUT_REASON_NESTED: It is sent while others are being received,
 *   too deep for one more.
 */
enum sluice_short_cut_reason {
	SLUICE_SHORT_CUT_REASON_SOCKET = 1,
	SLUICE_SHORT_CUT_REASON_SEGMENT,
	SLUICE_SHORT_CUT_REASON_ROUTE,
	SLUICE_SHORT_CUT_REASON_BOUND,
	SLUICE_SHORT_CUT_REASON_FLOW,
	SLUICE_SHORT_CUT_REASON_SEEN,
	SLUICE_SHORT_CUT_REASON_NESTED,

	/* private: */
	__SLUICE_SHORT_CUT_REASON_MAX,
	SLUICE_SHORT_CUT_REASON_MAX = (__SLUICE_SHORT_CUT_REASON_MAX - 1)
};

/**
 * enum sluice_path_kind - By which way packets of a flow leave.
 * @SLUICE_PATH_KIND_STACK: By the slow path.
 * @SLUICE_PATH_KIND_LINK: By a device of the node.
 * @SLUICE_PATH_KIND_POD: Straight to the other end of a veth device.
 */
enum sluice_path_kind {
	SLUICE_PATH_KIND_STACK = 1,
	SLUICE_PATH_KIND_LINK,
	SLUICE_PATH_KIND_POD,

	/* private: */
	__SLUICE_PATH_KIND_MAX,
	SLUICE_PATH_KIND_MAX = (__SLUICE_PATH_KIND_MAX - 1)
};

/**
 * enum sluice_fast_path - Whether a packet would take the fast path.
 * @SLUICE_FAST_PATH_TAKEN: It would.
 * @SLUICE_FAST_PATH_LEFT: The fast path would leave it to the slow path.
 * @SLUICE_FAST_PATH_OFF: Packets of its device may not take the fast path.
 * @SLUICE_FAST_PATH_UNATTACHED: No such device is attached.
 */
enum sluice_fast_path {
	SLUICE_FAST_PATH_TAKEN = 1,
	SLUICE_FAST_PATH_LEFT,
	SLUICE_FAST_PATH_OFF,
	SLUICE_FAST_PATH_UNATTACHED,

	/* private: */
	__SLUICE_FAST_PATH_MAX,
	SLUICE_FAST_PATH_MAX = (__SLUICE_FAST_PATH_MAX - 1)
};

/**
 * enum sluice_device_netfilter - What the fast path does where others have
 *   netfilter hooks.
 * @SLUICE_DEVICE_NETFILTER_HEED: Leave packets to the slow path, where those
 *   hooks see them.
 * @SLUICE_DEVICE_NETFILTER_SKIP: Leave out those hooks.
 */
enum sluice_device_netfilter {
	SLUICE_DEVICE_NETFILTER_HEED,
	SLUICE_DEVICE_NETFILTER_SKIP,

	/* private: */
	__SLUICE_DEVICE_NETFILTER_MAX,
	SLUICE_DEVICE_NETFILTER_MAX = (__SLUICE_DEVICE_NETFILTER_MAX - 1)
};

/**
 * enum sluice_change_op - What a change of a transaction does.
 * @SLUICE_CHANGE_OP_SERVICE_NEW: As the request service-new, with the flags of
 *   the change.
 * @SLUICE_CHANGE_OP_SERVICE_DEL: As the request service-del.
 * @SLUICE_CHANGE_OP_SERVICE_FLUSH: As the request service-flush.
 * @SLUICE_CHANGE_OP_BACKEND_NEW: As the request backend-new, with the flags of
 *   the change.
 * @SLUICE_CHANGE_OP_BACKEND_DEL: As the request backend-del.
 * @SLUICE_CHANGE_OP_BACKEND_FLUSH: As the request backend-flush.
 * @SLUICE_CHANGE_OP_SETTINGS_SET: As the request settings-set.
 * @SLUICE_CHANGE_OP_REPLACE_ALL: To the changes behind it there are no
 *   services, backends, identities, rules, subjects and devices. Those created
 *   again keep their flows and counters, what is left out of them is as for
 *   new ones; the others are deleted.
 * @SLUICE_CHANGE_OP_BACKEND_REPLACE_ALL: The same for the backends of one
 *   service.
 * @SLUICE_CHANGE_OP_IDENTITY_NEW: As the request identity-new, with the flags
 *   of the change.
 * @SLUICE_CHANGE_OP_IDENTITY_DEL: As the request identity-del.
 * @SLUICE_CHANGE_OP_IDENTITY_FLUSH: As the request identity-flush.
 * @SLUICE_CHANGE_OP_RULE_NEW: As the request rule-new, with the flags of the
 *   change.
 * @SLUICE_CHANGE_OP_RULE_DEL: As the request rule-del.
 * @SLUICE_CHANGE_OP_SUBJECT_SET: As the request subject-set.
 * @SLUICE_CHANGE_OP_POLICY_FLUSH: As the request policy-flush.
 * @SLUICE_CHANGE_OP_DEVICE_NEW: As the request device-new, with the flags of
 *   the change.
 * @SLUICE_CHANGE_OP_DEVICE_DEL: As the request device-del.
 * @SLUICE_CHANGE_OP_DEVICE_FLUSH: As the request device-flush.
 * @SLUICE_CHANGE_OP_POLICY_REPLACE_ALL: As replace-all, but of identities,
 *   rules and subjects only; all else stays as it is.
 */
enum sluice_change_op {
	SLUICE_CHANGE_OP_SERVICE_NEW = 1,
	SLUICE_CHANGE_OP_SERVICE_DEL,
	SLUICE_CHANGE_OP_SERVICE_FLUSH,
	SLUICE_CHANGE_OP_BACKEND_NEW,
	SLUICE_CHANGE_OP_BACKEND_DEL,
	SLUICE_CHANGE_OP_BACKEND_FLUSH,
	SLUICE_CHANGE_OP_SETTINGS_SET,
	SLUICE_CHANGE_OP_REPLACE_ALL,
	SLUICE_CHANGE_OP_BACKEND_REPLACE_ALL,
	SLUICE_CHANGE_OP_IDENTITY_NEW,
	SLUICE_CHANGE_OP_IDENTITY_DEL,
	SLUICE_CHANGE_OP_IDENTITY_FLUSH,
	SLUICE_CHANGE_OP_RULE_NEW,
	SLUICE_CHANGE_OP_RULE_DEL,
	SLUICE_CHANGE_OP_SUBJECT_SET,
	SLUICE_CHANGE_OP_POLICY_FLUSH,
	SLUICE_CHANGE_OP_DEVICE_NEW,
	SLUICE_CHANGE_OP_DEVICE_DEL,
	SLUICE_CHANGE_OP_DEVICE_FLUSH,
	SLUICE_CHANGE_OP_POLICY_REPLACE_ALL,

	/* private: */
	__SLUICE_CHANGE_OP_MAX,
	SLUICE_CHANGE_OP_MAX = (__SLUICE_CHANGE_OP_MAX - 1)
};

/*
 * What NLM_F_CREATE, NLM_F_EXCL and NLM_F_REPLACE are to a request.
 */
enum sluice_change_flag {
	SLUICE_CHANGE_FLAG_CREATE = 1,
	SLUICE_CHANGE_FLAG_EXCL = 2,
	SLUICE_CHANGE_FLAG_REPLACE = 4,
};

/**
 * enum sluice_event_type - What an event tells of.
 * @SLUICE_EVENT_TYPE_DROP: A packet was dropped.
 * @SLUICE_EVENT_TYPE_EVICT: A flow was evicted because the flow table was at
 *   its limit.
 * @SLUICE_EVENT_TYPE_AUDIT: A packet would have been dropped, but for the
 *   audit mode.
 */
enum sluice_event_type {
	SLUICE_EVENT_TYPE_DROP = 1,
	SLUICE_EVENT_TYPE_EVICT,
	SLUICE_EVENT_TYPE_AUDIT,
};

/**
 * enum sluice_flow_end - Why a flow has ended.
 * @SLUICE_FLOW_END_EXPIRED: No packet came any more; see the timeouts of
 *   settings.
 * @SLUICE_FLOW_END_EVICTED: The flow table was at its limit.
 * @SLUICE_FLOW_END_RETIRED: By a change of the configuration, by request, or
 *   because its client used the port again.
 */
enum sluice_flow_end {
	SLUICE_FLOW_END_EXPIRED = 1,
	SLUICE_FLOW_END_EVICTED,
	SLUICE_FLOW_END_RETIRED,
};

/**
 * enum sluice_outcome - What becomes of a packet.
 * @SLUICE_OUTCOME_PASS: It goes on as it is.
 * @SLUICE_OUTCOME_TRANSLATE: It goes on with other addresses or ports.
 * @SLUICE_OUTCOME_DROP: It is dropped.
 * @SLUICE_OUTCOME_REJECT: It is dropped, and its sender is told by a RST or an
 *   ICMP error.
 * @SLUICE_OUTCOME_L2: It goes to the backend as the next hop, as it is.
 * @SLUICE_OUTCOME_TUNNEL: It goes to the backend inside of another packet, as
 *   it is.
 * @SLUICE_OUTCOME_ANSWER: It is an echo request and answered by the node.
 */
enum sluice_outcome {
	SLUICE_OUTCOME_PASS = 1,
	SLUICE_OUTCOME_TRANSLATE,
	SLUICE_OUTCOME_DROP,
	SLUICE_OUTCOME_REJECT,
	SLUICE_OUTCOME_L2,
	SLUICE_OUTCOME_TUNNEL,
	SLUICE_OUTCOME_ANSWER,
};

/**
 * enum sluice_decided_by - On what an outcome rests.
 * @SLUICE_DECIDED_BY_NOTHING: The packet is no business of the module.
 * @SLUICE_DECIDED_BY_FLOW: It belongs to a flow.
 * @SLUICE_DECIDED_BY_SERVICE: It begins a flow to a service.
 * @SLUICE_DECIDED_BY_EGRESS: It is a pod's and leaves the cluster with the
 *   node's address; see egress-masquerade.
 * @SLUICE_DECIDED_BY_DIRECT: It goes to a backend's own address; it gets a
 *   flow, so that its answers are not taken for those of a service.
 * @SLUICE_DECIDED_BY_POLICY: The policy has been asked, and no service.
 * @SLUICE_DECIDED_BY_DEVICE: The device it comes from is bound to other
 *   addresses.
 */
enum sluice_decided_by {
	SLUICE_DECIDED_BY_NOTHING = 1,
	SLUICE_DECIDED_BY_FLOW,
	SLUICE_DECIDED_BY_SERVICE,
	SLUICE_DECIDED_BY_EGRESS,
	SLUICE_DECIDED_BY_DIRECT,
	SLUICE_DECIDED_BY_POLICY,
	SLUICE_DECIDED_BY_DEVICE,
};

/**
 * enum sluice_policy_direction - Which traffic of a subject a rule is about.
 * @SLUICE_POLICY_DIRECTION_INGRESS: What others begin, to the subject.
 * @SLUICE_POLICY_DIRECTION_EGRESS: What the subject begins.
 */
enum sluice_policy_direction {
	SLUICE_POLICY_DIRECTION_INGRESS = 1,
	SLUICE_POLICY_DIRECTION_EGRESS,

	/* private: */
	__SLUICE_POLICY_DIRECTION_MAX,
	SLUICE_POLICY_DIRECTION_MAX = (__SLUICE_POLICY_DIRECTION_MAX - 1)
};

/**
 * enum sluice_policy_tier - In which order rules are asked.
 * @SLUICE_POLICY_TIER_ADMIN: Of the administrator, above those of the
 *   subject's owner.
 * @SLUICE_POLICY_TIER_NORMAL: Of the subject's owner; having one in a
 *   direction isolates it there.
 * @SLUICE_POLICY_TIER_BASELINE: Of the administrator, for what the owner has
 *   left open.
 */
enum sluice_policy_tier {
	SLUICE_POLICY_TIER_ADMIN = 1,
	SLUICE_POLICY_TIER_NORMAL,
	SLUICE_POLICY_TIER_BASELINE,

	/* private: */
	__SLUICE_POLICY_TIER_MAX,
	SLUICE_POLICY_TIER_MAX = (__SLUICE_POLICY_TIER_MAX - 1)
};

/**
 * enum sluice_policy_action - What a rule does with what it matches.
 * @SLUICE_POLICY_ACTION_ALLOW: It may pass.
 * @SLUICE_POLICY_ACTION_DENY: It may not.
 * @SLUICE_POLICY_ACTION_PASS: The next tier is asked.
 */
enum sluice_policy_action {
	SLUICE_POLICY_ACTION_ALLOW = 1,
	SLUICE_POLICY_ACTION_DENY,
	SLUICE_POLICY_ACTION_PASS,

	/* private: */
	__SLUICE_POLICY_ACTION_MAX,
	SLUICE_POLICY_ACTION_MAX = (__SLUICE_POLICY_ACTION_MAX - 1)
};

/**
 * enum sluice_policy_why - On what a decision of the policy rests.
 * @SLUICE_POLICY_WHY_RULE: A rule allows or denies it.
 * @SLUICE_POLICY_WHY_ISOLATION: The subject is isolated and no rule has
 *   allowed it.
 * @SLUICE_POLICY_WHY_DEFAULT: Nothing is said about it, so it is allowed.
 * @SLUICE_POLICY_WHY_NODE: It is between the node and one of its pods; see
 *   policy-node-traffic.
 */
enum sluice_policy_why {
	SLUICE_POLICY_WHY_RULE = 1,
	SLUICE_POLICY_WHY_ISOLATION,
	SLUICE_POLICY_WHY_DEFAULT,
	SLUICE_POLICY_WHY_NODE,

	/* private: */
	__SLUICE_POLICY_WHY_MAX,
	SLUICE_POLICY_WHY_MAX = (__SLUICE_POLICY_WHY_MAX - 1)
};

/**
 * enum sluice_on_deny - How what a subject is denied is answered.
 * @SLUICE_ON_DENY_DROP: Not at all.
 * @SLUICE_ON_DENY_REJECT: By a TCP RST or an ICMP administratively prohibited.
 */
enum sluice_on_deny {
	SLUICE_ON_DENY_DROP,
	SLUICE_ON_DENY_REJECT,

	/* private: */
	__SLUICE_ON_DENY_MAX,
	SLUICE_ON_DENY_MAX = (__SLUICE_ON_DENY_MAX - 1)
};

/**
 * enum sluice_established - What happens to flows that a change of the policy
 *   denies.
 * @SLUICE_ESTABLISHED_CUT: Their packets are dropped; once allowed again, they
 *   go on.
 * @SLUICE_ESTABLISHED_RESET: TCP packets are answered by a RST, others
 *   dropped.
 * @SLUICE_ESTABLISHED_KEEP: They go on until they end.
 */
enum sluice_established {
	SLUICE_ESTABLISHED_CUT,
	SLUICE_ESTABLISHED_RESET,
	SLUICE_ESTABLISHED_KEEP,

	/* private: */
	__SLUICE_ESTABLISHED_MAX,
	SLUICE_ESTABLISHED_MAX = (__SLUICE_ESTABLISHED_MAX - 1)
};

/**
 * enum sluice_policy_tcp - What the policy does with a TCP packet that belongs
 *   to no flow and is no SYN.
 * @SLUICE_POLICY_TCP_LOOSE: It is allowed if a connection of the client and
 *   the server that its ports tell is, or one in either direction if they do
 *   not tell, so that connections go on which are older than the module.
 * @SLUICE_POLICY_TCP_STRICT: It is dropped, also if it has had a flow since
 *   before there were rules.
 */
enum sluice_policy_tcp {
	SLUICE_POLICY_TCP_LOOSE,
	SLUICE_POLICY_TCP_STRICT,

	/* private: */
	__SLUICE_POLICY_TCP_MAX,
	SLUICE_POLICY_TCP_MAX = (__SLUICE_POLICY_TCP_MAX - 1)
};

/**
 * enum sluice_policy_node_traffic - What holds for pods between them and the
 *   node they are on.
 * @SLUICE_POLICY_NODE_TRAFFIC_ALLOW: Everything is allowed; rules of the node
 *   itself hold.
 * @SLUICE_POLICY_NODE_TRAFFIC_JUDGE: Their rules hold.
 */
enum sluice_policy_node_traffic {
	SLUICE_POLICY_NODE_TRAFFIC_ALLOW,
	SLUICE_POLICY_NODE_TRAFFIC_JUDGE,

	/* private: */
	__SLUICE_POLICY_NODE_TRAFFIC_MAX,
	SLUICE_POLICY_NODE_TRAFFIC_MAX = (__SLUICE_POLICY_NODE_TRAFFIC_MAX - 1)
};

enum sluice_a {
	SLUICE_A_SERVICE = 1,
	SLUICE_A_BACKEND,
	SLUICE_A_FLOW,
	SLUICE_A_STATS,
	SLUICE_A_SETTINGS,
	SLUICE_A_EVENT,
	SLUICE_A_CHANGE,
	SLUICE_A_EXPLAIN,
	SLUICE_A_IDENTITY,
	SLUICE_A_RULE,
	SLUICE_A_SUBJECT,
	SLUICE_A_JUDGEMENT,
	SLUICE_A_DEVICE,

	__SLUICE_A_MAX,
	SLUICE_A_MAX = (__SLUICE_A_MAX - 1)
};

enum {
	SLUICE_A_CHANGE_SERVICE = 1,
	SLUICE_A_CHANGE_BACKEND,
	SLUICE_A_CHANGE_OP,
	SLUICE_A_CHANGE_FLAGS,
	SLUICE_A_CHANGE_SETTINGS,
	SLUICE_A_CHANGE_IDENTITY = 9,
	SLUICE_A_CHANGE_RULE,
	SLUICE_A_CHANGE_SUBJECT,
	SLUICE_A_CHANGE_DEVICE = 13,

	__SLUICE_A_CHANGE_MAX,
	SLUICE_A_CHANGE_MAX = (__SLUICE_A_CHANGE_MAX - 1)
};

enum {
	SLUICE_A_PREFIX_ADDR = 1,
	SLUICE_A_PREFIX_LEN,

	__SLUICE_A_PREFIX_MAX,
	SLUICE_A_PREFIX_MAX = (__SLUICE_A_PREFIX_MAX - 1)
};

enum {
	SLUICE_A_PREFIXES_PREFIX = 1,

	__SLUICE_A_PREFIXES_MAX,
	SLUICE_A_PREFIXES_MAX = (__SLUICE_A_PREFIXES_MAX - 1)
};

enum {
	SLUICE_A_SERVICE_ADDR = 1,
	SLUICE_A_SERVICE_PORT,
	SLUICE_A_SERVICE_PROTO,
	SLUICE_A_SERVICE_SCHEDULER,
	SLUICE_A_SERVICE_BACKEND_COUNT,
	SLUICE_A_SERVICE_FLOW_COUNT,
	SLUICE_A_SERVICE_COUNTERS,
	SLUICE_A_SERVICE_AFFINITY,
	SLUICE_A_SERVICE_AFFINITY_SHARED,
	SLUICE_A_SERVICE_MASQUERADE,
	SLUICE_A_SERVICE_NO_BACKEND,
	SLUICE_A_SERVICE_REMOVAL,
	SLUICE_A_SERVICE_SCOPE,
	SLUICE_A_SERVICE_TRAFFIC_POLICY,
	SLUICE_A_SERVICE_ECHO,
	SLUICE_A_SERVICE_ALLOW,
	SLUICE_A_SERVICE_DENY,
	SLUICE_A_SERVICE_HEALTH_PORT,
	SLUICE_A_SERVICE_FORWARD,
	SLUICE_A_SERVICE_AFFINITY_GROUP,

	__SLUICE_A_SERVICE_MAX,
	SLUICE_A_SERVICE_MAX = (__SLUICE_A_SERVICE_MAX - 1)
};

enum {
	SLUICE_A_BACKEND_ADDR = 1,
	SLUICE_A_BACKEND_PORT,
	SLUICE_A_BACKEND_WEIGHT,
	SLUICE_A_BACKEND_STATE,
	SLUICE_A_BACKEND_FLOW_COUNT,
	SLUICE_A_BACKEND_COUNTERS,
	SLUICE_A_BACKEND_LOCAL,

	__SLUICE_A_BACKEND_MAX,
	SLUICE_A_BACKEND_MAX = (__SLUICE_A_BACKEND_MAX - 1)
};

enum {
	SLUICE_A_COUNTERS_CONNECTIONS = 1,
	SLUICE_A_COUNTERS_IN_PACKETS,
	SLUICE_A_COUNTERS_IN_BYTES,
	SLUICE_A_COUNTERS_OUT_PACKETS,
	SLUICE_A_COUNTERS_OUT_BYTES,
	SLUICE_A_COUNTERS_DROPS,
	SLUICE_A_COUNTERS_PAD,

	__SLUICE_A_COUNTERS_MAX,
	SLUICE_A_COUNTERS_MAX = (__SLUICE_A_COUNTERS_MAX - 1)
};

enum {
	SLUICE_A_TUPLE_SRC = 1,
	SLUICE_A_TUPLE_DST,
	SLUICE_A_TUPLE_SPORT,
	SLUICE_A_TUPLE_DPORT,

	__SLUICE_A_TUPLE_MAX,
	SLUICE_A_TUPLE_MAX = (__SLUICE_A_TUPLE_MAX - 1)
};

enum {
	SLUICE_A_FLOW_PROTO = 1,
	SLUICE_A_FLOW_ORIG,
	SLUICE_A_FLOW_REPLY,
	SLUICE_A_FLOW_STATE,
	SLUICE_A_FLOW_TIMEOUT,
	SLUICE_A_FLOW_DIRECT,
	SLUICE_A_FLOW_COUNTERS,
	SLUICE_A_FLOW_FORWARD,
	SLUICE_A_FLOW_BACKEND,
	SLUICE_A_FLOW_END,
	SLUICE_A_FLOW_ORIG_PATH,
	SLUICE_A_FLOW_REPLY_PATH,
	SLUICE_A_FLOW_ORIG_DOOR,
	SLUICE_A_FLOW_REPLY_DOOR,
	SLUICE_A_FLOW_JUDGEMENT,

	__SLUICE_A_FLOW_MAX,
	SLUICE_A_FLOW_MAX = (__SLUICE_A_FLOW_MAX - 1)
};

enum {
	SLUICE_A_PATH_KIND = 1,
	SLUICE_A_PATH_IFINDEX,
	SLUICE_A_PATH_MTU,

	__SLUICE_A_PATH_MAX,
	SLUICE_A_PATH_MAX = (__SLUICE_A_PATH_MAX - 1)
};

enum {
	SLUICE_A_DROP_REASON = 1,
	SLUICE_A_DROP_PACKETS,
	SLUICE_A_DROP_PAD,

	__SLUICE_A_DROP_MAX,
	SLUICE_A_DROP_MAX = (__SLUICE_A_DROP_MAX - 1)
};

enum {
	SLUICE_A_STATS_SERVICES = 1,
	SLUICE_A_STATS_BACKENDS,
	SLUICE_A_STATS_FLOWS,
	SLUICE_A_STATS_FLOW_BUCKETS,
	SLUICE_A_STATS_REVISION,
	SLUICE_A_STATS_FLOWS_CREATED,
	SLUICE_A_STATS_FLOWS_EXPIRED,
	SLUICE_A_STATS_FLOWS_EVICTED,
	SLUICE_A_STATS_FLOWS_RETIRED,
	SLUICE_A_STATS_EVENTS_LOST,
	SLUICE_A_STATS_DROP,
	SLUICE_A_STATS_PAD,
	SLUICE_A_STATS_IDENTITIES,
	SLUICE_A_STATS_RULES,
	SLUICE_A_STATS_AUDITED,
	SLUICE_A_STATS_DEVICES,

	__SLUICE_A_STATS_MAX,
	SLUICE_A_STATS_MAX = (__SLUICE_A_STATS_MAX - 1)
};

enum {
	SLUICE_A_SETTINGS_FLOW_LIMIT = 1,
	SLUICE_A_SETTINGS_TIMEOUT_UDP_UNREPLIED,
	SLUICE_A_SETTINGS_TIMEOUT_UDP,
	SLUICE_A_SETTINGS_TIMEOUT_TCP_UNREPLIED,
	SLUICE_A_SETTINGS_TIMEOUT_TCP,
	SLUICE_A_SETTINGS_TIMEOUT_TCP_HALF_CLOSED,
	SLUICE_A_SETTINGS_TIMEOUT_TCP_CLOSING,
	SLUICE_A_SETTINGS_NODE_PORT_ADDRESSES,
	SLUICE_A_SETTINGS_NODE_PORT_LOOPBACK,
	SLUICE_A_SETTINGS_POD_PREFIXES,
	SLUICE_A_SETTINGS_EGRESS_MASQUERADE,
	SLUICE_A_SETTINGS_POLICY_TCP,
	SLUICE_A_SETTINGS_POLICY_NODE_TRAFFIC,
	SLUICE_A_SETTINGS_POLICY_AUDIT,

	__SLUICE_A_SETTINGS_MAX,
	SLUICE_A_SETTINGS_MAX = (__SLUICE_A_SETTINGS_MAX - 1)
};

enum {
	SLUICE_A_EVENT_TYPE = 1,
	SLUICE_A_EVENT_REASON,
	SLUICE_A_EVENT_PROTO,
	SLUICE_A_EVENT_TUPLE,
	SLUICE_A_EVENT_LOST,
	SLUICE_A_EVENT_PAD,
	SLUICE_A_EVENT_JUDGEMENT,
	SLUICE_A_EVENT_DEVICE,

	__SLUICE_A_EVENT_MAX,
	SLUICE_A_EVENT_MAX = (__SLUICE_A_EVENT_MAX - 1)
};

enum {
	SLUICE_A_EXPLAIN_PROTO = 1,
	SLUICE_A_EXPLAIN_PACKET,
	SLUICE_A_EXPLAIN_OUTCOME,
	SLUICE_A_EXPLAIN_BY,
	SLUICE_A_EXPLAIN_OUT,
	SLUICE_A_EXPLAIN_REASON,
	SLUICE_A_EXPLAIN_CANDIDATES,
	SLUICE_A_EXPLAIN_DEVICE,
	SLUICE_A_EXPLAIN_ICMP_TYPE,
	SLUICE_A_EXPLAIN_ICMP_CODE,
	SLUICE_A_EXPLAIN_FAST_PATH,
	SLUICE_A_EXPLAIN_FALLBACK,
	SLUICE_A_EXPLAIN_PATH,

	__SLUICE_A_EXPLAIN_MAX,
	SLUICE_A_EXPLAIN_MAX = (__SLUICE_A_EXPLAIN_MAX - 1)
};

enum {
	SLUICE_A_IDENTITY_PREFIX = 1,
	SLUICE_A_IDENTITY_ID,
	SLUICE_A_IDENTITY_EXCEPT,
	SLUICE_A_IDENTITY_EXCLUSIVE,

	__SLUICE_A_IDENTITY_MAX,
	SLUICE_A_IDENTITY_MAX = (__SLUICE_A_IDENTITY_MAX - 1)
};

enum {
	SLUICE_A_RULE_SUBJECT = 1,
	SLUICE_A_RULE_DIRECTION,
	SLUICE_A_RULE_PEER,
	SLUICE_A_RULE_PROTO,
	SLUICE_A_RULE_PORT_FIRST,
	SLUICE_A_RULE_PORT_LAST,
	SLUICE_A_RULE_ICMP_TYPE,
	SLUICE_A_RULE_ICMP_CODE,
	SLUICE_A_RULE_TIER,
	SLUICE_A_RULE_PRIORITY,
	SLUICE_A_RULE_ACTION,
	SLUICE_A_RULE_COOKIE,
	SLUICE_A_RULE_NAME,
	SLUICE_A_RULE_FLOWS,
	SLUICE_A_RULE_PACKETS,
	SLUICE_A_RULE_BYTES,
	SLUICE_A_RULE_PAD,

	__SLUICE_A_RULE_MAX,
	SLUICE_A_RULE_MAX = (__SLUICE_A_RULE_MAX - 1)
};

enum {
	SLUICE_A_SUBJECT_ID = 1,
	SLUICE_A_SUBJECT_ISOLATE_INGRESS,
	SLUICE_A_SUBJECT_ISOLATE_EGRESS,
	SLUICE_A_SUBJECT_AUDIT,
	SLUICE_A_SUBJECT_ON_DENY,
	SLUICE_A_SUBJECT_ESTABLISHED,

	__SLUICE_A_SUBJECT_MAX,
	SLUICE_A_SUBJECT_MAX = (__SLUICE_A_SUBJECT_MAX - 1)
};

enum {
	SLUICE_A_JUDGEMENT_DIRECTION = 1,
	SLUICE_A_JUDGEMENT_ACTION,
	SLUICE_A_JUDGEMENT_WHY,
	SLUICE_A_JUDGEMENT_SUBJECT,
	SLUICE_A_JUDGEMENT_PEER,
	SLUICE_A_JUDGEMENT_COOKIE,
	SLUICE_A_JUDGEMENT_NAME,
	SLUICE_A_JUDGEMENT_PAD,
	SLUICE_A_JUDGEMENT_SUBJECTS,
	SLUICE_A_JUDGEMENT_PEERS,

	__SLUICE_A_JUDGEMENT_MAX,
	SLUICE_A_JUDGEMENT_MAX = (__SLUICE_A_JUDGEMENT_MAX - 1)
};

enum {
	SLUICE_A_FALLBACK_REASON = 1,
	SLUICE_A_FALLBACK_PACKETS,
	SLUICE_A_FALLBACK_PAD,

	__SLUICE_A_FALLBACK_MAX,
	SLUICE_A_FALLBACK_MAX = (__SLUICE_A_FALLBACK_MAX - 1)
};

enum {
	SLUICE_A_LEFT_REASON = 1,
	SLUICE_A_LEFT_SEGMENTS,
	SLUICE_A_LEFT_PAD,

	__SLUICE_A_LEFT_MAX,
	SLUICE_A_LEFT_MAX = (__SLUICE_A_LEFT_MAX - 1)
};

enum {
	SLUICE_A_DEVICE_NAME = 1,
	SLUICE_A_DEVICE_ADDRESSES,
	SLUICE_A_DEVICE_IFINDEX,
	SLUICE_A_DEVICE_DROPS,
	SLUICE_A_DEVICE_PAD,
	SLUICE_A_DEVICE_FAST_PATH,
	SLUICE_A_DEVICE_NETFILTER,
	SLUICE_A_DEVICE_SENT,
	SLUICE_A_DEVICE_FALLBACK,
	SLUICE_A_DEVICE_ATTACHED,
	SLUICE_A_DEVICE_POD_SIDE,
	SLUICE_A_DEVICE_PODS,
	SLUICE_A_DEVICE_HANDED_OVER,
	SLUICE_A_DEVICE_REDIRECTED,
	SLUICE_A_DEVICE_SHORT_CUT,
	SLUICE_A_DEVICE_SEGMENTS,
	SLUICE_A_DEVICE_SOCKETS,
	SLUICE_A_DEVICE_LEFT,

	__SLUICE_A_DEVICE_MAX,
	SLUICE_A_DEVICE_MAX = (__SLUICE_A_DEVICE_MAX - 1)
};

enum sluice_cmd {
	SLUICE_CMD_SERVICE_NEW = 1,
	SLUICE_CMD_SERVICE_DEL,
	SLUICE_CMD_SERVICE_GET,
	SLUICE_CMD_SERVICE_FLUSH,
	SLUICE_CMD_SERVICE_NTF,
	SLUICE_CMD_SERVICE_DEL_NTF,
	SLUICE_CMD_BACKEND_NEW,
	SLUICE_CMD_BACKEND_DEL,
	SLUICE_CMD_BACKEND_GET,
	SLUICE_CMD_BACKEND_FLUSH,
	SLUICE_CMD_BACKEND_NTF,
	SLUICE_CMD_BACKEND_DEL_NTF,
	SLUICE_CMD_FLOW_GET,
	SLUICE_CMD_FLOW_DEL,
	SLUICE_CMD_FLOW_FLUSH,
	SLUICE_CMD_STATS_GET,
	SLUICE_CMD_SETTINGS_SET,
	SLUICE_CMD_SETTINGS_GET,
	SLUICE_CMD_SETTINGS_NTF,
	SLUICE_CMD_EVENT,
	SLUICE_CMD_TRANSACTION,
	SLUICE_CMD_EXPLAIN,
	SLUICE_CMD_IDENTITY_NEW,
	SLUICE_CMD_IDENTITY_DEL,
	SLUICE_CMD_IDENTITY_GET,
	SLUICE_CMD_IDENTITY_FLUSH,
	SLUICE_CMD_IDENTITY_NTF,
	SLUICE_CMD_IDENTITY_DEL_NTF,
	SLUICE_CMD_RULE_NEW,
	SLUICE_CMD_RULE_DEL,
	SLUICE_CMD_RULE_GET,
	SLUICE_CMD_RULE_NTF,
	SLUICE_CMD_RULE_DEL_NTF,
	SLUICE_CMD_SUBJECT_SET,
	SLUICE_CMD_SUBJECT_GET,
	SLUICE_CMD_SUBJECT_NTF,
	SLUICE_CMD_POLICY_FLUSH,
	SLUICE_CMD_DEVICE_NEW,
	SLUICE_CMD_DEVICE_DEL,
	SLUICE_CMD_DEVICE_GET,
	SLUICE_CMD_DEVICE_FLUSH,
	SLUICE_CMD_DEVICE_NTF,
	SLUICE_CMD_DEVICE_DEL_NTF,
	SLUICE_CMD_FLOW_NTF,
	SLUICE_CMD_FLOW_DEL_NTF,

	__SLUICE_CMD_MAX,
	SLUICE_CMD_MAX = (__SLUICE_CMD_MAX - 1)
};

#define SLUICE_MCGRP_CONFIG	"config"
#define SLUICE_MCGRP_EVENTS	"events"
#define SLUICE_MCGRP_FLOWS	"flows"

#endif /* _UAPI_LINUX_SLUICE_H */
