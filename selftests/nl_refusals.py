#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Requests that have to be refused, and how: error, attribute, a reason in words.
None of them may change anything, and no listener may hear of them.

They meet a namespace with the service 10.96.0.1:80/tcp, its backend
10.244.2.1:80, and the service [fd00:10:96::1]:80/tcp without backends;
10.96.0.2:80/tcp, whose backend 10.244.2.1:8080 has another port, and
10.96.0.3:80/tcp with "forward l2".
"""

import re
import sys

from nlclient import CREATE, DUMP, EXCL, REPLACE, Client, Raw

NEW = CREATE | EXCL
TIMEOUTS = ("udp-unreplied", "udp", "tcp-unreplied", "tcp", "tcp-half-closed",
            "tcp-closing")


def edited(base, change):
    """base with some values changed and those that are None left out."""
    merged = {**base, **change}
    return {name: value for name, value in merged.items() if value is not None}


def service(**change):
    """A new service."""
    base = {"addr": "10.96.0.9", "port": 80, "proto": 6}
    return edited(base, {n.replace("_", "-"): v for n, v in change.items()})


def there(**change):
    """The service that is there."""
    return service(**{"addr": "10.96.0.1", **change})


def backend(**change):
    """A new backend."""
    base = {"addr": "10.244.2.9", "port": 80}
    return edited(base, {n.replace("_", "-"): v for n, v in change.items()})


def tuple_(**change):
    """A flow's tuple."""
    base = {"src": "10.244.1.1", "dst": "10.96.0.1", "sport": 4000, "dport": 80}
    return edited(base, change)


def new_service(attrs):
    """Arguments of a request that would create a service."""
    return "service-new", {"service": attrs}, NEW


def new_backend(attrs, of=None):
    """Arguments of a request that would create a backend."""
    return "backend-new", {"service": of or there(), "backend": attrs}, NEW


def settings(attrs):
    """Arguments of a request that would change settings."""
    return "settings-set", {"settings": attrs}, 0


def flow(attrs, cmd="flow-get"):
    """Arguments of a request for a flow."""
    return cmd, {"flow": attrs}, 0


def explain(attrs):
    """Arguments of a question about a packet."""
    return "explain", {"explain": attrs}, 0


def keys():
    """What names a service or a backend, where something is wrong with it."""
    not_unicast = ["0.0.0.0", "127.0.0.1", "127.8.9.10", "224.0.0.1",
                   "239.255.255.255", "255.255.255.255", "::", "::1", "ff02::1",
                   "fe80::1", "::ffff:10.96.0.9", "::10.96.0.9"]
    for addr in not_unicast:
        if addr not in ("0.0.0.0", "::"):       # a node port
            yield new_service(service(addr=addr)), "EINVAL", "service.addr"
        of = there(addr="fd00:10:96::1") if ":" in addr else there()
        yield new_backend(backend(addr=addr), of), "EINVAL", "backend.addr"

    for length, error in ((0, "EINVAL"), (3, "EINVAL"), (5, "EINVAL"),
                          (15, "EINVAL"), (17, "ERANGE"), (64, "ERANGE")):
        addr = bytes([10]) * length
        yield new_service(service(addr=addr)), error, "service.addr"
        yield new_backend(backend(addr=addr)), error, "backend.addr"
        yield flow({"proto": 6, "orig": tuple_(src=addr)}), error, "flow.orig.src"
        yield flow({"proto": 6, "reply": tuple_(dst=addr)}), error, "flow.reply.dst"
        yield (explain({"proto": 6, "packet": tuple_(dst=addr)}), error,
               "explain.packet.dst")

    for proto in (0, 1, 58, 136, 255):
        yield new_service(service(proto=proto)), "EINVAL", "service.proto"
        if proto != 1:
            yield (explain({"proto": proto, "packet": tuple_()}), "EINVAL",
                   "explain.proto")
    yield (explain({"proto": 1, "packet": tuple_()}), "EINVAL",
           "explain.packet")
    for name in ("icmp-type", "icmp-code"):
        yield (explain({"proto": 6, "packet": tuple_(), name: 8}), "EINVAL",
               "explain." + name)
    for name in ("outcome", "fast-path", "fallback"):
        yield (explain({"proto": 6, "packet": tuple_(), name: 1}), "EINVAL",
               "explain." + name)
    yield new_service(service(port=0)), "EINVAL", "service.port"
    yield new_backend(backend(port=0)), "EINVAL", "backend.port"
    yield new_backend(backend(addr="fd00:10:244::2:9")), "EINVAL", "backend.addr"
    yield (new_backend(backend(), there(addr="fd00:10:96::1")), "EINVAL",
           "backend.addr")
    yield new_backend(backend(addr="10.96.0.1")), "EINVAL", "backend.addr"


