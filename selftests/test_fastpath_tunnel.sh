#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fast path and pods behind another node to which a tunnel leads: packets
# leave through the tunnel's device, answers come in by it; what does not fit is
# told or cut; the tunnel goes and comes.
# timeout: 900
# check: 6.12

. ./lib.sh
. ./fastpath.sh
. ./othernode.sh

export NODE=node
PORT=5353
FILE=/tmp/big
SIZE=500000
NO_WAY="lost 0 1"

# Answers fit into any tunnel, requests as large as the client's own device need
# not.
set_up()
{
	load_module && other_node_up && services_up $PORT/udp 1 &&
	services_up 80/tcp 1 || return
	ip -n backend1 route change default via 10.244.0.1 mtu 1280 advmss 1460
	ip -n backend1 -6 route change ::/0 via fe80::1 dev eth0 \
		mtu 1280 advmss 1440
	head -c $SIZE /dev/urandom > $FILE
	start_nginx client1 client1 || return
	mkdir -p /tmp/nginx-{client1,backend1}-80/files
	ln -s $FILE /tmp/nginx-client1-80/files/
	ln -s $FILE /tmp/nginx-backend1-80/files/
	node sluice device add vclient1
	node sluice device add tun0
}

# Families that the tunnel carries
families()
{
	case $KIND in
	ipip)	echo 4 ;;
	*)	echo 4 6 ;;
	esac
}

# inner FAMILY node|far: the node's address at the tunnel's end
inner()
{
	case $1:$2 in
	4:node)	echo 10.77.0.1 ;;
	4:far)	echo 10.77.0.2 ;;
	6:node)	echo fd00:10:77::1 ;;
	6:far)	echo fd00:10:77::2 ;;
	esac
}

# tunnel_type node|far: as "ip link add" has it
tunnel_type()
{
	local family=4

	[[ $KIND != ip6tnl ]] || family=6
	case $KIND in
	vxlan)	echo vxlan id 7 dstport 4789 dev wire ;;
	geneve)	echo geneve id 7 ;;
	ipip)	echo ipip ;;
	ip6tnl)	echo ip6tnl mode any ;;
	esac
	echo remote "$(wire $family "$(other "$1")")"
	[[ $KIND == geneve ]] || echo local "$(wire $family "$1")"
}

# end_up node|far: the tunnel's end is up, and the way to the other one's pod
end_up()
{
	local family

	ip -n "$1" link set tun0 up || return
	for family in $(families); do
		ip -n "$1" addr replace \
			"$(inner $family "$1")/$((family == 4 ? 24 : 64))" \
			dev tun0 &&
		way $family "$1" via "$(inner $family "$(other "$1")")" \
			dev tun0 || return
	done
}

# end_comes node|far: with another hardware address than one before it
end_comes()
{
	# shellcheck disable=SC2046 # one word an option
	ip -n "$1" link add tun0 type $(tunnel_type "$1") && end_up "$1" &&
	ip -n "$(other "$1")" neigh flush dev tun0
}

tunnel_comes()
{
	ip -n far link del tun0 2>/dev/null
	ip -n node link del tun0 2>/dev/null
	end_comes far 2>/dev/null
	end_comes node && forget_sizes
}

# What pods have learned of the way to each other
forget_sizes()
{
	ip -n client1 route flush cache
	ip -n client1 -6 route flush cache
}

# Frames of IP in IP are none of the fast path's business: answers are left.
answers()
{
	case $KIND in
	vxlan|geneve)	sent tun0 ;;
	*)		fallbacks tun0 frame ;;
	esac
}

# asks FAMILY ADDRESS: five requests leave by the fast path, and are answered
asks()
{
	local before

	before=$(answers)
	gain vclient1 in_ns client1 ./progs/udp ask "$2" $PORT -c 5
	assert_eq "5 backend1=5" "$GAIN $(tally < /tmp/said)" "requests to $2"
	assert_between 5 8 $(($(answers) - before)) "answers by the tunnel"
}

