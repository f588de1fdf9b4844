// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets of one node give each other what they send, past TCP.
 *
 *	sluice_join	sockops of a control group: sockets join once they are
 *			established, and say when they close
 *	sluice_verdict	sk_msg: give a message to the peer, or leave it to TCP
 *	sluice_send	ahead of sendmsg(2): what it is asked for, and whether the
 *			module allows it between two pods
 *	sluice_read, sluice_splice, sluice_ulp, sluice_disconnect
 *			what a socket does that only TCP can serve
 *	sluice_revise	the module's rules have changed
 *
 * The rules by which nothing is lost, and nothing overtakes:
 *
 * - What is given is the first that a socket sends, or behind what was given: TCP
 *   has sent nothing.
 * - What has been given to a peer is read ahead of what TCP has received. So a
 *   socket may go over to TCP at any moment, and never comes back: what TCP has
 *   still to deliver would be overtaken.
 * - A socket is taken out of the map when it closes, or when it sends by TCP and
 *   nobody has given it anything, nor will: what it had not read would be lost.
 * - A receiver holds at most so much unread; then its sender goes over to TCP,
 *   which has it wait.
 */
#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "kfunc.h"
#include "sock_kernel.h"
#include "sockmap.h"
#include "sockmap_filter.h"

#define E2BIG		7	/* of the kernel, when a map is full */
#define EINVAL		22

#define MESSAGE_COST	1024	/* bytes that a message takes beside its data */

/* Where the kernel tells of it: since when there is little */
extern const void tcp_memory_pressure __ksym __weak;

/* Set by the loader */
const volatile __u32 filter_count;
const volatile __u32 memory_max;
const volatile bool with_module;
const volatile bool watched;

#define ASK_AGAIN	1000000000ULL	/* nanoseconds */

#define PATIENCE	500	/* look-ups, some 20 nanoseconds each */

/* So many writes without a read are a stream, and so large ones are worth it. */
#define STREAM_MESSAGES	256
#define STREAM_SIZE	2048	/* bytes */

#define NO_REASON	SLUICE_SOCKMAP_REASON_COUNT

/* By whom what a socket sends is carried. It goes from one to the next only. */
enum carrier {
	UNDECIDED,
	PEER,
	TCP,
};

/* Whether an end is given anything. It goes from the first to one of the others. */
enum claim {
	FREE,
	CLAIMED,	/* by its peer, which gives */
	ABANDONED,	/* by its socket, which is to leave */
};

/**
 * struct state - what is known of a socket that has joined
 * @own: its end
 * @peer_netns: that of its peer's, as the module says, or the same
 * @sk: address of its struct sock, to look at only
 * @peer: that of its peer's
 * @carrier: enum carrier
 * @revision: of what the module allows, when its peer was looked at last
 * @habits: likewise, of what is known of sockets
 * @allowed: at which the module has allowed it last; 0: never
 * @denied: it has denied it since
 * @asked: when it was asked last, in nanoseconds
 * @leaves: its end is abandoned
 * @disconnects: it is not connected any more, but still there
 * @messages: given to the peer since that was seen to have read everything
 * @run: likewise, since its owner has read anything from it
 * @run_bytes: of those
 */
struct state {
	struct sluice_sockmap_end own;
	__u64 peer_netns;
	__u64 sk;
	__u64 peer;
	__u64 asked;
	__u32 carrier;
	__u32 revision;
	__u32 habits;
	__u32 allowed;
	__u32 messages;
	__u32 run;
	__u64 run_bytes;
	bool denied;
	bool leaves;
	bool disconnects;
};

/**
 * struct end - what its peer must know of a socket that has joined
 * @sk: address of its struct sock
 * @habits: bits of enum sluice_sockmap_reason
 * @claim: enum claim
 */
