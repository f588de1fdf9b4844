// SPDX-License-Identifier: GPL-2.0
/*
 * UDP ends for the selftests.
 *
 * udp serve PORT NAME
 *	Answer every request with a line "NAME [hop] [dst] [opt]" followed by
 *	the request itself. The words say which extension headers or IPv4
 *	options the request had.
 *
 * udp ask [OPTION...] ADDRESS PORT
 *	Send requests from one connected socket and print the first line of
 *	each answer, "lost" for none in time, "garbled" for one whose rest is
 *	not the request, or what an ICMP error said: "refused", "unreachable",
 *	"too big". Between requests wait for a line of standard input with -i.
 *	-c COUNT  requests (1)
 *	-s SIZE   bytes of each request (64)
 *	-g BYTES  requests together are SIZE bytes: the sender hands them down as
 *		  one packet, to be segmented into so much (UDP_SEGMENT)
 *	-p PORT   source port (one that no other process has had)
 *	-t MSEC   how long to wait for an answer (3000)
 *	-z        IPv4 without a UDP checksum
 *	-x KIND   hop, dst: an IPv6 extension header; opt: IPv4 options
 *	-d        don't fragment
 *	-l HOPS   hop limit
 *	-e        with what an ICMP error said its type and who sent it
 *	-i        interactive
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BIG 65536

struct request {
	int count;
	int size;
	int segment;
	int timeout;
	const char *sport;
	const char *extension;
	const char *hops;
	bool no_check;
	bool dont_fragment;
	bool explain;
	bool interactive;
};

static void set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		err(1, "setsockopt %d %d", level, option);
}

static void enable(int fd, int level, int option)
{
	set(fd, level, option, 1);
}

/* Which headers came with a message, as words. */
static void name_headers(struct msghdr *msg, char *words, size_t size)
{
	struct cmsghdr *c;

	words[0] = '\0';
	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_HOPOPTS)
			strncat(words, " hop", size - strlen(words) - 1);
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_DSTOPTS)
			strncat(words, " dst", size - strlen(words) - 1);
		if (c->cmsg_level == IPPROTO_IP &&
		    c->cmsg_type == IP_RECVOPTS)
			strncat(words, " opt", size - strlen(words) - 1);
	}
}

/*
 * Turn the control data of a request into that of its answer: send it from the
 * address that was asked, by whatever device. Returns its length.
 */
static size_t answer_from_asked(struct msghdr *msg, char *control)
{
	struct cmsghdr *c, *to = (struct cmsghdr *)control;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_type != (c->cmsg_level == IPPROTO_IP ?
				     IP_PKTINFO : IPV6_PKTINFO))
			continue;
		memcpy(to, c, c->cmsg_len);
		if (c->cmsg_level == IPPROTO_IP) {
			struct in_pktinfo *info = (void *)CMSG_DATA(to);

			info->ipi_ifindex = 0;
			info->ipi_spec_dst = info->ipi_addr;
			return CMSG_SPACE(sizeof(*info));
		}
		((struct in6_pktinfo *)CMSG_DATA(to))->ipi6_ifindex = 0;
		return CMSG_SPACE(sizeof(struct in6_pktinfo));
	}
	return 0;
}

static void answer_one(int fd, const char *name)
{
	static char request[BIG], answer[2 * BIG];
	struct sockaddr_storage from;
	struct iovec iov = { request, sizeof(request) };
	char control[512], words[32];
	_Alignas(struct cmsghdr) char asked[128] = "";
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t len;
	int head;

	len = recvmsg(fd, &msg, 0);
	if (len < 0)
		return;
	name_headers(&msg, words, sizeof(words));
	head = snprintf(answer, sizeof(answer), "%s%s\n", name, words);
	memcpy(answer + head, request, len);
	msg.msg_controllen = answer_from_asked(&msg, asked);
	msg.msg_control = asked;
	iov = (struct iovec) { answer, head + len };
	sendmsg(fd, &msg, 0);
}

