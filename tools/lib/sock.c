// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The socket: opening it, finding the family, requests and dumps.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "sock.h"

/* How often a dump that changed underneath is asked for again. */
#define DUMP_TRIES	10

/**
 * sluice_request_init - begin a request
 * @req: the request
 * @sock: the socket it will be sent on
 * @cmd: enum sluice_cmd
 * @flags: NLM_F_* besides NLM_F_REQUEST
 */
void sluice_request_init(struct sluice_request *req, struct sluice_sock *sock,
			 uint8_t cmd, unsigned int flags)
{
	struct genlmsghdr *genl;

	mnl_nlmsg_put_header(req);
	req->nlh.nlmsg_type = sock->family;
	req->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(&req->nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = SLUICE_FAMILY_VERSION;
}

static int send_request(struct sluice_sock *sock, struct nlmsghdr *nlh,
			struct sluice_error *err)
{
	nlh->nlmsg_seq = ++sock->seq;
	sock->interrupted = false;
	if (mnl_socket_sendto(sock->nl, nlh, nlh->nlmsg_len) < 0) {
		sluice_error_set(err, -errno, "sending a request: %s",
				 strerror(errno));
		return err->code;
	}
	return 0;
}

static ssize_t receive(struct sluice_sock *sock, struct sluice_error *err)
{
	ssize_t len;

	do {
		len = mnl_socket_recvfrom(sock->nl, sock->buf,
					  sizeof(sock->buf));
	} while (len < 0 && errno == EINTR);
	if (len < 0) {
		sluice_error_set(err, -errno, "receiving an answer: %s",
				 strerror(errno));
		return err->code;
	}
	return len;
}

static bool is_end(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE;
}

/*
 * Pass on what was received. Returns 0 after the end of the answers, 1 while
 * more are to come, and -errno.
 */
static int take_answers(struct sluice_sock *sock, size_t received,
			const struct nlmsghdr *request,
			sluice_answer_fn fn, void *arg,
			struct sluice_error *err)
{
	const struct nlmsghdr *nlh = (const void *)sock->buf;
	int left = received;
	int ret;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_seq != request->nlmsg_seq)
			continue;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			sock->interrupted = true;
		if (is_end(nlh)) {
			sluice_error_decode(err, nlh, request);
			return err->code;
		}
		ret = fn ? fn(nlh, arg) : 0;
		if (ret) {
			sluice_error_set(err, ret, NULL);
			return ret;
		}
	}
	return 1;
}

/**
 * sluice_sock_ask - send a request and take its answers
 * @sock: the socket
 * @nlh: the request; must ask for an ACK or be a dump
 * @fn: called for each answer; may be NULL
 * @arg: passed to @fn
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_sock_ask(struct sluice_sock *sock, struct nlmsghdr *nlh,
		    sluice_answer_fn fn, void *arg, struct sluice_error *err)
{
	ssize_t len;
	int ret;

	ret = send_request(sock, nlh, err);
	if (ret)
		return ret;
	do {
		len = receive(sock, err);
		if (len < 0)
			return len;
		ret = take_answers(sock, len, nlh, fn, arg, err);
	} while (ret > 0);
	return ret;
}

/**
 * sluice_sock_make_room - have the socket take a message of any size
 * @sock: the socket
 * @size: of the message
 *
 * Without the right to more, it is as much as everybody may have; sending says
 * if that is too little.
 */
void sluice_sock_make_room(struct sluice_sock *sock, size_t size)
{
	int fd = mnl_socket_get_fd(sock->nl);
	int bytes = size < INT_MAX / 2 ? size + 4096 : INT_MAX / 2;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

/**
 * struct collection - a dump's messages, kept until it proves consistent
 * @data: the messages, one after another, each aligned
 * @used: their length
 * @room: what is allocated
 */
struct collection {
	char *data;
	size_t used;
	size_t room;
};

static int collect(const struct nlmsghdr *nlh, void *arg)
{
	size_t len = MNL_ALIGN(nlh->nlmsg_len);
	struct collection *all = arg;
	char *data;

	if (all->used + len > all->room) {
		size_t room = 2 * all->room + SLUICE_RECV_SIZE;

		data = realloc(all->data, room);
		if (!data)
			return -ENOMEM;
		all->data = data;
		all->room = room;
	}
	memcpy(all->data + all->used, nlh, nlh->nlmsg_len);
	all->used += len;
	return 0;
}

static int collect_consistent(struct sluice_sock *sock,
			      struct sluice_request *req,
			      struct collection *all, struct sluice_error *err)
{
	unsigned int tries;
	int ret;

	for (tries = 0; tries < DUMP_TRIES; tries++) {
		all->used = 0;
		ret = sluice_sock_ask(sock, &req->nlh, collect, all, err);
		if (ret)
			return ret;
		if (!sock->interrupted)
			return 0;
	}
	sluice_error_set(err, -EAGAIN,
			 "the configuration kept changing while it was read");
	return -EAGAIN;
}

static int pass_on(const struct collection *all, sluice_msg_fn fn, void *arg,
		   struct sluice_error *err)
{
	struct sluice_msg msg;
	size_t pos = 0;
	int ret;

	while (pos < all->used) {
		const struct nlmsghdr *nlh = (const void *)(all->data + pos);

		ret = sluice_decode(nlh, &msg);
		if (!ret)
			ret = fn(&msg, arg);
		if (ret) {
			sluice_error_set(err, ret, NULL);
			return ret;
		}
		pos += MNL_ALIGN(nlh->nlmsg_len);
	}
	return 0;
}

/**
 * sluice_sock_dump - take a consistent dump
 * @sock: the socket
 * @req: the request
 * @fn: called for each object, when all of them are there
 * @arg: passed to @fn
 * @err: says why it failed
 *
 * A dump during which something changed is thrown away and asked for again.
 *
 * Return: 0 or -errno.
 */
int sluice_sock_dump(struct sluice_sock *sock, struct sluice_request *req,
		     sluice_msg_fn fn, void *arg, struct sluice_error *err)
{
	struct collection all = { NULL };
	int ret;

	req->nlh.nlmsg_flags |= NLM_F_DUMP;
	ret = collect_consistent(sock, req, &all, err);
	if (!ret)
		ret = pass_on(&all, fn, arg, err);
	free(all.data);
	return ret;
}

static void note_group(struct sluice_sock *sock, const struct nlattr *group)
{
	static const char * const names[] = {
		SLUICE_MCGRP_CONFIG, SLUICE_MCGRP_EVENTS, SLUICE_MCGRP_FLOWS
	};
	const char *name = "";
	const struct nlattr *attr;
	uint32_t id = 0;
	size_t i;

	mnl_attr_for_each_nested(attr, group) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME)
			name = mnl_attr_get_str(attr);
		else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
			id = mnl_attr_get_u32(attr);
	}
	for (i = 0; i < MNL_ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			sock->group[i] = id;
}

