/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prefixes for tests.
 */
#ifndef _SLUICE_TESTS_PREFIXES_H
#define _SLUICE_TESTS_PREFIXES_H

#include <linux/prandom.h>

#include "../ranges.h"

bool prefix_holds(const struct sluice_prefix *prefix, u8 family,
		  const union nf_inet_addr *addr);
void random_addr(struct rnd_state *random, u8 family,
		 union nf_inet_addr *addr);
void random_prefix(struct rnd_state *random, u8 family,
		   struct sluice_prefix *prefix);
void prefix_edges(const struct sluice_prefix *prefix,
		  union nf_inet_addr edges[4]);

#endif
