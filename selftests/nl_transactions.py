#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
The request "transaction": all of its changes or none, the change at fault is
named, one step of the revision. The namespace is empty before and after.
"""

import sys

from nlclient import HEADERS, Checker

SERVICES = [{"addr": f"10.96.0.{i}", "port": 80, "proto": 6} for i in range(1, 6)]
BACKENDS = [{"addr": f"10.244.2.{i}", "port": 8080} for i in range(1, 6)]


def change(op, *flags, **objects):
    """One change."""
    return {"op": op, "flags": set(flags), **objects}


def new_service(i, *flags, **values):
    """A service is created, or what the flags say."""
    return change("service-new", *(flags or ("create", "excl")),
                  service={**SERVICES[i], **values})


def new_backend(i, j, *flags, **values):
    """A backend is created, or what the flags say."""
    return change("backend-new", *(flags or ("create", "excl")),
                  service=SERVICES[i], backend={**BACKENDS[j], **values})


# Changes that cannot be done, given services 0 and 1 of which 0 has backends 0
# and 1: what is answered, and which attribute of it.
BAD = [
    (new_service(0), "EEXIST", "service"),
    (new_service(3, "replace"), "ENOENT", "service"),
    (new_service(3, scheduler=99), "ERANGE", "service.scheduler"),
    (new_service(3, addr="127.0.0.1"), "EINVAL", "service.addr"),
    (new_service(3, affinity=90000), "EINVAL", "service.affinity"),
    (new_service(3, allow={"prefix": {"addr": "10.1.0.0", "len": 8}}), "EINVAL",
     "service.allow.prefix.addr"),
    (new_service(3, deny={"prefix": {"addr": "10.0.0.0", "len": 33}}), "EINVAL",
     "service.deny.prefix.len"),
    (new_service(3, deny={"prefix": {"addr": "fd00::", "len": 8}}), "EINVAL",
     "service.deny.prefix.addr"),
    (new_backend(0, 0), "EEXIST", "backend"),
    (new_backend(0, 3, "replace"), "ENOENT", "backend"),
    (new_backend(3, 0), "ENOENT", "service"),
    (new_backend(0, 3, weight=70000), "EINVAL", "backend.weight"),
    (new_backend(0, 3, addr="fd00::1"), "EINVAL", "backend.addr"),
    (change("service-del", service=SERVICES[3]), "ENOENT", "service"),
    (change("backend-del", service=SERVICES[0], backend=BACKENDS[3]), "ENOENT",
     "backend"),
    (change("backend-flush", service=SERVICES[3]), "ENOENT", "service"),
    (change("backend-replace-all", service=SERVICES[3]), "ENOENT", "service"),
    (change("settings-set", settings={"timeout-udp": 0}), "EINVAL",
     "settings.timeout-udp"),
    (change("service-flush", service=SERVICES[0]), "EINVAL", "service"),
    (change("service-del", service=SERVICES[0], backend=BACKENDS[0]), "EINVAL",
     "backend"),
    (change("identity-flush", identity={"id": 1001}), "EINVAL", "identity"),
    (change("policy-flush", rule={"subject": 1001}), "EINVAL", "rule"),
    (change("policy-replace-all", subject={"id": 1001}), "EINVAL",
     "subject"),
    (change("device-flush", device={"name": "vpod1"}), "EINVAL", "device"),
    (change("replace-all", settings={"timeout-udp": 55}), "EINVAL", "settings"),
    (change("settings-set", settings={"timeout-udp": 55}, service=SERVICES[0]),
     "EINVAL", "service"),
    ({"op": 99}, "ERANGE", "op"),
    ({"op": 1, "flags": 8, "service": SERVICES[3]}, "EINVAL", "flags"),
]

# Changes that lack something: what.
LACKING = [
    ({}, "op"),
    (change("service-new", "create"), "service"),
    (change("service-del"), "service"),
    (change("backend-new", "create", service=SERVICES[0]), "backend"),
    (change("backend-flush"), "service"),
    (change("settings-set"), "settings"),
]

GOOD = [
    new_service(2, scheduler="maglev"),
    new_backend(2, 0),
    new_service(0, "replace", scheduler="rr"),
    new_backend(0, 1, "replace", state="down"),
    change("backend-del", service=SERVICES[0], backend=BACKENDS[0]),
    change("service-del", service=SERVICES[1]),
    change("settings-set", settings={"timeout-udp": 55}),
]


class Transactions(Checker):
    """Asks for transactions, and looks at what has come of them."""

    def do(self, *changes):
        """A transaction."""
        return self.client.ask("transaction", {"change": list(changes)})

    def must_do(self, *changes):
        """A transaction that has to succeed."""
        self.must("transaction", {"change": list(changes)})

    def state(self):
        """All there is, and the revision."""
        asked = [self.client.ask(cmd).replies
                 for cmd in ("stats-get", "settings-get")]
        return asked + [self.names(), self.backends()]

    def dump(self, cmd, attrs=None):
        """The objects of a dump."""
        return self.client.ask(cmd, attrs, 0x300).replies

    def names(self):
        """The services, with scheduler."""
        return [(r["service"]["addr"], r["service"]["scheduler"])
                for r in self.dump("service-get")]

    def backends(self):
        """The backends, with state."""
        return [(r["service"]["addr"], r["backend"]["addr"],
                 r["backend"]["state"]) for r in self.dump("backend-get")]

    def revision(self):
        """The namespace's revision."""
        return self.client.ask("stats-get").replies[0]["stats"]["revision"]

    def change_at(self, changes, offset):
        """The number of the change at an offset of the request."""
        at = HEADERS
        for number, one in enumerate(changes):
            at += len(self.client.encode({"change": one}))
            if offset < at:
                return number
        return None