static int note_family(const struct nlmsghdr *nlh, void *arg)
{
	struct sluice_sock *sock = arg;
	const struct nlattr *attr;
	const struct nlattr *group;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			sock->family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		mnl_attr_for_each_nested(group, attr)
			note_group(sock, group);
	}
	return 0;
}

static int find_family(struct sluice_sock *sock, struct sluice_error *err)
{
	struct sluice_request req;
	int ret;

	sock->family = GENL_ID_CTRL;
	sluice_request_init(&req, sock, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	mnl_attr_put_strz(&req.nlh, CTRL_ATTR_FAMILY_NAME, SLUICE_FAMILY_NAME);
	ret = sluice_sock_ask(sock, &req.nlh, note_family, sock, err);
	if (ret == -ENOENT)
		sluice_error_set(err, ret, "module sluice is not loaded");
	return ret;
}

static int bind_socket(struct sluice_sock *sock)
{
	int on = 1;

	sock->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!sock->nl || mnl_socket_bind(sock->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	if (mnl_socket_setsockopt(sock->nl, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    mnl_socket_setsockopt(sock->nl, NETLINK_CAP_ACK, &on, sizeof(on)) ||
	    mnl_socket_setsockopt(sock->nl, NETLINK_GET_STRICT_CHK, &on,
				  sizeof(on)))
		return -errno;
	return 0;
}

/**
 * sluice_sock_new - open a socket, whether the module is loaded or not
 * @sock: where to put it
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_sock_new(struct sluice_sock **sock, struct sluice_error *err)
{
	struct sluice_sock *new = calloc(1, sizeof(*new));
	int ret = new ? bind_socket(new) : -ENOMEM;

	if (ret) {
		sluice_error_set(err, ret, "opening a netlink socket: %s",
				 strerror(-ret));
		sluice_close(new);
		return ret;
	}
	*sock = new;
	return 0;
}

/**
 * sluice_open - open a socket in the current network namespace
 * @sock: where to put it
 * @err: says why it failed
 *
 * Return: 0 or -errno; -ENOENT if the module is not loaded.
 */
int sluice_open(struct sluice_sock **sock, struct sluice_error *err)
{
	struct sluice_sock *new;
	int ret = sluice_sock_new(&new, err);

	if (ret)
		return ret;
	ret = find_family(new, err);
	if (ret) {
		sluice_close(new);
		return ret;
	}
	*sock = new;
	return 0;
}

/**
 * sluice_fd - what poll() can wait for
 * @sock: the socket
 *
 * Return: its file descriptor; to be made non-blocking only where nothing is
 * asked, as sluice_monitor_recv() and sluice_watch_recv() return -EAGAIN then.
 */
int sluice_fd(const struct sluice_sock *sock)
{
	return mnl_socket_get_fd(sock->nl);
}

/**
 * sluice_close - close a socket
 * @sock: the socket; may be NULL
 */
void sluice_close(struct sluice_sock *sock)
{
	if (!sock)
		return;
	if (sock->nl)
		mnl_socket_close(sock->nl);
	free(sock);
}

/**
 * sluice_sock_join - begin to receive a multicast group's notifications
 * @sock: the socket; from now on only for sluice_sock_listen()
 * @group: the group's number
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int sluice_sock_join(struct sluice_sock *sock, uint32_t group,
		     struct sluice_error *err)
{
	if (mnl_socket_setsockopt(sock->nl, NETLINK_ADD_MEMBERSHIP, &group,
				  sizeof(group)) >= 0)
		return 0;
	sluice_error_set(err, -errno, "joining a multicast group: %s",
			 strerror(errno));
	return err->code;
}

/**
 * sluice_sock_listen - wait for notifications
 * @sock: the socket, which gets them in its buffer
 * @lost: set if the kernel had to drop some for want of room in the socket;
 *	the next call goes on with those that follow
 * @err: says why it failed
 *
 * Return: their length in bytes, 0 if some were lost, or -errno; -EINTR if a
 * signal came.
 */
int sluice_sock_listen(struct sluice_sock *sock, bool *lost,
		       struct sluice_error *err)
{
	ssize_t len = mnl_socket_recvfrom(sock->nl, sock->buf,
					  sizeof(sock->buf));

	*lost = len < 0 && errno == ENOBUFS;
	if (*lost)
		return 0;
	if (len >= 0)
		return len;
	sluice_error_set(err, -errno, "receiving notifications: %s",
			 strerror(errno));
	return err->code;
}
