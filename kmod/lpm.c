// SPDX-License-Identifier: GPL-2.0
/*
 * Longest prefix match.
 */
#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/socket.h>

#include "alloc.h"
#include "lpm.h"

/**
 * DOC: Longest prefix match
 *
 * A trie takes six bits of the address at a time, its chunk. A node stands for
 * addresses that agree in the bits before it. It has the prefixes that end
 * within its chunk, and children by the chunk's value, both as a bitmap and
 * pointers for the set bits only, after Eatherton, Varghese and Dittia, "Tree
 * bitmap" (2004). Chunks in which nothing branches or ends have no node, so
 * each node says which bits lead to it. There are then at most two nodes for
 * each prefix, and a look-up visits at most 6 of them for IPv4 and 22 for IPv6.
 *
 * Prefixes within a chunk are numbered as in a heap: 1 has none of its bits,
 * 2 and 3 have one, 32 to 63 five. Half of a number is that of the next wider
 * prefix. A prefix that has all six bits is number 1 of a child.
 *
 * Example, 10.0.0.0/8 and 10.1.0.0/16: a node at bit 6 has number 6 (1, then
 * bits 10), and child 32 (bits 10 0000), a node at bit 12. There number 17 (1,
 * then bits 0001) is the /16.
 *
 * Something new needs another node in most cases: it is made from the present
 * one and replaces it in the pointer that leads there. To remove something its
 * pointer is cleared, its bit remains: nothing needs memory. A node with no
 * value and one child at most is then replaced by that child. What half of the
 * pointers do not use is given back if there is memory for a smaller node.
 */

#define STRIDE		6
#define LEN_MAX		128

/* What a node has pointers to, in this order. */
enum kind {
	VALUES,
	CHILDREN,
	KINDS,
};

/**
 * struct lpm_key - an address from its first bit on; IPv4 with zeros behind
 * @hi: the first 64 bits
 * @lo: the others
 */
struct lpm_key {
	u64 hi;
	u64 lo;
};

/**
 * struct lpm_node - addresses that agree in their first bits
 * @rcu: for the deferred freeing
 * @key: one of these addresses
 * @maps: for each kind, bits of what has a pointer
 * @offset: how many bits agree, a multiple of %STRIDE
 * @slots: the pointers; RCU, written under &struct sluice_lpm.lock
 */
struct lpm_node {
	struct rcu_head rcu;
	struct lpm_key key;
	u64 maps[KINDS];
	u32 offset;
	void __rcu *slots[];
};

/* ---------------------------------------------------------------------- bits */

static struct lpm_key make_key(u8 family, const union nf_inet_addr *addr)
{
	if (family == AF_INET)
		return (struct lpm_key) { .hi = (u64)ntohl(addr->ip) << 32 };

	return (struct lpm_key) {
		.hi = (u64)ntohl(addr->ip6[0]) << 32 | ntohl(addr->ip6[1]),
		.lo = (u64)ntohl(addr->ip6[2]) << 32 | ntohl(addr->ip6[3]),
	};
}

/* The six bits from @offset on. */
static u32 chunk_at(const struct lpm_key *key, u32 offset)
{
	u64 window;

	if (offset >= 64)
		window = key->lo << (offset - 64);
	else
		window = key->hi << offset | key->lo >> 1 >> (63 - offset);
	return window >> (64 - STRIDE);
}

static u32 common_bits(const struct lpm_key *a, const struct lpm_key *b)
{
	if (a->hi != b->hi)
		return 64 - fls64(a->hi ^ b->hi);
	return LEN_MAX - fls64(a->lo ^ b->lo);
}

/* What the prefix of @len bits around @chunk is, as in a heap. */
static u32 number_of(u32 chunk, u32 len)
{
	return 1U << len | chunk >> (STRIDE - len);
}

static u32 offset_of(const struct sluice_prefix *prefix)
{
	return rounddown(prefix->len, STRIDE);
}

static u32 number_in_node(const struct sluice_prefix *prefix,
			  const struct lpm_key *key)
{
	return number_of(chunk_at(key, offset_of(prefix)),
			 prefix->len % STRIDE);
}

