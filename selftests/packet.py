#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Send one packet to a host on the link, right or wrong in a chosen way.

packet.py DEVICE MAC SOURCE TARGET PORT [FIELD=VALUE...]

It is UDP from port 7777 with 32 bytes, unless a FIELD says otherwise:
    proto     udp or tcp: a SYN
    sport     the port it comes from
    payload   bytes behind the transport header
    length    what the IP header says of it: IPv4's total length, IPv6's of
              the payload
    keep      how many bytes of it are sent
    pad       bytes behind its end
    ttl       hops it has left
    check     1: a wrong IPv4 checksum
    vlan      tags, the outermost first, with commas
"""

import ipaddress
import socket
import struct
import sys

from frame import checksum, tagged

UDP, TCP = 17, 6
DEFAULTS = {"payload": "32", "ttl": "64", "proto": "udp", "pad": "0",
            "check": "0", "sport": "7777"}


def pseudo_header(source, target, proto, length):
    """What transport checksums cover beside; both families sum up alike."""
    return source.packed + target.packed + struct.pack("!II", length, proto)


def udp(source, target, ports, payload):
    """RFC 768."""
    def header(check):
        return struct.pack("!HHHH", *ports, 8 + len(payload), check)

    pseudo = pseudo_header(source, target, UDP, 8 + len(payload))
    check = checksum(pseudo + header(0) + payload)
    return header(check or 0xffff) + payload


def tcp(source, target, ports, payload):
    """RFC 9293, a SYN without options."""
    def header(check):
        return struct.pack("!HHIIBBHHH", *ports, 1000, 0, 5 << 4, 2,
                           1000, check, 0)

    pseudo = pseudo_header(source, target, TCP, 20 + len(payload))
    return header(checksum(pseudo + header(0) + payload)) + payload


def ipv4(source, target, proto, body, fields):
    """RFC 791."""
    length = int(fields.get("length", 20 + len(body)))

    def header(check):
        return struct.pack("!BBHHHBBH", 0x45, 0, length, 0, 0,
                           int(fields["ttl"]), proto,
                           check) + source.packed + target.packed

    return header(checksum(header(0)) ^ int(fields["check"])) + body


def ipv6(source, target, proto, body, fields):
    """RFC 8200."""
    length = int(fields.get("length", len(body)))
    return struct.pack("!IHBB", 6 << 28, length, proto,
                       int(fields["ttl"])) + source.packed + target.packed + body


def packet(source, target, port, fields):
    """From its network header on."""
    payload = bytes(int(fields["payload"]))
    proto = TCP if fields["proto"] == "tcp" else UDP
    ports = int(fields["sport"]), port
    body = (tcp if proto == TCP else udp)(source, target, ports, payload)
    make = ipv4 if source.version == 4 else ipv6
    whole = make(source, target, proto, body, fields)
    return whole[:int(fields.get("keep", len(whole)))] + bytes(
        int(fields["pad"]))


def main():
    """Send it as it says."""
    device, mac, source, target, port, *said = sys.argv[1:]
    fields = DEFAULTS | dict(field.split("=") for field in said)
    source = ipaddress.ip_address(source)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((device, 0))
        link.send(bytes.fromhex(mac.replace(":", "")) +
                  link.getsockname()[4] +
                  tagged(fields["vlan"].split(",") if "vlan" in fields else [],
                         0x0800 if source.version == 4 else 0x86dd,
                         packet(source, ipaddress.ip_address(target),
                                int(port), fields)))


if __name__ == "__main__":
    main()
