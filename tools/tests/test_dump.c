// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dumps that change underneath, and lost notifications: libmnl's socket is
 * replaced by a script of what is received.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "sock.h"
#include "tap.h"

/* What mnl_socket_recvfrom() gives for each dump in turn. */
static struct script {
	unsigned int interrupted;	/* the first so many dumps */
	unsigned int objects;		/* in each dump */
	bool mark_end;			/* the mark is on the end alone */
	int error;			/* errno of receiving, once */
	unsigned int dumps;		/* asked for so far */
	unsigned int sent;		/* objects of this dump so far */
	uint32_t seq;
} script;

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req,
			  size_t size)
{
	const struct nlmsghdr *nlh = req;

	(void)nl;
	script.dumps++;
	script.sent = 0;
	script.seq = nlh->nlmsg_seq;
	return size;
}

static void put_object(struct nlmsghdr *nlh, unsigned int number)
{
	struct sluice_service service = {
		.has = SLUICE_SERVICE_KEY, .addr = { 4, { 10 } },
		.port = number, .proto = 6,
	};
	struct genlmsghdr *genl;

	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = SLUICE_CMD_SERVICE_NTF;
	sluice_put(nlh, SLUICE_A_SERVICE, &sluice_service_attrs, &service,
		   ~0U);
}

static void mark(struct nlmsghdr *nlh)
{
	bool end = nlh->nlmsg_type == NLMSG_DONE;

	if (script.dumps <= script.interrupted && end >= script.mark_end)
		nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf,
			    size_t size)
{
	struct nlmsghdr *nlh;

	(void)nl;
	(void)size;
	if (script.error) {
		errno = script.error;
		script.error = 0;
		return -1;
	}
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_seq = script.seq;
	nlh->nlmsg_type = 77;
	if (script.sent < script.objects) {
		put_object(nlh, ++script.sent);
	} else {
		nlh->nlmsg_type = NLMSG_DONE;
		*(int *)mnl_nlmsg_put_extra_header(nlh, sizeof(int)) = 0;
	}
	mark(nlh);
	return nlh->nlmsg_len;
}

struct seen {
	unsigned int count;
	unsigned int sum;
	unsigned int stop_at;
};

static int see(const struct sluice_msg *msg, void *arg)
{
	struct seen *seen = arg;

	seen->count++;
	seen->sum += msg->service.port;
	return seen->count == seen->stop_at ? -ECANCELED : 0;
}

static int dump(struct script how, struct seen *seen, struct sluice_error *err)
{
	static struct sluice_sock sock = { .family = 77 };

	script = how;
	return sluice_service_dump(&sock, see, seen, err);
}

static void check_dumps(void)
{
	struct sluice_error err;
	struct seen seen = { 0 };

	tap(!dump((struct script){ .objects = 0 }, &seen, &err) && !seen.count,
	    "an empty dump");

	memset(&seen, 0, sizeof(seen));
	tap(!dump((struct script){ .objects = 5000 }, &seen, &err) &&
	    seen.count == 5000 && script.dumps == 1,
	    "a long dump is asked for once");

	memset(&seen, 0, sizeof(seen));
	tap(!dump((struct script){ .objects = 3, .interrupted = 2 }, &seen,
		  &err) && seen.count == 3 && seen.sum == 6 &&
	    script.dumps == 3, "an interrupted dump is repeated, seen once");

	memset(&seen, 0, sizeof(seen));
	tap(!dump((struct script){ .objects = 3, .interrupted = 1,
				   .mark_end = true }, &seen, &err) &&
	    seen.count == 3 && script.dumps == 2,
	    "the mark may be on the end alone");

	memset(&seen, 0, sizeof(seen));
	tap(dump((struct script){ .objects = 3, .interrupted = 1000 }, &seen,
		 &err) == -EAGAIN && !seen.count &&
	    strstr(err.text, "kept changing"),
	    "what never stops changing is given up: %s", err.text);

	memset(&seen, 0, sizeof(seen));
	seen.stop_at = 2;
	tap(dump((struct script){ .objects = 3 }, &seen, &err) == -ECANCELED &&
	    seen.count == 2, "the callback can end a dump");

	memset(&seen, 0, sizeof(seen));
	tap(!dump((struct script){ .objects = 3, .error = EINTR }, &seen,
		  &err) && seen.count == 3, "a signal does not end a dump");

	tap(dump((struct script){ .objects = 3, .error = ENOBUFS }, &seen,
		 &err) == -ENOBUFS, "a failure to receive ends a dump");
}

static void check_monitor(void)
{
	static struct sluice_sock sock = { .family = 77 };
	struct seen seen = { 0 };
	struct sluice_error err;
	bool lost = false;

	script = (struct script){ .objects = 1, .error = ENOBUFS };
	tap(!sluice_monitor_recv(&sock, see, &seen, &lost, &err) && lost &&
	    !seen.count, "lost notifications are told");
	tap(!sluice_monitor_recv(&sock, see, &seen, &lost, &err) && !lost &&
	    seen.count == 1, "those that follow are received");
	script.error = EINTR;
	tap(sluice_monitor_recv(&sock, see, &seen, &lost, &err) == -EINTR,
	    "a signal ends the wait");
}

int main(void)
{
	tap_begin();
	check_dumps();
	check_monitor();
	return tap_end();
}
