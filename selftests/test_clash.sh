#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Connections that would look the same to a backend: two services that share
# it, and the backend's own address, all from one client port.
# timeout: 240
# check: 6.12

. ./lib.sh

PORT=5353

set_up()
{
	local family n

	load_module && topo_up 1 1 && start_udp backend1 backend1 $PORT || return
	for family in 4 6; do
		for n in 1 2; do
			node sluice service add "$(service $family $PORT/udp $n)" &&
			node sluice backend add "$(service $family $PORT/udp $n)" \
				"$(backend $family 1 $PORT)" || return
		done
	done
}

# ask NS ADDRESS: from port 7000; a connected socket takes no answer from any
# other address
ask()
{
	in_ns "$1" ./progs/udp ask -p 7000 -t 2000 "$2" $PORT
}

# all_answer NS FAMILY ADDRESS...: each twice, in turn
all_answer()
{
	local ns=$1 family=$2 addr

	shift 2
	assert_ok node sluice flow flush
	for addr in "$@" "$@"; do
		assert_eq backend1 "$(ask "$ns" "$addr")" \
			"${ns:-node} IPv$family $addr"
	done
}

two_services_share_a_backend()
{
	local ns family

	for ns in client1 "$NODE"; do
		for family in 4 6; do
			all_answer "$ns" $family "$(vip $family 1)" "$(vip $family 2)"
		done
	done
}

service_then_direct()
{
	local ns family

	for ns in client1 "$NODE"; do
		for family in 4 6; do
			all_answer "$ns" $family "$(vip $family 1)" \
				"$(pod $family backend1)"
		done
	done
}

direct_then_service()
{
	local ns family

	for ns in client1 "$NODE"; do
		for family in 4 6; do
			all_answer "$ns" $family "$(pod $family backend1)" \
				"$(vip $family 1)" "$(vip $family 2)"
		done
	done
}

only_the_later_one_is_changed()
{
	node sluice flow flush
	ask client1 "$(vip 4 1)" >/dev/null
	ask client1 "$(vip 4 2)" >/dev/null
	assert_eq 1 "$(json "[.[] | select(.reply.dst == \"$(pod 4 client1):7000\")] | length" flow show)" \
		"flows with the client's own port"
	assert_eq 2 "$(json length flow show)" flows
}

# once_each FAMILY N: a connection to service N from each of eight ports, which
# the backend closes first
once_each()
{
	local port

	for port in $(seq 7101 7108); do
		http_get client1 "http://$(at "$1" "$(vip "$1" "$2")" 80)/" \
			-0 --ignore-content-length --local-port "$port"
	done | tally
}

# Whether a SYN is taken for an old one is decided by chance for each port.
time_wait_is_respected()
{
	local family n before

	start_nginx backend1 backend1
	before=$(snmp client1 TcpOutRsts)
	for family in 4 6; do
		for n in 1 2; do
			node sluice service add "$(service $family 80/tcp $n)"
			node sluice backend add "$(service $family 80/tcp $n)" \
				"$(backend $family 1 80)"
		done
		assert_eq backend1=8 "$(once_each $family 1)" "IPv$family"
	done
	assert_between 16 40 "$(in_ns backend1 ss -Htn state time-wait | wc -l)" \
		"in TIME_WAIT"
	sleep 40
	for family in 4 6; do
		assert_eq backend1=8 "$(once_each $family 2)" "IPv$family, later"
	done
	assert_eq "$before" "$(snmp client1 TcpOutRsts)" \
		"answers for the client to refuse"
}

ktap_begin
run_setup set_up "two services share a backend"
run_case two_services_share_a_backend "one client port speaks to both services"
run_case service_then_direct "to a service, then to the backend itself"
run_case direct_then_service "to the backend itself, then to both services"
run_case only_the_later_one_is_changed "only the later flow gets another port"
run_case time_wait_is_respected "a port in TIME_WAIT at the backend is not used again"
ktap_end
