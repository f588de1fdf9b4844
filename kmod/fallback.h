/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a packet is left to the slow path.
 */
#ifndef _SLUICE_FALLBACK_H
#define _SLUICE_FALLBACK_H

#include <uapi/linux/sluice.h>

/* Of a function that returns why: it is not. */
#define SLUICE_FALLBACK_NONE	((enum sluice_fallback)0)

#endif
