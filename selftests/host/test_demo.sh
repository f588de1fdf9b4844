#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make demo shows what it is to show, and nothing fails.

. "$(dirname "$0")/lib.sh"

shown()
{
	expect_line "$1" "$scratch/out"
}

# served FAMILY-PATTERN: services of the family whose connections are counted
served()
{
	grep -A1 -E "^$1:80/tcp scheduler" "$scratch/out" > "$scratch/services"
	expect_line '^ +connections [1-9]' "$scratch/services"
}

check "the demonstration runs to its end" \
	bash -c "make -s -C '$top' demo > '$scratch/out' 2>&1"
tail -n 1 "$scratch/out" > "$scratch/last"
check "no request failed, each backend was asked" expect_line \
	'^demo: [0-9]{3,} requests, 0 failed, 4 backends$' "$scratch/last"
check "who served how many" shown '^backend4 +[0-9]+$'
check "services with their counters, IPv4" served '10[.0-9]+'
check "and IPv6" served '\[fd00[:0-9a-f]+\]'
check "a backend is drained" shown '^# sluice backend set .* state draining$'
check "removed" shown '^# sluice backend del .*:80$'
check "and another one added" shown '^# sluice backend add '
check "flows" shown '^proto tcp .*state '
check "unloaded" shown '^# modprobe -r sluice$'
finish
