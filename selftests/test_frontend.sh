#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Frontends besides the cluster address: node ports and external addresses,
# who may use them, and what they answer if nobody is there.
# check: 6.1
# timeout: 400

. ./lib.sh

PORT=5353	# of the pods
NODE_PORT=30053
EXTERNAL4=203.0.113.7
EXTERNAL6=fd00:203:0:113::7

set_up()
{
	local i family address

	load_module && topo_up 2 2 && two_outside_up || return
	for i in 1 2; do
		start_udp backend$i backend$i $PORT || return
		start_nginx backend$i backend$i || return
	done
	node sluice node set pod-prefixes 10.244.0.0/16,fd00:10:244::/64 || return
	for family in 4 6; do
		for address in "$(unspecified $family)" "$(external $family)"; do
			frontend_up $family "$address" scope external \
				masquerade off-cluster || return
		done
	done
}

external()
{
	case $1 in
	4)	echo $EXTERNAL4 ;;
	6)	echo $EXTERNAL6 ;;
	esac
}

# A host that is no pod, with two addresses
two_outside_up()
{
	outside_up outside && ip -n outside -batch - <<-END
		addr add 198.51.100.3/24 dev eth0
		addr add fd00:198:51:100::3/64 dev eth0 nodad
	END
}

# services FAMILY ADDRESS VERB [WORD...]: of both services of a frontend
services()
{
	local proto

	for proto in udp tcp; do
		node sluice service "$3" \
			"$(at "$1" "$2" $NODE_PORT)/$proto" "${@:4}" || return
	done
}

# backends FAMILY ADDRESS VERB N [WORD...]: of the pod backendN there
backends()
{
	local key

	key=$(at "$1" "$2" $NODE_PORT)
	node sluice backend "$3" "$key/udp" "$(backend "$1" "$4" $PORT)" \
		"${@:5}" &&
	node sluice backend "$3" "$key/tcp" "$(backend "$1" "$4" 80)" "${@:5}"
}

# frontend_up FAMILY ADDRESS WORD...: UDP and TCP, over both pods
frontend_up()
{
	services "$1" "$2" add scheduler rr "${@:3}" &&
	backends "$1" "$2" add 1 && backends "$1" "$2" add 2
}

# ask NAMESPACE ADDRESS [OPTION...]
ask()
{
	local ns=$1 address=$2

	shift 2
	in_ns "$ns" ./progs/udp ask -t $((700 * SLOW)) "$@" "$address" $NODE_PORT
}

# ask_tcp NAMESPACE FAMILY ADDRESS: likewise, and in the same words
ask_tcp()
{
	local status=0

	http_get "$1" "http://$(at "$2" "$3" $NODE_PORT)/" \
		--connect-timeout $((2 * SLOW)) 2>/dev/null || status=$?
	case $status in
	0)	;;
	7)	echo refused ;;
	28)	echo lost ;;
	*)	echo "curl: $status" ;;
	esac
}

# assert_hears NAMESPACE FAMILY ADDRESS REGEX WHAT: over UDP and over TCP
assert_hears()
{
	assert_match "^$4$" "$(ask "$1" "$3")" "$5: ${1:-node} to $3, UDP"
	assert_match "^$4$" "$(ask_tcp "$1" "$2" "$3")" \
		"$5: ${1:-node} to $3, TCP"
}

# eight_answers NAMESPACE FAMILY ADDRESS: four over UDP and four over TCP
eight_answers()
{
	for _ in 1 2 3 4; do
		ask "$1" "$3"
		ask_tcp "$@"
	done | tally
}

# from NAMESPACE FAMILY ADDRESS: whom the backend sees over TCP
from()
{
	http_get "$1" "http://$(at "$2" "$3" $NODE_PORT)/from" | cut -d' ' -f1
}

node_ports_have_all_addresses()
{
	local address ns

	for address in 192.0.2.1 10.244.0.1 198.51.100.1 \
			fd00:192:0:2::1 fd00:10:244::1; do
		for ns in outside client1 "$NODE"; do
			assert_match '^backend[12]$' "$(ask "$ns" $address)" \
				"${ns:-node} to $address"
		done
	done
	assert_match '^backend[12]$' \
		"$(http_get outside "http://192.0.2.1:$NODE_PORT/")" TCP
	assert_match '^(lost|refused|unreachable)$' \
		"$(ask outside 10.244.1.1)" "a pod's address is not the node's"
}

