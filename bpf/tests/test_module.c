// SPDX-License-Identifier: GPL-2.0
/*
 * What a program does with the module's answers. A function of the test gives
 * them (asked.h). A network namespace of the test's own:
 *
 *	10.0.1.0/24 --- in     out --- 10.0.2.0/24
 *
 * The program is at "in"; nothing is attached to "out", so that what the
 * program does by itself ends with that reason.
 */
#include <errno.h>
#include <stdio.h>

#include "fixture.h"
#include "tap.h"
#include "xdp_asking.skel.h"

#include <linux/sluice_bpf.h>

static const char topology[] =
	"sysctl -qw net.ipv4.ip_forward=1\n"
	"ip link add in address 02:00:00:00:00:01 type veth peer name in.end\n"
	"ip link add out type veth peer name out.end\n"
	"for d in in in.end out out.end; do ip link set $d up; done\n"
	"ip address add 10.0.1.1/24 dev in\n"
	"ip address add 10.0.2.1/24 dev out\n"
	"ip neigh add 10.0.2.2 lladdr 02:00:00:00:01:02 dev out\n";

#define NODE	((const uint8_t[]) { 2, 0, 0, 0, 0, 1 })
#define HOST	((const uint8_t[]) { 2, 0, 0, 0, 1, 1 })
#define WRITTEN	((const uint8_t[]) { 0xee, 0xee, 0xee, 0xee, 0xee, 0xee })
#define FRAME(to_)	{ .to = to_, .from = HOST, .src = "10.0.1.2", \
			  .dst = "10.0.2.2" }

/* The first is for a program that does not ask. */
static const struct answer {
	bool asks;
	struct bpf_sluice_opts opts;
	struct fixture fixture;
} answers[] = {
	{ false, { .result = SLUICE_XDP_HIT, .ifindex = 1 },
	  { .name = "without the module none is asked for", .in = FRAME(NODE),
	    .verdict = XDP_PASS, .counter = SLUICE_XDP_PORT } },
	{ true, { .result = SLUICE_XDP_FREE },
	  { .name = "nothing to say: the program goes on", .in = FRAME(NODE),
	    .verdict = XDP_PASS, .counter = SLUICE_XDP_PORT } },
	{ true, { .result = SLUICE_XDP_HIT, .ifindex = 1 },
	  { .name = "a hit is redirected as it was rewritten",
	    .in = FRAME(NODE), .out = FRAME(WRITTEN),
	    .verdict = XDP_REDIRECT, .counter = SLUICE_XDP_FLOW } },
	{ true, { .result = SLUICE_XDP_MISS, .why = SLUICE_FALLBACK_TTL },
	  { .name = "a miss is passed, with its cause", .in = FRAME(NODE),
	    .verdict = XDP_PASS, .counter = SLUICE_XDP_UNDECIDED,
	    .cause = SLUICE_FALLBACK_TTL } },
	{ true, { .result = SLUICE_XDP_MISS, .why = SLUICE_FALLBACK_MAX },
	  { .name = "the last cause has a counter", .in = FRAME(NODE),
	    .verdict = XDP_PASS, .counter = SLUICE_XDP_UNDECIDED,
	    .cause = SLUICE_FALLBACK_MAX } },
	{ true, { .result = SLUICE_XDP_MISS, .why = SLUICE_FALLBACK_MAX + 1 },
	  { .name = "a cause that is not known counts as none",
	    .in = FRAME(NODE), .verdict = XDP_PASS,
	    .counter = SLUICE_XDP_UNDECIDED, .cause = FIXTURE_OTHER_CAUSE } },
	{ true, { .result = 77, .why = SLUICE_FALLBACK_MTU },
	  { .name = "an answer that is not known is a miss",
	    .in = FRAME(NODE), .verdict = XDP_PASS,
	    .counter = SLUICE_XDP_UNDECIDED, .cause = SLUICE_FALLBACK_MTU } },
	{ true, { .result = SLUICE_XDP_FREE, .error = -EINVAL },
	  { .name = "a refusal is passed", .in = FRAME(NODE),
	    .verdict = XDP_PASS, .counter = SLUICE_XDP_MODULE } },
};

static void check(const struct answer *answer)
{
	struct xdp_asking *asking = xdp_asking__open();
	struct bench bench = { .ifindex = bench_ifindex("in") };
	__u32 zero = 0;

	asking->rodata->with_module = answer->asks;
	bench_address("in", asking->rodata->own_address);
	if (bench_load(&bench, asking->obj, SLUICE_XDP_ROUTER)) {
		tap(false, "%s: loaded", answer->fixture.name);
	} else {
		bpf_map__update_elem(asking->maps.answer, &zero, sizeof(zero),
				     &answer->opts, sizeof(answer->opts), 0);
		fixture_run(&bench, &answer->fixture);
		bench_unload(&bench);
	}
	xdp_asking__destroy(asking);
}

int main(void)
{
	const char *missing = bench_missing();
	size_t i;

	tap_begin();
	if (missing)
		tap_skip("the module's answers", missing);
	else if (bench_shell(topology))
		tap(false, "the topology is made");
	else
		for (i = 0; i < ARRAY_SIZE(answers); i++)
			check(&answers[i]);
	return tap_end();
}
