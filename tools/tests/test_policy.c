// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules, subjects and their names as words, sorted, and shown, with what the
 * namespace counts and sets for them; the fake kernel has them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fake_kernel.h"
#include "name.h"
#include "rule.h"
#include "run.h"
#include "tap.h"

#define X21	"xxxxxxxxxxxxxxxxxxxxx"
#define X63	X21 X21 X21
#define TO	"to 1001 from 1002 "

/* @printed: NULL if it is as it was; @error: a part of what is said. */
struct line_case {
	const char *line;
	const char *printed;
	const char *error;
};

static const struct line_case rules[] = {
	{ "to 1001 from 1002 allow", NULL, NULL },
	{ "from 1001 to 1002 deny", NULL, NULL },
	{ "to 4294967295 from any pass", NULL, NULL },
	{ "to host from unknown deny", NULL, NULL },
	{ "from remote-node to world allow", NULL, NULL },
	{ "from 2 to 3 allow", "from remote-node to world allow", NULL },
	{ "to 1 from 0 allow", "to host from unknown allow", NULL },
	{ "to unknown from any allow", NULL, NULL },
	{ TO "tcp allow", NULL, NULL },
	{ TO "tcp 80 allow", NULL, NULL },
	{ TO "udp 8000-8999 deny", NULL, NULL },
	{ TO "sctp 65535 deny", NULL, NULL },
	{ TO "tcp 80-80 allow", TO "tcp 80 allow", NULL },
	{ TO "tcp 90-80 allow", NULL, NULL },
	{ TO "tcp 0 allow", NULL, NULL },
	{ TO "icmp allow", NULL, NULL },
	{ TO "icmp 8 allow", NULL, NULL },
	{ TO "icmp 3/4 allow", NULL, NULL },
	{ TO "icmpv6 128/0 allow", NULL, NULL },
	{ TO "icmp 0/0 allow", NULL, NULL },
	{ TO "proto 47 allow", NULL, NULL },
	{ TO "proto 0 allow", NULL, NULL },
	{ TO "proto 6 allow", TO "tcp allow", NULL },
	{ TO "allow tier admin", NULL, NULL },
	{ TO "allow tier baseline priority 0", NULL, NULL },
	{ TO "allow tier normal priority 1000 cookie 0", TO "allow", NULL },
	{ TO "allow priority 65536", NULL, NULL },
	{ TO "pass cookie 18446744073709551615", NULL, NULL },
	{ TO "deny name deny-db", NULL, NULL },
	{ TO "deny name x cookie 7 priority 5 tier admin",
	  TO "deny tier admin priority 5 cookie 7 name x", NULL },
	{ TO "deny name " X63, NULL, NULL },
	{ TO "deny name allow", NULL, NULL },
	{ TO "deny name a\\b\"c'd;e$f~!", NULL, NULL },
	{ TO "deny name a\\x20b", NULL, NULL },
	{ TO "deny name a\\x41b\\xC3\\xa4", TO "deny name aAb\\xc3\\xa4",
	  NULL },
	{ TO "deny name \\x5cx20", NULL, NULL },
	{ TO "deny name \\x\\x2", NULL, NULL },
	{ "", NULL, "a rule is missing, as in" },
	{ "1001 from 1002 allow", NULL,
	  "\"1001\": expected \"to\" or \"from\" here" },
	{ "to", NULL, "a subject is missing" },
	{ "to any from 1 allow", NULL, "subject \"any\" is no number and" },
	{ "to wrold from any allow", NULL, "did you mean \"world\"?" },
	{ "to 1001", NULL, "\"from\" is missing" },
	{ "from 1001", NULL, "\"to\" is missing" },
	{ "to 1001 to 1002 allow", NULL, "\"to\": expected \"from\" here" },
	{ "from 1001 from 1002 allow", NULL, "expected \"to\" here" },
	{ "to 1001 from", NULL, "a peer is missing" },
	{ "to 1001 from hots allow", NULL,
	  "peer \"hots\" is no number and none of: unknown host remote-node "
	  "world; did you mean \"host\"?" },
	{ "to 4294967296 from any allow", NULL, "greater than 4294967295" },
	{ TO, NULL, "an action is missing" },
	{ TO "tcp 80", NULL, "an action is missing" },
	{ TO "alow", NULL, "\"alow\" is no protocol or action; did you mean "
	  "\"allow\"?" },
	{ TO "tpc 80 allow", NULL, "did you mean \"tcp\"?" },
	{ TO "prot 80 allow", NULL, "did you mean \"proto\"?" },
	{ TO "80 allow", NULL, "\"80\" is no protocol or action" },
	{ TO "tcp 80 alow", NULL, "\"alow\" is no action; did you mean "
	  "\"allow\"?" },
	{ TO "tcp http allow", NULL, "\"http\" is no action" },
	{ TO "tcp 80 1", NULL, "\"1\" is no action" },
	{ TO "tcp 65536 allow", NULL, "port 65536 is greater than 65535" },
	{ TO "tcp 80-65536 allow", NULL, "port 65536 is greater" },
	{ TO "tcp 80- allow", NULL, "port \"\" is not a number" },
	{ TO "tcp 80-90-95 allow", NULL, "port \"90-95\" is not a number" },
	{ TO "tcp 80/90 allow", NULL, "port \"80/90\" is not a number" },
	{ TO "tcp 8,9 allow", NULL, "port \"8,9\" is not a number" },
	{ TO "tcp 000000000000000000000080 allow", NULL, "is too long" },
	{ TO "icmp 256 allow", NULL,
	  "ICMP type or code 256 is greater than 255" },
	{ TO "icmp 8/256 allow", NULL, "code 256 is greater than 255" },
	{ TO "icmp 8-9 allow", NULL, "\"8-9\" is not a number" },
	{ TO "proto", NULL, "a protocol number is missing" },
	{ TO "proto tcp allow", NULL, "protocol \"tcp\" is not a number" },
	{ TO "proto 256 allow", NULL, "protocol 256 is greater than 255" },
	{ TO "proto 47 80 allow", NULL, "\"80\" is no action" },
	{ TO "allow tier top", NULL, "is none of: admin normal baseline" },
	{ TO "allow teir admin", NULL, "did you mean \"tier\"?" },
	{ TO "allow priority high", NULL, "is not a number" },
	{ TO "allow cookie 18446744073709551616", NULL, "is greater than" },
	{ TO "allow cookie -1", NULL, "is not a number" },
	{ TO "allow cookie", NULL, "\"cookie\" needs a value" },
	{ TO "allow name a name b", NULL, "\"name\" is given twice" },
	{ TO "allow action deny", NULL, "\"action\" is no keyword" },
	{ TO "allow flows 1", NULL, "\"flows\" is no keyword" },
	{ TO "allow name " X63 "x", NULL, "is longer than 63 bytes" },
	{ TO "allow name a#b", NULL, "is not one printable word without a #" },
	{ TO "allow name a\tb", NULL, "is not one printable word" },
	{ TO "allow name gr\xc3\xbcn", NULL, "is not one printable word" },
	{ TO "allow name a\\x00b", NULL, "is not one printable word" },
	{ TO "allow name \x7f", NULL, "is not one printable word" },
};