struct end {
	__u64 sk;
	__u64 habits;
	__u64 claim;
};

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 65536);
	__type(key, struct sluice_sockmap_end);
	__type(value, __u64);
} sluice_sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_sockmap_end);
	__type(value, struct end);
} sluice_ends SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct state);
} sluice_states SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sluice_sockmap_control);
} sluice_control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sluice_sockmap_settings);
} sluice_settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SLUICE_SOCKMAP_SLOTS);
	__type(key, __u32);
	__type(value, __u64);
} sluice_counters SEC(".maps");

/* -------------------------------------------------------------------- counting */

static __always_inline void count(__u32 slot, __u64 more)
{
	__u64 *counter = bpf_map_lookup_elem(&sluice_counters, &slot);

	if (counter)
		*counter += more;
}

static __always_inline void count_reason(enum sluice_sockmap_reason reason)
{
	count(SLUICE_SOCKMAP_COUNTER_COUNT + reason, 1);
}

static __always_inline struct sluice_sockmap_control *control(void)
{
	__u32 slot = 0;

	return bpf_map_lookup_elem(&sluice_control, &slot);
}

/* --------------------------------------------------------------------- joining */

static __always_inline void map_ipv4(__u32 *address, __u32 ipv4)
{
	address[0] = 0;
	address[1] = 0;
	address[2] = bpf_htonl(0xffff);
	address[3] = ipv4;
}

/*
 * A word of the context. The compiler would choose among addresses otherwise, which
 * the verifier does not take.
 */
#define word_of(field) ({ __u32 word_ = (field); barrier_var(word_); word_; })

/* IPv4's as sockets of IPv6 have it, so that either kind meets the other */
static __always_inline void take_addresses(struct subject *subject,
					   struct bpf_sock_ops *ctx)
{
	bool ipv4 = ctx->family == AF_INET;
	__u32 local = word_of(ctx->local_ip4);
	__u32 remote = word_of(ctx->remote_ip4);

	subject->local[0] = word_of(ctx->local_ip6[0]);
	subject->local[1] = word_of(ctx->local_ip6[1]);
	subject->local[2] = word_of(ctx->local_ip6[2]);
	subject->local[3] = word_of(ctx->local_ip6[3]);
	subject->remote[0] = word_of(ctx->remote_ip6[0]);
	subject->remote[1] = word_of(ctx->remote_ip6[1]);
	subject->remote[2] = word_of(ctx->remote_ip6[2]);
	subject->remote[3] = word_of(ctx->remote_ip6[3]);
	if (!ipv4)
		return;
	map_ipv4(subject->local, local);
	map_ipv4(subject->remote, remote);
}

static __always_inline bool may_join(struct bpf_sock_ops *ctx, __u64 netns)
{
	struct subject subject = {
		.netns = netns,
		.local_port = ctx->local_port,
		.remote_port = bpf_ntohl(ctx->remote_port),
	};

	if (!filter_count)
		return true;
	take_addresses(&subject, ctx);
	return is_chosen(&subject, filter_count, KINDS_OF_SOCKETS);
}

static __always_inline int add(struct bpf_sock_ops *ctx,
			       struct sluice_sockmap_end *own,
			       const struct end *end)
{
	int ret = bpf_map_update_elem(&sluice_ends, own, end, BPF_NOEXIST);

	if (ret)
		return ret;
	ret = bpf_sock_hash_update(ctx, &sluice_sockets, own, BPF_NOEXIST);
	if (ret)
		bpf_map_delete_elem(&sluice_ends, own);
	return ret;
}

/*
 * One of the kernel itself keeps its own things where the map does. The address comes
 * from memory: the verifier takes no arithmetic with what it knows to be a socket.
 */
static __always_inline bool is_joinable(const volatile struct state *state)
{
	__u64 address = state->sk;
	const struct tcp_sock *tp = (const struct tcp_sock *)address;
	const struct sock *sk = (const struct sock *)address;

	return !BPF_CORE_READ_BITFIELD_PROBED(tp, repair) &&
	       !BPF_CORE_READ_BITFIELD_PROBED(sk, sk_kern_sock);
}

