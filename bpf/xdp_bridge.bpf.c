// SPDX-License-Identifier: GPL-2.0
/*
 * A bridge in the driver: unicast frames go from port to port of one of the
 * kernel's bridges as they would there. Whatever is in doubt is passed to that
 * bridge as it is, and counted by the reason.
 *
 * Nothing is learned here. The kernel's bridge learns, ages, and runs spanning
 * trees; bridge_feed.bpf.c notes where it has learned addresses to be, and what
 * holds for its ports is read from its own memory, once in a jiffy. It sees no
 * frame that is forwarded here: so that it does not forget who sends them, it
 * is passed one of each sender several times while it would remember him.
 *
 *	link_parse	Ethernet, a tag
 *	own_check	the port, its bridge
 *	vlan_enter	the VLAN
 *	source_check	known to be where it comes from
 *	way_find	where the destination is
 *	way_check	whether the frame may go there
 *	vlan_leave	with a tag or without
 *	retag		bytes change here, and nowhere else
 */
#include "bridge_member.h"
#include "bridge_vlan.h"
#include "port.h"

/* The kernel is passed a frame of each sender so often before it forgets. */
#define REFRESHES	4

/**
 * struct frame - what is known of a frame
 * @eth: its header
 * @tag: behind that, or NULL
 * @out: port it goes out by
 * @vid: VLAN, 0 if the bridge has none
 * @keeps_tag: whether it leaves with a tag
 */
struct frame {
	struct ethhdr *eth;
	struct vlan_header *tag;
	struct sluice_member *out;
	__u16 vid;
	bool keeps_tag;
};

/* Nobody's or a group's, and as such no sender's. */
static __always_inline bool is_nobody(const __u8 *address)
{
	return is_group(address) ||
	       !(address[0] | address[1] | address[2] | address[3] |
		 address[4] | address[5]);
}

static __always_inline enum sluice_xdp_counter
link_parse(struct xdp_md *ctx, struct frame *frame)
{
	struct cursor cursor = cursor_begin(ctx);

	frame->eth = cursor_eth(&cursor);
	if (!frame->eth)
		return SLUICE_XDP_HEADER;
	if (is_nobody(frame->eth->h_source))
		return SLUICE_XDP_ADDRESS;
	if (!is_tag(frame->eth->h_proto))
		return 0;
	frame->tag = cursor_vlan(&cursor);
	return frame->tag ? 0 : SLUICE_XDP_HEADER;
}

static __always_inline enum sluice_xdp_counter
member_check(const struct sluice_member *member)
{
	if (member->flags & SLUICE_MEMBER_FOREIGN)
		return SLUICE_XDP_OUTSIDE;
	if (member->flags & SLUICE_MEMBER_SPECIAL)
		return SLUICE_XDP_FEATURE;
	return member->flags & SLUICE_MEMBER_FORWARDS ? 0 : SLUICE_XDP_STATE;
}

static __always_inline enum sluice_xdp_counter own_check(struct xdp_md *ctx)
{
	if (own.member.read != bpf_jiffies64())
		own_read(ctx);
	return own.fed ? member_check(&own.member) : SLUICE_XDP_FEED;
}

/* A tag of priority only, or of another protocol, is left to the kernel. */
static __always_inline __u16 vid_of(const struct frame *frame)
{
	if (!frame->tag)
		return own.pvid;
	if (frame->eth->h_proto != own.vlan_proto)
		return 0;
	return bpf_ntohs(frame->tag->tci) & VLAN_VID_MASK;
}

/* Without VLANs a bridge heeds no tags, but VLAN devices at its ports do. */
static __always_inline enum sluice_xdp_counter vlan_enter(struct frame *frame)
{
	if (frame->tag && own.carries)
		return SLUICE_XDP_VLAN;
	if (!own.filters)
		return 0;
	frame->vid = vid_of(frame);
	if (!frame->vid)
		return SLUICE_XDP_VLAN;
	return vlan_find(&own.member, frame->vid) ? 0 : SLUICE_XDP_MEMBER;
}

