#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Open a connection, and send one segment of it that is far out of its window.

window.py ADDRESS PORT
"""

import socket
import struct
import sys

from frame import checksum

TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
RECV_QUEUE, SEND_QUEUE = 1, 2
FAR = 1 << 29


def sequence(sock, queue):
    """Of the next byte to be received or sent; RFC 9293, 3.3.1."""
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, queue)
    return sock.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ) & 0xffffffff


def segment(source, target, seq, ack):
    """An ACK without data."""
    def header(check):
        return struct.pack("!HHIIBBHHH", source[1], target[1], seq, ack,
                           5 << 4, 0x10, 1000, check, 0)

    pseudo = (socket.inet_aton(source[0]) + socket.inet_aton(target[0]) +
              struct.pack("!II", len(header(0)), socket.IPPROTO_TCP))
    return header(checksum(pseudo + header(0)))


def main():
    """Not by the socket, which would not."""
    target = (sys.argv[1], int(sys.argv[2]))
    with socket.create_connection(target) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))  # a RST at its end
        sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        seq, ack = sequence(sock, SEND_QUEUE), sequence(sock, RECV_QUEUE)
        sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 0)
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                            socket.IPPROTO_TCP)
        raw.sendto(segment(sock.getsockname(), target,
                           (seq + FAR) & 0xffffffff, ack), (target[0], 0))


main()
