// SPDX-License-Identifier: GPL-2.0
/*
 * Maps: how rules are compiled.
 */
#include <linux/bitmap.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/sched.h>
#include <linux/sort.h>

#include "alloc.h"
#include "policy_map.h"

/**
 * DOC: Maps
 *
 * Each protocol that has ports or types has a section: cells that begin at
 * ascending values, each with the best rule of every tier. Other protocols are
 * values themselves, of one section. Protocols that no rule names share a
 * section of one cell.
 *
 * Cells can begin where a rule begins, and behind where one ends. The rules of
 * a section, best first, are laid on the cells they cover, and those of a tier
 * only on cells where the tier has none yet. What is covered already is skipped
 * by links that are shortened on the way, so this takes little more time than
 * there are rules and cells together. At last neighbours with the same rules
 * become one.
 *
 * Example, for TCP: allow 1-1023 with priority 5, deny 80-90 with priority 1:
 * cells begin at 0 with no rule, at 1 with allow, at 80 with deny, at 91 with
 * allow, at 1024 with none.
 */

const u8 sluice_policy_classes[256] = {
	[IPPROTO_TCP] = SLUICE_POLICY_TCP,
	[IPPROTO_UDP] = SLUICE_POLICY_UDP,
	[IPPROTO_SCTP] = SLUICE_POLICY_SCTP,
	[IPPROTO_ICMP] = SLUICE_POLICY_ICMP,
	[IPPROTO_ICMPV6] = SLUICE_POLICY_ICMPV6,
};

/**
 * struct draft_section - a section while a map is built
 * @first: where it begins in the draft
 * @count: number of cells
 */
struct draft_section {
	u32 first;
	u32 count;
};

/**
 * struct draft - a map while it is built
 * @rules: all rules, best first
 * @rule_count: length of @rules
 * @named: rules that name a protocol, by class
 * @bits: values at which cells begin
 * @starts: where cells begin; of one section after the other, as @cells
 * @cells: what holds there
 * @next: for each tier and cell of the present section, a cell at or behind it
 *	before which all have a rule
 * @used: number of cells so far
 * @sections: the sections
 * @section_count: length of @sections
 * @section_of: the section of each class
 */
struct draft {
	struct sluice_policy_rule **rules;
	u32 rule_count;
	u32 named[SLUICE_POLICY_CLASSES];
	unsigned long *bits;
	u16 *starts;
	struct sluice_policy_cell *cells;
	u32 *next[SLUICE_POLICY_TIERS];
	u32 used;
	struct draft_section sections[SLUICE_POLICY_CLASSES];
	u32 section_count;
	u8 section_of[SLUICE_POLICY_CLASSES];
};

/* ----------------------------------------------------------------- the rules */

static bool names_proto(const struct sluice_policy_rule *rule)
{
	return !(rule->key.any & SLUICE_POLICY_ANY_PROTO);
}

static void count_rules(struct draft *draft,
			const struct sluice_policy_peer *peer)
{
	const struct sluice_policy_rule *rule;

	list_for_each_entry(rule, &peer->rules, list) {
		if (rule->gone)
			continue;
		draft->rule_count++;
		if (names_proto(rule))
			draft->named[sluice_policy_class_of(rule->key.proto)]++;
	}
}

static int compare_rules(const void *a, const void *b)
{
	const struct sluice_policy_rule *l = *(const void **)a;
	const struct sluice_policy_rule *r = *(const void **)b;

	return sluice_policy_rule_before(l, r) ? -1 : 1;
}

static void sort_rules(struct draft *draft,
		       const struct sluice_policy_peer *peer)
{
	struct sluice_policy_rule *rule;
	u32 i = 0;

	list_for_each_entry(rule, &peer->rules, list)
		if (!rule->gone)
			draft->rules[i++] = rule;
	sort(draft->rules, i, sizeof(*draft->rules), compare_rules, NULL);
}

/* Whether @rule is about @class, and if so about which values. */
static bool covers(const struct sluice_policy_rule *rule,
		   enum sluice_policy_class class, u16 *first, u16 *last)
{
	const struct sluice_policy_key *key = &rule->key;

