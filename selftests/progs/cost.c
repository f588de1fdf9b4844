// SPDX-License-Identifier: GPL-2.0
/*
 * What one operation costs, for the benchmark: see watch.h for the clock.
 *
 * cost serve ADDRESS PORT
 *	At this address, which may be 0.0.0.0 or ::.
 *	UDP: send each datagram back. TCP: take connections one after the
 *	other, read what comes until the client closes, and answer requests.
 *
 * cost WORK MSEC ADDRESS PORT
 *	Warm up, then do rounds of operations that take about MSEC
 *	milliseconds until two rounds in a row agree to 0.3 percent.
 *	Print the average of these two.
 *	udp_rr          a request and its answer, on one socket
 *	udp_new         the same, from another source port each time
 *	udp_new_cold    as udp_new, from another address each time: those from
 *			10.244.128.1 or fd00:10:244:0:1::1 on
 *	udp_new_removed as udp_new, and what ends the flows: each round waits
 *			for that, and 1 percent will do
 *	udp_flood       a request and its answer beside one of somebody
 *			else, a new one each time, less what that costs
 *	tcp_rr          as udp_rr, by TCP
 *	tcp_cc          connect and close, from another port each time
 *	tcp_cc_removed  as tcp_cc, and what ends the connections
 *	tcp_stream_kib  send 1 KiB of a stream
 *
 * cost fill COUNT ADDRESS PORT [EACH]
 *	Send as many UDP datagrams, each from another port, 50,000 or EACH from
 *	each of the addresses from 198.18.0.1 or 2001:2::1 on.
 *
 * cost run COMMAND [ARGUMENT...]
 *	Run a command and print what it cost, process start and all. If it
 *	fails, so does this.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "watch.h"

#define ROUNDS_MAX	10
#define WARM_UP		(2 * CHUNK_KIB)
#define FIRST_PORT	10000
#define LAST_PORT	60000
#define KIB		1024
#define CHUNK_KIB	64
#define LIFETIME	150	/* seconds, after which every flow has ended */
#define PODS		32766
#define NEWCOMERS	5000000	/* nobody that "fill" has sent for */

/* --------------------------------------------------------------- addresses */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool is_v6(const union address *address)
{
	return address->any.sa_family == AF_INET6;
}

static socklen_t size_of(const union address *address)
{
	return is_v6(address) ? sizeof(address->v6) : sizeof(address->v4);
}

/* It is in the same place in both families. */
static in_port_t *port_of(union address *address)
{
	return &address->v4.sin_port;
}

static union address address(const char *text, const char *port)
{
	union address to = { 0 };

	if (inet_pton(AF_INET, text, &to.v4.sin_addr) == 1)
		to.any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &to.v6.sin6_addr) == 1)
		to.any.sa_family = AF_INET6;
	else
		errx(2, "bad address %s", text);
	*port_of(&to) = htons(atoi(port));
	return to;
}

/* ------------------------------------------------------------------ server */

static int bound(int type, const union address *at)
{
	int fd = socket(at->any.sa_family, type, 0);
	int one = 1;

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &at->any, size_of(at)))
		err(1, "bind");
	return fd;
}

static const char request[64] = "request";

static void serve_udp(int fd)
{
	union address from;
	char data[2048];
	socklen_t size;
	ssize_t len;

	for (;;) {
		size = sizeof(from);
		len = recvfrom(fd, data, sizeof(data), 0, &from.any, &size);
		if (len >= 0)
			sendto(fd, data, len, 0, &from.any, size);
	}
}

/* Until it closes. Requests are answered, streams are not. */
static void serve_client(int fd, char *data, size_t size)
{
	ssize_t len;

	while ((len = recv(fd, data, size, 0)) > 0)
		if (len == sizeof(request) && !memcmp(data, request, len))
			send(fd, data, len, 0);
}

static void serve_tcp(int fd)
{
	static char data[CHUNK_KIB * KIB];
	int size = 4 * sizeof(data);
	int peer;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (listen(fd, 1024))
		err(1, "listen");
	for (;;) {
		peer = accept(fd, NULL, NULL);
		if (peer < 0)
			err(1, "accept");
		serve_client(peer, data, sizeof(data));
		close(peer);
	}
}

/* Woken up, run when the other end waits: not sooner now and then. */
static void run_in_turn(void)
{
	struct sched_param param = { 0 };

	if (sched_setscheduler(0, SCHED_BATCH, &param))
		err(1, "sched_setscheduler");
}

