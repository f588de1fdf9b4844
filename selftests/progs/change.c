// SPDX-License-Identifier: GPL-2.0
/*
 * What the system calls cost that change something; see watch.h for the clock.
 * libs: -lsluice -lmnl
 *
 * change service ADDRESS BACKEND BACKEND
 *	Add the service at port 80/tcp of ADDRESS with two backends.
 *
 * change rule SUBJECT PEER
 *	Add a rule of the subject's ingress.
 *
 * It is taken away again, several times. Print what the last addition cost,
 * without process start, connecting to netlink and parsing.
 *
 * change backend ADDRESS BACKEND
 *	Delete this backend of the service at port 80/udp of ADDRESS. Print what
 *	the system call cost, and what it cost with all that follows, such as
 *	the end of its flows.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libsluice.h"
#include "watch.h"

#define TIMES	5
#define AFTERMATH	10	/* seconds */

static struct sluice_addr address(const char *text)
{
	struct sluice_addr addr = { 0 };

	if (inet_pton(AF_INET, text, addr.bytes) == 1)
		addr.len = sizeof(struct in_addr);
	else if (inet_pton(AF_INET6, text, addr.bytes) == 1)
		addr.len = sizeof(struct in6_addr);
	else
		errx(2, "bad address %s", text);
	return addr;
}

static struct sluice_service service(const char *text, uint8_t proto)
{
	return (struct sluice_service) {
		.has = SLUICE_SERVICE_KEY,
		.addr = address(text),
		.port = 80,
		.proto = proto,
	};
}

static struct sluice_backend backend(const char *text)
{
	return (struct sluice_backend) {
		.has = SLUICE_BACKEND_KEY,
		.addr = address(text),
		.port = 8080,
	};
}

static void check(int ret, const struct sluice_error *error)
{
	if (ret)
		errx(1, "error %d: %s", ret, error->text);
}

#define NEW	(NLM_F_CREATE | NLM_F_EXCL)

static struct sluice_service to;
static struct sluice_backend backends[2];
static struct sluice_rule rule;

static void service_init(char **words)
{
	to = service(words[0], IPPROTO_TCP);
	backends[0] = backend(words[1]);
	backends[1] = backend(words[2]);
}

static int service_add(struct sluice_sock *sock, struct sluice_error *error)
{
	int ret, i;

	ret = sluice_service_new(sock, &to, NEW, error);
	for (i = 0; !ret && i < 2; i++)
		ret = sluice_backend_new(sock, &to, &backends[i], NEW, error);
	return ret;
}

static int service_del(struct sluice_sock *sock, struct sluice_error *error)
{
	return sluice_service_del(sock, &to, error);
}

static void rule_init(char **words)
{
	rule = (struct sluice_rule) {
		.has = SLUICE_HAS(SLUICE_A_RULE_SUBJECT) |
		       SLUICE_HAS(SLUICE_A_RULE_DIRECTION) |
		       SLUICE_HAS(SLUICE_A_RULE_PEER) |
		       SLUICE_HAS(SLUICE_A_RULE_ACTION),
		.subject = strtoul(words[0], NULL, 10),
		.direction = SLUICE_POLICY_DIRECTION_INGRESS,
		.peer = strtoul(words[1], NULL, 10),
		.action = SLUICE_POLICY_ACTION_ALLOW,
	};
}

static int rule_add(struct sluice_sock *sock, struct sluice_error *error)
{
	return sluice_rule_new(sock, &rule, NEW, error);
}

static int rule_del(struct sluice_sock *sock, struct sluice_error *error)
{
	return sluice_rule_del(sock, &rule, error);
}

static const struct object {
	const char *name;
	int words;
	void (*init)(char **words);
	int (*add)(struct sluice_sock *sock, struct sluice_error *error);
	int (*del)(struct sluice_sock *sock, struct sluice_error *error);
} objects[] = {
	{ "service", 3, service_init, service_add, service_del },
	{ "rule", 2, rule_init, rule_add, rule_del },
};

static const struct object *find(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		if (argc == objects[i].words + 2 &&
		    !strcmp(argv[1], objects[i].name))
			return &objects[i];
	errx(2, "usage: change service ADDRESS BACKEND BACKEND | "
		"rule SUBJECT PEER | backend ADDRESS BACKEND");
}

static int64_t add(const struct object *object, struct sluice_sock *sock)
{
	struct watch watch = watch_start();
	struct sluice_error error;
	int ret = object->add(sock, &error);
	int64_t spent = watch_busy(&watch);

	check(ret, &error);
	return spent;
}

static void print_addition(const struct object *object,
			   struct sluice_sock *sock)
{
	struct sluice_error error;
	int64_t spent = 0;
	int i;

	for (i = 0; i < TIMES; i++) {
		spent = add(object, sock);
		check(object->del(sock, &error), &error);
	}
	printf("%lld\n", (long long)spent);
}

/* What the machine has done at the end of some time from then on */
static int64_t aftermath(const struct watch *watch)
{
	sleep(AFTERMATH);
	return watch_busy_long(watch);
}

/* The second time tells what goes on anyway. */
static void print_removal(char **words, struct sluice_sock *sock)
{
	struct sluice_service from = service(words[0], IPPROTO_UDP);
	struct sluice_backend gone = backend(words[1]);
	struct watch watch = watch_start_long();
	int64_t call, all, before = read_clock(CLOCK_THREAD_CPUTIME_ID);
	struct sluice_error error;
	int ret = sluice_backend_del(sock, &from, &gone, &error);

	call = read_clock(CLOCK_THREAD_CPUTIME_ID) - before;
	check(ret, &error);
	all = aftermath(&watch);
	watch = watch_start_long();
	printf("%lld %lld\n", (long long)call,
	       (long long)(all - aftermath(&watch)));
}

int main(int argc, char **argv)
{
	bool removes = argc == 4 && !strcmp(argv[1], "backend");
	const struct object *object = removes ? NULL : find(argc, argv);
	struct sluice_sock *sock;
	struct sluice_error error;

	check(sluice_open(&sock, &error), &error);
	if (removes) {
		print_removal(argv + 2, sock);
	} else {
		object->init(argv + 2);
		print_addition(object, sock);
	}
	sluice_close(sock);
	return 0;
}
