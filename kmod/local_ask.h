/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether a connection may go past all doors.
 */
#ifndef _SLUICE_LOCAL_ASK_H
#define _SLUICE_LOCAL_ASK_H

#include <uapi/linux/sluice_bpf.h>

#include "tuple.h"

enum sluice_sock_result sluice_local_ask(const struct sluice_tuple *tuple,
					 u64 netns, u64 *peer_netns);

#endif
