// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NetworkPolicies as identities, isolation and rules of allowing, in the words
 * that "sluice restore" reads.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "key.h"
#include "netpol_identity.h"

/* Of a rule's name. */
#define RULE_NAME_LEN	63

/**
 * struct allowed - a peer and a port that a policy allows
 * @peer: the peer; NULL for any
 * @port: the port; it has a name if that depends on the subject
 */
struct allowed {
	const struct netpol_identity *peer;
	struct netpol_port port;
};

/**
 * struct rule - a rule
 * @subject: the pods it is about
 * @dir: to them or from them
 * @allowed: what it allows
 * @policy: why
 */
struct rule {
	const struct netpol_identity *subject;
	enum netpol_dir dir;
	struct allowed allowed;
	const struct netpol_policy *policy;
};

/**
 * struct compiler - what is made of a cluster
 * @np: the cluster
 * @ids: identities
 * @rules: the rules
 * @allowed: what the policy at hand allows in the direction at hand
 * @policy: the policy
 * @dir: the direction
 */
struct compiler {
	struct netpol *np;
	struct netpol_identities ids;
	struct {
		struct rule *list;
		size_t count;
		size_t room;
	} rules;
	struct {
		struct allowed *list;
		size_t count;
		size_t room;
	} allowed;
	const struct netpol_policy *policy;
	enum netpol_dir dir;
};

static void allow(struct compiler *c, const struct netpol_identity *peer,
		  const struct netpol_port *port)
{
	c->allowed.list = grow(c->allowed.list, c->allowed.count,
			       &c->allowed.room, sizeof(*c->allowed.list));
	c->allowed.list[c->allowed.count++] = (struct allowed){ peer, *port };
}

static bool is_named(const struct netpol_port *port,
		     const struct netpol_port *wanted)
{
	return port->proto == wanted->proto &&
	       !strcmp(port->name, wanted->name);
}

/* The port without its name, which has been looked up. */
static struct netpol_port number_only(const struct netpol_port *port)
{
	struct netpol_port number = *port;

	number.name = NULL;
	return number;
}

/* The ports to which a peer's pods gave the name. */
static void allow_named(struct compiler *c, const struct netpol_identity *peer,
			const struct netpol_port *wanted)
{
	const struct netpol_port *port = peer->pod->ports.items;
	struct netpol_port number;
	size_t i;

	for (i = 0; i < peer->pod->ports.count; i++) {
		number = number_only(&port[i]);
		if (is_named(&port[i], wanted))
			allow(c, peer, &number);
	}
}

static void allow_named_anywhere(struct compiler *c,
				 const struct netpol_port *wanted)
{
	size_t i;

	for (i = 0; i < c->ids.pod_count; i++)
		allow_named(c, c->ids.list[i], wanted);
}

/* Whether a number is among those allowed from @first on. */
static bool is_allowed(const struct compiler *c, size_t first,
		       const struct netpol_port *port)
{
	for (; first < c->allowed.count; first++)
		if (c->allowed.list[first].port.first == port->first)
			return true;
	return false;
}

/* Pods that gave the name to the same number are one peer. */
static void allow_named_in(struct compiler *c, const struct block *block,
			   const struct netpol_port *wanted)
{
	const struct netpol_pod *pod = c->np->pods.list;
	size_t i, j, first = c->allowed.count;
	const struct netpol_port *port;
	struct netpol_port number;

	for (i = 0; i < c->np->pods.count; i++, pod++) {
		port = pod->ports.items;
		for (j = 0; j < pod->ports.count; j++) {
			if (!is_named(&port[j], wanted) ||
			    is_allowed(c, first, &port[j]) ||
			    !netpol_pod_is_in(pod, block))
				continue;
			number = number_only(&port[j]);
			allow(c, netpol_port_identity(&c->ids, block,
						      &port[j]), &number);
		}
	}
}

/* A name is one that the receiving pod gave: of ingress, the subject. */
static void allow_port(struct compiler *c, const struct netpol_identity *peer,
		       const struct netpol_port *port)
{
	if (!port->name || c->dir == NETPOL_INGRESS)
		allow(c, peer, port);
	else if (!peer)
		allow_named_anywhere(c, port);
	else if (peer->pod)
		allow_named(c, peer, port);
	else
		allow_named_in(c, peer->block, port);
}

