#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Memory is refused, one allocation after another: nothing is done by half. See
# nl_memory.py.
# needs: python
# debug: only
# timeout: 1800

. ./lib.sh

PORT=5353
FAILSLAB=/sys/kernel/debug/failslab

set_up()
{
	load_module && topo_up 1 1 && start_udp backend1 backend1 $PORT &&
	{ mountpoint -q /sys/kernel/debug ||
		mount -t debugfs debugfs /sys/kernel/debug; } &&
	echo 0 > $FAILSLAB/verbose && echo N > $FAILSLAB/ignore-gfp-wait &&
	ns_add empty && somebody_hears
}

# Messages are made only if there is somebody to hear them.
somebody_hears()
{
	ip netns exec empty sluice monitor >/dev/null 2>&1 &
	on_exit_kill $!
	wait_for 60 has_joined $! empty
}

# python NAMESPACE ARGUMENT...: what it says is shown
python()
{
	local output status=0

	output=$(in_ns "$1" python3 -B ./nl_memory.py "${@:2}" 2>&1) || status=$?
	[[ -z $output ]] || t_diag "$output"
	return $status
}

changes_are_done_or_not()
{
	python empty changes
}

answers_are_whole()
{
	python empty questions
}

packets_are_dropped()
{
	local family

	services_up $PORT/udp 1 || return
	for family in 4 6; do
		python "$NODE" flows $family "$(vip $family)" $PORT ||
			_case_failed=1
		assert_eq backend1 "$(udp_ask client1 $family $PORT)" \
			"IPv$family, afterwards"
	done
}

ktap_begin
run_setup set_up "allocations can be refused"
run_case changes_are_done_or_not "a change is done or not, whichever allocation is refused"
run_case answers_are_whole "an answer is whole or an error"
run_case packets_are_dropped "a packet without a flow is dropped, with that reason"
ip netns del empty
ktap_end