static const struct line_case keys[] = {
	{ TO "tcp 80", NULL, NULL },
	{ "to 1001 from any", NULL, NULL },
	{ TO "icmp 8/0 tier admin priority 7", NULL, NULL },
	{ TO "tier normal priority 1000", "to 1001 from 1002", NULL },
	{ TO "tpc 80", NULL, "\"tpc\" is no protocol or keyword of this "
	  "command; did you mean \"tcp\"?" },
	{ TO "teir admin", NULL, "did you mean \"tier\"?" },
	{ TO "allow", NULL, "\"allow\" is no protocol or keyword" },
	{ TO "tcp 80 allow", NULL, "\"allow\" is no keyword" },
	{ TO "tcp 80 name x", NULL, "\"name\" is no keyword" },
	{ TO "tcp 80 priority", NULL, "\"priority\" needs a value" },
};

static const struct line_case subjects[] = {
	{ "1001", NULL, NULL },
	{ "host isolate both", NULL, NULL },
	{ "1001 isolate ingress audit on", NULL, NULL },
	{ "1001 isolate egress on-deny reject established keep", NULL, NULL },
	{ "1001 established reset", NULL, NULL },
	{ "1001 isolate none audit off on-deny drop established cut", "1001",
	  NULL },
	{ "1001 isolate 3", "1001 isolate both", NULL },
	{ "", NULL, "a subject is missing" },
	{ "any isolate both", NULL, "subject \"any\" is no number" },
	{ "1001 isolate", NULL, "\"isolate\" needs a value" },
	{ "1001 isolate all", NULL, "is none of: none ingress egress both" },
	{ "1001 isolate ingres", NULL, "did you mean \"ingress\"?" },
	{ "1001 isolate 4", NULL, "isolate 4 is greater than 3" },
	{ "1001 isolte both", NULL, "did you mean \"isolate\"?" },
	{ "1001 isolate-ingress on", NULL, "is no keyword" },
	{ "1001 audit yes", NULL, "is none of: on off" },
	{ "1001 on-deny reset", NULL, "is none of: drop reject" },
	{ "1001 established drop", NULL, "is none of: cut reset keep" },
	{ "1001 audit on audit on", NULL, "given twice" },
};

