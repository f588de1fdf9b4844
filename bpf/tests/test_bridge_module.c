// SPDX-License-Identifier: GPL-2.0
/*
 * What the bridge does with the module's answers. A function of the test gives
 * them, if it is asked as one that bridges asks (asked.h): about what would be
 * forwarded otherwise.
 */
#include <errno.h>

#include "bridge.h"
#include "bridged.h"
#include "tap.h"
#include "xdp_bridge_asking.skel.h"

#include <linux/sluice_bpf.h>

static const char topology[] =
	"sysctl -qw net.ipv6.conf.default.disable_ipv6=1\n"
	"ip link add br0 type bridge forward_delay 0\n"
	"for d in in out; do\n"
	"	ip link add $d type veth peer name $d.end\n"
	"	ip link set $d master br0\n"
	"	ip link set $d up; ip link set $d.end up\n"
	"done\n"
	"ip link set br0 up\n"
	"sleep 0.2\n";

#define HOST(n)	((const uint8_t[]) { 2, 0, 0, 0, 1, n })
#define FRAME	{ .to = HOST(2), .from = HOST(1), .src = "10.0.1.2", \
		  .dst = "10.0.1.3" }

#define FRAME_TO_ALL(n) \
	{ .to = (const uint8_t[]) { 255, 255, 255, 255, 255, 255 }, \
	  .from = HOST(n), .src = "10.0.1.2", .dst = "10.0.1.3" }

static const struct sent hosts[] = {
	{ "in", FRAME_TO_ALL(1) }, { "out", FRAME_TO_ALL(2) },
};

/* The first is for a program that does not ask. */
static const struct answer {
	bool asks;
	struct bpf_sluice_opts opts;
	struct fixture fixture;
} answers[] = {
	{ false, { .result = SLUICE_XDP_MISS },
	  { .name = "without the module none is asked for", .in = FRAME,
	    .verdict = XDP_REDIRECT, .counter = SLUICE_XDP_FORWARDED } },
	{ true, { .result = SLUICE_XDP_FREE, .flags = SLUICE_XDP_BRIDGED },
	  { .name = "nothing to say: the program goes on", .in = FRAME,
	    .verdict = XDP_REDIRECT, .counter = SLUICE_XDP_FORWARDED } },
	{ true, { .result = SLUICE_XDP_MISS, .flags = SLUICE_XDP_BRIDGED },
	  { .name = "what is not forwarded is not asked about",
	    .in = FRAME_TO_ALL(1),
	    .verdict = XDP_PASS, .counter = SLUICE_XDP_BROADCAST } },
	{ true, { .result = SLUICE_XDP_MISS, .flags = SLUICE_XDP_BRIDGED,
		  .why = SLUICE_FALLBACK_NETFILTER },
	  { .name = "a miss is passed, with its cause", .in = FRAME,
	    .verdict = XDP_PASS, .counter = SLUICE_XDP_UNDECIDED,
	    .cause = SLUICE_FALLBACK_NETFILTER } },
	{ true, { .result = SLUICE_XDP_FREE },
	  { .name = "it says that it bridges", .in = FRAME,
	    .verdict = XDP_PASS, .counter = SLUICE_XDP_MODULE } },
};

static void try_answer(const struct bridge_feed *feed,
		       struct xdp_bridge_asking *asking,
		       const struct answer *answer)
{
	struct bench bench = { .ifindex = bench_ifindex("in") };
	__u32 zero = 0;

	asking->rodata->with_module = answer->asks;
	asking->rodata->own_netns = bridged_netns();
	if (!bridged_load(&bench, feed, asking->obj)) {
		tap(false, "%s: loaded", answer->fixture.name);
		return;
	}
	bpf_map__update_elem(asking->maps.answer, &zero, sizeof(zero),
			     &answer->opts, sizeof(answer->opts), 0);
	fixture_run(&bench, &answer->fixture);
	bench_unload(&bench);
}

static void check(const struct bridge_feed *feed, const struct answer *answer)
{
	struct xdp_bridge_asking *asking = xdp_bridge_asking__open();

	try_answer(feed, asking, answer);
	xdp_bridge_asking__destroy(asking);
}

static void check_all(void)
{
	struct bridge_feed *feed = bridged_feed();
	size_t i;

	tap(feed, "the feed is loaded");
	if (!feed)
		return;
	bridged_begin(feed);
	bridged_send(hosts, ARRAY_SIZE(hosts));
	for (i = 0; i < ARRAY_SIZE(answers); i++)
		check(feed, &answers[i]);
	bridge_feed__destroy(feed);
}

int main(void)
{
	const char *missing = bench_missing();

	tap_begin();
	if (missing)
		tap_skip("the module's answers to the bridge", missing);
	else if (bench_shell(topology))
		tap(false, "the topology is made");
	else
		check_all();
	return tap_end();
}
