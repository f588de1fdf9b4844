/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The identities that pods and ipBlocks get, and the addresses that have them.
 */
#ifndef SLUICE_NETPOL_IDENTITY_H
#define SLUICE_NETPOL_IDENTITY_H

#include "netpol.h"

/**
 * struct netpol_identity - who somebody is to the kernel
 * @key: what all that have it have in common
 * @number: a hash of @key
 * @pod: one of the pods that have it; NULL if it is no pods' own
 * @block: the addresses that have it if it is no pods' own
 * @is_subject: one of its pods is where rules are wanted
 * @isolated: in which directions
 */
struct netpol_identity {
	const char *key;
	uint32_t number;
	const struct netpol_pod *pod;
	const struct block *block;
	bool is_subject;
	bool isolated[NETPOL_DIRS];
};

/**
 * struct netpol_entry - addresses that have an identity
 * @prefix: where they are
 * @excepts: text of those left out; NULL for none
 * @pod: whose address it is; NULL if it is nobody's in particular
 * @identity: the identity
 */
struct netpol_entry {
	struct sluice_prefix prefix;
	const char *excepts;
	const struct netpol_pod *pod;
	const struct netpol_identity *identity;
};

/**
 * struct netpol_identities - all of them
 * @arena: owns them
 * @pods: the pods of the cluster
 * @tree: of tsearch(), by key
 * @list: those of pods first
 * @count: how many
 * @room: how many there is room for
 * @pod_count: how many are of pods
 * @entries: who has them; netpol_identities_sort() sorts them
 */
struct netpol_identities {
	struct arena *arena;
	const struct netpol_objects *pods;
	void *tree;
	struct netpol_identity **list;
	size_t count;
	size_t room;
	size_t pod_count;
	struct {
		struct netpol_entry *list;
		size_t count;
		size_t room;
	} entries;
};

void netpol_identities_init(struct netpol_identities *ids, struct netpol *np,
			    const char *node);
struct netpol_identity *
netpol_block_identity(struct netpol_identities *ids,
		      const struct block *block);
struct netpol_identity *
netpol_port_identity(struct netpol_identities *ids, const struct block *block,
		     const struct netpol_port *port);
void netpol_identities_number(struct netpol_identities *ids);
void netpol_identities_sort(struct netpol_identities *ids);
void netpol_identities_free(struct netpol_identities *ids);

bool netpol_pod_is_in(const struct netpol_pod *pod, const struct block *block);
uint64_t netpol_hash(const char *text);

#endif /* SLUICE_NETPOL_IDENTITY_H */
