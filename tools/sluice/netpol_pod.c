// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What policies need of a pod: labels, node, addresses and named ports.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "key.h"
#include "netpol.h"

/**
 * struct container - a part of a pod
 * @ports: of struct netpol_port, with and without names
 * @is_there: while the pod runs
 */
struct container {
	struct netpol_list ports;
	bool is_there;
};

/**
 * netpol_port_name - the name of a port
 * @place: where it is
 * @name: gets it
 *
 * Return: 0 or -EINVAL.
 */
int netpol_port_name(const struct place *place, const char **name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	static const char all[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t len;

	if (place_text(place, name))
		return -EINVAL;
	len = strspn(*name, all);
	if (!(*name)[len] && len <= 15 && strpbrk(*name, letters))
		return 0;
	return place_fail(place, "\"%.64s\" is not a port's name", *name);
}

/**
 * netpol_proto - the protocol of a port
 * @up: the port
 * @proto: gets IPPROTO_*; TCP if it is missing
 *
 * Return: 0 or -EINVAL.
 */
int netpol_proto(const struct place *up, uint8_t *proto)
{
	static const char * const names[] = { "TCP", "UDP", "SCTP", NULL };
	static const uint8_t protos[] = {
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP
	};
	struct place member;
	int choice = 0;

	place_member(&member, up, "protocol");
	if (place_choice(&member, names, &choice))
		return -EINVAL;
	*proto = protos[choice];
	return 0;
}

static int read_port(const struct place *place, struct arena *arena,
		     void *item)
{
	struct netpol_port *port = item;
	struct place member;

	(void)arena;
	if (place_is(place, json_type_object) || netpol_proto(place, &port->proto))
		return -EINVAL;
	place_member(&member, place, "name");
	if (member.value && netpol_port_name(&member, &port->name))
		return -EINVAL;
	place_member(&member, place, "containerPort");
	if (place_port(&member, &port->first))
		return -EINVAL;
	port->last = port->first;
	return 0;
}

static int read_container(const struct place *place, struct arena *arena,
			  void *item)
{
	struct container *container = item;

	container->is_there = true;
	if (place_is(place, json_type_object))
		return -EINVAL;
	return member_list(place, "ports", arena, sizeof(struct netpol_port),
			   read_port, &container->ports);
}

/* It has ended when the others begin, unless it is always started again. */
static int read_init_container(const struct place *place, struct arena *arena,
			       void *item)
{
	struct container *container = item;
	const char *restart = "";

	if (read_container(place, arena, item) ||
	    member_text(place, "restartPolicy", &restart))
		return -EINVAL;
	container->is_there = !strcmp(restart, "Always");
	return 0;
}

/**
 * netpol_port_compare - order of two ports: by name, protocol, number
 * @a: a port
 * @b: another
 *
 * Return: less than, equal to or greater than 0, as of strcmp().
 */
int netpol_port_compare(const void *a, const void *b)
{
	const struct netpol_port *left = a, *right = b;
	int order = 0;

	if (left->name && right->name)
		order = strcmp(left->name, right->name);
	if (!order)
		order = left->proto - right->proto;
	if (!order)
		order = left->first - right->first;
	return order ? order : left->last - right->last;
}

/* Append the ports with names of some containers to those of the pod. */
static void add_named(struct arena *arena, const struct netpol_list *containers,
		      struct netpol_list *named)
{
	const struct container *container = containers->items;
	const struct netpol_port *port;
	struct netpol_port *all;
	size_t room = named->count;
	size_t i, j;

	for (i = 0; i < containers->count; i++)
		room += container[i].ports.count;
	all = arena_alloc(arena, room, sizeof(*all));
	if (named->count)
		memcpy(all, named->items, named->count * sizeof(*all));
	named->items = all;
	for (i = 0; i < containers->count; i++) {
		port = container[i].ports.items;
		for (j = 0; j < container[i].ports.count; j++)
			if (container[i].is_there && port[j].name)
				all[named->count++] = port[j];
	}
}

static void sort_named(struct netpol_list *named)
{
	struct netpol_port *port = named->items;
	size_t i, kept = 0;

	qsort(port, named->count, sizeof(*port), netpol_port_compare);
	for (i = 0; i < named->count; i++)
		if (!kept || netpol_port_compare(&port[kept - 1], &port[i]))
			port[kept++] = port[i];
	named->count = kept;
}

static int read_ports(const struct place *spec, struct arena *arena,
		      struct netpol_list *named)
{
	struct netpol_list containers;

	if (member_list(spec, "containers", arena, sizeof(struct container),
			read_container, &containers))
		return -EINVAL;
	add_named(arena, &containers, named);
	if (member_list(spec, "initContainers", arena,
			sizeof(struct container), read_init_container,
			&containers))
		return -EINVAL;
	add_named(arena, &containers, named);
	sort_named(named);
	return 0;
}

static int parse_addr(const struct place *place, struct sluice_addr *addr)
{
	const char *text;

	if (place_text(place, &text))
		return -EINVAL;
	if (addr_parse(text, addr))
		return 0;
	return place_fail(place, "\"%.64s\" is not an address", text);
}

static int read_addr(const struct place *place, struct arena *arena,
		     void *item)
{
	struct place member;

	(void)arena;
	if (place_is(place, json_type_object))
		return -EINVAL;
	place_member(&member, place, "ip");
	return parse_addr(&member, item);
}

static int read_addrs(const struct place *status, struct arena *arena,
		      struct netpol_list *addrs)
{
	struct place member;

	if (member_list(status, "podIPs", arena, sizeof(struct sluice_addr),
			read_addr, addrs))
		return -EINVAL;
	place_member(&member, status, "podIP");
	if (addrs->count || !member.value)
		return 0;
	addrs->items = arena_alloc(arena, 1, sizeof(struct sluice_addr));
	addrs->count = 1;
	return parse_addr(&member, addrs->items);
}

static int read_spec(const struct place *spec, struct arena *arena,
		     struct netpol_pod *pod, bool *host_network)
{
	if (spec->value && place_is(spec, json_type_object))
		return -EINVAL;
	if (member_text(spec, "nodeName", &pod->node) ||
	    member_flag(spec, "hostNetwork", host_network))
		return -EINVAL;
	return read_ports(spec, arena, &pod->ports);
}

static int read_status(const struct place *status, struct arena *arena,
		       struct netpol_pod *pod, bool *ended)
{
	const char *phase = "";

	if (status->value && place_is(status, json_type_object))
		return -EINVAL;
	if (member_text(status, "phase", &phase))
		return -EINVAL;
	*ended = !strcmp(phase, "Succeeded") || !strcmp(phase, "Failed");
	return read_addrs(status, arena, &pod->addrs);
}

/**
 * netpol_pod_read - read a Pod
 * @object: where it is
 * @arena: owns what it consists of
 * @item: the struct netpol_pod that gets it, but for its name
 *
 * Return: 0 or -EINVAL.
 */
int netpol_pod_read(const struct place *object, struct arena *arena,
		    void *item)
{
	bool host_network = false, ended = false;
	struct place metadata, spec, status;
	struct netpol_pod *pod = item;

	place_member(&metadata, object, "metadata");
	place_member(&spec, object, "spec");
	place_member(&status, object, "status");
	if (labels_read(&metadata, arena, &pod->labels) ||
	    read_spec(&spec, arena, pod, &host_network) ||
	    read_status(&status, arena, pod, &ended))
		return -EINVAL;
	if (host_network || ended)
		pod->addrs.count = 0;
	return 0;
}
