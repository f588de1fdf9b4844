// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice local: TCP between sockets of the node past what is the same for each
 * segment, an option of attached devices, or past TCP, by BPF programs.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "config.h"
#include "fields.h"
#include "local_sockmap.h"
#include "name.h"

#define SHORT_CUT	"short-cut"

/* @sockmap: set if it is that one */
static int words_mode(struct words *words, bool *sockmap)
{
	struct suggestion suggestion = { NULL };
	const char *word;

	*sockmap = false;
	if (!words_take(words, "mode"))
		return 0;
	word = words_next(words);
	if (!word)
		return words_fail(words, "\"mode\" needs a value");
	*sockmap = !strcmp(word, LOCAL_SOCKMAP);
	if (*sockmap || !strcmp(word, SHORT_CUT))
		return 0;
	suggestion_consider(&suggestion, word, SHORT_CUT);
	suggestion_consider(&suggestion, word, LOCAL_SOCKMAP);
	return words_unknown(words, word, "mode: short-cut or sockmap",
			     &suggestion);
}

static int words_change(struct words *words, struct sluice_device *device)
{
	device->has = SLUICE_DEVICE_KEY | SLUICE_HAS(SLUICE_A_DEVICE_SHORT_CUT);
	if (words_expect(words, "device") ||
	    words_device_name(words, device->name))
		return -EINVAL;
	return words_end(words);
}

/* @flags: those of a new device, or of one that is there */
static enum exit_code change_device(struct cli *cli, struct words *words,
				    unsigned int flags)
{
	struct sluice_device device = { .short_cut = !!(flags & NLM_F_CREATE) };
	char text[NAME_TEXT_SIZE];
	struct sluice_error err;

	if (words_change(words, &device))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_device_new(cli->sock, &device, flags, &err))
		return cli_refused(cli, name_text(device.name, text), &err);
	return EXIT_DONE;
}

static enum exit_code run_change(struct cli *cli, struct words *words,
				 unsigned int flags)
{
	bool sockmap;

	if (words_mode(words, &sockmap))
		return cli_usage(cli, words);
	if (!sockmap)
		return change_device(cli, words, flags);
	return flags & NLM_F_CREATE ? local_sockmap_enable(cli, words) :
				      local_sockmap_disable(cli, words);
}

static void show_device(struct cli *cli, const struct sluice_device *device)
{
	struct printer *out = &cli->out;
	char text[NAME_TEXT_SIZE];

	print_object_begin(out, NULL);
	print_string(out, "device", "", name_text(device->name, text));
	print_string(out, "mode", " mode ", SHORT_CUT);
	print_fields(out, &sluice_device_attrs, device,
		     SLUICE_HAS(SLUICE_A_DEVICE_ATTACHED));
	if (cli->stats) {
		print_fields(out, &sluice_device_attrs, device,
			     SLUICE_HAS(SLUICE_A_DEVICE_SEGMENTS) |
			     SLUICE_HAS(SLUICE_A_DEVICE_SOCKETS));
		print_lefts(out, device);
	}
	print_text(out, "\n");
	print_object_end(out);
}

static void show_devices(struct cli *cli, const struct config *config)
{
	const struct sluice_device *device;
	size_t i;

	for (i = 0; i < config->devices.count; i++) {
		device = list_at(&config->devices, i);
		if (device->short_cut)
			show_device(cli, device);
	}
}

/* The one mode needs the module, and the other does not. */
static int show_all(struct cli *cli)
{
	struct config config = { 0 };
	struct sluice_error err;
	bool any;
	int ret;

	ret = local_sockmap_show(cli, &any);
	if (ret)
		return ret;
	if (any && access("/sys/module/sluice", F_OK))
		return 0;
	ret = cli_open(cli);
	if (ret)
		return ret;
	ret = config_read_devices(cli->sock, NULL, &config, &err);
	if (ret)
		cli_refused(cli, NULL, &err);
	else
		show_devices(cli, &config);
	config_free(&config);
	return ret;
}

static enum exit_code run_show(struct cli *cli, struct words *words,
			       unsigned int flags)
{
	int ret;

	(void)flags;
	if (words_end(words))
		return cli_usage(cli, words);
	print_array_begin(&cli->out, NULL);
	ret = show_all(cli);
	print_array_end(&cli->out);
	return ret ? EXIT_REFUSED : EXIT_DONE;
}

static const struct verb verbs[] = {
	{ "enable", run_change, NLM_F_CREATE | NLM_F_REPLACE },
	{ "disable", run_change, NLM_F_REPLACE },
	{ "show", run_show, 0 },
	{ NULL, NULL, 0 }
};

const struct object local_object = {
	.name = "local",
	.verbs = verbs,
	.help =
	"Usage: sluice local enable [ mode short-cut ] device DEVICE\n"
	"       sluice local disable [ mode short-cut ] device DEVICE\n"
	"       sluice local enable mode sockmap { cgroup PATH | node } [ size NUMBER ]\n"
	"               [ memory BYTES ] [ { only | except } FILTER ]... [ unwatched ]\n"
	"               [ unbounded ]\n"
	"       sluice local disable mode sockmap\n"
	"       sluice local show\n"
	"FILTER := { prefix PREFIX | port PORT[-PORT] | netns NAME | uid UID[-UID] |\n"
	"            gid GID[-GID] }\n"
	"DEVICE is the node's end of a pod's veth device, or a pattern (veth*).\n",
};
