// SPDX-License-Identifier: GPL-2.0
/*
 * What programs that look at sockets may call.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>

#include "kfunc.h"
#include "local_ask.h"

static bool is_asked_well(const struct bpf_sluice_sock *sock, u32 size)
{
	return size == sizeof(*sock) &&
	       (sock->family == AF_INET || sock->family == AF_INET6) &&
	       !sock->reserved && !sock->reserved2;
}

static void take_tuple(struct sluice_tuple *tuple,
		       const struct bpf_sluice_sock *sock)
{
	size_t size = sock->family == AF_INET ? sizeof(struct in_addr) :
						sizeof(struct in6_addr);

	*tuple = (struct sluice_tuple) {
		.family = sock->family,
		.proto = IPPROTO_TCP,
		.sport = sock->sport,
		.dport = sock->dport,
	};
	memcpy(&tuple->src, sock->src, size);
	memcpy(&tuple->dst, sock->dst, size);
}

/**
 * bpf_sluice_sock_ask() - whether what a socket sends may go past all doors
 * @sock: what is asked, and the answer
 * @sock__sz: its size
 *
 * Return: 0, or -EINVAL if something is asked that is not known; see
 * uapi/linux/sluice_bpf.h.
 */
__bpf_kfunc int bpf_sluice_sock_ask(struct bpf_sluice_sock *sock, u32 sock__sz)
{
	struct sluice_tuple tuple;
	u64 peer_netns = 0;

	if (!is_asked_well(sock, sock__sz)) {
		if (sock__sz >= sizeof(sock->error))
			sock->error = -EINVAL;
		return -EINVAL;
	}
	take_tuple(&tuple, sock);
	sock->result = sluice_local_ask(&tuple, sock->netns, &peer_netns);
	sock->peer_netns = peer_netns;
	sock->error = 0;
	return 0;
}

BTF_KFUNCS_START(sock_ids)
BTF_ID_FLAGS(func, bpf_sluice_sock_ask)
BTF_KFUNCS_END(sock_ids)

static const struct btf_kfunc_id_set sock_set = {
	.owner = THIS_MODULE,
	.set = &sock_ids,
};

/**
 * sluice_kfunc_sock_init() - have programs that trace find what they may call
 *
 * Return: 0 or -errno.
 */
int __init sluice_kfunc_sock_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_TRACING, &sock_set);
}