def values():
    """Values out of range."""
    for scheduler in (0, 8, 99, 0xffffffff):
        yield new_service(service(scheduler=scheduler)), "ERANGE", "service.scheduler"
    for name, limit in (("masquerade", 4), ("no-backend", 2), ("removal", 2),
                        ("scope", 2), ("traffic-policy", 2), ("forward", 4)):
        for value in (0, limit + 1, 0xffffffff):
            yield (new_service(service(**{name: value})), "ERANGE",
                   "service." + name)
    yield new_service(service(affinity=86401)), "EINVAL", "service.affinity"
    for name in ("affinity-shared", "echo"):
        yield new_service(service(**{name: 2})), "ERANGE", "service." + name
    yield new_backend(backend(local=2)), "ERANGE", "backend.local"
    for name in ("node-port-loopback", "egress-masquerade"):
        yield settings({name: 2}), "ERANGE", "settings." + name
    for state in (0, 4, 9):
        yield new_backend(backend(state=state)), "ERANGE", "backend.state"
    for weight in (65536, 0xffffffff):
        yield new_backend(backend(weight=weight)), "EINVAL", "backend.weight"
    for limit in (0, (1 << 24) + 1, 0xffffffff):
        yield settings({"flow-limit": limit}), "EINVAL", "settings.flow-limit"
    for name in TIMEOUTS:
        for seconds in (0, 20 * 24 * 3600 + 1, 0xffffffff):
            yield (settings({"timeout-" + name: seconds}), "EINVAL",
                   "settings.timeout-" + name)
    # One that is right does not save the other.
    yield (settings({"flow-limit": 5, "timeout-tcp": 0}), "EINVAL",
           "settings.timeout-tcp")
    yield (flow({"proto": 6, "orig": tuple_(src="fd00::1")}), "EINVAL",
           "flow.orig.src")
    yield (flow({"proto": 6, "reply": tuple_(dst="fd00::1")}, "flow-del"),
           "EINVAL", "flow.reply.src")
    yield (explain({"proto": 6, "packet": tuple_(dst="fd00::1")}), "EINVAL",
           "explain.packet.src")


def ports():
    """Ports other than the service's, where nothing is rewritten."""
    unchanged = there(addr="10.96.0.3")
    yield new_backend(backend(port=81), unchanged), "EINVAL", "backend.port"
    for forward in (2, 3):
        other = there(addr="10.96.0.2", forward=forward)
        yield ("service-new", {"service": other}, REPLACE), "EINVAL", "service"


def missing():
    """Attributes left out."""
    for cmd in ("service-new", "service-del", "service-get", "backend-new",
                "backend-del", "backend-get", "backend-flush"):
        yield (cmd, {}, 0), "EINVAL", "missing service"
    for cmd in ("backend-new", "backend-del", "backend-get"):
        yield (cmd, {"service": there()}, 0), "EINVAL", "missing backend"
    for cmd in ("flow-get", "flow-del"):
        yield (cmd, {}, 0), "EINVAL", "missing flow"
        yield flow({"orig": tuple_()}, cmd), "EINVAL", "missing flow.proto"
        yield flow({"proto": 6}, cmd), "EINVAL", "missing flow.orig"
        yield (flow({"proto": 6, "orig": tuple_(), "reply": tuple_()}, cmd),
               "EINVAL", "flow.reply")
    yield ("settings-set", {}, 0), "EINVAL", "missing settings"
    yield ("explain", {}, 0), "EINVAL", "missing explain"
    yield explain({"packet": tuple_()}), "EINVAL", "missing explain.proto"
    yield explain({"proto": 6}), "EINVAL", "missing explain.packet"
    for name in ("addr", "port", "proto"):
        yield (new_service(service(**{name: None})), "EINVAL",
               "missing service." + name)
        yield (("service-del", {"service": there(**{name: None})}, 0), "EINVAL",
               "missing service." + name)
        yield (("flow-flush", {"service": there(**{name: None})}, 0), "EINVAL",
               "missing service." + name)
    for name in ("addr", "port"):
        yield (new_backend(backend(**{name: None})), "EINVAL",
               "missing backend." + name)
    for name in ("src", "dst", "sport", "dport"):
        yield (flow({"proto": 6, "orig": tuple_(**{name: None})}), "EINVAL",
               "missing flow.orig." + name)
        yield (flow({"proto": 6, "reply": tuple_(**{name: None})}), "EINVAL",
               "missing flow.reply." + name)
        yield (explain({"proto": 6, "packet": tuple_(**{name: None})}),
               "EINVAL", "missing explain.packet." + name)


