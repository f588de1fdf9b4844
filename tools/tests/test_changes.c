// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list of changes between random configurations, beside an oracle that
 * knows nothing of order or sorting: it compares every object of one side
 * with every object of the other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "fake_kernel.h"
#include "key.h"
#include "tap.h"

#define ROUNDS		2000
#define SERVICES	6
#define BACKENDS	4

static void random_backends(struct config *config,
			    const struct sluice_service *of)
{
	unsigned int i;

	for (i = 0; i < BACKENDS; i++) {
		struct config_backend *entry;

		if (rand() % 2)
			continue;
		entry = config_add_backend(config);
		entry->of = *of;
		entry->backend = (struct sluice_backend) {
			.has = SLUICE_BACKEND_KEY | SLUICE_BACKEND_CONFIG,
			.addr = of->addr, .port = 1000 + i,
			.weight = rand() % 3, .state = 1 + rand() % 2,
		};
	}
}

static void random_config(struct config *config)
{
	unsigned int i;

	memset(config, 0, sizeof(*config));
	for (i = 0; i < SERVICES; i++) {
		struct config_service *entry;

		if (rand() % 2)
			continue;
		entry = config_add_service(config);
		entry->service = (struct sluice_service) {
			.has = SLUICE_SERVICE_KEY | SLUICE_SERVICE_CONFIG,
			.addr = { i % 2 ? 16 : 4, { 10, i / 2 } },
			.port = 80, .proto = i % 3 ? 6 : 17,
			.scheduler = 1 + rand() % 2,
		};
		random_backends(config, &entry->service);
	}
	config->settings.has = SLUICE_SETTINGS_ALL;
	config->settings.flow_limit = rand() % 2;
	config->settings.timeout_tcp = rand() % 2;
	config_sort(config);
}

/* The oracle: how many on one side have no match on the other. */

static bool same_service(const struct sluice_service *a,
			 const struct sluice_service *b, bool config)
{
	return a->addr.len == b->addr.len &&
	       !memcmp(a->addr.bytes, b->addr.bytes, 16) &&
	       a->port == b->port && a->proto == b->proto &&
	       (!config || a->scheduler == b->scheduler);
}

static bool same_backend(const struct config_backend *a,
			 const struct config_backend *b, bool config)
{
	return same_service(&a->of, &b->of, false) &&
	       a->backend.port == b->backend.port &&
	       (!config || (a->backend.weight == b->backend.weight &&
			    a->backend.state == b->backend.state));
}

static bool has_service(const struct config *config,
			const struct sluice_service *service, bool exactly)
{
	size_t i;

	for (i = 0; i < config->service_count; i++)
		if (same_service(&config->services[i].service, service,
				 exactly))
			return true;
	return false;
}

static bool has_backend(const struct config *config,
			const struct config_backend *backend, bool exactly)
{
	size_t i;

	for (i = 0; i < config->backend_count; i++)
		if (same_backend(&config->backends[i], backend, exactly))
			return true;
	return false;
}

static size_t count_differences(const struct config *from,
				const struct config *to, bool keep)
{
	size_t count = from->settings.flow_limit != to->settings.flow_limit ||
		       from->settings.timeout_tcp != to->settings.timeout_tcp;
	size_t i;

	for (i = 0; i < to->service_count; i++)
		count += !has_service(from, &to->services[i].service, true);
	for (i = 0; i < to->backend_count; i++)
		count += !has_backend(from, &to->backends[i], true);
	for (i = 0; i < from->service_count && !keep; i++)
		count += !has_service(to, &from->services[i].service, false);
	for (i = 0; i < from->backend_count && !keep; i++)
		count += !has_backend(to, &from->backends[i], false) &&
			 has_service(to, &from->backends[i].of, false);
	return count;
}

/* All of @a, exactly, is in @b. */
static bool is_within(const struct config *a, const struct config *b)
{
	size_t i;

	for (i = 0; i < a->service_count; i++)
		if (!has_service(b, &a->services[i].service, true))
			return false;
	for (i = 0; i < a->backend_count; i++)
		if (!has_backend(b, &a->backends[i], true))
			return false;
	return a->settings.flow_limit == b->settings.flow_limit &&
	       a->settings.timeout_tcp == b->settings.timeout_tcp;
}

/* All keys of @a are in @b. */
static bool keys_are_within(const struct config *a, const struct config *b)
{
	size_t i;

	for (i = 0; i < a->service_count; i++)
		if (!has_service(b, &a->services[i].service, false))
			return false;
	for (i = 0; i < a->backend_count; i++)
		if (!has_backend(b, &a->backends[i], false))
			return false;
	return true;
}

static bool reaches(const struct config *from, const struct config *to,
		    bool keep)
{
	const struct config *now = &fake_kernel.state;
	struct changes changes = { NULL };
	const struct change *failed;
	struct sluice_error err;
	bool ok;

	fake_kernel_reset();
	config_copy(&fake_kernel.state, from);
	changes_build(from, to, keep, &changes);
	ok = !changes_apply(NULL, &changes, &failed, &err) &&
	     changes.count == count_differences(from, to, keep) &&
	     is_within(to, now);
	if (keep)
		ok &= keys_are_within(from, now);
	else
		ok &= is_within(now, to);
	changes_free(&changes);
	return ok;
}

static void check_random(bool keep)
{
	struct config from, to;
	unsigned int good = 0;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		random_config(&from);
		random_config(&to);
		good += reaches(&from, &to, keep);
		config_free(&from);
		config_free(&to);
	}
	tap(good == ROUNDS,
	    "%u random pairs, %s: reached with the fewest changes", ROUNDS,
	    keep ? "keeping the rest" : "made equal");
}

/* Services before backends, deletions last. */
static void check_order(void)
{
	struct config from, to;
	bool ok = true;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		struct changes changes = { NULL };
		size_t j;

		random_config(&from);
		random_config(&to);
		changes_build(&from, &to, false, &changes);
		for (j = 1; j < changes.count; j++)
			ok &= changes.list[j - 1].kind <= changes.list[j].kind;
		changes_free(&changes);
		config_free(&from);
		config_free(&to);
	}
	tap(ok, "what is new comes before what goes");
}

static void check_same(void)
{
	struct changes changes = { NULL };
	struct config config;

	random_config(&config);
	changes_build(&config, &config, false, &changes);
	tap(!changes.count, "nothing changes between equals");
	config_free(&config);
	changes_free(&changes);
}

int main(void)
{
	srand(1);
	tap_begin();
	check_same();
	check_order();
	check_random(false);
	check_random(true);
	fake_kernel_reset();
	return tap_end();
}
