// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "show ... rates": what happens between two readings of the fake kernel,
 * whose clock is here, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "fake_kernel.h"
#include "tap.h"

#define KEY	"10.0.0.1:80/tcp"
#define PAIR	KEY, "10.1.0.1:80"

/* The clock, and what happens to the namespace while it runs. */
static struct {
	struct timespec now;
	long oversleep;			/* nanoseconds */
	unsigned int slept;
	void (*meanwhile)(void);
} fake_clock;

int clock_gettime(clockid_t id, struct timespec *now)
{
	(void)id;
	*now = fake_clock.now;
	return 0;
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *end,
		    struct timespec *left)
{
	(void)id;
	(void)flags;
	(void)left;
	fake_clock.slept = end->tv_sec - fake_clock.now.tv_sec;
	fake_clock.now = *end;
	fake_clock.now.tv_nsec += fake_clock.oversleep;
	fake_clock.meanwhile();
	return 0;
}

static void add_service(uint8_t number)
{
	struct sluice_service *service = config_add_service(&fake_kernel.state);

	*service = (struct sluice_service){
		.has = SLUICE_SERVICE_KEY |
		       SLUICE_HAS(SLUICE_A_SERVICE_SCHEDULER) |
		       SLUICE_HAS(SLUICE_A_SERVICE_COUNTERS),
		.addr = { 4, { 10, 0, 0, number } }, .port = 80, .proto = 6,
		.scheduler = SLUICE_SCHEDULER_RR,
		.counters = { .has = ~1U, .connections = 1000,
			      .in_packets = 2000, .in_bytes = 3000 },
	};
}

static struct sluice_counters *service_counters(void)
{
	struct sluice_service *service = list_at(&fake_kernel.state.services, 0);

	return &service->counters;
}

static struct sluice_counters *backend_counters(void)
{
	struct config_backend *entry = list_at(&fake_kernel.state.backends, 0);

	return &entry->backend.counters;
}

static void set_up(void)
{
	struct config_backend *entry;

	fake_kernel_reset();
	add_service(1);
	entry = config_add_backend(&fake_kernel.state);
	entry->of = *(struct sluice_service *)list_at(&fake_kernel.state.services, 0);
	entry->backend = (struct sluice_backend){
		.has = SLUICE_BACKEND_KEY,
		.addr = { 4, { 10, 1, 0, 1 } }, .port = 80,
		.counters = { .has = ~1U, .drops = UINT64_MAX - 3 },
	};
	memset(&fake_clock, 0, sizeof(fake_clock));
	fake_clock.now.tv_sec = 77;
}

static void nothing(void)
{
}

static void traffic(void)
{
	service_counters()->connections += 5;
	service_counters()->in_packets += 1;
	service_counters()->out_bytes += 1ULL << 40;
	backend_counters()->drops += 3;
}

/* One counter is less, the others are more than before. */
static void made_again(void)
{
	service_counters()->connections = 999;
	service_counters()->in_packets = 4000;
}

static void another_comes(void)
{
	add_service(0);
	config_sort(&fake_kernel.state);
}

static void all_go(void)
{
	config_free(&fake_kernel.state);
}

#define SERVICE		"10.0.0.1:80/tcp scheduler rr\n   "
#define NO_TRAFFIC	" connections 0.00 in-packets 0.00 in-bytes 0.00" \
			" out-packets 0.00 out-bytes 0.00 drops 0.00\n"
#define BACKEND		"    10.1.0.1:80\n       "

static const struct rates_case {
	const char *name;
	const struct object *object;
	const char *words[4];
	void (*meanwhile)(void);
	bool json;
	unsigned int slept;
	enum exit_code code;
	const char *output;
} cases[] = {
	{ "without traffic", &service_object, { "rates" }, nothing, false,
	  1, EXIT_DONE, SERVICE NO_TRAFFIC BACKEND NO_TRAFFIC },
	{ "with traffic", &service_object, { "rates", "4" }, traffic, false,
	  4, EXIT_DONE,
	  SERVICE " connections 1.25 in-packets 0.25 in-bytes 0.00"
	  " out-packets 0.00 out-bytes 274877906944.00 drops 0.00\n"
	  BACKEND " connections 0.00 in-packets 0.00 in-bytes 0.00"
	  " out-packets 0.00 out-bytes 0.00 drops 0.75\n" },
	{ "one service", &service_object, { KEY, "rates", "1h" }, nothing,
	  false, 3600, EXIT_DONE, SERVICE NO_TRAFFIC BACKEND NO_TRAFFIC },
	{ "a backend as JSON", &backend_object, { PAIR, "rates", "2" },
	  traffic, true, 2, EXIT_DONE,
	  "[{\"service\":\"10.0.0.1:80/tcp\",\"backend\":\"10.1.0.1:80\","
	  "\"address\":\"10.1.0.1\",\"port\":80,\"rates\":{"
	  "\"connections\":0.00,\"in_packets\":0.00,\"in_bytes\":0.00,"
	  "\"out_packets\":0.00,\"out_bytes\":0.00,\"drops\":1.50}}]\n" },
	{ "a service that was made again counts from zero", &service_object,
	  { "rates", "10" }, made_again, false, 10, EXIT_DONE,
	  SERVICE " connections 99.90 in-packets 400.00 in-bytes 300.00"
	  " out-packets 0.00 out-bytes 0.00 drops 0.00\n"
	  BACKEND NO_TRAFFIC },
	{ "a service that came counts from zero", &service_object,
	  { "rates" }, another_comes, false, 1, EXIT_DONE,
	  "10.0.0.0:80/tcp scheduler rr\n   "
	  " connections 1000.00 in-packets 2000.00 in-bytes 3000.00"
	  " out-packets 0.00 out-bytes 0.00 drops 0.00\n"
	  SERVICE NO_TRAFFIC BACKEND NO_TRAFFIC },
	{ "nothing is left", &service_object, { "rates" }, all_go, false, 1,
	  EXIT_DONE, "" },
	{ "the service asked for is gone", &service_object, { KEY, "rates" },
	  all_go, false, 1, EXIT_REFUSED, "" },
};

static enum exit_code show(const struct rates_case *expected, char **got)
{
	struct cli cli = { .out = { .json = expected->json } };
	const struct verb *verb = expected->object->verbs;
	struct words words = { .word = (char **)expected->words };
	enum exit_code code;
	size_t len;

	while (words.left < 4 && expected->words[words.left])
		words.left++;
	while (strcmp(verb->name, "show"))
		verb++;
	cli.out.out = open_memstream(got, &len);
	code = verb->run(&cli, &words, verb->flags);
	fclose(cli.out.out);
	return code;
}

static void check(const struct rates_case *expected)
{
	enum exit_code code;
	char *got = NULL;

	set_up();
	fake_clock.meanwhile = expected->meanwhile;
	code = show(expected, &got);
	tap(code == expected->code && fake_clock.slept == expected->slept,
	    "%s: exit code %u after %u seconds", expected->name, code,
	    fake_clock.slept);
	tap_text(expected->name, got, expected->output);
	free(got);
}

static void check_late(void)
{
	static const struct rates_case late = {
		.object = &service_object, .words = { "rates" },
	};
	char *got = NULL;

	set_up();
	fake_clock.meanwhile = traffic;
	fake_clock.oversleep = 250000000;
	show(&late, &got);
	tap(strstr(got, " connections 4.00 in-packets 0.80 "),
	    "the time that it took counts, not the time asked for");
	free(got);
}

int main(void)
{
	size_t i;

	tap_begin();
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		check(&cases[i]);
	check_late();
	fake_kernel_reset();
	return tap_end();
}
