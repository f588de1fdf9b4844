#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What "sluice explain" says the fast path would do with a packet is what it does
# with the next one, as the device's counters have it.
# timeout: 300
# check: 6.12

. ./lib.sh

export NODE=node
PORT=5353

set_up()
{
	load_module && topo_up 2 2 &&
	start_udp backend1 backend1 $PORT && services_up $PORT/udp 1 || return
	node sluice device add vclient1
	node sluice device add vbackend1
}

# said FAMILY DESTINATION [DEVICE]: by explain, in one line
said()
{
	node sluice -j explain "$(at "$1" "$(pod "$1" client1)" 7777)" \
		"$2" device "${3:-vclient1}" |
		jq -r '[.fast_path, .fallback, .path.kind, .path.device] |
			map(select(.)) | join(" ")'
}

# world FAMILY: somewhere behind the node's default route
world()
{
	case $1 in
	4)	echo 203.0.113.7 ;;
	6)	echo fd00:203:0:113::7 ;;
	esac
}

# counts: of the client's device
counts()
{
	json '.[0] | ["sent \(.sent)"] +
		(.fallbacks | map("\(.reason) \(.packets)")) | .[]' \
		device show vclient1
}

# done_with WANTED FAMILY ADDRESS PORT: what counters say of one packet. ARP and
# neighbour discovery may come in between: of their counters nothing, unless that
# is wanted, and then only that they count.
done_with()
{
	counts > /tmp/before
	in_ns client1 ./progs/udp ask -p 7777 -t 20 "$3" "$4" >/dev/null
	counts | paste -d ' ' /tmp/before - | awk -v wanted="${1% *}" '
		$2 == $4 { next }
		$1 !~ /protocol|frame/ { print $1, $4 - $2; next }
		$1 == wanted { print $1, 1 }'
}

# foretold SAID DONE FAMILY ADDRESS PORT
foretold()
{
	assert_eq "$1" "$(said "$3" "$(at "$3" "$4" "$5")/udp")" \
		"said of IPv$3"
	assert_eq "$2" "$(done_with "${@:2}")" "done with IPv$3"
}

# Twice, as the second packet belongs to the flow of the first.
is_sent()
{
	local family

	for family in 4 6; do
		for _ in 1 2; do
			foretold "taken pod vbackend1" "sent 1" \
				$family "$(vip $family)" $PORT
			foretold "taken pod vbackend1" "sent 1" \
				$family "$(pod $family backend1)" $PORT
			foretold "taken link node0" "sent 1" \
				$family "$(world $family)" $PORT
		done
	done
}

is_left_by_route()
{
	local family

	for family in 4 6; do
		foretold "left route" "route 1" \
			$family "$(masquerade $family)" $PORT
	done
	_ip_in node route add blackhole 10.99.0.0/16
	_ip_in node route add blackhole fd00:99::/64
	foretold "left route" "route 1" 4 10.99.0.1 $PORT
	foretold "left route" "route 1" 6 fd00:99::1 $PORT
}

is_left_as_dropped()
{
	local family key

	for family in 4 6; do
		key=$(service $family 7400/udp)
		node sluice service add "$key" no-backend drop
		foretold "left undecided" "undecided 1" \
			$family "$(vip $family)" 7400
		node sluice service del "$key"
	done
}

# A flow that was allowed, and packets that begin none; "audit" lets them pass.
is_left_by_policy()
{
	local family

	node sluice identity add "$(pod4 client1)" id 1001
	node sluice identity add "$(pod6 client1)" id 1001
	node sluice policy set 1001 isolate egress
	for family in 4 6; do
		foretold "left undecided" "undecided 1" \
			$family "$(vip $family)" $PORT
		foretold "left undecided" "undecided 1" \
			$family "$(world $family)" 7001
	done
	node sluice policy set 1001 audit on
	for family in 4 6; do
		foretold "taken link node0" "sent 1" \
			$family "$(world $family)" 7001
	done
	node sluice policy flush
	node sluice identity flush
}

is_left_unchanged()
{
	local family key

	for family in 4 6; do
		key=$(service $family 7500/udp)
		node sluice service add "$key" forward l2
		node sluice backend add "$key" "$(backend $family 2 7500)"
		foretold "left forward" "forward 1" \
			$family "$(vip $family)" 7500
		node sluice service del "$key"
	done
}

# Hooks of others, until the device skips them
is_left_to_netfilter()
{
	local family

	node nft add table inet other
	node nft add chain inet other forward \
		'{ type filter hook forward priority 0; }'
	for family in 4 6; do
		foretold "left netfilter" "netfilter 1" \
			$family "$(vip $family)" $PORT
	done
	node sluice device replace vclient1 netfilter skip
	for family in 4 6; do
		foretold "taken pod vbackend1" "sent 1" \
			$family "$(vip $family)" $PORT
	done
	node sluice device replace vclient1 netfilter heed
	node nft delete table inet other
	node nft add table netdev other
	node nft add chain netdev other in \
		'{ type filter hook ingress device vclient1 priority 0; }'
	foretold "left netfilter" "netfilter 1" 4 "$(vip 4)" $PORT
	node nft delete table netdev other
}

# Another protocol, and a device that somebody else receives by
is_left_as_it_is()
{
	local family proto

	for family in 4 6; do
		proto=icmp
		((family == 4)) || proto=icmpv6
		assert_eq "left protocol" \
			"$(said $family "$(pod $family backend1)/$proto")"
	done
	assert_eq "left protocol" "$(said 4 "$(vip 4):7/sctp")"

	_ip_in node link add link vclient1 name mac0 type macvlan || return
	for family in 4 6; do
		foretold "left frame" "frame 1" \
			$family "$(vip $family)" $PORT
	done
	_ip_in node link del mac0
}

is_not_asked()
{
	local to

	to=$(service 4 $PORT/udp)
	assert_eq unattached "$(said 4 "$to" vclient2)"
	assert_eq unattached "$(said 4 "$to" vnobody)"
	node sluice device replace vclient1 fast-path off
	foretold off "" 4 "$(vip 4)" $PORT
	node sluice device replace vclient1 fast-path on
	node sluice device add 'vcl*' fast-path off
	assert_eq off "$(said 4 "$to" vclient2)" "by a pattern"
	assert_eq unattached "$(said 4 "$to" vclone)" "fits, is not there"
	node sluice device del 'vcl*'
	assert_eq null "$(node sluice -j explain "$(pod4 client1)" "$to" |
		jq .fast_path)" "without a device"
	node sluice device replace vclient1 address 10.244.9.9
	assert_eq "" "$(said 4 "$to")" "stopped by its device"
	node sluice device replace vclient1
}

ktap_begin
run_setup set_up "pods and a service"
run_case is_sent "what is sent, to pods and to the world"
run_case is_left_by_route "what leads nowhere, or to the node"
run_case is_left_as_dropped "what a service drops"
run_case is_left_by_policy "what the policy denies"
run_case is_left_unchanged "what goes to backends as it is"
run_case is_left_to_netfilter "hooks of others"
run_case is_left_as_it_is "another protocol, another receiver"
run_case is_not_asked "devices without a fast path"
ktap_end
