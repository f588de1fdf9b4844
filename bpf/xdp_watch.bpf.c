// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of frames after a program has redirected them. It is not told:
 * they are queued, and sent when the driver has seen all that had come. Two
 * tracepoints of the kernel tell it instead:
 *
 *	xdp_redirect_err	the frame was refused, and dropped, at once
 *	xdp_devmap_xmit		so many of a queue the way out did not take
 *
 * Both are for all of the machine. Frames are counted for the device that they
 * came in by, if a program of ours is attached to it: the loader adds a key for
 * each.
 */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "netns.h"

/* Of the kernel's structures what is read here; the loader finds the offsets. */
struct net_device {
	int ifindex;
	possible_net_t nd_net;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, SLUICE_XDP_PORTS_MAX);
	__type(key, struct sluice_xdp_place);
	__type(value, struct sluice_xdp_lost);
} sluice_lost SEC(".maps");

static __always_inline struct sluice_xdp_lost *find(__u64 device)
{
	const struct net_device *dev = (const void *)device;
	struct sluice_xdp_place place = {
		.netns = BPF_CORE_READ(dev, nd_net.net, ns.inum),
		.ifindex = BPF_CORE_READ(dev, ifindex),
	};

	return bpf_map_lookup_elem(&sluice_lost, &place);
}

/* Arguments: the device, and more. */
SEC("raw_tp/xdp_redirect_err")
int sluice_refused(struct bpf_raw_tracepoint_args *ctx)
{
	struct sluice_xdp_lost *lost = find(ctx->args[0]);

	if (lost)
		lost->refused++;
	return 0;
}

/* Arguments: the device, that of the way out, how many were sent, and not. */
SEC("raw_tp/xdp_devmap_xmit")
int sluice_not_taken(struct bpf_raw_tracepoint_args *ctx)
{
	int count = ctx->args[3];
	struct sluice_xdp_lost *lost;

	if (count <= 0)
		return 0;
	lost = find(ctx->args[0]);
	if (lost)
		lost->not_taken += count;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
