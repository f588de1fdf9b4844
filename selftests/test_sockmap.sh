#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Mode sockmap: sockets of one pod, and of two pods as far as the module allows it,
# give each other what they send. What differs from TCP is known, what is changed
# holds from the next message on, and connections outlive all of it.
# check: 6.1 7.3
# timeout: 1500

. ./lib.sh
. ./fastpath.sh
. ./same_node.sh

export NODE=node

# What the documentation says to differ, see Documentation/local.rst
KNOWN="hops|blocked reader|close with unread data|killed|MSG_PEEK|MSG_WAITALL|MSG_TRUNC|queues|stopped reader|stopped reader, blocking|TCP_CORK|sendfile|splice|streams|TCP_INFO|IPV6_ADDRFORM"

enable()
{
	sluice local enable mode sockmap node "$@"
}

disable()
{
	sluice local disable mode sockmap
}

# mode FILTER: of what is enabled, as jq has it
mode()
{
	sluice -s -j local show 2>/dev/null |
		jq -r ".[] | select(.state == \"enabled\") | $1"
}

messages()
{
	mode .messages
}

# by_tcp REASON: sockets that went over to TCP for it
by_tcp()
{
	mode ".by_tcp[] | select(.reason == \"$1\") | .sockets"
}

attach_pods()
{
	node sluice device add vclient1 && node sluice device add vbackend1
}

set_up()
{
	load_module && topo_up 1 1 && start_nginx backend1 backend1 &&
	services_up 80/tcp 1 && service_up 4 $PORT/tcp 1 &&
	service_up 6 $PORT/tcp 1 || return
	spawn backend1 ./progs/talk serve $PORT
	wait_for 10 is_listening backend1 $PORT && attach_pods && enable
}

# converse_past ADDRESS [NAMESPACE]: a conversation past TCP. An end that sends before
# the other has heard that the connection stands stays with TCP, which on a machine
# that has no time may happen.
converse_past()
{
	local before

	for _ in {1..5}; do
		before=$(messages)
		converse "$@"
		say 1
		(($(messages) - before < 4)) || return 0
		close_socket
	done
	t_diag "never past TCP: $(mode .by_tcp)"
	converse "$@"
}

# by_messages COUNT: so many lines, and all that is said goes past TCP
by_messages()
{
	local before

	before=$(messages)
	say "$1"
	assert_eq $((2 * $1)) $(($(messages) - before)) "messages past TCP"
}

by_segments()
{
	local before

	before=$(messages)
	say "$1"
	assert_eq "$before" "$(messages)" "messages past TCP"
}

# ----------------------------------------------------------------------- who talks

by_service()
{
	local family before

	for family in 4 6; do
		converse_past "$(vip "$family")"
		before=$(statistic client1 eth0 tx_packets)
		by_messages 20
		assert_between 0 2 \
			$(($(statistic client1 eth0 tx_packets) - before)) \
			"packets"
		close_socket
	done
}

pod_to_pod()
{
	local address

	for address in "$(pod 4 backend1)" "$(pod 6 backend1)" \
			"::ffff:$(pod 4 backend1)"; do
		converse_past "$address"
		by_messages 5
		close_socket
	done
}

within_a_pod()
{
	local address

	for address in 127.0.0.1 ::1 "$(pod 4 backend1)"; do
		converse_past "$address" backend1
		by_messages 5
		close_socket
	done
}

# A side-car has the pod's connections redirected to itself.
redirected()
{
	in_ns backend1 nft -f - <<-END || return
		table ip sidecar {
			chain output {
				type nat hook output priority -100
				ip daddr 192.0.2.1 tcp dport $PORT redirect to :$PORT
			}
		}
	END
	converse_past 192.0.2.1 backend1
	by_messages 5
	close_socket
	in_ns backend1 nft delete table ip sidecar
}

programs()
{
	local before url

	before=$(mode .bytes)
	url=http://$(at 4 "$(vip 4)" 80)/
	# shellcheck disable=SC2046 # one word a URL
	http_get client1 "$url" $(yes "$url" | head -n 49) > /tmp/got
	assert_eq 50 "$(grep -c backend1 /tmp/got)" answers
	assert_between 5000 100000 $(($(mode .bytes) - before)) bytes
}

