// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A file of Kubernetes objects: one JSON document after another, each an
 * object, an array of them, or a list as the API gives it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "netpol.h"

/* Deep enough for any object of the API. */
#define DEPTH		128
#define SPACE		" \t\r\n"
#define NS_NAME_LABEL	"kubernetes.io/metadata.name"

/**
 * struct kind - a kind of objects
 * @name: the word
 * @version: of the API
 * @list_name: of a list of nothing else, which need not say so for each
 * @read: reads all but the name
 * @size: of what it reads into
 * @objects: where in struct netpol they are
 * @cluster: they are in no namespace
 */
struct kind {
	const char *name;
	const char *version;
	const char *list_name;
	place_reader *read;
	size_t size;
	size_t objects;
	bool cluster;
};

static int read_namespace(const struct place *object, struct arena *arena,
			  void *item)
{
	struct netpol_namespace *ns = item;
	struct place metadata;

	place_member(&metadata, object, "metadata");
	if (labels_read(&metadata, arena, &ns->labels))
		return -EINVAL;
	labels_set(arena, &ns->labels, NS_NAME_LABEL, ns->id.name);
	return 0;
}

static const struct kind kinds[] = {
	{ "Namespace", "v1", "NamespaceList", read_namespace,
	  sizeof(struct netpol_namespace), offsetof(struct netpol, namespaces),
	  true },
	{ "Pod", "v1", "PodList", netpol_pod_read,
	  sizeof(struct netpol_pod), offsetof(struct netpol, pods), false },
	{ "NetworkPolicy", "networking.k8s.io/v1", "NetworkPolicyList",
	  netpol_policy_read, sizeof(struct netpol_policy),
	  offsetof(struct netpol, policies), false },
};

#define KINDS	(sizeof(kinds) / sizeof(*kinds))

static struct netpol_objects *objects_of(struct netpol *np,
					 const struct kind *kind)
{
	return (void *)((char *)np + kind->objects);
}

static int name_compare(const void *a, const void *b)
{
	const struct netpol_name *left = a, *right = b;
	int order = strcmp(left->ns, right->ns);

	return order ? order : strcmp(left->name, right->name);
}

static const char *object_title(struct netpol *np, const struct kind *kind,
				const struct netpol_name *id)
{
	return arena_printf(&np->arena, "%s %s%s%s", kind->name, id->ns,
			    kind->cluster ? "" : "/", id->name);
}

static int read_name(const struct place *up, const char *name,
		     const char **text)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyz0123456789-.";
	struct place member;
	size_t len;

	place_member(&member, up, name);
	if (place_text(&member, text))
		return -EINVAL;
	len = strspn(*text, letters);
	if (len && !(*text)[len] && len <= NETPOL_NAME_LEN)
		return 0;
	return place_fail(&member, "\"%.64s\" is not a name", *text);
}

/* An object without a namespace is in the one that kubectl would choose. */
static int read_id(const struct place *object, const struct kind *kind,
		   struct netpol_name *id)
{
	struct place metadata, member;

	id->ns = kind->cluster ? "" : "default";
	place_member(&metadata, object, "metadata");
	if (place_is(&metadata, json_type_object) ||
	    read_name(&metadata, "name", &id->name))
		return -EINVAL;
	place_member(&member, &metadata, "namespace");
	if (kind->cluster || !member.value)
		return 0;
	return read_name(&metadata, "namespace", &id->ns);
}

static int check_version(const struct place *object, const struct kind *kind)
{
	struct place member;
	const char *version;

	place_member(&member, object, "apiVersion");
	if (place_text(&member, &version))
		return -EINVAL;
	if (!strcmp(version, kind->version))
		return 0;
	return place_fail(&member, "\"%.64s\" is not %s", version,
			  kind->version);
}

static int read_object(struct netpol *np, struct place *object,
		       const struct kind *kind)
{
	struct netpol_objects *objects = objects_of(np, kind);
	void *item;

	objects->list = grow(objects->list, objects->count, &objects->room,
			     kind->size);
	item = (char *)objects->list + objects->count * kind->size;
	memset(item, 0, kind->size);
	if (read_id(object, kind, item))
		return -EINVAL;
	object->name = object_title(np, kind, item);
	if (kind->read(object, &np->arena, item))
		return -EINVAL;
	objects->count++;
	return 0;
}

