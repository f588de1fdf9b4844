// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "lock.h"

/**
 * lock_directory - be the only one that changes what a directory is about
 * @directory: below /run/sluice; it is made
 * @err: says why it failed
 *
 * Return: a descriptor, which holds the lock until it is closed, or -errno.
 */
int lock_directory(const char *directory, struct sluice_error *err)
{
	int fd, ret;

	mkdir("/run/sluice", 0755);
	mkdir(directory, 0755);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && !flock(fd, LOCK_EX))
		return fd;
	ret = -errno;
	sluice_error_set(err, ret, "\"%s\": %s", directory, strerror(-ret));
	return ret;
}
