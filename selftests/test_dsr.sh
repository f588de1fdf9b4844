#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Direct server return: who gets what, by which way; flows and their ends; what
# is refused, explained and reported. See dsr.sh for the topology.
# timeout: 900
# check: 7.3

. ./lib.sh
. ./dsr.sh

l2()
{
	reaches_all client1 $L2 "$BOTH"
}

tunnel()
{
	reaches_all client1 $TUNNEL "$BOTH"
}

far()
{
	reaches_all client1 $FAR "backend3=4"
}

# Routers choose among paths of equal cost by the outer header: each flow has
# a label of its own.
flow_labels()
{
	in_ns backend1 nft -f - <<-END
		table ip6 outer {
			set labels {
				typeof ip6 flowlabel
				size 64
				flags dynamic
			}
			chain prerouting {
				type filter hook prerouting priority -300;
				ip6 nexthdr 41 add @labels { ip6 flowlabel }
			}
		}
	END
	assert_eq backend1=4 "$(ask_often client1 6 $FRESH)"
	assert_eq 4 "$(in_ns backend1 nft -j list set ip6 outer labels |
		jq '[.nftables[].set.elem // [] | .[] | select(. != 0)] |
			length')" "labels of four flows"
	in_ns backend1 nft delete table ip6 outer
}

# What the node knows of what it sees one side of
flows_are_shown()
{
	local family udp tcp counters='.counters | "\(.in_packets) \(.out_packets)"'

	for family in 4 6; do
		udp=("$family" "$PORT/udp" "$L2") tcp=("$family" 80/tcp "$TUNNEL")
		node sluice flow flush
		ask client1 $family $L2 -p 700$family >/dev/null
		assert_eq unreplied "$(one_flow "${udp[@]}" .state)" \
			"one packet, IPv$family"
		ask client1 $family $L2 -p 700$family -c 3 >/dev/null
		assert_eq established "$(one_flow "${udp[@]}" .state)" \
			"some packets, IPv$family"
		assert_between 100000 120000 \
			"$(one_flow "${udp[@]}" .timeout)" timeout
		assert_eq "4 0" "$(one_flow "${udp[@]}" "$counters")" \
			"one side, IPv$family"
		assert_match "^l2 ($(pod $family backend1)|$(pod $family \
			backend2)) $PORT\$" \
			"$(one_flow "${udp[@]}" '"\(.forward) \(.backend)"' |
				sed 's/\(.*\):/\1 /; s/[][]//g')" "IPv$family"
		assert_eq "$(pod $family client1) 700$family" \
			"$(http_get client1 "$(url $family $TUNNEL from)" \
			   --local-port 700$family)" \
			"what the backend sees, IPv$family"
		assert_eq "tunnel established" "$(one_flow "${tcp[@]}" \
			'"\(.forward) \(.state)"')" "TCP, IPv$family"
		# half closed by the client's FIN
		assert_between 100000 120000 \
			"$(one_flow "${tcp[@]}" .timeout)" "after the end"
	done
}

tcp_is_established()
{
	local family

	for family in 4 6; do
		spawn client1 bash -c "exec 3<>/dev/tcp/$(vip $family $L2)/80
			sleep 60"
		is_established() {
			[[ $(json '.[].timeout' flow show \
				service "$(service $family 80/tcp $L2)" |
				sort -n | tail -n 1) -gt 800000 ]]
		}
		assert_ok wait_for 10 is_established
		assert_eq 0 "$(json '[.[] | select(.timeout > 900000)] |
			length' flow show)" "more than 15 minutes, IPv$family"
		kill $!
	done
}

hop_limit()
{
	local family n

	for family in 4 6; do
		for n in $L2 $TUNNEL; do
			assert_eq unreachable "$(ask client1 $family $n -l 2)" \
				"ends at the node, service $n, IPv$family"
			assert_match '^backend[12]$' \
				"$(ask client1 $family $n -l 3)" \
				"service $n, IPv$family"
		done
	done
}

# In and out by one device; only the node knows the shorter way.
client_beside_the_backends()
{
	local i

	for i in 1 2; do
		reaches_all near $L2 "$BOTH"
		reaches_all near $TUNNEL "$BOTH"
	done
	assert_eq 0 "$(snmp near IcmpInRedirects)" "redirects, IPv4"
	assert_eq 0 "$(snmp near Icmp6InRedirects)" "redirects, IPv6"
}