static bool leads_to(const struct lpm_key *key, const struct lpm_node *node)
{
	return common_bits(key, &node->key) >= node->offset;
}

static bool has_slot(const struct lpm_node *node, enum kind kind, u32 bit)
{
	return node->maps[kind] & BIT_ULL(bit);
}

/* Of something that has one. */
static void __rcu **slot_of(struct lpm_node *node, enum kind kind, u32 bit)
{
	u32 i = hweight64(node->maps[kind] & (BIT_ULL(bit) - 1));

	if (kind == CHILDREN)
		i += hweight64(node->maps[VALUES]);
	return &node->slots[i];
}

/* ------------------------------------------------------------------- look-up */

static void *read_slot(const struct sluice_lpm *lpm, void __rcu *const *slot)
{
	return rcu_dereference_check(*slot, lockdep_is_held(lpm->lock));
}

static struct lpm_node *read_child(const struct sluice_lpm *lpm,
				   struct lpm_node *node, u32 chunk)
{
	if (!has_slot(node, CHILDREN, chunk))
		return NULL;
	return read_slot(lpm, slot_of(node, CHILDREN, chunk));
}

/* The longest of prefix @number and the wider ones. */
static void *read_longest(const struct sluice_lpm *lpm, struct lpm_node *node,
			  u32 number)
{
	void *value = NULL;

	for (; number && !value; number >>= 1)
		if (has_slot(node, VALUES, number))
			value = read_slot(lpm, slot_of(node, VALUES, number));
	return value;
}

/* Of prefixes with up to @limit bits. */
static void *find(const struct sluice_lpm *lpm, const struct lpm_key *key,
		  u32 limit)
{
	struct lpm_node *node = read_slot(lpm, &lpm->root);
	void *value = NULL;
	u32 chunk, len;

	while (node && node->offset <= limit && leads_to(key, node)) {
		chunk = chunk_at(key, node->offset);
		len = min_t(u32, limit - node->offset, STRIDE - 1);
		value = read_longest(lpm, node, number_of(chunk, len)) ?:
			value;
		node = read_child(lpm, node, chunk);
	}
	return value;
}

/**
 * sluice_lpm_find() - find the longest prefix around an address
 * @lpm: prefixes
 * @family: their family
 * @addr: address
 *
 * Any context; the caller holds rcu_read_lock() or the lock.
 *
 * Return: its value, or NULL.
 */
void *sluice_lpm_find(const struct sluice_lpm *lpm, u8 family,
		      const union nf_inet_addr *addr)
{
	struct lpm_key key = make_key(family, addr);

	return find(lpm, &key, LEN_MAX);
}

/**
 * sluice_lpm_find_wider() - find the longest prefix around a prefix
 * @lpm: prefixes
 * @prefix: prefix, which need not be there
 *
 * As sluice_lpm_find(); the prefix itself is not found.
 *
 * Return: its value, or NULL.
 */
void *sluice_lpm_find_wider(const struct sluice_lpm *lpm,
			    const struct sluice_prefix *prefix)
{
	struct lpm_key key = make_key(prefix->family, &prefix->addr);

	return prefix->len ? find(lpm, &key, prefix->len - 1) : NULL;
}

/* -------------------------------------------------------------------- change */

static void *locked(const struct sluice_lpm *lpm, void __rcu *const *slot)
{
	return rcu_dereference_protected(*slot, lockdep_is_held(lpm->lock));
}

static struct lpm_node *node_alloc(struct sluice_lpm *lpm,
				   const struct lpm_key *key, u32 offset,
				   const u64 maps[KINDS])
{
	u32 slots = hweight64(maps[VALUES]) + hweight64(maps[CHILDREN]);
	struct lpm_node *node;

	node = sluice_alloc(struct_size(node, slots, slots));
	if (!node)
		return NULL;

	node->key = *key;
	node->offset = offset;
	memcpy(node->maps, maps, sizeof(node->maps));
	lpm->bytes += ksize(node);
	return node;
}

