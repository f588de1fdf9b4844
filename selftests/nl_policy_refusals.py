#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Requests about identities, rules and devices that have to be refused, as
nl_refusals.py has it for services.

They meet a namespace where 10.244.1.7 has the identity 1001, and a rule of
1001's ingress that allows peer 1002 TCP port 80; the subject 1001 is isolated;
the device veth-a is bound to 10.244.1.7.
"""

from nl_refusals import NEW, check, edited
from nlclient import DUMP, REPLACE, Raw

INGRESS, ALLOW = 1, 1


def prefix(addr="10.244.1.8", length=32):
    """A prefix."""
    return {"addr": addr, "len": length}


def entry(**change):
    """A new entry."""
    return edited({"prefix": prefix(), "id": 1001}, change)


def there():
    """The entry that is there."""
    return entry(prefix=prefix("10.244.1.7"))


def rule(**change):
    """A new rule."""
    base = {"subject": 1001, "direction": INGRESS, "peer": 1003, "proto": 6,
            "port-first": 80, "action": ALLOW}
    return edited(base, {n.replace("_", "-"): v for n, v in change.items()})


def new_entry(attrs):
    """Arguments of a request that would create an entry."""
    return "identity-new", {"identity": attrs}, NEW


def new_rule(attrs):
    """Arguments of a request that would create a rule."""
    return "rule-new", {"rule": attrs}, NEW


def new_device(**change):
    """Arguments of a request that would bind a device."""
    base = {"name": "veth-b", "addresses": {"prefix": [prefix()]}}
    return "device-new", {"device": edited(base, change)}, NEW


def set_subject(attrs):
    """Arguments of a request that would change a subject."""
    return "subject-set", {"subject": attrs}, 0


def entries():
    """What is wrong with an entry."""
    for number in (0, 4, 15):
        yield new_entry(entry(id=number)), "EINVAL", "identity.id"
    yield (new_entry(entry(prefix=prefix("10.244.1.8", 24))), "EINVAL",
           "identity.prefix.addr")
    yield (new_entry(entry(prefix=prefix("10.0.0.0", 33))), "EINVAL",
           "identity.prefix.len")
    yield (new_entry(entry(prefix=prefix("fd00::", 129))), "ERANGE",
           "identity.prefix.len")
    yield new_entry(entry(exclusive=2)), "ERANGE", "identity.exclusive"
    wide = prefix("10.0.0.0", 8)
    for bad in (prefix("11.0.0.0", 16), prefix("10.0.0.0", 8),
                prefix("0.0.0.0", 0)):
        yield (new_entry(entry(prefix=wide, **{"except": {"prefix": [bad]}})),
               "EINVAL", "identity.except")
    yield (new_entry(entry(prefix=wide,
                           **{"except": {"prefix": [prefix("fd00::", 64)]}})),
           "EINVAL", "identity.except.prefix.addr")
    yield new_entry(entry(prefix=None)), "EINVAL", "missing identity.prefix"
    yield new_entry(entry(id=None)), "EINVAL", "missing identity.id"
    yield ("identity-new", {}, NEW), "EINVAL", "missing identity"


def rules():
    """What is wrong with a rule."""
    yield new_rule(rule(subject=0)), "EINVAL", "rule.subject"
    yield new_rule(rule(subject=5)), "EINVAL", "rule.subject"
    yield new_rule(rule(peer=15)), "EINVAL", "rule.peer"
    yield new_rule(rule(port_first=0)), "EINVAL", "rule.port-first"
    yield (new_rule(rule(port_first=81, port_last=80)), "EINVAL",
           "rule.port-last")
    yield (new_rule(rule(port_first=None, port_last=80)), "EINVAL",
           "missing rule.port-first")
    for proto in (None, 1, 4, 58):
        yield new_rule(rule(proto=proto)), "EINVAL", "rule.port-first"
    for proto in (None, 6, 47):
        yield (new_rule(rule(proto=proto, port_first=None, icmp_type=8)),
               "EINVAL", "rule.icmp-type")
    yield (new_rule(rule(proto=1, port_first=None, icmp_code=0)), "EINVAL",
           "missing rule.icmp-type")
    yield new_rule(rule(priority=65536)), "EINVAL", "rule.priority"
    for name, last in (("direction", 2), ("tier", 3), ("action", 3)):
        for value in (0, last + 1):
            yield new_rule(rule(**{name: value})), "ERANGE", "rule." + name
    yield new_rule(rule(name="n" * 64)), "ERANGE|EINVAL", "rule.name"
    for name in ("subject", "direction", "action"):
        yield new_rule(rule(**{name: None})), "EINVAL", "missing rule." + name
    for name in ("flows", "packets", "bytes"):
        yield new_rule(rule(**{name: 1})), "EINVAL", "rule." + name
    yield ("rule-new", {}, NEW), "EINVAL", "missing rule"


def subjects():
    """What is wrong with a subject."""
    for number in (0, 15):
        yield set_subject({"id": number, "audit": 1}), "EINVAL", "subject.id"
    yield set_subject({"audit": 1}), "EINVAL", "missing subject.id"
    yield ("subject-set", {}, 0), "EINVAL", "missing subject"
    for name in ("isolate-ingress", "isolate-egress", "audit"):
        yield set_subject({"id": 1001, name: 2}), "ERANGE", "subject." + name
    yield set_subject({"id": 1001, "on-deny": 2}), "ERANGE", "subject.on-deny"
    yield (set_subject({"id": 1001, "established": 3}), "ERANGE",
           "subject.established")


def devices():
    """What is wrong with a device."""
    for name in ("", ".", "..", "a/b", "a b", "a:b"):
        yield new_device(name=name), "EINVAL", "device.name"
    yield new_device(name="n" * 16), "ERANGE|EINVAL", "device.name"
    yield new_device(name=None), "EINVAL", "missing device.name"
    yield new_device(**{"fast-path": 2}), "ERANGE", "device.fast-path"
    yield new_device(netfilter=2), "EINVAL|ERANGE", "device.netfilter"
    yield (new_device(addresses={"prefix": [prefix("10.244.1.8", 24)]}),
           "EINVAL", "device.addresses.prefix.addr")
    yield (new_device(addresses={"prefix": [prefix()] * 501}), "EINVAL",
           "device.addresses")
    for name in ("ifindex", "drops", "sent"):
        yield new_device(**{name: 1}), "EINVAL", "device." + name
    yield ("device-new", {}, NEW), "EINVAL", "missing device"
    yield new_device(name="veth-a"), "EEXIST", "device"
    name, attrs, _ = new_device()
    yield (name, attrs, REPLACE), "ENOENT", "device"
    yield ("device-del", {"device": {"name": "veth-b"}}, 0), "ENOENT", "device"
    yield ("device-del", {}, 0), "EINVAL", "missing device"


def objects():
    """Objects that are not there, or that are."""
    yield new_entry(there()), "EEXIST", "identity"
    yield ("identity-new", {"identity": entry()}, REPLACE), "ENOENT", "identity"
    yield ("identity-del", {"identity": entry()}, 0), "ENOENT", "identity"
    yield (("identity-del", {"identity": {**there(), "id": 1002}}, 0), "ENOENT",
           "identity")
    yield new_rule(rule(peer=1002)), "EEXIST", "rule"
    yield ("rule-new", {"rule": rule()}, REPLACE), "ENOENT", "rule"
    for change in ({}, {"peer": 1002, "priority": 5}, {"peer": 1002, "tier": 1},
                   {"peer": 1002, "port_last": 81}, {"peer": None}):
        yield ("rule-del", {"rule": rule(**change)}, 0), "ENOENT", "rule"


def settings():
    """What is wrong with a setting."""
    for name, value in (("policy-tcp", 2), ("policy-node-traffic", 2),
                        ("policy-audit", 2)):
        yield (("settings-set", {"settings": {name: value}}, 0), "ERANGE",
               "settings." + name)


def foreign():
    """Attributes that other requests have."""
    empty = Raw(b"", nested=True)
    for cmd, name in (("identity-new", "rule"), ("rule-new", "identity"),
                      ("subject-set", "rule"), ("policy-flush", "subject"),
                      ("identity-flush", "identity"), ("rule-del", "subject"),
                      ("service-new", "judgement"), ("device-new", "rule"),
                      ("device-flush", "device")):
        yield (cmd, {name: empty}, 0), "EINVAL", name
    for cmd, name in (("identity-get", "rule"), ("rule-get", "identity"),
                      ("subject-get", "rule"), ("device-get", "rule")):
        yield (cmd, {name: empty}, DUMP), "EINVAL", "any"
    yield (("rule-get", {"subject": {"id": 0}}, DUMP), "EINVAL", "any")
    yield (("identity-get", {"identity": {"id": 1001}}, DUMP), "EINVAL", "any")


def all_rows():
    """Each table's rows."""
    for table in (entries, rules, subjects, devices, objects, settings,
                  foreign):
        yield from table()


if __name__ == "__main__":
    check(lambda client: all_rows())
