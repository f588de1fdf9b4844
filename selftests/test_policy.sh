#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The policy: who may begin what, for packets that the node forwards, sends and
# receives, straight and by services.
# timeout: 300
# check: 6.12

. ./lib.sh
. ./policy.sh

set_up()
{
	load_module && topo_up 2 2 && outside_up outside &&
	servers_up backend1 backend2 client1 &&
	start_nginx "$NODE" node 8080 &&
	identities_up client1 client2 backend1 backend2
}

nothing_is_denied()
{
	assert_reaches client1 backend1 "$ALL"
	assert_eq 4 "$(json length flow show)" "flows"
}

isolated_receiver()
{
	policy set 2001 isolate ingress || return
	assert_reaches client1 backend1 ""
	assert_reaches client1 backend2 "$ALL"
	assert_reaches backend1 client1 "$ALL"
	assert_between 4 100 "$(dropped policy-isolation)" drops
}

# Its own node asks a pod whether it is well.
node_and_its_pods()
{
	assert_reaches "$NODE" backend1 "$ALL"
	policy set 2001 isolate both
	assert_eq node "$(web backend1 192.0.2.1 8080)" "a pod reaches its node"
	node sluice node set policy-node-traffic judge
	assert_reaches "$NODE" backend1 ""
	assert_eq "" "$(web backend1 192.0.2.1 8080)" "a pod that is judged"
	node sluice node set policy-node-traffic allow
	policy set 2001 isolate ingress
}

heard()
{
	stat -c %s /tmp/ticks
}

has_heard()
{
	(($(heard) > $1))
}

# What it has begun before there were rules, or flows: of which the pod's packets
# come first.
node_hears_on()
{
	local family

	policy flush
	spawn backend1 ./progs/talk serve 9005 100
	wait_for 10 is_listening backend1 9005
	for family in 4 6; do
		# shellcheck disable=SC2016 # for the other shell
		spawn "$NODE" bash -c 'exec cat < "/dev/tcp/$0/9005"' \
			"$(pod $family backend1)" > /tmp/ticks
		assert_ok wait_for 10 has_heard 0
		node sluice flow flush
		assert_ok wait_for 10 has_heard $(($(heard) + 20))
		policy set 2001 isolate ingress
		assert_ok wait_for 10 has_heard $(($(heard) + 20))
		node sluice flow flush
		assert_ok wait_for 10 has_heard $(($(heard) + 20))
		kill $!
		policy flush
	done
	policy set 2001 isolate ingress
}

# The node has an identity for IPv4, as pods of the host's network have it: what is
# said of it holds, whatever its pods are to let in.
node_with_an_identity()
{
	node sluice identity add 192.0.2.1 id 500 &&
	node sluice identity add 10.244.0.1 id 500 &&
	policy set 500 isolate both || return
	assert_reaches "$NODE" backend1 "tcp6 udp6"
	assert_eq "" "$(web backend1 192.0.2.1 8080)" "who reaches it"
	policy add from 500 to 2001 udp $DNS allow
	policy add to 500 from 2001 tcp 8080 allow
	assert_reaches "$NODE" backend1 "tcp6 udp4 udp6"
	assert_reaches "$NODE" backend2 "tcp6 udp6"
	assert_eq node "$(web backend1 192.0.2.1 8080)" "who may"
	assert_eq "" "$(web client1 192.0.2.1 8080)" "who may not"
	# As a peer
	policy del from 500 to 2001 udp $DNS
	policy set 500 isolate ingress
	node sluice node set policy-node-traffic judge
	assert_reaches "$NODE" backend1 ""
	policy add to 2001 from 500 tcp $WEB allow
	assert_reaches "$NODE" backend1 tcp4
	node sluice node set policy-node-traffic allow
	policy flush
	node sluice identity del 192.0.2.1 id 500
	node sluice identity del 10.244.0.1 id 500
	policy set 2001 isolate ingress
}

rules_allow()
{
	policy add to 2001 from 1001 tcp $WEB allow || return
	assert_reaches client1 backend1 "tcp4 tcp6"
	assert_reaches client2 backend1 ""
	policy add to 2001 from any udp $DNS allow
	assert_reaches client1 backend1 "$ALL"
	assert_reaches client2 backend1 "udp4 udp6"
}

