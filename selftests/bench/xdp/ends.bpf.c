// SPDX-License-Identifier: GPL-2.0
/*
 * Both ends of a measurement: what makes frames, and what counts those that
 * have arrived. Nothing is measured of what they do otherwise.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "head.h"

/* What each frame begins with, and the device it is sent by */
const volatile struct head head;
const volatile __u32 way_out;

/* The device that a node sends them on by which does nothing else */
const volatile __u32 way_on;

/* Where frames have the port that tells them from others */
const volatile __u32 port_at;
const volatile __be16 port;

/* How many frames there will be, how many there were, and when */
__u64 wanted;
__u64 made;
__u64 first;
__u64 last;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} arrived SEC(".maps");

static __always_inline void arrive(void)
{
	__u32 slot = 0;
	__u64 *count = bpf_map_lookup_elem(&arrived, &slot);

	if (count)
		(*count)++;
}

/*
 * Of a frame that has made its way and comes again, the head is what the way
 * has made of it, so it is written each time.
 */
SEC("xdp")
int make_frame(struct xdp_md *ctx)
{
	struct head *to = (void *)(long)ctx->data;
	int i;

	if ((void *)(to + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
#pragma unroll
	for (i = 0; i < HEAD_WORDS; i++)
		to->word[i] = head.word[i];
	if (!made)
		first = bpf_ktime_get_ns();
	if (++made == wanted)
		last = bpf_ktime_get_ns();
	return bpf_redirect(way_out, 0);
}

/* What no program of a node can be cheaper than */
SEC("xdp.frags")
int hand_on(struct xdp_md *ctx)
{
	(void)ctx;
	return bpf_redirect(way_on, 0);
}

SEC("xdp.frags")
int take_frame(struct xdp_md *ctx)
{
	struct head *head_of = (void *)(long)ctx->data;
	__u32 at = port_at;

	if ((void *)(head_of + 1) > (void *)(long)ctx->data_end ||
	    at > HEAD_SIZE - sizeof(port) ||
	    *(__be16 *)((void *)head_of + at) != port)
		return XDP_PASS;
	arrive();
	return XDP_DROP;
}

/* The socket keeps nothing, so that nobody is woken. */
SEC("socket")
int take_packet(struct __sk_buff *skb)
{
	(void)skb;
	arrive();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
