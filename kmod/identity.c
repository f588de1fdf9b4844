// SPDX-License-Identifier: GPL-2.0
/*
 * Identities: their table, and what packets find in it.
 */
#include <linux/hash.h>
#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "alloc.h"
#include "identity.h"
#include "idset.h"

/**
 * DOC: Identities
 *
 * An entry gives an identity to the addresses of a prefix, but for parts of it,
 * the excepts. An address has the identities of all entries that hold there;
 * where an exclusive entry holds, those of wider prefixes do not.
 *
 * Each prefix that an entry or an except names is a place, with the set of
 * identities that an address has if no narrower place is around it: what wider
 * places give is in it. So a packet looks at the place with the longest prefix
 * only. A change of an entry can change the sets of its place and of those
 * within it.
 *
 * Single addresses would make each of them such a place, and there are as many
 * as workloads. They are hosts, found by a hash, and have the set that their
 * own entries give. A packet takes both sets, unless the host's is exclusive;
 * a change of a prefix does not touch the hosts within it.
 *
 * While a transaction is prepared, a place has a change that says which set is
 * there from the next revision on. A new place begins with the set that is
 * there without it. At the end the change's set becomes the place's, at all
 * places first, and then what was deleted goes away. So a packet with the old
 * revision that comes late finds each place as it was or as it is; whoever
 * asks looks at the revision again behind it, and asks again if it has risen.
 *
 * Example: 10.0.0.0/8 except 10.1.0.0/16 is 70, 0.0.0.0/0 is 3, 10.2.0.1 is
 * 1001. Places are 0.0.0.0/0 with 3, 10.0.0.0/8 with 3 and 70, 10.1.0.0/16
 * with 3, and the host 10.2.0.1 with 1001, which has 3 and 70, too.
 */

static const struct rhashtable_params identity_params = {
	.head_offset = offsetof(struct sluice_identity, node),
	.key_offset = offsetof(struct sluice_identity, number),
	.key_len = sizeof_field(struct sluice_identity, number),
	.automatic_shrinking = true,
};

/*
 * Addresses are the administrator's, so a simple hash will do for IPv4: its low
 * bits, by which a bucket is chosen, depend on all of the address. Inline for
 * packets.
 */
static __always_inline u32 hash_host(const void *key, u32 len, u32 seed)
{
	const struct sluice_prefix *host = key;
	u32 hash;

	if (host->family != AF_INET)
		return jhash2(host->addr.all, 4, seed);
	hash = (ntohl(host->addr.ip) ^ seed) * GOLDEN_RATIO_32;
	return hash ^ hash >> 16;
}

static u32 hash_place(const void *obj, u32 len, u32 seed)
{
	const struct sluice_identity_place *place = obj;

	return hash_host(&place->prefix, len, seed);
}

static __always_inline int compare_host(struct rhashtable_compare_arg *arg,
					const void *obj)
{
	const struct sluice_identity_place *place = obj;
	const struct sluice_prefix *key = arg->key;

	return !ipv6_addr_equal(&key->addr.in6, &place->prefix.addr.in6) ||
	       key->family != place->prefix.family;
}

static const struct rhashtable_params host_params = {
	.head_offset = offsetof(struct sluice_identity_place, node),
	.key_offset = offsetof(struct sluice_identity_place, prefix),
	.key_len = sizeof_field(struct sluice_identity_place, prefix),
	.hashfn = hash_host,
	.obj_hashfn = hash_place,
	.obj_cmpfn = compare_host,
	.automatic_shrinking = true,
};

static struct kmem_cache *identity_cache, *place_cache;

int __init sluice_identity_init(void)
{
	identity_cache = kmem_cache_create("sluice_identity",
					   sizeof(struct sluice_identity), 0,
					   SLAB_ACCOUNT, NULL);
	if (!identity_cache)
		return -ENOMEM;
	place_cache = kmem_cache_create("sluice_identity_place",
					sizeof(struct sluice_identity_place),
					0, SLAB_ACCOUNT, NULL);
	if (!place_cache) {
		kmem_cache_destroy(identity_cache);
		return -ENOMEM;
	}
	return 0;
}

/* All tables are empty, and what was to be freed by RCU is. */
void sluice_identity_fini(void)
{
	kmem_cache_destroy(place_cache);
	kmem_cache_destroy(identity_cache);
}

