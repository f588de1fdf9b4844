// SPDX-License-Identifier: GPL-2.0
/*
 * Packets for tests.
 */
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "packet.h"

/* Small, so that many header fields cross from one page to the next. */
#define FRAG_SIZE	13

static void begin_ipv4(struct test_packet *p)
{
	struct iphdr *iph = (struct iphdr *)p->bytes;

	iph->version = 4;
	iph->ihl = 5;
	iph->ttl = 64;
	iph->id = htons(4711);
	iph->protocol = p->tuple.proto;
	iph->saddr = p->tuple.src.ip;
	iph->daddr = p->tuple.dst.ip;
	p->next = offsetof(struct iphdr, protocol);
	p->len = sizeof(*iph);
}

static void begin_ipv6(struct test_packet *p)
{
	struct ipv6hdr *ip6h = (struct ipv6hdr *)p->bytes;

	ip6h->version = 6;
	ip6h->hop_limit = 64;
	ip6h->nexthdr = p->tuple.proto;
	ip6h->saddr = p->tuple.src.in6;
	ip6h->daddr = p->tuple.dst.in6;
	p->next = offsetof(struct ipv6hdr, nexthdr);
	p->len = sizeof(*ip6h);
}

void test_packet_begin(struct test_packet *p, const struct sluice_tuple *tuple)
{
	memset(p, 0, sizeof(*p));
	p->tuple = *tuple;
	if (tuple->family == AF_INET)
		begin_ipv4(p);
	else
		begin_ipv6(p);
}

/* @len: 4 to 40, a multiple of 4. */
void test_packet_options(struct test_packet *p, unsigned int len)
{
	struct iphdr *iph = (struct iphdr *)p->bytes;

	memset(p->bytes + p->len, 1 /* no operation */, len);
	iph->ihl += len / 4;
	p->len += len;
}

/* @len: a multiple of 8 (of 4 for an authentication header). */
u8 *test_packet_ext(struct test_packet *p, u8 type, unsigned int len)
{
	u8 *ext = p->bytes + p->len;

	p->bytes[p->next] = type;
	p->next = p->len;
	ext[0] = p->tuple.proto;
	if (type == NEXTHDR_AUTH)
		ext[1] = len / 4 - 2;
	else if (type != NEXTHDR_FRAGMENT)
		ext[1] = len / 8 - 1;
	p->len += len;
	return ext;
}

static unsigned int add_tcp(struct test_packet *p)
{
	struct tcphdr *th = test_packet_tcp(p);

	th->source = p->tuple.sport;
	th->dest = p->tuple.dport;
	th->seq = htonl(123456789);
	th->doff = sizeof(*th) / 4;
	th->ack = 1;
	th->window = htons(512);
	return sizeof(*th);
}

static unsigned int add_udp(struct test_packet *p, unsigned int payload)
{
	struct udphdr *uh = test_packet_udp(p);

	uh->source = p->tuple.sport;
	uh->dest = p->tuple.dport;
	uh->len = htons(sizeof(*uh) + payload);
	return sizeof(*uh);
}

static unsigned int add_sctp(struct test_packet *p)
{
	struct sctphdr *sh = test_packet_sctp(p);

	sh->source = p->tuple.sport;
	sh->dest = p->tuple.dport;
	sh->vtag = htonl(987654321);
	return sizeof(*sh);
}

/* An echo request or, without a source port, the reply to one */
static unsigned int add_echo(struct test_packet *p)
{
	struct icmphdr *icmph = test_packet_icmphdr(p);
	bool reply = !p->tuple.sport;

	if (p->tuple.family == AF_INET)
		icmph->type = reply ? ICMP_ECHOREPLY : ICMP_ECHO;
	else
		icmph->type = reply ? ICMPV6_ECHO_REPLY : ICMPV6_ECHO_REQUEST;
	icmph->un.echo.id = reply ? p->tuple.dport : p->tuple.sport;
	icmph->un.echo.sequence = htons(77);
	return sizeof(*icmph);
}

static unsigned int add_l4(struct test_packet *p, unsigned int payload)
{
	switch (p->tuple.proto) {
	case IPPROTO_TCP:
		return add_tcp(p);
	case IPPROTO_SCTP:
		return add_sctp(p);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return add_echo(p);
	default:
		return add_udp(p, payload);
	}
}

static void set_ip_length(struct test_packet *p)
{
	struct ipv6hdr *ip6h = (struct ipv6hdr *)p->bytes;
	struct iphdr *iph = (struct iphdr *)p->bytes;

	if (p->tuple.family == AF_INET)
		iph->tot_len = htons(p->len);
	else
		ip6h->payload_len = htons(p->len - sizeof(*ip6h));
}

