/* SPDX-License-Identifier: GPL-2.0 */
/*
 * New flows.
 */
#ifndef _SLUICE_ESTABLISH_H
#define _SLUICE_ESTABLISH_H

#include "flow.h"
#include "net.h"
#include "plan.h"

enum sluice_drop_reason sluice_establish(struct sluice_net *sn,
					 const struct sluice_plan *plan,
					 struct sluice_flow_node **node);

#endif
