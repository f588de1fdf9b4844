#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Counters per second, with real traffic in the interval.
# timeout: 180
# check: 7.3

. ./lib.sh
need_commands jq

PORT=53 INTERVAL=$((8 * SLOW)) KEY=10.96.0.1:53/udp

set_up()
{
	load_module && topo_up 1 1 && start_udp backend1 backend1 $PORT &&
		services_up $PORT/udp 1
}

# What clock_nanosleep() is to the kernel, as /proc/PID/syscall has it
is_asleep()
{
	grep -q '^230 ' "/proc/$1/syscall"
}

# rates_during FUNCTION SLUICE-ARGUMENT...: to /tmp/rates, as JSON; FUNCTION
# runs between the readings
rates_during()
{
	local during=$1 pid

	shift
	spawn "$NODE" sluice -j "$@" rates $INTERVAL > /tmp/rates
	pid=$!
	wait_for 10 is_asleep $pid || return
	$during
	assert_ok is_asleep $pid
	wait $pid
}

# all_of FILTER: the sum of all rates below it, and how many there are
all_of()
{
	jq -r "[$1 | .. | .rates? // {} | .[]] | \"\(add) of \(length)\"" \
		/tmp/rates
}

no_traffic_is_zero()
{
	node sluice -j service show rates > /tmp/rates
	assert_eq "0 of 24" "$(all_of .)" "two services with a backend each"
	node sluice -j backend show rates 1s > /tmp/rates
	assert_eq "0 of 12" "$(all_of .)" "their backends"
	assert_match ' connections 0.00 in-packets 0.00 .* drops 0.00$' \
		"$(node sluice backend show "$KEY" rates)" "as text"
}

ask_five()
{
	udp_ask client1 4 $PORT -c 5 > /tmp/answers
}

# moderate FILTER: which rates are more than zero, and less than if all had
# come within a second
moderate()
{
	json '.' service show "$KEY" > /tmp/counters
	jq -nr --slurpfile shown /tmp/rates --slurpfile all /tmp/counters "
		(\$all[0][0]$1.counters) as \$counter |
		\$shown[0][0]$1.rates | to_entries[] |
		select(.value > 0 and .value < \$counter[.key] + 1) | .key" |
		xargs
}

traffic_is_seen()
{
	local object moving="connections in_packets in_bytes"

	moving+=" out_packets out_bytes"
	rates_during ask_five service show || return
	assert_eq backend1=5 "$(tally < /tmp/answers)"
	for object in '' '.backends[0]'; do
		assert_eq "$moving" "$(moderate "$object")" "service$object"
	done
	assert_eq "0 of 12" "$(all_of '.[1]')" IPv6
	rates_during ask_five backend show "$KEY" || return
	assert_no_match '^0 ' "$(all_of .)" "backend show"
}

make_again()
{
	node sluice service del "$KEY" && service_up 4 $PORT/udp 1
}

# There was traffic before; less of it now is not a negative rate.
made_again_is_zero()
{
	ask_five
	rates_during make_again service show || return
	assert_eq "0 of 24" "$(all_of .)"
}

gone()
{
	node sluice service del "$KEY"
}

gone_is_left_out()
{
	rates_during gone service show || return
	assert_eq "0 of 12" "$(all_of .)"
	assert_status 1 node sluice service show "$KEY" rates
}

ktap_begin
run_setup set_up "services are set up"
run_case no_traffic_is_zero "without traffic all rates are zero"
run_case traffic_is_seen "traffic is seen, spread over the time"
run_case made_again_is_zero "a service that was made again counts from zero"
run_case gone_is_left_out "a service that is gone is left out"
ktap_end
