#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Requests with each of their allocations refused in turn, by the kernel's
/proc/thread-self/fail-nth: what is asked for is done or not, never by half, and
nobody says that it is done when it is not. For a namespace without
configuration; it is left like that.

usage: nl_memory.py changes
       nl_memory.py questions
       nl_memory.py flows FAMILY ADDRESS PORT    as a client on the node
"""

import errno
import os
import socket
import sys

from nlclient import CREATE, DUMP, REPLACE, Checker

NEW = CREATE | 0x200                    # and NLM_F_EXCL
LIMIT = 2000                            # no request has so many allocations

DUMPS = ("service-get", "backend-get", "identity-get", "rule-get",
         "subject-get", "device-get")


class Refusal:
    """What this thread asks the kernel for, with an allocation refused."""

    def __init__(self):
        self.file = os.open("/proc/thread-self/fail-nth", os.O_RDWR)

    def during(self, number, call):
        """Make a call with this allocation of its refused, counted from 1;
        whether there was one, and the error that the call had."""
        error = None
        os.pwrite(self.file, str(number).encode(), 0)
        try:
            call()
        except OSError as exception:
            error = exception.errno
        left = int(os.pread(self.file, 20, 0))
        os.pwrite(self.file, b"0", 0)
        return left == 0, error


class FaultySocket:
    """A socket that sends with an allocation refused."""

    def __init__(self, sock):
        self.sock = sock
        self.refusal = Refusal()
        self.number = 0
        self.refused = False

    def __getattr__(self, name):
        return getattr(self.sock, name)

    def send(self, data):
        """Send; what the kernel does with a request is done meanwhile."""
        number, self.number = self.number, 0
        if not number:
            return self.sock.send(data)
        self.refused, error = self.refusal.during(
            number, lambda: self.sock.send(data))
        if error:
            raise OSError(error, os.strerror(error))
        return len(data)


class Memory(Checker):
    """Asks with allocations refused, and looks at what has come of it."""

    def __init__(self):
        super().__init__()
        self.client.sock = FaultySocket(self.client.sock)

    def ask_without(self, number, cmd, attrs, flags):
        """The error of a request whose allocation of this number is refused,
        or None if the answer was lost for want of memory; and the replies."""
        self.client.sock.number = number
        try:
            answer = self.client.ask(cmd, attrs, flags)
        except OSError as exception:
            if exception.errno != errno.ENOBUFS:
                raise
            return None, []
        return answer.error, answer.replies

    def refused(self):
        """Whether the last request had so many allocations."""
        return self.client.sock.refused

    def raw(self, cmd, flags=0):
        """The messages of an answer as they are."""
        found = []
        self.client.send(cmd, {}, flags | 4)
        while True:
            for msg in self.client.receive():
                if msg.nl_seq != self.client.seq:
                    continue
                if msg.done:
                    assert msg.error == 0, msg
                    return sorted(found)
                found.append(msg.raw)

    def state(self):
        """All that is configured."""
        return [self.raw(cmd, DUMP) for cmd in DUMPS] + [self.raw("settings-get")]

    def revision(self):
        """The namespace's revision."""
        return self.client.ask("stats-get").replies[0]["stats"]["revision"]

    def judge(self, what, error, before, after):
        """Whether a change has been done, after it was asked for."""
        done = before != after
        if error == 0:
            self.expect(True, done, f"{what}: said to be done, and done")
        elif error is not None:
            self.expect("ENOMEM", error, what)
            self.expect(False, done, f"{what}: refused, and done")
        return done

    def change(self, request, undo):
        """Have a change refused at each of its allocations, undo it whenever it
        was done nevertheless, and do it at last."""
        results, before, number = [], self.state(), 0
        while number < LIMIT:
            number += 1
            what = f"{request[0]} {request[1]} without allocation {number}"
            revision = self.revision()
            error, _ = self.ask_without(number, *request)
            reached, after = self.refused(), self.state()
            done = self.judge(what, error, before, after)
            if not done:
                self.expect(revision, self.revision(), f"{what}: revision")
            if done:
                results.append(after)
            if not reached:
                self.expect(0, error, what)
                break
            if done:
                self.must(*undo)
                self.expect(before, self.state(), f"{what}: undone")
        self.expect(True, 3 < number < LIMIT, f"{request}: allocations {number}")
        for result in results:
            self.expect(results[-1], result, f"{request[0]}: done in full")

    def question(self, request):
        """Have a question refused at each of its allocations: its answer is an
        error or whole."""
        right, number = self.must(*request), 0
        while number < LIMIT:
            number += 1
            error, replies = self.ask_without(number, *request)
            if error == 0:
                self.expect(right, replies, f"{request[0]} without {number}")
            elif error is not None and error not in ("ENOMEM", "ENOBUFS"):
                self.expect("ENOMEM", error, f"{request[0]} without {number}")
            if not self.refused():
                break
        self.expect(True, 1 < number < LIMIT, f"{request}: allocations {number}")


