// SPDX-License-Identifier: GPL-2.0
/*
 * Prefixes for tests, looked at bit by bit.
 */
#include <linux/socket.h>
#include <linux/string.h>

#include "prefixes.h"
#include "random.h"

u8 bits_of(u8 family)
{
	return family == AF_INET ? 32 : 128;
}

static bool bit(const union nf_inet_addr *addr, u32 i)
{
	return ((const u8 *)addr)[i / 8] & 0x80 >> i % 8;
}

bool prefix_holds(const struct sluice_prefix *prefix, u8 family,
		  const union nf_inet_addr *addr)
{
	u32 i;

	if (prefix->family != family)
		return false;
	for (i = 0; i < prefix->len; i++)
		if (bit(&prefix->addr, i) != bit(addr, i))
			return false;
	return true;
}

/* Few different bytes, so that prefixes hold each other and touch. */
void random_addr(struct rnd_state *random, u8 family,
		 union nf_inet_addr *addr)
{
	static const u8 values[] = { 0, 1, 2, 127, 128, 254, 255 };
	u8 *bytes = (u8 *)addr;
	u32 i;

	memset(addr, 0, sizeof(*addr));
	for (i = 0; i < bits_of(family) / 8; i++)
		bytes[i] = values[random_below(random, ARRAY_SIZE(values))];
}

void prefix_cut(struct sluice_prefix *prefix, u8 len)
{
	u8 *bytes = (u8 *)&prefix->addr;
	u32 i;

	prefix->len = len;
	for (i = len; i < bits_of(prefix->family); i++)
		bytes[i / 8] &= ~(0x80 >> i % 8);
}

void random_prefix(struct rnd_state *random, u8 family,
		   struct sluice_prefix *prefix)
{
	random_addr(random, family, &prefix->addr);
	prefix->family = family;
	prefix_cut(prefix, random_below(random, bits_of(family) + 1));
}

/* Around @of, within it, or beside it from some bit on. */
void random_prefix_near(struct rnd_state *random,
			const struct sluice_prefix *of,
			struct sluice_prefix *prefix)
{
	u32 bits = bits_of(of->family), flip = random_below(random, bits);

	*prefix = *of;
	if (random_one_in(random, 2))
		((u8 *)&prefix->addr)[flip / 8] ^= 0x80 >> flip % 8;
	prefix_cut(prefix, random_below(random, bits + 1));
}

bool prefix_within(const struct sluice_prefix *prefix,
		   const struct sluice_prefix *wider)
{
	return prefix->len >= wider->len &&
	       prefix_holds(wider, prefix->family, &prefix->addr);
}

/* One before the first, the first, the last, one behind it. */
void prefix_edges(const struct sluice_prefix *prefix,
		  union nf_inet_addr edges[4])
{
	int i, n = bits_of(prefix->family) / 8;
	u8 *before = (u8 *)&edges[0], *last = (u8 *)&edges[2];
	u8 *behind = (u8 *)&edges[3];

	edges[0] = prefix->addr;
	edges[1] = prefix->addr;
	edges[2] = prefix->addr;
	for (i = prefix->len; i < 8 * n; i++)
		last[i / 8] |= 0x80 >> i % 8;
	edges[3] = edges[2];
	for (i = n - 1; i >= 0 && !before[i]--; i--)
		;
	for (i = n - 1; i >= 0 && !++behind[i]; i--)
		;
}