# Small writes without an answer are TCP's, which puts them together.
small_writes()
{
	in_ns backend1 bash -c 'exec 3<> /dev/tcp/127.0.0.1/5000
		for ((i = 0; i < 500; i++)); do echo some; done >&3
		for ((i = 0; i < 500; i++)); do read -r <&3; done
		echo $i' > /tmp/said
	assert_eq 500 "$(cat /tmp/said)" "what comes back"
	assert_between 1 2 "$(by_tcp small-writes)" "ends that write much"
}

# What the node itself has to do with goes by TCP, and is not slower for it.
not_to_the_node()
{
	local before alone sockets

	node ./progs/talk serve 5001 &
	on_exit_kill $!
	wait_for 10 is_listening "$NODE" 5001
	before=$(messages)
	alone=$(($(by_tcp no-flow) + $(by_tcp no-peer)))
	in_ns client1 timeout $((2 * SLOW)) ./progs/talk tcp 10.244.0.1 5001 \
		> /tmp/talk &
	wait_for 10 grep -q exchanges /tmp/talk
	sockets=$(mode .sockets)
	wait $!
	assert_match 'exchanges=[1-9]' "$(head -n 1 /tmp/talk)"
	assert_eq "$before" "$(messages)" "messages past TCP"
	assert_eq 0 "$sockets" "sockets that have joined and not left"
	assert_between 1 10 "$(($(by_tcp no-flow) + $(by_tcp no-peer) - alone))" \
		"ends without a flow"
}

# ------------------------------------------------------------------ what differs

# differs CLIENT ADDRESS: the cases that do
differs()
{
	probe "$1" "$2" /tmp/sockmap -t $((10 * SLOW))
	disable
	probe "$1" "$2" /tmp/plain -t $((60 * SLOW))
	enable
	diff /tmp/plain /tmp/sockmap | sed -n 's/^[<>] \([^:]*\):.*/\1/p' |
		sort -u | grep -vxE "$KNOWN"
}

# A difference that is not known has to come twice: a starved machine has its own.
calls()
{
	local unknown

	unknown=$(differs "$@")
	assert_no_match WRONG "$(cat /tmp/sockmap)" "what is read"
	[[ -z $unknown ]] || unknown=$(differs "$@")
	assert_eq "" "$unknown" "$(diff /tmp/plain /tmp/sockmap | head -n 40)"
	assert_no_match WRONG "$(cat /tmp/sockmap)" "what is read"
	assert_eq splice "$(sed -n 's/: ends by signal.*//p' /tmp/sockmap)" \
		"cases that hang"
}

calls_ipv4()
{
	calls client1 "$(pod 4 backend1)"
}

calls_ipv6()
{
	calls client1 "$(pod 6 backend1)"
}

calls_loopback()
{
	calls backend1 127.0.0.1
}

# ----------------------------------------------------------------- what is changed

# Nothing comes of a line that is said now.
none_come()
{
	local before

	before=$(messages)
	echo >&"${SOCKET[1]}"
	assert_fails read -r -t 2 -u "${SOCKET[0]}"
	assert_eq "$before" "$(messages)" "messages past TCP"
}

# The client has TCP from now on; the server was never denied anything.
comes_after_all()
{
	local before

	read -r -t $((60 * SLOW)) answer <&"${SOCKET[0]}"
	assert_eq "line $((++spoken))" "$answer" "allowed again"
	before=$(messages)
	say 3
	assert_eq 3 $(($(messages) - before)) "answers past TCP"
	close_socket
}

policy()
{
	local before

	node sluice identity add "$(pod 4 client1)" id 1001
	node sluice identity add "$(pod 4 backend1)" id 2001
	converse_past "$(vip 4)"
	by_messages 5
	node sluice identity add 10.9.9.9 id 77
	by_messages 5	# asked again, and still allowed
	before=$(dropped policy-rule)
	node sluice policy add to 2001 from 1001 tcp $PORT deny
	none_come
	assert_eq 1 "$(by_tcp policy)" "sockets that the policy stops"
	assert_between 1 100 $(($(dropped policy-rule) - before)) "drops"
	node sluice policy flush
	comes_after_all
	node sluice identity flush
}

