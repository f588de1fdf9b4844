// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP echo requests to services, answered here: no host has the address.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "decide.h"
#include "drop.h"
#include "echo.h"
#include "frontend.h"

#define HOPS	64

/**
 * struct request - an echo request
 * @sn: namespace
 * @pkt: it
 */
struct request {
	struct sluice_net *sn;
	const struct sluice_pkt *pkt;
};

static bool allows(const struct sluice_service_opts *opts, const void *arg)
{
	const struct request *request = arg;

	return sluice_frontend_allows(request->sn, request->pkt, opts->ranges);
}

/**
 * sluice_echo_find() - whether an echo request is ours
 * @sn: namespace
 * @pkt: it, at the entry; the caller holds rcu_read_lock()
 *
 * What claims to come from many, or from nobody, is not: an answer would go to
 * all of them. The policy is not asked.
 */
enum sluice_echo_answer sluice_echo_find(struct sluice_net *sn,
					 const struct sluice_pkt *pkt)
{
	const struct request request = { .sn = sn, .pkt = pkt };
	enum sluice_echo_answer answer;
	struct sluice_l4addr to;
	unsigned long revision;

	sluice_tuple_dst(&to, &pkt->tuple);
	do {
		revision = sluice_service_table_revision(&sn->services);
		answer = sluice_service_echo_find(&sn->services, &to, revision,
						  allows, &request);
	} while (answer == SLUICE_ECHO_UNASKED &&
		 sluice_service_table_moved(&sn->services, revision));
	if (answer == SLUICE_ECHO_UNASKED ||
	    sluice_frontend_is_unicast(sn->net, pkt->vrf, pkt->tuple.family,
				       &pkt->tuple.src))
		return answer;
	return SLUICE_ECHO_UNASKED;
}

/* Why a request is not answered though a service would; whose fault it is. */
static enum sluice_drop_reason refusal(struct sluice_net *sn,
				       const struct sluice_pkt *pkt,
				       enum sluice_echo_answer answer,
				       struct sluice_blame *blame)
{
	struct sluice_verdict verdict;

	blame->dir = 0;
	if (answer == SLUICE_ECHO_REFUSED)
		return SLUICE_DROP_REASON_SOURCE_RANGE;
	if (!sluice_judge_in_force(sn))
		return SLUICE_DROP_NONE;
	sluice_decide_stray(sn, pkt, &verdict);
	*blame = verdict.blame;
	return verdict.reason;
}

/* @type: of the answer; the checksum follows, right or wrong. */
static void set_type(struct icmphdr *icmph, u8 type)
{
	__be16 *word = (__be16 *)icmph;
	__be16 was = *word;

	icmph->type = type;
	csum_replace2(&icmph->checksum, was, *word);
}

static bool route_ipv4(struct net *net, int vrf, struct sk_buff *skb)
{
	struct iphdr *iph = ip_hdr(skb);
	struct flowi4 fl4 = {
		.daddr = iph->saddr, .saddr = iph->daddr, .flowi4_oif = vrf,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
	};
	struct rtable *rt;

	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return false;

	skb_dst_drop(skb);
	skb_dst_set(skb, &rt->dst);
	swap(iph->saddr, iph->daddr);
	iph->ttl = HOPS;
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	return true;
}

#if IS_ENABLED(CONFIG_IPV6)
static bool route_ipv6(struct net *net, int vrf, struct sk_buff *skb)
{
	struct ipv6hdr *ip6h = ipv6_hdr(skb);
	struct flowi6 fl6 = {
		.daddr = ip6h->saddr, .saddr = ip6h->daddr, .flowi6_oif = vrf,
		.flowi6_flags = FLOWI_FLAG_ANYSRC,
	};
	struct dst_entry *dst;

	if (ipv6_addr_type(&fl6.daddr) & IPV6_ADDR_LINKLOCAL && skb->dev)
		fl6.flowi6_oif = skb->dev->ifindex;
	dst = ip6_route_output(net, NULL, &fl6);
	if (dst->error) {
		dst_release(dst);
		return false;
	}

	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	swap(ip6h->saddr, ip6h->daddr);
	ip6h->hop_limit = HOPS;
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	return true;
}

static void send_ipv6(struct net *net, struct sk_buff *skb)
{
	ip6_local_out(net, NULL, skb);
}
#else
static bool route_ipv6(struct net *net, int vrf, struct sk_buff *skb)
{
	return false;
}

static void send_ipv6(struct net *net, struct sk_buff *skb)
{
}
#endif

/* Takes over @skb, a request, and sends it back; returns why not. */
static enum sluice_drop_reason send_back(struct net *net, struct sk_buff *skb,
					 const struct sluice_pkt *pkt)
{
	bool ipv4 = pkt->tuple.family == AF_INET;

	if (!(ipv4 ? route_ipv4(net, pkt->vrf, skb) :
		     route_ipv6(net, pkt->vrf, skb))) {
		consume_skb(skb);	/* the request is what is dropped */
		return SLUICE_DROP_REASON_NO_ROUTE;
	}

	set_type((void *)skb->data + pkt->l4_offset,
		 ipv4 ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY);
	skb->ip_summed = CHECKSUM_NONE;
	skb->skb_iif = 0;	/* the node's from here on */
	nf_reset_ct(skb);
	if (ipv4)
		ip_local_out(net, NULL, skb);
	else
		send_ipv6(net, skb);
	return SLUICE_DROP_NONE;
}

/**
 * sluice_echo_answer() - answer an echo request to a service that wants that
 * @sn: namespace
 * @skb: packet at the entry with skb->data at its network header
 * @pkt: what sluice_pkt_parse() found in it: an echo request
 *
 * Whom no service there allows to use it, and whom the policy denies it as if
 * the address were a host's, gets none. The caller holds rcu_read_lock().
 *
 * Return: NF_STOLEN if the request has been dealt with and @skb is freed;
 * NF_ACCEPT if it is none of ours.
 */
unsigned int sluice_echo_answer(struct sluice_net *sn, struct sk_buff *skb,
				const struct sluice_pkt *pkt)
{
	enum sluice_echo_answer answer = sluice_echo_find(sn, pkt);
	enum sluice_drop_reason reason;
	struct sluice_blame blame;
	struct sk_buff *reply;

	if (answer == SLUICE_ECHO_UNASKED)
		return NF_ACCEPT;
	reason = refusal(sn, pkt, answer, &blame);
	if (reason)
		return sluice_drop_blamed(sn, skb, pkt, &blame, reason);

	/* Of its own: the request may belong to a socket, or be shared. */
	reply = skb_copy(skb, GFP_ATOMIC);
	reason = reply ? send_back(sn->net, reply, pkt) :
			 SLUICE_DROP_REASON_NO_MEMORY;
	if (reason)
		return sluice_drop(sn, skb, pkt, reason);
	consume_skb(skb);
	return NF_STOLEN;
}
