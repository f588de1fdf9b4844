#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the selftest with real pods needs to try cases.

usage: plan.py [--outside ADDRESS]... DIRECTORY CLUSTER CASE...

Writes to the directory

    pods        NAMESPACE IPV4 IPV6 of each pod of the cluster
    outside     the other addresses, all in a network namespace "outside"
    servers     what "reach serve" is to be
    NAME.json   for each case its objects,
    NAME.probes     what "reach ask" is to try
    NAME.reach      and what is to become of it: see reach.py
"""
import argparse
import json
import pathlib

import objects
import probes
import reach

OUTSIDE = "outside"


class Plan:
    """Where the ends of probes are, and who has to answer."""

    def __init__(self, directory, cluster):
        self.directory = pathlib.Path(directory)
        self.pods = {end.name: end for end in
                     probes.endpoints(objects.load([cluster]))}
        self.outside = set()
        self.servers = set()

    def write(self, name, lines):
        text = "".join(f"{line}\n" for line in lines)
        (self.directory / name).write_text(text, encoding="utf-8")

    def namespace(self, end):
        if end.name in self.pods:
            return end.name.replace("/", "-")
        self.outside |= set(end.addrs.values())
        return OUTSIDE

    def is_tried(self, probe):
        """What outside hosts send to each other is nobody's business."""
        return (probe.sender.name in self.pods
                or probe.receiver.name in self.pods)

    def line(self, probe):
        sender, receiver, proto, port, family = probe
        self.servers.add((self.namespace(receiver), receiver.name, proto, port,
                          str(receiver.addrs[family])))
        return (f"{self.namespace(sender)} {sender.name} {receiver.name} {proto} "
                f"{port} {family} {sender.addrs[family]} {receiver.addrs[family]}")

    def add_case(self, name, objs, outside):
        cluster = reach.Cluster(objs)
        tried = [probe for probe in
                 probes.probes(probes.endpoints(objs, outside))
                 if self.is_tried(probe)]
        self.write(f"{name}.json", [json.dumps(objs)])
        self.write(f"{name}.probes", map(self.line, tried))
        self.write(f"{name}.reach", (probes.text(probe, cluster.reaches(probe))
                                     for probe in tried))

    def write_topology(self):
        self.write("pods", (f"{self.namespace(end)} {end.addrs[4]} {end.addrs[6]}"
                            for end in self.pods.values()))
        self.write("outside", sorted(map(str, self.outside)))
        self.write("servers", (" ".join(map(str, server))
                               for server in sorted(self.servers)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--outside", action="append", default=[],
                        metavar="ADDRESS", help="probe this address, too")
    parser.add_argument("directory", metavar="DIRECTORY")
    parser.add_argument("cluster", metavar="CLUSTER")
    parser.add_argument("cases", nargs="+", metavar="CASE")
    args = parser.parse_args()
    plan = Plan(args.directory, args.cluster)
    for case in args.cases:
        plan.add_case(pathlib.Path(case).name.removesuffix(".json"),
                      objects.load([args.cluster, case]), args.outside)
    plan.write_topology()


if __name__ == "__main__":
    main()
