// SPDX-License-Identifier: GPL-2.0
/*
 * What the system calls cost that add one service with two backends; see
 * watch.h for the clock. libs: -lsluice -lmnl
 *
 * addition ADDRESS BACKEND BACKEND
 *	Add the service ADDRESS:80/tcp and take it away again, several times.
 *	Print what the last addition cost, without process start, connecting to
 *	netlink and parsing.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>

#include "libsluice.h"
#include "watch.h"

#define TIMES	5

static struct sluice_addr address(const char *text)
{
	struct sluice_addr addr = { .len = sizeof(struct in_addr) };

	if (inet_pton(AF_INET, text, addr.bytes) != 1)
		errx(2, "bad address %s", text);
	return addr;
}

static struct sluice_service service(const char *text)
{
	return (struct sluice_service) {
		.has = SLUICE_SERVICE_KEY,
		.addr = address(text),
		.port = 80,
		.proto = IPPROTO_TCP,
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

static int64_t add(struct sluice_sock *sock, const struct sluice_service *to,
		   const struct sluice_backend *backends)
{
	unsigned int flags = NLM_F_CREATE | NLM_F_EXCL;
	struct watch watch = watch_start();
	struct sluice_error error;
	int ret, i;

	ret = sluice_service_new(sock, to, flags, &error);
	for (i = 0; !ret && i < 2; i++)
		ret = sluice_backend_new(sock, to, &backends[i], flags, &error);
	check(ret, &error);
	return watch_busy(&watch);
}

int main(int argc, char **argv)
{
	struct sluice_backend backends[2];
	struct sluice_service to;
	struct sluice_sock *sock;
	struct sluice_error error;
	int64_t spent = 0;
	int i;

	if (argc != 4)
		errx(2, "usage: addition ADDRESS BACKEND BACKEND");
	to = service(argv[1]);
	backends[0] = backend(argv[2]);
	backends[1] = backend(argv[3]);
	check(sluice_open(&sock, &error), &error);
	for (i = 0; i < TIMES; i++) {
		spent = add(sock, &to, backends);
		check(sluice_service_del(sock, &to, &error), &error);
	}
	sluice_close(sock);
	printf("%lld\n", (long long)spent);
	return 0;
}
