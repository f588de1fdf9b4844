// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prefixes, and lists of them, 10.0.0.0/8,fd00::/8: an address without a length stands
 * for itself. Whether bits behind the prefix may be set is the kernel's to say.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "key.h"

/**
 * prefix_text - a prefix as text
 * @prefix: the prefix
 * @text: at least KEY_TEXT_SIZE bytes
 *
 * Return: @text.
 */
const char *prefix_text(const struct sluice_prefix *prefix, char *text)
{
	char addr[INET6_ADDRSTRLEN];

	snprintf(text, KEY_TEXT_SIZE, "%s/%u", addr_text(&prefix->addr, addr),
		 prefix->len);
	return text;
}

/**
 * identity_text - an identity's key as text
 * @identity: the identity
 * @text: at least IDENTITY_TEXT_SIZE bytes
 *
 * Return: @text.
 */
const char *identity_text(const struct sluice_identity *identity, char *text)
{
	const char *name = sluice_name_of(sluice_identity_names, identity->id);
	char prefix[KEY_TEXT_SIZE];

	prefix_text(&identity->prefix, prefix);
	if (name)
		snprintf(text, IDENTITY_TEXT_SIZE, "%s id %s", prefix, name);
	else
		snprintf(text, IDENTITY_TEXT_SIZE, "%s id %u", prefix,
			 identity->id);
	return text;
}

/**
 * prefix_compare - order of two prefixes
 * @a: a prefix
 * @b: another
 *
 * Return: less than, equal to or greater than 0, as of strcmp(). IPv4 comes
 * first, then address and length count: what is inside of another comes behind
 * that.
 */
int prefix_compare(const struct sluice_prefix *a, const struct sluice_prefix *b)
{
	int order = addr_compare(&a->addr, &b->addr);

	return order ? order : a->len - b->len;
}

/**
 * identity_compare - order of two identities' keys
 * @a: an identity
 * @b: another
 *
 * Return: less than, equal to or greater than 0, as of strcmp(). The prefix
 * counts, then the number.
 */
int identity_compare(const struct sluice_identity *a,
		     const struct sluice_identity *b)
{
	int order = prefix_compare(&a->prefix, &b->prefix);

	return order ? order : (a->id > b->id) - (a->id < b->id);
}

static int parse_cut(struct words *words, const char *what, char *text,
		     struct sluice_prefix *prefix)
{
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	char *len = strchr(text, '/');
	struct words inner = { NULL };
	uint64_t value;

	memset(prefix, 0, sizeof(*prefix));
	prefix->has = SLUICE_HAS(SLUICE_A_PREFIX_ADDR) |
		      SLUICE_HAS(SLUICE_A_PREFIX_LEN);
	prefix->addr.len = family == AF_INET6 ? 16 : 4;
	prefix->len = 8 * prefix->addr.len;
	if (len)
		*len++ = 0;
	if (inet_pton(family, text, prefix->addr.bytes) != 1)
		return words_fail(words, "%s: \"%.64s\" is not an address",
				  what, text);
	if (len && words_number(&inner, "prefix length", len, prefix->len,
				&value))
		return words_fail(words, "%s: %s", what, inner.error);
	if (len)
		prefix->len = value;
	return 0;
}

/* Parse what is before @len. */
static int parse_prefix(struct words *words, const char *what,
			const char *text, size_t len,
			struct sluice_prefix *prefix)
{
	char part[KEY_TEXT_SIZE];

	if (len >= sizeof(part))
		return words_fail(words,
				  "%s: \"%.64s...\" is too long for a prefix",
				  what, text);
	memcpy(part, text, len);
	part[len] = 0;
	return parse_cut(words, what, part, prefix);
}

/**
 * words_prefix - take a prefix
 * @words: the words
 * @prefix: where to put it
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_prefix(struct words *words, struct sluice_prefix *prefix)
{
	const char *text = words_next(words);

	if (!text)
		return words_fail(words,
				  "a prefix is missing, as in 10.244.1.0/24");
	return parse_prefix(words, "prefix", text, strlen(text), prefix);
}

/**
 * words_prefixes - parse a list of prefixes
 * @words: takes the error
 * @what: what the list is
 * @text: the prefixes with commas between them
 * @prefixes: empty before; sluice_prefixes_free() afterwards
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_prefixes(struct words *words, const char *what, const char *text,
		   struct sluice_prefixes *prefixes)
{
	struct sluice_prefix prefix;
	size_t len;
	int ret;

	for (; ; text += len + 1) {
		len = strcspn(text, ",");
		if (parse_prefix(words, what, text, len, &prefix))
			return -EINVAL;
		ret = sluice_prefixes_add(prefixes, &prefix);
		if (ret)
			return words_fail(words, "%s: %s", what,
					  ret == -ENOSPC ?
					  "too many prefixes" :
					  strerror(-ret));
		if (!text[len])
			return 0;
	}
}
