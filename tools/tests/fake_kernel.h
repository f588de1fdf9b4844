/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands for the library's socket and operations: a namespace in memory.
 */
#ifndef SLUICE_FAKE_KERNEL_H
#define SLUICE_FAKE_KERNEL_H

#include "config.h"

#define FAKE_LIMIT	1000

/**
 * struct fake_kernel - the namespace
 * @state: its configuration, sorted
 * @writes: transactions
 * @reads_changed: so many readings of the revision find another one, and another
 *	limit of flows, FAKE_LIMIT at last
 * @fail_at: the change that is refused, counted from 1; 0 for none
 * @drops: its counters of dropped packets
 * @question: what was to be explained last
 * @answer: to whatever is to be explained
 */
struct fake_kernel {
	struct config state;
	unsigned int writes;
	unsigned int reads_changed;
	unsigned int fail_at;
	struct sluice_drops drops;
	struct sluice_explain question;
	const struct sluice_msg *answer;
};

extern struct fake_kernel fake_kernel;

void fake_kernel_reset(void);
void fake_kernel_load(const char *text);

#endif /* SLUICE_FAKE_KERNEL_H */
