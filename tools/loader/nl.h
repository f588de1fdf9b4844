/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of netlink that are not for the module.
 */
#ifndef SLUICE_LOADER_NL_H
#define SLUICE_LOADER_NL_H

#include <libmnl/libmnl.h>

#include "libsluice.h"

#define NL_REQUEST_SIZE	512

struct nlmsghdr *nl_begin(char *buffer, uint16_t type, uint16_t flags,
			  size_t header);
int nl_ask(int bus, struct nlmsghdr *request, mnl_cb_t fn, void *arg,
	   struct sluice_error *err);

#endif /* SLUICE_LOADER_NL_H */
