// SPDX-License-Identifier: GPL-2.0
/*
 * What one operation costs, for the benchmark: see watch.h for the clock.
 *
 * cost serve PORT
 *	UDP: send each datagram back. TCP: take connections one after the
 *	other and read what comes until the client closes.
 *
 * cost WORK MSEC ADDRESS PORT
 *	Warm up, then do rounds of operations that take about MSEC
 *	milliseconds until two rounds in a row agree to 0.3 percent.
 *	Print the average of these two.
 *	udp_rr          a request and its answer, on one socket
 *	udp_new         the same, from another source port each time
 *	udp_flood       a request and its answer beside one of somebody
 *			else, a new one each time, less what that costs
 *	tcp_cc          connect and close, from another port each time
 *	tcp_stream_kib  send 1 KiB of a stream
 *
 * cost fill COUNT ADDRESS PORT
 *	Send as many UDP datagrams, each from another port, 50,000 from each of
 *	the addresses from 198.18.0.1 on.
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
#define NEWCOMERS	5000000	/* nobody that "fill" has sent for */

/* ------------------------------------------------------------------ server */

static int bound(int type, int port)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_port = htons(port) };
	int fd = socket(AF_INET, type, 0);
	int one = 1;

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)))
		err(1, "bind %d", port);
	return fd;
}

static void serve_udp(int fd)
{
	struct sockaddr_in from;
	char data[2048];
	socklen_t size;
	ssize_t len;

	for (;;) {
		size = sizeof(from);
		len = recvfrom(fd, data, sizeof(data), 0,
			       (struct sockaddr *)&from, &size);
		if (len >= 0)
			sendto(fd, data, len, 0, (struct sockaddr *)&from,
			       size);
	}
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
		while (recv(peer, data, sizeof(data), 0) > 0)
			;
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

static int serve(int port)
{
	int udp = bound(SOCK_DGRAM, port), tcp = bound(SOCK_STREAM, port);
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

struct datagram {
	struct iphdr ip;
	struct udphdr udp;
	char data[64];
};

/**
 * struct crowd - many who ask for something once
 * @fd: raw socket
 * @to: whom
 * @datagram: what
 * @number: of the next one
 */
struct crowd {
	int fd;
	struct sockaddr_in to;
	struct datagram datagram;
	unsigned int number;
};

/* The kernel sets what is zero here, but for the checksum of UDP. */
static void crowd_init(struct crowd *crowd, const struct sockaddr_in *to)
{
	struct datagram *datagram = &crowd->datagram;

	*crowd = (struct crowd) {
		.fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW), .to = *to,
	};
	if (crowd->fd < 0)
		err(1, "socket");
	crowd->to.sin_port = 0;
	datagram->ip = (struct iphdr) {
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.daddr = to->sin_addr.s_addr,
	};
	datagram->udp.dest = to->sin_port;
	datagram->udp.len = htons(sizeof(*datagram) - sizeof(datagram->ip));
}

/* Who is to answer them has its turn now and then. */
static void crowd_ask(struct crowd *crowd)
{
	struct datagram *datagram = &crowd->datagram;
	int ports = LAST_PORT - FIRST_PORT;

	datagram->ip.saddr = htonl(0xc6120001 + crowd->number / ports);
	datagram->udp.source = htons(FIRST_PORT + crowd->number % ports);
	if (sendto(crowd->fd, datagram, sizeof(*datagram), 0,
		   (struct sockaddr *)&crowd->to, sizeof(crowd->to)) < 0)
		err(1, "send");
	if (++crowd->number % 64 == 0)
		sched_yield();
}

static int fill(int count, const struct sockaddr_in *to)
{
	struct crowd crowd;

	run_in_turn();
	crowd_init(&crowd, to);
	while (count--)
		crowd_ask(&crowd);
	return 0;
}

/* ------------------------------------------------------------------- works */

struct target {
	struct sockaddr_in to;
	int sport;	/* of the next socket that wants one of its own */
	struct crowd crowd;
};

static int connected(const struct target *target, int type, int sport)
{
	struct timeval patience = { .tv_sec = 5 };
	int fd = sport ? bound(type, sport) : socket(AF_INET, type, 0);

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&target->to, sizeof(target->to)))
		err(1, "connect");
	return fd;
}

static void exchange(int fd)
{
	char data[64] = "request";

	if (send(fd, data, sizeof(data), 0) != sizeof(data))
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

static const struct work {
	const char *name;
	operations function;
	operations beside;	/* what is not to be counted */
} works[] = {
	{ "udp_rr", udp_rr, NULL },
	{ "udp_new", udp_new, NULL },
	{ "udp_flood", udp_rr_in_flood, flood },
	{ "tcp_cc", tcp_cc, NULL },
	{ "tcp_stream_kib", tcp_stream, NULL },
};

static double round_cost(operations function, struct target *target, int count)
{
	int64_t start = now();

	function(target, count);
	return (double)(now() - start) / count;
}

static bool agree(double one, double other)
{
	double difference = one > other ? one - other : other - one;

	return difference * 333 <= one;
}

static double measure(const char *name, operations function,
		      struct target *target, int msec)
{
	double before, cost;
	int i, count;

	function(target, WARM_UP);
	cost = round_cost(function, target, WARM_UP);
	count = (int)(msec * 1e6 / cost / CHUNK_KIB + 1) * CHUNK_KIB;
	for (i = 0; i < ROUNDS_MAX; i++) {
		before = cost;
		cost = round_cost(function, target, count);
		fprintf(stderr, "%s: %.1f\n", name, cost);
		if (agree(before, cost))
			return (before + cost) / 2;
	}
	errx(1, "%s: no two rounds agree: %.1f, %.1f", name, before, cost);
}

static int measure_work(const struct work *work, struct target *target,
			int msec)
{
	double cost;

	run_in_turn();
	crowd_init(&target->crowd, &target->to);
	target->crowd.number = NEWCOMERS;
	cost = measure(work->name, work->function, target, msec);
	if (work->beside)
		cost -= measure("beside", work->beside, target, msec);
	printf("%.1f\n", cost);
	return 0;
}

static struct sockaddr_in address(const char *addr, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(atoi(port)) };

	if (inet_pton(AF_INET, addr, &to.sin_addr) != 1)
		errx(2, "bad address %s", addr);
	return to;
}

static int measure_named(const char *name, int msec,
			 const struct sockaddr_in *to)
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
	struct sockaddr_in to;

	if (argc == 3 && !strcmp(argv[1], "serve"))
		return serve(atoi(argv[2]));
	if (argc > 2 && !strcmp(argv[1], "run"))
		return run(argv + 2);
	if (argc != 5)
		errx(2, "usage: cost serve PORT | WORK MSEC ADDRESS PORT | "
			"fill COUNT ADDRESS PORT | run COMMAND...");
	to = address(argv[3], argv[4]);
	if (!strcmp(argv[1], "fill"))
		return fill(atoi(argv[2]), &to);
	return measure_named(argv[1], atoi(argv[2]), &to);
}
