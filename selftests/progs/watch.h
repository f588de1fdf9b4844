/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What something costs: nanoseconds of a clock that counts instructions
 * (selftests/run.sh --icount), the time in which nothing ran taken off.
 */
#ifndef WATCH_H
#define WATCH_H

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

static inline int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* How long the processor has had nothing to do: the clock jumps then. */
static inline int64_t idle(void)
{
	FILE *file = fopen("/proc/timer_list", "re");
	int64_t nsec = -1;
	char line[256];

	if (!file)
		err(1, "/proc/timer_list");
	while (nsec < 0 && fgets(line, sizeof(line), file))
		sscanf(line, " .idle_sleeptime : %ld nsecs", &nsec);
	fclose(file);
	if (nsec < 0)
		errx(1, "/proc/timer_list has no idle time");
	return nsec;
}

struct watch {
	int64_t idle;
	int64_t start;
};

static inline struct watch watch_start(void)
{
	struct watch watch = { .idle = idle() };

	watch.start = now();
	return watch;
}

static inline int64_t watch_busy(const struct watch *watch)
{
	int64_t end = now();

	return end - watch->start - (idle() - watch->idle);
}

#endif /* WATCH_H */
