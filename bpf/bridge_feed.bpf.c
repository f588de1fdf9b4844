// SPDX-License-Identifier: GPL-2.0
/*
 * Where addresses are, as the machine's bridges have it that have programs. The
 * kernel's tracepoints tell, in the context that makes the change:
 *
 *	br_fdb_update	one is learned, or moves
 *	fdb_delete	one is forgotten, for whatever reason
 *	br_fdb_add	one is about to be added by hand
 *	br_fdb_external_learn_add	or by a driver
 *
 * What is added by hand may still be refused, and what it will be is not said:
 * from then on the address is in doubt, and left to the kernel, until it is
 * read from the kernel's table by the loader. That is how what was there before
 * comes here as well: sluice_feed_tell never replaces what was told since.
 *
 * Learning holds no lock, so what two processors tell may come here in another
 * order than it was done. Whoever moves twice in a moment is in doubt, too. One
 * that is forgotten while it is learned may stay here: it has been there a
 * moment ago, and the program forgets it as soon as the kernel would.
 *
 * The first two are called with softirqs off, the others with RTNL held: none
 * is missed, as it would be if it interrupted itself.
 *
 * Nothing but the file system that it is pinned in holds all this. A timer ends
 * with that, and by it programs see that they are not told any more.
 */
#include <linux/time.h>

#include "bridge_kernel.h"

/* Moments, in jiffies: between 0.1 and 1 second, and 100 times that. */
#define MOMENT	100
#define READING	(100 * MOMENT)

/* From one sign of life to the next, in nanoseconds */
#define BEAT	250000000

#define VLANS_MAX	4096

/* Bits of the flags of what is learned. */
enum {
	BR_FDB_LOCAL,
	BR_FDB_LOCKED = 8,
};

/* When the loader began to read the kernel's table. */
static __u64 reading_since;

static __always_inline bool is_within(__u64 since, __u64 span)
{
	return since && bpf_jiffies64() - since < span;
}

/* Bridges that have programs, or had. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_BRIDGES_MAX);
	__type(key, struct sluice_bridge);
	__type(value, __u32);
} sluice_bridges SEC(".maps");

/* Whether the bridge is one of those. */
static __always_inline bool
key_fill(struct sluice_fdb_key *key, const struct net_device *bridge, __u16 vid)
{
	key->bridge.netns = netns_of(bridge);
	key->bridge.ifindex = BPF_CORE_READ(bridge, ifindex);
	key->vid = vid;
	return bpf_map_lookup_elem(&sluice_bridges, &key->bridge);
}

/* What cannot be noted is better not known at all. */
static __always_inline void fdb_put(const struct sluice_fdb_key *key,
				    const struct sluice_fdb_entry *entry)
{
	if (bpf_map_update_elem(&sluice_fdb, key, entry, BPF_ANY))
		bpf_map_delete_elem(&sluice_fdb, key);
}

static __always_inline void fdb_doubt(const struct sluice_fdb_key *key)
{
	const struct sluice_fdb_entry entry = { .moved = bpf_jiffies64() };

	fdb_put(key, &entry);
}

/*
 * While the loader reads, what is gone leaves a mark, so that it does not come
 * back by what was read before.
 */
static __always_inline void fdb_forget(const struct sluice_fdb_key *key)
{
	const struct sluice_fdb_entry gone = { .flags = SLUICE_FDB_GONE };

	if (is_within(reading_since, READING))
		fdb_put(key, &gone);
	else
		bpf_map_delete_elem(&sluice_fdb, key);
}

static __always_inline const struct sluice_fdb_entry *
fdb_known(const struct sluice_fdb_key *key)
{
	const struct sluice_fdb_entry *known;

	known = bpf_map_lookup_elem(&sluice_fdb, key);
	return known && !(known->flags & SLUICE_FDB_GONE) ? known : NULL;
}

/* A static entry remains one when it moves. */
static __always_inline void fdb_learn(const struct sluice_fdb_key *key,
				      const struct net_bridge_port *port)
{
	const struct sluice_fdb_entry *known = fdb_known(key);
	struct sluice_fdb_entry entry = {
		.member.port = (__u64)port,
		.member.ifindex = BPF_CORE_READ(port, dev, ifindex),
		.seen = bpf_jiffies64(),
	};

	if (known && known->member.ifindex != entry.member.ifindex) {
		if (is_within(known->moved, MOMENT))
			entry.member.ifindex = 0;
		entry.moved = entry.seen;
	}
	if (known)
		entry.flags = known->flags;
	fdb_put(key, &entry);
}

static __always_inline bool is_locked(__u64 flags)
{
	return flags & (1UL << BR_FDB_LOCKED);
}

/* Arguments: the bridge, the port, the address, its VLAN, flags. */
SEC("raw_tp/br_fdb_update")
int sluice_feed_update(struct bpf_raw_tracepoint_args *ctx)
{
	const struct net_bridge *bridge = (const void *)ctx->args[0];
	struct sluice_fdb_key key = { 0 };

	if (!key_fill(&key, BPF_CORE_READ(bridge, dev), ctx->args[3]))
		return 0;
	bpf_probe_read_kernel(key.address, sizeof(key.address),
			      (const void *)ctx->args[2]);
	if (is_locked(ctx->args[4]))
		fdb_forget(&key);
	else
		fdb_learn(&key, (const void *)ctx->args[1]);
	return 0;
}

