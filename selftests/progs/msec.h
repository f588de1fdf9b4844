/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A clock for timeouts.
 */
#ifndef MSEC_H
#define MSEC_H

#include <stdint.h>
#include <time.h>

static inline int64_t now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

#endif /* MSEC_H */
