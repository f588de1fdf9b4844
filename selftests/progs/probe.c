// SPDX-License-Identifier: GPL-2.0
/*
 * What TCP does, call by call: the same script gives the same lines however the
 * two ends of its connections are joined.
 *
 * probe [-m | -t SECONDS] CLIENT SERVER ADDRESS PORT
 *	Open connections from the network namespace CLIENT, a file, to ADDRESS and
 *	PORT, where the namespace SERVER listens. Do all that is in probe_ends.h and
 *	probe_cases.h with them on one processor, and print each call's result; a case
 *	that takes longer than SECONDS, 300 if none are said, is ended. With -m only
 *	send streams both ways on several connections, on all processors.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "msec.h"

#define PATIENCE	5000	/* milliseconds; far more than anything takes */

/**
 * struct pair - a connection
 * @client: one end
 * @server: the other
 */
struct pair {
	int client;
	int server;
};

static int client_ns, server_ns, listener;
static struct sockaddr_storage to;
static socklen_t to_size;
static const char *topic;

/* -------------------------------------------------------------------- results */

/* printf(3) a line about the case that runs */
__attribute__((format(printf, 1, 2)))
static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%s: ", topic);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

/* What a call has returned */
static long result(const char *call, long ret)
{
	if (ret < 0)
		say("%s = %s", call, strerrorname_np(errno));
	else
		say("%s = %ld", call, ret);
	return ret;
}

/* A number that depends on the moment, and must lie within bounds */
static void within(const char *what, long value, long least, long most)
{
	if (value >= least && value <= most)
		say("%s is within %ld and %ld", what, least, most);
	else
		say("%s = %ld, which is not within %ld and %ld", what, value,
		    least, most);
}

/* ---------------------------------------------------------------- connections */

static void enter(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		err(1, "setns");
}

static int new_socket(int ns)
{
	int fd;

	enter(ns);
	fd = socket(to.ss_family, SOCK_STREAM, 0);
	if (fd < 0)
		err(1, "socket");
	return fd;
}

static void set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		err(1, "setsockopt %d", option);
}

static int get(int fd, int level, int option)
{
	socklen_t size = sizeof(int);
	int value;

	if (getsockopt(fd, level, option, &value, &size))
		return -1;
	return value;
}

static int connected(void)
{
	int fd = new_socket(client_ns);

	if (connect(fd, (struct sockaddr *)&to, to_size))
		err(1, "connect");
	return fd;
}

/* Both ends are what they will be: the last acknowledgment is in, too. */
static struct pair join(void)
{
	struct pair p;

	p.client = connected();
	p.server = accept(listener, NULL, NULL);
	if (p.server < 0)
		err(1, "accept");
	return p;
}

/* The first segments of a flow may still go another way. */
static struct pair warm(void)
{
	struct pair p = join();
	char data[2];

	for (int i = 0; i < 3; i++) {
		if (send(p.client, "x", 1, 0) != 1 ||
		    recv(p.server, data, 1, 0) != 1 ||
		    send(p.server, "y", 1, 0) != 1 ||
		    recv(p.client, data, 1, 0) != 1)
			err(1, "warming up");
	}
	return p;
}

static void end(struct pair *p)
{
	close(p->client);
	close(p->server);
}

static int listen_at(int port)
{
	struct sockaddr_in6 any6 = { .sin6_family = AF_INET6,
				     .sin6_port = htons(port) };
	int fd;

	enter(server_ns);
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	if (fd < 0)
		err(1, "socket");
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (struct sockaddr *)&any6, sizeof(any6)) ||
	    listen(fd, 1024))
		err(1, "listening at %d", port);
	return fd;
}

/* --------------------------------------------------------------------- waiting */

static short events_now(int fd, short events, int msec)
{
	struct pollfd fds = { .fd = fd, .events = events };

	if (poll(&fds, 1, msec) < 0)
		err(1, "poll");
	return fds.revents;
}

static void say_events(const char *what, short events)
{
	say("%s:%s%s%s%s%s%s", what, events & POLLIN ? " IN" : "",
	    events & POLLPRI ? " PRI" : "", events & POLLOUT ? " OUT" : "",
	    events & POLLRDHUP ? " RDHUP" : "", events & POLLHUP ? " HUP" : "",
	    events & POLLERR ? " ERR" : "");
}

