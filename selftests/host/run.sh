#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the tests that need no virtual machine of their own (test_*.sh here, or
# those named): KTAP, as in the guest, and the same totals.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../scripts/lib.sh"
. "$here/../vm/report.sh"

run_test()
{
	local status=0 line

	report_begin "$1"
	while IFS= read -r line; do
		case $line in
		'@status '*)	status=${line#* } ;;
		*)		report_output "$line" ;;
		esac
	done < <(bash "$here/$1" < /dev/null 2>&1 || echo "@status $?")
	report_end "$status"
}

main()
{
	local name

	kernel_label=host
	log_dir=$top/build/selftests/host
	mkdir -p "$log_dir"
	(($#)) || set -- "$here"/test_*.sh
	for name in "$@"; do
		run_test "$(basename "$name")"
	done
	report_totals
	[[ $failed == 0 ]]
}

main "$@"
