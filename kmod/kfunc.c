// SPDX-License-Identifier: GPL-2.0
/*
 * What XDP and tc programs may call.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/netfilter_bridge.h>
#include <linux/tcp.h>
#include <net/netdev_rx_queue.h>
#include <net/xdp.h>

#include "dev_port.h"
#include "frame.h"
#include "kfunc.h"
#include "net.h"

/**
 * DOC: What programs may call
 *
 * A program shows the frame that it has received and is told what to do with
 * it; see frame.c. It keeps its pointers into the frame: bytes are written where
 * they are, nothing is moved, and what would have to be is left to the stack.
 *
 * While a program that calls these is loaded the module cannot be removed.
 */

static bool is_asked_well(const struct bpf_sluice_opts *opts, u32 size)
{
	u8 reserved = 0;
	u32 i;

	if (size != sizeof(*opts))
		return false;
	for (i = 0; i < sizeof(opts->reserved); i++)
		reserved |= opts->reserved[i];
	return !reserved && !(opts->flags & ~SLUICE_XDP_BRIDGED);
}

/* As much as there is of a structure that has another size */
static int refuse(struct bpf_sluice_opts *opts, u32 size)
{
	if (size >= sizeof(opts->error))
		opts->error = -EINVAL;
	return -EINVAL;
}

static void tell(struct bpf_sluice_opts *opts,
		 const struct sluice_frame_answer *answer)
{
	opts->error = 0;
	opts->result = answer->result;
	opts->ifindex = answer->ifindex;
	opts->why = answer->why;
}

/* What programs show may be too short for anything. */
static void ask(struct bpf_sluice_opts *opts, struct sluice_frame *frame)
{
	struct sluice_net *sn = sluice_pernet(dev_net(frame->dev));
	struct sluice_frame_answer answer = { .result = SLUICE_XDP_MISS };
	struct sluice_device *device;

	frame->out = opts->ifindex;
	rcu_read_lock();
	device = sluice_port_device(frame->dev);
	if (opts->flags & SLUICE_XDP_BRIDGED)
		sluice_frame_bridge(sn, frame, device, &answer);
	else
		sluice_frame_forward(sn, frame, device, &answer);
	rcu_read_unlock();
	tell(opts, &answer);
}

/* What cannot even be looked at */
static void tell_miss(struct bpf_sluice_opts *opts, enum sluice_fallback why)
{
	const struct sluice_frame_answer answer = {
		.result = SLUICE_XDP_MISS, .why = why,
	};

	tell(opts, &answer);
}

/*
 * Generic XDP runs on packets, whose checksums may be left to a device, and
 * does not show them: it lends its programs a receive queue of the device
 * itself, drivers one of their own.
 */
static bool is_generic(const struct xdp_buff *xdp)
{
	const struct net_device *dev = xdp->rxq->dev;
	const void *rxq = xdp->rxq;

	return rxq >= (const void *)dev->_rx &&
	       rxq < (const void *)(dev->_rx + dev->num_rx_queues);
}

/**
 * bpf_sluice_xdp_forward() - what an XDP program is to do with a frame
 * @xdp_md: the program's context
 * @opts: what is asked, and the answer
 * @opts__sz: its size
 *
 * Return: 0, or -EINVAL if something is asked that is not known; see
 * uapi/linux/sluice_bpf.h.
 */
__bpf_kfunc int bpf_sluice_xdp_forward(struct xdp_md *xdp_md,
				       struct bpf_sluice_opts *opts,
				       u32 opts__sz)
{
	struct xdp_buff *xdp = (struct xdp_buff *)xdp_md;
	unsigned int linear = xdp->data_end - xdp->data;
	struct sluice_frame frame = {
		.dev = xdp->rxq->dev,
		.data = xdp->data + ETH_HLEN,
		.linear = linear - ETH_HLEN,
		.door = SLUICE_FLOW_DOOR_XDP,
		.generic = is_generic(xdp),
		.fragments = xdp_buff_has_frags(xdp),
	};

	if (!is_asked_well(opts, opts__sz))
		return refuse(opts, opts__sz);
	if (linear < ETH_HLEN) {
		tell_miss(opts, SLUICE_FALLBACK_HEADER);
		return 0;
	}
	frame.len = xdp_get_buff_len(xdp) - ETH_HLEN;
	frame.protocol = sluice_frame_ethernet(&frame)->h_proto;
	ask(opts, &frame);
	return 0;
}

