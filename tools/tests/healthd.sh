#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sluice healthd: how it becomes the program, and how that begins and ends
# where there is no module.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What stands for the program says how it was called.
check_arguments()
{
	cp "$SLUICE" "$work/sluice"
	printf '#!/bin/sh\necho "$@"\nexit 7\n' > "$work/sluice-healthd"
	chmod +x "$work/sluice-healthd"
	tap_text "it takes the addresses along" \
		"$("$work/sluice" healthd address 1.2.3.4 address fd00::1; \
			echo $?)" $'1.2.3.4 fd00::1\n7'
	tap_text "it needs none" "$("$work/sluice" healthd; echo $?)" $'\n7'
	rm "$work/sluice-healthd"
	tap_text "it says what is missing" \
		"$("$work/sluice" healthd 2>&1; echo $?)" \
		"sluice: healthd: \"$work/sluice-healthd\": No such file or directory: it is built where libevent-dev is installed
1"
}

says_that_it_waits()
{
	local i

	for ((i = 0; i < 100; i++)); do
		[[ -s $work/err ]] && break
		sleep 0.1
	done
	grep -qx 'sluice-healthd: waiting: module sluice is not loaded' \
		"$work/err"
}

# $1: a signal
check_signal()
{
	local status=0

	: > "$work/err"
	env -u MAKEFLAGS "$program" 2> "$work/err" &
	tap "without the module it says that it waits" says_that_it_waits
	kill -"$1" $!
	wait $! || status=$?
	tap_text "SIG$1 ends it well" "$status $(wc -l < "$work/err")" "0 1"
}

check_program()
{
	tap_text "what is no address is refused" \
		"$("$program" ::1 localhost 2>&1; echo $?)" \
		$'sluice-healthd: "localhost" is not an address\nUsage: sluice-healthd [ ADDRESS ]...\n2'
	if [[ -d /sys/module/sluice ]]; then
		tap_skip "without the module" "a kernel without the module"
		return
	fi
	check_signal TERM
	check_signal INT
}

program=$PWD/$BUILD/sluice-healthd
tap_begin
check_arguments
if [[ -n $HAVE_EVENT ]]; then
	check_program
else
	tap_skip "the program" libevent-dev
fi
tap_end
