#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fast path and pods on a Linux bridge that is attached: requests go past the
# bridge into the pod that is behind one of its ports, as long as it is, and
# everybody who minds what a bridge sends by a port sees it.
# needs: python
# timeout: 300
# check: 6.12

. ./lib.sh
. ./fastpath.sh
. ./policy.sh
. ./bridge.sh

export NODE=node

set_up()
{
	load_module && topo_up 0 0 && bridge_up || return
	bridge_pod pod1 && bridge_pod pod2 && bridge_pod pod3 || return
	outside_up outside && servers_up pod1 pod2 pod3 || return
	node sluice device add br0 && node sluice device add voutside || return
	for family in 4 6; do
		node sluice service add "$(service $family $DNS/udp)" &&
		node sluice backend add "$(service $family $DNS/udp)" \
			"$(at $family "$(pod $family pod2)" $DNS)" || return
	done
	# Neighbours are known from here on, and what the bridge has learned.
	by_service pod1 4 -c 2 && by_service pod1 6 -c 2 &&
	by_service outside 4 && by_service outside 6
} >/dev/null

# by_service NAMESPACE FAMILY [OPTION...]
by_service()
{
	udp_ask "$1" "$2" $DNS "${@:3}" | tally
}

# gains DEVICE COUNT WHAT COMMAND...: that many
gains()
{
	gain "$1" "${@:4}"
	assert_eq "$2" "$GAIN" "$3"
}

# ask_anew NAMESPACE FAMILY DEVICE NAME: three requests to the service, answered by
# NAME. Of two at least the fast path knows the way: the first one may be by
# which it learns that it is another one.
ask_anew()
{
	gain "$3" by_service "$1" "$2" -c 3
	assert_between 2 3 "$GAIN" "IPv$2 requests"
	assert_eq "$4=3" "$(cat /tmp/said)" "IPv$2 answers"
}

# answered_by NAME: one request of outside
answered_by()
{
	[[ $(by_service outside 4 -t 300) == "$1=1" ]]
}

# asks NAMESPACE FAMILY DEVICE COUNT: all of them
asks()
{
	gains "$3" "$4" "IPv$2 requests" by_service "$1" "$2" -c 3
	assert_eq pod2=3 "$(cat /tmp/said)" "IPv$2 answers"
}

is_taken()
{
	local family

	for family in 4 6; do
		asks pod1 $family br0 3
		asks outside $family voutside 3
	done
}

is_told()
{
	local family flow

	for family in 4 6; do
		by_service pod1 $family -p 7001 >/dev/null
		flow=$(node sluice flow show proto udp src \
			"$(at $family "$(pod $family pod1)" 7001)" \
			dst "$(service $family $DNS)")
		assert_match "orig-path pod vpod2" "$flow"
		assert_match "fast-path taken path pod vpod2" \
			"$(node sluice explain "$(pod $family pod1)" \
			"$(service $family $DNS/udp)" device br0)"
	done
}

# counted NAMESPACE DEVICE: packets it has sent
counted()
{
	in_ns "$1" cat "/sys/class/net/$2/statistics/tx_packets"
}

devices_count()
{
	local bridge port

	bridge=$(counted "$NODE" br0) port=$(counted "$NODE" vpod2)
	by_service outside 4 -c 9 >/dev/null
	assert_between 9 12 $(($(counted "$NODE" br0) - bridge)) "the bridge"
	assert_between 9 12 $(($(counted "$NODE" vpod2) - port)) "its port"
}

# A file from a pod behind the bridge, and one to it
large_segments()
{
	local family before

	head -c 3000000 /dev/urandom > /tmp/file
	mkdir -p /tmp/nginx-pod2-$WEB/files
	cp /tmp/file /tmp/nginx-pod2-$WEB/files/file
	for family in 4 6; do
		before=$(sent voutside)
		http_get outside "http://$(at $family "$(pod $family pod2)" \
			$WEB)/files/file" > /tmp/got
		assert_ok cmp /tmp/got /tmp/file
		assert_ne "$before" "$(sent voutside)" "IPv$family"
	done
}

# Masqueraded, since it would answer itself otherwise
hairpin()
{
	local family

	for family in 4 6; do
		assert_eq pod2=3 "$(by_service pod2 $family -c 3)" "IPv$family"
	done
}

# The pod's answers go by the node's routing, and the world's requests.
answers_take_it()
{
	local family

	for family in 4 6; do
		gains br0 3 "IPv$family answers" in_ns outside ./progs/udp ask \
			-c 3 "$(pod $family pod2)" $DNS
	done
}

