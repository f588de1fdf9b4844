/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Steps: how much the module does, counted and not timed.
 */
#ifndef _SLUICE_TESTS_STEPS_H
#define _SLUICE_TESTS_STEPS_H

#include <linux/kconfig.h>
#include <linux/types.h>

/* The kernel's own coverage counts by the same means. */
#define STEPS_ARE_COUNTED	(!IS_ENABLED(CONFIG_KCOV))

void steps_begin(void);
u64 steps_end(void);

#endif
