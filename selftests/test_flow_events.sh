#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each connection is told of as it begins and as it ends.
# needs: python
# timeout: 240
# check: 6.12

. ./lib.sh

PORT=5353
TOLD=/tmp/told

set_up()
{
	load_module && topo_up 2 1 && start_udp backend1 backend1 $PORT &&
	start_nginx backend1 backend1 &&
	services_up $PORT/udp 1 && services_up 80/tcp 1 &&
	node sluice service add "$(service 4 99/udp)"
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
	node sluice flow flush
	for family in 4 6; do
		flow="flow proto tcp $(ends $family 80 702$family)"
		told "deleted $flow state closing"
		assert_match 'end retired' "$(grep -F "deleted $flow" $TOLD)"
	done
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

# subscribe GROUP OUTPUT: with the kernel's own client
subscribe()
{
	PYTHONUNBUFFERED=1 ynl --family sluice --output-json \
		--subscribe "$1" > "$2" &
	on_exit_kill $!
	wait_for 60 has_joined $!
}

# ynl_told OUTPUT FILTER PORT: what messages with this source port say
ynl_told()
{
	jq -c "select(.msg | (.flow.orig // .event.tuple).sport == $3) | $2" "$1"
}

# By the specification alone
ynl_understands_them()
{
	local family shown

	subscribe flows /tmp/ynl-flows || return
	subscribe events /tmp/ynl-events || return
	for family in 4 6; do
		udp_ask client1 $family $PORT -p 704$family >/dev/null
	done
	in_ns client1 ./progs/udp ask -t 0 -p 7044 "$(vip 4)" 99 >/dev/null
	shown=$(json '[.[] | {src: .orig.src, state}] | sort' flow show | jq -c .)
	assert_eq "$shown" \
		"$(ynl_cli --dump flow-get | jq -c '[.[].flow | {
			src: (if .orig.src | contains(":")
			      then "[\(.orig.src)]" else .orig.src end +
			      ":\(.orig.sport)"), state}] | sort')" "shown"
	node sluice flow flush
	for family in 4 6; do
		wait_for 30 grep -q "flow-del-ntf.*704$family" /tmp/ynl-flows
		assert_eq '["flow-ntf",17,"unreplied",null]
["flow-del-ntf",17,"established","retired"]' "$(ynl_told /tmp/ynl-flows \
			'[.name, (.msg.flow | .proto, .state, .end)]' \
			704$family)" "told, IPv$family"
	done
	wait_for 30 grep -q 7044 /tmp/ynl-events
	assert_eq '["event","drop","no-backend"]' "$(ynl_told /tmp/ynl-events \
		'[.name, (.msg.event | .type, .reason)]' 7044)" drops
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
run_case tcp_connections_begin_and_end "TCP connections, too"
run_case reasons "flows expire and are evicted"
run_case each_is_told "each one is told of"
run_case ynl_understands_them "the kernel's own client understands them"
run_case only_those_who_ask "to those who ask"
run_case module_goes "the module goes"
ktap_end
