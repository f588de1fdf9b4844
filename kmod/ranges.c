// SPDX-License-Identifier: GPL-2.0
/*
 * Ranges: prefixes compiled for a binary search.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/sort.h>

#include "alloc.h"
#include "ranges.h"

/**
 * DOC: Ranges
 *
 * Two prefixes are disjoint, or one holds the other. Sorted by first address,
 * shorter ones first, they are visited like a tree: a stack has those around
 * the present address, the longest on top. Where a prefix begins its verdict
 * begins; where it ends the verdict of the one below it on the stack goes on.
 * Only places where the verdict changes are kept, so that the verdict for an
 * address is that of the last such place at or before it.
 *
 * Example, allow 10.0.0.0/8 and 10.1.2.0/24, deny 10.1.0.0/16: the bounds are
 * 0.0.0.0 no, 10.0.0.0 yes, 10.1.0.0 no, 10.1.2.0 yes, 10.1.3.0 no, 10.2.0.0
 * yes, 11.0.0.0 no.
 */

/**
 * struct span - a prefix while ranges are built
 * @first: first address; its verdict is the span's
 * @last_hi: last address, upper half
 * @last_lo: last address, lower half
 * @len: length of the prefix, -1 for the whole space
 * @outer: the span below it on the stack
 */
struct span {
	struct sluice_bound first;
	u64 last_hi;
	u64 last_lo;
	int len;
	struct span *outer;
};

static int compare_bounds(const struct sluice_bound *a,
			  const struct sluice_bound *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return 0;
}

/* Of equal prefixes the one that denies comes last and so decides. */
static int compare_spans(const void *a, const void *b)
{
	const struct span *l = a, *r = b;
	int order = compare_bounds(&l->first, &r->first);

	if (!order)
		order = l->len - r->len;
	return order ?: (int)r->first.allow - (int)l->first.allow;
}

static void set_first(struct sluice_bound *bound, u8 family,
		      const union nf_inet_addr *addr)
{
	bound->family = family;
	if (family == AF_INET) {
		bound->hi = 0;
		bound->lo = ntohl(addr->ip);
		return;
	}
	bound->hi = (u64)ntohl(addr->ip6[0]) << 32 | ntohl(addr->ip6[1]);
	bound->lo = (u64)ntohl(addr->ip6[2]) << 32 | ntohl(addr->ip6[3]);
}

/* All ones but for the first @len bits of 64. */
static u64 host_bits(int len)
{
	if (len <= 0)
		return U64_MAX;
	return len >= 64 ? 0 : U64_MAX >> len;
}

static void make_span(struct span *span, const struct sluice_prefix *prefix,
		      bool allow)
{
	int len = prefix->len;

	set_first(&span->first, prefix->family, &prefix->addr);
	span->first.allow = allow;
	span->len = len;
	if (prefix->family == AF_INET) {
		span->last_hi = 0;
		span->last_lo = span->first.lo | host_bits(32 + len);
	} else {
		span->last_hi = span->first.hi | host_bits(len);
		span->last_lo = span->first.lo | host_bits(len - 64);
	}
}

static void make_space(struct span *span, u8 family, bool allow)
{
	*span = (struct span) {
		.first = { .family = family, .allow = allow },
		.last_hi = family == AF_INET ? 0 : U64_MAX,
		.last_lo = family == AF_INET ? U32_MAX : U64_MAX,
		.len = -1,
	};
}

/* From @bound on its verdict holds. */
static void emit(struct sluice_ranges *ranges, const struct sluice_bound *bound)
{
	struct sluice_bound *last = ranges->bounds + ranges->count - 1;

	if (ranges->count && !compare_bounds(last, bound)) {
		last->allow = bound->allow;
		return;
	}
	if (ranges->count && last->family == bound->family &&
	    last->allow == bound->allow)
		return;
	ranges->bounds[ranges->count++] = *bound;
}

static bool ends_before(const struct span *span,
			const struct sluice_bound *bound)
{
	if (span->first.family != bound->family)
		return true;
	return span->last_hi < bound->hi ||
	       (span->last_hi == bound->hi && span->last_lo < bound->lo);
}

/* Behind @inner what @outer says holds again; nothing is behind the end. */
static void emit_end(struct sluice_ranges *ranges, const struct span *inner,
		     const struct span *outer)
{
	struct sluice_bound bound = {
		.family = inner->first.family,
		.allow = outer->first.allow,
		.hi = inner->last_hi,
		.lo = inner->last_lo + 1,
	};

	if (inner->last_hi == outer->last_hi &&
	    inner->last_lo == outer->last_lo)
		return;
	bound.hi += !bound.lo;
	emit(ranges, &bound);
}

static struct span *pop(struct sluice_ranges *ranges, struct span *top)
{
	if (top->outer)
		emit_end(ranges, top, top->outer);
	return top->outer;
}

