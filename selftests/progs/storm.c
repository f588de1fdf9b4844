// SPDX-License-Identifier: GPL-2.0
/*
 * Many short TCP connections, for the selftests.
 *
 * storm serve PORT
 *	Take one request a connection, answer it, close; both families. The
 *	server closes first, so that the client's ports are free again at once.
 *
 * storm run [OPTION...] ADDRESS FIRST-PORT LAST-PORT
 *	Connect to the ports in turn, send a numbered request, check that the
 *	answer is to that request, close. Print what came of it, as
 *	"connections=N errors=N refused=N reset=N wrong=N late=N other=N
 *	seconds=N rate=N"; the kinds add up to the errors.
 *	-c COUNT  connections, good or bad (1000); 0 for no end, and a line
 *	          printed five times a second, over each other if standard
 *	          output is a file
 *	-n COUNT  at the same time (64)
 *	-t MSEC   until a connection counts as late (20000)
 *	-w MSEC   between two connections of the same slot (0)
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listen.h"
#include "msec.h"

#define EVENTS		64
#define SLOTS_MAX	1024
#define TICK_MSEC	20
#define PAUSE_MSEC	20
#define REPORT_MSEC	200

struct request {
	uint64_t number;
	uint64_t check;
};

enum outcome { REFUSED, RESET, WRONG, LATE, OTHER, OUTCOMES };

static const char *const outcome_names[OUTCOMES] = {
	"refused", "reset", "wrong", "late", "other",
};

/**
 * struct slot - one connection at a time
 * @fd: socket, -1 while there is none
 * @sent: the request is on its way
 * @have: bytes of the answer
 * @deadline: when it is late; without a socket, when the next one begins
 */
struct slot {
	int fd;
	bool sent;
	size_t have;
	int64_t deadline;
	struct request request;
	struct request answer;
};

struct storm {
	struct sockaddr_storage addr;
	socklen_t addr_len;
	int first_port, ports;
	unsigned long count, begun, good, bad[OUTCOMES];
	int slot_count, timeout, wait;
	int64_t started, next_report;
	int epoll;
	struct slot slots[SLOTS_MAX];
};

static void watch(int epoll, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event ev = { .events = events, .data.u64 = data };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev))
		err(1, "epoll_ctl");
}

/* ------------------------------------------------------------------ server */

/* The request is so small that it comes in one piece. */
static void answer(int fd)
{
	struct request request;
	ssize_t len;

	len = recv(fd, &request, sizeof(request), 0);
	if (len < 0 && errno == EAGAIN)
		return;
	if (len == sizeof(request)) {
		request.check = ~request.check;
		send(fd, &request, sizeof(request), MSG_NOSIGNAL);
	}
	close(fd);
}

/* Clients that vanish leave connections behind. */
static void allow_many_files(void)
{
	struct rlimit limit = { 1 << 18, 1 << 18 };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		warn("files stay limited");
}

__attribute__((noreturn)) static void serve(int port)
{
	int epoll = epoll_create1(0), fd = listening(port), peer, n;
	struct epoll_event events[EVENTS];

	allow_many_files();
	watch(epoll, fd, EPOLLIN, fd);
	for (;;) {
		n = epoll_wait(epoll, events, EVENTS, -1);
		while (n-- > 0) {
			if ((int)events[n].data.u64 != fd) {
				answer(events[n].data.u64);
				continue;
			}
			while ((peer = accept4(fd, NULL, NULL,
					       SOCK_NONBLOCK)) >= 0)
				watch(epoll, peer, EPOLLIN, peer);
		}
	}
}

/* ------------------------------------------------------------------ client */

static void report(const struct storm *s)
{
	double seconds = (now_msec() - s->started) / 1000.0;
	unsigned long errors = 0;
	int i;

	for (i = 0; i < OUTCOMES; i++)
		errors += s->bad[i];
	printf("connections=%lu errors=%lu", s->good, errors);
	for (i = 0; i < OUTCOMES; i++)
		printf(" %s=%lu", outcome_names[i], s->bad[i]);
	printf(" seconds=%.1f rate=%.0f\n", seconds,
	       s->good / (seconds > 0 ? seconds : 1));
	fflush(stdout);
}

static void end(struct slot *slot, int64_t next)
{
	close(slot->fd);
	slot->fd = -1;
	slot->deadline = next;
}

/* After a failure wait a little at least: most would fail again at once. */
static void fail(struct storm *s, struct slot *slot, enum outcome outcome)
{
	s->bad[outcome]++;
	end(slot, now_msec() + (s->wait > PAUSE_MSEC ? s->wait : PAUSE_MSEC));
}

static void fail_errno(struct storm *s, struct slot *slot)
{
	fail(s, slot, errno == ECONNREFUSED ? REFUSED :
		      errno == ECONNRESET || errno == EPIPE ? RESET : OTHER);
}

static void set_port(struct storm *s)
{
	in_port_t port = htons(s->first_port + s->begun % s->ports);

	if (s->addr.ss_family == AF_INET)
		((struct sockaddr_in *)&s->addr)->sin_port = port;
	else
		((struct sockaddr_in6 *)&s->addr)->sin6_port = port;
}

