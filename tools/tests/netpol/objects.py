#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Kubernetes objects of several JSON files as one list.

usage: objects.py FILE...

An object replaces one of the same kind and name of an earlier file: so a case
need only have what differs from the cluster.
"""
import json
import sys


def flatten(value):
    """The objects of a document: an object, an array, or a list of the API."""
    if isinstance(value, list):
        return [found for item in value for found in flatten(item)]
    if value.get("kind") == "List":
        return flatten(value["items"])
    return [value]


def key(obj):
    meta = obj["metadata"]
    return obj["kind"], meta.get("namespace", ""), meta["name"]


def load(paths):
    """The objects of all files."""
    found = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            found.update((key(obj), obj) for obj in flatten(json.load(file)))
    return list(found.values())


def main():
    items = load(sys.argv[1:])
    json.dump({"apiVersion": "v1", "kind": "List", "items": items}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
