#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Send a frame of a protocol that nobody knows, or one after another.

usage: send_frame.py DEVICE DESTINATION SOURCE [SECONDS]
"""
import socket
import sys
import time

LOCAL_EXPERIMENTAL = b"\x88\xb5"


def main():
    device, destination, source = sys.argv[1:4]
    end = time.monotonic() + float(sys.argv[4] if sys.argv[4:] else 0)
    frame = (bytes.fromhex(destination.replace(":", "")) +
             bytes.fromhex(source.replace(":", "")) +
             LOCAL_EXPERIMENTAL + bytes(46))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind((device, 0))
        sender.send(frame)
        while time.monotonic() < end:
            sender.send(frame)


if __name__ == "__main__":
    main()
