#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The short-cut: TCP sockets of two pods of the node give segments to each other.
# Programs see no difference, nobody who minds is passed by, what is changed holds
# from the next segment on, and connections outlive all of it.
# check: 6.1 7.3
# timeout: 600

. ./lib.sh
. ./fastpath.sh
. ./same_node.sh

export NODE=node
PODS="client1 backend1"

# short_cut on|off [OPTION...]: of both devices
short_cut()
{
	local name

	for name in $PODS; do
		node sluice device replace "v$name" short-cut "$@" || return
	done
}

# segments POD: that its sockets have given to others
segments()
{
	json '.[0].segments' device show "v$1"
}

# sockets POD: that have got the short-cut
sockets()
{
	json '.[0].sockets' device show "v$1"
}

# left POD REASON: segments of its sockets that went by the stack for that
left()
{
	json ".[0].left[] | select(.reason == \"$2\") | .segments" \
		device show "v$1"
}

# leaves POD REASON COMMAND...: meanwhile some are
leaves()
{
	local before

	before=$(left "$1" "$2")
	"${@:3}"
	assert_between 1 100 $(($(left "$1" "$2") - before)) \
		"segments left for $2"
}

set_up()
{
	load_module && topo_up 1 1 && start_nginx backend1 backend1 &&
	services_up 80/tcp 1 && service_up 4 $PORT/tcp 1 &&
	service_up 6 $PORT/tcp 1 || return
	spawn backend1 ./progs/talk serve $PORT
	wait_for 10 is_listening backend1 $PORT && short_cut on
}

# ----------------------------------------------------------------- conversations

# given COUNT: by how much both counters rise with so many lines, in GIVEN
given()
{
	local client backend

	client=$(segments client1) backend=$(segments backend1)
	say "$1"
	GIVEN="$(($(segments client1) - client)) $(($(segments backend1) - backend))"
}

# All of the lines and of their echoes: what acknowledges is not counted upon.
all_given()
{
	given 5
	assert_between 5 15 "${GIVEN% *}" "segments of the client"
	assert_between 5 15 "${GIVEN#* }" "segments of the server"
}

none_given()
{
	given 5
	assert_eq "0 0" "$GIVEN" "segments given"
}

# Those of the client
half_given()
{
	given 5
	assert_eq 0 "${GIVEN% *}" "segments of the client"
}

# --------------------------------------------------------------------- the same

# both_ways ADDRESS CLIENT: without it and with it
both_ways()
{
	local before

	short_cut off
	before=$(segments "$2")
	probe "$2" "$1" /tmp/plain
	assert_eq "$before" "$(segments "$2")" "without"
	short_cut on
	probe "$2" "$1" /tmp/cut
	assert_between 1000 100000 $(($(segments "$2") - before)) "with"
}

# same_results ADDRESS [CLIENT]: what differs each time is a difference; what a timer
# of TCP does on a machine that has no time is not
same_results()
{
	local try

	for try in 1 2 3; do
		both_ways "$1" "${2:-client1}"
		! diff -q /tmp/plain /tmp/cut > /dev/null || break
	done
	assert_eq "" "$(diff /tmp/plain /tmp/cut)" "differences, $try times"
	assert_no_match WRONG "$(cat /tmp/plain)" "without"
}

calls_ipv4()
{
	same_results "$(pod 4 backend1)"
}

calls_ipv6()
{
	same_results "$(pod 6 backend1)"
}

calls_mapped()
{
	same_results "::ffff:$(pod 4 backend1)"
}

calls_by_service()
{
	node sluice service add "$(vip 4):6000/tcp" &&
	node sluice backend add "$(vip 4):6000/tcp" "$(pod 4 backend1):6000" &&
	same_results "$(vip 4)"
}

calls_loopback()
{
	same_results 127.0.0.1 backend1
	same_results ::1 backend1
	same_results "$(pod 4 backend1)" backend1
}

# -------------------------------------------------------------------- what is seen

flows()
{
	local family

	for family in 4 6; do
		converse "$(vip "$family")"
		all_given
		assert_match socket "$(json '.[] |
			"\(.orig_door) \(.reply_door)"' flow show)" "doors"
		close_socket
		node sluice flow flush
	done
}

programs()
{
	local before family url

	before=$(segments backend1)
	for family in 4 6; do
		url=http://$(at "$family" "$(vip "$family")" 80)/
		# shellcheck disable=SC2046 # one word a URL
		http_get client1 "$url" $(yes "$url" | head -n 49) > /tmp/got
		assert_eq 50 "$(grep -c backend1 /tmp/got)" "answers by IPv$family"
	done
	assert_between 100 100000 $(($(segments backend1) - before)) segments
}

