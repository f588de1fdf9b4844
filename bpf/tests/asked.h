/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stands for the module's function: it answers what the test has told it, if
 * it is asked with the same flags, and by a bridge with the way out. Of a hit it
 * shows by the hardware address that it was there.
 */
#ifndef SLUICE_BPF_TESTS_ASKED_H
#define SLUICE_BPF_TESTS_ASKED_H

#define SLUICE_BPF_KFUNC_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/sluice_bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bpf_sluice_opts);
} answer SEC(".maps");

static __always_inline int rewrite(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return -22;
	__builtin_memset(eth->h_dest, 0xee, sizeof(eth->h_dest));
	return 0;
}

static __always_inline bool is_clean(const struct bpf_sluice_opts *opts)
{
	return !opts->reserved[0] && !opts->reserved[1] &&
	       !opts->reserved[2] && !opts->reserved[3] &&
	       !opts->reserved[4];
}

static __always_inline int
bpf_sluice_xdp_forward(struct xdp_md *ctx, struct bpf_sluice_opts *opts,
		       __u32 opts__sz)
{
	__u32 zero = 0;
	struct bpf_sluice_opts *told = bpf_map_lookup_elem(&answer, &zero);

	if (!told || opts__sz != sizeof(*opts) || !is_clean(opts) ||
	    opts->flags != told->flags ||
	    !opts->ifindex != !(opts->flags & SLUICE_XDP_BRIDGED))
		return -22;
	*opts = *told;
	if (opts->result == SLUICE_XDP_HIT && rewrite(ctx))
		return -22;
	return opts->error;
}

#endif /* SLUICE_BPF_TESTS_ASKED_H */
