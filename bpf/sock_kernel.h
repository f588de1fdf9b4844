/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Of the kernel's structures what is read of sockets; the loader finds the
 * offsets. What is read of a peer may be gone already: then it is nonsense, no
 * fault.
 */
#ifndef SLUICE_BPF_SOCK_KERNEL_H
#define SLUICE_BPF_SOCK_KERNEL_H

#include <linux/types.h>

typedef struct {
	int counter;
} atomic_t;

struct in6_addr___words {
	union {
		__be32 u6_addr32[4];
	} in6_u;
} __attribute__((preserve_access_index));

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	struct in6_addr___words skc_v6_daddr;
	struct in6_addr___words skc_v6_rcv_saddr;
} __attribute__((preserve_access_index));

struct net_device {
	unsigned int flags;
} __attribute__((preserve_access_index));

struct dst_entry {
	struct net_device *dev;
} __attribute__((preserve_access_index));

typedef struct {
	unsigned int val;
} kuid_t;

struct sock {
	struct sock_common __sk_common;
	struct {
		atomic_t rmem_alloc;
	} sk_backlog;
	struct dst_entry *sk_dst_cache;
	int sk_rcvlowat;
	int sk_rcvbuf;
	kuid_t sk_uid;
	unsigned char sk_kern_sock:1;
	unsigned char sk_userlocks:4;
} __attribute__((preserve_access_index));

struct tcp_sock {
	__u32 write_seq;
	unsigned char nonagle:4;
	unsigned char repair:1;
} __attribute__((preserve_access_index));

struct msghdr {
	unsigned int msg_flags;
} __attribute__((preserve_access_index));

struct socket {
	struct sock *sk;
} __attribute__((preserve_access_index));

/* Of its headers what a program may not include beside linux/bpf.h */
#define MSG_OOB		0x1
#define MSG_TRUNC	0x20
#define MSG_WAITALL	0x100
#define MSG_ZEROCOPY	0x4000000

#define IFF_LOOPBACK	0x8

#define TCP_NAGLE_CORK	2
#define SOCK_RCVBUF_LOCK	2

#endif /* SLUICE_BPF_SOCK_KERNEL_H */
