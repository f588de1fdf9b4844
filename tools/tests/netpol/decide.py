#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Who reaches whom, by identities and rules in the words of "sluice restore".

usage: decide.py --rules FILE [--outside ADDRESS]... [--port PROTO/PORT]... FILE...

Prints the lines that reach.py prints. Of the Kubernetes objects only the
addresses and ports of pods are used; the rules decide, by the decision table of
the module: tier by tier, the lowest priority number first, isolation after the
normal tier.
"""
import ipaddress

import probes

TIERS = ["admin", "normal", "baseline"]
ACTIONS = ["deny", "allow", "pass"]
RESERVED = {"host": 1, "remote-node": 2, "world": 3}
UNKNOWN = 0
PORTS = (0, 65535)


def identity_number(word):
    return RESERVED[word] if word in RESERVED else int(word)


def on(word):
    return {"on": True, "off": False}[word]


class Words:
    """A cursor in the words of a line."""

    def __init__(self, line):
        words = line.split()
        begin = [i for i, word in enumerate(words) if word.startswith("#")]
        self.left = words[:begin[0]] if begin else words

    def next(self):
        return self.left.pop(0)

    def take(self, *words):
        if tuple(self.left[:len(words)]) != words:
            return False
        del self.left[:len(words)]
        return True

    def options(self, **readers):
        """Name and value of what follows, each at most once."""
        found = {}
        while self.left:
            name = self.next()
            if name in found:
                raise ValueError(f"{name} twice")
            found[name] = readers[name.replace("-", "_")](self.next())
        return found


class Entry:
    """Addresses that have an identity."""

    def __init__(self, words):
        self.prefix = ipaddress.ip_network(words.next())
        if not words.take("id"):
            raise ValueError("id")
        self.number = identity_number(words.next())
        rest = words.options(exclusive=on, **{"except": self.parse_excepts})
        self.exclusive = rest.get("exclusive", False)
        self.excepts = rest.get("except", [])

    def parse_excepts(self, word):
        found = [ipaddress.ip_network(text) for text in word.split(",")]
        for network in found:
            if not network.subnet_of(self.prefix):
                raise ValueError(f"{network} is not in {self.prefix}")
        return found

    def has(self, addr):
        return (addr.version == self.prefix.version and addr in self.prefix
                and not any(addr in network for network in self.excepts))


class Rule:
    """What "policy add" says."""

    def __init__(self, words):
        self.ingress = words.take("to")
        if not self.ingress and not words.take("from"):
            raise ValueError("direction")
        self.subject = identity_number(words.next())
        if not words.take("from" if self.ingress else "to"):
            raise ValueError("peer")
        self.peer = self.parse_peer(words)
        self.proto, self.ports = self.parse_match(words)
        self.action = ACTIONS.index(words.next())
        rest = words.options(tier=TIERS.index, priority=int, cookie=int,
                             name=str)
        self.tier = rest.get("tier", TIERS.index("normal"))
        self.priority = rest.get("priority", 1000)
        self.cookie = rest.get("cookie", 0)
        self.name = rest.get("name", "")
        if len(self.name.encode()) > 63 or not self.cookie < 1 << 64:
            raise ValueError("name or cookie")

    @staticmethod
    def parse_peer(words):
        if words.take("any"):
            return None
        return UNKNOWN if words.take("unknown") else identity_number(words.next())

    @staticmethod
    def parse_match(words):
        for proto in ("tcp", "udp", "sctp"):
            if not words.take(proto):
                continue
            if not words.left[0][0].isdigit():
                return proto, PORTS
            first, _, last = words.next().partition("-")
            ports = int(first), int(last or first)
            if not 1 <= ports[0] <= ports[1] <= 65535:
                raise ValueError("ports")
            return proto, ports
        return None, PORTS

    def key(self):
        return (self.ingress, self.subject, self.peer, self.proto, self.ports,
                self.tier, self.priority)

    def matches(self, subjects, peers, probe):
        return (self.subject in subjects
                and (self.peer is None or self.peer in peers)
                and self.proto in (None, probe.proto)
                and self.ports[0] <= probe.port <= self.ports[1])


def widest_that_counts(entries):
    """Where an exclusive entry holds, those of wider prefixes do not."""
    return max((entry.prefix.prefixlen for entry in entries if entry.exclusive),
               default=0)


class Ruleset:
    """Answers by what a file says."""

    def __init__(self, text):
        self.entries = {}
        self.rules = {}
        self.isolated = {True: set(), False: set()}
        for line in text.splitlines():
            words = Words(line)
            if words.left:
                self.add(words)
                if words.left:
                    raise ValueError(line)
        self.found = {}

    def add(self, words):
        if words.take("identity", "add"):
            entry = Entry(words)
            self.add_once(self.entries, (entry.prefix, entry.number), entry)
        elif words.take("policy", "set"):
            self.set_options(words)
        elif words.take("policy", "add"):
            rule = Rule(words)
            self.add_once(self.rules, rule.key(), rule)
        else:
            raise ValueError(" ".join(words.left))

    @staticmethod
    def add_once(table, key, value):
        if key in table:
            raise ValueError(f"{key} twice")
        table[key] = value

    def set_options(self, words):
        subject = identity_number(words.next())
        rest = words.options(isolate=str, audit=on, on_deny=str, established=str)
        isolate = rest.get("isolate", "none")
        if isolate in ("ingress", "both"):
            self.isolated[True].add(subject)
        if isolate in ("egress", "both"):
            self.isolated[False].add(subject)

    def identities(self, addr):
        """Numbers of an address; UNKNOWN alone if there is none."""
        if addr not in self.found:
            entries = [entry for entry in self.entries.values()
                       if entry.has(addr)]
            least = widest_that_counts(entries)
            self.found[addr] = {entry.number for entry in entries
                                if entry.prefix.prefixlen >= least} or {UNKNOWN}
        return self.found[addr]

    def is_isolated(self, ingress, subjects):
        normal = TIERS.index("normal")
        return bool(self.isolated[ingress] & subjects) or any(
            rule.subject in subjects and rule.ingress == ingress
            and rule.tier == normal for rule in self.rules.values())

    def direction_allows(self, ingress, probe):
        ends = probe.receiver, probe.sender
        subject, peer = ends if ingress else reversed(ends)
        subjects = self.identities(subject.addrs[probe.family])
        peers = self.identities(peer.addrs[probe.family])
        matching = [rule for rule in self.rules.values()
                    if rule.ingress == ingress
                    and rule.matches(subjects, peers, probe)]
        for tier, name in enumerate(TIERS):
            best = min(((rule.priority, rule.action) for rule in matching
                        if rule.tier == tier), default=None)
            if best and ACTIONS[best[1]] != "pass":
                return ACTIONS[best[1]] == "allow"
            if name == "normal" and self.is_isolated(ingress, subjects):
                return False
        return True

    def reaches(self, probe):
        """What a pod sends to its own address nobody else sees."""
        return (probe.sender is probe.receiver
                or (self.direction_allows(False, probe)
                    and self.direction_allows(True, probe)))


def main():
    parser = probes.arguments(__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rules", required=True, metavar="FILE",
                        help='what "sluice policy compile" printed')
    args = parser.parse_args()
    with open(args.rules, encoding="utf-8") as file:
        ruleset = Ruleset(file.read())
    probes.print_matrix(args, lambda objs, ends: ruleset.reaches)


if __name__ == "__main__":
    main()