hops()
{
	gains br0 1 "a hop is left" in_ns pod1 python3 -B ./packet.py eth0 \
		"$(node cat /sys/class/net/br0/address)" "$(pod4 pod1)" \
		"$(vip 4)" $DNS ttl=2
	gains br0 0 "no hop is left" in_ns pod1 python3 -B ./packet.py eth0 \
		"$(node cat /sys/class/net/br0/address)" "$(pod4 pod1)" \
		"$(vip 4)" $DNS ttl=1
}

# frames that the rule below has seen
count_of()
{
	node nft list table bridge other | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}

# A firewall of bridges has to see what they send.
bridge_firewall()
{
	node nft -f - <<-END || return
		table bridge other {
			chain postrouting {
				type filter hook postrouting priority 0;
				udp dport $DNS counter
			}
		}
	END
	asks outside 4 voutside 3
	assert_eq 3 "$(count_of)" "frames that it has seen"
	node nft add rule bridge other postrouting udp dport $DNS drop
	assert_eq lost=1 "$(by_service outside 4 -t 500)" "dropped"
	node nft delete table bridge other
	ask_anew outside 4 voutside pod2
}

queue_of_port()
{
	node tc qdisc add dev vpod2 root pfifo limit 100 || return
	asks outside 4 voutside 3
	assert_between 3 6 "$(qdisc_packets "$NODE" vpod2)" \
		"packets in the queue"
	node tc qdisc del dev vpod2 root
}

# A port with a VLAN of its own is behind none for the node.
vlans()
{
	node ip link set br0 type bridge vlan_filtering 1
	ask_anew outside 4 voutside pod2
	ask_anew pod1 6 br0 pod2
	node bridge vlan del dev vpod2 vid 1
	node bridge vlan add dev vpod2 vid 9 pvid untagged
	assert_eq lost=1 "$(by_service outside 4 -t 500)" "another VLAN"
	assert_eq lost=1 "$(by_service outside 6 -t 500)" "another VLAN, IPv6"
	node ip link set br0 type bridge vlan_filtering 0
	ask_anew outside 4 voutside pod2
	ask_anew outside 6 voutside pod2
}

# pod2 with all of its addresses behind another port. The old one is still there,
# and the bridge does not learn of what it says.
moves()
{
	local mac

	mac=$(in_ns pod2 cat /sys/class/net/eth0/address)
	asks outside 4 voutside 3
	node bridge link set dev vpod2 learning off
	bridge_pod pod9 && in_ns pod9 ip addr flush dev eth0 &&
	ip -n pod9 link set eth0 down && ip -n pod9 link set eth0 address "$mac" &&
	in_ns pod9 sysctl -qw net.ipv6.conf.eth0.addr_gen_mode=1 &&
	ip -n pod9 link set eth0 up &&
	ip -n pod9 addr add "$(pod4 pod2)/24" dev eth0 &&
	ip -n pod9 addr add "$(pod6 pod2)/64" dev eth0 nodad &&
	ip -n pod9 route add default via 10.245.0.254 &&
	ip -n pod9 route add ::/0 via fd00:10:245::254 &&
	start_udp pod9 pod9 $DNS || return
	in_ns pod9 ping -nq -c 1 10.245.0.254 >/dev/null
	wait_for 5 answered_by pod9
	ask_anew outside 4 voutside pod9
	node ip link del vpod9
	node bridge link set dev vpod2 learning on
	in_ns pod2 ping -nq -c 1 10.245.0.254 >/dev/null
	wait_for 5 answered_by pod2
	ask_anew outside 4 voutside pod2
}

# The address is another pod's from here on, by another hardware address.
readdressed()
{
	ip -n pod2 addr del "$(pod4 pod2)/24" dev eth0
	ip -n pod3 addr add "$(pod4 pod2)/24" dev eth0
	in_ns pod3 arping -q -c 2 -A -I eth0 "$(pod4 pod2)" 2>/dev/null ||
		node ip neigh flush dev br0
	wait_for 5 answered_by pod3
	assert_eq pod3=3 "$(by_service outside 4 -c 3)" "the other pod"
	ip -n pod3 addr del "$(pod4 pod2)/24" dev eth0
	ip -n pod2 addr add "$(pod4 pod2)/24" dev eth0
	ip -n pod2 route replace default via 10.245.0.254
	node ip neigh flush dev br0
	assert_eq pod2=3 "$(by_service outside 4 -c 3)" "the first one again"
}

