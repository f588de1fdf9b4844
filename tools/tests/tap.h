/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results in KTAP.
 */
#ifndef SLUICE_TAP_H
#define SLUICE_TAP_H

#include <stdbool.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

void tap_begin(void);
void tap(bool ok, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void tap_skip(const char *name, const char *missing);
void tap_text(const char *name, const char *got, const char *expected);
int tap_end(void);

#endif /* SLUICE_TAP_H */
