/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters per second.
 */
#ifndef SLUICE_RATES_H
#define SLUICE_RATES_H

#include "cli.h"
#include "config.h"

/*
 * Reads what is asked for by a key; a service or backend without one stands
 * for all of them.
 */
typedef int (*read_fn)(struct cli *cli, const struct config_backend *key,
		       struct config *config, struct sluice_error *err);

bool words_have_key(const struct words *words);
int words_rates(struct words *words, struct cli *cli);
int read_shown(struct cli *cli, read_fn read,
	       const struct config_backend *key, struct config *config,
	       struct sluice_error *err);
void show_counters(struct cli *cli, const struct sluice_counters *counters,
		   const char *before);

#endif /* SLUICE_RATES_H */
