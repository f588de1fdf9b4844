// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What makes one configuration of another. Both are sorted, so that one walk
 * along both finds what only one of them has and what differs. The list is
 * ordered so that what is new is there before what is old goes, and services
 * are there before their backends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "key.h"

static struct change *add_change(struct changes *changes,
				 enum change_kind kind, unsigned int flags,
				 unsigned int line)
{
	struct change *change;

	changes->list = grow(changes->list, changes->count, &changes->room,
			     sizeof(*changes->list));
	change = &changes->list[changes->count++];
	memset(change, 0, sizeof(*change));
	change->kind = kind;
	change->flags = flags;
	change->line = line;
	return change;
}

static bool same_prefixes(const struct sluice_attr *attr, const void *from,
			  const void *to)
{
	const struct sluice_prefixes *a, *b;

	a = (const void *)((const char *)from + attr->offset);
	b = (const void *)((const char *)to + attr->offset);
	return a->size == b->size &&
	       (!a->size || !memcmp(a->data, b->data, a->size));
}

static bool same_value(const struct sluice_attr *attr, const void *from,
		       const void *to)
{
	if (attr->kind == SLUICE_KIND_PREFIXES)
		return same_prefixes(attr, from, to);
	return sluice_attr_number(attr, from) == sluice_attr_number(attr, to);
}

/* Is there a value in @to that @from does not have? */
static bool differs(const struct sluice_attr_set *set, const void *from,
		    const void *to, uint32_t mask)
{
	uint32_t from_has = *(const uint32_t *)from;
	uint32_t to_has = *(const uint32_t *)to & mask;
	unsigned int type;

	for (type = 1; type <= set->max; type++) {
		const struct sluice_attr *attr = &set->attr[type];

		if (!(to_has & SLUICE_HAS(type)))
			continue;
		if (!(from_has & SLUICE_HAS(type)) ||
		    !same_value(attr, from, to))
			return true;
	}
	return false;
}

static void diff_settings(const struct config *from, const struct config *to,
			  struct changes *changes)
{
	struct sluice_settings change = to->settings;
	unsigned int type;

	for (type = 1; type <= sluice_settings_attrs.max; type++)
		if (!differs(&sluice_settings_attrs, &from->settings,
			     &to->settings, SLUICE_HAS(type)))
			change.has &= ~SLUICE_HAS(type);
	if (change.has)
		add_change(changes, CHANGE_SETTINGS, 0,
			   to->settings_line)->settings = change;
}

/* @from is NULL for what is new, @to for what has to go. */
static void change_service(struct changes *changes,
			   const struct config_service *from,
			   const struct config_service *to)
{
	struct change *change;

	if (!to)
		change = add_change(changes, CHANGE_SERVICE_DEL, 0, 0);
	else if (!from)
		change = add_change(changes, CHANGE_SERVICE,
				    NLM_F_CREATE | NLM_F_EXCL, to->line);
	else if (differs(&sluice_service_attrs, &from->service, &to->service,
			 SLUICE_SERVICE_CONFIG))
		change = add_change(changes, CHANGE_SERVICE, NLM_F_REPLACE,
				    to->line);
	else
		return;
	change->service = to ? to : from;
}

static void change_backend(struct changes *changes,
			   const struct config_backend *from,
			   const struct config_backend *to)
{
	struct change *change;

	if (!to)
		change = add_change(changes, CHANGE_BACKEND_DEL, 0, 0);
	else if (!from)
		change = add_change(changes, CHANGE_BACKEND,
				    NLM_F_CREATE | NLM_F_EXCL, to->line);
	else if (differs(&sluice_backend_attrs, &from->backend, &to->backend,
			 SLUICE_BACKEND_CONFIG))
		change = add_change(changes, CHANGE_BACKEND, NLM_F_REPLACE,
				    to->line);
	else
		return;
	change->backend = to ? to : from;
}

/* Which of two sorted lists is behind: < 0 the first, > 0 the second. */
static int order_of_next(const void *from, bool from_left, const void *to,
			 bool to_left, int (*compare)(const void *a,
						      const void *b))
{
	if (!from_left)
		return 1;
	if (!to_left)
		return -1;
	return compare(from, to);
}

static void diff_services(const struct config *from, const struct config *to,
			  struct changes *changes)
{
	size_t i = 0, j = 0;

