/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A frame goes into a program, and with a verdict and a counter it comes out:
 * by BPF_PROG_TEST_RUN, in a network namespace of the test's own.
 */
#ifndef SLUICE_BPF_TESTS_FIXTURE_H
#define SLUICE_BPF_TESTS_FIXTURE_H

#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "abi.h"
#include "frame.h"

/* One that is not known: its counter is number 0 of the causes. */
#define FIXTURE_OTHER_CAUSE	255

/**
 * struct fixture - what a program does with a frame
 * @name: of the test
 * @before: shell commands first, NULL for none
 * @after: shell commands at the end
 * @in: the frame
 * @verdict: XDP_PASS and the like
 * @counter: the one that rises; no other does
 * @cause: of a miss: the other counter that rises, enum sluice_fallback or
 *	FIXTURE_OTHER_CAUSE; 0 for none
 * @out: the frame afterwards; the one that went in if it has no addresses
 */
struct fixture {
	const char *name;
	const char *before;
	const char *after;
	struct frame in;
	__u32 verdict;
	enum sluice_xdp_counter counter;
	__u8 cause;
	struct frame out;
};

/**
 * struct bench - where fixtures are run
 * @prog: the program
 * @counters: its counters
 * @ifindex: the device that frames come in by
 */
struct bench {
	int prog;
	int counters;
	__u32 ifindex;
};

const char *bench_missing(void);
int bench_shell(const char *commands);
__u32 bench_ifindex(const char *name);
void bench_address(const char *name, __u8 *address);
int bench_load(struct bench *bench, struct bpf_object *object,
	       const char *program);
void bench_unload(const struct bench *bench);
void fixture_run(const struct bench *bench, const struct fixture *fixture);

#endif /* SLUICE_BPF_TESTS_FIXTURE_H */
