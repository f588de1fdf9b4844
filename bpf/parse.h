/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A cursor in a frame: each header is read through it, so that none is read
 * behind the end.
 */
#ifndef SLUICE_BPF_PARSE_H
#define SLUICE_BPF_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define VLAN_VID_MASK	0x0fff

struct vlan_header {
	__be16 tci;
	__be16 proto;
};

struct cursor {
	void *pos;
	void *end;
};

static __always_inline struct cursor cursor_begin(struct xdp_md *ctx)
{
	return (struct cursor) {
		.pos = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
	};
}

/* The next @size bytes, a constant, or NULL where they are not all there. */
static __always_inline void *cursor_take(struct cursor *cursor, __u32 size)
{
	void *header = cursor->pos;

	if (header + size > cursor->end)
		return NULL;
	cursor->pos = header + size;
	return header;
}

static __always_inline struct ethhdr *cursor_eth(struct cursor *cursor)
{
	return cursor_take(cursor, sizeof(struct ethhdr));
}

static __always_inline struct vlan_header *cursor_vlan(struct cursor *cursor)
{
	return cursor_take(cursor, sizeof(struct vlan_header));
}

static __always_inline struct iphdr *cursor_ip(struct cursor *cursor)
{
	return cursor_take(cursor, sizeof(struct iphdr));
}

static __always_inline struct ipv6hdr *cursor_ipv6(struct cursor *cursor)
{
	return cursor_take(cursor, sizeof(struct ipv6hdr));
}

/* Of ICMP, in either family */
static __always_inline __u8 *cursor_icmp_type(struct cursor *cursor)
{
	return cursor_take(cursor, sizeof(__u8));
}

/* Source and destination, where TCP, UDP and SCTP have them. */
static __always_inline __be16 *cursor_ports(struct cursor *cursor)
{
	return cursor_take(cursor, 2 * sizeof(__be16));
}

static __always_inline bool is_tag(__be16 proto)
{
	return proto == bpf_htons(ETH_P_8021Q) ||
	       proto == bpf_htons(ETH_P_8021AD);
}

/*
 * Move the frame's beginning, so that so many tags @more have room, or as many
 * less are gone.
 */
static __always_inline long tags_make_room(struct xdp_md *ctx, int more)
{
	if (!more)
		return 0;
	return bpf_xdp_adjust_head(ctx, -more * (int)sizeof(struct vlan_header));
}

/* Of the hardware; of broadcast, too. */
static __always_inline bool is_group(const __u8 *address)
{
	return address[0] & 1;
}

static __always_inline bool same_address(const __u8 *a,
					 const volatile __u8 *b)
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] &&
	       a[3] == b[3] && a[4] == b[4] && a[5] == b[5];
}

#endif /* SLUICE_BPF_PARSE_H */
