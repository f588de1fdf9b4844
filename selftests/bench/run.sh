#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make bench: what a packet, a connection, a table cost. See
# Documentation/bench.rst.
#
# usage: selftests/bench/run.sh [NAME=VALUE...]
#   WORK       udp_rr udp_new tcp_rr tcp_cc tcp_stream_kib load add_one
#              add_one_kernel decision memory; only if named udp_flood
#              udp_new_cold udp_new_removed tcp_cc_removed xdp_ask
#              del_backend del_backend_kernel
#   CONTENDER  direct loopback sockmap bridge routed idle sluice fast fast_pod
#              fast_cut fast_sockmap
#              fast_plain flowtable iptables nftables ipvs; with a policy, only if named,
#              sluice_policy fast_policy fast_pod_policy fast_plain_policy;
#              of policies policy rules rules_state sets sets_state ipset
#              ipset_state, all of which are "policies"; with many flows flows
#              flows_slow, which are "crowds", and flows_apart
#   SIZE       numbers of services, peers or flows (1 1000 20000), or all
#   BACKENDS   of each service but the one that is asked (2), 1 to 9
#   FAMILY     4 6 (4), or all; of policies 4
#   KERNEL     6.1 6.12 7.3 (6.1), or all
#   OUT        where to write (build/bench)
# Several values are separated by spaces or commas. What takes very long is
# left out unless CONTENDER names it.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../scripts/lib.sh"
. "$here/arguments.sh"

out=$top/build/bench
services="direct loopback sockmap bridge routed idle sluice fast fast_pod fast_cut fast_sockmap fast_plain flowtable iptables nftables ipvs"
policies="policy rules rules_state sets sets_state ipset ipset_state"
judged="sluice_policy fast_policy fast_pod_policy fast_plain_policy"
crowds="flows flows_slow"
works="udp_rr udp_new tcp_rr tcp_cc tcp_stream_kib load add_one add_one_kernel decision memory"
rare_works="udp_flood udp_new_cold udp_new_removed tcp_cc_removed xdp_ask del_backend del_backend_kernel"
declare -A known=(
	[WORK]="$works $rare_works"
	[CONTENDER]="$services $judged $policies $crowds flows_apart"
	[SIZE]="1 10 1000 10000 20000"
	[BACKENDS]="1 2 3 4 5 6 7 8 9"
	[FAMILY]="4 6"
	[KERNEL]="6.1 6.12 7.3")
declare -A usual=([WORK]=$works [CONTENDER]=$services
	[SIZE]="1 1000 20000" [BACKENDS]=2 [FAMILY]=4 [KERNEL]=6.1)

# is_known NAME WORD
is_known()
{
	[[ $1 == SIZE && $2 =~ ^[1-9][0-9]{0,6}$ ]] ||
		[[ " ${known[$1]} " == *" $2 "* ]]
}

# What the addresses suffice for
most_of()
{
	case $1 in
	flows_apart)	echo 100000 ;;
	direct|flows*)	echo 2000000 ;;
	*)		echo 50000 ;;
	esac
}

check_sizes()
{
	local name size

	for name in ${chosen[CONTENDER]}; do
		for size in ${chosen[SIZE]}; do
			((size <= $(most_of "$name"))) ||
				refuse "SIZE '$size': $name has at most $(most_of "$name")"
		done
	done
}

# Peers have IPv4 addresses.
check_families()
{
	local name

	[[ ${chosen[FAMILY]} == *6* ]] || return 0
	for name in ${chosen[CONTENDER]}; do
		[[ " $policies " != *" $name "* ]] ||
			refuse "FAMILY '6': $name is about IPv4 only"
	done
}

# meant NAME VALUE: what a value stands for
meant()
{
	case $1=$2 in
	CONTENDER=policies)	echo "routed $policies" ;;
	CONTENDER=crowds)	echo "$crowds" ;;
	*)			echo "$2" ;;
	esac
}

check_arguments()
{
	check_sizes
	check_families
	[[ ${chosen[BACKENDS]} == [1-9] ]] ||
		refuse "BACKENDS '${chosen[BACKENDS]}': one number"
}

# Up to how many services a contender is measured unless it is named: the
# kernel's time to load the tables grows with the square.
limit_of()
{
	case $1,${asked[SIZE]} in
	nftables,)	echo 1000 ;;
	nftables,*)	echo 10000 ;;
	*)		echo 50000 ;;
	esac
}

# contenders_at SIZE: direct always, to compare with
contenders_at()
{
	local size=$1 name list=direct

	for name in ${chosen[CONTENDER]}; do
		[[ $name != direct ]] || continue
		if [[ -z ${asked[CONTENDER]} ]] && ((size > $(limit_of "$name"))); then
			say "$name with $size services is left out: see" \
				"Documentation/bench.rst"
		else
			list+=" $name"
		fi
	done
	echo "$list"
}

# measure KERNEL FAMILY SIZE: one boot; figures are added to $out/figures
measure()
{
	local status=0

	SLUICE_TEST_FAMILY=$2 SLUICE_TEST_SIZE=$3 \
	SLUICE_TEST_WORK=${chosen[WORK]} \
	SLUICE_TEST_CONTENDER=$(contenders_at "$3") \
	SLUICE_TEST_BACKENDS=${chosen[BACKENDS]} \
		"$here/../run.sh" --icount --kernel "$1" bench/measure.sh |
		tee "$out/log" || status=$?
	sed -n "s/^\([^ ]*\) measure: # figure \(.*\)/\1 $2 \2/p" "$out/log" \
		>> "$out/figures"
	return $status
}

main()
{
	local kernel family size status=0

	parse_arguments "$@"
	check_arguments
	mkdir -p "$out"
	: > "$out/figures"
	for kernel in ${chosen[KERNEL]}; do
		for family in ${chosen[FAMILY]}; do
			for size in ${chosen[SIZE]}; do
				measure "$kernel" "$family" "$size" || status=1
			done
		done
	done
	"$here/report.sh" "$out/figures" "$out"
	return $status
}

main "$@"