static __always_inline void have_it_told(struct bpf_sock_ops *ctx)
{
	bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags |
				       BPF_SOCK_OPS_STATE_CB_FLAG |
				       BPF_SOCK_OPS_RTT_CB_FLAG);
}

/* @sk: that of @ctx, which is there */
static __always_inline void join_anew(struct bpf_sock_ops *ctx,
				      struct bpf_sock *sk, __u64 netns)
{
	struct end end = { .sk = (__u64)sk };
	struct state *state;
	int ret;

	state = bpf_sk_storage_get(&sluice_states, sk, NULL,
				   BPF_SK_STORAGE_GET_F_CREATE);
	if (!state)
		return;
	state->own.netns = netns;
	state->own.sends = ctx->snd_nxt;
	state->own.receives = ctx->rcv_nxt;
	state->sk = end.sk;
	ret = is_joinable(state) ? add(ctx, &state->own, &end) : -EINVAL;
	if (ret) {
		count_reason(ret == -E2BIG ? SLUICE_SOCKMAP_FULL :
					     SLUICE_SOCKMAP_REFUSED);
		bpf_sk_storage_delete(&sluice_states, sk);
		return;
	}
	count(SLUICE_SOCKMAP_JOINED, 1);
	have_it_told(ctx);
}

/* One that is known has been connected before, and has TCP since. */
static __always_inline void join(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	__u64 netns;

	if (!sk)
		return;
	netns = bpf_get_netns_cookie(ctx);
	if (!may_join(ctx, netns))
		count_reason(SLUICE_SOCKMAP_EXCLUDED);
	else if (bpf_sk_storage_get(&sluice_states, sk, NULL, 0))
		count_reason(SLUICE_SOCKMAP_REFUSED);
	else
		join_anew(ctx, sk, netns);
}

static __always_inline struct state *joined(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;

	return sk ? bpf_sk_storage_get(&sluice_states, sk, NULL, 0) : NULL;
}

/*
 * What it sends has been acknowledged, so it is TCP who carries it. With the map it
 * leaves what the map costs.
 */
static __always_inline void leave_if_abandoned(struct bpf_sock_ops *ctx)
{
	struct state *state = joined(ctx);

	if (state && state->carrier != TCP)
		return;
	if (state && state->leaves) {
		bpf_map_delete_elem(&sluice_sockets, &state->own);
		bpf_map_delete_elem(&sluice_ends, &state->own);
	}
	bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags &
				       ~BPF_SOCK_OPS_RTT_CB_FLAG);
}

/*
 * The kernel takes it out of the map when it goes. It need not go: one that is
 * disconnected can be connected to somebody else, who is not to be given what was
 * meant for the first, nor to read what that has sent.
 */
static __always_inline void leave(struct bpf_sock_ops *ctx)
{
	struct state *state = joined(ctx);

	if (!state)
		return;
	state->carrier = TCP;
	bpf_map_delete_elem(&sluice_ends, &state->own);
	if (state->disconnects)
		bpf_map_delete_elem(&sluice_sockets, &state->own);
}

SEC("sockops")
int sluice_join(struct bpf_sock_ops *ctx)
{
	switch (ctx->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		join(ctx);
		break;
	case BPF_SOCK_OPS_RTT_CB:
		leave_if_abandoned(ctx);
		break;
	case BPF_SOCK_OPS_STATE_CB:
		if (ctx->args[1] == BPF_TCP_CLOSE)
			leave(ctx);
		break;
	}
	return 1;
}

/* --------------------------------------------------------------------- sending */

/* In the namespace that is known by now */
static __always_inline struct sluice_sockmap_end
peer_of(const struct state *state)
{
	return (struct sluice_sockmap_end) {
		.netns = state->peer_netns,
		.sends = state->own.receives,
		.receives = state->own.sends,
	};
}

/* From now on, for good */
static __always_inline void leave_to_tcp(struct state *state,
					 enum sluice_sockmap_reason reason)
{
	struct end *own = bpf_map_lookup_elem(&sluice_ends, &state->own);

