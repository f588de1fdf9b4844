// SPDX-License-Identifier: GPL-2.0
/*
 * What the policy says of a connection.
 */
#include <net/ipv6.h>

#include "frontend.h"
#include "idset.h"
#include "judge.h"

/**
 * DOC: Judgements
 *
 * Who begins something is judged twice: by the rules of the sender's egress
 * and by those of the receiver's ingress; both must allow it. What a node and
 * a pod of it send to each other is allowed as far as the pod is concerned,
 * unless the administrator has it judged. Whether an address is the node's is
 * asked only if something is denied otherwise.
 *
 * Packets decide by what they saw at one revision. What was there is taken
 * away piece by piece once the revision is over; so whoever was late judges
 * once more.
 */

static struct sluice_policy_verdict *verdict_of(struct sluice_judgement *j,
						u8 dir)
{
	return &j->verdicts[dir - SLUICE_POLICY_DIRECTION_INGRESS];
}

static void judge_at(struct sluice_net *sn, const struct sluice_case *c,
		     unsigned long revision, struct sluice_judgement *j)
{
	struct sluice_policy_verdict *in, *out;
	struct sluice_policy_question question = {
		.proto = c->proto, .port = c->port,
	};

	in = verdict_of(j, SLUICE_POLICY_DIRECTION_INGRESS);
	out = verdict_of(j, SLUICE_POLICY_DIRECTION_EGRESS);
	sluice_identity_find(&sn->identities, c->family, c->src, revision,
			     &j->src);
	sluice_identity_find(&sn->identities, c->dst_family ?: c->family, c->dst,
			     revision, &j->dst);
	question.dir = SLUICE_POLICY_DIRECTION_EGRESS;
	sluice_policy_decide(&j->src, &j->dst, &question, revision, out);
	question.dir = SLUICE_POLICY_DIRECTION_INGRESS;
	sluice_policy_decide(&j->dst, &j->src, &question, revision, in);
	j->applies = out->applies || in->applies;
}

/* Nobody routes it. */
static bool is_for_link(u8 family, const union nf_inet_addr *dst)
{
	if (family == AF_INET)
		return ipv4_is_lbcast(dst->ip) || ipv4_is_local_multicast(dst->ip);
	return ipv6_addr_is_multicast(&dst->in6) &&
	       IPV6_ADDR_MC_SCOPE(&dst->in6) <= IPV6_ADDR_SCOPE_LINKLOCAL;
}

/* What a pod sends to all on its link the node alone gets, unless shared. */
static bool is_to_node(struct sluice_net *sn, const struct sluice_case *c)
{
	if (c->bridged)
		return false;
	return sluice_frontend_is_local(sn->net, c->vrf, c->family, c->dst) ||
	       (!c->shared && is_for_link(c->family, c->dst));
}

/* The other end is this node. */
static bool is_node_traffic(struct sluice_net *sn, const struct sluice_case *c,
			    u8 dir)
{
	if (READ_ONCE(sn->node.policy_node_traffic) !=
	    SLUICE_POLICY_NODE_TRAFFIC_ALLOW)
		return false;
	return dir == SLUICE_POLICY_DIRECTION_INGRESS ? c->from_node :
	       is_to_node(sn, c);
}

/* Out of line, as most of what is asked about is allowed. */
static noinline void conclude_denial(struct sluice_net *sn,
				     const struct sluice_case *c, u8 dir,
				     struct sluice_judgement *j)
{
	struct sluice_policy_verdict *verdict = verdict_of(j, dir);

	if (is_node_traffic(sn, c, dir)) {
		verdict->action = SLUICE_POLICY_ACTION_ALLOW;
		verdict->why = SLUICE_POLICY_WHY_NODE;
		verdict->rule = NULL;
	} else if (verdict->opts.audit || READ_ONCE(sn->node.policy_audit)) {
		j->audited = j->audited ?: dir;
	} else {
		j->denied = j->denied ?: dir;
	}
}

static bool is_enforced(const struct sluice_net *sn,
			const struct sluice_judgement *j)
{
	return !READ_ONCE(sn->node.policy_audit) &&
	       (j->verdicts[0].enforced || j->verdicts[1].enforced);
}

