/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's functions for programs. Weak, so that a program loads without the
 * module as well, if a constant leaves the call out.
 */
#ifndef SLUICE_BPF_KFUNC_H
#define SLUICE_BPF_KFUNC_H

#include <linux/bpf.h>
#include <linux/sluice_bpf.h>

#include <bpf/bpf_helpers.h>

extern int bpf_sluice_xdp_forward(struct xdp_md *ctx,
				  struct bpf_sluice_opts *opts,
				  __u32 opts__sz) __ksym __weak;
extern int bpf_sluice_sock_ask(struct bpf_sluice_sock *sock,
			       __u32 sock__sz) __ksym __weak;

#endif /* SLUICE_BPF_KFUNC_H */
