// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Structs to attributes and back, by the tables of attrs.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "libsluice.h"

/* What fits in a nest, with room for the rest of a request. */
#define PREFIXES_SIZE_MAX	(16 * 1024)

static void put_prefixes(struct nlmsghdr *nlh, unsigned int type,
			 const struct sluice_prefixes *prefixes)
{
	mnl_attr_put(nlh, type | NLA_F_NESTED, prefixes->size, prefixes->data);
}

static void put_attr(struct nlmsghdr *nlh, unsigned int type,
		     const struct sluice_attr *attr, const void *obj)
{
	const void *member = (const char *)obj + attr->offset;
	const struct sluice_addr *addr = member;
	uint64_t number = sluice_attr_number(attr, obj);

	switch (attr->kind) {
	case SLUICE_KIND_U8:
		mnl_attr_put_u8(nlh, type, number);
		break;
	case SLUICE_KIND_U16:
		mnl_attr_put_u16(nlh, type, number);
		break;
	case SLUICE_KIND_BE16:
		mnl_attr_put_u16(nlh, type, htons(number));
		break;
	case SLUICE_KIND_U32:
		mnl_attr_put_u32(nlh, type, number);
		break;
	case SLUICE_KIND_U64:
		mnl_attr_put_u64(nlh, type, number);
		break;
	case SLUICE_KIND_ADDR:
		mnl_attr_put(nlh, type, addr->len, addr->bytes);
		break;
	case SLUICE_KIND_FLAG:
		mnl_attr_put(nlh, type, 0, NULL);
		break;
	case SLUICE_KIND_NEST:
		sluice_put(nlh, type, attr->nested, member, ~0U);
		break;
	case SLUICE_KIND_PREFIXES:
		put_prefixes(nlh, type, member);
		break;
	case SLUICE_KIND_STRING:
		mnl_attr_put_strz(nlh, type, member);
		break;
	case SLUICE_KIND_LIST:
	case SLUICE_KIND_NONE:
		break;
	}
}

/**
 * sluice_put - append a struct to a message, as a nest
 * @nlh: the message
 * @type: of the nest
 * @set: describes the struct
 * @obj: the struct; the attributes named by its @has are put
 * @mask: of these only
 */
void sluice_put(struct nlmsghdr *nlh, unsigned int type,
		const struct sluice_attr_set *set, const void *obj,
		uint32_t mask)
{
	uint32_t has = *(const uint32_t *)obj & mask;
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);
	unsigned int i;

	for (i = 1; i <= set->max; i++)
		if (has & SLUICE_HAS(i))
			put_attr(nlh, i, &set->attr[i], obj);
	mnl_attr_nest_end(nlh, nest);
}

static bool read_number(const struct nlattr *nla,
			const struct sluice_attr *attr, void *obj)
{
	uint64_t limit = sluice_attr_limit(attr);
	uint64_t value = 0;
	size_t size;

	for (size = 1; size < sizeof(limit) && limit >> (8 * size); )
		size++;
	if (mnl_attr_get_payload_len(nla) < size)
		return false;

	switch (attr->kind) {
	case SLUICE_KIND_U8:
		value = mnl_attr_get_u8(nla);
		break;
	case SLUICE_KIND_U16:
		value = mnl_attr_get_u16(nla);
		break;
	case SLUICE_KIND_BE16:
		value = ntohs(mnl_attr_get_u16(nla));
		break;
	case SLUICE_KIND_U32:
		value = mnl_attr_get_u32(nla);
		break;
	default:
		value = mnl_attr_get_u64(nla);
		break;
	}
	sluice_attr_set_number(attr, obj, value);
	return true;
}

static bool read_addr(const struct nlattr *nla, struct sluice_addr *addr)
{
	size_t len = mnl_attr_get_payload_len(nla);

	if (len != 4 && len != 16)
		return false;
	addr->len = len;
	memcpy(addr->bytes, mnl_attr_get_payload(nla), len);
	return true;
}

/* Up to a zero, or to the end if there is none. */
static bool read_string(const struct nlattr *nla, char *string)
{
	size_t len = strnlen(mnl_attr_get_payload(nla),
			     mnl_attr_get_payload_len(nla));

	if (len >= SLUICE_NAME_SIZE)
		return false;
	memcpy(string, mnl_attr_get_payload(nla), len);
	string[len] = 0;
	return true;
}

static bool read_set(const void *data, size_t len,
		     const struct sluice_attr_set *set, void *obj);

static bool read_nest(const struct nlattr *nla,
		      const struct sluice_attr_set *set, void *obj)
{
	return read_set(mnl_attr_get_payload(nla),
			mnl_attr_get_payload_len(nla), set, obj);
}

/* The next element, if there is room for it. */
static bool read_element(const struct nlattr *nla,
			 const struct sluice_attr *attr, uint32_t *count)
{
	const struct sluice_attr_list *list = attr->list;
	char *element = (char *)count + list->first + *count * list->size;

	if (*count == list->room)
		return true;
	if (!attr->nested && mnl_attr_get_payload_len(nla) < list->size)
		return false;
	++*count;
	if (attr->nested)
		return read_nest(nla, attr->nested, element);
	memcpy(element, mnl_attr_get_payload(nla), list->size);
	return true;
}