	*first = 0;
	*last = U16_MAX;
	if (!names_proto(rule))
		return true;
	if (sluice_policy_class_of(key->proto) != class)
		return false;
	*first = class == SLUICE_POLICY_OTHER ? key->proto : key->first;
	*last = class == SLUICE_POLICY_OTHER ? key->proto : key->last;
	return true;
}

/* ------------------------------------------------------------------- the cells */

static u32 most_cells(u32 named)
{
	return min_t(u64, 2 * (u64)named + 1, SLUICE_POLICY_VALUES);
}

static void draft_free(struct draft *draft)
{
	sluice_free(draft->rules);
	sluice_free(draft->bits);
	sluice_free(draft->starts);
	sluice_free(draft->cells);
	sluice_free(draft->next[0]);
}

static int draft_alloc(struct draft *draft)
{
	u32 cells = 1, most = 1, i;	/* one for classes that share */

	for (i = 0; i < SLUICE_POLICY_CLASSES; i++) {
		cells += draft->named[i] ? most_cells(draft->named[i]) : 0;
		most = max(most, most_cells(draft->named[i]));
	}
	draft->rules = sluice_alloc_array(draft->rule_count + 1,
					  sizeof(*draft->rules));
	draft->bits = sluice_alloc(SLUICE_POLICY_VALUES / BITS_PER_BYTE);
	draft->starts = sluice_alloc_array(cells, sizeof(*draft->starts));
	draft->cells = sluice_alloc_array(cells, sizeof(*draft->cells));
	draft->next[0] = sluice_alloc_array(most + 1, sizeof(draft->next));
	if (!draft->rules || !draft->bits || !draft->starts || !draft->cells ||
	    !draft->next[0])
		return -ENOMEM;

	for (i = 1; i < SLUICE_POLICY_TIERS; i++)
		draft->next[i] = draft->next[i - 1] + most + 1;
	return 0;
}

/* Where cells begin, each value once; their number. */
static void place_cells(struct draft *draft, struct draft_section *section,
			enum sluice_policy_class class)
{
	u16 *starts = draft->starts + section->first;
	u16 first, last;
	unsigned long value;
	u32 i;

	bitmap_zero(draft->bits, SLUICE_POLICY_VALUES);
	__set_bit(0, draft->bits);
	for (i = 0; i < draft->rule_count; i++) {
		if (!covers(draft->rules[i], class, &first, &last))
			continue;
		__set_bit(first, draft->bits);
		if (last < U16_MAX)
			__set_bit(last + 1, draft->bits);
	}
	section->count = 0;
	for_each_set_bit(value, draft->bits, SLUICE_POLICY_VALUES)
		starts[section->count++] = value;
	memset(draft->cells + section->first, 0,
	       array_size(section->count, sizeof(*draft->cells)));
}

/* The first cell at or behind @i that has no rule yet. */
static u32 skip_covered(u32 *next, u32 i)
{
	while (next[i] != i) {
		next[i] = next[next[i]];
		i = next[i];
	}
	return i;
}

static void cover_cells(struct draft *draft,
			const struct draft_section *section,
			struct sluice_policy_rule *rule, u16 first, u16 last)
{
	const u16 *starts = draft->starts + section->first;
	struct sluice_policy_cell *cells = draft->cells + section->first;
	u32 tier = rule->key.tier - SLUICE_POLICY_TIER_ADMIN;
	u32 *next = draft->next[tier];
	u32 end = section->count, i;

	if (last < U16_MAX)
		end = sluice_policy_search(starts, section->count, last + 1);
	i = sluice_policy_search(starts, section->count, first);
	while ((i = skip_covered(next, i)) < end) {
		cells[i].rules[tier] = rule;
		next[i] = i + 1;
	}
}

static void fill_cells(struct draft *draft, const struct draft_section *section,
		       enum sluice_policy_class class)
{
	u16 first, last;
	u32 i, tier;

	for (tier = 0; tier < SLUICE_POLICY_TIERS; tier++)
		for (i = 0; i <= section->count; i++)
			draft->next[tier][i] = i;
	for (i = 0; i < draft->rule_count; i++)
		if (covers(draft->rules[i], class, &first, &last))
			cover_cells(draft, section, draft->rules[i], first,
				    last);
}

