#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ICMP errors through services, in both families and to both ends: who does not
# understand that they are about his connection does not act on them.

. ./lib.sh

PORT=5353	# servers listen
CLOSED=5354	# nobody does
LOST=5355	# the backend is behind a router that refuses
FAR=5356	# it is behind that router

FILES=/tmp/nginx-backend1-80/files
SIZE=500000

# Errors are told to everybody at once.
no_rate_limits()
{
	local ns

	for ns in "$NODE" router client1 backend1; do
		in_ns "$ns" sysctl -qw net.ipv4.icmp_ratelimit=0 \
			net.ipv6.icmp.ratelimit=0 || return
	done
}

lost_backend()
{
	case $1 in
	4)	echo 10.244.9.9 ;;
	6)	echo fd00:10:244::9:9 ;;
	esac
}

far_backend()
{
	case $1 in
	4)	echo 10.244.8.8 ;;
	6)	echo fd00:10:244::8:8 ;;
	esac
}

# A router on the way to backends that it does not let anybody reach, and to
# others further on
router_up()
{
	outside_up router && in_ns router sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1 || return
	ip -n router -batch - <<-END || return
		route add prohibit 10.244.9.0/24
		route add prohibit fd00:10:244::9:0/112
		link add far type dummy
		link set far up
		route add $(far_backend 4) dev far
		route add $(far_backend 6) dev far
	END
	_ip_in "$NODE" -batch - <<-END
		route add 10.244.8.0/23 via $(outside 4)
		route add fd00:10:244::9:0/112 via $(outside 6)
		route add fd00:10:244::8:0/112 via $(outside 6)
	END
}

# behind_router_up PORT BACKEND: a service of both families; BACKEND tells the
# address by the family
behind_router_up()
{
	local family key

	for family in 4 6; do
		key=$(service $family "$1/udp")
		node sluice service add "$key" &&
		node sluice backend add "$key" \
			"$(at $family "$("$2" $family)" "$1")" || return
	done
}

set_up()
{
	load_module && topo_up 1 1 && router_up && no_rate_limits || return
	start_udp backend1 backend1 $PORT || return
	start_nginx backend1 backend1 || return
	mkdir -p "$FILES" && head -c $SIZE /dev/urandom >"$FILES/big" || return
	services_up $PORT/udp 1 && services_up $CLOSED/udp 1 || return
	services_up 80/tcp 1 || return
	behind_router_up $LOST lost_backend && behind_router_up $FAR far_backend
}

# for_clients FUNCTION: from a pod and from the node, in both families
for_clients()
{
	local ns family

	for ns in client1 "$NODE"; do
		for family in 4 6; do
			"$1" "$ns" "$family"
		done
	done
}

closed_port()
{
	expect_refusal()
	{
		assert_eq refused "$(udp_ask "$1" "$2" $CLOSED)" \
			"${1:-node} IPv$2"
	}
	for_clients expect_refusal
}

refusing_router()
{
	expect_unreachable()
	{
		assert_eq unreachable "$(udp_ask "$1" "$2" $LOST)" \
			"${1:-node} IPv$2"
	}
	for_clients expect_unreachable
}

hop_limit()
{
	local family

	for family in 4 6; do
		assert_eq unreachable "$(udp_ask client1 $family $PORT -l 1)" \
			"IPv$family, one hop"
		assert_eq backend1 "$(udp_ask client1 $family $PORT -l 2)" \
			"IPv$family, two hops"
	done
}

