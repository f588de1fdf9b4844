#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random clusters and policies, compiled and evaluated, must agree.

usage: random_clusters.py [COUNT [FIRST-SEED]]

SLUICE is the command. Small and dense: few labels, ports and addresses, so that
policies meet. Sides are compared one by one, so that one does not hide another.
The order of the objects must not matter; with a node, that node's pods must be
judged as without.
"""
import copy
import json
import os
import random
import subprocess
import sys

import decide
import probes
import reach

KEYS = ["app", "tier", "zone"]
VALUES = ["red", "blue", ""]
NAMESPACES = ["x", "y", "z"]
NODES = ["n1", "n2"]
PORT_NAMES = ["web", "dns", "alt"]
PROTOS = ["TCP", "UDP", "SCTP"]
NUMBERS = [1, 79, 80, 81, 443, 65535]
OUTSIDE = ["10.0.0.9", "192.0.2.1", "fd00::9", "2001:db8::1"]


def chance(rng, percent):
    return rng.randrange(100) < percent


def some(rng, values, most):
    return [rng.choice(values) for _ in range(rng.randint(0, most))]


def labels(rng):
    """Often the same as others have."""
    if chance(rng, 50):
        return {"app": rng.choice(VALUES)}
    return {key: rng.choice(VALUES) for key in KEYS if chance(rng, 60)}


def requirement(rng):
    operator = rng.choice(["In", "NotIn", "Exists", "DoesNotExist"])
    found = {"key": rng.choice(KEYS), "operator": operator}
    if operator in ("In", "NotIn"):
        found["values"] = rng.sample(VALUES, rng.randint(1, 2))
    return found


def selector(rng):
    found = {}
    if chance(rng, 40):
        found["matchLabels"] = {rng.choice(KEYS): rng.choice(VALUES)}
    if chance(rng, 40):
        found["matchExpressions"] = [requirement(rng)
                                     for _ in range(rng.randint(0, 2))]
    return found


def namespace_selector(rng):
    if chance(rng, 30):
        return {"matchLabels":
                {"kubernetes.io/metadata.name": rng.choice(NAMESPACES)}}
    return selector(rng)


def block(rng):
    """All addresses of pods are in 10.0.0.0/28 and fd00::/124."""
    base, bits, short = rng.choice([("10.0.0.", 32, 24), ("fd00::", 128, 120)])
    length = rng.choice([0, short, bits - 5, bits - 2, bits - 1])

    def addr(number):
        return base + (format(number, "x") if bits == 128 else str(number))

    found = {"cidr": f"{addr(rng.randrange(16))}/{length}"}
    if chance(rng, 60):
        longer = [n for n in (bits - 4, bits - 3, bits - 1, bits) if n > length]
        found["except"] = [f"{addr(inside(rng, found['cidr'], bits))}/{n}"
                           for n in some(rng, longer, 3)]
    return found


def inside(rng, cidr, bits):
    """The last byte of an address of a prefix."""
    addr, length = cidr.split("/")
    last = addr.split(":")[-1] if bits == 128 else addr.split(".")[-1]
    value = int(last or "0", 16 if bits == 128 else 10)
    free = min(4, bits - int(length))
    return value >> free << free | rng.randrange(1 << free)


def peer(rng):
    kind = rng.randrange(4)
    if kind == 0:
        return {"ipBlock": block(rng)}
    found = {}
    if kind & 1:
        found["podSelector"] = selector(rng)
    if kind & 2:
        found["namespaceSelector"] = namespace_selector(rng)
    return found


def policy_port(rng):
    found = {}
    if chance(rng, 70):
        found["protocol"] = rng.choice(PROTOS)
    if chance(rng, 40):
        found["port"] = rng.choice(PORT_NAMES)
    elif chance(rng, 80):
        found["port"] = rng.choice(NUMBERS)
        if chance(rng, 40):
            found["endPort"] = rng.choice([number for number in NUMBERS
                                           if number >= found["port"]])
    return found


def rule(rng, peers):
    found = {}
    if chance(rng, 75):
        found[peers] = [peer(rng) for _ in range(rng.randint(0, 2))]
    if chance(rng, 65):
        found["ports"] = [policy_port(rng) for _ in range(rng.randint(0, 2))]
    return found


def policy(rng, index):
    spec = {"podSelector": selector(rng)}
    if chance(rng, 70):
        spec["policyTypes"] = rng.choice([["Ingress"], ["Egress"],
                                          ["Ingress", "Egress"], []])
    for side, peers in (("ingress", "from"), ("egress", "to")):
        if chance(rng, 70):
            spec[side] = [rule(rng, peers) for _ in range(rng.randint(0, 2))]
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": f"p{index}",
                         "namespace": rng.choice(NAMESPACES)},
            "spec": spec}


def container(rng):
    ports = []
    for name in rng.sample(PORT_NAMES, rng.randint(0, 3)):
        port = {"name": name, "containerPort": rng.choice([80, 81, 443])}
        if chance(rng, 70):
            port["protocol"] = rng.choice(PROTOS)
        ports.append(port)
    return {"name": "c", "ports": ports}


def pod(rng, index):
    """One that has ended may have the address of another one."""
    name = f"pod{index}"
    spec = {"nodeName": rng.choice(NODES),
            "containers": [container(rng) for _ in range(rng.randint(1, 2))]}
    if chance(rng, 20):
        spec["initContainers"] = [{**container(rng), "restartPolicy": word}
                                  for word in some(rng, ["Always", "Never"], 2)]
    if chance(rng, 10):
        spec["hostNetwork"] = True
    phase = rng.choice(["Running"] * 8 + ["Succeeded", "Failed", "Pending"])
    status = {"phase": phase}
    if phase in ("Succeeded", "Failed"):
        index = rng.randint(1, 7)
    addrs = [f"10.0.0.{index}", f"fd00::{index:x}"]
    if chance(rng, 80):
        status["podIPs"] = [{"ip": addr} for addr in addrs]
    status["podIP"] = addrs[0]
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": rng.choice(NAMESPACES),
                         "labels": labels(rng)},
            "spec": spec, "status": status}


def cluster(rng):
    found = [{"apiVersion": "v1", "kind": "Namespace",
              "metadata": {"name": name, "labels": labels(rng)}}
             for name in NAMESPACES]
    found += [pod(rng, index) for index in range(1, rng.randint(4, 8))]
    found += [policy(rng, index) for index in range(rng.randint(1, 6))]
    return found


def compiled(objs, *words):
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objs})
    done = subprocess.run([os.environ["SLUICE"], "policy", "compile", "-", *words],
                          input=text, capture_output=True, text=True,
                          check=False)
    if done.returncode or done.stderr:
        raise AssertionError(f"status {done.returncode}: {done.stderr}")
    return done.stdout


def on_node(end, node):
    return end.pod is not None and end.pod["spec"]["nodeName"] == node


def compare(objs, text, node=None):
    """What differs, as text, one probe a line."""
    ruleset, expected = decide.Ruleset(text), reach.Cluster(objs)
    ends = probes.endpoints(objs, OUTSIDE)
    more = [(proto.lower(), number) for proto in PROTOS for number in (80, 82)]
    for probe in probes.probes(ends, more):
        for side, end in (("Ingress", probe.receiver), ("Egress", probe.sender)):
            if node and not on_node(end, node):
                continue
            wanted = expected.side_allows(side, probe)
            if ruleset.direction_allows(side == "Ingress", probe) != wanted:
                yield f"{side}: should be: {probes.text(probe, wanted)}"


def lists(value):
    """All arrays in an object, whose order means nothing in any of them."""
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, list):
        yield value
    for child in children:
        if isinstance(child, (dict, list)):
            yield from lists(child)


def shuffled(rng, objs):
    found = copy.deepcopy(objs)
    for array in lists(found):
        rng.shuffle(array)
    return found


def check(seed):
    """Complaints about the cluster of a seed."""
    rng = random.Random(seed)
    objs = cluster(rng)
    text = compiled(objs)
    found = list(compare(objs, text))
    if compiled(shuffled(rng, objs)) != text:
        found.append("another order gives another text")
    node = rng.choice(NODES)
    found += [f"node {node}: {line}"
              for line in compare(objs, compiled(objs, "node", node), node)]
    return found


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    bad = 0
    for seed in range(first, first + count):
        complaints = check(seed)
        if complaints:
            bad += 1
            print(f"# seed {seed}: {len(complaints)} complaints, the first:"
                  f" {complaints[0]}")
        if bad == 3:
            break
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