# Within a pod nobody is asked, as before. Both ends of a connection to an address
# of the link are bound to the device.
loopback()
{
	local address before packets

	ip -n backend1 addr add fe80::77/64 dev eth0 nodad

	for address in 127.0.0.1 ::1 "$(pod 4 backend1)" "$(pod 6 backend1)" \
			fe80::77%eth0; do
		converse "$address" backend1
		before=$(segments backend1)
		packets=$(statistic backend1 lo rx_packets)
		say 5
		assert_between 8 30 $(($(segments backend1) - before)) segments
		assert_between 10 30 \
			$(($(statistic backend1 lo rx_packets) - packets)) packets
		node sluice device replace vbackend1 short-cut off
		before=$(segments backend1)
		say 5
		assert_eq "$before" "$(segments backend1)" "switched off"
		close_socket
		node sluice device replace vbackend1 short-cut on
	done
}

capture_loopback()
{
	capture_at backend1 "$1" lo
}

captures_loopback()
{
	converse 127.0.0.1 backend1
	say 5
	capture_loopback add
	sleep 0.1
	none_given
	capture_loopback seen
	capture_loopback del
	table_in backend1 output add
	sleep 0.1
	none_given
	table_in backend1 output seen
	table_in backend1 output del
	close_socket
}

counters()
{
	local bytes before

	before=$(sockets client1)
	converse "$(vip 4)"
	assert_eq 1 $(($(sockets client1) - before)) "sockets that have it"
	bytes=$(statistic client1 eth0 tx_packets)
	all_given
	assert_between 5 15 $(($(statistic client1 eth0 tx_packets) - bytes)) \
		"packets of eth0"
	close_socket
}

# ----------------------------------------------------------- who must not be missed

# What somebody would see goes by the stack from the next tick on, and no more
# once nobody would.
# while_seen FUNCTION [WHO]: it begins to look, says what it has seen, and ends;
# by default nobody's segments are given then
while_seen()
{
	"$1" add || return
	sleep 0.1
	"${2:-none}_given"
	"$1" seen
	"$1" del
	sleep 0.1
	all_given
}

capture_at()
{
	case $2 in
	add)	rm -f /tmp/dump
		spawn "$1" tcpdump -Z root --immediate-mode -U -ni "${3:-eth0}" \
			-w /tmp/dump tcp port $PORT 2>/tmp/dump.err
		CAPTURE=$!
		wait_for 10 grep -q listening /tmp/dump.err ;;
	seen)	assert_ok wait_for 5 has_captured 10
		;;
	del)	kill "$CAPTURE"
		wait "$CAPTURE" 2>/dev/null ;;
	esac
	return 0
}

capture_client()
{
	capture_at client1 "$1"
}

capture_backend()
{
	capture_at backend1 "$1"
}

capture_node()
{
	capture_at "$NODE" "$1" vclient1
}

captures()
{
	converse "$(vip 4)"
	all_given
	leaves client1 seen while_seen capture_client
	leaves client1 seen while_seen capture_backend
	while_seen capture_node
	close_socket
}

# table_in POD HOOK VERB
table_in()
{
	case $3 in
	add)	in_ns "$1" nft -f - <<-END ;;
			table inet seen {
				chain here {
					type filter hook $2 priority 0
					tcp dport $PORT counter
					tcp sport $PORT counter
				}
			}
		END
	seen)	assert_match 'packets [1-9]' \
			"$(in_ns "$1" nft list table inet seen)" "$1 $2" ;;
	del)	in_ns "$1" nft delete table inet seen ;;
	esac
}

output_of_client()
{
	table_in client1 output "$1"
}

postrouting_of_client()
{
	table_in client1 postrouting "$1"
}

prerouting_of_backend()
{
	table_in backend1 prerouting "$1"
}

forward_of_node()
{
	table_in "$NODE" forward "$1"
}

firewalls()
{
	local where

	converse "$(vip 4)"
	for where in output_of_client postrouting_of_client \
			prerouting_of_backend; do
		while_seen "$where" half
	done
	while_seen forward_of_node
	close_socket
}

# Where packets come in to sockets nobody is passed by.
input_of_backend()
{
	converse "$(vip 4)"
	table_in backend1 input add
	all_given
	table_in backend1 input seen
	in_ns backend1 nft add rule inet seen here tcp dport $PORT drop
	echo >&"${SOCKET[1]}"
	sleep 1
	in_ns backend1 nft delete table inet seen
	read -r -t $((20 * SLOW)) answer <&"${SOCKET[0]}"
	assert_eq "line $((++spoken))" "$answer" "sent again"
	all_given
	close_socket
}

