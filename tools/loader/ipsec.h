/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the stack would encrypt what it forwards.
 */
#ifndef SLUICE_LOADER_IPSEC_H
#define SLUICE_LOADER_IPSEC_H

#include "libsluice.h"

int ipsec_check(struct sluice_error *err);

#endif /* SLUICE_LOADER_IPSEC_H */
