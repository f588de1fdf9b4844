#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# HTTP through services: real nginx behind a virtual address, clients in pods
# and on the node itself, both families.
# timeout: 180

. ./lib.sh

SCHEDULERS="random rr wrr lc wlc sh maglev"

set_up()
{
	local i

	load_module && topo_up 2 3 || return
	for i in 1 2 3; do
		start_nginx "backend$i" "backend$i" || return
	done
	services_up 80/tcp 3
}

# answers NS FAMILY COUNT [CURL OPTION...]: who answered how often
answers()
{
	local ns=$1 url i count=$3

	url=http://$(at "$2" "$(vip "$2")" 80)/
	shift 3
	for ((i = 0; i < count; i++)); do
		http_get "$ns" "$url" "$@" || echo failed
	done | tally
}

set_scheduler()
{
	assert_ok node sluice service set "$(service "$1" 80/tcp)" \
		scheduler "$2"
}

set_weight()
{
	assert_ok node sluice backend set "$(service "$1" 80/tcp)" \
		"$(backend "$1" "$2" 80)" weight "$3"
}

round_robin_shares_evenly()
{
	local ns family

	for ns in client1 client2 "$NODE"; do
		for family in 4 6; do
			assert_eq "backend1=2 backend2=2 backend3=2" \
				"$(answers "$ns" $family 6)" "${ns:-node} IPv$family"
		done
	done
}

every_scheduler_reaches_a_backend()
{
	local scheduler family

	for scheduler in $SCHEDULERS; do
		for family in 4 6; do
			set_scheduler $family "$scheduler"
			assert_no_match failed "$(answers client1 $family 4)" \
				"$scheduler IPv$family"
		done
	done
}

wrr_follows_weights()
{
	set_scheduler 4 wrr
	set_weight 4 1 3
	set_weight 4 3 0
	assert_eq "backend1=6 backend2=2" "$(answers client1 4 8)" "3:1:0"
	set_weight 4 1 1
	set_weight 4 3 1
}

# backend_sees: address and port that the web server was asked from
backend_sees()
{
	http_get client1 "http://$(at "$1" "$(vip "$1")" 80)/from" \
		--local-port 2456$1
}

client_address_is_kept()
{
	local family

	for family in 4 6; do
		assert_eq "$(pod $family client1) 2456$family" \
			"$(backend_sees $family)" "IPv$family"
	done
}

counters_agree()
{
	local key counters url

	key=$(service 4 80/tcp)
	url=http://$(vip 4)/
	node sluice service del "$key"
	service_up 4 80/tcp 2
	http_get client1 "$url" >/dev/null
	http_get client1 "$url" >/dev/null
	http_get client2 "$url" >/dev/null
	counters=$(json '.[0].counters' service show "$key")
	assert_eq 3 "$(jq .connections <<<"$counters")" connections
	assert_eq 0 "$(jq .drops <<<"$counters")" drops
	# SYN, ACK, request, ACK, FIN, ACK at most; what is acknowledged alone
	# or with data is up to the ends.
	assert_between 12 24 "$(jq '.in_packets' <<<"$counters")" in-packets
	assert_between 9 24 "$(jq '.out_packets' <<<"$counters")" out-packets
	assert_eq 3 "$(json '[.[].counters.connections] | add' \
		backend show "$key")" "sum over backends"
	assert_eq "$(jq '.in_bytes' <<<"$counters")" \
		"$(json '[.[].counters.in_bytes] | add' backend show "$key")" \
		"bytes of service and backends"
}

ktap_begin
run_setup set_up "services over nginx are set up"
run_case round_robin_shares_evenly "pods and node reach backends in turn, IPv4 and IPv6"
run_case every_scheduler_reaches_a_backend "every scheduler reaches a backend"
run_case wrr_follows_weights "wrr follows the weights"
run_case client_address_is_kept "the backend sees the client's address and port"
run_case counters_agree "counters of service and backends agree"
ktap_end
