// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words of sluice local that are about mode sockmap.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "key.h"
#include "local_sockmap.h"
#include "sockmap.h"

#define SIZE_DEFAULT	65536
#define SIZE_MAX_SOCKETS	(1U << 24)
#define MEMORY_DEFAULT	(4U << 20)
#define MEMORY_LEAST	4096

#define IPV4_BITS	96	/* of ::ffff:0.0.0.0/96 */

static const char * const reasons[] = {
#define REASON(name, word)	word,
	SLUICE_SOCKMAP_REASONS(REASON)
#undef REASON
};

static const char * const counters[] = { "joined", "paired", "messages", "bytes" };

/* --------------------------------------------------------------------- filters */

static void take_address(struct sluice_sockmap_filter *filter,
			 const struct sluice_prefix *prefix)
{
	memset(filter->address, 0, sizeof(filter->address));
	filter->bits = prefix->len;
	if (prefix->addr.len == sizeof(filter->address)) {
		memcpy(filter->address, prefix->addr.bytes, 16);
		return;
	}
	filter->bits += IPV4_BITS;
	filter->address[2] = htonl(0xffff);
	memcpy(&filter->address[3], prefix->addr.bytes, 4);
}

static int words_filter_prefix(struct words *words,
			       struct sluice_sockmap_filter *filter)
{
	struct sluice_prefix prefix;

	if (words_prefix(words, &prefix))
		return -EINVAL;
	take_address(filter, &prefix);
	return 0;
}

/* NUMBER or NUMBER-NUMBER */
static int words_span(struct words *words, const char *what, uint64_t limit,
		      struct sluice_sockmap_filter *filter)
{
	const char *text = words_next(words);
	uint64_t first, last;
	char before[32];
	const char *dash;
	size_t len;

	if (!text)
		return words_fail(words, "\"%s\" needs a value", what);
	dash = strchr(text, '-');
	len = dash ? (size_t)(dash - text) : strlen(text);
	if (len >= sizeof(before))
		return words_fail(words, "%s \"%.64s\" is not a number", what,
				  text);
	memcpy(before, text, len);
	before[len] = 0;
	if (words_number(words, what, before, limit, &first))
		return -EINVAL;
	last = first;
	if (dash && words_number(words, what, dash + 1, limit, &last))
		return -EINVAL;
	if (last < first)
		return words_fail(words, "%s \"%.64s\": the first is greater than the last",
				  what, text);
	filter->first = first;
	filter->last = last;
	return 0;
}

static int words_port(struct words *words, struct sluice_sockmap_filter *filter)
{
	return words_span(words, "port", UINT16_MAX, filter);
}

static int words_uid(struct words *words, struct sluice_sockmap_filter *filter)
{
	return words_span(words, "uid", UINT32_MAX, filter);
}

static int words_gid(struct words *words, struct sluice_sockmap_filter *filter)
{
	return words_span(words, "gid", UINT32_MAX, filter);
}

static int cookie_here(uint64_t *cookie)
{
	socklen_t size = sizeof(*cookie);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int ret = fd < 0 ? -errno : 0;

	if (!ret && getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &size))
		ret = -errno;
	if (fd >= 0)
		close(fd);
	return ret;
}

static int words_netns(struct words *words, struct sluice_sockmap_filter *filter)
{
	const char *name = words_next(words);
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct sluice_error err;
	uint64_t cookie = 0;
	int ret;

	if (!name) {
		ret = words_fail(words, "\"netns\" needs a value");
	} else if (here < 0 || netns_enter(name, &err)) {
		ret = words_fail(words, "%s", here < 0 ? strerror(errno) : err.text);
	} else {
		ret = cookie_here(&cookie);
		if (ret || setns(here, CLONE_NEWNET))
			ret = words_fail(words, "network namespace \"%.64s\" does not tell its cookie",
					 name);
	}
	filter->first = cookie;
	filter->last = cookie;
	if (here >= 0)
		close(here);
	return ret;
}

static const struct filter_kind {
	const char *word;
	int (*take)(struct words *words, struct sluice_sockmap_filter *filter);
} kinds[] = {
	[SLUICE_SOCKMAP_PREFIX] = { "prefix", words_filter_prefix },
	[SLUICE_SOCKMAP_PORT] = { "port", words_port },
	[SLUICE_SOCKMAP_NETNS] = { "netns", words_netns },
	[SLUICE_SOCKMAP_UID] = { "uid", words_uid },
	[SLUICE_SOCKMAP_GID] = { "gid", words_gid },
};

