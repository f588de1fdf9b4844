// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who sends: a generator of frames in the driver, or a socket.
 */
#include <err.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "cost.h"

#define BATCH		64

/**
 * send_frames - have them made by the generator
 * @ends: which has it
 * @path: that they take
 * @count: how many
 *
 * The kernel runs the program in batches and hands them to the device as a
 * driver would. Setting that up takes tens of milliseconds each time, so the
 * program itself notes when it begins and ends.
 *
 * Return: nanoseconds from the first one to the last.
 */
uint64_t send_frames(struct ends *ends, const struct path *path, uint32_t count)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts,
		    .data_in = path->frame,
		    .data_size_in = path->size,
		    .repeat = count,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
		    .batch_size = BATCH);

	ends->bss->wanted = count;
	ends->bss->made = 0;
	if (bpf_prog_test_run_opts(bpf_program__fd(ends->progs.make_frame),
				   &opts))
		err(1, "frames cannot be generated");
	if (ends->bss->made != count)
		errx(1, "%llu frames were generated instead of %u",
		     (unsigned long long)ends->bss->made, count);
	return ends->bss->last - ends->bss->first;
}

static int connect_socket(const struct path *path)
{
	int fd = socket(path->target.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, &path->target.any, sizeof(path->target)))
		err(1, "socket of the sender");
	return fd;
}

/**
 * now - nanoseconds since some time
 */
uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void send_batch(int fd, struct mmsghdr *batch, uint32_t count)
{
	int sent;

	while (count) {
		sent = sendmmsg(fd, batch, count, 0);
		if (sent < 0)
			err(1, "sendmmsg");
		count -= sent;
	}
}

/**
 * send_packets - send by a UDP socket
 * @ends: not used
 * @path: that they take
 * @count: how many
 *
 * Return: nanoseconds that it took.
 */
uint64_t send_packets(struct ends *ends, const struct path *path, uint32_t count)
{
	static uint8_t data[FRAME_MAX];
	struct iovec io = { data, path->size - size_of_headers(path) };
	struct mmsghdr batch[BATCH] = { 0 };
	int fd = connect_socket(path), i;
	uint64_t start;

	(void)ends;
	for (i = 0; i < BATCH; i++)
		batch[i].msg_hdr = (struct msghdr) {
			.msg_iov = &io,
			.msg_iovlen = 1,
		};
	start = now();
	for (; count > BATCH; count -= BATCH)
		send_batch(fd, batch, BATCH);
	send_batch(fd, batch, count);
	start = now() - start;
	close(fd);
	return start;
}
