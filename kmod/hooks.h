/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The netfilter doors.
 */
#ifndef _SLUICE_HOOKS_H
#define _SLUICE_HOOKS_H

#include <linux/types.h>

struct net;

int sluice_hooks_register(struct net *net);
void sluice_hooks_unregister(struct net *net);
bool sluice_hooks_are_alone(const struct net *net, u8 pf);

#endif
