#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "sluice explain" says what then happens to real packets, and changes nothing
# by asking.
# timeout: 300
# check: 7.3

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

# explained FILTER SOURCE DESTINATION...: jq over the answer
explained()
{
	node sluice -j explain "${@:2}" | jq -r "$1"
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

# pings NAMESPACE ADDRESS: is one answered?
pings()
{
	in_ns "$1" ping -n -c 1 -W $((2 * SLOW)) "$2" >/dev/null && echo yes ||
		echo no
}

# icmp FAMILY: the protocol's name and the type of an echo request, a reply and
# an error
icmp()
{
	case $1 in
	4)	echo icmp 8 0 3 ;;
	6)	echo icmpv6 128 129 1 ;;
	esac
}

# said_and_done FATE ANSWERED FAMILY ADDRESS WHAT: of client1's echo requests
said_and_done()
{
	local proto

	read -r proto _ <<< "$(icmp "$3")"
	assert_eq "$1" "$(explained "$FATE" "$(from client1 "$3")" \
		"$4/$proto")" "$5, IPv$3"
	assert_eq "$2" "$(pings client1 "$4")" "$5, a ping, IPv$3"
}

echoes_to_services()
{
	local family key vip proto request

	for family in 4 6; do
		key=$(service $family 7500/udp 9)
		vip=$(vip $family 9)
		read -r proto request _ <<< "$(icmp $family)"
		node sluice service add "$key"
		said_and_done "pass nothing" no $family "$vip" "echo off"
		node sluice service set "$key" echo on
		said_and_done "answer service" yes $family "$vip" "echo on"
		assert_eq "$request 0 $(at $family "$(pod $family client1)" 77)" \
			"$(explained '[.icmp_type, .icmp_code, .out.dst] |
			map(tostring) | join(" ")' "$(from client1 $family 77)" \
			"$vip/$proto")" "the answer, IPv$family"
		node sluice service set "$key" deny "$(pod $family client1)"
		said_and_done "drop service source-range" no $family "$vip" \
			"source ranges"
		node sluice service set "$key" deny none
		node sluice identity add "$(pod $family client1)" id 1001
		node sluice policy set 1001 isolate egress
		said_and_done "drop policy policy-isolation" no $family "$vip" \
			"the policy"
		node sluice policy flush
		node sluice identity del "$(pod $family client1)" id 1001
		node sluice service del "$key"
	done
}

# Echo requests are one thing, other types another, and what answers a third.
icmp_by_policy()
{
	local family proto request reply error to

	for family in 4 6; do
		to=$(pod $family backend1)
		read -r proto request reply error <<< "$(icmp $family)"
		node sluice identity add "$to" id 2001
		node sluice policy set 2001 isolate ingress
		said_and_done "drop policy policy-isolation" no $family "$to" \
			"isolated"
		assert_eq "drop policy policy-isolation" "$(explained "$FATE" \
			"$(from client1 $family)" "$to/$proto" \
			"$error/1")" "an error, IPv$family"
		node sluice policy add to 2001 from any "$proto" "$request" \
			allow cookie 8
		said_and_done "pass policy" yes $family "$to" "allowed"
		assert_eq 8 "$(explained '.judgements[] |
			select(.direction == "ingress").cookie' \
			"$(from client1 $family)" "$to/$proto")" \
			"the rule, IPv$family"
		assert_eq "drop policy policy-isolation" "$(explained "$FATE" \
			"$(from client1 $family)" "$to/$proto" \
			"$error/1")" "an error still, IPv$family"
		node sluice policy add to 2001 from any "$proto" "$error/1" allow
		assert_eq "pass policy" "$(explained "$FATE" \
			"$(from client1 $family)" "$to/$proto" \
			"$error/1")" "an error, IPv$family"
		assert_eq "drop policy policy-isolation" "$(explained "$FATE" \
			"$(from client1 $family)" "$to/$proto" \
			"$error/2")" "another code, IPv$family"
		in_ns client1 ping -n -c 1 -e 4242 "$to" >/dev/null
		assert_eq "pass flow" "$(explained "$FATE" \
			"$(at $family "$to" 4242)" \
			"$(pod $family client1)/$proto" "$reply")" \
			"the reply, IPv$family"
		assert_eq "pass flow" "$(explained "$FATE" \
			"$(from client1 $family 4242)" "$to/$proto")" \
			"the next request, IPv$family"
		node sluice policy flush
		node sluice identity del "$to" id 2001
	done
}

# Of what leaves the cluster
echoes_of_egress()
{
	local family proto

	node sluice node set pod-prefixes 10.244.0.0/16,fd00:10:244::/64 \
		egress-masquerade on
	for family in 4 6; do
		read -r proto _ <<< "$(icmp $family)"
		assert_eq "translate egress" "$(explained "$FATE" \
			"$(from client1 $family)" "$(outside $family)/$proto")" \
			"IPv$family"
	done
	node sluice node set pod-prefixes none egress-masquerade off
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
run_case echoes_to_services "echo requests to services"
run_case icmp_by_policy "ICMP by the policy"
run_case echoes_of_egress "echo requests that leave the cluster"
run_case for_people "text"
ktap_end
