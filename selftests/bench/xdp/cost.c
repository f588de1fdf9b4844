// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a frame costs on its way from one namespace to another, for the native
 * benchmark.
 *
 * cost WORK COUNT SIZE CLIENT SERVER SOURCE TARGET NEXT-HOP [NODE]
 *	WORK says who sends and who receives; COUNT is how many frames are sent
 *	after a warm-up, SIZE how long they are, from the Ethernet header on.
 *	CLIENT and SERVER are names of namespaces, SOURCE and TARGET the addresses
 *	there, NEXT-HOP a hardware address. NODE is the namespace between them
 *	if all it does is to hand frames on, for which it gets a program.
 *	Print how many nanoseconds each frame took, how many were sent, how many
 *	of them have arrived, and how many were sent with those of the warm-up. Of
 *	a stream, the same of each KiB.
 *
 * All is done by the last processor, so that time is what it costs.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "cost.h"

#define WARM_UP_SHARE	4	/* the fourth part of what is measured */
#define PROCESSORS_MAX	1024
#define LATE_MSEC	1000

/**
 * struct work - what is measured
 * @name: on the command line
 * @send: send so many frames, or KiB; return the nanoseconds they took
 * @open: in the namespace of the server; it ends with the process
 */
struct work {
	const char *name;
	uint64_t (*send)(struct ends *ends, const struct path *path,
			 uint32_t count);
	void (*open)(struct ends *ends, const struct path *path);
};

static const struct work works[] = {
	{ "frames_xdp", send_frames, open_program },
	{ "frames_socket", send_frames, open_socket },
	{ "socket_xdp", send_packets, open_program },
	{ "socket_socket", send_packets, open_socket },
	{ "tcp_stream_kib", send_stream, open_stream },
	{ NULL, NULL, NULL }
};

static void enter(int netns)
{
	if (setns(netns, CLONE_NEWNET))
		err(1, "network namespace");
}

static int netns_open(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static void read_mac(struct ether_addr *mac)
{
	struct ifreq request = { .ifr_name = DEVICE };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request))
		err(1, "%s", DEVICE);
	memcpy(mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
	close(fd);
}

static union address address(const char *text)
{
	union address to = { 0 };

	if (inet_pton(AF_INET, text, &to.v4.sin_addr) == 1)
		to.any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &to.v6.sin6_addr) == 1)
		to.any.sa_family = AF_INET6;
	else
		errx(1, "%s is no address", text);
	to.v4.sin_port = htons(PORT);	/* in the same place in both */
	return to;
}

static uint32_t number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!value || *end || value > UINT32_MAX)
		errx(1, "%s is no number", text);
	return value;
}

static void read_path(struct path *path, char *argv[])
{
	path->size = number(argv[0]);
	path->client = netns_open(argv[1]);
	path->server = netns_open(argv[2]);
	path->source = address(argv[3]);
	path->target = address(argv[4]);
	if (path->size < HEAD_SIZE || path->size > FRAME_MAX || path->size % 2)
		errx(1, "%u is no size of a frame", path->size);
	if (!ether_aton_r(argv[5], &path->next_hop))
		errx(1, "%s is no hardware address", argv[5]);
	enter(path->client);
	read_mac(&path->mac);
	frame_fill(path);
	path->node = argv[6] ? netns_open(argv[6]) : -1;
}

/* Ends in that namespace. */
static uint32_t index_in(int netns, const char *device)
{
	enter(netns);
	return if_nametoindex(device);
}

static const struct work *find_work(const char *name)
{
	const struct work *work = works;

	while (work->name && strcmp(work->name, name))
		work++;
	if (!work->name)
		errx(1, "unknown work: %s", name);
	return work;
}

/*
 * Others wait meanwhile, if we may have it so: then a machine that has something
 * else to do disturbs by its caches only.
 */
static void have_last_processor(void)
{
	struct sched_param param = { .sched_priority = 1 };
	long last = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(last, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "processor %ld", last);
	sched_setscheduler(0, SCHED_FIFO, &param);
}

static struct ends *load(const struct path *path)
{
	struct ends *ends = ends__open();

	if (!ends)
		err(1, "programs");
	memcpy((void *)&ends->rodata->head, path->frame, HEAD_SIZE);
	if (path->node >= 0)
		ends->rodata->way_on = index_in(path->node, NODE_OUT);
	ends->rodata->way_out = index_in(path->client, DEVICE);
	ends->rodata->port_at = port_offset(path);
	ends->rodata->port = htons(PORT);
	if (ends__load(ends))
		err(1, "the programs cannot be loaded");
	return ends;
}

/* What each processor has counted. Return: in all */
static uint64_t read_counts(const struct ends *ends,
			    uint64_t counts[PROCESSORS_MAX])
{
	int processors = libbpf_num_possible_cpus(), i;
	uint32_t slot = 0;
	uint64_t sum = 0;

	if (processors > PROCESSORS_MAX)
		errx(1, "there are %d processors", processors);
	if (bpf_map_lookup_elem(bpf_map__fd(ends->maps.arrived), &slot, counts))
		err(1, "counters");
	for (i = 0; i < processors; i++)
		sum += counts[i];
	return sum;
}

static uint64_t count_arrived(const struct ends *ends)
{
	uint64_t counts[PROCESSORS_MAX];

	return read_counts(ends, counts);
}

/**
 * count_add - frames that no program has counted have arrived
 * @ends: where is counted
 * @count: how many
 */
void count_add(struct ends *ends, uint64_t count)
{
	uint64_t counts[PROCESSORS_MAX];
	uint32_t slot = 0;

	read_counts(ends, counts);
	counts[0] += count;
	if (bpf_map_update_elem(bpf_map__fd(ends->maps.arrived), &slot, counts,
				BPF_ANY))
		err(1, "counters");
}

/* How many of @count are there; all of them, or those in a second */
static uint64_t await(const struct ends *ends, uint64_t before, uint64_t count)
{
	uint64_t arrived;
	int msec;

	for (msec = 0; msec < LATE_MSEC; msec++) {
		arrived = count_arrived(ends) - before;
		if (arrived >= count)
			break;
		usleep(1000);
	}
	return arrived;
}

static void measure(const struct work *work, uint32_t count,
		    const struct path *path, struct ends *ends)
{
	uint64_t before = count_arrived(ends), nsec, arrived;
	uint32_t warm_up = count / WARM_UP_SHARE;

	work->send(ends, path, warm_up);
	await(ends, before, warm_up);
	before = count_arrived(ends);
	nsec = work->send(ends, path, count);
	arrived = await(ends, before, count);
	printf("%.2f %u %" PRIu64 " %u\n", (double)nsec / count, count,
	       arrived, count + warm_up);
}

/* Ends in the namespace of the client. */
static void open_all(struct ends *ends, const struct work *work,
		     const struct path *path)
{
	if (path->node >= 0) {
		enter(path->node);
		open_node(ends);
	}
	enter(path->server);
	work->open(ends, path);
	enter(path->client);
}

int main(int argc, char *argv[])
{
	static struct path path;
	const struct work *work;
	struct ends *ends;

	if (argc != 9 && argc != 10)
		errx(1, "usage: see cost.c");
	work = find_work(argv[1]);
	have_last_processor();
	read_path(&path, argv + 3);
	ends = load(&path);
	open_all(ends, work, &path);
	measure(work, number(argv[2]), &path, ends);
	ends__destroy(ends);
	return 0;
}