# expect_routers FAMILY WHAT: each tells of itself by an address of its own, the
# last hop by the service's
expect_routers()
{
	local expired=([4]=11 [6]=3) refused=([4]=3 [6]=1)

	assert_eq "unreachable ${expired[$1]} $(masquerade "$1")" \
		"$(udp_ask client1 "$1" $FAR -e -l 1)" "$2, first hop"
	assert_eq "unreachable ${expired[$1]} $(outside "$1")" \
		"$(udp_ask client1 "$1" $FAR -e -l 2)" "$2, second hop"
	assert_eq "refused ${refused[$1]} $(vip "$1")" \
		"$(udp_ask client1 "$1" $CLOSED -e -l 2)" "$2, last hop"
	assert_eq "unreachable ${expired[$1]} $(outside "$1")" \
		"$(udp_ask "$NODE" "$1" $FAR -e -l 1)" "$2, from the node"
	assert_eq "unreachable ${expired[$1]} $(gateway "$1")" \
		"$(udp_ask router "$1" $CLOSED -e -l 1)" "$2, from outside"
}

# Probes of few hops, as traceroute sends them
traceroute()
{
	local family how port

	for how in always hairpin; do
		for family in 4 6; do
			for port in $FAR $CLOSED; do
				node sluice service set \
					"$(service $family $port/udp)" \
					masquerade $how
			done
			expect_routers $family "IPv$family, masquerade $how"
		done
	done
}

# mtu_to NAMESPACE ADDRESS: the path MTU that the namespace has learned
mtu_to()
{
	in_ns "$1" ip -j route get "$2" | jq -r '.[0].metrics[0].mtu // 0'
}

# A datagram that may not be fragmented is answered with the MTU behind.
path_mtu_to_the_backend()
{
	local family

	node ip link set vbackend1 mtu 1300
	for family in 4 6; do
		assert_eq "too big" \
			"$(udp_ask client1 $family $PORT -d -s 1400)" \
			"IPv$family"
		assert_eq backend1 \
			"$(udp_ask client1 $family $PORT -d -s 1200)" \
			"IPv$family, smaller"
		assert_eq 1300 "$(mtu_to client1 "$(vip $family)")" \
			"IPv$family, learned for the service"
	done
	node ip link set vbackend1 mtu 1500
}

# A backend's segments are too large for the way to the client.
path_mtu_to_the_client()
{
	local family size

	node ip link set vclient1 mtu 1300
	for family in 4 6; do
		size=$(http_get client1 \
			"http://$(at $family "$(vip $family)" 80)/files/big" \
			-o /dev/null -w '%{size_download}')
		assert_eq $SIZE "$size" "IPv$family"
		assert_eq 1300 "$(mtu_to backend1 "$(pod $family client1)")" \
			"IPv$family, learned by the backend"
	done
	node ip link set vclient1 mtu 1500
}

# A client that is gone says so to the service, and the backend hears it.
client_is_gone()
{
	local family before

	for family in 4 6; do
		before=$(unreachables $family)
		heard() {
			in_ns client1 bash -c \
				"echo x >/dev/udp/$(vip $family)/$PORT"
			(($(unreachables $family) > before))
		}
		assert_ok wait_for 10 heard
	done
}

unreachables()
{
	case $1 in
	4)	snmp backend1 IcmpInDestUnreachs ;;
	6)	snmp backend1 Icmp6InDestUnreachs ;;
	esac
}

# pings NAMESPACE FAMILY: how many of three echo requests are answered
pings()
{
	in_ns "$1" ping -n -c 3 -i 0.2 -W 1 -s 1200 "$(vip "$2" 9)" |
		sed -n 's/.* \([0-9]\) received.*/\1/p'
}

# An address answers as long as one of its services wants that.
echo_by_choice()
{
	local family ns tcp udp

	for family in 4 6; do
		tcp=$(service $family 80/tcp 9)
		udp=$(service $family 53/udp 9)
		node sluice service add "$tcp"
		node sluice service add "$udp" echo on
		for ns in client1 "$NODE"; do
			assert_eq 3 "$(pings "$ns" $family)" \
				"${ns:-node}, IPv$family"
		done
		node sluice service set "$tcp" echo on
		node sluice service del "$udp"
		assert_eq 3 "$(pings client1 $family)" "the other, IPv$family"
		node sluice service set "$tcp" echo off
		assert_eq 0 "$(pings client1 $family)" "none, IPv$family"
		node sluice service del "$tcp"
	done
	assert_eq 0 "$(node nstat -asz IcmpInCsumErrors | awk \
		'/IcmpInCsumErrors/ { print $2 }')" "checksum errors"
}

