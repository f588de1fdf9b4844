// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "show ... rates [ SECONDS ]": what the counters rise by per second, from two
 * readings of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fields.h"
#include "rates.h"

#define RATES_KEYWORD	"rates"
#define RATES_PRESET	1
#define RATES_MAX	3600

/**
 * words_have_key - does a key follow?
 * @words: the words of "show"
 *
 * Return: whether anything but "rates" is left.
 */
bool words_have_key(const struct words *words)
{
	return words->left && strcmp(*words->word, RATES_KEYWORD);
}

/**
 * words_rates - take "rates [ SECONDS ]", up to the last word
 * @words: the words
 * @cli: the run, which is told
 *
 * Return: 0, or -EINVAL with @words telling why.
 */
int words_rates(struct words *words, struct cli *cli)
{
	uint64_t seconds = RATES_PRESET;

	if (!words_take(words, RATES_KEYWORD))
		return words_end(words);
	if (words->left &&
	    words_duration(words, RATES_KEYWORD, words_next(words), UINT32_MAX,
			   &seconds))
		return -EINVAL;
	if (!seconds || seconds > RATES_MAX)
		return words_fail(words, "rates of 1 to %u seconds, not %u",
				  RATES_MAX, (unsigned int)seconds);
	cli->interval = seconds;
	return words_end(words);
}

static double seconds_since(const struct timespec *begin)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - begin->tv_sec +
	       (now.tv_nsec - begin->tv_nsec) / 1e9;
}

static void sleep_until(const struct timespec *end)
{
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, end, NULL) ==
	       EINTR)
		;
}

static uint64_t counter(const struct sluice_counters *counters,
			unsigned int type)
{
	return sluice_attr_number(&sluice_counters_attrs.attr[type], counters);
}

/* Counters never fall: an object with less is not the one that was there. */
static bool goes_on(const struct sluice_counters *counters,
		    const struct sluice_counters *before)
{
	unsigned int type;

	for (type = 1; type <= sluice_counters_attrs.max; type++)
		if (counter(counters, type) < counter(before, type))
			return false;
	return true;
}

static void subtract(struct sluice_counters *counters,
		     const struct sluice_counters *before)
{
	const struct sluice_attr *attr = sluice_counters_attrs.attr;
	unsigned int type;

	if (!goes_on(counters, before))
		return;
	for (type = 1; type <= sluice_counters_attrs.max; type++)
		sluice_attr_set_number(&attr[type], counters,
				       counter(counters, type) -
				       counter(before, type));
}

/* What was not there before counts from zero. */
static void subtract_all(struct config *config, const struct config *before)
{
	const struct sluice_service *service;
	const struct config_backend *backend;
	size_t i;

	for (i = 0; i < config->services.count; i++) {
		struct sluice_service *now = list_at(&config->services, i);

		service = config_find_service(before, now);
		if (service)
			subtract(&now->counters, &service->counters);
	}
	for (i = 0; i < config->backends.count; i++) {
		struct config_backend *now = list_at(&config->backends, i);

		backend = config_find_backend(before, now);
		if (backend)
			subtract(&now->backend.counters,
				 &backend->backend.counters);
	}
}

static int read_rates(struct cli *cli, read_fn read,
		      const struct config_backend *key, struct config *config,
		      struct sluice_error *err)
{
	struct config before = { NULL };
	struct timespec begin, end;
	int ret;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	ret = read(cli, key, &before, err);
	if (!ret) {
		end = begin;
		end.tv_sec += cli->interval;
		sleep_until(&end);
		cli->elapsed = seconds_since(&begin);
		ret = read(cli, key, config, err);
		subtract_all(config, &before);
	}
	config_free(&before);
	return ret;
}

/**
 * read_shown - read what is to be shown, twice if rates are wanted
 * @cli: the run
 * @read: reads it once
 * @key: what is asked for
 * @config: gets it, in place of counters what they rose by if rates are wanted
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int read_shown(struct cli *cli, read_fn read,
	       const struct config_backend *key, struct config *config,
	       struct sluice_error *err)
{
	if (cli->interval)
		return read_rates(cli, read, key, config, err);
	return read(cli, key, config, err);
}

static void print_rates(struct printer *out,
			const struct sluice_counters *rise, double seconds,
			const char *before)
{
	const struct sluice_attr *attr = sluice_counters_attrs.attr;
	unsigned int type;
	char word[64];

	print_text(out, before);
	print_object_begin(out, "rates");
	for (type = 1; type <= sluice_counters_attrs.max; type++) {
		if (!(rise->has & SLUICE_HAS(type)))
			continue;
		snprintf(word, sizeof(word), " %s ", attr[type].name);
		print_decimal(out, attr[type].name, word,
			      counter(rise, type) / seconds);
	}
	print_object_end(out);
}

/**
 * show_counters - print rates or counters, whichever are wanted
 * @cli: the run
 * @counters: of an object that read_shown() read
 * @before: text before them
 */
void show_counters(struct cli *cli, const struct sluice_counters *counters,
		   const char *before)
{
	if (cli->interval)
		print_rates(&cli->out, counters, cli->elapsed, before);
	else if (cli->stats)
		print_counters(&cli->out, counters, before);
}
