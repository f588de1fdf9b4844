/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The library's inside: transactions.
 */
#ifndef SLUICE_TX_H
#define SLUICE_TX_H

#include <stddef.h>

#include "libsluice.h"

/**
 * struct sluice_tx - a list of changes on its way
 * @nlh: the message; type, flags and command are missing
 * @room: what is allocated for it
 */
struct sluice_tx {
	struct nlmsghdr *nlh;
	size_t room;
};

#endif /* SLUICE_TX_H */
