// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keywords with values, numbers, and suggestions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "key.h"
#include "run.h"
#include "tap.h"

#define LONG	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define VERY_LONG	LONG LONG LONG LONG LONG LONG LONG LONG LONG LONG \
			LONG LONG LONG LONG LONG LONG LONG LONG LONG LONG

struct backend_case {
	const char *line;
	uint32_t has;		/* besides the key */
	uint32_t weight;
	uint32_t state;
	const char *error;
};

#define WEIGHT	SLUICE_HAS(SLUICE_A_BACKEND_WEIGHT)
#define STATE	SLUICE_HAS(SLUICE_A_BACKEND_STATE)
#define PAIR	"1.2.3.4:80/tcp 10.0.0.1:8080"

static const struct backend_case backend_cases[] = {
	{ PAIR, 0, 0, 0, NULL },
	{ PAIR " weight 2", WEIGHT, 2, 0, NULL },
	{ PAIR " weight 99999", WEIGHT, 99999, 0, NULL },
	{ PAIR " weight 4294967295", WEIGHT, 4294967295, 0, NULL },
	{ PAIR " state down weight 0", WEIGHT | STATE, 0,
	  SLUICE_BACKEND_STATE_DOWN, NULL },
	{ PAIR " state 77", STATE, 0, 77, NULL },
	{ PAIR " weight 4294967296", 0, 0, 0, "greater than 4294967295" },
	{ PAIR " weight 18446744073709551616", 0, 0, 0, "is greater than" },
	{ PAIR " weight -1", 0, 0, 0, "is not a number" },
	{ PAIR " weight 1.5", 0, 0, 0, "is not a number" },
	{ PAIR " weight", 0, 0, 0, "\"weight\" needs a value" },
	{ PAIR " weight 1 weight 1", 0, 0, 0, "\"weight\" is given twice" },
	{ PAIR " wieght 1", 0, 0, 0, "did you mean \"weight\"?" },
	{ PAIR " weig 1", 0, 0, 0, "did you mean \"weight\"?" },
	{ PAIR " w 1", 0, 0, 0, "\"w\" is no keyword" },
	{ PAIR " flow-count 1", 0, 0, 0, "\"flow-count\" is no keyword" },
	{ PAIR " state activ", 0, 0, 0, "active draining down; did you mean "
	  "\"active\"?" },
	{ PAIR " state 4294967296", 0, 0, 0, "greater than 4294967295" },
	{ PAIR " " VERY_LONG, 0, 0, 0, "is no keyword" },
	{ PAIR " state " VERY_LONG, 0, 0, 0, "is none of" },
	{ PAIR " weight 1" VERY_LONG, 0, 0, 0, "is not a number" },
	{ "1.2.3.4:80/tcp", 0, 0, 0, "a backend is missing" },
	{ "", 0, 0, 0, "a service is missing" },
};

static void check_backend(const struct backend_case *expected)
{
	struct sluice_backend backend = { 0 };
	struct sluice_service service = { 0 };
	struct words words;
	char *word[16];
	int count, ret;

	cut(&words, word, expected->line);
	count = words.left;
	ret = words_backend(&words, &service, &backend);
	if (expected->error)
		tap(ret && strstr(words.error, expected->error),
		    "\"%.60s\" is refused: %.120s", expected->line,
		    words.error);
	else
		tap(!ret && backend.weight == expected->weight &&
		    backend.state == expected->state &&
		    backend.has == (SLUICE_BACKEND_KEY | expected->has),
		    "\"%s\" is read", expected->line);
	free_words(word, count);
}

static void check_settings(void)
{
	struct sluice_settings settings = { 0 };
	struct words words;
	char *word[16];

	cut(&words, word, "limit 9 timeout-tcp 60");
	tap(!words_settings(&words, &settings,
				    SLUICE_SETTINGS_FLOW) && settings.flow_limit == 9 &&
	    settings.timeout_tcp == 60, "settings are read");
	free_words(word, 4);

	memset(&settings, 0, sizeof(settings));
	cut(&words, word, "policy-tcp strict policy-node-traffic judge policy-audit on");
	tap(!words_settings(&words, &settings, SLUICE_SETTINGS_NODE) &&
	    settings.policy_tcp == SLUICE_POLICY_TCP_STRICT &&
	    settings.policy_node_traffic == SLUICE_POLICY_NODE_TRAFFIC_JUDGE &&
	    settings.policy_audit == 1, "settings of the policy are read");
	free_words(word, 6);

	cut(&words, word, "policy-tcp strict");
	tap(words_settings(&words, &settings, SLUICE_SETTINGS_FLOW),
	    "\"flow set policy-tcp\" is refused");
	free_words(word, 2);

	cut(&words, word, "flow-limit 9");
	tap(words_settings(&words, &settings,
				    SLUICE_SETTINGS_FLOW), "\"flow set flow-limit\" is refused");
	free_words(word, 2);

	cut(&words, word, "");
	tap(words_settings(&words, &settings,
				    SLUICE_SETTINGS_FLOW), "\"flow set\" alone is refused");
}