static int listener(int family, int port)
{
	struct sockaddr_in6 any6 = { .sin6_family = AF_INET6,
				     .sin6_port = htons(port) };
	struct sockaddr_in any4 = { .sin_family = AF_INET,
				    .sin_port = htons(port) };
	int fd = socket(family, SOCK_DGRAM, 0);

	if (fd < 0)
		err(1, "socket");
	if (family == AF_INET6) {
		enable(fd, IPPROTO_IPV6, IPV6_V6ONLY);
		enable(fd, IPPROTO_IPV6, IPV6_RECVHOPOPTS);
		enable(fd, IPPROTO_IPV6, IPV6_RECVDSTOPTS);
		enable(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
		if (bind(fd, (struct sockaddr *)&any6, sizeof(any6)))
			err(1, "bind");
	} else {
		enable(fd, IPPROTO_IP, IP_RECVOPTS);
		enable(fd, IPPROTO_IP, IP_PKTINFO);
		if (bind(fd, (struct sockaddr *)&any4, sizeof(any4)))
			err(1, "bind");
	}
	return fd;
}

static int serve(int argc, char **argv)
{
	struct pollfd fds[2];

	if (argc != 4)
		errx(2, "usage: udp serve PORT NAME");
	fds[0] = (struct pollfd) { listener(AF_INET, atoi(argv[2])), POLLIN, 0 };
	fds[1] = (struct pollfd) { listener(AF_INET6, atoi(argv[2])), POLLIN, 0 };

	while (poll(fds, 2, -1) > 0)
		for (int i = 0; i < 2; i++)
			if (fds[i].revents)
				answer_one(fds[i].fd, argv[3]);
	err(1, "poll");
}

static void extend(int fd, const char *kind)
{
	static const unsigned char pad[8] = { 0, 0, 1, 4 };	/* PadN */
	static const unsigned char nops[4] = { 1, 1, 1, 0 };
	int failed;

	if (!strcmp(kind, "hop"))
		failed = setsockopt(fd, IPPROTO_IPV6, IPV6_HOPOPTS, pad, 8);
	else if (!strcmp(kind, "dst"))
		failed = setsockopt(fd, IPPROTO_IPV6, IPV6_DSTOPTS, pad, 8);
	else
		failed = setsockopt(fd, IPPROTO_IP, IP_OPTIONS, nops, 4);
	if (failed)
		err(1, "extension header %s", kind);
}

/* Whether the port was to be had */
static bool bind_port(int fd, int family, const char *port)
{
	struct addrinfo hints = { .ai_family = family,
				  .ai_socktype = SOCK_DGRAM,
				  .ai_flags = AI_PASSIVE }, *ai;
	int error = 0;

	if (getaddrinfo(NULL, port, &hints, &ai))
		errx(2, "bad source port %s", port);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen))
		error = errno;
	freeaddrinfo(ai);
	if (error && error != EADDRINUSE)
		errx(1, "bind %s: %s", port, strerror(error));
	return !error;
}

/*
 * A port that the kernel has chosen may be that of a flow of some earlier run:
 * one of a process is not, for a long time. It is one that the kernel could
 * have chosen, and does if somebody else has it.
 */
static void bind_own_port(int fd, int family)
{
	char port[8];

	snprintf(port, sizeof(port), "%d", 32768 + getpid() % 28000);
	bind_port(fd, family, port);
}

/* Errors are reported as they come in. */
static void set_path_options(int fd, int family, const struct request *r)
{
	bool v6 = family == AF_INET6;
	int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;

	enable(fd, level, v6 ? IPV6_RECVERR : IP_RECVERR);
	if (r->dont_fragment)
		set(fd, level, v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
		    v6 ? IPV6_PMTUDISC_DO : IP_PMTUDISC_DO);
	if (r->hops)
		set(fd, level, v6 ? IPV6_UNICAST_HOPS : IP_TTL, atoi(r->hops));
}

static int connected(const struct request *r, const char *addr,
		     const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
				  .ai_flags = AI_NUMERICHOST }, *ai;
	int fd;

	if (getaddrinfo(addr, port, &hints, &ai))
		errx(2, "bad address %s %s", addr, port);
	fd = socket(ai->ai_family, SOCK_DGRAM, 0);
	if (fd < 0)
		err(1, "socket");
	if (r->no_check)
		enable(fd, SOL_SOCKET, SO_NO_CHECK);
	if (r->extension)
		extend(fd, r->extension);
	if (r->segment)
		set(fd, SOL_UDP, UDP_SEGMENT, r->segment);
	set_path_options(fd, ai->ai_family, r);
	if (!r->sport)
		bind_own_port(fd, ai->ai_family);
	else if (!bind_port(fd, ai->ai_family, r->sport))
		errx(1, "port %s is in use", r->sport);
	if (connect(fd, ai->ai_addr, ai->ai_addrlen))
		err(1, "connect");
	freeaddrinfo(ai);
	return fd;
}

