// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice stats: counters of the whole namespace.
 */
#include "cli.h"
#include "fields.h"

static void show_number(struct printer *out, const struct sluice_attr *attr,
			const struct sluice_stats *stats)
{
	print_text(out, attr->name);
	print_number(out, attr->name, " ", sluice_attr_number(attr, stats));
	print_text(out, "\n");
}

static void show_drops(struct printer *out, const struct sluice_drops *drops)
{
	uint32_t i;

	print_array_begin(out, "drops");
	for (i = 0; i < drops->count; i++) {
		const struct sluice_drop *drop = &drops->drop[i];

		print_object_begin(out, NULL);
		print_enum(out, "reason", "drop ", sluice_drop_reasons,
			   drop->reason);
		print_number(out, "packets", " ", drop->packets);
		print_text(out, "\n");
		print_object_end(out);
	}
	print_array_end(out);
}

static void show_stats(struct printer *out, const struct sluice_stats *stats)
{
	const struct sluice_attr_set *set = &sluice_stats_attrs;
	unsigned int type;

	print_object_begin(out, NULL);
	for (type = 1; type <= set->max; type++)
		if ((stats->has & SLUICE_HAS(type)) &&
		    sluice_attr_limit(&set->attr[type]))
			show_number(out, &set->attr[type], stats);
	show_drops(out, &stats->drops);
	print_object_end(out);
}

static enum exit_code run_show(struct cli *cli, struct words *words,
			       unsigned int flags)
{
	struct sluice_stats stats;
	struct sluice_error err;

	(void)flags;
	if (words_end(words))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_stats_get(cli->sock, &stats, &err))
		return cli_refused(cli, NULL, &err);
	show_stats(&cli->out, &stats);
	return EXIT_DONE;
}

static const struct verb verbs[] = {
	{ "show", run_show, 0 },
	{ NULL, NULL, 0 }
};

const struct object stats_object = {
	.name = "stats",
	.verbs = verbs,
	.help =
	"Usage: sluice stats show\n",
};
