#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The pod's side: datagrams of flows that the fast path knows are handed over
# where pods send them; nobody who minds is passed by, and what is changed holds.
# timeout: 300
# check: 6.1 7.3

. ./lib.sh
. ./fastpath.sh

export NODE=node
PORT=5353
PODS="client1 backend1"

# side on|off [OPTION...]: of both devices, and the hooks are there, or gone
side()
{
	local name

	for name in $PODS; do
		node sluice device replace "v$name" pod-side "$@" || return
	done
	wait_for 10 hooked "$([[ $1 == on ]] && echo 1 || echo 0)"
}

hooked()
{
	[[ $(json '[.[].pods] | unique | join(" ")' device show) == "$1" ]]
}

handed_over()
{
	json '.[0].handed_over' device show "v$1"
}

set_up()
{
	load_module && topo_up 1 1 && start_udp backend1 backend1 $PORT &&
	start_nginx backend1 backend1 && services_up $PORT/udp 1 &&
	services_up 80/tcp 1 && side on
}

# asks FAMILY HANDED [COUNT]: one socket, whose first request and answer the node's
# ends see; of so many more each is handed over, or none
asks()
{
	local client backend count=${3:-5}

	client=$(handed_over client1) backend=$(handed_over backend1)
	assert_eq "backend1=$((count + 1))" \
		"$(udp_ask client1 "$1" $PORT -c $((count + 1)) | tally)" \
		"IPv$1 answers"
	[[ $2 == yes ]] || count=0
	assert_eq "$count" $(($(handed_over client1) - client)) \
		"IPv$1 requests handed over"
	assert_eq "$count" $(($(handed_over backend1) - backend)) \
		"IPv$1 answers handed over"
}

is_handed_over()
{
	asks 4 yes
	asks 6 yes
}

all_devices()
{
	statistic client1 eth0 tx_packets
	statistic "$NODE" vclient1 rx_packets
	statistic "$NODE" vbackend1 tx_packets
	statistic backend1 eth0 rx_packets
}

# Devices, flows and services count what goes past them.
is_counted()
{
	local -a before after
	local i

	node sluice flow flush
	read -rd '' -a before <<< "$(all_devices)"
	udp_ask client1 4 $PORT -p 7001 -c 20 >/dev/null
	read -rd '' -a after <<< "$(all_devices)"
	for i in 0 1 2 3; do
		assert_between 20 23 $((after[i] - before[i])) "device $i"
	done
	assert_eq pod "$(json '.[] | select(.orig.src | endswith(":7001")) |
		.orig_door' flow show)" "the door"
	assert_eq "20 20" "$(json '.[] | select(.orig.src | endswith(":7001")) |
		.counters | "\(.in_packets) \(.out_packets)"' flow show)"
}

others_cross()
{
	local family before

	before=$(handed_over client1)
	for family in 4 6; do
		assert_eq backend1 "$(http_get client1 \
			"http://$(at $family "$(vip $family)" 80)/")" \
			"IPv$family TCP"
		assert_eq backend1=3 "$(udp_ask client1 $family $PORT -c 3 \
			-s 4000 | tally)" "IPv$family fragments"
	done
	assert_eq "$before" "$(handed_over client1)" "handed over"
}

# sees NAMESPACE DEVICE: a capture there sees all of six requests
sees()
{
	start_capture "$1" "$2" $PORT || return
	udp_ask client1 4 $PORT -c 6 >/dev/null
	stop_capture 6
}

captures_see()
{
	sees client1 eth0
	sees "$NODE" vclient1
	sees "$NODE" vbackend1
	sees backend1 eth0
	asks 4 yes
}

