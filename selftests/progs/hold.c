// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hold packets of a netfilter queue until told to let them go.
 * libs: -lmnl
 *
 * usage: hold QUEUE
 *
 * Prints "ready" when it listens and "held" for each packet. When it gets
 * SIGUSR1 it lets go what it holds, prints "gone" and ends.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>

#define HELD_MAX	64

static struct mnl_socket *nl;
static uint16_t queue;
static uint32_t held[HELD_MAX];
static unsigned int count;
static volatile sig_atomic_t told;

static void tell(int signal)
{
	(void)signal;
	told = 1;
}

static struct nlmsghdr *begin(char *buffer, int type)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *nfg;

	nlh->nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = AF_UNSPEC;
	nfg->version = NFNETLINK_V0;
	nfg->res_id = htons(queue);
	return nlh;
}

static void send_to_kernel(const struct nlmsghdr *nlh)
{
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		err(1, "netlink");
}

static void bind_queue(void)
{
	const struct nfqnl_msg_config_cmd cmd = { .command = NFQNL_CFG_CMD_BIND };
	const struct nfqnl_msg_config_params params = {
		.copy_mode = NFQNL_COPY_META,
	};
	char buffer[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = begin(buffer, NFQNL_MSG_CONFIG);

	mnl_attr_put(nlh, NFQA_CFG_CMD, sizeof(cmd), &cmd);
	mnl_attr_put(nlh, NFQA_CFG_PARAMS, sizeof(params), &params);
	send_to_kernel(nlh);
}

static int hold(const struct nlmsghdr *nlh, void *data)
{
	const struct nfqnl_msg_packet_hdr *header;
	const struct nlattr *attr;

	(void)data;
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(attr) != NFQA_PACKET_HDR ||
		    count == HELD_MAX)
			continue;
		header = mnl_attr_get_payload(attr);
		held[count++] = header->packet_id;
		puts("held");
	}
	return MNL_CB_OK;
}

static void let_go(uint32_t id)
{
	struct nfqnl_msg_verdict_hdr verdict = {
		.verdict = htonl(NF_ACCEPT), .id = id,
	};
	char buffer[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = begin(buffer, NFQNL_MSG_VERDICT);

	mnl_attr_put(nlh, NFQA_VERDICT_HDR, sizeof(verdict), &verdict);
	send_to_kernel(nlh);
}

static void hold_until_told(const sigset_t *before)
{
	struct pollfd fd = { .fd = mnl_socket_get_fd(nl), .events = POLLIN };
	char buffer[MNL_SOCKET_BUFFER_SIZE];
	ssize_t len;

	while (!told) {
		if (ppoll(&fd, 1, NULL, before) <= 0)
			continue;
		len = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));
		if (len < 0 || mnl_cb_run(buffer, len, 0, 0, hold, NULL) < 0)
			err(1, "queue %u", queue);
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = tell };
	sigset_t block, before;
	unsigned int i;

	if (argc != 2)
		errx(2, "usage: hold QUEUE");
	queue = atoi(argv[1]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, &before);
	sigaction(SIGUSR1, &action, NULL);
	nl = mnl_socket_open(NETLINK_NETFILTER);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		err(1, "netlink");
	bind_queue();
	puts("ready");
	hold_until_told(&before);
	for (i = 0; i < count; i++)
		let_go(held[i]);
	puts("gone");
	return 0;
}
