// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices as words, bound, shown and released; the fake kernel has them.
 */
#include <stdio.h>
#include <string.h>

#include "fake_kernel.h"
#include "run.h"
#include "tap.h"

/* What is shown after the line; without it @error is a part of what is said. */
static const struct line_case {
	const char *line;
	const char *shown;
	const char *error;
} lines[] = {
	{ "veth-a address 10.244.1.7",
	  "veth-a address 10.244.1.7/32 ifindex 7\n", NULL },
	{ "veth-a address 10.244.1.7/32,fd00::7/128",
	  "veth-a address 10.244.1.7/32,fd00::7/128 ifindex 7\n", NULL },
	{ "eth0 address ::,0.0.0.0,10.0.0.0/8",
	  "eth0 address ::/128,0.0.0.0/32,10.0.0.0/8 absent\n", NULL },
	{ "address address ::/0", "address address ::/0 absent\n", NULL },
	{ "veth01234567890 address ::/0",
	  "veth01234567890 address ::/0 ifindex 7\n", NULL },
	{ "\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20"
	  "\\x20\\x20\\x20 address ::/0",
	  "\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20"
	  "\\x20\\x20\\x20 address ::/0 absent\n", NULL },
	{ "veth-a", "veth-a ifindex 7\n", NULL },
	{ "veth* netfilter skip", "veth* netfilter skip attached 1\n", NULL },
	{ "* address ::1", "* address ::1/128 attached 0\n", NULL },
	{ "*-a", "*-a absent\n", NULL },
	{ "veth-a address any", "veth-a ifindex 7\n", NULL },
	{ "veth-a fast-path on netfilter heed", "veth-a ifindex 7\n", NULL },
	{ "veth-a netfilter skip fast-path off",
	  "veth-a fast-path off netfilter skip ifindex 7\n", NULL },
	{ "veth-a pod-side on", "veth-a pod-side on ifindex 7\n", NULL },
	{ "veth-a pod-side off", "veth-a ifindex 7\n", NULL },
	{ "veth-a address ::1 netfilter skip",
	  "veth-a address ::1/128 netfilter skip ifindex 7\n", NULL },
	{ "#\xc3\xa4/: address ::/0", "\\x23\\xc3\\xa4/: address ::/0 absent\n",
	  NULL },
	{ "", NULL, "a device is missing" },
	{ "veth012345678901 address ::/0", NULL,
	  "device: \"veth012345678901\" is longer than 15 characters" },
	{ "a\\x00b address ::/0", NULL, "\"a\\x00b\" has a zero in it" },
	{ "veth-a addresses ::/0", NULL,
	  "\"addresses\" is no keyword of this command" },
	{ "veth-a fast-path maybe", NULL,
	  "fast-path \"maybe\" is none of: on off" },
	{ "veth-a short-cut on", "veth-a short-cut on ifindex 7\n", NULL },
	{ "veth-a short-cut off", "veth-a ifindex 7\n", NULL },
	{ "veth-a short-cut yes", NULL, "short-cut \"yes\" is none of: on off" },
	{ "veth-a pod-side 1", NULL, "pod-side \"1\" is none of: on off" },
	{ "veth-a netfilter", NULL, "\"netfilter\" needs a value" },
	{ "veth-a netfilter skipp", NULL,
	  "netfilter \"skipp\" is none of: heed skip; did you mean \"skip\"?" },
	{ "veth-a address", NULL, "\"address\" needs a value" },
	{ "veth-a address none", NULL,
	  "address: \"none\" is not an address" },
	{ "veth-a address 10.0.0.1,", NULL,
	  "address: \"\" is not an address" },
	{ "veth-a address 10.0.0.1/33", NULL,
	  "address: prefix length 33 is greater than 32" },
	{ "veth-a address 10.0.0.1 fd00::7", NULL,
	  "\"fd00::7\" is no keyword of this command" },
};

static void check_line(const struct line_case *expected)
{
	char name[128], line[256];

	fake_kernel_reset();
	snprintf(name, sizeof(name), "\"%s\" is %s", expected->line,
		 expected->error ? "refused" : "fine");
	snprintf(line, sizeof(line), "add %s", expected->line);
	if (expected->error) {
		tap_run(name, &device_object, line, EXIT_USAGE,
			expected->error);
		return;
	}
	tap_run(name, &device_object, line, 0, "");
	tap_run("and shown", &device_object, "show", 0, expected->shown);
}