loopback_by_choice()
{
	local address

	for address in 127.0.0.1 127.1.2.3 ::1; do
		assert_eq refused "$(ask "$NODE" $address)" "$address, off"
	done
	node sluice node set node-port-loopback on
	for address in 127.0.0.1 127.1.2.3 ::1; do
		assert_match '^backend[12]$' "$(ask "$NODE" $address)" \
			"$address, on"
	done
	assert_match '^backend[12]$' \
		"$(http_get "$NODE" "http://127.0.0.1:$NODE_PORT/")" TCP
	assert_match '^backend[12]$' \
		"$(http_get "$NODE" "http://[::1]:$NODE_PORT/")" "TCP, IPv6"
	node sluice node set node-port-loopback off
}

chosen_addresses()
{
	node sluice node set node-port-addresses 192.0.2.0/24,fd00:192:0:2::/64
	assert_match '^backend[12]$' "$(ask outside 192.0.2.1)" "chosen"
	assert_match '^backend[12]$' "$(ask outside fd00:192:0:2::1)" \
		"chosen, IPv6"
	assert_eq refused "$(ask outside 198.51.100.1)" "not chosen"
	assert_eq refused "$(ask outside fd00:198:51:100::1)" \
		"not chosen, IPv6"
	node sluice node set node-port-addresses all
}

# node_address FAMILY: one by which node ports are asked for
node_address()
{
	case $1 in
	4)	echo 192.0.2.1 ;;
	6)	echo fd00:192:0:2::1 ;;
	esac
}

# expect_local FAMILY ADDRESS AT: of the frontend ADDRESS, asked for at AT
expect_local()
{
	local family=$1 address=$2 at=$3

	assert_match "^$(masquerade $family)$" "$(from outside $family "$at")" \
		"cluster: $at"
	services $family "$address" set traffic-policy local
	assert_hears outside $family "$at" lost "no backend here"
	assert_hears client1 $family "$at" 'backend[12]' "a pod may use all"
	assert_match "^$(pod $family client1)$" "$(from client1 $family "$at")" \
		"and keeps its address: $at"
	assert_hears "$NODE" $family "$at" 'backend[12]' "the node, too"
	backends $family "$address" set 2 local on
	assert_eq backend2=8 "$(eight_answers outside $family "$at")" \
		"only the local one: $at"
	assert_match "^$(outside_address $family)$" \
		"$(from outside $family "$at")" "address kept: $at"
	services $family "$address" set traffic-policy cluster
}

# The client's address is kept by a local backend, and only if asked for.
external_traffic_policy()
{
	local family address

	for family in 4 6; do
		address=$(external $family)
		expect_local $family "$address" "$address"
	done
	for family in 4 6; do
		expect_local $family "$(unspecified $family)" \
			"$(node_address $family)"
	done
	assert_ne 0 "$(dropped no-local-backend)" "reason of the drops"
}

# A cluster address is for the cluster: its policy holds for pods and the node.
internal_traffic_policy()
{
	local family ns address

	for family in 4 6; do
		address=$(vip $family)
		for ns in client1 "$NODE"; do
			frontend_up $family "$address" traffic-policy local
			assert_hears "$ns" $family "$address" lost \
				"no backend here"
			backends $family "$address" set 2 local on
			assert_eq backend2=8 \
				"$(eight_answers "$ns" $family "$address")" \
				"only the local one: ${ns:-node} to $address"
			backends $family "$address" del 1
			backends $family "$address" del 2
			assert_hears "$ns" $family "$address" refused \
				"none anywhere"
			services $family "$address" del
		done
	done
}

# expect_draining NAMESPACE FAMILY ADDRESS AT: of the frontend ADDRESS, asked for
# at AT, whose policy holds for NAMESPACE
expect_draining()
{
	local ns=$1 family=$2 address=$3 at=$4 before

	services $family "$address" set traffic-policy local
	backends $family "$address" set 2 local on state draining
	assert_eq backend2=8 "$(eight_answers "$ns" $family "$at")" \
		"the only local one drains: ${ns:-node} to $at"
	backends $family "$address" set 1 state draining
	assert_eq backend2=8 "$(eight_answers "$ns" $family "$at")" \
		"the others do, too: ${ns:-node} to $at"
	backends $family "$address" set 2 local off
	before=$(dropped no-local-backend)
	assert_hears "$ns" $family "$at" lost "draining ones, but not here"
	assert_ne "$before" "$(dropped no-local-backend)" "reason of the drops"
	backends $family "$address" set 1 state active
	backends $family "$address" set 2 state active
	services $family "$address" set traffic-policy cluster
}

