/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Beside other programs: libxdp's dispatcher calls one after another.
 */
#ifndef SLUICE_LOADER_CHAIN_H
#define SLUICE_LOADER_CHAIN_H

#include "link.h"
#include "program.h"

bool chain_is_there(const struct link *link);
int chain_attach(const struct program *program, const struct link *link,
		 bool generic, struct sluice_error *err);
int chain_detach(uint32_t id, const struct link *link,
		 struct sluice_error *err);

#endif /* SLUICE_LOADER_CHAIN_H */
