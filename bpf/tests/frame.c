// SPDX-License-Identifier: GPL-2.0
/*
 * Frames from short descriptions.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <string.h>

#include <linux/if_ether.h>

#include "frame.h"

#define PAYLOAD	64

static void put16(uint8_t **at, uint16_t value)
{
	*(*at)++ = value >> 8;
	*(*at)++ = value;
}

static void put(uint8_t **at, const void *bytes, size_t len)
{
	memcpy(*at, bytes, len);
	*at += len;
}

static bool is_ipv6(const struct frame *frame)
{
	return strchr(frame->src, ':');
}

static void put_ethernet(uint8_t **at, const struct frame *frame)
{
	put(at, frame->to, ETH_ALEN);
	put(at, frame->from, ETH_ALEN);
	if (frame->tpid) {
		put16(at, frame->tpid);
		put16(at, frame->tci);
	}
	if (frame->ethertype)
		put16(at, frame->ethertype);
	else
		put16(at, is_ipv6(frame) ? ETH_P_IPV6 : ETH_P_IP);
}

static uint16_t ip_checksum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < len; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* As in the description, where 0 is the ordinary and -1 is 0. */
static uint8_t value_of(int value, uint8_t ordinary)
{
	if (value < 0)
		return 0;
	return value ? value : ordinary;
}

static size_t payload_of(const struct frame *frame)
{
	return frame->payload ? frame->payload : PAYLOAD;
}

/* Options are of no operation. */
static void put_ip(uint8_t **at, const struct frame *frame)
{
	size_t len = sizeof(struct iphdr) + 4 * frame->options;
	struct iphdr ip = {
		.version = frame->version ? frame->version : 4,
		.ihl = len / 4,
		.tot_len = htons(len + payload_of(frame) + frame->longer),
		.id = htons(4711),
		.frag_off = htons(frame->fragment),
		.ttl = value_of(frame->ttl, 64),
		.protocol = value_of(frame->proto, IPPROTO_UDP),
	};
	uint8_t *begin = *at;

	assert(inet_pton(AF_INET, frame->src, &ip.saddr) == 1);
	assert(inet_pton(AF_INET, frame->dst, &ip.daddr) == 1);
	put(at, &ip, sizeof(ip));
	memset(*at, IPOPT_NOP, 4 * frame->options);
	*at += 4 * frame->options;
	ip.check = htons(ip_checksum(begin, len) + frame->wrong_checksum);
	memcpy(begin, &ip, sizeof(ip));
}

static void put_ipv6(uint8_t **at, const struct frame *frame)
{
	struct ip6_hdr ip = {
		.ip6_flow = htonl((frame->version ? frame->version : 6) << 28),
		.ip6_plen = htons(payload_of(frame) + frame->longer),
		.ip6_nxt = value_of(frame->proto, IPPROTO_UDP),
		.ip6_hlim = value_of(frame->ttl, 64),
	};

	assert(inet_pton(AF_INET6, frame->src, &ip.ip6_src) == 1);
	assert(inet_pton(AF_INET6, frame->dst, &ip.ip6_dst) == 1);
	put(at, &ip, sizeof(ip));
}

static void put_payload(uint8_t **at, const struct frame *frame)
{
	size_t i;

	for (i = 0; i < payload_of(frame); i++)
		*(*at)++ = frame->first + i * 7;
}

/**
 * frame_build - make a frame
 * @frame: its description
 * @bytes: room for it, of FRAME_MAX
 *
 * Return: its length.
 */
size_t frame_build(const struct frame *frame, uint8_t *bytes)
{
	uint8_t *at = bytes;

	put_ethernet(&at, frame);
	if (is_ipv6(frame))
		put_ipv6(&at, frame);
	else
		put_ip(&at, frame);
	put_payload(&at, frame);
	memset(at, 0, frame->padding);
	at += frame->padding;
	return frame->cut ? frame->cut : (size_t)(at - bytes);
}