# Better a local one that terminates than none; elsewhere they are no less there
# for it, so that nobody is refused.
draining_ones_serve_by_a_local_policy()
{
	local family ns

	for family in 4 6; do
		expect_draining outside $family "$(external $family)" \
			"$(external $family)"
		expect_draining outside $family "$(unspecified $family)" \
			"$(node_address $family)"
		frontend_up $family "$(vip $family)"
		for ns in client1 "$NODE"; do
			expect_draining "$ns" $family "$(vip $family)" \
				"$(vip $family)"
		done
		services $family "$(vip $family)" del
	done
}

outside_address()
{
	case $1 in
	4)	echo 198.51.100.2 ;;
	6)	echo 'fd00:198:51:100::[23]' ;;
	esac
}

# outside_net FAMILY: what the host off the cluster is in
outside_net()
{
	case $1 in
	4)	echo 198.51.100.0/24 ;;
	6)	echo fd00:198:51:100::/64 ;;
	esac
}

# other_outside FAMILY: its other address
other_outside()
{
	case $1 in
	4)	echo 198.51.100.3 ;;
	6)	echo fd00:198:51:100::3 ;;
	esac
}

# as_source FAMILY ADDRESS COMMAND...: that host begins all with this address
as_source()
{
	_ip_in outside "-$1" route replace default via "$(gateway "$1")" src "$2"
	"${@:3}"
	_ip_in outside "-$1" route replace default via "$(gateway "$1")"
}

# expect_ranges FAMILY ADDRESS AT: of the frontend ADDRESS, asked for at AT
expect_ranges()
{
	local family=$1 address=$2 at=$3 first other before

	first=$(outside $family) other=$(other_outside $family)
	services $family "$address" set allow "$(outside_net $family)" \
		deny "$other"
	as_source $family "$first" \
		assert_hears outside $family "$at" 'backend[12]' "allowed"
	before=$(dropped source-range)
	as_source $family "$other" \
		assert_hears outside $family "$at" lost "denied"
	assert_hears client1 $family "$at" lost "not allowed"
	assert_between $((before + 4)) $((before + 40)) \
		"$(dropped source-range)" "drops, with SYNs sent again: $at"
	services $family "$address" set allow all deny none
	assert_hears client1 $family "$at" 'backend[12]' "all again"
}

# What is allowed is so by the longest prefix, also out of what is not.
expect_longest_range()
{
	local family=$1 address

	address=$(external $family)
	services $family "$address" set deny "$(outside_net $family)" \
		allow "$(other_outside $family)"
	as_source $family "$(other_outside $family)" assert_hears \
		outside $family "$address" 'backend[12]' "the longest"
	as_source $family "$(outside $family)" assert_hears \
		outside $family "$address" lost "and the other"
	services $family "$address" set allow all deny none
}

source_ranges()
{
	local family

	for family in 4 6; do
		expect_ranges $family "$(external $family)" "$(external $family)"
		expect_longest_range $family
	done
}

source_ranges_of_node_ports()
{
	local family

	for family in 4 6; do
		expect_ranges $family "$(unspecified $family)" \
			"$(node_address $family)"
	done
}

# A node that has the address sends from it: who it is, its others say.
source_ranges_and_the_node()
{
	local family key bits=([4]=32 [6]=128)
	local near=([4]=198.51.100.0/24 [6]=fd00:198:51:100::/64)
	local far=([4]=192.0.2.128/25 [6]=fd00:ffff::/64)

	for family in 4 6; do
		key=$(at $family "$(external $family)" $NODE_PORT)/udp
		_ip_in "$NODE" addr add \
			"$(external $family)/${bits[family]}" dev lo
		node sluice service set "$key" allow ${near[family]}
		assert_match '^backend[12]$' \
			"$(ask "$NODE" "$(external $family)")" \
			"one of its addresses, IPv$family"
		assert_eq lost "$(ask client1 "$(external $family)")" \
			"a pod is not the node, IPv$family"
		node sluice service set "$key" allow ${far[family]}
		assert_eq lost "$(ask "$NODE" "$(external $family)" -t 300)" \
			"none of them, IPv$family"
		node sluice service set "$key" allow all
		_ip_in "$NODE" addr del \
			"$(external $family)/${bits[family]}" dev lo
	done
}

# What is heard without a backend, from everywhere
no_backend()
{
	local family ns address

	for family in 4 6; do
		address=$(external $family)
		backends $family "$address" del 1
		backends $family "$address" del 2
		for ns in outside client1 "$NODE"; do
			assert_hears "$ns" $family "$address" refused "none"
		done
		services $family "$address" set traffic-policy local
		assert_hears outside $family "$address" refused \
			"none elsewhere, either"
		services $family "$address" set traffic-policy cluster \
			no-backend drop
		assert_hears outside $family "$address" lost "drop instead"
	done
}