static int take_rule(struct words *words, struct printer *out)
{
	struct sluice_rule rule = { 0 };
	int ret = words_rule(words, &rule);

	print_rule(out, &rule);
	return ret;
}

static int take_key(struct words *words, struct printer *out)
{
	struct sluice_rule rule = { 0 };
	int ret = words_rule_key(words, &rule);

	print_rule_key(out, &rule);
	return ret;
}

static int take_subject(struct words *words, struct printer *out)
{
	struct sluice_subject subject = { 0 };
	int ret = words_subject(words, &subject);

	print_subject(out, &subject);
	return ret;
}

static void check_line(const struct line_case *expected,
		       int (*take)(struct words *words, struct printer *out))
{
	const char *printed = expected->printed;
	struct printer out = { .out = NULL };
	struct words words;
	char *word[32];
	char *text = NULL;
	int count, ret;
	size_t len;

	if (!printed)
		printed = expected->line;
	cut(&words, word, expected->line);
	count = words.left;
	out.out = open_memstream(&text, &len);
	ret = take(&words, &out);
	fclose(out.out);
	if (expected->error)
		tap(ret && strstr(words.error, expected->error),
		    "\"%.60s\" is refused: %s", expected->line, words.error);
	else
		tap(!ret && !strcmp(text, printed), "\"%s\" is read as %s%s",
		    expected->line, text, words.error);
	free(text);
	free_words(word, count);
}

static bool is_word(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~' || *text == '#')
			return false;
	return true;
}

/* Any bytes become one word, which is read as those bytes. */
static void check_any_name(void)
{
	char name[SLUICE_NAME_SIZE] = "", again[SLUICE_NAME_SIZE];
	char text[NAME_TEXT_SIZE];
	struct words words;
	unsigned int i, at;
	bool ok = true;

	for (i = 1; i < 256 * 64; i++) {
		for (at = 0; at < 4; at++)
			name[at] = "\\x2#"[(i >> (2 * at)) % 4];
		name[4] = i >> 6;
		name_text(name, text);
		ok &= is_word(text) &&
		      !words_name(&words, "name", text, again) &&
		      !strcmp(name, again);
	}
	tap(ok, "any bytes are a word that is read again as these");

	memset(name, '\n', sizeof(name) - 1);
	name_text(name, text);
	tap(strlen(text) == NAME_TEXT_SIZE - 1 &&
	    !words_name(&words, "name", text, again) && !strcmp(name, again),
	    "a name of which no byte is printable");
	tap(words_name(&words, "name", "", again) &&
	    strstr(words.error, "is not one printable word"),
	    "an empty name is refused");
	tap(words_name(&words, "name", "my rule", again) &&
	    strstr(words.error, "\"my rule\" is not one printable word"),
	    "a name with a space is refused");
}

