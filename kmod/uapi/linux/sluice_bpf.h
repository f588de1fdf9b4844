/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What BPF programs ask the module for, by kfuncs. XDP and tc programs:
 *
 *	int bpf_sluice_xdp_forward(struct xdp_md *ctx,
 *				   struct bpf_sluice_opts *opts, u32 opts__sz);
 *	int bpf_sluice_skb_forward(struct __sk_buff *skb,
 *				   struct bpf_sluice_opts *opts, u32 opts__sz);
 *
 * Programs that trace functions:
 *
 *	int bpf_sluice_sock_ask(struct bpf_sluice_sock *sock, u32 sock__sz);
 *
 * They return 0, or a negative errno that is in @error as well; then the frame
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
 * @ifindex: the way out of a hit; in the question of what is bridged, the way out
 * @result: enum sluice_xdp_result
 * @why: enum sluice_fallback, the cause of a miss
 * @flags: SLUICE_XDP_BRIDGED or nothing; with @ifindex all that is asked
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

/**
 * enum sluice_sock_result - Whether a socket may give another one what it sends.
 * @SLUICE_SOCK_UNKNOWN: There is no flow between two pods whose packets have all
 *   come by attached devices.
 * @SLUICE_SOCK_ALLOWED: By the rules that hold now. To be asked again behind each
 *   event sluice_change, and now and then, which keeps the flow.
 * @SLUICE_SOCK_DENIED: By the policy.
 */
enum sluice_sock_result {
	SLUICE_SOCK_UNKNOWN = 0,
	SLUICE_SOCK_ALLOWED = 1,
	SLUICE_SOCK_DENIED = 2,
};

/**
 * struct bpf_sluice_sock - an established TCP socket, and the module's answer
 * @error: 0 or a negative errno
 * @result: enum sluice_sock_result
 * @family: of its packets, AF_INET or AF_INET6
 * @reserved: must be zeroes
 * @netns: cookie of its network namespace
 * @peer_netns: that of the namespace its packets go to; 0 if that is not known
 * @src: its address in network order; IPv4's is the first
 * @dst: the address it is connected to, likewise
 * @sport: its port in network order
 * @dport: the port it is connected to, likewise
 * @reserved2: must be zero
 */
struct bpf_sluice_sock {
	__s32 error;
	__u8 result;
	__u8 family;
	__u16 reserved;
	__u64 netns;
	__u64 peer_netns;
	__be32 src[4];
	__be32 dst[4];
	__be16 sport;
	__be16 dport;
	__u32 reserved2;
};

#endif /* _UAPI_LINUX_SLUICE_BPF_H */
