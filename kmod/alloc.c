// SPDX-License-Identifier: GPL-2.0
/*
 * How much memory is in use for what the administrator configures.
 */
#include <linux/bug.h>

#include "alloc.h"

atomic_long_t sluice_alloc_count = ATOMIC_LONG_INIT(0);

/* The module goes; all that it had is freed. */
void sluice_alloc_fini(void)
{
	long left = atomic_long_read(&sluice_alloc_count);

	WARN(left, "sluice: %ld allocations were not freed\n", left);
}