/**
 * sluice_identity_table_init() - make an empty table
 * @table: table
 * @lock: the configuration lock of its namespace
 *
 * Process context, may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_identity_table_init(struct sluice_identity_table *table,
			       struct mutex *lock)
{
	int err;

	*table = (struct sluice_identity_table) { .lock = lock };
	xa_init_flags(&table->ids, XA_FLAGS_ALLOC1);
	sluice_lpm_init(&table->prefixes[0], lock);
	sluice_lpm_init(&table->prefixes[1], lock);
	err = rhashtable_init(&table->identities, &identity_params);
	if (err)
		return err;
	err = rhashtable_init(&table->hosts, &host_params);
	if (err)
		goto destroy_identities;
	err = sluice_idset_table_init(table);
	if (err)
		goto destroy_hosts;
	return 0;

destroy_hosts:
	rhashtable_destroy(&table->hosts);
destroy_identities:
	rhashtable_destroy(&table->identities);
	return err;
}

/* The table is empty and no reader is left; process context, may sleep. */
void sluice_identity_table_fini(struct sluice_identity_table *table)
{
	sluice_idset_table_fini(table);
	rhashtable_destroy(&table->hosts);
	rhashtable_destroy(&table->identities);
	xa_destroy(&table->ids);
}

/* ------------------------------------------------------------------- packets */

static const struct sluice_idset *
set_at(const struct sluice_identity_place *place, unsigned long revision)
{
	const struct sluice_identity_change *change;

	change = rcu_dereference(place->change);
	if (unlikely(change && change->since <= revision))
		return change->set;
	smp_rmb();	/* against settle() of transactions */
	return rcu_dereference(place->set);
}

/**
 * sluice_identity_find() - find out who has an address
 * @table: table
 * @family: AF_INET or AF_INET6
 * @addr: address, as in &struct sluice_l4addr
 * @revision: the packet's
 * @found: set to the identities, without references
 *
 * Any context; the caller holds rcu_read_lock(). Once @revision is over what
 * is found may be that of the next one.
 */
void sluice_identity_find(struct sluice_identity_table *table, u8 family,
			  const union nf_inet_addr *addr,
			  unsigned long revision,
			  struct sluice_identities *found)
{
	struct sluice_prefix key = { .addr = *addr, .family = family };
	const struct sluice_identity_place *place;
	const struct sluice_idset *set = NULL;
	const struct sluice_lpm *prefixes;

	place = rhashtable_lookup(&table->hosts, &key, host_params);
	if (place)
		set = set_at(place, revision);
	found->sets[0] = set;
	found->sets[1] = NULL;
	if (set && set->exclusive)
		return;

	prefixes = sluice_identity_prefixes(table, family);
	if (sluice_lpm_is_empty(prefixes))
		return;
	place = sluice_lpm_find(prefixes, family, addr);
	if (place)
		found->sets[1] = set_at(place, revision);
}

/* ---------------------------------------------------------------- identities */

/**
 * sluice_identity_lookup() - find an identity
 * @table: table
 * @number: its number
 *
 * The caller holds rcu_read_lock() or the configuration lock.
 *
 * Return: the identity without a reference; or NULL if the number is not in
 * use.
 */
struct sluice_identity *
sluice_identity_lookup(struct sluice_identity_table *table, u32 number)
{
	return rhashtable_lookup_fast(&table->identities, &number,
				      identity_params);
}

static struct sluice_identity *
identity_add(struct sluice_identity_table *table, u32 number)
{
	struct sluice_identity *identity;
	int err;

	identity = sluice_alloc_object(identity_cache);
	if (!identity)
		return ERR_PTR(-ENOMEM);

	identity->number = number;
	refcount_set(&identity->refs, 1);
	err = rhashtable_insert_fast(&table->identities, &identity->node,
				     identity_params);
	if (err) {
		kmem_cache_free(identity_cache, identity);
		return ERR_PTR(err);
	}
	return identity;
}

/**
 * sluice_identity_get() - have an identity
 * @table: table; the caller holds the configuration lock
 * @number: its number, which need not be in use
 *
 * Process context, may sleep.
 *
 * Return: the identity, to be released with sluice_identity_put(); or an error
 * pointer.
 */
struct sluice_identity *
sluice_identity_get(struct sluice_identity_table *table, u32 number)
{
	struct sluice_identity *identity;

	sluice_identity_table_assert_locked(table);
	identity = sluice_identity_lookup(table, number);
	if (!identity)
		return identity_add(table, number);
	refcount_inc(&identity->refs);
	return identity;
}