void test_packet_end(struct test_packet *p, unsigned int payload)
{
	unsigned int i;

	p->l4 = p->len;
	p->len += add_l4(p, payload);
	for (i = 0; i < payload; i++)
		p->bytes[p->len++] = i * 7 + 3;

	set_ip_length(p);
	test_packet_checksum(p);
}

/* @len: bytes of @quoted that are quoted. */
void test_packet_icmp(struct test_packet *p, u8 type,
		      const struct test_packet *quoted, unsigned int len)
{
	struct icmphdr *icmph;

	p->l4 = p->len;
	icmph = test_packet_icmphdr(p);
	icmph->type = type;
	icmph->code = 1;
	icmph->un.gateway = htonl(1400);
	p->len += sizeof(*icmph);
	memcpy(p->bytes + p->len, quoted->bytes, len);
	p->len += len;
	set_ip_length(p);
	test_packet_checksum(p);
}

/* The sum of big-endian words, carries not folded in yet. */
u32 test_sum(const u8 *bytes, unsigned int len)
{
	unsigned int i;
	u32 sum = 0;

	for (i = 0; i < len; i++)
		sum += i & 1 ? bytes[i] : bytes[i] << 8;
	return sum;
}

u16 test_fold(u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

u32 test_pseudo_sum(const struct test_packet *p)
{
	unsigned int len = p->tuple.family == AF_INET ? 4 : 16;

	return test_sum((const u8 *)&p->tuple.src, len) +
	       test_sum((const u8 *)&p->tuple.dst, len) +
	       p->tuple.proto + p->len - p->l4;
}

static void checksum_ipv4(struct test_packet *p)
{
	struct iphdr *iph = (struct iphdr *)p->bytes;

	iph->check = 0;
	iph->check = (__force __sum16)
		htons(~test_fold(test_sum(p->bytes, iph->ihl * 4)));
}

/* Castagnoli's polynomial, bit by bit */
static u32 crc32c_of(const u8 *bytes, unsigned int len)
{
	u32 crc = ~0U;
	unsigned int i;

	for (i = 0; i < 8 * len; i++) {
		crc ^= bytes[i / 8] >> i % 8 & 1;
		crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static void checksum_sctp(struct test_packet *p)
{
	struct sctphdr *sh = test_packet_sctp(p);

	sh->checksum = 0;
	sh->checksum = cpu_to_le32(crc32c_of(p->bytes + p->l4,
					     p->len - p->l4));
}

static void checksum_l4(struct test_packet *p)
{
	__sum16 *check = test_packet_check(p);
	u16 sum;

	*check = 0;
	sum = ~test_fold((p->tuple.proto == IPPROTO_ICMP ?
			  0 : test_pseudo_sum(p)) +
			 test_sum(p->bytes + p->l4, p->len - p->l4));
	if (p->tuple.proto == IPPROTO_UDP && !sum)
		sum = 0xffff;
	*check = (__force __sum16)htons(sum);
}

/* Set all checksums from scratch. */
void test_packet_checksum(struct test_packet *p)
{
	if (p->tuple.proto == IPPROTO_SCTP)
		checksum_sctp(p);
	else
		checksum_l4(p);
	if (p->tuple.family == AF_INET)
		checksum_ipv4(p);
}

/* The bytes from @offset on in pages: small pieces, the last takes the rest. */
static int add_pages(struct sk_buff *skb, const struct test_packet *p,
		     unsigned int offset)
{
	unsigned int len = p->len - offset, at = 0, size;
	struct page *page = alloc_page(GFP_KERNEL);
	int i;

	if (!page)
		return -ENOMEM;

	memcpy(page_address(page), p->bytes + offset, len);
	for (i = 0; at < len; i++, at += size) {
		size = i < MAX_SKB_FRAGS - 1 ? min(len - at, FRAG_SIZE + 0U) :
					       len - at;
		get_page(page);
		skb_add_rx_frag(skb, i, page, at, size, size);
	}
	put_page(page);
	return 0;
}

/* Return: an skb for the caller to free, or NULL. */
struct sk_buff *test_packet_skb(const struct test_packet *p,
				const struct test_split *split)
{
	unsigned int linear = min(split->linear, p->len);
	struct sk_buff *skb;

	skb = alloc_skb(split->before + linear, GFP_KERNEL);
	if (!skb)
		return NULL;

	memset(skb_put(skb, split->before), 0x45, split->before);
	skb_set_network_header(skb, split->before);
	skb_put_data(skb, p->bytes, linear);
	if (linear < p->len && add_pages(skb, p, linear)) {
		kfree_skb(skb);
		return NULL;
	}
	skb->protocol = p->tuple.family == AF_INET ? htons(ETH_P_IP) :
						     htons(ETH_P_IPV6);
	return skb;
}
