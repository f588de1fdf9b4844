// SPDX-License-Identifier: GPL-2.0
/*
 * Each branch of the router. A network namespace of the test's own:
 *
 *	                  the router is tried here
 *	                             |
 *	10.0.1.0/24 fd00:1::/64 --- in           out --- 10.0.2.0/24 fd00:2::/64
 *	                             |            |
 *	10.0.3.0/24 --- vin, "VLAN 7 of in"  vout, "VLAN 9 of out" --- 10.0.4.0/24
 *	                                          |
 *	            not attached: bare --- 10.0.5.0/24
 *
 * The node is .1 everywhere, and .2 is a neighbour. The devices are veths; what
 * makes one a VLAN device is that the loader's maps say so.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <linux/if_ether.h>

#include "fixture.h"
#include "tap.h"
#include "xdp_router.skel.h"

static const char topology[] =
	"sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1\n"
	"sysctl -qw net.ipv6.conf.default.accept_dad=0\n"
	"n=1\n"
	"for d in in out vin vout bare; do\n"
	"	ip link add $d address 02:00:00:00:00:0$n mtu 9000 type veth \\\n"
	"		peer name $d.end mtu 9000\n"
	"	ip link set $d up; ip link set $d.end up\n"
	"	ip address add 10.0.$n.1/24 dev $d\n"
	"	ip address add fd00:$n::1/64 dev $d nodad\n"
	"	for a in 10.0.$n.2 fd00:$n::2; do\n"
	"		ip neigh add $a lladdr 02:00:00:00:01:0$n dev $d\n"
	"	done\n"
	"	n=$((n + 1))\n"
	"done\n"
	"ip route add 10.9.1.0/24 via 10.0.2.2\n"
	"ip route add 10.9.2.0/24 via 10.0.2.2 mtu lock 1000\n"
	"ip route add unreachable 10.9.3.0/24\n"
	"ip route add prohibit 10.9.4.0/24\n"
	"ip route add blackhole 10.9.5.0/24\n"
	"ip route add 10.9.6.0/24 encap ip id 1 dst 10.0.2.9 via 10.0.2.2\n"
	"ip route add 10.9.7.0/24 via 10.0.1.2\n"
	"ip route add fd09:1::/64 via fd00:2::2\n"
	"ip route add fd09:2::/64 via fd00:2::2 mtu lock 1300\n"
	"ip route add unreachable fd09:3::/64\n"
	"ip route add 10.8.1.0/24 via 10.0.2.2 table 100\n"
	"ip route add unreachable default table 101\n";

#define HOST(n)	((const uint8_t[]) { 2, 0, 0, 0, 1, n })
#define NODE(n)	((const uint8_t[]) { 2, 0, 0, 0, 0, n })
#define GROUP4	((const uint8_t[]) { 1, 0, 0x5e, 0, 0, 5 })
#define BROADCAST	((const uint8_t[]) { 255, 255, 255, 255, 255, 255 })

#define TO_NODE	.to = NODE(1), .from = HOST(1)
#define SENT(n)	.to = HOST(n), .from = NODE(n), .ttl = 63
#define IP(there)	.src = "10.0.1.2", .dst = there
#define IPV6(there)	.src = "fd00:1::2", .dst = there
#define VLAN(id)	.tpid = ETH_P_8021Q, .tci = id

#define FORWARDED(name_, in_, out_) \
	{ .name = name_, .in = { TO_NODE, in_ }, .out = { out_ }, \
	  .verdict = XDP_REDIRECT, .counter = SLUICE_XDP_FORWARDED }
#define PASSED_TO(to_, name_, why, ...) \
	{ .name = name_, .in = { .to = to_, .from = HOST(1), __VA_ARGS__ }, \
	  .verdict = XDP_PASS, .counter = SLUICE_XDP_##why }
#define PASSED(...)	PASSED_TO(NODE(1), __VA_ARGS__)
#define ALL(...)	__VA_ARGS__

static const struct fixture fixtures[] = {
	/* What is forwarded */
	FORWARDED("IPv4", IP("10.0.2.2"), ALL(SENT(2), IP("10.0.2.2"))),
	FORWARDED("IPv6", IPV6("fd00:2::2"), ALL(SENT(2), IPV6("fd00:2::2"))),
	FORWARDED("IPv4 by a gateway", IP("10.9.1.77"),
		  ALL(SENT(2), IP("10.9.1.77"))),
	FORWARDED("IPv6 by a gateway", IPV6("fd09:1::77"),
		  ALL(SENT(2), IPV6("fd09:1::77"))),
	FORWARDED("TCP", ALL(IP("10.0.2.2"), .proto = 6),
		  ALL(SENT(2), IP("10.0.2.2"), .proto = 6)),
	FORWARDED("ICMP, which has no ports",
		  ALL(IP("10.0.2.2"), .proto = 1, .payload = 3),
		  ALL(SENT(2), IP("10.0.2.2"), .proto = 1, .payload = 3)),
	FORWARDED("ICMPv6, before neighbour discovery",
		  ALL(IPV6("fd00:2::2"), .proto = 58, .first = 132),
		  ALL(SENT(2), IPV6("fd00:2::2"), .proto = 58, .first = 132)),
	FORWARDED("ICMPv6, behind neighbour discovery",
		  ALL(IPV6("fd00:2::2"), .proto = 58, .first = 138),
		  ALL(SENT(2), IPV6("fd00:2::2"), .proto = 58, .first = 138)),
	FORWARDED("padding stays", ALL(IP("10.0.2.2"), .payload = 8,
				       .padding = 18),
		  ALL(SENT(2), IP("10.0.2.2"), .payload = 8, .padding = 18)),
	FORWARDED("one hop more", ALL(IP("10.0.2.2"), .ttl = 2),
		  ALL(.to = HOST(2), .from = NODE(2), IP("10.0.2.2"), .ttl = 1)),
	FORWARDED("one hop more of IPv6", ALL(IPV6("fd00:2::2"), .ttl = 2),
		  ALL(.to = HOST(2), .from = NODE(2), IPV6("fd00:2::2"),
		      .ttl = 1)),
	FORWARDED("not to be fragmented, and it fits",
		  ALL(IP("10.0.2.2"), .fragment = 0x4000),
		  ALL(SENT(2), IP("10.0.2.2"), .fragment = 0x4000)),
	FORWARDED("jumbo", ALL(IP("10.0.2.2"), .payload = 8900),
		  ALL(SENT(2), IP("10.0.2.2"), .payload = 8900)),
	FORWARDED("jumbo of IPv6", ALL(IPV6("fd00:2::2"), .payload = 8900),
		  ALL(SENT(2), IPV6("fd00:2::2"), .payload = 8900)),
	FORWARDED("as long as the route's MTU",
		  ALL(IP("10.9.2.1"), .payload = 980),
		  ALL(SENT(2), IP("10.9.2.1"), .payload = 980)),

	/* VLANs */
	FORWARDED("a tag is taken off", ALL(VLAN(7), IP("10.0.2.2")),
		  ALL(SENT(2), IP("10.0.2.2"))),
	FORWARDED("and with it its priority", ALL(VLAN(0xa007), IP("10.0.2.2")),
		  ALL(SENT(2), IP("10.0.2.2"))),
	FORWARDED("a tag is put on", IP("10.0.4.2"),
		  ALL(SENT(4), VLAN(9), IP("10.0.4.2"))),
	FORWARDED("a tag is put on IPv6", IPV6("fd00:4::2"),
		  ALL(SENT(4), VLAN(9), IPV6("fd00:4::2"))),
	FORWARDED("one tag for another", ALL(VLAN(7), IP("10.0.4.2")),
		  ALL(SENT(4), VLAN(9), IP("10.0.4.2"))),
	FORWARDED("from a VLAN to its own device",
		  ALL(VLAN(7), .src = "10.0.3.2", .dst = "10.0.1.2"),
		  ALL(SENT(1), .src = "10.0.3.2", .dst = "10.0.1.2")),
	PASSED("no such VLAN", VLAN, VLAN(8), IP("10.0.2.2")),
	PASSED("a tag with a priority only", VLAN, VLAN(0xa000), IP("10.0.2.2")),
	PASSED("the VLAN of another protocol", VLAN, .tpid = ETH_P_8021AD,
	       .tci = 7, IP("10.0.2.2")),
	PASSED("two tags", PROTOCOL, VLAN(7), .ethertype = ETH_P_8021Q,
	       IP("10.0.2.2")),
	PASSED("nothing behind the tag", HEADER, VLAN(7), IP("10.0.2.2"),
	       .cut = 17),
	PASSED("back into the VLAN that it came from", RETURN, VLAN(7),
	       .src = "10.0.3.2", .dst = "10.0.3.2"),
	PASSED("a VLAN device that is gone", LOOKUP, VLAN(66),
	       IPV6("fd00:2::2")),

	/* Ethernet */
	PASSED_TO(NODE(9), "sent to another host", OTHER, IP("10.0.2.2")),
	PASSED_TO(GROUP4, "multicast", GROUP, IP("224.0.0.5")),
	PASSED_TO(BROADCAST, "broadcast", GROUP, IP("10.0.2.2")),
	PASSED("ARP", PROTOCOL, .ethertype = ETH_P_ARP, IP("10.0.2.2")),
	PASSED("no more than Ethernet", HEADER, IP("10.0.2.2"), .cut = 14),

	/* IPv4 */
	PASSED("IPv4 cut short", HEADER, IP("10.0.2.2"), .cut = 33),
	PASSED("IPv4 of another version", HEADER, IP("10.0.2.2"), .version = 5),
	PASSED("IPv4 shorter than it says", HEADER, IP("10.0.2.2"),
	       .longer = 1),
	PASSED("IPv4 shorter than its header", HEADER, IP("10.0.2.2"),
	       .longer = -65),
	PASSED("a wrong checksum", CHECKSUM, IP("10.0.2.2"),
	       .wrong_checksum = true),
	PASSED("options", OPTIONS, IP("10.0.2.2"), .options = 1),
	PASSED("a first fragment", FRAGMENT, IP("10.0.2.2"), .fragment = 0x2000),
	PASSED("a last fragment", FRAGMENT, IP("10.0.2.2"), .fragment = 185),
	PASSED("TTL 1", TTL, IP("10.0.2.2"), .ttl = 1),
	PASSED("TTL 0", TTL, IP("10.0.2.2"), .ttl = -1),
	PASSED("to a multicast address", ADDRESS, IP("224.0.0.5")),
	PASSED("to the broadcast address", ADDRESS, IP("255.255.255.255")),
	PASSED("to loopback", ADDRESS, IP("127.0.0.1")),
	PASSED("from loopback", ADDRESS, .src = "127.0.0.1", .dst = "10.0.2.2"),
	PASSED("from nobody", ADDRESS, .src = "0.0.0.0", .dst = "10.0.2.2"),
	PASSED("from a multicast address", ADDRESS, .src = "224.0.0.5",
	       .dst = "10.0.2.2"),
	PASSED("UDP without ports", HEADER, IP("10.0.2.2"), .payload = 3),
	PASSED("TCP without ports", HEADER, IP("10.0.2.2"), .proto = 6,
	       .payload = 3),
	PASSED("SCTP without ports", HEADER, IP("10.0.2.2"), .proto = 132,
	       .payload = 3),

	/* IPv6 */
	PASSED("IPv6 cut short", HEADER, IPV6("fd00:2::2"), .cut = 53),
	PASSED("IPv6 of another version", HEADER, IPV6("fd00:2::2"),
	       .version = 4),
	PASSED("IPv6 shorter than it says", HEADER, IPV6("fd00:2::2"),
	       .longer = 1),
	PASSED("hop-by-hop options", EXTENSION, IPV6("fd00:2::2"),
	       .proto = -1),
	PASSED("a routing header", EXTENSION, IPV6("fd00:2::2"), .proto = 43),
	PASSED("an authentication header", EXTENSION, IPV6("fd00:2::2"),
	       .proto = 51),
	PASSED("destination options", EXTENSION, IPV6("fd00:2::2"), .proto = 60),
	PASSED("a mobility header", EXTENSION, IPV6("fd00:2::2"), .proto = 135),
	PASSED("HIP", EXTENSION, IPV6("fd00:2::2"), .proto = 139),
	PASSED("Shim6", EXTENSION, IPV6("fd00:2::2"), .proto = 140),
	PASSED("a fragment of IPv6", FRAGMENT, IPV6("fd00:2::2"), .proto = 44),
	PASSED("ICMPv6 without a type", HEADER, IPV6("fd00:2::2"), .proto = 58,
	       .cut = 54),
	PASSED("a router solicitation", DISCOVERY, IPV6("fd00:2::2"),
	       .proto = 58, .first = 133),
	PASSED("a neighbour solicitation", DISCOVERY, IPV6("fd00:2::2"),
	       .proto = 58, .first = 135),
	PASSED("a redirect", DISCOVERY, IPV6("fd00:2::2"), .proto = 58,
	       .first = 137),
	PASSED("hop limit 1", TTL, IPV6("fd00:2::2"), .ttl = 1),
	PASSED("hop limit 0", TTL, IPV6("fd00:2::2"), .ttl = -1),
	PASSED("to a multicast address of IPv6", ADDRESS, IPV6("ff02::1")),
	PASSED("to an address of the link", ADDRESS, IPV6("fe80::1")),
	PASSED("from an address of the link", ADDRESS, .src = "fe80::1",
	       .dst = "fd00:2::2"),
	PASSED("to loopback of IPv6", ADDRESS, IPV6("::1")),
	PASSED("from nobody of IPv6", ADDRESS, .src = "::", .dst = "fd00:2::2"),
	PASSED("UDP over IPv6 without ports", HEADER, IPV6("fd00:2::2"),
	       .payload = 3),

	/* Routes and neighbours */
	PASSED("to the node", LOCAL, IP("10.0.1.1")),
	PASSED("to the node's other address", LOCAL, IP("10.0.2.1")),
	PASSED("to the node over IPv6", LOCAL, IPV6("fd00:2::1")),
	PASSED("to a subnet's broadcast address", LOCAL, IP("10.0.2.255")),
	PASSED("nowhere", LOCAL, IP("203.0.113.1")),
	PASSED("nowhere over IPv6", LOCAL, IPV6("2001:db8::1")),
	PASSED("unreachable", UNREACHABLE, IP("10.9.3.1")),
	PASSED("prohibited", UNREACHABLE, IP("10.9.4.1")),
	PASSED("a black hole", UNREACHABLE, IP("10.9.5.1")),
	PASSED("unreachable over IPv6", UNREACHABLE, IPV6("fd09:3::1")),
	PASSED("a neighbour that is not known", NEIGHBOUR, IP("10.0.2.99")),
	PASSED("one of IPv6 that is not known", NEIGHBOUR, IPV6("fd00:2::99")),
	PASSED("longer than the route's MTU, which is locked", MTU, IP("10.9.2.1"),
	       .payload = 981),
	PASSED("longer than the device's MTU", MTU, IP("10.0.2.2"),
	       .payload = 8981),
	PASSED("longer than the route's MTU over IPv6", MTU, IPV6("fd09:2::1"),
	       .payload = 1261),
	PASSED("a tunnel", TUNNEL, IP("10.9.6.1")),
	PASSED("back by the device that it came in by", RETURN, IP("10.9.7.1")),
	PASSED("out by a device that is not attached", PORT, IP("10.0.5.2")),
	{ .name = "forwarding is off",
	  .before = "sysctl -qw net.ipv4.conf.in.forwarding=0",
	  .after = "sysctl -qw net.ipv4.conf.in.forwarding=1",
	  .in = { TO_NODE, IP("10.0.2.2") },
	  .verdict = XDP_PASS, .counter = SLUICE_XDP_OFF },
	{ .name = "forwarding of IPv6 is off",
	  .before = "sysctl -qw net.ipv6.conf.in.forwarding=0",
	  .after = "sysctl -qw net.ipv6.conf.in.forwarding=1",
	  .in = { TO_NODE, IPV6("fd00:2::2") },
	  .verdict = XDP_PASS, .counter = SLUICE_XDP_OFF },
	{ .name = "a rule for ports is heeded",
	  .before = "ip rule add dport 3605 ipproto udp lookup 101",
	  .after = "ip rule del dport 3605 ipproto udp lookup 101",
	  .in = { TO_NODE, IP("10.0.2.2") },
	  .verdict = XDP_PASS, .counter = SLUICE_XDP_UNREACHABLE },
	{ .name = "a rule for the device is heeded",
	  .before = "ip rule add iif vin lookup 100",
	  .after = "ip rule del iif vin lookup 100",
	  .in = { TO_NODE, VLAN(7), IP("10.8.1.1") },
	  .out = { SENT(2), IP("10.8.1.1") },
	  .verdict = XDP_REDIRECT, .counter = SLUICE_XDP_FORWARDED },
};