struct service_case {
	const char *line;
	uint32_t has;		/* besides the key */
	struct sluice_service service;
	const char *allow;
	const char *error;
};

#define S "1.2.3.4:80/tcp "
#define HAS(_name) SLUICE_HAS(SLUICE_A_SERVICE_##_name)

static const struct service_case service_cases[] = {
	{ S "affinity client-ip", HAS(AFFINITY), { .affinity = 10800 },
	  NULL, NULL },
	{ S "affinity client-ip 90", HAS(AFFINITY), { .affinity = 90 },
	  NULL, NULL },
	{ S "affinity client-ip 90s echo on", HAS(AFFINITY) | HAS(ECHO),
	  { .affinity = 90, .echo = 1 }, NULL, NULL },
	{ S "affinity client-ip 5m", HAS(AFFINITY), { .affinity = 300 },
	  NULL, NULL },
	{ S "affinity client-ip 3h", HAS(AFFINITY), { .affinity = 10800 },
	  NULL, NULL },
	{ S "affinity client-ip 1d", HAS(AFFINITY), { .affinity = 86400 },
	  NULL, NULL },
	{ S "affinity client-ip echo off", HAS(AFFINITY) | HAS(ECHO),
	  { .affinity = 10800 }, NULL, NULL },
	{ S "affinity none affinity-shared on",
	  HAS(AFFINITY) | HAS(AFFINITY_SHARED), { .affinity_shared = 1 },
	  NULL, NULL },
	{ S "affinity client-ip affinity-group 4294967295",
	  HAS(AFFINITY) | HAS(AFFINITY_GROUP),
	  { .affinity = 10800, .affinity_group = UINT32_MAX }, NULL, NULL },
	{ S "affinity-group 4294967296", 0, { 0 }, NULL, "greater than" },
	{ S "masquerade off-cluster no-backend drop removal finish",
	  HAS(MASQUERADE) | HAS(NO_BACKEND) | HAS(REMOVAL),
	  { .masquerade = 3, .no_backend = 2, .removal = 2 }, NULL, NULL },
	{ S "scope external traffic-policy local scheduler wlc",
	  HAS(SCOPE) | HAS(TRAFFIC_POLICY) | HAS(SCHEDULER),
	  { .scope = 2, .traffic_policy = 2, .scheduler = 6 }, NULL, NULL },
	{ S "forward tunnel", HAS(FORWARD), { .forward = 3 }, NULL, NULL },
	{ S "forward relay", HAS(FORWARD), { .forward = 4 }, NULL, NULL },
	{ S "forward l3", 0, { 0 }, NULL, "is none of: nat l2 tunnel relay" },
	{ S "allow 10.0.0.0/8,1.2.3.4", HAS(ALLOW), { 0 },
	  "10.0.0.0/8,1.2.3.4/32,", NULL },
	{ S "allow fd00::/8,::1", HAS(ALLOW), { 0 }, "fd00::/8,::1/128,",
	  NULL },
	{ S "allow all", HAS(ALLOW), { 0 }, "", NULL },
	{ S "deny none", HAS(DENY), { 0 }, NULL, NULL },
	{ S "health-port 65535 echo on", HAS(HEALTH_PORT) | HAS(ECHO),
	  { .health_port = 65535, .echo = 1 }, NULL, NULL },
	{ S "health-port 65536", 0, { 0 }, NULL, "greater than 65535" },
	{ S "health-port none", 0, { 0 }, NULL, "is not a number" },
	{ S "allow none", 0, { 0 }, NULL, "\"none\" is not an address" },
	{ S "allow 10.0.0.0/33", 0, { 0 }, NULL, "greater than 32" },
	{ S "allow 10.0.0.0/", 0, { 0 }, NULL, "is not a number" },
	{ S "allow 10.0.0.0/8,", 0, { 0 }, NULL, "\"\" is not an address" },
	{ S "deny " VERY_LONG, 0, { 0 }, NULL, "too long for a prefix" },
	{ S "echo yes", 0, { 0 }, NULL, "\"yes\" is none of: on off" },
	{ S "affinity client", 0, { 0 }, NULL, "is none of: client-ip none" },
	{ S "affinity client-ip 5x", 0, { 0 }, NULL, "is not a time" },
	{ S "affinity client-ip 99999999999999999999s", 0, { 0 }, NULL,
	  "greater than" },
	{ S "affinity client-ip 4294967295h", 0, { 0 }, NULL, "greater than" },
	{ S "masquerade sometimes", 0, { 0 }, NULL,
	  "never hairpin off-cluster always" },
};

