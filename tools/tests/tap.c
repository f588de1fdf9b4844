// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Results in KTAP; the plan comes last, when it is known.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tap.h"

static unsigned int passed, failed;

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
	printf("%s %u - ", ok ? "ok" : "not ok", passed + failed);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
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
	printf("1..%u\n# pass:%u fail:%u skip:0\n", passed + failed, passed,
	       failed);
	return failed != 0;
}
