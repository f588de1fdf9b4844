#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The benchmark's part in the guest, for one number of services: every contender
# gets a node of its own, and prints its figures as
# "# figure WORK CONTENDER SIZE VALUE".
#
#	direct		client1 ------------------ backend1
#			       one veth pair
#
#	bridge		client1 ------ br0 ------- backend1
#			   veth pairs, br0 in node
#
#	the others	client1 ----- node ----- backend1, backend2
#			       veth pairs (lib.sh)
#
# Clients ask the service number SIZE, the last in the table, or backend1 where
# there are no services; so do those of policies. Where there are SIZE flows there
# is one service.
# timeout: 40000
# memory: 3G
# campaign: yes

. ./lib.sh
. bench/contenders.sh
. bench/policies.sh
. bench/flows.sh
. bench/ask.sh

export NODE=node
SIZE=$SLUICE_TEST_SIZE
FAMILY=$SLUICE_TEST_FAMILY
PORT=8080

# Of guest time, which is a million instructions each. Where the ends of flows
# count the collector's visits do, too: they are for many.
ROUND_MSEC=100
REMOVAL_MSEC=500

# figure WORK CONTENDER VALUE
figure()
{
	t_diag "figure $1 $2 $SIZE $3"
}

wants()
{
	[[ " $SLUICE_TEST_WORK " == *" $1 "* ]]
}

wants_traffic()
{
	[[ $SLUICE_TEST_WORK =~ udp_|tcp_|xdp_ ]]
}

# Does the contender have a function NAME_$1? NAME_policy has those of NAME.
can()
{
	declare -F "${kind}_$1" >/dev/null
}

# -------------------------------------------------------------------- topology

start_servers()
{
	local pod

	for pod in "$@"; do
		spawn "$pod" ./progs/cost serve "$(of_family 0.0.0.0 ::)" $PORT
		wait_for 10 is_listening "$pod" $PORT || return
	done
}

up()
{
	if can pods; then
		"$kind"_pods && start_servers backend1
		return
	fi
	topo_up 1 2 && start_servers backend1 backend2 && prepare
}

# Hundredths of a second in which nothing ran
idle_time()
{
	local idle

	read -r _ idle < /proc/uptime
	echo "${idle/./}"
}

is_quiet()
{
	local before

	before=$(idle_time)
	sleep 1
	(($(idle_time) - before > 96))
}

# What was taken down is freed in the background.
settle()
{
	wait_for 600 is_quiet
}

# ---------------------------------------------------------------- what is spent

# Pages in use, free ones that wait on a processor's list not among them
used_pages()
{
	settle
	echo 3 > /proc/sys/vm/drop_caches
	settle
	awk '/^ +managed / { used += $2 }
	     /^ +(nr_free_pages|count:) / { used -= $2 }
	     END { print used }' /proc/zoneinfo
}

is_judged()
{
	[[ $contender == *_policy ]]
}

# Client and backends have identities; each flow is judged in both directions,
# and allowed.
judge()
{
	{
		echo "identity add $(pod "$FAMILY" client1) id 500"
		echo "identity add $(pod "$FAMILY" backend1) id 501"
		echo "identity add $(pod "$FAMILY" backend2) id 501"
		echo "policy set 500 isolate both"
		echo "policy set 501 isolate both"
		echo "policy add from 500 to 501 allow"
		echo "policy add to 501 from 500 allow"
	} > /tmp/policy
	node sluice restore --noflush -f /tmp/policy
}

load()
{
	local before after

	"$kind"_write 1 "$SIZE" || return
	before=$(used_pages)
	spent=0
	"$kind"_load || return
	! can fill || "$kind"_fill || return
	! wants load || figure load "$contender" "$spent"
	wants memory || return 0
	after=$(used_pages)
	figure memory "$contender" $(((after - before) * 4096))
}

# The first addition finds things out that the second one profits from.
add_one()
{
	"$kind"_add $((SIZE + 1)) || return
	settle
	spent=0
	"$kind"_add $((SIZE + 2)) || return
	figure add_one "$contender" "$spent"
}

add_in_kernel()
{
	local value

	value=$("$kind"_add_in_kernel) &&
		figure add_one_kernel "$contender" "$value"
}

decision()
{
	local value

	value=$("$kind"_decision) && figure decision "$contender" "$value"
}

# It has all the flows, which end.
del_backend()
{
	local call all

	read -r call all <<< "$("$kind"_del_backend)"
	[[ -n $all ]] || return
	! wants del_backend_kernel ||
		figure del_backend_kernel "$contender" "$call"
	! wants del_backend || figure del_backend "$contender" "$all"
	assert_eq 0 "$(flows_left)" "flows are left"
}

# The address that clients ask
target()
{
	local SIZE=$SIZE

	! is_crowded || SIZE=1
	if can target; then
		"$kind"_target
	elif can load && ! is_policy; then
		echo "$(echo @sluice | table "$SIZE" "$SIZE" |
			sed -n 's/^service add \(.*\):80.tcp .*/\1/p' |
			tr -d '[]') 80"
	else
		echo "$(pod "$FAMILY" backend1) $PORT"
	fi
}