static void check_order(void)
{
	static const char * const sorted[] = {
		"to host from any allow tier admin",
		"to 1001 from 1 allow tier admin priority 1",
		"to 1001 from 1 allow tier admin priority 2",
		"to 1001 from 9 allow priority 1",
		"to 1001 from any allow",
		"to 1001 from any tcp 80 allow",
		"to 1001 from unknown allow",
		"to 1001 from 1 allow",
		"to 1001 from 5 allow",
		"to 1001 from 5 icmp allow",
		"to 1001 from 5 icmp 0/0 allow",
		"to 1001 from 5 icmp 8 allow",
		"to 1001 from 5 icmp 8/0 allow",
		"to 1001 from 5 tcp allow",
		"to 1001 from 5 tcp 80-81 allow",
		"to 1001 from 5 tcp 80-82 allow",
		"to 1001 from 5 tcp 443-444 allow",
		"to 1001 from 5 udp 1-2 allow",
		"to 1001 from 5 proto 255 allow",
		"to 1001 from 4294967295 allow",
		"to 1001 from 1 allow tier baseline priority 0",
		"from 1001 to any allow tier admin",
		"to 4294967295 from any allow tier admin",
	};
	struct config config = { 0 };
	struct words words;
	char *word[32];
	bool ok = true;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(sorted); i++) {
		struct sluice_rule *rule = list_add(&config.rules,
						    sizeof(*rule));
		int count;

		cut(&words, word, sorted[i]);
		count = words.left;
		words_rule(&words, rule);
		rule->tier = rule->tier ? rule->tier :
			     SLUICE_POLICY_TIER_NORMAL;
		if (!(rule->has & SLUICE_HAS(SLUICE_A_RULE_PRIORITY)))
			rule->priority = 1000;
		rule->has |= SLUICE_HAS(SLUICE_A_RULE_TIER) |
			     SLUICE_HAS(SLUICE_A_RULE_PRIORITY);
		free_words(word, count);
	}
	for (i = 0; i < ARRAY_SIZE(sorted); i++) {
		for (j = 0; j < ARRAY_SIZE(sorted); j++) {
			int order = rule_compare(list_at(&config.rules, i),
						 list_at(&config.rules, j));

			if (i < j ? order >= 0 : i > j ? order <= 0 : order) {
				printf("# %s / %s: %d\n", sorted[i],
				       sorted[j], order);
				ok = false;
			}
		}
	}
	tap(ok, "rules are sorted by subject, direction, tier, priority, ...");
	config_free(&config);
}

#define LINES \
	"policy add from 1001 to world tcp 443 allow\n" \
	"policy add to 1001 from 1002 tcp 80-90 allow cookie 42 name web\n" \
	"policy set 1001 isolate both on-deny reject\n" \
	"policy set 70 audit on\n" \
	"policy set 2000 isolate ingress\n" \
	"policy set 2000\n" \
	"policy add to 1500 from any icmp 8 deny tier admin priority 0\n"

#define SHOWN_1001 \
	"set 1001 isolate both on-deny reject\n" \
	"to 1001 from 1002 tcp 80-90 allow cookie 42 name web\n" \
	"from 1001 to world tcp 443 allow\n"

#define JSON_70 \
	"{\"subject\":70,\"isolate\":\"none\",\"audit\":true," \
	"\"on_deny\":\"drop\",\"established\":\"cut\",\"rules\":[]}"
