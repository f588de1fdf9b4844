// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The coming and going of the module: its family is told of by the kernel's
 * generic netlink controller.
 */
#include <string.h>

#include <libmnl/libmnl.h>

#include "sock.h"

/**
 * sluice_sock_told - what the controller tells of the module
 * @nlh: a message
 *
 * Return: CTRL_CMD_NEWFAMILY, CTRL_CMD_DELFAMILY, or 0 if it is none of these,
 * of another family or not the controller's.
 */
int sluice_sock_told(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	if (nlh->nlmsg_type != GENL_ID_CTRL ||
	    (genl->cmd != CTRL_CMD_NEWFAMILY && genl->cmd != CTRL_CMD_DELFAMILY))
		return 0;
	mnl_attr_for_each(attr, nlh, sizeof(*genl))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_NAME)
			return strcmp(mnl_attr_get_str(attr),
				      SLUICE_FAMILY_NAME) ? 0 : genl->cmd;
	return 0;
}

/**
 * sluice_watch_open - begin to watch the module come and go
 * @sock: where to put the socket, which is for sluice_watch_recv() only
 * @err: says why it failed
 *
 * Return: 0 or -errno; it is no failure if the module is not loaded.
 */
int sluice_watch_open(struct sluice_sock **sock, struct sluice_error *err)
{
	struct sluice_sock *new;
	int ret;

	ret = sluice_sock_new(&new, err);
	if (ret)
		return ret;
	ret = sluice_sock_join(new, SLUICE_CONTROLLER_GROUP, err);
	if (ret) {
		sluice_close(new);
		return ret;
	}
	*sock = new;
	return 0;
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
	const struct nlmsghdr *nlh = (const void *)sock->buf;
	int left = sluice_sock_listen(sock, changed, err);

	if (left < 0)
		return left;
	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		if (sluice_sock_told(nlh))
			*changed = true;
	return 0;
}
