#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fast path: what goes straight from one device to another, to a service and
# without one, in both families; what the counters and flows say of it; what is
# left to the slow path; what changes while it goes on.
# timeout: 300

. ./lib.sh
. ./fastpath.sh

# Of its own: other tests may have left hooks in the first one.
export NODE=node
PORT=5353

# attach DEVICE...
attach()
{
	local device

	for device in "$@"; do
		node sluice device add "$device" || return
	done
}

set_up()
{
	local i

	load_module && topo_up 2 2 || return
	for i in 1 2; do
		start_udp "backend$i" "backend$i" $PORT || return
		start_nginx "backend$i" "backend$i" || return
	done
	services_up $PORT/udp 2 && services_up 80/tcp 2 &&
	attach vclient1 vbackend1 vbackend2
	# Neighbours are known from here on.
	for i in 1 2; do
		in_ns client1 ./progs/udp ask "$(pod4 backend$i)" $PORT
		in_ns client1 ./progs/udp ask "$(pod6 backend$i)" $PORT
	done >/dev/null
}

udp_takes_it()
{
	local family

	for family in 4 6; do
		gain vclient1 udp_ask client1 $family $PORT -c 5 || return
		assert_eq 5 "$GAIN" "IPv$family requests"
		assert_match '^backend[12]=5$' "$(tally < /tmp/said)"
	done
}

http_takes_it()
{
	local family

	for family in 4 6; do
		gain vclient1 http_get client1 \
			"http://$(at $family "$(vip $family)" 80)/" || return
		assert_match '^backend[12]$' "$(cat /tmp/said)"
		assert_between 5 9 "$GAIN" "IPv$family packets of the client"
	done
}

plain_takes_it()
{
	local family

	for family in 4 6; do
		gain vbackend1 in_ns client1 ./progs/udp ask \
			"$(pod $family backend1)" $PORT -c 5 || return
		assert_eq 5 "$GAIN" "IPv$family answers"
		assert_eq backend1=5 "$(tally < /tmp/said)"
	done
}

# Neither end is of a service
stranger_takes_it()
{
	local family

	start_udp client2 client2 $PORT && attach vclient2 || return
	in_ns client1 ./progs/udp ask "$(pod4 client2)" $PORT
	in_ns client1 ./progs/udp ask "$(pod6 client2)" $PORT
	for family in 4 6; do
		gain vclient2 in_ns client1 ./progs/udp ask \
			"$(pod $family client2)" $PORT -c 5 || return
		assert_eq 5 "$GAIN" "IPv$family answers"
		assert_eq client2=5 "$(tally < /tmp/said)"
	done
}

# ------------------------------------------------ what is left to the slow path

# falls_back REASON FAMILY OPTION...: asks twice, is answered, and both requests
# count as left to the slow path for that reason
falls_back()
{
	local reason=$1 before

	shift
	before=$(fallbacks vclient1 "$reason")
	assert_match '^backend[12].*=2$' \
		"$(udp_ask client1 "$1" $PORT -c 2 "${@:2}" | tally)" \
		"IPv$1 $reason"
	assert_between $((before + 2)) $((before + 8)) \
		"$(fallbacks vclient1 "$reason")" "IPv$1 packets: $reason"
}

odd_packets_pass()
{
	falls_back options 4 -x opt
	falls_back options 6 -x dst
	falls_back fragment 4 -s 4000
	falls_back fragment 6 -s 4000
}

# What is for the node, and what is no TCP or UDP
others_are_left()
{
	local route protocol

	route=$(fallbacks vclient1 route)
	protocol=$(fallbacks vclient1 protocol)
	assert_eq refused "$(in_ns client1 ./progs/udp ask 192.0.2.1 7)" \
		"the node's own address"
	assert_eq $((route + 1)) "$(fallbacks vclient1 route)" \
		"packets to the node"
	assert_ok in_ns client1 ping -c 3 -i 0.2 -W 2 "$(pod4 backend1)"
	assert_between $((protocol + 3)) $((protocol + 6)) \
		"$(fallbacks vclient1 protocol)" "pings, and ARP"
}

# The node tells the sender, and so it must be the one who counts hops.
last_hop_is_told()
{
	local before family

	for family in 4 6; do
		before=$(fallbacks vclient1 ttl)
		assert_match 'unreachable|lost' \
			"$(udp_ask client1 $family $PORT -l 1 -t 500)" \
			"IPv$family"
		assert_eq $((before + 1)) "$(fallbacks vclient1 ttl)" \
			"IPv$family packets without a hop"
	done
	assert_match '^backend[12]$' "$(udp_ask client1 4 $PORT -l 2)" \
		"two hops are enough"
}

