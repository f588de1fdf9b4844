#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Masquerading: who gets the node's address, that the answers find their way
# back, and that nobody's packets are taken for somebody else's.
# check: 6.1 7.3
# timeout: 300

. ./lib.sh

PORT=5353
CLOSED=5354

set_up()
{
	local i

	load_module && topo_up 2 2 || return
	for i in 1 2; do
		start_udp backend$i backend$i $PORT || return
		start_nginx backend$i backend$i || return
	done
	services_up $PORT/udp 1 && services_up 80/tcp 1 || return
	services_up $CLOSED/udp 1
}

# each_service FAMILY VERB-AND-OPTIONS...
set_services()
{
	local family=$1 key

	shift
	for key in $PORT/udp $CLOSED/udp 80/tcp; do
		node sluice service set "$(service "$family" $key)" "$@" || return
	done
}

# seen_by_backend NAMESPACE FAMILY [CURL-OPTION...]: the client's address and
# port as the backend sees them
seen_by_backend()
{
	local ns=$1 family=$2

	shift 2
	http_get "$ns" "http://$(at "$family" "$(vip "$family")" 80)/from" "$@"
}

pod_reaches_itself()
{
	local family

	for family in 4 6; do
		assert_eq backend1 "$(udp_ask backend1 $family $PORT)" \
			"UDP, IPv$family"
		assert_match "^$(masquerade $family) " \
			"$(seen_by_backend backend1 $family)" "TCP, IPv$family"
		assert_match "^$(pod $family client1) " \
			"$(seen_by_backend client1 $family)" \
			"others keep their address, IPv$family"
	done
}

# From the port that it listens on itself
pod_reaches_itself_from_the_same_port()
{
	spawn backend1 ./progs/udp serve 7100 self
	wait_for 10 _is_bound backend1 7100
	node sluice service add "$(service 4 7200/udp)"
	node sluice backend add "$(service 4 7200/udp)" "$(backend 4 1 7100)"
	assert_eq self "$(udp_ask backend1 4 7200)" "from any port"
	kill $!
	# Nobody listens now, and that is what is heard.
	assert_eq refused "$(udp_ask backend1 4 7200 -p 7100)" "from the same"
	node sluice service del "$(service 4 7200/udp)"
}

never_means_never()
{
	local family

	for family in 4 6; do
		set_services $family masquerade never
		assert_eq lost "$(udp_ask backend1 $family $PORT -t 500)" \
			"a pod and itself, UDP, IPv$family"
		assert_status 28 seen_by_backend backend1 $family \
			--connect-timeout 1	# curl has waited in vain
		assert_eq backend1 "$(udp_ask client1 $family $PORT)" \
			"others, UDP, IPv$family"
		assert_match "^$(pod $family client1) " \
			"$(seen_by_backend client1 $family)" \
			"others, TCP, IPv$family"
		set_services $family masquerade hairpin
	done
}