static void identity_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(identity_cache,
			container_of(rcu, struct sluice_identity, rcu));
}

/**
 * sluice_identity_put() - release a reference
 * @table: table; the caller holds the configuration lock
 * @identity: one that sluice_identity_get() has given
 *
 * Packets may see it for a grace period, with the policy it has.
 */
void sluice_identity_put(struct sluice_identity_table *table,
			 struct sluice_identity *identity)
{
	sluice_identity_table_assert_locked(table);
	if (!refcount_dec_and_test(&identity->refs))
		return;

	rhashtable_remove_fast(&table->identities, &identity->node,
			       identity_params);
	call_rcu(&identity->rcu, identity_free_rcu);
}

/* -------------------------------------------------------------------- places */

/**
 * sluice_identity_place_find() - find exactly one prefix
 * @table: table; the caller holds the configuration lock
 * @prefix: which one
 * @host: among single addresses that have entries; otherwise among prefixes,
 *	where a single address may be as an except
 *
 * Return: the place, or NULL.
 */
struct sluice_identity_place *
sluice_identity_place_find(struct sluice_identity_table *table,
			   const struct sluice_prefix *prefix, bool host)
{
	if (host)
		return rhashtable_lookup_fast(&table->hosts, prefix,
					      host_params);
	return sluice_lpm_get(sluice_identity_prefixes(table, prefix->family),
			      prefix);
}

struct sluice_identity_place *
sluice_identity_place_wider(struct sluice_identity_table *table,
			    const struct sluice_identity_place *place)
{
	struct sluice_lpm *prefixes;

	if (place->host)
		return NULL;
	prefixes = sluice_identity_prefixes(table, place->prefix.family);
	return sluice_lpm_find_wider(prefixes, &place->prefix);
}

static struct sluice_idset *set_of(const struct sluice_identity_table *table,
				   const struct sluice_identity_place *place)
{
	return rcu_dereference_protected(place->set,
					 lockdep_is_held(table->lock));
}

/* Nothing is prepared yet: a wider place has the set of now. */
static int place_link(struct sluice_identity_table *table,
		      struct sluice_identity_place *place)
{
	struct sluice_identity_place *wider;

	if (place->host)
		return rhashtable_insert_fast(&table->hosts, &place->node,
					      host_params);

	wider = sluice_identity_place_wider(table, place);
	if (wider)
		RCU_INIT_POINTER(place->set, set_of(table, wider));
	return sluice_lpm_insert(sluice_identity_prefixes(table,
							  place->prefix.family),
				 &place->prefix, place);
}

/**
 * sluice_identity_place_make() - have a place for a prefix
 * @table: table; the caller holds the configuration lock
 * @prefix: the prefix
 * @host: as for sluice_identity_place_find()
 *
 * Packets find the same as before. Process context, may sleep.
 *
 * Return: the place, which may have been there; it goes by itself with its
 * last entry or except, or by sluice_identity_place_release() if it gets none.
 * Or an error pointer.
 */
struct sluice_identity_place *
sluice_identity_place_make(struct sluice_identity_table *table,
			   const struct sluice_prefix *prefix, bool host)
{
	struct sluice_identity_place *place;
	int err;

	place = sluice_identity_place_find(table, prefix, host);
	if (place)
		return place;
	place = sluice_alloc_object(place_cache);
	if (!place)
		return ERR_PTR(-ENOMEM);

	place->prefix = *prefix;
	place->host = host;
	err = place_link(table, place);
	if (err) {
		kmem_cache_free(place_cache, place);
		return ERR_PTR(err);
	}
	sluice_idset_get(set_of(table, place));
	return place;
}

static void place_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(place_cache,
			container_of(rcu, struct sluice_identity_place, rcu));
}

/* Let @place go if nothing names it any more. Configuration lock. */
void sluice_identity_place_release(struct sluice_identity_table *table,
				   struct sluice_identity_place *place)
{
	u8 family = place->prefix.family;

	if (!hlist_empty(&place->entries) || !hlist_empty(&place->excepts))
		return;

	if (place->host)
		rhashtable_remove_fast(&table->hosts, &place->node,
				       host_params);
	else
		sluice_lpm_remove(sluice_identity_prefixes(table, family),
				  &place->prefix);
	sluice_idset_put(table, set_of(table, place));
	call_rcu(&place->rcu, place_free_rcu);
}