static void node_free_later(struct sluice_lpm *lpm, struct lpm_node *node)
{
	lpm->bytes -= ksize(node);
	sluice_free_rcu(node, rcu);
}

/* The node that has it can be found from now on. */
static void replace(struct sluice_lpm *lpm, void __rcu **link,
		    struct lpm_node *by)
{
	struct lpm_node *old = locked(lpm, link);

	rcu_assign_pointer(*link, by);
	if (old)
		node_free_later(lpm, old);
}

/* Sets the bits of what @node really has, which may be less than its maps. */
static void live_maps(const struct sluice_lpm *lpm, const struct lpm_node *node,
		      u64 maps[KINDS])
{
	enum kind kind;
	u32 slot = 0;
	u64 left;

	for (kind = VALUES; kind < KINDS; kind++) {
		maps[kind] = 0;
		for (left = node->maps[kind]; left; left &= left - 1)
			if (locked(lpm, &node->slots[slot++]))
				maps[kind] |= left & -left;
	}
}

/* Another @node with pointers for @maps: its own, and NULL for others. */
static struct lpm_node *node_copy(struct sluice_lpm *lpm,
				  struct lpm_node *node,
				  const u64 maps[KINDS])
{
	struct lpm_node *copy = node_alloc(lpm, &node->key, node->offset, maps);
	enum kind kind;
	u32 bit;
	u64 left;

	if (!copy)
		return NULL;

	for (kind = VALUES; kind < KINDS; kind++)
		for (left = node->maps[kind] & maps[kind]; left;
		     left &= left - 1) {
			bit = __ffs64(left);
			RCU_INIT_POINTER(*slot_of(copy, kind, bit),
					 locked(lpm, slot_of(node, kind, bit)));
		}
	return copy;
}

/**
 * descend() - the way to a node
 * @lpm: prefixes
 * @key: address
 * @offset: bits before the node
 * @above: set to the pointer before the last one, if there are so many
 *
 * Return: the pointer to that node, if it exists; or where it ought to be and
 * there is another one or NULL; or to its parent, which has no pointer for it.
 */
static void __rcu **descend(struct sluice_lpm *lpm, const struct lpm_key *key,
			    u32 offset, void __rcu ***above)
{
	void __rcu **link = &lpm->root;
	struct lpm_node *node;
	u32 chunk;

	*above = NULL;
	for (;;) {
		node = locked(lpm, link);
		if (!node || node->offset >= offset || !leads_to(key, node))
			return link;
		chunk = chunk_at(key, node->offset);
		if (!has_slot(node, CHILDREN, chunk))
			return link;
		*above = link;
		link = slot_of(node, CHILDREN, chunk);
	}
}

static void __rcu **find_slot(struct sluice_lpm *lpm,
			      const struct sluice_prefix *prefix,
			      void __rcu ***link, void __rcu ***above)
{
	struct lpm_key key = make_key(prefix->family, &prefix->addr);
	u32 number = number_in_node(prefix, &key);
	struct lpm_node *node;

	*link = descend(lpm, &key, offset_of(prefix), above);
	node = locked(lpm, *link);
	if (!node || node->offset != offset_of(prefix) ||
	    !leads_to(&key, node) || !has_slot(node, VALUES, number))
		return NULL;
	return slot_of(node, VALUES, number);
}

/**
 * sluice_lpm_get() - find exactly one prefix
 * @lpm: prefixes; the caller holds the lock
 * @prefix: which one
 *
 * Return: its value, or NULL.
 */
void *sluice_lpm_get(struct sluice_lpm *lpm, const struct sluice_prefix *prefix)
{
	void __rcu **slot, **link, **above;

	slot = find_slot(lpm, prefix, &link, &above);
	return slot ? locked(lpm, slot) : NULL;
}

/* Have @pointer in the node at @link, or in one that takes its place. */
static int add_slot(struct sluice_lpm *lpm, void __rcu **link, enum kind kind,
		    u32 bit, void *pointer)
{
	struct lpm_node *node = locked(lpm, link), *copy;
	u64 maps[KINDS];

	if (has_slot(node, kind, bit)) {
		rcu_assign_pointer(*slot_of(node, kind, bit), pointer);
		return 0;
	}

	live_maps(lpm, node, maps);
	maps[kind] |= BIT_ULL(bit);
	copy = node_copy(lpm, node, maps);
	if (!copy)
		return -ENOMEM;
	RCU_INIT_POINTER(*slot_of(copy, kind, bit), pointer);
	replace(lpm, link, copy);
	return 0;
}

