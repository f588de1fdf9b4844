/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs of sockets and their loader agree on.
 */
#ifndef SLUICE_BPF_SOCKMAP_H
#define SLUICE_BPF_SOCKMAP_H

#include <linux/types.h>

/*
 * Why what a socket sends goes by TCP: counted once for each socket, which stays
 * with TCP from then on. A name, and the word that is shown.
 */
#define SLUICE_SOCKMAP_REASONS(X) \
	X(EXCLUDED,	"excluded")	/* by a filter */ \
	X(FULL,		"full")		/* as many as may have joined already */ \
	X(REFUSED,	"refused")	/* by the kernel, as TLS and MPTCP are; sockets
					 * of the kernel, or connected once more */ \
	X(ALONE,	"no-peer")	/* has joined */ \
	X(UNKNOWN,	"no-flow")	/* of the module between the two pods */ \
	X(POLICY,	"policy")	/* denies it */ \
	X(CHANGED,	"changed")	/* rules, and nobody has asked since; or the
					 * flow is gone */ \
	X(SENT,		"sent-by-tcp")	/* is something already */ \
	X(MEMORY,	"memory")	/* that its receiver, or TCP, may hold */ \
	X(STREAM,	"small-writes")	/* one after another, which TCP puts together */ \
	X(OUT_OF_BAND,	"out-of-band")	/* data */ \
	X(ZERO_COPY,	"zero-copy")	/* is asked for */ \
	X(CORK,		"cork")		/* TCP_CORK */ \
	X(ULP,		"ulp")		/* TLS, at either end */ \
	X(READS,	"reads")	/* its receiver as only TCP can: MSG_WAITALL,
					 * MSG_TRUNC, SO_RCVLOWAT */ \
	X(SPLICES,	"splice")	/* is what its receiver reads by */ \
	X(CLOSED,	"closed")	/* at either end */ \
	X(OFF,		"off")		/* the mode */

#define SLUICE_SOCKMAP_REASON(name, word)	SLUICE_SOCKMAP_##name,

enum sluice_sockmap_reason {
	SLUICE_SOCKMAP_REASONS(SLUICE_SOCKMAP_REASON)
	SLUICE_SOCKMAP_REASON_COUNT
};

/* Slots of the counters' map: these, and the reasons behind them */
enum sluice_sockmap_counter {
	SLUICE_SOCKMAP_JOINED,		/* sockets, since it was enabled */
	SLUICE_SOCKMAP_PAIRED,		/* that found their peer */
	SLUICE_SOCKMAP_MESSAGES,	/* given to a peer */
	SLUICE_SOCKMAP_BYTES,
	SLUICE_SOCKMAP_COUNTER_COUNT
};

#define SLUICE_SOCKMAP_SLOTS \
	(SLUICE_SOCKMAP_COUNTER_COUNT + SLUICE_SOCKMAP_REASON_COUNT)

/* By what a filter tells connections apart */
enum sluice_sockmap_kind {
	SLUICE_SOCKMAP_PREFIX,		/* either end's address */
	SLUICE_SOCKMAP_PORT,		/* either end's port, first to last */
	SLUICE_SOCKMAP_NETNS,		/* where the socket is, by its cookie */
	SLUICE_SOCKMAP_UID,		/* of who sends first, or of the peer's
					 * socket, first to last */
	SLUICE_SOCKMAP_GID,		/* of who sends first, likewise */
};

/**
 * struct sluice_sockmap_filter - what may join, or may not
 * @exclude: it may not; that counts more than any other filter
 * @kind: enum sluice_sockmap_kind
 * @bits: of the prefix, of 128
 * @reserved: 0
 * @address: of the prefix; IPv4's as ::ffff:a.b.c.d
 * @first: the least number, in host order
 * @last: the greatest
 */
struct sluice_sockmap_filter {
	__u8 exclude;
	__u8 kind;
	__u8 bits;
	__u8 reserved[5];
	__u32 address[4];
	__u64 first;
	__u64 last;
};

#define SLUICE_SOCKMAP_FILTERS_MAX	64

/**
 * struct sluice_sockmap_control - what programs are told while they run
 * @off: nothing is given to peers any more
 * @revision: of what the module allows
 * @habits: rises with what is found out of sockets that have joined
 */
struct sluice_sockmap_control {
	__u32 off;
	__u32 revision;
	__u32 habits;
};

/**
 * struct sluice_sockmap_settings - as it was enabled, for who looks later
 * @size: how many sockets may join
 * @memory: bytes that a receiver may hold unread
 * @filters: how many filters there are
 * @with_module: whether it gives to other pods, as far as the module allows it
 * @cgroup: path of the control group
 */
struct sluice_sockmap_settings {
	__u32 size;
	__u32 memory;
	__u32 filters;
	__u32 with_module;
	char cgroup[240];
};

/**
 * struct sluice_sockmap_end - one end of a connection, for both
 * @netns: cookie of its namespace
 * @sends: sequence number of the first byte that it sends
 * @receives: that of the first byte that it receives
 *
 * The other end has the same numbers the other way round, whatever is made of
 * addresses and ports in between. TCP chooses them so that nobody guesses them; who
 * has them chosen (TCP_REPAIR) does not join.
 */
struct sluice_sockmap_end {
	__u64 netns;
	__u32 sends;
	__u32 receives;
};

#endif /* SLUICE_BPF_SOCKMAP_H */
