/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: events/sluice in tracefs.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM sluice

#if !defined(_SLUICE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SLUICE_TRACE_H

#include <linux/in6.h>
#include <linux/tracepoint.h>
#include <net/net_namespace.h>

#include "policy.h"
#include "tuple.h"

#ifndef _SLUICE_TRACE_HELPERS
#define _SLUICE_TRACE_HELPERS
/* Put an address and port where the format %pISpc can print them. */
static inline void sluice_trace_sockaddr(void *to, u8 family,
					 const union nf_inet_addr *addr,
					 __be16 port)
{
	struct sockaddr_in6 *sin6 = to;
	struct sockaddr_in *sin = to;

	memset(to, 0, sizeof(*sin6));
	if (family == AF_INET) {
		sin->sin_family = AF_INET;
		sin->sin_addr.s_addr = addr->ip;
		sin->sin_port = port;
		return;
	}
	sin6->sin6_family = AF_INET6;
	sin6->sin6_addr = addr->in6;
	sin6->sin6_port = port;
}
#endif

TRACE_DEFINE_ENUM(SLUICE_DROP_REASON_NO_BACKEND);
TRACE_DEFINE_ENUM(SLUICE_DROP_REASON_FLOW_LIMIT);
TRACE_DEFINE_ENUM(SLUICE_DROP_REASON_NO_PORT);
TRACE_DEFINE_ENUM(SLUICE_DROP_REASON_NO_MEMORY);
TRACE_DEFINE_ENUM(SLUICE_DROP_REASON_NO_ROUTE);
TRACE_DEFINE_ENUM(SLUICE_DROP_REASON_NO_LOCAL_BACKEND);
TRACE_DEFINE_ENUM(SLUICE_DROP_REASON_SOURCE_RANGE);
TRACE_DEFINE_ENUM(SLUICE_DROP_REASON_BACKEND_GONE);
TRACE_DEFINE_ENUM(SLUICE_DROP_REASON_TOO_BIG);
TRACE_DEFINE_ENUM(SLUICE_DROP_REASON_POLICY_RULE);
TRACE_DEFINE_ENUM(SLUICE_DROP_REASON_POLICY_ISOLATION);
TRACE_DEFINE_ENUM(SLUICE_DROP_REASON_POLICY_STRICT);
TRACE_DEFINE_ENUM(SLUICE_DROP_REASON_SPOOFED);

#define sluice_show_drop_reason(reason)					\
	__print_symbolic(reason,					\
		{ SLUICE_DROP_REASON_NO_BACKEND,	"no-backend" },	\
		{ SLUICE_DROP_REASON_FLOW_LIMIT,	"flow-limit" },	\
		{ SLUICE_DROP_REASON_NO_PORT,		"no-port" },	\
		{ SLUICE_DROP_REASON_NO_MEMORY,		"no-memory" },	\
		{ SLUICE_DROP_REASON_NO_ROUTE,		"no-route" },	\
		{ SLUICE_DROP_REASON_NO_LOCAL_BACKEND,			\
			"no-local-backend" },				\
		{ SLUICE_DROP_REASON_SOURCE_RANGE,	"source-range" }, \
		{ SLUICE_DROP_REASON_BACKEND_GONE,	"backend-gone" }, \
		{ SLUICE_DROP_REASON_TOO_BIG,		"too-big" },	\
		{ SLUICE_DROP_REASON_POLICY_RULE,	"policy-rule" }, \
		{ SLUICE_DROP_REASON_POLICY_ISOLATION,			\
			"policy-isolation" },				\
		{ SLUICE_DROP_REASON_POLICY_STRICT,	"policy-strict" }, \
		{ SLUICE_DROP_REASON_SPOOFED,		"spoofed" })

/* A packet is dropped; by the policy if it has a subject. */
TRACE_EVENT(sluice_drop,
	TP_PROTO(const struct sk_buff *skb, const struct sluice_tuple *tuple,
		 enum sluice_drop_reason reason,
		 const struct sluice_blame *blame),
	TP_ARGS(skb, tuple, reason, blame),
	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__array(u8, src, sizeof(struct sockaddr_in6))
		__array(u8, dst, sizeof(struct sockaddr_in6))
		__field(u32, reason)
		__field(u8, proto)
		__field(u8, dir)
		__field(u32, subject)
		__field(u32, peer)
		__field(u64, cookie)
		__array(char, name, SLUICE_POLICY_NAME_MAX + 1)
	),
	TP_fast_assign(
		__entry->skbaddr = skb;
		__entry->reason = reason;
		__entry->proto = tuple->proto;
		sluice_trace_sockaddr(__entry->src, tuple->family, &tuple->src,
				      tuple->sport);
		sluice_trace_sockaddr(__entry->dst, tuple->family, &tuple->dst,
				      tuple->dport);
		__entry->dir = blame->dir;
		__entry->subject = blame->subject;
		__entry->peer = blame->peer;
		__entry->cookie = blame->rule ? blame->rule->cookie : 0;
		strscpy(__entry->name, blame->rule ? blame->rule->name : "",
			sizeof(__entry->name));
	),
	TP_printk("skbaddr=%p proto=%u src=%pISpc dst=%pISpc reason=%s direction=%s subject=%u peer=%u cookie=%llu name=%s",
		  __entry->skbaddr, __entry->proto, __entry->src, __entry->dst,
		  sluice_show_drop_reason(__entry->reason),
		  __print_symbolic(__entry->dir,
			{ 0,					"none" },
			{ SLUICE_POLICY_DIRECTION_INGRESS,	"ingress" },
			{ SLUICE_POLICY_DIRECTION_EGRESS,	"egress" }),
		  __entry->subject, __entry->peer, __entry->cookie,
		  __entry->name)
);

/* A new flow is decided: packets from src to dst go to backend. */
TRACE_EVENT(sluice_verdict,
	TP_PROTO(const struct sluice_tuple *orig,
		 const struct sluice_l4addr *to),
	TP_ARGS(orig, to),
	TP_STRUCT__entry(
		__array(u8, src, sizeof(struct sockaddr_in6))
		__array(u8, dst, sizeof(struct sockaddr_in6))
		__array(u8, backend, sizeof(struct sockaddr_in6))
		__field(u8, proto)
	),
	TP_fast_assign(
		__entry->proto = orig->proto;
		sluice_trace_sockaddr(__entry->src, orig->family, &orig->src,
				      orig->sport);
		sluice_trace_sockaddr(__entry->dst, orig->family, &orig->dst,
				      orig->dport);
		sluice_trace_sockaddr(__entry->backend, to->family, &to->addr,
				      to->port);
	),
	TP_printk("proto=%u src=%pISpc dst=%pISpc backend=%pISpc",
		  __entry->proto, __entry->src, __entry->dst, __entry->backend)
);

/* What a namespace has of rules or settings is another one from now on. */
TRACE_EVENT(sluice_change,
	TP_PROTO(const struct net *net, u32 generation),
	TP_ARGS(net, generation),
	TP_STRUCT__entry(
		__field(u64, netns)
		__field(u32, generation)
	),
	TP_fast_assign(
		__entry->netns = net->net_cookie;
		__entry->generation = generation;
	),
	TP_printk("netns=%llu generation=%u", __entry->netns,
		  __entry->generation)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
