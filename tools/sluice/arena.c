// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that is freed all at once.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "list.h"

static void *own(struct arena *arena, void *part)
{
	if (!part)
		out_of_memory();
	arena->part = grow(arena->part, arena->count, &arena->room,
			   sizeof(*arena->part));
	arena->part[arena->count++] = part;
	return part;
}

/**
 * arena_alloc - an array of zeroes
 * @arena: owns it
 * @count: elements
 * @size: of one
 *
 * Return: the array; not NULL, even of nothing.
 */
void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	return own(arena, calloc(count ? count : 1, size));
}

/**
 * arena_printf - a text
 * @arena: owns it
 * @format: as of printf()
 *
 * Return: the text.
 */
char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return own(arena, len < 0 ? NULL : text);
}

/**
 * arena_free - free all of it
 * @arena: the arena; empty afterwards
 */
void arena_free(struct arena *arena)
{
	while (arena->count)
		free(arena->part[--arena->count]);
	free(arena->part);
	*arena = (struct arena){ NULL };
}
