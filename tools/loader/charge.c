// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether the kernel charges receivers for what they have been given. Nothing
 * says so but a trial, with two sockets of our own.
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/sock_diag.h>

#include "charge.h"
#include "sockmap_charge.skel.h"

enum { CHARGED, NOT_CHARGED, NOT_TRIED };

/* Neither names, nor firewalls, nor a device that is down are in its way there. */
static int enter_namespace(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, ret;

	if (unshare(CLONE_NEWNET))
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		return -1;
	ret = ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
	return ret;
}

static int connect_pair(int pair[2])
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t size = sizeof(to);

	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || pair[0] < 0 ||
	    bind(listener, (struct sockaddr *)&to, size) ||
	    listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&to, &size) ||
	    connect(pair[0], (struct sockaddr *)&to, size))
		return -1;
	pair[1] = accept(listener, NULL, NULL);
	return pair[1];
}

static int join(const struct sockmap_charge *skel, const int pair[2])
{
	int map = bpf_map__fd(skel->maps.sluice_pair);
	uint32_t slot;
	uint64_t fd;

	if (bpf_prog_attach(bpf_program__fd(skel->progs.sluice_give), map,
			    BPF_SK_MSG_VERDICT, 0))
		return -1;
	for (slot = 0; slot < 2; slot++) {
		fd = pair[slot];
		if (bpf_map_update_elem(map, &slot, &fd, BPF_ANY))
			return -1;
	}
	return 0;
}

static int try(const struct sockmap_charge *skel)
{
	uint32_t memory[SK_MEMINFO_VARS] = { 0 };
	socklen_t size = sizeof(memory);
	int pair[2];

	if (enter_namespace() || connect_pair(pair) < 0 || join(skel, pair) ||
	    write(pair[0], "x", 1) != 1 ||
	    getsockopt(pair[1], SOL_SOCKET, SO_MEMINFO, memory, &size))
		return NOT_TRIED;
	return memory[SK_MEMINFO_RMEM_ALLOC] ? CHARGED : NOT_CHARGED;
}

/* In a process of its own, which has the namespace */
static int try_aside(void)
{
	struct sockmap_charge *skel = sockmap_charge__open_and_load();
	int status = 0;
	pid_t pid;

	if (!skel)
		return NOT_TRIED;
	pid = fork();
	if (!pid)
		_exit(try(skel));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		status = NOT_TRIED << 8;
	sockmap_charge__destroy(skel);
	return WEXITSTATUS(status);
}

/**
 * charge_check - see whether the kernel charges receivers
 * @err: says if it does not, and what to do
 *
 * Return: 0 or -errno.
 */
int charge_check(struct sluice_error *err)
{
	switch (try_aside()) {
	case CHARGED:
		return 0;
	case NOT_CHARGED:
		sluice_error_set(err, -EOPNOTSUPP, "this kernel does not charge receivers for what they have not read, so there is no bound on that; say \"unbounded\" to have it without");
		return -EOPNOTSUPP;
	default:
		sluice_error_set(err, -EIO, "whether this kernel charges receivers for what they have not read could not be tried; say \"unbounded\" if there need be no bound");
		return -EIO;
	}
}
