#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Who reaches whom, by the NetworkPolicies of Kubernetes objects.

usage: reach.py [--outside ADDRESS]... [--port PROTO/PORT]... FILE...

Prints a line "FROM TO PROTO PORT FAMILY yes|no" for each probe. Written from
the documentation of networking.k8s.io/v1, policy by policy, knowing nothing of
identities and rules: what "sluice policy compile" makes is measured by it.
"""
import ipaddress

import probes


def ended(pod):
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def is_plain_pod(end):
    """Whether policies are about it: not with the network of its node."""
    return (end.pod is not None and not ended(end.pod)
            and not end.pod["spec"].get("hostNetwork", False))


def requirement_met(requirement, labels):
    key, operator = requirement["key"], requirement["operator"]
    values = requirement.get("values") or []
    if operator == "In":
        return key in labels and labels[key] in values
    if operator == "NotIn":
        return not (key in labels and labels[key] in values)
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    raise ValueError(operator)


def selects(selector, labels):
    pairs = (selector.get("matchLabels") or {}).items()
    requirements = selector.get("matchExpressions") or []
    return (all(labels.get(key) == value for key, value in pairs)
            and all(requirement_met(item, labels) for item in requirements))


def namespace_labels(objs):
    """By name; the name is a label that every namespace has."""
    found = {}
    for obj in objs:
        if obj["kind"] == "Namespace":
            meta = obj["metadata"]
            found[meta["name"]] = {**(meta.get("labels") or {}),
                                   "kubernetes.io/metadata.name": meta["name"]}
    return found


def in_block(block, addr):
    def contains(text):
        network = ipaddress.ip_network(text, strict=False)
        return network.version == addr.version and addr in network

    return contains(block["cidr"]) and not any(
        contains(text) for text in block.get("except") or [])


def types_of(spec):
    types = spec.get("policyTypes")
    if types:
        return types
    return ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def always_runs(container):
    return container.get("restartPolicy") == "Always"


def named_ports(end, name, proto):
    """The numbers that a pod gives a name; nothing else has names."""
    if not is_plain_pod(end):
        return []
    spec = end.pod["spec"]
    containers = (spec.get("containers") or []) + [
        item for item in spec.get("initContainers") or [] if always_runs(item)]
    return [port["containerPort"] for item in containers
            for port in item.get("ports") or []
            if port.get("name") == name
            and port.get("protocol", "TCP").lower() == proto]


def port_matches(wanted, probe):
    if wanted.get("protocol", "TCP").lower() != probe.proto:
        return False
    port = wanted.get("port")
    if port is None:
        return True
    if isinstance(port, str):
        return probe.port in named_ports(probe.receiver, port, probe.proto)
    return port <= probe.port <= wanted.get("endPort", port)


class Cluster:
    """Answers for the objects of a cluster."""

    def __init__(self, objs):
        self.namespaces = namespace_labels(objs)
        self.policies = [obj for obj in objs if obj["kind"] == "NetworkPolicy"]

    def peer_matches(self, peer, policy, end, addr):
        if peer.get("ipBlock"):
            return in_block(peer["ipBlock"], addr)
        if not is_plain_pod(end):
            return False
        meta = end.pod["metadata"]
        if peer.get("namespaceSelector") is None:
            if meta["namespace"] != policy["metadata"]["namespace"]:
                return False
        elif not selects(peer["namespaceSelector"],
                         self.namespaces[meta["namespace"]]):
            return False
        pods = peer.get("podSelector")
        return pods is None or selects(pods, meta.get("labels") or {})

    def rule_matches(self, rule, policy, side, probe):
        if side == "Ingress":
            peers, end = rule.get("from"), probe.sender
        else:
            peers, end = rule.get("to"), probe.receiver
        if peers and not any(self.peer_matches(peer, policy, end,
                                               end.addrs[probe.family])
                             for peer in peers):
            return False
        ports = rule.get("ports")
        return not ports or any(port_matches(port, probe) for port in ports)

    def policies_of(self, end, side):
        if not is_plain_pod(end):
            return []
        meta = end.pod["metadata"]
        return [policy for policy in self.policies
                if policy["metadata"]["namespace"] == meta["namespace"]
                and side in types_of(policy["spec"])
                and selects(policy["spec"].get("podSelector") or {},
                            meta.get("labels") or {})]

    def side_allows(self, side, probe):
        """What one end has to say; without policies it says yes."""
        end = probe.receiver if side == "Ingress" else probe.sender
        policies = self.policies_of(end, side)
        return not policies or any(
            self.rule_matches(rule, policy, side, probe)
            for policy in policies
            for rule in policy["spec"].get(side.lower()) or [])

    def reaches(self, probe):
        """A pod cannot keep itself from its own address."""
        return (probe.sender is probe.receiver
                or (self.side_allows("Egress", probe)
                    and self.side_allows("Ingress", probe)))


def main():
    args = probes.arguments(__doc__.split("\n", maxsplit=1)[0]).parse_args()
    probes.print_matrix(args, lambda objs, ends: Cluster(objs).reaches)


if __name__ == "__main__":
    main()
