/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Of the kernel's structures what tells one network namespace from another; the
 * loader finds the offsets.
 */
#ifndef SLUICE_BPF_NETNS_H
#define SLUICE_BPF_NETNS_H

struct ns_common {
	unsigned int inum;
} __attribute__((preserve_access_index));

struct net {
	struct ns_common ns;
} __attribute__((preserve_access_index));

typedef struct {
	struct net *net;
} __attribute__((preserve_access_index)) possible_net_t;

#endif /* SLUICE_BPF_NETNS_H */