/* What it is about is told as far as it can be found out. */
static int unknown_kind(struct netpol *np, struct place *object,
			const char *name)
{
	struct kind kind = { .name = name };
	struct words *complaint = object->complaint;
	struct words unused = { NULL };
	struct place metadata, member;
	struct netpol_name id;

	place_member(&metadata, object, "metadata");
	place_member(&member, &metadata, "namespace");
	kind.cluster = !member.value;
	object->complaint = &unused;
	if (!read_id(object, &kind, &id))
		object->name = object_title(np, &kind, &id);
	object->complaint = complaint;
	place_member(&member, object, "kind");
	return place_fail(&member,
			  "\"%.64s\" is none of Namespace, Pod, NetworkPolicy",
			  name);
}

static int read_value(struct netpol *np, struct place *place,
		      const struct kind *kind);

/* Objects count from 1 on; they are told by number until their name is known. */
static int read_items(struct netpol *np, struct json_object *items,
		      const struct kind *kind, struct words *complaint)
{
	size_t count = json_object_array_length(items);
	size_t i;

	for (i = 0; i < count; i++) {
		struct place item = {
			.value = json_object_array_get_idx(items, i),
			.complaint = complaint,
		};

		if (read_value(np, &item, kind))
			return -EINVAL;
	}
	return 0;
}

static int read_list(struct netpol *np, const struct place *list,
		     const struct kind *kind)
{
	struct place items;

	place_member(&items, list, "items");
	if (place_is(&items, json_type_array))
		return -EINVAL;
	return read_items(np, items.value, kind, list->complaint);
}

static int read_kind(struct netpol *np, struct place *object)
{
	struct place member;
	const char *name;
	size_t i;

	place_member(&member, object, "kind");
	if (place_text(&member, &name))
		return -EINVAL;
	if (!strcmp(name, "List"))
		return read_list(np, object, NULL);
	for (i = 0; i < KINDS; i++) {
		if (!strcmp(name, kinds[i].list_name))
			return read_list(np, object, &kinds[i]);
		if (strcmp(name, kinds[i].name))
			continue;
		if (check_version(object, &kinds[i]))
			return -EINVAL;
		return read_object(np, object, &kinds[i]);
	}
	return unknown_kind(np, object, name);
}

/* @kind: of an object that does not say so; NULL if each has to. */
static int read_value(struct netpol *np, struct place *place,
		      const struct kind *kind)
{
	struct place member;

	if (place->value && json_object_is_type(place->value, json_type_array))
		return read_items(np, place->value, kind, place->complaint);
	place->name = arena_printf(&np->arena, "object %zu", ++np->objects);
	if (place_is(place, json_type_object))
		return -EINVAL;
	place_member(&member, place, "kind");
	if (kind && !member.value)
		return read_object(np, place, kind);
	return read_kind(np, place);
}

static int syntax_error(const char *text, size_t at, const char *why,
			struct words *complaint)
{
	size_t line = 1, column = 1;
	const char *end = text + at;

	for (; text < end; text++, column++)
		if (*text == '\n') {
			line++;
			column = 0;
		}
	return words_fail(complaint, "line %zu, column %zu: %s", line, column,
			  why);
}

/* One document; @at is where it begins and will be where it ends. */
static int parse(struct json_tokener *tokener, const char *text, size_t size,
		 size_t *at, struct json_object **value,
		 struct words *complaint)
{
	enum json_tokener_error error;

	/* With the zero behind, as a number ends by what follows it. */
	*value = json_tokener_parse_ex(tokener, text + *at, size + 1 - *at);
	error = json_tokener_get_error(tokener);
	*at += json_tokener_get_parse_end(tokener);
	if (error == json_tokener_success)
		return 0;
	if (*at >= size)
		return syntax_error(text, size, "the JSON ends too early",
				    complaint);
	return syntax_error(text, *at, error == json_tokener_error_depth ?
			    "too many things inside each other" :
			    "this is not JSON", complaint);
}

