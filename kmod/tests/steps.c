// SPDX-License-Identifier: GPL-2.0
/*
 * Steps: the compiler has each basic block of the module call the function
 * below, but for those of this file. What the module calls in the rest of the
 * kernel is one step; look-ups in hash tables, which are inline, are several.
 */
#include <linux/compiler.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "steps.h"

static const struct task_struct *counting;
static u64 steps;

#if STEPS_ARE_COUNTED
void __sanitizer_cov_trace_pc(void);

/* Of interrupts, which free what other tests have left, nothing is counted. */
void notrace __sanitizer_cov_trace_pc(void)
{
	if (READ_ONCE(counting) == current && in_task())
		steps++;
}
#endif

/* Count what this task does from now on; one task at a time. */
void steps_begin(void)
{
	steps = 0;
	barrier();
	WRITE_ONCE(counting, current);
}

/* How many steps there were. */
u64 steps_end(void)
{
	WRITE_ONCE(counting, NULL);
	barrier();
	return steps;
}
