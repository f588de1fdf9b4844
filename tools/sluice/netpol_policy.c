// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a NetworkPolicy says. A field that is not known could be one that makes
 * it narrower: it is refused.
 */
#include <errno.h>

#include "netpol.h"

static int check_peer(const struct place *place,
		      const struct netpol_peer *peer)
{
	bool selects = peer->has_pods || peer->has_namespaces;

	if (peer->block && selects)
		return place_fail(place, "has ipBlock and a selector");
	if (!peer->block && !selects)
		return place_fail(place,
				  "has neither ipBlock nor a selector");
	return 0;
}

static int read_block(const struct place *up, struct arena *arena,
		      struct netpol_peer *peer)
{
	struct place member;

	place_member(&member, up, "ipBlock");
	if (!member.value)
		return 0;
	peer->block = arena_alloc(arena, 1, sizeof(*peer->block));
	return block_read(&member, arena, peer->block);
}

static int read_selector(const struct place *up, const char *name,
			 struct arena *arena, bool *has,
			 struct selector *selector)
{
	struct place member;

	place_member(&member, up, name);
	*has = member.value;
	return *has ? selector_read(&member, arena, selector) : 0;
}

static int read_peer(const struct place *place, struct arena *arena,
		     void *item)
{
	static const char * const names[] = {
		"podSelector", "namespaceSelector", "ipBlock", NULL
	};
	struct netpol_peer *peer = item;

	if (place_only_has(place, names) || read_block(place, arena, peer) ||
	    read_selector(place, "podSelector", arena, &peer->has_pods,
			  &peer->pods) ||
	    read_selector(place, "namespaceSelector", arena,
			  &peer->has_namespaces, &peer->namespaces))
		return -EINVAL;
	return check_peer(place, peer);
}

static int read_number(const struct place *place, struct netpol_port *port)
{
	if (place->value && json_object_is_type(place->value, json_type_string))
		return netpol_port_name(place, &port->name);
	return place_port(place, &port->first);
}

static int read_end(const struct place *place, struct netpol_port *port)
{
	if (place_port(place, &port->last))
		return -EINVAL;
	if (!port->first)
		return place_fail(place, "needs a port that is a number");
	if (port->last < port->first)
		return place_fail(place, "%u is less than the port, %u",
				  port->last, port->first);
	return 0;
}

static int read_port(const struct place *place, struct arena *arena,
		     void *item)
{
	static const char * const names[] = {
		"protocol", "port", "endPort", NULL
	};
	struct netpol_port *port = item;
	struct place number, end;

	(void)arena;
	if (place_only_has(place, names) || netpol_proto(place, &port->proto))
		return -EINVAL;
	place_member(&number, place, "port");
	if (number.value && read_number(&number, port))
		return -EINVAL;
	port->last = port->first;
	place_member(&end, place, "endPort");
	return end.value ? read_end(&end, port) : 0;
}

static int read_rule(const struct place *place, struct arena *arena,
		     const char *peers, struct netpol_rule *rule)
{
	const char * const names[] = { peers, "ports", NULL };

	if (place_only_has(place, names) ||
	    member_list(place, peers, arena, sizeof(struct netpol_peer),
			read_peer, &rule->peers))
		return -EINVAL;
	return member_list(place, "ports", arena, sizeof(struct netpol_port),
			   read_port, &rule->ports);
}

static int read_ingress(const struct place *place, struct arena *arena,
			void *item)
{
	return read_rule(place, arena, "from", item);
}

static int read_egress(const struct place *place, struct arena *arena,
		       void *item)
{
	return read_rule(place, arena, "to", item);
}

static int read_type(const struct place *place, struct arena *arena,
		     void *item)
{
	static const char * const names[] = {
		[NETPOL_INGRESS] = "Ingress",
		[NETPOL_EGRESS] = "Egress",
		NULL
	};
	int *type = item;

	(void)arena;
	if (place_is(place, json_type_string))
		return -EINVAL;
	return place_choice(place, names, type);
}

/* Without types: ingress, and egress if there are rules for it. */
static int read_types(const struct place *spec, struct arena *arena,
		      struct netpol_policy *policy)
{
	struct netpol_list types;
	size_t i;
	int *type;

	if (member_list(spec, "policyTypes", arena, sizeof(*type), read_type,
			&types))
		return -EINVAL;
	type = types.items;
	for (i = 0; i < types.count; i++)
		policy->applies[type[i]] = true;
	if (!types.count) {
		policy->applies[NETPOL_INGRESS] = true;
		policy->applies[NETPOL_EGRESS] =
			policy->rules[NETPOL_EGRESS].count;
	}
	return 0;
}

/**
 * netpol_policy_read - read a NetworkPolicy
 * @object: where it is
 * @arena: owns what it consists of
 * @item: the struct netpol_policy that gets it, but for its name
 *
 * Return: 0 or -EINVAL.
 */
int netpol_policy_read(const struct place *object, struct arena *arena,
		       void *item)
{
	static const char * const names[] = {
		"podSelector", "policyTypes", "ingress", "egress", NULL
	};
	struct netpol_policy *policy = item;
	struct place spec;
	bool unused;

	place_member(&spec, object, "spec");
	if (spec.value && place_only_has(&spec, names))
		return -EINVAL;
	if (read_selector(&spec, "podSelector", arena, &unused,
			  &policy->pods) ||
	    member_list(&spec, "ingress", arena, sizeof(struct netpol_rule),
			read_ingress, &policy->rules[NETPOL_INGRESS]) ||
	    member_list(&spec, "egress", arena, sizeof(struct netpol_rule),
			read_egress, &policy->rules[NETPOL_EGRESS]))
		return -EINVAL;
	return read_types(&spec, arena, policy);
}
