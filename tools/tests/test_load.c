// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Saved files: read, refused with the line's number, and printed again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fake_kernel.h"
#include "load.h"
#include "save.h"
#include "tap.h"

#define HEADER	"# sluice save: read by \"sluice restore\"\n"
#define S1	"service add 10.96.0.10:53/udp scheduler random\n"
#define S2	"service add [fd00::a]:80/tcp scheduler maglev\n"
#define B1	"backend add 10.96.0.10:53/udp 10.0.0.1:53 weight 1 state active\n"
#define I1	"identity add 10.0.0.0/8 id 300 except 10.1.0.0/16 exclusive on\n"
#define I2	"identity add 10.244.1.7/32 id 1001\n"
#define I3	"identity add ::/0 id world\n"
#define PS	"policy set 1001 isolate ingress established keep\n"
#define P1	"policy add to 1001 from 1002 tcp 80 allow cookie 42 name web\n"
#define P2	"policy add from 1001 to any udp 53 pass tier admin priority 7\n"
#define P3	"policy add to world from unknown icmp 3/4 deny tier baseline\n"
#define D1	"device add veth-a address 10.244.1.7/32,fd00::7/128\n"
#define D2	"device add veth-b address 10.244.1.8/32\n"
#define B2	"backend add 10.96.0.10:53/udp 10.0.0.2:53 weight 2 state down\n"

struct load_case {
	const char *name;
	const char *file;
	const char *saved;	/* after HEADER; NULL if refused */
	const char *error;
};

static const struct load_case cases[] = {
	{ "an empty file", "", "", NULL },
	{ "no newline at the end", "service add 1.2.3.4:1/tcp",
	  "service add 1.2.3.4:1/tcp scheduler random\n", NULL },
	{ "comments and blank lines",
	  "# x\n\n   \t\n  # service add\n" S1 "# y", S1, NULL },
	{ "a comment after the words",
	  "service add 10.96.0.10:53/udp # scheduler maglev\n", S1, NULL },
	{ "carriage returns", "service add 10.96.0.10:53/udp\r\n", S1, NULL },
	{ "any order", B2 S2 B1 S1, S1 S2 B1 B2, NULL },
	{ "replace means add",
	  "service replace 10.96.0.10:53/udp\n"
	  "backend replace 10.96.0.10:53/udp 10.0.0.1:53\n"
	  "identity replace 10.244.1.7 id 1001\n", I2 S1 B1, NULL },
	{ "identities in any order", S1 I3 I2 I1, I1 I2 I3 S1, NULL },
	{ "options of an identity as by default",
	  "identity add ::/0 id 3 except none exclusive off\n", I3, NULL },
	{ "devices in any order", D2 S1 I1 D1 P1, I1 P1 D1 D2 S1, NULL },
	{ "replace means add, of a device, too",
	  "device replace veth-b address 10.244.1.8\n", D2, NULL },
	{ "a device whose name is no word",
	  "device add \\x23\\x20\\x0ab address ::/0\n",
	  "device add \\x23\\x20\\x0ab address ::/0\n", NULL },
	{ "a device twice", D1 D2 D1, NULL, "line 3: exists already" },
	{ "a bad device", D1 "device add veth-b address 10.1\n", NULL,
	  "line 2: \"device add veth-b address 10.1\": address: \"10.1\" is "
	  "not an address" },
	{ "a device is not deleted", "device del veth-a\n", NULL,
	  "line 1: \"device del veth-a\": is not" },
	{ "settings of the node come before those of flows",
	  "flow set limit 5\nnode set policy-tcp strict policy-audit on\n",
	  "node set policy-tcp strict policy-audit on\nflow set limit 5\n",
	  NULL },
	{ "rules and subjects in any order",
	  P2 S1 P1 PS P3 I1, I1 PS P3 P1 P2 S1, NULL },
	{ "options of a rule as by default",
	  "policy replace to 1001 from 1002 tcp 80-80 allow tier normal "
	  "priority 1000 cookie 0\n",
	  "policy add to 1001 from 1002 tcp 80 allow\n", NULL },
	{ "a subject treated as by default",
	  "policy set 1001 isolate none audit off\n", "", NULL },
	{ "the last line about a subject says all",
	  "policy set 1001 isolate both\npolicy set 1001 audit on\n",
	  "policy set 1001 audit on\n", NULL },
	{ "a rule whose name is no word",
	  "policy add to 1 from any deny name a\\x20\\x23\\x0ab\n",
	  "policy add to host from any deny name a\\x20\\x23\\x0ab\n",
	  NULL },
	{ "a name that is no word", "policy add to 1 from any deny name a#b\n",
	  NULL, "line 1: \"policy add to 1 from any deny name a#b\": name "
	  "\"a#b\" is not one printable word" },
	{ "a name that looks like a comment",
	  "policy add to 1 from any deny name #b\n", NULL,
	  "\"name\" needs a value" },
	{ "a rule twice", P1 P2 P1, NULL, "line 3: exists already" },
	{ "the same rule in other words",
	  "policy add to 1001 from 3 tcp allow\n"
	  "policy add to 1001 from world proto 6 deny priority 1000\n", NULL,
	  "line 2: exists already" },
	{ "a rule is not deleted", "policy del to 1 from any\n", NULL,
	  "line 1: \"policy del to 1 from any\": is not" },
	{ "half a command of the policy", "policy\n", NULL,
	  "line 1: \"policy\": is not" },
	{ "an identity twice", I1 I2 I2, NULL, "line 3: exists already" },
	{ "a bad identity", "identity add 10.0.0.0/8 id wrold\n", NULL,
	  "line 1: \"identity add 10.0.0.0/8 id wrold\": id \"wrold\" is no "
	  "number and none of: unknown host remote-node world; did you mean "
	  "\"world\"?" },
	{ "an identity is not deleted", "identity del 10.0.0.0/8 id 3\n", NULL,
	  "line 1: \"identity del 10.0.0.0/8 id 3\": is not" },
	{ "settings", "flow set limit 5\nflow set timeout-udp 7\n",
	  "flow set limit 5 timeout-udp 7\n", NULL },
	{ "what only the kernel can refuse",
	  "service add 10.96.0.10:0/99 scheduler 9\n"
	  "backend add 10.96.0.10:0/99 [::1]:0 weight 9 state 9\n",
	  "service add 10.96.0.10:0/99 scheduler 9\n"
	  "backend add 10.96.0.10:0/99 [::1]:0 weight 9 state 9\n", NULL },
	{ "an unknown command", S1 "\nroute add x\n", NULL,
	  "line 3: \"route add x\": is not" },
	{ "a verb that does not belong", S1 "service del 1.2.3.4:1/tcp\n",
	  NULL, "line 2: \"service del 1.2.3.4:1/tcp\": is not" },
	{ "half a command", "service\n", NULL, "line 1: \"service\": is not" },
	{ "a bad port", S1 S2 "service add 1.2.3.4:99999/tcp\n", NULL,
	  "line 3: \"service add 1.2.3.4:99999/tcp\": \"1.2.3.4:99999/tcp\": "
	  "port 99999 is greater than 65535" },
	{ "a bad scheduler", "service add 1.2.3.4:1/tcp scheduler magelv\n",
	  NULL, "did you mean \"maglev\"?" },
	{ "a service twice", S1 S2 S1, NULL,
	  "line 3: exists already" },
	{ "a backend twice", S1 B1 "\n" B1, NULL,
	  "line 4: exists already" },
	{ "a setting twice", "flow set limit 1\nflow set limit 1\n", NULL,
	  "line 2: \"flow set limit 1\": \"limit\" is given twice" },
	{ "a backend without its service", S2 B1, NULL,
	  "line 2: no such service" },
	{ "too many words", "flow set 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 "
	  "1 2 3 4 5 6 7 8 9 0 1 2 3 4\n", NULL, "too many words" },
};

