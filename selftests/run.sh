#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the selftests in virtual machines.
#
# usage: selftests/run.sh [OPTION...] [TEST...]
#   --kernel VERSION  6.1 (default), 6.12, 7.3 or all
#   --debug           the debug kernel (KASAN, lockdep, kmemleak): see
#                     scripts/debug-kernel.sh
#   --check           leave out what make check runs on other kernels
#   --share N/M       of the tests every Mth, from the Nth on: M runs have all
#   --list            list the tests, or those named; run nothing
#   --shell           boot and give a shell instead of running tests
#   --demo            boot and show selftests/demo/demo.sh
#   --icount          one processor, emulated, whose clock counts instructions:
#                     one is one nanosecond, the same in each run
#   --module FILE     test this module instead of building one
#   --keep            keep the guest's files
#   TEST              smoke, test_smoke or a file; all test_*.sh by default
#
# A test may say in header lines:
#   # kernels: 6.12 7.3   only there
#   # check: 7.3          make check runs it only there: what it is about all
#                         kernels have alike
#   # debug: only|skip    only, or not, on the debug kernel
#   # timeout: 300        seconds (120)
#   # memory: 4G          of the guest (2G)
#   # needs: python       python3 with yaml and jsonschema in the guest, and
#                         the kernel's own netlink client as "ynl"
#   # needs: programs     haproxy, redis and wrk in the guest
#   # campaign: yes       only when named
#
# Variables named SLUICE_TEST_... are passed on to the tests.
#
# Logs are left in build/selftests/VERSION. The last line has the totals.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../scripts/lib.sh"
. "$here/vm/image.sh"
. "$here/vm/report.sh"

usage()
{
	sed -n '3,/^$/s/^# \{0,1\}//p' "$0"
}

# header FILE NAME: the value of a header line
header()
{
	sed -n "2,20s/^# $2: *//p" "$here/$1" | head -n 1
}

list_tests()
{
	(cd "$here" && ls test_*.sh 2>/dev/null) || true
}

# take_share N/M
take_share()
{
	[[ $1 =~ ^([1-9][0-9]*)/([1-9][0-9]*)$ ]] &&
	((BASH_REMATCH[1] <= BASH_REMATCH[2])) ||
		die "--share: $1 is not N/M with N up to M"
	share=${BASH_REMATCH[1]} share_of=${BASH_REMATCH[2]}
}