static const char *error_word(int error)
{
	switch (error) {
	case ECONNREFUSED:	return "refused";
	case EMSGSIZE:		return "too big";
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EACCES:		return "unreachable";
	default:		return strerror(error);
	}
}

/* The error that came last, as the socket's queue has it */
static void print_explanation(int fd)
{
	_Alignas(struct cmsghdr) char control[512];
	struct msghdr msg = { .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct sock_extended_err *error;
	char from[INET6_ADDRSTRLEN];
	struct sockaddr *sender;
	struct cmsghdr *c;

	if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_type != (c->cmsg_level == IPPROTO_IP ?
				     IP_RECVERR : IPV6_RECVERR))
			continue;
		error = (void *)CMSG_DATA(c);
		sender = SO_EE_OFFENDER(error);
		inet_ntop(sender->sa_family, sender->sa_family == AF_INET ?
			  (void *)&((struct sockaddr_in *)sender)->sin_addr :
			  (void *)&((struct sockaddr_in6 *)sender)->sin6_addr,
			  from, sizeof(from));
		printf(" %d %s", error->ee_type, from);
	}
}

static void print_error(int fd, const struct request *r, int error)
{
	fputs(error_word(error), stdout);
	if (r->explain)
		print_explanation(fd);
	putchar('\n');
}

/* Errors that came late belong to earlier requests. */
static void forget_errors(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		;
}

/* Take these bytes from a request that was cut into parts; answers to parts may
 * come in any order.
 */
static bool take_part(const struct request *r, char *request, const char *part,
		      int size)
{
	int step = r->segment ? r->segment : r->size, at, left;

	for (at = 0; at < r->size; at += step) {
		left = r->size - at;
		if (size != (left < step ? left : step) ||
		    memcmp(part, request + at, size))
			continue;
		memset(request + at, 0, size);
		return true;
	}
	return false;
}

static void print_answer(int fd, const struct request *r, char *request)
{
	static char answer[2 * BIG];
	struct pollfd pfd = { fd, POLLIN, 0 };
	char *rest;
	ssize_t len;

	if (poll(&pfd, 1, r->timeout) <= 0) {
		puts("lost");
		return;
	}
	len = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
	if (len < 0) {
		print_error(fd, r, errno);
		return;
	}
	rest = memchr(answer, '\n', len);
	if (!rest ||
	    !take_part(r, request, rest + 1, answer + len - (rest + 1))) {
		puts("garbled");
		return;
	}
	printf("%.*s\n", (int)(rest - answer), answer);
}

static void ask_once(int fd, const struct request *r, int number)
{
	static char request[BIG];
	int part = r->segment ? r->segment : r->size;

	forget_errors(fd);
	for (int i = 0; i < r->size; i++)
		request[i] = 'a' + (i + number) % 26;
	if (send(fd, request, r->size, 0) != r->size) {
		print_error(fd, r, errno);
		return;
	}
	for (int at = 0; at < r->size; at += part)
		print_answer(fd, r, request);
}

static void parse_options(struct request *r, int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "c:s:g:p:t:l:zx:dei")) != -1) {
		switch (opt) {
		case 'c': r->count = atoi(optarg); break;
		case 's': r->size = atoi(optarg); break;
		case 'g': r->segment = atoi(optarg); break;
		case 'p': r->sport = optarg; break;
		case 't': r->timeout = atoi(optarg); break;
		case 'l': r->hops = optarg; break;
		case 'd': r->dont_fragment = true; break;
		case 'e': r->explain = true; break;
		case 'z': r->no_check = true; break;
		case 'x': r->extension = optarg; break;
		case 'i': r->interactive = true; break;
		default: errx(2, "unknown option");
		}
	}
}

static int ask(int argc, char **argv)
{
	struct request r = { .count = 1, .size = 64, .timeout = 3000 };
	char line[16];
	int fd;

	parse_options(&r, argc - 1, argv + 1);
	argv += optind + 1;
	if (!argv[0] || !argv[1] || r.size > 65000)
		errx(2, "usage: udp ask [OPTION...] ADDRESS PORT");
	fd = connected(&r, argv[0], argv[1]);
	setlinebuf(stdout);
	for (int i = 0; i < r.count; i++) {
		if (r.interactive && !fgets(line, sizeof(line), stdin))
			break;
		ask_once(fd, &r, i);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "serve"))
		return serve(argc, argv);
	if (argc > 1 && !strcmp(argv[1], "ask"))
		return ask(argc, argv);
	errx(2, "usage: udp serve|ask ...");
}