# traffic WORK [MSEC]
traffic()
{
	local value to

	settle || return
	read -ra to <<< "$(target)"
	value=$(in_ns client1 ./progs/cost "$1" "${2:-$ROUND_MSEC}" \
		"${to[@]}") ||
		return
	figure "$1" "$contender" "$value"
}

udp_rr()
{
	traffic udp_rr
}

udp_new()
{
	traffic udp_new
}

# pods_behind_client VERB: whose answers it gets; "add" or "del"
pods_behind_client()
{
	local pods router=node device=vclient1

	pods=$(of_family 10.244.128.0/17 fd00:10:244:0:1::/80)
	! can pods || router=backend1 device=eth0
	in_ns client1 sysctl -qw net.ipv6.ip_nonlocal_bind=1 &&
	ip -n client1 route "$1" local "$pods" dev lo &&
	ip -n $router route "$1" "$pods" via "$(pod "$FAMILY" client1)" \
		dev $device onlink || return
	! is_judged || node sluice identity "$1" "$pods" id 500
}

udp_new_cold()
{
	pods_behind_client add && traffic udp_new_cold &&
		pods_behind_client del
}

# There is no room for one more: each that is new displaces another one.
udp_flood()
{
	local limit

	is_crowded || { traffic udp_flood; return; }
	limit=$(json .limit flow show settings) &&
	node sluice flow set limit "$SIZE" && traffic udp_flood &&
	node sluice flow set limit "$limit"
}

tcp_rr()
{
	traffic tcp_rr
}

tcp_cc()
{
	traffic tcp_cc
}

tcp_stream_kib()
{
	traffic tcp_stream_kib
}

# Flows end soon; what conntrack and ipvs do not let one choose is at most two
# minutes.
hasten()
{
	! is_loaded || node sluice flow set timeout-udp 1 \
		timeout-udp-unreplied 1 timeout-tcp-closing 1 || return
	[[ ! -e /proc/sys/net/netfilter/nf_conntrack_udp_timeout ]] ||
		node sysctl -qw net.netfilter.nf_conntrack_udp_timeout=1 \
			net.netfilter.nf_conntrack_udp_timeout_stream=1 \
			net.netfilter.nf_conntrack_tcp_timeout_time_wait=1 ||
		return
	[[ $contender != ipvs ]] || node ipvsadm --set 0 0 1
}

# How many are left, of whomever they are
flows_left()
{
	{
		! is_loaded || json .flows stats show
		node cat /proc/sys/net/netfilter/nf_conntrack_count 2>/dev/null
		[[ $contender != ipvs ]] || node ipvsadm -Lnc | tail -n +3 | wc -l
	} | awk '{ flows += $1 } END { print flows + 0 }'
}

# removal WORK
removal()
{
	can pods || hasten || return
	traffic "$1" $REMOVAL_MSEC || return
	can pods || assert_eq 0 "$(flows_left)" "flows are left"
}

udp_new_removed()
{
	removal udp_new_removed
}

tcp_cc_removed()
{
	removal tcp_cc_removed
}

# ------------------------------------------------------------------------- main

prepare()
{
	! can up || "$kind"_up
}

# The first load of a table also loads kernel modules, and the first routed
# packets shall not see them.
warm_up()
{
	local SIZE=1 spent=0

	_node_up && prepare && "$kind"_write 1 1 && "$kind"_load &&
		topo_down
}

set_up()
{
	ready=
	! can load || warm_up || return
	up && settle || return
	! can load || load || return
	! is_judged || judge || return
	ready=yes
}

run_contender()
{
	contender=$1 kind=${1%_policy}
	can load || wants_traffic || return
	run_case set_up "$contender is set up, with $SIZE services"
	[[ -z $ready ]] || run_works
	! can down || "$kind"_down
	topo_down
	settle
}

run_works()
{
	local work

	for work in udp_rr udp_new udp_flood tcp_rr tcp_cc tcp_stream_kib \
			udp_new_cold; do
		! wants $work || run_case $work "$contender $work"
	done
	for work in udp_new_removed tcp_cc_removed; do
		! wants $work || is_crowded ||
			run_case $work "$contender $work"
	done
	! wants add_one || ! can load ||
		run_case add_one "$contender adds one"
	! wants add_one_kernel || ! can add_in_kernel ||
		run_case add_in_kernel "$contender adds one, in the kernel"
	! wants decision || ! can decision ||
		run_case decision "$contender decides"
	! wants xdp_ask || ! can xdp_ask ||
		run_case "${kind}_xdp_ask" "$contender is asked by XDP"
	! can del_backend || ! { wants del_backend || wants del_backend_kernel; } ||
		run_case del_backend "$contender loses its backend"
}

ktap_begin
for name in $SLUICE_TEST_CONTENDER; do
	run_contender "$name"
done
ktap_end
