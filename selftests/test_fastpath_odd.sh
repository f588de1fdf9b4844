#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fast path and packets that no stack would send, frames that are not for
# it, and ways that it must not go: each is left to the slow path and counted by
# its reason, gets where it would without the fast path, and does no harm.
# needs: python
# timeout: 300
# check: 7.3

. ./lib.sh

export NODE=node
PORT=5353
TARGET=backend1

set_up()
{
	load_module && topo_up 1 1 && start_udp backend1 backend1 $PORT || return
	node sluice device add vclient1
	node sluice device add vbackend1
	MAC=$(node cat /sys/class/net/vclient1/address)
	# Solicitations of routers, for ever, would count as frames to others.
	in_ns client1 sysctl -qw net.ipv6.conf.eth0.router_solicitations=0
	# Nobody is there for answers, and nobody is to be told.
	in_ns client1 nft -f - <<-END || return
		table inet silence {
			chain input {
				type filter hook input priority 0;
				udp dport 7777 drop
				tcp dport 7777 drop
			}
		}
	END
	# Neighbours are known from here on.
	in_ns client1 ./progs/udp ask "$(pod4 backend1)" $PORT
	in_ns client1 ./progs/udp ask "$(pod6 backend1)" $PORT
} >/dev/null

# throw FAMILY [FIELD=VALUE...]: one packet of client1, or from SOURCE, to TARGET
throw()
{
	local family=$1

	shift
	in_ns client1 python3 -B ./packet.py eth0 "$MAC" \
		"${SOURCE:-$(pod "$family" client1)}" "$(pod "$family" $TARGET)" \
		$PORT "$@"
}

came()
{
	[[ $(udp_received $TARGET) == "$1" ]]
}

# goes sent|REASON DELIVERED FAMILY [FIELD=VALUE...]: a packet takes the fast
# path or is left to the slow one, and so many datagrams get to the server
goes()
{
	local how=$1 delivered=$2 before_count before

	shift 2
	count() {
		if [[ $how == sent ]]; then
			sent vclient1
		else
			fallbacks vclient1 "$how"
		fi
	}
	before_count=$(count) before=$(udp_received $TARGET)
	throw "$@" || return
	((delivered == 0)) || wait_for 5 came $((before + delivered))
	assert_eq $((before_count + 1)) "$(count)" "IPv$* counts as $how"
	assert_eq $((before + delivered)) "$(udp_received $TARGET)" \
		"IPv$* delivered"
}

right_ones_pass()
{
	local family

	for family in 4 6; do
		goes sent 1 $family
		goes sent 1 $family payload=0
		goes sent 1 $family pad=18
		goes sent 1 $family payload=0 pad=18
		goes sent 0 $family proto=tcp
	done
}

# They say of themselves what is not so.
wrong_lengths()
{
	local length

	for length in 0 19 20 21 27 61 1000 65535; do
		goes header 0 4 length=$length
	done
	for length in 1 7 41 1000 65535; do
		goes header 0 6 length=$length
	done
	goes header 0 4 proto=tcp payload=0 length=39
	goes header 0 4 length=28 keep=27
	goes header 0 4 keep=10
	goes header 0 6 keep=39
	goes header 0 6 keep=44
	goes header 0 4 check=1
	# As long as its header, or as it says: the rest is not its own.
	goes sent 0 4 length=28
	goes sent 0 6 length=8
}

frames_of_others()
{
	local mac=$MAC

	MAC=02:00:00:00:00:77
	goes frame 0 4
	goes frame 0 6
	MAC=$mac
	goes frame 0 4 vlan=5
	_ip_in node link add link vclient1 name vlan5 type vlan id 5 &&
	_ip_in node link set vlan5 up || return
	goes frame 1 4 vlan=5
	goes frame 1 6 vlan=5
	_ip_in node link del vlan5
}

# What tc has redirected carries a mark that the kernel takes away behind the door
# only; programs farther on would heed it.
redirected_ones()
{
	local protocol family before received

	_ip_in node link add extra type dummy &&
	_ip_in node link set extra up &&
	node sluice device add extra &&
	node tc qdisc add dev vclient1 clsact || return
	for protocol in ip ipv6; do
		node tc filter add dev vclient1 ingress protocol $protocol \
			flower ip_proto udp \
			action mirred ingress redirect dev extra || return
	done
	before=$(fallbacks extra frame) received=$(udp_received $TARGET)
	for family in 4 6; do
		throw $family
		wait_for 5 came $((++received))
	done
	assert_eq "$received" "$(udp_received $TARGET)" "delivered"
	assert_eq "$((before + 2)) 0" "$(fallbacks extra frame) $(sent extra)" \
		"left, and sent"
	node tc qdisc del dev vclient1 clsact
	node sluice device del extra
	_ip_in node link del extra
}

# Marks are for rules of routing that the fast path does not ask.
marked_ones()
{
	local protocol

	node tc qdisc add dev vclient1 clsact || return
	# Not neighbour discovery, which would count as such frames, too.
	for protocol in ip ipv6; do
		node tc filter add dev vclient1 ingress protocol $protocol \
			flower ip_proto udp action skbedit mark 7 || return
	done
	goes frame 1 4
	goes frame 1 6
	node tc qdisc del dev vclient1 clsact
	goes sent 1 4
}

