#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The library's tables say what the specification says.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

spec=../../Documentation/netlink/specs/sluice.yaml
main=../../kmod/main.c

# Attributes and enum values as list_tables prints them.
list_spec()
{
	python3 - "$spec" <<-'END'
	import sys, yaml
	spec = yaml.safe_load(open(sys.argv[1]))
	for s in spec['attribute-sets']:
	    i = 0
	    for a in s['attributes']:
	        i = a.get('value', i + 1)
	        if a['type'] != 'pad':
	            print(s['name'], i, a['name'])
	for d in spec['definitions']:
	    if d['type'] == 'enum':
	        for i, e in enumerate(d['entries'], d.get('value-start', 0)):
	            print(d['name'], i, e['name'])
	END
}

module_version()
{
	sed -n 's/^MODULE_VERSION("\(.*\)");$/\1/p' "$main"
}

tap_begin
if python3 -c 'import yaml' 2>/dev/null; then
	difference=$(diff <(list_spec | sort) \
		<("${BUILD:-build}/list_tables" | sort))
	tap_text "the library's tables equal the specification" \
		"$difference" ""
else
	tap_skip "the library's tables equal the specification" python3-yaml
fi
tap_text "the version is the module's" "$VERSION" "$(module_version)"
tap_end
