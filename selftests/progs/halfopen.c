// SPDX-License-Identifier: GPL-2.0
/*
 * halfopen ADDRESS PORT COUNT MSEC: begin COUNT TCP connections at once, do
 * nothing with them, and leave after MSEC milliseconds. Where the caller's
 * firewall lets out SYNs alone, this is a SYN flood that is answered.
 */
#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void begin(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0)
		err(1, "socket");
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) && errno != EINPROGRESS)
		err(1, "connect");
}

int main(int argc, char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST }, *ai;
	struct rlimit files = { 65536, 65536 };

	if (argc != 5)
		errx(2, "usage: halfopen ADDRESS PORT COUNT MSEC");
	if (getaddrinfo(argv[1], argv[2], &hints, &ai))
		errx(2, "bad address %s %s", argv[1], argv[2]);
	if (setrlimit(RLIMIT_NOFILE, &files))
		err(1, "setrlimit");
	for (int i = atoi(argv[3]); i > 0; i--)
		begin(ai);
	usleep(1000 * atoi(argv[4]));
	return 0;
}
