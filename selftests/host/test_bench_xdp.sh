#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make bench-xdp: what it refuses, what it makes of samples, and that a small run
# loses nothing and leaves nothing behind. How fast anything is is not judged: the
# machine has other things to do.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/bench.sh"

have gnuplot || skip_all "gnuplot is missing (gnuplot-nox)"
runner=$top/selftests/bench/xdp/run.sh

no_btf_is_refused()
{
	# shellcheck disable=SC2016 # the other shell expands it
	says 'run.sh: the kernel has no BTF' unshare -m sh -c \
		'mount -t tmpfs none /sys/kernel/btf && exec "$0"' "$runner"
}

# Three rounds; in the second the machine is slow.
samples()
{
	local slow

	for slow in 1 3 1; do
		echo "6.18 4 frames_xdp direct 64 $((50 * slow)).00 100 100 120 -"
		echo "6.18 4 frames_xdp routed 64 $((330 * slow)).00 100 100 120 -"
		echo "6.18 4 frames_xdp xdp_router 64 $((110 * slow)).00 100 100 120 120"
		echo "6.18 4 frames_xdp bridge 64 $((500 * slow)).00 100 100 120 -"
		echo "6.18 4 frames_xdp xdp_bridge 64 $((100 * slow)).00 100 100 120 119"
		echo "6.18 4 socket_xdp routed 64 $((700 * slow)).00 100 100 120 -"
		echo "6.18 4 socket_xdp xdp_router 64 700.00 100 $((101 - slow)) 120 120"
		echo "6.18 4 socket_xdp xdp_bridge 64 700.00 100 100 120 $((40 * slow))"
		echo "6.18 4 tcp_stream_kib routed 9014 800.00 1000 1000 1000 -"
		echo "6.18 4 tcp_stream_kib xdp_router 9014 1000.00 1000 1000 1000 115"
	done
}

report()
{
	samples > "$scratch/samples"
	"$top/selftests/bench/xdp/report.sh" "$scratch/samples" "$scratch" \
		> "$scratch/table"
}

table_compares()
{
	expect_line '^direct +50\.0 +50\.0 +150\.0$' "$scratch/table" &&
	expect_line '^routed +330\.0 +330\.0 +990\.0 +280\.0$' "$scratch/table" &&
	expect_line '^xdp_router +110\.0 .* 60\.0 +3\.00 +2\.8 met$' "$scratch/table" &&
	expect_line '^xdp_bridge +100\.0 .* 50\.0 +5\.00 +5\.5 missed$' "$scratch/table" &&
	expect_line '^xdp_router +1000\.0 .* 0\.80 +0\.9 missed$' "$scratch/table"
}

losses_are_told()
{
	expect_line '^xdp_router +loses 2 of 300$' "$scratch/table" &&
	expect_line '^xdp_bridge +leaves to the stack 160 of 360$' \
		"$scratch/table" || return
	! grep -E 'socket_xdp.*xdp_' "$scratch/xdp.json"
}

plot_is_drawn()
{
	expect_line '<svg' "$scratch/xdp.svg" &&
	expect_line 'xdp_router' "$scratch/xdp.svg"
}

can_run()
{
	[[ $EUID == 0 && -e /sys/kernel/btf/vmlinux ]] || return
	have clang && have bpftool && have ip && have ethtool && have ping
}

small_run()
{
	"$runner" REPEATS=1 FRAMES=100 FAMILY=all CONTENDER=xdp_router \
		OUT="$scratch/run"
}

# Five works and two families of direct, routed and xdp_router
all_has_arrived()
{
	expect_line '^[0-9.]+ 6 .* xdp_router ' "$scratch/run/xdp.figures" &&
	[[ $(wc -l < "$scratch/run/xdp.figures") == 30 ]] &&
	! grep -E ' (lost|passed) ' "$scratch/run/xdp.figures"
}

# namespaces_of PID
namespaces_of()
{
	ip netns list | grep "^sluice-bench-$1-"
}

interrupted_run()
{
	local pid

	"$runner" SIZE=all FAMILY=all OUT="$scratch/second" &
	pid=$!
	until [[ -s $scratch/second/xdp.samples ]]; do
		kill -0 $pid || return
		sleep 0.1
	done
	namespaces_of $pid && kill $pid || return
	! wait $pid && ! namespaces_of $pid
}

check "an unknown WORK is named" refuses udp_rr WORK=frames_xdp,udp_rr
check "an unknown CONTENDER is named" refuses ipvs CONTENDER=ipvs
check "an unknown SIZE is named" refuses 65 SIZE="64 65"
check "an unknown FAMILY is named" refuses 5 FAMILY=4,5
check "several REPEATS are named" refuses "3 5" REPEATS=3,5
check "a number of FRAMES that is too small is named" refuses 4 FRAMES=4
check "an unknown argument is named" refuses KERNEL=6.1 KERNEL=6.1
check "make passes on what there is to choose" make_passes_on bench-xdp
check "samples become a report" report
check "the table compares" table_compares
check "who loses frames, or leaves them to the stack, has no figure" losses_are_told
check "xdp.json is complete" json_is_complete "$scratch/xdp.json" lowest highest
check "the plot is drawn" plot_is_drawn
if can_run; then
	check "it needs root" nobody_is_refused
	check "it needs clang" says 'run.sh: nosuch is missing' \
		env CLANG=nosuch "$runner"
	check "it needs BTF" no_btf_is_refused
	check "a small run" small_run
	check "in which all has arrived" all_has_arrived
	check "a run that is interrupted leaves nothing" interrupted_run
else
	echo "# no run: root, BTF, clang, bpftool, ip, ethtool or ping is missing"
fi
finish
