// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The identities that pods and ipBlocks get, and the addresses that have them.
 *
 * A number is a hash of what those that have it have in common, so that what
 * comes or goes leaves the others' numbers alone. Of two with the same hash the
 * one that sorts first has it and the other the next number that is free.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "key.h"
#include "netpol_identity.h"

/* Pods have numbers that begin with 1 or 2, ipBlocks such as begin with 3. */
#define POD_FIRST	1000000000U
#define POD_COUNT	2000000000U
#define BLOCK_FIRST	3000000000U
#define BLOCK_COUNT	1000000000U

static int key_compare(const void *a, const void *b)
{
	const struct netpol_identity *left = a, *right = b;

	return strcmp(left->key, right->key);
}

static int number_compare(const void *a, const void *b)
{
	const struct netpol_identity *left = a, *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

/**
 * netpol_hash - the FNV-1a hash of a text
 * @text: the text
 *
 * Return: its hash.
 */
uint64_t netpol_hash(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return hash;
}

/* Find or make the identity of a key; @is_new tells which. */
static struct netpol_identity *intern(struct netpol_identities *ids,
				      const char *key, bool *is_new)
{
	struct netpol_identity wanted = { .key = key };
	struct netpol_identity **found;

	found = tfind(&wanted, &ids->tree, key_compare);
	*is_new = !found;
	if (found)
		return *found;
	ids->list = grow(ids->list, ids->count, &ids->room,
			 sizeof(*ids->list));
	ids->list[ids->count] = arena_alloc(ids->arena, 1, sizeof(wanted));
	*ids->list[ids->count] = wanted;
	if (!tsearch(ids->list[ids->count], &ids->tree, key_compare))
		out_of_memory();
	return ids->list[ids->count++];
}

static struct netpol_entry *add_entry(struct netpol_identities *ids,
				      const struct netpol_identity *identity)
{
	struct netpol_entry *entry;

	ids->entries.list = grow(ids->entries.list, ids->entries.count,
				 &ids->entries.room, sizeof(*entry));
	entry = &ids->entries.list[ids->entries.count++];
	*entry = (struct netpol_entry){ .identity = identity };
	return entry;
}

static void add_addr(struct netpol_identities *ids,
		     const struct netpol_pod *pod,
		     const struct sluice_addr *addr,
		     const struct netpol_identity *identity)
{
	struct netpol_entry *entry = add_entry(ids, identity);

	entry->prefix.addr = *addr;
	entry->prefix.len = 8 * addr->len;
	entry->pod = pod;
}

static void add_addrs(struct netpol_identities *ids,
		      const struct netpol_pod *pod,
		      const struct netpol_identity *identity)
{
	const struct sluice_addr *addr = pod->addrs.items;
	size_t i;

	for (i = 0; i < pod->addrs.count; i++)
		add_addr(ids, pod, &addr[i], identity);
}

static void print_key(FILE *out, const struct netpol_pod *pod)
{
	const struct netpol_port *port = pod->ports.items;
	size_t i;

	fprintf(out, "pod %s", pod->id.ns);
	for (i = 0; i < pod->labels.count; i++)
		fprintf(out, " %s=%s", pod->labels.label[i].key,
			pod->labels.label[i].value);
	for (i = 0; i < pod->ports.count; i++)
		fprintf(out, " %s:%u/%u", port[i].name, port[i].first,
			port[i].proto);
}

static struct netpol_identity *pod_identity(struct netpol_identities *ids,
					    const struct netpol_pod *pod)
{
	struct netpol_identity *identity;
	char *text = NULL;
	bool is_new;
	size_t size;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		out_of_memory();
	print_key(out, pod);
	if (fclose(out))
		out_of_memory();
	identity = intern(ids, arena_printf(ids->arena, "%s", text), &is_new);
	free(text);
	if (is_new)
		identity->pod = pod;
	return identity;
}

/**
 * netpol_identities_init - give all pods their identities
 * @ids: gets them; netpol_identities_free() afterwards
 * @np: the cluster
 * @node: the node whose pods are subjects; NULL for all
 */
void netpol_identities_init(struct netpol_identities *ids, struct netpol *np,
			    const char *node)
{
	struct netpol_pod *pod = np->pods.list;
	size_t i;

	*ids = (struct netpol_identities){
		.arena = &np->arena, .pods = &np->pods,
	};
	for (i = 0; i < np->pods.count; i++, pod++) {
		if (!pod->addrs.count)
			continue;
		pod->identity = pod_identity(ids, pod);
		if (!node || (pod->node && !strcmp(pod->node, node)))
			pod->identity->is_subject = true;
		add_addrs(ids, pod, pod->identity);
	}
	ids->pod_count = ids->count;
}

/**
 * netpol_block_identity - the identity of an ipBlock's addresses
 * @ids: all identities
 * @block: the ipBlock
 *
 * Return: the identity.
 */
struct netpol_identity *
netpol_block_identity(struct netpol_identities *ids,
		      const struct block *block)
{
	struct netpol_identity *identity;
	struct netpol_entry *entry;
	bool is_new;

	identity = intern(ids, block->text, &is_new);
	if (!is_new)
		return identity;
	identity->block = block;
	entry = add_entry(ids, identity);
	entry->prefix = block->cidr;
	entry->excepts = block->excepts_text;
	return identity;
}

static bool has_port(const struct netpol_pod *pod,
		     const struct netpol_port *wanted)
{
	const struct netpol_port *port = pod->ports.items;
	size_t i;

	for (i = 0; i < pod->ports.count; i++)
		if (!netpol_port_compare(&port[i], wanted))
			return true;
	return false;
}

static void add_pods_in(struct netpol_identities *ids,
			const struct block *block,
			const struct netpol_port *port,
			const struct netpol_identity *identity)
{
	const struct netpol_pod *pod = ids->pods->list;
	const struct sluice_addr *addr;
	size_t i, j;

	for (i = 0; i < ids->pods->count; i++, pod++) {
		addr = pod->addrs.items;
		for (j = 0; j < pod->addrs.count; j++)
			if (block_has(block, &addr[j]) && has_port(pod, port))
				add_addr(ids, pod, &addr[j], identity);
	}
}

/**
 * netpol_port_identity - that of an ipBlock's pods that have a port
 * @ids: all identities
 * @block: the ipBlock
 * @port: the port, as such a pod has it
 *
 * Return: the identity.
 */
struct netpol_identity *
netpol_port_identity(struct netpol_identities *ids, const struct block *block,
		     const struct netpol_port *port)
{
	struct netpol_identity *identity;
	const char *key;
	bool is_new;

	key = arena_printf(ids->arena, "%s %s:%u/%u", block->text, port->name,
			   port->first, port->proto);
	identity = intern(ids, key, &is_new);
	if (is_new) {
		identity->block = block;
		add_pods_in(ids, block, port, identity);
	}
	return identity;
}

static void give_number(struct netpol_identity *identity, void **used)
{
	uint32_t first = identity->pod ? POD_FIRST : BLOCK_FIRST;
	uint32_t count = identity->pod ? POD_COUNT : BLOCK_COUNT;
	uint32_t offset = netpol_hash(identity->key) % count;
	void **found;

	for (;; offset = (offset + 1) % count) {
		identity->number = first + offset;
		found = tsearch(identity, used, number_compare);
		if (!found)
			out_of_memory();
		if (*found == identity)
			return;
	}
}

static int sort_by_key(const void *a, const void *b)
{
	return key_compare(*(void * const *)a, *(void * const *)b);
}

static void leave(void *identity)
{
	(void)identity;
}

/**
 * netpol_identities_number - give all identities their numbers
 * @ids: the identities; their list is sorted afterwards
 */
void netpol_identities_number(struct netpol_identities *ids)
{
	void *used = NULL;
	size_t i;

	if (!ids->count)
		return;
	qsort(ids->list, ids->count, sizeof(*ids->list), sort_by_key);
	for (i = 0; i < ids->count; i++)
		give_number(ids->list[i], &used);
	tdestroy(used, leave);
}

static int entry_compare(const void *a, const void *b)
{
	const struct netpol_entry *left = a, *right = b;
	int order = addr_compare(&left->prefix.addr, &right->prefix.addr);

	if (!order)
		order = left->prefix.len - right->prefix.len;
	if (!order)
		order = number_compare(left->identity, right->identity);
	/* Pods are sorted; the first one stands for all. */
	return order ? order : (left->pod > right->pod) -
			       (left->pod < right->pod);
}

static bool is_same(const struct netpol_entry *a, const struct netpol_entry *b)
{
	return !addr_compare(&a->prefix.addr, &b->prefix.addr) &&
	       a->prefix.len == b->prefix.len && a->identity == b->identity;
}

/**
 * netpol_identities_sort - sort the entries, each once
 * @ids: the identities, with their numbers
 */
void netpol_identities_sort(struct netpol_identities *ids)
{
	struct netpol_entry *entry = ids->entries.list;
	size_t i, kept = 0;

	if (!ids->entries.count)
		return;
	qsort(entry, ids->entries.count, sizeof(*entry), entry_compare);
	for (i = 0; i < ids->entries.count; i++)
		if (!kept || !is_same(&entry[kept - 1], &entry[i]))
			entry[kept++] = entry[i];
	ids->entries.count = kept;
}

/**
 * netpol_identities_free - forget the identities
 * @ids: the identities
 */
void netpol_identities_free(struct netpol_identities *ids)
{
	tdestroy(ids->tree, leave);
	free(ids->list);
	free(ids->entries.list);
}

/**
 * netpol_pod_is_in - whether a pod has an address of an ipBlock
 * @pod: the pod
 * @block: the ipBlock
 *
 * Return: whether.
 */
bool netpol_pod_is_in(const struct netpol_pod *pod, const struct block *block)
{
	const struct sluice_addr *addr = pod->addrs.items;
	size_t i;

	for (i = 0; i < pod->addrs.count; i++)
		if (block_has(block, &addr[i]))
			return true;
	return false;
}