static int serve(const union address *at)
{
	int udp = bound(SOCK_DGRAM, at), tcp = bound(SOCK_STREAM, at);
	pid_t child;

	run_in_turn();
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		serve_udp(udp);
	}
	serve_tcp(tcp);
	return 1;
}

/* ------------------------------------------------------------------- crowd */

struct message {
	struct udphdr udp;
	char data[64];
};

union datagram {
	struct {
		struct iphdr ip;
		struct message message;
	} v4;
	struct {
		struct ip6_hdr ip;
		struct message message;
	} v6;
};

/**
 * struct crowd - many who ask for something once
 * @fd: raw socket
 * @to: whom
 * @datagram: what
 * @size: of it
 * @message: in it
 * @host: in it, the last 32 bits of who asks
 * @first: these of the first one
 * @each: how many of them one address has
 * @number: of the next one
 */
struct crowd {
	int fd;
	union address to;
	union datagram datagram;
	size_t size;
	struct message *message;
	uint32_t *host;
	uint32_t first;
	unsigned int each;
	unsigned int number;
};

/* The kernel sets what is zero here, but for the checksum of UDP. */
static void crowd_init_v4(struct crowd *crowd)
{
	struct iphdr *ip = &crowd->datagram.v4.ip;

	*ip = (struct iphdr) {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.daddr = crowd->to.v4.sin_addr.s_addr,
	};
	crowd->size = sizeof(crowd->datagram.v4);
	crowd->message = &crowd->datagram.v4.message;
	crowd->host = &ip->saddr;
	crowd->first = 0xc6120001;
}

static void crowd_init_v6(struct crowd *crowd)
{
	struct ip6_hdr *ip = &crowd->datagram.v6.ip;

	ip->ip6_flow = htonl(6 << 28);
	ip->ip6_plen = htons(sizeof(struct message));
	ip->ip6_nxt = IPPROTO_UDP;
	ip->ip6_hops = 64;
	ip->ip6_dst = crowd->to.v6.sin6_addr;
	inet_pton(AF_INET6, "2001:2::", &ip->ip6_src);
	crowd->size = sizeof(crowd->datagram.v6);
	crowd->message = &crowd->datagram.v6.message;
	crowd->host = &ip->ip6_src.s6_addr32[3];
	crowd->first = 1;
}

static void crowd_init(struct crowd *crowd, const union address *to)
{
	*crowd = (struct crowd) {
		.fd = socket(to->any.sa_family, SOCK_RAW, IPPROTO_RAW),
		.to = *to,
		.each = LAST_PORT - FIRST_PORT,
	};
	if (crowd->fd < 0)
		err(1, "socket");
	if (is_v6(to))
		crowd_init_v6(crowd);
	else
		crowd_init_v4(crowd);
	crowd->message->udp.dest = *port_of(&crowd->to);
	crowd->message->udp.len = htons(sizeof(*crowd->message));
	*port_of(&crowd->to) = 0;
}

static uint32_t sum(const void *data, size_t size)
{
	const uint16_t *words = data;
	uint32_t total = 0;

	for (size /= 2; size; size--)
		total += *words++;
	return total;
}

/* IPv6 wants one. */
static void set_checksum(struct crowd *crowd)
{
	struct ip6_hdr *ip = &crowd->datagram.v6.ip;
	struct message *message = crowd->message;
	uint32_t total;

	message->udp.check = 0;
	total = sum(&ip->ip6_src, 2 * sizeof(ip->ip6_src)) +
		ip->ip6_plen + htons(ip->ip6_nxt) +
		sum(message, sizeof(*message));
	total = (total & 0xffff) + (total >> 16);
	total = (total & 0xffff) + (total >> 16);
	message->udp.check = total == 0xffff ? total : ~total;
}

/* Who is to answer them has its turn now and then. */
static void crowd_ask(struct crowd *crowd)
{
	*crowd->host = htonl(crowd->first + crowd->number / crowd->each);
	crowd->message->udp.source =
		htons(FIRST_PORT + crowd->number % crowd->each);
	if (is_v6(&crowd->to))
		set_checksum(crowd);
	if (sendto(crowd->fd, &crowd->datagram, crowd->size, 0,
		   &crowd->to.any, size_of(&crowd->to)) < 0)
		err(1, "send");
	if (++crowd->number % 64 == 0)
		sched_yield();
}