# answers NAMESPACE FAMILY WHO WORD...: a server outside, from a port that is a
# node port of ours
answers_from_node_port()
{
	local ns=$1 family=$2 address

	address=$(outside "$family")
	open_socket in_ns "$ns" ./progs/udp ask "${@:4}" "$address" 9000
	assert_eq outside "$(next)" "$3, UDP, IPv$family"
	# a change of configuration, and its packet comes first
	services 4 $EXTERNAL4 set scheduler rr
	services 4 $EXTERNAL4 set scheduler random
	assert_eq outside "$(next)" "$3, goes on, IPv$family"
	close_socket
	assert_eq outside "$(http_get "$ns" "http://$(at "$family" "$address" 80)/" \
		--local-port "${5:-7000-7100}")" "$3, TCP, IPv$family"
	assert_match '^backend[12]$' "$(ask outside "$(gateway "$family")" -p 7777)" \
		"the service, IPv$family"
}

# judged_as_who_it_is FAMILY: client1 may go on, though the node might not begin it
judged_as_who_it_is()
{
	local family=$1

	open_socket in_ns client1 ./progs/udp ask "$(outside $family)" 9001
	assert_eq outside "$(next)" "before there are rules, IPv$family"
	node sluice identity add "$(pod $family client1)" id 1001
	node sluice identity add "$(outside $family)" id 3000
	node sluice policy add to 3000 from 1001 allow
	assert_eq outside "$(next)" "allowed, IPv$family"
	node sluice policy flush
	node sluice policy set 3000 isolate ingress
	assert_eq lost "$(next)" "isolated, IPv$family"
	node sluice policy flush
	node sluice identity flush
	close_socket
}

# A pod that claims the node's address and port takes nobody's answers. (IPv4 has
# martians; the node's stack drops them.)
ports_of_forgers()
{
	local family before to=([4]=198.51.100.2 [6]=fd00:198:51:100::3)

	for family in 4 6; do
		before=$(snmp outside Udp6NoPorts)
		in_ns client1 nft -f - <<-END || return
			table inet forger {
				chain out {
					type nat hook postrouting priority srcnat;
					meta nfproto ipv$family udp dport 7778 snat ip$(
						[[ $family == 4 ]] || echo 6) to $(at $family "$(
						gateway $family)" $NODE_PORT)
				}
			}
		END
		in_ns client1 ./progs/udp ask -t 300 "${to[family]}" 7778 \
			>/dev/null
		in_ns client1 nft delete table inet forger
		assert_eq $((family / 2 - 2)) \
			$(($(snmp outside Udp6NoPorts) - before)) \
			"what has got outside, IPv$family"
		assert_match '^backend[12]$' "$(ask outside "$(gateway $family)" \
			-p 7778)" "IPv$family"
	done
}

# What is no service's has its own answers, whoever has chosen the port.
ports_of_others()
{
	local family

	start_udp outside outside 9000 && start_udp outside outside 9001 &&
	start_nginx outside outside || return
	# one port for one connection after the other
	node sysctl -qw net.ipv4.tcp_max_tw_buckets=0 || return
	for family in 4 6; do
		answers_from_node_port "$NODE" $family "the node" -p $NODE_PORT
	done
	node nft -f - <<-END || return
		table inet other {
			chain out {
				type nat hook postrouting priority srcnat;
				oifname voutside ip saddr $(pod 4 client1) meta l4proto { tcp, udp } masquerade to :$NODE_PORT
				oifname voutside ip6 saddr $(pod 6 client1) meta l4proto { tcp, udp } masquerade to :$NODE_PORT
			}
		}
	END
	for family in 4 6; do
		answers_from_node_port client1 $family "masqueraded by others"
		judged_as_who_it_is $family
	done
	node nft delete table inet other
	services 4 $EXTERNAL4 set scheduler rr
}

ktap_begin
run_setup set_up "node ports and external addresses are set up"
run_case node_ports_have_all_addresses "node ports have all addresses of the node"
run_case loopback_by_choice "loopback addresses by choice"
run_case chosen_addresses "or only those that are chosen"
run_case external_traffic_policy "external traffic goes to local backends and keeps its address"
run_case internal_traffic_policy "internal traffic to local ones"
run_case draining_ones_serve_by_a_local_policy "local ones that drain serve by a local policy"
run_case source_ranges "source ranges allow and deny"
run_case source_ranges_of_node_ports "of node ports, too"
run_case source_ranges_and_the_node "the node is known by any of its addresses"
run_case ports_of_others "a port that others have chosen for themselves"
run_case ports_of_forgers "but not one that is only claimed"
run_case no_backend "without a backend packets are refused or dropped"
ktap_end