too_big_is_told()
{
	local before

	node ip route replace "$(pod4 backend1)" dev vbackend1 mtu 1000
	node ip route replace "$(pod4 backend2)" dev vbackend2 mtu 1000
	before=$(fallbacks vclient1 mtu)
	assert_eq "too big" "$(udp_ask client1 4 $PORT -s 1200 -d)" \
		"may not be fragmented"
	assert_match '^backend[12]$' "$(udp_ask client1 4 $PORT -s 1200)" \
		"may be fragmented"
	assert_between $((before + 1)) $((before + 2)) \
		"$(fallbacks vclient1 mtu)" "packets that do not fit"
	node ip route replace "$(pod4 backend1)" dev vbackend1
	node ip route replace "$(pod4 backend2)" dev vbackend2
}

# mtu6 SIZE: of IPv6 on the backends' devices, of which no route knows
mtu6()
{
	node sysctl -qw net.ipv6.conf.vbackend1.mtu="$1" \
		net.ipv6.conf.vbackend2.mtu="$1"
}

too_big_for_ipv6_is_told()
{
	local before

	gain vclient1 udp_ask client1 6 $PORT -p 7301 -s 1400
	assert_eq 1 "$GAIN" "fits"
	before=$(fallbacks vclient1 mtu)
	mtu6 1300
	assert_eq "too big" "$(udp_ask client1 6 $PORT -p 7301 -s 1400 -d)" \
		"does not fit any more"
	assert_eq $((before + 1)) "$(fallbacks vclient1 mtu)" \
		"packets that do not fit"
	mtu6 1500
	in_ns client1 ip -6 route flush cache
	gain vclient1 udp_ask client1 6 $PORT -p 7301 -s 1400
	assert_eq 1 "$GAIN" "and fits again"
}

# Rules of others hold until the administrator says that they may be skipped.
firewall_is_heeded()
{
	local before rule="FORWARD -p udp --dport $PORT -j DROP"

	before=$(fallbacks vclient1 netfilter)
	# shellcheck disable=SC2086
	node iptables-legacy -A $rule
	assert_eq lost "$(udp_ask client1 4 $PORT -t 500)" "heed"
	assert_eq $((before + 1)) "$(fallbacks vclient1 netfilter)" \
		"packets left to the firewall"
	gain vclient1 udp_ask client1 6 $PORT
	assert_eq 1 "$GAIN" "IPv6 has no such rule"
	node sluice device replace vclient1 netfilter skip
	node sluice device replace vbackend1 netfilter skip
	node sluice device replace vbackend2 netfilter skip
	assert_match '^backend[12]$' "$(udp_ask client1 4 $PORT)" "skip"
	node sluice device replace vclient1 netfilter heed
	assert_eq lost "$(udp_ask client1 4 $PORT -t 500)" "heed again"
	node sluice device replace vbackend1 netfilter heed
	node sluice device replace vbackend2 netfilter heed
	# shellcheck disable=SC2086
	node iptables-legacy -D $rule
	modprobe -r iptable_filter
	gain vclient1 udp_ask client1 4 $PORT
	assert_eq 1 "$GAIN" "the firewall is gone"
}

# Rules where the device receives come after sluice's own hook there.
firewall_at_the_device_is_heeded()
{
	local before

	before=$(fallbacks vclient1 netfilter)
	node nft -f - <<-END || return
		table netdev wall {
			chain in {
				type filter hook ingress device vclient1 priority 0;
				udp dport $PORT drop
			}
		}
	END
	assert_eq lost "$(udp_ask client1 4 $PORT -t 500)" "IPv4"
	assert_eq lost "$(udp_ask client1 6 $PORT -t 500)" "IPv6"
	assert_eq $((before + 2)) "$(fallbacks vclient1 netfilter)" \
		"packets left to the firewall"
	node sluice device replace vclient1 netfilter skip
	gain vclient1 udp_ask client1 4 $PORT
	assert_eq 1 "$GAIN" "skip"
	node sluice device replace vclient1 netfilter heed
	node nft delete table netdev wall
	gain vclient1 udp_ask client1 4 $PORT
	assert_eq 1 "$GAIN" "the firewall is gone"
}

# ------------------------------------------------------------- who looks or shapes

# sees NAMESPACE DEVICE NAME: a capture there sees all requests that are answered
# by NAME
sees()
{
	local port wanted

	start_capture "$1" "$2" $PORT || return
	for port in 7101 7102 7103 7104; do
		udp_ask client1 4 "$PORT" -p $port
	done > /tmp/answers
	wanted=$(grep -c "$3" /tmp/answers)
	assert_ne 0 "$wanted" "requests that $3 has answered"
	stop_capture "$wanted"
	assert_eq "$wanted" "$(captured)" "captured"
}

