#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Each kind of change gives its message in the group "config", in order and with
its contents; other changes in the same namespace give none.
"""

import sys

from nlclient import CREATE, REPLACE, Client

SERVICE = {"addr": "10.96.0.1", "port": 80, "proto": 6}
OTHER = {"addr": "fd00:10:96::1", "port": 53, "proto": 17}
BACKENDS = [{"addr": f"10.244.2.{i}", "port": 8080} for i in (1, 2, 3)]

NEW_SERVICE = {"scheduler": "random", "affinity": 0, "affinity-shared": 0,
               "affinity-group": 0,
               "masquerade": "hairpin", "no-backend": "reject",
               "removal": "reset", "scope": "internal",
               "traffic-policy": "cluster", "echo": 0, "health-port": 0,
               "forward": "nat",
               "backend-count": 0, "flow-count": 0}
NEW_BACKEND = {"weight": 1, "state": "active", "local": 0, "flow-count": 0}


def service_told(kind, key, **values):
    """What listeners have to hear of a service."""
    values = {name.replace("_", "-"): value for name, value in values.items()}
    return kind, {"service": {**key, **NEW_SERVICE, **values}}


def backend_told(kind, key, backend, **values):
    """What listeners have to hear of a backend."""
    return kind, {"service": key, "backend": {**backend, **NEW_BACKEND, **values}}


def change(op, flags=0, **objects):
    """One change of a transaction."""
    return {"op": op, "flags": {"create"} if flags else set(), **objects}


def transaction():
    """Services come first, then backends; those of one that goes go with it."""
    third = {"addr": "10.96.0.3", "port": 80, "proto": 6}
    first = {"addr": "10.96.0.2", "port": 80, "proto": 6}
    new = backend_told("backend-ntf+", SERVICE, BACKENDS[0])
    return (("transaction", {"change": [
        change("backend-new", 1, service=SERVICE, backend=BACKENDS[0]),
        change("backend-del", service=SERVICE, backend=BACKENDS[2]),
        change("service-new", 1, service=first),
        change("service-new", 1, service=third),
        change("backend-new", 1, service=third, backend=BACKENDS[1]),
        change("service-del", service=third),
        change("service-del", service=first),
        change("service-new", 1, service=first),
        change("backend-new", 1, service=first, backend=BACKENDS[1]),
    ]}, 0), [
        service_told("service-ntf+", first, backend_count=1),
        new,
        backend_told("backend-del-ntf", SERVICE, BACKENDS[2]),
        backend_told("backend-ntf+", first, BACKENDS[1]),
    ])


def steps():
    """(command, attributes, flags), and what has to be told of it."""
    yield (("service-new", {"service": {**SERVICE, "scheduler": "rr"}}, CREATE),
           [service_told("service-ntf+", SERVICE, scheduler="rr")])
    yield (("service-new", {"service": OTHER}, CREATE),
           [service_told("service-ntf+", OTHER)])
    yield (("service-new", {"service": {**SERVICE, "scheduler": "wrr"}}, REPLACE),
           [service_told("service-ntf", SERVICE, scheduler="wrr")])
    for backend in BACKENDS:
        yield (("backend-new", {"service": SERVICE, "backend": backend}, CREATE),
               [backend_told("backend-ntf+", SERVICE, backend)])
    change = {"weight": 7, "state": "draining"}
    yield (("backend-new",
            {"service": SERVICE, "backend": {**BACKENDS[0], **change}}, REPLACE),
           [backend_told("backend-ntf", SERVICE, BACKENDS[0], **change)])
    yield (("backend-del", {"service": SERVICE, "backend": BACKENDS[0]}, 0),
           [backend_told("backend-del-ntf", SERVICE, BACKENDS[0], **change)])
    yield (("backend-flush", {"service": SERVICE}, 0),
           [backend_told("backend-del-ntf", SERVICE, b) for b in BACKENDS[1:]])
    yield (("backend-new", {"service": SERVICE, "backend": BACKENDS[2]}, CREATE),
           [backend_told("backend-ntf+", SERVICE, BACKENDS[2])])
    # What is the same as before is not told, nor what comes and goes at once.
    yield (("service-new", {"service": {**SERVICE, "scheduler": "wrr"}}, REPLACE),
           [])
    yield transaction()
    yield (("service-del", {"service": OTHER}, 0),
           [service_told("service-del-ntf", OTHER)])
    # Neither questions nor flows are changes of configuration.
    for cmd in ("stats-get", "settings-get", "flow-flush"):
        yield (cmd, {}, 0), []
    yield (("service-flush", {}, 0),
           [service_told("service-del-ntf", SERVICE, scheduler="wrr",
                         backend_count=1),
            service_told("service-del-ntf",
                         {"addr": "10.96.0.2", "port": 80, "proto": 6},
                         backend_count=1)])
    yield ("service-flush", {}, 0), []


def settings_told(client):
    """Settings, changed and changed back."""
    before = client.ask("settings-get").replies[0]["settings"]
    changed = {**before, "flow-limit": 1000, "timeout-udp": 77}
    yield (("settings-set",
            {"settings": {"flow-limit": 1000, "timeout-udp": 77}}, 0),
           [("settings-ntf", {"settings": changed})])
    yield (("settings-set", {"settings": before}, 0),
           [("settings-ntf", {"settings": before})])


def without_counters(message):
    """They are all zero here."""
    name, attrs = message
    for nest in attrs.values():
        counters = nest.pop("counters", {})
        assert not any(counters.values()), counters
    return name, attrs


def main():
    """Do all steps, then hear all that was told."""
    client, listener = Client(), Client()
    listener.listen()
    expected = []
    for table in (steps(), settings_told(client)):
        for (cmd, attrs, flags), told in table:
            answer = client.ask(cmd, attrs, flags)
            assert answer.error == 0, (cmd, attrs, answer)
            expected += told
    heard = [without_counters(m) for m in listener.notifications(len(expected))]
    heard += listener.notifications(1, timeout=0)
    for one, other in zip(expected, heard):
        if one != other:
            print("expected", one)
            print("got     ", other)
    if len(expected) != len(heard):
        print(len(expected), "messages expected,", len(heard), "heard")
    sys.exit(expected != heard)


if __name__ == "__main__":
    main()
