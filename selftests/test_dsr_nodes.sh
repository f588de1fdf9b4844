#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Direct server return among nodes that all have the same services, as those of
# a cluster have, and beside other hosts on a bridge of the node. See dsr.sh for
# the topology.
# timeout: 900
# check: 6.12

. ./lib.sh
. ./dsr.sh

# on NAMESPACE COMMAND...: as if that were the node
on()
{
	local NODE=$1

	shift
	"$@"
}

# balance_too NAMESPACE: forwards, with the same services
balance_too()
{
	in_ns "$1" sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1
	on "$1" services
}

flush_all()
{
	local ns

	for ns in "$NODE" backend1 backend2; do
		in_ns "$ns" sluice flow flush
	done
}

# packets_at NAMESPACE: of flows of UDP, as its clients sent them
packets_at()
{
	on "$1" json '[.[] | select(.proto == "udp") | .counters.in_packets] |
		add // 0' flow show
}

# Backends do not send on what is sent to them.
backends_balance_too()
{
	local family n

	balance_too backend1 && balance_too backend2 || return
	for n in $L2 $TUNNEL; do
		for family in 4 6; do
			flush_all
			assert_eq "$BOTH" "$(ask_often client1 $family $n)" \
				"service $n, UDP, IPv$family"
			assert_eq "4 2 2" "$(packets_at "$NODE") \
$(packets_at backend1) $(packets_at backend2)" "each packet once"
			assert_eq "$BOTH" "$(get_often client1 $family $n)" \
				"service $n, TCP, IPv$family"
			transfer client1 $family $n
		done
	done
}

# The node is one of two backends. Others could have sent it what comes by l2.
node_is_one_of_the_backends()
{
	local family key

	start_udp "$NODE" here $PORT
	node_gets_address $OTHER
	for family in 4 6; do
		key=$(service $family $PORT/udp $OTHER)
		add_service $family $PORT/udp $OTHER l2 1
		node sluice backend add "$key" \
			"$(at $family "$(on_segment $family node)" $PORT)"
		assert_eq here=4 "$(ask_often client1 $family $OTHER)" \
			"l2, IPv$family"
		node sluice service set "$key" forward tunnel
		assert_eq "backend1=2 here=2" \
			"$(ask_often client1 $family $OTHER)" "tunnel, IPv$family"
		node sluice service del "$key"
	done
	node_loses_address $OTHER
}

# expect_at FAMILY TALLY WHAT
expect_at()
{
	assert_eq "$2" "$(ask_often client1 "$1" $OTHER)" "$3, IPv$1"
}

# The node gets the address of a backend, and loses it. A route of type local,
# made by hand, makes an address of IPv4, too.
node_becomes_a_backend()
{
	local family key addr

	node_gets_address $OTHER
	for family in 4 6; do
		key=$(service $family $PORT/udp $OTHER)
		addr=$(pod $family backend2)/$((family == 4 ? 32 : 128))
		add_service $family $PORT/udp $OTHER l2 1 2
		expect_at $family "$BOTH" "the node is none"
		add_address "$NODE" lo "$addr"
		expect_at $family here=4 "with the address of one"
		_ip_in "$NODE" addr del "$addr" dev lo
		expect_at $family "$BOTH" "without it"
		if [[ $family == 4 ]]; then
			_ip_in "$NODE" route add local "$addr" dev lo
			expect_at 4 here=4 "with a local route"
			_ip_in "$NODE" route del local "$addr" dev lo
			expect_at 4 "$BOTH" "without it"
		fi
		node sluice service del "$key"
	done
	node_loses_address $OTHER
}

loses_address()
{
	ip -n "$1" addr del "$(vip 4 "$2")/32" dev lo
	ip -n "$1" addr del "$(vip 6 "$2")/128" dev lo
}

gets_address()
{
	add_address "$1" lo "$(vip 4 "$2")/32"
	add_address "$1" lo "$(vip 6 "$2")/128"
}

# The tables of two nodes are not changed in one moment.
tables_differ()
{
	local family key before

	for family in 4 6; do
		key=$(service $family $PORT/udp $OTHER)
		add_service $family $PORT/udp $OTHER tunnel 1
		on backend1 add_service $family $PORT/udp $OTHER tunnel 2
		assert_eq backend1=4 "$(ask_often client1 $family $OTHER)" \
			"sent to a host that is no backend to itself, IPv$family"
		loses_address backend1 $OTHER
		before=$(on backend1 dropped no-local-backend)
		assert_eq lost "$(ask client1 $family $OTHER -t 300)" \
			"which has not the address, IPv$family"
		assert_eq 1 $(($(on backend1 dropped no-local-backend) - \
			before)) "counted, IPv$family"
		gets_address backend1 $OTHER
		node sluice service del "$key"
		in_ns backend1 sluice service del "$key"
	done
}

# The same where the policy has a word on who receives
tables_differ_under_a_policy()
{
	local family

	for family in 4 6; do
		in_ns backend1 sluice identity add "$(vip $family $OTHER)" \
			id 5000 || return
	done
	assert_ok in_ns backend1 sluice policy add to 5000 from any allow
	tables_differ
	in_ns backend1 sluice policy flush
	in_ns backend1 sluice identity flush
}

# by_way_of FAMILY NAME: what the router does with service OTHER
by_way_of()
{
	local via

	case $1:$2 in
	4:node)	via=198.18.0.1 ;;
	6:node)	via=fd00:198:18::1 ;;
	*)	via=$(pod "$1" "$2") ;;
	esac
	ip -n router route replace "$(vip "$1" $OTHER)" via "$via"
}

# A flow of a client that comes by another node now.
client_changes_the_node()
{
	local family key

	for family in 4 6; do
		key=$(service $family $PORT/udp $OTHER)
		add_service $family $PORT/udp $OTHER tunnel 1
		on backend1 add_service $family $PORT/udp $OTHER tunnel 2
		loses_address backend1 $OTHER
		by_way_of $family backend1
		assert_eq backend2 "$(ask client1 $family $OTHER \
			-p 70$family)" "by one, IPv$family"
		gets_address backend1 $OTHER
		by_way_of $family node
		assert_eq backend1 "$(ask client1 $family $OTHER \
			-p 70$family)" "by another, IPv$family"
		ip -n router route del "$(vip $family $OTHER)"
		node sluice service del "$key"
		in_ns backend1 sluice service del "$key"
	done
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
run_case backends_balance_too "backends with the same services do not send packets on"
run_case node_is_one_of_the_backends "the node is one of the backends"
run_case node_becomes_a_backend "the node becomes one and ceases to be one"
run_case tables_differ "what comes in a tunnel goes no further"
run_case tables_differ_under_a_policy "under a policy, too"
run_case client_changes_the_node "by a flow that is known, too"
run_case pods_on_a_bridge "pods on a bridge with br_netfilter"
run_case bridged_through "what is bridged to others goes there"
ktap_end
