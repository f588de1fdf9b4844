#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fast path goes past nobody who sees to what a pod is sent: each of those who
# may drops it here, while a flow goes on, and gets it.
# timeout: 300
# check: 6.1

. ./lib.sh
. ./fastpath.sh

export NODE=node
PORT=5353

set_up()
{
	load_module && topo_up 1 1 && start_udp backend1 backend1 $PORT || return
	node sluice device add vclient1 && node sluice device add vbackend1 ||
		return
	# Neighbours are known from here on, also while nothing comes back.
	in_ns client1 ./progs/udp ask "$(pod4 backend1)" $PORT
	in_ns client1 ./progs/udp ask "$(pod6 backend1)" $PORT
} >/dev/null

# Each of those who mind: add, which drops what backend1 is sent from then on, or
# del

xdp()
{
	case $1 in
	add)	ip -n backend1 link set eth0 "$2" obj progs/drop.bpf.o sec xdp ;;
	del)	ip -n backend1 link set eth0 "$2" off ;;
	esac
}

native_program()
{
	xdp "$1" xdpdrv
}

generic_program()
{
	xdp "$1" xdpgeneric
}

# hook NAMESPACE DEVICE ingress|egress add|del: of netfilter
hook()
{
	if [[ $4 == del ]]; then
		in_ns "$1" nft delete table netdev minds
		return
	fi
	in_ns "$1" nft -f - <<-END
		table netdev minds {
			chain here {
				type filter hook $3 device $2 priority 0;
				udp dport $PORT drop
			}
		}
	END
}

ingress_of_pod()
{
	hook backend1 eth0 ingress "$1"
}

egress_of_node()
{
	hook "$NODE" vbackend1 egress "$1"
}

# filter NAMESPACE DEVICE ingress|egress add|del: of tc
filter()
{
	case $4 in
	add)	in_ns "$1" tc qdisc add dev "$2" clsact &&
		in_ns "$1" tc filter add dev "$2" "$3" matchall action drop ;;
	del)	in_ns "$1" tc qdisc del dev "$2" clsact ;;
	esac
}

tc_of_pod()
{
	filter backend1 eth0 ingress "$1"
}

tc_of_node()
{
	filter "$NODE" vbackend1 egress "$1"
}

# A device that takes all that another one receives, and is down
device_on_device()
{
	case $1 in
	add)	ip -n backend1 link add above link eth0 type macvlan \
			mode passthru ;;
	del)	ip -n backend1 link del above ;;
	esac
}

# goes NAME WHAT: the next request of the live flow, by the fast path, and the
# answer
goes()
{
	gain vclient1 next
	assert_eq "$1 1" "$(cat /tmp/said) $GAIN" "$2"
}

back_again()
{
	gain vclient1 next && [[ "$(cat /tmp/said) $GAIN" == "backend1 1" ]]
}

# while_minded WHO: in both families
while_minded()
{
	local family before

	for family in 4 6; do
		open_socket in_ns client1 ./progs/udp ask \
			"$(pod $family backend1)" $PORT
		goes backend1 "IPv$family, before"
		"$1" add || return
		before=$(udp_received backend1)
		goes lost "IPv$family, dropped"
		assert_eq "$before" "$(udp_received backend1)" \
			"IPv$family, what sockets have got"
		"$1" del
		assert_ok wait_for 10 back_again
		goes backend1 "IPv$family, afterwards"
		close_socket
	done
}

native_programs()
{
	while_minded native_program
}

generic_programs()
{
	while_minded generic_program
}

hooks_of_pods()
{
	while_minded ingress_of_pod
}

hooks_of_nodes()
{
	while_minded egress_of_node
}

filters_of_pods()
{
	while_minded tc_of_pod
}

filters_of_nodes()
{
	while_minded tc_of_node
}

devices_on_devices()
{
	modprobe macvlan || { case_skip "no macvlan"; return; }
	while_minded device_on_device
}

ktap_begin
run_setup set_up "devices are attached"
run_case native_programs "an XDP program of the pod"
run_case generic_programs "one in generic mode"
run_case hooks_of_pods "netfilter where the pod receives"
run_case filters_of_pods "tc there"
run_case devices_on_devices "a device on the pod's"
run_case hooks_of_nodes "netfilter where the node sends"
run_case filters_of_nodes "tc there"
ktap_end
