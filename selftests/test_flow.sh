#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The life of flows: timeouts, TCP states, deletion, the limit.
# timeout: 240
# check: 6.12

. ./lib.sh

PORT=5353

set_up()
{
	load_module && topo_up 2 1 || return
	start_udp backend1 backend1 $PORT &&
	start_nginx backend1 backend1 &&
	services_up $PORT/udp 1 && services_up 80/tcp 1 || return
	mkdir -p /tmp/nginx-backend1-80/files
	truncate -s 60M /tmp/nginx-backend1-80/files/big
}

flows()
{
	json "${1:-length}" flow show
}

stat()
{
	json ".$1" stats show
}

flow_total()
{
	stat flows
}

settings()
{
	assert_ok node sluice flow set "$@"
}

flush()
{
	assert_ok node sluice flow flush
}

# flows_from PORT [FILTER]: those with this client port, by default how many;
# an end of a connection cut in an earlier case may still send a packet, so
# the table as a whole says little
flows_from()
{
	flows "[.[] | select(.orig.src | endswith(\":$1\"))] | ${2:-length}"
}

# http_flow FIELD: of the flow to the web service
http_flow()
{
	flows "[.[] | select(.orig.dst == \"$(vip 4):80\")] | .[0].$1"
}

no_flows()
{
	[[ $(flow_total) == 0 ]]
}

a_flow_is_shown()
{
	local flow

	flush
	udp_ask client1 6 $PORT -p 7001 >/dev/null
	flow=$(flows_from 7001 '.[0]')
	assert_eq 1 "$(flows_from 7001)" "flows of port 7001"
	assert_eq "$(at 6 "$(pod 6 client1)" 7001)" "$(jq -r .orig.src <<<"$flow")"
	assert_eq "$(at 6 "$(vip 6)" $PORT)" "$(jq -r .orig.dst <<<"$flow")"
	assert_eq "$(backend 6 1 $PORT)" "$(jq -r .reply.src <<<"$flow")"
	assert_eq established "$(jq -r .state <<<"$flow")"
	assert_eq 1 "$(jq -r .counters.in_packets <<<"$flow")" in
	assert_eq 1 "$(jq -r .counters.out_packets <<<"$flow")" out
	assert_between 100000 120000 "$(jq -r .timeout <<<"$flow")" "milliseconds left"
}

# Nobody listens on the backend's port 99, so nothing answers.
udp_timeouts_hold()
{
	flush
	settings timeout-udp-unreplied 1 timeout-udp 3
	node sluice service add "$(service 4 99/udp)"
	node sluice backend add "$(service 4 99/udp)" "$(pod 4 client2):99"
	udp_ask client1 4 99 -p 7007 -t 100 >/dev/null
	assert_eq unreplied "$(flows_from 7007 '.[0].state')"
	assert_ok wait_for 60 no_flows
	udp_ask client1 4 $PORT -p 7008 >/dev/null
	assert_between 1 3000 "$(flows_from 7008 '.[0].timeout')" "replied"
	assert_ok wait_for 60 no_flows
	assert_between 2 1000 "$(stat flows_expired)" "flows expired"
	settings timeout-udp-unreplied 30 timeout-udp 120
	node sluice service del "$(service 4 99/udp)"
}

# An expired flow that the collector has not come to is not used either.
expired_flows_are_not_used()
{
	local before

	flush
	settings timeout-udp 1
	udp_ask client1 4 $PORT -p 7002 >/dev/null
	gone_by() { (($(flows_from 7002 '.[0].timeout // 0') == 0)); }
	wait_for 10 gone_by
	before=$(stat flows_created)
	udp_ask client1 4 $PORT -p 7002 >/dev/null
	assert_eq 1 $(($(stat flows_created) - before)) "flows created anew"
	settings timeout-udp 120
}

