#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Beside nf_conntrack, with rules that let pass only what conntrack has seen
# begin: it must see plain connections between clients and backends.

. ./lib.sh

PORT=5353

set_up()
{
	load_module && topo_up 1 1 || return
	start_udp backend1 backend1 $PORT &&
	start_nginx backend1 backend1 &&
	services_up $PORT/udp 1 && services_up 80/tcp 1 || return
	for tables in iptables-legacy ip6tables-legacy; do
		for chain in FORWARD INPUT OUTPUT; do
			node $tables -A $chain -m conntrack --ctstate INVALID -j DROP &&
			node $tables -A $chain -m conntrack \
				--ctstate ESTABLISHED,RELATED -j ACCEPT || return
		done
		node $tables -A FORWARD -i vclient1 -m conntrack \
			--ctstate NEW -j ACCEPT &&
		node $tables -A FORWARD -p udp -j DROP &&
		node $tables -A FORWARD -p tcp -j DROP || return
	done
}

clear_rules()
{
	iptables-legacy -F
	ip6tables-legacy -F
}

traffic_passes()
{
	local ns family

	for ns in client1 "$NODE"; do
		for family in 4 6; do
			assert_eq backend1=3 \
				"$(udp_ask "$ns" $family $PORT -c 3 | tally)" \
				"${ns:-node} UDP IPv$family"
			assert_eq backend1 \
				"$(http_get "$ns" "http://$(at $family "$(vip $family)" 80)/")" \
				"${ns:-node} TCP IPv$family"
		done
	done
}

conntrack_sees_the_backend()
{
	local entries

	udp_ask client1 4 $PORT -p 7001 >/dev/null
	entries=$(node conntrack -L -p udp --orig-port-src 7001 2>/dev/null)
	assert_match "src=$(pod 4 client1) dst=$(pod 4 backend1)" "$entries"
	assert_match "src=$(pod 4 backend1) dst=$(pod 4 client1)" "$entries"
	assert_no_match UNREPLIED "$entries"
	assert_no_match "$(vip 4)" "$entries"
}

fragments_pass()
{
	local family

	for family in 4 6; do
		assert_eq backend1=2 \
			"$(udp_ask client1 $family $PORT -c 2 -s 4000 | tally)" \
			"IPv$family"
	done
}

ktap_begin
need_commands iptables-legacy ip6tables-legacy conntrack
run_setup set_up "services and conntrack rules are set up"
run_case traffic_passes "services work behind rules on conntrack's states"
run_case conntrack_sees_the_backend "conntrack sees client and backend, answered"
run_case fragments_pass "fragments pass as well"
clear_rules
ktap_end