static int read_documents(struct netpol *np, struct json_tokener *tokener,
			  const char *text, size_t size,
			  struct words *complaint)
{
	struct place place = { .complaint = complaint };
	size_t at = strspn(text, SPACE);

	/* A file without anything is a mistake rather than no policies. */
	do {
		if (parse(tokener, text, size, &at, &place.value, complaint))
			return -EINVAL;
		np->documents.list = grow(np->documents.list,
					  np->documents.count,
					  &np->documents.room,
					  sizeof(*np->documents.list));
		np->documents.list[np->documents.count++] = place.value;
		if (read_value(np, &place, NULL))
			return -EINVAL;
		at += strspn(text + at, SPACE);
	} while (at < size);
	return 0;
}

static int parse_all(struct netpol *np, const char *text, size_t size,
		     struct words *complaint)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
	int ret;

	if (!tokener)
		out_of_memory();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
					JSON_TOKENER_VALIDATE_UTF8 |
					JSON_TOKENER_ALLOW_TRAILING_CHARS);
	ret = read_documents(np, tokener, text, size, complaint);
	json_tokener_free(tokener);
	return ret;
}

static int sort_objects(struct netpol *np, const struct kind *kind,
			struct words *complaint)
{
	struct netpol_objects *objects = objects_of(np, kind);
	struct place place = { .complaint = complaint };
	char *item = objects->list;
	size_t i;

	if (!objects->count)
		return 0;
	qsort(objects->list, objects->count, kind->size, name_compare);
	for (i = 1; i < objects->count; i++, item += kind->size) {
		if (name_compare(item, item + kind->size))
			continue;
		place.name = object_title(np, kind, (void *)item);
		return place_fail(&place, "is there twice");
	}
	return 0;
}

/* Without its labels nobody knows which selectors pick a namespace. */
static int find_namespace(struct netpol *np, const struct kind *kind,
			  const struct netpol_name *id,
			  const struct netpol_namespace **found,
			  struct words *complaint)
{
	struct netpol_name key = { .ns = "", .name = id->ns };
	struct place object = { .complaint = complaint };
	struct place metadata, member;

	*found = NULL;
	if (np->namespaces.count)
		*found = bsearch(&key, np->namespaces.list,
				 np->namespaces.count, sizeof(**found),
				 name_compare);
	if (*found)
		return 0;
	object.name = object_title(np, kind, id);
	place_member(&metadata, &object, "metadata");
	place_member(&member, &metadata, "namespace");
	return place_fail(&member, "there is no Namespace %.64s", id->ns);
}

static int find_namespaces(struct netpol *np, struct words *complaint)
{
	struct netpol_policy *policy = np->policies.list;
	struct netpol_pod *pod = np->pods.list;
	size_t i;

	for (i = 0; i < np->pods.count; i++)
		if (find_namespace(np, &kinds[1], &pod[i].id, &pod[i].in,
				   complaint))
			return -EINVAL;
	for (i = 0; i < np->policies.count; i++)
		if (find_namespace(np, &kinds[2], &policy[i].id,
				   &policy[i].in, complaint))
			return -EINVAL;
	return 0;
}

/**
 * netpol_read - read the objects of a cluster
 * @np: all zeroes; netpol_free() afterwards, whatever comes
 * @text: the JSON, with a zero behind
 * @size: of @text
 * @complaint: tells what is wrong
 *
 * Return: 0 or -EINVAL.
 */
int netpol_read(struct netpol *np, const char *text, size_t size,
		struct words *complaint)
{
	size_t i;

	if (parse_all(np, text, size, complaint))
		return -EINVAL;
	for (i = 0; i < KINDS; i++)
		if (sort_objects(np, &kinds[i], complaint))
			return -EINVAL;
	return find_namespaces(np, complaint);
}

/**
 * netpol_free - forget the objects of a cluster
 * @np: the cluster
 */
void netpol_free(struct netpol *np)
{
	while (np->documents.count)
		json_object_put(np->documents.list[--np->documents.count]);
	free(np->documents.list);
	free(np->namespaces.list);
	free(np->pods.list);
	free(np->policies.list);
	arena_free(&np->arena);
}
