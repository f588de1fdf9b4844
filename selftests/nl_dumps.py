#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Dumps of a namespace with many services and three backends each: complete, each
object once, in small packets; and what a change in the middle does to them.

usage: nl_dumps.py complete SERVICES
       nl_dumps.py interrupted SERVICES
"""

import struct
import sys

from nlclient import CREATE, DUMP, DUMP_INTR, HEADERS, Client

SMALL = 4096            # the least that netlink promises to fit an answer to


def attributes(data, at, end):
    """(number, start, end) of each attribute; far faster than the library."""
    while at + 4 <= end:
        length, number = struct.unpack_from("HH", data, at)
        yield number & 0x3fff, at + 4, at + length
        at += length + 3 & ~3


def key(msg):
    """Address, port and protocol of the service, and of the backend if any."""
    data, found = msg.hdr + msg.raw, []
    for number, start, end in attributes(data, HEADERS, len(data)):
        if number not in (1, 2):
            continue
        for inner, begin, stop in attributes(data, start, end):
            if inner <= (3 if number == 1 else 2):
                found.append(data[begin:stop])
    return tuple(found)


class Dump:
    """A dump, packet by packet."""

    def __init__(self, cmd, size=SMALL, attrs=None):
        self.client = Client()
        self.size = size
        self.keys = []
        self.interrupted = False
        self.done = False
        self.packets = 0
        self.client.send(cmd, attrs or {}, DUMP)

    def read(self, packets=None):
        """Read on, to the end or so many packets; self."""
        while not self.done and packets != 0:
            for msg in self.client.receive(self.size):
                self.take(msg)
            self.packets += 1
            packets = packets and packets - 1
        return self

    def take(self, msg):
        """One message."""
        self.interrupted |= bool(msg.nl_flags & DUMP_INTR)
        if msg.done:
            assert msg.error == 0, msg
            self.done = True
        else:
            self.keys.append(key(msg))


class Checker:
    """Remembers whether anything was wrong."""

    def __init__(self, services):
        self.services = services
        self.wrong = 0

    def expect(self, condition, what):
        """Complain unless a condition holds."""
        if not condition:
            print(what)
            self.wrong += 1

    def each_once(self, dump, count, what):
        """So many keys, no two the same."""
        self.expect(len(dump.keys) == count,
                    f"{what}: {len(dump.keys)} objects, not {count}")
        self.expect(len(set(dump.keys)) == len(dump.keys), f"{what}: some twice")


def complete(checker):
    """Small and large packets give the same; nobody says "interrupted"."""
    count = checker.services
    for cmd, objects in (("service-get", count), ("backend-get", 3 * count)):
        small = Dump(cmd).read()
        large = Dump(cmd, 131072).read()
        checker.each_once(small, objects, cmd)
        checker.expect(small.keys == large.keys, f"{cmd}: small and large differ")
        checker.expect(small.packets > objects // 40,
                       f"{cmd}: only {small.packets} packets")
        checker.expect(not small.interrupted, f"{cmd}: interrupted by nobody")
    one = Dump("backend-get", attrs={"service": service(7)}).read()
    checker.each_once(one, 3, "backends of one service")
    checker.expect({k[:3] for k in one.keys} == {service_key(7)},
                   "backends of one service are of another")


def service(i):
    """What names service number i; see make_many() in test_netlink.sh."""
    return {"addr": f"10.97.{i // 250}.{i % 250 + 1}", "port": 80, "proto": 6}


def service_key(i):
    """The same as it is in a message."""
    return (bytes([10, 97, i // 250, i % 250 + 1]), struct.pack(">H", 80),
            bytes([6]))


def must(client, cmd, attrs, flags=0):
    """A change that has to succeed."""
    answer = client.ask(cmd, attrs, flags)
    assert answer.error == 0, (cmd, attrs, answer)


def changed_between(checker, what, cmd, change, objects):
    """A dump with a change in it says so, and gives what stays once each."""
    dump = Dump(cmd).read(3)
    checker.expect(not dump.done, f"{what}: the dump is over too soon")
    change(dump.keys[-1])
    dump.read()
    checker.expect(dump.interrupted, f"{what}: nobody says interrupted")
    checker.expect(len(set(dump.keys)) == len(dump.keys), f"{what}: some twice")
    low, high = objects
    checker.expect(low <= len(dump.keys) <= high,
                   f"{what}: {len(dump.keys)} objects, not {low} to {high}")


def named(found):
    """The service of a message's key, as attributes."""
    addr = ".".join(str(byte) for byte in found[0])
    return {"addr": addr, "port": 80, "proto": 6}


def interrupted(checker):
    """Changes of each kind, where the dump stands and elsewhere."""
    client, count = Client(), checker.services
    new = {"addr": "10.98.0.1", "port": 80, "proto": 6}

    def add(_):
        must(client, "service-new", {"service": new}, CREATE)

    def set_scheduler(_):
        must(client, "service-new", {"service": {**new, "scheduler": "wrr"}}, 0x100)

    def delete(_):
        must(client, "service-del", {"service": new})

    def delete_here(found):
        must(client, "service-del", {"service": named(found)})

    def delete_backends(_):
        must(client, "backend-flush", {"service": service(count - 1)})

    def flush(_):
        must(client, "service-flush", {})

    changed_between(checker, "a new service", "service-get", add,
                    (count, count + 1))
    changed_between(checker, "a changed service", "service-get", set_scheduler,
                    (count + 1, count + 1))
    changed_between(checker, "a deleted service", "service-get", delete,
                    (count, count + 1))
    changed_between(checker, "the service just sent", "service-get", delete_here,
                    (count, count))
    changed_between(checker, "the service of the backend just sent",
                    "backend-get", delete_here, (3 * count - 6, 3 * count - 3))
    changed_between(checker, "backends to come", "backend-get", delete_backends,
                    (3 * count - 9, 3 * count - 9))
    checker.expect(not Dump("service-get").read().interrupted,
                   "interrupted before it began")
    changed_between(checker, "all of them", "backend-get", flush, (3, 300))


def main():
    """Do what is asked for."""
    checker = Checker(int(sys.argv[2]))
    {"complete": complete, "interrupted": interrupted}[sys.argv[1]](checker)
    sys.exit(checker.wrong > 0)


if __name__ == "__main__":
    main()
