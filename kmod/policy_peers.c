// SPDX-License-Identifier: GPL-2.0
/*
 * Peers that the rules of a subject name: their table.
 */
#include <linux/log2.h>

#include "alloc.h"
#include "policy_peers.h"

static void put_in_slot(struct sluice_policy_peers *peers,
			struct sluice_policy_peer *peer)
{
	struct sluice_policy_slot *slot;

	slot = &peers->slots[sluice_policy_peers_slot(peers, peer->number)];
	slot->number = peer->number;
	rcu_assign_pointer(slot->peer, peer);
	peers->live++;
	peers->used += !slot->used;
	smp_store_release(&slot->used, true);
}

static void copy_peers(struct sluice_policy_peers *to,
		       const struct sluice_policy_peers *from,
		       struct mutex *lock)
{
	struct sluice_policy_peer *peer;
	u32 i;

	for (i = 0; from && i <= from->mask; i++) {
		peer = rcu_dereference_protected(from->slots[i].peer,
						 lockdep_is_held(lock));
		if (peer)
			put_in_slot(to, peer);
	}
}

/* Room for half as many again, and one, until it has to be done again. */
static int grow(struct sluice_policy_side *side, struct mutex *lock)
{
	struct sluice_policy_peers *old = sluice_policy_peers_of(side, lock), *new;
	u32 live = old ? old->live : 0;
	u8 bits = order_base_2(3 * (live + 1));

	new = sluice_alloc(struct_size(new, slots, BIT(bits)));
	if (!new)
		return -ENOMEM;

	new->mask = BIT(bits) - 1;
	new->shift = 32 - bits;
	copy_peers(new, old, lock);
	rcu_assign_pointer(side->peers, new);
	if (old)
		sluice_free_rcu(old, rcu);
	return 0;
}

/**
 * sluice_policy_peers_add() - have a peer found
 * @side: where there is no peer of this number
 * @peer: peer
 * @lock: the configuration lock, which the caller holds
 *
 * Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_policy_peers_add(struct sluice_policy_side *side,
			    struct sluice_policy_peer *peer,
			    struct mutex *lock)
{
	struct sluice_policy_peers *peers = sluice_policy_peers_of(side, lock);

	if ((!peers || 2 * peers->used >= peers->mask) &&
	    grow(side, lock))
		return -ENOMEM;

	put_in_slot(sluice_policy_peers_of(side, lock), peer);
	return 0;
}

/* Have a peer not found any more; the caller holds @lock. */
void sluice_policy_peers_del(struct sluice_policy_peer *peer,
			     struct mutex *lock)
{
	struct sluice_policy_peers *peers = sluice_policy_peers_of(peer->side, lock);
	u32 i = sluice_policy_peers_slot(peers, peer->number);

	RCU_INIT_POINTER(peers->slots[i].peer, NULL);
	peers->live--;
}
