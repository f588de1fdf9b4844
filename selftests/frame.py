#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Send a frame that claims to be from somebody.

frame.py DEVICE KIND SENDER TARGET

KIND is arp-reply, which says to the host TARGET that SENDER is here, or na,
which says the same by neighbour discovery, overriding what TARGET knows.
"""

import ipaddress
import socket
import struct
import sys


def checksum(data):
    """The internet checksum; RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def arp_reply(mac, sender, target):
    """RFC 826; the target's hardware address is left open."""
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2)
    return 0x0806, body + mac + sender.packed + b"\xff" * 6 + target.packed


def neighbour_advertisement(mac, sender, target):
    """RFC 4861, overriding, with the hardware address."""
    def message(check):
        return (struct.pack("!BBHI", 136, 0, check, 0x20000000) +
                sender.packed + b"\x02\x01" + mac)

    length = len(message(0))
    pseudo = sender.packed + target.packed + struct.pack("!II", length, 58)
    header = struct.pack("!IHBB", 6 << 28, length, 58, 255)
    return 0x86dd, (header + sender.packed + target.packed +
                    message(checksum(pseudo + message(0))))


KINDS = {"arp-reply": arp_reply, "na": neighbour_advertisement}


def main():
    """Send it to everybody on the link."""
    device, kind, sender, target = sys.argv[1:]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((device, 0))
        mac = link.getsockname()[4]
        proto, payload = KINDS[kind](mac, ipaddress.ip_address(sender),
                                     ipaddress.ip_address(target))
        link.send(b"\xff" * 6 + mac + struct.pack("!H", proto) + payload)


if __name__ == "__main__":
    main()
