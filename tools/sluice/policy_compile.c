// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice policy compile: rules made of Kubernetes' NetworkPolicies, which asks
 * nothing of the kernel.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "netpol.h"

static int words_compile(struct words *words, const char **path,
			 const char **node)
{
	*path = words_next(words);
	if (!*path)
		return words_fail(words, "a file is missing");
	if (!words_take(words, "node"))
		return words_end(words);
	*node = words_next(words);
	if (!*node)
		return words_fail(words, "node needs a name");
	return words_end(words);
}

/* JSON has no zeroes, so it all comes at once; or else up to the first one. */
static int read_file(const char *path, char **text, size_t *size)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
	size_t room = 0;
	ssize_t got;
	int ret = 0;

	if (!file)
		return -errno;
	errno = 0;
	got = getdelim(text, &room, 0, file);
	if (got < 0 && !feof(file))
		ret = -errno;
	*size = got < 0 ? 0 : got;
	if (file != stdin)
		fclose(file);
	return ret;
}

static enum exit_code compile(struct cli *cli, const char *text, size_t size,
			      const char *node)
{
	struct words complaint = { NULL };
	struct netpol np = { .objects = 0 };
	enum exit_code code = EXIT_DONE;

	if (netpol_read(&np, text, size, &complaint))
		code = cli_usage(cli, &complaint);
	else
		netpol_write(&np, node, cli->out.out);
	netpol_free(&np);
	return code;
}

static enum exit_code compile_file(struct cli *cli, const char *path,
				   const char *node)
{
	struct sluice_error err;
	enum exit_code code;
	char *text = NULL;
	size_t size;
	int ret;

	ret = read_file(path, &text, &size);
	if (ret) {
		sluice_error_set(&err, ret, NULL);
		code = cli_refused(cli, path, &err);
	} else {
		code = compile(cli, text ? text : "", size, node);
	}
	free(text);
	return code;
}

/*
 * At the other end of a pipe "sluice restore" would take no line at all for no
 * policy at all, and delete what there is.
 */
enum exit_code run_policy_compile(struct cli *cli, struct words *words,
				  unsigned int flags)
{
	const char *path, *node = NULL;
	enum exit_code code;

	(void)flags;
	if (words_compile(words, &path, &node))
		code = cli_usage(cli, words);
	else
		code = compile_file(cli, path, node);
	if (code != EXIT_DONE)
		fputs("error: nothing was compiled\n", cli->out.out);
	return code;
}