#define KINDS	(sizeof(kinds) / sizeof(*kinds))

static int words_filter(struct words *words, bool exclude,
			struct sockmap_request *request)
{
	struct suggestion suggestion = { NULL };
	struct sluice_sockmap_filter *filter;
	const char *word = words_next(words);
	size_t i;

	if (!word)
		return words_fail(words, "a filter is missing, as in \"port 80\"");
	if (request->settings.filters == SLUICE_SOCKMAP_FILTERS_MAX)
		return words_fail(words, "more than %d filters",
				  SLUICE_SOCKMAP_FILTERS_MAX);
	filter = &request->filters[request->settings.filters++];
	filter->exclude = exclude;
	for (i = 0; i < KINDS; i++) {
		filter->kind = i;
		if (!strcmp(word, kinds[i].word))
			return kinds[i].take(words, filter);
		suggestion_consider(&suggestion, word, kinds[i].word);
	}
	return words_unknown(words, word, "filter: prefix, port, netns, uid or gid",
			     &suggestion);
}

/* -------------------------------------------------------------------- settings */

static int words_cgroup(struct words *words, struct sockmap_request *request)
{
	const char *path = words_next(words);
	char *to = request->settings.cgroup;

	if (!path)
		return words_fail(words, "\"cgroup\" needs a value");
	if (strlen(path) >= sizeof(request->settings.cgroup))
		return words_fail(words, "\"%.64s...\": the path of the control group is too long",
				  path);
	strcpy(to, path);
	return 0;
}

static int words_amount(struct words *words, const char *what, uint32_t least,
			uint32_t most, uint32_t *to)
{
	const char *text = words_next(words);
	uint64_t value;

	if (!text)
		return words_fail(words, "\"%s\" needs a value", what);
	if (words_number(words, what, text, most, &value))
		return -EINVAL;
	if (value < least)
		return words_fail(words, "%s %.64s is less than %u", what, text,
				  least);
	*to = value;
	return 0;
}

static const char * const keywords[] = {
	"cgroup", "node", "size", "memory", "only", "except", "unwatched", "unbounded",
	NULL
};

/* @whole: set if it is for all of the node */
static int words_setting(struct words *words, const char *word,
			 struct sockmap_request *request, bool *whole)
{
	struct sluice_sockmap_settings *settings = &request->settings;
	struct suggestion suggestion = { NULL };
	size_t i;

	if (!strcmp(word, "cgroup"))
		return words_cgroup(words, request);
	if (!strcmp(word, "node")) {
		*request->settings.cgroup = 0;
		*whole = true;
		return 0;
	}
	if (!strcmp(word, "size"))
		return words_amount(words, word, 1, SIZE_MAX_SOCKETS,
				    &settings->size);
	if (!strcmp(word, "memory"))
		return words_amount(words, word, MEMORY_LEAST, INT32_MAX,
				    &settings->memory);
	if (!strcmp(word, "only") || !strcmp(word, "except"))
		return words_filter(words, *word == 'e', request);
	if (!strcmp(word, "unwatched")) {
		request->unwatched = true;
		return 0;
	}
	if (!strcmp(word, "unbounded")) {
		request->unbounded = true;
		return 0;
	}
	for (i = 0; keywords[i]; i++)
		suggestion_consider(&suggestion, word, keywords[i]);
	return words_unknown(words, word, "keyword of this command", &suggestion);
}

static void print_note(const char *text)
{
	fprintf(stderr, "sluice: note: %s\n", text);
}

/**
 * local_sockmap_enable - sluice local enable mode sockmap
 * @cli: the run
 * @words: what follows
 *
 * Return: how it went.
 */
enum exit_code local_sockmap_enable(struct cli *cli, struct words *words)
{
	struct sockmap_request request = {
		.settings = { .size = SIZE_DEFAULT, .memory = MEMORY_DEFAULT },
	};
	struct sluice_error err;
	bool whole = false;
	const char *word;

	while ((word = words_next(words)))
		if (words_setting(words, word, &request, &whole))
			return cli_usage(cli, words);
	if (!whole && !*request.settings.cgroup) {
		words_fail(words, "say whose sockets: \"cgroup PATH\", or \"node\" for all");
		return cli_usage(cli, words);
	}
	if (sockmap_enable(&request, print_note, &err))
		return cli_refused(cli, NULL, &err);
	return EXIT_DONE;
}

