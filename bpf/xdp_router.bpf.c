// SPDX-License-Identifier: GPL-2.0
/*
 * A router in the driver: what the kernel's own routing tables say, done before
 * the stack sees the frame. Whatever is in doubt is passed to the stack as it
 * is, and counted by the reason.
 *
 *	link_parse	Ethernet, a tag: to us, and by which device
 *	ip_parse	the network header: what is there, may it go on
 *	source_check	may this sender come from here
 *	route_find	the kernel's routes and neighbours
 *	way_find	a tag to push, an attached device
 *	rewrite		bytes change here, and nowhere else
 */
#include "port.h"

/* Of the address families, of which BPF sees no header. */
#define AF_INET		2
#define AF_INET6	10

#define IP_FRAGMENT	0x3fff		/* its offset, and that more come */
#define LOOPBACK	bpf_htonl(0x7f000000)
#define FIRST_GROUP	0xe0000000

/* The types of neighbour discovery */
#define FIRST_DISCOVERY	133		/* router solicitation */
#define LAST_DISCOVERY	137		/* redirect */

enum {
	NEXT_HOP_BY_HOP = 0,
	NEXT_TCP = 6,
	NEXT_UDP = 17,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_AUTHENTICATION = 51,
	NEXT_ICMPV6 = 58,
	NEXT_DESTINATION = 60,
	NEXT_SCTP = 132,
	NEXT_MOBILITY = 135,
	NEXT_HIP = 139,
	NEXT_SHIM6 = 140,
};

/* Of the device itself: enum sluice_xdp_source */
const volatile __u32 own_source;

/* For how long a sender that was found right is taken for right. */
#define SOURCE_KNOWN_NS	1000000000ULL
#define SOURCES		256	/* 1 << 8 */

/**
 * struct source - a sender that was found right
 * @address: its address
 * @device: it came in by
 * @until: when it is looked up again, as of bpf_ktime_get_coarse_ns()
 */
struct source {
	__be32 address;
	__u32 device;
	__u64 until;
};

/* Found by a hash of the address; another one takes the place. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SOURCES);
	__type(key, __u32);
	__type(value, struct source);
} sluice_sources SEC(".maps");

/* From a tag at the device that carries it to the VLAN device */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_XDP_VLANS_MAX);
	__type(key, struct sluice_xdp_tag);
	__type(value, struct sluice_xdp_upper);
} sluice_vlans SEC(".maps");

/**
 * struct packet - what is known of a frame
 * @cursor: behind what has been read
 * @device: it came in by; a VLAN device if it has a tag
 * @source: enum sluice_xdp_source, of that
 * @proto: of the network header
 * @tagged: whether it has a tag
 * @left: bytes from the network header on
 * @out: way out; the tag to push, with proto 0 if none is
 * @fib: the question to the kernel, then its answer
 */
struct packet {
	struct cursor cursor;
	__u32 device;
	__u32 source;
	__be16 proto;
	bool tagged;
	__u32 left;
	struct sluice_xdp_tag out;
	struct bpf_fib_lookup fib;
};

static __always_inline enum sluice_xdp_counter
tag_parse(struct packet *packet)
{
	struct vlan_header *header = cursor_vlan(&packet->cursor);
	struct sluice_xdp_tag tag = {
		.ifindex = packet->device,
		.proto = packet->proto,
	};
	struct sluice_xdp_upper *upper;

	if (!header)
		return SLUICE_XDP_HEADER;
	tag.vid = bpf_ntohs(header->tci) & VLAN_VID_MASK;
	upper = bpf_map_lookup_elem(&sluice_vlans, &tag);
	if (!upper)
		return SLUICE_XDP_VLAN;
	packet->device = upper->ifindex;
	packet->source = upper->source;
	packet->proto = header->proto;
	packet->tagged = true;
	packet->left -= sizeof(*header);
	return 0;
}

static __always_inline enum sluice_xdp_counter
link_parse(struct xdp_md *ctx, struct packet *packet)
{
	struct ethhdr *eth;

	packet->cursor = cursor_begin(ctx);
	packet->device = ctx->ingress_ifindex;
	packet->source = own_source;
	packet->left = bpf_xdp_get_buff_len(ctx) - sizeof(*eth);
	eth = cursor_eth(&packet->cursor);
	if (!eth)
		return SLUICE_XDP_HEADER;
	if (is_group(eth->h_dest))
		return SLUICE_XDP_GROUP;
	if (!same_address(eth->h_dest, own_address))
		return SLUICE_XDP_OTHER;
	packet->proto = eth->h_proto;
	return is_tag(eth->h_proto) ? tag_parse(packet) : 0;
}

