/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Policy: whom an identity may talk to, by rules in three tiers.
 */
#ifndef _SLUICE_POLICY_H
#define _SLUICE_POLICY_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <uapi/linux/sluice.h>

#include "identity.h"
#include "version.h"

/* Characters. */
#define SLUICE_POLICY_NAME_MAX		63

#define SLUICE_POLICY_DIRECTIONS	SLUICE_POLICY_DIRECTION_MAX
#define SLUICE_POLICY_TIERS		SLUICE_POLICY_TIER_MAX

/* What a rule leaves open. */
#define SLUICE_POLICY_ANY_PEER		BIT(0)
#define SLUICE_POLICY_ANY_PROTO		BIT(1)

struct sluice_policy_peers;

/**
 * struct sluice_policy_key - what names a rule
 * @subject: number of the identity whose rule it is; not 0
 * @peer: number of the identity on the other side, 0 for an address without
 *	one; 0 if it may be any
 * @priority: lower ones first
 * @first: of the values that match: destination ports of TCP, UDP and SCTP, or
 *	type << 8 | code of ICMP and ICMPv6; 0 for other protocols
 * @last: likewise; %U16_MAX for other protocols
 * @dir: &enum sluice_policy_direction
 * @tier: &enum sluice_policy_tier
 * @proto: protocol; 0 if it may be any
 * @any: %SLUICE_POLICY_ANY_PEER, %SLUICE_POLICY_ANY_PROTO
 *
 * There is no padding: it is hashed and compared as a whole.
 */
struct sluice_policy_key {
	u32 subject;
	u32 peer;
	u32 priority;
	u16 first;
	u16 last;
	u8 dir;
	u8 tier;
	u8 proto;
	u8 any;
};

/**
 * struct sluice_policy_counters - totals of a rule
 * @flows: flows it allows or has allowed, or denies in audit mode
 * @packets: their packets, and those it has denied
 * @bytes: of these, network header included
 */
struct sluice_policy_counters {
	atomic64_t flows;
	atomic64_t packets;
	atomic64_t bytes;
};

/**
 * struct sluice_policy_rule - a rule, or a version of it
 * @order: of rules of a tier the one with the lowest decides: priority, then
 *	deny before allow before pass
 * @cookie: userspace's; the lower one first
 * @id: key in &struct sluice_policy_table.rules; the lower one first
 * @key: what names it
 * @action: &enum sluice_policy_action
 * @touched: the transaction under way has to do with it; configuration lock,
 *	as the following
 * @named: created or changed in this transaction
 * @born: this transaction creates this version
 * @gone: this transaction deletes this version
 * @refs: one for the configuration, given up a grace period after the
 *	deletion; one for each flow; one for each later version
 * @origin: its first version, which has the counters; referenced if another
 * @counters: use sluice_policy_rule_counters()
 * @node: in &struct sluice_policy_table.keys
 * @list: in &struct sluice_policy_peer.rules; configuration lock
 * @tx: in &struct sluice_policy_tx.rules while @touched; configuration lock
 * @rcu: for the deferred release
 * @name: for people
 *
 * What packets read is constant: a change makes a new version with the same
 * @key and @id. Whoever finds a rule in a map has a grace period to take a
 * reference.
 */
struct sluice_policy_rule {
	u64 order;
	u64 cookie;
	unsigned long id;
	struct sluice_policy_key key;
	u8 action;
	bool touched:1;
	bool named:1;
	bool born:1;
	bool gone:1;
	refcount_t refs;
	struct sluice_policy_rule *origin;
	struct sluice_policy_counters counters;
	struct rhash_head node;
	struct list_head list;
	union {
		struct list_head tx;
		struct rcu_head rcu;
	};
	char name[];
};

/**
 * struct sluice_policy_opts - how a subject is treated
 * @isolate: directions in which it is isolated without a rule of the normal
 *	tier, a bit by &enum sluice_policy_direction
 * @audit: what is denied is only told of
 * @on_deny: &enum sluice_on_deny
 * @established: &enum sluice_established
 *
 * Zero is the default of each. The last three are for whoever carries decisions
 * out.
 */
struct sluice_policy_opts {
	u8 isolate;
	u8 audit;
	u8 on_deny;
	u8 established;
};

/**
 * struct sluice_policy_head - what holds for all of a subject's traffic
 * @version: what packets see is one of these
 * @opts: options of the subject
 * @isolated: directions in which it is isolated
 *
 * A subject that has none has no options and is not isolated.
 */
struct sluice_policy_head {
	struct sluice_version version;
	struct sluice_policy_opts opts;
	u8 isolated;
};

/**
 * struct sluice_policy_peer - a subject's rules about one peer in a direction
 * @map: the rules, compiled: &struct sluice_policy_map; RCU, written under the
 *	configuration lock
 * @rules: all of them, deleted ones included; configuration lock
 * @side: where it belongs
 * @number: of the peer, unless it is any
 * @touched: the transaction under way changes it; configuration lock
 * @tx: in &struct sluice_policy_tx.peers while @touched; configuration lock
 * @rcu: for the deferred freeing
 */