static void set_child(struct lpm_node *node, struct lpm_node *child)
{
	u32 chunk = chunk_at(&child->key, node->offset);

	RCU_INIT_POINTER(*slot_of(node, CHILDREN, chunk), child);
}

/* A node for one prefix, above a node or above none. */
static struct lpm_node *leaf_alloc(struct sluice_lpm *lpm,
				   const struct sluice_prefix *prefix,
				   const struct lpm_key *key, void *value,
				   struct lpm_node *below)
{
	u32 offset = offset_of(prefix), number = number_in_node(prefix, key);
	u64 maps[KINDS] = { [VALUES] = BIT_ULL(number) };
	struct lpm_node *leaf;

	if (below)
		maps[CHILDREN] = BIT_ULL(chunk_at(&below->key, offset));
	leaf = node_alloc(lpm, key, offset, maps);
	if (!leaf)
		return NULL;

	RCU_INIT_POINTER(*slot_of(leaf, VALUES, number), value);
	if (below)
		set_child(leaf, below);
	return leaf;
}

/* A node at @offset, where the chunks of the one at @link and @other differ. */
static int add_branch(struct sluice_lpm *lpm, void __rcu **link,
		      struct lpm_node *other, u32 offset)
{
	struct lpm_node *node = locked(lpm, link), *branch;
	u64 maps[KINDS] = {
		[CHILDREN] = BIT_ULL(chunk_at(&node->key, offset)) |
			     BIT_ULL(chunk_at(&other->key, offset)),
	};

	branch = node_alloc(lpm, &node->key, offset, maps);
	if (!branch)
		return -ENOMEM;
	set_child(branch, node);
	set_child(branch, other);
	rcu_assign_pointer(*link, branch);
	return 0;
}

/* @link is from descend(). */
static int add_leaf(struct sluice_lpm *lpm, void __rcu **link,
		    const struct sluice_prefix *prefix, const struct lpm_key *key,
		    void *value)
{
	struct lpm_node *node = locked(lpm, link), *leaf;
	u32 offset = offset_of(prefix), common = 0;
	bool above = !node;
	int err;

	if (node) {
		common = min(common_bits(key, &node->key), node->offset);
		above = offset <= common;
	}
	leaf = leaf_alloc(lpm, prefix, key, value, above ? node : NULL);
	if (!leaf)
		return -ENOMEM;
	if (above) {
		rcu_assign_pointer(*link, leaf);
		return 0;
	}
	if (common == node->offset)
		err = add_slot(lpm, link, CHILDREN, chunk_at(key, common),
			       leaf);
	else
		err = add_branch(lpm, link, leaf, rounddown(common, STRIDE));
	if (err)
		node_free_later(lpm, leaf);
	return err;
}

/**
 * sluice_lpm_insert() - add a prefix
 * @lpm: prefixes; the caller holds the lock
 * @prefix: which one
 * @value: what look-ups find from now on
 *
 * Process context, may sleep.
 *
 * Return: 0, -EEXIST or -ENOMEM.
 */
int sluice_lpm_insert(struct sluice_lpm *lpm,
		      const struct sluice_prefix *prefix, void *value)
{
	struct lpm_key key = make_key(prefix->family, &prefix->addr);
	void __rcu **link, **above;
	struct lpm_node *node;

	if (sluice_lpm_get(lpm, prefix))
		return -EEXIST;

	link = descend(lpm, &key, offset_of(prefix), &above);
	node = locked(lpm, link);
	if (node && node->offset == offset_of(prefix) && leads_to(&key, node))
		return add_slot(lpm, link, VALUES, number_in_node(prefix, &key),
				value);
	return add_leaf(lpm, link, prefix, &key, value);
}

