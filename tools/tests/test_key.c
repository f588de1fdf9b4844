// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys: text to struct and back, and what is wrong with bad ones.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "key.h"
#include "tap.h"

#define X16	"xxxxxxxxxxxxxxxx"

/* @error is a part of what is said; NULL if the key is fine. */
struct key_case {
	const char *text;
	const char *printed;
	const char *error;
};

static const struct key_case service_cases[] = {
	{ "10.96.0.10:53/udp", "10.96.0.10:53/udp", NULL },
	{ "[fd00:10:96::a]:53/udp", "[fd00:10:96::a]:53/udp", NULL },
	{ "[FD00:0:0::A]:53/tcp", "[fd00::a]:53/tcp", NULL },
	{ "[::]:1/sctp", "[::]:1/sctp", NULL },
	{ "[::ffff:1.2.3.4]:1/tcp", "[::ffff:1.2.3.4]:1/tcp", NULL },
	{ "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535/icmpv6",
	  "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535/icmpv6", NULL },
	{ "0.0.0.0:0/0", "0.0.0.0:0/0", NULL },
	{ "1.2.3.4:65535/255", "1.2.3.4:65535/255", NULL },
	{ "1.2.3.4:80/6", "1.2.3.4:80/tcp", NULL },
	{ "1.2.3.4:080/tcp", "1.2.3.4:80/tcp", NULL },
	{ "1.2.3.4:65536/tcp", NULL, "port 65536 is greater than 65535" },
	{ "1.2.3.4:99999/tcp", NULL, "port 99999 is greater than 65535" },
	{ "1.2.3.4:18446744073709551696/tcp", NULL, "is greater than 65535" },
	{ "1.2.3.4:80/256", NULL, "protocol 256 is greater than 255" },
	{ "1.2.3.4:80/6x", NULL, "protocol \"6x\" is not a number" },
	{ "1.2.3.4:80/tpc", NULL, "did you mean \"tcp\"?" },
	{ "1.2.3.4:80/TCP", NULL, "\"TCP\" is no protocol" },
	{ "1.2.3.4:80/", NULL, "\"\" is no protocol" },
	{ "1.2.3.4:80/tcp/udp", NULL, "\"tcp/udp\" is no protocol" },
	{ "1.2.3.4:80", NULL, "has no protocol" },
	{ "1.2.3.4/tcp", NULL, "is not ADDRESS:PORT" },
	{ "1.2.3.4:/tcp", NULL, "port \"\" is not a number" },
	{ "1.2.3.4:-1/tcp", NULL, "port \"-1\" is not a number" },
	{ "1.2.3.4:+1/tcp", NULL, "port \"+1\" is not a number" },
	{ "1.2.3.4: 1/tcp", NULL, "port \" 1\" is not a number" },
	{ "1.2.3.4:1x/tcp", NULL, "port \"1x\" is not a number" },
	{ "1.2.3.4:0x10/tcp", NULL, "port \"0x10\" is not a number" },
	{ "1.2.3:80/tcp", NULL, "is not an IPv4 address" },
	{ "1.2.3.256:80/tcp", NULL, "is not an IPv4 address" },
	{ "1.2.3.4.5:80/tcp", NULL, "is not an IPv4 address" },
	{ "::1:80/tcp", NULL, "IPv6 goes in brackets" },
	{ "[::1:80/tcp", NULL, "is not ADDRESS:PORT" },
	{ "[::1]80/tcp", NULL, "is not ADDRESS:PORT" },
	{ "[::1]/tcp", NULL, "is not ADDRESS:PORT" },
	{ "::1]:80/tcp", NULL, "is not an IPv4 address" },
	{ "[]:80/tcp", NULL, "is not an IPv6 address" },
	{ "[:80/tcp", NULL, "is not ADDRESS:PORT" },
	{ "[1.2.3.4]:80/tcp", NULL, "is not an IPv6 address" },
	{ "[fe80::1%eth0]:80/tcp", NULL, "is not an IPv6 address" },
	{ "[::1::2]:80/tcp", NULL, "is not an IPv6 address" },
	{ "localhost:80/tcp", NULL, "is not an IPv4 address" },
	{ ":80/tcp", NULL, "is not an IPv4 address" },
	{ "/", NULL, "is not ADDRESS:PORT" },
	{ ":/", NULL, "is not an IPv4 address" },
	{ "[", NULL, "has no protocol" },
	{ "", NULL, "has no protocol" },
	{ X16 X16 X16 X16, NULL, "is too long for a service" },
	{ X16 X16 X16 X16 X16 X16 X16 X16 ":80/tcp", NULL,
	  "is too long for a service" },
};

