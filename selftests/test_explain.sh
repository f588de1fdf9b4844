#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "sluice explain" says what then happens to real packets, and changes nothing
# by asking.

. ./lib.sh
. ./traffic.sh

PORT=5353

set_up()
{
	local i

	load_module && topo_up 2 3 && outside_up outside || return
	for i in 1 2 3; do
		start_udp backend$i backend$i $PORT || return
	done
}

# explained FILTER SOURCE DESTINATION: jq over the answer
explained()
{
	node sluice -j explain "$2" "$3" | jq -r "$1"
}

# from NAME FAMILY [PORT]: a pod's address, with a port
from()
{
	if (($# == 3)); then
		at "$2" "$(pod "$2" "$1")" "$3"
	else
		pod "$2" "$1"
	fi
}

FATE='([.outcome, .by, .reason // empty] | join(" "))'

nothing_is_ours()
{
	local family

	for family in 4 6; do
		assert_eq "pass nothing" "$(explained "$FATE" \
			"$(from client1 $family)" \
			"$(service $family $PORT/udp)")" "IPv$family"
	done
}

# What it says is what the next packet gets, however often one asks.
the_next_backend()
{
	local family key said i

	services_up $PORT/udp 3
	for family in 4 6; do
		key=$(service $family $PORT/udp)
		for i in 1 2 3 4; do
			said=$(for _ in 1 2 3; do
				explained "[$FATE, .service, .backend,
					.candidates, .out.dst] | join(\" \")" \
					"$(from client1 $family)" "$key"
			done | uniq)
			said=${said#"translate service $key "}
			said=${said/" 3 "/" "}
			assert_eq "$(backend $family \
				"$(number "$(udp_ask client1 $family $PORT)")" \
				$PORT)" "${said% *}" "IPv$family, $i"
			assert_eq "${said% *}" "${said#* }" "where it goes"
		done
	done
}

# number backendN: N
number()
{
	echo "${1#backend}"
}

state()
{
	json '[.flows, .flows_created, .revision, (.drops | map(.packets) | add)] |
		join(" ")' stats show
	json '[.[].counters]' service show
}

asking_changes_nothing()
{
	local before

	before=$(state)
	explained . "$(from client1 4 999)" "$(service 4 $PORT/udp)" >/dev/null
	explained . "$(from client1 6)" "$(service 6 $PORT/udp)" >/dev/null
	explained . "$(from client1 4)" "$(service 4 81/tcp)" >/dev/null
	assert_eq "$before" "$(state)"
}

# Both directions of what is under way
flows_are_known()
{
	local family key n reply

	for family in 4 6; do
		key=$(service $family $PORT/udp)
		n=$(number "$(udp_ask client1 $family $PORT -p 6000)")
		for _ in 1 2 3 4; do
			assert_eq "translate flow $(backend $family "$n" $PORT)" \
				"$(explained '[.outcome, .by, .out.dst] |
				join(" ")' "$(from client1 $family 6000)" "$key")"
		done
		reply="$(from client1 $family 6000)/udp"
		assert_eq "translate flow $key ${key%/udp} ${key%/udp}" \
			"$(explained '[.outcome, .by, .service, .out.src,
			.flow.orig.dst] | join(" ")' \
			"$(backend $family "$n" $PORT)" "$reply")" \
			"the answers, IPv$family"
	done
}

drops_have_reasons()
{
	local key

	key=$(service 4 7400/udp)
	node sluice service add "$key"
	assert_eq "reject service no-backend" \
		"$(explained "$FATE" "$(from client1 4)" "$key")"
	node sluice service set "$key" no-backend drop
	assert_eq "drop service no-backend" \
		"$(explained "$FATE" "$(from client1 4)" "$key")"
	node sluice backend add "$key" "$(backend 4 1 $PORT)"
	node sluice service set "$key" deny "$(pod 4 client1)/32"
	assert_eq "drop service source-range" \
		"$(explained "$FATE" "$(from client1 4)" "$key")"
	assert_eq "translate service" \
		"$(explained "$FATE" "$(from client2 4)" "$key")" "who is allowed"
	node sluice service set "$key" traffic-policy local
	assert_eq "drop service no-local-backend" \
		"$(explained "$FATE" "$(from client2 4)" "$key")"
	assert_eq null "$(explained .out "$(from client2 4)" "$key")"
	node sluice service del "$key"
}

# A TCP connection whose backend is removed under it
a_reset_to_come()
{
	local key

	key=$(service 4 7300/tcp)
	spawn backend1 ./progs/talk serve 7300
	wait_for 10 is_listening backend1 7300
	node sluice service add "$key"
	node sluice backend add "$key" "$(backend 4 1 7300)"
	background talk client1 talk tcp -i 60000 "$(vip 4)" 7300
	wait_for 10 has_more talk 0
	node sluice backend del "$key" "$(backend 4 1 7300)"
	assert_eq "reject flow backend-gone" "$(explained "$FATE" \
		"$(json ".[] | select(.orig.dst == \"$(vip 4):7300\") |
		.orig.src" flow show)" "$key")"
	node sluice service del "$key"
}

addresses_of_the_node()
{
	local family key

	for family in 4 6; do
		key=$(service $family $PORT/udp)
		node sluice service set "$key" masquerade always
		assert_eq "$(at $family "$(masquerade $family)" 0)" \
			"$(explained .out.src "$(from client1 $family)" "$key")" \
			"masqueraded, IPv$family"
		assert_eq "$(at $family "$(masquerade $family)" 0)" \
			"$(explained .out.src "$(masquerade $family)" "$key")" \
			"the node's own, IPv$family"
		node sluice service set "$key" masquerade hairpin
	done
	node sluice node set pod-prefixes 10.244.0.0/16,fd00:10:244::/64 \
		egress-masquerade on
	for family in 4 6; do
		assert_eq "translate egress" "$(explained "$FATE" \
			"$(from client1 $family)" \
			"$(at $family "$(outside $family)" 80/tcp)")" \
			"out of the cluster, IPv$family"
		assert_eq "pass direct" "$(explained "$FATE" \
			"$(outside $family)" "$(backend $family 1 $PORT)/udp")" \
			"straight to a backend, IPv$family"
	done
	node sluice node set pod-prefixes none egress-masquerade off
}

node_ports()
{
	node sluice service add 0.0.0.0:30053/udp
	node sluice backend add 0.0.0.0:30053/udp "$(backend 4 2 $PORT)"
	assert_eq "translate service 0.0.0.0:30053/udp $(backend 4 2 $PORT)" \
		"$(explained "[$FATE, .service, .out.dst] | join(\" \")" \
		"$(outside 4)" "$(masquerade 4):30053/udp")"
	assert_eq "pass nothing" "$(explained "$FATE" "$(outside 4)" \
		"$(pod 4 client1):30053/udp")" "no address of the node"
	node sluice service del 0.0.0.0:30053/udp
}

for_people()
{
	node sluice service set "$(service 4 $PORT/udp)" scheduler sh
	assert_match '^packet proto udp src 10\.244\.1\.1:0 dst 10\.96\.0\.1:5353
outcome translate by service
service 10\.96\.0\.1:5353/udp
backend 10\.244\.2\.[123]:5353 candidates 3
out src 10\.244\.1\.1:0 dst 10\.244\.2\.[123]:5353$' \
		"$(node sluice explain 10.244.1.1 "$(service 4 $PORT/udp)")"
	assert_ok udp_ask client1 4 $PORT -p 6001
	assert_match '
flow proto udp src 10\.244\.1\.1:6001 dst 10\.96\.0\.1:5353 reply src ' \
		"$(node sluice explain 10.244.1.1:6001 \
			"$(service 4 $PORT/udp)")"
}

ktap_begin
run_setup set_up "pods, backends, somebody outside"
run_case nothing_is_ours "without services nothing is ours"
run_case the_next_backend "it names the backend that the next client gets"
run_case asking_changes_nothing "asking changes nothing"
run_case flows_are_known "packets of flows, in both directions"
run_case drops_have_reasons "drops, with their reasons"
run_case a_reset_to_come "a connection that will be reset"
run_case addresses_of_the_node "masquerading and what leaves the cluster"
run_case node_ports "node ports"
run_case for_people "text"
ktap_end
