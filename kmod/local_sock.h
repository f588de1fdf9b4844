/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which sockets have the short-cut.
 */
#ifndef _SLUICE_LOCAL_SOCK_H
#define _SLUICE_LOCAL_SOCK_H

int sluice_local_hold(void);
void sluice_local_count(int more);
void sluice_local_fini(void);

#endif
