/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The end of a TCP connection, told to the one who is not speaking.
 */
#ifndef _SLUICE_RST_H
#define _SLUICE_RST_H

#include <linux/skbuff.h>

#include "pkt.h"

bool sluice_rst_make(struct sk_buff *skb, struct sluice_pkt *pkt);

#endif