datagrams_leave()
{
	local family

	for family in $(families); do
		asks $family "$(vip $family)"
		asks $family "$(pod $family backend1)"
		in_ns client1 ./progs/udp ask -p 7001 \
			"$(pod $family backend1)" $PORT >/dev/null
		assert_match "orig-path link tun0" "$(node sluice flow show \
			proto udp src "$(at $family "$(pod $family client1)" 7001)" \
			dst "$(backend $family 1 $PORT)")" "IPv$family"
	done
}

# fetch NAMESPACE ADDRESS: the file, which arrives as it is; the packets that
# client1 sends meanwhile by the fast path are in GAIN
fetch()
{
	rm -f /tmp/got
	gain vclient1 http_get "$1" "http://$2/files/${FILE##*/}" -o /tmp/got
	assert_ok cmp $FILE /tmp/got
}

# A client that sends the file has segments of one packet cut behind the fast
# path, and those that do not fit left to the node, which says so.
streams_leave()
{
	local family before

	for family in $(families); do
		fetch client1 "$(at $family "$(vip $family)" 80)"
		assert_between 5 500 "$GAIN" "IPv$family acknowledgements"
		fetch client1 "$(at $family "$(pod $family backend1)" 80)"
		assert_between 5 500 "$GAIN" "IPv$family without a service"
		forget_sizes
		before=$(fallbacks vclient1 mtu)
		fetch backend1 "$(at $family "$(pod $family client1)" 80)"
		assert_between 5 $((SIZE / 1400)) "$GAIN" \
			"IPv$family packets of many segments"
		assert_between $((before + 1)) $((before + 50)) \
			"$(fallbacks vclient1 mtu)" "that do not fit at first"
	done
}

# biggest FAMILY: bytes of a datagram that fills the client's own MTU
biggest()
{
	echo $((1500 - ($1 == 4 ? 28 : 48)))
}

# sends_big FAMILY ADDRESS ANSWER FALLBACKS [OPTION...]: of so many packets the
# fast path says that they do not fit
sends_big()
{
	local before

	before=$(fallbacks vclient1 mtu)
	assert_eq "$3" "$(in_ns client1 ./progs/udp ask \
		-s "$(biggest "$1")" "${@:5}" "$2" $PORT)" "to $2"
	assert_eq "$4" $(($(fallbacks vclient1 mtu) - before)) \
		"that do not fit, to $2"
}

# The sender is told, and then cuts them itself; or the node cuts them.
big_ones_are_left()
{
	local family to

	for family in $(families); do
		for to in "$(vip $family)" "$(pod $family backend1)"; do
			forget_sizes
			sends_big $family "$to" "too big" 1 -d
			sends_big $family "$to" backend1 0
		done
	done
	forget_sizes
	in_ns client1 sysctl -qw net.ipv4.ip_no_pmtu_disc=1
	sends_big 4 "$(vip 4)" backend1 1
	sends_big 4 "$(pod4 backend1)" backend1 1
	in_ns client1 sysctl -qw net.ipv4.ip_no_pmtu_disc=0
}

# The flow has begun before and is accelerated all the time.
tunnel_goes_and_comes()
{
	local family

	for family in $(families); do
		open_socket udp_ask client1 $family $PORT
		routed "$TAKEN" "IPv$family, before" next
		ip -n node link set tun0 down
		routed "$NO_WAY" "IPv$family, the device is down" next
		end_up node
		routed "$TAKEN" "IPv$family, it is up again" next
		ip -n node link del tun0
		routed "$NO_WAY" "IPv$family, the device has gone" next
		end_comes node
		routed "$TAKEN" "IPv$family, there is another one" next
		close_socket
	done
}

ktap_begin
run_setup set_up "a node and another one, with a pod each"
for KIND in vxlan geneve ipip ip6tnl; do
	run_case tunnel_comes "$KIND leads to the other node"
	run_case datagrams_leave "datagrams leave by $KIND"
	run_case streams_leave "streams, too, in packets of many segments"
	run_case big_ones_are_left "what does not fit is left to the node"
	run_case tunnel_goes_and_comes "the tunnel goes and comes"
done
ktap_end
