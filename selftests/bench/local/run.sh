#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make bench-local: what it costs two processes of one pod to exchange bytes, by TCP,
# by mode sockmap, and by a socket that was never TCP, on this machine. See
# Documentation/bench.rst.
#
# usage: selftests/bench/local/run.sh [NAME=VALUE...]
#   WORK       rr proxy stream: a request and its answer, the same through a
#              proxy, and a stream of writes
#   CONTENDER  tcp sockmap unix
#   SIZE       bytes: 1 64 1024 16384 65536 (1 1024 16384), or all
#   REPEATS    1 3 5 7 9 (5), of which the median is taken
#   COUNT      of requests, in thousands: 10 50 100 (50); of a stream it is MiB, of
#              small writes less
#   OUT        where to write (build/bench)
# Several values are separated by spaces or commas.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../../scripts/lib.sh"
. "$here/../arguments.sh"

out=$top/build/bench
exchange=$top/build/bench/local/exchange
sluice=$top/tools/sluice/sluice
kernel=$(uname -r)
kernel=${kernel%%-*}
works="rr proxy stream"
contenders="tcp sockmap unix"
declare -A known=([WORK]=$works [CONTENDER]=$contenders
	[SIZE]="1 64 1024 16384 65536" [REPEATS]="1 3 5 7 9" [COUNT]="10 50 100")
declare -A usual=([WORK]=$works [CONTENDER]=$contenders
	[SIZE]="1 1024 16384" [REPEATS]=5 [COUNT]=50)

find_root()
{
	awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts
}

# A control group of our own, so that nobody else's sockets join
prepare_group()
{
	local root

	[[ $EUID == 0 ]] || die "this needs root, for BPF and a control group"
	root=$(find_root)
	[[ -n $root ]] || die "no control groups of version 2 are mounted"
	group=$root/sluice-bench-$$
	mkdir "$group"
}

# Watched where the kernel can; a note is for who does not know it.
enable()
{
	"$sluice" local enable mode sockmap cgroup "$group" 2> "$scratch/err" ||
	"$sluice" local enable mode sockmap cgroup "$group" unwatched \
		2> "$scratch/err" || die "$(<"$scratch/err")"
}

build()
{
	make -s -C "$top/tools"
	mkdir -p "$(dirname "$exchange")"
	"${CC:-cc}" -O2 -o "$exchange" "$here/exchange.c"
}

# count_of WORK SIZE
count_of()
{
	case $1/$2 in
	stream/1)		echo $((chosen[COUNT] * 20)) ;;
	stream/*)		echo $((chosen[COUNT] * 1024 *
					($2 < 16384 ? 4 : 40))) ;;
	*)			echo $((chosen[COUNT] * 1000)) ;;
	esac
}

# sample WORK CONTENDER SIZE: a line for ../xdp/summary.awk
sample()
{
	local kind=tcp from=/dev/null result

	[[ $2 != unix ]] || kind=unix
	[[ $2 != sockmap ]] || from=$group/cgroup.procs
	result=$(echo "$BASHPID" 2>/dev/null > "$from"
		exec "$exchange" "$1" "$(count_of "$1" "$3")" "$3" $kind)
	echo "$kernel 4 $1 $2 $3 $result -"
}

take_round()
{
	local work size contender

	for work in ${chosen[WORK]}; do
		for size in ${chosen[SIZE]}; do
			for contender in ${chosen[CONTENDER]}; do
				sample "$work" "$contender" "$size"
			done
		done
	done
}

clean_up()
{
	"$sluice" local disable mode sockmap 2>/dev/null || true
	rmdir "$group" 2>/dev/null || true
	rm -rf "$scratch"
}

main()
{
	local round

	parse_arguments "$@"
	be_single REPEATS COUNT
	prepare_group
	need gnuplot gnuplot-nox
	build
	scratch=$(mktemp -d)
	trap clean_up EXIT
	trap 'exit 1' INT TERM HUP
	enable
	mkdir -p "$out"
	taskset -cp "$(($(getconf _NPROCESSORS_ONLN) - 1))" $$ > /dev/null
	for ((round = 0; round < chosen[REPEATS]; round++)); do
		take_round
	done > "$out/local.samples"
	"$sluice" -s local show > "$out/local.counters"
	"$here/../xdp/report.sh" "$out/local.samples" "$out" local \
		"$here/words.awk"
}

main "$@"
