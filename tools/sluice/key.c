// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What names an object: 10.96.0.10:53/udp, [fd00:10:96::a]:53/udp for a
 * service, the same without a protocol for a backend. Only what cannot be
 * sent is refused here; whether a port may be 0 is the kernel's to say.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "key.h"

/* The longest address, port and protocol, and as much again for mistakes. */
#define PART_SIZE	64

/**
 * addr_text - an address as text
 * @addr: the address
 * @text: at least INET6_ADDRSTRLEN bytes
 *
 * Return: @text.
 */
const char *addr_text(const struct sluice_addr *addr, char *text)
{
	int family = addr->len == 16 ? AF_INET6 : AF_INET;

	return inet_ntop(family, addr->bytes, text, INET6_ADDRSTRLEN);
}

/**
 * endpoint_text - an address and a port as text
 * @addr: the address
 * @port: the port
 * @text: at least KEY_TEXT_SIZE bytes
 *
 * Return: @text.
 */
const char *endpoint_text(const struct sluice_addr *addr, uint16_t port,
			  char *text)
{
	char only_addr[INET6_ADDRSTRLEN];

	snprintf(text, KEY_TEXT_SIZE, addr->len == 16 ? "[%s]:%u" : "%s:%u",
		 addr_text(addr, only_addr), port);
	return text;
}

/**
 * service_text - a service's key as text
 * @service: the service
 * @text: at least KEY_TEXT_SIZE bytes
 *
 * Return: @text.
 */
const char *service_text(const struct sluice_service *service, char *text)
{
	const char *name = sluice_name_of(sluice_protocols, service->proto);
	size_t len;

	endpoint_text(&service->addr, service->port, text);
	len = strlen(text);
	if (name)
		snprintf(text + len, KEY_TEXT_SIZE - len, "/%s", name);
	else
		snprintf(text + len, KEY_TEXT_SIZE - len, "/%u",
			 service->proto);
	return text;
}

/**
 * backend_text - a backend's key as text
 * @backend: the backend
 * @text: at least KEY_TEXT_SIZE bytes
 *
 * Return: @text.
 */
const char *backend_text(const struct sluice_backend *backend, char *text)
{
	return endpoint_text(&backend->addr, backend->port, text);
}

static bool parse_addr(const char *text, int family, struct sluice_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->len = family == AF_INET6 ? 16 : 4;
	return inet_pton(family, text, addr->bytes) == 1;
}

/**
 * addr_parse - read an address alone: IPv6 has no brackets then
 * @text: the text
 * @addr: gets the address
 *
 * Return: whether it was one.
 */
bool addr_parse(const char *text, struct sluice_addr *addr)
{
	return parse_addr(text, strchr(text, ':') ? AF_INET6 : AF_INET, addr);
}

static int parse_bare_addr(struct words *words, const char *text,
			   struct sluice_addr *addr)
{
	if (addr_parse(text, addr))
		return 0;
	return words_fail(words, "\"%.96s\" is not an address", text);
}

static int parse_port(struct words *words, const char *whole, const char *text,
		      uint16_t *port)
{
	struct words inner = { NULL };
	uint64_t value;

	if (words_number(&inner, "port", text, UINT16_MAX, &value))
		return words_fail(words, "\"%.96s\": %s", whole, inner.error);
	*port = value;
	return 0;
}

/* Cut "ADDRESS:PORT" or "[ADDRESS]:PORT" in two; returns the port. */
static char *cut_endpoint(char *text, int *family)
{
	char *end;

	*family = *text == '[' ? AF_INET6 : AF_INET;
	end = strrchr(text, ':');
	if (!end)
		return NULL;
	if (*family == AF_INET6 && end[-1] != ']')
		return NULL;
	end[*family == AF_INET6 ? -1 : 0] = 0;
	return end + 1;
}

static int parse_endpoint(struct words *words, const char *whole, char *text,
			  struct sluice_addr *addr, uint16_t *port)
{
	char *port_text;
	int family;

	port_text = cut_endpoint(text, &family);
	if (!port_text)
		return words_fail(words,
				  "\"%.96s\" is not ADDRESS:PORT or [IPV6]:PORT",
				  whole);
	text += family == AF_INET6;
	if (!parse_addr(text, family, addr))
		return words_fail(words, "\"%.96s\": \"%s\" is not an %s address%s",
				  whole, text,
				  family == AF_INET6 ? "IPv6" : "IPv4",
				  family == AF_INET && strchr(text, ':') ?
				  " (IPv6 goes in brackets)" : "");
	return parse_port(words, whole, port_text, port);
}

/* Take a word into a buffer in which it can be cut up. */
static int next_part(struct words *words, const char *what, char *part,
		     const char **whole)
{
	*whole = words_next(words);
	if (!*whole)
		return words_fail(words, "a %s is missing", what);
	if (strlen(*whole) >= PART_SIZE)
		return words_fail(words, "\"%.64s...\" is too long for a %s",
				  *whole, what);
	strcpy(part, *whole);
	return 0;
}

static int parse_proto(struct words *words, const char *whole,
		       const char *text, uint8_t *proto)
{
	struct suggestion suggestion = { NULL };
	const struct sluice_name *name;
	struct words inner = { NULL };
	unsigned int named;
	uint64_t value;

	if (sluice_name_value(sluice_protocols, text, &named)) {
		*proto = named;
		return 0;
	}
	if (*text >= '0' && *text <= '9') {
		*proto = 0;
		if (words_number(&inner, "protocol", text, UINT8_MAX, &value))
			return words_fail(words, "\"%.96s\": %s", whole,
					  inner.error);
		*proto = value;
		return 0;
	}
	for (name = sluice_protocols; name->name; name++)
		suggestion_consider(&suggestion, text, name->name);
	words_unknown(&inner, text, "protocol (tcp, udp, sctp or a number)",
		      &suggestion);
	return words_fail(words, "\"%.96s\": %s", whole, inner.error);
}