/* The spans are sorted; the first of each family is its whole space. */
static void compile(struct sluice_ranges *ranges, struct span *spans,
		    u32 count)
{
	struct span *top = NULL;
	u32 i;

	for (i = 0; i < count; i++) {
		while (top && ends_before(top, &spans[i].first))
			top = pop(ranges, top);
		if (top && top->len == spans[i].len)
			top = top->outer;	/* the same prefix again */
		spans[i].outer = top;
		top = &spans[i];
		emit(ranges, &top->first);
	}
	while (top)
		top = pop(ranges, top);
}

static u32 make_spans(struct span *spans, const struct sluice_prefixes *allow,
		      const struct sluice_prefixes *deny)
{
	u32 count = 0, i;

	make_space(&spans[count++], AF_INET, !allow->count);
	make_space(&spans[count++], AF_INET6, !allow->count);
	for (i = 0; i < allow->count; i++)
		make_span(&spans[count++], &allow->list[i], true);
	for (i = 0; i < deny->count; i++)
		make_span(&spans[count++], &deny->list[i], false);
	sort(spans, count, sizeof(*spans), compare_spans, NULL);
	return count;
}

static void copy_list(struct sluice_prefixes *to,
		      const struct sluice_prefixes *from,
		      struct sluice_prefix *room)
{
	to->count = from->count;
	to->list = room;
	memcpy(room, from->list, array_size(from->count, sizeof(*room)));
}

/* Bounds for the spans' beginnings and ends, then both lists. */
static struct sluice_ranges *ranges_alloc(u32 spans, u32 prefixes)
{
	struct sluice_ranges *ranges;
	size_t bounds_size;

	bounds_size = struct_size(ranges, bounds, 2 * spans);
	ranges = sluice_alloc(bounds_size +
			      prefixes * sizeof(struct sluice_prefix));
	if (ranges)
		ranges->prefixes = (void *)ranges + bounds_size;
	return ranges;
}

/**
 * sluice_ranges_build() - compile two lists of prefixes
 * @family: of the addresses sluice_ranges_allow() is asked about
 * @allow: if not empty, only what it has is allowed
 * @deny: what is not allowed; where prefixes of both lists match, the longest
 *	decides, and deny between equal ones
 *
 * Process context, may sleep.
 *
 * Return: ranges with one reference, or NULL if there is no memory.
 */
struct sluice_ranges *sluice_ranges_build(u8 family,
					  const struct sluice_prefixes *allow,
					  const struct sluice_prefixes *deny)
{
	u32 prefixes = allow->count + deny->count;
	struct sluice_ranges *ranges;
	struct span *spans;

	spans = sluice_alloc_array(prefixes + 2, sizeof(*spans));
	ranges = ranges_alloc(prefixes + 2, prefixes);
	if (!spans || !ranges) {
		sluice_free(ranges);
		sluice_free(spans);
		return NULL;
	}

	refcount_set(&ranges->refs, 1);
	ranges->family = family;
	copy_list(&ranges->allow, allow, ranges->prefixes);
	copy_list(&ranges->deny, deny, ranges->prefixes + allow->count);
	compile(ranges, spans, make_spans(spans, allow, deny));
	sluice_free(spans);
	return ranges;
}

/* Release a reference of @ranges, which may be NULL; process context. */
void sluice_ranges_put(struct sluice_ranges *ranges)
{
	if (ranges && refcount_dec_and_test(&ranges->refs))
		sluice_free_rcu(ranges, rcu);
}

static bool same_prefixes(const struct sluice_prefixes *a,
			  const struct sluice_prefixes *b)
{
	return a->count == b->count &&
	       !memcmp(a->list, b->list, array_size(a->count, sizeof(*a->list)));
}

/* Whether two ranges, which may be NULL, were made of the same lists. */
bool sluice_ranges_equal(const struct sluice_ranges *a,
			 const struct sluice_ranges *b)
{
	if (a == b)
		return true;
	return a && b && same_prefixes(&a->allow, &b->allow) &&
	       same_prefixes(&a->deny, &b->deny);
}

/**
 * sluice_ranges_match() - what the lists say about an address
 * @ranges: both lists; RCU
 * @family: AF_INET or AF_INET6
 * @addr: address
 *
 * Return: whether @addr is allowed.
 */
bool sluice_ranges_match(const struct sluice_ranges *ranges, u8 family,
			 const union nf_inet_addr *addr)
{
	u32 low = 0, high = ranges->count - 1;
	struct sluice_bound key;

	set_first(&key, family, addr);
	while (low < high) {
		u32 middle = low + (high - low + 1) / 2;

		if (compare_bounds(&ranges->bounds[middle], &key) > 0)
			high = middle - 1;
		else
			low = middle;
	}
	return ranges->bounds[low].allow;
}
