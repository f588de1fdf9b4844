// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A TCP stream, with a process at either end. It is counted in KiB: how long
 * frames are is the stack's affair.
 */
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cost.h"

#define KIB		1024
#define CHUNK		(64 * KIB)

static int stream_socket(const struct path *path)
{
	int fd = socket(path->target.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket of a stream");
	return fd;
}

static uint64_t read_all(int fd)
{
	static char data[CHUNK];
	uint64_t total = 0;
	ssize_t ret;

	while ((ret = read(fd, data, sizeof(data))) > 0)
		total += ret;
	if (ret)
		err(1, "end of a stream");
	return total;
}

/* One after the other; the sender sees the end when all is counted. */
static __attribute__((noreturn)) void
read_streams(int listener, struct ends *ends)
{
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			err(1, "accept");
		count_add(ends, read_all(fd) / KIB);
		close(fd);
	}
}

/**
 * open_stream - take streams, in a process that ends with ours
 * @ends: where is counted
 * @path: for the address
 */
void open_stream(struct ends *ends, const struct path *path)
{
	int fd = stream_socket(path);
	pid_t pid;

	if (bind(fd, &path->target.any, sizeof(path->target)) || listen(fd, 1))
		err(1, "socket of the receiver");
	pid = fork();
	if (pid < 0)
		err(1, "receiver");
	if (!pid)
		read_streams(fd, ends);
	close(fd);
}

static void write_all(int fd, uint64_t size)
{
	static const char data[CHUNK];
	ssize_t ret;

	for (; size; size -= ret) {
		ret = write(fd, data, size < CHUNK ? size : CHUNK);
		if (ret < 0)
			err(1, "stream");
	}
}

/**
 * send_stream - send one
 * @ends: not used
 * @path: where to
 * @count: its length
 *
 * Return: nanoseconds from its beginning until its receiver has closed it.
 */
uint64_t send_stream(struct ends *ends, const struct path *path, uint32_t count)
{
	int fd = stream_socket(path);
	uint64_t start;

	(void)ends;
	if (connect(fd, &path->target.any, sizeof(path->target)))
		err(1, "connect");
	start = now();
	write_all(fd, (uint64_t)count * KIB);
	shutdown(fd, SHUT_WR);
	read_all(fd);
	start = now() - start;
	close(fd);
	return start;
}