#define FROM(from_, ...) \
	.src = from_, .dst = "10.0.2.2", __VA_ARGS__
#define FORWARDED_FROM(name_, from_) \
	FORWARDED(name_, FROM(from_), ALL(SENT(2), FROM(from_)))

/* Of senders, at a device with rp_filter off, 1 and 2 */
static const struct fixture any_source[] = {
	FORWARDED_FROM("a sender of this device", "10.0.1.2"),
	FORWARDED_FROM("the same once more", "10.0.1.2"),
	FORWARDED_FROM("a sender of another device", "10.0.4.7"),
	PASSED("from the node's address", SOURCE, FROM("10.0.1.1")),
	PASSED("from the node's other address", SOURCE, FROM("10.0.2.1")),
	PASSED("from a subnet's broadcast address", SOURCE, FROM("10.0.1.255")),
	PASSED("from nowhere", SOURCE, FROM("203.0.113.1")),
	PASSED("in a VLAN that asks for more, by whom is known here", SOURCE,
	       VLAN(11), FROM("10.0.1.2")),
	FORWARDED("in a VLAN that asks for more, by one of it",
		  ALL(VLAN(11), FROM("10.0.3.2")),
		  ALL(SENT(2), FROM("10.0.3.2"))),
	FORWARDED("IPv6 is not asked for", ALL(.src = "2001:db8::1",
					       .dst = "fd00:2::2"),
		  ALL(SENT(2), .src = "2001:db8::1", .dst = "fd00:2::2")),
};

