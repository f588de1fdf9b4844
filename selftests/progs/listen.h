/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A server's socket.
 */
#ifndef LISTEN_H
#define LISTEN_H

#include <err.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define BACKLOG	4096

/* For TCP of both families, not blocking */
static inline int listening(int port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6,
				    .sin6_port = htons(port) };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int one = 1;

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, BACKLOG))
		err(1, "port %d", port);
	return fd;
}

#endif /* LISTEN_H */
