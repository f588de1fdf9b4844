/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ranges: which addresses two lists of prefixes allow and deny, the longest
 * prefix deciding.
 */
#ifndef _SLUICE_RANGES_H
#define _SLUICE_RANGES_H

#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/types.h>

/* Of one list: two full ones fit in one nest. */
#define SLUICE_PREFIXES_MAX	500

/**
 * struct sluice_prefix - addresses that begin alike
 * @addr: the first of them, as in &struct sluice_l4addr
 * @family: AF_INET or AF_INET6
 * @len: bits that count, 0 to 32 or to 128
 */
struct sluice_prefix {
	union nf_inet_addr addr;
	u8 family;
	u8 len;
};

/**
 * struct sluice_prefixes - a list of prefixes on its way to a use of it
 * @count: length of @list, at most %SLUICE_PREFIXES_MAX
 * @list: in any order
 */
struct sluice_prefixes {
	u32 count;
	struct sluice_prefix *list;
};

/**
 * struct sluice_bound - where a range begins; it ends before the next one
 * @hi: first address, upper half
 * @lo: first address, lower half, or all of an IPv4 address
 * @family: AF_INET or AF_INET6
 * @allow: what holds in the range
 */
struct sluice_bound {
	u64 hi;
	u64 lo;
	u8 family;
	bool allow;
};

/**
 * struct sluice_ranges - the two lists, compiled
 * @rcu: for the deferred freeing
 * @refs: references
 * @family: of the addresses sluice_ranges_allow() is asked about
 * @allow: the list as it was given, within @prefixes
 * @deny: likewise
 * @count: length of @bounds
 * @bounds: sorted, beginning with the first address of each family
 * @prefixes: storage of both lists, behind @bounds
 *
 * Immutable.
 */
struct sluice_ranges {
	struct rcu_head rcu;
	refcount_t refs;
	u8 family;
	struct sluice_prefixes allow;
	struct sluice_prefixes deny;
	struct sluice_prefix *prefixes;
	u32 count;
	struct sluice_bound bounds[];
};

struct sluice_ranges *sluice_ranges_build(u8 family,
					  const struct sluice_prefixes *allow,
					  const struct sluice_prefixes *deny);
void sluice_ranges_put(struct sluice_ranges *ranges);
bool sluice_ranges_equal(const struct sluice_ranges *a,
			 const struct sluice_ranges *b);
bool sluice_ranges_match(const struct sluice_ranges *ranges, u8 family,
			 const union nf_inet_addr *addr);

/* @ranges may be NULL. */
static inline struct sluice_ranges *
sluice_ranges_get(struct sluice_ranges *ranges)
{
	if (ranges)
		refcount_inc(&ranges->refs);
	return ranges;
}

/* Whether an address is allowed; all are where there are no @ranges. */
static inline bool sluice_ranges_let(const struct sluice_ranges *ranges,
				     u8 family, const union nf_inet_addr *addr)
{
	return !ranges || sluice_ranges_match(ranges, family, addr);
}

/**
 * sluice_ranges_allow() - whether a source may use a service
 * @ranges: of the service; NULL if it has none
 * @src: address of the service's family
 */
static inline bool sluice_ranges_allow(const struct sluice_ranges *ranges,
				       const union nf_inet_addr *src)
{
	return !ranges || sluice_ranges_match(ranges, ranges->family, src);
}

#endif