# Who has no identity is one of "any", and of "unknown".
strangers()
{
	assert_eq backend1 "$(dns outside "$(pod4 backend1)")" "from any"
	policy del to 2001 from any udp $DNS
	assert_eq lost "$(dns outside "$(pod4 backend1)")" "from nobody known"
	policy add to 2001 from unknown udp $DNS allow
	assert_eq backend1 "$(dns outside "$(pod4 backend1)")" "from unknown"
	assert_reaches client2 backend1 ""
	policy del to 2001 from unknown udp $DNS
	policy add to 2001 from any udp $DNS allow
}

senders()
{
	policy set 1002 isolate egress || return
	assert_reaches client2 backend2 ""
	policy add from 1002 to 2002 udp $DNS allow
	assert_reaches client2 backend2 "udp4 udp6"
	# Both ends have to allow it.
	policy add from 1002 to 2001 allow
	assert_reaches client2 backend1 "udp4 udp6"
}

tiers()
{
	policy add to 2001 from any deny tier admin priority 10
	assert_reaches client1 backend1 ""
	policy add to 2001 from 1001 allow tier admin priority 9
	assert_reaches client1 backend1 "$ALL"
	policy add to 2001 from 1001 tcp pass tier admin priority 8
	assert_reaches client1 backend1 "$ALL"
	policy del to 2001 from 1001 tcp $WEB
	assert_reaches client1 backend1 "udp4 udp6"
	policy add to 2001 from 1001 tcp $WEB allow
	policy del to 2001 from any tier admin priority 10
	policy del to 2001 from 1001 tier admin priority 9
	policy del to 2001 from 1001 tcp tier admin priority 8
}

# What holds for an address is what holds for the identities it has.
many_identities()
{
	policy add to 2001 from 70 tcp $WEB allow
	node sluice identity add 10.244.1.0/24 except 10.244.1.2 id 70
	node sluice identity add fd00:10:244::1:0/112 id 70
	policy del to 2001 from 1001 tcp $WEB
	assert_reaches client1 backend1 "$ALL"
	assert_eq "" "$(web client2 "$(pod4 backend1)")" "but for an except"
	node sluice identity replace "$(pod4 client1)" id 1001 exclusive on
	assert_reaches client1 backend1 "tcp6 udp4 udp6"
	node sluice identity replace "$(pod4 client1)" id 1001
	node sluice identity del 10.244.1.0/24 id 70
	node sluice identity del fd00:10:244::1:0/112 id 70
	policy del to 2001 from 70 tcp $WEB
	policy add to 2001 from 1001 tcp $WEB allow
}

# The policy sees the backend, and the client as it is before masquerading.
by_services()
{
	local family key

	for family in 4 6; do
		for key in $WEB/tcp $DNS/udp; do
			node sluice service add "$(service $family $key)" \
				masquerade always &&
			node sluice backend add "$(service $family $key)" \
				"$(backend $family 1 ${key%/*})" || return
		done
		assert_eq backend1 "$(web client1 "$(url $family "$(vip $family)")")" \
			"client1 by the service, IPv$family"
		assert_eq "" "$(web client2 "$(url $family "$(vip $family)")")" \
			"client2 by the service, IPv$family"
		assert_eq backend1 "$(dns client2 "$(vip $family)")" \
			"client2 UDP, IPv$family"
		assert_eq backend1 "$(web "$NODE" "$(url $family "$(vip $family)")")" \
			"the node, IPv$family"
	done
	node sluice service flush
}

fragments()
{
	assert_eq backend1 "$(dns client1 "$(pod4 backend1)" -s 4000)" IPv4
	assert_eq backend1 "$(dns client1 "$(pod6 backend1)" -s 4000)" IPv6
	policy replace to 2001 from any udp $DNS deny
	assert_eq lost "$(dns client1 "$(pod4 backend1)" -s 4000)" "IPv4 denied"
	assert_eq lost "$(dns client1 "$(pod6 backend1)" -s 4000)" "IPv6 denied"
	policy replace to 2001 from any udp $DNS allow
}

# answers FROM TO IDENTIFIER
answers()
{
	in_ns "$1" ping -nq -c 1 -W $((SLOW)) -e "$3" "$2" >/dev/null
}

