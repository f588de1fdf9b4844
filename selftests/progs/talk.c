// SPDX-License-Identifier: GPL-2.0
/*
 * One long conversation, for the selftests.
 *
 * talk serve PORT [MSEC]
 *	Send back what comes, TCP and UDP, both families. With MSEC say "tick" to
 *	each TCP peer every so often, unasked.
 *
 * talk tcp|udp [-i MSEC] ADDRESS PORT
 *	From one socket send a numbered message every MSEC (20) milliseconds
 *	and wait for it to come back. Print "exchanges=N lost=N slowest=MSEC"
 *	five times a second, over each other if standard output is a file. A
 *	TCP conversation ends with an error when it breaks or hangs for two
 *	minutes; over UDP what is not back in 5 seconds is lost: far more than
 *	any delay by a busy machine.
 */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "msec.h"

#define PEERS		64
#define SIZE		64
#define REPORT_MSEC	200
#define UDP_MSEC	5000
#define TCP_MSEC	120000

static int bound(int type, int port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6,
				    .sin6_port = htons(port) };
	int fd = socket(AF_INET6, type, 0);
	int one = 1;

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)))
		err(1, "bind %d", port);
	return fd;
}

static void echo_datagram(int fd)
{
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	char data[2048];
	ssize_t len;

	len = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from,
		       &from_len);
	if (len >= 0)
		sendto(fd, data, len, 0, (struct sockaddr *)&from, from_len);
}

/* Returns false if the peer is gone. */
static bool echo_stream(int fd)
{
	char data[2048];
	ssize_t len;

	len = recv(fd, data, sizeof(data), 0);
	return len > 0 && send(fd, data, len, MSG_NOSIGNAL) == len;
}

static void take_peer(struct pollfd *fds, nfds_t *count)
{
	int fd = accept(fds[0].fd, NULL, NULL);

	if (fd < 0)
		return;
	if (*count == PEERS) {
		close(fd);
		return;
	}
	fds[(*count)++] = (struct pollfd) { fd, POLLIN, 0 };
}

static void tick(const struct pollfd *peers, nfds_t count)
{
	nfds_t i;

	for (i = 0; i < count; i++)
		send(peers[i].fd, "tick\n", 5, MSG_NOSIGNAL);
}

__attribute__((noreturn)) static void serve(int port, int interval)
{
	struct pollfd fds[PEERS];
	int64_t next = now_msec();
	nfds_t count = 2, i;

	fds[0] = (struct pollfd) { bound(SOCK_STREAM, port), POLLIN, 0 };
	fds[1] = (struct pollfd) { bound(SOCK_DGRAM, port), POLLIN, 0 };
	if (listen(fds[0].fd, 16))
		err(1, "listen");

	while (poll(fds, count, interval) >= 0) {
		if (interval > 0 && now_msec() >= next) {
			tick(fds + 2, count - 2);
			next = now_msec() + interval;
		}
		for (i = count - 1; i >= 2; i--) {
			if (!fds[i].revents || echo_stream(fds[i].fd))
				continue;
			close(fds[i].fd);
			fds[i] = fds[--count];
		}
		if (fds[1].revents)
			echo_datagram(fds[1].fd);
		if (fds[0].revents)
			take_peer(fds, &count);
	}
	err(1, "poll");
}

static int connected(int type, const char *addr, const char *port)
{
	struct addrinfo hints = { .ai_socktype = type,
				  .ai_flags = AI_NUMERICHOST }, *ai;
	int fd;

	if (getaddrinfo(addr, port, &hints, &ai))
		errx(2, "bad address %s %s", addr, port);
	fd = socket(ai->ai_family, type, 0);
	if (fd < 0)
		err(1, "socket");
	if (connect(fd, ai->ai_addr, ai->ai_addrlen))
		err(1, "connect");
	freeaddrinfo(ai);
	return fd;
}

/* Receive all of a message, or for UDP one that is the one sent. */
static bool receive(int fd, const char *sent, int type, int timeout)
{
	struct pollfd pfd = { fd, POLLIN, 0 };
	int64_t end = now_msec() + timeout;
	size_t have = 0;
	char data[SIZE];
	ssize_t len;

	while (now_msec() < end) {
		if (poll(&pfd, 1, end - now_msec()) <= 0)
			continue;
		len = recv(fd, data + have, SIZE - have, 0);
		if (type == SOCK_DGRAM) {
			if (len == SIZE && !memcmp(data, sent, SIZE))
				return true;
			continue;
		}
		if (len <= 0)
			errx(1, "broken: %s", len ? strerror(errno) : "closed");
		have += len;
		if (have < SIZE)
			continue;
		if (memcmp(data, sent, SIZE))
			errx(1, "broken: another message came");
		return true;
	}
	return false;
}

static bool exchange(int fd, int type, unsigned long number)
{
	char message[SIZE] = "";

	snprintf(message, sizeof(message), "message %lu", number);
	if (send(fd, message, SIZE, MSG_NOSIGNAL) != SIZE &&
	    type == SOCK_STREAM)
		err(1, "broken: send");
	if (type == SOCK_DGRAM)
		return receive(fd, message, type, UDP_MSEC);
	if (!receive(fd, message, type, TCP_MSEC))
		errx(1, "broken: no answer");
	return true;
}

__attribute__((noreturn)) static void talk(int type, const char *addr,
					   const char *port, int interval)
{
	unsigned long number = 0, lost = 0;
	int fd = connected(type, addr, port);
	int64_t report = 0, slowest = 0, began;

	setlinebuf(stdout);
	for (;;) {
		number++;
		began = now_msec();
		if (!exchange(fd, type, number))
			lost++;
		else if (now_msec() - began > slowest)
			slowest = now_msec() - began;
		if (now_msec() >= report) {
			lseek(STDOUT_FILENO, 0, SEEK_SET);
			printf("exchanges=%lu lost=%lu slowest=%lld\n",
			       number - lost, lost, (long long)slowest);
			report = now_msec() + REPORT_MSEC;
		}
		usleep(interval * 1000);
	}
}

int main(int argc, char **argv)
{
	int interval = 20;

	if (argc >= 3 && argc <= 4 && !strcmp(argv[1], "serve"))
		serve(atoi(argv[2]), argc == 4 ? atoi(argv[3]) : -1);
	if (argc == 6 && !strcmp(argv[2], "-i")) {
		interval = atoi(argv[3]);
		argv[3] = argv[1];
		argv += 2;
		argc -= 2;
	}
	if (argc == 4 && !strcmp(argv[1], "tcp"))
		talk(SOCK_STREAM, argv[2], argv[3], interval);
	if (argc == 4 && !strcmp(argv[1], "udp"))
		talk(SOCK_DGRAM, argv[2], argv[3], interval);
	errx(2, "usage: talk serve PORT [MSEC] | tcp|udp [-i MSEC] ADDRESS PORT");
}
