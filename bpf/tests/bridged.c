// SPDX-License-Identifier: GPL-2.0
/*
 * A bridge of the kernel's that feeds the program.
 */
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/if_ether.h>

#include "bridge.h"
#include "bridged.h"

/* As the kernel numbers it */
__u32 bridged_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

static void send_frame(const struct sent *sent)
{
	static uint8_t bytes[FRAME_MAX];
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	size_t len = frame_build(&sent->frame, bytes);
	char name[IF_NAMESIZE];

	snprintf(name, sizeof(name), "%s.end", sent->device);
	to.sll_ifindex = bench_ifindex(name);
	if (sendto(fd, bytes, len, 0, (void *)&to, sizeof(to)) < 0)
		printf("# nothing is sent by %s\n", name);
	close(fd);
}

/* Each by its device, and time for the bridge to learn */
void bridged_send(const struct sent *sent, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		send_frame(&sent[i]);
	usleep(30000);
}

/* A program of the feed, with what it is told */
void bridged_run(int prog, void *arg, size_t size)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts,
		.ctx_in = arg,
		.ctx_size_in = size);

	bpf_prog_test_run_opts(prog, &opts);
}

/* Loaded and attached, or NULL */
struct bridge_feed *bridged_feed(void)
{
	struct bridge_feed *feed = bridge_feed__open_and_load();

	if (feed && bridge_feed__attach(feed)) {
		bridge_feed__destroy(feed);
		return NULL;
	}
	return feed;
}

static int map_of(const struct bpf_object *bridge, const char *name)
{
	return bpf_object__find_map_fd_by_name(bridge, name);
}

static int share_map(struct bpf_object *bridge, const struct bpf_map *map)
{
	return bpf_map__reuse_fd(bpf_object__find_map_by_name(bridge,
							      bpf_map__name(map)),
				 bpf_map__fd(map));
}

static void add_port(const struct bpf_object *bridge, const char *name)
{
	struct sluice_xdp_tag way = { .ifindex = bench_ifindex(name) };

	bpf_map_update_elem(map_of(bridge, "sluice_ways"), &way.ifindex, &way,
			    0);
}

/* @bridge: opened; the ports "in" and "out" may be sent to */
bool bridged_load(struct bench *bench, const struct bridge_feed *feed,
		  struct bpf_object *bridge)
{
	if (share_map(bridge, feed->maps.sluice_fdb) ||
	    share_map(bridge, feed->maps.sluice_pulse) ||
	    bench_load(bench, bridge, SLUICE_XDP_BRIDGE))
		return false;
	add_port(bridge, "in");
	add_port(bridge, "out");
	return true;
}

/* What br0 learns is told from here on. */
void bridged_begin(const struct bridge_feed *feed)
{
	struct sluice_bridge bridge = { bridged_netns(), bench_ifindex("br0") };

	bridged_run(bpf_program__fd(feed->progs.sluice_feed_begin), &bridge,
		    sizeof(bridge));
	usleep(30000);
}
