/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each frame of the benchmark begins with; for the generator as well as
 * for who fills it in.
 */
#ifndef SLUICE_BENCH_HEAD_H
#define SLUICE_BENCH_HEAD_H

#include <linux/types.h>

/* Ethernet, IPv4 or IPv6, UDP, and some data; no frame is shorter. */
#define HEAD_WORDS	8
#define HEAD_SIZE	(HEAD_WORDS * sizeof(__u64))

struct head {
	__u64 word[HEAD_WORDS];
};

#endif /* SLUICE_BENCH_HEAD_H */