queue_of_client()
{
	case $1 in
	add)	in_ns client1 tc qdisc add dev eth0 root pfifo ;;
	seen)	assert_between 5 100 "$(qdisc_packets client1 eth0)" ;;
	del)	in_ns client1 tc qdisc del dev eth0 root ;;
	esac
}

queue_of_node()
{
	case $1 in
	add)	node tc qdisc add dev vbackend1 root pfifo ;;
	seen)	assert_between 5 100 "$(qdisc_packets "$NODE" vbackend1)" ;;
	del)	node tc qdisc del dev vbackend1 root ;;
	esac
}

tc_at_backend()
{
	case $1 in
	add)	in_ns backend1 tc qdisc add dev eth0 clsact &&
		in_ns backend1 tc filter add dev eth0 ingress matchall action ok ;;
	seen)	assert_match 'Sent [1-9]' \
			"$(in_ns backend1 tc -s filter show dev eth0 ingress)" ;;
	del)	in_ns backend1 tc qdisc del dev eth0 clsact ;;
	esac
}

# Of the cgroup of all sockets
program_of_cgroup()
{
	local pass=/sys/fs/bpf/pass

	case $1 in
	add)	mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
		sysctl -qw kernel.bpf_stats_enabled=1
		bpftool prog load progs/pass.bpf.o $pass &&
		bpftool cgroup attach /sys/fs/cgroup egress pinned $pass ;;
	seen)	assert_between 10 1000 \
			"$(bpftool -j prog show pinned $pass | jq .run_cnt)" ;;
	del)	bpftool cgroup detach /sys/fs/cgroup egress pinned $pass
		rm $pass ;;
	esac
}

cgroups()
{
	converse "$(vip 4)"
	leaves client1 socket while_seen program_of_cgroup
	close_socket
}

queues()
{
	converse "$(vip 4)"
	while_seen queue_of_client half
	while_seen queue_of_node half
	while_seen tc_at_backend half
	close_socket
}

# GRO has packets wait elsewhere. What does not fit a link goes by the stack, which
# tells of it.
groups()
{
	converse "$(vip 4)"
	node ethtool -K vclient1 gro on
	sleep 0.1
	half_given
	node ethtool -K vclient1 gro off
	sleep 0.1
	say 2	# a path died with the device's change
	all_given
	close_socket
	node ip link set vbackend1 mtu 1280
	in_ns backend1 ip link set eth0 mtu 1280
	http_get client1 "http://$(at 4 "$(vip 4)" 80)/" > /dev/null
	talk_much
	node ip link set vbackend1 mtu 1500
	in_ns backend1 ip link set eth0 mtu 1500
}

# Both ways more than a segment, by the smaller link
talk_much()
{
	timeout $((60 * SLOW)) ./progs/probe /run/netns/client1 \
		/run/netns/backend1 "$(pod 4 backend1)" 6000 > /tmp/said
	assert_eq "streams: the server has 6000000, the client 5000000 right bytes" \
		"$(grep ^streams /tmp/said)"
}

# ------------------------------------------------------------------- what is changed

# Rules that deny hold from the next segment on.
policy()
{
	node sluice identity add "$(pod 4 client1)" id 1001
	node sluice identity add "$(pod 4 backend1)" id 2001
	converse "$(vip 4)"
	all_given
	node sluice policy add to 2001 from 1001 tcp $PORT deny
	leaves client1 flow none_come
	node sluice policy flush
	read -r -t $((60 * SLOW)) answer <&"${SOCKET[0]}"
	assert_eq "line $((++spoken))" "$answer" "allowed again"
	say 2	# the first ones are decided again
	all_given
	close_socket
	node sluice identity flush
}

# A line that is said now does not get there, and is not given.
none_come()
{
	local before

	before=$(segments client1)
	echo >&"${SOCKET[1]}"
	assert_fails read -r -t 2 -u "${SOCKET[0]}"
	assert_eq "$before" "$(segments client1)" "segments given"
}

bound_elsewhere()
{
	converse "$(vip 4)"
	all_given
	node sluice device replace vclient1 address 192.0.2.77
	leaves client1 bound none_come
	node sluice device replace vclient1 address any
	read -r -t $((60 * SLOW)) answer <&"${SOCKET[0]}"
	assert_eq "line $((++spoken))" "$answer" "allowed again"
	all_given
	close_socket
}

switched()
{
	local how

	converse "$(vip 4)"
	all_given
	for how in "short-cut off" "fast-path off"; do
		node sluice device replace vclient1 $how
		node sluice device replace vbackend1 $how
		none_given
		node sluice device replace vclient1 "${how% *}" on
		node sluice device replace vbackend1 "${how% *}" on
		say 5
	done
	close_socket
	converse "$(vip 4)"
	all_given
	node sluice flow flush
	say 3
	all_given
	node sluice device del vbackend1
	say 5
	node sluice device add vbackend1 short-cut on
	say 5
	close_socket
}

