// SPDX-License-Identifier: GPL-2.0
/*
 * Each branch of the bridge. A network namespace of the test's own, with two of
 * the kernel's bridges; hosts have sent something, so their addresses are known:
 *
 *	        the bridge is tried here
 *	                   |
 *	hosts 1, 5 ------ in --+-- out ------ host 2
 *	                      br0
 *	host 3, not attached: bare      far ------ host 4
 *	                                 |
 *	                              another
 *
 * With VLANs, where the kernel has them: 10 without a tag and 20 with one at
 * "in", 10 and 20 the other way round at "out", 30 only at "in".
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_ether.h>

#include "bridge.h"
#include "bridged.h"
#include "fixture.h"
#include "tap.h"
#include "xdp_bridge.skel.h"

/* What is read of the kernel holds for a jiffy. */
#define SETTLE	"\nsleep 0.03"

static const char topology[] =
	"sysctl -qw net.ipv6.conf.default.disable_ipv6=1\n"
	"ip link add br0 address 02:00:00:00:00:0a type bridge forward_delay 0\n"
	"ip link add another type bridge forward_delay 0\n"
	"n=1\n"
	"for d in in out bare far; do\n"
	"	ip link add $d address 02:00:00:00:00:0$n mtu 9000 type veth \\\n"
	"		peer name $d.end mtu 9000\n"
	"	ip link set $d master br0\n"
	"	ip link set $d up; ip link set $d.end up\n"
	"	n=$((n + 1))\n"
	"done\n"
	"ip link set far master another\n"
	"ip link set br0 up; ip link set another up\n"
	"sleep 0.2\n";

#define HOST(n)	((const uint8_t[]) { 2, 0, 0, 0, 1, n })
#define NODE(n)	((const uint8_t[]) { 2, 0, 0, 0, 0, n })
#define GROUP(n)	((const uint8_t[]) { 1, 0x80, 0xc2, 0, 0, n })
#define GROUP4	((const uint8_t[]) { 1, 0, 0x5e, 0, 0, 5 })
#define NOBODY	((const uint8_t[]) { 0, 0, 0, 0, 0, 0 })
#define BROADCAST	((const uint8_t[]) { 255, 255, 255, 255, 255, 255 })

#define IP	.src = "10.0.1.2", .dst = "10.0.1.3"
#define IPV6	.src = "fd00::2", .dst = "fd00::3"
#define VLAN(id)	.tpid = ETH_P_8021Q, .tci = id

#define FORWARDED(name_, ...) \
	{ .name = name_, \
	  .in = { .to = HOST(2), .from = HOST(1), __VA_ARGS__ }, \
	  .verdict = XDP_REDIRECT, .counter = SLUICE_XDP_FORWARDED }
