// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings of a namespace: one set for the kernel, shown and changed by the
 * objects that they are about.
 */
#include <errno.h>

#include "cli.h"
#include "fields.h"

/**
 * words_settings - take settings, at least one
 * @words: the words, up to the last
 * @settings: where to put them; settings_free() afterwards
 * @mask: those of the object
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_settings(struct words *words, struct sluice_settings *settings,
		   uint32_t mask)
{
	if (!words->left)
		return words_fail(words, "a setting is missing");
	return words_fields(words, &sluice_settings_attrs, settings, mask);
}

/**
 * print_settings - print settings as the verb "set" takes them
 * @out: the printer, in an object
 * @settings: the settings
 * @mask: those of the object
 */
void print_settings(struct printer *out,
		    const struct sluice_settings *settings, uint32_t mask)
{
	print_fields(out, &sluice_settings_attrs, settings, mask);
}

/**
 * settings_free - free what settings made from words hold
 * @settings: the settings
 */
void settings_free(struct sluice_settings *settings)
{
	sluice_prefixes_free(&settings->node_port_addresses);
	sluice_prefixes_free(&settings->pod_prefixes);
}

static enum exit_code set(struct cli *cli,
			  const struct sluice_settings *settings)
{
	struct sluice_error err;

	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_settings_set(cli->sock, settings, &err))
		return cli_refused(cli, NULL, &err);
	return EXIT_DONE;
}

/**
 * run_set_settings - the verb "set" of an object that has settings
 * @cli: the run
 * @words: the settings
 * @mask: those of the object
 *
 * Return: the exit code.
 */
enum exit_code run_set_settings(struct cli *cli, struct words *words,
				unsigned int mask)
{
	struct sluice_settings settings = { 0 };
	enum exit_code code;

	if (words_settings(words, &settings, mask))
		code = cli_usage(cli, words);
	else
		code = set(cli, &settings);
	settings_free(&settings);
	return code;
}

/**
 * run_show_settings - the settings of an object, as the command that sets them
 * @cli: the run
 * @words: what is left; nothing
 * @command: object and verb
 * @mask: those of the object
 *
 * Return: the exit code.
 */
enum exit_code run_show_settings(struct cli *cli, struct words *words,
				 const char *command, uint32_t mask)
{
	struct sluice_settings settings;
	struct sluice_error err;

	if (words_end(words))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_settings_get(cli->sock, &settings, &err))
		return cli_refused(cli, "settings", &err);
	print_object_begin(&cli->out, NULL);
	print_text(&cli->out, command);
	print_settings(&cli->out, &settings, mask);
	print_text(&cli->out, "\n");
	print_object_end(&cli->out);
	return EXIT_DONE;
}
