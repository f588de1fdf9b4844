// SPDX-License-Identifier: GPL-2.0
/*
 * The way out of the node, for frames that programs redirect.
 */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <net/arp.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/pkt_sched.h>
#include <net/route.h>

#include "tick.h"
#include "veth.h"
#include "watch.h"
#include "xmit.h"
#include "xmit_frame.h"

/**
 * DOC: Frames
 *
 * An XDP program redirects frames past taps, tc and queueing disciplines of both
 * devices. Where any of them has something to do, a frame goes by the stack; the
 * queueing discipline that the kernel gives a device by itself has not, and shapes
 * nothing. What tc redirects goes through all of the device that sends it, also if
 * that is a bridge, and taps of the other one have seen it.
 *
 * Nobody tells when a device would lose frames: a veth device whose other end
 * does not poll, a driver that is not set up for them. They are not given any.
 * Nor are frames made of what a pod's sockets send, as long as their checksums are
 * left to a device: in a frame nobody knows of that.
 */

/* Until the next tick: none, only such as have been packets, or all */
enum { KEEP = 1, REDIRECT_PACKETS, REDIRECT };

/* One that somebody has set has a handle; what sends by none has no queue. */
static bool is_own_queue(const struct Qdisc *qdisc)
{
	return qdisc->enqueue &&
	       (qdisc->handle || (qdisc->ops != default_qdisc_ops &&
				  qdisc->ops != &pfifo_fast_ops));
}

static bool has_own_queue(const struct net_device *dev)
{
	unsigned int i;

	for (i = 0; i < dev->real_num_tx_queues; i++)
		if (is_own_queue(rcu_dereference(netdev_get_tx_queue(dev, i)->qdisc)))
			return true;
	return false;
}

static struct net_device *other_end(const struct net_device *veth)
{
	return veth->netdev_ops->ndo_get_peer_dev((struct net_device *)veth);
}

static bool polls(const struct net_device *dev)
{
	return dev->flags & IFF_UP &&
	       (dev->features & NETIF_F_GRO || sluice_has_native_xdp(dev));
}

/* The other end of a veth device, in whatever namespace */
static bool is_received(const struct net_device *veth)
{
	const struct net_device *peer = other_end(veth);

	return peer && polls(peer);
}

/* Whether a device sends what is redirected to it */
static bool takes_frames(const struct net_device *dev)
{
	bool veth = sluice_is_veth(dev);

	return dev->flags & IFF_UP && dev->netdev_ops->ndo_xdp_xmit &&
	       netdev_takes_xdp_frames(dev, veth) &&
	       (!veth || is_received(dev));
}

/* Whether somebody minds what is redirected to a device */
static bool minds_frames(const struct net_device *dev)
{
	return sluice_egress_hooks_count(dev) || sluice_has_tc_egress(dev) ||
	       sluice_has_taps(dev) || has_own_queue(dev);
}

static bool may_redirect(const struct sluice_path *path,
			 const struct net_device *in)
{
	if (sluice_is_tapped(in) || netif_is_l3_slave(in) ||
	    minds_frames(path->out))
		return false;
	if (!path->port)
		return takes_frames(path->out);
	return path->kind == SLUICE_PATH_KIND_POD &&
	       !sluice_is_port_minded(path->table->net, path->port) &&
	       takes_frames(path->port);
}

/* Whether the other end of a veth device leaves checksums to it */
static bool leaves_sums(const struct net_device *dev)
{
	const struct net_device *peer;

	peer = sluice_is_veth(dev) ? other_end(dev) : NULL;
	return peer && peer->features & NETIF_F_CSUM_MASK;
}

static u32 ask(const struct sluice_path *path, const struct net_device *in)
{
	if (!may_redirect(path, in))
		return KEEP;
	return leaves_sums(in) ? REDIRECT_PACKETS : REDIRECT;
}

static u32 ask_now(struct sluice_path *path, const struct net_device *in)
{
	u32 answer = sluice_tick_answer(&path->asked_frames);
	u32 now;

	if (unlikely(!answer)) {
		now = jiffies;
		answer = ask(path, in);
		sluice_tick_keep(&path->asked_frames, now, answer);
	}
	return answer;
}

