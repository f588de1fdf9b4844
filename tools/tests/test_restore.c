// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * save and restore as commands, on a namespace in memory: round trips, and a
 * refusal at any point changes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "fake_kernel.h"
#include "run.h"
#include "tap.h"

#define SETTINGS \
	"flow set limit 1000 timeout-udp-unreplied 30 timeout-udp 180 " \
	"timeout-tcp-unreplied 60 timeout-tcp 86400 " \
	"timeout-tcp-half-closed 120 timeout-tcp-closing 10\n"
#define S1	"service add 10.96.0.1:53/udp scheduler random\n"
#define S2	"service add 10.96.0.2:80/tcp scheduler maglev\n"
#define S2_RR	"service add 10.96.0.2:80/tcp scheduler rr\n"
#define S3	"service add [fd00::a]:80/tcp scheduler wrr\n"
#define B1	"backend add 10.96.0.1:53/udp 10.0.0.1:53 weight 1 state active\n"
#define B2	"backend add 10.96.0.2:80/tcp 10.0.0.1:80 weight 5 state active\n"
#define B2_7	"backend add 10.96.0.2:80/tcp 10.0.0.1:80 weight 7 state active\n"
#define B3	"backend add [fd00::a]:80/tcp [fd00::7]:80 weight 1 state draining\n"
#define I1	"identity add 10.0.0.0/8 id 300 except 10.1.0.0/16 exclusive on\n"
#define I1_PLAIN \
	"identity add 10.0.0.0/8 id 300\n"
#define I2	"identity add 10.244.1.7/32 id 1001\n"
#define PS	"policy set 1001 isolate ingress audit on\n"
#define PS_AUDIT \
	"policy set 1001 audit on\n"
#define P1	"policy add to 1001 from 1002 tcp 80 allow cookie 42 name web\n"
#define P1_DENY	"policy add to 1001 from 1002 tcp 80 deny\n"
#define P2	"policy add from 1001 to any deny priority 7\n"
#define D1	"device add veth-a address 10.244.1.7/32,fd00::7/128\n"
#define D1_OTHER \
	"device add veth-a address 10.244.1.8/32\n"
#define D1_BARE	"device add veth-a\n"
#define D1_SKIPS \
	"device add veth-a address 10.244.1.8/32 fast-path off netfilter skip\n"
#define D2	"device add veth-b address 0.0.0.0/0\n"
#define BAD	"backend add 10.96.0.2:80/tcp 10.0.0.9:80 weight 99999\n"

/* @option: may be NULL */
static int restore_with(const char *text, char *option)
{
	char path[] = "/tmp/sluice-test-XXXXXX";
	char *word[] = { "-f", path, option };
	struct cli cli = { .out = { .out = stdout } };
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	int code;

	fputs(text, file);
	fclose(file);
	code = run(&restore_object, &cli, word, option ? 3 : 2);
	unlink(path);
	return code;
}

static int restore(const char *text, bool keep)
{
	return restore_with(text, keep ? "--noflush" : NULL);
}

static char *save(void)
{
	struct cli cli = { 0 };
	char *text = NULL;
	size_t len;

	cli.out.out = open_memstream(&text, &len);
	run(&save_object, &cli, NULL, 0);
	fclose(cli.out.out);
	return text;
}

/* Is the namespace what this file says, after the header? */
static bool is_now(const char *expected)
{
	char *text = save();
	char *body = strchr(text, '\n') + 1;
	bool ok = !strcmp(body, expected);

	if (!ok)
		printf("# got:\n%s# expected:\n%s", body, expected);
	free(text);
	return ok;
}

static void check_round_trip(void)
{
	char *text, *again;

	fake_kernel_load(SETTINGS S3 S1 D2 P2 I2 S2 B3 I1 D1 P1 B2 PS B1);
	text = save();
	tap(is_now(SETTINGS I1 I2 PS P1 P2 D1 D2 S1 S2 S3 B1 B2 B3),
	    "saved in order");
	fake_kernel_reset();
	restore(text, false);
	again = save();
	tap(!strcmp(text, again), "saved, restored into nothing, saved: same");
	free(again);

	fake_kernel.writes = 0;
	tap(!restore(text, false) && fake_kernel.writes == 1,
	    "all of a file is one transaction");
	free(text);
}

