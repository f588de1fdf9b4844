#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the KUnit suites (kmod/tests) on user-mode Linux 6.1.
#
# usage: scripts/kunit.sh [--kasan | --bench] [--filter SUITE[.CASE]]
#   --kasan   with the address sanitizer, in a kernel of its own
#   --bench   measure in place of testing, likewise: a table on the terminal,
#             and build/bench/lookup.svg
#   --filter  only what matches, with * and ?; "pkt" means "sluice_pkt"
#
# The first run builds a kernel in the cache (4 minutes on 2 CPUs), later ones
# compile what has changed. Each file X_kunit.c must report one suite sluice_X.

. "$(dirname "$0")/lib.sh"
. "$top/selftests/vm/report.sh"

kernel_label=kunit
log_dir=$top/build/kunit

usage()
{
	sed -n '5,/^$/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

parse_options()
{
	glob='' bench='' options=() build=$cache/kunit/build
	while (($#)); do
		case $1 in
		--kasan)
			build+=-kasan
			options+=(--kconfig_add CONFIG_KASAN=y
				  --kconfig_add CONFIG_KASAN_VMALLOC=y) ;;
		--bench)
			bench=yes build+=-bench glob=sluice_flow_bench
			options+=(--kconfig_add CONFIG_SLUICE_BENCH=y
				  --kconfig_add CONFIG_SLUICE_KUNIT_TEST=n
				  --kconfig_add CONFIG_PROVE_LOCKING=n
				  --kconfig_add CONFIG_DEBUG_LIST=n
				  --kconfig_add CONFIG_DEBUG_OBJECTS=n
				  --kconfig_add CONFIG_DEBUG_OBJECTS_RCU_HEAD=n) ;;
		--filter)
			[[ -n ${2:-} ]] || usage
			glob=sluice_${2#sluice_}
			shift ;;
		*)	usage ;;
		esac
		shift
	done
}

need_tools()
{
	need python3 python3
	need make make
	need gcc gcc
	need flex flex
	need bison bison
	need bc bc
	[[ -z $bench ]] || need gnuplot gnuplot-nox
}

# The files are those of the pristine tree by hard links; what is changed here
# is replaced.
link_tree()
{
	local pristine

	pristine=$("$top/scripts/kernel.sh" 6.1 source)
	cp -al "$pristine/." "$1"
}

# kunit COMMAND ARGUMENT...
kunit()
{
	local command=$1

	shift
	env -u MAKEFLAGS -u MAKELEVEL PYTHONDONTWRITEBYTECODE=1 nice \
		python3 "$cache/kunit/tree/tools/testing/kunit/kunit.py" \
		"$command" --arch=um --build_dir="$build" \
		--kunitconfig="$top/kmod/tests" "${options[@]}" "$@" </dev/null
}

build_kernel()
{
	local log=$log_dir/build.log

	cache_entry kunit/tree link_tree
	"$top/scripts/intree.sh" "$cache/kunit/tree"
	mkdir -p "$build"
	[[ -e $build/linux ]] || say "building a kernel, this takes some minutes"
	if ! kunit build --jobs="$(nproc)" > "$log" 2>&1; then
		cat "$log" >&2
		die "the kernel with the tests does not build"
	fi
	if grep -A5 'net/sluice/.*warning:' "$log" >&2; then
		# What is built says nothing the next time.
		find "$build/net/sluice" -name '*.o' -delete
		die "the kernel with the tests builds, but not without a warning"
	fi
}

run_kernel()
{
	rm -f "$build/test.log"		# of another run
	kunit exec --raw_output=all ${glob:+"$glob"} > "$log_dir/kunit.log" 2>&1 ||
		true
	[[ -e $build/test.log ]] || {
		cat "$log_dir/kunit.log" >&2
		die "the kernel could not be started"
	}
	cp "$build/test.log" "$log_dir/test.log"
}

# read_log: suites as the kernel reports them, indented by one step. What fails
# in a loop is said once, the log in build/kunit has it all.
read_log()
{
	local line noted=

	while IFS= read -r line; do
		case $line in
		'    # Subtest: sluice_'*)
			report_begin "${line#*: sluice_}"
			seen+=" $test_name " ;;
		"$noted")
			;;
		'    '*)
			[[ $line != '    # '* ]] || noted=$line
			[[ -z $test_file ]] || report_output "${line:4}" ;;
		'ok '*' sluice_'*)
			[[ -z $test_file ]] || report_end 0 ;;
		'not ok '*' sluice_'*)
			[[ -z $test_file ]] || report_end 1 ;;
		esac
	done
}

# What kunit itself would not notice
check_log()
{
	local log=$1 file suite

	for file in "$top"/kmod/tests/*_kunit.c; do
		suite=${file##*/}
		suite=${suite%_kunit.c}
		# shellcheck disable=SC2053 # a pattern
		[[ -z $glob || sluice_$suite == ${glob%%.*} ]] || continue
		[[ $seen == *" $suite "* ]] ||
			report_death "suite $suite did not report" "$log"
	done
	if grep -nE 'BUG:|WARNING:|Kernel panic|possible .* detected' "$log"; then
		report_death "the kernel complained" "$log"
	elif ! grep -q 'reboot: System halted' "$log"; then
		report_death "the kernel did not come to its end" "$log"
	elif [[ -z $seen ]]; then
		report_death "nothing matches" "$log"
	fi
}

# figures LOG: "STAGE FLOWS NANOSECONDS"
figures()
{
	sed -n 's/.*# [a-z_]*: figure //p' "$1"
}

draw_lookups()
{
	local out=$top/build/bench

	mkdir -p "$out"
	gnuplot > "$out/lookup.svg" <<-END
		set terminal svg size 800,500 background 'white'
		set title 'a look-up among flows, user-mode Linux'
		set xlabel 'flows'
		set ylabel 'nanoseconds'
		set logscale x
		set yrange [0:*]
		set grid
		\$figures << EOD
		$(figures "$1" | sed -n 's/^lookup //p')
		EOD
		plot \$figures with linespoints notitle
	END
	printf '%-8s %9s %9s\n' stage flows ns
	figures "$1" | while read -r stage flows ns; do
		printf '%-8s %9s %9s\n' "$stage" "$flows" "$ns"
	done
}

main()
{
	local log=$log_dir/test.log seen='' test_file=''

	parse_options "$@"
	need_tools
	mkdir -p "$log_dir" "$cache/kunit"
	exec 9> "$cache/lock/kunit"
	flock 9
	build_kernel
	run_kernel
	read_log < "$log"
	[[ -z $test_file ]] || report_death "the kernel died here" "$log"
	check_log "$log"
	[[ -z $bench ]] || draw_lookups "$log"
	report_totals
	[[ $failed == 0 ]]
}

main "$@"