static int fill(int count, const union address *to, int each)
{
	struct crowd crowd;

	run_in_turn();
	crowd_init(&crowd, to);
	if (each)
		crowd.each = each;
	while (count--)
		crowd_ask(&crowd);
	return 0;
}

/* ------------------------------------------------------------------- works */

struct target {
	union address to;
	int sport;	/* of the next socket that wants one of its own */
	unsigned int pods;	/* that have asked */
	int64_t quiet;	/* what goes on in a lifetime anyway */
	struct crowd crowd;
};

static int connected_from(const struct target *target, int type,
			  const union address *from)
{
	struct timeval patience = { .tv_sec = 5 };
	int fd = bound(type, from);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, &target->to.any, size_of(&target->to)))
		err(1, "connect");
	return fd;
}

static int connected(const struct target *target, int type, int sport)
{
	union address from = { .any.sa_family = target->to.any.sa_family };

	*port_of(&from) = htons(sport);
	return connected_from(target, type, &from);
}

static void exchange(int fd)
{
	char data[sizeof(request)];

	if (send(fd, request, sizeof(request), 0) != sizeof(request))
		err(1, "send");
	if (recv(fd, data, sizeof(data), 0) != sizeof(data))
		err(1, "recv");
}

static void udp_rr(struct target *target, int count)
{
	int fd = connected(target, SOCK_DGRAM, FIRST_PORT - 1);

	while (count--)
		exchange(fd);
	close(fd);
}

static void tcp_rr(struct target *target, int count)
{
	int fd = connected(target, SOCK_STREAM, 0);

	while (count--)
		exchange(fd);
	close(fd);
}

static void flood(struct target *target, int count)
{
	while (count--)
		crowd_ask(&target->crowd);
}

static void udp_rr_in_flood(struct target *target, int count)
{
	int fd = connected(target, SOCK_DGRAM, FIRST_PORT - 1);

	while (count--) {
		flood(target, 1);
		exchange(fd);
	}
	close(fd);
}

static int next_port(struct target *target)
{
	if (target->sport > LAST_PORT)
		errx(1, "no source ports left");
	return target->sport++;
}

static void udp_new(struct target *target, int count)
{
	int fd;

	while (count--) {
		fd = connected(target, SOCK_DGRAM, next_port(target));
		exchange(fd);
		close(fd);
	}
}

static union address next_pod(struct target *target)
{
	union address pod = { .any.sa_family = target->to.any.sa_family };

	if (++target->pods > PODS)
		errx(1, "no pods left");
	*port_of(&pod) = htons(FIRST_PORT);
	if (is_v6(&pod)) {
		inet_pton(AF_INET6, "fd00:10:244:0:1::", &pod.v6.sin6_addr);
		pod.v6.sin6_addr.s6_addr32[3] = htonl(target->pods);
	} else {
		pod.v4.sin_addr.s_addr = htonl(0x0af48000 + target->pods);
	}
	return pod;
}

static void udp_new_cold(struct target *target, int count)
{
	union address pod;
	int fd;

	while (count--) {
		pod = next_pod(target);
		fd = connected_from(target, SOCK_DGRAM, &pod);
		exchange(fd);
		close(fd);
	}
}

/* Close, and wait until the server has closed its side, too. */
static void close_both(int fd)
{
	char data;

	shutdown(fd, SHUT_WR);
	if (recv(fd, &data, sizeof(data), 0))
		err(1, "recv");
	close(fd);
}

static void tcp_cc(struct target *target, int count)
{
	while (count--)
		close_both(connected(target, SOCK_STREAM, next_port(target)));
}

static void tcp_stream(struct target *target, int count)
{
	static char data[CHUNK_KIB * KIB];
	int fd = connected(target, SOCK_STREAM, 0);
	int size = 4 * sizeof(data);

	/* Fixed, or it grows in one round and not in another. */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	for (; count > 0; count -= CHUNK_KIB)
		if (send(fd, data, sizeof(data), 0) != sizeof(data))
			err(1, "send");
	close_both(fd);
}

typedef void (*operations)(struct target *target, int count);

static double round_cost(operations function, struct target *target, int count)
{
	int64_t start = now();

	function(target, count);
	return (double)(now() - start) / count;
}

static void nothing(struct target *target, int count)
{
	(void)target;
	(void)count;
}

