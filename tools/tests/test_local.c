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
	tap_run("nearly the other mode", &local_object, "enable mode sockamp",
		EXIT_USAGE, "did you mean \"sockmap\"?");
	tap_run("a keyword", &local_object, "enable mode sockmap prot 80",
		EXIT_USAGE, "\"prot\" is no keyword of this command");
	tap_run("no size", &local_object, "enable mode sockmap size",
		EXIT_USAGE, "\"size\" needs a value");
	tap_run("size of nothing", &local_object, "enable mode sockmap size 0",
		EXIT_USAGE, "size 0 is less than 1");
	tap_run("too much", &local_object, "enable mode sockmap size 16777217",
		EXIT_USAGE, "size 16777217 is greater than 16777216");
	tap_run("little memory", &local_object, "enable mode sockmap memory 100",
		EXIT_USAGE, "memory 100 is less than 4096");
	tap_run("no filter", &local_object, "enable mode sockmap only",
		EXIT_USAGE, "a filter is missing");
	tap_run("another filter", &local_object, "enable mode sockmap except pott 1",
		EXIT_USAGE, "did you mean \"port\"?");
	tap_run("a port", &local_object, "enable mode sockmap only port 70000",
		EXIT_USAGE, "port 70000 is greater than 65535");
	tap_run("ports backwards", &local_object, "enable mode sockmap only port 9-8",
		EXIT_USAGE, "the first is greater than the last");
	tap_run("half a range", &local_object, "enable mode sockmap only uid 9-",
		EXIT_USAGE, "is not a number");
	tap_run("no prefix", &local_object, "enable mode sockmap only prefix a.b",
		EXIT_USAGE, "\"a.b\" is not an address");
	tap_run("no namespace", &local_object, "enable mode sockmap only netns /nowhere",
		EXIT_USAGE, "network namespace \"/nowhere\": No such file");
	tap_run("nobody's sockets", &local_object, "enable mode sockmap size 5",
		EXIT_USAGE, "say whose sockets");
	tap_run("words behind", &local_object, "disable mode sockmap size 5",
		EXIT_USAGE, "\"size\": nothing is expected here");
	tap_run("more words", &local_object, "enable device a b", EXIT_USAGE,
		"\"b\"");
	tap_run("more words to show", &local_object, "show veth-a", EXIT_USAGE,
		"\"veth-a\"");
}

static void check_sockmap(void)
{
	tap_run("not enabled", &local_object, "disable mode sockmap",
		EXIT_REFUSED, "mode sockmap is not enabled");
	tap_run("enabled", &local_object,
		"enable mode sockmap cgroup /a/b size 7 memory 5000 only port 80 "
		"only port 90-99 except prefix 10.0.0.0/8 except prefix fd00::/8 "
		"only prefix ::/0 except uid 7 only gid 1-2", 0, "");
	tap_run("but once", &local_object, "enable mode sockmap node",
		EXIT_REFUSED, "enabled already");
	tap_run("what was asked for", &local_object, "show", 0,
		"mode sockmap enabled cgroup /a/b size 7 memory 5000 module off "
		"only port 80 only port 90-99 except prefix 10.0.0.0/8 "
		"except prefix fd00::/8 only prefix ::/0 except uid 7 "
		"only gid 1-2 sockets 3\n");
	tap_run("and what became of it", &local_object, "-s show", 0,
		"mode sockmap enabled cgroup /a/b size 7 memory 5000 module off "
		"only port 80 only port 90-99 except prefix 10.0.0.0/8 "
		"except prefix fd00::/8 only prefix ::/0 except uid 7 "
		"only gid 1-2 sockets 3\n    joined 10\n    paired 11\n"
		"    messages 12\n    bytes 13\n    by-tcp memory 5\n");
	tap_run("disabled", &local_object, "disable mode sockmap", 0, "");
	tap_run("what is usual", &local_object, "enable mode sockmap node", 0,
		"");
	tap_run("is said", &local_object, "-j show", 0,
		"[{\"mode\":\"sockmap\",\"state\":\"enabled\",\"cgroup\":\"\","
		"\"size\":65536,\"memory\":4194304,\"module\":false,"
		"\"filters\":[],\"sockets\":3}]\n");
	tap_run("and gone", &local_object, "disable mode sockmap", 0, "");
}

int main(void)
{
	tap_begin();
	check_changes();
	check_sockmap();
	check_refusals();
	fake_kernel_reset();
	return tap_end();
}