def service(**values):
    """A service, by its key and what else is said."""
    return {"service": {"addr": "10.96.0.1", "port": 80, "proto": 6, **values}}


def backend(number, **values):
    """A backend of it."""
    return {**service(),
            "backend": {"addr": f"10.244.2.{number}", "port": 8080, **values}}


def identity(**values):
    """An entry of the identity map."""
    return {"identity": {"prefix": {"addr": "10.244.0.0", "len": 16},
                         "id": 1001, **values}}


RULE = {"rule": {"subject": 1001, "direction": 1, "peer": 1002, "proto": 6,
                 "port-first": 80, "port-last": 89}}
EXCEPT = {"except": {"prefix": [{"addr": "10.244.3.0", "len": 24}]}}
RANGES = {"allow": {"prefix": [{"addr": "10.0.0.0", "len": 8}]},
          "deny": {"prefix": [{"addr": "10.1.0.0", "len": 16}]}}
PODS = {"pod-prefixes": {"prefix": [{"addr": "10.244.0.0", "len": 16}]}}


def settings(**values):
    """Settings."""
    return {"settings": {n.replace("_", "-"): v for n, v in values.items()}}


def device(address):
    """A device with an address."""
    return {"device": {"name": "veth-a", "addresses":
                       {"prefix": [{"addr": address, "len": 32}]}}}


def subject(isolated):
    """A subject that is isolated, or not."""
    return {"subject": {"id": 1001, "isolate-ingress": isolated}}


def change(op, flags=(), **objects):
    """One change of a transaction."""
    return {"op": op, "flags": set(flags), **objects}


def created(op, attrs):
    """One that creates something."""
    return change(op, ("create", "excl"), **attrs)


def everything():
    """A transaction with something of each kind."""
    return {"change": [
        change("replace-all"),
        created("service-new", service(scheduler="maglev")),
        created("backend-new", backend(1)),
        created("backend-new", backend(4, weight=3)),
        created("identity-new", identity()),
        created("rule-new", {"rule": {**RULE["rule"], "action": "allow"}}),
        change("subject-set", **subject(1)),
        created("device-new", device("10.244.1.7")),
        change("settings-set", **settings(timeout_udp=44)),
    ]}


def nothing():
    """What undoes it."""
    return {"change": [change("replace-all"),
                       change("settings-set", **settings(timeout_udp=120))]}


