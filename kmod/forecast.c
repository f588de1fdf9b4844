// SPDX-License-Identifier: GPL-2.0
/*
 * What the fast path would do with a packet that has not come: it is made, and
 * given to the fast path, which stops short of sending it.
 */
#include <linux/if_ether.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "forecast.h"
#include "net.h"

#define HOPS	64

/* The most that there can be */
#define HEADERS	(ETH_HLEN + sizeof(struct ipv6hdr) + sizeof(struct tcphdr))

static void make_ipv4(struct sk_buff *skb, const struct sluice_tuple *tuple)
{
	unsigned int len = skb->len + sizeof(struct iphdr);
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	*iph = (struct iphdr) {
		.version = 4, .ihl = sizeof(*iph) / sizeof(u32),
		.tot_len = htons(len), .ttl = HOPS, .protocol = tuple->proto,
		.saddr = tuple->src.ip, .daddr = tuple->dst.ip,
	};
	ip_send_check(iph);
	skb->protocol = htons(ETH_P_IP);
}

static void make_ipv6(struct sk_buff *skb, const struct sluice_tuple *tuple)
{
	unsigned int len = skb->len;
	struct ipv6hdr *ip6h = skb_push(skb, sizeof(*ip6h));

	*ip6h = (struct ipv6hdr) {
		.version = 6, .payload_len = htons(len), .hop_limit = HOPS,
		.nexthdr = tuple->proto, .saddr = tuple->src.in6,
		.daddr = tuple->dst.in6,
	};
	skb->protocol = htons(ETH_P_IPV6);
}

/* Of other protocols than TCP anything: UDP's ports are where TCP's are. */
static void make_l4(struct sk_buff *skb, const struct sluice_tuple *tuple)
{
	struct tcphdr *th = skb_push(skb, sizeof(*th));

	*th = (struct tcphdr) {
		.source = tuple->sport, .dest = tuple->dport,
		.doff = sizeof(*th) / sizeof(u32), .syn = 1,
	};
}

/**
 * sluice_forecast_packet() - a packet as a device receives it
 * @tuple: its addresses, protocol and ports
 *
 * It has nothing special, and nothing in it. Process context, may sleep.
 *
 * Return: for sluice_forecast() and kfree_skb(), or NULL.
 */
struct sk_buff *sluice_forecast_packet(const struct sluice_tuple *tuple)
{
	struct sk_buff *skb = alloc_skb(HEADERS, GFP_KERNEL);

	if (!skb)
		return NULL;
	skb_reserve(skb, HEADERS);
	make_l4(skb, tuple);
	if (tuple->family == AF_INET)
		make_ipv4(skb, tuple);
	else
		make_ipv6(skb, tuple);
	skb_reset_network_header(skb);
	skb_set_mac_header(skb, -ETH_HLEN);
	skb->mac_len = ETH_HLEN;
	skb->pkt_type = PACKET_HOST;
	return skb;
}

static void ask(struct sluice_net *sn, const struct sluice_device *device,
		struct sk_buff *skb, const struct sluice_future *future,
		struct sluice_forecast *forecast)
{
	local_bh_disable();	/* as where devices receive */
	forecast->why = sluice_ingress_foresee(sn, skb, device->opts.netfilter,
					       future, &forecast->path);
	local_bh_enable();
	forecast->use = forecast->why ? SLUICE_FAST_PATH_LEFT :
					SLUICE_FAST_PATH_TAKEN;
}

/**
 * sluice_forecast() - find out what the fast path would do with a packet
 * @sn: namespace
 * @name: of the device that it comes from
 * @skb: from sluice_forecast_packet()
 * @future: what is known of it otherwise
 * @forecast: filled in
 *
 * A path may be kept by this as by a packet; otherwise nothing comes of it.
 * Process context; the caller holds the configuration lock and rcu_read_lock().
 */
void sluice_forecast(struct sluice_net *sn, const char *name,
		     struct sk_buff *skb, const struct sluice_future *future,
		     struct sluice_forecast *forecast)
{
	const struct sluice_device *device;

	*forecast = (struct sluice_forecast) {
		.use = SLUICE_FAST_PATH_UNATTACHED,
	};
	device = sluice_device_best(&sn->devices, name, true);
	skb->dev = dev_get_by_name_rcu(sn->net, name);
	if (!device || !skb->dev)
		return;
	forecast->use = SLUICE_FAST_PATH_OFF;
	if (device->opts.fast_path)
		ask(sn, device, skb, future, forecast);
}