/* What is done, and what goes on until all that came of it has ended */
static int64_t lifetime_cost(operations function, struct target *target,
			     int count)
{
	struct watch watch = watch_start_long();

	target->sport = FIRST_PORT;
	function(target, count);
	sleep(LIFETIME);
	return watch_busy_long(&watch);
}

/* Before the first round, what was left by others ends. */
static double removal_cost(operations function, struct target *target,
			   int count)
{
	if (!target->quiet) {
		lifetime_cost(nothing, target, 0);
		target->quiet = lifetime_cost(nothing, target, 0);
	}
	return (double)(lifetime_cost(function, target, count) -
			target->quiet) / count;
}

static const struct work {
	const char *name;
	operations function;
	operations beside;	/* what is not to be counted */
	double (*round)(operations function, struct target *target, int count);
	int precision;	/* rounds agree to one part of so many */
} works[] = {
	{ "udp_rr", udp_rr, NULL, round_cost, 333 },
	{ "udp_new", udp_new, NULL, round_cost, 333 },
	{ "udp_new_cold", udp_new_cold, NULL, round_cost, 333 },
	{ "udp_new_removed", udp_new, NULL, removal_cost, 100 },
	{ "udp_flood", udp_rr_in_flood, flood, round_cost, 333 },
	{ "tcp_rr", tcp_rr, NULL, round_cost, 333 },
	{ "tcp_cc", tcp_cc, NULL, round_cost, 333 },
	{ "tcp_cc_removed", tcp_cc, NULL, removal_cost, 100 },
	{ "tcp_stream_kib", tcp_stream, NULL, round_cost, 333 },
};

static bool agree(double one, double other, int precision)
{
	double difference = one > other ? one - other : other - one;

	return difference * precision <= one;
}

static double measure(const struct work *work, operations function,
		      struct target *target, int msec)
{
	double before, cost;
	int i, count;

	function(target, WARM_UP);
	cost = round_cost(function, target, WARM_UP);
	count = (int)(msec * 1e6 / cost / CHUNK_KIB + 1) * CHUNK_KIB;
	for (i = 0; i < ROUNDS_MAX; i++) {
		before = cost;
		cost = work->round(function, target, count);
		fprintf(stderr, "%s: %.1f\n", work->name, cost);
		if (agree(before, cost, work->precision))
			return (before + cost) / 2;
	}
	errx(1, "%s: no two rounds agree: %.1f, %.1f", work->name, before,
	     cost);
}

static int measure_work(const struct work *work, struct target *target,
			int msec)
{
	double cost;

	run_in_turn();
	crowd_init(&target->crowd, &target->to);
	target->crowd.number = NEWCOMERS;
	cost = measure(work, work->function, target, msec);
	if (work->beside)
		cost -= measure(work, work->beside, target, msec);
	printf("%.1f\n", cost);
	return 0;
}

static int measure_named(const char *name, int msec,
			 const union address *to)
{
	struct target target = { .to = *to, .sport = FIRST_PORT };
	size_t i;

	for (i = 0; i < sizeof(works) / sizeof(works[0]); i++)
		if (!strcmp(works[i].name, name))
			return measure_work(&works[i], &target, msec);
	errx(2, "unknown work %s", name);
}

static int run(char **argv)
{
	struct watch watch = watch_start();
	pid_t child = fork();
	int status;

	if (child < 0)
		err(1, "fork");
	if (!child) {
		/* What is printed is the cost alone. */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(argv[0], argv);
		err(127, "%s", argv[0]);
	}
	if (waitpid(child, &status, 0) != child)
		err(1, "waitpid");
	printf("%lld\n", (long long)watch_busy(&watch));
	return status != 0;
}

int main(int argc, char **argv)
{
	union address to;

	if (argc > 2 && !strcmp(argv[1], "run"))
		return run(argv + 2);
	if (argc == 4 && !strcmp(argv[1], "serve")) {
		to = address(argv[2], argv[3]);
		return serve(&to);
	}
	if (argc != 5 && argc != 6)
		errx(2, "usage: cost serve ADDRESS PORT | "
			"WORK MSEC ADDRESS PORT | "
			"fill COUNT ADDRESS PORT [EACH] | run COMMAND...");
	to = address(argv[3], argv[4]);
	if (!strcmp(argv[1], "fill"))
		return fill(atoi(argv[2]), &to, argc == 6 ? atoi(argv[5]) : 0);
	return measure_named(argv[1], atoi(argv[2]), &to);
}