# A queue of the pod, and a filter
shaping_is_heeded()
{
	in_ns client1 tc qdisc add dev eth0 root pfifo limit 100 || return
	assert_eq backend1=6 "$(udp_ask client1 4 $PORT -c 6 | tally)"
	assert_between 6 9 "$(qdisc_packets client1 eth0)" \
		"packets in the queue"
	in_ns client1 tc qdisc del dev eth0 root

	in_ns client1 tc qdisc add dev eth0 clsact &&
	in_ns client1 tc filter add dev eth0 egress protocol ip flower \
		ip_proto udp dst_port $PORT action drop || return
	assert_ne backend1=1 "$(udp_ask client1 4 $PORT -t 300 | tally)" \
		"a filter"
	in_ns client1 tc qdisc del dev eth0 clsact

	node tc qdisc add dev vclient1 clsact &&
	node tc filter add dev vclient1 ingress protocol ip flower \
		ip_proto udp dst_port $PORT action drop || return
	assert_eq lost=1 "$(udp_ask client1 4 $PORT -t 300 | tally)" \
		"a filter of the node"
	node tc qdisc del dev vclient1 clsact
	asks 4 yes
}

# What the node's end would not receive, or would gather first, crosses or is lost
# there as ever.
ends_are_heeded()
{
	local before

	node ip link set vclient1 mtu 1000
	assert_match "^backend1 (lost|No buffer space available)$" \
		"$(for size in 64 1200; do
			udp_ask client1 4 $PORT -p 7005 -s $size -t 500
		done 2>&1 | xargs)" "beyond the MTU of the node's end"
	node ip link set vclient1 mtu 1500
	assert_eq backend1 "$(udp_ask client1 4 $PORT -p 7005 -s 1200)"

	node ethtool -K vclient1 gro on
	before=$(handed_over client1)
	assert_eq backend1=5 "$(udp_ask client1 4 $PORT -c 5 | tally)"
	assert_eq "$before" "$(handed_over client1)" "with GRO"
	node ethtool -K vclient1 gro off
	asks 4 yes
}

firewall_is_heeded()
{
	node nft add table inet other
	node nft add chain inet other forward \
		'{ type filter hook forward priority 0; policy drop; }'
	assert_eq lost=1 "$(udp_ask client1 4 $PORT -t 300 | tally)"
	node nft delete table inet other
	asks 4 yes
}

# One socket, and what is changed while it asks
changes_hold_at_once()
{
	local before

	open_socket in_ns client1 ./progs/udp ask -t 500 "$(vip 4)" $PORT
	next >/dev/null
	before=$(handed_over client1)
	assert_eq backend1 "$(next)"
	assert_eq $((before + 1)) "$(handed_over client1)" "handed over"

	node sluice identity add "$(pod4 backend1)" id 77
	node sluice policy add to 77 from any udp $PORT deny
	before=$(snmp backend1 UdpInDatagrams)
	assert_eq lost "$(next)" "denied"
	assert_eq "$before" "$(snmp backend1 UdpInDatagrams)" "what has come"
	node sluice policy flush
	node sluice identity flush
	assert_eq backend1 "$(next)" "allowed"

	node sluice device replace vclient1 address 10.244.9.9
	assert_eq lost "$(next)" "bound to another address"
	node sluice device replace vclient1 address "$(pod4 client1)"
	assert_eq backend1 "$(next)" "bound to its own"
	node sluice device replace vclient1 address any

	node sluice backend del "$(service 4 $PORT/udp)" "$(backend 4 1 $PORT)"
	assert_eq refused "$(next)" "without a backend"
	node sluice backend add "$(service 4 $PORT/udp)" "$(backend 4 1 $PORT)"
	close_socket
	asks 4 yes
}

# The receiver's own hooks and routes
pods_heed_themselves()
{
	in_ns backend1 nft -f - <<-END || return
		table inet own {
			chain prerouting {
				type filter hook prerouting priority 0;
				udp dport $PORT counter drop
			}
		}
	END
	assert_eq lost=1 "$(udp_ask client1 4 $PORT -t 300 | tally)" "a firewall"
	in_ns backend1 nft delete table inet own
	asks 4 yes
	ip -n backend1 addr del "$(pod4 backend1)/32" dev eth0
	assert_ne backend1=1 "$(udp_ask client1 4 $PORT -t 300 | tally)" \
		"no address"
	ip -n backend1 addr add "$(pod4 backend1)/32" dev eth0
	ip -n backend1 route replace 10.244.0.1 dev eth0 scope link
	ip -n backend1 route replace default via 10.244.0.1
	assert_ok wait_for 10 takes_it
	asks 4 yes
}

