// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The coming and going of the module: its family is told of by the kernel's
 * generic netlink controller.
 */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "sock.h"

/* The controller's only group has the number of the controller itself. */
#define CONTROLLER_GROUP	GENL_ID_CTRL

/**
 * sluice_watch_open - begin to watch the module come and go
 * @sock: where to put the socket, which is for sluice_watch_recv() only
 * @err: says why it failed
 *
 * Return: 0 or -errno; it is no failure if the module is not loaded.
 */
int sluice_watch_open(struct sluice_sock **sock, struct sluice_error *err)
{
	int group = CONTROLLER_GROUP;
	struct sluice_sock *new;
	int ret;

	ret = sluice_sock_new(&new, err);
	if (ret)
		return ret;
	if (mnl_socket_setsockopt(new->nl, NETLINK_ADD_MEMBERSHIP, &group,
				  sizeof(group)) < 0) {
		ret = -errno;
		sluice_error_set(err, ret,
				 "joining the controller's group: %s",
				 strerror(-ret));
		sluice_close(new);
		return ret;
	}
	*sock = new;
	return 0;
}

static bool is_ours(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	if (nlh->nlmsg_type != GENL_ID_CTRL ||
	    (genl->cmd != CTRL_CMD_NEWFAMILY && genl->cmd != CTRL_CMD_DELFAMILY))
		return false;
	mnl_attr_for_each(attr, nlh, sizeof(*genl))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_NAME)
			return !strcmp(mnl_attr_get_str(attr),
				       SLUICE_FAMILY_NAME);
	return false;
}

/**
 * sluice_watch_recv - wait for what the controller tells
 * @sock: of sluice_watch_open()
 * @changed: set if the module came or went, or may have
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_watch_recv(struct sluice_sock *sock, bool *changed,
		      struct sluice_error *err)
{
	ssize_t len = mnl_socket_recvfrom(sock->nl, sock->buf,
					  sizeof(sock->buf));
	const struct nlmsghdr *nlh = (const void *)sock->buf;
	int left = len;

	*changed = len < 0 && errno == ENOBUFS;
	if (*changed)
		return 0;
	if (len < 0) {
		sluice_error_set(err, -errno, "receiving notifications: %s",
				 strerror(errno));
		return err->code;
	}
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		if (is_ours(nlh))
			*changed = true;
	return 0;
}
