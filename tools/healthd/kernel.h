/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's configuration, followed.
 */
#ifndef HEALTHD_KERNEL_H
#define HEALTHD_KERNEL_H

#include "libsluice.h"

struct event_base;
struct kernel;
struct ports;

struct kernel *kernel_new(struct event_base *base, struct ports *ports,
			  struct sluice_error *err);
void kernel_free(struct kernel *kernel);

#endif /* HEALTHD_KERNEL_H */