static void merge_cells(struct draft *draft, struct draft_section *section)
{
	struct sluice_policy_cell *cells = draft->cells + section->first;
	u16 *starts = draft->starts + section->first;
	u32 last = 0, i;

	for (i = 1; i < section->count; i++) {
		if (!memcmp(&cells[last], &cells[i], sizeof(*cells)))
			continue;
		cells[++last] = cells[i];
		starts[last] = starts[i];
	}
	section->count = last + 1;
}

static void draft_section(struct draft *draft, enum sluice_policy_class class)
{
	struct draft_section *section = &draft->sections[draft->section_count];

	section->first = draft->used;
	place_cells(draft, section, class);
	fill_cells(draft, section, class);
	merge_cells(draft, section);
	draft->used += section->count;
	draft->section_of[class] = draft->section_count++;
}

static void draft_sections(struct draft *draft)
{
	int shared = -1;
	u32 class;

	for (class = 0; class < SLUICE_POLICY_CLASSES; class++) {
		if (!draft->named[class] && shared >= 0) {
			draft->section_of[class] = shared;
			continue;
		}
		draft_section(draft, class);
		if (!draft->named[class])
			shared = draft->section_of[class];
		cond_resched();
	}
}

/* --------------------------------------------------------------------- the map */

/* Room for where the cells of a section begin, wherever it is. */
static size_t starts_size(u32 count)
{
	return count > SLUICE_POLICY_SEARCH_MAX ?
	       sizeof(struct sluice_policy_index) + sizeof(u64) :
	       count * sizeof(u16);
}

static void fill_index(struct sluice_policy_index *index, const u16 *starts,
		       u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		index->bits[starts[i] / 64] |= BIT_ULL(starts[i] % 64);
	for (i = 1; i < ARRAY_SIZE(index->bits); i++)
		index->before[i] = index->before[i - 1] +
				   hweight64(index->bits[i - 1]);
}

/* @room is for the starts, and the end of it is returned. */
static void *fill_section(struct sluice_policy_section *section,
			  const struct draft *draft,
			  const struct draft_section *from, void *room)
{
	const u16 *starts = draft->starts + from->first;

	section->count = from->count;
	if (from->count > SLUICE_POLICY_SEARCH_MAX) {
		room = PTR_ALIGN(room, sizeof(u64));
		section->index = room;
		fill_index(room, starts, from->count);
		return room + sizeof(*section->index);
	}
	section->starts = room;
	memcpy(room, starts, from->count * sizeof(*starts));
	return room + from->count * sizeof(*starts);
}

static struct sluice_policy_map *build_map(const struct draft *draft)
{
	struct sluice_policy_cell *cells;
	struct sluice_policy_map *map;
	size_t cells_at, size;
	void *room;
	u32 i;

	cells_at = struct_size(map, sections, draft->section_count);
	size = cells_at + draft->used * sizeof(*cells);
	for (i = 0; i < draft->section_count; i++)
		size += starts_size(draft->sections[i].count);
	map = sluice_alloc(size);
	if (!map)
		return NULL;

	memcpy(map->section_of, draft->section_of, sizeof(map->section_of));
	cells = (void *)map + cells_at;
	memcpy(cells, draft->cells, draft->used * sizeof(*cells));
	room = cells + draft->used;
	for (i = 0; i < draft->section_count; i++) {
		map->sections[i].cells = cells + draft->sections[i].first;
		room = fill_section(&map->sections[i], draft,
				    &draft->sections[i], room);
	}
	return map;
}

/**
 * sluice_policy_map_build() - compile rules
 * @peer: where the rules are; the caller holds the configuration lock
 *
 * Process context, may sleep.
 *
 * Return: the map, or NULL if there is no memory.
 */
struct sluice_policy_map *
sluice_policy_map_build(const struct sluice_policy_peer *peer)
{
	struct sluice_policy_map *map = NULL;
	struct draft draft = {};

	count_rules(&draft, peer);
	if (!draft_alloc(&draft)) {
		sort_rules(&draft, peer);
		draft_sections(&draft);
		map = build_map(&draft);
	}
	draft_free(&draft);
	return map;
}
