// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: lists of prefixes.
 */
#include <linux/mm.h>

#include "alloc.h"
#include "nl.h"

static int parse_len(struct sluice_prefix *prefix, const struct nlattr *attr,
		     struct netlink_ext_ack *extack)
{
	prefix->len = nla_get_u8(attr);
	if (prefix->family == AF_INET && prefix->len > 32)
		return sluice_nl_invalid(extack, attr,
					 "an IPv4 prefix has at most 32 bits");
	return 0;
}

/* Whether no bit behind the prefix is set. */
static bool ends_in_zeroes(const struct sluice_prefix *prefix)
{
	int bits = prefix->family == AF_INET ? 32 : 128;
	const u8 *bytes = (const u8 *)&prefix->addr;
	int bit;

	for (bit = prefix->len; bit < bits; bit++)
		if (bytes[bit / 8] & 0x80 >> bit % 8)
			return false;
	return true;
}

/**
 * sluice_nl_parse_prefix() - read a prefix
 * @prefix: filled in
 * @family: the only one allowed, or AF_UNSPEC
 * @nest: of the attribute set "prefix"
 * @extack: for the reason of a refusal
 *
 * Return: 0 or -EINVAL.
 */
int sluice_nl_parse_prefix(struct sluice_prefix *prefix, u8 family,
			   const struct nlattr *nest,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SLUICE_A_PREFIX_MAX + 1];
	int err;

	err = nla_parse_nested(tb, SLUICE_A_PREFIX_MAX, nest,
			       sluice_prefix_nl_policy, extack);
	if (err)
		return err;
	if (!tb[SLUICE_A_PREFIX_ADDR])
		return sluice_nl_missing(extack, nest, SLUICE_A_PREFIX_ADDR,
					 "the prefix's address is missing");
	if (!tb[SLUICE_A_PREFIX_LEN])
		return sluice_nl_missing(extack, nest, SLUICE_A_PREFIX_LEN,
					 "the prefix's length is missing");

	err = sluice_nl_parse_addr(&prefix->addr, &prefix->family,
				   tb[SLUICE_A_PREFIX_ADDR], extack);
	if (err)
		return err;
	if (family != AF_UNSPEC && prefix->family != family)
		return sluice_nl_invalid(extack, tb[SLUICE_A_PREFIX_ADDR],
					 "the prefix is not of the object's address family");
	err = parse_len(prefix, tb[SLUICE_A_PREFIX_LEN], extack);
	if (err)
		return err;
	if (!ends_in_zeroes(prefix))
		return sluice_nl_invalid(extack, tb[SLUICE_A_PREFIX_ADDR],
					 "the address has bits behind the prefix");
	return 0;
}

static int count_prefixes(const struct nlattr *nest, u32 *count,
			  struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int left;

	*count = 0;
	nla_for_each_nested(attr, nest, left)
		++*count;
	if (*count > SLUICE_PREFIXES_MAX)
		return sluice_nl_invalid(extack, nest,
					 "the list has more than "
					 __stringify(SLUICE_PREFIXES_MAX)
					 " prefixes");
	return 0;
}

/**
 * sluice_nl_parse_prefixes() - read a list of prefixes
 * @prefixes: gets it; sluice_nl_free_prefixes() afterwards, also on error
 * @family: the only one allowed, or AF_UNSPEC
 * @nest: of the attribute set "prefixes"
 * @extack: for the reason of a refusal
 *
 * Return: 0 or -errno.
 */
int sluice_nl_parse_prefixes(struct sluice_prefixes *prefixes, u8 family,
			     const struct nlattr *nest,
			     struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int err, left;
	u32 count;

	prefixes->count = 0;
	err = count_prefixes(nest, &count, extack);
	if (err || !count)
		return err;

	prefixes->list = sluice_alloc_array(count, sizeof(*prefixes->list));
	if (!prefixes->list) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "no memory for the prefixes");
		return -ENOMEM;
	}
	nla_for_each_nested(attr, nest, left) {
		err = sluice_nl_parse_prefix(&prefixes->list[prefixes->count++],
					     family, attr, extack);
		if (err)
			return err;
	}
	return 0;
}

void sluice_nl_free_prefixes(struct sluice_prefixes *prefixes)
{
	sluice_free(prefixes->list);
	memset(prefixes, 0, sizeof(*prefixes));
}

int sluice_nl_put_prefix(struct sk_buff *skb, int type,
			 const struct sluice_prefix *prefix)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, type);
	if (!nest ||
	    sluice_nl_put_addr(skb, SLUICE_A_PREFIX_ADDR, prefix->family,
			       &prefix->addr) ||
	    nla_put_u8(skb, SLUICE_A_PREFIX_LEN, prefix->len))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Write a list, even if it is empty. */
int sluice_nl_put_prefixes(struct sk_buff *skb, int type,
			   const struct sluice_prefixes *prefixes)
{
	struct nlattr *nest;
	u32 i;

	nest = nla_nest_start(skb, type);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < prefixes->count; i++)
		if (sluice_nl_put_prefix(skb, SLUICE_A_PREFIXES_PREFIX,
					 &prefixes->list[i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
