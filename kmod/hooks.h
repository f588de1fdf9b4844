/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The netfilter doors.
 */
#ifndef _SLUICE_HOOKS_H
#define _SLUICE_HOOKS_H

struct net;

int sluice_hooks_register(struct net *net);
void sluice_hooks_unregister(struct net *net);

#endif
