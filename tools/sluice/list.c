// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists that grow, of elements of one size. Whoever has no memory for one has
 * none for anything else: the program ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

/**
 * out_of_memory - end the program
 */
void out_of_memory(void)
{
	fputs("sluice: out of memory\n", stderr);
	exit(1);
}

/**
 * grow - make room for one more element
 * @elements: of which there are @count
 * @count: how many
 * @room: how many there is room for
 * @size: of one
 *
 * Return: the elements, maybe elsewhere.
 */
void *grow(void *elements, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return elements;
	*room = 2 * *room + 16;
	elements = reallocarray(elements, *room, size);
	if (!elements)
		out_of_memory();
	return elements;
}

/**
 * list_add - append an element
 * @list: the list
 * @size: of the element, the same as that of the others
 *
 * Return: the element, all zeroes; the others may be elsewhere now.
 */
void *list_add(struct list *list, size_t size)
{
	char *element;

	list->elements = grow(list->elements, list->count, &list->room, size);
	list->size = size;
	element = list->elements + list->count++ * size;
	memset(element, 0, size);
	return element;
}

/**
 * list_at - an element
 * @list: the list
 * @i: its number, less than the list's count
 *
 * Return: the element.
 */
void *list_at(const struct list *list, size_t i)
{
	return list->elements + i * list->size;
}

/**
 * list_sort - bring the elements in order
 * @list: the list
 * @compare: the order
 */
void list_sort(struct list *list, list_compare_fn compare)
{
	if (list->count)
		qsort(list->elements, list->count, list->size, compare);
}

/**
 * list_find - find an element
 * @list: the list, sorted
 * @key: an element that is equal in the order
 * @compare: the order
 *
 * Return: the element or NULL.
 */
void *list_find(const struct list *list, const void *key,
		list_compare_fn compare)
{
	if (!list->count)
		return NULL;
	return bsearch(key, list->elements, list->count, list->size, compare);
}

/**
 * list_free - free the elements
 * @list: the list, empty afterwards
 */
void list_free(struct list *list)
{
	free(list->elements);
	memset(list, 0, sizeof(*list));
}
