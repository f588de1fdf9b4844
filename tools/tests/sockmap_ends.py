#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two sockets of one process, for sockmap.sh: what one sends the other must read.

sockmap_ends.py talk ADDRESS PORT COUNT
    So many requests with answers.
sockmap_ends.py redirected ADDRESS PORT LISTEN
    The same, where something in between makes PORT another one.
sockmap_ends.py stopped ADDRESS PORT
    Send until nothing is taken any more; only then it is read. Print how much.
sockmap_ends.py during ADDRESS PORT COMMAND...
    Send before and behind a command; only then all is read, and answered. The
    connection is there until standard input ends.
sockmap_ends.py as ADDRESS PORT UID GID
    One request, from another user.
sockmap_ends.py several ADDRESS PORT COUNT
    So many connections at once.
"""
import os
import socket
import subprocess
import sys

SOME = bytes(range(256)) * 16


def pair(address, port, listen=None):
    """A connection's two ends, the one that has begun it first."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(socket.AF_INET6) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("::", int(listen or port)))
        listener.listen(1)
        client = socket.socket(family)
        client.settimeout(20)
        client.connect((address, int(port)))
        server, _ = listener.accept()
        server.settimeout(20)
        return client, server


def read(end, size):
    """So much, and not a byte less."""
    data = b""
    while len(data) < size:
        more = end.recv(size - len(data))
        if not more:
            sys.exit(f"ends after {len(data)} of {size} bytes")
        data += more
    return data


def exchange(sender, receiver, data):
    """Sent is read."""
    sender.sendall(data)
    if read(receiver, len(data)) != data:
        sys.exit("something else is read")


def talk(ends, count):
    """Requests and answers."""
    client, server = ends
    for i in range(count):
        exchange(client, server, b"request %d" % i)
        exchange(server, client, b"answer %d" % i)


def stopped(ends):
    """As much as is taken, and then all of it."""
    client, server = ends
    client.setblocking(False)
    sent = 0
    try:
        while sent < 1 << 28:
            sent += client.send(SOME)
    except BlockingIOError:
        pass
    data = read(server, sent)
    whole = SOME * (sent // len(SOME) + 1)
    if data != whole[:sent]:
        sys.exit("something else is read")
    print(sent)


def during(ends, command):
    """Nothing is lost, and nothing overtakes."""
    client, server = ends
    talk(ends, 1)
    client.sendall(b"before ")
    subprocess.run(command, check=True)
    client.sendall(b"behind")
    if read(server, 13) != b"before behind":
        sys.exit("something else is read")
    talk(ends, 3)
    print("right", flush=True)
    sys.stdin.read()
    talk(ends, 3)


def main():
    """See above."""
    what, address, port, *rest = sys.argv[1:]
    if what == "several":
        for ends in [pair(address, port) for _ in range(int(rest[0]))]:
            talk(ends, 3)
        return
    ends = pair(address, port, rest[0] if what == "redirected" else None)
    if what == "talk":
        talk(ends, int(rest[0]))
    elif what == "redirected":
        talk(ends, 3)
    elif what == "stopped":
        stopped(ends)
    elif what == "during":
        during(ends, rest)
    else:
        os.setgid(int(rest[1]))
        os.setuid(int(rest[0]))
        exchange(*ends, b"request")


main()
