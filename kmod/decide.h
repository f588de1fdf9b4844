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

/**
 * struct sluice_verdict - what is to be done with a packet at a door
 * @node: how to rewrite it, or NULL
 * @reason: why it is to be dropped, or %SLUICE_DROP_NONE
 * @reject: its sender is to be told
 */
struct sluice_verdict {
	struct sluice_flow_node *node;
	enum sluice_drop_reason reason;
	bool reject;
};

void sluice_decide_lookup(struct sluice_net *sn, const struct sluice_pkt *pkt,
			  enum sluice_door door,
			  struct sluice_verdict *verdict);
void sluice_decide_new(struct sluice_net *sn, const struct sluice_pkt *pkt,
		       struct sluice_verdict *verdict);
void sluice_decide(struct sluice_net *sn, const struct sluice_pkt *pkt,
		   enum sluice_door door, struct sluice_verdict *verdict);
bool sluice_decide_stale(struct sluice_flow_table *table,
			 struct sluice_flow *flow);
bool sluice_decide_ends(struct sluice_flow_table *table,
			struct sluice_flow *flow);

#endif
