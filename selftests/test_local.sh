#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Backends on the node itself, a bridge with br_netfilter, and what must not be
# touched: the routes and counters of connections straight to a backend.

. ./lib.sh

PORT=5353

# node_addr FAMILY
node_addr()
{
	case $1 in
	4)	echo 192.0.2.1 ;;
	6)	echo fd00:192:0:2::1 ;;
	esac
}

set_up()
{
	local family port

	load_module && topo_up 1 1 || return
	start_udp "$NODE" node $PORT && start_nginx "$NODE" node || return
	start_udp backend1 backend1 $PORT || return
	for family in 4 6; do
		for port in $PORT/udp 80/tcp; do
			node sluice service add "$(service $family $port)" &&
			node sluice backend add "$(service $family $port)" \
				"$(at $family "$(node_addr $family)" ${port%/*})" ||
				return
		done
	done
}

backend_on_the_node()
{
	local ns family

	for ns in client1 "$NODE"; do
		for family in 4 6; do
			assert_eq node=3 \
				"$(udp_ask "$ns" $family $PORT -c 3 | tally)" \
				"${ns:-node} UDP IPv$family"
			assert_eq node=2 \
				"$(udp_ask "$ns" $family $PORT -c 2 -s 4000 | tally)" \
				"${ns:-node} UDP IPv$family in fragments"
			assert_eq node \
				"$(http_get "$ns" "http://$(at $family "$(vip $family)" 80)/")" \
				"${ns:-node} TCP IPv$family"
		done
	done
}

# What went by the loopback device is one connection, not two.
loopback_is_counted_once()
{
	local flows

	node sluice flow flush
	udp_ask "$NODE" 4 $PORT -p 7001 -c 3 >/dev/null
	node ./progs/udp ask -p 7002 -c 3 "$(node_addr 4)" $PORT >/dev/null
	flows=$(json '[.[] | select(.orig.src | test(":700[12]$")) | "\(.counters.in_packets) \(.counters.out_packets)"] | join(", ")' flow show)
	assert_eq "3 3, 3 3" "$flows" "packets in and out, by service and direct"
}

as_nobody()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# A rule on the sender's uid leads into the void; knowing the backend as one
# must not lead out of it.
direct_packets_keep_their_route()
{
	node ip rule add uidrange 65534-65534 lookup 100
	node ip route add default dev node0 src 192.0.2.1 table 100
	assert_eq lost "$(as_nobody ./progs/udp ask -t 500 "$(pod 4 backend1)" $PORT)" \
		"without a service"
	node sluice backend add "$(service 4 $PORT/udp)" "$(backend 4 1 $PORT)"
	assert_eq lost "$(as_nobody ./progs/udp ask -t 500 "$(pod 4 backend1)" $PORT)" \
		"with a service"
	node sluice backend del "$(service 4 $PORT/udp)" "$(backend 4 1 $PORT)"
	node ip rule del uidrange 65534-65534 lookup 100
	node ip route flush table 100
}

# bridge_pod NAME ADDRESS: on br0
bridge_pod()
{
	ns_add "$1" && veth_pair "$NODE" "b$1" "$1" eth0 &&
	node ip link set "b$1" master br0 &&
	ip -n "$1" addr add "$2/24" dev eth0 &&
	ip -n "$1" route add default via 10.245.0.1
}

bridge_down()
{
	ip netns del left
	ip netns del right
	node ip link del br0
	modprobe -r br_netfilter
}

# Client and backend on one bridge: the answers pass the node's hooks because
# br_netfilter makes them.
clients_on_a_bridge()
{
	modprobe br_netfilter 2>/dev/null ||
		{ case_skip "no br_netfilter"; return; }
	node ip link add br0 type bridge && node ip link set br0 up &&
	node ip addr add 10.245.0.1/24 dev br0 &&
	node sysctl -qw net.bridge.bridge-nf-call-iptables=1 &&
	bridge_pod left 10.245.0.2 && bridge_pod right 10.245.0.3 &&
	start_udp right right $PORT || return
	node sluice service add "$(service 4 $PORT/udp 2)"
	node sluice backend add "$(service 4 $PORT/udp 2)" 10.245.0.3:$PORT
	assert_eq right=3 "$(in_ns left ./progs/udp ask -c 3 "$(vip 4 2)" $PORT | tally)"
	bridge_down
}

# The node then takes it for the source of its own packets, which another host
# with that address would answer to itself.
service_address_on_the_node()
{
	local family vip

	start_nginx backend1 backend1 || return
	for family in 4 6; do
		vip=$(vip $family 3)
		node sluice service add "$(service $family 80/tcp 3)"
		node sluice backend add "$(service $family 80/tcp 3)" \
			"$(backend $family 1 80)"
		_ip_in "$NODE" addr add "$vip" dev node0
		assert_match "^$(masquerade $family) " "$(http_get "$NODE" \
			"http://$(at $family "$vip" 80)/from")" "IPv$family"
		_ip_in "$NODE" addr del "$vip" dev node0
		node sluice service del "$(service $family 80/tcp 3)"
	done
}

ktap_begin
run_setup set_up "services with backends on the node are set up"
run_case backend_on_the_node "pods and node reach a backend on the node"
run_case loopback_is_counted_once "packets on the loopback device are counted once"
run_case direct_packets_keep_their_route "packets straight to a backend keep their route"
run_case service_address_on_the_node "the node has the service's address itself"
run_case clients_on_a_bridge "client and backend on one bridge, with br_netfilter"
ktap_end
