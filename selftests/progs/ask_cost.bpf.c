// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to ask the module: the same frame many times, with the question
 * and without. Each time it is made what it was, as the answer rewrites it.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_helpers.h>

#include <linux/sluice_bpf.h>

#define TIMES 64	/* selftests/bench/ask.sh divides by it */

struct headers {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
};

extern int bpf_sluice_xdp_forward(struct xdp_md *ctx,
				  struct bpf_sluice_opts *opts,
				  __u32 opts__sz) __ksym;

/* How many hits there are */
static __always_inline int run(struct xdp_md *ctx, const int ask)
{
	struct headers *frame = (void *)(long)ctx->data;
	struct headers was;
	int i, hits = 0;

	if ((void *)(frame + 1) > (void *)(long)ctx->data_end)
		return -1;
	was = *frame;
	for (i = 0; i < TIMES; i++) {
		struct bpf_sluice_opts opts = {};

		if (ask)
			bpf_sluice_xdp_forward(ctx, &opts, sizeof(opts));
		hits += opts.result == SLUICE_XDP_HIT;
		asm volatile("" : : "r"(&opts) : "memory");
		*frame = was;
	}
	return hits;
}

SEC("xdp")
int asks(struct xdp_md *ctx)
{
	return run(ctx, 1);
}

SEC("xdp")
int bare(struct xdp_md *ctx)
{
	return run(ctx, 0);
}

char LICENSE[] SEC("license") = "GPL";
