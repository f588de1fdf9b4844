// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs two processes of one node to exchange bytes, all on the processor
 * that this one is bound to.
 *
 * exchange WORK COUNT SIZE tcp|unix
 *	WORK is rr, a request and its answer, each of SIZE bytes; proxy, the same with
 *	a process in between that passes them on; or stream, writes of SIZE bytes to
 *	one who reads what there is. COUNT is how many of these, or KiB of a stream.
 *	Print nanoseconds for each, how many were meant, and how many were done,
 *	once as measured and once with the warm-up.
 */
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MOST		(1 << 20)	/* bytes of a message */
#define READ_SIZE	(256 << 10)	/* of a stream */

static char data[MOST];
static bool unix_sockets;
static size_t size;

/* ---------------------------------------------------------------------- sockets */

static void connect_tcp(int pair[2])
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(to);

	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || pair[0] < 0 ||
	    bind(listener, (struct sockaddr *)&to, len) ||
	    listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&to, &len) ||
	    connect(pair[0], (struct sockaddr *)&to, len))
		err(1, "connecting");
	pair[1] = accept(listener, NULL, NULL);
	if (pair[1] < 0)
		err(1, "accept");
	close(listener);
}

static void connect_pair(int pair[2])
{
	if (!unix_sockets)
		connect_tcp(pair);
	else if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		err(1, "socketpair");
}

static void write_all(int fd, size_t len)
{
	size_t done = 0;
	ssize_t ret;

	while (done < len) {
		ret = write(fd, data + done, len - done);
		if (ret <= 0)
			err(1, "write");
		done += ret;
	}
}

/* Whether there was anything but the end */
static bool read_all(int fd, size_t len)
{
	size_t done = 0;
	ssize_t ret;

	while (done < len) {
		ret = read(fd, data + done, len - done);
		if (ret < 0)
			err(1, "read");
		if (!ret)
			return false;
		done += ret;
	}
	return true;
}

/* -------------------------------------------------------------------- processes */

static void answer(const int *fds)
{
	while (read_all(fds[0], size))
		write_all(fds[0], size);
}

/* From one to the other, and back */
static void pass_on(const int *fds)
{
	while (read_all(fds[0], size)) {
		write_all(fds[1], size);
		if (!read_all(fds[1], size))
			errx(1, "no answer");
		write_all(fds[0], size);
	}
}

/* The first and the last KiB are told of. */
static void swallow(const int *fds)
{
	uint64_t all = 0;
	ssize_t ret;

	while ((ret = read(fds[0], data, READ_SIZE)) > 0)
		all += ret;
	if (write(fds[1], &all, sizeof(all)) != sizeof(all))
		err(1, "telling how much has come");
}

/* @other: an end that only this one is to have open */
static void begin(void (*run)(const int *fds), int first, int second, int other)
{
	int fds[2] = { first, second };
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(other);
	run(fds);
	exit(0);
}

/* ------------------------------------------------------------------------- work */

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void ask(int fd, long count)
{
	while (count--) {
		write_all(fd, size);
		if (!read_all(fd, size))
			errx(1, "no answer");
	}
}

static void print_cost(int64_t start, long count, long done)
{
	printf("%.1f %ld %ld %ld\n", (double)(now() - start) / count, count, done,
	       done);
}

static void measure_requests(int fd, long count)
{
	int64_t start;

	ask(fd, count / 10 + 1);
	start = now();
	ask(fd, count);
	print_cost(start, count, count);
}

static void run_rr(long count)
{
	int pair[2];

	connect_pair(pair);
	begin(answer, pair[1], -1, pair[0]);
	close(pair[1]);
	measure_requests(pair[0], count);
}

static void run_proxy(long count)
{
	int front[2], back[2];

	connect_pair(front);
	connect_pair(back);
	begin(answer, back[1], -1, front[0]);
	begin(pass_on, front[1], back[0], front[0]);
	close(front[1]);
	close(back[0]);
	close(back[1]);
	measure_requests(front[0], count);
}

/* Until the last byte has been read */
static void run_stream(long kib)
{
	uint64_t left = (uint64_t)kib << 10, all;
	int pair[2], told[2];
	int64_t start;

	connect_pair(pair);
	if (pipe(told))
		err(1, "pipe");
	begin(swallow, pair[1], told[1], pair[0]);
	close(pair[1]);
	start = now();
	for (; left; left -= left < size ? left : size)
		write_all(pair[0], left < size ? left : size);
	shutdown(pair[0], SHUT_WR);
	if (read(told[0], &all, sizeof(all)) != sizeof(all))
		err(1, "hearing how much has come");
	print_cost(start, kib, all >> 10);
}

int main(int argc, char **argv)
{
	if (argc != 5)
		errx(2, "usage: exchange WORK COUNT SIZE tcp|unix");
	size = atol(argv[3]);
	unix_sockets = !strcmp(argv[4], "unix");
	if (!size || size > MOST)
		errx(2, "bad size %s", argv[3]);
	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(argv[1], "rr"))
		run_rr(atol(argv[2]));
	else if (!strcmp(argv[1], "proxy"))
		run_proxy(atol(argv[2]));
	else if (!strcmp(argv[1], "stream"))
		run_stream(atol(argv[2]));
	else
		errx(2, "no such work: %s", argv[1]);
	return 0;
}
