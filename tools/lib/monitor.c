// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Notifications: joining the groups, receiving and decoding.
 */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "sock.h"

/* Room for a burst: the answer to loading thousands of services. */
#define MONITOR_RCVBUF	(8 << 20)

static void widen_buffer(struct sluice_sock *sock)
{
	int fd = mnl_socket_get_fd(sock->nl);
	int size = MONITOR_RCVBUF;

	/* Beyond the system's limit needs privilege; up to it does not. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/**
 * sluice_monitor_join - begin to receive notifications
 * @sock: the socket; from now on only for sluice_monitor_recv()
 * @groups: SLUICE_GROUP_*
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_monitor_join(struct sluice_sock *sock, unsigned int groups,
			struct sluice_error *err)
{
	size_t i;
	int ret;

	widen_buffer(sock);
	for (i = 0; i < MNL_ARRAY_SIZE(sock->group); i++) {
		if (!(groups & (1U << i)))
			continue;
		ret = sluice_sock_join(sock, sock->group[i], err);
		if (ret)
			return ret;
	}
	if (!(groups & SLUICE_GROUP_MODULE))
		return 0;
	return sluice_sock_join(sock, SLUICE_CONTROLLER_GROUP, err);
}

/* Nothing more comes, even if the module is loaded again. */
static int refuse_unloaded(struct sluice_error *err)
{
	sluice_error_set(err, -ENODEV, "module sluice has been unloaded");
	return -ENODEV;
}

static int pass_on(struct sluice_sock *sock, size_t len, sluice_msg_fn fn,
		   void *arg, struct sluice_error *err)
{
	const struct nlmsghdr *nlh = (const void *)sock->buf;
	struct sluice_msg msg;
	int left = len;
	int ret;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (sluice_sock_told(nlh) == CTRL_CMD_DELFAMILY)
			return refuse_unloaded(err);
		if (nlh->nlmsg_type != sock->family)
			continue;
		ret = sluice_decode(nlh, &msg);
		if (!ret)
			ret = fn(&msg, arg);
		if (ret) {
			sluice_error_set(err, ret, NULL);
			return ret;
		}
	}
	return 0;
}

/**
 * sluice_monitor_recv - wait for notifications and decode them
 * @sock: a socket that joined groups
 * @fn: called for each
 * @arg: passed to @fn
 * @lost: set if the kernel had to drop some for want of room in the socket;
 *	the next call goes on with those that follow
 * @err: says why it failed
 *
 * Return: 0 or -errno; -ENODEV if the module was unloaded, -EINTR if a signal
 * came.
 */
int sluice_monitor_recv(struct sluice_sock *sock, sluice_msg_fn fn, void *arg,
			bool *lost, struct sluice_error *err)
{
	int len = sluice_sock_listen(sock, lost, err);

	return len < 0 ? len : pass_on(sock, len, fn, arg, err);
}