#define JSON_1001 \
	"{\"subject\":1001,\"isolate\":\"both\",\"audit\":false," \
	"\"on_deny\":\"reject\",\"established\":\"cut\",\"rules\":[" \
	"{\"subject\":1001,\"direction\":\"ingress\",\"peer\":1002," \
	"\"proto\":\"tcp\",\"port_first\":80,\"port_last\":90," \
	"\"tier\":\"normal\",\"priority\":1000,\"action\":\"allow\"," \
	"\"cookie\":42,\"name\":\"web\"}," \
	"{\"subject\":1001,\"direction\":\"egress\",\"peer\":3," \
	"\"proto\":\"tcp\",\"port_first\":443,\"port_last\":443," \
	"\"tier\":\"normal\",\"priority\":1000,\"action\":\"allow\"," \
	"\"cookie\":0,\"name\":\"\"}]}"
#define JSON_1500(more) \
	"{\"subject\":1500,\"isolate\":\"none\",\"audit\":false," \
	"\"on_deny\":\"drop\",\"established\":\"cut\",\"rules\":[" \
	"{\"subject\":1500,\"direction\":\"ingress\",\"proto\":\"icmp\"," \
	"\"icmp_type\":8,\"tier\":\"admin\",\"priority\":0," \
	"\"action\":\"deny\",\"cookie\":0,\"name\":\"\"" more "}]}"

static void check_show(void)
{
	fake_kernel_load(LINES);
	tap_run("policy show", &policy_object, "show", 0,
		"set 70 audit on\n" SHOWN_1001
		"to 1500 from any icmp 8 deny tier admin priority 0\n");
	tap_run("policy show SUBJECT", &policy_object, "show 1001", 0,
		SHOWN_1001);
	tap_run("policy show of a subject with options only", &policy_object,
		"show 70", 0, "set 70 audit on\n");
	tap_run("policy show of nothing", &policy_object, "show world", 0, "");
	tap_run("policy show with counters", &policy_object, "-s show 1500", 0,
		"to 1500 from any icmp 8 deny tier admin priority 0\n"
		"    flows 1002 packets 2002 bytes 3002\n");
	tap_run("policy show as JSON", &policy_object, "-j show", 0,
		"[" JSON_70 "," JSON_1001 "," JSON_1500("") "]\n");
	tap_run("policy show as JSON with counters", &policy_object,
		"-j -s show 1500", 0,
		"[" JSON_1500(",\"counters\":{\"flows\":1002,"
			      "\"packets\":2002,\"bytes\":3002}") "]\n");
	fake_kernel_reset();
	tap_run("policy show without any as JSON", &policy_object, "-j show",
		0, "[]\n");
}

/* The first and the last identity there can be. */
static void check_show_ends(void)
{
	fake_kernel_load("policy set 4294967295 audit on\n"
			 "policy add to 4294967295 from any allow\n"
			 "policy add to 0 from any allow\n");
	tap_run("policy show of the last subject", &policy_object, "show", 0,
		"to unknown from any allow\n"
		"set 4294967295 audit on\n"
		"to 4294967295 from any allow\n");
	fake_kernel_load("policy add to 4294967295 from any allow\n");
	tap_run("policy show of the last subject's rule", &policy_object,
		"show", 0, "to 4294967295 from any allow\n");
}

/* What another client called a rule cannot be taken for something else. */
static void check_show_name(void)
{
	struct sluice_rule *rule;

	fake_kernel_load("policy add to 1001 from 1002 allow\n");
	rule = list_at(&fake_kernel.state.rules, 0);
	strcpy(rule->name, "a\"\nto 1 from any allow # \x1b[1m\xff");
	tap_run("policy show of a name with any bytes", &policy_object, "show",
		0, "to 1001 from 1002 allow name a\"\\x0ato\\x201\\x20from"
		"\\x20any\\x20allow\\x20\\x23\\x20\\x1b[1m\\xff\n");
	tap_run("policy show of such a name as JSON", &policy_object,
		"-j show", 0, "[{\"subject\":1001,\"isolate\":\"none\","
		"\"audit\":false,\"on_deny\":\"drop\",\"established\":\"cut\","
		"\"rules\":[{\"subject\":1001,\"direction\":\"ingress\","
		"\"peer\":1002,\"tier\":\"normal\",\"priority\":1000,"
		"\"action\":\"allow\",\"cookie\":0,\"name\":\"a\\\"\\\\x0ato"
		"\\\\x201\\\\x20from\\\\x20any\\\\x20allow\\\\x20\\\\x23"
		"\\\\x20\\\\x1b[1m\\\\xff\"}]}]\n");
}

