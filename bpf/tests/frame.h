/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames from short descriptions: of what they have that is not ordinary.
 */
#ifndef SLUICE_BPF_TESTS_FRAME_H
#define SLUICE_BPF_TESTS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX	20000

/**
 * struct frame - a frame, of UDP over IPv4 if all is zeroes
 * @to: hardware address
 * @from: hardware address
 * @tpid: of the tag in front, 0 for none
 * @tci: of that tag
 * @ethertype: 0 for the one of @src
 * @src: address, of either family
 * @dst: address
 * @proto: 0 for UDP, -1 for 0
 * @ttl: 0 for 64; -1 for 0
 * @options: words of IPv4 options
 * @fragment: flags and offset of IPv4
 * @version: 0 for the one of the family
 * @wrong_checksum: of the IPv4 header
 * @longer: how much more the header claims than there is
 * @payload: bytes behind the network header, 0 for 64
 * @first: the first of these, from which the others follow
 * @padding: bytes behind those
 * @cut: length of the frame, if it is to be cut
 */
struct frame {
	const uint8_t *to;
	const uint8_t *from;
	uint16_t tpid;
	uint16_t tci;
	uint16_t ethertype;
	const char *src;
	const char *dst;
	int proto;
	int ttl;
	uint8_t options;
	uint16_t fragment;
	uint8_t version;
	bool wrong_checksum;
	int longer;
	size_t payload;
	uint8_t first;
	size_t padding;
	size_t cut;
};

size_t frame_build(const struct frame *frame, uint8_t *bytes);

#endif /* SLUICE_BPF_TESTS_FRAME_H */
