#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is sent comes back, and is compared.

usage: echo.py serve PORT
       echo.py ask tcp|udp ADDRESS PORT SIZE

"serve" answers on both protocols and families until it is killed, and says
"ready" first. "ask" ends with status 0 if SIZE bytes came back as they were
sent. Large UDP datagrams are sent as fragments.
"""
import random
import socket
import sys
import threading

TIMEOUT = 20


def serve_tcp(port):
    server = socket.create_server(("::", port), family=socket.AF_INET6,
                                  dualstack_ipv6=True)
    print("ready", flush=True)
    while True:
        connection, _ = server.accept()
        threading.Thread(target=echo_tcp, args=(connection,)).start()


def echo_tcp(connection):
    with connection:
        while data := connection.recv(65536):
            connection.sendall(data)


def serve_udp(port):
    server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    server.bind(("::", port))
    while True:
        data, client = server.recvfrom(65536)
        server.sendto(data, client)


def receive(connection, size):
    data = b""
    while len(data) < size and (more := connection.recv(65536)):
        data += more
    return data


def ask_tcp(address, port, data):
    with socket.create_connection((address, port), TIMEOUT) as connection:
        sender = threading.Thread(target=connection.sendall, args=(data,))
        sender.start()
        answer = receive(connection, len(data))
        sender.join()
    return answer


def ask_udp(address, port, data):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as connection:
        connection.settimeout(TIMEOUT)
        connection.connect((address, port))
        # Up to the path's MTU, and fragments behind it
        connection.send(data)
        return connection.recv(65536)


def main():
    if sys.argv[1] == "serve":
        threading.Thread(target=serve_udp, args=(int(sys.argv[2]),)).start()
        serve_tcp(int(sys.argv[2]))
    proto, address, port, size = sys.argv[2:]
    data = random.Random(4711).randbytes(int(size))
    ask = ask_tcp if proto == "tcp" else ask_udp
    try:
        sys.exit(ask(address, int(port), data) != data)
    except OSError as error:
        sys.exit(f"{proto} to {address}: {error}")


if __name__ == "__main__":
    main()
