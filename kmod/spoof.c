// SPDX-License-Identifier: GPL-2.0
/*
 * Who a frame claims to be from: IPv4, IPv6, ARP, neighbour discovery.
 */
#include <linux/icmpv6.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/addrconf.h>
#include <net/ndisc.h>

#include "spoof.h"

/**
 * struct frame - what is asked about
 * @skb: skb->data is at its network header
 * @addresses: that its sender may claim
 * @claim: what it claims
 */
struct frame {
	const struct sk_buff *skb;
	const struct sluice_ranges *addresses;
	struct sluice_tuple *claim;
};

static bool is_listed(const struct frame *f, const union nf_inet_addr *addr)
{
	return sluice_ranges_match(f->addresses, f->claim->family, addr);
}

static bool check_ipv4(const struct frame *f)
{
	const struct iphdr *iph;
	struct iphdr buf;

	f->claim->family = AF_INET;
	iph = skb_header_pointer(f->skb, skb_network_offset(f->skb),
				 sizeof(buf), &buf);
	if (!iph)
		return true;
	f->claim->src.ip = iph->saddr;
	f->claim->dst.ip = iph->daddr;
	f->claim->proto = iph->protocol;
	return iph->version != 4 || !is_listed(f, &f->claim->src);
}

/* ARP of Ethernet and IPv4; RFC 826. */
struct arp_frame {
	struct arphdr header;
	u8 sender_hw[ETH_ALEN];
	__be32 sender;
	u8 target_hw[ETH_ALEN];
	__be32 target;
} __packed;

static bool is_arp_for_ipv4(const struct arphdr *header)
{
	return header->ar_hrd == htons(ARPHRD_ETHER) &&
	       header->ar_pro == htons(ETH_P_IP) &&
	       header->ar_hln == ETH_ALEN && header->ar_pln == 4;
}

/* A probe, whether anybody has an address, has no sender; RFC 5227. */
static bool check_arp(const struct frame *f)
{
	const struct arp_frame *arp;
	struct arp_frame buf;

	f->claim->family = AF_INET;
	arp = skb_header_pointer(f->skb, skb_network_offset(f->skb),
				 sizeof(buf), &buf);
	if (!arp || !is_arp_for_ipv4(&arp->header))
		return true;
	f->claim->src.ip = arp->sender;
	f->claim->dst.ip = arp->target;
	return !is_listed(f, arp->sender ? &f->claim->src : &f->claim->dst);
}

static bool has_ethernet(const struct sk_buff *skb)
{
	return skb_mac_header_was_set(skb) &&
	       skb_network_offset(skb) - skb_mac_offset(skb) >= ETH_HLEN;
}

/* The link-local address that follows from the source of the frame; RFC 4291 */
static bool is_own_link_local(const struct frame *f,
			      const struct in6_addr *addr)
{
	struct in6_addr own = { .s6_addr32[0] = htonl(0xfe800000) };

	if (!has_ethernet(f->skb))
		return false;
	addrconf_addr_eui48(&own.s6_addr[8], eth_hdr(f->skb)->h_source);
	return ipv6_addr_equal(addr, &own);
}

static bool may_discover_as(const struct frame *f,
			    const union nf_inet_addr *addr)
{
	return is_listed(f, addr) || is_own_link_local(f, &addr->in6);
}

/* An option of neighbour discovery about the hardware address of Ethernet */
struct hw_option {
	struct nd_opt_hdr header;
	u8 addr[ETH_ALEN];
} __packed;

/* Of other lengths than this there is none for Ethernet. */
static bool is_own_hw(const struct frame *f, int offset)
{
	const struct hw_option *option;
	struct hw_option buf;

	option = skb_header_pointer(f->skb, offset, sizeof(buf), &buf);
	return option && option->header.nd_opt_len == 1 &&
	       has_ethernet(f->skb) &&
	       ether_addr_equal(option->addr, eth_hdr(f->skb)->h_source);
}

/* All hardware addresses that are told are that which the frame comes from. */
static bool tells_own_hw(const struct frame *f, int offset)
{
	const struct nd_opt_hdr *option;
	struct nd_opt_hdr buf;

	for (; offset < (int)f->skb->len; offset += 8 * option->nd_opt_len) {
		option = skb_header_pointer(f->skb, offset, sizeof(buf), &buf);
		if (!option || !option->nd_opt_len)
			return false;
		if ((option->nd_opt_type == ND_OPT_SOURCE_LL_ADDR ||
		     option->nd_opt_type == ND_OPT_TARGET_LL_ADDR) &&
		    !is_own_hw(f, offset))
			return false;
	}
	return true;
}

