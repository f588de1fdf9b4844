/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is freed all at once. Without memory the program ends.
 */
#ifndef SLUICE_ARENA_H
#define SLUICE_ARENA_H

#include <stddef.h>

struct arena {
	void **part;
	size_t count;
	size_t room;
};

void *arena_alloc(struct arena *arena, size_t count, size_t size);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void arena_free(struct arena *arena);

#endif /* SLUICE_ARENA_H */