static void allow_ports(struct compiler *c, const struct netpol_identity *peer,
			const struct netpol_list *ports)
{
	static const struct netpol_port all;
	const struct netpol_port *port = ports->items;
	size_t i;

	if (!ports->count)
		allow(c, peer, &all);
	for (i = 0; i < ports->count; i++)
		allow_port(c, peer, &port[i]);
}

static bool is_peer(const struct compiler *c, const struct netpol_peer *peer,
		    const struct netpol_pod *pod)
{
	if (peer->has_pods && !selector_picks(&peer->pods, &pod->labels))
		return false;
	if (peer->has_namespaces)
		return selector_picks(&peer->namespaces, &pod->in->labels);
	return pod->in == c->policy->in;
}

static void allow_peer(struct compiler *c, const struct netpol_peer *peer,
		       const struct netpol_list *ports)
{
	const struct netpol_identity *identity;
	size_t i;

	if (peer->block) {
		allow_ports(c, netpol_block_identity(&c->ids, peer->block),
			    ports);
		return;
	}
	for (i = 0; i < c->ids.pod_count; i++) {
		identity = c->ids.list[i];
		if (is_peer(c, peer, identity->pod))
			allow_ports(c, identity, ports);
	}
}

/* What the rules of the policy at hand allow. */
static void allow_rules(struct compiler *c)
{
	const struct netpol_list *rules = &c->policy->rules[c->dir];
	const struct netpol_rule *rule = rules->items;
	const struct netpol_peer *peer;
	size_t i, j;

	c->allowed.count = 0;
	for (i = 0; i < rules->count; i++, rule++) {
		if (!rule->peers.count)
			allow_ports(c, NULL, &rule->ports);
		peer = rule->peers.items;
		for (j = 0; j < rule->peers.count; j++)
			allow_peer(c, &peer[j], &rule->ports);
	}
}

static void add_rule(struct compiler *c, const struct netpol_identity *subject,
		     const struct netpol_identity *peer,
		     const struct netpol_port *port)
{
	c->rules.list = grow(c->rules.list, c->rules.count, &c->rules.room,
			     sizeof(*c->rules.list));
	c->rules.list[c->rules.count++] = (struct rule){
		.subject = subject, .dir = c->dir, .policy = c->policy,
		.allowed = { peer, number_only(port) },
	};
}

static void add_named(struct compiler *c, const struct netpol_identity *subject,
		      const struct allowed *allowed)
{
	const struct netpol_port *port = subject->pod->ports.items;
	size_t i;

	for (i = 0; i < subject->pod->ports.count; i++)
		if (is_named(&port[i], &allowed->port))
			add_rule(c, subject, allowed->peer, &port[i]);
}

static void isolate(struct compiler *c, struct netpol_identity *subject)
{
	const struct allowed *allowed = c->allowed.list;
	size_t i;

	subject->isolated[c->dir] = true;
	for (i = 0; i < c->allowed.count; i++, allowed++)
		if (allowed->port.name)
			add_named(c, subject, allowed);
		else
			add_rule(c, subject, allowed->peer, &allowed->port);
}

static bool is_subject(const struct compiler *c,
		       const struct netpol_identity *identity)
{
	return identity->is_subject && identity->pod->in == c->policy->in &&
	       selector_picks(&c->policy->pods, &identity->pod->labels);
}

/* What a policy allows is found out at its first subject. */
static void apply(struct compiler *c)
{
	bool is_known = false;
	size_t i;

	for (i = 0; i < c->ids.pod_count; i++) {
		if (!is_subject(c, c->ids.list[i]))
			continue;
		if (!is_known)
			allow_rules(c);
		is_known = true;
		isolate(c, c->ids.list[i]);
	}
}

