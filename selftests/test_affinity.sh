#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A client stays with its backend, for a while, and as long as that is there.

. ./lib.sh

PORT=5353
OTHER=5354

set_up()
{
	local i

	load_module && topo_up 2 3 || return
	for i in 1 2 3; do
		start_udp backend$i backend$i $PORT || return
		start_udp backend$i backend$i $OTHER || return
	done
	services_up $PORT/udp 3 && services_up $OTHER/udp 3 || return
	for_services affinity client-ip 60
}

# for_services WORD...: options of all four
for_services()
{
	local family port

	for family in 4 6; do
		for port in $PORT $OTHER; do
			node sluice service set \
				"$(service $family $port/udp)" "$@" || return
		done
	done
}

# ask NAMESPACE FAMILY COUNT [PORT]: from so many source ports, counted
ask()
{
	local i

	for ((i = 0; i < $3; i++)); do
		udp_ask "$1" "$2" "${4:-$PORT}"
	done | tally
}

clients_stay()
{
	local ns family

	for family in 4 6; do
		for ns in client1 client2 "$NODE"; do
			assert_match '^backend[123]=6$' \
				"$(ask "$ns" $family 6)" "${ns:-node} IPv$family"
		done
		assert_no_match '^backend[123]=9$' \
			"$(for ns in client1 client2 "$NODE"; do
				ask "$ns" $family 3
			done | cut -d= -f1 | tally)" \
			"they need not be together, IPv$family"
	done
}

# number FAMILY: of client1's backend
number()
{
	local name

	name=$(udp_ask client1 "$1" $PORT)
	echo "${name#backend}"
}

draining_and_deletion_move_clients()
{
	local family n key

	for family in 4 6; do
		key=$(service $family $PORT/udp)
		n=$(number $family)
		node sluice backend set "$key" "$(backend $family "$n" $PORT)" \
			state draining
		assert_no_match "backend$n" "$(ask client1 $family 5)" \
			"a draining one, IPv$family"
		assert_match '=5$' "$(ask client1 $family 5)" \
			"together, IPv$family"
		node sluice backend set "$key" "$(backend $family "$n" $PORT)" \
			state active
		n=$(number $family)
		node sluice backend del "$key" "$(backend $family "$n" $PORT)"
		assert_no_match "backend$n" "$(ask client1 $family 5)" \
			"a deleted one, IPv$family"
		node sluice backend add "$key" "$(backend $family "$n" $PORT)"
	done
}

affinity_ends()
{
	for_services affinity client-ip 1
	ask client1 4 1 >/dev/null
	sleep 1.2
	assert_match ' ' "$(for _ in 1 2 3 4 5 6; do
		ask client1 4 1
		sleep 1.2
	done | tally)" "more than one backend in the end"
	for_services affinity client-ip 60
	assert_match '=5$' "$(ask client1 4 5)" "and again"
	for_services affinity none
	assert_eq "backend1=2 backend2=2 backend3=2" "$(ask client1 4 6)" \
		"none: in turn"
	for_services affinity client-ip 60
}

# Two ports of one address, one backend
shared_by_ports()
{
	local family first

	for_services affinity-shared on
	for family in 4 6; do
		first=$(ask client1 $family 4 $PORT)
		assert_match '=4$' "$first" "IPv$family"
		assert_eq "$first" "$(ask client1 $family 4 $OTHER)" \
			"the other port, IPv$family"
	done
	for_services affinity-shared off
}

# A node port is one service, whichever of the node's addresses is asked.
by_all_addresses()
{
	local key=0.0.0.0:30080/udp i address

	node sluice service add $key scheduler rr affinity client-ip 60
	for i in 1 2 3; do
		node sluice backend add $key "$(backend 4 $i $PORT)"
	done
	assert_match '^backend[123]=6$' "$(for address in 192.0.2.1 10.244.0.1; do
		for i in 1 2 3; do
			in_ns client1 ./progs/udp ask $address 30080
		done
	done | tally)" "two addresses"
	node sluice service del $key
}

ktap_begin
run_setup set_up "services with affinity are set up"
run_case clients_stay "a client's new flows go to one backend"
run_case draining_and_deletion_move_clients "unless that takes no new flows"
run_case affinity_ends "until its time is over"
run_case shared_by_ports "services of one address can share it"
run_case by_all_addresses "a node port has one for all addresses of the node"
ktap_end
