#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The runner tells good from bad: tests that fail, lie, hang or take the guest
# down (selftests/vm/selftest) each give what they have to give.

. "$(dirname "$0")/lib.sh"

run()
{
	SLUICE_GRACE=30 "$top/selftests/run.sh" "${@/#/vm/selftest/}" \
		> "$scratch/out" 2>/dev/null
	echo "$?" > "$scratch/status"
}

# expect STATUS TOTALS REGEX...
expect()
{
	local regex

	[[ $(cat "$scratch/status") == "$1" && $(tail -n 1 "$scratch/out") == "$2" ]] || {
		echo "expected status $1 and: $2"
		cat "$scratch/status" "$scratch/out"
		return 1
	}
	for regex in "${@:3}"; do
		expect_line "$regex" "$scratch/out" || return
	done
}

has()
{
	expect_line "$1" "$scratch/out"
}

# What tests share has their names, too.
names_tests()
{
	diff <("$top/selftests/run.sh" --list storm cycles smoke) \
		<(printf 'test_%s.sh\n' storm cycles smoke)
}
check "short names are those of tests" names_tests

# Two halves are the whole, and neither has anything of the other's.
shares()
{
	local list=("$top/selftests/run.sh" --list) share

	for share in 0/2 3/2 2 a/b 1/0; do
		"${list[@]}" --share $share > "$scratch/out" 2>&1 && return 1
		has "^run.sh: --share: $share is not N/M with N up to M" || return
	done
	diff <("${list[@]}") \
		<({ "${list[@]}" --share 1/2; "${list[@]}" --share 2/2; } | sort) &&
	[[ $("${list[@]}" --share 2/2 storm cycles smoke) == test_cycles.sh ]]
}
check "tests can be shared out" shares

# listed OPTION...
listed()
{
	"$top/selftests/run.sh" --list "$@"
}

# What make check leaves out on one kernel it does on another one.
checks_have_all()
{
	local kernel

	for kernel in 6.1 6.12 7.3; do
		listed --kernel $kernel --check
	done | sort -u > "$scratch/checked"
	listed | while read -r file; do
		sed -n 2,20p "$top/selftests/$file" |
			grep -qE '^# (campaign: yes|debug: only)' || echo "$file"
	done | diff - "$scratch/checked" &&
	[[ $(listed --kernel 7.3 --check | wc -l) -lt $(wc -l < "$scratch/checked") ]]
}
check "make check has every test on some kernel" checks_have_all

run good
check "good tests pass" expect 0 "1 passed, 0 failed, 1 skipped"

run topology python
check "topology, tools and python in the guest" \
	expect 0 "10 passed, 0 failed, 0 skipped"

# Each of these gives one failure; the panic and the hang cost the others a
# boot, nothing else.
run bad noplan short status slow warning cleared leftover clean early panic hang good
check "bad tests fail, each once" expect 1 "13 passed, 11 failed, 1 skipped"
check "a failed result" has ' bad: not ok 2 '
check "no plan" has ' noplan: not ok - printed no plan'
check "too few results" has ' short: not ok - planned 3 results, gave 1'
check "an exit status" has ' status: not ok - exit status 3 without'
check "a test that does not end" has ' slow: not ok - timed out after 2 seconds'
check "a kernel warning" has ' warning: not ok - kernel log: .*WARNING: CPU'
check "a kernel log that was cleared" \
	has ' cleared: not ok - kernel log: its beginning is lost'
check "a module left loaded" has ' leftover: not ok - the module was left loaded'
check "what a test leaves is cleared away" has ' clean: ok 1 '
check "a test that stops early" has ' early: not ok 2 - ran to its end'
check "a panic" has ' panic: not ok - the guest died'
check "what the kernel said" has 'Kernel panic - not syncing: sysrq'
check "a hang" has ' hang: not ok - the guest hangs'
check "the tests after a panic and a hang run" has ' good: ok 1 '
finish