	while (i < from->service_count || j < to->service_count) {
		const struct config_service *old = from->services + i;
		const struct config_service *new = to->services + j;
		int order = order_of_next(old, i < from->service_count, new,
					  j < to->service_count,
					  config_service_compare);

		change_service(changes, order <= 0 ? old : NULL,
			       order >= 0 ? new : NULL);
		i += order <= 0;
		j += order >= 0;
	}
}

static void diff_backends(const struct config *from, const struct config *to,
			  struct changes *changes)
{
	size_t i = 0, j = 0;

	while (i < from->backend_count || j < to->backend_count) {
		const struct config_backend *old = from->backends + i;
		const struct config_backend *new = to->backends + j;
		int order = order_of_next(old, i < from->backend_count, new,
					  j < to->backend_count,
					  config_backend_compare);

		/* A service that goes takes its backends with it. */
		if (order >= 0 || config_find_service(to, &old->of))
			change_backend(changes, order <= 0 ? old : NULL,
				       order >= 0 ? new : NULL);
		i += order <= 0;
		j += order >= 0;
	}
}

static int change_compare(const void *a, const void *b)
{
	const struct change *one = a;
	const struct change *other = b;

	if (one->kind != other->kind)
		return (int)one->kind - (int)other->kind;
	if (one->service)
		return config_service_compare(one->service, other->service);
	if (one->backend)
		return config_backend_compare(one->backend, other->backend);
	return 0;
}

static void drop_deletions(struct changes *changes)
{
	while (changes->count && changes->list[changes->count - 1].kind >=
				 CHANGE_BACKEND_DEL)
		changes->count--;
}

/**
 * changes_build - list what makes one configuration of another
 * @from: what there is, sorted
 * @to: what there shall be, sorted; both have to stay as long as @changes
 * @keep: what only @from has shall stay
 * @changes: gets the list; empty before
 */
void changes_build(const struct config *from, const struct config *to,
		   bool keep, struct changes *changes)
{
	diff_settings(from, to, changes);
	diff_services(from, to, changes);
	diff_backends(from, to, changes);
	if (changes->count)
		qsort(changes->list, changes->count, sizeof(*changes->list),
		      change_compare);
	if (keep)
		drop_deletions(changes);
}

static int apply(struct sluice_sock *sock, const struct change *change,
		 struct sluice_error *err)
{
	switch (change->kind) {
	case CHANGE_SETTINGS:
		return sluice_settings_set(sock, &change->settings, err);
	case CHANGE_SERVICE:
		return sluice_service_new(sock, &change->service->service,
					  change->flags, err);
	case CHANGE_SERVICE_DEL:
		return sluice_service_del(sock, &change->service->service,
					  err);
	case CHANGE_BACKEND:
		return sluice_backend_new(sock, &change->backend->of,
					  &change->backend->backend,
					  change->flags, err);
	case CHANGE_BACKEND_DEL:
		return sluice_backend_del(sock, &change->backend->of,
					  &change->backend->backend, err);
	}
	return 0;
}

/**
 * changes_apply - do what the list says, up to the first refusal
 * @sock: the socket
 * @changes: the list
 * @failed: the change that was refused
 * @err: the reason
 *
 * Return: 0 or -errno.
 */
int changes_apply(struct sluice_sock *sock, const struct changes *changes,
		  const struct change **failed, struct sluice_error *err)
{
	size_t i;
	int ret;

	for (i = 0; i < changes->count; i++) {
		ret = apply(sock, &changes->list[i], err);
		if (ret) {
			*failed = &changes->list[i];
			return ret;
		}
	}
	return 0;
}

/**
 * change_text - what a change is about
 * @change: the change
 * @text: where to put it
 * @size: room there
 *
 * Return: @text.
 */
const char *change_text(const struct change *change, char *text, size_t size)
{
	char service[KEY_TEXT_SIZE];
	char backend[KEY_TEXT_SIZE];

	if (change->service)
		snprintf(text, size, "service %s",
			 service_text(&change->service->service, service));
	else if (change->backend)
		snprintf(text, size, "backend %s %s",
			 service_text(&change->backend->of, service),
			 backend_text(&change->backend->backend, backend));
	else
		snprintf(text, size, "flow set");
	return text;
}

/**
 * changes_free - free the list
 * @changes: the list, empty afterwards
 */
void changes_free(struct changes *changes)
{
	free(changes->list);
	memset(changes, 0, sizeof(*changes));
}