# find_test NAME: the file, relative to this directory
find_test()
{
	local name=${1#selftests/} try

	for try in "test_$name" "test_$name.sh" "$name" "$name.sh"; do
		[[ -f $here/$try ]] || continue
		echo "$try"
		return
	done
	die "no such test: $1 (see --list)"
}

# is_for_kernel FILE HEADER: which names it, or none
is_for_kernel()
{
	local kernels

	kernels=$(header "$1" "$2")
	[[ -z $kernels || " $kernels " == *" $kernel "* ]]
}

is_wanted()
{
	local file=$1 debug

	debug=$(header "$file" debug)
	is_for_kernel "$file" kernels || return 1
	[[ -z $checks ]] || is_for_kernel "$file" check || return 1
	[[ $debug != only || -n $debug_kernel ]] || return 1
	[[ $debug != skip || -z $debug_kernel ]] || return 1
	[[ -n ${named[*]:-} || $(header "$file" campaign) != yes ]]
}

# The tests for this kernel, one a line
select_tests()
{
	local file

	for file in "${files[@]}"; do
		! is_wanted "$file" || echo "$file"
	done | our_share
}

our_share()
{
	awk -v n="$share" -v m="$share_of" '(NR - n) % m == 0'
}

# With --check those of the kernel
list_files()
{
	kernel=${kernels[0]}
	if [[ -n $checks ]]; then
		select_tests
	else
		printf '%s\n' "${files[@]}" | our_share
	fi
}

# ---------------------------------------------------------------- what to boot

build_tools()
{
	local out=$1/usr/local/sbin

	[[ -f $top/tools/Makefile ]] || return 0
	mkdir -p "$top/build"
	flock "$top/build/.tools-lock" make -s -C "$top/tools" >&2
	mkdir -p "$out"
	cp "$top/tools/sluice/sluice" "$out/"
	# Built only where libevent is
	[[ ! -x $top/tools/sluice/sluice-healthd ]] ||
		cp "$top/tools/sluice/sluice-healthd" "$out/"
}

# build_program SOURCE RESULT
build_program()
{
	if [[ $1 == *.bpf.c ]]; then
		clang -target bpf -O2 -g -Wall -Wextra -c -o "$2" "$1" \
			-I"$top/kmod/uapi" \
			-idirafter "/usr/include/$(gcc -print-multiarch)"
		return
	fi
	# shellcheck disable=SC2046 # one word a library
	gcc -O2 -Wall -Wextra -o "$2" "$1" -I"$top/kmod/uapi" \
		-I"$top/tools/lib" -L"$top/tools/lib" -lpthread \
		$(program_libs "$1")
}

build_programs()
{
	local source name

	mkdir -p "$top/build/progs" "$1/selftests/progs"
	exec 6> "$top/build/progs/.lock"
	flock 6
	for source in "$here"/progs/*.c; do
		[[ -f $source ]] || continue
		name=$(basename "$source" .c)
		[[ $name != *.bpf ]] || name+=.o
		is_newest "$top/build/progs/$name" "$here/progs" "$top/tools/lib" ||
			build_program "$source" "$top/build/progs/$name"
		cp "$top/build/progs/$name" "$1/selftests/progs/"
	done
	exec 6>&-
}

# is_newest FILE DIRECTORY...: newer than any source or library there
is_newest()
{
	[[ -e $1 && -z $(find "${@:2}" -name '*.[cha]' -newer "$1") ]]
}

# A program names its libraries in a line "libs: -lmnl".
program_libs()
{
	sed -n '1,20s/.*libs: *\(-l[a-z0-9 -]*\).*/\1/p' "$1"
}

# Libraries the host's binaries need and the guest's user space lacks
add_libraries()
{
	local dir=$1 base=$2 lib

	{ find "$dir" -type f -perm /111 -exec ldd {} + 2>/dev/null || true; } |
		sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | sort -u | while read -r lib; do
			[[ ! -e $base/root/usr/lib/x86_64-linux-gnu/${lib##*/} ]] || continue
			install -D "$lib" "$dir/usr/lib/x86_64-linux-gnu/${lib##*/}"
		done
}

# A modules.dep which knows sluice too
add_module()
{
	local dir=$1 modules=$2 release=$3 to

	to=$dir/usr/lib/modules/$release
	mkdir -p "${to%/*}" "$work/depmod/lib/modules"
	cp -al "$modules/root/usr/lib/modules/$release" "$work/depmod/lib/modules/" \
		2>/dev/null ||
		cp -a "$modules/root/usr/lib/modules/$release" "$work/depmod/lib/modules/"
	install -D "$module" "$work/depmod/lib/modules/$release/updates/sluice.ko"
	depmod -b "$work/depmod" "$release"
	install -D "$module" "$to/updates/sluice.ko"
	find "$work/depmod/lib/modules/$release" -maxdepth 1 -name 'modules.*' \
		-exec cp -t "$to" {} +
}

add_selftests()
{
	local dir=$1

	mkdir -p "$dir/selftests/.run"
	cp -a "$here/." "$dir/selftests/"
	cp -a "$top/tools/tests/netpol" "$dir/selftests/"
	cp "$here/vm/init" "$dir/init"
	build_programs "$dir"
}

# write_variables FILE: for lib.sh to read
write_variables()
{
	local name

	for name in "${!SLUICE_TEST_@}"; do
		printf '%s=%q\n' "$name" "${!name}"
	done > "$1"
}

# What does not change between this kernel's boots
prepare_guest()
{
	local base modules

	base=$(base_image)
	modules=$(modules_image "$modules_dir")
	rm -rf "$work/root" "$work/depmod"
	mkdir -p "$work/root"
	add_module "$work/root" "${modules%/*}" "$release"
	build_tools "$work/root"
	add_selftests "$work/root"
	write_variables "$work/root/selftests/.run/variables"
	add_libraries "$work/root" "${base%/*}"
	parts=("$base" "$modules")
}

# The client finds schemas and specifications in /usr/share/ynl
add_ynl()
{
	local dir=$1 share=$1/usr/share/ynl tree

	tree=$("$top/scripts/gen.sh" --tree)
	mkdir -p "$share/specs" "$dir/usr/local/bin"
	cp -a "$tree/tools/net/ynl/pyynl" "$share/"
	cp "$tree"/Documentation/netlink/*.yaml "$share/"
	cp "$top"/Documentation/netlink/specs/*.yaml "$share/specs/"
	printf '#!/bin/sh\nexec python3 /usr/share/ynl/pyynl/cli.py "$@"\n' \
		> "$dir/usr/local/bin/ynl"
	chmod +x "$dir/usr/local/bin/ynl"
}

# write_initramfs MODE FILE...: the parts, and what this boot shall do
write_initramfs()
{
	local mode=$1 file seconds all=("${parts[@]}")

	shift
	echo "$mode" > "$work/root/selftests/.run/mode"
	for file in "$@"; do
		seconds=$(header "$file" timeout)
		echo "$file $((${seconds:-120} * scale))"
	done > "$work/root/selftests/.run/tests"
	if [[ $mode == shell ]] || wants python "$@"; then
		all+=("$(extra_image python)")
		add_ynl "$work/root"
	fi
	[[ $mode != shell ]] && ! wants programs "$@" ||
		all+=("$(extra_image programs)")
	make_cpio "$work/run.cpio" "$work/root"
	cat "${all[@]}" "$work/run.cpio" > "$work/initramfs"
}

# wants NAME FILE...
wants()
{
	local file

	for file in "${@:2}"; do
		[[ " $(header "$file" needs) " != *" $1 "* ]] || return 0
	done
	return 1
}

# -------------------------------------------------------------------- booting

# Hardware virtualisation only where it really works
processors()
{
	# Without "rep movsb" a copy costs as many instructions as it has words,
	# as it does where it is fast.
	local emulated=max,-erms,-fsrm

	if [[ -n $icount ]]; then
		echo -smp 1 -accel tcg,thread=single -cpu $emulated \
			-icount shift=0,sleep=off -rtc clock=vm,base=2026-01-01
	elif grep -qwE 'vmx|svm' /proc/cpuinfo && { : <> /dev/kvm; } 2>/dev/null; then
		echo -smp 2 -accel kvm -cpu host
	else
		# One thread for both processors: with one each, QEMU 7.2 at times
		# runs an instruction while the other processor patches it, and
		# kernels patch themselves for static keys, kprobes, tracepoints.
		echo -smp 2 -accel tcg,thread=single -cpu $emulated
	fi
}

# Emulated processors have one time-stamp counter between them, which Linux does
# not believe unless told; reading another clock is slow. On a busy machine
# emulated timer interrupts may be too late for the check that Linux makes.
# QEMU 7.2 knows what it has translated by its address: a program whose address
# is random is translated again whenever it is started.
kernel_arguments()
{
	echo console=ttyS0 loglevel=7 printk.time=1 panic=-1 oops=panic slab_nomerge \
		log_buf_len=4M mitigations=off rcupdate.rcu_cpu_stall_timeout=120 \
		watchdog_thresh=60 tsc=reliable no_timer_check norandmaps \
		net.ifnames=0 audit=0 lsm=yama \
		${icount:+nokaslr} "$@"
}

# start_qemu MEMORY OPTION...: sets qemu_pid; its standard output is on fd 4
start_qemu()
{
	local memory=$1

	shift
	need qemu-system-x86_64 qemu-system-x86
	rm -f "$work/report"
	mkfifo "$work/report"
	# shellcheck disable=SC2046 # one word an option
	qemu-system-x86_64 -M pc $(processors) -m "$memory" -nodefaults \
		-no-user-config -no-reboot -display none -kernel "$image" \
		-initrd "$work/initramfs" -append "$(kernel_arguments)" "$@" \
		< /dev/null > "$work/report" 2> "$work/qemu.log" 5>&- &
	qemu_pid=$!
	exec 4< "$work/report"
}

stop_qemu()
{
	[[ -n ${qemu_pid:-} ]] || return 0
	kill "$qemu_pid" 2>/dev/null || true
	wait "$qemu_pid" 2>/dev/null || true
	qemu_pid=
	exec 4<&-
}

# How long the guest may be silent: booting, running a test, between tests
patience()
{
	local seconds

	[[ -n $test_file ]] || { echo $((180 * scale)); return; }
	seconds=$(header "$test_file" timeout)
	echo $(((${seconds:-120} + grace) * scale))
}

# follow_report: until the guest is done; fails if it died or hung
follow_report()
{
	local line deadline status

	test_file='' begun=0
	deadline=$((SECONDS + $(patience)))
	while :; do
		status=0
		IFS= read -r -t $((deadline > SECONDS ? deadline - SECONDS : 1)) \
			-u 4 line || status=$?
		if ((status > 128)); then
			report_death "the guest hangs" "$console"
			return 1
		elif ((status)); then
			report_death "the guest died" "$console"
			return 1
		fi
		line=${line%$'\r'}
		[[ $line != @done ]] || return 0
		report_message "$line"
		case $line in
		@begin*)	begun=1 ;;
		@end*)		pending=("${pending[@]:1}") begun=0 ;;
		@boot*)		;;
		*)		continue ;;
		esac
		deadline=$((SECONDS + $(patience)))
	done
}

# After a guest's death: without the test that killed it the others can go on;
# if none had begun, they cannot.
drop_pending()
{
	local count=1

	((begun)) || count=${#pending[@]}
	((begun)) || failed=$((failed + count - 1))
	pending=("${pending[@]:count}")
}

# boot_tests MEMORY FILE...: a test that kills the guest fails; the rest gets
# another guest
boot_tests()
{
	local memory=$1

	shift
	pending=("$@")
	while ((${#pending[@]})); do
		boots=$((boots + 1))
		console=$log_dir/console.$boots.log
		write_initramfs tests "${pending[@]}"
		start_qemu "$memory" -serial "file:$console" -serial stdio
		follow_report || drop_pending
		stop_qemu
	done
}

# run_tests FILE...: one boot for each size of guest
run_tests()
{
	local memory file batch

	while read -r memory; do
		batch=()
		for file in "$@"; do
			[[ $(memory_of "$file") != "$memory" ]] || batch+=("$file")
		done
		boot_tests "$memory" "${batch[@]}"
	done < <(for file in "$@"; do memory_of "$file"; done | sort -u)
}

memory_of()
{
	local memory

	memory=$(header "$1" memory)
	echo "${memory:-2G}"
}

run_shell()
{
	write_initramfs shell
	# shellcheck disable=SC2046 # one word an option
	qemu-system-x86_64 -M pc $(processors) -m 2G -nodefaults \
		-no-user-config -no-reboot -display none -kernel "$image" \
		-initrd "$work/initramfs" -append "$(kernel_arguments quiet)" \
		-serial mon:stdio -serial null
}

run_demo()
{
	local line status

	[[ -f $here/demo/demo.sh ]] || die "selftests/demo/demo.sh is not there yet"
	write_initramfs demo
	start_qemu 2G -serial "file:$log_dir/console.log" -serial stdio \
		-serial "file:$work/status"
	while IFS= read -r -t 300 -u 4 line; do
		printf '%s\n' "${line%$'\r'}"
	done
	stop_qemu
	status=$(sed -n 's/^@status \([0-9]*\).*/\1/p' "$work/status" 2>/dev/null)
	[[ -n $status ]] || die "the guest died: see $log_dir/console.log"
	if grep -E -f "$here/vm/bad_messages" "$log_dir/console.log" >&2; then
		die "the kernel complained: see $log_dir/console.log"
	fi
	exit "$status"
}

# --------------------------------------------------------------------- kernels

# Two runs at the same time write to different places.
lock_logs()
{
	mkdir -p "$log_dir"
	exec 5> "$log_dir/.lock"
	flock -n 5 && return
	log_dir=$log_dir.$$
	mkdir -p "$log_dir"
	say "another run is at work: logs in ${log_dir#"$top"/}"
}

choose_kernel()
{
	kernel_label=$kernel
	scale=${SLUICE_TIMEOUT_SCALE:-1}
	grace=${SLUICE_GRACE:-60}
	if [[ -n $debug_kernel ]]; then
		kernel_label=$kernel-debug
		scale=$((scale * 3))
	fi
	log_dir=$top/build/selftests/$kernel_label
	lock_logs
	boots=0
}

# A kernel for which the module cannot be built is one failure, and the other
# kernels are still tested.
build_module()
{
	[[ -z $given_module ]] || return 0
	"$top/scripts/build-module.sh" "${debug_kernel:-$kernel}" && return
	echo "$kernel_label: not ok - the module cannot be built"
	failed=$((failed + 1))
	return 1
}

find_kernel()
{
	local of=("$top/scripts/kernel.sh" "$kernel")

	[[ -z $debug_kernel ]] || of=("$top/scripts/debug-kernel.sh")
	image=$("${of[@]}" image)
	modules_dir=$("${of[@]}" modules)
	release=$("${of[@]}" release)
	module=${given_module:-$top/build/${debug_kernel:-$kernel}/sluice.ko}
}

run_kernel()
{
	local tests

	kernel=$1
	choose_kernel
	mapfile -t tests < <(select_tests)
	if [[ $mode == tests && ${#tests[@]} == 0 ]]; then
		say "no tests for $kernel_label"
		return
	fi
	build_module || return 0
	find_kernel
	prepare_guest
	case $mode in
	shell)	run_shell ;;
	demo)	run_demo ;;
	tests)	run_tests "${tests[@]}" ;;
	esac
}

# Left before the totals: something could not be set up.
report_abort()
{
	[[ $mode == tests && -z $reported ]] || return 0
	failed=$((failed + 1))
	echo "${kernel_label:-selftests}: not ok - cannot be set up"
	report_totals
}

cleanup()
{
	stop_qemu
	report_abort
	if [[ -n $keep ]]; then
		say "kept: $work"
	else
		rm -rf "$work"
	fi
}

parse_options()
{
	kernels=(6.1) mode=tests keep='' debug_kernel='' given_module='' icount=''
	named=() share=1 share_of=1 checks=''
	while (($#)); do
		case $1 in
		--kernel)	kernels=("${2:?--kernel needs a version}"); shift ;;
		--kernel=*)	kernels=("${1#*=}") ;;
		--module)	given_module=$(realpath "${2:?--module needs a file}")
				shift ;;
		--share)	take_share "${2:?--share needs N/M}"; shift ;;
		--check)	checks=yes ;;
		--debug)	debug_kernel=debug ;;
		--icount)	icount=yes ;;
		--list)		mode=list ;;
		--shell)	mode=shell ;;
		--demo)		mode=demo ;;
		--keep)		keep=yes ;;
		-h|--help)	usage; exit ;;
		-*)		usage >&2; exit 2 ;;
		*)		named+=("$(find_test "$1")") || exit ;;
		esac
		shift
	done
	[[ ${kernels[*]} != all ]] || kernels=(6.1 6.12 7.3)
}

main()
{
	local version

	parse_options "$@"
	mapfile -t files < <(if ((${#named[@]})); then
			printf '%s\n' "${named[@]}"
		else
			list_tests
		fi)
	[[ $mode != list ]] || { list_files; return; }
	reported=
	work=$(mktemp -d "${TMPDIR:-/tmp}/sluice.XXXXXX")
	trap cleanup EXIT
	for version in "${kernels[@]}"; do
		run_kernel "$version"
	done
	[[ $mode == tests ]] || return 0
	report_totals
	reported=yes
	[[ $failed == 0 ]]
}

main "$@"