everybody_is_masqueraded()
{
	local family seen low

	low=$(node sysctl -n net.ipv4.ip_local_port_range | cut -f1)
	for family in 4 6; do
		set_services $family masquerade always
		assert_match '^backend1=9$' \
			"$(udp_ask client1 $family $PORT -c 9 | tally)" \
			"UDP, IPv$family"
		seen=$(seen_by_backend client1 $family)
		assert_eq "$(masquerade $family)" "${seen% *}" \
			"address, IPv$family"
		(( ${seen#* } < low || ${seen#* } > 60999 )) ||
			_assert_failed "a port no socket of the node gets" \
				"below $low" "${seen#* }"
		assert_eq backend1 "$(udp_ask "$NODE" $family $PORT)" \
			"the node itself, IPv$family"
	done
}

# parities_seen RANGE: the parities of those that a backend sees while the node's
# own sockets are given RANGE, each once
parities_seen()
{
	local range seen

	range=$(node sysctl -n net.ipv4.ip_local_port_range)
	node sysctl -qw net.ipv4.ip_local_port_range="$1"
	for _ in {1..24}; do
		seen=$(seen_by_backend client1 4)
		echo $((${seen#* } < 1024 ? -1 : ${seen#* } % 2))
	done | sort -u | xargs
	node sysctl -qw net.ipv4.ip_local_port_range="$range"
}

# A node may give its sockets all ports: connect() begins with those of the
# range's parity, flows have the others. A range of privileged ones takes none
# away.
ports_are_shared_with_the_node()
{
	set_services 4 masquerade always
	assert_eq 1 "$(parities_seen "1024 65535")" "odd ones"
	assert_eq 0 "$(parities_seen "1025 65535")" "even ones"
	node sysctl -qw net.ipv4.ip_unprivileged_port_start=0
	assert_eq "0 1" "$(parities_seen "500 1000")" "all of them"
	node sysctl -qw net.ipv4.ip_unprivileged_port_start=1024
}

one_client_port_many_services()
{
	local i answers

	for i in 2 3 4; do
		node sluice service add "$(service 4 $PORT/udp $i)" \
			masquerade always
		node sluice backend add "$(service 4 $PORT/udp $i)" \
			"$(backend 4 1 $PORT)"
	done
	answers=$(for i in 1 2 3 4; do
		in_ns client1 ./progs/udp ask -p 7777 "$(vip 4 $i)" $PORT
		in_ns client2 ./progs/udp ask -p 7777 "$(vip 4 $i)" $PORT
	done | tally)
	assert_eq backend1=8 "$answers" "to four services"
	assert_eq backend1 "$(in_ns client1 ./progs/udp ask -p 7777 \
		"$(pod 4 backend1)" $PORT)" "straight to the backend"
	answers=$(for i in 1 2 3 4; do
		in_ns client1 ./progs/udp ask -p 7777 "$(vip 4 $i)" $PORT
	done | tally)
	assert_eq backend1=4 "$answers" "to four services again"
	for i in 2 3 4; do
		node sluice service del "$(service 4 $PORT/udp $i)"
	done
}

# ask_from_ports ADDRESS...: one after the other, from each of client1's ports
# 7801 to 7812
ask_from_ports()
{
	# shellcheck disable=SC2016 # expanded there
	in_ns client1 bash -c 'for port in {7801..7812}; do
			for address; do
				./progs/udp ask -p $port "$address" "$0"
			done
		done' $PORT "$@"
}

# ports_given FAMILY N: those that the flows to service N have at the backend, in
# the order of the client's
ports_given()
{
	json "map(select(.orig.dst == \"$(service "$1" $PORT "$2")\")) |
		sort_by(.orig.src) | .[].reply.dst" flow show | sed 's/.*://'
}

# steps: between the numbers of standard input, how many are different
steps()
{
	awk 'NR > 1 { print $1 - last } { last = $1 }' | sort -u | wc -l
}

# Who knows one must not know the next: neither of masqueraded flows nor of those
# whose port another flow has with the same backend.
ports_cannot_be_told()
{
	local family n how=([2]=always [3]=hairpin)

	for family in 4 6; do
		for n in 2 3; do
			node sluice service add "$(service $family $PORT/udp $n)" \
				masquerade ${how[n]}
			node sluice backend add "$(service $family $PORT/udp $n)" \
				"$(backend $family 1 $PORT)"
		done
		assert_eq backend1=24 "$(ask_from_ports "$(vip $family 2)" \
			"$(vip $family 3)" | tally)" "answers, IPv$family"
		assert_between 9 11 "$(ports_given $family 2 | steps)" \
			"masqueraded, IPv$family"
		assert_between 9 11 "$(ports_given $family 3 | steps)" \
			"taken by another flow, IPv$family"
		for n in 2 3; do
			node sluice service del "$(service $family $PORT/udp $n)"
		done
	done
}

errors_find_the_client()
{
	local family

	node ip link set vbackend1 mtu 1300
	for family in 4 6; do
		assert_eq refused "$(udp_ask client1 $family $CLOSED)" \
			"refused, IPv$family"
		assert_eq "too big" \
			"$(udp_ask client1 $family $PORT -d -s 1400)" \
			"path MTU, IPv$family"
		assert_eq unreachable "$(udp_ask client1 $family $PORT -l 1)" \
			"hop limit, IPv$family"
	done
	node ip link set vbackend1 mtu 1500
}

# What conntrack makes of both directions must be one connection.
conntrack_is_content()
{
	node nft -f - <<-END
		table inet watch {
			chain forward {
				type filter hook forward priority 0;
				ct state invalid counter drop
				ct state established counter
			}
		}
	END
	assert_match "^$(masquerade 4) " "$(seen_by_backend client1 4)" TCP
	assert_match '^backend1=9$' "$(udp_ask client1 4 $PORT -c 9 | tally)" UDP
	assert_match 'invalid counter packets 0 ' \
		"$(node nft list table inet watch)" "invalid packets"
	assert_no_match 'established counter packets 0 ' \
		"$(node nft list table inet watch)" "established ones"
	node nft delete table inet watch
}

pods_keep_their_address()
{
	local family

	node sluice node set pod-prefixes 10.244.0.0/16,fd00:10:244::/64
	outside_up outside
	for family in 4 6; do
		set_services $family masquerade off-cluster
		assert_match "^$(pod $family client1) " \
			"$(seen_by_backend client1 $family)" "a pod, IPv$family"
		assert_match "^$(masquerade $family) " \
			"$(seen_by_backend outside $family)" \
			"somebody else, IPv$family"
	done
}

# Between pods nothing changes; what leaves for others leaves as the node's.
egress()
{
	local family address

	start_udp outside outside 9000
	node sluice node set egress-masquerade on
	for family in 4 6; do
		address=$(outside $family)
		_ip_in outside -"$family" route del default
		assert_eq outside \
			"$(in_ns client1 ./progs/udp ask $address 9000)" \
			"a pod, IPv$family"
		assert_eq outside "$(node ./progs/udp ask $address 9000)" \
			"the node, IPv$family"
		assert_eq unreachable \
			"$(in_ns client1 ./progs/udp ask -l 1 $address 9000)" \
			"errors, IPv$family"
		_ip_in outside "-$family" route add default \
			via "$(gateway $family)"
		assert_match '^backend2$' "$(http_get outside \
			"http://$(at $family "$(pod $family backend2)" 80)/")" \
			"from outside to a pod of no service, IPv$family"
		assert_match "^$(pod $family client1) " "$(http_get client1 \
			"http://$(at $family "$(pod $family backend2)" 80)/from")" \
			"between pods, IPv$family"
		# The backend of a service is no pod, and has no way back.
		_ip_in outside "-$family" route del default
		node sluice service add "$(service $family 9001/udp)"
		node sluice backend add "$(service $family 9001/udp)" \
			"$(at $family $address 9000)"
		assert_eq outside "$(udp_ask client1 $family 9001 -p 7400)" \
			"by a service, IPv$family"
		assert_eq outside "$(in_ns client1 ./progs/udp ask -p 7400 \
			$address 9000)" "and past it, IPv$family"
		assert_eq outside "$(udp_ask client1 $family 9001 -p 7400)" \
			"by it again, IPv$family"
		node sluice node set egress-masquerade off
		assert_match '^(lost|unreachable)$' \
			"$(in_ns client1 ./progs/udp ask -t 500 $address 9000)" \
			"off again, IPv$family"
		node sluice node set egress-masquerade on
	done
}

# hears_on: the pod's next words are heard
hears_on()
{
	local heard

	heard=$(wc -l < /tmp/heard)
	more_heard() { (($(wc -l < /tmp/heard) > heard)); }
	wait_for 10 more_heard
}

# lose_flows FAMILY WHAT: the pod is the first to send then
lose_flows()
{
	local i

	for i in 1 2 3 4; do
		hears_on || break
		node sluice flow flush
	done
	assert_ok hears_on
	assert_eq 0 "$(hidden_by "$1" "$(gateway "$1")")" "hidden, $2, IPv$1"
}

# What a pod says to somebody outside who has asked, and of which the node has
# lost the flow, is an answer all the same.
answers_of_lost_flows()
{
	local family pod retired listener

	node sluice node set egress-masquerade on
	spawn backend1 ./progs/talk serve 7400 200
	wait_for 10 is_listening backend1 7400
	for family in 4 6; do
		pod=$(pod $family backend1)
		_ip_in outside "-$family" route add default \
			via "$(gateway $family)"
		node sluice flow flush
		: > /tmp/heard
		spawn outside bash -c 'exec 3<> "/dev/tcp/$0/7400"
			exec cat <&3 >> /tmp/heard' "$pod"
		listener=$!
		lose_flows $family "without a policy" || return

		node sluice identity add "$pod" id 2001
		node sluice policy set 2001 isolate both
		node sluice policy add to 2001 from any tcp 7400 allow
		lose_flows $family "with one" || return
		retired=$(json .flows_retired stats show)
		node sluice policy add to 2001 from any tcp 7401 allow
		assert_ok hears_on
		node sluice policy del to 2001 from any tcp 7401
		assert_ok hears_on
		assert_eq "$retired" "$(json .flows_retired stats show)" \
			"flows begun anew, IPv$family"
		node sluice policy flush
		node sluice identity flush
		kill "$listener"
		_ip_in outside "-$family" route del default
	done
}

pings()
{
	local ns=$1

	shift
	in_ns "$ns" ping -n -q -W $((2 * SLOW)) "$@" | sed -n 's/.* \([0-9]*\) received.*/\1/p'
}

# Two pods with one identifier, a router that is heard, and what is too big
egress_of_echo()
{
	local family outside

	for family in 4 6; do
		node sluice flow flush
		outside=$(outside $family)
		assert_eq "2 2" "$(pings client1 -c 2 -e 4242 "$outside") $(
			pings client2 -c 2 -e 4242 "$outside")" "IPv$family"
		assert_eq "$outside" "$(json ".[] |
			select(.orig.src | endswith(\":4242\")) |
			.reply.src | sub(\":0$\"; \"\") | gsub(\"[][]\"; \"\")" \
			flow show | uniq)" "flows, IPv$family"
		assert_eq 1 "$(pings client1 -c 1 -s 4000 "$outside")" \
			"fragments, IPv$family"
		assert_match 'xceeded|limit' "$(in_ns client1 ping -n -c 1 -t 1 \
			-W $((2 * SLOW)) "$outside")" "errors, IPv$family"
		assert_eq 1 "$(pings "$NODE" -c 1 "$outside")" \
			"the node itself, IPv$family"
		assert_eq 1 "$(pings client1 -c 1 "$(pod $family backend2)")" \
			"between pods, IPv$family"
		_ip_in outside "-$family" route add default \
			via "$(gateway $family)"
		assert_eq 1 "$(pings outside -c 1 "$(pod $family client1)")" \
			"from outside to a pod, IPv$family"
		_ip_in outside "-$family" route del default
	done
}

# no_ports FAMILY: datagrams that came to client1 and found no socket
no_ports()
{
	case $1 in
	4)	snmp client1 UdpNoPorts ;;
	6)	snmp client1 Udp6NoPorts ;;
	esac
}

# hidden_by FAMILY ADDRESS: flows that have it as their source
hidden_by()
{
	json "[.[] | select(.reply.dst | startswith(\"$(at "$1" "$2" '')\"))] |
		length" flow show
}

# Nobody replies to an address that is gone.
address_goes()
{
	local family old new was=([4]=24 [6]=64) is=([4]=25 [6]=64)

	for family in 4 6; do
		old=$(gateway $family)
		new=${old%1}9
		open_socket in_ns client1 ./progs/udp ask "$(outside $family)" 9000
		assert_eq outside "$(next)" "before, IPv$family"
		assert_ne 0 "$(hidden_by $family "$old")" "masqueraded, IPv$family"
		_ip_in "$NODE" addr add "$new/${is[family]}" dev voutside
		_ip_in "$NODE" addr del "$old/${was[family]}" dev voutside
		all_gone() { [[ $(hidden_by $family "$old") == 0 ]]; }
		assert_ok wait_for 10 all_gone
		assert_eq outside "$(next)" "after, IPv$family"
		_ip_in "$NODE" addr add "$old/${was[family]}" dev voutside
		_ip_in "$NODE" addr del "$new/${is[family]}" dev voutside
		close_socket
	done
}

# A backend that speaks first from its service's address, or who forges that,
# has no flow in which the client's packets to the service would be lost.
services_are_not_hidden()
{
	local family client before port=7600 bits=([4]=32 [6]=128)

	for family in 4 6; do
		client=$(pod $family client1)
		_ip_in outside addr add "$(vip $family)/${bits[family]}" dev lo
		_ip_in outside "-$family" route add "$client" \
			via "$(gateway $family)" src "$(vip $family)"
		before=$(no_ports $family)
		in_ns outside ./progs/udp ask -p $PORT -t 100 "$client" $port \
			>/dev/null
		assert_eq 1 $(($(no_ports $family) - before)) \
			"the client gets it, IPv$family"
		assert_match '^backend' \
			"$(udp_ask client1 $family $PORT -p $port)" \
			"the service answers, IPv$family"
		_ip_in outside "-$family" route del "$client"
		_ip_in outside addr del "$(vip $family)/${bits[family]}" dev lo
	done
}

# The last service goes, the pods go on as before.
egress_without_services()
{
	node sluice service flush
	assert_eq outside "$(in_ns client1 ./progs/udp ask 198.51.100.2 9000)"
	node sluice node set egress-masquerade off
	assert_eq 0 "$(json .flow_buckets stats show)" "nothing is left"
}

ktap_begin
run_setup set_up "services are set up"
run_case pod_reaches_itself "a pod reaches itself through its service"
run_case pod_reaches_itself_from_the_same_port "from any of its ports"
run_case never_means_never "unless that is not wished"
run_case everybody_is_masqueraded "all clients get the node's address, and answers"
run_case ports_are_shared_with_the_node "with ports that the node's sockets get last, if it has all"
run_case one_client_port_many_services "one client port speaks to many services of one backend"
run_case ports_cannot_be_told "ports that flows are given cannot be told beforehand"
run_case errors_find_the_client "ICMP errors find the masqueraded client"
run_case conntrack_is_content "conntrack sees whole connections"
run_case pods_keep_their_address "off-cluster: only who is no pod is masqueraded"
run_case egress "what pods send out of the cluster gets the node's address"
run_case answers_of_lost_flows "what pods answer keeps its source, whatever is lost"
run_case egress_of_echo "pings, too"
run_case address_goes "an address of the node goes, and its flows with it"
run_case services_are_not_hidden "packets from a service's address hide no service"
run_case egress_without_services "with and without services"
ktap_end