/* Give back what the node at @link does not use, be it all of it. */
static void trim(struct sluice_lpm *lpm, void __rcu **link)
{
	struct lpm_node *node = locked(lpm, link), *smaller = NULL;
	u32 used, slots;
	u64 maps[KINDS];

	live_maps(lpm, node, maps);
	used = hweight64(maps[VALUES]) + hweight64(maps[CHILDREN]);
	slots = hweight64(node->maps[VALUES]) +
		hweight64(node->maps[CHILDREN]);

	if (!maps[VALUES] && used <= 1) {
		if (used)
			smaller = locked(lpm, slot_of(node, CHILDREN,
						      __ffs64(maps[CHILDREN])));
		replace(lpm, link, smaller);
	} else if (2 * used < slots) {
		smaller = node_copy(lpm, node, maps);
		if (smaller)
			replace(lpm, link, smaller);
	}
}

/**
 * sluice_lpm_remove() - remove a prefix
 * @lpm: prefixes; the caller holds the lock
 * @prefix: one of them
 *
 * Its value may still be found for a grace period. Process context, may sleep.
 */
void sluice_lpm_remove(struct sluice_lpm *lpm,
		       const struct sluice_prefix *prefix)
{
	void __rcu **slot, **link, **above;

	slot = find_slot(lpm, prefix, &link, &above);
	if (WARN_ON_ONCE(!slot))
		return;

	RCU_INIT_POINTER(*slot, NULL);
	trim(lpm, link);
	if (above)
		trim(lpm, above);
}

/* ---------------------------------------------------------------------- walk */

/**
 * struct walk - a visit to all prefixes within one
 * @lpm: prefixes
 * @key: first address of the one
 * @len: its length
 * @visit: what to do with each value
 * @context: for @visit
 */
struct walk {
	const struct sluice_lpm *lpm;
	struct lpm_key key;
	u32 len;
	void (*visit)(void *value, void *context);
	void *context;
};

static void visit_value(const struct walk *walk, struct lpm_node *node,
			u32 number)
{
	void *value = locked(walk->lpm, slot_of(node, VALUES, number));

	if (value)
		walk->visit(value, walk->context);
}

/* Of prefixes in @node those that begin with the first @len bits of @chunk. */
static void walk_values(const struct walk *walk, struct lpm_node *node,
			u32 chunk, u32 len)
{
	u32 number, wider;
	u64 left;

	for (left = node->maps[VALUES]; left; left &= left - 1) {
		number = __ffs64(left);
		wider = number >> max_t(int, __fls(number) - len, 0);
		if (wider == number_of(chunk, len))
			visit_value(walk, node, number);
	}
}

/* Recursion goes as deep as look-ups do. */
static void walk_node(const struct walk *walk, struct lpm_node *node)
{
	u32 chunk, len;
	u64 left;

	if (!node || common_bits(&walk->key, &node->key) <
		     min(walk->len, node->offset))
		return;

	len = clamp_t(int, walk->len - node->offset, 0, STRIDE);
	chunk = chunk_at(&walk->key, node->offset);
	if (len < STRIDE)
		walk_values(walk, node, chunk, len);
	for (left = node->maps[CHILDREN]; left; left &= left - 1)
		if (number_of(__ffs64(left), len) == number_of(chunk, len))
			walk_node(walk, locked(walk->lpm,
					       slot_of(node, CHILDREN,
						       __ffs64(left))));
}

/**
 * sluice_lpm_walk() - visit a prefix and all within it
 * @lpm: prefixes; the caller holds the lock
 * @prefix: prefix, which need not be there
 * @visit: called with each value in no certain order; may not change @lpm
 * @context: for @visit
 */
void sluice_lpm_walk(const struct sluice_lpm *lpm,
		     const struct sluice_prefix *prefix,
		     void (*visit)(void *value, void *context), void *context)
{
	struct walk walk = {
		.lpm = lpm,
		.key = make_key(prefix->family, &prefix->addr),
		.len = prefix->len,
		.visit = visit,
		.context = context,
	};

	walk_node(&walk, locked(lpm, &lpm->root));
}
