# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Results in KTAP, for the scripts here. SLUICE is the command to test.

number=0
failed=0

tap_ok()
{
	number=$((number + 1))
	echo "ok $number - $1"
}

tap_fail()
{
	number=$((number + 1))
	failed=$((failed + 1))
	echo "not ok $number - $1"
}

# $1: a name; the rest: a command that succeeds if all is well
tap()
{
	local name=$1
	shift
	if "$@"; then tap_ok "$name"; else tap_fail "$name"; fi
}

# $1: a name; $2: what came; $3: what should have come
tap_text()
{
	if [[ $2 == "$3" ]]; then
		tap_ok "$1"
	else
		tap_fail "$1"
		printf '# got      "%s"\n# expected "%s"\n' \
			"${2//$'\n'/ }" "${3//$'\n'/ }"
	fi
}

# $1: a name; $2: what is missing
tap_skip()
{
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2 is missing"
}

tap_begin()
{
	echo "KTAP version 1"
}

tap_end()
{
	echo "1..$number"
	exit $((failed != 0))
}

# $1: a namespace, which is made; $2: a type of device; $3...: tools. What the
# machine lacks to try programs at such devices there, or nothing
xdp_lacking()
{
	local node=$1 type=$2 tool

	shift 2
	[[ -n $HAVE_BPF ]] || { echo "clang, bpftool or libbpf-dev"; return; }
	[[ $EUID == 0 ]] || { echo root; return; }
	for tool; do
		command -v "$tool" >/dev/null || { echo "$tool"; return; }
	done
	ip netns add "$node" 2>/dev/null &&
		ip -n "$node" link add probe type "$type" 2>/dev/null ||
		echo "$type in a network namespace"
	ip -n "$node" link del probe 2>/dev/null
}
