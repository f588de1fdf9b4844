# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Reads what the guest reports (selftests/vm/init) and counts. Anything that is
# not a complete, orderly report is a failure: a test without its plan, a plan
# that does not match, an exit status without a "not ok", a guest that stops
# talking or dies.

passed=0 failed=0 skipped=0

# State of the test that is running
report_begin()
{
	test_file=$1
	test_name=${1##*/}
	test_name=${test_name%.sh}
	test_plan='' test_seen=0 test_failed=0 test_skipped_all=
	test_start=$SECONDS test_cpu=$(guest_seconds)
	test_log=$log_dir/$test_name.log
	: > "$test_log"
}

report_line()
{
	printf '%s %s: %s\n' "$kernel_label" "$test_name" "$*"
}

report_failure()
{
	failed=$((failed + 1))
	test_failed=$((test_failed + 1))
	report_line "not ok - $*"
}

report_result()
{
	local verdict=$1 number=$2 rest=$3

	test_seen=$((test_seen + 1))
	if [[ -n $number && $number != "$test_seen" ]]; then
		report_failure "result $number came where $test_seen was due"
	fi
	if [[ $verdict == "not ok" ]]; then
		failed=$((failed + 1))
		test_failed=$((test_failed + 1))
	elif [[ ${rest^^} =~ \#\ ?SKIP ]]; then
		skipped=$((skipped + 1))
	else
		passed=$((passed + 1))
	fi
	report_line "$verdict $test_seen $rest"
}

# A line of the test's own output (KTAP; indented lines are subtests' details)
report_output()
{
	local line=$1

	printf '%s\n' "$line" >> "$test_log"
	if [[ $line =~ ^(ok|not\ ok)(\ +([0-9]+))?\ *(.*)$ ]]; then
		report_result "${BASH_REMATCH[1]}" "${BASH_REMATCH[3]}" \
			"${BASH_REMATCH[4]}"
	elif [[ $line =~ ^1\.\.([0-9]+)\ *(.*)$ ]]; then
		[[ -z $test_plan ]] || report_failure "a second plan: $line"
		test_plan=${BASH_REMATCH[1]}
		test_skipped_all=${BASH_REMATCH[2]}
	elif [[ $line == "Bail out!"* ]]; then
		report_failure "$line"
	elif [[ $line == \#* ]]; then
		report_line "$line"
	fi
}

report_end()
{
	local status=$1 before=$test_failed

	if [[ -z $test_plan ]]; then
		report_failure "printed no plan"
	elif [[ $test_plan == 0 && ${test_skipped_all^^} =~ SKIP ]]; then
		skipped=$((skipped + 1))
		report_line "skipped ${test_skipped_all}"
	elif [[ $test_plan != "$test_seen" ]]; then
		report_failure "planned $test_plan results, gave $test_seen"
	elif [[ $test_plan == 0 ]]; then
		report_failure "planned no tests"
	fi
	if [[ $status != 0 && $test_failed == 0 ]]; then
		report_failure "exit status $status without a failed result"
	fi
	if ((test_failed > before)); then
		tail -n 20 "$test_log" | sed 's/^/    | /'
	fi
	test_file=
}

# From the first sign of a crash on, or simply the end
last_words()
{
	local crash='Kernel panic|BUG:|Oops:|general protection|WARNING: '

	if grep -qE "$crash" "$1"; then
		grep -m1 -E -A 60 "$crash" "$1"
	else
		tail -n 20 "$1"
	fi
}

# The guest died or fell silent: what its kernel said last
report_death()
{
	local reason=$1 console=$2

	if [[ -n $test_file ]]; then
		report_failure "$reason"
	else
		failed=$((failed + 1))
		echo "$kernel_label: not ok - $reason"
	fi
	last_words "$console" | tr -d '\r' | sed 's/^/    | /'
	test_file=
}

# guest_seconds: of a processor that the guest has used
guest_seconds()
{
	local stat

	read -r -a stat 2>/dev/null < "/proc/${qemu_pid:-0}/stat" || true
	echo $(((${stat[13]:-0} + ${stat[14]:-0}) / $(getconf CLK_TCK)))
}

# What a test waits instead of working is the difference
report_took()
{
	report_line "took $((SECONDS - test_start)) s, worked" \
		"$(($(guest_seconds) - test_cpu)) s"
}

# report_message LINE: one line of the guest's report
report_message()
{
	local line=$1

	case $line in
	'|'*)		report_output "${line:1}" ;;
	'@begin '*)	report_begin "${line#* }" ;;
	'@finding '*)	report_failure "${line#* }" ;;
	'@end '*)	report_end "${line#* }"
			report_took ;;
	esac
}

report_totals()
{
	echo "$passed passed, $failed failed, $skipped skipped"
}