static const struct fixture strict_source[] = {
	FORWARDED_FROM("a sender of this device", "10.0.1.2"),
	FORWARDED_FROM("one whose neighbour is not known", "10.0.1.99"),
	FORWARDED_FROM("one that is routed by this device", "10.9.7.9"),
	PASSED("a sender of another device", SOURCE, FROM("10.0.4.7")),
	PASSED("one that is unreachable", SOURCE, FROM("10.9.3.1")),
	PASSED("from the node's address", SOURCE, FROM("10.0.1.1")),
};

static const struct fixture loose_source[] = {
	FORWARDED_FROM("a sender of this device", "10.0.1.2"),
	FORWARDED_FROM("a sender of another device", "10.0.4.7"),
	PASSED("one that is unreachable", SOURCE, FROM("10.9.3.1")),
	PASSED("from nowhere", SOURCE, FROM("203.0.113.1")),
	PASSED("from the node's address", SOURCE, FROM("10.0.1.1")),
};

/**
 * struct suite - fixtures for a program that is told the same
 * @name: of it
 * @source: what is asked of senders at the device
 * @fixtures: those
 * @count: how many
 */
static const struct suite {
	const char *name;
	enum sluice_xdp_source source;
	const struct fixture *fixtures;
	size_t count;
} suites[] = {
	{ "the router", SLUICE_XDP_SOURCE_REMOTE, fixtures,
	  ARRAY_SIZE(fixtures) },
	{ "senders, rp_filter off", SLUICE_XDP_SOURCE_REMOTE, any_source,
	  ARRAY_SIZE(any_source) },
	{ "senders, rp_filter 1", SLUICE_XDP_SOURCE_STRICT, strict_source,
	  ARRAY_SIZE(strict_source) },
	{ "senders, rp_filter 2", SLUICE_XDP_SOURCE_LOOSE, loose_source,
	  ARRAY_SIZE(loose_source) },
};