static void check_devices(void)
{
	fake_kernel_load(SETTINGS S1 D1);
	tap(!restore(S1 D2, false) && is_now(SETTINGS D2 S1),
	    "one device in place of another");
	fake_kernel_load(SETTINGS S1 D1);
	tap(!restore(D1_OTHER D2, true) && is_now(SETTINGS D1_OTHER D2 S1),
	    "--noflush: a device gets other addresses");
	fake_kernel_load(SETTINGS S1 D1_SKIPS);
	tap(!restore(D1_BARE D2, true) && is_now(SETTINGS D1_BARE D2 S1),
	    "--noflush: what is left out of a device is as for a new one");
}

static void check_differences(void)
{
	fake_kernel_load(SETTINGS S1 S2 B1 B2);
	tap(!restore(SETTINGS S1 S2_RR B1 B2, false) &&
	    is_now(SETTINGS S1 S2_RR B1 B2),
	    "a scheduler is changed in place");
	fake_kernel_load(SETTINGS S1 S2 B1 B2);
	tap(!restore(S1 S2 B1 B2_7, false) &&
	    is_now(SETTINGS S1 S2 B1 B2_7),
	    "a weight is changed in place; settings not mentioned stay");
	fake_kernel_load(SETTINGS S1 S2 B1 B2);
	tap(!restore(S2, false) &&
	    is_now(SETTINGS S2), "what is not in the file goes");
	fake_kernel_load(SETTINGS S1 S2 B1 B2);
	tap(!restore(S3 B3, true) &&
	    is_now(SETTINGS S1 S2 S3 B1 B2 B3), "--noflush keeps the rest");
	fake_kernel_load(SETTINGS S1);
	tap(!restore(S3, false) && is_now(SETTINGS S3),
	    "one service in place of another");
	fake_kernel_load(SETTINGS S1 I1);
	tap(!restore(S1 I2, false) && is_now(SETTINGS I2 S1),
	    "one identity in place of another");
	fake_kernel_load(SETTINGS S1 I1);
	tap(!restore(I1_PLAIN I2, true) && is_now(SETTINGS I1_PLAIN I2 S1),
	    "--noflush: what a line leaves out of an identity goes");
	fake_kernel_load(SETTINGS S1 PS P1);
	tap(!restore(S1 P2, false) && is_now(SETTINGS P2 S1),
	    "rules and subjects that are not in the file go");
	fake_kernel_load(SETTINGS S1 PS P1);
	tap(!restore(P1_DENY P2, true) && is_now(SETTINGS PS P1_DENY P2 S1),
	    "--noflush: what a line leaves out of a rule goes");
	fake_kernel_load(SETTINGS S1 PS P1);
	tap(!restore(PS_AUDIT, true) && is_now(SETTINGS PS_AUDIT P1 S1),
	    "--noflush: what a line leaves out of a subject goes");
	fake_kernel_load(SETTINGS S1 I1 PS P1 D1);
	tap(!restore("", false) && is_now(SETTINGS),
	    "an empty file empties all but the settings");
}

static void check_policy(void)
{
	int code;

	fake_kernel_load(SETTINGS I1 PS P1 D1 S1 B1);
	tap(!restore_with(I2 PS_AUDIT P2, "--policy") &&
	    is_now(SETTINGS I2 PS_AUDIT P2 D1 S1 B1),
	    "--policy: the policy is that of the file, the rest stays");
	tap(!restore_with("", "--policy") && is_now(SETTINGS D1 S1 B1),
	    "--policy: an empty file empties the policy alone");
	fake_kernel_load(SETTINGS P1 S1);
	code = restore_with(P2 S2, "--policy");
	tap(code == EXIT_USAGE &&
	    strstr(complaint, "line 2: \"service add 10.96.0.2:80/tcp scheduler "
			      "maglev\": is not \"identity add\""),
	    "--policy: a line about something else is named: %.*s",
	    (int)strcspn(complaint, "\n"), complaint);
	tap(is_now(SETTINGS P1 S1), "--policy: and changes nothing");
}