tcp_states_are_followed()
{
	flush
	spawn client1 curl -sS --limit-rate 100k -o /dev/null \
		"http://$(vip 4)/files/big"
	established() { [[ $(http_flow state) == established ]]; }
	assert_ok wait_for 20 established
	assert_between 80000000 86400000 "$(http_flow timeout)" established
	kill $!
	wait $! 2>/dev/null
	flush
	http_get client1 "http://$(vip 4)/" >/dev/null
	closing() { [[ $(http_flow state) == closing ]]; }
	assert_ok wait_for 20 closing
	assert_between 30001 65000 "$(http_flow timeout)" closing
}

a_flow_can_be_deleted()
{
	flush
	udp_ask client1 4 $PORT -p 7003 >/dev/null
	assert_ok node sluice flow del proto udp \
		src "$(pod 4 client1):7003" dst "$(vip 4):$PORT"
	assert_eq 0 "$(flows_from 7003)" "flows left"
	assert_status 1 node sluice flow del proto udp \
		src "$(pod 4 client1):7003" dst "$(vip 4):$PORT"
}

flush_of_one_service()
{
	flush
	udp_ask client1 4 $PORT -p 7005 >/dev/null
	udp_ask client1 6 $PORT -p 7006 >/dev/null
	assert_ok node sluice flow flush service "$(service 4 $PORT/udp)"
	assert_eq 0 "$(flows_from 7005)" "of the service"
	assert_eq 1 "$(flows_from 7006)" "of the other one"
}

# limit N: in force from the first service on, so that the table has its size
limit()
{
	node sluice service flush
	settings limit "$1"
	services_up $PORT/udp 1 && services_up 80/tcp 1
}

# What nobody answers does not push out an answered flow, and the table stays
# within its limit.
# Flows last longer than the flood on any kernel.
flood_spares_answered_flows()
{
	local lasting="timeout-udp 3600 timeout-udp-unreplied 3600"
	local usual="timeout-udp 120 timeout-udp-unreplied 30"

	limit 50
	# shellcheck disable=SC2086 # pairs of words
	node sluice flow set $lasting
	node sluice service add "$(service 4 99/udp)"
	node sluice backend add "$(service 4 99/udp)" 10.244.2.99:99
	udp_ask client1 4 $PORT -p 7004 -c 2 >/dev/null
	for i in $(seq 200); do
		in_ns client2 ./progs/udp ask -t 0 "$(vip 4)" 99
	done >/dev/null
	assert_between 1 50 "$(flow_total)" "flows at the limit"
	assert_between 100 400 "$(stat flows_evicted)" "flows evicted"
	assert_eq 1 "$(flows_from 7004)" "the answered flow"
	assert_eq backend1 "$(udp_ask client1 4 $PORT -p 7004)" "it works"
	assert_eq backend1 "$(udp_ask client1 4 $PORT)" "a new one works"
	# shellcheck disable=SC2086 # pairs of words
	node sluice flow set $usual
	limit 262144
}

# client2 lets out nothing but SYNs: all are answered, no answer is taken up.
syn_flood()
{
	in_ns client2 iptables-legacy -A OUTPUT -p tcp ! --syn -j DROP
	for _ in 1 2 3; do
		in_ns client2 ./progs/halfopen "$(vip 4)" 80 200 300
	done
}

syn_flood_spares_connections()
{
	limit 50
	spawn client1 curl -sS --limit-rate 100k -o /dev/null \
		"http://$(vip 4)/files/big"
	assured() { (($(http_flow 'timeout // 0') > 80000000)); }
	assert_ok wait_for 20 assured
	syn_flood
	assert_between 1 50 "$(flow_total)" "flows at the limit"
	assert_eq 1 "$(flows '[.[] | select(.timeout > 80000000)] | length')" \
		"connections left"
	assert_between 20 60 "$(flows '[.[] | select(.timeout <= 60000)] | length')" \
		"half-open connections, with a short timeout"
	in_ns client2 iptables-legacy -F
	kill $!
	wait $! 2>/dev/null
	limit 262144
}

