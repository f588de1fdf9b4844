/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What something costs: nanoseconds of a clock that counts instructions
 * (selftests/run.sh --icount).
 */
#ifndef WATCH_H
#define WATCH_H

#include <err.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/**
 * struct watch - what was spent since its start
 * @start: clock then
 * @unused: what of it nobody else wanted
 */
struct watch {
	int64_t start;
	int64_t unused;
};

static inline int64_t read_clock(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		err(1, "clock_gettime");
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static inline int64_t now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* A process that uses up what nobody else wants, until this one ends. */
static inline clockid_t start_filler(void)
{
	struct sched_param param = { 0 };
	pid_t parent = getpid(), child = fork();
	clockid_t clock;

	if (child < 0)
		err(1, "fork");
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* The parent may be gone before this runs for the first time. */
		if (sched_setscheduler(0, SCHED_IDLE, &param) ||
		    getppid() != parent)
			_exit(1);
		for (;;)
			;
	}
	if (clock_getcpuclockid(child, &clock))
		errx(1, "clock_getcpuclockid");
	return clock;
}

/*
 * When nothing runs the clock jumps to the next timer. With the filler
 * something always runs, and its own clock tells how much of that was idle.
 */
static inline int64_t unused(void)
{
	static clockid_t filler;

	if (!filler)
		filler = start_filler();
	return read_clock(filler);
}

static inline struct watch watch_start(void)
{
	struct watch watch = { .unused = unused() };

	watch.start = now();
	return watch;
}

static inline int64_t watch_busy(const struct watch *watch)
{
	int64_t end = now();

	return end - watch->start - (unused() - watch->unused);
}

/*
 * The time in which nothing ran, as the kernel counts it of the one processor:
 * for what takes long, as the clock jumps over it and a filler would not.
 */
static inline int64_t idle(void)
{
	long long nsecs = -1;
	FILE *timers = fopen("/proc/timer_list", "r");
	char line[256];

	if (!timers)
		err(1, "/proc/timer_list");
	while (nsecs < 0 && fgets(line, sizeof(line), timers))
		sscanf(line, " .idle_sleeptime : %lld", &nsecs);
	fclose(timers);
	if (nsecs < 0)
		errx(1, "/proc/timer_list has no idle_sleeptime");
	return nsecs;
}

/* The same as watch_start() and watch_busy() by idle() */
static inline struct watch watch_start_long(void)
{
	struct watch watch = { .unused = idle() };

	watch.start = now();
	return watch;
}

static inline int64_t watch_busy_long(const struct watch *watch)
{
	int64_t end = now();

	return end - watch->start - (idle() - watch->unused);
}

#endif /* WATCH_H */
