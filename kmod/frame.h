/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The door of programs that redirect frames.
 */
#ifndef _SLUICE_FRAME_H
#define _SLUICE_FRAME_H

#include <uapi/linux/sluice_bpf.h>

#include "fallback.h"
#include "pkt.h"

struct sluice_device;
struct sluice_net;

/**
 * struct sluice_frame_answer - what becomes of a frame
 * @result: what a program is to do with it
 * @ifindex: of %SLUICE_XDP_HIT, the device to redirect it to
 * @why: of %SLUICE_XDP_MISS, if a flow is what is missing: why
 */
struct sluice_frame_answer {
	enum sluice_xdp_result result;
	u32 ifindex;
	enum sluice_fallback why;
};

void sluice_frame_forward(struct sluice_net *sn, struct sluice_frame *frame,
			  struct sluice_device *device,
			  struct sluice_frame_answer *answer);
void sluice_frame_bridge(struct sluice_net *sn, struct sluice_frame *frame,
			 const struct sluice_device *device,
			 struct sluice_frame_answer *answer);

#endif
