// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results in KTAP; the plan comes last, when it is known.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tap.h"

static unsigned int passed, failed, skipped;

static unsigned int count(void)
{
	return passed + failed + skipped;
}

/**
 * tap_begin - print the version line
 */
void tap_begin(void)
{
	puts("KTAP version 1");
}

/**
 * tap - report a result
 * @ok: whether it is as it should be
 * @format: name of the test
 */
void tap(bool ok, const char *format, ...)
{
	va_list args;

	*(ok ? &passed : &failed) += 1;
	printf("%s %u - ", ok ? "ok" : "not ok", count());
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

/**
 * tap_skip - report what was not tried
 * @name: name of the test
 * @missing: what it needs
 */
void tap_skip(const char *name, const char *missing)
{
	skipped++;
	printf("ok %u - %s # SKIP %s is missing\n", count(), name, missing);
}

/**
 * tap_text - report whether a text is as it should be
 * @name: name of the test
 * @got: the text
 * @expected: what it should be
 */
void tap_text(const char *name, const char *got, const char *expected)
{
	bool ok = !strcmp(got, expected);

	tap(ok, "%s", name);
	if (!ok)
		printf("# got \"%s\"\n# expected \"%s\"\n", got, expected);
}

/**
 * tap_end - print plan and totals
 *
 * Return: what main() shall return.
 */
int tap_end(void)
{
	printf("1..%u\n# pass:%u fail:%u skip:%u\n", count(), passed, failed,
	       skipped);
	return failed != 0;
}
