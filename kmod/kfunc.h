/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What BPF programs may call.
 */
#ifndef _SLUICE_KFUNC_H
#define _SLUICE_KFUNC_H

#include <linux/types.h>

struct __sk_buff;
struct bpf_sluice_opts;
struct bpf_sluice_sock;
struct xdp_md;

int bpf_sluice_xdp_forward(struct xdp_md *xdp_md, struct bpf_sluice_opts *opts,
			   u32 opts__sz);
int bpf_sluice_skb_forward(struct __sk_buff *__sk_buff,
			   struct bpf_sluice_opts *opts, u32 opts__sz);
int bpf_sluice_sock_ask(struct bpf_sluice_sock *sock, u32 sock__sz);

int sluice_kfunc_sock_init(void);

#ifdef CONFIG_DEBUG_INFO_BTF_MODULES
void sluice_kfunc_init(void);
#else
static inline void sluice_kfunc_init(void)
{
}
#endif

#endif