static const struct key_case backend_cases[] = {
	{ "10.244.1.7:5353", "10.244.1.7:5353", NULL },
	{ "[fd00::7]:0", "[fd00::7]:0", NULL },
	{ "10.244.1.7:5353/udp", NULL, "port \"5353/udp\" is not a number" },
	{ "10.244.1.7", NULL, "is not ADDRESS:PORT" },
	{ "", NULL, "is not ADDRESS:PORT" },
	{ X16 X16 X16 X16, NULL, "is too long for a backend" },
};

/* A word in memory of its own length, so that reading beyond is found. */
static void use_word(struct words *words, char **word, const char *text)
{
	memset(words, 0, sizeof(*words));
	*word = strdup(text);
	words->word = word;
	words->left = 1;
}

static void report(const char *text, const struct key_case *expected, int ret,
		   const char *printed, const char *error)
{
	if (expected->error)
		tap(ret && strstr(error, expected->error),
		    "key \"%s\" is refused: %s", text, error);
	else
		tap(!ret && !strcmp(printed, expected->printed),
		    "key \"%s\" is read as %s", text, printed);
}

static void check_service(const struct key_case *expected)
{
	struct sluice_service service = { 0 };
	char text[KEY_TEXT_SIZE] = "nothing";
	struct words words;
	char *word;
	int ret;

	use_word(&words, &word, expected->text);
	ret = words_service_key(&words, &service);
	if (!ret)
		service_text(&service, text);
	report(expected->text, expected, ret, text, words.error);
	free(word);
}

static void check_backend(const struct key_case *expected)
{
	struct sluice_backend backend = { 0 };
	char text[KEY_TEXT_SIZE] = "nothing";
	struct words words;
	char *word;
	int ret;

	use_word(&words, &word, expected->text);
	ret = words_backend_key(&words, &backend);
	if (!ret)
		backend_text(&backend, text);
	report(expected->text, expected, ret, text, words.error);
	free(word);
}

static void check_order(void)
{
	static const char * const sorted[] = {
		"9.0.0.0:1/tcp", "10.0.0.0:1/tcp", "10.0.0.0:1/udp",
		"10.0.0.0:256/tcp", "10.0.0.1:1/tcp", "[::]:1/tcp",
		"[::1]:1/tcp",
	};
	struct sluice_service service[ARRAY_SIZE(sorted)] = { 0 };
	struct words words;
	char *word;
	size_t i, j;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(sorted); i++) {
		use_word(&words, &word, sorted[i]);
		words_service_key(&words, &service[i]);
		free(word);
	}
	for (i = 0; i < ARRAY_SIZE(sorted); i++) {
		for (j = 0; j < ARRAY_SIZE(sorted); j++) {
			int order = service_compare(&service[i], &service[j]);

			ok &= i < j ? order < 0 : i > j ? order > 0 : !order;
		}
	}
	tap(ok, "services are ordered by address, port, protocol");
}

int main(void)
{
	struct sluice_service service = { 0 };
	struct words none = { NULL };
	size_t i;

	tap_begin();
	for (i = 0; i < ARRAY_SIZE(service_cases); i++)
		check_service(&service_cases[i]);
	for (i = 0; i < ARRAY_SIZE(backend_cases); i++)
		check_backend(&backend_cases[i]);
	tap(words_service_key(&none, &service) &&
	    !strcmp(none.error, "a service is missing"),
	    "a missing key is refused");
	check_order();
	return tap_end();
}
