// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who receives: an XDP program, which drops, or a socket, of which a filter
 * drops all that comes. Neither wakes anybody: what that costs depends on the
 * other processor, and would hide the path.
 */
#include <err.h>
#include <net/if.h>
#include <sys/socket.h>

#include "cost.h"

static struct bpf_link *attach(struct bpf_program *program, const char *device)
{
	struct bpf_link *link = bpf_program__attach_xdp(program,
							if_nametoindex(device));

	if (!link)
		err(1, "no XDP program can be attached to %s", device);
	return link;
}

/**
 * open_node - have the node hand on all frames, as long as @ends are there
 * @ends: which has the program
 */
void open_node(struct ends *ends)
{
	ends->links.hand_on = attach(ends->progs.hand_on, NODE_IN);
}

/**
 * open_program - receive by an XDP program, as long as @ends are there
 * @ends: which has it
 * @path: not used
 */
void open_program(struct ends *ends, const struct path *path)
{
	(void)path;
	ends->links.take_frame = attach(ends->progs.take_frame, DEVICE);
}

/**
 * open_socket - receive by a UDP socket, until the process ends
 * @ends: which has the filter
 * @path: for the address
 */
void open_socket(struct ends *ends, const struct path *path)
{
	int fd = socket(path->target.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int filter = bpf_program__fd(ends->progs.take_packet);

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &filter, sizeof(filter)) ||
	    bind(fd, &path->target.any, sizeof(path->target)))
		err(1, "socket of the receiver");
}