static void append_prefix(const struct sluice_prefix *prefix, void *arg)
{
	char text[KEY_TEXT_SIZE];

	strcat(arg, prefix_text(prefix, text));
	strcat(arg, ",");
}

static bool same_options(const struct sluice_service *a,
			 const struct sluice_service *b)
{
	return a->scheduler == b->scheduler && a->affinity == b->affinity &&
	       a->affinity_shared == b->affinity_shared &&
	       a->affinity_group == b->affinity_group &&
	       a->masquerade == b->masquerade &&
	       a->no_backend == b->no_backend && a->removal == b->removal &&
	       a->scope == b->scope &&
	       a->traffic_policy == b->traffic_policy && a->echo == b->echo &&
	       a->health_port == b->health_port &&
	       a->forward == b->forward;
}

static void check_service(const struct service_case *expected)
{
	struct sluice_service service = { 0 };
	char allow[256] = "";
	struct words words;
	char *word[16];
	int count, ret;

	cut(&words, word, expected->line);
	count = words.left;
	ret = words_service(&words, &service);
	sluice_prefixes_each(&service.allow, append_prefix, allow);
	if (expected->error)
		tap(ret && strstr(words.error, expected->error),
		    "\"%.60s\" is refused: %.120s", expected->line,
		    words.error);
	else
		tap(!ret && same_options(&service, &expected->service) &&
		    service.has == (SLUICE_SERVICE_KEY | expected->has) &&
		    !strcmp(allow, expected->allow ? expected->allow : ""),
		    "\"%s\" is read", expected->line);
	service_free(&service);
	free_words(word, count);
}

static void check_distance(void)
{
	tap(edit_distance("", "") == 0 && edit_distance("a", "") == 1 &&
	    edit_distance("", "abc") == 3 && edit_distance("show", "show") == 0,
	    "distance of empty and equal words");
	tap(edit_distance("shwo", "show") == 2 &&
	    edit_distance("kitten", "sitting") == 3 &&
	    edit_distance("servic", "service") == 1,
	    "distance of different words");
	tap(edit_distance(VERY_LONG, "a") > 30, "long words are far away");
}

static void check_names(void)
{
	static const struct sluice_name * const tables[] = {
		sluice_protocols, sluice_schedulers, sluice_backend_states,
		sluice_flow_states, sluice_drop_reasons, sluice_event_types,
		sluice_flow_ends,
		sluice_masquerades, sluice_no_backends, sluice_removals,
		sluice_scopes, sluice_traffic_policies, sluice_forwards,
		sluice_change_ops, sluice_outcomes, sluice_decided_bys,
		sluice_policy_directions, sluice_policy_tiers,
		sluice_policy_actions, sluice_policy_whys, sluice_on_denys,
		sluice_establisheds, sluice_policy_tcps,
		sluice_policy_node_traffics, sluice_identity_names,
	};
	const struct sluice_name *name;
	unsigned int value;
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (name = tables[i]; name->name; name++)
			ok &= sluice_name_value(tables[i], name->name, &value) &&
			      value == name->value &&
			      !strcmp(sluice_name_of(tables[i], value),
				      name->name);
	tap(ok, "names are read both ways");
	tap(sluice_name_of(sluice_schedulers, SLUICE_SCHEDULER_MAX) &&
	    sluice_name_of(sluice_backend_states, SLUICE_BACKEND_STATE_MAX) &&
	    sluice_name_of(sluice_drop_reasons, SLUICE_DROP_REASON_MAX) &&
	    sluice_name_of(sluice_change_ops, SLUICE_CHANGE_OP_MAX) &&
	    sluice_name_of(sluice_decided_bys, SLUICE_DECIDED_BY_DEVICE) &&
	    sluice_name_of(sluice_policy_whys, SLUICE_POLICY_WHY_MAX) &&
	    sluice_name_of(sluice_on_denys, SLUICE_ON_DENY_MAX) &&
	    sluice_name_of(sluice_establisheds, SLUICE_ESTABLISHED_MAX) &&
	    sluice_name_of(sluice_policy_tcps, SLUICE_POLICY_TCP_MAX) &&
	    sluice_name_of(sluice_policy_node_traffics,
			   SLUICE_POLICY_NODE_TRAFFIC_MAX),
	    "the last value of each enum has a name");
	tap(!sluice_name_of(sluice_schedulers, 1000) &&
	    !sluice_name_value(sluice_schedulers, "", &value),
	    "what is in no table has neither name nor value");
}

int main(void)
{
	size_t i;

	tap_begin();
	for (i = 0; i < ARRAY_SIZE(backend_cases); i++)
		check_backend(&backend_cases[i]);
	for (i = 0; i < ARRAY_SIZE(service_cases); i++)
		check_service(&service_cases[i]);
	check_settings();
	check_distance();
	check_names();
	return tap_end();
}