/* Arguments: the bridge, the entry. */
SEC("raw_tp/fdb_delete")
int sluice_feed_delete(struct bpf_raw_tracepoint_args *ctx)
{
	const struct net_bridge_fdb_entry *entry = (const void *)ctx->args[1];
	const struct net_bridge *bridge = (const void *)ctx->args[0];
	struct sluice_fdb_key key = { 0 };

	if (!key_fill(&key, BPF_CORE_READ(bridge, dev),
		      BPF_CORE_READ(entry, key.vlan_id)))
		return 0;
	BPF_CORE_READ_INTO(&key.address, entry, key.addr);
	fdb_forget(&key);
	return 0;
}

static long doubt_vlan(__u32 vid, void *arg)
{
	struct sluice_fdb_key *key = arg;

	key->vid = vid;
	if (bpf_map_lookup_elem(&sluice_fdb, key))
		fdb_doubt(key);
	return 0;
}

/* Without a VLAN, it may be added to all that the port has. */
static __always_inline void doubt_added(struct sluice_fdb_key *key)
{
	fdb_doubt(key);
	if (!key->vid)
		bpf_loop(VLANS_MAX, doubt_vlan, key, 0);
}

static __always_inline void added(const struct net_device *bridge,
				  const void *address, __u16 vid)
{
	struct sluice_fdb_key key = { 0 };

	if (!key_fill(&key, bridge, vid))
		return;
	bpf_probe_read_kernel(key.address, sizeof(key.address), address);
	doubt_added(&key);
}

/* Arguments: what is asked, the port or the bridge, the address, its VLAN. */
SEC("raw_tp/br_fdb_add")
int sluice_feed_add(struct bpf_raw_tracepoint_args *ctx)
{
	const struct net_device *bridge = (const void *)ctx->args[1];
	const struct net_bridge_port *port = port_of(bridge);

	if (port)
		bridge = BPF_CORE_READ(port, br, dev);
	added(bridge, (const void *)ctx->args[2], ctx->args[3]);
	return 0;
}

/* Arguments: the bridge, the port, the address, its VLAN. */
SEC("raw_tp/br_fdb_external_learn_add")
int sluice_feed_external(struct bpf_raw_tracepoint_args *ctx)
{
	const struct net_bridge *bridge = (const void *)ctx->args[0];

	added(BPF_CORE_READ(bridge, dev), (const void *)ctx->args[2],
	      ctx->args[3]);
	return 0;
}

/**
 * struct heart - beats as long as it is pinned
 * @timer: for the next beat
 */
struct heart {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct heart);
} sluice_heart SEC(".maps");

static int beat(void *map, __u32 *key, struct heart *heart)
{
	__u64 *pulse = pulse_of_feed();

	(void)map;
	(void)key;
	if (pulse)
		*pulse = bpf_jiffies64();
	bpf_timer_start(&heart->timer, BEAT, 0);
	return 0;
}

static __always_inline void heart_start(void)
{
	struct heart *heart;
	__u32 zero = 0;

	heart = bpf_map_lookup_elem(&sluice_heart, &zero);
	if (!heart || bpf_timer_init(&heart->timer, &sluice_heart,
				     CLOCK_MONOTONIC))
		return;
	bpf_timer_set_callback(&heart->timer, beat);
	bpf_timer_start(&heart->timer, 0, 0);
}

/*
 * The loader is about to read what the bridge knows. If the heart beats already
 * it goes on.
 */
SEC("syscall")
int sluice_feed_begin(struct sluice_bridge *bridge)
{
	struct sluice_bridge key = *bridge;
	__u32 yes = 1;

	reading_since = bpf_jiffies64();
	heart_start();
	return bpf_map_update_elem(&sluice_bridges, &key, &yes, BPF_ANY);
}

/*
 * What was told since, or is in doubt since a moment, counts more than what the
 * loader has read. Of what is learned the kernel is told at once when it was
 * heard last: as long as that is not known, the address is not forwarded to.
 */
SEC("syscall")
int sluice_feed_tell(struct sluice_fdb_told *told)
{
	struct sluice_fdb_entry entry = {
		.member.ifindex = told->ifindex,
		.flags = told->flags,
	};
	const struct sluice_fdb_entry *known;
	struct sluice_fdb_key key = told->key;

	known = bpf_map_lookup_elem(&sluice_fdb, &key);
	if (!known)
		bpf_map_update_elem(&sluice_fdb, &key, &entry, BPF_NOEXIST);
	else if (!known->member.ifindex && !(known->flags & SLUICE_FDB_GONE) &&
		 !is_within(known->moved, MOMENT))
		bpf_map_update_elem(&sluice_fdb, &key, &entry, BPF_EXIST);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
