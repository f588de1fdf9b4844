/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What XDP and tc programs ask the module for, by kfuncs:
 *
 *	int bpf_sluice_xdp_forward(struct xdp_md *ctx,
 *				   struct bpf_sluice_opts *opts, u32 opts__sz);
 *	int bpf_sluice_skb_forward(struct __sk_buff *skb,
 *				   struct bpf_sluice_opts *opts, u32 opts__sz);
 *
 * It returns 0, or a negative errno that is in @error as well; then the frame
 * is as it was, and nothing else in the structure holds.
 */
#ifndef _UAPI_LINUX_SLUICE_BPF_H
#define _UAPI_LINUX_SLUICE_BPF_H

#include <linux/types.h>

/**
 * enum sluice_xdp_result - What is to become of a frame.
 * @SLUICE_XDP_FREE: The module has nothing to say about it: the program may
 *   forward it by itself.
 * @SLUICE_XDP_MISS: It belongs to no flow that can be replayed here: the
 *   program passes it to the stack, untouched.
 * @SLUICE_XDP_HIT: It has been rewritten, with its Ethernet header and its hop
 *   limit, and is to be redirected to the device named.
 */
enum sluice_xdp_result {
	SLUICE_XDP_FREE = 0,
	SLUICE_XDP_MISS = 1,
	SLUICE_XDP_HIT = 2,
};

/* What a program may say in @flags */
#define SLUICE_XDP_BRIDGED	(1U << 0)	/* it bridges: the frame stays as it is, and
						 * there are no hits; asked last, as what
						 * is free counts as forwarded
						 */

/**
 * struct bpf_sluice_opts - the question, and the module's answer
 * @error: 0 or a negative errno
 * @ifindex: the way out of a hit
 * @result: enum sluice_xdp_result
 * @why: enum sluice_fallback, the cause of a miss
 * @flags: SLUICE_XDP_BRIDGED or nothing; the only thing that is asked
 * @reserved: must be zeroes
 */
struct bpf_sluice_opts {
	__s32 error;
	__u32 ifindex;
	__u8 result;
	__u8 why;
	__u8 flags;
	__u8 reserved[5];
};

#endif /* _UAPI_LINUX_SLUICE_BPF_H */
