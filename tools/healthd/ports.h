/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The health ports: listening, and answering.
 */
#ifndef HEALTHD_PORTS_H
#define HEALTHD_PORTS_H

#include "table.h"

struct event_base;
struct ports;

struct ports *ports_new(struct event_base *base,
			const struct sluice_addr *addrs, size_t count);
void ports_free(struct ports *ports);
void ports_follow(struct ports *ports, struct table *table);
void ports_set_in_step(struct ports *ports, bool in_step);

#endif /* HEALTHD_PORTS_H */
