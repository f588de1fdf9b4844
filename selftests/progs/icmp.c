// SPDX-License-Identifier: GPL-2.0
/*
 * icmp ADDRESS TYPE CODE...: send an ICMP or ICMPv6 message of that type for
 * each code. What is behind its first four bytes is zero.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct message {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint8_t rest[16];
};

static uint8_t number(const char *word)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	if (!*word || *end || n > UINT8_MAX)
		errx(2, "bad number %s", word);
	return n;
}

/* All but the first word is zero. Of ICMPv6 it is the kernel's task. */
static void set_checksum(struct message *message)
{
	message->checksum = htons(~(message->type << 8 | message->code));
}

int main(int argc, char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_RAW,
				  .ai_flags = AI_NUMERICHOST }, *ai;
	int fd;

	if (argc < 4)
		errx(2, "usage: icmp ADDRESS TYPE CODE...");
	if (getaddrinfo(argv[1], NULL, &hints, &ai))
		errx(2, "bad address %s", argv[1]);
	fd = socket(ai->ai_family, SOCK_RAW,
		    ai->ai_family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	if (fd < 0)
		err(1, "socket");
	for (int i = 3; i < argc; i++) {
		struct message message = { .type = number(argv[2]),
					   .code = number(argv[i]) };

		set_checksum(&message);
		if (sendto(fd, &message, sizeof(message), 0, ai->ai_addr,
			   ai->ai_addrlen) < 0)
			err(1, "sendto");
	}
	return 0;
}
