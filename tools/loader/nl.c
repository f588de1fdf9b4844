// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of netlink that are not for the module.
 */
#include <errno.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "nl.h"

#define BUFFER_SIZE	32768

/* Closes the socket. */
static int failed(struct mnl_socket *nl, struct sluice_error *err)
{
	int ret = -errno;

	if (nl)
		mnl_socket_close(nl);
	sluice_error_set(err, ret, "netlink: %s", strerror(-ret));
	return ret;
}

static struct mnl_socket *open_socket(int bus)
{
	struct mnl_socket *nl = mnl_socket_open2(bus, SOCK_CLOEXEC);
	int on = 1;

	if (!nl)
		return NULL;
	mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &on, sizeof(on));
	return nl;
}

/*
 * Returns 1 if the answer is not at its end, 0 if it is, or -errno with @err
 * set.
 */
static int take_answer(const struct nlmsghdr *answer, int left,
		       const struct nlmsghdr *request, mnl_cb_t fn, void *arg,
		       struct sluice_error *err)
{
	for (; mnl_nlmsg_ok(answer, left);
	     answer = mnl_nlmsg_next(answer, &left)) {
		if (answer->nlmsg_type == NLMSG_DONE)
			return 0;
		if (answer->nlmsg_type == NLMSG_ERROR) {
			sluice_error_decode(err, answer, request);
			*err->attr = 0;
			return err->code;
		}
		if (fn)
			fn(answer, arg);
	}
	return 1;
}

/**
 * nl_ask - ask for a dump, or for something that is acknowledged
 * @bus: NETLINK_*
 * @request: what is asked
 * @fn: called for each message of the answer; NULL for none
 * @arg: passed to @fn
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int nl_ask(int bus, struct nlmsghdr *request, mnl_cb_t fn, void *arg,
	   struct sluice_error *err)
{
	struct mnl_socket *nl = open_socket(bus);
	char answer[BUFFER_SIZE];
	ssize_t len;
	int ret;

	if (!nl || mnl_socket_sendto(nl, request, request->nlmsg_len) < 0)
		return failed(nl, err);
	do {
		len = mnl_socket_recvfrom(nl, answer, sizeof(answer));
		if (len < 0)
			return failed(nl, err);
		ret = take_answer((void *)answer, len, request, fn, arg, err);
	} while (ret > 0);
	mnl_socket_close(nl);
	return ret;
}

/**
 * nl_begin - begin a request
 * @buffer: room for it, NL_REQUEST_SIZE
 * @type: of the message
 * @flags: NLM_F_*, but for NLM_F_REQUEST
 * @header: size of what comes before attributes, all zeroes
 *
 * Return: the request.
 */
struct nlmsghdr *nl_begin(char *buffer, uint16_t type, uint16_t flags,
			  size_t header)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	mnl_nlmsg_put_extra_header(nlh, header);
	return nlh;
}
