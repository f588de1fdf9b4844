// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kubernetes' ipBlock: a prefix and parts of it that are left out. Bits behind
 * a prefix mean nothing there, so they are cleared.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "key.h"

/* As many as one command takes. */
#define EXCEPTS_MAX	500

static void clear_behind(struct sluice_prefix *prefix)
{
	unsigned int byte = prefix->len / 8;

	if (prefix->len % 8)
		prefix->addr.bytes[byte++] &= 0xff00 >> prefix->len % 8;
	for (; byte < prefix->addr.len; byte++)
		prefix->addr.bytes[byte] = 0;
}

static bool parse_prefix(const char *text, struct sluice_prefix *prefix)
{
	struct words unused = { NULL };
	char addr[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "/");
	uint64_t bits;

	if (len >= sizeof(addr) || !text[len])
		return false;
	memcpy(addr, text, len);
	addr[len] = 0;
	if (!addr_parse(addr, &prefix->addr) ||
	    words_number(&unused, "length", text + len + 1,
			 8 * prefix->addr.len, &bits))
		return false;
	prefix->len = bits;
	clear_behind(prefix);
	return true;
}

static int read_prefix(const struct place *place, struct arena *arena,
		       void *item)
{
	const char *text;

	(void)arena;
	if (place_text(place, &text))
		return -EINVAL;
	if (parse_prefix(text, item))
		return 0;
	return place_fail(place, "\"%.64s\" is not a prefix, as in 10.0.0.0/8",
			  text);
}

static bool prefix_has(const struct sluice_prefix *prefix,
		       const struct sluice_addr *addr)
{
	struct sluice_prefix other = { .addr = *addr, .len = prefix->len };

	if (addr->len != prefix->addr.len)
		return false;
	clear_behind(&other);
	return !addr_compare(&other.addr, &prefix->addr);
}

static int compare(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

/* What is inside of another comes behind that when sorted. */
static void simplify(struct netpol_list *prefixes)
{
	struct sluice_prefix *prefix = prefixes->items;
	size_t i, kept = 0;

	if (!prefixes->count)
		return;
	qsort(prefix, prefixes->count, sizeof(*prefix), compare);
	for (i = 0; i < prefixes->count; i++)
		if (!kept || !prefix_has(&prefix[kept - 1], &prefix[i].addr))
			prefix[kept++] = prefix[i];
	prefixes->count = kept;
}

static int check_excepts(const struct place *up, const struct block *block)
{
	const struct sluice_prefix *except = block->excepts.items;
	char text[KEY_TEXT_SIZE], cidr[KEY_TEXT_SIZE];
	struct place member, item;
	size_t i;

	place_member(&member, up, "except");
	for (i = 0; i < block->excepts.count; i++) {
		place_item(&item, &member, i);
		if (except[i].len > block->cidr.len &&
		    prefix_has(&block->cidr, &except[i].addr))
			continue;
		return place_fail(&item, "%s is not a part of %s",
				  prefix_text(&except[i], text),
				  prefix_text(&block->cidr, cidr));
	}
	return 0;
}

static const char *excepts_text(const struct block *block,
				struct arena *arena)
{
	const struct sluice_prefix *except = block->excepts.items;
	char prefix[KEY_TEXT_SIZE];
	char *text, *end;
	size_t i;

	if (!block->excepts.count)
		return NULL;
	text = arena_alloc(arena, block->excepts.count, sizeof(prefix));
	end = text;
	for (i = 0; i < block->excepts.count; i++)
		end += sprintf(end, "%s%s", i ? "," : "",
			       prefix_text(&except[i], prefix));
	return text;
}

static void set_texts(struct block *block, struct arena *arena)
{
	char prefix[KEY_TEXT_SIZE];

	block->excepts_text = excepts_text(block, arena);
	block->text = arena_printf(arena, "block %s except %s",
				   prefix_text(&block->cidr, prefix),
				   block->excepts_text ? block->excepts_text :
							 "none");
}

static int check_count(const struct place *up, const struct block *block)
{
	struct place member;

	if (block->excepts.count <= EXCEPTS_MAX)
		return 0;
	place_member(&member, up, "except");
	return place_fail(&member, "has more than %d prefixes", EXCEPTS_MAX);
}

/**
 * block_read - read an ipBlock
 * @place: where it is
 * @arena: owns what it consists of
 * @block: gets it
 *
 * Return: 0 or -EINVAL.
 */
int block_read(const struct place *place, struct arena *arena,
	       struct block *block)
{
	static const char * const names[] = { "cidr", "except", NULL };
	struct place member;

	if (place_only_has(place, names))
		return -EINVAL;
	place_member(&member, place, "cidr");
	if (read_prefix(&member, arena, &block->cidr) ||
	    member_list(place, "except", arena, sizeof(struct sluice_prefix),
			read_prefix, &block->excepts) ||
	    check_excepts(place, block))
		return -EINVAL;
	simplify(&block->excepts);
	set_texts(block, arena);
	return check_count(place, block);
}

/**
 * block_has - whether an address is among those of an ipBlock
 * @block: the ipBlock
 * @addr: the address
 *
 * Return: whether.
 */
bool block_has(const struct block *block, const struct sluice_addr *addr)
{
	const struct sluice_prefix *except = block->excepts.items;
	size_t i;

	if (!prefix_has(&block->cidr, addr))
		return false;
	for (i = 0; i < block->excepts.count; i++)
		if (prefix_has(&except[i], addr))
			return false;
	return true;
}
