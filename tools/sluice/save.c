// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice save: the configuration as commands that restore reads.
 */
#include <stdio.h>

#include "cli.h"
#include "config.h"
#include "key.h"
#include "rule.h"
#include "save.h"

static void save_service(struct printer *out,
			 const struct sluice_service *service)
{
	char text[KEY_TEXT_SIZE];

	print_string(out, NULL, "service add ", service_text(service, text));
	print_service_options(out, service);
	print_text(out, "\n");
}

static void save_backend(struct printer *out,
			 const struct config_backend *entry)
{
	char text[KEY_TEXT_SIZE];

	print_string(out, NULL, "backend add ",
		     service_text(&entry->of, text));
	print_string(out, NULL, " ", backend_text(&entry->backend, text));
	print_backend_options(out, &entry->backend);
	print_text(out, "\n");
}

static void save_identity(struct printer *out,
			  const struct sluice_identity *identity)
{
	print_text(out, "identity add ");
	print_identity(out, identity);
	print_text(out, "\n");
}

static void save_subject(struct printer *out,
			 const struct sluice_subject *subject)
{
	if (subject_is_preset(subject))
		return;
	print_text(out, "policy set ");
	print_subject(out, subject);
	print_text(out, "\n");
}

static void save_rule(struct printer *out, const struct sluice_rule *rule)
{
	print_text(out, "policy add ");
	print_rule(out, rule);
	print_text(out, "\n");
}

static void save_device(struct printer *out, const struct sluice_device *device)
{
	print_text(out, "device add ");
	print_device(out, device);
	print_text(out, "\n");
}

static void save_settings(struct printer *out, const char *command,
			  const struct sluice_settings *settings,
			  uint32_t mask)
{
	if (!(settings->has & mask))
		return;
	print_text(out, command);
	print_settings(out, settings, mask);
	print_text(out, "\n");
}

/**
 * save_config - print a configuration as commands
 * @out: a printer for text
 * @config: the configuration, sorted
 */
void save_config(struct printer *out, const struct config *config)
{
	size_t i;

	print_text(out, "# sluice save: read by \"sluice restore\"\n");
	save_settings(out, "node set", &config->settings,
		      SLUICE_SETTINGS_NODE);
	save_settings(out, "flow set", &config->settings,
		      SLUICE_SETTINGS_FLOW);
	for (i = 0; i < config->identities.count; i++)
		save_identity(out, list_at(&config->identities, i));
	for (i = 0; i < config->subjects.count; i++)
		save_subject(out, list_at(&config->subjects, i));
	for (i = 0; i < config->rules.count; i++)
		save_rule(out, list_at(&config->rules, i));
	for (i = 0; i < config->devices.count; i++)
		save_device(out, list_at(&config->devices, i));
	for (i = 0; i < config->services.count; i++)
		save_service(out, list_at(&config->services, i));
	for (i = 0; i < config->backends.count; i++)
		save_backend(out, list_at(&config->backends, i));
}

static enum exit_code run_save(struct cli *cli, struct words *words,
			       unsigned int flags)
{
	struct config config = { NULL };
	struct sluice_error err;
	int ret;

	(void)flags;
	if (words_end(words))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	ret = config_read(cli->sock, &config, &err);
	cli->out.json = false;
	if (ret)
		cli_refused(cli, NULL, &err);
	else
		save_config(&cli->out, &config);
	config_free(&config);
	return ret ? EXIT_REFUSED : EXIT_DONE;
}

const struct object save_object = {
	.name = "save",
	.run = run_save,
	.help =
	"Usage: sluice save\n",
};