# is_renewed FAMILY: after requests that take the fast path pod2's neighbour on the
# node is reachable again, that was not before
is_renewed()
{
	asks outside "$1" voutside 3
	awk -v address="$(pod "$1" pod2)" '
		$1 != address { next }
		/STALE|DELAY|PROBE/ { old = 1 }
		/REACHABLE/ && old { renewed = 1 }
		END { exit !renewed }' /tmp/neighbours
}

# Nobody sends by them, but they are kept fresh while they are used: one that has
# grown old is reachable again.
neighbours_stay()
{
	local family monitor

	node sysctl -qw net.ipv4.neigh.br0.base_reachable_time_ms=$((1000 * SLOW)) \
		net.ipv6.neigh.br0.base_reachable_time_ms=$((1000 * SLOW)) \
		net.ipv4.neigh.br0.delay_first_probe_time=1 \
		net.ipv6.neigh.br0.delay_first_probe_time=1
	node ip neigh flush dev br0
	spawn "$NODE" ip monitor neigh dev br0 > /tmp/neighbours
	monitor=$!
	for family in 4 6; do
		wait_for 5 takes_it outside $family voutside
		assert_ok wait_for $((20 * SLOW)) is_renewed $family
	done
	kill "$monitor"
	node ip neigh flush dev br0
	assert_eq pod2=3 "$(by_service outside 4 -c 3)" "unknown at first"
	wait_for 5 answered_by pod2
	ask_anew outside 4 voutside pod2
}

# A pod that is cut off by its port, though everybody knows where it is
port_down()
{
	local mac before

	mac=$(in_ns pod2 cat /sys/class/net/eth0/address)
	node bridge fdb replace "$mac" dev vpod2 master static
	node ip neigh replace "$(pod4 pod2)" lladdr "$mac" dev br0 nud permanent
	ask_anew outside 4 voutside pod2
	node ip link set vpod2 down
	before=$(snmp pod2 UdpInDatagrams)
	assert_eq lost=1 "$(by_service outside 4 -t 500)"
	assert_eq "$before" "$(snmp pod2 UdpInDatagrams)" "what the pod has got"
	node ip link set vpod2 up
	ip -n pod2 route replace ::/0 via fd00:10:245::254
	wait_for 5 answered_by pod2
	ask_anew outside 4 voutside pod2
	node bridge fdb del "$mac" dev vpod2 master
	node ip neigh del "$(pod4 pod2)" dev br0
}

# takes_it NAMESPACE FAMILY DEVICE: one request
takes_it()
{
	gain "$3" by_service "$1" "$2"
	((GAIN == 1))
}

by_policy()
{
	local family

	for family in 4 6; do
		wait_for 5 takes_it pod1 $family br0
	done
	identities_up pod1 pod2
	policy set 1002 isolate ingress
	for family in 4 6; do
		gains br0 0 "IPv$family denied" by_service pod1 $family -t 500
		assert_eq lost=1 "$(cat /tmp/said)" "IPv$family denied"
	done
	policy add to 1002 from 1001 allow
	for family in 4 6; do
		ask_anew pod1 $family br0 pod2
	done
	policy flush
	node sluice identity flush
}

port_goes()
{
	ask_anew outside 4 voutside pod2
	node ip link set vpod2 nomaster
	assert_eq lost=1 "$(by_service outside 4 -t 500)" "no port any more"
	node ip link set vpod2 master br0
	in_ns pod2 ping -nq -c 1 10.245.0.254 >/dev/null
	assert_eq pod2=3 "$(by_service outside 4 -c 3)" "a port again"
	node ip link set br0 down
	node ip link del br0
	assert_eq 1 "$(by_service outside 4 -t 500 | wc -l)" "without the bridge"
}

ktap_begin
run_setup set_up "pods on a bridge that is attached"
run_case is_taken "requests from a port and from elsewhere"
run_case is_told "flows and explain tell the port"
run_case devices_count "the bridge and its port count"
run_case large_segments "large segments"
run_case hairpin "a pod to itself by the service"
run_case answers_take_it "answers to the world"
run_case hops "hops"
run_case bridge_firewall "a firewall of bridges"
run_case queue_of_port "a queue of the port"
run_case vlans "VLANs"
run_case moves "a pod behind another port"
run_case readdressed "another pod with the address"
run_case neighbours_stay "neighbours"
run_case port_down "a port that is down"
run_case by_policy "the policy"
run_case port_goes "the port and the bridge go"
ktap_end
