#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Direct server return: what fits on the way to a backend, and who hears of it.
# See dsr.sh for the topology.
# timeout: 480

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

ktap_begin
run_setup set_up "services that forward packets unchanged are set up"
run_case transfers_l2 "large transfers"
run_case transfers_tunnel "in a tunnel, whose client learns what fits"
run_case path_mtu_of_the_tunnel "and what fits on the way behind the node"
run_case datagrams "datagrams that do not fit are refused or fragmented"
run_case errors_reach_the_backend "errors about replies reach the backend"
ktap_end