# refusals REASON NAMESPACE FAMILY: echo requests answered and dropped for it
refusals()
{
	local before answered

	before=$(dropped "$1")
	answered=$(pings "$2" "$3")
	echo "$answered $(($(dropped "$1") - ${before:-0}))"
}

# Not whom all services there refuse
echo_by_source_ranges()
{
	local family tcp udp

	for family in 4 6; do
		tcp=$(service $family 80/tcp 9)
		udp=$(service $family 53/udp 9)
		node sluice service add "$tcp" echo on \
			deny "$(pod $family client1)"
		node sluice service add "$udp"
		assert_eq "0 3" "$(refusals source-range client1 $family)" \
			"refused, IPv$family"
		assert_eq 3 "$(pings backend1 $family)" "another, IPv$family"
		node sluice service set "$udp" echo on
		assert_eq 3 "$(pings client1 $family)" \
			"allowed by one, IPv$family"
		node sluice service del "$tcp"
		node sluice service del "$udp"
	done
}

# Nor whom the policy denies it
echo_by_policy()
{
	local family key match

	node sluice policy set 1001 isolate egress
	for family in 4 6; do
		match="icmp 8"
		[[ $family == 4 ]] || match="icmpv6 128"
		key=$(service $family 53/udp 9)
		node sluice service add "$key" echo on
		node sluice identity add "$(pod $family client1)" id 1001
		assert_eq "0 3" "$(refusals policy-isolation client1 $family)" \
			"denied, IPv$family"
		assert_eq 3 "$(pings backend1 $family)" "another, IPv$family"
		# shellcheck disable=SC2086 # two words
		node sluice policy add from 1001 to any $match allow
		assert_eq 3 "$(pings client1 $family)" "allowed, IPv$family"
		node sluice service del "$key"
		node sluice identity del "$(pod $family client1)" id 1001
	done
	node sluice policy flush
}

# An answer that cannot be sent is a drop like others.
echo_without_a_way_back()
{
	local family key source before

	_ip_in "$NODE" route add unreachable 10.77.0.0/16
	_ip_in "$NODE" route add unreachable fd00:77::/64
	for family in 4 6; do
		key=$(service $family 53/udp 9)
		source=10.77.0.1/32
		[[ $family == 4 ]] || source=fd00:77::1/128
		ip -n client1 addr add $source dev lo
		node sluice service add "$key" echo on
		before=$(dropped no-route)
		in_ns client1 ping -n -c 2 -i 0.2 -W 1 -I ${source%/*} \
			"$(vip $family 9)" >/dev/null
		assert_eq 2 $(($(dropped no-route) - ${before:-0})) \
			"drops counted, IPv$family"
		node sluice service del "$key"
	done
	_ip_in "$NODE" route del unreachable 10.77.0.0/16
	_ip_in "$NODE" route del unreachable fd00:77::/64
}

ktap_begin
run_setup set_up "services, one behind a router that refuses, are set up"
run_case closed_port "a backend's closed port refuses the client"
run_case refusing_router "a router on the way is heard"
run_case hop_limit "a packet out of hops is reported to its client"
run_case traceroute "a traceroute shows the routers, and the service at the end"
run_case path_mtu_to_the_client "a backend learns the MTU on the client's side"
run_case client_is_gone "a backend hears that a client is gone"
run_case echo_by_choice "an address answers echo requests by choice"
run_case echo_by_source_ranges "not to whom source ranges refuse"
run_case echo_by_policy "not to whom the policy denies it"
run_case echo_without_a_way_back "an answer without a way back is a drop"
# Last: with what a client has learned here it asks for small segments.
run_case path_mtu_to_the_backend "a client learns the MTU on the backend's side"
ktap_end