#define LINES \
	"device add veth-b address fd00::8\n" \
	"device add gone address 10.244.1.9\n" \
	"device add veth-a address 10.244.1.7,fd00::7\n"

#define GONE	"gone address 10.244.1.9/32 absent"
#define VETH_A	"veth-a address 10.244.1.7/32,fd00::7/128 ifindex 7"
#define VETH_B	"veth-b address fd00::8/128 ifindex 7"
#define OPTIONS	"\"fast_path\":true,\"netfilter\":\"heed\"," \
			"\"pod_side\":false,\"short_cut\":false,"

static void check_show(void)
{
	fake_kernel_load(LINES);
	tap_run("device show", &device_object, "show", 0,
		GONE "\n" VETH_A "\n" VETH_B "\n");
	tap_run("device show DEVICE", &device_object, "show veth-a", 0,
		VETH_A "\n");
	tap_run("device show of one that is not attached", &device_object,
		"show veth", 0, "");
	tap_run("device show with counters", &device_object, "-s show", 0,
		GONE "\n    drops 4001 sent 5001\n    fallback ttl 6001\n"
		VETH_A "\n    drops 4002 sent 5002 pods 1 handed-over 7002 redirected 8002 segments 9002 sockets 102\n    fallback ttl 6002\n    left seen 52\n"
		VETH_B "\n    drops 4000 sent 5000\n    fallback ttl 6000\n");
	tap_run("device show as JSON", &device_object, "-j show", 0,
		"[{\"device\":\"gone\",\"addresses\":[\"10.244.1.9/32\"],"
		OPTIONS "\"ifindex\":0,\"attached\":0},"
		"{\"device\":\"veth-a\",\"addresses\":[\"10.244.1.7/32\","
		"\"fd00::7/128\"]," OPTIONS "\"ifindex\":7,\"attached\":1},"
		"{\"device\":\"veth-b\",\"addresses\":[\"fd00::8/128\"],"
		OPTIONS "\"ifindex\":7,\"attached\":1}]\n");
	tap_run("counters as JSON", &device_object, "-j -s show veth-b", 0,
		"[{\"device\":\"veth-b\",\"addresses\":[\"fd00::8/128\"],"
		OPTIONS "\"ifindex\":7,\"attached\":1,\"drops\":4000,\"sent\":5000,"
		"\"pods\":0,\"handed_over\":0,\"redirected\":0,\"segments\":0,\"sockets\":0,\"fallbacks\":[{\"reason\":\"header\",\"packets\":0},"
		"{\"reason\":\"ttl\",\"packets\":6000}],"
		"\"left\":[{\"reason\":\"flow\",\"segments\":0},"
		"{\"reason\":\"seen\",\"segments\":0}]}]\n");
}

static void check_verbs(void)
{
	fake_kernel_load(LINES);
	tap_run("one that is attached is not added", &device_object,
		"add veth-a address ::", EXIT_REFUSED,
		"device: \"veth-a\": exists already");
	tap_run("but replaced", &device_object, "replace veth-a address ::", 0,
		"");
	tap_run("with all its addresses", &device_object, "show veth-a", 0,
		"veth-a address ::/128 ifindex 7\n");
	tap_run("replace adds one, too", &device_object,
		"replace \\x23 address ::", 0, "");
	tap_run("device del", &device_object, "del gone", 0, "");
	tap_run("only the others are left", &device_object, "show", 0,
		"\\x23 address ::/128 absent\n"
		"veth-a address ::/128 ifindex 7\n" VETH_B "\n");
	tap_run("one that is not attached is not deleted", &device_object,
		"del #gone", EXIT_REFUSED,
		"device: \"\\x23gone\": no such device");
	tap_run("device flush", &device_object, "flush", 0, "");
	tap_run("leaves none", &device_object, "show", 0, "");
	tap(fake_kernel.writes == 6, "each verb is one request");
}

int main(void)
{
	size_t i;

	tap_begin();
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		check_line(&lines[i]);
	check_show();
	check_verbs();
	fake_kernel_reset();
	return tap_end();
}
