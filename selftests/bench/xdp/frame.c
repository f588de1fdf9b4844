// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The frame that is sent: UDP, with checksums that hold.
 */
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <string.h>

#include "cost.h"

#define HOPS	64

static bool is_v6(const struct path *path)
{
	return path->target.any.sa_family == AF_INET6;
}

static uint32_t size_of_ip(const struct path *path)
{
	return is_v6(path) ? sizeof(struct ip6_hdr) : sizeof(struct iphdr);
}

/**
 * size_of_headers - all of them, up to the data
 * @path: for the family
 */
uint32_t size_of_headers(const struct path *path)
{
	return ETH_HLEN + size_of_ip(path) + sizeof(struct udphdr);
}

/**
 * port_offset - where a frame has the port it is sent to
 * @path: for the family
 */
uint32_t port_offset(const struct path *path)
{
	return ETH_HLEN + size_of_ip(path) + offsetof(struct udphdr, dest);
}

/* @size is even. */
static uint32_t sum(uint32_t start, const void *data, size_t size)
{
	const uint8_t *byte = data;

	for (; size; size -= 2, byte += 2)
		start += byte[0] << 8 | byte[1];
	return start;
}

static uint16_t checksum(uint32_t total)
{
	total = (total & 0xffff) + (total >> 16);
	total = (total & 0xffff) + (total >> 16);
	return htons(~total);
}

static void fill_ip(struct iphdr *ip, uint16_t size, const struct path *path)
{
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tot_len = htons(size);
	ip->frag_off = htons(IP_DF);
	ip->ttl = HOPS;
	ip->protocol = IPPROTO_UDP;
	ip->saddr = path->source.v4.sin_addr.s_addr;
	ip->daddr = path->target.v4.sin_addr.s_addr;
	ip->check = checksum(sum(0, ip, sizeof(*ip)));
}

static void fill_ip6(struct ip6_hdr *ip, uint16_t size, const struct path *path)
{
	ip->ip6_flow = htonl(6 << 28);
	ip->ip6_plen = htons(size - sizeof(*ip));
	ip->ip6_nxt = IPPROTO_UDP;
	ip->ip6_hlim = HOPS;
	ip->ip6_src = path->source.v6.sin6_addr;
	ip->ip6_dst = path->target.v6.sin6_addr;
}

/* Both addresses, as they are in the header */
static uint32_t sum_addresses(const void *ip, const struct path *path)
{
	size_t size = is_v6(path) ? 2 * sizeof(struct in6_addr) :
				    2 * sizeof(struct in_addr);

	return sum(0, (const uint8_t *)ip + size_of_ip(path) - size, size);
}

static void fill_udp(struct udphdr *udp, uint16_t size, uint32_t addresses)
{
	udp->source = htons(PORT);
	udp->dest = htons(PORT);
	udp->len = htons(size);
	udp->check = checksum(sum(addresses + IPPROTO_UDP + size, udp, size));
}

/**
 * frame_fill - write the frame, its data zero
 * @path: all of it but that
 */
void frame_fill(struct path *path)
{
	uint16_t size = path->size - ETH_HLEN;
	struct ether_header *eth = (void *)path->frame;
	void *ip = eth + 1;

	memcpy(eth->ether_dhost, &path->next_hop, ETH_ALEN);
	memcpy(eth->ether_shost, &path->mac, ETH_ALEN);
	eth->ether_type = htons(is_v6(path) ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
	if (is_v6(path))
		fill_ip6(ip, size, path);
	else
		fill_ip(ip, size, path);
	fill_udp((void *)((uint8_t *)ip + size_of_ip(path)),
		 size - size_of_ip(path), sum_addresses(ip, path));
}
