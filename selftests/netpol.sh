# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# NetworkPolicies of Kubernetes, tried: what the tests of them share, after
# lib.sh. The nine pods of netpol/cluster.json (tools/tests/netpol) are network
# namespaces, x-a to z-c, of the usual topology; the namespace "outside" has all
# addresses that are no pod's. Everyone has servers at the ports 80 and 81 of
# TCP, UDP and SCTP. After a case's policies were compiled and restored everyone
# tries everyone else, and himself, in both families; who was reached has to be
# what netpol/reach.py says.

OUTSIDE=(203.0.113.7 10.244.2.16 10.244.3.99 2001:db8::7 fd00:10:244:2::16)
PLAN=/tmp/netpol
QUIET=$((700 * SLOW))	# milliseconds without an answer: there is none

# netpol_up CASE...: pods with servers for these cases
netpol_up()
{
	local files=("${@/#/netpol/cases/}")

	mkdir $PLAN &&
	netpol/plan.py "${OUTSIDE[@]/#/--outside=}" $PLAN netpol/cluster.json \
		"${files[@]/%/.json}" || return
	modprobe sctp && load_module && _queues_are_long && topo_up 0 0 &&
	_cluster_up && _outside_up && _servers_up
}

_cluster_up()
{
	local name v4 v6

	while read -r name v4 v6; do
		pod_add "$name" "$v4" "$v6" && _sctp_is_quick "$name" || return
	done < $PLAN/pods
}

_outside_up()
{
	local address

	outside_up outside && _sctp_is_quick outside || return
	while read -r address; do
		ip -n outside addr add "$address" dev eth0 nodad &&
		_ip_in "$NODE" route add "$address" dev voutside || return
	done < $PLAN/outside
}

# When hundreds of associations begin at once SCTP loses a packet now and then,
# also from a namespace to itself, and repeats it only after three seconds.
_sctp_is_quick()
{
	in_ns "$1" sysctl -qw net.sctp.rto_min=$((50 * SLOW)) \
		net.sctp.rto_initial=$((150 * SLOW))
}

# A slow machine has more packets waiting at a time than the 1,000 that the
# kernel keeps of those for veth devices: the others it drops.
_queues_are_long()
{
	sysctl -qw net.core.netdev_max_backlog=100000
}

_servers_up()
{
	spawn "$NODE" ./progs/reach serve < $PLAN/servers > $PLAN/ready
	wait_for $((10 * SLOW)) grep -q ready $PLAN/ready
}

# compiled CASE: sets RULES to the file
compiled()
{
	RULES=$PLAN/$1.rules
	node sluice policy compile "$PLAN/$1.json" > "$RULES"
}

# restored FILE: all of it, and nothing else
restored()
{
	assert_ok node sluice restore -f "$1"
}

# in_force CASE
in_force()
{
	compiled "$1" && restored "$RULES"
}

# tried CASE: who reaches whom now, in reach.py's words
tried()
{
	./progs/reach ask $QUIET < "$PLAN/$1.probes"
}

# differences CASE: probes that should have gone one way (<) and went another
# (>)
differences()
{
	tried "$1" > $PLAN/tried && diff "$PLAN/$1.reach" $PLAN/tried
}

# assert_case CASE: everyone reaches whom he should
assert_case()
{
	local found

	found=$(differences "$1") && return
	_case_failed=1
	t_diag "$1: $(grep -c '^>' <<< "$found") probes differ:"
	t_diag "$(grep '^[<>]' <<< "$found" | head -n 30)"
	return 1
}

# assert_differ CASE PROBES: those went another way than they should, counted by
# sender, receiver and outcome
assert_differ()
{
	assert_eq "$2" "$(differences "$1" | sed -n 's/^> //p' |
		awk '{ print $1, $2, $6 }' | tally)" "$1: probes that differ"
}

# run_netpol CASE: one result
run_netpol()
{
	CASE=$1
	run_case _netpol_case "$1"
}

_netpol_case()
{
	in_force "$CASE" && assert_case "$CASE"
}