def changes():
    """Requests, each with what undoes it; the last undoes all."""
    allow = {"rule": {**RULE["rule"], "action": "allow"}}
    wider = identity(**EXCEPT)
    yield ("service-new", service(**RANGES), NEW), ("service-del", service())
    for i in (1, 2):
        yield ("backend-new", backend(i), NEW), ("backend-del", backend(i))
    for name in ("maglev", "wrr", "lc"):
        yield (("service-new", service(scheduler=name), REPLACE),
               ("service-new", service(scheduler="random"), REPLACE))
        yield ("backend-new", backend(3), NEW), ("backend-del", backend(3))
        yield (("backend-new", backend(1, weight=5), REPLACE),
               ("backend-new", backend(1, weight=1), REPLACE))
        for undo in (("backend-new", backend(1, weight=1), REPLACE),
                     ("backend-del", backend(3)),
                     ("service-new", service(scheduler="random"), REPLACE)):
            yield undo, None
    yield (("service-new", service(affinity=60), REPLACE),
           ("service-new", service(affinity=0), REPLACE))
    yield ("identity-new", identity(), NEW), ("identity-del", identity())
    yield ("identity-new", wider, REPLACE), ("identity-new", identity(), REPLACE)
    yield (("subject-set", subject(1)), ("subject-set", subject(0)))
    yield ("rule-new", allow, NEW), ("rule-del", RULE)
    yield (("device-new", device("10.244.1.7"), NEW),
           ("device-del", {"device": {"name": "veth-a"}}))
    yield (("device-new", device("10.244.1.8"), REPLACE),
           ("device-new", device("10.244.1.7"), REPLACE))
    yield (("settings-set", settings(timeout_udp=55)),
           ("settings-set", settings(timeout_udp=120)))
    yield (("settings-set", {"settings": PODS}),
           ("settings-set", {"settings": {"pod-prefixes": {}}}))
    yield ("settings-set", settings(pod_prefixes={}, timeout_udp=120)), None
    for undo in (("device-flush", {}), ("policy-flush", {}),
                 ("identity-flush", {}), ("service-flush", {})):
        yield undo, None
    yield ("transaction", everything()), ("transaction", nothing())
    yield ("transaction", nothing()), None


def requested(request):
    """With flags, if there are none."""
    return request if len(request) == 3 else (*request, 0)


def do_changes(memory):
    """All changes; those that nothing undoes are done as they are."""
    start = memory.state()
    for request, undo in changes():
        if undo:
            memory.change(requested(request), requested(undo))
        else:
            memory.must(*request)
    memory.expect(start, memory.state(), "after all")


def do_questions(memory):
    """All questions, of something of each kind."""
    memory.must("transaction", everything())
    for cmd in DUMPS + ("flow-get",):
        memory.question((cmd, {}, DUMP))
    packet = {"src": bytes([10, 244, 1, 9]), "dst": bytes([10, 96, 0, 1]),
              "sport": 4000, "dport": 80}
    for cmd, attrs in (("service-get", service()), ("backend-get", backend(1)),
                       ("settings-get", {}), ("stats-get", {}),
                       ("explain", {"explain": {"proto": 6, "packet": packet}})):
        memory.question((cmd, attrs, 0))
    memory.must("transaction", nothing())


def no_memory(memory):
    """Packets dropped for want of memory."""
    drops = memory.client.ask("stats-get").replies[0]["stats"].get("drop", [])
    drops = drops if isinstance(drops, list) else [drops]
    return sum(drop["packets"] for drop in drops
               if drop["reason"] in ("no-memory", 4))


def do_flows(memory, family, address, port):
    """Datagrams that begin a flow, from a socket and so a port of their own."""
    refusal, before, number, unsent = Refusal(), no_memory(memory), 0, 0
    family = socket.AF_INET6 if family == "6" else socket.AF_INET
    reached = True
    while reached and number < LIMIT:
        number += 1
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.bind(("", 0))
            reached, error = refusal.during(
                number, lambda s=sock: s.sendto(b"name", (address, int(port))))
            unsent += error is not None
            if reached:
                continue
            sock.settimeout(60)
            memory.expect(True, len(sock.recv(100)) > 0, "an answer")
    memory.expect(True, 1 < number < LIMIT, f"allocations {number}")
    memory.expect(True, 0 < no_memory(memory) - before <= unsent,
                  f"drops, {unsent} not sent, {no_memory(memory)}")


def main():
    """Do what is asked for."""
    memory = Memory()
    {"changes": do_changes, "questions": do_questions,
     "flows": do_flows}[sys.argv[1]](memory, *sys.argv[2:])
    sys.exit(memory.wrong > 0)


if __name__ == "__main__":
    main()