bound_elsewhere()
{
	converse_past "$(vip 4)"
	by_messages 5
	node sluice device replace vclient1 address 192.0.2.77
	none_come
	node sluice device replace vclient1 address any
	comes_after_all
}

# Of devices that are not attached nothing is known.
detached()
{
	converse_past "$(pod 4 backend1)"
	by_messages 5
	node sluice device del vclient1
	say 1
	close_socket
	node sluice device del vbackend1
	converse "$(pod 4 backend1)"
	by_segments 5
	close_socket
	attach_pods
}

# A flow that no packet belongs to any more is kept while its sockets talk.
kept_alive()
{
	local i usual

	usual=$(json .timeout_tcp flow show settings)
	converse "$(vip 4)"
	say 1	# devices have just been attached: the first one finds the way
	close_socket
	node sluice flow set timeout-tcp 8
	converse_past "$(vip 4)"
	for ((i = 0; i < 12; i++)); do
		by_messages 2
		sleep 1
	done
	assert_match "$PORT" "$(node sluice flow show)"
	node sluice flow set timeout-tcp "$usual"
	close_socket
}

# --------------------------------------------------------------------- on and off

toggle()
{
	disable
	sleep 0.05
	enable
	sleep 0.05
}

# What is sent in both directions all the while is read as it was sent.
streams_through_toggles()
{
	local pid

	timeout $((500 * SLOW)) ./progs/probe -m /run/netns/client1 \
		/run/netns/backend1 "$(pod 4 backend1)" 6000 > /tmp/said 2>&1 &
	pid=$!
	on_exit_kill $pid
	disable
	sleep 0.2
	enable
	wait $pid
	assert_no_match WRONG "$(cat /tmp/said)" "what is read"
	assert_eq 8 "$(grep -c "6000000, the client 5000000 right" \
		/tmp/said)" "streams that are right"
}

anytime()
{
	streams_through_toggles
	streams_through_toggles
	talk "$(vip 4)"
	for _ in {1..6}; do
		toggle
	done
	assert_ok wait_for 20 goes_on "$(exchanges)"
	assert_eq 0 "$(kill -0 $TALK; echo $?)" \
		"it goes on: $(tr '\n' ' ' < /tmp/talk)"
	kill $TALK
	assert_ok wait_for 20 is_all_closed
	is_all_closed || t_diag "$(sluice local show; ss -tanN client1
		ss -tanN backend1)"
}

is_all_closed()
{
	[[ $(sluice -j local show | jq '.[] | select(.mode == "sockmap") |
		.state' | grep -c draining) == 0 ]]
}

# The module is in use by what asks it, until the mode is disabled.
unload()
{
	talk "$(pod 4 backend1)"
	assert_fails rmmod sluice
	disable
	assert_ok unload_module
	assert_ok wait_for 20 goes_on "$(exchanges)"
	assert_eq 0 "$(kill -0 $TALK; echo $?)" "the conversation goes on"
	kill $TALK
	wait $TALK 2>/dev/null
	assert_match "module sluice is not loaded" "$(enable 2>&1)" "without it"
	converse_past 127.0.0.1 backend1
	by_messages 5
	close_socket
	disable
}

ktap_begin
run_setup set_up "two pods, and mode sockmap"
run_case by_service "two pods by a service"
run_case pod_to_pod "two pods"
run_case within_a_pod "one pod"
run_case redirected "one pod, whose netfilter redirects"
run_case programs "nginx and curl"
run_case small_writes "small writes in a row go by TCP"
run_case not_to_the_node "what the node itself has to do with goes by TCP"
run_case calls_ipv4 "what differs is known, IPv4"
run_case calls_ipv6 "what differs is known, IPv6"
run_case calls_loopback "what differs is known, on a loopback device"
run_case policy "a rule holds from the next message on"
run_case bound_elsewhere "so do the addresses of a device"
run_case detached "and whether it is attached"
run_case kept_alive "flows are kept while sockets talk"
run_case anytime "switched off and on at any moment, nothing is lost"
run_case unload "the module goes when it is disabled"
ktap_end
