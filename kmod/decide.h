/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A new flow's fate, in one place.
 */
#ifndef _SLUICE_DECIDE_H
#define _SLUICE_DECIDE_H

#include "drop.h"
#include "flow.h"
#include "net.h"
#include "pkt.h"

struct sluice_flow_node *sluice_decide_lookup(struct sluice_net *sn,
					      const struct sluice_pkt *pkt,
					      enum sluice_door door);
enum sluice_drop_reason sluice_decide(struct sluice_net *sn,
				      const struct sluice_pkt *pkt,
				      struct sluice_flow **flow);
bool sluice_decide_stale(struct sluice_flow_table *table,
			 struct sluice_flow *flow);

#endif
