/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Versions: what packets of a revision see of something that changes.
 */
#ifndef _SLUICE_VERSION_H
#define _SLUICE_VERSION_H

#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "alloc.h"

/**
 * struct sluice_version - the head of an immutable object
 * @rcu: for the deferred freeing
 * @since: the first revision that sees it
 * @prev: what those before see, while a transaction is under way; NULL if
 *	nothing; RCU, written under the configuration lock
 *
 * It is the first member of an object from sluice_alloc(), which owns nothing
 * else. A pointer to the newest is written under the configuration lock.
 */
struct sluice_version {
	struct rcu_head rcu;
	unsigned long since;
	struct sluice_version __rcu *prev;
};

/**
 * sluice_version_at() - what a packet sees
 * @newest: pointer to the newest one, or to NULL
 * @revision: the packet's
 *
 * The caller holds rcu_read_lock(). Once @revision is over, what is found may
 * be too new or missing; whoever asks looks at the revision again behind it.
 */
static inline struct sluice_version *
sluice_version_at(struct sluice_version __rcu *const *newest,
		  unsigned long revision)
{
	struct sluice_version *version = rcu_dereference(*newest);

	if (likely(!version || version->since <= revision))
		return version;
	return rcu_dereference(version->prev);
}

/* The newest one, be it visible yet or not. */
static inline struct sluice_version *
sluice_version_newest(struct sluice_version __rcu *const *newest,
		      struct mutex *lock)
{
	return rcu_dereference_protected(*newest, lockdep_is_held(lock));
}

/* From revision @since on @version is seen; it is the first change since. */
static inline void sluice_version_push(struct sluice_version __rcu **newest,
				       struct sluice_version *version,
				       unsigned long since, struct mutex *lock)
{
	version->since = since;
	RCU_INIT_POINTER(version->prev, sluice_version_newest(newest, lock));
	rcu_assign_pointer(*newest, version);
}

static inline void sluice_version_free_later(struct sluice_version *version)
{
	if (version)
		sluice_free_rcu(version, rcu);
}

/* The revision was raised: let go of the one before. */
static inline void sluice_version_cut(struct sluice_version __rcu **newest,
				      struct mutex *lock)
{
	struct sluice_version *version = sluice_version_newest(newest, lock);

	if (!version)
		return;
	sluice_version_free_later(sluice_version_newest(&version->prev, lock));
	RCU_INIT_POINTER(version->prev, NULL);
}

/* Revision @since does not come: let go of what was for it. */
static inline void sluice_version_undo(struct sluice_version __rcu **newest,
				       unsigned long since, struct mutex *lock)
{
	struct sluice_version *version = sluice_version_newest(newest, lock);

	if (!version || version->since != since)
		return;
	rcu_assign_pointer(*newest, sluice_version_newest(&version->prev,
							  lock));
	sluice_version_free_later(version);
}

/* Nothing is seen any more. */
static inline void sluice_version_clear(struct sluice_version __rcu **newest,
					struct mutex *lock)
{
	sluice_version_cut(newest, lock);
	sluice_version_free_later(sluice_version_newest(newest, lock));
	RCU_INIT_POINTER(*newest, NULL);
}

#endif
