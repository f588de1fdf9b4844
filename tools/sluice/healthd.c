// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice healthd: becomes the program that answers health checks, which has
 * libraries that this command does without.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "key.h"

#define PROGRAM	"sluice-healthd"

/* Takes "address ADDRESS" up to the last word; the addresses to @argv. */
static int words_addresses(struct words *words, char **argv)
{
	struct sluice_addr addr;

	while (words->left) {
		if (words_expect(words, "address"))
			return -EINVAL;
		*argv++ = words->left ? *words->word : NULL;
		if (words_addr(words, &addr))
			return -EINVAL;
	}
	return 0;
}

/* It is installed beside this command. Returns -errno. */
static int program_path(char *path, size_t size)
{
	ssize_t len = readlink("/proc/self/exe", path, size);
	char *name;

	if (len < 0)
		return -errno;
	if (len + sizeof(PROGRAM) >= size)
		return -ENAMETOOLONG;
	path[len] = 0;
	name = strrchr(path, '/') + 1;
	strcpy(name, PROGRAM);
	return 0;
}

static enum exit_code become(struct cli *cli, char **argv)
{
	struct sluice_error err;
	char path[4096] = PROGRAM;
	int ret = 0;

	if (cli->netns)
		ret = netns_enter(cli->netns, &err);
	if (ret)
		return cli_refused(cli, NULL, &err);
	ret = program_path(path, sizeof(path));
	if (!ret) {
		execv(path, argv);
		ret = -errno;
	}
	sluice_error_set(&err, ret, "%s%s", strerror(-ret), ret == -ENOENT ?
			 ": it is built where libevent-dev is installed" : "");
	return cli_refused(cli, path, &err);
}

static enum exit_code run_healthd(struct cli *cli, struct words *words,
				  unsigned int flags)
{
	/* Of two words each, one stays. */
	char **argv = calloc(words->left + 2, sizeof(*argv));
	enum exit_code code;

	(void)flags;
	if (!argv) {
		words_fail(words, "out of memory");
		return cli_usage(cli, words);
	}
	argv[0] = PROGRAM;
	if (words_addresses(words, argv + 1))
		code = cli_usage(cli, words);
	else
		code = become(cli, argv);
	free(argv);
	return code;
}

const struct object healthd_object = {
	.name = "healthd",
	.run = run_healthd,
	.help =
	"Usage: sluice healthd [ address ADDRESS ]...\n",
};
