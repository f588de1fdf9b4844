/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets for tests, made byte by byte in a flat buffer.
 *
 *	test_packet_begin(&p, &tuple);		IP header
 *	test_packet_options(&p, 8);		IPv4 options, or
 *	test_packet_ext(&p, NEXTHDR_HOP, 16);	IPv6 extension headers
 *	test_packet_end(&p, 100);		TCP, UDP or SCTP header, payload, or
 *	test_packet_icmp(&p, 3, &q, 28);	ICMP error about packet q
 *
 * The result has right lengths and checksums.
 */
#ifndef _SLUICE_TESTS_PACKET_H
#define _SLUICE_TESTS_PACKET_H

#include <linux/icmp.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "../tuple.h"

#define TEST_PACKET_MAX	4096

/**
 * struct test_packet - a packet from its network header on
 * @tuple: what it says
 * @len: its length
 * @l4: offset of the transport header
 * @next: offset of the byte that names the next header
 * @bytes: contents
 */
struct test_packet {
	struct sluice_tuple tuple;
	unsigned int len;
	unsigned int l4;
	unsigned int next;
	u8 bytes[TEST_PACKET_MAX];
};

/**
 * struct test_split - how an skb holds a packet
 * @before: bytes between skb->data and the network header
 * @linear: bytes of the packet in the linear area, the others are in pages
 */
struct test_split {
	unsigned int before;
	unsigned int linear;
};

void test_packet_begin(struct test_packet *p, const struct sluice_tuple *tuple);
void test_packet_options(struct test_packet *p, unsigned int len);
u8 *test_packet_ext(struct test_packet *p, u8 type, unsigned int len);
void test_packet_end(struct test_packet *p, unsigned int payload);
void test_packet_icmp(struct test_packet *p, u8 type,
		      const struct test_packet *quoted, unsigned int len);
void test_packet_checksum(struct test_packet *p);

struct sk_buff *test_packet_skb(const struct test_packet *p,
				const struct test_split *split);

u32 test_sum(const u8 *bytes, unsigned int len);
u16 test_fold(u32 sum);
u32 test_pseudo_sum(const struct test_packet *p);

static inline struct tcphdr *test_packet_tcp(struct test_packet *p)
{
	return (struct tcphdr *)(p->bytes + p->l4);
}

static inline struct udphdr *test_packet_udp(struct test_packet *p)
{
	return (struct udphdr *)(p->bytes + p->l4);
}

static inline struct sctphdr *test_packet_sctp(struct test_packet *p)
{
	return (struct sctphdr *)(p->bytes + p->l4);
}

static inline struct icmphdr *test_packet_icmphdr(struct test_packet *p)
{
	return (struct icmphdr *)(p->bytes + p->l4);
}

static inline __sum16 *test_packet_check(struct test_packet *p)
{
	switch (p->tuple.proto) {
	case IPPROTO_TCP:
		return &test_packet_tcp(p)->check;
	case IPPROTO_UDP:
		return &test_packet_udp(p)->check;
	default:
		return &test_packet_icmphdr(p)->checksum;
	}
}

#endif
