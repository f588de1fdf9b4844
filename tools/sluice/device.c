// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice device: devices whose packets are seen as they receive them.
 */
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "config.h"
#include "fields.h"
#include "key.h"
#include "name.h"

static int words_device_key(struct words *words, struct sluice_device *device)
{
	device->has |= SLUICE_DEVICE_KEY;
	return words_device_name(words, device->name);
}

static int words_addresses(struct words *words, struct sluice_device *device)
{
	const char *text = words_next(words);

	if (!text)
		return words_fail(words, "\"address\" needs a value");
	device->has |= SLUICE_HAS(SLUICE_A_DEVICE_ADDRESSES);
	if (!strcmp(text, "any"))
		return 0;
	return words_prefixes(words, "address", text, &device->addresses);
}

/**
 * words_device - take a device and what is to be set
 * @words: the words, up to the last
 * @device: where to put it; device_free() afterwards
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_device(struct words *words, struct sluice_device *device)
{
	if (words_device_key(words, device) ||
	    (words_take(words, "address") && words_addresses(words, device)))
		return -EINVAL;
	return words_fields(words, &sluice_device_attrs, device,
			    SLUICE_DEVICE_OPTIONS);
}

/**
 * device_free - free what a device made from words holds
 * @device: the device
 */
void device_free(struct sluice_device *device)
{
	sluice_prefixes_free(&device->addresses);
}

static void print_addresses(struct printer *out,
			    const struct sluice_device *device)
{
	if (!(device->has & SLUICE_HAS(SLUICE_A_DEVICE_ADDRESSES)) ||
	    (!out->json && !device->addresses.size))
		return;
	print_prefixes(out, "addresses", " address ", "any",
		       &device->addresses);
}

/**
 * print_device - print a device and what is set of it, as words
 * @out: the printer, in an object
 * @device: the device
 *
 * Options where they are not what a new device has; JSON has them all.
 */
void print_device(struct printer *out, const struct sluice_device *device)
{
	uint32_t mask = SLUICE_DEVICE_OPTIONS;
	char text[NAME_TEXT_SIZE];

	print_string(out, "device", "", name_text(device->name, text));
	print_addresses(out, device);
	if (!out->json)
		mask &= fields_not_preset(&sluice_device_attrs, device);
	print_fields(out, &sluice_device_attrs, device, mask);
}

static void show_fallback(struct printer *out,
			  const struct sluice_device_fallback *fallback)
{
	if (!out->json && !fallback->packets)
		return;
	print_object_begin(out, NULL);
	print_enum(out, "reason", "\n    fallback ", sluice_fallback_reasons,
		   fallback->reason);
	print_number(out, "packets", " ", fallback->packets);
	print_object_end(out);
}

static void show_left(struct printer *out, const struct sluice_device_left *left)
{
	if (!out->json && !left->segments)
		return;
	print_object_begin(out, NULL);
	print_enum(out, "reason", "\n    left ", sluice_short_cut_reasons,
		   left->reason);
	print_number(out, "segments", " ", left->segments);
	print_object_end(out);
}

/**
 * print_lefts - print why segments went by the stack, one reason a line
 * @out: the printer, in an object
 * @device: the device
 */
void print_lefts(struct printer *out, const struct sluice_device *device)
{
	uint32_t i;

	print_array_begin(out, "left");
	for (i = 0; i < device->lefts.count; i++)
		show_left(out, &device->lefts.left[i]);
	print_array_end(out);
}

#define OF_PODS	(SLUICE_HAS(SLUICE_A_DEVICE_PODS) | \
		 SLUICE_HAS(SLUICE_A_DEVICE_HANDED_OVER))
#define OF_PROGRAMS	SLUICE_HAS(SLUICE_A_DEVICE_REDIRECTED)
#define OF_SOCKETS	(SLUICE_HAS(SLUICE_A_DEVICE_SEGMENTS) | \
			 SLUICE_HAS(SLUICE_A_DEVICE_SOCKETS))

static void show_stats(struct printer *out, const struct sluice_device *device)
{
	const struct sluice_device_fallbacks *list = &device->fallbacks;
	uint32_t mask = SLUICE_HAS(SLUICE_A_DEVICE_DROPS) |
			SLUICE_HAS(SLUICE_A_DEVICE_SENT) | OF_PODS |
			OF_PROGRAMS | OF_SOCKETS;
	uint32_t i;

	print_text(out, "\n   ");
	if (!out->json && !device->pods && !device->handed_over)
		mask &= ~OF_PODS;
	if (!out->json && !device->redirected)
		mask &= ~OF_PROGRAMS;
	if (!out->json && !device->sockets && !device->segments)
		mask &= ~OF_SOCKETS;
	print_fields(out, &sluice_device_attrs, device, mask);
	print_array_begin(out, "fallbacks");
	for (i = 0; i < list->count; i++)
		show_fallback(out, &list->fallback[i]);
	print_array_end(out);
	print_lefts(out, device);
}

