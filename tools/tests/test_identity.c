// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Identities as words, sorted, and shown; the fake kernel has them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fake_kernel.h"
#include "key.h"
#include "run.h"
#include "tap.h"

#define LONG	"1111111111111111111111111111111111111111"

/* @error is a part of what is said; NULL if the line is fine. */
static const struct line_case {
	const char *line;
	const char *printed;
	const char *error;
} lines[] = {
	{ "10.244.1.7 id 1001", "10.244.1.7/32 id 1001", NULL },
	{ "10.244.1.7/32 id 1001", "10.244.1.7/32 id 1001", NULL },
	{ "fd00::7 id 256", "fd00::7/128 id 256", NULL },
	{ "0.0.0.0/0 id world", "0.0.0.0/0 id world", NULL },
	{ "::/0 id 3 exclusive off", "::/0 id world", NULL },
	{ "10.0.0.1 id host", "10.0.0.1/32 id host", NULL },
	{ "10.0.0.2 id 2", "10.0.0.2/32 id remote-node", NULL },
	{ "10.0.0.2 id 0", "10.0.0.2/32 id unknown", NULL },
	{ "10.0.0.0/8 id 4294967295 except 10.1.0.0/16,10.2.0.1",
	  "10.0.0.0/8 id 4294967295 except 10.1.0.0/16,10.2.0.1/32", NULL },
	{ "10.0.0.0/8 id 300 exclusive on except none",
	  "10.0.0.0/8 id 300 exclusive on", NULL },
	{ "fd00::/8 id 300 exclusive on except fd00:1::/32",
	  "fd00::/8 id 300 except fd00:1::/32 exclusive on", NULL },
	{ "10.0.0.0/8 exclusive on except 10.1.0.0/16 id 300",
	  "10.0.0.0/8 id 300 except 10.1.0.0/16 exclusive on", NULL },
	{ "", NULL, "a prefix is missing" },
	{ "10.0.0.0/8", NULL, "\"id\" is missing" },
	{ "10.0.0.0/8 5", NULL, "\"5\" is no keyword of this command" },
	{ "10.0.0.0/8 exclusive on", NULL, "\"id\" is missing" },
	{ "10.0.0.0/8 id", NULL, "\"id\" needs a value" },
	{ "10.0.0.0/33 id 5", NULL, "prefix length 33 is greater than 32" },
	{ "fd00::/129 id 5", NULL, "prefix length 129 is greater than 128" },
	{ "10.0.0/8 id 5", NULL, "prefix: \"10.0.0\" is not an address" },
	{ "10.0.0.0/8,11.0.0.0/8 id 5", NULL, "is not a number" },
	{ LONG LONG " id 5", NULL, "is too long for a prefix" },
	{ "10.0.0.0/8 id wrold", NULL, "id \"wrold\" is no number and none "
	  "of: unknown host remote-node world; did you mean \"world\"?" },
	{ "10.0.0.0/8 id database", NULL, "remote-node world" },
	{ "10.0.0.0/8 id 4294967296", NULL, "greater than 4294967295" },
	{ "10.0.0.0/8 id -1", NULL, "is no number" },
	{ "10.0.0.0/8 id 5x", NULL, "id \"5x\" is not a number" },
	{ "10.0.0.0/8 id 5 exept 10.1.0.0/16", NULL,
	  "did you mean \"except\"?" },
	{ "10.0.0.0/8 id 5 exclusive yes", NULL, "is none of: on off" },
	{ "10.0.0.0/8 id 5 exclusive on exclusive on", NULL, "given twice" },
	{ "10.0.0.0/8 id 5 except", NULL, "\"except\" needs a value" },
	{ "10.0.0.0/8 id 5 id 6", NULL, "\"id\" is given twice" },
};

static char *print(const struct sluice_identity *identity)
{
	struct printer out = { .out = NULL };
	char *text = NULL;
	size_t len;

	out.out = open_memstream(&text, &len);
	print_identity(&out, identity);
	fclose(out.out);
	return text;
}

static void check_line(const struct line_case *expected)
{
	struct sluice_identity identity = { 0 };
	struct words words;
	char *word[16];
	char *text;
	int count, ret;

	cut(&words, word, expected->line);
	count = words.left;
	ret = words_identity(&words, &identity);
	text = print(&identity);
	if (expected->error)
		tap(ret && strstr(words.error, expected->error),
		    "\"%.60s\" is refused: %s", expected->line,
		    words.error);
	else
		tap(!ret && !strcmp(text, expected->printed),
		    "\"%s\" is read as %s", expected->line, text);
	free(text);
	identity_free(&identity);
	free_words(word, count);
}

static void check_order(void)
{
	static const char * const sorted[] = {
		"0.0.0.0/0 id world", "9.0.0.0/8 id 300", "10.0.0.0/8 id 300",
		"10.0.0.0/8 id 4000000000", "10.0.0.0/16 id 300",
		"10.0.0.1/32 id 1", "::/0 id 3", "::/1 id 3", "::1/128 id 1",
	};
	struct sluice_identity identity[ARRAY_SIZE(sorted)] = { 0 };
	struct words words;
	char *word[16];
	bool ok = true;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(sorted); i++) {
		cut(&words, word, sorted[i]);
		words_identity(&words, &identity[i]);
		free_words(word, 3);
	}
	for (i = 0; i < ARRAY_SIZE(sorted); i++) {
		for (j = 0; j < ARRAY_SIZE(sorted); j++) {
			int order = identity_compare(&identity[i],
						     &identity[j]);

			ok &= i < j ? order < 0 : i > j ? order > 0 : !order;
		}
	}
	tap(ok, "identities are ordered by family, address, length, number");
}

#define LINES \
	"identity add fd00::7 id 1001\n" \
	"identity add 10.0.0.0/8 id 300 except 10.1.0.0/16 exclusive on\n" \
	"identity add 10.0.0.0/8 id host\n"

static void check_show(void)
{
	fake_kernel_load(LINES);
	tap_run("identity show", &identity_object, "show", 0,
		"10.0.0.0/8 id host\n"
		"10.0.0.0/8 id 300 except 10.1.0.0/16 exclusive on\n"
		"fd00::7/128 id 1001\n");
	tap_run("identity show PREFIX", &identity_object, "show fd00::7",
		0, "fd00::7/128 id 1001\n");
	tap_run("identity show of a prefix without any", &identity_object,
		"show 10.0.0.0/9", 0, "");
	tap_run("identity show as JSON", &identity_object, "-j show 10.0.0.0/8",
		0,
		"[{\"prefix\":\"10.0.0.0/8\",\"id\":1,\"except\":[],"
		"\"exclusive\":false},"
		"{\"prefix\":\"10.0.0.0/8\",\"id\":300,"
		"\"except\":[\"10.1.0.0/16\"],\"exclusive\":true}]\n");
}

int main(void)
{
	size_t i;

	tap_begin();
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		check_line(&lines[i]);
	check_order();
	check_show();
	fake_kernel_reset();
	return tap_end();
}
