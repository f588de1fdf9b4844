# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # words are for the tests
#
# Another node, for tests that source lib.sh and fastpath.sh, with NODE=node. Its
# pod is backend1:
#
#	client1                                                backend1
#	   |                                                      |
#	vclient1                                              vbackend1
#	  node  wire ------------------------------------ wire   far
#	        198.18.0.1, fd00:198:18::1     .2, fd00:198:18::2
#
# Which way the nodes send each other what is for their pods is up to the test.

# wire FAMILY node|far: the node's address on the network of nodes
wire()
{
	case $1:$2 in
	4:node)	echo 198.18.0.1 ;;
	4:far)	echo 198.18.0.2 ;;
	6:node)	echo fd00:198:18::1 ;;
	6:far)	echo fd00:198:18::2 ;;
	esac
}

# pod_of node|far: of which it is the node
pod_of()
{
	case $1 in
	node)	echo client1 ;;
	far)	echo backend1 ;;
	esac
}

# other node|far
other()
{
	case $1 in
	node)	echo far ;;
	far)	echo node ;;
	esac
}

_wire_up()
{
	ip -n "$1" addr add "$(wire 4 "$1")/30" dev wire &&
	ip -n "$1" addr add "$(wire 6 "$1")/64" dev wire nodad
}

# cable NAME: between the nodes. The node's end is no veth device: behind one there
# might be a pod, and so the fast path looks again each second.
cable()
{
	veth_pair node "$1-end" far "$1" &&
	ip -n node link add "$1" link "$1-end" type macvlan &&
	ip -n node link set "$1" up
}

# Without another way nothing of a pod behind the other node gets anywhere.
_no_way()
{
	ip -n "$1" -batch - <<-END
		route add blackhole $(pod4 "$(pod_of "$(other "$1")")") metric 9999
		route add blackhole $(pod6 "$(pod_of "$(other "$1")")") metric 9999
	END
}

# other_node_up: the topology, with servers that both pods have
other_node_up()
{
	topo_up 1 0 && NODE=far topo_up 0 1 &&
	cable wire && _wire_up node && _wire_up far &&
	_no_way node && _no_way far || return
	start_udp backend1 backend1 "$PORT" && start_nginx backend1 backend1
}

# way FAMILY node|far WORD...: how the node sends what is for the other one's pod
way()
{
	ip -n "$2" "-$1" route replace "$(pod "$1" "$(pod_of "$(other "$2")")")" \
		"${@:3}"
}

# straight: both nodes do it as they are, by the wire; what was known of ways is
# found anew
straight()
{
	local family node

	for family in 4 6; do
		for node in node far; do
			way $family $node via "$(wire $family "$(other $node)")" \
				dev wire || return
		done
	done
	ip -n node route flush cache
}

# straight_set_up: with a service, and the client's device attached
straight_set_up()
{
	load_module && other_node_up && straight && services_up "$PORT/udp" 1 &&
	node sluice device add vclient1
}

TAKEN="backend1 1 0"	# a request, as routed() has it
LEFT="backend1 0 1"

# routed WANTED WHAT COMMAND...: what a command of client1 prints, how many packets
# have taken the fast path meanwhile, and how many it left to the node's routes
routed()
{
	local before

	before=$(fallbacks vclient1 route)
	gain vclient1 "${@:3}"
	assert_eq "$1" "$(cat /tmp/said) $GAIN \
$(($(fallbacks vclient1 route) - before))" "$2"
}
