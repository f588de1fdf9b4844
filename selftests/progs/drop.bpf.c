// SPDX-License-Identifier: GPL-2.0
/*
 * A program of a device that lets nothing pass, for whoever must not go past it.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("xdp")
int drop(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
