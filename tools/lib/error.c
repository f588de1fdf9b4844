// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel says about a refused request, in words: its extack text,
 * and the name of the attribute at fault. The kernel gives that attribute as
 * an offset into the request, or as a type and the offset of the nest that
 * lacks it, so the request is walked down to the offset.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "libsluice.h"

/**
 * sluice_error_set - say why something failed
 * @err: where to say it
 * @code: -errno
 * @format: the text; NULL for the words of @code
 */
void sluice_error_set(struct sluice_error *err, int code,
		      const char *format, ...)
{
	va_list args;

	memset(err, 0, sizeof(*err));
	err->code = code;
	if (!format) {
		snprintf(err->text, sizeof(err->text), "%s", strerror(-code));
		return;
	}
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
}

static void append_name(struct sluice_error *err,
			const struct sluice_attr_set *set, unsigned int type)
{
	size_t used = strlen(err->attr);
	const char *dot = used ? "." : "";
	char *end = err->attr + used;
	size_t room = sizeof(err->attr) - used;

	if (set && type <= set->max && set->attr[type].name)
		snprintf(end, room, "%s%s", dot, set->attr[type].name);
	else
		snprintf(end, room, "%s%u", dot, type);
}

/*
 * Walk from the request's top level down to the attribute at an offset, its
 * names going to @err. Returns the set nested in it; NULL if it is no nest or
 * nothing begins at that offset, which leaves the names that lead there.
 */
static const struct sluice_attr_set *
walk_to_offset(struct sluice_error *err, const struct nlmsghdr *request,
	       size_t offset)
{
	size_t pos = MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct genlmsghdr));
	const struct sluice_attr_set *set = &sluice_main_attrs;
	const char *base = (const char *)request;
	size_t end = request->nlmsg_len;

	while (set && mnl_attr_ok((const void *)(base + pos), end - pos)) {
		const struct nlattr *nla = (const void *)(base + pos);
		size_t len = mnl_attr_get_len(nla);
		unsigned int type = mnl_attr_get_type(nla);

		if (set == &sluice_main_attrs && type == SLUICE_A_CHANGE)
			err->change++;
		if (offset >= pos + len) {
			pos += MNL_ALIGN(len);
			if (pos >= end)
				return NULL;
			continue;
		}
		append_name(err, set, type);
		set = type <= set->max ? set->attr[type].nested : NULL;
		if (offset < pos + MNL_ATTR_HDRLEN)
			return set;
		end = pos + len;
		pos += MNL_ATTR_HDRLEN;
	}
	return NULL;
}

struct ack_attrs {
	const char *text;
	const struct nlattr *offset;
	const struct nlattr *miss_type;
	const struct nlattr *miss_nest;
	const struct nlattr *policy;
};

static void note_ack_attr(struct ack_attrs *found, const struct nlattr *attr)
{
	bool number = !mnl_attr_validate(attr, MNL_TYPE_U32);

	switch (mnl_attr_get_type(attr)) {
	case NLMSGERR_ATTR_MSG:
		if (!mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
			found->text = mnl_attr_get_str(attr);
		break;
	case NLMSGERR_ATTR_OFFS:
		found->offset = number ? attr : NULL;
		break;
	case NLMSGERR_ATTR_MISS_TYPE:
		found->miss_type = number ? attr : NULL;
		break;
	case NLMSGERR_ATTR_MISS_NEST:
		found->miss_nest = number ? attr : NULL;
		break;
	case NLMSGERR_ATTR_POLICY:
		found->policy = attr;
		break;
	}
}

static void name_attr(struct sluice_error *err, const struct ack_attrs *found,
		      const struct nlmsghdr *request)
{
	const struct sluice_attr_set *set = &sluice_main_attrs;

	if (found->miss_type) {
		if (found->miss_nest)
			set = walk_to_offset(err, request,
					     mnl_attr_get_u32(found->miss_nest));
		append_name(err, set, mnl_attr_get_u32(found->miss_type));
		err->missing = true;
	} else if (found->offset) {
		walk_to_offset(err, request, mnl_attr_get_u32(found->offset));
	}
}

/* The kernel says that a number is out of range; its policy says which. */
static void append_range(struct sluice_error *err, const struct nlattr *policy)
{
	const struct nlattr *min = NULL, *max = NULL;
	size_t used = strlen(err->text);
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, policy) {
		if (mnl_attr_validate(attr, MNL_TYPE_U64))
			continue;
		if (mnl_attr_get_type(attr) == NL_POLICY_TYPE_ATTR_MIN_VALUE_U)
			min = attr;
		if (mnl_attr_get_type(attr) == NL_POLICY_TYPE_ATTR_MAX_VALUE_U)
			max = attr;
	}
	if (min && max)
		snprintf(err->text + used, sizeof(err->text) - used,
			 ", allowed are %" PRIu64 " to %" PRIu64,
			 mnl_attr_get_u64(min), mnl_attr_get_u64(max));
}

/* Where the attributes of an NLMSG_ERROR or NLMSG_DONE begin. */
static size_t ack_attrs_offset(const struct nlmsghdr *ack)
{
	const struct nlmsgerr *nlerr = mnl_nlmsg_get_payload(ack);

	if (ack->nlmsg_type == NLMSG_DONE)
		return sizeof(int);
	if (ack->nlmsg_flags & NLM_F_CAPPED)
		return sizeof(*nlerr);
	return sizeof(nlerr->error) + MNL_ALIGN(nlerr->msg.nlmsg_len);
}

/**
 * sluice_error_decode - decode an answer that ends a request
 * @err: where to put the answer's code, text and attribute
 * @ack: an NLMSG_ERROR, or the NLMSG_DONE of a dump
 * @request: the message it answers
 */
void sluice_error_decode(struct sluice_error *err, const struct nlmsghdr *ack,
			 const struct nlmsghdr *request)
{
	size_t len = mnl_nlmsg_get_payload_len(ack);
	struct ack_attrs found = { NULL };
	const struct nlattr *attr;
	size_t offset;
	int code;

	if (len < (ack->nlmsg_type == NLMSG_DONE ? sizeof(int)
						  : sizeof(struct nlmsgerr))) {
		sluice_error_set(err, -EBADMSG, "the kernel's answer is too short");
		return;
	}

	memcpy(&code, mnl_nlmsg_get_payload(ack), sizeof(code));
	offset = ack_attrs_offset(ack);
	if ((ack->nlmsg_flags & NLM_F_ACK_TLVS) && offset <= len) {
		const void *data = mnl_nlmsg_get_payload_offset(ack, offset);

		mnl_attr_for_each_payload(data, len - offset)
			note_ack_attr(&found, attr);
	}

	/* Generic netlink has no words for whom it does not let through. */
	if (code == -EPERM && !found.text)
		found.text = "not permitted: this needs CAP_NET_ADMIN in the network namespace";
	sluice_error_set(err, code, found.text ? "%s" : NULL, found.text);
	if (found.policy && err->code == -ERANGE)
		append_range(err, found.policy);
	name_attr(err, &found, request);
}
