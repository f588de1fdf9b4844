// SPDX-License-Identifier: GPL-2.0
/*
 * What nf_conntrack makes of packets, where it is loaded.
 */
#include <net/netfilter/nf_conntrack.h>

#include "conntrack.h"

/**
 * DOC: nf_conntrack and the fast path
 *
 * Packets of the fast path do not pass nf_conntrack. When such a connection
 * comes back to the slow path its sequence numbers are far from where they were
 * seen last, and nf_conntrack would call it invalid, unless it has been told to
 * be liberal about the connection before. Only structures are used, no symbols:
 * the module does not need nf_conntrack.
 */

#if IS_ENABLED(CONFIG_NF_CONNTRACK)
static bool is_liberal(const struct ip_ct_tcp *tcp)
{
	return READ_ONCE(tcp->seen[0].flags) & READ_ONCE(tcp->seen[1].flags) &
	       IP_CT_TCP_FLAG_BE_LIBERAL;
}

static void make_liberal(struct nf_conn *ct)
{
	struct ip_ct_tcp *tcp = &ct->proto.tcp;

	spin_lock_bh(&ct->lock);
	tcp->seen[0].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
	tcp->seen[1].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
	spin_unlock_bh(&ct->lock);
}

/**
 * sluice_conntrack_ease() - have a connection's packets taken as they come
 * @skb: packet behind nf_conntrack's look-up
 *
 * Any context but hard interrupts.
 */
void sluice_conntrack_ease(struct sk_buff *skb)
{
	enum ip_conntrack_info info;
	struct nf_conn *ct = nf_ct_get(skb, &info);

	if (ct && nf_ct_protonum(ct) == IPPROTO_TCP &&
	    !is_liberal(&ct->proto.tcp))
		make_liberal(ct);
}

/**
 * sluice_conntrack_gave_source() - whether others have rewritten a packet's source
 * @skb: packet behind nf_conntrack's own rewriting
 *
 * Any context.
 */
bool sluice_conntrack_gave_source(const struct sk_buff *skb)
{
	enum ip_conntrack_info info;
	const struct nf_conn *ct = nf_ct_get(skb, &info);

	return ct && test_bit(IPS_SRC_NAT_BIT, &ct->status);
}
#else
bool sluice_conntrack_gave_source(const struct sk_buff *skb)
{
	return false;
}

void sluice_conntrack_ease(struct sk_buff *skb)
{
}
#endif
