/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Peers that the rules of a subject name, found by number.
 */
#ifndef _SLUICE_POLICY_PEERS_H
#define _SLUICE_POLICY_PEERS_H

#include <linux/hash.h>

#include "policy.h"

/**
 * struct sluice_policy_slot - room for a peer
 * @peer: the peer; NULL if there is none, or none any more; RCU, written under
 *	the configuration lock
 * @number: its number; constant while @used
 * @used: there is or was a peer; never taken back
 */
struct sluice_policy_slot {
	struct sluice_policy_peer __rcu *peer;
	u32 number;
	bool used;
};

/**
 * struct sluice_policy_peers - a hash table with linear probing
 * @rcu: for the deferred freeing
 * @mask: number of slots less one
 * @shift: of hashes, to get that of a slot
 * @used: used ones, at most half of them; configuration lock
 * @live: those that have a peer; configuration lock
 * @slots: a peer is in the first one at or behind its hash that was not used
 *
 * A peer is added in place, its slot being used last. One that goes leaves its
 * slot behind. When half of the slots are used, a new table takes the place of
 * the old one. Numbers are the administrator's, so the hash is a simple one.
 */
struct sluice_policy_peers {
	struct rcu_head rcu;
	u32 mask;
	u8 shift;
	u32 used;
	u32 live;
	struct sluice_policy_slot slots[];
};

int sluice_policy_peers_add(struct sluice_policy_side *side,
			    struct sluice_policy_peer *peer,
			    struct mutex *lock);
void sluice_policy_peers_del(struct sluice_policy_peer *peer,
			     struct mutex *lock);

static inline struct sluice_policy_peers *
sluice_policy_peers_of(const struct sluice_policy_side *side,
		       struct mutex *lock)
{
	return rcu_dereference_protected(side->peers, lockdep_is_held(lock));
}

/* The slot of @number, or the one it would get. */
static inline u32
sluice_policy_peers_slot(const struct sluice_policy_peers *peers, u32 number)
{
	u32 i = __hash_32(number) >> peers->shift;

	while (smp_load_acquire(&peers->slots[i].used) &&
	       peers->slots[i].number != number)
		i = (i + 1) & peers->mask;
	return i;
}

/**
 * sluice_policy_peers_find() - find a peer by its number
 * @side: where
 * @number: number
 *
 * The caller holds rcu_read_lock().
 */
static inline struct sluice_policy_peer *
sluice_policy_peers_find(const struct sluice_policy_side *side, u32 number)
{
	const struct sluice_policy_peers *peers = rcu_dereference(side->peers);

	if (!peers)
		return NULL;
	return rcu_dereference(peers->slots[sluice_policy_peers_slot(peers,
					    number)].peer);
}

#endif
