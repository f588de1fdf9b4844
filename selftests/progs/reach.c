// SPDX-License-Identifier: GPL-2.0
/*
 * Who reaches whom, for the selftests: sockets in many network namespaces.
 *
 * reach serve
 *	Be the servers that standard input lists, a line for each:
 *	"NAMESPACE NAME PROTO PORT ADDRESS". They answer their names. Print
 *	"ready" once all of them listen.
 *
 * reach ask MSEC
 *	Try what standard input lists, not waiting for one before the next, a
 *	line for each probe:
 *	"NAMESPACE FROM TO PROTO PORT FAMILY FROM-ADDRESS TO-ADDRESS". Print
 *	"FROM TO PROTO PORT FAMILY" and "yes" if TO answers, "no" if nothing
 *	comes back, or what else does. The end is MSEC after the last answer.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX	8192
#define EVENTS	64
#define WORD	64
#define SLICE	20	/* msec */

struct end {
	char name[WORD];
	char namespace[WORD];
	char proto[WORD];
	int type;
	int fd;
};

struct probe {
	struct end from;
	char to[WORD];
	int port;
	int family;
	char outcome[2 * WORD];
};

static struct end servers[MAX];
static struct probe probes[MAX];

static void allow_many_files(void)
{
	struct rlimit limit = { 2 * MAX, 2 * MAX };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "setrlimit");
}

/* Sockets stay in the namespace in which they were made. */
static void enter(const char *namespace)
{
	static char here[WORD];
	char path[2 * WORD];
	int fd;

	if (!strcmp(here, namespace))
		return;
	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
	strcpy(here, namespace);
}

static socklen_t parse(const char *text, int port, struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *in = (struct sockaddr_in *)addr;

	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		return sizeof(*in);
	}
	if (inet_pton(AF_INET6, text, &in6->sin6_addr) != 1)
		errx(2, "bad address %s", text);
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	return sizeof(*in6);
}

/* Make the socket of an end, bound to its address. */
static void open_end(struct end *end, const char *text, int port)
{
	bool udp = !strcmp(end->proto, "udp");
	struct sockaddr_storage addr;
	socklen_t len;

	len = parse(text, port, &addr);
	enter(end->namespace);
	end->type = udp ? SOCK_DGRAM : SOCK_STREAM;
	end->fd = socket(addr.ss_family, end->type | SOCK_NONBLOCK | SOCK_CLOEXEC,
			 !strcmp(end->proto, "sctp") ? IPPROTO_SCTP : 0);
	if (end->fd < 0)
		err(1, "socket: %s", end->proto);
	if (bind(end->fd, (struct sockaddr *)&addr, len))
		err(1, "bind: %s %s %d", end->namespace, text, port);
}

static void watch(int epoll, int fd, void *what)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = what };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll_ctl");
}

/* ------------------------------------------------------------------ servers */

static void answer_datagram(const struct end *server)
{
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	char request;

	if (recvfrom(server->fd, &request, 1, 0, (struct sockaddr *)&from,
		     &from_len) >= 0)
		sendto(server->fd, server->name, strlen(server->name), 0,
		       (struct sockaddr *)&from, from_len);
}

static void answer(const struct end *server)
{
	int fd;

	if (server->type == SOCK_DGRAM) {
		answer_datagram(server);
		return;
	}
	fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	send(fd, server->name, strlen(server->name), MSG_NOSIGNAL);
	close(fd);
}

static int open_servers(int epoll)
{
	struct end *server = servers;
	char addr[WORD];
	int port;

	while (scanf("%63s %63s %63s %d %63s", server->namespace, server->name,
		     server->proto, &port, addr) == 5) {
		open_end(server, addr, port);
		if (server->type == SOCK_STREAM && listen(server->fd, 128))
			err(1, "listen");
		watch(epoll, server->fd, server);
		if (++server == servers + MAX)
			errx(2, "too many servers");
	}
	return server - servers;
}

__attribute__((noreturn)) static void serve(void)
{
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(0), n;

	if (!open_servers(epoll) || !feof(stdin))
		errx(2, "bad list of servers");
	puts("ready");
	fflush(stdout);
	for (;;) {
		n = epoll_wait(epoll, events, EVENTS, -1);
		while (n-- > 0)
			answer(events[n].data.ptr);
	}
}