static int unread(int fd)
{
	int bytes = 0;

	if (ioctl(fd, FIONREAD, &bytes))
		return -1;
	return bytes;
}

/* What can be read, whatever FIONREAD says, up to a MiB */
static int readable(int fd)
{
	static char data[1 << 20];
	ssize_t len = recv(fd, data, sizeof(data), MSG_PEEK | MSG_DONTWAIT);

	return len < 0 ? 0 : len;
}

static bool has_come(int fd, int bytes)
{
	return unread(fd) >= bytes || readable(fd) >= bytes;
}

/* How much has come, once it is as much, or nothing more comes */
static int await_unread(int fd, int bytes)
{
	int64_t deadline = now_msec() + PATIENCE;

	while (!has_come(fd, bytes) && now_msec() < deadline)
		usleep(1000);
	return unread(fd);
}

/* What is on its way has been acknowledged. */
static int await_empty(int fd)
{
	int64_t deadline = now_msec() + PATIENCE;
	int bytes = -1;

	while (!ioctl(fd, SIOCOUTQ, &bytes) && bytes && now_msec() < deadline)
		usleep(1000);
	return bytes;
}

/* ----------------------------------------------------------------------- bytes */

static unsigned char byte_at(uint64_t offset)
{
	return (offset * 2654435761U) >> 13;
}

static void fill(char *data, size_t len, uint64_t offset)
{
	for (size_t i = 0; i < len; i++)
		data[i] = byte_at(offset + i);
}

static bool is_right(const char *data, size_t len, uint64_t offset)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)data[i] != byte_at(offset + i))
			return false;
	return true;
}

/* All that comes until the end, which it is checked against */
static void read_all(const char *who, int fd, uint64_t offset)
{
	static char data[1 << 16];
	uint64_t start = offset;
	bool right = true;
	ssize_t len;

	while ((len = recv(fd, data, sizeof(data), 0)) > 0) {
		right &= is_right(data, len, offset);
		offset += len;
	}
	say("%s reads %llu bytes, %s", who,
	    (unsigned long long)(offset - start), right ? "right" : "WRONG");
	result("and at the end recv", len);
}

static ssize_t send_filled(int fd, size_t len, uint64_t offset, int flags)
{
	char *data = malloc(len);
	ssize_t ret;

	fill(data, len, offset);
	ret = send(fd, data, len, flags | MSG_NOSIGNAL);
	free(data);
	return ret;
}

#include "probe_ends.h"
#include "probe_cases.h"

static void parse_address(const char *text, int port)
{
	struct sockaddr_in6 *v6 = (void *)&to;
	struct sockaddr_in *v4 = (void *)&to;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		to_size = sizeof(*v4);
	} else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		to_size = sizeof(*v6);
	} else {
		errx(2, "bad address %s", text);
	}
	v4->sin_port = htons(port);	/* in the same place in both */
}

static int open_ns(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

/* Both ends on one processor: nothing is left to chance. */
static void stay_here(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "sched_setaffinity");
}

/* A case that hangs is a result, too, and the others run as ever. */
static void run_aside(void (*run)(void), int seconds)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		alarm(seconds);
		run();
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	if (WIFSIGNALED(status))
		say("ends by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		say("ends with status %d", WEXITSTATUS(status));
}

/* What a case left behind is nobody's: it would be accepted by the next one. */
static void forget_rest(void)
{
	int fd;

	while (events_now(listener, POLLIN, 0) & POLLIN) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			err(1, "accept");
		close(fd);
	}
}

static void run_all(int seconds)
{
	size_t i;

	stay_here();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		topic = cases[i].name;
		run_aside(cases[i].run, seconds);
		forget_rest();
	}
}

int main(int argc, char **argv)
{
	bool many = argc == 6 && !strcmp(argv[1], "-m");
	int seconds = 300;

	if (argc == 7 && !strcmp(argv[1], "-t")) {
		seconds = atoi(argv[2]);
		argc -= 2;
		argv += 2;
	}
	argv += many;
	if (argc - many != 5)
		errx(2, "usage: probe [-m | -t SECONDS] CLIENT SERVER ADDRESS PORT");
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	client_ns = open_ns(argv[1]);
	server_ns = open_ns(argv[2]);
	parse_address(argv[3], atoi(argv[4]));
	listener = listen_at(atoi(argv[4]));
	topic = "all processors";
	if (many)
		streams_of(8);
	else
		run_all(seconds);
	return 0;
}
