#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who gets the next flow: what schedulers promise, on the wire.
# timeout: 300
# check: 6.1

. ./lib.sh

PORT=5353

set_up()
{
	local i

	load_module && topo_up 2 3 || return
	for i in 1 2 3; do
		start_udp "backend$i" "backend$i" $PORT &&
		start_nginx "backend$i" "backend$i" || return
	done
}

# begin FAMILY WEIGHT...: a service without flows, of as many backends
begin()
{
	local family=$1 key weight i=0

	shift
	key=$(service "$family" $PORT/udp)
	node sluice service del "$key" 2>/dev/null
	assert_ok node sluice service add "$key"
	for weight in "$@"; do
		i=$((i + 1))
		assert_ok node sluice backend add "$key" \
			"$(backend "$family" $i $PORT)" weight "$weight"
	done
}

# schedule FAMILY SCHEDULER
schedule()
{
	assert_ok node sluice service set "$(service "$1" $PORT/udp)" \
		scheduler "$2"
}

# weigh FAMILY WEIGHT...
weigh()
{
	local family=$1 weight i=0

	shift
	for weight in "$@"; do
		i=$((i + 1))
		assert_ok node sluice backend set \
			"$(service "$family" $PORT/udp)" \
			"$(backend "$family" $i $PORT)" weight "$weight"
	done
}

# answers NS FAMILY COUNT: who answered how many new flows
answers()
{
	local i

	for ((i = 0; i < $3; i++)); do
		udp_ask "$1" "$2" $PORT
	done | tally
}

# Backend 1 has four flows before the others have any.
least_connections_fill_up()
{
	local family

	for family in 4 6; do
		begin $family 1 0 0
		assert_eq "backend1=4" "$(answers client1 $family 4)" \
			"first, IPv$family"
		weigh $family 1 1 1
		schedule $family lc
		assert_eq "backend2=4 backend3=4" \
			"$(answers client2 $family 8)" "IPv$family"
		assert_eq "backend1=1 backend2=1 backend3=1" \
			"$(answers client1 $family 3)" "level, IPv$family"
	done
}

weighted_least_connections_fill_up()
{
	local family

	for family in 4 6; do
		begin $family 1 0 0
		assert_eq "backend1=2" "$(answers client1 $family 2)" \
			"first, IPv$family"
		weigh $family 1 3 1
		schedule $family wlc
		# 2 + 0 of 1, 6 of 3, 2 of 1
		assert_eq "backend2=6 backend3=2" \
			"$(answers client2 $family 8)" "IPv$family"
	done
}

# flows_of FAMILY N STATE: of backend N
flows_of()
{
	json "[.[] | select(.backend == \"$(backend "$1" "$2" 80)\" and
		.state == \"$3\")] | length" flow show
}

# one_after_the_other NAMESPACE FAMILY COUNT: who answered; the next connection
# begins when those before are over at both ends
one_after_the_other()
{
	local i

	for ((i = 0; i < $3; i++)); do
		http_get "$1" "http://$(service "$2" 80)/"
		wait_for 10 are_over "$2"
	done | tally
}

# are_over FAMILY: the connections to backend 1
are_over()
{
	[[ $(flows_of "$1" 1 established) == 0 ]]
}

# Backend 1 has had connections, backend 2 has one.
closed_connections_are_no_load()
{
	local family key scheduler

	for family in 4 6; do
		key=$(service $family 80/tcp)
		for scheduler in lc wlc; do
			node sluice flow flush
			service_up $family 80/tcp 1 $scheduler
			assert_eq "backend1=5" \
				"$(one_after_the_other client1 $family 5)" \
				"first, IPv$family"
			node sluice backend set "$key" \
				"$(backend $family 1 80)" weight 0
			node sluice backend add "$key" "$(backend $family 2 80)"
			spawn client2 bash -c \
				"exec 3<>/dev/tcp/$(vip $family)/80; read -r <&3"
			wait_for 10 has_flow $family 2
			node sluice backend set "$key" \
				"$(backend $family 1 80)" weight 1
			assert_eq "5 0 1" "$(flows_of $family 1 closing) $(
				flows_of $family 1 established) $(
				flows_of $family 2 established)" \
				"flows, IPv$family"
			assert_eq "backend1=5" \
				"$(one_after_the_other client1 $family 5)" \
				"$scheduler, IPv$family"
			node sluice service del "$key"
		done
	done
}

# has_flow FAMILY N
has_flow()
{
	[[ $(flows_of "$1" "$2" established) == 1 ]]
}

# A client's address decides, and what came before does not.
source_hash_is_of_the_address()
{
	local family ns first

	for family in 4 6; do
		for ns in client1 client2 "$NODE"; do
			begin $family 1 1 1
			schedule $family sh
			first=$(answers "$ns" $family 12)
			assert_match '^backend[123]=12$' "$first" \
				"${ns:-node}, IPv$family"
			begin $family 1 1 1
			schedule $family sh
			answers client1 $family 3 >/dev/null
			assert_eq "$first" "$(answers "$ns" $family 12)" \
				"${ns:-node} again, IPv$family"
		done
	done
}

change_keeps_flows()
{
	local family scheduler first

	for family in 4 6; do
		begin $family 1 1 1
		open_socket udp_ask client1 $family $PORT
		first=$(next)
		assert_match '^backend[123]$' "$first" "IPv$family"
		for scheduler in random rr wrr maglev lc wlc sh rr; do
			schedule $family "$scheduler"
			assert_eq "$first" "$(next)" "$scheduler, IPv$family"
			assert_match '^(backend[123]=[0-9] ?)+$' \
				"$(answers client2 $family 4)" \
				"new flows, $scheduler, IPv$family"
		done
		close_socket
	done
}

ktap_begin
run_setup set_up "three backends are set up"
run_case least_connections_fill_up "lc: the backend with the fewest flows"
run_case weighted_least_connections_fill_up "wlc: in proportion to the weight"
run_case closed_connections_are_no_load "connections that are over are no load"
run_case source_hash_is_of_the_address "sh: by the client's address alone"
run_case change_keeps_flows "another scheduler keeps the flows there are"
ktap_end
