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
