/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all programs have: the device they are attached to, the ways out, the
 * counters, and the module.
 *
 * A program is loaded once for each device, so the counters are the device's;
 * the other maps are shared within a network namespace.
 */
#ifndef SLUICE_BPF_PORT_H
#define SLUICE_BPF_PORT_H

#include "abi.h"
#include "kfunc.h"
#include "parse.h"

/* Whether the module can be asked; the call is left out where it cannot. */
const volatile bool with_module;

/* The device's own hardware address: what is sent to another is not routed. */
const volatile __u8 own_address[ETH_ALEN];

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SLUICE_XDP_SLOTS);
	__type(key, __u32);
	__type(value, __u64);
} sluice_counters SEC(".maps");

/*
 * From a device to the one that frames for it leave by, with which tag. These
 * are the devices that are attached, and VLAN devices upon them: only of them
 * the loader has made sure that frames arrive.
 *
 * A map of devices could be redirected to by itself, but this one has to be
 * asked anyway before anything is written.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_XDP_WAYS_MAX);
	__type(key, __u32);
	__type(value, struct sluice_xdp_tag);
} sluice_ways SEC(".maps");

static __always_inline void count(__u32 slot)
{
	__u64 *counter = bpf_map_lookup_elem(&sluice_counters, &slot);

	if (counter)
		(*counter)++;
}

/* NULL if nothing may be redirected to the device. */
static __always_inline const struct sluice_xdp_tag *way_lookup(__u32 ifindex)
{
	return bpf_map_lookup_elem(&sluice_ways, &ifindex);
}

static __always_inline int pass(enum sluice_xdp_counter why)
{
	count(why);
	return XDP_PASS;
}

/* Out by a device that way_lookup() has named. */
static __always_inline int send(enum sluice_xdp_counter how, __u32 ifindex)
{
	count(how);
	return bpf_redirect(ifindex, 0);
}

static __always_inline int missed(__u8 why)
{
	if (why > SLUICE_FALLBACK_MAX)
		why = 0;
	count(SLUICE_XDP_COUNTER_COUNT + why);
	return pass(SLUICE_XDP_UNDECIDED);
}

/*
 * What the module says of the frame, or that it says nothing, SLUICE_XDP_FREE.
 * If it says something, @action is what is to be done. @flags are those of the
 * question, and @out is the way out if the program knows it, or 0.
 *
 * The module knows by itself which devices can be sent to: the frame of a hit
 * leaves by its way out whether or not a program is attached there.
 */
static __always_inline int ask_module(struct xdp_md *ctx, __u8 flags,
				      __u32 out, int *action)
{
	struct bpf_sluice_opts opts = { .flags = flags, .ifindex = out };

	if (!with_module)
		return SLUICE_XDP_FREE;
	if (bpf_sluice_xdp_forward(ctx, &opts, sizeof(opts))) {
		*action = pass(SLUICE_XDP_MODULE);
		return SLUICE_XDP_MISS;
	}
	if (opts.result == SLUICE_XDP_HIT)
		*action = send(SLUICE_XDP_FLOW, opts.ifindex);
	else if (opts.result != SLUICE_XDP_FREE)
		*action = missed(opts.why);
	return opts.result;
}

#endif /* SLUICE_BPF_PORT_H */
