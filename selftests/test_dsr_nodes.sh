#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Direct server return among nodes that all have the same services, as those of
# a cluster have, and beside other hosts on a bridge of the node. See dsr.sh for
# the topology.
# timeout: 480

. ./lib.sh
. ./dsr.sh

gets_address()
{
	add_address "$1" lo "$(vip 4 "$2")/32"
	add_address "$1" lo "$(vip 6 "$2")/128"
}

# ---------------------------------------------------------------- on a bridge

# bridged_host NAME NUMBER
bridged_host()
{
	ns_add "$1" && veth_pair "$NODE" "b$1" "$1" eth0 &&
	_ip_in "$NODE" link set "b$1" master br1 || return
	ip -n "$1" -batch - <<-END
		addr add 10.245.0.$2/24 dev eth0
		addr add fd00:10:245::$2/112 dev eth0 nodad
		route add default via 10.245.0.1
		route add ::/0 via fd00:10:245::1
	END
}

bridge_up()
{
	_ip_in "$NODE" -batch - <<-END || return
		link add br1 type bridge
		link set br1 up
		addr add 10.245.0.1/24 dev br1
		addr add fd00:10:245::1/112 dev br1 nodad
	END
	ip -n router -batch - <<-END || return
		route add 10.245.0.0/24 via 198.18.0.1
		route add fd00:10:245::/112 via fd00:198:18::1
	END
	bridged_host left 2 && bridged_host right 3 &&
	start_udp right right $PORT
}

bridge_down()
{
	ip netns del left
	ip netns del right
	_ip_in "$NODE" link del br1
}

bridge_calls()
{
	node sysctl -qw net.bridge.bridge-nf-call-iptables="$1" \
		net.bridge.bridge-nf-call-ip6tables="$1"
}

# asked_from_bridge FAMILY WHAT: with br_netfilter and without
asked_from_bridge()
{
	local call n

	for n in $L2 $TUNNEL; do
		for call in 1 0; do
			bridge_calls $call
			node sluice flow flush
			assert_eq "backend1=2 backend2=2" \
				"$(ask_often left "$1" $n)" \
				"$2, service $n, calls $call, IPv$1"
			assert_eq 4 "$(json '[.[] | .counters.in_packets] |
				add' flow show)" "each packet once"
		done
		bridge_calls 1
		assert_match '^backend[12]$' "$(ask left "$1" $n -s 4000)" \
			"$2, fragments, service $n, IPv$1"
	done
}

# A route of the node to the services is for none of their packets.
pods_on_a_bridge()
{
	local family n

	modprobe br_netfilter 2>/dev/null ||
		{ case_skip "no br_netfilter"; return; }
	bridge_up || return
	for family in 4 6; do
		asked_from_bridge $family "default route"
		for n in $L2 $TUNNEL; do
			_ip_in "$NODE" route add blackhole "$(vip $family $n)"
		done
		asked_from_bridge $family "no route"
		for n in $L2 $TUNNEL; do
			_ip_in "$NODE" route del blackhole "$(vip $family $n)"
		done
	done
	# replies come by the node, from an address that it has itself
	node sysctl -qw net.ipv4.conf.all.accept_local=1
	for n in $L2 $TUNNEL; do
		node_gets_address $n
	done
	asked_from_bridge 4 "the node's address"
	asked_from_bridge 6 "the node's address"
	for n in $L2 $TUNNEL; do
		node_loses_address $n
	done
	node sysctl -qw net.ipv4.conf.all.accept_local=0
}

# right_has FAMILY SERVICE: left sends there what is for the service
right_has()
{
	case $1 in
	4)	ip -n left route replace "$(vip 4 "$2")" via 10.245.0.3 ;;
	6)	ip -n left route replace "$(vip 6 "$2")" via fd00:10:245::3 ;;
	esac
}

# What goes through the bridge to another host is that one's business.
bridged_through()
{
	local family n

	ip link show br1 >/dev/null 2>&1 ||
		{ case_skip "no br_netfilter"; return; }
	bridge_calls 1
	for n in $L2 $TUNNEL; do
		gets_address right $n
		for family in 4 6; do
			node sluice flow flush
			assert_match '^backend[12]$' \
				"$(ask left $family $n -p 700$family)" \
				"by the node, service $n, IPv$family"
			right_has $family $n
			assert_eq right "$(ask left $family $n -p 700$family)" \
				"past it, service $n, IPv$family"
			node sluice flow flush
			assert_eq right "$(ask left $family $n)" \
				"anew, service $n, IPv$family"
			assert_eq 0 "$(json length flow show)" \
				"flows, service $n, IPv$family"
		done
	done
	bridge_calls 0
	bridge_down
}

ktap_begin
run_setup set_up "services that forward packets unchanged are set up"
run_case pods_on_a_bridge "pods on a bridge with br_netfilter"
run_case bridged_through "what is bridged to others goes there"
ktap_end
