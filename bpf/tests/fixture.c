// SPDX-License-Identifier: GPL-2.0
/*
 * A frame goes into a program, and with a verdict and a counter it comes out.
 */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_link.h>

#include "fixture.h"
#include "tap.h"

#define CPUS_MAX	1024

static const char * const words[] = {
#define WORD(name, action, word) word,
	SLUICE_XDP_COUNTERS(WORD)
#undef WORD
};

/**
 * bench_missing - go into a network namespace of our own
 *
 * Return: what is missing for that, NULL if nothing is.
 */
const char *bench_missing(void)
{
	if (geteuid())
		return "root";
	if (system("command -v ip >/dev/null"))
		return "ip";
	if (unshare(CLONE_NEWNET))
		return "a network namespace";
	if (system("ip link add probe type veth peer name probe2 2>/dev/null &&"
		   " ip link del probe"))
		return "veth";
	return NULL;
}

/**
 * bench_shell - run commands
 * @commands: for sh, up to the first that fails
 *
 * Return: 0, or something else if one failed.
 */
int bench_shell(const char *commands)
{
	char line[4096];

	if (!commands)
		return 0;
	snprintf(line, sizeof(line), "set -e\n%s", commands);
	return system(line);
}

/**
 * bench_ifindex - the index of a device
 * @name: the device, which must be there
 */
__u32 bench_ifindex(const char *name)
{
	return if_nametoindex(name);
}

/**
 * bench_address - the hardware address of a device
 * @name: the device, which must be there
 * @address: where to put it
 */
void bench_address(const char *name, __u8 *address)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq req = { 0 };

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", name);
	if (!ioctl(fd, SIOCGIFHWADDR, &req))
		memcpy(address, req.ifr_hwaddr.sa_data, ETH_ALEN);
	close(fd);
}

/**
 * bench_load - load a program and attach it, without which no frame comes in
 * @bench: the place; its @ifindex is set
 * @object: not loaded yet
 * @program: its name
 *
 * Return: 0 or -errno.
 */
int bench_load(struct bench *bench, struct bpf_object *object,
	       const char *program)
{
	struct bpf_program *prog;
	int ret;

	ret = bpf_object__load(object);
	if (ret)
		return ret;
	prog = bpf_object__find_program_by_name(object, program);
	bench->prog = bpf_program__fd(prog);
	bench->counters = bpf_object__find_map_fd_by_name(object,
						SLUICE_XDP_MAP_COUNTERS);
	return bpf_xdp_attach(bench->ifindex, bench->prog, XDP_FLAGS_DRV_MODE,
			      NULL);
}

/**
 * bench_unload - detach the program
 * @bench: the place
 */
void bench_unload(const struct bench *bench)
{
	bpf_xdp_detach(bench->ifindex, XDP_FLAGS_DRV_MODE, NULL);
}

static void read_counters(const struct bench *bench, __u64 *counters)
{
	static __u64 values[CPUS_MAX];
	int i, cpus = libbpf_num_possible_cpus();
	__u32 slot;

	for (slot = 0; slot < SLUICE_XDP_SLOTS; slot++) {
		counters[slot] = 0;
		memset(values, 0, sizeof(values));
		bpf_map_lookup_elem(bench->counters, &slot, values);
		for (i = 0; i < cpus; i++)
			counters[slot] += values[i];
	}
}

static __u64 expected_rise(const struct fixture *fixture, __u32 slot)
{
	__u32 cause = fixture->cause;

	if (slot == fixture->counter)
		return 1;
	if (!cause || slot < SLUICE_XDP_COUNTER_COUNT)
		return 0;
	if (cause == FIXTURE_OTHER_CAUSE)
		cause = 0;
	return slot == SLUICE_XDP_COUNTER_COUNT + cause;
}

static bool counted(const struct fixture *fixture, const __u64 *before,
		    const __u64 *after)
{
	bool ok = true;
	__u32 slot;

	for (slot = 0; slot < SLUICE_XDP_SLOTS; slot++) {
		if (after[slot] - before[slot] == expected_rise(fixture, slot))
			continue;
		ok = false;
		printf("# %s rose by %llu\n",
		       slot < SLUICE_XDP_COUNTER_COUNT ? words[slot] : "a cause",
		       after[slot] - before[slot]);
	}
	return ok;
}

static void print_frame(const char *what, const __u8 *bytes, size_t len)
{
	size_t i;

	printf("# %s, %zu bytes:", what, len);
	for (i = 0; i < len && i < 64; i++)
		printf("%s%02x", i % 2 ? "" : " ", bytes[i]);
	putchar('\n');
}

static bool came_out(const struct fixture *fixture, const __u8 *bytes,
		     size_t len)
{
	static __u8 expected[FRAME_MAX];
	size_t expected_len;

	expected_len = frame_build(fixture->out.to ? &fixture->out :
				   &fixture->in, expected);
	if (len == expected_len && !memcmp(bytes, expected, len))
		return true;
	print_frame("got     ", bytes, len);
	print_frame("expected", expected, expected_len);
	return false;
}

/* Returns the verdict; a negative errno if it was not run. */
static int put_through(const struct bench *bench, const struct frame *frame,
		       __u8 *bytes, size_t *len)
{
	static __u8 in[FRAME_MAX];
	struct xdp_md ctx = { .ingress_ifindex = bench->ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, opts,
		.data_in = in,
		.data_out = bytes,
		.data_size_out = FRAME_MAX,
		.ctx_in = &ctx,
		.ctx_size_in = sizeof(ctx),
		.repeat = 1);

	opts.data_size_in = frame_build(frame, in);
	ctx.data_end = opts.data_size_in;
	if (bpf_prog_test_run_opts(bench->prog, &opts))
		return -errno;
	*len = opts.data_size_out;
	return opts.retval;
}

static void check(const struct bench *bench, const struct fixture *fixture)
{
	__u64 before[SLUICE_XDP_SLOTS], after[SLUICE_XDP_SLOTS];
	static __u8 bytes[FRAME_MAX];
	size_t len = 0;
	int verdict;

	read_counters(bench, before);
	verdict = put_through(bench, &fixture->in, bytes, &len);
	read_counters(bench, after);
	if (verdict < 0)
		tap(false, "%s: %s", fixture->name, strerror(-verdict));
	else if (verdict != (int)fixture->verdict)
		tap(false, "%s: verdict %d instead of %u", fixture->name,
		    verdict, fixture->verdict);
	else
		tap(counted(fixture, before, after) &
		    came_out(fixture, bytes, len), "%s", fixture->name);
}

/**
 * fixture_run - report whether a program does what it should
 * @bench: the place
 * @fixture: what it should do
 */
void fixture_run(const struct bench *bench, const struct fixture *fixture)
{
	if (bench_shell(fixture->before))
		tap(false, "%s: \"%s\" failed", fixture->name, fixture->before);
	else
		check(bench, fixture);
	bench_shell(fixture->after);
}