# Without a flush: what is too many goes while others come.
limit_can_be_lowered()
{
	local i

	limit 50
	for i in $(seq 7100 7139); do
		in_ns client1 ./progs/udp ask -p "$i" "$(vip 4)" $PORT
	done >/dev/null
	assert_between 40 50 "$(flow_total)" "flows at first"
	settings limit 10
	for i in $(seq 7140 7179); do
		in_ns client1 ./progs/udp ask -p "$i" "$(vip 4)" $PORT
	done >/dev/null
	assert_between 1 10 "$(flow_total)" "flows at the lower limit"
	limit 262144
}

# Nobody is refused for want of a flow to displace, however few there are in
# the table.
limit_can_be_lowered_far()
{
	udp_ask client1 4 $PORT >/dev/null
	assert_eq 131072 "$(json .flow_buckets stats show)" buckets
	settings limit 3
	assert_match '^backend1=40$' \
		"$(for i in $(seq 7200 7239); do
			udp_ask client1 4 $PORT -p "$i"
		done | tally)" "answers"
	assert_between 1 3 "$(flow_total)" "flows"
	limit 262144
}

# When all flows are answered the one that was idle longest goes.
limit_evicts_the_oldest()
{
	limit 4
	for port in 7011 7012 7013 7014; do
		udp_ask client1 4 $PORT -p $port -c 2 >/dev/null
		next_tick
	done
	udp_ask client1 4 $PORT -p 7011 >/dev/null
	udp_ask client1 4 $PORT -p 7015 >/dev/null
	assert_eq "7011 7013 7014 7015" \
		"$(flows '[.[].orig.src | split(":")[1]] | sort | join(" ")')" \
		"client ports left"
	limit 262144
}

# A clock tick makes ages differ.
next_tick()
{
	local start

	start=$(cut -d' ' -f1 /proc/uptime)
	uptime_moved() { [[ $(cut -d' ' -f1 /proc/uptime) != "$start" ]]; }
	wait_for 1 uptime_moved
}

namespaces_without_services_cost_nothing()
{
	local probe=/sys/kernel/tracing

	mountpoint -q $probe || mount -t tracefs tracefs $probe
	[[ -e $probe/kprobe_events ]] || { case_skip "no kprobes"; return; }
	node sluice service flush
	node sluice device flush
	echo 'p:sluice_door sluice:destination_hook' >$probe/kprobe_events
	echo 1 >$probe/events/kprobes/sluice_door/enable
	in_ns client1 ping -qc 2 "$(pod 4 backend1)" >/dev/null
	in_ns client1 ./progs/udp ask "$(pod 4 backend1)" $PORT >/dev/null
	assert_eq 0 "$(grep -c sluice_door $probe/trace)" "calls without a service"
	service_up 4 $PORT/udp 1
	in_ns client1 ./progs/udp ask "$(pod 4 backend1)" $PORT >/dev/null
	assert_ok grep -q sluice_door $probe/trace
	echo 0 >$probe/events/kprobes/sluice_door/enable
	echo >$probe/kprobe_events
}

ktap_begin
run_setup set_up "services are set up"
run_case a_flow_is_shown "a flow is shown with both tuples, state and counters"
# Ahead of all TCP: no late segment makes a flow here.
run_case limit_can_be_lowered "a limit that is lowered is reached while flows come"
run_case limit_can_be_lowered_far "and far below the size of the table"
run_case limit_evicts_the_oldest "at the limit the flow idle longest goes"
run_case udp_timeouts_hold "UDP timeouts hold, before and after an answer"
run_case expired_flows_are_not_used "an expired flow is not used again"
run_case tcp_states_are_followed "TCP states are followed"
run_case a_flow_can_be_deleted "a flow can be deleted by its tuple"
run_case flush_of_one_service "flows of one service can be flushed"
run_case flood_spares_answered_flows "a flood stays within the limit and spares answered flows"
run_case syn_flood_spares_connections "an answered SYN flood spares connections"
run_case namespaces_without_services_cost_nothing "without services no hook is called"
ktap_end