/* ------------------------------------------------------------------- probes */

static void end_probe(struct probe *probe, const char *outcome)
{
	snprintf(probe->outcome, sizeof(probe->outcome), "%s", outcome);
	close(probe->from.fd);
}

/* Without lingering the other end is told at once that it was all. */
static void begin_probe(struct probe *probe, const char *from, const char *to)
{
	struct linger none = { .l_onoff = 1 };
	struct sockaddr_storage addr;
	socklen_t len;

	open_end(&probe->from, from, 0);
	setsockopt(probe->from.fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	len = parse(to, probe->port, &addr);
	if (connect(probe->from.fd, (struct sockaddr *)&addr, len) &&
	    errno != EINPROGRESS)
		end_probe(probe, strerror(errno));
	else if (probe->from.type == SOCK_DGRAM &&
		 send(probe->from.fd, "?", 1, 0) < 0)
		end_probe(probe, strerror(errno));
}

/* Read the next probe, and begin it unless it ends at once. */
static bool begin_next(int epoll, struct probe *probe, int *open)
{
	char from[WORD], to[WORD];

	if (scanf("%63s %63s %63s %63s %d %d %63s %63s", probe->from.namespace,
		  probe->from.name, probe->to, probe->from.proto, &probe->port,
		  &probe->family, from, to) != 8)
		return false;
	begin_probe(probe, from, to);
	if (!probe->outcome[0]) {
		watch(epoll, probe->from.fd, probe);
		++*open;
	}
	return true;
}

static void take_answer(struct probe *probe)
{
	char name[WORD], outcome[2 * WORD];
	ssize_t len;

	len = recv(probe->from.fd, name, sizeof(name) - 1, 0);
	if (len < 0) {
		end_probe(probe, errno == ETIMEDOUT ? "no" : strerror(errno));
		return;
	}
	if (!len) {
		end_probe(probe, "closed");
		return;
	}
	name[len] = '\0';
	snprintf(outcome, sizeof(outcome), "answered by %s", name);
	end_probe(probe, strcmp(name, probe->to) ? outcome : "yes");
}

/* How many have come within MSEC */
static int take_some(int epoll, int msec)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(epoll, events, EVENTS, msec);

	if (n < 0)
		err(1, "epoll_wait");
	for (int i = 0; i < n; i++)
		take_answer(events[i].data.ptr);
	return n;
}

/* Answers are taken meanwhile: were all begun first, what they bring would
 * overflow the kernel's queues on a slow machine. How many there are; *open:
 * have not ended
 */
static int begin_probes(int epoll, int *open)
{
	struct probe *probe = probes;

	for (*open = 0; begin_next(epoll, probe, open); probe++) {
		*open -= take_some(epoll, 0);
		if (probe + 1 == probes + MAX)
			errx(2, "too many probes");
	}
	return probe - probes;
}

/* In slices, so that a machine that stands still for a while is not taken for
 * silence.
 */
static void take_answers(int epoll, int open, int patience)
{
	int n, idle = 0;

	while (open && idle < patience) {
		n = take_some(epoll, SLICE);
		idle = n ? 0 : idle + SLICE;
		open -= n;
	}
}

static int ask(int patience)
{
	int epoll = epoll_create1(0), count, open;

	count = begin_probes(epoll, &open);
	if (!count || !feof(stdin))
		errx(2, "bad list of probes");
	take_answers(epoll, open, patience);
	for (struct probe *probe = probes; probe < probes + count; probe++)
		printf("%s %s %s %d %d %s\n", probe->from.name, probe->to,
		       probe->from.proto, probe->port, probe->family,
		       probe->outcome[0] ? probe->outcome : "no");
	return 0;
}

int main(int argc, char **argv)
{
	allow_many_files();
	if (argc == 2 && !strcmp(argv[1], "serve"))
		serve();
	if (argc == 3 && !strcmp(argv[1], "ask"))
		return ask(atoi(argv[2]));
	errx(2, "usage: reach serve | reach ask MSEC");
}
