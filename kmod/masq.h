/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Masquerading: the node's address and a port of its own as a flow's source.
 */
#ifndef _SLUICE_MASQ_H
#define _SLUICE_MASQ_H

#include "tuple.h"

struct net;

enum sluice_parity {
	SLUICE_PARITY_ANY,
	SLUICE_PARITY_EVEN,
	SLUICE_PARITY_ODD,
};

/**
 * struct sluice_ports - source ports to choose from
 * @low: first port of a range that is left out
 * @high: last port of that range; below @low if nothing is left out
 * @parity: of the ports; unless it is any no range is left out
 */
struct sluice_ports {
	u16 low;
	u16 high;
	enum sluice_parity parity;
};

bool sluice_masq_source(struct net *net, int vrf, const struct sluice_l4addr *to,
			union nf_inet_addr *source);
void sluice_masq_ports(struct net *net, struct sluice_ports *ports);
__be16 sluice_masq_port(const struct sluice_ports *ports, u32 number);

#endif
