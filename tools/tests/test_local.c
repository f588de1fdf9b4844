// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Same-node TCP enabled, disabled and shown; the fake kernel has the devices.
 */
#include "fake_kernel.h"
#include "run.h"
#include "tap.h"

static void check_changes(void)
{
	tap_run("none", &local_object, "show", 0, "");
	tap_run("a device that is not attached", &local_object,
		"enable device veth-a", 0, "");
	tap_run("a pattern", &local_object, "enable mode short-cut device veth*",
		0, "");
	tap_run("both are shown", &local_object, "show", 0,
		"veth* mode short-cut attached 1\n"
		"veth-a mode short-cut attached 1\n");
	tap_run("and are devices", &device_object, "show veth-a", 0,
		"veth-a short-cut on ifindex 7\n");
	tap_run("one is disabled", &local_object, "disable device veth*", 0, "");
	tap_run("but attached", &device_object, "show veth*", 0,
		"veth* attached 1\n");
	tap_run("the rest is left", &local_object, "-j show", 0,
		"[{\"device\":\"veth-a\",\"mode\":\"short-cut\",\"attached\":1}]\n");
}

static void check_refusals(void)
{
	tap_run("one that is not attached", &local_object,
		"disable device gone", EXIT_REFUSED,
		"local: \"gone\": does not exist");
	tap_run("no device", &local_object, "enable", EXIT_USAGE,
		"\"device\" is missing");
	tap_run("no name", &local_object, "enable device", EXIT_USAGE,
		"device");
	tap_run("no mode", &local_object, "enable mode", EXIT_USAGE,
		"\"mode\" needs a value");
	tap_run("another mode", &local_object, "enable mode shortcut device a",
		EXIT_USAGE, "did you mean \"short-cut\"?");
	tap_run("more words", &local_object, "enable device a b", EXIT_USAGE,
		"\"b\"");
	tap_run("more words to show", &local_object, "show veth-a", EXIT_USAGE,
		"\"veth-a\"");
}

int main(void)
{
	tap_begin();
	check_changes();
	check_refusals();
	fake_kernel_reset();
	return tap_end();
}
