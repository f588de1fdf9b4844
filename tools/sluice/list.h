/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists that grow, of elements of one size.
 */
#ifndef SLUICE_LIST_H
#define SLUICE_LIST_H

#include <stddef.h>

/**
 * struct list - elements one after another; start it from zeroes
 * @elements: those
 * @size: of one
 * @count: how many
 * @room: how many there is room for
 */
struct list {
	char *elements;
	size_t size;
	size_t count;
	size_t room;
};

/* Order of two elements, as of strcmp(). */
typedef int (*list_compare_fn)(const void *a, const void *b);

_Noreturn void out_of_memory(void);

void *grow(void *elements, size_t count, size_t *room, size_t size);
void *list_add(struct list *list, size_t size);
void *list_at(const struct list *list, size_t i);
void list_sort(struct list *list, list_compare_fn compare);
void *list_find(const struct list *list, const void *key,
		list_compare_fn compare);
void list_free(struct list *list);

#endif /* SLUICE_LIST_H */