	if (own && __sync_val_compare_and_swap(&own->claim, FREE, ABANDONED) ==
		   FREE)
		state->leaves = true;
	if (__sync_lock_test_and_set(&state->carrier, TCP) != TCP)
		count_reason(reason);
}

static __always_inline enum sluice_sockmap_reason
check_habits(const struct end *peer)
{
	if (peer->habits & (1 << SLUICE_SOCKMAP_READS))
		return SLUICE_SOCKMAP_READS;
	if (peer->habits & (1 << SLUICE_SOCKMAP_SPLICES))
		return SLUICE_SOCKMAP_SPLICES;
	if (peer->habits & (1 << SLUICE_SOCKMAP_ULP))
		return SLUICE_SOCKMAP_ULP;
	return NO_REASON;
}

static __always_inline bool may_send(const struct end *peer)
{
	const struct sock *sk = (const struct sock *)peer->sk;
	__u64 who = bpf_get_current_uid_gid();
	struct subject subject = { .uid = (__u32)who, .gid = who >> 32 };

	if (!filter_count)
		return true;
	subject.peer_uid = BPF_CORE_READ(sk, sk_uid.val);
	return is_chosen(&subject, filter_count, KINDS_OF_SENDERS);
}

/* What it sends does not leave its namespace. */
static __always_inline bool is_by_loopback(const struct state *state)
{
	const struct sock *sk = (const struct sock *)state->sk;

	return BPF_CORE_READ(sk, sk_dst_cache, dev, flags) & IFF_LOOPBACK;
}

static long look_once(__u32 index, const struct sluice_sockmap_end *key)
{
	(void)index;
	return bpf_map_lookup_elem(&sluice_ends, key) != NULL;
}

/*
 * Its peer joins when it hears that the connection stands, which it may be about
 * to on another processor.
 */
static __always_inline struct end *await_peer(struct sluice_sockmap_end *key)
{
	bpf_loop(PATIENCE, look_once, key, 0);
	return bpf_map_lookup_elem(&sluice_ends, key);
}

/* In its own namespace, or in that of which the module has told */
static __always_inline struct end *find_peer(struct state *state)
{
	__u64 told = state->peer_netns;
	struct sluice_sockmap_end key;
	struct end *peer;

	state->peer_netns = state->own.netns;
	key = peer_of(state);
	peer = bpf_map_lookup_elem(&sluice_ends, &key);
	if (!peer && is_by_loopback(state))
		peer = await_peer(&key);
	if (peer || !state->allowed)
		return peer;
	state->peer_netns = told;
	key = peer_of(state);
	return await_peer(&key);
}

static __always_inline enum sluice_sockmap_reason
not_found(const struct state *state)
{
	if (state->denied)
		return SLUICE_SOCKMAP_POLICY;
	return state->allowed || is_by_loopback(state) ?
	       SLUICE_SOCKMAP_ALONE : SLUICE_SOCKMAP_UNKNOWN;
}

/* What the module has allowed it allows still. */
static __always_inline bool is_up_to_date(const struct state *state,
					  __u32 revision)
{
	return state->peer_netns == state->own.netns ||
	       state->allowed == revision;
}

static __always_inline enum sluice_sockmap_reason
changed(const struct state *state)
{
	return state->denied ? SLUICE_SOCKMAP_POLICY : SLUICE_SOCKMAP_CHANGED;
}

/* The peer is to be given what this one sends, unless that has just left. */
static __always_inline enum sluice_sockmap_reason
pair(struct state *state, struct end *peer)
{
	if (__sync_val_compare_and_swap(&peer->claim, FREE, CLAIMED) ==
	    ABANDONED)
		return SLUICE_SOCKMAP_ALONE;
	state->peer = peer->sk;
	if (__sync_val_compare_and_swap(&state->carrier, UNDECIDED, PEER) ==
	    UNDECIDED)
		count(SLUICE_SOCKMAP_PAIRED, 1);
	return NO_REASON;
}

