/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frontends: which service a packet is for, and who its client is to it.
 */
#ifndef _SLUICE_FRONTEND_H
#define _SLUICE_FRONTEND_H

#include "net.h"
#include "pkt.h"

bool sluice_frontend_is_local(struct net *net, int vrf, u8 family,
			      const union nf_inet_addr *addr);
bool sluice_frontend_is_unicast(struct net *net, int vrf, u8 family,
				const union nf_inet_addr *addr);
bool sluice_frontend_is_on_link(struct net *net, const struct sluice_pkt *pkt);
bool sluice_frontend_is_local_anywhere(struct net *net, u8 family,
				       const union nf_inet_addr *addr);
struct sluice_service *sluice_frontend_find(struct sluice_net *sn, int vrf,
					    const struct sluice_l4addr *to,
					    unsigned long revision);
struct sluice_service *
sluice_frontend_find_relayed(struct sluice_net *sn,
			     const struct sluice_l4addr *to,
			     unsigned long revision);
bool sluice_frontend_is_other_node(struct sluice_net *sn, u8 family,
				   const union nf_inet_addr *addr);
bool sluice_frontend_allows(struct sluice_net *sn, const struct sluice_pkt *pkt,
			    const struct sluice_ranges *ranges);
bool sluice_frontend_is_internal(struct sluice_net *sn,
				 const struct sluice_pkt *pkt);
bool sluice_frontend_wants_local(struct sluice_net *sn,
				 const struct sluice_pkt *pkt,
				 const struct sluice_service_opts *opts);
u8 sluice_frontend_forward(struct sluice_net *sn, const struct sluice_pkt *pkt,
			   const struct sluice_service_opts *opts);
bool sluice_frontend_masquerades(struct sluice_net *sn,
				 const struct sluice_pkt *pkt,
				 const struct sluice_service_opts *opts,
				 const struct sluice_l4addr *backend);
struct sluice_service *
sluice_frontend_find_node_port(struct sluice_net *sn, int vrf,
			       const struct sluice_l4addr *to,
			       unsigned long revision);
bool sluice_frontend_egress(struct sluice_net *sn, int vrf,
			    const struct sluice_tuple *tuple);
bool sluice_frontend_ingress(struct sluice_net *sn,
			     const struct sluice_tuple *tuple);

#endif
