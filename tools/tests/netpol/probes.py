# SPDX-License-Identifier: GPL-2.0-or-later
"""What is probed: who connects to whom, by which protocol, port and family.

Nothing here knows policies. A probe's text is "FROM TO PROTO PORT FAMILY", as
in "x/a y/b tcp 80 4". Pods are servers at the ports of their containers, others
at all ports that some pod has.
"""
import argparse
import ipaddress
from collections import namedtuple

import objects

Probe = namedtuple("Probe", "sender receiver proto port family")
Endpoint = namedtuple("Endpoint", "name addrs pod")


def by_family(addrs):
    """The first address of each family."""
    found = {}
    for text in addrs:
        addr = ipaddress.ip_address(text)
        found.setdefault(addr.version, addr)
    return found


def pod_endpoint(pod):
    status = pod.get("status", {})
    addrs = [entry["ip"] for entry in status.get("podIPs") or []]
    if not addrs and status.get("podIP"):
        addrs = [status["podIP"]]
    if status.get("phase") in ("Succeeded", "Failed"):
        addrs = []
    meta = pod["metadata"]
    return Endpoint(f"{meta['namespace']}/{meta['name']}", by_family(addrs), pod)


def endpoints(objs, outside=()):
    """The pods with addresses, and addresses that are no pod's."""
    found = [pod_endpoint(obj) for obj in objs if obj["kind"] == "Pod"]
    found += [Endpoint(text, by_family([text]), None) for text in outside]
    return [endpoint for endpoint in found if endpoint.addrs]


def ports_of(pod):
    """Protocol and number of each port that a pod's containers have."""
    return sorted({(port.get("protocol", "TCP").lower(), port["containerPort"])
                   for container in pod["spec"].get("containers") or []
                   for port in container.get("ports") or []})


def servers(ends, more=()):
    """For each endpoint's name, the ports to try there."""
    of_pods = {end.name: ports_of(end.pod) for end in ends if end.pod}
    everything = {port for ports in of_pods.values() for port in ports}
    return {end.name: sorted({*of_pods.get(end.name, everything), *more})
            for end in ends}


def probes(ends, more=()):
    """Every ordered pair, also of one endpoint with itself."""
    ports = servers(ends, more)
    for sender in ends:
        for receiver in ends:
            for proto, port in ports[receiver.name]:
                for family in sorted(sender.addrs.keys() & receiver.addrs):
                    yield Probe(sender, receiver, proto, port, family)


def text(probe, verdict):
    return " ".join((probe.sender.name, probe.receiver.name, probe.proto,
                     str(probe.port), str(probe.family),
                     "yes" if verdict else "no"))


def parse_port(word):
    proto, number = word.split("/")
    return proto, int(number)


def arguments(description):
    """A parser of what all commands here know."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--outside", action="append", default=[],
                        metavar="ADDRESS", help="probe this address, too")
    parser.add_argument("--port", action="append", default=[], type=parse_port,
                        metavar="PROTO/PORT", help="probe it everywhere, too")
    parser.add_argument("files", nargs="+", metavar="FILE",
                        help="Kubernetes objects")
    return parser


def print_matrix(args, decide):
    """Print all probes; decide(objs, ends) gives the function that answers."""
    objs = objects.load(args.files)
    ends = endpoints(objs, args.outside)
    answer = decide(objs, ends)
    for probe in probes(ends, args.port):
        print(text(probe, answer(probe)))
