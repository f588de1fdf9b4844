#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Direct server return: what fits on the way to a backend, and who hears of it.
# See dsr.sh for the topology.
# timeout: 900
# check: 6.1

. ./lib.sh
. ./dsr.sh

transfers_l2()
{
	transfer client1 4 $L2
	transfer client1 6 $L2
}

# Full segments do not fit with a header more: the client hears of it.
transfers_tunnel()
{
	local family mtu

	for family in 4 6; do
		mtu=$((family == 4 ? 1480 : 1460))
		assert_eq 0 "$(mtu_to client1 "$(vip $family $TUNNEL)")" \
			"before, IPv$family"
		transfer client1 $family $TUNNEL
		assert_eq $mtu "$(mtu_to client1 "$(vip $family $TUNNEL)")" \
			"IPv$family"
	done
}

# The router finds outer packets too large and tells the node, not the client.
path_mtu_of_the_tunnel()
{
	local family mtu

	for family in 4 6; do
		mtu=$((family == 4 ? 1380 : 1360))
		transfer client1 $family $FAR
		assert_eq $mtu "$(mtu_to client1 "$(vip $family $FAR)")" \
			"IPv$family"
		assert_eq 1400 "$(mtu_to "$NODE" "$(pod $family backend3)")" \
			"node, IPv$family"
	done
}

datagrams()
{
	local family before n size

	for family in 4 6; do
		before=$(dropped too-big)
		assert_eq "too big" "$(ask client1 $family $FRESH -d \
			-s $((family == 4 ? 1453 : 1413)))" "IPv$family"
		assert_eq 1 $(($(dropped too-big) - before)) \
			"counted, IPv$family"
		assert_eq backend1 "$(ask client1 $family $FRESH -d \
			-s $((family == 4 ? 1452 : 1412)))" "fits, IPv$family"
		for n in $L2 $TUNNEL $FAR; do
			for size in 4000 30000; do
				assert_match '^backend[123]$' "$(ask client1 \
					$family "$n" -s $size)" \
					"$size bytes, service $n, IPv$family"
			done
		done
	done
}

# Routers tell the service that its packets are too large for the client, and
# what they say comes by the node.
errors_reach_the_backend()
{
	local family n mtu=1300

	for n in $L2 $TUNNEL; do
		ip -n router link set client mtu $mtu
		for family in 4 6; do
			node sluice backend set "$(service $family 80/tcp $n)" \
				"$(backend $family 2 80)" weight 0
			http_get client1 "$(url $family $n $FILES)" -o /tmp/dsr-got
			assert_ok cmp /tmp/dsr-got /tmp/dsr-big
			assert_eq $mtu \
				"$(mtu_to backend1 "$(pod $family client1)")" \
				"service $n, IPv$family"
		done
		# smaller than what the backend has learned
		mtu=1290
	done
	ip -n router link set client mtu 1500
}

# nothing_learned: by the client, of path MTUs
nothing_learned()
{
	in_ns client1 ip route flush cache
	in_ns client1 ip -6 route flush cache
}

# fits FAMILY SIZE: the largest datagram that FRESH takes
fits()
{
	nothing_learned
	assert_eq "too big" "$(ask client1 "$1" $FRESH -d -s $(($2 + 1)))" \
		"$2 and one more, IPv$1"
	nothing_learned
	assert_eq backend1 "$(ask client1 "$1" $FRESH -d -s "$2")" \
		"$2, IPv$1"
}

# The node has the route at hand.
mtu_changes()
{
	local family mtu

	for mtu in 1400 1500; do
		_ip_in "$NODE" link set vseg mtu $mtu
		for family in 4 6; do
			fits $family $((mtu - (family == 4 ? 48 : 88)))
		done
	done
}

# Another service's packets find out what the way has room for.
mtu_is_learned_elsewhere()
{
	local family

	for family in 4 6; do
		_ip_in "$NODE" route flush cache
		_ip_in "$NODE" -6 route flush cache
		node sluice flow flush
		add_service $family $PORT/udp $OTHER tunnel 3
		assert_eq backend3 "$(ask client1 $family $OTHER)" \
			"its route is known, IPv$family"
		nothing_learned
		transfer client1 $family $FAR
		assert_eq 1400 "$(mtu_to "$NODE" "$(pod $family backend3)")" \
			"the node knows, IPv$family"
		assert_eq "too big" "$(ask client1 $family $OTHER -d -s 1390)" \
			"at once, IPv$family"
		node sluice service del "$(service $family $PORT/udp $OTHER)"
	done
}

from_node()
{
	in_ns router cat /sys/class/net/node/statistics/rx_packets
}

# by_router FAMILY HOW LOW HIGH WHAT: of ten packets so many take that way
by_router()
{
	local before

	before=$(from_node)
	ask client1 "$1" $OTHER -c 10 -t 100 >/dev/null
	assert_between "$3" "$4" $(($(from_node) - before)) "$5, $2, IPv$1"
}

# The way to backend1 is by the router for a while, which sends back what it is
# given by l2.
route_changes()
{
	local family how router

	for family in 4 6; do
		router=198.18.0.2
		((family == 4)) || router=fd00:198:18::2
		for how in l2 tunnel; do
			add_service $family $PORT/udp $OTHER $how 1
			by_router $family $how 0 5 "on the segment"
			_ip_in "$NODE" route add "$(pod $family backend1)" \
				via $router
			by_router $family $how 10 2000 "by the router"
			_ip_in "$NODE" route del "$(pod $family backend1)"
			by_router $family $how 0 5 "on the segment again"
			assert_eq backend1 "$(ask client1 $family $OTHER)" \
				"$how, IPv$family"
			node sluice service del \
				"$(service $family $PORT/udp $OTHER)"
		done
	done
}

ktap_begin
run_setup set_up "services that forward packets unchanged are set up"
run_case transfers_l2 "large transfers"
run_case transfers_tunnel "in a tunnel, whose client learns what fits"
run_case path_mtu_of_the_tunnel "and what fits on the way behind the node"
run_case datagrams "datagrams that do not fit are refused or fragmented"
run_case mtu_changes "a change of the MTU is noticed"
run_case mtu_is_learned_elsewhere "and what others have learned"
run_case route_changes "and a change of the route"
run_case errors_reach_the_backend "errors about replies reach the backend"
ktap_end
