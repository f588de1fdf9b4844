/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMP echo requests to services.
 */
#ifndef _SLUICE_ECHO_H
#define _SLUICE_ECHO_H

#include "net.h"
#include "pkt.h"

struct sk_buff;

enum sluice_echo_answer sluice_echo_find(struct sluice_net *sn,
					 const struct sluice_pkt *pkt);
unsigned int sluice_echo_answer(struct sluice_net *sn, struct sk_buff *skb,
				const struct sluice_pkt *pkt);

#endif