static char *save(void)
{
	struct printer out = { .out = NULL };
	char *text = NULL;
	size_t len;

	out.out = open_memstream(&text, &len);
	save_config(&out, &fake_kernel.state);
	fclose(out.out);
	return text;
}

static bool commit(const struct load *load, char *error, size_t size)
{
	struct sluice_error err;

	if (!sluice_tx_commit(NULL, load->tx, &err))
		return true;
	snprintf(error, size, "line %u: %s", load_line_of(load, err.change),
		 err.text);
	return false;
}

/* What is saved is loaded and saved again, too. */
static char *load_and_save(const char *file, bool keep, char *error,
			   size_t size)
{
	struct words complaint = { NULL };
	struct load load = { .keep = keep };
	char *text = NULL;
	FILE *stream;

	if (!keep)
		fake_kernel_reset();
	stream = fmemopen((char *)file, strlen(file), "r");
	if (load_file(stream, &load, &complaint))
		snprintf(error, size, "%s", complaint.error);
	else if (commit(&load, error, size))
		text = save();
	fclose(stream);
	load_free(&load);
	return text;
}

static void check(const struct load_case *expected)
{
	char error[512] = "", again_error[512];
	char *text, *again;

	text = load_and_save(expected->file, false, error, sizeof(error));
	if (!expected->saved) {
		tap(!text && strstr(error, expected->error),
		    "%s is refused: %s", expected->name, error);
		free(text);
		return;
	}
	again = text ? load_and_save(text, false, again_error,
				     sizeof(again_error)) : NULL;
	tap(text && !strncmp(text, HEADER, strlen(HEADER)) &&
	    !strcmp(text + strlen(HEADER), expected->saved) &&
	    again && !strcmp(again, text), "%s: read, saved, read again",
	    expected->name);
	free(text);
	free(again);
}

/* Lines of thousands of bytes, of one word and of many. */
static void check_long_lines(void)
{
	char error[512] = "";
	char *line = malloc(200001);
	size_t i;

	memset(line, 'x', 200000);
	line[200000] = 0;
	tap(!load_and_save(line, false, error, sizeof(error)),
	    "a very long word is refused");
	for (i = 1; i < 200000; i += 2)
		line[i] = ' ';
	tap(!load_and_save(line, false, error, sizeof(error)),
	    "very many words are refused");
	memset(line, '#', 200000);
	*error = 0;
	free(load_and_save(line, false, error, sizeof(error)));
	tap(!*error, "a very long comment is read over");
	free(line);
}

int main(void)
{
	char error[512];
	char *text;
	size_t i;

	tap_begin();
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		check(&cases[i]);
	free(load_and_save(S1, false, error, sizeof(error)));
	text = load_and_save(B1, true, error, sizeof(error));
	tap(text, "without flushing, a service may be there already");
	free(text);
	check_long_lines();
	fake_kernel_reset();
	return tap_end();
}
