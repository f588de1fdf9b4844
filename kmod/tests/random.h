/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random numbers that are the same in every run.
 */
#ifndef _SLUICE_TESTS_RANDOM_H
#define _SLUICE_TESTS_RANDOM_H

#include <linux/prandom.h>

#include "../tuple.h"

static inline u32 random_below(struct rnd_state *random, u32 ceiling)
{
	return prandom_u32_state(random) % ceiling;
}

/* True once in @n times. */
static inline bool random_one_in(struct rnd_state *random, u32 n)
{
	return !random_below(random, n);
}

/* Of ICMP that of an echo request. */
static inline void random_tuple(struct rnd_state *random,
				struct sluice_tuple *t, u8 family, u8 proto)
{
	unsigned int len = family == AF_INET ? 4 : 16;

	*t = (struct sluice_tuple) { .family = family, .proto = proto };
	prandom_bytes_state(random, &t->src, len);
	prandom_bytes_state(random, &t->dst, len);
	prandom_bytes_state(random, &t->sport, sizeof(t->sport));
	if (sluice_proto_is_icmp(proto))
		t->sport |= htons(1);
	else
		prandom_bytes_state(random, &t->dport, sizeof(t->dport));
}

#endif
