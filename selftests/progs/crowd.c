// SPDX-License-Identifier: GPL-2.0
/*
 * Many connections at once, for the selftests.
 *
 * crowd serve PORT
 *	Send back what comes by TCP, of both families.
 *
 * crowd run [-r ROUNDS] ADDRESS PORT COUNT
 *	Open that many connections, hold them all, and in each round (3) say
 *	something different by each, hear it come back and compare. Print
 *	"connections=N exchanges=N wrong=N"; then the same once more for each line
 *	of standard input, and close them at its end.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "listen.h"

#define EVENTS	256
#define FILES	32768

static void raise_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		err(1, "getrlimit");
	if (files.rlim_max < FILES)
		files.rlim_max = FILES;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files))
		err(1, "setrlimit");
}

/* --------------------------------------------------------------------- server */

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll_ctl");
}

static void take_peers(int epoll, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
		watch(epoll, fd);
}

static void echo(int fd)
{
	char data[2048];
	ssize_t len = recv(fd, data, sizeof(data), 0);

	if (len < 0 && errno == EAGAIN)
		return;
	if (len <= 0 || send(fd, data, len, MSG_NOSIGNAL) != len)
		close(fd);
}

__attribute__((noreturn)) static void serve(int port)
{
	struct epoll_event events[EVENTS];
	int listener = listening(port), epoll = epoll_create1(0), n, i;

	watch(epoll, listener);
	for (;;) {
		n = epoll_wait(epoll, events, EVENTS, -1);
		for (i = 0; i < n; i++) {
			if (events[i].data.fd == listener)
				take_peers(epoll, listener);
			else
				echo(events[i].data.fd);
		}
	}
}

/* --------------------------------------------------------------------- client */

struct counts {
	unsigned int exchanges;
	unsigned int wrong;
};

static int connected(const struct addrinfo *ai)
{
	struct timeval patience = { .tv_sec = 60 };
	int fd = socket(ai->ai_family, SOCK_STREAM, 0);

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, ai->ai_addr, ai->ai_addrlen))
		err(1, "connect");
	return fd;
}

static void say(int fd, uint32_t i, uint32_t round)
{
	uint32_t words[8] = { i, round, ~i, ~round };

	if (send(fd, words, sizeof(words), MSG_NOSIGNAL) != sizeof(words))
		err(1, "send by connection %u", i);
}

static void hear(int fd, uint32_t i, uint32_t round, struct counts *counts)
{
	const uint32_t expected[8] = { i, round, ~i, ~round };
	uint32_t words[8] = {};

	/* Not MSG_WAITALL, which mode sockmap leaves to TCP. */
	if (recv(fd, words, sizeof(words), 0) != sizeof(words) ||
	    memcmp(words, expected, sizeof(words)))
		counts->wrong++;
	counts->exchanges++;
}

/* So many wait for their answers at a time. */
#define AT_ONCE	64

static void talk(const int *fds, uint32_t count, uint32_t round,
		 struct counts *counts)
{
	uint32_t from, to, i;

	for (from = 0; from < count; from = to) {
		to = from + AT_ONCE < count ? from + AT_ONCE : count;
		for (i = from; i < to; i++)
			say(fds[i], i, round);
		for (i = from; i < to; i++)
			hear(fds[i], i, round, counts);
	}
}

static void report(uint32_t count, const struct counts *counts)
{
	printf("connections=%u exchanges=%u wrong=%u\n", count,
	       counts->exchanges, counts->wrong);
	fflush(stdout);
}

static void run(const char *address, const char *port, uint32_t count,
		uint32_t rounds)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST }, *ai;
	int *fds = calloc(count, sizeof(*fds));
	struct counts counts = {};
	uint32_t i, round;

	if (!fds || getaddrinfo(address, port, &hints, &ai))
		errx(2, "bad address %s %s", address, port);
	for (i = 0; i < count; i++)
		fds[i] = connected(ai);
	for (round = 0; round < rounds; round++)
		talk(fds, count, round, &counts);
	report(count, &counts);
	while (getchar() == '\n') {
		talk(fds, count, round++, &counts);
		report(count, &counts);
	}
}

int main(int argc, char **argv)
{
	uint32_t rounds = 3;
	int opt;

	raise_files();
	if (argc == 3 && !strcmp(argv[1], "serve"))
		serve(atoi(argv[2]));
	if (argc < 2 || strcmp(argv[1], "run"))
		errx(2, "usage: crowd serve PORT | run [-r ROUNDS] ADDRESS PORT COUNT");
	argc--;
	argv++;
	while ((opt = getopt(argc, argv, "r:")) == 'r')
		rounds = atoi(optarg);
	if (argc - optind != 3)
		errx(2, "usage: crowd run [-r ROUNDS] ADDRESS PORT COUNT");
	run(argv[optind], argv[optind + 1], atoi(argv[optind + 2]), rounds);
	return 0;
}
