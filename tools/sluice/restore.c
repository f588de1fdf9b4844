// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice restore: make the configuration, or the policy alone, that of a saved
 * file, in one transaction: all of it or nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "load.h"

/**
 * struct restore - what is wanted
 * @path: of the file; NULL for standard input
 * @load: the file
 */
struct restore {
	const char *path;
	struct load load;
};

static int words_restore(struct words *words, struct restore *restore)
{
	while (words->left) {
		if (words_take(words, "--noflush")) {
			restore->load.keep = true;
		} else if (words_take(words, "--policy")) {
			restore->load.policy = true;
		} else if (words_take(words, "-f")) {
			restore->path = words_next(words);
			if (!restore->path)
				return words_fail(words, "-f needs a file");
		} else {
			return words_end(words);
		}
	}
	return 0;
}

static enum exit_code load(struct cli *cli, struct restore *restore)
{
	struct words complaint = { NULL };
	struct sluice_error err;
	FILE *file = stdin;
	int ret;

	if (restore->path && strcmp(restore->path, "-"))
		file = fopen(restore->path, "re");
	if (!file) {
		sluice_error_set(&err, -errno, NULL);
		return cli_refused(cli, restore->path, &err);
	}
	ret = load_file(file, &restore->load, &complaint);
	if (file != stdin)
		fclose(file);
	return ret ? cli_usage(cli, &complaint) : EXIT_DONE;
}

static void complain(struct cli *cli, const struct load *load,
		     const struct sluice_error *err)
{
	char why[sizeof(*err) + 32];
	char text[97];
	unsigned int line = load_line_of(load, err->change);

	error_text(err, why, sizeof(why));
	fflush(cli->out.out);
	fprintf(stderr, "sluice: restore: ");
	if (line)
		fprintf(stderr, "line %u: \"%s\": ", line,
			load_line_text(load, line, text, sizeof(text)));
	fprintf(stderr, "%s; nothing was changed\n", why);
}

static enum exit_code commit(struct cli *cli, const struct load *load)
{
	struct sluice_error err;

	if (cli_open(cli))
		return EXIT_REFUSED;
	if (!sluice_tx_commit(cli->sock, load->tx, &err))
		return EXIT_DONE;
	complain(cli, load, &err);
	return EXIT_REFUSED;
}

static enum exit_code run_restore(struct cli *cli, struct words *words,
				  unsigned int flags)
{
	struct restore restore = { NULL };
	enum exit_code code;

	(void)flags;
	if (words_restore(words, &restore))
		return cli_usage(cli, words);
	code = load(cli, &restore);
	if (!code)
		code = commit(cli, &restore.load);
	load_free(&restore.load);
	return code;
}

const struct object restore_object = {
	.name = "restore",
	.run = run_restore,
	.help =
	"Usage: sluice restore [ -f FILE ] [ --policy ] [ --noflush ]\n",
};