def start(checker):
    """Two services, the first with two backends; anything else goes."""
    checker.must_do(change("service-flush"), new_service(0), new_service(1),
                    new_backend(0, 0), new_backend(0, 1))


def refused(checker, at, bad):
    """A transaction with a bad change in it; the answer."""
    before = checker.state()
    changes = GOOD[:at] + [bad] + GOOD[at:]
    answer = checker.do(*changes)
    checker.expect(at, checker.change_at(changes, answer.offset or 0),
                   f"place of {bad}")
    checker.expect(before, checker.state(), f"state after {bad}")
    return answer


def check_refusals(checker):
    """Wherever the bad one is, nothing is done."""
    start(checker)
    for i, (bad, error, attr) in enumerate(BAD):
        answer = refused(checker, i % 3, bad)
        checker.expect((error, "change." + attr), (answer.error, answer.attr),
                       bad)
        checker.expect(True, bool(answer.text), f"a reason for {bad}")
    for i, (bad, missing) in enumerate(LACKING):
        answer = refused(checker, i % 3, bad)
        checker.expect(("EINVAL", "change." + missing),
                       (answer.error, answer.missing), bad)
    answer = checker.client.ask("transaction")
    checker.expect(("EINVAL", "change"), (answer.error, answer.missing),
                   "no changes")


def check_success(checker):
    """One step, and all is there."""
    start(checker)
    before = checker.revision()
    checker.must_do(*GOOD)
    checker.expect(before + 1, checker.revision(), "revision")
    checker.expect([("10.96.0.1", "rr"), ("10.96.0.3", "maglev")],
                   checker.names(), "services")
    checker.expect([("10.96.0.1", "10.244.2.2", "down"),
                    ("10.96.0.3", "10.244.2.1", "active")],
                   checker.backends(), "backends")
    checker.must_do(change("settings-set", settings={"timeout-udp": 120}))
    checker.expect(before + 1, checker.revision(), "revision, the timeout set")


def check_replace(checker):
    """What is not named goes, what is named begins anew but is the same."""
    start(checker)
    checker.must_do(new_service(0, "replace", scheduler="rr"),
                    new_backend(0, 0, "replace", weight=7))
    checker.must_do(change("backend-replace-all", service=SERVICES[0]),
                    new_backend(0, 0), new_backend(0, 4))
    checker.expect([("10.96.0.1", "10.244.2.1", "active"),
                    ("10.96.0.1", "10.244.2.5", "active")],
                   checker.backends(), "backends, replaced")
    weight = checker.dump("backend-get")[0]["backend"]["weight"]
    checker.expect(1, weight, "weight of a backend created again")
    answer = checker.do(change("replace-all"), new_service(0), new_service(0))
    checker.expect("EEXIST", answer.error, "a service twice")
    answer = checker.do(change("replace-all"), new_backend(0, 0))
    checker.expect("ENOENT", answer.error, "a backend of what is left out")
    checker.must_do(change("replace-all"), new_service(0), new_backend(0, 0),
                    new_service(4))
    checker.expect([("10.96.0.1", "random"), ("10.96.0.5", "random")],
                   checker.names(), "services, replaced")
    checker.expect([("10.96.0.1", "10.244.2.1", "active")],
                   checker.backends(), "their backends")
    before = checker.revision()
    checker.must_do(change("replace-all"), new_service(0), new_backend(0, 0),
                    new_service(4))
    checker.expect(before, checker.revision(), "revision of the same again")


def check_come_and_go(checker):
    """Objects that are there for a part of the transaction only."""
    start(checker)
    checker.must_do(new_service(3), new_backend(3, 0),
                    change("service-del", service=SERVICES[3]),
                    change("service-del", service=SERVICES[0]),
                    new_service(0, scheduler="wrr"), new_backend(0, 2),
                    new_backend(1, 0), change("backend-flush", service=SERVICES[1]),
                    new_backend(1, 0))
    checker.expect([("10.96.0.2", "random"), ("10.96.0.1", "wrr")],
                   checker.names(), "services")
    checker.expect([("10.96.0.2", "10.244.2.1", "active"),
                    ("10.96.0.1", "10.244.2.3", "active")],
                   checker.backends(), "backends")


def main():
    """Everything, from nothing to nothing."""
    checker = Transactions()
    check_refusals(checker)
    check_success(checker)
    check_replace(checker)
    check_come_and_go(checker)
    answer = checker.client.ask("service-new", {"service": SERVICES[0],
                                                "backend": BACKENDS[0]}, 0x400)
    checker.expect(("EINVAL", "backend"), (answer.error, answer.attr),
                   "an attribute that does not belong")
    checker.must_do(change("replace-all"))
    sys.exit(checker.wrong > 0)


if __name__ == "__main__":
    main()