backends_drain_and_go()
{
	local family key first other

	for family in 4 6; do
		key=$(service $family $PORT/udp $L2)
		open_socket ask client1 $family $L2 -p 700$family
		first=$(next)
		assert_match '^backend[12]$' "$first"
		other=backend$((3 - ${first#backend}))
		node sluice backend set "$key" \
			"$(backend $family "${first#backend}" $PORT)" \
			state draining
		assert_eq "$first" "$(next)" "keeps its flow, IPv$family"
		assert_eq "$other=4" "$(ask_often client1 $family $L2)" \
			"new ones, IPv$family"
		node sluice backend del "$key" \
			"$(backend $family "${first#backend}" $PORT)"
		assert_eq "$other" "$(next)" "gone, IPv$family"
		node sluice backend add "$key" \
			"$(backend $family "${first#backend}" $PORT)"
		close_socket
	done
}

# What goes to backends as it is, is judged by their addresses all the same, and
# one socket's flow stops and goes on, though the node sees one side of it only.
policy_is_live()
{
	local family n key was

	for family in 4 6; do
		node sluice identity add "$(pod $family client1)" id 1001
		node sluice identity add "$(pod $family backend1)" id 2001
		node sluice identity add "$(pod $family backend2)" id 2001
		for n in $L2 $TUNNEL; do
			key="service $n, IPv$family"
			open_socket ask client1 $family $n -p 710$family
			assert_match '^backend[12]$' "$(next)" "$key"
			was=$(dropped policy-rule)
			assert_ok node sluice policy add to 2001 from 1001 deny \
				tier admin
			assert_eq lost "$(next)" "denied, $key"
			assert_eq 1 $(($(dropped policy-rule) - ${was:-0})) \
				"dropped, $key"
			assert_status 28 in_ns client1 curl -gs --max-time \
				$((2 * SLOW)) "$(url $family $n)"
			assert_match '^backend[12]$' "$(ask near $family $n)" \
				"somebody else, $key"
			node sluice policy del to 2001 from 1001 tier admin
			assert_match '^backend[12]$' "$(next)" "allowed, $key"
			node sluice policy set 1001 isolate egress
			assert_eq lost "$(next)" "isolated, $key"
			node sluice policy flush
			assert_match '^backend[12]$' "$(next)" "free, $key"
			close_socket
		done
		node sluice identity flush
	done
}

removal_resets()
{
	local family key

	for family in 4 6; do
		key=$(service $family 7300/tcp $OTHER)
		spawn backend1 ./progs/talk serve 7300
		wait_for 10 is_listening backend1 7300
		add_service $family 7300/tcp $OTHER l2 1
		rm -f /tmp/dsr-go /tmp/dsr-first
		mkfifo /tmp/dsr-go
		spawn client1 bash -c "exec 3<>/dev/tcp/$(vip $family $OTHER)/7300
			echo once >&3; head -n 1 <&3 >/tmp/dsr-first
			read </tmp/dsr-go; echo twice >&3; cat <&3" 2>/tmp/dsr-heard
		assert_ok wait_for 10 test -s /tmp/dsr-first
		node sluice backend del "$key" "$(backend $family 1 7300)"
		echo >/tmp/dsr-go
		wait_for 10 grep -q 'reset by peer' /tmp/dsr-heard
		assert_match 'reset by peer' "$(cat /tmp/dsr-heard)" \
			"the client, IPv$family"
		assert_ok wait_for 10 is_free backend1 7300
		node sluice service del "$key"
	done
}

# What has begun goes on as it has begun.
change_of_mode()
{
	local family key how before

	for family in 4 6; do
		key=$(service $family $PORT/udp $OTHER)
		# answers do not come back by the node otherwise
		add_service $family $PORT/udp $OTHER nat 1
		node sluice service set "$key" masquerade always
		before=nat
		for how in l2 tunnel nat; do
			node sluice flow flush
			open_socket ask client1 $family $OTHER -p 700$family
			assert_eq backend1 "$(next)" "$before, IPv$family"
			assert_ok node sluice service set "$key" forward $how
			assert_eq backend1 "$(next)" "goes on, IPv$family"
			assert_eq "$before=1" "$(how_many "$key")" "as before"
			assert_eq backend1=4 \
				"$(ask_often client1 $family $OTHER)" \
				"new flows by $how, IPv$family"
			assert_match "(^| )$before=1( |\$)" "$(how_many "$key")"
			assert_match "(^| )$how=4( |\$)" "$(how_many "$key")"
			close_socket
			before=$how
		done
		node sluice service del "$key"
	done
}

explained()
{
	local family client

	for family in 4 6; do
		client=$(pod $family client1)
		assert_eq "l2 service" "$(outcome $family "$client" 99 $L2)"
		assert_eq "tunnel service" \
			"$(outcome $family "$client" 99 $TUNNEL)"
		ask client1 $family $TUNNEL -p 700$family >/dev/null
		assert_eq "tunnel flow" \
			"$(outcome $family "$client" 700$family $TUNNEL)"
		explained_by_the_way $family "$client"
	done
}

# As packets fare: without a route, and where the backend is the node itself
explained_by_the_way()
{
	local how key

	key=$(service "$1" $PORT/udp $OTHER)
	for how in l2 tunnel; do
		node sluice service add "$key" forward $how
		node sluice backend add "$key" \
			"$(at "$1" "$(on_segment "$1" node)" $PORT)"
		assert_eq "pass service" "$(outcome "$1" "$2" 99 $OTHER)" \
			"$how, here, IPv$1"
		node sluice service del "$key"

		add_service "$1" $PORT/udp $OTHER $how 1
		ask client1 "$1" $OTHER -p "701$1" >/dev/null
		assert_eq "$how flow" "$(outcome "$1" "$2" "701$1" $OTHER)"
		_ip_in "$NODE" route add unreachable "$(pod "$1" backend1)"
		assert_eq "drop service" "$(outcome "$1" "$2" 99 $OTHER)" \
			"$how, no route, IPv$1"
		assert_eq "drop flow" "$(outcome "$1" "$2" "701$1" $OTHER)" \
			"$how, no route any more, IPv$1"
		assert_eq lost "$(ask client1 "$1" $OTHER -p "701$1" -t 300)" \
			"$how, packets, IPv$1"
		_ip_in "$NODE" route del unreachable "$(pod "$1" backend1)"
		assert_eq backend1 "$(ask client1 "$1" $OTHER -p "701$1")" \
			"$how, there again, IPv$1"
		node sluice service del "$key"
	done
}

same_port_only()
{
	local key says="backends? must have the service's port"

	key=$(service 4 7400/udp $OTHER)
	node sluice service add "$key"
	node sluice backend add "$key" "$(backend 4 1 7401)"
	assert_match "$says" "$(node sluice service set "$key" forward l2 2>&1)" \
		"the mode"
	assert_match "$says" \
		"$(node sluice service set "$key" forward tunnel 2>&1)" "the mode"
	assert_eq nat "$(json '.[0].forward' service show "$key")" "as it was"
	node sluice backend replace-all "$key" "$(backend 4 1 7400)"
	assert_ok node sluice service set "$key" forward l2
	assert_match "$says" \
		"$(node sluice backend add "$key" "$(backend 4 2 7401)" 2>&1)" \
		"the backend"
	assert_eq 1 "$(json length backend show "$key")" "as before"
	assert_match "line 2:.*$says" "$(node sluice restore --noflush 2>&1 <<-END
		service add $key forward tunnel
		backend add $key $(backend 4 2 7402)
	END
	)" "a transaction"
	assert_ok node sluice service set "$key" forward nat
	assert_ok node sluice backend add "$key" "$(backend 4 2 7401)"
	assert_match "line 2:.*$says" "$(node sluice restore --noflush 2>&1 <<-END
		service add $(service 4 7499/udp $OTHER)
		service add $key forward tunnel
		service add $(service 4 7498/udp $OTHER)
	END
	)" "what only its end shows"
	assert_ok node sluice backend del "$key" "$(backend 4 2 7401)"
	assert_ok node sluice service set "$key" forward l2
	assert_ok node sluice restore --noflush <<-END
		service add $key
		backend add $key $(backend 4 2 7402)
	END
	assert_match "^service add $(service 4 80/tcp $L2) .*forward l2" \
		"$(node sluice save | grep "^service add $(service 4 80/tcp $L2)")"
	node sluice service del "$key"
}

no_route()
{
	local family key before

	_ip_in "$NODE" route add unreachable 10.244.99.0/24
	_ip_in "$NODE" route add unreachable fd00:10:244::99:0/112
	for family in 4 6; do
		key=$(service $family $PORT/udp $OTHER)
		node sluice service add "$key" forward tunnel
		case $family in
		4)	node sluice backend add "$key" 10.244.99.1:$PORT ;;
		6)	node sluice backend add "$key" "[fd00:10:244::99:1]:$PORT" ;;
		esac
		before=$(dropped no-route)
		assert_eq lost "$(ask client1 $family $OTHER -t 300)" \
			"nothing comes, IPv$family"
		assert_eq 1 $(($(dropped no-route) - before)) \
			"counted, IPv$family"
		assert_eq 1 "$(json '.[0].counters.drops' \
			service show "$key")" "by the service, IPv$family"
		node sluice service del "$key"
	done
}

ktap_begin
run_setup set_up "services that forward packets unchanged are set up"
run_case l2 "a backend on the segment answers straight to the client"
run_case tunnel "and one at the end of a tunnel"
run_case far "which may be far away"
run_case flow_labels "in which flows can be told apart from outside"
run_case flows_are_shown "flows say who has them, and how"
run_case tcp_is_established "a connection of which one side is seen is established"
run_case hop_limit "a packet out of hops is reported to its client"
run_case client_beside_the_backends "a client beside the backends is not told a shorter way"
run_case backends_drain_and_go "a draining backend keeps flows, one that goes does not"
run_case policy_is_live "policy is about the backends, and live"
run_case removal_resets "a connection whose backend is removed is reset"
run_case change_of_mode "a change of the mode concerns new flows"
run_case explained "what would become of a packet is explained"
run_case same_port_only "backends need the service's port"
run_case no_route "a backend without a route is reported"
ktap_end