def read_only():
    """Attributes of answers, in requests."""
    counters = {"connections": 1}
    for name, value in (("backend-count", 1), ("flow-count", 1),
                        ("counters", counters)):
        attrs = {**service(), name: value}
        yield new_service(attrs), "EINVAL", "service." + name
    for name, value in (("flow-count", 1), ("counters", counters)):
        attrs = {**backend(), name: value}
        yield new_backend(attrs), "EINVAL", "backend." + name
    for name, value in (("outcome", 1), ("by", 1), ("out", tuple_()),
                        ("reason", 1), ("candidates", 1)):
        attrs = {"proto": 6, "packet": tuple_(), name: value}
        yield explain(attrs), "EINVAL", "explain." + name


def unknown():
    """Attributes that nobody knows, or that no request has."""
    number = Raw(bytes(4))
    for top in (50, 99, 4000):
        yield (("service-new", {"service": service(), top: number}, NEW),
               "EINVAL", f"#{top}")
    for name in ("stats", "event"):
        yield (("service-new", {"service": service(), name: Raw(b"", nested=True)},
                NEW), "EINVAL", name)
    yield new_service({**service(), 50: number}), "EINVAL", "service.#50"
    yield new_service({**service(), 99: number}), "EINVAL", "service.#99"
    yield new_service({0: number, **service()}), "EINVAL", "service.#0"
    yield new_backend({**backend(), 99: number}), "EINVAL", "backend.#99"
    yield settings({"flow-limit": 5, 99: number}), "EINVAL", "settings.#99"
    yield flow({"proto": 6, "orig": tuple_(), 99: number}), "EINVAL", "flow.#99"
    yield (flow({"proto": 6, "orig": {**tuple_(), 5: number}}), "EINVAL",
           "flow.orig.#5")


def foreign():
    """Attributes that other requests have."""
    for cmd, allowed in (("service-new", "service"), ("service-del", "service"),
                         ("service-get", "service"), ("backend-flush", "service"),
                         ("flow-get", "flow"), ("settings-set", "settings"),
                         ("stats-get", None), ("settings-get", None),
                         ("service-flush", None), ("transaction", "change"),
                         ("explain", "explain")):
        for name in ("service", "backend", "flow", "settings", "change",
                     "explain"):
            if name != allowed:
                yield (cmd, {name: Raw(b"", nested=True)}, 0), "EINVAL", name
    yield ("service-get", {"service": there()}, DUMP), "EINVAL", "any"
    for cmd in ("backend-get", "flow-get"):
        yield ((cmd, {"backend": backend()}, DUMP), "EINVAL", "any")


