// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that ask the module what becomes of a packet: one for tc that does as
 * it is told, and one for XDP that asks wrongly.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

#include <linux/sluice_bpf.h>

extern int bpf_sluice_skb_forward(struct __sk_buff *skb,
				  struct bpf_sluice_opts *opts,
				  __u32 opts__sz) __ksym;
extern int bpf_sluice_xdp_forward(struct xdp_md *ctx,
				  struct bpf_sluice_opts *opts,
				  __u32 opts__sz) __ksym;

/* A packet that others have, too, is copied first. */
SEC("tc")
int ask_tc(struct __sk_buff *skb)
{
	struct bpf_sluice_opts opts = {};

	bpf_skb_pull_data(skb, 0);
	if (bpf_sluice_skb_forward(skb, &opts, sizeof(opts)) ||
	    opts.result != SLUICE_XDP_HIT)
		return TC_ACT_OK;
	return bpf_redirect(opts.ifindex, 0);
}

#define EINVAL	22

/* Which of the questions are refused, and said to be: one bit for each */
SEC("xdp")
int ask_wrongly(struct xdp_md *ctx)
{
	struct bpf_sluice_opts flags = { .flags = 0x80 };
	struct bpf_sluice_opts reserved = { .reserved[4] = 1 };
	struct bpf_sluice_opts size = {};
	struct bpf_sluice_opts right = {};
	int refused = 0;

	if (bpf_sluice_xdp_forward(ctx, &flags, sizeof(flags)) == -EINVAL &&
	    flags.error == -EINVAL)
		refused |= 1;
	if (bpf_sluice_xdp_forward(ctx, &reserved, sizeof(reserved)) == -EINVAL &&
	    reserved.error == -EINVAL)
		refused |= 2;
	if (bpf_sluice_xdp_forward(ctx, &size, sizeof(size) - 4) == -EINVAL &&
	    size.error == -EINVAL)
		refused |= 4;
	if (bpf_sluice_xdp_forward(ctx, &right, sizeof(right)) || right.error)
		refused |= 8;
	return refused;
}

char LICENSE[] SEC("license") = "GPL";
