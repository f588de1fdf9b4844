# SPDX-License-Identifier: GPL-2.0
"""
A netlink client for tests: the kernel's own ynl library with requests that
the library would not make, and answers that keep what it drops.

An attribute set is a dict. A name or a bare number is the key; a dict is a
nest, a list of dicts the same attribute several times, a Raw is sent as it is,
anything else is encoded as the specification says.
"""

import collections
import errno
import select
import struct
import sys

sys.path.insert(0, "/usr/share/ynl/pyynl")

# pylint: disable=wrong-import-position
from lib.ynl import GenlMsg, Netlink, NlAttrs, NlMsgs, YnlFamily  # noqa: E402

CREATE = Netlink.NLM_F_CREATE
EXCL = Netlink.NLM_F_EXCL
REPLACE = Netlink.NLM_F_REPLACE
DUMP = Netlink.NLM_F_DUMP
DUMP_INTR = 0x10

HEADERS = 16 + 4        # struct nlmsghdr, struct genlmsghdr

Raw = collections.namedtuple("Raw", "payload length nested",
                             defaults=(None, False))
Answer = collections.namedtuple("Answer",
                                "error text attr missing replies offset")


def errno_name(number):
    """EINVAL for 22, 0 for 0; Linux has one number for these two."""
    if number == errno.EOPNOTSUPP:
        return "EOPNOTSUPP"
    return errno.errorcode.get(number, number)


def attribute(number, payload, length=None):
    """One attribute's bytes; length is a lie about them."""
    length = 4 + len(payload) if length is None else length
    return struct.pack("HH", length, number) + payload + bytes(-len(payload) % 4)


class Client(YnlFamily):
    """A socket that speaks to the family "sluice"."""

    def __init__(self):
        super().__init__(family="sluice")
        self.seq = 1000

    def _number(self, space, name):
        if isinstance(name, int):
            return name
        return self.attr_sets[space][name].value

    def encode(self, attrs, space="main"):
        """The bytes of a set of attributes."""
        data = b""
        for name, value in attrs.items():
            if isinstance(value, list):
                data += b"".join(self.encode({name: one}, space)
                                 for one in value)
                continue
            number = self._number(space, name)
            if isinstance(value, Raw):
                number |= Netlink.NLA_F_NESTED if value.nested else 0
                data += attribute(number, value.payload, value.length)
            elif isinstance(value, dict):
                nest = self.attr_sets[space][name]["nested-attributes"]
                data += attribute(number | Netlink.NLA_F_NESTED,
                                  self.encode(value, nest))
            else:
                data += self._add_attr(space, name, value, None)
        return data

    def send(self, cmd, attrs, flags):
        """Send a request; cmd is a name or a number."""
        number = cmd if isinstance(cmd, int) else self.ops[cmd].req_value
        self.seq += 1
        data = self.nlproto.message(flags | Netlink.NLM_F_REQUEST, number, 1,
                                    self.seq) + self.encode(attrs)
        data = struct.pack("I", len(data) + 4) + data
        self.sock.send(data)
        return data

    def receive(self, size=131072):
        """The messages of one packet."""
        return list(NlMsgs(self.sock.recv(size)))

    def ask(self, cmd, attrs=None, flags=0):
        """Send a request and take what comes, up to the end of the answer."""
        request = self.send(cmd, attrs or {}, flags | Netlink.NLM_F_ACK)
        replies = []
        while True:
            for msg in self.receive():
                if msg.nl_seq != self.seq:
                    continue
                if msg.done:
                    return self._answer(request, msg, replies)
                replies.append(self.decode(msg))

    def decode(self, msg):
        """The attributes of a message, as the library gives them."""
        attrs = NlAttrs(GenlMsg(msg).raw)
        return self._decode(attrs, "main")

    def _answer(self, request, msg, replies):
        extack = msg.extack or {}
        attr = missing = None
        if "bad-attr-offs" in extack:
            attr = self._path(request, HEADERS, len(request), "main",
                              extack["bad-attr-offs"])
        if "miss-type" in extack:
            missing = self._missing(request, extack)
        return Answer(errno_name(-msg.error), extack.get("msg"), attr, missing,
                      replies, extack.get("bad-attr-offs",
                                          extack.get("miss-nest")))

    def _missing(self, request, extack):
        nest, space = "", "main"
        if "miss-nest" in extack:
            nest = self._path(request, HEADERS, len(request), "main",
                              extack["miss-nest"])
            for name in nest.split("."):
                space = self.attr_sets[space][name]["nested-attributes"]
            nest += "."
        return nest + self.attr_sets[space].attrs_by_val[extack["miss-type"]].name

    def _path(self, data, at, end, space, target):
        """The dotted name of the attribute at an offset of a request."""
        while at + 4 <= end:
            length, number = struct.unpack_from("HH", data, at)
            number &= ~Netlink.NLA_TYPE_MASK
            spec = space and self.attr_sets[space].attrs_by_val.get(number)
            name = spec.name if spec else f"#{number}"
            if at == target:
                return name
            if at < target < at + length:
                nest = spec and spec.yaml.get("nested-attributes")
                return name + "." + self._path(data, at + 4, at + length, nest,
                                               target)
            at += max(4, length + 3 & ~3)
        return f"offset {target}"

    def listen(self, group="config"):
        """Join a multicast group."""
        self.ntf_subscribe(group)

    def notifications(self, count, timeout=10):
        """Up to so many notifications, as (name, attributes). The name of what
        is new has a plus behind it."""
        found = []
        while len(found) < count:
            if not select.select([self.sock], [], [], timeout)[0]:
                break
            for msg in self.receive():
                op = self.rsp_by_value[GenlMsg(msg).cmd()]
                new = "+" if msg.nl_flags & CREATE else ""
                found.append((op.name + new, self.decode(msg)))
        return found


class Checker:
    """Asks, compares, and remembers whether anything was wrong."""

    def __init__(self):
        self.client = Client()
        self.wrong = 0

    def expect(self, expected, got, what):
        """Complain if two things differ."""
        if expected != got:
            print(f"{what}: expected {expected}, got {got}")
            self.wrong += 1

    def must(self, cmd, attrs, flags=0):
        """A request that has to succeed; its replies."""
        answer = self.client.ask(cmd, attrs, flags)
        self.expect(0, answer.error, f"{cmd} {attrs}: {answer}")
        return answer.replies