static void check_stats(void)
{
	struct sluice_drops *drops = &fake_kernel.drops;
	uint32_t reason;

	fake_kernel_load("identity add 10.0.0.1 id 300\n"
			 "policy add to 300 from any allow\n"
			 "policy add from 300 to any allow\n"
			 "device add veth-a address ::\n"
			 "device add veth-b address ::\n"
			 "device add veth-c address ::\n");
	for (reason = SLUICE_DROP_REASON_POLICY_RULE;
	     reason <= SLUICE_DROP_REASON_SPOOFED; reason++)
		drops->drop[drops->count++] = (struct sluice_drop){
			.reason = reason, .packets = 10 * reason };
	tap_run("stats show", &stats_object, "show", 0,
		"identities 1\nrules 2\naudited 18446744073709551615\n"
		"devices 3\n"
		"drop policy-rule 100\ndrop policy-isolation 110\n"
		"drop policy-strict 120\ndrop spoofed 130\n");
	tap_run("stats show as JSON", &stats_object, "-j show", 0,
		"{\"identities\":1,\"rules\":2,"
		"\"audited\":18446744073709551615,\"devices\":3,\"drops\":["
		"{\"reason\":\"policy-rule\",\"packets\":100},"
		"{\"reason\":\"policy-isolation\",\"packets\":110},"
		"{\"reason\":\"policy-strict\",\"packets\":120},"
		"{\"reason\":\"spoofed\",\"packets\":130}]}\n");
}

static void check_settings(void)
{
	fake_kernel_load("node set policy-tcp strict policy-audit on "
			 "policy-node-traffic judge\n");
	tap_run("node show", &node_object, "show", 0, "node set policy-tcp "
		"strict policy-node-traffic judge policy-audit on\n");
	tap_run("node show as JSON", &node_object, "-j show", 0,
		"{\"policy_tcp\":\"strict\","
		"\"policy_node_traffic\":\"judge\",\"policy_audit\":true}\n");
	fake_kernel_load("node set policy-tcp loose policy-audit off "
			 "policy-node-traffic allow\n");
	tap_run("node show of what is as by default", &node_object, "show", 0,
		"node set policy-tcp loose policy-node-traffic allow "
		"policy-audit off\n");
}

static void check_refused(void)
{
	fake_kernel_reset();
	tap_run("a refused rule is named", &policy_object,
		"add to 1001 from any tcp 80 allow priority 7 cookie 5", 1,
		"\"to 1001 from any tcp 80 priority 7\": not in the fake");
	tap_run("a rule that is not deleted is named", &policy_object,
		"del from host to unknown proto 47", 1,
		"\"from host to unknown proto 47\": not in the fake");
	tap_run("a refused subject is named", &policy_object,
		"set 1001 audit on", 1, "\"1001\": not in the fake");
	tap_run("a refused subject is named by its name", &policy_object,
		"set world audit on", 1, "\"world\": not in the fake");
}

int main(void)
{
	size_t i;

	tap_begin();
	for (i = 0; i < ARRAY_SIZE(rules); i++)
		check_line(&rules[i], take_rule);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		check_line(&keys[i], take_key);
	for (i = 0; i < ARRAY_SIZE(subjects); i++)
		check_line(&subjects[i], take_subject);
	check_any_name();
	check_order();
	check_show();
	check_show_ends();
	check_show_name();
	check_stats();
	check_settings();
	check_refused();
	fake_kernel_reset();
	return tap_end();
}
