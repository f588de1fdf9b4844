// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The socket of a run, in the network namespace asked for, and complaints.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define NETNS_DIR	"/var/run/netns"

/**
 * netns_enter - go to another network namespace
 * @name: as of "ip netns", or a path if there is a slash in it
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int netns_enter(const char *name, struct sluice_error *err)
{
	char path[4096];
	int fd, ret = 0;

	snprintf(path, sizeof(path), "%s%s",
		 strchr(name, '/') ? "" : NETNS_DIR "/", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		sluice_error_set(err, -errno,
				 "network namespace \"%.64s\": %.128s",
				 name, strerror(errno));
		return err->code;
	}
	if (setns(fd, CLONE_NEWNET)) {
		ret = -errno;
		sluice_error_set(err, ret,
				 "entering network namespace \"%.64s\": %.128s",
				 name, strerror(-ret));
	}
	close(fd);
	return ret;
}

/**
 * cli_open - open the socket, complaining if that fails
 * @cli: the run
 *
 * Return: 0 or -errno.
 */
int cli_open(struct cli *cli)
{
	struct sluice_error err;
	int ret = 0;

	if (cli->netns)
		ret = netns_enter(cli->netns, &err);
	if (!ret)
		ret = sluice_open(&cli->sock, &err);
	if (ret)
		cli_refused(cli, NULL, &err);
	return ret;
}

static void print_where(const struct cli *cli)
{
	fflush(cli->out.out);
	fprintf(stderr, "sluice: %s%s", cli->where, *cli->where ? ": " : "");
}

/**
 * cli_usage - complain about the words of the command
 * @cli: the run
 * @words: the words, telling what is wrong
 *
 * Return: EXIT_USAGE.
 */
enum exit_code cli_usage(const struct cli *cli, const struct words *words)
{
	print_where(cli);
	fprintf(stderr, "%s\n", words->error);
	return EXIT_USAGE;
}

/**
 * error_text - all of an error in one line
 * @err: the error
 * @text: where to put the line
 * @size: room there
 *
 * Return: @text.
 */
const char *error_text(const struct sluice_error *err, char *text, size_t size)
{
	if (!*err->attr)
		snprintf(text, size, "%s", err->text);
	else
		snprintf(text, size, "%s (attribute %s%s)", err->text,
			 err->attr, err->missing ? " is missing" : "");
	return text;
}

/**
 * cli_refused - say what the kernel refused
 * @cli: the run
 * @subject: the object it was asked about; NULL if none
 * @err: its reason
 *
 * Return: EXIT_REFUSED.
 */
enum exit_code cli_refused(const struct cli *cli, const char *subject,
			   const struct sluice_error *err)
{
	char text[sizeof(*err) + 32];

	print_where(cli);
	if (subject)
		fprintf(stderr, "\"%s\": ", subject);
	fprintf(stderr, "%s\n", error_text(err, text, sizeof(text)));
	return EXIT_REFUSED;
}

/**
 * cli_flush - run a verb that takes no words and deletes all objects of a kind
 * @cli: the run
 * @words: what is behind the verb
 * @flush: asks the kernel
 *
 * Return: the run's exit code.
 */
enum exit_code cli_flush(struct cli *cli, struct words *words,
			 int (*flush)(struct sluice_sock *sock,
				      struct sluice_error *err))
{
	struct sluice_error err;

	if (words_end(words))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (flush(cli->sock, &err))
		return cli_refused(cli, NULL, &err);
	return EXIT_DONE;
}