/* The loader's part: what is attached, and which VLANs are where. */
static void add_way(struct xdp_router *router, __u32 ifindex,
		    const struct sluice_xdp_tag *way)
{
	bpf_map__update_elem(router->maps.sluice_ways, &ifindex,
			     sizeof(ifindex), way, sizeof(*way), 0);
}

static void add_port(struct xdp_router *router, const char *name)
{
	struct sluice_xdp_tag way = { .ifindex = bench_ifindex(name) };

	add_way(router, way.ifindex, &way);
}

static void add_vlan(struct xdp_router *router, const char *lower, __u16 vid,
		     __u32 ifindex, enum sluice_xdp_source source)
{
	struct sluice_xdp_upper upper = { .ifindex = ifindex, .source = source };
	struct sluice_xdp_tag tag = {
		.ifindex = bench_ifindex(lower),
		.proto = htons(ETH_P_8021Q),
		.vid = vid,
	};

	bpf_map__update_elem(router->maps.sluice_vlans, &tag, sizeof(tag),
			     &upper, sizeof(upper), 0);
	add_way(router, ifindex, &tag);
}

static void add_vlans(struct xdp_router *router)
{
	__u32 vin = bench_ifindex("vin"), vout = bench_ifindex("vout");

	add_vlan(router, "in", 7, vin, SLUICE_XDP_SOURCE_REMOTE);
	add_vlan(router, "in", 11, vin, SLUICE_XDP_SOURCE_STRICT);
	add_vlan(router, "out", 9, vout, SLUICE_XDP_SOURCE_REMOTE);
	add_vlan(router, "in", 66, 0x7fffffff, SLUICE_XDP_SOURCE_REMOTE);
}

static struct xdp_router *load(struct bench *bench,
			       enum sluice_xdp_source source)
{
	struct xdp_router *router = xdp_router__open();

	bench->ifindex = bench_ifindex("in");
	bench_address("in", router->rodata->own_address);
	router->rodata->own_source = source;
	if (bench_load(bench, router->obj, SLUICE_XDP_ROUTER)) {
		xdp_router__destroy(router);
		return NULL;
	}
	add_port(router, "in");
	add_port(router, "out");
	add_vlans(router);
	return router;
}

static void run_suite(const struct suite *suite)
{
	struct bench bench;
	struct xdp_router *router = load(&bench, suite->source);
	size_t i;

	tap(router, "%s: loaded", suite->name);
	if (!router)
		return;
	for (i = 0; i < suite->count; i++)
		fixture_run(&bench, &suite->fixtures[i]);
	bench_unload(&bench);
	xdp_router__destroy(router);
}

int main(void)
{
	const char *missing = bench_missing();
	size_t i;

	tap_begin();
	if (missing)
		tap_skip("the router", missing);
	else if (bench_shell(topology))
		tap(false, "the topology is made");
	else
		for (i = 0; i < ARRAY_SIZE(suites); i++)
			run_suite(&suites[i]);
	return tap_end();
}
