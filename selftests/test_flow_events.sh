#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each connection is told of as it begins and as it ends.

. ./lib.sh

PORT=5353
TOLD=/tmp/told

set_up()
{
	load_module && topo_up 2 1 && start_udp backend1 backend1 $PORT &&
	start_nginx backend1 backend1 &&
	services_up $PORT/udp 1 && services_up 80/tcp 1
}

# listen: from now on, to nothing but flows
listen()
{
	monitor $TOLD monitor flows
}

stop_listening()
{
	kill "${_topo_pids[-1]}"
	wait "${_topo_pids[-1]}" 2>/dev/null
	return 0
}

# ends FAMILY PORT SOURCE-PORT: how the command writes such a flow's tuples
ends()
{
	local family=$1 port=$2 source

	source=$(at "$family" "$(pod "$family" client1)" "$3")
	echo "src $source dst $(at "$family" "$(vip "$family")" "$port")" \
		"reply src $(backend "$family" 1 "$port") dst $source"
}

# told LINE: it has come, once
told()
{
	wait_for 20 grep -qF -- "$1" $TOLD
	assert_eq 1 "$(grep -cF -- "$1" $TOLD)" "$1"
}

udp_flows_begin_and_end()
{
	local family flow

	listen || return
	for family in 4 6; do
		udp_ask client1 $family $PORT -p 701$family -c 2 >/dev/null
		flow="flow proto udp $(ends $family $PORT 701$family)"
		told "new $flow state unreplied"
		assert_no_match "deleted $flow" "$(cat $TOLD)" "too early"
		assert_ok node sluice flow del proto udp \
			src "$(at $family "$(pod $family client1)" 701$family)" \
			dst "$(at $family "$(vip $family)" $PORT)"
		told "deleted $flow state established"
		assert_match "^deleted $(printf %s "$flow" | sed 's/[][]/\\&/g') .* end retired connections 1 in-packets 2 in-bytes [1-9][0-9]* out-packets 2 " \
			"$(grep -F "deleted $flow" $TOLD)" "last counters, IPv$family"
	done
	stop_listening
}

tcp_connections_begin_and_end()
{
	local family flow

	listen || return
	for family in 4 6; do
		flow="flow proto tcp $(ends $family 80 702$family)"
		assert_eq backend1 "$(http_get client1 \
			"http://$(at $family "$(vip $family)" 80)/" \
			--local-port 702$family)"
		told "new $flow"
	done
	assert_ok node sluice service flush
	for family in 4 6; do
		flow="flow proto tcp $(ends $family 80 702$family)"
		told "deleted $flow state closing"
		assert_match 'end retired' "$(grep -F "deleted $flow" $TOLD)"
	done
	services_up $PORT/udp 1
	stop_listening
}

reasons()
{
	local flow

	listen || return
	node sluice flow set timeout-udp-unreplied 1 timeout-udp 1
	udp_ask client1 4 $PORT -p 7031 >/dev/null
	flow="flow proto udp $(ends 4 $PORT 7031)"
	told "deleted $flow"
	assert_match 'end expired' "$(grep -F "deleted $flow" $TOLD)"
	node sluice flow set timeout-udp-unreplied 30 timeout-udp 120
	evictions
	stop_listening
}

# The table is full.
evictions()
{
	local i

	node sluice flow set limit 50
	for i in {1..60}; do
		udp_ask client2 4 $PORT >/dev/null
	done
	wait_for 10 grep -q 'deleted flow .* end evicted' $TOLD
	assert_match 'deleted flow .* end evicted' "$(tail -n 20 $TOLD)"
	node sluice flow set limit 262144
}

# Every one, with one that begins and one that ends for each
each_is_told()
{
	local i before

	node sluice flow flush
	listen || return
	before=$(json .flows_created stats show)
	for i in {1..100}; do
		udp_ask client1 4 $PORT >/dev/null
	done
	node sluice flow flush
	all() { (($(grep -c '^deleted flow' $TOLD) >= 100)); }
	assert_ok wait_for 20 all
	assert_eq 100 $(($(json .flows_created stats show) - before)) "made"
	assert_eq 100 "$(grep -c '^new flow' $TOLD)" "begun"
	assert_eq 100 "$(grep -c '^deleted flow' $TOLD)" "ended"
	assert_eq "$(sed -n 's/^new flow \(.*\) state .*/\1/p' $TOLD | sort)" \
		"$(sed -n 's/^deleted flow \(.*\) state .*/\1/p' $TOLD | sort)" \
		"the same ones"
	stop_listening
}

# Whoever listens to changes alone hears of no flow.
only_those_who_ask()
{
	monitor $TOLD monitor || return
	udp_ask client1 4 $PORT >/dev/null
	node sluice flow flush
	node sluice flow set timeout-udp 121
	wait_for 10 grep -q timeout-udp $TOLD
	assert_no_match 'flow' "$(cat $TOLD)"
	node sluice flow set timeout-udp 120
	stop_listening
}

# With one that listens
module_goes()
{
	listen || return
	udp_ask client1 4 $PORT >/dev/null
	udp_ask client1 6 $PORT >/dev/null
	assert_ok unload_module
	stop_listening
}

ktap_begin
run_setup set_up "services are set up"
run_case udp_flows_begin_and_end "UDP flows begin and end, with their counters"
run_case tcp_connections_begin_and_end "TCP connections, when their service goes"
run_case reasons "flows expire and are evicted"
run_case each_is_told "each one is told of"
run_case only_those_who_ask "to those who ask"
run_case module_goes "the module goes"
ktap_end