static __always_inline enum sluice_sockmap_reason
look_for_peer(struct state *state, __u32 revision)
{
	struct end *peer = find_peer(state);
	enum sluice_sockmap_reason reason;

	if (!peer)
		return not_found(state);
	if (!is_up_to_date(state, revision))
		return changed(state);
	if (!may_send(peer))
		return SLUICE_SOCKMAP_EXCLUDED;
	reason = check_habits(peer);
	return reason == NO_REASON ? pair(state, peer) : reason;
}

static __always_inline enum sluice_sockmap_reason
look_at_peer(const struct state *state, __u32 revision)
{
	struct sluice_sockmap_end key = peer_of(state);
	const struct end *peer = bpf_map_lookup_elem(&sluice_ends, &key);

	if (!peer || peer->sk != state->peer)
		return SLUICE_SOCKMAP_CLOSED;
	if (!is_up_to_date(state, revision))
		return changed(state);
	return check_habits(peer);
}

static __always_inline bool is_corked(const struct state *state)
{
	const struct tcp_sock *tp = (const struct tcp_sock *)state->sk;

	return BPF_CORE_READ_BITFIELD_PROBED(tp, nonagle) & TCP_NAGLE_CORK;
}

/*
 * Not even an end. What was sent by who waited for the connection is not seen here:
 * it was not a socket of the map when that began.
 */
static __always_inline bool has_sent_by_tcp(const struct state *state)
{
	const struct tcp_sock *tp = (const struct tcp_sock *)state->sk;

	return BPF_CORE_READ(tp, write_seq) != state->own.sends;
}

/* Who has set a size of his own has it heeded. */
static __always_inline __u32 room_of(const struct sock *peer)
{
	__u32 own;

	if (!(BPF_CORE_READ_BITFIELD_PROBED(peer, sk_userlocks) &
	      SOCK_RCVBUF_LOCK))
		return memory_max;
	own = BPF_CORE_READ(peer, sk_rcvbuf);
	return own < memory_max ? own : memory_max;
}

/* What its receiver has not read yet, it knows itself. */
static __always_inline bool has_room(struct state *state, __u32 size)
{
	const struct sock *peer = (const struct sock *)state->peer;
	int unread = BPF_CORE_READ(peer, sk_backlog.rmem_alloc.counter);

	if (unread <= 0) {
		unread = 0;
		state->messages = 0;
	}
	state->messages++;
	return (__u64)unread + size + (__u64)state->messages * MESSAGE_COST <=
	       room_of(peer);
}

/* TCP has little memory left: it would have senders wait, where it can. */
static __always_inline bool is_pressed(void)
{
	unsigned long since = 0;

	if (&tcp_memory_pressure)
		bpf_probe_read_kernel(&since, sizeof(since),
				      &tcp_memory_pressure);
	return since;
}

/* Only TCP puts small writes together. sluice_read tells of reads. */
static __always_inline bool is_small_stream(struct state *state, __u32 size)
{
	if (!watched)
		return false;
	state->run++;
	state->run_bytes += size;
	return state->run > STREAM_MESSAGES &&
	       state->run_bytes < (__u64)state->run * STREAM_SIZE;
}

static __always_inline bool waits_for_more(const struct state *state)
{
	const struct sock *peer = (const struct sock *)state->peer;

	return BPF_CORE_READ(peer, sk_rcvlowat) > 1;
}

static __always_inline enum sluice_sockmap_reason
judge(struct state *state, __u32 size)
{
	const volatile struct sluice_sockmap_control *c = control();
	enum sluice_sockmap_reason reason = NO_REASON;
	__u32 revision, habits;

	if (!c || c->off)
		return SLUICE_SOCKMAP_OFF;
	revision = c->revision;
	habits = c->habits;
	if (has_sent_by_tcp(state))
		return SLUICE_SOCKMAP_SENT;
	if (state->carrier == UNDECIDED)
		reason = look_for_peer(state, revision);
	else if (state->revision != revision || state->habits != habits)
		reason = look_at_peer(state, revision);
	if (reason != NO_REASON)
		return reason;
	state->revision = revision;
	state->habits = habits;
	if (is_corked(state))
		return SLUICE_SOCKMAP_CORK;
	if (waits_for_more(state))
		return SLUICE_SOCKMAP_READS;
	if (is_small_stream(state, size))
		return SLUICE_SOCKMAP_STREAM;
	return has_room(state, size) && !is_pressed() ? NO_REASON :
							SLUICE_SOCKMAP_MEMORY;
}

