// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice explain: what would become of a packet, and why.
 */
#include <errno.h>
#include <netinet/in.h>

#include "cli.h"
#include "fields.h"
#include "key.h"
#include "name.h"

static bool is_icmp(const struct sluice_explain *question)
{
	return question->proto == IPPROTO_ICMP ||
	       question->proto == IPPROTO_ICMPV6;
}

/* "device NAME", or nothing */
static int words_from(struct words *words, struct sluice_explain *question)
{
	if (!words_take(words, "device"))
		return words_end(words);
	question->has |= SLUICE_HAS(SLUICE_A_EXPLAIN_DEVICE);
	if (words_device_name(words, question->device))
		return -EINVAL;
	return words_end(words);
}

/*
 * "SOURCE[:PORT] DESTINATION:PORT/PROTOCOL [ device NAME ]", or
 * "SOURCE[:IDENTIFIER] DESTINATION/ICMP [ TYPE[/CODE] ] [ device NAME ]"
 */
static int words_packet(struct words *words, struct sluice_explain *question)
{
	struct sluice_tuple *packet = &question->packet;
	if (words_source(words, &packet->src, &packet->sport))
		return -EINVAL;
	if (!words->left)
		return words_fail(words,
				  "a destination is missing, as in 10.96.0.10:53/udp");
	if (words_destination(words, &packet->dst, &packet->dport,
			      &question->proto))
		return -EINVAL;
	packet->has = SLUICE_TUPLE_KEY;
	question->has = SLUICE_EXPLAIN_KEY;
	if (is_icmp(question) &&
	    words_numbers(words, "ICMP type or code", '/',
			  &sluice_explain_attrs, SLUICE_A_EXPLAIN_ICMP_TYPE,
			  question))
		return -EINVAL;
	return words_from(words, question);
}

static void print_who(struct printer *out, const struct sluice_msg *answer)
{
	char text[KEY_TEXT_SIZE];

	if (answer->has & SLUICE_HAS(SLUICE_A_SERVICE))
		print_string(out, "service", "\nservice ",
			     service_text(&answer->service, text));
	if (answer->has & SLUICE_HAS(SLUICE_A_BACKEND))
		print_string(out, "backend", "\nbackend ",
			     backend_text(&answer->backend, text));
	print_fields(out, &sluice_explain_attrs, &answer->explain,
		     SLUICE_HAS(SLUICE_A_EXPLAIN_CANDIDATES));
}

static void print_fast_path(struct printer *out,
			    const struct sluice_explain *explain)
{
	if (!(explain->has & SLUICE_HAS(SLUICE_A_EXPLAIN_FAST_PATH)))
		return;
	print_enum(out, "fast-path", "\nfast-path ", sluice_fast_paths,
		   explain->fast_path);
	print_fields(out, &sluice_explain_attrs, explain,
		     SLUICE_HAS(SLUICE_A_EXPLAIN_FALLBACK));
	if (explain->has & SLUICE_HAS(SLUICE_A_EXPLAIN_PATH))
		print_path(out, "path", &explain->path);
}

/* One line for each thing that is known. */
static void print_answer(struct printer *out, const struct sluice_msg *answer)
{
	const struct sluice_explain *explain = &answer->explain;

	print_object_begin(out, NULL);
	print_enum(out, "proto", "packet proto ", sluice_protocols,
		   explain->proto);
	print_tuple(out, "packet", &explain->packet);
	print_fields(out, &sluice_explain_attrs, explain, SLUICE_EXPLAIN_ICMP);
	print_enum(out, "outcome", "\noutcome ", sluice_outcomes,
		   explain->outcome);
	print_fields(out, &sluice_explain_attrs, explain,
		     SLUICE_HAS(SLUICE_A_EXPLAIN_BY) |
		     SLUICE_HAS(SLUICE_A_EXPLAIN_REASON));
	print_who(out, answer);
	if (explain->has & SLUICE_HAS(SLUICE_A_EXPLAIN_OUT)) {
		print_text(out, "\nout");
		print_tuple(out, "out", &explain->out);
	}
	print_fast_path(out, explain);
	if (answer->judgements.count)
		print_judgements(out, &answer->judgements);
	if (answer->has & SLUICE_HAS(SLUICE_A_FLOW)) {
		print_text(out, "\nflow ");
		print_flow(out, "flow", &answer->flow);
		print_object_end(out);
	}
	print_text(out, "\n");
	print_object_end(out);
}

static enum exit_code run_explain(struct cli *cli, struct words *words,
				  unsigned int flags)
{
	struct sluice_explain question = { 0 };
	struct sluice_msg answer;
	struct sluice_error err;

	(void)flags;
	if (words_packet(words, &question))
		return cli_usage(cli, words);
	if (cli_open(cli))
		return EXIT_REFUSED;
	if (sluice_explain(cli->sock, &question, &answer, &err))
		return cli_refused(cli, NULL, &err);
	print_answer(&cli->out, &answer);
	return EXIT_DONE;
}

const struct object explain_object = {
	.name = "explain",
	.run = run_explain,
	.help =
	"Usage: sluice explain SOURCE[:PORT] ADDRESS:PORT/PROTOCOL\n"
	"                      [ device DEVICE ]\n"
	"       sluice explain SOURCE[:IDENTIFIER] ADDRESS/{ icmp | icmpv6 }\n"
	"                      [ TYPE[/CODE] ] [ device DEVICE ]\n",
};
