/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses and tuples: what names a service, a backend and a flow.
 */
#ifndef _SLUICE_TUPLE_H
#define _SLUICE_TUPLE_H

#include <linux/netfilter.h>
#include <linux/string.h>
#include <linux/types.h>
#include <net/ipv6.h>

/**
 * struct sluice_l4addr - where something listens
 * @addr: IPv4 in the first word with zeros behind it, or IPv6
 * @port: never zero in a configured object
 * @family: AF_INET or AF_INET6
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP
 *
 * Without padding, so that hash tables may use it as a key.
 */
struct sluice_l4addr {
	union nf_inet_addr addr;
	__be16 port;
	u8 family;
	u8 proto;
};

static_assert(sizeof(struct sluice_l4addr) == 20);

/* fe80::/10: whose that is the link tells, and not the address. */
static inline bool sluice_is_link_local(const struct in6_addr *addr)
{
	return (addr->s6_addr32[0] & htonl(0xffc00000)) == htonl(0xfe800000);
}

/* All local addresses of the node: a service with the unspecified address. */
static inline bool sluice_l4addr_is_node_port(const struct sluice_l4addr *addr)
{
	return ipv6_addr_any(&addr->addr.in6);
}

/**
 * struct sluice_tuple - one direction of a connection as seen on the wire
 * @src: source address, as in &struct sluice_l4addr
 * @dst: destination address
 * @sport: source port
 * @dport: destination port
 * @family: AF_INET or AF_INET6
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP; of an echo request or reply
 *	IPPROTO_ICMP or IPPROTO_ICMPV6, whose identifier is the port of the end
 *	that asks, the other one being zero
 * @zero: always zero, fills the last word
 */
struct sluice_tuple {
	union nf_inet_addr src;
	union nf_inet_addr dst;
	__be16 sport;
	__be16 dport;
	u8 family;
	u8 proto;
	__be16 zero;
};

static_assert(sizeof(struct sluice_tuple) == 40);

/*
 * Servers' ports are below those that systems choose for who begins, as a rule:
 * the lowest of these as Linux has it.
 */
#define SLUICE_PORT_CHOSEN	32768

/* In host order; where neither order of them tells, ports do not. */
static inline bool sluice_ports_tell_server(u16 server, u16 client)
{
	return server < SLUICE_PORT_CHOSEN && client >= SLUICE_PORT_CHOSEN;
}

/* Whether packets tell of a connection's beginning and end. */
static inline bool sluice_proto_has_connections(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_SCTP;
}

/* Whether a protocol has ports that a flow can be known by. */
static inline bool sluice_proto_has_flows(u8 proto)
{
	return proto == IPPROTO_UDP || sluice_proto_has_connections(proto);
}

static inline bool sluice_proto_is_icmp(u8 proto)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
}

/* IPv4 in IPv4, or IPv6 in IPv6 */
static inline bool sluice_tuple_is_tunnel(const struct sluice_tuple *t)
{
	return t->proto == (t->family == AF_INET ? IPPROTO_IPIP : IPPROTO_IPV6);
}

static inline u32 sluice_tuple_ports(const struct sluice_tuple *t)
{
	return (__force u32)t->sport << 16 | (__force u32)t->dport;
}

/* What differs most often comes first. */
static inline bool sluice_tuple_equal(const struct sluice_tuple *a,
				      const struct sluice_tuple *b)
{
	if (sluice_tuple_ports(a) != sluice_tuple_ports(b) ||
	    a->src.ip != b->src.ip || a->dst.ip != b->dst.ip ||
	    a->family != b->family || a->proto != b->proto)
		return false;
	return a->family == AF_INET ||
	       (ipv6_addr_equal(&a->src.in6, &b->src.in6) &&
		ipv6_addr_equal(&a->dst.in6, &b->dst.in6));
}

/* The tuple of the answers to @t. */
static inline void sluice_tuple_invert(struct sluice_tuple *inverse,
				       const struct sluice_tuple *t)
{
	*inverse = (struct sluice_tuple) {
		.src = t->dst,
		.dst = t->src,
		.sport = t->dport,
		.dport = t->sport,
		.family = t->family,
		.proto = t->proto,
	};
}

/* Where packets of @t go to. */
static inline void sluice_tuple_dst(struct sluice_l4addr *to,
				    const struct sluice_tuple *t)
{
	*to = (struct sluice_l4addr) {
		.addr = t->dst,
		.port = t->dport,
		.family = t->family,
		.proto = t->proto,
	};
}

/* Where they come from. */
static inline void sluice_tuple_src(struct sluice_l4addr *from,
				    const struct sluice_tuple *t)
{
	*from = (struct sluice_l4addr) {
		.addr = t->src,
		.port = t->sport,
		.family = t->family,
		.proto = t->proto,
	};
}

/**
 * struct sluice_hash_keys - secrets of a hash, so that nobody outside can fill
 * one bucket
 * @pairs: random numbers
 */
struct sluice_hash_keys {
	u64 pairs[5][2];
};

static inline u64 sluice_hash_pair(const u64 *keys, u32 a, u32 b)
{
	return (keys[0] + a) * (keys[1] + b);
}

/*
 * Spread what is in sequence, as a client's ports, over all bits. One to one, so
 * that as many hashes are equal as before.
 */
static inline u32 sluice_hash_spread(u32 hash)
{
	hash ^= hash >> 16;
	hash *= 0x85ebca6b;
	return hash ^ hash >> 13;
}

/**
 * sluice_tuple_hash() - hash of all that tells one tuple from another
 * @t: tuple
 * @keys: of the table
 *
 * Pair-multiply-shift: two different tuples are as likely as two random numbers
 * to have the same hash, whoever has chosen them without the keys. It takes two
 * multiplications for IPv4 and five for IPv6. (Thorup, "High Speed Hashing for
 * Integers and Strings", 2015, section 3.5; with an even number of words.)
 */
static inline u32 sluice_tuple_hash(const struct sluice_tuple *t,
				    const struct sluice_hash_keys *keys)
{
	u64 hash = sluice_hash_pair(keys->pairs[0], sluice_tuple_ports(t),
				    t->proto);

	if (t->family == AF_INET)
		return sluice_hash_spread((hash +
				sluice_hash_pair(keys->pairs[1],
						 (__force u32)t->src.ip,
						 (__force u32)t->dst.ip)) >> 32);

	hash += sluice_hash_pair(keys->pairs[1], t->src.all[0], t->src.all[1]);
	hash += sluice_hash_pair(keys->pairs[2], t->src.all[2], t->src.all[3]);
	hash += sluice_hash_pair(keys->pairs[3], t->dst.all[0], t->dst.all[1]);
	hash += sluice_hash_pair(keys->pairs[4], t->dst.all[2], t->dst.all[3]);
	return sluice_hash_spread(hash >> 32);
}

#endif