/* Who answers for an address, or asks whether anybody has it, claims it. */
static bool check_neighbour(const struct frame *f, int offset, u8 type)
{
	const union nf_inet_addr *src = &f->claim->src;
	union nf_inet_addr target;
	const struct nd_msg *msg;
	struct nd_msg buf;

	msg = skb_header_pointer(f->skb, offset, sizeof(buf), &buf);
	if (!msg || !tells_own_hw(f, offset + sizeof(buf)))
		return true;
	target.in6 = msg->target;
	if (type == NDISC_NEIGHBOUR_SOLICITATION && !ipv6_addr_any(&src->in6))
		return !may_discover_as(f, src);
	if (may_discover_as(f, &target))
		return type == NDISC_NEIGHBOUR_ADVERTISEMENT &&
		       !may_discover_as(f, src);
	f->claim->src = target;
	return true;
}

/* A workload is no router. */
static bool check_icmpv6(const struct frame *f, int offset)
{
	const union nf_inet_addr *src = &f->claim->src;
	const struct icmp6hdr *icmph;
	struct icmp6hdr buf;

	icmph = skb_header_pointer(f->skb, offset, sizeof(buf), &buf);
	if (!icmph)
		return true;
	switch (icmph->icmp6_type) {
	case NDISC_NEIGHBOUR_SOLICITATION:
	case NDISC_NEIGHBOUR_ADVERTISEMENT:
		return check_neighbour(f, offset, icmph->icmp6_type);
	case NDISC_ROUTER_ADVERTISEMENT:
	case NDISC_REDIRECT:
		return true;
	case NDISC_ROUTER_SOLICITATION:
	case ICMPV6_MGM_REPORT:
	case ICMPV6_MGM_REDUCTION:
	case ICMPV6_MLD2_REPORT:
		return !ipv6_addr_any(&src->in6) && !may_discover_as(f, src);
	default:
		return !is_listed(f, src);
	}
}

static bool check_ipv6(const struct frame *f)
{
	int offset = skb_network_offset(f->skb);
	const struct ipv6hdr *ip6h;
	struct ipv6hdr buf;
	__be16 fragment;

	f->claim->family = AF_INET6;
	ip6h = skb_header_pointer(f->skb, offset, sizeof(buf), &buf);
	if (!ip6h || ip6h->version != 6)
		return true;
	f->claim->src.in6 = ip6h->saddr;
	f->claim->dst.in6 = ip6h->daddr;
	f->claim->proto = ip6h->nexthdr;
	offset = ipv6_skip_exthdr(f->skb, offset + sizeof(*ip6h),
				  &f->claim->proto, &fragment);
	if (offset < 0)
		return true;
	if (f->claim->proto == IPPROTO_ICMPV6 &&
	    !(fragment & htons(IP6_OFFSET)))
		return check_icmpv6(f, offset);
	return !is_listed(f, &f->claim->src);
}

/**
 * sluice_spoof_check() - whether a frame's sender claims another's address
 * @skb: frame that a device has received, skb->data at its network header, one
 *	VLAN tag taken off at most
 * @addresses: that it may claim; RCU
 * @claim: zeroed by the caller; gets sender, receiver and protocol as far as
 *	they could be read, of an answer about an address that as sender
 *
 * By its IPv4 or IPv6 source, as the sender in ARP, as the sender or target in
 * neighbour discovery, which may tell no other hardware address than that of
 * the frame: an address that follows from it is anybody's otherwise. What cannot
 * be read is taken for spoofed; other protocols are not. Any context.
 */
bool sluice_spoof_check(const struct sk_buff *skb,
			const struct sluice_ranges *addresses,
			struct sluice_tuple *claim)
{
	const struct frame f = {
		.skb = skb, .addresses = addresses, .claim = claim,
	};

	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return check_ipv4(&f);
	case htons(ETH_P_IPV6):
		return check_ipv6(&f);
	case htons(ETH_P_ARP):
		return check_arp(&f);
	case htons(ETH_P_8021Q):
	case htons(ETH_P_8021AD):
		claim->family = AF_INET;
		return true;
	default:
		return false;
	}
}