# A ping in the other direction is another one, whatever its identifier is.
echo_requests()
{
	local family type

	policy set 2001 isolate both
	for family in 4 6; do
		type="icmp 8"
		[[ $family == 4 ]] || type="icmpv6 128"
		assert_fails answers client1 "$(pod $family backend1)" 77
		# shellcheck disable=SC2086 # two words
		policy add to 2001 from 1001 $type allow
		assert_ok answers client1 "$(pod $family backend1)" 77
		assert_fails answers client2 "$(pod $family backend1)" 77
		assert_fails answers backend1 "$(pod $family client1)" 77
	done
	policy set 2001 isolate ingress
}

# The node answers for a service, if the client may ask that address.
echo_of_services()
{
	local family type

	for family in 4 6; do
		type="icmp 8"
		[[ $family == 4 ]] || type="icmpv6 128"
		node sluice service add "$(service $family $WEB/tcp)" echo on
		assert_ok answers client1 "$(vip $family)" 78
		policy set 1001 isolate egress
		assert_fails answers client1 "$(vip $family)" 78
		# shellcheck disable=SC2086 # two words
		policy add from 1001 to unknown $type allow
		assert_ok answers client1 "$(vip $family)" 78
		# shellcheck disable=SC2086 # two words
		policy del from 1001 to unknown $type
		policy set 1001 isolate none
	done
	node sluice service flush
}

# A connection's errors come with it; others are judged as what they are.
icmp_errors()
{
	policy set 1001 isolate both
	policy add from 1001 to 2001 allow
	policy add to 2001 from 1001 udp 7777 allow
	assert_eq refused "$(in_ns client1 ./progs/udp ask -t 700 "$(pod4 backend1)" 7777)" \
		"IPv4 port unreachable"
	assert_eq refused "$(in_ns client1 ./progs/udp ask -t 700 "$(pod6 backend1)" 7777)" \
		"IPv6 port unreachable"
	policy del from 1001 to 2001
	policy del to 2001 from 1001 udp 7777
	policy set 1001 isolate none
}

# tunnel_up NAMESPACE OWN PEER INNER: IPIP
tunnel_up()
{
	ip -n "$1" link add tun0 type ipip local "$2" remote "$3" &&
	ip -n "$1" link set tun0 up &&
	ip -n "$1" addr add "$4" dev tun0
}

# Protocols without ports have connections, too: who begins may be answered.
other_protocols()
{
	modprobe ipip || return
	tunnel_up client1 "$(pod4 client1)" "$(pod4 backend1)" 10.9.9.1/24
	tunnel_up backend1 "$(pod4 backend1)" "$(pod4 client1)" 10.9.9.2/24
	policy set 2001 isolate both
	assert_fails answers client1 10.9.9.2 5
	policy add to 2001 from 1001 proto 4 allow
	assert_ok answers client1 10.9.9.2 5
	node sluice flow flush
	assert_fails answers backend1 10.9.9.1 5
	policy del to 2001 from 1001 proto 4
	policy set 2001 isolate ingress
	ip -n client1 link del tun0
	ip -n backend1 link del tun0
	modprobe -r ipip
}

nothing_is_left()
{
	policy flush && node sluice identity flush || return
	assert_reaches client1 backend1 "$ALL"
	assert_eq "0 0 0" "$(json '"\(.identities) \(.rules) \(.flow_buckets)"' stats show)" \
		"an idle module has no tables"
}

ktap_begin
run_setup set_up "pods have identities"
run_case nothing_is_denied "without rules everything may pass, and is kept"
run_case isolated_receiver "who is isolated is not reached, and answered"
run_case node_and_its_pods "a node and its pods reach each other, unless they are judged"
run_case node_hears_on "what a node has begun before goes on"
run_case node_with_an_identity "a node that has an identity is judged as any other"
run_case rules_allow "rules allow by peer, protocol and port"
run_case strangers "who has no identity is unknown"
run_case senders "who sends needs to be allowed, too"
run_case tiers "tiers and priorities decide in their order"
run_case many_identities "an address has the identities of all its prefixes"
run_case by_services "by a service it is the backend and the client that count"
run_case fragments "fragments are judged as a whole"
run_case echo_requests "echo requests are one-way"
run_case echo_of_services "so are those that the node answers for a service"
run_case icmp_errors "ICMP errors belong to their connection"
run_case other_protocols "other protocols are answered, too"
run_case nothing_is_left "without rules and identities everything is as before"
ktap_end
