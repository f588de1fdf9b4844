// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text and JSON from the same calls.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fields.h"
#include "key.h"
#include "tap.h"

static void nothing(struct printer *p)
{
	print_array_begin(p, NULL);
	print_array_end(p);
}

static void two_elements(struct printer *p)
{
	unsigned int i;

	print_array_begin(p, NULL);
	for (i = 1; i <= 2; i++) {
		print_object_begin(p, NULL);
		print_number(p, "a-number", "number ", i);
		print_string(p, "only-json", NULL, "x");
		print_string(p, NULL, " ", "text");
		print_text(p, "\n");
		print_object_end(p);
	}
	print_array_end(p);
}

static void nested(struct printer *p)
{
	print_object_begin(p, NULL);
	print_array_begin(p, "inner");
	print_object_begin(p, NULL);
	print_array_begin(p, "innermost");
	print_array_end(p);
	print_flag(p, "direct", "direct\n");
	print_object_end(p);
	print_object_begin(p, NULL);
	print_object_end(p);
	print_array_end(p);
	print_number(p, "big", "big ", UINT64_MAX);
	print_object_end(p);
}

static void quoted(struct printer *p)
{
	print_object_begin(p, NULL);
	print_string(p, "s", "", "a\"b\\c/d\n");
	print_object_end(p);
}

static void service(struct printer *p)
{
	static const struct sluice_service shown = {
		.has = SLUICE_SERVICE_KEY | SLUICE_SERVICE_CONFIG |
		       SLUICE_HAS(SLUICE_A_SERVICE_BACKEND_COUNT),
		.addr = { 4, { 10, 96, 0, 10 } }, .port = 53, .proto = 17,
		.scheduler = SLUICE_SCHEDULER_MAGLEV, .backend_count = 2,
		.affinity = 90, .masquerade = SLUICE_MASQUERADE_HAIRPIN,
		.no_backend = SLUICE_NO_BACKEND_DROP,
		.removal = SLUICE_REMOVAL_RESET,
		.scope = SLUICE_SCOPE_INTERNAL,
		.traffic_policy = SLUICE_TRAFFIC_POLICY_LOCAL, .echo = 1,
		.health_port = 32000,
		.forward = SLUICE_FORWARD_L2, .affinity_group = 70000,
	};
	struct sluice_service service = shown;
	struct words words = { NULL };

	words_prefixes(&words, "allow", "10.0.0.0/8,1.2.3.4", &service.allow);

	print_object_begin(p, NULL);
	print_service(p, &service);
	print_object_end(p);
	service_free(&service);
}

static void backend(struct printer *p)
{
	static const struct sluice_backend shown = {
		.has = SLUICE_BACKEND_KEY | SLUICE_BACKEND_CONFIG |
		       SLUICE_HAS(SLUICE_A_BACKEND_COUNTERS),
		.addr = { 16, { 0xfd, [15] = 7 } }, .port = 8080,
		.weight = 99999, .state = 9,
		.counters = { SLUICE_HAS(SLUICE_A_COUNTERS_IN_BYTES) |
			      SLUICE_HAS(SLUICE_A_COUNTERS_DROPS),
			      .in_bytes = 1ULL << 40 },
	};

	print_object_begin(p, NULL);
	print_backend(p, &shown);
	print_counters(p, &shown.counters, "\n  ");
	print_object_end(p);
}

static const struct print_case {
	const char *name;
	void (*print)(struct printer *p);
	const char *text;
	const char *json;
} cases[] = {
	{ "an empty array", nothing, "", "[]\n" },
	{ "an array", two_elements, "number 1 text\nnumber 2 text\n",
	  "[{\"a_number\":1,\"only_json\":\"x\"},"
	  "{\"a_number\":2,\"only_json\":\"x\"}]\n" },
	{ "arrays and objects in each other", nested,
	  "direct\nbig 18446744073709551615",
	  "{\"inner\":[{\"innermost\":[],\"direct\":true},{}],"
	  "\"big\":18446744073709551615}\n" },
	{ "a string to quote", quoted, "a\"b\\c/d\n",
	  "{\"s\":\"a\\\"b\\\\c/d\\n\"}\n" },
	{ "a service", service,
	  "10.96.0.10:53/udp scheduler maglev affinity client-ip 90 "
	  "no-backend drop traffic-policy local echo on "
	  "allow 10.0.0.0/8,1.2.3.4/32 health-port 32000 forward l2 "
	  "affinity-group 70000 backend-count 2",
	  "{\"service\":\"10.96.0.10:53/udp\",\"address\":\"10.96.0.10\","
	  "\"port\":53,\"protocol\":\"udp\",\"scheduler\":\"maglev\","
	  "\"affinity\":90,\"affinity_shared\":false,"
	  "\"masquerade\":\"hairpin\",\"no_backend\":\"drop\","
	  "\"removal\":\"reset\",\"scope\":\"internal\","
	  "\"traffic_policy\":\"local\",\"echo\":true,"
	  "\"allow\":[\"10.0.0.0/8\",\"1.2.3.4/32\"],\"deny\":[],"
	  "\"health_port\":32000,"
	  "\"forward\":\"l2\",\"affinity_group\":70000,\"backend_count\":2}\n" },
	{ "a backend with a state this version does not know", backend,
	  "[fd00::7]:8080 weight 99999 state 9\n   in-bytes 1099511627776 "
	  "drops 0",
	  "{\"backend\":\"[fd00::7]:8080\",\"address\":\"fd00::7\","
	  "\"port\":8080,\"weight\":99999,\"state\":\"9\","
	  "\"local\":false,\"counters\":{\"in_bytes\":1099511627776,\"drops\":0}}\n" },
};

static void check(const struct print_case *expected, bool json)
{
	struct printer p = { .json = json };
	char name[128];
	char *got = NULL;
	size_t len;

	p.out = open_memstream(&got, &len);
	expected->print(&p);
	fclose(p.out);
	snprintf(name, sizeof(name), "%s as %s", expected->name,
		 json ? "JSON" : "text");
	tap_text(name, got, json ? expected->json : expected->text);
	free(got);
}

static void check_pretty(void)
{
	struct printer p = { .json = true, .pretty = true };
	char *got = NULL;
	size_t len;

	p.out = open_memstream(&got, &len);
	two_elements(&p);
	fclose(p.out);
	tap(strchr(got, '\n') && strstr(got, "  \"a_number\": 1") &&
	    !strncmp(got, "[\n", 2) && !strcmp(got + len - 3, "\n]\n"),
	    "pretty JSON is indented");
	free(got);
}

int main(void)
{
	size_t i;

	tap_begin();
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		check(&cases[i], false);
		check(&cases[i], true);
	}
	check_pretty();
	return tap_end();
}
