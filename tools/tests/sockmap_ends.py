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
sockmap_ends.py to ADDRESS PORT UID
    One request, to a socket of another user.
sockmap_ends.py waiting ADDRESS PORT
    Send while the connection is still to be made (MSG_FASTOPEN), and then again;
    only then all is read.
sockmap_ends.py reused ADDRESS PORT OTHER
    Connect a socket that was connected already to another port, and send.
sockmap_ends.py chosen ADDRESS PORT
    Two sockets that choose their sequence numbers (TCP_REPAIR) themselves.
sockmap_ends.py several ADDRESS PORT COUNT
    So many connections at once.
"""
import ctypes
import os
import socket
import subprocess
import sys

# Of linux/tcp.h what the library does not have
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
TCP_RECV_QUEUE, TCP_SEND_QUEUE = 1, 2

SOME = bytes(range(256)) * 16


def listening(port):
    """A socket that others can connect to."""
    listener = socket.socket(socket.AF_INET6)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("::", int(port)))
    listener.listen(4)
    return listener


def pair(address, port, listen=None):
    """A connection's two ends, the one that has begun it first."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with listening(listen or port) as listener:
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


def to_user(address, port, uid):
    """The receiver's socket is of that user."""
    with listening(port) as listener, socket.socket() as client:
        client.connect((address, int(port)))
        os.seteuid(int(uid))
        server, _ = listener.accept()
        os.seteuid(0)
        exchange(client, server, b"request")


def waiting(address, port):
    """The first goes by TCP, and is read first."""
    with listening(port) as listener, socket.socket() as client:
        client.sendto(b"first ", socket.MSG_FASTOPEN, (address, int(port)))
        client.sendall(b"second")
        server, _ = listener.accept()
        if read(server, 12) != b"first second":
            sys.exit("something else is read")


def disconnect(end):
    """As connect(2) does with an address of no family."""
    if ctypes.CDLL(None).connect(end.fileno(), bytes(16), 16):
        sys.exit("not disconnected")


def reused(address, port, other):
    """What is for the one does not get to the other."""
    client, server = pair(address, port)
    talk((client, server), 3)
    disconnect(client)
    with listening(other) as listener:
        client.connect((address, int(other)))
        second, _ = listener.accept()
        second.settimeout(20)
        exchange(client, second, b"for the second")
        exchange(second, client, b"from the second")
    try:
        if server.recv(100):
            sys.exit("the first has read something")
    except ConnectionResetError:
        pass


def repaired(numbers, own, peer):
    """A socket that stands, by numbers of its own."""
    end = socket.socket()
    end.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    for queue, number in zip((TCP_SEND_QUEUE, TCP_RECV_QUEUE), numbers):
        end.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, queue)
        end.setsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, number)
    end.bind(own)
    end.connect(peer)
    return end


def chosen(address, port):
    """They are two ends by their numbers, and still only TCP's."""
    ours, theirs = (address, int(port)), (address, int(port) + 1)
    client = repaired((1000, 2000), ours, theirs)
    server = repaired((2000, 1000), theirs, ours)
    for end in client, server:
        end.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 0)
        end.settimeout(20)
    exchange(client, server, b"request")


def main():
    """See above."""
    what, address, port, *rest = sys.argv[1:]
    alone = {"to": to_user, "waiting": waiting, "reused": reused,
             "chosen": chosen}
    if what in alone:
        alone[what](address, port, *rest)
        return
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
