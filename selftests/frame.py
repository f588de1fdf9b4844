#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Send a frame that claims to be from somebody.

frame.py DEVICE KIND SENDER TARGET [VLAN...]

KIND is
    arp-reply   says to the host TARGET that SENDER is here
    na          says the same by neighbour discovery, overriding what TARGET
                knows
    na-options  the same behind an extension header
    ra          says that SENDER is a router

Each VLAN is a tag, the outermost first.
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


def icmpv6(sender, target, kind, body, options=b""):
    """An ICMPv6 message behind destination options, if there are any."""
    def message(check):
        return struct.pack("!BBH", kind, 0, check) + body

    length = len(message(0))
    pseudo = sender.packed + target.packed + struct.pack("!II", length, 58)
    header = struct.pack("!IHBB", 6 << 28, len(options) + length,
                         60 if options else 58, 255)
    return 0x86dd, (header + sender.packed + target.packed + options +
                    message(checksum(pseudo + message(0))))


def neighbour_advertisement(mac, sender, target, options=b""):
    """RFC 4861, overriding, with the hardware address."""
    body = struct.pack("!I", 0x20000000) + sender.packed + b"\x02\x01" + mac
    return icmpv6(sender, target, 136, body, options)


def behind_options(mac, sender, target):
    """Destination options that are nothing but padding; RFC 8200."""
    return neighbour_advertisement(mac, sender, target,
                                   b"\x3a\x00\x01\x04" + b"\0" * 4)


def router_advertisement(mac, sender, target):
    """RFC 4861, for half an hour, with the hardware address."""
    body = struct.pack("!BBHII", 64, 0, 1800, 0, 0) + b"\x01\x01" + mac
    return icmpv6(sender, target, 134, body)


def tagged(vlans, proto, payload):
    """What follows the hardware addresses: tags of 802.1Q and the rest."""
    tags = b"".join(struct.pack("!HH", 0x8100, int(vlan)) for vlan in vlans)
    return tags + struct.pack("!H", proto) + payload


KINDS = {"arp-reply": arp_reply, "na": neighbour_advertisement,
         "na-options": behind_options, "ra": router_advertisement}


def main():
    """Send it to everybody on the link."""
    device, kind, sender, target, *vlans = sys.argv[1:]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((device, 0))
        mac = link.getsockname()[4]
        proto, payload = KINDS[kind](mac, ipaddress.ip_address(sender),
                                     ipaddress.ip_address(target))
        link.send(b"\xff" * 6 + mac + tagged(vlans, proto, payload))


if __name__ == "__main__":
    main()