static __always_inline struct sluice_fdb_entry *
fdb_find(const struct frame *frame, const __u8 *address)
{
	struct sluice_fdb_key key = {
		.bridge = { own_netns, own.bridge_ifindex },
		.vid = frame->vid,
	};
	struct sluice_fdb_entry *entry;

	__builtin_memcpy(key.address, address, ETH_ALEN);
	entry = bpf_map_lookup_elem(&sluice_fdb, &key);
	return entry && entry->member.ifindex ? entry : NULL;
}

/*
 * Time of the frame that the kernel is passed to remember the sender. Several
 * processors may pass one each.
 */
static __always_inline enum sluice_xdp_counter
source_refresh(struct sluice_fdb_entry *entry)
{
	__u64 now = bpf_jiffies64();

	if (entry->member.port != own.member.port)
		entry->member = own.member;
	if (entry->flags & SLUICE_FDB_STATIC ||
	    now - entry->seen < own.hold / REFRESHES)
		return 0;
	entry->seen = now;
	return SLUICE_XDP_REFRESH;
}

static __always_inline enum sluice_xdp_counter
source_find(const struct frame *frame)
{
	struct sluice_fdb_entry *entry;

	entry = fdb_find(frame, frame->eth->h_source);
	if (!entry || entry->flags & SLUICE_FDB_LOCAL)
		return SLUICE_XDP_STRANGER;
	if (entry->member.ifindex != own.member.ifindex)
		return SLUICE_XDP_MOVED;
	return source_refresh(entry);
}

/* Most ports have one sender, who need not be looked for twice in a jiffy. */
static __always_inline enum sluice_xdp_counter
source_check(const struct frame *frame)
{
	__u64 sender = (__u64)frame->vid << 48;
	enum sluice_xdp_counter why;

	if (!(own.member.flags & SLUICE_MEMBER_CHECKED))
		return 0;
	__builtin_memcpy(&sender, frame->eth->h_source, ETH_ALEN);
	if (sender == own.sender)
		return 0;
	why = source_find(frame);
	if (!why)
		own.sender = sender;
	return why;
}

static __always_inline enum sluice_xdp_counter group_of(const __u8 *address)
{
	static const __u8 reserved[] = { 0x01, 0x80, 0xc2, 0x00, 0x00 };

	if ((address[0] & address[1] & address[2] & address[3] & address[4] &
	     address[5]) == 0xff)
		return SLUICE_XDP_BROADCAST;
	if (address[0] == reserved[0] && address[1] == reserved[1] &&
	    address[2] == reserved[2] && address[3] == reserved[3] &&
	    address[4] == reserved[4] && address[5] < 0x10)
		return SLUICE_XDP_RESERVED;
	return SLUICE_XDP_GROUP;
}

/*
 * The kernel forgets on time, and tells. Here it is seen to all the same, for
 * what it may have told in the wrong order: see bridge_feed.bpf.c.
 */
static __always_inline bool is_fresh(const struct sluice_fdb_entry *entry)
{
	return entry->member.port && (entry->flags & SLUICE_FDB_STATIC ||
				      bpf_jiffies64() - entry->seen < own.hold);
}

static __always_inline enum sluice_xdp_counter way_find(struct frame *frame)
{
	struct sluice_fdb_entry *entry;

	if (is_group(frame->eth->h_dest))
		return group_of(frame->eth->h_dest);
	entry = fdb_find(frame, frame->eth->h_dest);
	if (!entry)
		return SLUICE_XDP_UNKNOWN;
	if (entry->flags & SLUICE_FDB_LOCAL)
		return SLUICE_XDP_LOCAL;
	if (entry->member.ifindex == own.member.ifindex)
		return SLUICE_XDP_RETURN;
	frame->out = &entry->member;
	return is_fresh(entry) ? 0 : SLUICE_XDP_AGED;
}

/* What is behind the addresses and the tag, as its MTU counts. */
static __always_inline __u32 payload_len(struct xdp_md *ctx,
					 const struct frame *frame)
{
	return bpf_xdp_get_buff_len(ctx) - sizeof(*frame->eth) -
	       (frame->tag ? sizeof(*frame->tag) : 0);
}