/* All headers that may be rewritten, as far as there are any */
static bool is_writable(const struct sk_buff *skb)
{
	unsigned int headers = ETH_HLEN + sizeof(struct ipv6hdr) +
			       sizeof(struct tcphdr);

	return !skb_cloned(skb) ||
	       skb_clone_writable(skb, min(headers, skb_headlen(skb)));
}

/* Nothing has been done with it that the rest of the stack is to heed. */
static bool is_untouched(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_HOST && !skb->mark && !skb_dst(skb) &&
	       !nf_bridge_info_exists(skb) && !secpath_exists(skb) &&
	       !skb_is_redirected(skb) && !skb_vlan_tag_present(skb) &&
	       !skb->encapsulation &&
	       !(skb_is_gso(skb) && !skb_shinfo(skb)->gso_type);
}

/* Whether a packet may be looked at, and written, where it is */
static bool is_plain(const struct sk_buff *skb)
{
	return skb_at_tc_ingress(skb) && skb->mac_len == ETH_HLEN &&
	       skb_mac_header(skb) == skb->data &&
	       skb_headlen(skb) > ETH_HLEN && is_untouched(skb) &&
	       is_writable(skb);
}

/**
 * bpf_sluice_skb_forward() - what a tc program is to do with a received packet
 * @__sk_buff: the program's context, where its device receives
 * @opts: what is asked, and the answer
 * @opts__sz: its size
 *
 * As bpf_sluice_xdp_forward(). A packet that somebody else has, too, headers and
 * all, is left to the stack.
 *
 * Return: 0, or -EINVAL if something is asked that is not known.
 */
__bpf_kfunc int bpf_sluice_skb_forward(struct __sk_buff *__sk_buff,
				       struct bpf_sluice_opts *opts,
				       u32 opts__sz)
{
	struct sk_buff *skb = (struct sk_buff *)__sk_buff;
	struct sluice_frame frame = {
		.dev = skb->dev,
		.skb = skb,
		.data = skb->data + ETH_HLEN,
		.linear = skb_headlen(skb) - ETH_HLEN,
		.len = skb->len - ETH_HLEN,
		.protocol = skb->protocol,
		.door = SLUICE_FLOW_DOOR_TC,
		.partial = skb->ip_summed == CHECKSUM_PARTIAL,
	};

	if (!is_asked_well(opts, opts__sz))
		return refuse(opts, opts__sz);
	if (!is_plain(skb)) {
		tell_miss(opts, SLUICE_FALLBACK_FRAME);
		return 0;
	}
	ask(opts, &frame);
	if (opts->result == SLUICE_XDP_HIT &&
	    skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	return 0;
}

BTF_KFUNCS_START(xdp_ids)
BTF_ID_FLAGS(func, bpf_sluice_xdp_forward)
BTF_KFUNCS_END(xdp_ids)

BTF_KFUNCS_START(tc_ids)
BTF_ID_FLAGS(func, bpf_sluice_skb_forward)
BTF_KFUNCS_END(tc_ids)

static const struct btf_kfunc_id_set xdp_set = {
	.owner = THIS_MODULE,
	.set = &xdp_ids,
};

static const struct btf_kfunc_id_set tc_set = {
	.owner = THIS_MODULE,
	.set = &tc_ids,
};

/**
 * sluice_kfunc_init() - have programs find what they may call
 *
 * It goes with the module, and so does what programs know of it. A module whose
 * BTF does not fit the kernel's is as useful without.
 */
void __init sluice_kfunc_init(void)
{
	int err;

	err = register_btf_kfunc_id_set(BPF_PROG_TYPE_XDP, &xdp_set) ?:
	      register_btf_kfunc_id_set(BPF_PROG_TYPE_SCHED_CLS, &tc_set) ?:
	      sluice_kfunc_sock_init();
	if (err)
		pr_warn("sluice: BPF programs cannot ask: %d\n", err);
}
