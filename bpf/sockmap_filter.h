/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which sockets may give what they send to a peer.
 *
 * None that a filter excludes; and of each kind of filters that there are others
 * of, at least one must fit.
 */
#ifndef SLUICE_BPF_SOCKMAP_FILTER_H
#define SLUICE_BPF_SOCKMAP_FILTER_H

#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "sockmap.h"

#define AF_INET		2
#define AF_INET6	10

#define KIND(name)	(1U << SLUICE_SOCKMAP_##name)

/* What is known when a socket is established, and when it sends first */
#define KINDS_OF_SOCKETS	(KIND(PREFIX) | KIND(PORT) | KIND(NETNS))
#define KINDS_OF_SENDERS	(KIND(UID) | KIND(GID))

/**
 * struct subject - of whom it is asked
 * @local: its address
 * @remote: that of its peer, as it sees it
 * @netns: cookie of its namespace
 * @local_port: in host order
 * @remote_port: likewise
 * @uid: of who sends
 * @peer_uid: of the peer's socket
 * @gid: of who sends
 */
struct subject {
	__u32 local[4];
	__u32 remote[4];
	__u64 netns;
	__u32 local_port;
	__u32 remote_port;
	__u32 uid;
	__u32 peer_uid;
	__u32 gid;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLUICE_SOCKMAP_FILTERS_MAX);
	__type(key, __u32);
	__type(value, struct sluice_sockmap_filter);
} sluice_filters SEC(".maps");

/**
 * struct choice - what the filters say of a subject
 * @subject: of whom it is asked
 * @kinds: bits of those that are asked
 * @wanted: bits of those of which one must fit
 * @met: bits of those of which one does
 * @excluded: one fits that excludes it
 */
struct choice {
	const struct subject *subject;
	__u32 kinds;
	__u32 wanted;
	__u32 met;
	bool excluded;
};

static __always_inline bool is_within(const struct sluice_sockmap_filter *f,
				      __u64 number)
{
	return number >= f->first && number <= f->last;
}

/* All bits of the prefix of one word */
static __always_inline __u32 mask_of(__u32 bits, __u32 word)
{
	__u32 before = word * 32;

	if (bits <= before)
		return 0;
	if (bits >= before + 32)
		return ~0U;
	return bpf_htonl(~0U << (before + 32 - bits));
}

static __always_inline bool has_prefix(const struct sluice_sockmap_filter *f,
				       const __u32 *address)
{
	return !((address[0] ^ f->address[0]) & mask_of(f->bits, 0)) &&
	       !((address[1] ^ f->address[1]) & mask_of(f->bits, 1)) &&
	       !((address[2] ^ f->address[2]) & mask_of(f->bits, 2)) &&
	       !((address[3] ^ f->address[3]) & mask_of(f->bits, 3));
}

static __always_inline bool fits(const struct sluice_sockmap_filter *f,
				 const struct subject *subject)
{
	switch (f->kind) {
	case SLUICE_SOCKMAP_PREFIX:
		return has_prefix(f, subject->local) ||
		       has_prefix(f, subject->remote);
	case SLUICE_SOCKMAP_PORT:
		return is_within(f, subject->local_port) ||
		       is_within(f, subject->remote_port);
	case SLUICE_SOCKMAP_NETNS:
		return is_within(f, subject->netns);
	case SLUICE_SOCKMAP_UID:
		return is_within(f, subject->uid) ||
		       is_within(f, subject->peer_uid);
	case SLUICE_SOCKMAP_GID:
		return is_within(f, subject->gid);
	}
	return false;
}

static long consider(__u32 index, struct choice *choice)
{
	const struct sluice_sockmap_filter *f =
				bpf_map_lookup_elem(&sluice_filters, &index);
	__u32 kind;

	if (!f)
		return 1;
	kind = 1U << (f->kind & 31);
	if (!(kind & choice->kinds))
		return 0;
	if (f->exclude) {
		choice->excluded = fits(f, choice->subject);
		return choice->excluded;
	}
	choice->wanted |= kind;
	if (fits(f, choice->subject))
		choice->met |= kind;
	return 0;
}

static __always_inline bool is_chosen(const struct subject *subject,
				      __u32 count, __u32 kinds)
{
	struct choice choice = { .subject = subject, .kinds = kinds };

	bpf_loop(count, consider, &choice, 0);
	return !choice.excluded && choice.met == choice.wanted;
}

#endif /* SLUICE_BPF_SOCKMAP_FILTER_H */
