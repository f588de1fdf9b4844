/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network namespaces: the one we are in, and others that are known to it.
 */
#ifndef SLUICE_LOADER_NETNS_H
#define SLUICE_LOADER_NETNS_H

#include "link.h"

int netns_of(const struct link *link, struct sluice_error *err);
uint32_t netns_number(void);

/* What is done in another namespace. */
typedef int (*netns_fn)(void *arg, struct sluice_error *err);

int netns_do(int netns, netns_fn fn, void *arg, struct sluice_error *err);

#endif /* SLUICE_LOADER_NETNS_H */
