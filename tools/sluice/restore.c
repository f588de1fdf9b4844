// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice restore: make the configuration that of a saved file, touching only
 * what differs, and all of it or nothing: what was done is undone if the
 * kernel refuses a part.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "changes.h"
#include "cli.h"
#include "save.h"

#define TEXT_SIZE	512

/**
 * struct restore - what is wanted
 * @path: of the file; NULL for standard input
 * @keep: what the file does not have shall stay
 * @wanted: the file's configuration
 * @before: what there was
 */
struct restore {
	const char *path;
	bool keep;
	struct config wanted;
	struct config before;
};

static int words_restore(struct words *words, struct restore *restore)
{
	while (words->left) {
		if (words_take(words, "--noflush")) {
			restore->keep = true;
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
	ret = load_config(file, !restore->keep, &restore->wanted, &complaint);
	if (file != stdin)
		fclose(file);
	return ret ? cli_usage(cli, &complaint) : EXIT_DONE;
}

/* Whatever was done since, make it as it was. */
static int undo(struct cli *cli, const struct config *before,
		struct sluice_error *err)
{
	struct changes changes = { NULL };
	const struct change *failed;
	struct config now = { NULL };
	int ret;

	ret = config_read(cli->sock, &now, err);
	if (!ret) {
		changes_build(&now, before, false, &changes);
		ret = changes_apply(cli->sock, &changes, &failed, err);
	}
	changes_free(&changes);
	config_free(&now);
	return ret;
}

static void complain(struct cli *cli, const struct change *failed,
		     const struct sluice_error *err, int undone,
		     const struct sluice_error *undo_err)
{
	char what[TEXT_SIZE], why[TEXT_SIZE], why_not[TEXT_SIZE];
	char line[24] = "";

	if (failed->line)
		snprintf(line, sizeof(line), "line %u: ", failed->line);
	change_text(failed, what, sizeof(what));
	error_text(err, why, sizeof(why));
	error_text(undo_err, why_not, sizeof(why_not));
	fflush(cli->out.out);
	if (!undone)
		fprintf(stderr, "sluice: restore: %s\"%s\": %s; nothing was changed\n",
			line, what, why);
	else
		fprintf(stderr, "sluice: restore: %s\"%s\": %s; undoing failed, too: %s\n",
			line, what, why, why_not);
}

static enum exit_code apply(struct cli *cli, struct restore *restore)
{
	struct sluice_error err, undo_err = { 0 };
	struct changes changes = { NULL };
	const struct change *failed;
	int ret, undone;

	ret = config_read(cli->sock, &restore->before, &err);
	if (ret)
		return cli_refused(cli, NULL, &err);
	changes_build(&restore->before, &restore->wanted, restore->keep,
		      &changes);
	ret = changes_apply(cli->sock, &changes, &failed, &err);
	if (ret) {
		undone = undo(cli, &restore->before, &undo_err);
		complain(cli, failed, &err, undone, &undo_err);
	}
	changes_free(&changes);
	return ret ? EXIT_REFUSED : EXIT_DONE;
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
	if (!code && cli_open(cli))
		code = EXIT_REFUSED;
	if (!code)
		code = apply(cli, &restore);
	config_free(&restore.wanted);
	config_free(&restore.before);
	return code;
}

const struct object restore_object = {
	.name = "restore",
	.run = run_restore,
	.help =
	"Usage: sluice restore [ -f FILE ] [ --noflush ]\n",
};
