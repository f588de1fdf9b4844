#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare what XDP knows of br0's addresses with what the kernel has.

usage: fdb_compare.py [ADDRESS PORT]

All that XDP would forward to must be there in the kernel's table, at the same
port. With an address, the kernel must have it at that port. It has to be run in
the bridge's network namespace. What XDP does not know is left to the kernel, and
is no fault.
"""
import json
import os
import socket
import struct
import subprocess
import sys

TABLE = "/run/sluice/feed/sluice_fdb"
LOCAL = 1


def run(*words):
    return json.loads(subprocess.run(words, check=True,
                                     stdout=subprocess.PIPE).stdout)


def bytes_of(numbers):
    return bytes(int(number, 16) if isinstance(number, str) else number
                 for number in numbers)


def ours():
    """(address, VLAN) -> ifindex, of this namespace's br0"""
    netns = os.stat("/proc/self/ns/net").st_ino
    bridge = socket.if_nametoindex("br0")
    known = {}
    for entry in run("bpftool", "-j", "map", "dump", "pinned", TABLE):
        key = struct.unpack("=IIH6s", bytes_of(entry["key"]))
        _, _, ifindex, _, _, _, _, _, flags, _ = \
            struct.unpack("=QQIIIIQQII", bytes_of(entry["value"]))
        if key[:2] == (netns, bridge) and ifindex and not flags & LOCAL:
            known[key[3].hex(":"), key[2]] = ifindex
    return known


def kernels():
    """(address, VLAN) -> ifindex"""
    return {(entry["mac"], entry.get("vlan", 0)):
            socket.if_nametoindex(entry["ifname"])
            for entry in run("bridge", "-j", "fdb", "show", "br", "br0")
            if entry.get("master") == "br0"}


def main():
    there, here = kernels(), ours()
    wrong = {key: ifindex for key, ifindex in here.items()
             if there.get(key) != ifindex}
    for (address, vid), ifindex in wrong.items():
        print(f"# {address} VLAN {vid}: {ifindex} instead of "
              f"{there.get((address, vid))}")
    if sys.argv[1:]:
        address, port = sys.argv[1:]
        if there.get((address, 0)) != socket.if_nametoindex(port):
            print(f"# the kernel does not have {address} at {port}")
            wrong[address, 0] = 0
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