static bool is_pattern(const struct sluice_device *device)
{
	size_t len = strlen(device->name);

	return len && device->name[len - 1] == '*';
}

/* Whether there is one, or of a pattern how many there are */
static void show_attached(struct printer *out,
			  const struct sluice_device *device)
{
	const uint32_t ifindex = SLUICE_HAS(SLUICE_A_DEVICE_IFINDEX);
	const uint32_t attached = SLUICE_HAS(SLUICE_A_DEVICE_ATTACHED);

	if (out->json)
		print_fields(out, &sluice_device_attrs, device,
			     ifindex | attached);
	else if (is_pattern(device))
		print_fields(out, &sluice_device_attrs, device, attached);
	else if (device->ifindex)
		print_fields(out, &sluice_device_attrs, device, ifindex);
	else
		print_text(out, " absent");
}

static void show_device(struct cli *cli, const struct sluice_device *device)
{
	struct printer *out = &cli->out;

	print_object_begin(out, NULL);
	print_device(out, device);
	show_attached(out, device);
	if (cli->stats)
		show_stats(out, device);
	print_text(out, "\n");
	print_object_end(out);
}

static void show_all(struct cli *cli, const struct config *config)
{
	size_t i;

	print_array_begin(&cli->out, NULL);
	for (i = 0; i < config->devices.count; i++)
		show_device(cli, list_at(&config->devices, i));
	print_array_end(&cli->out);
}

static enum exit_code refused(struct cli *cli,
			      const struct sluice_device *device,
			      const struct sluice_error *err)
{
	char text[NAME_TEXT_SIZE];

	return cli_refused(cli, name_text(device->name, text), err);
}

static enum exit_code show(struct cli *cli, const struct sluice_device *key)
{
	struct config config = { 0 };
	struct sluice_error err;
	int ret;

	if (cli_open(cli))
		return EXIT_REFUSED;
	ret = config_read_devices(cli->sock, key, &config, &err);
	if (!ret)
		show_all(cli, &config);
	else if (key)
		refused(cli, key, &err);
	else
		cli_refused(cli, NULL, &err);
	config_free(&config);
	return ret ? EXIT_REFUSED : EXIT_DONE;
}

static enum exit_code run_show(struct cli *cli, struct words *words,
			       unsigned int flags)
{
	struct sluice_device key = { 0 };
	bool one = words->left;

	(void)flags;
	if ((one && words_device_key(words, &key)) || words_end(words))
		return cli_usage(cli, words);
	return show(cli, one ? &key : NULL);
}

static enum exit_code new_device(struct cli *cli,
				 const struct sluice_device *device,
				 unsigned int flags)
{
	struct sluice_error err;

	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_device_new(cli->sock, device, flags, &err))
		return refused(cli, device, &err);
	return EXIT_DONE;
}

static enum exit_code run_new(struct cli *cli, struct words *words,
			      unsigned int flags)
{
	struct sluice_device device = { 0 };
	enum exit_code code;

	if (words_device(words, &device))
		code = cli_usage(cli, words);
	else
		code = new_device(cli, &device, flags);
	device_free(&device);
	return code;
}

static enum exit_code run_del(struct cli *cli, struct words *words,
			      unsigned int flags)
{
	struct sluice_device key = { 0 };
	struct sluice_error err;

	(void)flags;
	if (words_device_key(words, &key) || words_end(words))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_device_del(cli->sock, &key, &err))
		return refused(cli, &key, &err);
	return EXIT_DONE;
}

static enum exit_code run_flush(struct cli *cli, struct words *words,
				unsigned int flags)
{
	(void)flags;
	return cli_flush(cli, words, sluice_device_flush);
}

static const struct verb verbs[] = {
	{ "add", run_new, NLM_F_CREATE | NLM_F_EXCL },
	{ "replace", run_new, NLM_F_CREATE | NLM_F_REPLACE },
	{ "del", run_del, 0 },
	{ "show", run_show, 0 },
	{ "flush", run_flush, 0 },
	{ NULL, NULL, 0 }
};

const struct object device_object = {
	.name = "device",
	.verbs = verbs,
	.help =
	"Usage: sluice device { add | replace } DEVICE [ address PREFIXES ] [ OPTION ... ]\n"
	"       sluice device del DEVICE\n"
	"       sluice device show [ DEVICE ]\n"
	"       sluice device flush\n"
	"PREFIXES := { ADDRESS[/LENGTH][,...] | any }\n"
	"OPTION := { fast-path { on | off } | netfilter { heed | skip } |\n"
	"            pod-side { on | off } | short-cut { on | off } }\n",
};