static __always_inline bool give(struct sk_msg_md *msg,
				 const struct state *state)
{
	struct sluice_sockmap_end peer = peer_of(state);

	if (bpf_msg_redirect_hash(msg, &sluice_sockets, &peer,
				  BPF_F_INGRESS) != SK_PASS)
		return false;
	count(SLUICE_SOCKMAP_MESSAGES, 1);
	count(SLUICE_SOCKMAP_BYTES, msg->size);
	return true;
}

SEC("sk_msg")
int sluice_verdict(struct sk_msg_md *msg)
{
	enum sluice_sockmap_reason reason;
	struct bpf_sock *sk = msg->sk;
	struct state *state;

	if (!sk)
		return SK_PASS;
	state = bpf_sk_storage_get(&sluice_states, sk, NULL, 0);
	if (!state || state->carrier == TCP)
		return SK_PASS;
	reason = judge(state, msg->size);
	if (reason == NO_REASON && !give(msg, state))
		reason = SLUICE_SOCKMAP_CLOSED;
	if (reason != NO_REASON)
		leave_to_tcp(state, reason);
	return SK_PASS;
}

static __always_inline bool is_mapped(const __be32 *address)
{
	return !address[0] && !address[1] && address[2] == bpf_htonl(0xffff);
}

static __always_inline void take_ipv4(struct bpf_sluice_sock *sock, __be32 src,
				      __be32 dst)
{
	sock->family = AF_INET;
	sock->src[0] = src;
	sock->dst[0] = dst;
}

/* As its packets have it */
static __always_inline void take_tuple(struct bpf_sluice_sock *sock,
				       const struct sock *sk)
{
	const struct sock_common *c = &sk->__sk_common;

	sock->sport = bpf_htons(BPF_CORE_READ(c, skc_num));
	sock->dport = BPF_CORE_READ(c, skc_dport);
	if (BPF_CORE_READ(c, skc_family) == AF_INET) {
		take_ipv4(sock, BPF_CORE_READ(c, skc_rcv_saddr),
			  BPF_CORE_READ(c, skc_daddr));
		return;
	}
	BPF_CORE_READ_INTO(&sock->src, c, skc_v6_rcv_saddr.in6_u.u6_addr32);
	BPF_CORE_READ_INTO(&sock->dst, c, skc_v6_daddr.in6_u.u6_addr32);
	if (is_mapped(sock->dst))
		take_ipv4(sock, sock->src[3], sock->dst[3]);
	else
		sock->family = AF_INET6;
}

/* Once there is a peer, it has to be the same one's namespace. */
static __always_inline bool is_allowed(struct state *state,
				       const struct sock *sk)
{
	struct bpf_sluice_sock sock = { .netns = state->own.netns };

	take_tuple(&sock, sk);
	if (bpf_sluice_sock_ask(&sock, sizeof(sock)))
		return false;
	state->denied = sock.result == SLUICE_SOCK_DENIED;
	if (sock.result != SLUICE_SOCK_ALLOWED)
		return false;
	if (state->carrier == PEER)
		return state->peer_netns == sock.peer_netns;
	state->peer_netns = sock.peer_netns;
	return true;
}

static __always_inline bool stays_in_namespace(const struct state *state)
{
	return state->carrier == PEER ? state->peer_netns == state->own.netns :
					is_by_loopback(state);
}

/*
 * Have the module asked about another pod, by the revision that holds now and
 * often enough for its flow to be kept. sluice_verdict heeds it.
 */
