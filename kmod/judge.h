/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the policy says of a connection: of its sender and of its receiver.
 */
#ifndef _SLUICE_JUDGE_H
#define _SLUICE_JUDGE_H

#include "net.h"
#include "pkt.h"
#include "policy.h"

/**
 * struct sluice_case - what is to be judged: whoever begins something
 * @src: sender's address
 * @dst: receiver's address, behind services
 * @family: AF_INET or AF_INET6
 * @dst_family: of @dst; 0: the same. A receiver that a port tells of may be known by
 *	an address of the other one
 * @proto: protocol
 * @port: as in &struct sluice_policy_question
 * @vrf: where, as in &struct sluice_pkt
 * @from_node: the node itself has sent it: its address may be forged otherwise
 * @shared: others than the node may get it, too, on a bridge
 * @bridged: it only passes through a bridge: the node does not get it
 * @answer: it tells that the receiver has begun what it is of
 */
struct sluice_case {
	const union nf_inet_addr *src;
	const union nf_inet_addr *dst;
	u8 family;
	u8 dst_family;
	u8 proto;
	u16 port;
	int vrf;
	bool from_node;
	bool shared;
	bool bridged;
	bool answer;
};

/**
 * struct sluice_judgement - what the policy says
 * @verdicts: of the ingress of the receiver and the egress of the sender; use
 *	sluice_judgement_of()
 * @src: who the sender is
 * @dst: who the receiver is
 * @applies: an end has rules or options; otherwise nothing is said
 * @denied: &enum sluice_policy_direction of the one that denies it, or 0
 * @audited: of one that would, but for the audit mode, or 0
 * @enforced: an end that has rules or options is not in audit mode
 * @strict: it would be dropped for beginning nothing, but for the audit mode;
 *	of a packet or flow, set by who judges these
 *
 * What it points to is there until rcu_read_unlock().
 */
struct sluice_judgement {
	struct sluice_policy_verdict verdicts[SLUICE_POLICY_DIRECTIONS];
	struct sluice_identities src;
	struct sluice_identities dst;
	bool applies;
	u8 denied;
	u8 audited;
	bool enforced;
	bool strict;
};

/**
 * enum sluice_judged - what a packet of the middle of a connection is judged as
 * @SLUICE_JUDGED_ITSELF: as one of who has begun it, or may have
 * @SLUICE_JUDGED_ANSWER: as an answer, as it tells
 * @SLUICE_JUDGED_TURNED: as an answer, as it is denied otherwise
 * @SLUICE_JUDGED_UNTOLD: likewise, as it would be told of otherwise
 */
enum sluice_judged {
	SLUICE_JUDGED_ITSELF,
	SLUICE_JUDGED_ANSWER,
	SLUICE_JUDGED_TURNED,
	SLUICE_JUDGED_UNTOLD,
};

/* Whether who begins what @deciding denies is told; a RST begins nothing. */
static inline bool
sluice_judge_rejects(const struct sluice_policy_verdict *deciding,
		     const struct sluice_pkt *pkt)
{
	return deciding->opts.on_deny == SLUICE_ON_DENY_REJECT && !pkt->rst;
}

/* What a packet begins; @dst and @port are behind services. */
static inline void sluice_case_of_pkt(struct sluice_case *c,
				      const struct sluice_pkt *pkt,
				      const union nf_inet_addr *dst,
				      __be16 port)
{
	const struct sluice_tuple *tuple = &pkt->tuple;

	*c = (struct sluice_case) {
		.src = &tuple->src, .dst = dst,
		.family = tuple->family, .proto = tuple->proto,
		.port = sluice_proto_is_icmp(tuple->proto) ? pkt->icmp :
							     ntohs(port),
		.vrf = pkt->vrf,
		.from_node = pkt->from_node,
		.shared = sluice_pkt_is_shared(pkt), .bridged = pkt->bridged,
		.answer = sluice_pkt_answers(pkt),
	};
}

void sluice_judge(struct sluice_net *sn, const struct sluice_case *c,
		  unsigned long revision, struct sluice_judgement *j);
enum sluice_judged
sluice_judge_middle(struct sluice_net *sn, const struct sluice_case *c,
		    __be16 sport, unsigned long revision, bool firm,
		    struct sluice_judgement *j);
bool sluice_judge_is_remembered(const struct sluice_judgement *j);
void sluice_judge_rules(const struct sluice_judgement *j,
				 struct sluice_policy_rule **rules);
void sluice_judge_blame(const struct sluice_judgement *j, u8 dir,
			struct sluice_blame *blame);

/* Whether there is anything to judge by. */
static inline bool sluice_judge_in_force(const struct sluice_net *sn)
{
	return READ_ONCE(sn->policies.subject_count);
}

/*
 * Whether it is kept who has begun what, so that there is something to judge
 * when there are rules.
 */
static inline bool sluice_judge_remembers(const struct sluice_net *sn)
{
	return sluice_judge_in_force(sn) ||
	       sluice_identity_has_entries(&sn->identities);
}

/*
 * Of what has no flow and begins nothing, or a flow of which nobody has seen the
 * beginning: whether it is dropped for that; if only told of, @j says so.
 */
static inline bool sluice_judge_is_strict(const struct sluice_net *sn,
					  struct sluice_judgement *j)
{
	if (READ_ONCE(sn->node.policy_tcp) != SLUICE_POLICY_TCP_STRICT)
		return false;
	j->strict = !j->enforced;
	return j->enforced;
}

static inline const struct sluice_policy_verdict *
sluice_judgement_of(const struct sluice_judgement *j, u8 dir)
{
	return &j->verdicts[dir - SLUICE_POLICY_DIRECTION_INGRESS];
}

static inline enum sluice_drop_reason
sluice_judge_reason(const struct sluice_policy_verdict *verdict)
{
	return verdict->why == SLUICE_POLICY_WHY_RULE ?
	       SLUICE_DROP_REASON_POLICY_RULE :
	       SLUICE_DROP_REASON_POLICY_ISOLATION;
}

#endif
