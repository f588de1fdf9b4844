/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prefixes for tests.
 */
#ifndef _SLUICE_TESTS_PREFIXES_H
#define _SLUICE_TESTS_PREFIXES_H

#include <linux/prandom.h>

#include "../ranges.h"

u8 bits_of(u8 family);
bool prefix_holds(const struct sluice_prefix *prefix, u8 family,
		  const union nf_inet_addr *addr);
bool prefix_within(const struct sluice_prefix *prefix,
		   const struct sluice_prefix *wider);
void prefix_cut(struct sluice_prefix *prefix, u8 len);
void random_addr(struct rnd_state *random, u8 family,
		 union nf_inet_addr *addr);
void random_prefix(struct rnd_state *random, u8 family,
		   struct sluice_prefix *prefix);
void random_prefix_near(struct rnd_state *random,
			const struct sluice_prefix *of,
			struct sluice_prefix *prefix);
void prefix_edges(const struct sluice_prefix *prefix,
		  union nf_inet_addr edges[4]);

#endif
