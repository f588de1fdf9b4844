/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kubernetes' ipBlock: a prefix and parts of it that are left out.
 */
#ifndef SLUICE_BLOCK_H
#define SLUICE_BLOCK_H

#include "libsluice.h"
#include "place.h"

/**
 * struct block - addresses
 * @cidr: where they are
 * @excepts: of struct sluice_prefix, those left out: sorted, none inside of
 *	another
 * @excepts_text: these with commas between them; NULL for none
 * @text: all of it, what stands for the same addresses in the same words
 */
struct block {
	struct sluice_prefix cidr;
	struct netpol_list excepts;
	const char *excepts_text;
	const char *text;
};

int block_read(const struct place *place, struct arena *arena,
	       struct block *block);
bool block_has(const struct block *block, const struct sluice_addr *addr);

#endif /* SLUICE_BLOCK_H */
