/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Answers that hold until the next tick of the clock.
 */
#ifndef _SLUICE_TICK_H
#define _SLUICE_TICK_H

#include <linux/jiffies.h>
#include <linux/types.h>

/* The answer and the tick are one word, so that they belong together. */

/* Not 0, or 0 if nobody has asked in this tick */
static inline u32 sluice_tick_answer(const u64 *asked)
{
	u64 word = READ_ONCE(*asked);

	return likely((u32)word == (u32)jiffies) ? word >> 32 : 0;
}

/* @now: jiffies from before it was asked */
static inline void sluice_tick_keep(u64 *asked, u32 now, u32 answer)
{
	WRITE_ONCE(*asked, (u64)answer << 32 | now);
}

#endif