def malformed(client):
    """Attributes with a wrong form."""
    plain = client.encode(service(), "service")
    for name, size in (("port", 1), ("port", 3), ("port", 4), ("proto", 0),
                       ("proto", 2), ("scheduler", 2), ("scheduler", 8)):
        yield (new_service({**service(), name: Raw(bytes([1]) * size)}),
               "EINVAL|ERANGE", "service." + name)
    yield (new_backend({**backend(), "weight": Raw(bytes(2))}), "EINVAL|ERANGE",
           "backend.weight")
    yield settings({"flow-limit": Raw(bytes(8))}), "EINVAL|ERANGE", "settings.flow-limit"
    yield new_service(Raw(plain)), "EINVAL", "service"
    yield (new_service({**service(), "port": Raw(bytes(2), nested=True)}),
           "EINVAL", "service.port")
    yield (flow({"proto": 6, "orig": Raw(client.encode(tuple_(), "tuple"))}),
           "EINVAL", "flow.orig")
    # The last attribute claims more than there is, or less than its header.
    for length in (200, 3, 0):
        scheduler = Raw(bytes([1, 0, 0, 0]), length)
        yield new_service({**service(), "scheduler": scheduler}), "EINVAL", None
        yield (("service-new", {"service": Raw(plain, length, True)}, NEW),
               "EINVAL", "any")
    yield new_service(Raw(plain + bytes(2), nested=True)), "EINVAL", None
    yield new_service(Raw(b"", nested=True)), "EINVAL", "missing service.addr"
    yield new_service(Raw(bytes(2), nested=True)), "ERANGE", "service"


def objects():
    """Objects that are not there, or that are."""
    for cmd in ("service-del", "service-get", "backend-flush", "flow-flush"):
        yield (cmd, {"service": service()}, 0), "ENOENT", "service"
    for cmd in ("backend-new", "backend-del", "backend-get"):
        yield ((cmd, {"service": service(), "backend": backend()}, 0), "ENOENT",
               "service")
    for cmd in ("backend-del", "backend-get"):
        yield ((cmd, {"service": there(), "backend": backend()}, 0), "ENOENT",
               "backend")
    yield ("service-new", {"service": service()}, REPLACE), "ENOENT", "service"
    yield (("backend-new", {"service": there(), "backend": backend()}, REPLACE),
           "ENOENT", "backend")
    yield new_service(there()), "EEXIST", "service"
    yield new_backend(backend(addr="10.244.2.1")), "EEXIST", "backend"
    # Another protocol, another port: another service.
    yield ("service-get", {"service": there(proto=17)}, 0), "ENOENT", "service"
    yield ("service-del", {"service": there(port=81)}, 0), "ENOENT", "service"
    for cmd in ("flow-get", "flow-del"):
        yield flow({"proto": 6, "orig": tuple_()}, cmd), "ENOENT", "flow"
        yield flow({"proto": 6, "reply": tuple_()}, cmd), "ENOENT", "flow"
    for cmd in ("backend-get", "flow-get"):
        yield (cmd, {"service": service()}, DUMP), "ENOENT", "any"
        yield (cmd, {"service": {"addr": "10.96.0.1"}}, DUMP), "EINVAL", "any"


def operations():
    """Operations that there are not; the kernel has no words for that."""
    for cmd in (0, 5, 20, 77, 255):
        yield (cmd, {}, 0), "EOPNOTSUPP", "silent"
    for cmd in ("service-new", "service-flush", "stats-get", "settings-get"):
        yield (cmd, {"service": service()}, DUMP), "EOPNOTSUPP", "silent"


def all_rows(client):
    """Each table's rows."""
    for table in (keys, values, ports, missing, read_only, unknown, foreign, objects,
                  operations):
        yield from table()
    yield from malformed(client)


def complaint(answer, error, attr):
    """What is wrong with a refusal, or None."""
    if not re.fullmatch(error, str(answer.error)):
        return f"error {answer.error}, not {error}"
    if attr == "silent":
        return None
    if not re.fullmatch(r"[A-Za-z_]+( [\w'_<>,.:;-]+)+", answer.text or ""):
        return f"no words: {answer.text!r}"
    given = "missing " + answer.missing if answer.missing else answer.attr
    if attr not in (given, "any"):
        return f"attribute {given}, not {attr}"
    return None


def check(rows):
    """Try every row; print what is wrong, and at the end how many there were."""
    client, listener = Client(), Client()
    listener.listen()
    count = wrong = 0
    for (cmd, attrs, flags), error, attr in rows(client):
        answer = client.ask(cmd, attrs, flags)
        why = complaint(answer, error, attr)
        if why:
            print(f"{cmd} {attrs}: {why}; it says {answer.text!r}")
            wrong += 1
        count += 1
    heard = listener.notifications(1, timeout=0)
    if heard:
        print("listeners heard", heard)
        wrong += 1
    print(count, "requests")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    check(all_rows)