static void apply_all(struct compiler *c)
{
	const struct netpol_policy *policy = c->np->policies.list;
	size_t i;

	for (i = 0; i < c->np->policies.count; i++, policy++) {
		c->policy = policy;
		for (c->dir = 0; c->dir < NETPOL_DIRS; c->dir++)
			if (policy->applies[c->dir])
				apply(c);
	}
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static uint32_t number_of(const struct netpol_identity *identity)
{
	return identity ? identity->number : 0;
}

static int rule_key_compare(const struct rule *a, const struct rule *b)
{
	int order = compare(a->subject->number, b->subject->number);

	if (!order)
		order = compare(a->dir, b->dir);
	if (!order)
		order = compare(number_of(a->allowed.peer),
				number_of(b->allowed.peer));
	return order ? order : netpol_port_compare(&a->allowed.port,
						   &b->allowed.port);
}

/* Policies are sorted; the first one by name comes first. */
static int rule_compare(const void *a, const void *b)
{
	const struct rule *left = a, *right = b;
	int order = rule_key_compare(left, right);

	return order ? order : (left->policy > right->policy) -
			       (left->policy < right->policy);
}

static void write_entries(const struct netpol_identities *ids, FILE *out)
{
	const struct netpol_entry *entry = ids->entries.list;
	char text[KEY_TEXT_SIZE];
	size_t i;

	for (i = 0; i < ids->entries.count; i++, entry++) {
		if (entry->pod)
			addr_text(&entry->prefix.addr, text);
		else
			prefix_text(&entry->prefix, text);
		fprintf(out, "identity add %s id %" PRIu32, text,
			entry->identity->number);
		if (entry->excepts)
			fprintf(out, " except %s", entry->excepts);
		if (entry->pod)
			fprintf(out, " # %s/%s", entry->pod->id.ns,
				entry->pod->id.name);
		fputc('\n', out);
	}
}

static int subject_compare(const void *a, const void *b)
{
	const struct netpol_identity * const *left = a, * const *right = b;

	return compare((*left)->number, (*right)->number);
}

static void write_isolation(const struct netpol_identities *ids, FILE *out)
{
	static const char * const words[2][2] = {
		{ NULL, "egress" }, { "ingress", "both" },
	};
	const struct netpol_identity *identity;
	const char *word;
	size_t i;

	if (ids->count)
		qsort(ids->list, ids->count, sizeof(*ids->list),
		      subject_compare);
	for (i = 0; i < ids->count; i++) {
		identity = ids->list[i];
		word = words[identity->isolated[NETPOL_INGRESS]]
			    [identity->isolated[NETPOL_EGRESS]];
		if (word)
			fprintf(out, "policy set %" PRIu32 " isolate %s\n",
				identity->number, word);
	}
}

static void write_match(const struct netpol_port *port, FILE *out)
{
	if (!port->proto)
		return;
	fprintf(out, " %s", sluice_name_of(sluice_protocols, port->proto));
	if (port->first)
		fprintf(out, " %u", port->first);
	if (port->last > port->first)
		fprintf(out, "-%u", port->last);
}

/* Never 0, which is none. */
static uint64_t policy_cookie(const char *name)
{
	uint64_t cookie = netpol_hash(name);

	return cookie ? cookie : 1;
}

static void write_rule(const struct rule *rule, FILE *out)
{
	char name[2 * NETPOL_NAME_LEN + sizeof("/")];
	bool ingress = rule->dir == NETPOL_INGRESS;

	snprintf(name, sizeof(name), "%s/%s", rule->policy->id.ns,
		 rule->policy->id.name);
	fprintf(out, "policy add %s %" PRIu32 " %s ", ingress ? "to" : "from",
		rule->subject->number, ingress ? "from" : "to");
	if (rule->allowed.peer)
		fprintf(out, "%" PRIu32, rule->allowed.peer->number);
	else
		fputs("any", out);
	write_match(&rule->allowed.port, out);
	fprintf(out, " allow cookie %" PRIu64 " name %.*s\n",
		policy_cookie(name), RULE_NAME_LEN, name);
}

static void write_rules(struct compiler *c, FILE *out)
{
	const struct rule *rule = c->rules.list;
	size_t i;

	if (c->rules.count)
		qsort(c->rules.list, c->rules.count, sizeof(*c->rules.list),
		      rule_compare);
	for (i = 0; i < c->rules.count; i++)
		if (!i || rule_key_compare(&rule[i - 1], &rule[i]))
			write_rule(&rule[i], out);
}

/**
 * netpol_write - write what policies mean as commands
 * @np: the cluster
 * @node: the node whose pods are subjects; NULL for all
 * @out: where to write it
 */
void netpol_write(struct netpol *np, const char *node, FILE *out)
{
	struct compiler c = { .np = np };

	netpol_identities_init(&c.ids, np, node);
	apply_all(&c);
	netpol_identities_number(&c.ids);
	netpol_identities_sort(&c.ids);
	fputs("# sluice policy compile: read by \"sluice restore\"\n", out);
	write_entries(&c.ids, out);
	write_isolation(&c.ids, out);
	write_rules(&c, out);
	netpol_identities_free(&c.ids);
	free(c.rules.list);
	free(c.allowed.list);
}
