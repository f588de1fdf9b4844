/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random numbers that are the same in every run.
 */
#ifndef _SLUICE_TESTS_RANDOM_H
#define _SLUICE_TESTS_RANDOM_H

#include <linux/prandom.h>

static inline u32 random_below(struct rnd_state *random, u32 ceiling)
{
	return prandom_u32_state(random) % ceiling;
}

/* True once in @n times. */
static inline bool random_one_in(struct rnd_state *random, u32 n)
{
	return !random_below(random, n);
}

#endif
