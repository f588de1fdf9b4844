/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Maps: a subject's rules about one peer in one direction, compiled.
 */
#ifndef _SLUICE_POLICY_MAP_H
#define _SLUICE_POLICY_MAP_H

#include <linux/bitops.h>

#include "policy.h"

/* More than these are not searched but counted. */
#define SLUICE_POLICY_SEARCH_MAX	32

#define SLUICE_POLICY_VALUES		(U16_MAX + 1)

/**
 * enum sluice_policy_class - protocols that have values of their own
 * @SLUICE_POLICY_OTHER: all protocols but these, by their number
 * @SLUICE_POLICY_TCP: destination ports
 * @SLUICE_POLICY_UDP: destination ports
 * @SLUICE_POLICY_SCTP: destination ports
 * @SLUICE_POLICY_ICMP: types and codes
 * @SLUICE_POLICY_ICMPV6: types and codes
 * @SLUICE_POLICY_CLASSES: how many there are
 */
enum sluice_policy_class {
	SLUICE_POLICY_OTHER,
	SLUICE_POLICY_TCP,
	SLUICE_POLICY_UDP,
	SLUICE_POLICY_SCTP,
	SLUICE_POLICY_ICMP,
	SLUICE_POLICY_ICMPV6,
	SLUICE_POLICY_CLASSES,
};

/**
 * struct sluice_policy_cell - what holds for some values
 * @rules: the best of each tier, or NULL; not referenced: a rule leaves the
 *	map a grace period before the configuration lets go of it
 */
struct sluice_policy_cell {
	struct sluice_policy_rule *rules[SLUICE_POLICY_TIERS];
};

/**
 * struct sluice_policy_index - where cells begin, for counting
 * @bits: one of each value at which a cell begins
 * @before: how many of them are in the words before
 */
struct sluice_policy_index {
	u64 bits[SLUICE_POLICY_VALUES / 64];
	u16 before[SLUICE_POLICY_VALUES / 64];
};

/**
 * struct sluice_policy_section - all values of a class
 * @count: length of @cells
 * @starts: where each cell begins, in ascending order from 0; if there are at
 *	most %SLUICE_POLICY_SEARCH_MAX
 * @index: if there are more
 * @cells: in ascending order of values
 */
struct sluice_policy_section {
	u32 count;
	union {
		const u16 *starts;
		const struct sluice_policy_index *index;
	};
	const struct sluice_policy_cell *cells;
};

/**
 * struct sluice_policy_map - the rules, compiled
 * @version: what packets see is one of these
 * @section_of: the section of each class; classes may share one
 * @sections: what they point to is behind them
 */
struct sluice_policy_map {
	struct sluice_version version;
	u8 section_of[SLUICE_POLICY_CLASSES];
	struct sluice_policy_section sections[];
};

struct sluice_policy_map *
sluice_policy_map_build(const struct sluice_policy_peer *peer);

/* Zero, SLUICE_POLICY_OTHER, for most. */
extern const u8 sluice_policy_classes[256];

static inline enum sluice_policy_class sluice_policy_class_of(u8 proto)
{
	return sluice_policy_classes[proto];
}

/* What packets of @revision see; NULL if nothing. The caller holds RCU. */
static inline const struct sluice_policy_map *
sluice_policy_map_at(const struct sluice_policy_peer *peer,
		     unsigned long revision)
{
	static_assert(!offsetof(struct sluice_policy_map, version));
	return (void *)sluice_version_at(&peer->map, revision);
}

/* The last of @starts at or before @value. */
static inline u32 sluice_policy_search(const u16 *starts, u32 count, u16 value)
{
	u32 low = 0;

	while (count > 1) {
		u32 half = count / 2;

		if (starts[low + half] <= value)
			low += half;
		count -= half;
	}
	return low;
}

static inline u32
sluice_policy_count(const struct sluice_policy_index *index, u16 value)
{
	u64 upto = index->bits[value / 64] & (U64_MAX >> (63 - value % 64));

	return index->before[value / 64] + hweight64(upto) - 1;
}

/**
 * sluice_policy_map_lookup() - the best rules for a value
 * @map: map
 * @class: class of the protocol
 * @value: of that class
 *
 * Any context, RCU. It takes the same time however many rules there are, once
 * there are more than a few.
 */
static inline const struct sluice_policy_cell *
sluice_policy_map_lookup(const struct sluice_policy_map *map,
			 enum sluice_policy_class class, u16 value)
{
	const struct sluice_policy_section *section;

	section = &map->sections[map->section_of[class]];
	if (section->count <= SLUICE_POLICY_SEARCH_MAX)
		return &section->cells[sluice_policy_search(section->starts,
							    section->count,
							    value)];
	return &section->cells[sluice_policy_count(section->index, value)];
}

#endif