static void conclude(struct sluice_net *sn, const struct sluice_case *c,
		     u8 dir, struct sluice_judgement *j)
{
	if (verdict_of(j, dir)->action != SLUICE_POLICY_ACTION_ALLOW)
		conclude_denial(sn, c, dir, j);
}

/**
 * sluice_judge() - judge whoever begins something
 * @sn: namespace
 * @c: the case
 * @revision: of the packet
 * @j: filled in
 *
 * Any context; the caller holds rcu_read_lock().
 */
void sluice_judge(struct sluice_net *sn, const struct sluice_case *c,
		  unsigned long revision, struct sluice_judgement *j)
{
	judge_at(sn, c, revision, j);
	while (unlikely(sluice_service_table_moved(&sn->services, revision))) {
		revision = sluice_service_table_revision(&sn->services);
		judge_at(sn, c, revision, j);
	}

	j->denied = 0;
	j->audited = 0;
	j->strict = false;
	if (!j->applies)
		return;
	j->enforced = is_enforced(sn, j);
	conclude(sn, c, SLUICE_POLICY_DIRECTION_EGRESS, j);
	conclude(sn, c, SLUICE_POLICY_DIRECTION_INGRESS, j);
}

static bool is_denied_by_rule(const struct sluice_policy_verdict *verdict)
{
	return verdict->why == SLUICE_POLICY_WHY_RULE &&
	       verdict->action == SLUICE_POLICY_ACTION_DENY;
}

/* Whether a rule of either end denies it, and not only isolation */
static bool is_by_rule(const struct sluice_judgement *j)
{
	return is_denied_by_rule(&j->verdicts[0]) ||
	       is_denied_by_rule(&j->verdicts[1]);
}

/* A service's, and not all, nor those that clients are given */
#define PORTS_NAMED	1024

static bool is_wanted_by(const struct sluice_policy_verdict *verdict)
{
	const struct sluice_policy_key *key;

	if (verdict->why != SLUICE_POLICY_WHY_RULE)
		return false;
	key = &verdict->rule->key;
	return !(key->any & SLUICE_POLICY_ANY_PROTO) &&
	       key->last - key->first < PORTS_NAMED;
}

/* Somebody has had just this in mind, and nobody minds. */
static bool is_wanted(const struct sluice_judgement *j)
{
	return !j->denied && !j->audited &&
	       (is_wanted_by(&j->verdicts[0]) || is_wanted_by(&j->verdicts[1]));
}

/*
 * As if its receiver had begun the connection. If the node receives it nobody else
 * has.
 */
static void judge_turned(struct sluice_net *sn, const struct sluice_case *c,
			 __be16 sport, unsigned long revision,
			 const struct sluice_judgement *j,
			 struct sluice_judgement *other)
{
	struct sluice_case turned = {
		.src = c->dst, .dst = c->src,
		.family = c->family, .proto = c->proto,
		.port = ntohs(sport), .vrf = c->vrf,
	};

	sluice_judge(sn, &turned, revision, other);
	if (other->denied || other->audited) {
		turned.from_node = sluice_frontend_is_local(sn->net, c->vrf,
							    c->family, c->dst);
		if (turned.from_node)
			sluice_judge(sn, &turned, revision, other);
	}
	other->strict = j->strict;
}

/* As what ports tell: an answer that is denied or told of may not be one. */
static bool is_answer(const struct sluice_judgement *j,
		      const struct sluice_judgement *other)
{
	if (!other->denied && !other->audited)
		return true;
	return is_by_rule(other) || !is_wanted(j);
}

/* What is denied as it is, or told of, while ports do not tell that it is one */
static bool may_be_answer(const struct sluice_judgement *j,
			  const struct sluice_judgement *other)
{
	return !other->denied && (j->denied || !other->audited);
}