struct sluice_policy_peer {
	struct sluice_version __rcu *map;
	struct list_head rules;
	struct sluice_policy_side *side;
	u32 number;
	bool touched;
	union {
		struct list_head tx;
		struct rcu_head rcu;
	};
};

/**
 * struct sluice_policy_side - a subject's rules in one direction
 * @any: those for which the peer may be any
 * @peers: those that name one, NULL if there never was one; RCU, written under
 *	the configuration lock
 * @policy: of which it is a side
 * @normal_count: its rules of the normal tier, as the transaction under way
 *	leaves them; configuration lock
 */
struct sluice_policy_side {
	struct sluice_policy_peer any;
	struct sluice_policy_peers __rcu *peers;
	struct sluice_policy *policy;
	u32 normal_count;
};

/**
 * struct sluice_policy - rules and options of one subject
 * @head: &struct sluice_policy_head or NULL; RCU, written under the
 *	configuration lock
 * @sides: by direction, see sluice_policy_side()
 * @identity: the subject, referenced
 * @opts: as the transaction under way leaves them; configuration lock
 * @touched: the transaction under way has to do with it; configuration lock,
 *	as the following
 * @named: options were set in this transaction
 * @tx: in &struct sluice_policy_tx.policies while @touched
 * @rcu: for the deferred freeing
 *
 * It is there while it has rules, or options other than the default.
 */
struct sluice_policy {
	struct sluice_version __rcu *head;
	struct sluice_policy_side sides[SLUICE_POLICY_DIRECTIONS];
	struct sluice_identity *identity;
	struct sluice_policy_opts opts;
	bool touched:1;
	bool named:1;
	union {
		struct list_head tx;
		struct rcu_head rcu;
	};
};

/**
 * struct sluice_policy_question - what is to be decided
 * @dir: &enum sluice_policy_direction, as the subject sees it
 * @proto: protocol
 * @port: destination port in host order; type << 8 | code of ICMP and ICMPv6
 */
struct sluice_policy_question {
	u8 dir;
	u8 proto;
	u16 port;
};

/**
 * struct sluice_policy_verdict - the decision
 * @rule: the rule that has decided, without a reference; or NULL
 * @action: allow or deny, of &enum sluice_policy_action
 * @why: &enum sluice_policy_why
 * @opts: of the subject whose rule or isolation has decided; else the default.
 *	If it is in audit mode nobody else denies it
 * @subject: its number; else 0
 * @applies: an identity of the subject has rules or options
 * @enforced: one of these is not in audit mode
 */
struct sluice_policy_verdict {
	struct sluice_policy_rule *rule;
	u8 action;
	u8 why;
	struct sluice_policy_opts opts;
	u32 subject;
	bool applies;
	bool enforced;
};

/**
 * struct sluice_blame - why something is denied
 * @rule: that denies it, without a reference, or NULL
 * @subject: identity whose rules or isolation it is
 * @peer: identity at the other end, 0 if it is unknown
 * @dir: &enum sluice_policy_direction
 * @why: &enum sluice_policy_why
 */
struct sluice_blame {
	struct sluice_policy_rule *rule;
	u32 subject;
	u32 peer;
	u8 dir;
	u8 why;
};

void sluice_policy_decide(const struct sluice_identities *subject,
			  const struct sluice_identities *peer,
			  const struct sluice_policy_question *question,
			  unsigned long revision,
			  struct sluice_policy_verdict *verdict);

void sluice_policy_rule_put(struct sluice_policy_rule *rule);

static inline bool
sluice_policy_opts_are_default(const struct sluice_policy_opts *opts)
{
	return !(opts->isolate || opts->audit || opts->on_deny ||
		 opts->established);
}

/* Take a reference; RCU read side or configuration lock. */
static inline void sluice_policy_rule_get(struct sluice_policy_rule *rule)
{
	refcount_inc(&rule->refs);
}

/* Shared by all versions of a rule. The caller can hold one of them. */
static inline struct sluice_policy_counters *
sluice_policy_rule_counters(const struct sluice_policy_rule *rule)
{
	return &rule->origin->counters;
}

static inline struct sluice_policy_side *
sluice_policy_side(struct sluice_policy *policy, u8 dir)
{
	return &policy->sides[dir - SLUICE_POLICY_DIRECTION_INGRESS];
}

/* What packets of @revision see; NULL if nothing. The caller holds RCU. */
static inline const struct sluice_policy_head *
sluice_policy_head_at(const struct sluice_policy *policy,
		      unsigned long revision)
{
	static_assert(!offsetof(struct sluice_policy_head, version));
	return (void *)sluice_version_at(&policy->head, revision);
}

/* Between rules that say the same it is only about which one is told. */
static inline bool
sluice_policy_rule_before(const struct sluice_policy_rule *a,
			  const struct sluice_policy_rule *b)
{
	if (a->order != b->order)
		return a->order < b->order;
	if (a->cookie != b->cookie)
		return a->cookie < b->cookie;
	return a->id < b->id;
}

#endif