/**
 * local_sockmap_disable - sluice local disable mode sockmap
 * @cli: the run
 * @words: what follows: nothing
 *
 * Return: how it went.
 */
enum exit_code local_sockmap_disable(struct cli *cli, struct words *words)
{
	struct sluice_error err;

	if (words_end(words))
		return cli_usage(cli, words);
	if (sockmap_disable(&err))
		return cli_refused(cli, NULL, &err);
	return EXIT_DONE;
}

/* --------------------------------------------------------------------- showing */

static void filter_text(const struct sluice_sockmap_filter *filter, char *text,
			size_t size)
{
	bool ipv4 = filter->bits >= IPV4_BITS && !filter->address[0] &&
		    !filter->address[1] && filter->address[2] == htonl(0xffff);
	char address[INET6_ADDRSTRLEN];

	if (filter->kind == SLUICE_SOCKMAP_PREFIX) {
		inet_ntop(ipv4 ? AF_INET : AF_INET6,
			  ipv4 ? &filter->address[3] : filter->address, address,
			  sizeof(address));
		snprintf(text, size, "%s/%u", address,
			 filter->bits - (ipv4 ? IPV4_BITS : 0));
	} else if (filter->first == filter->last) {
		snprintf(text, size, "%llu", (unsigned long long)filter->first);
	} else {
		snprintf(text, size, "%llu-%llu",
			 (unsigned long long)filter->first,
			 (unsigned long long)filter->last);
	}
}

static void show_filter(struct printer *out,
			const struct sluice_sockmap_filter *filter)
{
	char text[64];

	if (filter->kind >= KINDS)
		return;
	filter_text(filter, text, sizeof(text));
	print_object_begin(out, NULL);
	print_string(out, "rule", " ", filter->exclude ? "except" : "only");
	print_string(out, "by",  " ", kinds[filter->kind].word);
	print_string(out, "value", " ", text);
	print_object_end(out);
}

static void show_counters(struct printer *out, const uint64_t *values)
{
	size_t i;

	for (i = 0; i < SLUICE_SOCKMAP_COUNTER_COUNT; i++) {
		print_text(out, "\n    ");
		print_text(out, counters[i]);
		print_number(out, counters[i], " ", values[i]);
	}
	print_array_begin(out, "by-tcp");
	for (i = 0; i < SLUICE_SOCKMAP_REASON_COUNT; i++) {
		uint64_t sockets = values[SLUICE_SOCKMAP_COUNTER_COUNT + i];

		if (!out->json && !sockets)
			continue;
		print_object_begin(out, NULL);
		print_string(out, "reason", "\n    by-tcp ", reasons[i]);
		print_number(out, "sockets", " ", sockets);
		print_object_end(out);
	}
	print_array_end(out);
}

struct showing {
	struct cli *cli;
	bool any;
};

static void show(const struct sockmap_status *status, void *arg)
{
	const struct sluice_sockmap_settings *settings = &status->settings;
	struct showing *showing = arg;
	struct printer *out = &showing->cli->out;
	uint32_t i;

	showing->any = true;
	print_object_begin(out, NULL);
	print_string(out, "mode", "mode ", LOCAL_SOCKMAP);
	print_string(out, "state", " ", status->enabled ? "enabled" : "draining");
	print_string(out, "cgroup", " cgroup ", settings->cgroup);
	print_number(out, "size", " size ", settings->size);
	print_number(out, "memory", " memory ", settings->memory);
	print_switch(out, "module", " module ", settings->with_module);
	print_array_begin(out, "filters");
	for (i = 0; i < settings->filters && i < SLUICE_SOCKMAP_FILTERS_MAX; i++)
		show_filter(out, &status->filters[i]);
	print_array_end(out);
	print_number(out, "sockets", " sockets ", status->sockets);
	if (showing->cli->stats)
		show_counters(out, status->counters);
	print_text(out, "\n");
	print_object_end(out);
}

/**
 * local_sockmap_show - show the mode, if it is enabled or was
 * @cli: the run
 * @any: set to whether there is anything
 *
 * Return: 0 or -errno.
 */
int local_sockmap_show(struct cli *cli, bool *any)
{
	struct showing showing = { cli, false };
	struct sluice_error err;
	int ret = sockmap_show(show, &showing, &err);

	if (ret)
		cli_refused(cli, NULL, &err);
	*any = showing.any;
	return ret;
}