/* Routes and multiple paths may be chosen by ports. */
static __always_inline enum sluice_xdp_counter
ports_parse(struct packet *packet)
{
	__u8 proto = packet->fib.l4_protocol;
	__be16 *ports;

	if (proto != NEXT_TCP && proto != NEXT_UDP && proto != NEXT_SCTP)
		return 0;
	ports = cursor_ports(&packet->cursor);
	if (!ports)
		return SLUICE_XDP_HEADER;
	packet->fib.sport = ports[0];
	packet->fib.dport = ports[1];
	return 0;
}

static __always_inline bool checksum_holds(const struct iphdr *ip)
{
	const __u16 *word = (const __u16 *)ip;
	__u32 sum = 0;
	int i;

#pragma unroll
	for (i = 0; i < (int)(sizeof(*ip) / sizeof(*word)); i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return sum + (sum >> 16) == 0xffff;
}

/* Nobody's, loopback, multicast and reserved. */
static __always_inline bool ip_stays(__be32 address)
{
	return !(address & bpf_htonl(0xff000000)) ||
	       (address & bpf_htonl(0xff000000)) == LOOPBACK ||
	       bpf_ntohl(address) >= FIRST_GROUP;
}

static __always_inline enum sluice_xdp_counter
ip_check(const struct packet *packet, const struct iphdr *ip)
{
	__u32 len = bpf_ntohs(ip->tot_len);

	if (ip->version != 4 || ip->ihl < 5 || len < ip->ihl * 4U ||
	    len > packet->left)
		return SLUICE_XDP_HEADER;
	if (ip->ihl > 5)
		return SLUICE_XDP_OPTIONS;
	if (!checksum_holds(ip))
		return SLUICE_XDP_CHECKSUM;
	if (ip->frag_off & bpf_htons(IP_FRAGMENT))
		return SLUICE_XDP_FRAGMENT;
	if (ip_stays(ip->saddr) || ip_stays(ip->daddr))
		return SLUICE_XDP_ADDRESS;
	return ip->ttl > 1 ? 0 : SLUICE_XDP_TTL;
}

static __always_inline enum sluice_xdp_counter
ip_parse(struct packet *packet)
{
	struct iphdr *ip = cursor_ip(&packet->cursor);
	enum sluice_xdp_counter why;

	if (!ip)
		return SLUICE_XDP_HEADER;
	why = ip_check(packet, ip);
	if (why)
		return why;
	packet->fib.family = AF_INET;
	packet->fib.tos = ip->tos;
	packet->fib.l4_protocol = ip->protocol;
	packet->fib.tot_len = bpf_ntohs(ip->tot_len);
	packet->fib.ipv4_src = ip->saddr;
	packet->fib.ipv4_dst = ip->daddr;
	return ports_parse(packet);
}

/* Multicast, of the link, nobody's, loopback and what stands for IPv4 */
static __always_inline bool ipv6_stays(const struct in6_addr *address)
{
	const __be32 *word = address->in6_u.u6_addr32;

	if ((word[0] & bpf_htonl(0xff000000)) == bpf_htonl(0xff000000))
		return true;
	if ((word[0] & bpf_htonl(0xffc00000)) == bpf_htonl(0xfe800000))
		return true;
	return !word[0] && !word[1];
}

static __always_inline bool is_extension(__u8 next)
{
	switch (next) {
	case NEXT_HOP_BY_HOP:
	case NEXT_ROUTING:
	case NEXT_AUTHENTICATION:
	case NEXT_DESTINATION:
	case NEXT_MOBILITY:
	case NEXT_HIP:
	case NEXT_SHIM6:
		return true;
	}
	return false;
}

static __always_inline enum sluice_xdp_counter
ipv6_check(const struct packet *packet, const struct ipv6hdr *ip)
{
	__u32 len = bpf_ntohs(ip->payload_len) + sizeof(*ip);

	if (ip->version != 6 || len > packet->left)
		return SLUICE_XDP_HEADER;
	if (ip->nexthdr == NEXT_FRAGMENT)
		return SLUICE_XDP_FRAGMENT;
	if (is_extension(ip->nexthdr))
		return SLUICE_XDP_EXTENSION;
	if (ipv6_stays(&ip->saddr) || ipv6_stays(&ip->daddr))
		return SLUICE_XDP_ADDRESS;
	return ip->hop_limit > 1 ? 0 : SLUICE_XDP_TTL;
}

/*
 * Neighbour discovery is worth nothing behind a router, but it may be for the
 * node, which answers for others as a proxy.
 */
static __always_inline enum sluice_xdp_counter
icmpv6_parse(struct packet *packet)
{
	__u8 *type = cursor_icmp_type(&packet->cursor);

	if (!type)
		return SLUICE_XDP_HEADER;
	if (*type >= FIRST_DISCOVERY && *type <= LAST_DISCOVERY)
		return SLUICE_XDP_DISCOVERY;
	return 0;
}

static __always_inline enum sluice_xdp_counter
ipv6_parse(struct packet *packet)
{
	struct ipv6hdr *ip = cursor_ipv6(&packet->cursor);
	enum sluice_xdp_counter why;

	if (!ip)
		return SLUICE_XDP_HEADER;
	why = ipv6_check(packet, ip);
	if (why)
		return why;
	packet->fib.family = AF_INET6;
	packet->fib.flowinfo = *(__be32 *)ip & bpf_htonl(0x0fffffff);
	packet->fib.l4_protocol = ip->nexthdr;
	packet->fib.tot_len = bpf_ntohs(ip->payload_len) + sizeof(*ip);
	__builtin_memcpy(packet->fib.ipv6_src, &ip->saddr, sizeof(ip->saddr));
	__builtin_memcpy(packet->fib.ipv6_dst, &ip->daddr, sizeof(ip->daddr));
	if (ip->nexthdr == NEXT_ICMPV6)
		return icmpv6_parse(packet);
	return ports_parse(packet);
}

static __always_inline enum sluice_xdp_counter
network_parse(struct packet *packet)
{
	if (packet->proto == bpf_htons(ETH_P_IP))
		return ip_parse(packet);
	if (packet->proto == bpf_htons(ETH_P_IPV6))
		return ipv6_parse(packet);
	return SLUICE_XDP_PROTOCOL;
}

static __always_inline void swap_ends(struct bpf_fib_lookup *back,
				      const struct bpf_fib_lookup *there)
{
	back->family = there->family;
	back->l4_protocol = there->l4_protocol;
	back->sport = there->dport;
	back->dport = there->sport;
	__builtin_memcpy(back->ipv6_src, there->ipv6_dst,
			 sizeof(back->ipv6_src));
	__builtin_memcpy(back->ipv6_dst, there->ipv6_src,
			 sizeof(back->ipv6_dst));
}

static __always_inline bool way_back_is_right(const struct packet *packet,
					      long answer, __u32 ifindex)
{
	bool found = answer == BPF_FIB_LKUP_RET_SUCCESS ||
		     answer == BPF_FIB_LKUP_RET_NO_NEIGH;

	switch (packet->source) {
	case SLUICE_XDP_SOURCE_REMOTE:
		return answer >= 0 && answer != BPF_FIB_LKUP_RET_NOT_FWDED;
	case SLUICE_XDP_SOURCE_STRICT:
		return found && ifindex == packet->device;
	}
	return found;
}

static __always_inline bool source_is_right(struct xdp_md *ctx,
					    const struct packet *packet)
{
	struct bpf_fib_lookup back = { 0 };
	long answer;

	swap_ends(&back, &packet->fib);
	back.ifindex = packet->device;
	answer = bpf_fib_lookup(ctx, &back, sizeof(back), 0);
	return way_back_is_right(packet, answer, back.ifindex);
}

static __always_inline struct source *source_find(__be32 address)
{
	__u32 slot = address * 0x9e3779b1U >> 24;

	return bpf_map_lookup_elem(&sluice_sources, &slot);
}

/*
 * What the stack asks of an IPv4 sender before it looks for a route, and the
 * kernel's look-up for programs does not: that it is not the node itself, and
 * what rp_filter says. A second look-up costs as much as the first one, hence
 * it is done once a second for each sender.
 */
static __always_inline enum sluice_xdp_counter
source_check(struct xdp_md *ctx, const struct packet *packet)
{
	__u64 now = bpf_ktime_get_coarse_ns();
	struct source *source;
	__be32 address;

	if (packet->fib.family != AF_INET)
		return 0;
	address = packet->fib.ipv4_src;
	source = source_find(address);
	if (source && source->address == address &&
	    source->device == packet->device && now < source->until)
		return 0;
	if (!source_is_right(ctx, packet))
		return SLUICE_XDP_SOURCE;
	if (source) {
		source->address = address;
		source->device = packet->device;
		source->until = now + SOURCE_KNOWN_NS;
	}
	return 0;
}

static __always_inline enum sluice_xdp_counter answer_reason(long answer)
{
	switch (answer) {
	case BPF_FIB_LKUP_RET_SUCCESS:
		return 0;
	case BPF_FIB_LKUP_RET_BLACKHOLE:
	case BPF_FIB_LKUP_RET_UNREACHABLE:
	case BPF_FIB_LKUP_RET_PROHIBIT:
		return SLUICE_XDP_UNREACHABLE;
	case BPF_FIB_LKUP_RET_NOT_FWDED:
		return SLUICE_XDP_LOCAL;
	case BPF_FIB_LKUP_RET_FWD_DISABLED:
		return SLUICE_XDP_OFF;
	case BPF_FIB_LKUP_RET_UNSUPP_LWT:
		return SLUICE_XDP_TUNNEL;
	case BPF_FIB_LKUP_RET_NO_NEIGH:
		return SLUICE_XDP_NEIGHBOUR;
	case BPF_FIB_LKUP_RET_FRAG_NEEDED:
		return SLUICE_XDP_MTU;
	}
	return SLUICE_XDP_LOOKUP;
}

static __always_inline enum sluice_xdp_counter
route_find(struct xdp_md *ctx, struct packet *packet)
{
	struct bpf_fib_lookup *fib = &packet->fib;

	fib->ifindex = packet->device;
	return answer_reason(bpf_fib_lookup(ctx, fib, sizeof(*fib), 0));
}

/* The kernel tells senders of a better way, where the packet would go back. */
static __always_inline enum sluice_xdp_counter
way_find(struct packet *packet)
{
	const struct sluice_xdp_tag *way;

	if (packet->fib.ifindex == packet->device)
		return SLUICE_XDP_RETURN;
	way = way_lookup(packet->fib.ifindex);
	if (!way)
		return SLUICE_XDP_PORT;
	packet->out = *way;
	return 0;
}

static __always_inline bool ttl_decrease(struct packet *packet)
{
	struct ipv6hdr *ipv6;
	struct iphdr *ip;
	__u32 check;

	if (packet->fib.family == AF_INET6) {
		ipv6 = cursor_ipv6(&packet->cursor);
		if (ipv6)
			ipv6->hop_limit--;
		return ipv6;
	}
	ip = cursor_ip(&packet->cursor);
	if (!ip)
		return false;
	check = ip->check + bpf_htons(0x0100);
	ip->check = check + (check >= 0xffff);
	ip->ttl--;
	return true;
}

static __always_inline bool tag_write(struct packet *packet)
{
	struct vlan_header *header = cursor_vlan(&packet->cursor);

	if (!header)
		return false;
	header->tci = bpf_htons(packet->out.vid);
	header->proto = packet->proto;
	return true;
}

static __always_inline bool headers_write(struct xdp_md *ctx,
					  struct packet *packet)
{
	struct ethhdr *eth;

	packet->cursor = cursor_begin(ctx);
	eth = cursor_eth(&packet->cursor);
	if (!eth)
		return false;
	__builtin_memcpy(eth->h_dest, packet->fib.dmac, ETH_ALEN);
	__builtin_memcpy(eth->h_source, packet->fib.smac, ETH_ALEN);
	eth->h_proto = packet->out.proto ? packet->out.proto : packet->proto;
	if (packet->out.proto && !tag_write(packet))
		return false;
	return ttl_decrease(packet);
}

static __always_inline enum sluice_xdp_counter
route(struct xdp_md *ctx, struct packet *packet)
{
	enum sluice_xdp_counter why;

	why = link_parse(ctx, packet);
	if (!why)
		why = network_parse(packet);
	/* The kernel's answer takes the place of addresses, hence this order. */
	if (!why)
		why = source_check(ctx, packet);
	if (!why)
		why = route_find(ctx, packet);
	if (!why)
		why = way_find(packet);
	return why;
}

/* After tags_make_room() nothing can fail, but the verifier does not know that. */
SEC("xdp.frags")
int sluice_router(struct xdp_md *ctx)
{
	struct packet packet = { 0 };
	enum sluice_xdp_counter why;
	int action;

	if (ask_module(ctx, 0, 0, &action) != SLUICE_XDP_FREE)
		return action;
	why = route(ctx, &packet);
	if (why)
		return pass(why);
	if (tags_make_room(ctx, !!packet.out.proto - packet.tagged))
		return pass(SLUICE_XDP_ROOM);
	if (!headers_write(ctx, &packet))
		return XDP_ABORTED;
	return send(SLUICE_XDP_FORWARDED, packet.out.ifindex);
}

char LICENSE[] SEC("license") = "GPL";