captures_see_packets()
{
	sees "$NODE" vclient1 backend
	sees backend1 eth0 backend1
	sees "$NODE" vbackend1 backend1
	gain vclient1 udp_ask client1 4 "$PORT" -c 3
	assert_eq 3 "$GAIN" "by the fast path all the same"
}

queues_are_respected()
{
	local before

	node tc qdisc add dev vclient1 root pfifo limit 100 || return
	before=$(qdisc_packets "$NODE" vclient1)
	gain vbackend1 in_ns client1 ./progs/udp ask "$(pod4 backend1)" $PORT -c 5
	assert_eq backend1=5 "$(tally < /tmp/said)"
	assert_eq 5 "$GAIN" "answers by the fast path"
	assert_between $((before + 5)) $((before + 8)) \
		"$(qdisc_packets "$NODE" vclient1)" "and the queue"
	node tc qdisc del dev vclient1 root
}

# --------------------------------------------------------------------- changes

counters_are_those_of_packets()
{
	local before after

	node sluice flow flush
	before=$(json ".[] | select(.service == \"$(service 4 $PORT/udp)\") | .counters.in_packets" service show)
	udp_ask client1 4 $PORT -c 7 > /dev/null
	sleep 1.1	# counters are brought up to date once a second
	after=$(json ".[] | select(.service == \"$(service 4 $PORT/udp)\") | .counters.in_packets" service show)
	assert_eq 7 $((after - before)) "requests of the service"
}