/**
 * sluice_judge_middle() - judge a packet that does not tell who has begun it
 * @sn: namespace
 * @c: as if its sender had
 * @sport: its source port
 * @revision: of the packet
 * @firm: what a rule denies is not taken for an answer where ports do not tell
 * @j: filled in
 *
 * A SYN's answer and ports tell, as a rule: then what a rule denies is denied; but what only isolation
 * denies may be of the other direction if a rule that names ports allows that.
 * Where ports do not tell, either direction will do.
 *
 * Any context; the caller holds rcu_read_lock().
 *
 * Return: what @j is of; @j may deny it or tell of it in either case.
 */
enum sluice_judged
sluice_judge_middle(struct sluice_net *sn, const struct sluice_case *c,
		    __be16 sport, unsigned long revision, bool firm,
		    struct sluice_judgement *j)
{
	bool asks = !c->answer &&
		    sluice_ports_tell_server(c->port, ntohs(sport));
	struct sluice_judgement other;
	enum sluice_judged how;

	sluice_judge(sn, c, revision, j);
	if (!j->applies || (!c->answer && !j->denied && !j->audited) ||
	    (!c->answer && (asks || firm) && is_by_rule(j)))
		return SLUICE_JUDGED_ITSELF;

	judge_turned(sn, c, sport, revision, j, &other);
	if (c->answer ? !is_answer(j, &other) :
			!may_be_answer(j, &other) || (asks && !is_wanted(&other)))
		return SLUICE_JUDGED_ITSELF;
	how = j->denied ? SLUICE_JUDGED_TURNED : SLUICE_JUDGED_UNTOLD;
	*j = other;
	return c->answer ? SLUICE_JUDGED_ANSWER : how;
}

static bool is_of_workload(const struct sluice_identities *who)
{
	const struct sluice_idset *own = who->sets[0];

	return own &&
	       own->ids[own->count - 1]->number > SLUICE_IDENTITY_RESERVED_LAST;
}

/**
 * sluice_judge_is_remembered() - whether an end may get rules of its own
 * @j: judgement; the caller holds rcu_read_lock()
 *
 * It has an entry of its own, not only by a prefix around it, with an identity
 * that is none of those for the node, other nodes and the world.
 */
bool sluice_judge_is_remembered(const struct sluice_judgement *j)
{
	return is_of_workload(&j->src) || is_of_workload(&j->dst);
}

static u32 first_number(const struct sluice_identities *identities)
{
	const struct sluice_idset *set = identities->sets[0] ?:
					 identities->sets[1];

	return set ? set->ids[0]->number : 0;
}

/* Of several identities one the rule is about, if it is about one. */
static u32 peer_of(const struct sluice_judgement *j, u8 dir,
		   const struct sluice_policy_rule *rule)
{
	if (rule && !(rule->key.any & SLUICE_POLICY_ANY_PEER))
		return rule->key.peer;
	return first_number(dir == SLUICE_POLICY_DIRECTION_INGRESS ?
			    &j->src : &j->dst);
}

/**
 * sluice_judge_blame() - say who denies something, or would
 * @j: judgement
 * @dir: the direction that does
 * @blame: filled in
 *
 * Of an address with several identities one is named.
 */
void sluice_judge_blame(const struct sluice_judgement *j, u8 dir,
			struct sluice_blame *blame)
{
	const struct sluice_policy_verdict *verdict;

	verdict = sluice_judgement_of(j, dir);
	*blame = (struct sluice_blame) {
		.rule = verdict->rule,
		.subject = verdict->subject,
		.peer = peer_of(j, dir, verdict->rule),
		.dir = dir,
		.why = verdict->why,
	};
}

/*
 * The rules of both ends by which it goes on, by direction: that allow it, or
 * would deny it but for the audit mode; NULL where there is none
 */
void sluice_judge_rules(const struct sluice_judgement *j,
				 struct sluice_policy_rule **rules)
{
	const struct sluice_policy_verdict *verdict;
	u32 i;

	for (i = 0; i < SLUICE_POLICY_DIRECTIONS; i++) {
		verdict = &j->verdicts[i];
		rules[i] = !j->denied ||
			   verdict->action == SLUICE_POLICY_ACTION_ALLOW ?
			   verdict->rule : NULL;
	}
}
