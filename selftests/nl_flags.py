#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
What the flags of service-new and backend-new mean, for objects that are there
and for those that are not. The namespace is empty before and after.
"""

import sys

from nlclient import CREATE, EXCL, REPLACE, Checker

# flags: for a missing object, for one that exists
MEANING = {
    0: ("ENOENT", "EEXIST"),
    EXCL: ("ENOENT", "EEXIST"),
    CREATE: (0, "EEXIST"),
    CREATE | EXCL: (0, "EEXIST"),
    CREATE | REPLACE: (0, 0),
    REPLACE: ("ENOENT", 0),
    # The bits of a dump, which nobody has here
    EXCL | REPLACE: ("EOPNOTSUPP", "EOPNOTSUPP"),
    CREATE | EXCL | REPLACE: ("EOPNOTSUPP", "EOPNOTSUPP"),
}

SERVICE = {"addr": "10.96.0.1", "port": 80, "proto": 6}
BACKEND = {"addr": "10.244.2.1", "port": 80}


def get_service(checker):
    """The service that is there, or None."""
    answer = checker.client.ask("service-get", {"service": SERVICE})
    return answer.replies[0]["service"] if answer.replies else None


def get_backend(checker):
    """The backend that is there, or None."""
    answer = checker.client.ask("backend-get",
                                {"service": SERVICE, "backend": BACKEND})
    return answer.replies[0]["backend"] if answer.replies else None


def services(checker):
    """Every combination, for services."""
    for flags, (missing, existing) in MEANING.items():
        attrs = {"service": {**SERVICE, "scheduler": "wrr"}}
        answer = checker.client.ask("service-new", attrs, flags)
        checker.expect(missing, answer.error, f"new service, flags {flags:#x}")
        there = get_service(checker)
        checker.expect(missing == 0, there is not None, "the service is there")

        if not there:
            checker.must("service-new", attrs, CREATE)
        attrs = {"service": {**SERVICE, "scheduler": "maglev"}}
        answer = checker.client.ask("service-new", attrs, flags)
        checker.expect(existing, answer.error, f"old service, flags {flags:#x}")
        checker.expect("wrr" if existing else "maglev",
                       get_service(checker)["scheduler"], "scheduler")
        checker.must("service-del", attrs)


def backends(checker):
    """Every combination, for backends."""
    checker.must("service-new", {"service": SERVICE}, CREATE)
    for flags, (missing, existing) in MEANING.items():
        attrs = {"service": SERVICE, "backend": {**BACKEND, "weight": 7}}
        answer = checker.client.ask("backend-new", attrs, flags)
        checker.expect(missing, answer.error, f"new backend, flags {flags:#x}")
        there = get_backend(checker)
        checker.expect(missing == 0, there is not None, "the backend is there")

        if not there:
            checker.must("backend-new", attrs, CREATE)
        attrs["backend"] = {**BACKEND, "weight": 9}
        answer = checker.client.ask("backend-new", attrs, flags)
        checker.expect(existing, answer.error, f"old backend, flags {flags:#x}")
        checker.expect(7 if existing else 9, get_backend(checker)["weight"],
                       "weight")
        checker.must("backend-del", attrs)
    checker.must("service-del", {"service": SERVICE})


def left_out(checker):
    """What a change leaves out stays; what a creation leaves out is default."""
    attrs = {"service": SERVICE, "backend": BACKEND}
    checker.must("service-new", {"service": SERVICE}, CREATE | EXCL)
    checker.expect("random", get_service(checker)["scheduler"], "scheduler")
    checker.must("backend-new", attrs, CREATE | EXCL)
    checker.expect((1, "active"), weight_and_state(checker), "a new backend")

    for change, expected in (({"weight": 5}, (5, "active")),
                             ({"state": "draining"}, (5, "draining")),
                             ({"weight": 0}, (0, "draining")),
                             ({"weight": 65535}, (65535, "draining")),
                             ({}, (65535, "draining")),
                             ({"state": "down"}, (65535, "down"))):
        attrs["backend"] = {**BACKEND, **change}
        checker.must("backend-new", attrs, REPLACE)
        checker.expect(expected, weight_and_state(checker), f"change {change}")

    checker.must("service-new", {"service": {**SERVICE, "scheduler": "rr"}},
                 REPLACE)
    checker.must("service-new", {"service": SERVICE}, REPLACE)
    checker.expect("rr", get_service(checker)["scheduler"], "scheduler stays")
    checker.expect(1, get_service(checker)["backend-count"], "backends stay")
    checker.must("service-del", {"service": SERVICE})


def weight_and_state(checker):
    """Of the backend that is there."""
    there = get_backend(checker)
    return there["weight"], there["state"]


def main():
    """Run what is above."""
    checker = Checker()
    services(checker)
    backends(checker)
    left_out(checker)
    sys.exit(checker.wrong > 0)


if __name__ == "__main__":
    main()