static __always_inline void ask(struct state *state, const struct sock *sk)
{
	const volatile struct sluice_sockmap_control *c = control();
	__u32 revision;
	__u64 now;

	if (!with_module || !c || stays_in_namespace(state))
		return;
	revision = c->revision;
	now = bpf_ktime_get_ns();
	if (state->allowed == revision && now - state->asked < ASK_AGAIN)
		return;
	state->asked = now;
	if (is_allowed(state, sk))
		state->allowed = revision;
	else if (state->allowed == revision)
		leave_to_tcp(state, changed(state));
}

static __always_inline struct state *state_of(struct sock *sk)
{
	return bpf_sk_storage_get(&sluice_states, sk, NULL, 0);
}

SEC("fentry/tcp_bpf_sendmsg")
int sluice_send(const __u64 *ctx)
{
	struct sock *sk = (struct sock *)ctx[0];
	const struct msghdr *msg = (const struct msghdr *)ctx[1];
	struct state *state = state_of(sk);

	if (!state || state->carrier == TCP)
		return 0;
	if (msg->msg_flags & MSG_OOB)
		leave_to_tcp(state, SLUICE_SOCKMAP_OUT_OF_BAND);
	else if (msg->msg_flags & MSG_ZEROCOPY)
		leave_to_tcp(state, SLUICE_SOCKMAP_ZERO_COPY);
	else
		ask(state, sk);
	return 0;
}

/* --------------------------------------------------------- what only TCP can do */

static __always_inline void have_peers_looked_at(void)
{
	struct sluice_sockmap_control *c = control();

	if (c)
		__sync_fetch_and_add(&c->habits, 1);
}

static __always_inline void note(const struct state *state,
				 enum sluice_sockmap_reason habit)
{
	struct end *end;

	end = bpf_map_lookup_elem(&sluice_ends, &state->own);
	if (end && !(end->habits & (1 << habit))) {
		__sync_fetch_and_or(&end->habits, 1 << habit);
		have_peers_looked_at();
	}
}

SEC("fentry/tcp_bpf_recvmsg")
int sluice_read(const __u64 *ctx)
{
	struct state *state = state_of((struct sock *)ctx[0]);
	int flags = ctx[3];

	if (!state)
		return 0;
	state->run = 0;
	state->run_bytes = 0;
	if (flags & (MSG_WAITALL | MSG_TRUNC))
		note(state, SLUICE_SOCKMAP_READS);
	return 0;
}

/* On 6.1 sendfile(2) does not come by sendmsg(). */
SEC("fentry/tcp_bpf_sendpage")
int sluice_send_page(const __u64 *ctx)
{
	struct sock *sk = (struct sock *)ctx[0];
	struct state *state = state_of(sk);

	if (state && state->carrier != TCP)
		ask(state, sk);
	return 0;
}

SEC("fentry/tcp_disconnect")
int sluice_disconnect(const __u64 *ctx)
{
	struct state *state = state_of((struct sock *)ctx[0]);

	if (state)
		state->disconnects = true;
	return 0;
}

SEC("fentry/tcp_splice_read")
int sluice_splice(const __u64 *ctx)
{
	const struct socket *sock = (const struct socket *)ctx[0];
	struct state *state = state_of(sock->sk);

	if (state)
		note(state, SLUICE_SOCKMAP_SPLICES);
	return 0;
}

/* Its own data, and its peer's, are not what they look like from now on. */
SEC("fentry/tcp_set_ulp")
int sluice_ulp(const __u64 *ctx)
{
	struct state *state = state_of((struct sock *)ctx[0]);

	if (!state)
		return 0;
	note(state, SLUICE_SOCKMAP_ULP);
	leave_to_tcp(state, SLUICE_SOCKMAP_ULP);
	return 0;
}

/* -------------------------------------------------------------------- changes */

/* What was allowed may not be any more. */
SEC("raw_tp/sluice_change")
int sluice_revise(const void *ctx)
{
	struct sluice_sockmap_control *c = control();

	(void)ctx;
	if (c)
		__sync_fetch_and_add(&c->revision, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