# Packets that go on unchanged are left to who sends them in a tunnel or on.
direct_server_return()
{
	local before

	ip -n backend1 addr add "$(vip 4)/32" dev lo
	node sluice service add "$(service 4 $PORT/udp)" forward l2 &&
	node sluice backend add "$(service 4 $PORT/udp)" \
		"$(backend 4 1 $PORT)" || return
	before=$(fallbacks vclient1 forward)
	assert_eq backend1=2 "$(udp_ask client1 4 $PORT -c 2 | tally)"
	assert_between $((before + 1)) $((before + 2)) \
		"$(fallbacks vclient1 forward)" "packets that go on unchanged"
	node sluice service flush
	ip -n backend1 addr del "$(vip 4)/32" dev lo
}

# throw_from SOURCE
throw_from()
{
	SOURCE=$1 throw 4
}

# A setting that no route knows of holds for those that packets have gone by.
reverse_path_filters()
{
	local stranger=10.99.9.9 before

	before=$(sent vclient1)
	throw_from $stranger && throw_from $stranger
	assert_eq $((before + 2)) "$(sent vclient1)" "without a filter"
	node sysctl -qw net.ipv4.conf.vclient1.rp_filter=1
	sleep 0.1
	before=$(udp_received backend1)
	throw_from $stranger && throw_from $stranger
	assert_eq "$before" "$(udp_received backend1)" "stopped by the node's"
	throw 4 && assert_ok came $((before + 1)) # finds another path
	goes sent 1 4
	node sysctl -qw net.ipv4.conf.vclient1.rp_filter=0
	sleep 0.1
	before=$(udp_received backend1)
	throw_from $stranger
	assert_ok came $((before + 1))

	# The pod's own answers would go by another device.
	ip -n backend1 link add other type dummy
	ip -n backend1 link set other up
	ip -n backend1 route add $stranger dev other
	throw_from $stranger
	assert_ok came $((before + 2))
	in_ns backend1 sysctl -qw net.ipv4.conf.eth0.rp_filter=1
	sleep 0.1
	throw_from $stranger && throw_from $stranger
	assert_eq $((before + 2)) "$(udp_received backend1)" "stopped by the pod's"
	in_ns backend1 sysctl -qw net.ipv4.conf.eth0.rp_filter=0
	ip -n backend1 link del other
}

# The sender is told of a better way, and has the packet back.
back_to_where_they_come_from()
{
	local TARGET=client1

	start_udp client1 client1 $PORT || return
	SOURCE=10.99.9.9 goes route 1 4
	SOURCE=fd00:99::9 goes route 1 6
}

# Two namespaces send a service's packets to each other, by two cables with
# hooks at each end, so that packets are received there from the beginning: when
# one has gone round it has two hops less, and the processor no deeper stack.
ring_up()
{
	local side

	ns_add near && ns_add far && veth_pair near to far from &&
	veth_pair near back far on || return
	ip -n near addr add 10.77.0.1/32 dev lo
	ip -n far addr add 10.77.0.2/32 dev lo
	ip -n near route add 10.77.0.2 dev to
	ip -n far route add 10.77.0.1 dev on
	ip -n near route add 10.77.9.0/24 dev to
	ip -n far route add 10.77.9.0/24 dev from
	for side in near far; do
		in_ns $side sysctl -qw net.ipv4.ip_forward=1
	done
	in_ns far sluice restore <<-END &&
		service add 10.77.0.2:$PORT/udp
		backend add 10.77.0.2:$PORT/udp 10.77.0.1:$PORT
		device add from
	END
	in_ns near sluice restore <<-END
		service add 10.77.0.1:$PORT/udp
		backend add 10.77.0.1:$PORT/udp 10.77.0.2:$PORT
		device add back
	END
}

in_ring()
{
	(NODE=$1; sent "$2")
}

rings_end()
{
	local mac

	ring_up || return
	ip -n near neigh replace 10.77.0.2 dev to lladdr \
		"$(in_ns far cat /sys/class/net/from/address)"
	ip -n far neigh replace 10.77.0.1 dev on lladdr \
		"$(in_ns near cat /sys/class/net/back/address)"
	mac=$(in_ns near cat /sys/class/net/back/address)
	in_ns far python3 -B ./packet.py on "$mac" 10.77.9.9 10.77.0.1 $PORT \
		ttl=255 || return
	round() { (($(in_ring near back) >= 100)); }
	assert_ok wait_for 10 round
	assert_between 100 130 "$(in_ring near back)" "times that it went round"
	assert_between 100 130 "$(in_ring far from)" "and by the other device"
	topo_alive
}

# The node is as well as before.
topo_alive()
{
	throw 4 && throw 6 && sleep 0.5 # find another path
	goes sent 1 4
	goes sent 1 6
}

ktap_begin
run_setup set_up "devices are attached"
run_case right_ones_pass "what is right takes the fast path"
run_case wrong_lengths "what is not as it says does not"
run_case frames_of_others "frames that are not for the device, or have tags"
run_case marked_ones "marked packets"
run_case redirected_ones "and those that tc has redirected"
run_case direct_server_return "packets that go on unchanged"
run_case reverse_path_filters "reverse path filters that are switched on"
run_case back_to_where_they_come_from "packets that go back to where they come from"
run_case rings_end "packets that go round come to an end"
ktap_end
