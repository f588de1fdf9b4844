/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The longest prefix that holds an address, among prefixes of one family.
 */
#ifndef _SLUICE_LPM_H
#define _SLUICE_LPM_H

#include <linux/mutex.h>
#include <linux/types.h>

#include "ranges.h"

/**
 * struct sluice_lpm - prefixes, each with a value
 * @root: topmost node, or NULL; RCU, written under @lock
 * @bytes: memory of all nodes, under @lock
 * @lock: held by who changes anything
 */
struct sluice_lpm {
	void __rcu *root;
	size_t bytes;
	struct mutex *lock;
};

static inline void sluice_lpm_init(struct sluice_lpm *lpm, struct mutex *lock)
{
	*lpm = (struct sluice_lpm) { .lock = lock };
}

/* Whether there is any prefix; as sluice_lpm_find(). */
static inline bool sluice_lpm_is_empty(const struct sluice_lpm *lpm)
{
	return !rcu_access_pointer(lpm->root);
}

void *sluice_lpm_find(const struct sluice_lpm *lpm, u8 family,
		      const union nf_inet_addr *addr);
void *sluice_lpm_find_wider(const struct sluice_lpm *lpm,
			    const struct sluice_prefix *prefix);
void *sluice_lpm_get(struct sluice_lpm *lpm, const struct sluice_prefix *prefix);
int sluice_lpm_insert(struct sluice_lpm *lpm,
		      const struct sluice_prefix *prefix, void *value);
void sluice_lpm_remove(struct sluice_lpm *lpm,
		       const struct sluice_prefix *prefix);
void sluice_lpm_walk(const struct sluice_lpm *lpm,
		     const struct sluice_prefix *prefix,
		     void (*visit)(void *value, void *context), void *context);

#endif