static bool read_prefixes(const struct nlattr *nla,
			  struct sluice_prefixes *prefixes)
{
	prefixes->size = mnl_attr_get_payload_len(nla);
	prefixes->data = mnl_attr_get_payload(nla);
	return true;
}

static bool read_attr(const struct nlattr *nla,
		      const struct sluice_attr *attr, void *obj)
{
	void *member = (char *)obj + attr->offset;

	switch (attr->kind) {
	case SLUICE_KIND_ADDR:
		return read_addr(nla, member);
	case SLUICE_KIND_FLAG:
		return true;
	case SLUICE_KIND_NEST:
		return read_nest(nla, attr->nested, member);
	case SLUICE_KIND_PREFIXES:
		return read_prefixes(nla, member);
	case SLUICE_KIND_STRING:
		return read_string(nla, member);
	case SLUICE_KIND_LIST:
		return read_element(nla, attr, member);
	default:
		return read_number(nla, attr, obj);
	}
}

/* Attributes this library does not know are passed over. */
static bool read_set(const void *data, size_t len,
		     const struct sluice_attr_set *set, void *obj)
{
	const struct nlattr *attr;
	uint32_t *has = obj;

	mnl_attr_for_each_payload(data, len) {
		unsigned int type = mnl_attr_get_type(attr);

		if (type > set->max || !set->attr[type].kind)
			continue;
		if (!read_attr(attr, &set->attr[type], obj))
			return false;
		*has |= SLUICE_HAS(type);
	}
	return true;
}

/**
 * sluice_prefixes_add - append a prefix to a list
 * @prefixes: the list, not of a message; sluice_prefixes_free() afterwards
 * @prefix: the prefix
 *
 * Return: 0, -ENOSPC if the list is full, or -ENOMEM.
 */
int sluice_prefixes_add(struct sluice_prefixes *prefixes,
			const struct sluice_prefix *prefix)
{
	char room[MNL_NLMSG_HDRLEN + 64] = "";
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(room);
	size_t size;
	char *data;

	sluice_put(nlh, SLUICE_A_PREFIXES_PREFIX, &sluice_prefix_attrs, prefix,
		   ~0U);
	size = mnl_nlmsg_get_payload_len(nlh);
	if (prefixes->size + size > PREFIXES_SIZE_MAX)
		return -ENOSPC;
	data = realloc(prefixes->data, prefixes->size + size);
	if (!data)
		return -ENOMEM;
	memcpy(data + prefixes->size, mnl_nlmsg_get_payload(nlh), size);
	prefixes->data = data;
	prefixes->size += size;
	return 0;
}

/**
 * sluice_prefixes_copy - copy a list
 * @to: gets it; sluice_prefixes_free() afterwards
 * @from: the list, of a message or not
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_prefixes_copy(struct sluice_prefixes *to,
			 const struct sluice_prefixes *from)
{
	void *data = NULL;

	if (from->size) {
		data = malloc(from->size);
		if (!data)
			return -ENOMEM;
		memcpy(data, from->data, from->size);
	}
	to->size = from->size;
	to->data = data;
	return 0;
}

/**
 * sluice_prefixes_free - free a list
 * @prefixes: the list, not of a message; empty afterwards
 */
void sluice_prefixes_free(struct sluice_prefixes *prefixes)
{
	free(prefixes->data);
	memset(prefixes, 0, sizeof(*prefixes));
}

/**
 * sluice_prefixes_each - go through a list
 * @prefixes: the list
 * @fn: called for each prefix
 * @arg: passed to @fn
 */
void sluice_prefixes_each(const struct sluice_prefixes *prefixes,
			  sluice_prefix_fn fn, void *arg)
{
	const struct nlattr *attr;

	mnl_attr_for_each_payload(prefixes->data, prefixes->size) {
		struct sluice_prefix prefix = { 0 };

		if (mnl_attr_get_type(attr) == SLUICE_A_PREFIXES_PREFIX &&
		    read_nest(attr, &sluice_prefix_attrs, &prefix) &&
		    prefix.has & SLUICE_HAS(SLUICE_A_PREFIX_ADDR))
			fn(&prefix, arg);
	}
}

/**
 * sluice_decode - decode a message of the family
 * @nlh: the message
 * @msg: where to put what it carries
 *
 * Return: 0, or -EBADMSG if it is malformed.
 */
int sluice_decode(const struct nlmsghdr *nlh, struct sluice_msg *msg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	memset(msg, 0, sizeof(*msg));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl))
		return -EBADMSG;
	if (!read_set(mnl_nlmsg_get_payload_offset(nlh, sizeof(*genl)),
		      mnl_nlmsg_get_payload_len(nlh) - sizeof(*genl),
		      &sluice_main_attrs, msg))
		return -EBADMSG;
	msg->cmd = genl->cmd;
	msg->created = nlh->nlmsg_flags & NLM_F_CREATE;
	return 0;
}
