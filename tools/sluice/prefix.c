// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists of prefixes, 10.0.0.0/8,fd00::/8: an address without a length stands
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

static int parse_prefix(struct words *words, const char *what, char *text,
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
	char part[KEY_TEXT_SIZE];
	size_t len;
	int ret;

	for (; ; text += len + 1) {
		len = strcspn(text, ",");
		if (len >= sizeof(part))
			return words_fail(words,
					  "%s: \"%.64s...\" is too long for a prefix",
					  what, text);
		memcpy(part, text, len);
		part[len] = 0;
		if (parse_prefix(words, what, part, &prefix))
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
