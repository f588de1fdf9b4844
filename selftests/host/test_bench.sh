#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make bench: what it refuses, what it makes of figures, and that a small run
# gives figures that can be.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/bench.sh"

have gnuplot || skip_all "gnuplot is missing (gnuplot-nox)"
runner=$top/selftests/bench/run.sh

two_sizes()
{
	local size

	for size in 1 1000; do
		echo "6.1 4 udp_rr direct $size 20000.5"
		echo "6.1 4 udp_rr sluice $size 25000.5"
		echo "6.1 4 udp_rr iptables $size 40000.5"
		echo "6.1 4 memory sluice $size $((size * 1000))"
	done
}

report()
{
	two_sizes > "$scratch/figures"
	"$top/selftests/bench/report.sh" "$scratch/figures" "$scratch" \
		> "$scratch/table"
}

table_compares()
{
	expect_line '^ +1000 +direct +20,000 *$' "$scratch/table" &&
	expect_line '^ +iptables +40,000 +20,000 +4\.00$' "$scratch/table" &&
	expect_line '^ +1000 +sluice +1,000,000 +1\.00$' "$scratch/table"
}

plots_are_drawn()
{
	local work

	for work in udp_rr memory; do
		expect_line '<svg' "$scratch/6.1-ipv4-$work.svg" || return
	done
	expect_line 'iptables' "$scratch/6.1-ipv4-udp_rr.svg"
}

# How flows begin and end, over IPv6
second_run()
{
	"$runner" FAMILY=6 SIZE=1000 OUT="$scratch/second" \
		WORK=udp_new,udp_new_cold,udp_new_removed,del_backend,del_backend_kernel \
		CONTENDER=fast,fast_policy,flows
}

small_run()
{
	"$runner" WORK=udp_rr,load,add_one_kernel,decision \
		CONTENDER=bridge,routed,sluice,fast,flows,flowtable,policy SIZE=2 \
		OUT="$scratch/run"
}

# value WORK CONTENDER [RUN]
value()
{
	awk -v work="$1" -v name="$2" '$3 == work && $4 == name { print int($6) }' \
		"$scratch/${3:-run}/figures"
}

# What sluice adds to a cable is less than the cable itself costs, and a decision
# less than a tenth of that.
figures_can_be()
{
	local direct sluice decision

	direct=$(value udp_rr direct)
	sluice=$(value udp_rr sluice)
	decision=$(value decision policy)
	((10000 < direct && direct < sluice && sluice < 2 * direct)) &&
		((100 < decision && decision < direct / 10)) &&
		(($(value add_one_kernel policy) > 1000)) &&
		(($(value load sluice) > 1000000)) &&
		(($(value add_one_kernel sluice) > 1000))
}

# Both save something of the way through the node, and are no cable.
short_cuts_are_short()
{
	local direct routed between name

	direct=$(value udp_rr direct)
	routed=$(value udp_rr routed)
	for name in bridge flowtable; do
		between=$(value udp_rr "$name")
		echo "$name: $direct < $between < $routed"
		((direct < between && between < routed)) || return
	done
}

# What is among other flows goes the same way, and they are there.
crowds_are_crowds()
{
	local fast flows

	fast=$(value udp_rr fast)
	flows=$(value udp_rr flows)
	echo "fast: $fast, with two more flows: $flows"
	((fast * 99 < flows * 100 && flows * 99 < fast * 100))
}

# more WORK CONTENDER WORK CONTENDER: by a fifth at most
more()
{
	local less more

	less=$(value "$1" "$2" second)
	more=$(value "$3" "$4" second)
	echo "$1 $2: $less, $3 $4: $more"
	((less < more && more < less + less / 5))
}

beginnings_and_ends_cost()
{
	more udp_new direct udp_new fast &&
	more udp_new fast udp_new fast_policy &&
	more udp_new fast udp_new_cold fast &&
	more udp_new fast udp_new_removed fast
}

# Of 1,000 flows, each takes a hundred instructions at least to end.
flows_end_after_the_call()
{
	local call all

	call=$(value del_backend_kernel flows second)
	all=$(value del_backend flows second)
	echo "the call: $call, all: $all"
	((1000 < call && call + 100000 < all))
}

policies_are_told()
{
	python3 -c '
import json, sys
sys.exit(any(figure["policy"] != (figure["contender"] == "fast_policy")
             for figure in json.load(open(sys.argv[1]))))' \
		"$scratch/second/bench.json"
}

check "an unknown WORK is named" refuses udp_xx WORK=udp_rr,udp_xx
check "an unknown CONTENDER is named" refuses ebpf CONTENDER=ebpf
check "an unknown SIZE is named" refuses many SIZE="1 many"
check "more than there are addresses for is named" refuses 100000 \
	CONTENDER=flows,fast SIZE=100000
check "an unknown FAMILY is named" refuses 5 FAMILY=4,5
check "a FAMILY that a contender has not is named" refuses 6 \
	CONTENDER=fast,policy FAMILY=6
check "an unknown KERNEL is named" refuses 5.4 KERNEL=5.4
check "an unknown argument is named" refuses SZIE=1 SZIE=1
check "make passes on what there is to choose" make_passes_on bench
check "figures become a report" report
check "the table compares" table_compares
check "bench.json is complete" json_is_complete "$scratch/bench.json"
check "plots are drawn" plots_are_drawn
check "a small run" small_run
check "its figures can be" figures_can_be
check "a bridge and a flowtable are shorter than routing" short_cuts_are_short
check "other flows are not in the way" crowds_are_crowds
check "its bench.json is complete" json_is_complete "$scratch/run/bench.json"
check "a second run" second_run
check "what is new, goes or is judged costs more" beginnings_and_ends_cost
check "flows end after the call" flows_end_after_the_call
check "bench.json tells policies" policies_are_told
check "bench.json of the second run is complete" \
	json_is_complete "$scratch/second/bench.json"
finish