# What leaves the pods for the node, or comes from it, is nobody's business.
not_to_the_node()
{
	local before

	before=$(segments client1)
	node ./progs/talk serve 5001 &
	on_exit_kill $!
	wait_for 10 is_listening "$NODE" 5001
	in_ns client1 timeout 2 ./progs/talk tcp 10.244.0.1 5001 > /tmp/talk
	assert_match 'exchanges=[1-9]' "$(head -n 1 /tmp/talk)"
	assert_eq "$before" "$(segments client1)" "segments given"
}

# change I: one of those that may happen at any moment
change()
{
	case $((($1 * 7 + $1 / 5) % 5)) in
	0)	short_cut off && short_cut on ;;
	1)	node sluice service add 10.96.9.9:9/tcp
		node sluice service del 10.96.9.9:9/tcp ;;
	2)	node sluice identity add 10.9.9.9 id 77
		node sluice identity del 10.9.9.9 id 77 ;;
	3)	node sluice device del vclient1
		node sluice device add vclient1 short-cut on ;;
	4)	in_ns client1 timeout 0.1 tcpdump -Z root -ni eth0 \
			> /dev/null 2>&1 ;;
	esac
}

# What has been translated is lost with its flow; the rest is not.
flush()
{
	node sluice flow flush
	sleep 0.05
}

anytime()
{
	talks_on "$(vip 4)" change
	talks_on "$(pod 6 backend1)" change
	talks_on "$(pod 4 backend1)" flush
}

# Both ends send and receive at the same time, on two processors.
at_once()
{
	local where

	for where in "client1 $(pod 4 backend1)" "client1 $(pod 6 backend1)" \
			"backend1 127.0.0.1"; do
		timeout $((120 * SLOW)) ./progs/probe -m \
			"/run/netns/${where% *}" /run/netns/backend1 \
			"${where#* }" 6000 > /tmp/said
		assert_eq 8 "$(grep -c "6000000, the client 5000000 right" \
			/tmp/said)" "streams that are right, $where"
	done
}

# It comes and goes while connections do: none of them is troubled.
in_a_storm()
{
	local i pid

	spawn backend1 ./progs/storm serve 7000
	wait_for 10 is_listening backend1 7000
	in_ns client1 ./progs/storm run -c 2000 -n 8 "$(pod 4 backend1)" \
		7000 7000 > /tmp/storm &
	pid=$!
	on_exit_kill $pid
	for ((i = 0; i < 20; i++)); do
		short_cut off
		short_cut on
		sleep 0.1
	done
	wait $pid
	assert_match '^connections=2000 errors=0 ' "$(cat /tmp/storm)"
}

# Connections go on when the module goes, and there is nothing left of it.
unload()
{
	talk "$(vip 4)"
	kill $TALK
	in_ns client1 ./progs/talk tcp -i 2 "$(pod 4 backend1)" $PORT \
		> /tmp/talk 2>&1 &
	TALK=$!
	on_exit_kill $TALK
	wait_for 10 grep -q exchanges /tmp/talk
	assert_ok unload_module
	assert_ok wait_for 20 goes_on "$(exchanges)"
	assert_eq 0 "$(kill -0 $TALK; echo $?)" "the conversation goes on"
	kill $TALK
}

ktap_begin
run_setup set_up "two pods, whose sockets have the short-cut"
run_case flows "segments of a service's flow are given to sockets"
run_case programs "nginx and curl"
run_case counters "devices count them"
run_case loopback "a pod's own loopback device"
run_case calls_ipv4 "all calls give the same, IPv4"
run_case calls_ipv6 "all calls give the same, IPv6"
run_case calls_mapped "all calls give the same, IPv4 by sockets of IPv6"
run_case calls_by_service "all calls give the same, by a service"
run_case calls_loopback "all calls give the same, on a loopback device"
run_case captures_loopback "packet sockets see all of a loopback device"
run_case captures "packet sockets see all of it"
run_case firewalls "netfilter sees all of it"
run_case input_of_backend "the receiver's netfilter is asked"
run_case queues "queues, tc"
run_case cgroups "programs of cgroups"
run_case groups "GRO, and what is too large"
run_case policy "a rule holds from the next segment on"
run_case bound_elsewhere "so do the addresses of a device"
run_case switched "it is switched off and on"
run_case not_to_the_node "what is for the node itself goes by the stack"
run_case anytime "changes at any moment lose nothing"
run_case at_once "two sockets send to each other at once"
run_case in_a_storm "it comes and goes amid connections"
run_case unload "connections go on without the module"
ktap_end