# One socket for ever, whose packets take the fast path.
changes_hold_at_once()
{
	open_socket in_ns client1 ./progs/udp ask "$(vip 4)" $PORT
	local first second key

	key=$(service 4 $PORT/udp)
	first=$(next)
	assert_eq "$first" "$(next)" "the flow keeps its backend"
	node sluice backend del "$key" "$(backend 4 "${first#backend}" $PORT)"
	second=$(next)
	assert_match '^backend[12]$' "$second" "another backend"
	assert_ne "$first" "$second" "the backend has gone"
	node sluice backend add "$key" "$(backend 4 "${first#backend}" $PORT)"

	node sluice identity add "$(pod4 "$second")" id 77
	node sluice policy add to 77 from any udp $PORT deny
	gain vclient1 next
	assert_ne "$second" "$(cat /tmp/said)" "denied at once"
	assert_eq 0 "$GAIN" "packets of a denied flow by the fast path"
	node sluice policy flush
	node sluice identity flush
	gain vclient1 next
	assert_eq "$second" "$(cat /tmp/said)" "allowed again"
	assert_eq 1 "$GAIN" "by the fast path"
	close_socket
}

# A route that changes is heeded by the next packet, and so is a pod's own.
routes_are_followed()
{
	open_socket in_ns client1 ./progs/udp ask "$(pod4 backend1)" $PORT

	assert_eq backend1 "$(next)" "before"
	node ip route replace blackhole "$(pod4 backend1)"
	assert_ne backend1 "$(next)" "a blackhole"
	node ip route replace "$(pod4 backend1)" dev vbackend1
	gain vclient1 next
	assert_eq "backend1 1" "$(cat /tmp/said) $GAIN" "as before"
	in_ns backend1 ip addr del "$(pod4 backend1)/32" dev eth0
	assert_ne backend1 "$(next)" "the pod has lost its address"
	ip -n backend1 -batch - <<-END
		addr add $(pod4 backend1)/32 dev eth0
		route replace 10.244.0.1 dev eth0 scope link
		route replace default via 10.244.0.1
	END
	assert_eq backend1 "$(next)" "and has it again"
	node ip link set vbackend1 down
	assert_ne backend1 "$(next)" "a device that is down"
	node ip link set vbackend1 up
	node ip route replace "$(pod4 backend1)" dev vbackend1
	back_again() { [[ $(next) == backend1 ]]; }
	assert_ok wait_for 20 back_again
	close_socket
}

# path_kind FAMILY: by which client1's requests to backend1 would go
path_kind()
{
	node sluice -j explain "$(pod "$1" client1)" \
		"$(at "$1" "$(pod "$1" backend1)" $PORT/udp)" device vclient1 |
		jq -r .path.kind
}

is_path()
{
	[[ $(path_kind "$1") == "$2" ]]
}

# A pod whose rules look at ports asks them for each packet.
rules_of_pods_hold()
{
	local family

	for family in 4 6; do
		ip -n backend1 -$family -batch - <<-END || return
			rule add pref 20 lookup local
			rule add pref 10 iif eth0 ipproto udp dport 9 prohibit
			rule del pref 0
		END
		gain vclient1 in_ns client1 ./progs/udp ask \
			"$(pod $family backend1)" $PORT
		assert_eq "backend1 1" "$(cat /tmp/said) $GAIN" \
			"IPv$family, another port"
		gain vclient1 in_ns client1 ./progs/udp ask -t 500 \
			"$(pod $family backend1)" 9
		assert_match '^(lost|unreachable)$' "$(cat /tmp/said)" \
			"IPv$family, the rule's"
		assert_eq 1 "$GAIN" "IPv$family, by the fast path"
		assert_eq link "$(path_kind $family)" "IPv$family path"
		ip -n backend1 -$family -batch - <<-END || return
			rule add pref 0 lookup local
			rule del pref 10
			rule del pref 20
		END
		assert_ok wait_for 5 is_path $family pod
	done
}

detached_is_slow()
{
	node sluice device replace vclient1 fast-path off
	gain vclient1 udp_ask client1 4 $PORT -c 3
	assert_match '^backend[12]=3$' "$(tally < /tmp/said)" off
	assert_eq 0 "$GAIN" "with the fast path off"
	node sluice device replace vclient1 fast-path on
	gain vclient1 udp_ask client1 4 $PORT -c 3
	assert_eq 3 "$GAIN" "and on again"
	node sluice device del vclient1
	assert_match '^backend[12]=3$' \
		"$(udp_ask client1 4 $PORT -c 3 | tally)" detached
	attach vclient1
}

flows_tell_the_way()
{
	local flow

	udp_ask client1 4 $PORT -p 7001 > /tmp/answer || return
	flow=$(node sluice flow show proto udp src "$(at 4 "$(pod4 client1)" 7001)" \
		dst "$(service 4 $PORT)")
	assert_match "orig-path pod v$(cat /tmp/answer)" "$flow"
	assert_match "reply-path pod vclient1" "$flow"
}

# Behind a pod: whether it is the pod's own after all is looked for each second,
# and no packet is left to the slow path for that.
ways_are_found_anew()
{
	local before port

	node ip route add 203.0.113.9 via "$(pod4 backend2)" dev vbackend2
	before=$(fallbacks vclient1 route)
	for port in 7201 7201 7202; do
		gain vclient1 in_ns client1 ./progs/udp ask -t 100 -p $port \
			203.0.113.9 7777
		assert_eq "1 0" "$GAIN $(($(fallbacks vclient1 route) - before))" \
			"sent and left, from $port"
		sleep 1.1
		assert_eq "taken link" "$(node sluice -j explain \
			"$(pod4 client1):7203" 203.0.113.9:7777/udp device vclient1 |
			jq -r '"\(.fast_path) \(.path.kind)"')" "foretold"
	done
	node ip route del 203.0.113.9
}

# doors PORT: by which the last packets have come, there and back
doors()
{
	node sluice -j flow show | jq -r --arg port ":$1" '.[] |
		select(.orig.src | endswith($port)) |
		"\(.orig_door) \(.reply_door)"'
}

flows_tell_the_door()
{
	udp_ask client1 4 $PORT -p 7002 >/dev/null || return
	assert_eq "device device" "$(doors 7002)"
	node sluice device replace vclient1 fast-path off
	udp_ask client1 4 $PORT -p 7002 >/dev/null || return
	assert_eq "netfilter device" "$(doors 7002)" "with it off one way"
	node sluice device replace vclient1 fast-path on
}

ktap_begin
run_setup set_up "devices are attached"
run_case udp_takes_it "UDP to a service"
run_case http_takes_it "TCP to a service"
run_case plain_takes_it "UDP without a service"
run_case stranger_takes_it "UDP between pods that no service has"
run_case flows_tell_the_way "flows tell the way"
run_case flows_tell_the_door "and by which door packets have come"
run_case ways_are_found_anew "ways are found anew at the cost of no packet"
run_case odd_packets_pass "options and fragments are left to the slow path"
run_case others_are_left "so is what is for the node, and other protocols"
run_case last_hop_is_told "so are packets without a hop"
run_case too_big_is_told "and what does not fit"
run_case too_big_for_ipv6_is_told "also by a setting of IPv6"
run_case firewall_at_the_device_is_heeded "rules at the device hold, too"
run_case firewall_is_heeded "firewalls are heeded unless they may be skipped"
run_case captures_see_packets "captures see packets"
run_case queues_are_respected "queues are respected"
run_case counters_are_those_of_packets "counters are those of packets"
run_case changes_hold_at_once "backends and policies change at once"
run_case rules_of_pods_hold "a pod's rules for ports hold"
run_case routes_are_followed "routes, addresses and links are followed"
run_case detached_is_slow "without the fast path"
ktap_end
