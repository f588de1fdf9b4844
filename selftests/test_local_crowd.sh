#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 10,000 connections between two pods at once, by TCP alone, with the short-cut and
# with mode sockmap, also where that has no room for so many; a rule comes while
# they are open.
# campaign: yes
# timeout: 1200
# memory: 4G

. ./lib.sh
. ./fastpath.sh
. ./policy.sh

export NODE=node
COUNT=10000 PORT=5000

set_up()
{
	load_module && topo_up 1 1 || return
	in_ns client1 sysctl -qw net.ipv4.ip_local_port_range="32768 60999"
	in_ns backend1 sysctl -qw net.core.somaxconn=4096
	spawn backend1 ./progs/crowd serve $PORT
	wait_for 10 is_listening backend1 $PORT
	identities_up client1 backend1
}

# crowd FAMILY: all talk, and stay
crowd()
{
	mkfifo /tmp/hold 2>/dev/null
	ip netns exec client1 ./progs/crowd run "$(pod "$1" backend1)" $PORT \
		$COUNT < /tmp/hold > /tmp/crowd 2>&1 &
	CROWD=$!
	exec 7> /tmp/hold
	on_exit_kill $CROWD
	wait_for $((240 * SLOW)) grep -q . /tmp/crowd
	assert_eq "connections=$COUNT exchanges=$((3 * COUNT)) wrong=0" \
		"$(cat /tmp/crowd)" "IPv$1"
}

said_again()
{
	[[ $(tail -n 1 /tmp/crowd) == "connections=$COUNT exchanges=$((4 * COUNT)) wrong=0" ]]
}

# The server has closed them, too.
leave()
{
	exec 7>&-
	wait $CROWD
	assert_ok wait_for $((60 * SLOW)) is_free backend1 $PORT
}

by_tcp()
{
	crowd 4 && leave && crowd 6 && leave
}

short_cut()
{
	local before family

	node sluice device add vclient1 short-cut on &&
	node sluice device add vbackend1 short-cut on || return
	for family in 4 6; do
		before=$(json '[.[].segments] | add' device show)
		crowd $family
		assert_between $((5 * COUNT)) $((20 * COUNT)) \
			$(($(json '[.[].segments] | add' device show) - before)) \
			"segments given, IPv$family"
		leave || return
	done
	node sluice device flush
}

# mode FILTER
mode()
{
	sluice -s -j local show | jq -r ".[] | $1"
}

# sockmap MESSAGES OPTION...: at least so many of each crowd go past TCP
sockmap()
{
	local before family

	node sluice device add vclient1 && node sluice device add vbackend1 &&
	sluice local enable mode sockmap node "${@:2}" || return
	for family in 4 6; do
		before=$(mode .messages)
		crowd $family
		assert_between "$1" $((6 * COUNT)) \
			$(($(mode .messages) - before)) "messages, IPv$family"
		leave || return
		assert_ok wait_for 30 is_empty
	done
}

is_empty()
{
	[[ $(mode .sockets) == 0 ]]
}

with_sockmap()
{
	sockmap $((5 * COUNT))
	sluice local disable mode sockmap
	node sluice device flush
}

with_few_sockets()
{
	sockmap 1000 size 1000
	assert_between $COUNT $((100 * COUNT)) \
		"$(mode '.by_tcp[] | select(.reason == "full") | .sockets')" \
		"sockets without room"
	sluice local disable mode sockmap
	node sluice device flush
}

# Another round: nobody's message arrives.
rule_comes()
{
	local messages

	node sluice device add vclient1 && node sluice device add vbackend1 &&
	sluice local enable mode sockmap node || return
	crowd 4 || return
	messages=$(mode .messages)
	policy set 2001 isolate ingress
	echo >&7
	sleep $((2 * SLOW))
	assert_eq "$messages" "$(mode .messages)" "messages"
	policy flush
	assert_ok wait_for $((240 * SLOW)) said_again
	leave
	sluice local disable mode sockmap
	node sluice device flush
}

ktap_begin
run_setup set_up "a server for many"
run_case by_tcp "by TCP alone"
run_case short_cut "with the short-cut"
run_case with_sockmap "with mode sockmap"
run_case with_few_sockets "with mode sockmap for a few of them"
run_case rule_comes "a rule comes"
ktap_end
