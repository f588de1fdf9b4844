/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Affinity: which backend a client had last.
 */
#ifndef _SLUICE_AFFINITY_H
#define _SLUICE_AFFINITY_H

#include <linux/spinlock.h>
#include <linux/types.h>

#include "tuple.h"

#define SLUICE_AFFINITY_ENTRIES	65536
#define SLUICE_AFFINITY_LOCKS	64

/**
 * struct sluice_affinity_key - who stays with a backend
 * @client: address
 * @service: address; without port and protocol if affinity is shared; of a group
 *	its number, and nothing else
 */
struct sluice_affinity_key {
	union nf_inet_addr client;
	struct sluice_l4addr service;
};

struct sluice_affinity_entry;

/**
 * struct sluice_affinity_table - what is remembered in one namespace
 * @entries: NULL until somebody wants affinity, constant then
 * @mask: number of buckets less one
 * @seed: of the hash
 * @locks: bucket i has lock i modulo %SLUICE_AFFINITY_LOCKS
 */
struct sluice_affinity_table {
	struct sluice_affinity_entry *entries;
	u32 mask;
	u32 seed;
	spinlock_t locks[SLUICE_AFFINITY_LOCKS];
};

void sluice_affinity_init(struct sluice_affinity_table *table);
int sluice_affinity_prepare(struct sluice_affinity_table *table, u32 entries);
void sluice_affinity_fini(struct sluice_affinity_table *table);
bool sluice_affinity_find(struct sluice_affinity_table *table,
			  const struct sluice_affinity_key *key,
			  struct sluice_l4addr *backend);
void sluice_affinity_note(struct sluice_affinity_table *table,
			  const struct sluice_affinity_key *key,
			  const struct sluice_l4addr *backend, u32 seconds);

#endif
