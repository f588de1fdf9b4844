/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a measurement is of, and what its parts are.
 */
#ifndef SLUICE_BENCH_COST_H
#define SLUICE_BENCH_COST_H

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdint.h>

#include "head.h"

#include "ends.skel.h"

#define PORT		4711
#define DEVICE		"eth0"		/* in both namespaces */
#define NODE_IN		"vclient"	/* in that of the node */
#define NODE_OUT	"vserver"
#define FRAME_MAX	9014

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/**
 * struct path - from where to where, and what
 * @client: namespace of the sender
 * @server: namespace of the receiver
 * @node: namespace in between that hands all on, or -1
 * @source: address of the sender
 * @target: address of the receiver, with the port
 * @mac: of the sender's device
 * @next_hop: hardware address that frames are sent to
 * @size: of a frame, an even number
 * @frame: that, of UDP
 */
struct path {
	int client;
	int server;
	int node;
	union address source;
	union address target;
	struct ether_addr mac;
	struct ether_addr next_hop;
	uint32_t size;
	uint8_t frame[FRAME_MAX];
};

uint64_t now(void);
void count_add(struct ends *ends, uint64_t count);

uint64_t send_frames(struct ends *ends, const struct path *path, uint32_t count);
uint64_t send_packets(struct ends *ends, const struct path *path, uint32_t count);
uint64_t send_stream(struct ends *ends, const struct path *path, uint32_t count);

void open_node(struct ends *ends);
void open_program(struct ends *ends, const struct path *path);
void open_socket(struct ends *ends, const struct path *path);
void open_stream(struct ends *ends, const struct path *path);

uint32_t size_of_headers(const struct path *path);
uint32_t port_offset(const struct path *path);
void frame_fill(struct path *path);

#endif /* SLUICE_BENCH_COST_H */
