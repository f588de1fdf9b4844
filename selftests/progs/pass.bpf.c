// SPDX-License-Identifier: GPL-2.0
/*
 * A program of a cgroup that lets everything pass, for whoever must not go past it.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int pass(struct __sk_buff *skb)
{
	(void)skb;
	return 1;
}

char _license[] SEC("license") = "GPL";
