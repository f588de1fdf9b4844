// SPDX-License-Identifier: GPL-2.0
/*
 * Tracepoints, instantiated.
 */
#include <linux/skbuff.h>
#include <uapi/linux/sluice.h>

#define CREATE_TRACE_POINTS
#include "trace.h"
