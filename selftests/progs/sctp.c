// SPDX-License-Identifier: GPL-2.0
/*
 * SCTP ends for the selftests, one-to-one sockets of one family. An end tells
 * the other all addresses that it is bound to, and where one does not answer
 * the other one tries the next: a server has one.
 *
 * sctp serve ADDRESS PORT NAME
 *	Answer each message with "NAME message".
 *
 * sctp ask [-c COUNT] [-i MSEC] ADDRESS PORT
 *	Set up an association, send so many (1) messages in it with pauses of
 *	MSEC (0) milliseconds and print the first word of each answer, or
 *	"garbled"; if it ends before, "reset" or "lost", and that is all.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE	1000

static struct addrinfo *parse(const char *addr, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST }, *ai;

	if (getaddrinfo(addr, port, &hints, &ai))
		errx(2, "bad address %s %s", addr, port);
	return ai;
}

static int sctp_socket(int family)
{
	int fd = socket(family, SOCK_STREAM, IPPROTO_SCTP), one = 1;

	if (fd < 0)
		err(1, "no SCTP");
	if (family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)))
		err(1, "IPV6_V6ONLY");
	return fd;
}

static void answer_all(int fd, const char *name)
{
	char message[SIZE], answer[2 * SIZE];
	ssize_t len;
	int head;

	while ((len = recv(fd, message, sizeof(message), 0)) > 0) {
		head = snprintf(answer, SIZE, "%s ", name);
		memcpy(answer + head, message, len);
		send(fd, answer, head + len, 0);
	}
}

static int serve(const char *addr, const char *port, const char *name)
{
	struct addrinfo *ai = parse(addr, port);
	int fd = sctp_socket(ai->ai_family), peer;

	signal(SIGCHLD, SIG_IGN);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, 8))
		err(1, "listen");
	while ((peer = accept(fd, NULL, NULL)) >= 0) {
		if (!fork()) {
			answer_all(peer, name);
			return 0;
		}
		close(peer);
	}
	err(1, "accept");
}

/* Whether the association goes on */
static bool ask_once(int fd, int number)
{
	char message[SIZE], answer[2 * SIZE], *rest;
	ssize_t len;

	memset(message, 'a' + number % 26, sizeof(message));
	len = send(fd, message, sizeof(message), MSG_NOSIGNAL);
	if (len > 0)
		len = recv(fd, answer, sizeof(answer), 0);
	if (len <= 0) {
		puts(len && (errno == ECONNRESET || errno == EPIPE) ? "reset" :
								      "lost");
		return false;
	}
	rest = memchr(answer, ' ', len);
	if (!rest || answer + len - (rest + 1) != SIZE ||
	    memcmp(rest + 1, message, SIZE))
		puts("garbled");
	else
		printf("%.*s\n", (int)(rest - answer), answer);
	fflush(stdout);
	return true;
}

static int ask(int count, int pause, const char *addr, const char *port)
{
	struct timeval patience = { .tv_sec = 5 };
	struct addrinfo *ai = parse(addr, port);
	int fd;

	fd = sctp_socket(ai->ai_family);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, ai->ai_addr, ai->ai_addrlen)) {
		puts("lost");
		return 0;
	}
	for (int i = 0; i < count && ask_once(fd, i); i++)
		usleep(1000 * pause);
	return 0;
}

static int ask_with_options(int argc, char **argv)
{
	int count = 1, pause = 0, option;

	while ((option = getopt(argc, argv, "c:i:")) > 0) {
		if (option == 'c')
			count = atoi(optarg);
		else if (option == 'i')
			pause = atoi(optarg);
		else
			return 2;
	}
	if (argc != optind + 2)
		errx(2, "usage: sctp ask [-c COUNT] [-i MSEC] ADDRESS PORT");
	return ask(count, pause, argv[optind], argv[optind + 1]);
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "serve"))
		return serve(argv[2], argv[3], argv[4]);
	if (argc > 1 && !strcmp(argv[1], "ask"))
		return ask_with_options(argc - 1, argv + 1);
	errx(2, "usage: sctp serve ADDRESS PORT NAME | sctp ask ...");
}