static void begin(struct storm *s, struct slot *slot)
{
	set_port(s);
	slot->request.number = s->begun++;
	slot->request.check = slot->request.number * 0x9e3779b97f4a7c15;
	slot->sent = false;
	slot->have = 0;
	slot->deadline = now_msec() + s->timeout;
	slot->fd = socket(s->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (slot->fd < 0)
		err(1, "socket");
	if (connect(slot->fd, (struct sockaddr *)&s->addr, s->addr_len) &&
	    errno != EINPROGRESS)
		fail_errno(s, slot);
	else
		watch(s->epoll, slot->fd, EPOLLIN | EPOLLOUT | EPOLLET,
		      slot - s->slots);
}

static void finish(struct storm *s, struct slot *slot)
{
	slot->answer.check = ~slot->answer.check;
	if (slot->have != sizeof(slot->answer) ||
	    memcmp(&slot->answer, &slot->request, sizeof(slot->answer))) {
		fail(s, slot, WRONG);
		return;
	}
	s->good++;
	end(slot, s->wait ? now_msec() + s->wait : 0);
}

static void take_answer(struct storm *s, struct slot *slot)
{
	char *to = (char *)&slot->answer;
	ssize_t len;

	for (;;) {
		/* One byte more than is due would be an error, too. */
		char extra;
		bool full = slot->have >= sizeof(slot->answer);

		len = recv(slot->fd, full ? &extra : to + slot->have,
			   full ? 1 : sizeof(slot->answer) - slot->have, 0);
		if (len <= 0)
			break;
		slot->have += len;
	}
	if (!len)
		finish(s, slot);
	else if (errno != EAGAIN)
		fail_errno(s, slot);
}

static void go_on(struct storm *s, struct slot *slot)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (!slot->sent) {
		getsockopt(slot->fd, SOL_SOCKET, SO_ERROR, &error, &len);
		errno = error;
		if (error || send(slot->fd, &slot->request,
				  sizeof(slot->request), MSG_NOSIGNAL) < 0) {
			if (errno != EAGAIN && errno != ENOTCONN)
				fail_errno(s, slot);
			return;
		}
		slot->sent = true;
	}
	take_answer(s, slot);
}

static bool more(const struct storm *s)
{
	return !s->count || s->begun < s->count;
}

/* Begin what can begin, end what is late; returns what is under way. */
static int tend(struct storm *s)
{
	int64_t now = now_msec();
	int i, busy = 0;

	for (i = 0; i < s->slot_count; i++) {
		struct slot *slot = &s->slots[i];

		if (slot->fd >= 0 && now >= slot->deadline)
			fail(s, slot, LATE);
		if (slot->fd < 0 && now >= slot->deadline && more(s))
			begin(s, slot);
		busy += slot->fd >= 0;
	}
	if (!s->count && now >= s->next_report) {
		lseek(STDOUT_FILENO, 0, SEEK_SET);
		report(s);
		s->next_report = now + REPORT_MSEC;
	}
	return busy;
}

static void storm(struct storm *s)
{
	struct epoll_event events[EVENTS];
	int n, i;

	s->epoll = epoll_create1(0);
	s->started = now_msec();
	for (i = 0; i < s->slot_count; i++)
		s->slots[i].fd = -1;

	while (tend(s) || more(s)) {
		n = epoll_wait(s->epoll, events, EVENTS, TICK_MSEC);
		for (i = 0; i < n; i++) {
			struct slot *slot = &s->slots[events[i].data.u64];

			if (slot->fd >= 0)
				go_on(s, slot);
			if (slot->fd < 0 && !slot->deadline && more(s))
				begin(s, slot);
		}
	}
	report(s);
}

static void set_target(struct storm *s, char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST }, *ai;

	if (getaddrinfo(argv[0], argv[1], &hints, &ai))
		errx(2, "bad address %s", argv[0]);
	memcpy(&s->addr, ai->ai_addr, ai->ai_addrlen);
	s->addr_len = ai->ai_addrlen;
	freeaddrinfo(ai);
	s->first_port = atoi(argv[1]);
	s->ports = atoi(argv[2]) - s->first_port + 1;
}

static int run(int argc, char **argv)
{
	static struct storm s = {
		.count = 1000, .slot_count = 64, .timeout = 20000,
	};
	int opt;

	while ((opt = getopt(argc, argv, "c:n:t:w:")) != -1) {
		switch (opt) {
		case 'c': s.count = strtoul(optarg, NULL, 10); break;
		case 'n': s.slot_count = atoi(optarg); break;
		case 't': s.timeout = atoi(optarg); break;
		case 'w': s.wait = atoi(optarg); break;
		default: return 2;
		}
	}
	if (argc - optind != 3 || s.slot_count > SLOTS_MAX)
		errx(2, "usage: storm run [OPTION...] ADDRESS FIRST LAST");
	set_target(&s, argv + optind);
	if (s.ports < 1)
		errx(2, "no ports");
	storm(&s);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "serve"))
		serve(atoi(argv[2]));
	if (argc > 1 && !strcmp(argv[1], "run"))
		return run(argc - 1, argv + 1);
	errx(2, "usage: storm serve PORT | run ...");
}
