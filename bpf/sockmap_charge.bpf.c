// SPDX-License-Identifier: GPL-2.0
/*
 * One socket gives all that it sends to one other: to see what the kernel makes
 * of that.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} sluice_pair SEC(".maps");

SEC("sk_msg")
int sluice_give(struct sk_msg_md *msg)
{
	return bpf_msg_redirect_map(msg, &sluice_pair, 1, BPF_F_INGRESS);
}

char LICENSE[] SEC("license") = "GPL";
