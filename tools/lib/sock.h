/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The library's inside: the socket, and requests over it.
 */
#ifndef SLUICE_SOCK_H
#define SLUICE_SOCK_H

#include <stddef.h>
#include <stdint.h>

#include <linux/genetlink.h>

#include "libsluice.h"

/* Greater than any message the kernel builds for a dump or a notification. */
#define SLUICE_RECV_SIZE	65536
/* Two lists of prefixes, and what else an object can have. */
#define SLUICE_REQUEST_SIZE	(36 * 1024)

/* The controller's only group has the number of the controller itself. */
#define SLUICE_CONTROLLER_GROUP	GENL_ID_CTRL

struct mnl_socket;

/**
 * struct sluice_sock - a netlink socket of the namespace it was opened in
 * @nl: the socket
 * @family: the family's message type
 * @group: multicast group numbers, by the bit of SLUICE_GROUP_*
 * @seq: of the last request
 * @interrupted: something changed while the kernel was dumping
 * @buf: what was received last
 */
struct sluice_sock {
	struct mnl_socket *nl;
	uint16_t family;
	uint32_t group[3];
	uint32_t seq;
	bool interrupted;
	char buf[SLUICE_RECV_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* A message about to be sent, with room for what is appended to it. */
struct sluice_request {
	union {
		struct nlmsghdr nlh;
		char room[SLUICE_REQUEST_SIZE];
	};
};

/* Called for each answer that is not an error or the end. */
typedef int (*sluice_answer_fn)(const struct nlmsghdr *nlh, void *arg);

int sluice_sock_new(struct sluice_sock **sock, struct sluice_error *err);
void sluice_request_init(struct sluice_request *req, struct sluice_sock *sock,
			 uint8_t cmd, unsigned int flags);
void sluice_sock_make_room(struct sluice_sock *sock, size_t size);
int sluice_sock_ask(struct sluice_sock *sock, struct nlmsghdr *nlh,
		    sluice_answer_fn fn, void *arg, struct sluice_error *err);
int sluice_sock_join(struct sluice_sock *sock, uint32_t group,
		     struct sluice_error *err);
int sluice_sock_told(const struct nlmsghdr *nlh);
int sluice_sock_listen(struct sluice_sock *sock, bool *lost,
		       struct sluice_error *err);
int sluice_sock_dump(struct sluice_sock *sock, struct sluice_request *req,
		     sluice_msg_fn fn, void *arg, struct sluice_error *err);

#endif /* SLUICE_SOCK_H */
