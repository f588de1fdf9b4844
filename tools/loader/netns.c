// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Network namespaces: the one we are in, and others that are known to it.
 *
 * The kernel tells in which namespace a veth's other end is by a number that
 * only the asking namespace knows; what has that number is found by trying all
 * that have a name or a process.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "list.h"
#include "netns.h"

#define OWN	"/proc/self/ns/net"

static int open_if_it_is(const char *path, int32_t nsid)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int32_t is;

	if (fd < 0)
		return -1;
	if (!link_nsid_of(fd, &is) && is == nsid)
		return fd;
	close(fd);
	return -1;
}

/* Processes that share a namespace are asked for once. */
static bool is_seen(struct list *seen, const char *path)
{
	struct stat st;
	size_t i;

	if (stat(path, &st))
		return true;
	for (i = 0; i < seen->count; i++)
		if (*(ino_t *)list_at(seen, i) == st.st_ino)
			return true;
	*(ino_t *)list_add(seen, sizeof(st.st_ino)) = st.st_ino;
	return false;
}

static int search(const glob_t *paths, int32_t nsid)
{
	struct list seen = { NULL };
	int fd = -1;
	size_t i;

	for (i = 0; i < paths->gl_pathc && fd < 0; i++)
		if (!is_seen(&seen, paths->gl_pathv[i]))
			fd = open_if_it_is(paths->gl_pathv[i], nsid);
	list_free(&seen);
	return fd;
}

/**
 * netns_of - open the namespace of the other end of a veth
 * @link: the end that is here
 * @err: says why it failed
 *
 * Return: a descriptor, or -errno.
 */
int netns_of(const struct link *link, struct sluice_error *err)
{
	glob_t paths;
	int fd;

	if (link->nsid < 0) {
		fd = open(OWN, O_RDONLY | O_CLOEXEC);
	} else {
		glob("/run/netns/*", 0, NULL, &paths);
		glob("/proc/[0-9]*/ns/net", GLOB_APPEND, NULL, &paths);
		fd = search(&paths, link->nsid);
		globfree(&paths);
	}
	if (fd >= 0)
		return fd;
	sluice_error_set(err, -ENOENT,
			 "the network namespace of its other end has no name in /run/netns and no process that is seen from here: run this where its processes are seen, or give it a name by \"ip netns attach NAME PID\"");
	return -ENOENT;
}

/**
 * netns_number - the number of the namespace we are in, by its inode
 */
uint32_t netns_number(void)
{
	struct stat st;

	return stat(OWN, &st) ? 0 : st.st_ino;
}

/**
 * netns_do - do something in another namespace
 * @netns: that one's descriptor
 * @fn: what is done there
 * @arg: passed to @fn
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int netns_do(int netns, netns_fn fn, void *arg, struct sluice_error *err)
{
	int own = open(OWN, O_RDONLY | O_CLOEXEC);
	int ret;

	if (own < 0 || setns(netns, CLONE_NEWNET)) {
		ret = -errno;
		sluice_error_set(err, ret, "another network namespace: %s",
				 strerror(-ret));
		if (own >= 0)
			close(own);
		return ret;
	}
	ret = fn(arg, err);
	/* It was ours: it can be entered again. */
	if (setns(own, CLONE_NEWNET) && !ret) {
		ret = -errno;
		sluice_error_set(err, ret, NULL);
	}
	close(own);
	return ret;
}