#define PASSED(to_, from_, name_, why, ...) \
	{ .name = name_, .in = { .to = to_, .from = from_, __VA_ARGS__ }, \
	  .verdict = XDP_PASS, .counter = SLUICE_XDP_##why }
#define WHILE(before_, after_, name_, verdict_, why) \
	{ .name = name_, .before = before_ SETTLE, .after = after_ SETTLE, \
	  .in = { .to = HOST(2), .from = HOST(1), IP }, \
	  .verdict = XDP_##verdict_, .counter = SLUICE_XDP_##why }
#define STRANGE_WHILE(before_, after_, name_, verdict_, why) \
	{ .name = name_, .before = before_ SETTLE, .after = after_ SETTLE, \
	  .in = { .to = HOST(2), .from = HOST(99), IP }, \
	  .verdict = XDP_##verdict_, .counter = SLUICE_XDP_##why }

static const struct fixture fixtures[] = {
	FORWARDED("IPv4", IP),
	FORWARDED("IPv6", IPV6),
	FORWARDED("ARP to one host", IP, .ethertype = ETH_P_ARP),
	FORWARDED("any other protocol", IP, .ethertype = 0x88b5),
	FORWARDED("as long as the MTU", IP, .payload = 8980),
	FORWARDED("and a tag more", VLAN(7), IP, .payload = 8980),
	FORWARDED("TTL is none of it", IP, .ttl = 1),
	FORWARDED("a tag that no VLAN device takes", VLAN(7), IP),
	FORWARDED("two tags", VLAN(7), .ethertype = ETH_P_8021Q, IP),

	PASSED(HOST(2), HOST(1), "half a tag", HEADER, VLAN(7), IP, .cut = 16),
	PASSED(HOST(2), BROADCAST, "from all", ADDRESS, IP),
	PASSED(HOST(2), GROUP4, "from a group", ADDRESS, IP),
	PASSED(HOST(2), NOBODY, "from nobody", ADDRESS, IP),
	PASSED(HOST(2), HOST(99), "from one to be learned", STRANGER, IP),
	PASSED(HOST(2), NODE(1), "from the node's own address", STRANGER, IP),
	PASSED(HOST(2), HOST(3), "from one that was elsewhere", MOVED, IP),
	PASSED(HOST(2), HOST(4), "from one of another bridge", STRANGER, IP),
	PASSED(BROADCAST, HOST(1), "to all", BROADCAST, IP),
	PASSED(GROUP4, HOST(1), "to a group", GROUP, IP),
	PASSED(GROUP(0), HOST(1), "of a spanning tree", RESERVED, IP),
	PASSED(GROUP(15), HOST(1), "the last of the link's", RESERVED, IP),
	PASSED(GROUP(16), HOST(1), "the first that is not", GROUP, IP),
	PASSED(HOST(99), HOST(1), "to be flooded", UNKNOWN, IP),
	PASSED(HOST(4), HOST(1), "to one of another bridge", UNKNOWN, IP),
	PASSED(NODE(10), HOST(1), "to the bridge itself", LOCAL, IP),
	PASSED(NODE(2), HOST(1), "to a port's address", LOCAL, IP),
	PASSED(HOST(5), HOST(1), "back to where it came from", RETURN, IP),
	PASSED(HOST(3), HOST(1), "out by what is not attached", PORT, IP),
	PASSED(HOST(2), HOST(1), "longer than the MTU", MTU, IP,
	       .payload = 8981),

	WHILE("bridge link set dev out state 1", "bridge link set dev out state 3",
	      "the way out listens only", PASS, STATE),
	WHILE("bridge link set dev in state 2", "bridge link set dev in state 3",
	      "the way in learns only", PASS, STATE),
	WHILE("bridge link set dev in isolated on; bridge link set dev out isolated on",
	      "bridge link set dev in isolated off; bridge link set dev out isolated off",
	      "isolated from each other", PASS, ISOLATED),
	WHILE("bridge link set dev in isolated on",
	      "bridge link set dev in isolated off",
	      "only one is isolated", REDIRECT, FORWARDED),
	WHILE("bridge link set dev out neigh_suppress on",
	      "bridge link set dev out neigh_suppress off",
	      "the way out answers for neighbours", PASS, FEATURE),
	WHILE("ip link set in type bridge_slave proxy_arp on",
	      "ip link set in type bridge_slave proxy_arp off",
	      "the way in answers for neighbours", PASS, FEATURE),
	WHILE("bridge link set dev out backup_port bare",
	      "bridge link set dev out nobackup_port",
	      "the way out has another one", PASS, FEATURE),
	WHILE("ip link set br0 promisc on", "ip link set br0 promisc off",
	      "somebody listens at the bridge", PASS, FEATURE),
	WHILE("ip link set out mtu 1000", "ip link set out mtu 9000",
	      "it fits", REDIRECT, FORWARDED),
	STRANGE_WHILE("bridge link set dev in learning off",
		      "bridge link set dev in learning on",
		      "nobody is learned", REDIRECT, FORWARDED),
	STRANGE_WHILE("bridge link set dev in learning off locked on",
		      "bridge link set dev in learning on locked off",
		      "nobody is let in", PASS, STRANGER),
	WHILE("ip link set in nomaster", "ip link set in master br0",
	      "a port no more", PASS, OUTSIDE),
};

static const struct fixture unfed[] = {
	PASSED(HOST(2), HOST(1), "nobody tells where addresses are", FEED, IP),
};

static const struct fixture refreshed[] = {
	PASSED(HOST(2), HOST(1), "who sends is shown to the kernel",
	       REFRESH, IP),
	FORWARDED("and forwarded then", IP),
};

static const struct fixture aged[] = {
	PASSED(HOST(2), HOST(1), "who is silent is left to the kernel",
	       AGED, IP),
};

static const struct fixture doubted[] = {
	WHILE("bridge fdb replace 02:00:00:00:01:02 dev out master static",
	      ":", "what is added by hand is in doubt", PASS, UNKNOWN),
};

static const struct fixture at_two_places[] = {
	PASSED(HOST(7), HOST(1), "who is at two places is left to the kernel",
	       UNKNOWN, IP),
};

static const struct fixture read_again[] = {
	PASSED(HOST(2), HOST(1), "until it is read, and its port known",
	       AGED, IP),
};

#define HOST_AT(device_, n)	{ device_, { .to = BROADCAST, .from = HOST(n), IP } }
#define HOST_OF(device_, n, vid) \
	{ device_, { .to = BROADCAST, .from = HOST(n), VLAN(vid), IP } }

static const struct sent hosts[] = {
	HOST_AT("in", 1), HOST_AT("in", 5), HOST_AT("out", 2),
	HOST_AT("bare", 3), HOST_AT("far", 4),
};

static const struct sent flapping[] = {
	HOST_AT("in", 7), HOST_AT("out", 7), HOST_AT("in", 7),
};

static const char vlans[] =
	"ip link set br0 type bridge vlan_filtering 1\n"
	"for v in 10 20; do\n"
	"	bridge vlan add vid $v dev in; bridge vlan add vid $v dev out\n"
	"done\n"
	"bridge vlan del vid 1 dev in; bridge vlan del vid 1 dev out\n"
	"bridge vlan add vid 10 pvid untagged dev in\n"
	"bridge vlan add vid 20 pvid untagged dev out\n"
	"bridge vlan add vid 30 dev in\n";

static const struct sent vlan_hosts[] = {
	HOST_AT("in", 1), HOST_OF("in", 1, 20), HOST_OF("in", 1, 30),
	HOST_OF("out", 2, 10), HOST_AT("out", 2),
};

#define TO_2	.to = HOST(2), .from = HOST(1), IP

static const struct fixture vlan_fixtures[] = {
	{ .name = "VLAN: a tag is put on", .in = { TO_2 },
	  .out = { VLAN(10), TO_2 },
	  .verdict = XDP_REDIRECT, .counter = SLUICE_XDP_FORWARDED },
	{ .name = "VLAN: a tag is taken off", .in = { VLAN(20), TO_2 },
	  .out = { TO_2 },
	  .verdict = XDP_REDIRECT, .counter = SLUICE_XDP_FORWARDED },
	{ .name = "VLAN: a tag stays, as it is",
	  .before = "bridge vlan add vid 20 dev out" SETTLE,
	  .after = "bridge vlan add vid 20 pvid untagged dev out" SETTLE,
	  .in = { VLAN(0xa014), TO_2 },
	  .verdict = XDP_REDIRECT, .counter = SLUICE_XDP_FORWARDED },
	{ .name = "VLAN: neither has a tag",
	  .before = "bridge vlan add vid 10 untagged dev out" SETTLE,
	  .after = "bridge vlan add vid 10 dev out" SETTLE,
	  .in = { TO_2 },
	  .verdict = XDP_REDIRECT, .counter = SLUICE_XDP_FORWARDED },
	PASSED(HOST(2), HOST(1), "VLAN: the way in is no member", MEMBER,
	       VLAN(40), IP),
	PASSED(HOST(2), HOST(1), "VLAN: another has not learned it", UNKNOWN,
	       VLAN(30), IP),
	PASSED(HOST(2), HOST(1), "VLAN: a priority only", VLAN, VLAN(0xa000),
	       IP),
	PASSED(HOST(2), HOST(1), "VLAN: another protocol", VLAN,
	       .tpid = ETH_P_8021AD, .tci = 20, IP),
	WHILE("bridge vlan set vid 10 dev out state 4", "bridge vlan set vid 10 dev out state 3",
	      "VLAN: blocked at the way out", PASS, MEMBER),
	WHILE("bridge vlan del vid 10 dev in", "bridge vlan add vid 10 pvid untagged dev in",
	      "VLAN: none for frames without a tag", PASS, VLAN),
};

/**
 * struct trial - what is tried
 * @bench: where
 * @feed: of addresses
 * @bridge: the program
 */
struct trial {
	struct bench bench;
	struct bridge_feed *feed;
	struct xdp_bridge *bridge;
};

static struct sluice_fdb_key key_of(const uint8_t *address, __u16 vid)
{
	struct sluice_fdb_key key = {
		.bridge = { bridged_netns(), bench_ifindex("br0") },
		.vid = vid,
	};

	memcpy(key.address, address, ETH_ALEN);
	return key;
}

static void tell(const struct trial *trial, const uint8_t *address,
		 const char *port, __u32 flags)
{
	struct sluice_fdb_told told = {
		.key = key_of(address, 0),
		.ifindex = bench_ifindex(port),
		.flags = flags,
	};

	bridged_run(bpf_program__fd(trial->feed->progs.sluice_feed_tell), &told,
		    sizeof(told));
}

/* The node's addresses were there before the feed. */
static void tell_own(const struct trial *trial)
{
	const __u32 flags = SLUICE_FDB_LOCAL | SLUICE_FDB_STATIC;

	tell(trial, NODE(1), "in", flags);
	tell(trial, NODE(2), "out", flags);
	tell(trial, NODE(10), "br0", flags);
}

static void run_table(const struct trial *trial,
		      const struct fixture *table, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		fixture_run(&trial->bench, &table[i]);
}

static void set_seen(const struct trial *trial, const uint8_t *address,
		     __u64 seen)
{
	struct sluice_fdb_key key = key_of(address, 0);
	struct sluice_fdb_entry entry;
	int map = bpf_map__fd(trial->feed->maps.sluice_fdb);

	if (bpf_map_lookup_elem(map, &key, &entry))
		printf("# the address is not known\n");
	entry.seen = seen;
	bpf_map_update_elem(map, &key, &entry, BPF_EXIST);
}

static void run_ageing(const struct trial *trial)
{
	bridged_send(hosts, ARRAY_SIZE(hosts));
	set_seen(trial, HOST(1), 1);
	run_table(trial, refreshed, ARRAY_SIZE(refreshed));
	set_seen(trial, HOST(2), 1);
	run_table(trial, aged, ARRAY_SIZE(aged));
}

static void run_flapping(const struct trial *trial)
{
	bridged_send(flapping, ARRAY_SIZE(flapping));
	run_table(trial, at_two_places, ARRAY_SIZE(at_two_places));
}

static void run_static(const struct trial *trial)
{
	run_table(trial, doubted, ARRAY_SIZE(doubted));
	sleep(1);
	tell(trial, HOST(2), "out", SLUICE_FDB_STATIC);
	run_table(trial, read_again, ARRAY_SIZE(read_again));
}

static void run_vlans(const struct trial *trial)
{
	if (bench_shell("ip link set br0 type bridge vlan_filtering 1 2>/dev/null")) {
		tap_skip("VLANs", "a kernel whose bridges have VLANs");
		return;
	}
	bench_shell(vlans);
	bridged_send(vlan_hosts, ARRAY_SIZE(vlan_hosts));
	run_table(trial, vlan_fixtures, ARRAY_SIZE(vlan_fixtures));
}

static bool load(struct trial *trial)
{
	trial->bench.ifindex = bench_ifindex("in");
	trial->feed = bridged_feed();
	if (!trial->feed)
		return false;
	trial->bridge = xdp_bridge__open();
	if (!trial->bridge)
		return false;
	trial->bridge->rodata->own_netns = bridged_netns();
	return bridged_load(&trial->bench, trial->feed, trial->bridge->obj);
}

static void run_all(void)
{
	struct trial trial = { 0 };
	bool loaded = load(&trial);

	tap(loaded, "the bridge and its feed are loaded");
	if (loaded) {
		run_table(&trial, unfed, ARRAY_SIZE(unfed));
		bridged_begin(trial.feed);
		tell_own(&trial);
		bridged_send(hosts, ARRAY_SIZE(hosts));
		run_table(&trial, fixtures, ARRAY_SIZE(fixtures));
		run_ageing(&trial);
		run_flapping(&trial);
		run_static(&trial);
		run_vlans(&trial);
		bench_unload(&trial.bench);
	}
	xdp_bridge__destroy(trial.bridge);
	bridge_feed__destroy(trial.feed);
}

int main(void)
{
	const char *missing = bench_missing();

	tap_begin();
	if (missing)
		tap_skip("the bridge", missing);
	else if (bench_shell(topology))
		tap(false, "the topology is made");
	else
		run_all();
	return tap_end();
}