/* A VLAN device may be a port, too; its tag is the kernel's. */
static __always_inline bool is_attached(__u32 ifindex)
{
	const struct sluice_xdp_tag *way = way_lookup(ifindex);

	return way && way->ifindex == ifindex;
}

static __always_inline enum sluice_xdp_counter
way_check(struct xdp_md *ctx, const struct frame *frame)
{
	enum sluice_xdp_counter why;

	if (frame->out->read != bpf_jiffies64())
		member_read(frame->out, own.bridge);
	why = member_check(frame->out);
	if (why)
		return why;
	if (own.member.flags & frame->out->flags & SLUICE_MEMBER_ISOLATED)
		return SLUICE_XDP_ISOLATED;
	if (!is_attached(frame->out->ifindex))
		return SLUICE_XDP_PORT;
	return payload_len(ctx, frame) > frame->out->mtu ? SLUICE_XDP_MTU : 0;
}

static __always_inline enum sluice_xdp_counter vlan_leave(struct frame *frame)
{
	__u32 flags;

	frame->keeps_tag = frame->tag;
	if (!own.filters)
		return 0;
	flags = vlan_find(frame->out, frame->vid);
	if (!flags)
		return SLUICE_XDP_MEMBER;
	frame->keeps_tag = !(flags & VLAN_UNTAGGED);
	return 0;
}

static __always_inline enum sluice_xdp_counter
bridge(struct xdp_md *ctx, struct frame *frame)
{
	enum sluice_xdp_counter why;

	why = link_parse(ctx, frame);
	if (!why)
		why = own_check(ctx);
	if (!why)
		why = vlan_enter(frame);
	if (!why)
		why = source_check(frame);
	if (!why)
		why = way_find(frame);
	if (!why)
		why = way_check(ctx, frame);
	if (!why)
		why = vlan_leave(frame);
	return why;
}

/* Behind a tag that is taken off its payload's protocol is in place already. */
static __always_inline bool tag_write(struct cursor *cursor, struct ethhdr *eth,
				      const struct frame *frame)
{
	struct vlan_header *tag;

	if (!frame->keeps_tag)
		return true;
	tag = cursor_vlan(cursor);
	if (!tag)
		return false;
	eth->h_proto = own.vlan_proto;
	tag->tci = bpf_htons(frame->vid);
	return true;
}

/* Move the addresses, so that a tag more or less has room behind them. */
static __always_inline int retag(struct xdp_md *ctx, const struct frame *frame)
{
	__u32 out = frame->out->ifindex;
	__u8 addresses[2 * ETH_ALEN];
	struct cursor cursor;
	struct ethhdr *eth;

	__builtin_memcpy(addresses, frame->eth, sizeof(addresses));
	if (tags_make_room(ctx, frame->keeps_tag - !!frame->tag))
		return pass(SLUICE_XDP_ROOM);
	cursor = cursor_begin(ctx);
	eth = cursor_eth(&cursor);
	if (!eth)
		return XDP_ABORTED;
	__builtin_memcpy(eth, addresses, sizeof(addresses));
	if (!tag_write(&cursor, eth, frame))
		return XDP_ABORTED;
	return send(SLUICE_XDP_FORWARDED, out);
}

SEC("xdp.frags")
int sluice_bridge(struct xdp_md *ctx)
{
	struct frame frame = { 0 };
	enum sluice_xdp_counter why;
	int action;

	why = bridge(ctx, &frame);
	if (why)
		return pass(why);
	/* Last, as the module counts what it lets go. */
	if (ask_module(ctx, SLUICE_XDP_BRIDGED, frame.out->ifindex, &action) !=
	    SLUICE_XDP_FREE)
		return action;
	if (frame.keeps_tag != !!frame.tag)
		return retag(ctx, &frame);
	return send(SLUICE_XDP_FORWARDED, frame.out->ifindex);
}

char LICENSE[] SEC("license") = "GPL";