# One of two requests is handed over.
takes_it()
{
	local before

	before=$(handed_over client1)
	udp_ask client1 4 $PORT -c 2 -t 500 >/dev/null
	(($(handed_over client1) > before))
}

links_go_down()
{
	_ip_in "$NODE" link set vclient1 down
	assert_ne backend1=1 "$(udp_ask client1 4 $PORT -t 300 | tally)" "down"
	_ip_in "$NODE" -batch - <<-END
		link set vclient1 up
		route add $(pod4 client1) dev vclient1
		route add $(pod6 client1) dev vclient1
		addr replace fe80::1/64 dev vclient1 nodad
	END
	asks 4 yes
}

# By its own name, and by a pattern that holds as the name goes
is_switched_off()
{
	side off
	asks 4 no
	node sluice device add 'v*' pod-side on
	assert_eq 0 "$(json '.[0].pods' device show vclient1)"
	node sluice device del vclient1
	wait_for 10 has_pods 'v*' 1
	node sluice device add vclient1
	wait_for 10 has_pods 'v*' 0
	assert_eq 0 "$(json '.[0].pods' device show vclient1)"
	node sluice device del 'v*'
	side on
	asks 4 yes
	for name in $PODS; do
		node sluice device replace "v$name" fast-path off
	done
	wait_for 10 hooked 0
	asks 4 no
	side on fast-path on
	asks 4 yes
}

# has_pods NAME COUNT
has_pods()
{
	[[ $(json '.[0].pods' device show "$1") == "$2" ]]
}

# Who receives what comes in by the device is said.
is_left_alone()
{
	local before

	node sh -c 'echo 1 > /sys/class/net/vclient1/queues/rx-0/rps_cpus'
	assert_eq backend1=6 "$(udp_ask client1 4 $PORT -c 6 | tally)" "RPS"
	before=$(handed_over client1)
	udp_ask client1 4 $PORT -c 6 >/dev/null
	assert_eq "$before" "$(handed_over client1)" "with RPS"
	node sh -c 'echo 0 > /sys/class/net/vclient1/queues/rx-0/rps_cpus'
	asks 4 yes
}

# The pod's end goes to another namespace and comes back; a pod goes, and one of
# its name comes.
ends_come_and_go()
{
	ns_add elsewhere
	ip -n client1 link set eth0 netns elsewhere
	wait_for 10 hooked 1
	ip -n elsewhere link set eth0 netns client1
	ip -n client1 -batch - <<-END
		link set eth0 up
		addr add $(pod4 client1)/32 dev eth0
		route add 10.244.0.1 dev eth0 scope link
		route add default via 10.244.0.1
	END
	wait_for 10 hooked 1
	asks 4 yes

	_ip_in "$NODE" link del vclient1
	ip netns del client1
	pod_add client1
	wait_for 10 hooked 1
	asks 4 yes
	asks 6 yes
	ip netns del elsewhere
}

ktap_begin
run_setup set_up "pods' ends have hooks"
run_case is_handed_over "requests and answers are handed over"
run_case is_counted "devices and flows count them"
run_case others_cross "TCP and fragments cross the device"
run_case captures_see "captures see packets, wherever"
run_case shaping_is_heeded "queues and filters are heeded"
run_case ends_are_heeded "the MTU and GRO of the node's end"
run_case firewall_is_heeded "so is a firewall of the node"
run_case changes_hold_at_once "changes hold at once"
run_case pods_heed_themselves "a pod's own firewall and addresses"
run_case links_go_down "links go down"
run_case is_switched_off "switched off and on"
run_case is_left_alone "another processor that is to receive"
run_case ends_come_and_go "ends and pods come and go"
ktap_end
