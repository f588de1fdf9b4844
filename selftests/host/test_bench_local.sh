#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make bench-local: what it refuses, what it makes of samples, and that a small run
# leaves nothing behind. How fast anything is is not judged: the machine has other
# things to do.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/bench.sh"

have gnuplot || skip_all "gnuplot is missing (gnuplot-nox)"
runner=$top/selftests/bench/local/run.sh

# Three rounds; in the second the machine is slow.
samples()
{
	local slow

	for slow in 1 3 1; do
		echo "6.18 4 rr tcp 1 $((4600 * slow)).0 100 100 100 -"
		echo "6.18 4 rr sockmap 1 $((2300 * slow)).0 100 100 100 -"
		echo "6.18 4 rr tcp 16384 $((5600 * slow)).0 100 100 100 -"
		echo "6.18 4 rr sockmap 16384 $((4000 * slow)).0 100 100 100 -"
		echo "6.18 4 stream tcp 16384 $((300 * slow)).0 100 100 100 -"
		echo "6.18 4 stream sockmap 16384 $((250 * slow)).0 100 100 100 -"
		echo "6.18 4 stream tcp 1 $((300 * slow)).0 100 100 100 -"
		echo "6.18 4 stream sockmap 1 $((600 * slow)).0 100 100 100 -"
	done
}

report()
{
	samples > "$scratch/samples"
	"$top/selftests/bench/xdp/report.sh" "$scratch/samples" "$scratch" \
		local "$top/selftests/bench/local/words.awk" > "$scratch/table"
}

table_compares()
{
	expect_line '^sockmap +2300\.0 .* 2\.00 +1\.5 met$' "$scratch/table" &&
	expect_line '^sockmap +4000\.0 .* 1\.40$' "$scratch/table" &&
	expect_line '^sockmap +250\.0 .* 1\.20 +1\.4 missed$' "$scratch/table" &&
	expect_line '^sockmap +600\.0 .* 0\.50$' "$scratch/table"
}

plot_is_drawn()
{
	expect_line '<svg' "$scratch/local.svg" &&
	expect_line 'sockmap' "$scratch/local.svg"
}

can_run()
{
	[[ $EUID == 0 && ! -e /run/sluice/sockmap ]] || return
	grep -q ' cgroup2 ' /proc/self/mounts && have clang && have bpftool
}

# Messages go past TCP only where that is measured.
small_run()
{
	"$runner" REPEATS=1 COUNT=10 SIZE=64 WORK=rr,proxy \
		OUT="$scratch/run" || return
	[[ $(wc -l < "$scratch/run/local.figures") == 6 ]] &&
	expect_line '^ +joined 6$' "$scratch/run/local.counters" &&
	expect_line '^ +paired 6$' "$scratch/run/local.counters"
}

nothing_is_left()
{
	[[ ! -e /run/sluice/sockmap ]] &&
	! ls -d "$(awk '$3 == "cgroup2" { print $2; exit }' \
		/proc/self/mounts)"/sluice-bench-* 2>/dev/null
}

# There is one such mode on a machine, and tools/tests/sockmap.sh has it, too.
exec 9>> /tmp/sluice-sockmap-tests.lock
flock 9
check "an unknown WORK is named" refuses udp_rr WORK=rr,udp_rr
check "an unknown CONTENDER is named" refuses ipvs CONTENDER=ipvs
check "an unknown SIZE is named" refuses 65 SIZE="64 65"
check "several REPEATS are named" refuses "3 5" REPEATS=3,5
check "an unknown argument is named" refuses KERNEL=6.1 KERNEL=6.1
check "make passes on what there is to choose" make_passes_on bench-local
check "samples become a report" report
check "the table compares" table_compares
check "local.json is complete" json_is_complete "$scratch/local.json" lowest highest
check "the plot is drawn" plot_is_drawn
if can_run; then
	check "it needs root" nobody_is_refused
	check "a small run" small_run
	check "which leaves nothing" nothing_is_left
else
	echo "# no run: root, control groups, clang or bpftool is missing"
fi
finish
