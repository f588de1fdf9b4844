/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a packet is left to the slow path, or a segment to the stack.
 */
#ifndef _SLUICE_FALLBACK_H
#define _SLUICE_FALLBACK_H

#include <uapi/linux/sluice.h>

/* Of functions that return why: it is not. */
#define SLUICE_FALLBACK_NONE	((enum sluice_fallback)0)
#define SLUICE_SHORT_CUT_TAKEN	((enum sluice_short_cut_reason)0)

#endif
