// SPDX-License-Identifier: GPL-2.0
/*
 * Which allocation fails.
 */
#include "../alloc.h"

u32 sluice_alloc_fail_at;
