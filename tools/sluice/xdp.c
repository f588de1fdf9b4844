// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice xdp: programs that forward in the driver, attached, detached, shown.
 */
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "name.h"
#include "xdp.h"

static const char * const kinds[] = { "router", "bridge", NULL };
static const char * const modes[] = { "native", "generic", NULL };
static const char * const keywords[] = {
	"router", "bridge", "mode", "--no-policy", NULL
};

static int find_word(const char * const *list, const char *word)
{
	int i;

	for (i = 0; list[i]; i++)
		if (!strcmp(list[i], word))
			return i;
	return -1;
}

static int unknown(struct words *words, const char *word, const char *what,
		   const char * const *list)
{
	struct suggestion suggestion = { NULL };

	for (; *list; list++)
		suggestion_consider(&suggestion, word, *list);
	return words_unknown(words, word, what, &suggestion);
}

static int words_mode(struct words *words, struct xdp_request *request)
{
	const char *word = words_next(words);
	int mode;

	if (!word)
		return words_fail(words, "\"mode\" needs a value");
	mode = find_word(modes, word);
	if (mode < 0)
		return unknown(words, word, "mode: native or generic", modes);
	request->generic = mode;
	return 0;
}

static int words_request(struct words *words, struct xdp_request *request)
{
	const char *word;

	request->kind = kinds[0];
	while ((word = words_next(words))) {
		if (find_word(kinds, word) >= 0)
			request->kind = word;
		else if (!strcmp(word, "--no-policy"))
			request->no_policy = true;
		else if (strcmp(word, "mode"))
			return unknown(words, word, "keyword of this command",
				       keywords);
		else if (words_mode(words, request))
			return -EINVAL;
	}
	return 0;
}

static void print_note(const char *text)
{
	fprintf(stderr, "sluice: note: %s\n", text);
}

static enum exit_code refused(struct cli *cli, const char *device,
			      const struct sluice_error *err)
{
	char text[NAME_TEXT_SIZE];

	return cli_refused(cli, device ? name_text(device, text) : NULL, err);
}

static int enter(struct cli *cli)
{
	struct sluice_error err;

	if (!cli->netns || !netns_enter(cli->netns, &err))
		return 0;
	cli_refused(cli, NULL, &err);
	return err.code;
}

static enum exit_code run_attach(struct cli *cli, struct words *words,
				 unsigned int flags)
{
	struct xdp_request request = { NULL };
	char device[SLUICE_NAME_SIZE];
	struct sluice_error err;

	(void)flags;
	if (words_device_name(words, device) || words_request(words, &request))
		return cli_usage(cli, words);
	if (enter(cli))
		return EXIT_REFUSED;
	request.device = device;
	if (xdp_attach(&request, print_note, &err))
		return refused(cli, device, &err);
	return EXIT_DONE;
}

static enum exit_code run_detach(struct cli *cli, struct words *words,
				 unsigned int flags)
{
	char device[SLUICE_NAME_SIZE];
	struct sluice_error err;

	(void)flags;
	if (words_device_name(words, device) || words_end(words))
		return cli_usage(cli, words);
	if (enter(cli))
		return EXIT_REFUSED;
	if (xdp_detach(device, &err))
		return refused(cli, device, &err);
	return EXIT_DONE;
}

static void show_count(struct printer *out, const struct xdp_count *count)
{
	if (!out->json && !count->packets)
		return;
	print_object_begin(out, NULL);
	print_string(out, "action", "\n    ", count->action);
	print_string(out, "reason", " ", count->reason);
	print_number(out, "packets", " ", count->packets);
	print_object_end(out);
}

static void show_program(const struct xdp_program *program, void *arg)
{
	struct cli *cli = arg;
	struct printer *out = &cli->out;
	char text[NAME_TEXT_SIZE];
	uint32_t i;

	print_object_begin(out, NULL);
	print_string(out, "device", "", name_text(program->device, text));
	print_string(out, "program", " ", program->kind);
	print_string(out, "mode", " mode ", modes[program->generic]);
	print_switch(out, "policy", " policy ", program->policy);
	print_number(out, "id", " id ", program->id);
	if (cli->stats) {
		print_array_begin(out, "counters");
		for (i = 0; i < program->count; i++)
			show_count(out, &program->counts[i]);
		print_array_end(out);
	}
	print_text(out, "\n");
	print_object_end(out);
}

static enum exit_code show(struct cli *cli, const char *device)
{
	struct sluice_error err;
	int ret;

	print_array_begin(&cli->out, NULL);
	ret = xdp_show(device, show_program, cli, &err);
	print_array_end(&cli->out);
	return ret ? refused(cli, device, &err) : EXIT_DONE;
}

static enum exit_code run_show(struct cli *cli, struct words *words,
			       unsigned int flags)
{
	char device[SLUICE_NAME_SIZE];
	bool one = words->left;

	(void)flags;
	if ((one && words_device_name(words, device)) || words_end(words))
		return cli_usage(cli, words);
	if (enter(cli))
		return EXIT_REFUSED;
	return show(cli, one ? device : NULL);
}

static const struct verb verbs[] = {
	{ "attach", run_attach, 0 },
	{ "detach", run_detach, 0 },
	{ "show", run_show, 0 },
	{ NULL, NULL, 0 }
};

const struct object xdp_object = {
	.name = "xdp",
	.verbs = verbs,
	.help =
	"Usage: sluice xdp attach DEVICE [ router | bridge ] [ mode MODE ] [ --no-policy ]\n"
	"       sluice xdp detach DEVICE\n"
	"       sluice xdp show [ DEVICE ]\n"
	"MODE := { native | generic }\n",
};