static void check_refusal(void)
{
	int code;

	fake_kernel_load(SETTINGS S1 S2 B1 B2);
	code = restore("\n" S3 S2_RR BAD, false);
	tap(strstr(complaint, "restore: line 4: \"backend add "
			      "10.96.0.2:80/tcp 10.0.0.9:80 weight 99999\": "
			      "weight is too great; nothing was changed\n"),
	    "the refused line is named: %.*s", (int)strcspn(complaint, "\n"),
	    complaint);
	tap(code == EXIT_REFUSED && is_now(SETTINGS S1 S2 B1 B2),
	    "a refused line changes nothing");
}

/* The first, second, ... change is refused, until none is. */
static void check_refusal_anywhere(void)
{
	unsigned int at;
	bool ok = true;
	int code;

	for (at = 1; ; at++) {
		fake_kernel_load(SETTINGS I1 PS P1 D1 S1 S2 B1 B2);
		fake_kernel.fail_at = at;
		code = restore("flow set limit 7\n" I2 P1_DENY PS_AUDIT
			       D1_OTHER S2_RR S3 B2_7 B3, false);
		fake_kernel.fail_at = 0;
		if (!code)
			break;
		ok &= code == EXIT_REFUSED &&
		      is_now(SETTINGS I1 PS P1 D1 S1 S2 B1 B2);
	}
	tap(ok && at == 11, "refused at any of %u changes, nothing is changed",
	    at - 1);
}

/* Somebody else changes things while they are read. */
static void check_changing(void)
{
	fake_kernel_load(SETTINGS S1 S2 B1 B2);
	fake_kernel.state.settings.flow_limit = 7;
	fake_kernel.reads_changed = 5;
	tap(is_now(SETTINGS S1 S2 B1 B2) && !fake_kernel.reads_changed,
	    "what changed while it was read is read again");
	fake_kernel.reads_changed = 1000;
	tap_run("what never stops changing is given up", &save_object, "",
		EXIT_REFUSED, "kept changing");
	fake_kernel.reads_changed = 0;
}

/* Another client may have given a name that is no word. */
static void check_name(const char *what, const char *file, struct list *list,
		       size_t offset, const char *name)
{
	char *text;

	fake_kernel_load(file);
	strcpy(list->elements + offset, name);
	text = save();
	restore(text, false);
	tap(list->count == 1 && !strcmp(list->elements + offset, name),
	    "%s with a name of any bytes is saved and restored as it was",
	    what);
	free(text);
}

static void check_names(void)
{
	check_name("a rule", P2, &fake_kernel.state.rules,
		   offsetof(struct sluice_rule, name),
		   "x\npolicy add to 1 from any allow # \xff\\x41");
	check_name("a device", D1, &fake_kernel.state.devices,
		   offsetof(struct sluice_device, name),
		   "# \xff\\x41 address");
}

static void check_bad_files(void)
{
	int code;

	fake_kernel_load(SETTINGS S1);
	code = restore(S2 "service add 1.2.3.4:99999/tcp\n", false);
	tap(code == EXIT_USAGE && strstr(complaint, "restore: line 2: "),
	    "the line with a mistake is named: %.*s",
	    (int)strcspn(complaint, "\n"), complaint);
	tap(!fake_kernel.writes && is_now(SETTINGS S1),
	    "a file with a mistake is not begun");
	tap_run("a missing file is named", &restore_object,
		"-f /nonexistent/file", EXIT_REFUSED, "No such file");
	tap_run("-f without a file is a usage error", &restore_object, "-f",
		EXIT_USAGE, "-f needs a file");
}

int main(void)
{
	tap_begin();
	check_round_trip();
	check_differences();
	check_devices();
	check_policy();
	check_refusal();
	check_refusal_anywhere();
	check_changing();
	check_names();
	check_bad_files();
	fake_kernel_reset();
	return tap_end();
}