/**
 * words_proto - take a protocol
 * @words: the words
 * @proto: where to put its number
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_proto(struct words *words, uint8_t *proto)
{
	const char *text = words_next(words);

	if (!text)
		return words_fail(words, "a protocol is missing");
	return parse_proto(words, text, text, proto);
}

/**
 * words_addr - take an address
 * @words: the words
 * @addr: where to put it
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_addr(struct words *words, struct sluice_addr *addr)
{
	const char *text = words_next(words);

	if (!text)
		return words_fail(words, "an address is missing");
	return parse_bare_addr(words, text, addr);
}

/**
 * words_endpoint - take an address and a port
 * @words: the words
 * @what: what they are for
 * @addr: where to put the address
 * @port: where to put the port
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_endpoint(struct words *words, const char *what,
		   struct sluice_addr *addr, uint16_t *port)
{
	char part[PART_SIZE];
	const char *whole;

	if (next_part(words, what, part, &whole))
		return -EINVAL;
	return parse_endpoint(words, whole, part, addr, port);
}

/* An IPv6 address without brackets has more colons than one. */
static bool has_port(const char *text)
{
	const char *colon = strchr(text, ':');

	return *text == '[' || (colon && !strchr(colon + 1, ':'));
}

/**
 * words_source - take an address that may have a port
 * @words: the words
 * @addr: where to put the address
 * @port: where to put the port, 0 if there is none
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_source(struct words *words, struct sluice_addr *addr, uint16_t *port)
{
	char part[PART_SIZE];
	const char *whole;

	if (next_part(words, "source", part, &whole))
		return -EINVAL;
	if (has_port(part))
		return parse_endpoint(words, whole, part, addr, port);
	*port = 0;
	return parse_bare_addr(words, part, addr);
}

/* Up to the protocol, which comes last; "fd00::1" may be all before it. */
static int next_part_of(struct words *words, char *part, const char **whole,
			char **proto)
{
	if (next_part(words, "service", part, whole))
		return -EINVAL;
	*proto = strchr(part, '/');
	if (!*proto)
		return words_fail(words,
				  "\"%.96s\" has no protocol, as in 10.96.0.10:53/udp",
				  *whole);
	*(*proto)++ = 0;
	return 0;
}

/**
 * words_service_key - take a service's key
 * @words: the words
 * @service: where to put it
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_service_key(struct words *words, struct sluice_service *service)
{
	char part[PART_SIZE];
	const char *whole;
	char *proto;

	if (next_part_of(words, part, &whole, &proto))
		return -EINVAL;
	service->has |= SLUICE_SERVICE_KEY;
	if (parse_endpoint(words, whole, part, &service->addr, &service->port))
		return -EINVAL;
	return parse_proto(words, whole, proto, &service->proto);
}

/**
 * words_destination - take an address, its port if the protocol has ports, and
 *	the protocol
 * @words: the words
 * @addr: where to put the address
 * @port: where to put the port, 0 for ICMP
 * @proto: where to put the protocol
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_destination(struct words *words, struct sluice_addr *addr,
		      uint16_t *port, uint8_t *proto)
{
	char part[PART_SIZE];
	const char *whole;
	char *name;

	if (next_part_of(words, part, &whole, &name) ||
	    parse_proto(words, whole, name, proto))
		return -EINVAL;
	if (*proto != IPPROTO_ICMP && *proto != IPPROTO_ICMPV6)
		return parse_endpoint(words, whole, part, addr, port);
	*port = 0;
	return parse_bare_addr(words, part, addr);
}

/**
 * words_backend_key - take a backend's key
 * @words: the words
 * @backend: where to put it
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_backend_key(struct words *words, struct sluice_backend *backend)
{
	backend->has |= SLUICE_BACKEND_KEY;
	return words_endpoint(words, "backend", &backend->addr,
			      &backend->port);
}

/**
 * addr_compare - order of two addresses
 * @a: an address
 * @b: another
 *
 * Return: less than, equal to or greater than 0, as of strcmp(); IPv4 comes
 * first.
 */
int addr_compare(const struct sluice_addr *a, const struct sluice_addr *b)
{
	int order = a->len - b->len;

	return order ? order : memcmp(a->bytes, b->bytes, a->len);
}

static int endpoint_compare(const struct sluice_addr *a, uint16_t a_port,
			    const struct sluice_addr *b, uint16_t b_port)
{
	int order = addr_compare(a, b);

	return order ? order : a_port - b_port;
}

/**
 * service_compare - order of two services' keys
 * @a: a service
 * @b: another
 *
 * Return: less than, equal to or greater than 0, as of strcmp(). IPv4 comes
 * first, then address, port, protocol count.
 */
int service_compare(const struct sluice_service *a,
		    const struct sluice_service *b)
{
	int order = endpoint_compare(&a->addr, a->port, &b->addr, b->port);

	return order ? order : a->proto - b->proto;
}

/**
 * backend_compare - order of two backends' keys in a service
 * @a: a backend
 * @b: another
 *
 * Return: less than, equal to or greater than 0, as of strcmp().
 */
int backend_compare(const struct sluice_backend *a,
		    const struct sluice_backend *b)
{
	return endpoint_compare(&a->addr, a->port, &b->addr, b->port);
}
