// SPDX-License-Identifier: GPL-2.0
/*
 * What the bridge does with the module's answers. A function of the test gives
 * them, if it is asked as one that bridges asks (asked.h). What the program does
 * by itself ends with that nobody feeds it.
 */
#include <errno.h>

#include "bridge.h"
#include "fixture.h"
#include "tap.h"
#include "xdp_bridge_asking.skel.h"

#include <linux/sluice_bpf.h>

static const char topology[] =
	"ip link add in type veth peer name in.end\n"
	"ip link set in up; ip link set in.end up\n";

#define HOST(n)	((const uint8_t[]) { 2, 0, 0, 0, 1, n })
#define FRAME	{ .to = HOST(2), .from = HOST(1), .src = "10.0.1.2", \
		  .dst = "10.0.1.3" }

/* The first is for a program that does not ask. */
static const struct answer {
	bool asks;
	struct bpf_sluice_opts opts;
	struct fixture fixture;
} answers[] = {
	{ false, { .result = SLUICE_XDP_MISS },
	  { .name = "without the module none is asked for", .in = FRAME,
	    .verdict = XDP_PASS, .counter = SLUICE_XDP_FEED } },
	{ true, { .result = SLUICE_XDP_FREE, .flags = SLUICE_XDP_BRIDGED },
	  { .name = "nothing to say: the program goes on", .in = FRAME,
	    .verdict = XDP_PASS, .counter = SLUICE_XDP_FEED } },
	{ true, { .result = SLUICE_XDP_MISS, .flags = SLUICE_XDP_BRIDGED,
		  .why = SLUICE_FALLBACK_NETFILTER },
	  { .name = "a miss is passed, with its cause", .in = FRAME,
	    .verdict = XDP_PASS, .counter = SLUICE_XDP_UNDECIDED,
	    .cause = SLUICE_FALLBACK_NETFILTER } },
	{ true, { .result = SLUICE_XDP_FREE },
	  { .name = "it says that it bridges", .in = FRAME,
	    .verdict = XDP_PASS, .counter = SLUICE_XDP_MODULE } },
};

static void check(const struct answer *answer)
{
	struct xdp_bridge_asking *asking = xdp_bridge_asking__open();
	struct bench bench = { .ifindex = bench_ifindex("in") };
	__u32 zero = 0;

	asking->rodata->with_module = answer->asks;
	if (bench_load(&bench, asking->obj, SLUICE_XDP_BRIDGE)) {
		tap(false, "%s: loaded", answer->fixture.name);
	} else {
		bpf_map__update_elem(asking->maps.answer, &zero, sizeof(zero),
				     &answer->opts, sizeof(answer->opts), 0);
		fixture_run(&bench, &answer->fixture);
		bench_unload(&bench);
	}
	xdp_bridge_asking__destroy(asking);
}

int main(void)
{
	const char *missing = bench_missing();
	size_t i;

	tap_begin();
	if (missing)
		tap_skip("the module's answers to the bridge", missing);
	else if (bench_shell(topology))
		tap(false, "the topology is made");
	else
		for (i = 0; i < ARRAY_SIZE(answers); i++)
			check(&answers[i]);
	return tap_end();
}