/* Of a program, which goes past what tc does not */
static bool may_redirect_now(struct sluice_path *path,
			     const struct sluice_frame *frame)
{
	u32 answer = ask_now(path, frame->dev);

	return answer == REDIRECT ||
	       (answer == REDIRECT_PACKETS && frame->generic);
}

static const struct net_device *way_out(const struct sluice_path *path,
					const struct sluice_frame *frame)
{
	return frame->skb || !path->port ? path->out : path->port;
}

static struct neighbour *neighbour_ipv4(const struct sluice_path *path,
					const struct dst_entry *dst)
{
	const struct rtable *rt = dst_rtable(dst);
	__be32 hop = rt->rt_gw_family ? rt->rt_gw4 : path->key.dst.ip;

	if (rt->rt_gw_family == AF_INET6)
		return NULL;
	return __ipv4_neigh_lookup_noref(path->out, (__force u32)hop);
}

static struct neighbour *neighbour_ipv6(const struct sluice_path *path,
					const struct dst_entry *dst)
{
#if IS_ENABLED(CONFIG_IPV6)
	const struct in6_addr *hop;

	hop = rt6_nexthop(dst_rt6_info(dst), &path->key.dst.in6);
	return __ipv6_neigh_lookup_noref(path->out, hop);
#else
	return NULL;
#endif
}

/*
 * Only one that has just been heard of: the stack looks after any other, and
 * what it sends has this one stay so.
 */
static bool find_mac(const struct sluice_path *path,
		     const struct dst_entry *dst, u8 *mac)
{
	u8 found[MAX_ADDR_LEN] __aligned(2);
	struct neighbour *neigh;

	neigh = path->key.family == AF_INET ? neighbour_ipv4(path, dst) :
					      neighbour_ipv6(path, dst);
	if (!neigh || !(READ_ONCE(neigh->nud_state) & NUD_CONNECTED))
		return false;
	if (READ_ONCE(neigh->used) != jiffies)
		WRITE_ONCE(neigh->used, jiffies);
	neigh_ha_snapshot((char *)found, neigh, path->out);
	ether_addr_copy(mac, found);
	ether_addr_copy(mac + ETH_ALEN, path->out->dev_addr);
	return true;
}

static bool find_macs(struct sluice_frame_way *way,
		      const struct sluice_path *path)
{
	const struct dst_entry *dst = READ_ONCE(path->route.dst);

	if (path->kind == SLUICE_PATH_KIND_POD) {
		memcpy(way->mac, path->mac, sizeof(way->mac));
		return true;
	}
	return dst && path->out->type == ARPHRD_ETHER &&
	       find_mac(path, dst, way->mac);
}

static bool fits(const struct sluice_path *path,
		 const struct sluice_frame *frame)
{
	return frame->len <= path->mtu ||
	       (frame->skb && skb_is_gso(frame->skb) &&
		skb_gso_validate_network_len(frame->skb, path->mtu));
}

/**
 * sluice_xmit_frame_prepare() - find out how a frame is to be redirected
 * @way: filled in; there until rcu_read_unlock()
 * @path: by which way; good
 * @frame: frame, as it was received
 *
 * Softirqs are off; the caller holds rcu_read_lock().
 *
 * Return: %SLUICE_FALLBACK_NONE, or why it must go by the stack.
 */
enum sluice_fallback sluice_xmit_frame_prepare(struct sluice_frame_way *way,
					       struct sluice_path *path,
					       const struct sluice_frame *frame)
{
	if (!sluice_xmit_may(path, frame->dev) ||
	    !(frame->skb || may_redirect_now(path, frame)))
		return SLUICE_FALLBACK_ROUTE;
	if (!fits(path, frame))
		return SLUICE_FALLBACK_MTU;
	way->to = way_out(path, frame);
	if (frame->fragments && !netdev_takes_xdp_fragments(way->to))
		return SLUICE_FALLBACK_ROUTE;
	return find_macs(way, path) ? SLUICE_FALLBACK_NONE :
				      SLUICE_FALLBACK_ROUTE;
}
