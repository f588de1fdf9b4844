/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The objects of a Kubernetes cluster that NetworkPolicies are about.
 */
#ifndef SLUICE_NETPOL_H
#define SLUICE_NETPOL_H

#include <netinet/in.h>
#include <stdio.h>

#include "block.h"
#include "labels.h"

/* The longest name of an object. */
#define NETPOL_NAME_LEN	253

enum netpol_dir { NETPOL_INGRESS, NETPOL_EGRESS, NETPOL_DIRS };

/**
 * struct netpol_name - what names an object of its kind
 * @ns: its namespace; "" for a namespace
 * @name: its name
 */
struct netpol_name {
	const char *ns;
	const char *name;
};

/* All kinds of objects begin with their name. */
struct netpol_namespace {
	struct netpol_name id;
	struct labels labels;
};

/**
 * struct netpol_port - a port that a pod gives a name, or that a rule allows
 * @name: the name; NULL if a rule has a number or none
 * @proto: IPPROTO_*; 0 for all
 * @first: the port; 0 for all
 * @last: of several, else @first
 */
struct netpol_port {
	const char *name;
	uint8_t proto;
	uint16_t first;
	uint16_t last;
};

/**
 * struct netpol_pod - a pod
 * @id: its name
 * @node: where it runs; NULL if nowhere yet
 * @labels: its labels
 * @ports: of struct netpol_port, those with names, sorted
 * @addrs: of struct sluice_addr; none if policies are not about this pod
 * @in: its namespace
 * @identity: what it is to the kernel
 */
struct netpol_pod {
	struct netpol_name id;
	const char *node;
	struct labels labels;
	struct netpol_list ports;
	struct netpol_list addrs;
	const struct netpol_namespace *in;
	struct netpol_identity *identity;
};

/**
 * struct netpol_peer - an item of "from" or "to"
 * @block: addresses; NULL if it is about pods
 * @has_pods: whether @pods was given: without, all pods are meant
 * @has_namespaces: whether @namespaces was given: without, the own is meant
 * @pods: selects pods
 * @namespaces: selects namespaces
 */
struct netpol_peer {
	struct block *block;
	bool has_pods;
	bool has_namespaces;
	struct selector pods;
	struct selector namespaces;
};

/**
 * struct netpol_rule - an item of "ingress" or "egress"
 * @peers: of struct netpol_peer; none: everybody
 * @ports: of struct netpol_port; none: everything
 */
struct netpol_rule {
	struct netpol_list peers;
	struct netpol_list ports;
};

/**
 * struct netpol_policy - a NetworkPolicy
 * @id: its name
 * @pods: selects the pods it is about
 * @applies: in which directions
 * @rules: of struct netpol_rule, by direction
 * @in: its namespace
 */
struct netpol_policy {
	struct netpol_name id;
	struct selector pods;
	bool applies[NETPOL_DIRS];
	struct netpol_list rules[NETPOL_DIRS];
	const struct netpol_namespace *in;
};

/**
 * struct netpol_objects - objects of one kind
 * @list: sorted by name when all are read
 * @count: how many
 * @room: how many there is room for
 */
struct netpol_objects {
	void *list;
	size_t count;
	size_t room;
};

/**
 * struct netpol - a cluster
 * @arena: owns what the objects consist of
 * @documents: the JSON that texts are in
 * @namespaces: of struct netpol_namespace
 * @pods: of struct netpol_pod
 * @policies: of struct netpol_policy
 * @objects: objects read so far
 */
struct netpol {
	struct arena arena;
	struct {
		struct json_object **list;
		size_t count;
		size_t room;
	} documents;
	struct netpol_objects namespaces;
	struct netpol_objects pods;
	struct netpol_objects policies;
	size_t objects;
};

int netpol_read(struct netpol *np, const char *text, size_t size,
		struct words *complaint);
void netpol_free(struct netpol *np);
void netpol_write(struct netpol *np, const char *node, FILE *out);

int netpol_pod_read(const struct place *object, struct arena *arena,
		    void *item);
int netpol_policy_read(const struct place *object, struct arena *arena,
		       void *item);

int netpol_port_name(const struct place *place, const char **name);
int netpol_proto(const struct place *up, uint8_t *proto);
int netpol_port_compare(const void *a, const void *b);

#endif /* SLUICE_NETPOL_H */
